"""Reading back what ``rendering`` wrote for the shells, with next to no imports: the hot half.

The shells source these files; the hot verbs only need a few of the words in them.
"""

from __future__ import annotations

import os

from ssoenv.base import clock, files, paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

HEADER = "ssoenv 2"
SDK_WINDOW = 600
"""Seconds before our deadline in which SDKs already ask for the next credentials: botocore and the
AWS CLI call anything with less than 15 minutes left too old, and deadlines lie 5 before the end."""
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

    __slots__ = ("agent", "default", "directory", "paths", "profiles", "stamp")

    def __init__(
        self, directory: str, stamp: str, words: list[str], profiles: list[RenderedProfile]
    ) -> None:
        """Take the `words` of the ``__ssoenv_binding`` call, the `profiles`, and its `stamp`.

        ValueError where a row of [paths] is none.
        """
        _, default, _, table, _, agent = words
        self.directory = directory
        self.stamp = stamp
        self.default = default
        self.agent = agent
        self.paths = [
            (path, name) for path, name in (row.split("\t") for row in table.split("\n") if row)
        ]
        self.profiles = {profile.name: profile for profile in profiles}

    def note_as_compared(self) -> None:
        """Tell the credential source that the binding file was just compared."""
        note_as_compared(f"{self.directory.rstrip('/')}/{paths.BINDING_FILE}", self.stamp)

    def named(self, name: str, *, agent: bool) -> RenderedProfile | None:
        """Return the profile `name`, or the only one that an `agent` gets, which may be none.

        A role that the project does not name, which a person took there, is for no agent.
        """
        if agent and (self.agent or "/" in name):
            return self.profiles.get(self.agent)
        return self.profiles.get(name)

    def select(self, here: str, env: Mapping[str, str], *, agent: bool) -> RenderedProfile | None:
        """Return the profile for the directory `here`: the shell's choice, [paths], the default.

        A shell with the hook exports what a person chose there by ``ssoenv use``, for its project.
        An `agent` gets the one that is for agents, where the project or the settings say so.
        """
        if agent and self.agent:
            return self.profiles.get(self.agent)
        if is_same(env.get("SSOENV_DIR", ""), self.directory):
            chosen = self.named(env.get("SSOENV_USE", ""), agent=agent)
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


def is_same(one: str, other: str) -> bool:
    """Whether the paths `one` and `other` are routes to one directory; neither may be there."""
    import os

    if one == other:
        return True
    try:
        return one.startswith("/") and os.path.samefile(one, other)
    except (OSError, ValueError):
        return False


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
    text = _text(folder + "/@sh") or ""
    try:
        calls = _calls(text) if _is_ours(text) else []
        if os.stat(path).st_uid != os.geteuid() or not calls:
            return None
        generation, _, _, _, trusted, _ = words = calls[0][1:]
        profiles = [RenderedProfile(one[1:]) for one in calls[1:]]
        stamp = f"{folder}/@{generation}"
        found = RenderedBinding(directory, stamp, words, profiles)
    except (OSError, ValueError, IndexError):
        return None
    if not all(_is_text(word) for one in calls[1:] for word in one):
        return None
    content = files.read_bytes(path, limit=paths.BINDING_LIMIT + 1)
    if not content or content != trusted.encode("utf-8", "surrogateescape"):
        return None
    # Looked for after reading: a rendering that is replaced meanwhile is not believed.
    return found if os.path.isfile(stamp) else None


def note_as_compared(file: str, stamp: str) -> None:
    """Have `stamp` be newer than `file`, whose bytes were just compared, in whole seconds.

    The credential source reads only files that are older than their stamp. One that is written
    after this is not, whatever its bytes.
    """
    import os

    try:
        written, noted = int(os.stat(file).st_mtime), int(os.stat(stamp).st_mtime)
        # Of this second: it may be in the middle of being written.
        if noted <= written < clock.now():
            os.utime(stamp, (written + 1, written + 1))
    except OSError:
        pass


def load_role(
    env: Mapping[str, str], key: str, *, protected: bool = False, agent: bool = False
) -> RenderedRole | None:
    """Return the credentials rendered for `key`; None if they are over or outdated.

    Those of a role that the settings protect are for who has asked: with `protected` on.
    """
    folder = paths.role_folder(env, key, agent=agent)
    path = f"{folder}/@role"
    lines = (_text(path) or "").split("\n", 9)
    if len(lines) != 10 or lines[0] != HEADER or lines[3] != key:
        return None
    if not all(map(_is_text, lines[5:9])):
        return None
    # The stamp is written last: without it, the rest is not all there.
    if not os.path.exists(f"{folder}/@{lines[1]}"):
        return None
    if lines[4] and not protected:
        return None
    deadline = _moment(lines[2])
    if deadline <= clock.now() or not _current(path, lines[9]):
        return None
    return RenderedRole(deadline, dict(zip(KEY_VARIABLES, lines[5:9], strict=True)))


def published(env: Mapping[str, str], key: str) -> str:
    """Return the key of the role, by its account id, whose credentials were rendered for `key`.

    However old they are; empty where that is not known.
    """
    lines = (_text(f"{paths.role_folder(env, key)}/@role") or "").split("\n", 9)
    return role_of_key(env, lines[5]) if len(lines) == 10 and lines[3] == key else ""


def load_process(
    env: Mapping[str, str], key: str, *, protected: bool = False, agent: bool = False
) -> tuple[int, str] | None:
    """Return the deadline and the JSON that credential_process prints, while they hold.

    Those of a role that the settings protect are for who has said yes: with `protected` on.
    """
    folder = paths.role_folder(env, key, agent=agent)
    for name in ("@asked", "@process") if protected else ("@process",):
        end, of, cache_file, document = read_process(f"{folder}/{name}")
        deadline = _moment(end) if of == key and _is_text(document) else 0
        if deadline > clock.now() and _current(f"{folder}/{name}", cache_file):
            return deadline, document + "\n"
    return None


def read_process(path: str) -> tuple[str, str, str, str]:
    """Return what a file ``@process`` or ``@asked`` says: end, role, the AWS CLI's file, the JSON.

    However old it is; all are empty where it is not whole.
    """
    try:
        text = _text(path) or ""
        ((_, _, end, key, cache_file, document),) = _calls(text if _is_ours(text) else "")
    except (ValueError, IndexError):
        return "", "", "", ""
    return end, key, cache_file, document


def is_key_of_ours(env: Mapping[str, str], key_id: str) -> bool:
    """Whether we have handed out the keys with `key_id`, to whomever."""
    import os

    return bool(key_id) and os.path.isfile(f"{paths.state(env)}/keys/{paths.escape(key_id)}")


def role_of_key(env: Mapping[str, str], key_id: str) -> str:
    """Return the key of the role that the keys with `key_id` are of; empty where we do not know."""
    path = f"{paths.state(env)}/keys/{paths.escape(key_id)}"
    return (_text(path) or "") if key_id else ""


def configs_folder(env: Mapping[str, str]) -> str:
    """Return the folder that notes which AWS configs were looked at, and when."""
    return f"{paths.state(env)}/configs"


def config_stamp(env: Mapping[str, str], name: str | None = None) -> str:
    """Return the file whose time is that of the AWS config which it notes as looked at.

    With the `name` of a session: what that means to this config is what is kept by it.
    """
    one = "@" if name is None else paths.escape(name)
    return f"{configs_folder(env)}/{one}{paths.aws_config_file(env)}"


def knows_config(env: Mapping[str, str], role_key: str | None = None) -> bool:
    """Whether the AWS config is the one that ``sign_in.instances`` looked at, by its time.

    With the key of a role: and whether to this config the session of that role is the one of whom
    its credentials are. Shells compare the time alone; we ask for the very file, too, for some have
    the times of others.
    """
    import os

    name = None if role_key is None else paths.unescape(role_key.partition("/")[0])
    try:
        there, stamp = os.stat(paths.aws_config_file(env)), config_stamp(env, name)
        is_same = there.st_mtime_ns == os.stat(stamp).st_mtime_ns
        return is_same and files.read_bytes(stamp, limit=200) == identity(there)
    except (OSError, ValueError):
        return False


def identity(there: os.stat_result) -> bytes:
    """Return what tells a file from all that have stood, or will stand, at its path."""
    return b"%d %d %d %d" % (there.st_dev, there.st_ino, there.st_size, there.st_ctime_ns)


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
    """Return what is rendered at `path`; None where nothing is, or a NUL, which no shell has."""
    content = files.read_bytes(path)
    if content is None or b"\0" in content:
        return None
    return content.decode("utf-8", "surrogateescape")


def _is_text(word: str) -> bool:
    """Whether each byte of `word` was one of UTF-8, as of a path need not be: it can be printed."""
    return word.isascii() or not any("\ud800" <= char <= "\udfff" for char in word)


def _is_ours(text: str) -> bool:
    """Whether `text` is rendered in the form of this version."""
    return text.startswith(f"#{HEADER} ")


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
