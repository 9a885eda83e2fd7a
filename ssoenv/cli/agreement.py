"""Changes that a person sees whole, and agrees to, before any is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssoenv.base.errors import UsageError
from ssoenv.cli import screen

if TYPE_CHECKING:
    from collections.abc import Sequence


_UNCHANGED = "nothing was changed"


def agreed(lines: Sequence[str], nothing: str, fix: str, *, yes: bool) -> bool:
    """Show the changes in `lines`, or say that there is `nothing`; whether the person agrees.

    Raises UsageError where nobody can be asked, with what to run instead.
    """
    if not lines:
        screen.say(nothing, style="good")
        return True
    _show(lines)
    if yes:
        return True
    if not screen.interactive():
        shown = fix if fix.isprintable() else None
        advice = None if shown else "the same command with --yes does it unasked"
        raise UsageError("nobody is here to agree", fix=shown, advice=advice)
    if screen.confirm("Apply these changes?", left=_UNCHANGED):
        return True
    screen.say(_UNCHANGED)
    return False


def _show(lines: Sequence[str]) -> None:
    screen.say("this is what changes:", style="strong")
    for line in "".join(lines).splitlines():
        style = "good" if line.startswith("+") else "error" if line.startswith("-") else ""
        screen.note(line, style=style)


def tell_backups(backups: Sequence[str]) -> None:
    """Say where the files are kept as they were."""
    for backup in backups:
        screen.note(f"the file as it was: {backup}")
