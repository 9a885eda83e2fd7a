"""What every change of an administrator's does: shown first, agreed to, made, told one by one."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from ssoenv.base.dialects import printable
from ssoenv.base.values import dataclass
from ssoenv.cli import agreement, parsing, screen, tables, waiting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from ssoenv.admin.calls import Change
    from ssoenv.admin.center import Center
    from ssoenv.admin.making import Making
    from ssoenv.admin.outcome import Outcome

NOTHING = "nothing changes: it is so already"
LONGEST = 7 * 86400
"""Seconds that nobody waits for longer than: a week."""
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Timeout = Annotated[
    float,
    typer.Option(
        min=0,
        max=LONGEST,
        metavar="S",
        help="Seconds to wait for all of it; 0: do not wait.",
        callback=parsing.finite,
    ),
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
    return "" if yes else parsing.typed(context, "--yes")


def change(
    center: Center,
    found: list[Change],
    manner: Manner,
    *,
    timeout: float = 0,
    ask: str = "",
    nothing: str = NOTHING,
    during: Callable[[Making], AbstractContextManager[object]] = nullcontext,
) -> bool:
    """Show the changes, or make them; with `ask`, what to run where nobody is there to agree.

    `nothing` is what is said where there are none, if anything is. They are made within `during`.
    Returns whether it came to that.
    """
    from ssoenv.admin import journal
    from ssoenv.admin.making import Making

    making = Making(center, found, timeout)
    making.require_possible()
    if manner.dry_run:
        _show(found, nothing, as_json=manner.as_json)
        return False
    if ask and found and not agreement.agreed(_lines(found), nothing, ask, yes=False):
        return False
    with during(making):
        journal.forget(os.environ, center)
        _make(making, nothing, as_json=manner.as_json)
    return True


def _make(making: Making, nothing: str, *, as_json: bool) -> None:
    """Make the changes; tell what came of each, however it ends.

    A job that is cancelled (SIGTERM) ends as by Ctrl-C.
    """
    try:
        with waiting.counted("changes") as tell, _ending_in_order():
            making.run(tell)
    finally:
        _tell(making, nothing, as_json=as_json)
    making.require_success()


@contextmanager
def _ending_in_order() -> Iterator[None]:
    """Have SIGTERM end the command as Ctrl-C does, with the exit code that shells give for it."""

    def end(number: int, _frame: object) -> NoReturn:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _tell(making: Making, nothing: str, *, as_json: bool) -> None:
    """Tell what was made, is in progress or not known, a line for each, and how many are left."""
    if as_json:
        tables.write_json([one.described() for one in making.outcomes])
    else:
        _write_begun(making.begun)
    if nothing and not making.outcomes and not as_json:
        screen.say(nothing, style="good")
    if making.rest:
        more = "more changes" if making.begun else "changes"
        screen.say(f"{making.rest} {more} were not begun; the same command goes on")


def _write_begun(outcomes: Sequence[Outcome]) -> None:
    tables.write((one.word, *one.change.cells(), one.reason or one.request) for one in outcomes)


def _show(found: Sequence[Change], nothing: str, *, as_json: bool) -> None:
    if as_json:
        tables.write_json([one.described() for one in found])
        return
    tables.write((one.sign, *one.cells()) for one in found)
    if nothing and not found:
        screen.say(nothing, style="good")


def _lines(found: Sequence[Change]) -> list[str]:
    """Return each change on a line of its own, whatever is in a name."""
    rows = (map(printable, (one.sign, *one.cells())) for one in found)
    return ["  ".join(filter(None, row)) + "\n" for row in rows]
