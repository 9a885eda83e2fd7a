"""``ssoenv login``: sign in now, because the person said so."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from ssoenv import here
from ssoenv.base import clock
from ssoenv.base.errors import UsageError
from ssoenv.cli import screen
from ssoenv.cli.options import SessionArgument

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
    force: Annotated[
        bool, typer.Option("--force", help="Sign in anew even if the token is good.")
    ] = False,
) -> None:
    """Sign in to a session, unless its token is good or can be refreshed."""
    from ssoenv import sign_in
    from ssoenv.cli.terminal import Terminal

    method = _method(device_code=device_code, no_browser=no_browser)
    chosen = here.session(session, os.environ, by="ssoenv login")
    token = sign_in.require_token(
        chosen,
        env=os.environ,
        consent=sign_in.explicit_consent(chosen),
        reporter=Terminal(tells_end=False),
        force=force,
        method=method,
        open_browser=not no_browser,
    )
    _tell(chosen, token)


def _method(*, device_code: bool, no_browser: bool) -> Method:
    """Return the way to sign in that the options mean."""
    if device_code and no_browser:
        raise UsageError("--device-code opens no browser anyway", fix="ssoenv login --device-code")
    if device_code:
        return "device"
    return "browser" if no_browser else "auto"


def _tell(session: Session, token: Token) -> None:
    now = clock.now()
    left = clock.render_duration(token.expires_at - now)
    renews = ", renewed by itself" if token.refreshable(now) else ""
    screen.say(f"signed in to {session.label}; the token lasts {left}{renews}", style="good")
