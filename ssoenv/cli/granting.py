"""``ssoenv admin assign`` and ``unassign``, and what has an end: ``grants`` and ``expire``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ssoenv.base import clock
from ssoenv.base.errors import UsageError
from ssoenv.base.values import dataclass
from ssoenv.cli import changing, mending, screen, tables
from ssoenv.cli.administering import Options, Which, open_center
from ssoenv.cli.changing import Manner, Timeout, Yes
from ssoenv.cli.options import spread

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from ssoenv.admin import calls
    from ssoenv.admin.assignments import Wanted
    from ssoenv.admin.center import Center
    from ssoenv.admin.changes import Change
    from ssoenv.admin.grants import Grant
    from ssoenv.admin.values import Row

SHOWN = 3
"""So many commands are shown that take something back."""


@dataclass(frozen=True, slots=True)
class Ending:
    """That an assignment has an end, and why it is made."""

    lasting: Annotated[
        str | None,
        typer.Option("--for", metavar="TIME", help="With an end: 2h, 90m, 3d; `expire` makes it."),
    ] = None
    reason: Annotated[
        str | None, typer.Option("--reason", metavar="TEXT", help="Why, with --for.")
    ] = None

    def until(self) -> tuple[int, str] | None:
        """Return when it ends, and why it is made; None: it does not. Raises UsageError."""
        from ssoenv.admin import durations, grants

        if self.lasting is None and self.reason is None:
            return None
        if self.lasting is None or self.reason is None:
            raise UsageError("--for and --reason go together", fix="ssoenv help admin assign")
        bounds = grants.LEAST_SECONDS, grants.MOST_SECONDS
        seconds = durations.length(self.lasting, "--for", *bounds)
        return clock.now() + seconds, grants.checked_reason(self.reason)


@spread(which=Which, ending=Ending, options=Options, manner=Manner)
def assign(
    context: typer.Context,
    which: Which,
    ending: Ending,
    options: Options,
    manner: Manner,
    yes: Yes = False,
    timeout: Timeout = 600,
) -> None:
    """Assign permission sets in accounts to users and groups; what is assigned stays."""
    from ssoenv.admin import grants

    end = ending.until()
    center = open_center(options)
    wanted = _wanted(center, "assign", which)
    if end is None:
        found = grants.plan_for_good(center, "assign", wanted)
    else:
        found = grants.plan(center, wanted, *end)
    ask = changing.unasked(context, yes) if grants.loses_its_end(found) else ""
    if changing.change(center, found, manner, timeout=timeout, ask=ask) and screen.interactive():
        _tell_way_back(context, found, end)


@spread(which=Which, options=Options, manner=Manner)
def unassign(
    context: typer.Context,
    which: Which,
    options: Options,
    manner: Manner,
    yes: Yes = False,
    timeout: Timeout = 600,
) -> None:
    """Take assignments back from users and groups, once you agree."""
    from ssoenv.admin import grants

    center, ask = open_center(options), changing.unasked(context, yes)
    found = grants.plan_for_good(center, "unassign", _wanted(center, "unassign", which))
    changing.change(center, found, manner, timeout=timeout, ask=ask)


@spread(which=Which, options=Options)
def grants(
    which: Which,
    options: Options,
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """List the assignments that have an end: until when, why, and by whom."""
    from ssoenv.admin import grants as ending

    center = open_center(options)
    wanted = which.named().meant(center)
    known, _, odd = ending.read(center, wanted.sets or ending.unnamed(center))
    asked = [one for one in known.values() if wanted.has(one.row)]
    there, found = ending.assigned(center, asked), ending.named(center, asked)
    if as_json:
        tables.write_json([_described(grant, one, there) for grant, one in found])
    else:
        tables.write((_row(grant, one, there) for grant, one in found), *_HEADS)
    _tell_odd(odd)
    if not found:
        screen.say("no assignment has an end")


@spread(options=Options, manner=Manner)
def expire(options: Options, manner: Manner, timeout: Timeout = 600) -> None:
    """Take back the assignments whose end is over, by the clock here; for cron or CI."""
    from ssoenv.admin import grants as ending

    center = open_center(options)
    found, odd = ending.plan_expiry(center, clock.now())
    _tell_odd(odd)
    # Cron sends a mail of whatever is said.
    nothing = "nothing changes: no grant has come to its end" if screen.interactive() else ""
    changing.change(center, found, manner, timeout=timeout, nothing=nothing)


def _tell_way_back(
    context: typer.Context, found: Sequence[calls.Change], end: tuple[int, str] | None
) -> None:
    """Tell what takes back what was assigned, and what ends it."""
    from ssoenv.admin import changes

    if not (lines := changes.back(found)):
        return
    if end:
        until = clock.render_local(end[0])
        screen.say(f"it ends once ssoenv admin expire is run after {until}; to end it before:")
    else:
        screen.say("to take it back:")
    for line in lines[:SHOWN]:
        screen.hint(str(mending.with_kept(line, context)))
    if more := lines[SHOWN:]:
        screen.note(f"and {len(more)} more such lines, for other permission sets and holders")


def _described(grant: Grant, one: Change, there: Collection[Row]) -> dict[str, str | bool]:
    """Return a grant for scripts; its end is ISO 8601, UTC."""
    what = {name: value for name, value in one.described().items() if name != "change"}
    until = clock.render_timestamp(grant.until)
    why = {"reason": grant.reason, "granted_by": grant.by}
    return {**what, "until": until, "assigned": grant.row in there, **why}


_HEADS = ("account", "permission set", "who", "until", "ends", "reason", "by")


def _row(grant: Grant, one: Change, there: Collection[Row]) -> tuple[str, ...]:
    """Return a grant for people: when it ends, and how long that is from now, or was."""
    left = grant.until - clock.now()
    words = clock.render_duration(abs(left))
    state = f"in {words}" if left > 0 else f"over for {words}"
    if grant.row not in there:
        state = "not assigned"
    return (*one.cells(), clock.render_local(grant.until), state, grant.reason, grant.by)


def _tell_odd(odd: Sequence[str]) -> None:
    for one in odd:
        screen.say(f"a tag that tells of no grant, and is left alone: {one}")


def _wanted(center: Center, kind: str, which: Which) -> Wanted:
    wanted = which.named().meant(center)
    if wanted.principals is None or wanted.sets is None or wanted.accounts is None:
        raise UsageError(
            f"{kind} what, where, to whom? it takes --permission-set, --account or --ou, and "
            "--user or --group",
            fix=f"ssoenv help admin {kind}",
        )
    for one in wanted.accounts:
        center.account_there(one.id)
    return wanted
