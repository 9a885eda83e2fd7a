"""What ssoenv asks a service for: each call, with the command that a person types for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.sign_in.people import Person

if TYPE_CHECKING:
    from collections.abc import Callable

    from ssoenv.sandbox.server import Sandbox
    from tests.conftest import Home

ROLE = "acme/111111111111/Developer"
TARGET = "111111111111/Developer"
CHAINED = """\
session = "acme"
[profiles.ship]
account = "111111111111"
role = "Developer"
assume_role = "arn:aws:iam::333333333333:role/Deploy"
region = "eu-west-1"
"""


@dataclass(frozen=True)
class Step:
    """A call of the service (`operation`), in the middle of a command (`words`).

    `prepare` makes what the command begins with; `changes`: the call makes something, so that one
    whose answer is lost may have been served.
    """

    operation: str
    words: tuple[str, ...]
    prepare: Callable[[Home, Sandbox], None]
    changes: bool = False
    where: str = ""


def nobody(_: Home, __: Sandbox) -> None:
    """Begin with nobody signed in."""


def signed_in(home: Home, sandbox: Sandbox) -> None:
    """Begin with a token that holds."""
    Person(home, sandbox).hold(3600)


def due(home: Home, sandbox: Sandbox) -> None:
    """Begin with a token that has to be refreshed."""
    Person(home, sandbox).hold(-10)


def chained(home: Home, sandbox: Sandbox) -> None:
    """Begin in a project whose role assumes a second one."""
    signed_in(home, sandbox)
    directory = home.project("web", CHAINED)
    assert home.ssoenv("trust", "--yes", cwd=directory).returncode == 0


def listed(home: Home, sandbox: Sandbox) -> None:
    """Begin with credentials that are cached."""
    signed_in(home, sandbox)
    assert home.ssoenv("credential-process", ROLE).returncode == 0


SIGNING_IN = {
    "register": Step("RegisterClient", ("login", "acme"), nobody),
    "exchange": Step("CreateToken", ("login", "acme"), nobody),
    "device code": Step("StartDeviceAuthorization", ("login", "--device-code", "acme"), nobody),
    "poll": Step("CreateToken", ("login", "--device-code", "acme"), nobody),
    "refresh": Step("CreateToken", ("credential-process", ROLE), due),
    "sign out": Step("Logout", ("logout", "acme"), signed_in, changes=True),
}
USING = {
    "accounts": Step("ListAccounts", ("roles", "--session", "acme"), signed_in),
    "roles": Step("ListAccountRoles", ("roles", "--session", "acme"), signed_in),
    "credentials": Step("GetRoleCredentials", ("credential-process", ROLE), signed_in),
    "assume": Step("AssumeRole", ("export", "--format", "json"), chained, where="web"),
    "identity": Step("GetCallerIdentity", ("whoami", TARGET), listed),
    "console": Step("GetSigninToken", ("console", TARGET, "--print"), listed),
}


def office(_: Home, __: Sandbox) -> None:
    """Begin as an administrator, with keys."""


CAROL = ("--user", "carol", "-r", "Billing", "-a", "dev")
LOOKING = {
    "instances": Step("ListInstances", ("admin", "instances"), office),
    "permission sets": Step("ListPermissionSets", ("admin", "permission-sets"), office),
    "one set": Step("DescribePermissionSet", ("admin", "permission-sets"), office),
    "assignments": Step(
        "ListAccountAssignments", ("admin", "assignments", "--by", "account", "--csv"), office
    ),
    "users": Step("ListUsers", ("admin", "users"), office),
    "groups": Step("ListGroups", ("admin", "groups"), office),
    "organization": Step("ListAccounts", ("admin", "assignments", "--csv"), office),
    "entitlements": Step("ListEntitlements", ("admin", "entitlements"), office),
}
CHANGING = {
    "assign": Step("CreateAccountAssignment", ("admin", "assign", *CAROL), office, changes=True),
    "how it goes": Step(
        "DescribeAccountAssignmentCreationStatus", ("admin", "assign", *CAROL), office
    ),
    "define": Step(
        "CreatePermissionSet",
        ("admin", "define", "Nightly", "--description", "x"),
        office,
        changes=True,
    ),
    "add a user": Step(
        "CreateUser",
        ("admin", "add-user", "erin", "--given", "Erin", "--family", "Ash"),
        office,
        changes=True,
    ),
    "join": Step("CreateGroupMembership", ("admin", "join", "web", "carol"), office, changes=True),
}
