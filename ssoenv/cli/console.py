"""``ssoenv console``: the AWS console in the browser, as a role."""

from __future__ import annotations

import os
import sys
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from ssoenv import here, settings
from ssoenv import target as targets
from ssoenv.base import clock
from ssoenv.base.errors import UsageError
from ssoenv.cli import screen
from ssoenv.cli.options import ProfileOption, SessionOption, TargetArgument
from ssoenv.cli.terminal import Terminal
from ssoenv.identity_center import assignments
from ssoenv.setup import session as sessions

if TYPE_CHECKING:
    from collections.abc import Callable

    from ssoenv.console.visit import Visit, Wish
    from ssoenv.target import Target

_INSTEAD = "ssoenv console ACCOUNT/ROLE"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("console")(console)


def console(
    target: TargetArgument = None,
    profile: ProfileOption = None,
    session: SessionOption = None,
    pick: Annotated[bool, typer.Option("--pick", help="Pick the role from a list.")] = False,
    service: Annotated[
        str | None, typer.Option("--service", help="Open the page of a service, such as s3.")
    ] = None,
    destination: Annotated[
        str | None,
        typer.Option(
            "--destination",
            metavar="PATH|URL",
            help="Open a page of the console, such as /s3/home.",
        ),
    ] = None,
    region: Annotated[
        str | None, typer.Option("--region", help="The region; else that of the role.")
    ] = None,
    duration: Annotated[
        str | None,
        typer.Option("--duration", metavar="TIME", help="How long it lasts: 15m to 12h."),
    ] = None,
    browser: Annotated[
        str | None,
        typer.Option("--browser", metavar="COMMAND", help="Open it by this command."),
    ] = None,
    logout_first: Annotated[
        bool, typer.Option("--logout-first", help="First sign the browser out of the console.")
    ] = False,
    only_print: Annotated[
        bool, typer.Option("--print", help="Print the address, a secret; open nothing.")
    ] = False,
    link: Annotated[
        bool, typer.Option("--link", help="Print a link for others, without a secret.")
    ] = False,
) -> None:
    """Open the AWS console in the browser, as the role here, ACCOUNT/ROLE or one picked."""
    from ssoenv.console import visit

    prints = "--print" if only_print else "--link" if link else ""
    if prints and (browser or (only_print and link)):
        what = f"{prints} goes alone: it opens nothing"
        raise UsageError(what).without("--browser", "--print" if link else "")
    seconds = visit.seconds(duration) if duration is not None else 0
    wish = visit.Wish(service, destination, region, seconds, logout_first)
    choose = partial(_target, target, profile, session, pick=pick)
    if link:
        _link(choose(), wish)
    elif only_print:
        _print(_visit(choose(), wish))
    else:
        _open(choose, wish, browser)


def _open(choose: Callable[[], Target | None], wish: Wish, browser: str | None) -> None:
    """Open the console as the role that is chosen once there is a browser for it."""
    from ssoenv.console import opening

    command = opening.command(browser, settings.load(os.environ), os.environ)
    visit = _visit(choose(), wish)
    opening.in_browser(visit, command, os.environ, _tell_page)
    screen.say(f"the AWS console is open as {_what(visit)}", style="good")


def _link(target: Target | None, wish: Wish) -> None:
    from ssoenv.console import link

    sys.stdout.write(f"{link.address(target, wish, os.environ)}\n")
    screen.say("no secret is in it: whoever opens it signs in as themselves")


def _visit(target: Target | None, wish: Wish) -> Visit:
    """Return the visit as the role of `target`, else as that of the keys in the environment."""
    from ssoenv.console import visit

    if target is None:
        found = visit.of_environment(wish, os.environ, Terminal())
    else:
        found = visit.of_target(target, wish, os.environ, Terminal())
    for doubt in found.doubts:
        screen.say(doubt, style="warning")
    return found


def _target(
    named: str | None, profile: str | None, session: str | None, *, pick: bool
) -> Target | None:
    """Return the role that is named, picked, or given by the directory.

    None: outside of projects, another tool has put keys into the environment.
    """
    from ssoenv.console import keys

    if pick and (named or profile):
        raise UsageError("either --pick or a role, not both").without("target", "--profile")
    if not (pick or named or profile or session):
        if keys.are_there(os.environ):
            return None
        pick = screen.interactive() and keys.is_outside(os.environ)
    return _picked(session) if pick else targets.resolve(named, profile, session, os.environ)


def _picked(wanted: str | None) -> Target:
    """Return the role that the person picks in the session `wanted`, else that of the project."""
    from ssoenv.cli import choices

    if wanted is None:
        found = here.look(here.working_directory(os.environ), os.environ)
        wanted = found.binding.session if found.status == "trusted" and found.binding else None
    session = sessions.default(os.environ, wanted, screen)
    one = choices.picked(session, os.environ, "ssoenv console", instead=_INSTEAD)
    return targets.Target(assignments.as_role(session.label, one.account.id, one.role))


def _what(visit: Visit) -> str:
    """Return who one is, where, and for how long, for people."""
    lasts = f", for {clock.render_duration(visit.lasts)}" if visit.lasts else ""
    return f"{visit.role} in {visit.region}{lasts}"


def _print(visit: Visit) -> None:
    sys.stdout.write(f"{visit.url}\n")
    screen.say(f"this address signs in whoever opens it as {_what(visit)}", style="warning")
    screen.note("it works for 15 minutes")


def _tell_page(address: str) -> None:
    screen.say("waiting for your browser; if no page opens, open this one on this machine:")
    screen.note(address)
