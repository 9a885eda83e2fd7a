"""``ssoenv export``: credentials on stdout, in the form that a shell or a tool reads."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from ssoenv.base import clock
from ssoenv.base.errors import UsageError
from ssoenv.cli.wanted import ProfileOption, SessionOption, TargetArgument, find
from ssoenv.shells import exports, rendering

if TYPE_CHECKING:
    from ssoenv.base.models import Credentials
    from ssoenv.cli.wanted import Wanted

FORMATS = ("env", "fish", "json", "process", "dotenv", "powershell")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("export")(export)


def export(
    target: TargetArgument = None,
    form: Annotated[
        str, typer.Option("--format", "-f", metavar="|".join(FORMATS), help="How to write them.")
    ] = "env",
    profile: ProfileOption = None,
    session: SessionOption = None,
) -> None:
    """Print credentials of the role of this directory, or of ACCOUNT/ROLE."""
    if form not in FORMATS:
        raise UsageError(
            f"no format {form!r}; there is: {', '.join(FORMATS)}", hint="ssoenv export --format env"
        )
    wanted = find(target, profile, session, os.environ)
    credentials = wanted.obtain("ssoenv export", os.environ)
    if form == "process":
        sys.stdout.write(rendering.process_document(credentials))
    else:
        sys.stdout.write(exports.render(form, variables(wanted, credentials)) or "")


def variables(wanted: Wanted, credentials: Credentials) -> dict[str, str]:
    """Return the environment that `credentials` make, with the region where one is set."""
    values = {
        "AWS_ACCESS_KEY_ID": credentials.access_key_id,
        "AWS_SECRET_ACCESS_KEY": credentials.secret_access_key,
        "AWS_SESSION_TOKEN": credentials.session_token,
        "AWS_CREDENTIAL_EXPIRATION": clock.render_timestamp(credentials.expiration),
    }
    if wanted.region:
        values |= {"AWS_REGION": wanted.region, "AWS_DEFAULT_REGION": wanted.region}
    return values
