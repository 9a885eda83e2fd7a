"""What every change of an administrator's does: shown first, agreed to, made, told one by one."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ssoenv.cli import agreement, parsing, screen, tables, waiting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ssoenv.admin.center import Center
    from ssoenv.admin.making import Change, Making, Outcome

NOTHING = "nothing changes: it is so already"
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Timeout = Annotated[
    float, typer.Option(min=0, metavar="S", help="Seconds to wait for all of it; 0: do not wait.")
]


@dataclass(frozen=True, slots=True)
class Manner:
    """How changes are made: only shown, or made and told."""

    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would change; do nothing.")
    ] = False
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False


def unasked(context: typer.Context, yes: bool) -> str:
    """Return what to run where nobody is there to agree; empty where nobody has to be asked."""
    return "" if yes else f"{parsing.typed(context)} --yes"


def change(
    center: Center,
    found: list[Change],
    manner: Manner,
    *,
    timeout: float = 0,
    ask: str = "",
    nothing: str = NOTHING,
) -> None:
    """Show the changes, or make them; with `ask`, what to run where nobody is there to agree."""
    from ssoenv.admin import journal
    from ssoenv.admin.making import Making

    if manner.dry_run:
        _show(found, nothing, as_json=manner.as_json)
    elif not ask or not found or agreement.agreed(_lines(found), nothing, ask, yes=False):
        journal.forget(os.environ, center)
        _make(Making(center, found, timeout), nothing, as_json=manner.as_json)


def _make(making: Making, nothing: str, *, as_json: bool) -> None:
    """Make the changes; tell what came of each, and of the rest where it is stopped."""
    try:
        with waiting.counted("changes") as tell:
            making.run(tell)
    except BaseException:
        if making.outcomes:
            _tell(making.outcomes, nothing, as_json=as_json)
            _tell_rest(making)
        raise
    _tell(making.outcomes, nothing, as_json=as_json)
    _tell_rest(making)
    making.require_success()


def _tell_rest(making: Making) -> None:
    if rest := len(making.changes) - len(making.outcomes):
        screen.say(f"{rest} more changes were not begun; the same command goes on")


def _tell(outcomes: Sequence[Outcome], nothing: str, *, as_json: bool) -> None:
    if as_json:
        _write_json([one.described() for one in outcomes])
        return
    if not outcomes:
        screen.say(nothing, style="good")
    tables.write((one.word, *one.change.cells(), one.reason or one.request) for one in outcomes)


def _show(found: Sequence[Change], nothing: str, *, as_json: bool) -> None:
    if as_json:
        _write_json([one.described() for one in found])
        return
    tables.write((one.sign, *one.cells()) for one in found)
    if not found:
        screen.say(nothing, style="good")


def _write_json(document: Any) -> None:
    sys.stdout.write(json.dumps(document, indent=2) + "\n")


def _lines(found: Sequence[Change]) -> list[str]:
    return ["  ".join(filter(None, (one.sign, *one.cells()))) + "\n" for one in found]
