"""``ssoenv login``: sign in now, because the person said so."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from ssoenv.base import clock, dialects
from ssoenv.base.errors import UsageError
from ssoenv.cli import screen
from ssoenv.cli.options import SessionArgument
from ssoenv.setup import session as sessions

if TYPE_CHECKING:
    from ssoenv.base.models import Session, Token
    from ssoenv.sign_in.tokens import Method


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("login")(login)


def login(
    session: SessionArgument = None,
    device_code: Annotated[
        bool, typer.Option("--device-code", help="Sign in with a code, on any device.")
    ] = False,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Print the address; open nothing.")
    ] = False,
    port: Annotated[
        int,
        typer.Option(
            "--port",
            metavar="N",
            min=0,
            max=65535,
            show_default=False,
            help="Where the page comes back to, on 127.0.0.1; else a free port.",
        ),
    ] = 0,
    force: Annotated[
        bool, typer.Option("--force", help="Sign in anew even if the token is good.")
    ] = False,
) -> None:
    """Sign in to a session, unless its token is good or can be refreshed."""
    from ssoenv import sign_in
    from ssoenv.cli.terminal import Terminal

    method = _method(device_code=device_code, page=no_browser or bool(port))
    chosen = _chosen(session, port)
    already = not force and sessions.is_signed_in(chosen, os.environ)
    token = sign_in.require_token(
        chosen,
        env=os.environ,
        consent=sign_in.explicit_consent(chosen),
        reporter=Terminal(tells_end=False, port=port),
        force=force,
        way=sign_in.Way(method, not no_browser, port),
    )
    _tell(chosen, token, already=already)


def _method(*, device_code: bool, page: bool) -> Method:
    """Return the way to sign in that the options mean; `page`: one of them is about a page."""
    if device_code and page:
        what = "--device-code opens no page, and needs neither --no-browser nor --port"
        raise UsageError(what).without("--no-browser", "--port")
    if device_code:
        return "device"
    return "browser" if page else "auto"


def _chosen(wanted: str | None, port: int) -> Session:
    """Return the session to sign in to.

    Raises UsageError for a `port` where the sign-in is by a code, as the AWS CLI has it.
    """
    session = sessions.of_here(os.environ, wanted, screen, by="ssoenv login")
    if port and session.name is None:
        raise UsageError(
            f"{session.label} has no [sso-session]: its sign-in is by a code, and needs no port",
            fix=f"ssoenv login {dialects.word(session.label)}",
        )
    return session


def _tell(session: Session, token: Token, *, already: bool) -> None:
    now = clock.now()
    left = clock.render_duration(token.expires_at - now)
    renews = ", renewed by itself" if token.refreshable(now) else ""
    what = "you are signed in to" if already else "signed in to"
    anew = "; to sign in anew: --force" if already else ""
    screen.say(f"{what} {session.label}; the token lasts {left}{renews}{anew}", style="good")
