"""``ssoenv credential-process``: what managed profiles run, for programs that no hook sees."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from ssoenv import rendering, settings
from ssoenv.cli import lazily
from ssoenv.credentials import obtain
from ssoenv.models import Role


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("credential-process")(credential_process)


def credential_process(
    session: Annotated[str, typer.Option(help="The sso-session.")],
    account: Annotated[str, typer.Option(help="The account's id or exact name.")],
    role: Annotated[list[str], typer.Option(help="The role; repeated: the first you hold.")],
    protect: Annotated[
        bool, typer.Option("--protect", help="Ask before the first use in a shell.")
    ] = False,
) -> None:
    """Print credentials as the SDKs' credential_process protocol has them."""
    wanted = Role(session, account, tuple(role))
    preferences = settings.load(os.environ)
    terms = lazily.terms(
        wanted, ("a program",), os.environ, preferences, typed=False, protect=protect
    )
    sys.stdout.write(rendering.process_document(obtain(wanted, terms)))
