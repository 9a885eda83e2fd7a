"""``ssoenv admin plan``, ``apply``, ``export`` and ``diff``: an Identity Center as a file."""

from __future__ import annotations

import os
import sys
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from ssoenv.base import clock
from ssoenv.base.errors import AccessDenied, SsoenvError
from ssoenv.base.values import dataclass
from ssoenv.cli import administering, changing, parsing, screen, tables
from ssoenv.cli.administering import Json, Options, open_center
from ssoenv.cli.changing import Manner, Timeout, Yes
from ssoenv.cli.options import spread

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from ssoenv.admin.calls import Change
    from ssoenv.admin.center import Center
    from ssoenv.admin.plan import Plan
    from ssoenv.admin.record import Kept, Ownership

WORDS = (("+", "add"), ("~", "change"), ("-", "remove"))
DIFFERENT = "nothing was changed; this is what --check is for"
_KEPT_SHOWN = 10
"""So many of what stays are named above the question."""
Check = Annotated[bool, typer.Option("--check", help="End with 1 where something differs.")]


File = Annotated[
    str, typer.Argument(metavar="FILE", help="The declaration: TOML, or JSON as exported.")
]


@dataclass(frozen=True, slots=True)
class Owning:
    """What a declaration owns, and whether what it does not name any more goes."""

    prune: Annotated[
        bool,
        typer.Option("--prune", help="Let go what it or an earlier apply owns and names no more."),
    ] = False
    record: Annotated[
        str | None,
        typer.Option(
            "--record", metavar="FILE", help="What earlier applies own; else FILE.applied.json."
        ),
    ] = None

    def kept(self, center: Center, file: str) -> Kept:
        """Return the record of the declaration in `file`. Raises InvalidConfiguration."""
        from ssoenv.admin import record

        return record.Kept.at(self._path(file), center.instance.arn)

    def alone(self, file: str) -> AbstractContextManager[None]:
        """Be the only one that applies the declaration in `file`. Raises ServiceUnavailable."""
        from ssoenv.admin import record

        return record.alone(file, self._path(file), os.environ)

    def _path(self, file: str) -> str:
        from ssoenv.admin import record

        return os.path.abspath(self.record or record.beside(file))


@spread(owning=Owning, options=Options)
def plan(
    file: File, owning: Owning, options: Options, as_json: Json = False, check: Check = False
) -> None:
    """Show what has to change so that an Identity Center is what a file says."""
    center = open_center(options)
    found = _planned(center, file, owning.kept(center, file).says, prune=owning.prune)
    rows = [*_rows(found)]
    if as_json:
        tables.write_json([_described(*row) for row in rows])
    else:
        tables.write(_shown(*row) for row in rows)
    _tell(center, found)
    if check and rows:
        raise SsoenvError(f"{file} and the Identity Center differ", advice=DIFFERENT)


@spread(owning=Owning, options=Options, manner=Manner)
def apply(
    context: typer.Context,
    file: File,
    owning: Owning,
    options: Options,
    manner: Manner,
    yes: Yes = False,
    timeout: Timeout = 14400,
) -> None:
    """Make an Identity Center what a file says, once you agree; nothing goes without --prune."""
    center, ask = open_center(options), changing.unasked(context, yes)
    with owning.alone(file):
        kept = owning.kept(center, file)
        found = _planned(center, file, kept.says, prune=owning.prune)
        _tell(center, found)
        _tell_kept(context, found)
        changing.change(
            *(center, found.changes, manner),
            timeout=timeout,
            ask=ask,
            nothing="",  # that was told
            during=partial(kept.during, found),
        )
    _require_allowed(found)


@spread(options=Options)
def export(options: Options, as_json: Json = False) -> None:
    """Write what is there as a file that `plan` and `apply` take, TOML."""
    from ssoenv.admin import exporting

    center = open_center(options)
    announce = partial(administering.announce_plan, center)
    found = exporting.document(center, announce, screen.say)
    if as_json:
        tables.write_json(found)
    else:
        sys.stdout.write(exporting.toml(found))
    if not found:
        screen.say("there is nothing to declare: no group, no permission set, no assignment")


def diff(
    old: Annotated[str, typer.Argument(metavar="OLD", help="An export, or assignments as JSON.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="A later one of the same kind.")],
    as_json: Json = False,
    check: Check = False,
) -> None:
    """Show what two exports differ in; asks nobody."""
    from ssoenv.admin import differing

    found = differing.differences(old, new)
    if as_json:
        tables.write_json([one.described() for one in found])
    else:
        tables.write((one.sign, *one.cells()) for one in found)
    if not found:
        screen.say("they say the same", style="good")
    if check and found:
        raise SsoenvError(f"{old} and {new} differ", advice=DIFFERENT)


def _planned(center: Center, file: str, known: Ownership, *, prune: bool) -> Plan:
    from ssoenv.admin import declaration, declaring

    found = declaration.read(file)
    announce = partial(administering.announce_plan, center)
    return declaring.plan(center, found, known, prune=prune, announce=announce)


def _require_allowed(found: Plan) -> None:
    """Raise AccessDenied for changes that were left out, as others have to make them."""
    if not found.refused:
        return
    count = len(found.refused)
    raise AccessDenied(
        f"{count} {'changes were' if count > 1 else 'change was'} left out: {found.refused[0][1]}",
        advice="with credentials of the management account, or at that provider, the same command "
        "makes what is left",
    )


def _rows(found: Plan) -> Sequence[tuple[Change, str, str]]:
    """Return all that differs: each change, what becomes of it, and why."""
    return [
        *((one, "planned", "") for one in found.changes),
        *((one, "kept", "goes with --prune only") for one in found.kept),
        *((one, "refused", why) for one, why in found.refused),
    ]


def _shown(one: Change, becomes: str, why: str) -> tuple[str, ...]:
    signs = {"planned": one.sign, "kept": f"({one.sign})", "refused": "!"}
    return signs[becomes], *one.cells(), why


def _tell_kept(context: typer.Context, found: Plan) -> None:
    """Say what stays although nothing declares it any more, and what takes it away."""
    for one in found.kept[:_KEPT_SHOWN]:
        screen.note("  ".join(("stays:", *one.cells())))
    if len(found.kept) > _KEPT_SHOWN:
        screen.note(f"and {len(found.kept) - _KEPT_SHOWN:,} more")
    if found.kept:
        screen.hint(parsing.typed(context, "--prune"))


def _described(one: Change, becomes: str, why: str) -> dict[str, str]:
    return one.described() | {"status": becomes, "reason": why}


def _tell(center: Center, found: Plan) -> None:
    """Say how much it is, how long it takes, and what a person had better know."""
    for note in found.notes:
        screen.say(note)
    signs = Counter(one.sign for one in found.changes)
    words = [f"{signs[sign]:,} to {word}" for sign, word in WORDS if signs[sign]]
    if found.kept:
        words.append(f"{len(found.kept):,} that only --prune lets go")
    if found.refused:
        words.append(f"{len(found.refused):,} not yours to make")
    if not words:
        screen.say("nothing differs", style="good")
        return
    calls, seconds = found.effort(center.calls.rate)
    number = "one call" if calls == 1 else f"{calls:,} calls"
    takes = f"; at least {number}, some {clock.render_duration(seconds)}" if calls else ""
    screen.say(", ".join(words) + takes)
