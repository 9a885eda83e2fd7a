"""``ssoenv credential-process``: what the credential source has no answer for."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from ssoenv import here, settings
from ssoenv import target as targets
from ssoenv.base.errors import UsageError
from ssoenv.base.models import Role
from ssoenv.cli.terminal import Terminal
from ssoenv.credentials import terms
from ssoenv.credentials.fetching import obtain
from ssoenv.credentials.named import obtain_named
from ssoenv.shells import rendering

if TYPE_CHECKING:
    from ssoenv.base.models import Credentials


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("credential-process")(credential_process)


def credential_process(
    key: Annotated[
        str | None,
        typer.Argument(
            metavar="[KEY]", help="SESSION/ACCOUNT/ROLE; without one, what the directory gives."
        ),
    ] = None,
    protect: Annotated[
        bool, typer.Option("--protect", help="Ask before the first use in a shell.")
    ] = False,
    named: Annotated[
        bool,
        typer.Option("--named", help="A profile of your own names the role: in any directory."),
    ] = False,
) -> None:
    """Print credentials as the SDKs' credential_process protocol has them."""
    if key is None:
        given = targets.resolve(None, None, None, os.environ)
        credentials = given.obtain("a program", os.environ, Terminal(), typed=False)
    else:
        credentials = _of_key(key, protect=protect, named=named)
    sys.stdout.write(rendering.process_document(credentials))


def _of_key(key: str, *, protect: bool, named: bool) -> Credentials:
    """Return the credentials of the role with `key`, if the directory does not give another.

    A role that a profile has `named` is the choice of whoever named that profile: as with
    ``ssoenv exec ACCOUNT/ROLE``, it is the same in every directory.
    """
    try:
        wanted = Role.of_key(key)
    except ValueError:
        raise UsageError(f"{key!r} is not the key of a role", fix="ssoenv trust") from None
    if not named:
        here.require_given(wanted, os.environ)
    preferences = settings.load(os.environ)
    wish = terms.Wish(("a program",), protect=protect, typed=False)
    allowed = terms.terms(wanted, wish, os.environ, preferences, Terminal())
    return (obtain_named if named else obtain)(wanted, allowed)
