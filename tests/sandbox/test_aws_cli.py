"""The AWS CLI v2 as Debian has it (2.9), by way of AWS_DATA_PATH: nobody here wrote it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from ssoenv.sandbox import browser
from ssoenv.sandbox.server import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.sandbox.caller import Caller

AWS = "/usr/bin/aws"
PROFILE = """
[profile dev]
sso_session = acme
sso_account_id = 111111111111
sso_role_name = ReadOnly
region = us-east-1
"""


class Cli:
    """The AWS CLI in a HOME of its own."""

    def __init__(self, path: Path, sandbox: Sandbox) -> None:
        assert os.path.exists(AWS), "these tests need the AWS CLI v2: apt-get install awscli"
        self.home = path
        sandbox.write_home(str(path))
        with (path / ".aws/config").open("a") as config:
            config.write(PROFILE)
        self.env = {
            "HOME": str(path),
            "PATH": "/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "AWS_PAGER": "",
            "AWS_PROFILE": "dev",
            "PYTHONUNBUFFERED": "1",
        } | sandbox.environment(str(path / "sandbox"))

    @contextlib.contextmanager
    def start(self, *words: str) -> Iterator[subprocess.Popen[str]]:
        """Run it beside the test; it is gone afterwards in any case."""
        with subprocess.Popen(
            [AWS, *words],
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def run(self, *words: str) -> tuple[int, str]:
        """Run it; return its exit code and all that it said."""
        with self.start(*words) as process:
            output, errors = process.communicate(timeout=60)
        return process.returncode, output + errors

    def tokens(self) -> list[dict[str, str]]:
        """The tokens in its cache."""
        files = (self.home / ".aws/sso/cache").glob("*.json")
        return [one for one in map(json.loads, map(read, files)) if "accessToken" in one]


def read(path: Path) -> str:
    return path.read_text()


def check_signed_in(cli: Cli, sandbox: Sandbox, user: str) -> None:
    code, said = cli.run("sts", "get-caller-identity", "--output", "json")
    assert code == 0, said
    assert json.loads(said)["Account"] == "111111111111"
    assert re.search(rf"assumed-role/AWSReservedSSO_ReadOnly_[0-9a-f]{{16}}/{user}$",
                     json.loads(said)["Arn"])  # fmt: skip
    (token,) = cli.tokens()
    assert token["refreshToken"].startswith("sandbox-refresh-")

    sandbox.clear_requests()
    assert cli.run("sso", "logout")[0] == 0
    assert [(call["operation"], call["status"]) for call in sandbox.requests()] == [("Logout", 200)]
    assert cli.tokens() == []
    code, said = cli.run("sts", "get-caller-identity")
    assert code == 255
    assert "aws sso login" in said or "Token for acme does not exist" in said


@pytest.fixture
def cli(tmp_path: Path, caller: Caller) -> Cli:
    """The AWS CLI at a sandbox that approves everything."""
    return Cli(tmp_path, caller.sandbox)


def lines(process: subprocess.Popen[str]) -> Iterator[str]:
    assert process.stdout
    for line in process.stdout:
        yield line.strip()


def test_an_administrator_grants_and_revokes(cli: Cli, caller: Caller) -> None:
    """Each step of an administrator by the AWS CLI, each of the developer by their token."""
    caller.sandbox.write_administrators(str(cli.home))
    token = caller.sign_in()["accessToken"]

    def administrate(service: str, *words: str, query: str) -> str:
        known = ("--profile", "administrator", "--output", "text", "--query", query)
        code, said = cli.run(service, *words, *known)
        assert code == 0, said
        return said.strip()

    instance = administrate("sso-admin", "list-instances", query="Instances[0].InstanceArn")
    words = ("create-permission-set", "--instance-arn", instance, "--name", "Deployer")
    more = ("--session-duration", "PT2H")
    arn = administrate("sso-admin", *words, *more, query="PermissionSet.PermissionSetArn")
    store = ("--identity-store-id", "d-0000000000")
    alice = administrate("identitystore", "list-users", *store, query="Users[0].UserId")
    account = administrate("organizations", "list-accounts", query="Accounts[?Name=='dev'].Id")
    assert account == "111111111111"
    target = ("--target-id", account, "--target-type", "AWS_ACCOUNT", "--permission-set-arn", arn)
    principal = ("--principal-type", "USER", "--principal-id", alice)
    place = ("--instance-arn", instance, *target, *principal)
    status = "AccountAssignmentCreationStatus.Status"
    created = administrate("sso-admin", "create-account-assignment", *place, query=status)
    assert created == "IN_PROGRESS"
    assert (
        "Deployer"
        in caller.call("sso", "ListAccountRoles", accessToken=token, accountId=account).text
    )
    caller.keys(token, account, "Deployer")
    status = "AccountAssignmentDeletionStatus.Status"
    administrate("sso-admin", "delete-account-assignment", *place, query=status)
    refused = caller.call(
        "sso", "GetRoleCredentials", accessToken=token, accountId=account, roleName="Deployer"
    )
    assert refused.error == "ForbiddenException"


def test_sign_in_and_out_where_nobody_is_asked(cli: Cli, caller: Caller) -> None:
    code, said = cli.run("sso", "login", "--no-browser")
    assert (code, "Successfully logged into Start URL" in said) == (0, True), said
    check_signed_in(cli, caller.sandbox, "alice")


@pytest.mark.parametrize("approved", [True, False])
def test_sign_in_on_the_printed_page(tmp_path: Path, asked: Caller, *, approved: bool) -> None:
    cli = Cli(tmp_path, asked.sandbox)
    with cli.start("sso", "login", "--no-browser") as process:
        address = next(line for line in lines(process) if "user_code=" in line)
        path = address.removeprefix(asked.sandbox.url)

        page = asked.page(path)
        answer = "approve" if approved else "deny"
        assert asked.post("/consent", answer=answer, user="bob", **page.hidden).status == 200
        output, errors = process.communicate(timeout=60)

    if approved:
        assert process.returncode == 0, output + errors
        check_signed_in(cli, asked.sandbox, "bob")
    else:
        assert process.returncode != 0
        assert "AccessDeniedException" in errors
    statuses = {c["status"] for c in asked.sandbox.requests() if c["operation"] == "CreateToken"}
    assert statuses <= {200, 400}


def wait_for(sandbox: Sandbox, operation: str) -> None:
    """Wait until the sandbox has served a call."""
    deadline = time.monotonic() + 20
    while not any(call["operation"] == operation for call in sandbox.requests()):
        assert time.monotonic() < deadline, f"nobody called {operation}"
        time.sleep(0.05)


def test_the_browser_opens_the_page_in_its_place(tmp_path: Path, asked: Caller) -> None:
    """BROWSER is what `webbrowser` in the AWS CLI can read, and does not hold it up."""
    cli = Cli(tmp_path, asked.sandbox)
    with Sandbox() as other:
        cli.env["BROWSER"] = other.environment(str(tmp_path / "other"))["BROWSER"]
    with cli.start("sso", "login") as process:
        wait_for(asked.sandbox, "DevicePage")
        for device in asked.sandbox.state.devices.values():
            alice = asked.sandbox.state.directory.user_named("alice")
            assert alice
            device.user, device.status = alice.id, "approved"
        output, errors = process.communicate(timeout=60)
    assert process.returncode == 0, output + errors


def test_the_browser_follows_the_redirect_home(tmp_path: Path, pkce: Caller) -> None:
    """... to the port that the program listens on, which here is the sandbox's own."""
    env = os.environ | pkce.sandbox.environment(str(tmp_path / "a folder"))
    path = pkce.authorize_path(redirect_uri=f"{pkce.sandbox.url}/oauth/callback")
    program = "import sys, webbrowser; assert webbrowser.open(sys.argv[1])"

    subprocess.run(
        [sys.executable, "-c", program, pkce.sandbox.url + path], env=env, check=True, timeout=20
    )

    wait_for(pkce.sandbox, "GET /oauth/callback")
    served = [(call["operation"], call["status"]) for call in pkce.sandbox.requests()]
    assert served[1:] == [("Authorize", 302), ("GET /oauth/callback", 404)]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ([], 2),
        (["https://example.com/"], 2),
        (["http://127.0.0.1.example.com/"], 2),
        (["file:///etc/passwd"], 2),
        (["http://[::1"], 2),
        (["http://127.0.0.1:1/"], 1),
    ],
)
def test_the_browser_goes_nowhere_else(words: list[str], code: int) -> None:
    assert browser.main(words) == code
