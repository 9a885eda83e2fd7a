"""The administrators' side of the account access manager, asked by boto3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from ssoenv.sandbox.server import Sandbox
from ssoenv.sandbox.world import Entitlement, Group, User, World, built_in
from tests.sandbox.administrators import Administrator

if TYPE_CHECKING:
    from collections.abc import Iterator

DEPLOY = "arn:aws:iam::333333333333:role/Deploy"
AUDIT = "arn:aws:iam::555555555555:role/team/Audit"


@pytest.fixture
def admin() -> Iterator[Administrator]:
    given = built_in()
    world = World(
        given.instances,
        (User("alice", ("web",)), User("bob")),
        given.accounts,
        given.permission_sets,
        given.assignments,
        given.roles,
        (Entitlement("security", "Audit", group="web"),),
        (Group("web"),),
    )
    with Sandbox(world=world) as running:
        yield Administrator.named(running)


def application(admin: Administrator) -> dict[str, str]:
    (one,) = admin.access.list_applications()["applications"]
    assert one["tenantId"] == "aa-0000000000"
    return {"applicationArn": one["applicationArn"]}


def role(admin: Administrator, arn: str, **principal: str) -> dict[str, Any]:
    ((kind, name),) = principal.items()
    who = {"identityCenter": {f"{kind}Id": getattr(admin, kind)(name)}}
    return {"principalRole": {"principal": who, "roleArn": arn}}


def listed(admin: Administrator, **wanted: Any) -> list[str]:
    found = admin.access.list_entitlements(**application(admin), filter={"principalRole": wanted})
    return [one["entitlement"]["principalRole"]["roleArn"] for one in found["entitlements"]]


def test_made_found_and_gone(admin: Administrator) -> None:
    here = application(admin)
    told = admin.access.get_application(**here)
    assert (told["status"], told["tenantId"]) == ("ACTIVE", "aa-0000000000")
    wanted = role(admin, DEPLOY, user="bob")
    one = admin.access.create_entitlement(**here, entitlement=wanted)["entitlementId"]
    again = admin.access.create_entitlement(**here, entitlement=wanted)["entitlementId"]
    assert one == again
    bob = wanted["principalRole"]["principal"]
    assert listed(admin, principal=bob) == listed(admin, roleArn=DEPLOY) == [DEPLOY]
    assert listed(admin, account="333333333333") == [DEPLOY]
    assert listed(admin, account="555555555555") == [AUDIT]
    found = admin.access.get_entitlement(**here, entitlementId=one)
    assert found["entitlement"]["principalRole"]["accountName"] == "prod"
    admin.access.delete_entitlement(**here, entitlementId=one)
    assert listed(admin, principal=bob) == []
    with pytest.raises(ClientError, match="ResourceNotFound"):
        admin.access.delete_entitlement(**here, entitlementId=one)


@pytest.mark.parametrize(
    ("arn", "principal", "error"),
    [
        ("arn:aws:iam::999999999999:role/X", None, "ResourceNotFound"),
        ("nonsense", None, "Validation"),
        (DEPLOY, {"identityCenter": {}}, "Validation"),
        (
            DEPLOY,
            {"identityCenter": {"userId": "0" * 8 + "-0000" * 3 + "-" + "0" * 12}},
            "NotFound",
        ),
    ],
)
def test_what_is_refused(admin: Administrator, arn: str, principal: Any, error: str) -> None:
    wanted = role(admin, arn, user="bob")
    if principal is not None:
        wanted["principalRole"]["principal"] = principal
    with pytest.raises(ClientError, match=error):
        admin.access.create_entitlement(**application(admin), entitlement=wanted)


def test_no_list_without_a_filter_and_no_other_application(admin: Administrator) -> None:
    with pytest.raises(ClientError, match="Validation"):
        admin.access.list_entitlements(**application(admin), filter={"principalRole": {}})
    other = {"applicationArn": application(admin)["applicationArn"] + "x"}
    with pytest.raises(ClientError, match="ResourceNotFound"):
        admin.access.get_application(**other)
    arn = admin.instance["InstanceArn"]
    with pytest.raises(ClientError, match="AlreadyCreated"):
        admin.access.create_application(identitySource={"identityCenter": {"instanceArn": arn}})
    with pytest.raises(ClientError, match="NotImplemented"):
        admin.access.delete_application(**application(admin))
