"""``ssoenv whoami``: who the credentials of this directory are, by asking STS."""

from __future__ import annotations

import json
import os
import sys
from typing import Annotated

import typer

from ssoenv import target as targets
from ssoenv.aws_files import config as aws_config
from ssoenv.cli import screen
from ssoenv.cli.options import ProfileOption, RegionOption, SessionOption, TargetArgument
from ssoenv.cli.terminal import Terminal


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("whoami")(whoami)


def whoami(
    target: TargetArgument = None,
    profile: ProfileOption = None,
    session: SessionOption = None,
    region: RegionOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """Ask AWS (STS) whose credentials this directory has."""
    from ssoenv.identity_center.sts import caller_identity

    wanted = targets.resolve(target, profile, session, os.environ).at(region)
    credentials = wanted.obtain("ssoenv whoami", os.environ, Terminal())
    region = wanted.region or aws_config.find_session(os.environ, wanted.role.session).region
    identity = caller_identity(credentials, region, os.environ)
    if as_json:
        sys.stdout.write(json.dumps(identity, indent=2) + "\n")
    else:
        screen.out(identity["Arn"])
