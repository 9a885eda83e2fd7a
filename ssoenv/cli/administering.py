"""What administrators' commands have in common: which Identity Center, which assignments."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ssoenv.base import clock
from ssoenv.base.values import dataclass
from ssoenv.cli import screen, waiting
from ssoenv.cli.options import session_named

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ssoenv.admin.assignments import Named, Plan
    from ssoenv.admin.center import Center


Json = Annotated[bool, typer.Option("--json", help="For scripts.")]
WORTH_SAYING = 40
"""Calls, two seconds' worth, from which on it is said how many there will be."""


@dataclass(frozen=True, slots=True)
class Options:
    """Which Identity Center, and by which credentials."""

    profile: Annotated[
        str | None,
        typer.Option("--profile", "-p", help="A profile of your AWS config; else as every tool."),
    ] = None
    region: Annotated[
        str | None,
        typer.Option("--region", help="That of the Identity Center; else of the session here."),
    ] = None
    session: Annotated[
        str | None,
        typer.Option(
            "--session",
            "-s",
            help="The session whose region it is: its name, its start URL, or a part of one.",
            callback=session_named,
        ),
    ] = None
    instance: Annotated[
        str | None, typer.Option("--instance", help="Its ARN, or a part; needed with several.")
    ] = None


@dataclass(frozen=True, slots=True)
class Which:
    """Which assignments: any of what is given of each kind."""

    user: Annotated[
        list[str] | None, typer.Option("--user", "-u", help="This user: a name or an id.")
    ] = None
    group: Annotated[
        list[str] | None, typer.Option("--group", "-g", help="This group: a name or an id.")
    ] = None
    permission_set: Annotated[
        list[str] | None,
        typer.Option(
            "--permission-set", "-r", help="This permission set: a name, an id or an ARN."
        ),
    ] = None
    account: Annotated[
        list[str] | None, typer.Option("--account", "-a", help="This account: a name or an id.")
    ] = None
    unit: Annotated[
        list[str] | None,
        typer.Option(
            "--ou", metavar="PATH|ID", help="The accounts of this organizational unit and below."
        ),
    ] = None

    def named(self) -> Named:
        """Return them as they are named."""
        from ssoenv.admin.assignments import Named

        given = (self.user, self.group, self.permission_set, self.account, self.unit)
        return Named(*(tuple(one or ()) for one in given))


def calls(options: Options) -> Any:
    """Return the services for administrators. Raises what having credentials raises."""
    from ssoenv.admin import opening

    return opening.administration(
        os.environ, region=options.region, session=options.session, profile=options.profile
    )


def open_center(options: Options) -> Center:
    """Return the Identity Center that is meant."""
    from ssoenv.admin import opening

    center = opening.center(calls(options), options.instance)
    center.announce, center.tell = partial(announce, center, ""), partial(_tell, center)
    return center


def say_if_nothing(center: Center, found: Sequence[Any], otherwise: str) -> None:
    """Say what it means that nothing is found. Raises the refusal of what is unread."""
    center.require_all()
    if not found:
        screen.say(otherwise)


def announce(center: Center, way: str, count: int) -> None:
    """Say how many calls come next, and how long they take, where that is worth saying."""
    if count >= WORTH_SAYING:
        rate = center.calls.rate
        seconds = clock.render_duration(round(count / rate))
        screen.say(f"{way}at least {count:,} calls, {seconds} at {rate:.0f} a second")


def announce_plan(center: Center, plan: Plan) -> None:
    """Say by which way assignments are read, and how many calls that takes."""
    announce(center, f"read {plan.way}: ", plan.calls)


def _tell(center: Center, done: int, total: int) -> None:
    """Draw how far it is, on a line that is wiped at the end."""
    if total >= WORTH_SAYING:
        text = waiting.counting("calls", done, total, center.calls.rate)
        screen.moving(text if done < total else "")
