r"""How a value is written so that each shell reads back exactly that value.

POSIX shells take everything literally between single quotes except the quote itself; fish takes
also ``\\`` and ``\'`` as escapes there. What people are shown to type has a form that all of them
read alike: backslashes and quotes stand between double quotes, all else between single ones.
"""

from __future__ import annotations

from ssoenv.base.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

SHELLS = ("bash", "zsh", "fish")
_BARE = frozenset("_./+=:@%,-")
_QUOTES = frozenset("'\u2018\u2019\u201a\u201b")


def quote_posix(value: str) -> str:
    """`value` as one word for bash, zsh and sh. ValueError on a NUL."""
    return "'" + _checked(value).replace("'", "'\\''") + "'"


def quote_fish(value: str) -> str:
    """`value` as one word for fish. ValueError on a NUL."""
    return "'" + _checked(value).replace("\\", "\\\\").replace("'", "\\'") + "'"


def word(value: str) -> str:
    """`value` as one word of a command that a person types, in whichever shell that is.

    A word that begins with ``=`` is a command's path for zsh, one with ``%`` a process for fish.
    """
    if value and value[0] not in "=%" and all(map(_is_bare, value)):
        return value
    from itertools import groupby

    quoted = {"'": '"{}"', "\\": '"{0}{0}"'}
    runs = groupby(value, key=lambda char: char if char in quoted else "")
    return "".join(quoted.get(kind, "'{}'").format("".join(run)) for kind, run in runs) or "''"


def line(words: Iterable[str]) -> str:
    """`words` as a command that a person types, in whichever shell that is."""
    return " ".join(map(word, words))


def quote_dotenv(value: str) -> str:
    """`value` for a ``.env`` file. ValueError on a NUL.

    Its readers agree on little. ``docker run --env-file`` knows no quotes at all, so what needs
    none gets none; between single quotes nothing is expanded; and what these cannot hold stands
    between double quotes, where python-dotenv and Compose undo the escapes.
    """
    if value and all(map(_is_bare, value)):
        return value
    if not set(_checked(value)) & set("'\\\n\r"):
        return f"'{value}'"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped.replace("\n", "\\n").replace("\r", "\\r") + '"'


def quote_powershell(value: str) -> str:
    """`value` as a verbatim string of PowerShell. ValueError on a NUL.

    It ends at any of five quotes, typographic ones too, and a doubled one stands for itself
    (PowerShell language specification, 2.3.5.2: single-quote-character).
    """
    return "'" + "".join(char * 2 if char in _QUOTES else char for char in _checked(value)) + "'"


def printable(text: str) -> str:
    """`text` without anything that a terminal would obey: controls become visible escapes."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape", "replace").decode()
        for char in text.encode("utf-8", "replace").decode()
    )


def quote(shell: str, value: str) -> str:
    """`value` as one word for `shell`."""
    return quote_fish(value) if shell == "fish" else quote_posix(value)


def export(shell: str, name: str, value: str | None) -> str:
    """Return the line that exports `name` in `shell`, or unsets it where `value` is None."""
    if shell == "fish":
        return f"set -e {name}" if value is None else f"set -gx {name} {quote_fish(value)}"
    return f"unset {name}" if value is None else f"export {name}={quote_posix(value)}"


def as_typed(shell: str, text: str) -> str:
    """Return `text`, with commands of POSIX shells in it, as `shell` has them."""
    return text.replace("unset ", "set -e ") if shell == "fish" else text


def require_shell(name: str, *, command: str) -> str:
    """`name` if we have a hook for it. Raises UsageError that names `command`."""
    if name not in SHELLS:
        raise UsageError(
            f"no hook for shell {name!r}; there is: {', '.join(SHELLS)}", fix=f"{command} bash"
        )
    return name


def _is_bare(char: str) -> bool:
    return char.isascii() and (char.isalnum() or char in _BARE)


def _checked(value: str) -> str:
    if "\0" in value:
        raise ValueError("a shell value cannot hold a NUL")
    return value
