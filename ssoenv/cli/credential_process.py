"""``ssoenv credential-process``: what managed profiles run, for programs that no hook sees."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from ssoenv import here, settings
from ssoenv.base import paths
from ssoenv.base.errors import UsageError
from ssoenv.base.models import Role
from ssoenv.cli.terminal import Terminal
from ssoenv.credentials import terms
from ssoenv.credentials.fetching import obtain
from ssoenv.shells import rendering


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("credential-process")(credential_process)


def credential_process(
    key: Annotated[
        str,
        typer.Argument(
            metavar="KEY", help="The role, as the name of its managed profile has it after ssoenv/."
        ),
    ],
    protect: Annotated[
        bool, typer.Option("--protect", help="Ask before the first use in a shell.")
    ] = False,
) -> None:
    """Print credentials as the SDKs' credential_process protocol has them."""
    try:
        wanted = Role(*paths.parse_role_key(key))
    except ValueError:
        raise UsageError(f"{key!r} is not the key of a role", fix="ssoenv trust") from None
    here.require_given(wanted, os.environ)
    preferences = settings.load(os.environ)
    wish = terms.Wish(("a program",), protect=protect, typed=False)
    allowed = terms.terms(wanted, wish, os.environ, preferences, Terminal())
    sys.stdout.write(rendering.process_document(obtain(wanted, allowed)))
