"""``ssoenv logout``: end a session at the service and remove what it left on this machine."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from ssoenv.aws_files import config as aws_config
from ssoenv.base.errors import InvalidConfiguration, UsageError
from ssoenv.cli import screen
from ssoenv.cli.options import SessionArgument
from ssoenv.setup import session as sessions


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("logout")(logout)


def logout(
    session: SessionArgument = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Every session, whichever tool signed in to it.")
    ] = False,
) -> None:
    """Sign out: the token ends, cached credentials go, shells drop their keys."""
    from ssoenv import sign_in

    env = os.environ
    if everything:
        if session:
            raise UsageError("--all goes without a SESSION", fix="ssoenv logout --all")
        sign_in.sign_out_everywhere(env)
        screen.say("signed out of every session", style="good")
        return
    if session is None and not aws_config.known(env):
        raise InvalidConfiguration("no session here to sign out of", fix="ssoenv logout --all")
    chosen = sessions.of_here(env, session, screen, by="ssoenv logout")
    known = sign_in.sign_out(chosen, env)
    screen.say(f"signed out of {chosen.label}" if known else f"{chosen.label} was not signed in")
