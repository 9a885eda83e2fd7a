"""boto3's own SSOProvider, which nobody here wrote, signs in with a token and keeps it fresh."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.caller import START_URL, Caller

if TYPE_CHECKING:
    from pathlib import Path

PROFILES = f"""
[profile dev]
sso_session = acme
sso_account_id = 111111111111
sso_role_name = Developer
region = us-east-1

[profile billing]
sso_session = acme
sso_account_id = 111111111111
sso_role_name = Billing
region = us-east-1

[profile legacy]
sso_start_url = {START_URL}
sso_region = us-east-1
sso_account_id = 333333333333
sso_role_name = ReadOnly
region = us-east-1
"""
PROGRAM = """
import sys, boto3
session = boto3.Session(profile_name=sys.argv[1])
print(session.client("sts").get_caller_identity()["Arn"])
"""


class Home:
    """A HOME with a token cache in it, and programs that run there."""

    def __init__(self, path: Path, caller: Caller) -> None:
        self.path = path
        self.caller = caller
        caller.sandbox.write_home(str(path))
        with (path / ".aws/config").open("a") as config:
            config.write(PROFILES)

    def hold(self, key: str, tokens: dict[str, Any], left: int) -> Path:
        """Put tokens into the cache as the AWS CLI does, with `left` seconds on them."""
        now = time.time()

        def moment(seconds: float) -> str:
            return datetime.fromtimestamp(now + seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

        content = {
            "startUrl": START_URL,
            "region": "us-east-1",
            "accessToken": tokens["accessToken"],
            "expiresAt": moment(left),
            **self.caller.client,
            "registrationExpiresAt": moment(86400),
        }
        if "refreshToken" in tokens:
            content["refreshToken"] = tokens["refreshToken"]
        path = self.path / ".aws/sso/cache" / f"{hashlib.sha1(key.encode()).hexdigest()}.json"  # noqa: S324 - a file name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content))
        return path

    def arn(self, profile: str) -> subprocess.CompletedProcess[str]:
        """Run a program that asks STS who it is."""
        sandbox = self.caller.sandbox
        env = {"HOME": str(self.path), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
        return subprocess.run(
            [sys.executable, "-c", PROGRAM, profile],
            env=env | sandbox.environment(str(self.path / "sandbox")),
            capture_output=True,
            text=True,
            timeout=60,
        )

    def calls(self) -> list[str]:
        """The operations served since the last question."""
        found = [call["operation"] for call in self.caller.sandbox.requests()]
        self.caller.sandbox.clear_requests()
        return found


@pytest.fixture
def home(tmp_path: Path, caller: Caller) -> Home:
    """A HOME of alice."""
    return Home(tmp_path, caller)


def test_a_token_of_a_session(home: Home) -> None:
    home.hold("acme", home.caller.sign_in(), 3000)
    home.calls()

    result = home.arn("dev")

    assert result.returncode == 0, result.stderr
    assert "assumed-role/AWSReservedSSO_Developer_" in result.stdout
    assert result.stdout.endswith("/alice\n")
    assert home.calls() == ["GetRoleCredentials", "GetCallerIdentity"]


def test_a_token_that_needs_a_refresh(home: Home) -> None:
    first = home.caller.sign_in()
    path = home.hold("acme", first, 600)
    home.calls()

    result = home.arn("dev")

    assert result.returncode == 0, result.stderr
    assert home.calls() == ["CreateToken", "GetRoleCredentials", "GetCallerIdentity"]
    kept = json.loads(path.read_text())
    assert kept["accessToken"] != first["accessToken"]
    assert kept["refreshToken"] != first["refreshToken"]


def test_a_token_of_a_profile_without_a_session(home: Home) -> None:
    home.hold(START_URL, home.caller.sign_in(), 3000)

    result = home.arn("legacy")

    assert result.returncode == 0, result.stderr
    assert ":333333333333:assumed-role/AWSReservedSSO_ReadOnly_" in result.stdout


def test_what_boto3_makes_of_our_errors(home: Home) -> None:
    tokens = home.caller.sign_in()
    home.hold("acme", tokens, 3000)
    assert "ForbiddenException" in home.arn("billing").stderr

    home.caller.call("sso", "Logout", accessToken=tokens["accessToken"])
    assert "UnauthorizedSSOTokenError" in home.arn("dev").stderr

    home.hold("acme", tokens, -5)
    assert "Token has expired and refresh failed" in home.arn("dev").stderr


def test_throttling_is_retried(home: Home) -> None:
    home.hold("acme", home.caller.sign_in(), 3000)
    home.caller.sandbox.fail("GetRoleCredentials", 429, 1)
    home.caller.sandbox.fail("GetCallerIdentity", 500, 1)
    home.calls()

    result = home.arn("dev")

    assert result.returncode == 0, result.stderr
    assert home.calls() == ["GetRoleCredentials"] * 2 + ["GetCallerIdentity"] * 2
