"""Reading back what ``rendering`` wrote for the shells, with next to no imports: the hot half.

The shells source these files; the hot verbs only need a few of the words in them.
"""

from __future__ import annotations

from ssoenv import clock, dialects, files, paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

HEADER = "ssoenv 2"
BINDING_LIMIT = 64 * 1024
"""How many bytes a binding file may have."""
KEY_VARIABLES = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_CREDENTIAL_EXPIRATION",
)
"""In the order in which a rendering has them."""


class RenderedProfile:
    """One ``__ssoenv_profile`` line: the words that follow it, in their order."""

    __slots__ = (
        "export",
        "label",
        "managed_profile",
        "name",
        "output",
        "protect",
        "refusal",
        "region",
        "role_key",
    )

    def __init__(self, words: list[str]) -> None:
        """Take the nine words of the line."""
        self.name, self.role_key, self.label, self.managed_profile = words[:4]
        self.region, self.output, self.export, self.protect, self.refusal = words[4:]


class RenderedBinding:
    """A trusted binding as the shells see it."""

    __slots__ = ("default", "directory", "paths", "profiles")

    def __init__(
        self, directory: str, default: str, table: str, profiles: list[RenderedProfile]
    ) -> None:
        """Take the words of the ``__ssoenv_binding`` call, and the `profiles`."""
        self.directory = directory
        self.default = default
        self.paths = [row.split("\t") for row in table.split("\n") if row]
        self.profiles = {profile.name: profile for profile in profiles}

    def select(self, here: str, env: Mapping[str, str]) -> RenderedProfile | None:
        """Return the profile for the directory `here`: the shell's choice, [paths], the default.

        A shell with the hook exports what a person chose there by ``ssoenv use``, for its project.
        """
        if env.get("SSOENV_DIR") == self.directory:
            chosen = self.profiles.get(env.get("SSOENV_USE", ""))
            if chosen:
                return chosen
        inside, best = here[len(self.directory.rstrip("/")) :] + "/", ""
        name = self.default
        for path, profile in self.paths:
            if inside.startswith(path + "/") and len(path) > len(best):
                best, name = path, profile
        return self.profiles.get(name)


class RenderedRole:
    """Credentials of a role, as rendered: `deadline` in epoch seconds, `variables` by name."""

    __slots__ = ("deadline", "variables")

    def __init__(self, deadline: int, variables: dict[str, str]) -> None:
        """Take the `deadline` and the `variables`."""
        self.deadline = deadline
        self.variables = variables


def require_own_state(env: Mapping[str, str]) -> None:
    """Raise InvalidConfiguration unless the state folder, and all on the way to it, is the user's.

    What is read there decides about trust: so nobody else but root may write any of these folders.
    A group counts as somebody else, unless it is the user's own (of the same number), and a folder
    for all with the sticky bit, such as ``/tmp``, is root's.
    """
    import os

    user = os.geteuid()
    for folder in dict.fromkeys((paths.state(env), os.path.realpath(paths.state(env)))):
        path = folder
        while path:
            try:
                status = os.stat(path)
            except OSError:
                status = None
            if status and not _is_ours_alone(status, user):
                from ssoenv.errors import InvalidConfiguration

                raise InvalidConfiguration(
                    f"{path} can be changed by others, and ssoenv's state is below it",
                    hint=f"ls -ld {dialects.quote_posix(path)}",
                )
            path = path.rpartition("/")[0] if path != "/" else ""


def _is_ours_alone(status: os.stat_result, user: int) -> bool:
    mode = status.st_mode
    if status.st_uid not in (0, user):
        return False
    sticky = mode & 0o1000 and status.st_uid == 0
    for_group = mode & 0o020 and status.st_gid not in (0, user)
    return bool(sticky) or not (mode & 0o002 or for_group)


def find_binding_file(directory: str) -> str | None:
    """Return the nearest ``.ssoenv.toml`` in `directory` or above, as the hooks look for it."""
    import os

    while True:
        path = f"{directory}/{paths.BINDING_FILE}"
        if os.path.isfile(path):
            return path
        if not directory:
            return None
        directory = directory.rpartition("/")[0]


def load_binding(env: Mapping[str, str], directory: str) -> RenderedBinding | None:
    """Return what is trusted for `directory`, if its binding file still has those very bytes."""
    import os

    folder = paths.trust_folder(env, directory)
    path = f"{directory.rstrip('/')}/{paths.BINDING_FILE}"
    text = _text(folder + "/@sh")
    try:
        calls = _calls(text or "")
        if os.stat(path).st_uid != os.geteuid() or not calls:
            return None
        _, generation, default, _, table, trusted = calls[0]
        profiles = [RenderedProfile(words[1:]) for words in calls[1:]]
    except (OSError, ValueError, IndexError):
        return None
    content = files.read_bytes(path, limit=BINDING_LIMIT + 1)
    if not content or content != trusted.encode("utf-8", "surrogateescape"):
        return None
    # Looked for after reading: a rendering that is replaced meanwhile is not believed.
    if not os.path.isfile(f"{folder}/@{generation}"):
        return None
    return RenderedBinding(directory, default, table, profiles)


def load_role(env: Mapping[str, str], key: str, *, protected: bool = False) -> RenderedRole | None:
    """Return the credentials rendered for `key`; None if they are over or outdated.

    Those of a role that the settings protect are for who has asked: with `protected` on.
    """
    path = paths.role_folder(env, key) + "/@role"
    lines = (_text(path) or "").split("\n", 9)
    if len(lines) != 10 or lines[0] != HEADER or lines[3] != key:
        return None
    if lines[4] and not protected:
        return None
    deadline = _moment(lines[2])
    if deadline <= clock.now() or not _current(path, lines[9]):
        return None
    return RenderedRole(deadline, dict(zip(KEY_VARIABLES, lines[5:9], strict=True)))


def load_process(env: Mapping[str, str], key: str) -> tuple[int, str] | None:
    """Return the deadline and the JSON that credential_process prints, while they hold."""
    path = paths.role_folder(env, key) + "/@process"
    header, _, rest = (_text(path) or "").partition("\n")
    cache_file, _, document = rest.removesuffix("\n").rpartition("\n")
    words = header.removeprefix(f"#{HEADER} ").split(" ")
    deadline = _moment(words[-1]) if len(words) == 2 else 0
    if deadline <= clock.now() or not _current(path, cache_file):
        return None
    return deadline, document + "\n"


def is_key_of_ours(env: Mapping[str, str], key_id: str) -> bool:
    """Whether we have handed out the keys with `key_id`, to whomever."""
    import os

    return bool(key_id) and os.path.isfile(f"{paths.state(env)}/keys/{paths.escape(key_id)}")


def settings_are_current(env: Mapping[str, str]) -> bool:
    """Whether all that is rendered is as the user's settings have it: the file, to the nanosecond.

    The very file too, because some write theirs with one time for all (a link into a Nix store).

    A change of the settings may protect a role, or rule it out, and a file that cannot be read is
    no file without settings. What is rendered then waits until ``renewal`` has seen to it.
    """
    import os

    path, stamps = paths.settings_file(env), f"{paths.state(env)}/settings"
    try:
        status = os.stat(path)
    except OSError:
        return not os.path.lexists(path) and os.path.exists(f"{stamps}/@none")
    try:
        same_time = os.stat(f"{stamps}/@ok").st_mtime_ns == status.st_mtime_ns
    except OSError:
        return False
    return same_time and files.read_bytes(f"{stamps}/@ok") == which_file(status)


def which_file(status: os.stat_result) -> bytes:
    """Return what tells the file of `status` from another one that has the same time."""
    return f"{status.st_ino:x}.{status.st_size:x}".encode()


def _current(path: str, cache_file: str) -> bool:
    """Whether the AWS CLI's file is there (a sign-out removes it), and is no newer."""
    import os

    try:
        return os.stat(cache_file).st_mtime_ns <= os.stat(path).st_mtime_ns
    except (OSError, ValueError):
        return False


def _moment(text: str) -> int:
    """Return the seconds since the epoch that `text` has in digits; 0 for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else 0


def _text(path: str) -> str | None:
    content = files.read_bytes(path)
    return None if content is None else content.decode("utf-8", "surrogateescape")


def _calls(text: str) -> list[list[str]]:
    """Split a rendered binding into its calls: bare words and words in single quotes, line by line.

    Raises ValueError or IndexError where it is not whole.
    """
    calls: list[list[str]] = []
    words: list[str] = []
    word, index = "", text.find("\n") + 1
    while index < len(text):
        char = text[index]
        if char == "'":
            end = text.index("'", index + 1)
            word, index = word + text[index + 1 : end], end + 1
        elif char == "\\":
            word, index = word + text[index + 1], index + 2
        elif char in " \n":
            words, word, index = [*words, word], "", index + 1
            if char == "\n":
                calls, words = [*calls, words], []
        else:
            word, index = word + char, index + 1
    return calls
