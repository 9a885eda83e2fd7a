"""The whole circle: an administrator grants, a developer uses, and has it no longer once revoked.

Twice: each administrative step by ``ssoenv admin``, and each by the AWS CLI v2.
"""

from __future__ import annotations

import json
import re
import subprocess
from typing import TYPE_CHECKING, Protocol

import pytest

from tests.sign_in.people import AWS

if TYPE_CHECKING:
    from ssoenv.sandbox.server import Sandbox
    from tests.conftest import Home

ACCOUNT, SET, GROUP, USER = "111111111111", "Deployer", "ops", "dora"
ADMINISTRATOR = {"AWS_PROFILE": "administrator"}


class Administrator(Protocol):
    """Whoever makes somebody new, with a role, and takes it back."""

    def __init__(self, home: Home) -> None: ...
    def hire(self) -> None: ...
    def grant(self) -> None: ...
    def revoke(self) -> None: ...


class BySsoenv:
    """By ``ssoenv admin``."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def _do(self, *words: str) -> None:
        done = self._home.ssoenv("admin", *words, AWS_PROFILE="administrator")
        assert done.returncode == 0, done

    def hire(self) -> None:
        self._do("define", SET, "--duration", "2h", "--policy", "ReadOnlyAccess")
        self._do("add-user", USER, "--given", "Dora", "--family", "Moss")
        self._do("add-group", GROUP)
        self._do("join", GROUP, USER)

    def grant(self) -> None:
        self._do("assign", "-g", GROUP, "-r", SET, "-a", ACCOUNT)

    def revoke(self) -> None:
        self._do("unassign", "-g", GROUP, "-r", SET, "-a", ACCOUNT, "--yes")


class ByAwsCli:
    """By the AWS CLI v2, step by step."""

    def __init__(self, home: Home) -> None:
        self._env = home.env | ADMINISTRATOR | {"PATH": "/usr/bin:/bin"}
        self._instance = self._ask("sso-admin", "list-instances", query="Instances[0].InstanceArn")
        self._set = self._group = ""

    def _ask(self, service: str, *words: str, query: str) -> str:
        line = [AWS, service, *words, "--output", "text", "--query", query]
        done = subprocess.run(line, env=self._env, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done
        return done.stdout.strip()

    def hire(self) -> None:
        there = ("--instance-arn", self._instance)
        words: tuple[str, ...] = (
            "create-permission-set",
            *there,
            "--name",
            SET,
            "--session-duration",
            "PT2H",
        )
        self._set = self._ask("sso-admin", *words, query="PermissionSet.PermissionSetArn")
        arn = ("--managed-policy-arn", "arn:aws:iam::aws:policy/ReadOnlyAccess")
        words = ("attach-managed-policy-to-permission-set", *there, *arn)
        self._ask("sso-admin", *words, "--permission-set-arn", self._set, query="@")
        store = ("--identity-store-id", "d-0000000000")
        named = ("--display-name", "Dora Moss", "--name", "GivenName=Dora,FamilyName=Moss")
        words = ("create-user", *store, "--user-name", USER, *named)
        user = self._ask("identitystore", *words, query="UserId")
        words = ("create-group", *store, "--display-name", GROUP)
        self._group = self._ask("identitystore", *words, query="GroupId")
        words = ("create-group-membership", *store, "--group-id", self._group)
        self._ask("identitystore", *words, "--member-id", f"UserId={user}", query="MembershipId")

    def _place(self) -> tuple[str, ...]:
        who = ("--principal-type", "GROUP", "--principal-id", self._group)
        where = ("--target-type", "AWS_ACCOUNT", "--target-id", ACCOUNT)
        return ("--instance-arn", self._instance, "--permission-set-arn", self._set, *who, *where)

    def grant(self) -> None:
        words = ("create-account-assignment", *self._place())
        self._ask("sso-admin", *words, query="AccountAssignmentCreationStatus.RequestId")

    def revoke(self) -> None:
        words = ("delete-account-assignment", *self._place())
        self._ask("sso-admin", *words, query="AccountAssignmentDeletionStatus.RequestId")


@pytest.mark.parametrize("by", [BySsoenv, ByAwsCli])
def test_granted_used_and_revoked(home: Home, sandbox: Sandbox, by: type[Administrator]) -> None:
    sandbox.write_administrators(str(home.path))
    administrator = by(home)
    administrator.hire()
    sandbox.set_approve("auto", USER)
    assert home.ssoenv("login").returncode == 0

    def roles() -> str:
        return home.ssoenv("roles", "--refresh").stdout

    assert SET not in roles()
    administrator.grant()
    assert SET in roles()
    project = home.path / "web"
    project.mkdir()
    bound = home.ssoenv("bind", "-a", "dev", "-r", "Deploy", cwd=project)
    assert bound.returncode == 0, bound
    who = json.loads(home.ssoenv("whoami", "--json", cwd=project).stdout)
    assert who["Account"] == ACCOUNT
    assert f"AWSReservedSSO_{SET}_" in who["Arn"]
    assert who["Arn"].endswith(f"/{USER}")
    # Sessions of two hours, as the permission set has it.
    assert re.search(r"(1 h 5\d min|2 h) left", home.ssoenv("status", cwd=project).stdout)

    administrator.revoke()
    assert SET not in roles()
    # What was had lasts until it ends; nothing new comes.
    assert home.ssoenv("exec", "--", "true", cwd=project).returncode == 0
    assert home.ssoenv("logout").returncode == 0
    assert home.ssoenv("login").returncode == 0
    refused = home.ssoenv("exec", "--", "true", cwd=project)
    assert (refused.returncode, refused.stdout) == (6, "")
