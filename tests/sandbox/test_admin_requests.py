"""Whatever an administrator sends gets an answer of AWS, and leaves a directory that is sound."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import botocore.session
import pytest

from ssoenv.sandbox.admin.serve import HANDLERS
from ssoenv.sandbox.app import TARGETS
from ssoenv.sandbox.paging import KEPT, Paging
from tests.sandbox.administrators import Administrator

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.model import ServiceModel

    from tests.sandbox.caller import Caller

OPERATIONS = [
    (service, name)
    for service, known in HANDLERS.items()
    if service in TARGETS.values()
    for name in known
]
"""Those of JSON 1.1; account-access is REST, and has tests of its own (test_entitlements)."""
DEEP = b"[" * 700 + b"]" * 700
ODD: tuple[object, ...] = (
    None,
    "x",
    5,
    True,
    [],
    [None],
    {},
    {"A": None},
    "\ud800",
    "\x1b[31m",
    "\uff11" * 12,
    "9" * 5000,
)


@pytest.fixture
def admin(caller: Caller) -> Administrator:
    """A user of IAM in the management account."""
    return Administrator.named(caller.sandbox)


@cache
def described(service: str) -> ServiceModel:
    return botocore.session.get_session().get_service_model(service)


def members(service: str, operation: str) -> Any:
    """The members of an operation's request, by the model of botocore."""
    shape: Any = described(service).operation_model(operation).input_shape
    return shape.members if shape else {}


def sensible(admin: Administrator) -> dict[str, Any]:
    """What members of that name may hold, so that a request gets beyond what it requires."""
    alice = {"MemberId": {"UserId": admin.user("alice")}, "UserId": admin.user("alice")}
    group = admin.store.create_group(**admin.identity_store, DisplayName="web")["GroupId"]
    place = {"TargetId": "111111111111", "TargetType": "AWS_ACCOUNT", "AccountId": "111111111111"}
    principal = {"PrincipalType": "USER", "PrincipalId": admin.user("alice")}
    known = {"PermissionSetArn": admin.set("Billing"), "ResourceArn": admin.set("Billing")}
    named = {"GroupId": group, "GroupIds": [group], "DisplayName": "d", "UserName": "u"}
    name = {"Name": {"GivenName": "a", "FamilyName": "b"}}
    change = {"Operations": [{"AttributePath": "displayName", "AttributeValue": "new"}]}
    one = admin.instance | admin.identity_store
    return one | alice | place | principal | known | named | name | change


def all_lists_work(admin: Administrator) -> None:
    store = admin.identity_store
    assert all(one["UserName"] for one in admin.store.list_users(**store)["Users"])
    assert all(one["DisplayName"] for one in admin.store.list_groups(**store)["Groups"])
    for arn in admin.sso.list_permission_sets(**admin.instance)["PermissionSets"]:
        wanted = admin.instance | {"PermissionSetArn": arn}
        assert admin.sso.describe_permission_set(**wanted)["PermissionSet"]["Name"]
    assert admin.organization.list_accounts()["Accounts"]


def test_no_request_makes_it_stumble(admin: Administrator) -> None:
    """Each member of each request in turn is odd, or null within."""
    known, stumbled, asked = sensible(admin), [], 0
    for service, operation in OPERATIONS:
        if operation.startswith("Delete"):
            continue
        shape = members(service, operation)
        base = {name: known[name] for name in shape if name in known}
        if operation == "CreatePermissionSet":
            base["Name"] = "N"
        for name in shape:
            for odd in ODD:
                status, answer = admin.send(service, operation, base | {name: odd})
                asked += 1
                if status not in (200, 400):
                    stumbled.append((operation, name, odd, status, answer))
    assert asked > 1000
    assert not stumbled
    all_lists_work(admin)


def test_null_is_as_if_left_out(admin: Administrator) -> None:
    known, differs = sensible(admin), []
    for service, operation in OPERATIONS:
        if not operation.startswith(("List", "Describe", "Get", "Is")):
            continue
        shape = members(service, operation)
        base = {name: known[name] for name in shape if name in known}
        nulls = dict.fromkeys(shape.keys() - base.keys())
        first, second = (admin.send(service, operation, base | one) for one in ({}, nulls))
        if first != second:
            differs.append((operation, first, second))
    assert not differs
    # Deeper down, too.
    nothing = {"AlternateIdentifier": {"ExternalId": None, "UniqueAttribute": {
        "AttributePath": "UserName", "AttributeValue": "bob"}}}  # fmt: skip
    found = admin.send("identitystore", "GetUserId", admin.identity_store | nothing)
    assert found[1]["UserId"] == admin.user("bob")


@pytest.mark.parametrize(
    "body",
    [b"[1]", b"\xff\xfe", b'{"MaxResults":' + b"9" * 5000 + b"}", b"[" * 100_000, b'"x"',
     b'{"InstanceArn": ' + DEEP + b"}"],
)  # fmt: skip
def test_bodies_that_are_none(admin: Administrator, body: bytes) -> None:
    status, answer = admin.send("sso-admin", "ListPermissionSets", body)
    assert (status, answer["__type"]) == (400, "SerializationException")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("userName", None),
        ("userName", "a\x1b[31m"),
        ("userName", {"a": "b"}),
        ("displayName", None),
        ("name", None),
        ("name", "x"),
        ("name.givenName", {"a": 1}),
        ("name.nobody", "x"),
        ("emails", "x"),
        ("emails", [{"Value": "x", "Odd": "y"}]),
        ("emails", []),
        ("title", "x" * 1025),
    ],
)
def test_no_change_leaves_somebody_odd(admin: Administrator, path: str, value: object) -> None:
    store, alice = admin.identity_store, {"UserId": admin.user("alice")}
    before = admin.send("identitystore", "DescribeUser", store | alice)
    change = {"AttributePath": path} | ({} if value is None else {"AttributeValue": value})
    request = store | alice | {"Operations": [change]}
    status, answer = admin.send("identitystore", "UpdateUser", request)
    assert (status, answer["__type"]) == (400, "ValidationException")
    assert admin.send("identitystore", "DescribeUser", store | alice) == before
    by_address = {"UniqueAttribute": {"AttributePath": "Emails.Value", "AttributeValue": "q"}}
    asked = store | {"AlternateIdentifier": by_address}
    assert admin.send("identitystore", "GetUserId", asked)[0] == 400


@pytest.mark.parametrize(
    "name", [None, "", "a b", "a\nb", "\u200bx", "\x00", "\U0010ffff", 7, "x" * 129]
)
def test_no_name_that_is_none(admin: Administrator, name: object) -> None:
    body = {"UserName": name, "DisplayName": "d", "Name": {"GivenName": "a", "FamilyName": "b"}}
    status, answer = admin.send("identitystore", "CreateUser", admin.identity_store | body)
    assert (status, answer["__type"]) == (400, "ValidationException")


def test_names_of_all_scripts(admin: Administrator) -> None:
    for name in (
        "Zahlungsverkehr Köln",
        "決済基盤\u3000本番",
        "платежи",
        "cafe\u0301 🚀",
        "a]^-\\b",
    ):
        made = admin.store.create_group(**admin.identity_store, DisplayName=name)["GroupId"]
        assert admin.group(name) == made


@pytest.mark.parametrize("other", ["d-9999999999", None])
def test_another_identity_store_has_nobody(admin: Administrator, other: str | None) -> None:
    known = sensible(admin) | {"MembershipId": "0" * 47, "AlternateIdentifier": {}}
    for operation in HANDLERS["identitystore"]:
        shape = members("identitystore", operation)
        body = {name: known[name] for name in shape if name in known} | {"IdentityStoreId": other}
        if operation in ("GetUserId", "GetGroupId"):
            path = "UserName" if operation == "GetUserId" else "DisplayName"
            body["AlternateIdentifier"] = {
                "UniqueAttribute": {"AttributePath": path, "AttributeValue": "alice"}
            }
        if "MembershipId" in body:
            body["MembershipId"] = "00000000-0000-0000-0000-000000000000"
        status, answer = admin.send("identitystore", operation, body)
        wanted = "ResourceNotFoundException" if other else "ValidationException"
        assert (operation, status, answer["__type"]) == (operation, 400, wanted), json.dumps(answer)
    assert [one["UserName"] for one in admin.store.list_users(**admin.identity_store)["Users"]] == [
        "alice", "bob",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("off", "words"),
    [
        (-310, "Signature expired: "),
        (310, "Signature not yet current: "),
        (-290, ""),
        (290, ""),
        (-86400 * 365, "Signature expired: "),
    ],
)
@pytest.mark.parametrize("turned", [0, 3600])
def test_signatures_are_of_now(admin: Administrator, off: int, words: str, turned: int) -> None:
    """By the real time, wherever the sandbox's clock stands."""
    admin.sandbox.advance(turned)
    moment = datetime.now(UTC) + timedelta(seconds=off)
    status, answer = admin.send("sso-admin", "ListInstances", {}, f"{moment:%Y%m%dT%H%M%SZ}")
    assert status == (400 if words else 200)
    if words:
        assert answer["__type"] == "InvalidSignatureException"
        assert answer["Message"].startswith(words)


def test_a_moment_that_is_none(admin: Administrator) -> None:
    for moment in ("20260101", "20261399T000000Z"):
        status, answer = admin.send("sso-admin", "ListInstances", {}, moment)
        assert (status, answer["__type"]) == (400, "InvalidSignatureException")


def all_of(
    admin: Administrator, operation: str, key: str, meanwhile: Callable[[list[Any]], None]
) -> list[Any]:
    """All rows of a list, two at a time, with something done after each page."""
    found: list[Any] = []
    more: dict[str, str] = {}
    while True:
        request = admin.identity_store | {"MaxResults": 2} | more
        status, answer = admin.send("identitystore", operation, request)
        assert status == 200, answer
        found += answer[key]
        if "NextToken" not in answer:
            return found
        more = {"NextToken": answer["NextToken"]}
        again = admin.send("identitystore", operation, request)[1]
        assert again[key] == answer[key]
        meanwhile(answer[key])


def test_what_goes_between_two_pages_hides_nobody(admin: Administrator) -> None:
    store = admin.identity_store
    names = [f"group {n}" for n in range(9)]
    for name in names:
        admin.store.create_group(**store, DisplayName=name)

    def delete(rows: list[Any]) -> None:
        for row in rows:
            admin.store.delete_group(**store, GroupId=row["GroupId"])
        change = [{"AttributePath": "description", "AttributeValue": "changed"}]
        admin.store.update_group(**store, GroupId=admin.group("group 8"), Operations=change)

    found = all_of(admin, "ListGroups", "Groups", delete)
    assert [one["DisplayName"] for one in found] == names
    found = all_of(admin, "ListUsers", "Users", lambda _: None)
    assert [one["UserName"] for one in found] == ["alice", "bob"]


@pytest.mark.parametrize(
    "token", ["2", "x", "9" * 5000, "ListUsers:" + "9" * 5000, "ListUsers:\u00b2"]
)
def test_tokens_that_nobody_gave(admin: Administrator, token: str) -> None:
    encoded = base64.urlsafe_b64encode(token.encode()).decode()
    for service, operation, given in (
        ("identitystore", "ListUsers", admin.identity_store),
        ("sso-admin", "ListPermissionSets", admin.instance),
        ("organizations", "ListAccounts", {}),
    ):
        for one in (token, encoded):
            status, answer = admin.send(service, operation, given | {"NextToken": one})
            wanted = ("ValidationException", "InvalidInputException")
            assert (status, answer["__type"]) == (400, wanted[service == "organizations"])


def test_only_so_many_tokens_are_kept() -> None:
    paging = Paging()
    first = paging.page("list", range(3), 1, None)[1]
    for _ in range(KEPT):
        token = paging.page("list", range(3), 1, None)[1]
    assert paging.page("list", range(3), 1, token)[0] == [1]
    with pytest.raises(LookupError):
        paging.page("list", range(3), 1, first)
    with pytest.raises(LookupError):
        paging.page("another list", range(3), 1, token)
