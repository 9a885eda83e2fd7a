r"""How a value is written so that each shell reads back exactly that value.

POSIX shells take everything literally between single quotes except the quote itself; fish takes
also ``\\`` and ``\'`` as escapes there, so one form cannot serve both.
"""

from __future__ import annotations

from ssoenv.errors import UsageError

SHELLS = ("bash", "zsh", "fish")


def quote_posix(value: str) -> str:
    """`value` as one word for bash, zsh and sh. ValueError on a NUL."""
    return "'" + _checked(value).replace("'", "'\\''") + "'"


def quote_fish(value: str) -> str:
    """`value` as one word for fish. ValueError on a NUL."""
    return "'" + _checked(value).replace("\\", "\\\\").replace("'", "\\'") + "'"


def quote(shell: str, value: str) -> str:
    """`value` as one word for `shell`."""
    return quote_fish(value) if shell == "fish" else quote_posix(value)


def export(shell: str, name: str, value: str | None) -> str:
    """Return the line that exports `name` in `shell`, or unsets it where `value` is None."""
    if shell == "fish":
        return f"set -e {name}" if value is None else f"set -gx {name} {quote_fish(value)}"
    return f"unset {name}" if value is None else f"export {name}={quote_posix(value)}"


def require_shell(name: str, *, command: str) -> str:
    """`name` if we have a hook for it. Raises UsageError that names `command`."""
    if name not in SHELLS:
        raise UsageError(f"no hook for shell {name!r}", hint=f"{command} {'|'.join(SHELLS)}")
    return name


def _checked(value: str) -> str:
    if "\0" in value:
        raise ValueError("a shell value cannot hold a NUL")
    return value
