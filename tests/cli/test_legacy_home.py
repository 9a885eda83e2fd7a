"""Every command in a HOME whose AWS config has only profiles that carry their own start URL."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from ssoenv.cli.manual import COMMANDS
from tools.completions.commands import commands

if TYPE_CHECKING:
    from ssoenv.sandbox.server import Sandbox
    from tests.conftest import Home

URL = "https://d-0000000000.awsapps.com/start"
CONFIG = f"""\
[default]
region = us-east-1

[profile dev.Developer]
sso_start_url = {URL}
sso_region = us-east-1
sso_account_id = 111111111111
sso_role_name = Developer

[profile prod.ReadOnly]
sso_start_url = {URL}#/
sso_region = us-east-1
sso_account_id = 333333333333
sso_role_name = ReadOnly
"""
LINES = (
    (0, "setup --yes"),
    (0, "login"),
    (0, "login dev.Developer"),
    (0, "roles"),
    (0, f"roles --json --session {URL}#/"),
    (0, "whoami dev/Developer"),
    (0, "export 111111111111/Developer --format process"),
    (0, "exec dev/Developer --session prod.ReadOnly -- true"),
    (0, "use dev/Developer --answer"),
    (0, "bind -a dev -r Developer -n dev"),
    (0, "bind -a prod -r ReadOnly -n prod --agent"),
    (0, "check"),
    (0, "trust"),
    (0, "trust --show"),
    (0, "status"),
    (0, "use prod --save"),
    (0, "use --none --save"),
    (0, "ensure {new} dev 1 aws"),
    (0, "credential-process"),
    (0, "export"),
    (0, "exec -- true"),
    (0, "whoami"),
    (0, "prompt"),
    (0, "console --print"),
    (0, "schema project"),
    (0, "configure --dry-run"),
    (0, "agents"),
    (0, "agents setup claude"),
    (1, "doctor --offline"),
    (0, "hook bash"),
    (0, "help login"),
    (0, "untrust"),
    (0, "logout"),
    (0, "setup --undo --yes"),
)
APART = {"admin", "demo", "sandbox"}
"""Commands that are of no HOME, or that are for administrators and their own keys."""


@pytest.fixture
def legacy(home: Home, sandbox: Sandbox) -> Home:
    """Somebody whose config aws-sso-util wrote."""
    (home.path / ".aws/config").write_text(CONFIG)
    (home.path / "new").mkdir()
    return home


def test_every_command(legacy: Home, sandbox: Sandbox) -> None:
    new = legacy.path / "new"
    ends = {}
    for code, line in LINES:
        words = [word.replace("{new}", str(new)) for word in line.split()]
        done = legacy.ssoenv(*words, cwd=new, SHELL="/bin/bash")
        if done.returncode != code or "Traceback" in done.stderr:
            ends[line] = (done.returncode, done.stderr)

    assert ends == {}
    assert f'session = "{URL}"' in (new / ".ssoenv.toml").read_text()
    started = [one for one in sandbox.requests() if one["operation"] == "StartDeviceAuthorization"]
    assert len(started) == 1


def test_every_command_is_there() -> None:
    typed = {line.split()[0] for _, line in LINES}
    assert {one.path.split()[0] for one in commands()} | set(COMMANDS) == (
        typed - {"ensure"}
    ) | APART


def test_aws_profile_says_which_of_several(legacy: Home, sandbox: Sandbox) -> None:
    config = legacy.path / ".aws/config"
    other = (
        "[profile other]\nsso_start_url = https://other.awsapps.com/start\nsso_region = eu-west-1\n"
    )
    config.write_text(CONFIG + other)
    assert legacy.ssoenv("login").returncode == 2

    assert legacy.ssoenv("login", AWS_PROFILE="prod.ReadOnly").returncode == 0
    told = json.loads(legacy.ssoenv("status", "--json", AWS_PROFILE="other").stdout)["session"]
    assert told["name"] == "https://other.awsapps.com/start"
    assert told["chosen_by"] == "AWS_PROFILE=other"
    listed = legacy.ssoenv("roles", AWS_PROFILE="dev.Developer")
    assert "Developer" in listed.stdout
    role = legacy.ssoenv("use", "dev/Developer", "--answer", AWS_PROFILE="dev.Developer")
    assert role.stdout.startswith("@https%3A%2F%2Fd"), role
