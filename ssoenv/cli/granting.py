"""``ssoenv admin assign`` and ``unassign``: shown first, waited for, told one by one."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ssoenv.base.errors import UsageError
from ssoenv.cli import agreement, parsing, screen, tables, waiting
from ssoenv.cli.administering import Options, Which, open_center
from ssoenv.cli.options import spread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ssoenv.admin.changes import Change, Outcome

DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would change; do nothing.")]
Timeout = Annotated[
    float, typer.Option(min=0, metavar="S", help="Seconds to wait for all of it; 0: do not wait.")
]
Json = Annotated[bool, typer.Option("--json", help="For scripts.")]


@spread(which=Which, options=Options)
def assign(
    context: typer.Context,
    which: Which,
    options: Options,
    dry_run: DryRun = False,
    timeout: Timeout = 600,
    as_json: Json = False,
) -> None:
    """Assign permission sets in accounts to users and groups; what is assigned stays."""
    del context
    _change("assign", which, options, dry_run=dry_run, timeout=timeout, as_json=as_json, ask="")


@spread(which=Which, options=Options)
def unassign(
    context: typer.Context,
    which: Which,
    options: Options,
    dry_run: DryRun = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    timeout: Timeout = 600,
    as_json: Json = False,
) -> None:
    """Take assignments back from users and groups, once you agree."""
    ask = "" if yes else f"{parsing.typed(context)} --yes"
    _change("unassign", which, options, dry_run=dry_run, timeout=timeout, as_json=as_json, ask=ask)


def _change(
    kind: str,
    which: Which,
    options: Options,
    *,
    dry_run: bool,
    timeout: float,
    as_json: bool,
    ask: str,
) -> None:
    """Make the changes, after they were shown; with `ask`, what to run where nobody is there."""
    from ssoenv.admin import changes

    center = open_center(options)
    wanted = which.named().meant(center)
    if wanted.principals is None or wanted.sets is None or wanted.accounts is None:
        raise UsageError(
            f"{kind} what, where, to whom? it takes --permission-set, --account or --ou, and "
            "--user or --group",
            fix=f"ssoenv help admin {kind}",
        )
    found = changes.plan(center, kind, wanted)
    if dry_run:
        _show(found, as_json=as_json)
    elif not ask or agreement.agreed(_lines(found), _NOTHING, ask, yes=False):
        _make(changes.Making(center, found, timeout), as_json=as_json)


_NOTHING = "nothing changes: it is so already"


def _make(making: Any, *, as_json: bool) -> None:
    """Make the changes; tell what came of each, and of the rest where it is stopped."""
    try:
        with waiting.counted("changes") as tell:
            making.run(tell)
    except BaseException:
        if making.outcomes:
            _tell(making.outcomes, as_json=as_json)
            if rest := len(making.changes) - len(making.outcomes):
                screen.say(f"{rest} more changes were not begun; the same command goes on")
        raise
    _tell(making.outcomes, as_json=as_json)
    making.require_success()


def _tell(outcomes: Sequence[Outcome], *, as_json: bool) -> None:
    if as_json:
        rows = [one.described() for one in outcomes]
        sys.stdout.write(json.dumps(rows, indent=2) + "\n")
        return
    if not outcomes:
        screen.say(_NOTHING, style="good")
    tables.write((one.word, *one.change.cells(), one.reason or one.request) for one in outcomes)


def _show(found: Sequence[Change], *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps([one.described() for one in found], indent=2) + "\n")
        return
    tables.write((one.sign, *one.cells()) for one in found)
    if not found:
        screen.say(_NOTHING, style="good")


def _lines(found: Sequence[Change]) -> list[str]:
    return ["  ".join((one.sign, *one.cells())) + "\n" for one in found]
