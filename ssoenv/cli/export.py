"""``ssoenv export``: credentials on stdout, in the form that a shell or a tool reads."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from ssoenv import target as targets
from ssoenv.base.errors import UsageError
from ssoenv.cli.options import ProfileOption, RegionOption, SessionOption, TargetArgument
from ssoenv.cli.terminal import Terminal
from ssoenv.shells import exports, rendering

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
    region: RegionOption = None,
) -> None:
    """Print credentials of the role of this directory, or of ACCOUNT/ROLE."""
    if form not in FORMATS:
        raise UsageError(
            f"no format {form!r}; there is: {', '.join(FORMATS)}", fix="ssoenv export --format env"
        ).about(form, FORMATS)
    wanted = targets.resolve(target, profile, session, os.environ).at(region)
    credentials = wanted.obtain("ssoenv export", os.environ, Terminal())
    if form == "process":
        sys.stdout.write(rendering.process_document(credentials))
    else:
        sys.stdout.write(exports.render(form, wanted.variables(credentials)) or "")
