"""The portal: everybody sees what they hold, page by page, and gets credentials for that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ssoenv.sandbox import world
from ssoenv.sandbox.server import Sandbox
from ssoenv.sandbox.world import Account, Assignment, Instance, User, World
from tests.sandbox.caller import CODE, DEVICE, REFRESH, Caller

if TYPE_CHECKING:
    from collections.abc import Iterator

DEV, PROD, SHARED = "111111111111", "333333333333", "444444444444"
OTHER = "https://d-1111111111.awsapps.com/start"


@pytest.fixture
def alice(caller: Caller) -> tuple[Caller, str]:
    """Somebody who is signed in as alice, and the access token."""
    return caller, caller.sign_in()["accessToken"]


def held(caller: Caller, token: str) -> dict[str, list[str]]:
    """Everything that the holder of `token` is shown: account name -> roles."""
    accounts = caller.call("sso", "ListAccounts", accessToken=token).body["accountList"]
    found = {}
    for account in accounts:
        answer = caller.call(
            "sso", "ListAccountRoles", accessToken=token, accountId=account["accountId"]
        )
        assert {row["accountId"] for row in answer.body["roleList"]} == {account["accountId"]}
        found[account["accountName"]] = [row["roleName"] for row in answer.body["roleList"]]
    return found


def test_alice_sees_what_is_hers(alice: tuple[Caller, str]) -> None:
    assert held(*alice) == {
        "dev": ["Developer", "ReadOnly"],
        "staging": ["Developer", "ReadOnly"],
        "prod": ["ReadOnly", "Administrator"],
        "sandbox": ["Developer"],
    }


def test_bob_sees_what_is_his(caller: Caller) -> None:
    caller.sandbox.set_approve("auto", "bob")
    token = caller.sign_in()["accessToken"]

    assert held(caller, token) == {"dev": ["ReadOnly"], "prod": ["ReadOnly"]}
    answer = caller.call(
        "sso", "GetRoleCredentials", accessToken=token, accountId=DEV, roleName="Developer"
    )
    assert (answer.status, answer.body["message"]) == (403, "No access")


def test_an_account_has_its_three_names(alice: tuple[Caller, str]) -> None:
    caller, token = alice
    accounts = caller.call("sso", "ListAccounts", accessToken=token).body["accountList"]
    assert accounts[0] == {
        "accountId": DEV,
        "accountName": "dev",
        "emailAddress": "dev@acme.example",
    }


def test_credentials_say_where_they_are_from(alice: tuple[Caller, str]) -> None:
    caller, token = alice
    keys = caller.keys(token, PROD, "Administrator")

    assert keys["accessKeyId"].startswith("ASIASANDBOX")
    assert len(keys["accessKeyId"]) == 20
    assert keys["accessKeyId"].isalnum()
    assert keys["secretAccessKey"].startswith("sandbox-key-")
    assert keys["sessionToken"].startswith("sandbox-session-token-")
    assert 3590 < keys["expiration"] / 1000 - caller.sandbox.state.now() <= 3600
    assert caller.keys(token, PROD, "Administrator")["accessKeyId"] != keys["accessKeyId"]


@pytest.mark.parametrize(
    ("operation", "fields", "status", "error"),
    [
        ("ListAccountRoles", {"accountId": SHARED}, 403, "ForbiddenException"),
        ("ListAccountRoles", {"accountId": "999999999999"}, 404, "ResourceNotFoundException"),
        ("ListAccountRoles", {}, 400, "InvalidRequestException"),
        ("ListAccounts", {"maxResults": 0}, 400, "InvalidRequestException"),
        ("ListAccounts", {"maxResults": 101}, 400, "InvalidRequestException"),
        ("ListAccounts", {"maxResults": "\u00b2"}, 400, "InvalidRequestException"),
        ("ListAccounts", {"nextToken": "elsewhere"}, 400, "InvalidRequestException"),
        ("ListAccounts", {"nextToken": "9" * 5000}, 400, "InvalidRequestException"),
        ("GetRoleCredentials", {"accountId": DEV}, 400, "InvalidRequestException"),
        ("GetRoleCredentials", {"roleName": "Developer"}, 400, "InvalidRequestException"),
        (
            "GetRoleCredentials",
            {"accountId": DEV, "roleName": "Billing"},
            403,
            "ForbiddenException",
        ),
        (
            "GetRoleCredentials",
            {"accountId": SHARED, "roleName": "Developer"},
            403,
            "ForbiddenException",
        ),
        (
            "GetRoleCredentials",
            {"accountId": "999999999999", "roleName": "Developer"},
            404,
            "ResourceNotFoundException",
        ),
    ],
)
def test_what_is_refused(
    alice: tuple[Caller, str], operation: str, fields: dict[str, Any], status: int, error: str
) -> None:
    caller, token = alice
    answer = caller.call("sso", operation, accessToken=token, **fields)
    assert (answer.status, answer.error) == (status, error)


@pytest.mark.parametrize(
    ("operation", "fields"),
    [
        ("ListAccounts", {}),
        ("ListAccountRoles", {"accountId": DEV}),
        ("GetRoleCredentials", {"accountId": DEV, "roleName": "ReadOnly"}),
        ("Logout", {}),
    ],
)
def test_a_token_that_is_not_good(
    alice: tuple[Caller, str], operation: str, fields: dict[str, str]
) -> None:
    caller, token = alice
    caller.sandbox.advance(3601)
    for bad in (token, "sandbox-access-unknown", ""):
        answer = caller.call("sso", operation, accessToken=bad, **fields)
        assert (answer.status, answer.error) == (401, "UnauthorizedException")
        assert answer.body["message"] == "Session token not found or invalid"


def test_the_token_has_its_own_header(alice: tuple[Caller, str]) -> None:
    caller, token = alice
    for name, status in (
        ("x-amz-sso_bearer_token", 200),
        ("X-Amz-SSO_Bearer_Token", 200),
        ("x-amz-sso-bearer-token", 401),
        ("Authorization", 401),
    ):
        assert caller.send("GET", "/assignment/accounts", None, {name: token}).status == status


def test_logout_ends_every_token_of_the_sign_in(caller: Caller) -> None:
    other = caller.sign_in()
    first = caller.sign_in()
    second = caller.token(REFRESH, refreshToken=first["refreshToken"]).body

    assert caller.call("sso", "Logout", accessToken=second["accessToken"]).text == ""

    for token in (first, second):
        assert caller.call("sso", "ListAccounts", accessToken=token["accessToken"]).status == 401
        answer = caller.token(REFRESH, refreshToken=token["refreshToken"])
        assert answer.error == "InvalidGrantException"
    assert caller.call("sso", "ListAccounts", accessToken=other["accessToken"]).status == 200


def pages(
    caller: Caller, operation: str, key: str, **fields: Any
) -> Iterator[list[dict[str, str]]]:
    """Every page of a list."""
    answer = caller.call("sso", operation, **fields).body
    yield answer[key]
    while "nextToken" in answer:
        answer = caller.call("sso", operation, nextToken=answer["nextToken"], **fields).body
        yield answer[key]


def test_what_is_taken_back_between_two_pages_hides_nothing() -> None:
    with Sandbox(world=world.synthetic(5, 1)) as sandbox:
        caller, directory = Caller(sandbox), sandbox.state.directory
        token, found = caller.sign_in()["accessToken"], []
        for page in pages(caller, "ListAccounts", "accountList", accessToken=token, maxResults=2):
            found += [one["accountName"] for one in page]
            for place in [one for one in directory.assigned if one[0] == page[0]["accountId"]]:
                for principal in list(directory.assigned[place]):
                    directory.unassign(place, principal)
    assert found == [f"team-{n:04}" for n in range(5)]


def chained(found: list[list[dict[str, str]]]) -> list[dict[str, str]]:
    """All pages as one."""
    return [row for page in found for row in page]


def test_250_accounts_come_in_pages() -> None:
    with Sandbox(world=world.synthetic(250, 150)) as sandbox:
        caller = Caller(sandbox)
        token = caller.sign_in()["accessToken"]

        accounts = list(pages(caller, "ListAccounts", "accountList", accessToken=token))
        small = list(pages(caller, "ListAccounts", "accountList", accessToken=token, maxResults=99))
        roles = list(
            pages(
                caller,
                "ListAccountRoles",
                "roleList",
                accessToken=token,
                accountId=accounts[2][-1]["accountId"],
            )
        )

    assert [len(page) for page in accounts] == [100, 100, 50]
    assert [len(page) for page in small] == [99, 99, 52]
    assert chained(accounts) == chained(small)
    assert len({row["accountId"] for row in chained(accounts)}) == 250
    assert [len(page) for page in roles] == [100, 50]
    assert len({row["roleName"] for row in chained(roles)}) == 150


TWO = World(
    (Instance("acme", world.built_in().instances[0].start_url, "us-east-1"),
     Instance("other", OTHER, "eu-west-1")),
    (User("alice", ("developers",)), User("carol")),
    (Account("dev", DEV, "dev@acme.example", "acme"),
     Account("lab", "777777777777", "lab@other.example", "other")),
    ("Developer", "ReadOnly"),
    (Assignment("dev", "Developer", group="developers"),
     Assignment("dev", "Developer", user="alice"),
     Assignment("lab", "ReadOnly", user="alice"),
     Assignment("lab", "ReadOnly", user="developers")),
)  # fmt: skip


def test_groups_and_instances() -> None:
    """Roles come through groups too, once each; a token sees its own instance only."""
    with Sandbox(world=TWO) as sandbox:
        caller = Caller(sandbox)
        acme = caller.sign_in()["accessToken"]
        code = caller.start_device(startUrl=OTHER).body["deviceCode"]
        other = caller.token(DEVICE, deviceCode=code).body["accessToken"]
        caller.register(CODE, issuerUrl=OTHER)
        by_code = caller.exchange(caller.code()).body["accessToken"]
        sandbox.set_approve("auto", "carol")
        nothing = caller.sign_in()["accessToken"]

        assert held(caller, acme) == {"dev": ["Developer"]}
        assert held(caller, other) == held(caller, by_code) == {"lab": ["ReadOnly"]}
        assert held(caller, nothing) == {}
        answer = caller.call(
            "sso", "GetRoleCredentials", accessToken=other, accountId=DEV, roleName="Developer"
        )
        assert answer.status == 403
