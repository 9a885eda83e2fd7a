"""Reading back what ``rendering`` wrote for the shells, with next to no imports: the hot half.

The shells source these files; the hot verbs only need a few of the words in them.
"""

from __future__ import annotations

from ssoenv import clock, files, paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

HEADER = "#ssoenv 1 "
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

    def __init__(self, directory: str, default: str, table: str, text: str) -> None:
        """Take the words of the ``__ssoenv_binding`` line and the `text` of the profile lines."""
        self.directory = directory
        self.default = default
        self.paths = [row.split("\t") for row in table.split("\n") if row]
        rows = (line for line in text.split("\n") if line.startswith("__ssoenv_profile "))
        self.profiles = {
            profile.name: profile
            for profile in (RenderedProfile(_words(line)[1:]) for line in rows)
        }

    def select(self, here: str, env: Mapping[str, str]) -> RenderedProfile | None:
        """Return the profile for the directory `here`: the shell's choice, [paths], the default.

        A shell with the hook exports what it chose, as the label; that includes ``ssoenv use``.
        """
        if env.get("SSOENV_DIR") == self.directory:
            chosen = self.profiles.get(env.get("SSOENV_LABEL", "").partition("/")[0])
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
    content, trusted = files.read_bytes(path), files.read_bytes(folder + "/@toml")
    text = _text(folder + "/@sh")
    if not content or content != trusted or not text or os.stat(path).st_uid != os.geteuid():
        return None
    head, _, rest = text.partition("\n__ssoenv_profile ")
    words = _words(head.partition("\n")[2])
    return RenderedBinding(directory, words[2], words[4], "\n__ssoenv_profile " + rest)


def load_role(env: Mapping[str, str], key: str) -> RenderedRole | None:
    """Return the live credentials rendered for `key`; None when past their deadline or outdated."""
    path = paths.role_folder(env, key) + "/@sh"
    text = _text(path)
    if not text or not text.startswith(HEADER):
        return None
    lines = text.split("\n")
    live = _words(lines[1])
    deadline = int(live[2])
    if deadline <= clock.now() or not _current(path, live[3]):
        return None
    return RenderedRole(deadline, dict(zip(KEY_VARIABLES, live[4:8], strict=True)))


def load_process(env: Mapping[str, str], key: str) -> tuple[int, str] | None:
    """Return the deadline and the JSON that credential_process prints, while they hold.

    Settings that are newer may protect the role, or rule it out.
    """
    path = paths.role_folder(env, key) + "/@process"
    text = _text(path)
    if not text or not text.startswith(HEADER):
        return None
    header, cache_file, document = text.split("\n", 2)
    deadline = int(header.split(" ")[3])
    if deadline <= clock.now() or not _current(path, cache_file, paths.settings_file(env)):
        return None
    return deadline, document


def _current(path: str, cache_file: str, *others: str) -> bool:
    """Whether the AWS CLI's file is there (a sign-out removes it), and nothing was written since.

    `others` may be missing.
    """
    import os

    try:
        rendered = os.stat(path).st_mtime_ns
        if os.stat(cache_file).st_mtime_ns > rendered:
            return False
    except OSError:
        return False
    for other in others:
        try:
            if os.stat(other).st_mtime_ns > rendered:
                return False
        except OSError:
            continue
    return True


def _text(path: str) -> str | None:
    content = files.read_bytes(path)
    return None if content is None else content.decode("utf-8", "surrogateescape")


def _words(line: str) -> list[str]:
    """Split a line of ours: a bare word, then words that are bare or in single quotes."""
    words: list[str] = []
    word, quoted, index = "", False, 0
    while index < len(line):
        if quoted:
            end = line.index("'", index)
            word, index, quoted = word + line[index:end], end + 1, False
        elif line[index] == "'":
            index, quoted = index + 1, True
        elif line[index] == "\\":
            word, index = word + line[index + 1], index + 2
        elif line[index] in " \n":
            words, word, index = [*words, word], "", index + 1
        else:
            word, index = word + line[index], index + 1
    return [*words, word]
