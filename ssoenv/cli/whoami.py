"""``ssoenv whoami``: who the credentials of this directory are, by asking STS."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from ssoenv import target as targets
from ssoenv.aws_files import config as aws_config
from ssoenv.cli import screen
from ssoenv.cli.options import ProfileOption, RegionOption, SessionOption, TargetArgument
from ssoenv.cli.terminal import Terminal
from ssoenv.console import keys

if TYPE_CHECKING:
    from ssoenv.target import Target


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
    """Ask AWS (STS) whose credentials this directory has, or else this environment."""
    if not (target or profile or session) and keys.are_there(os.environ):
        identity = keys.identity(os.environ, region)
    else:
        identity = _identity(targets.resolve(target, profile, session, os.environ).at(region))
    if as_json:
        sys.stdout.write(json.dumps(identity, indent=2) + "\n")
    else:
        screen.out(identity["Arn"])


def _identity(wanted: Target) -> dict[str, str]:
    """Return what STS says of the role that is `wanted`; keys that it rejects are replaced once."""
    from ssoenv.identity_center import sts

    env, person, name = os.environ, Terminal(), "ssoenv whoami"
    region = wanted.region or aws_config.find_session(env, wanted.role.session).region
    credentials = wanted.obtain(name, env, person)
    try:
        return sts.caller_identity(credentials, region, env)
    except sts.KeysRejected as refusal:
        screen.say(f"{refusal.message}; asking for others", style="warning")
    return sts.caller_identity(wanted.obtain_others(credentials, name, env, person), region, env)
