"""The administrators' half: what they change is what the portal hands out, by real boto3."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from ssoenv.sandbox.server import Sandbox
from ssoenv.sandbox.world import Account, Assignment, Group, Instance, User, World
from tests.sandbox.administrators import Administrator
from tests.sandbox.caller import CODE, DEVICE, REFRESH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.sandbox.caller import Caller

DEV, PROD, SECURITY, MANAGEMENT = "111111111111", "333333333333", "555555555555", "888888888888"


@pytest.fixture
def admin(caller: Caller) -> Administrator:
    """A user of IAM in the management account."""
    return Administrator.named(caller.sandbox)


@pytest.fixture
def delegated(caller: Caller) -> Administrator:
    """A user of IAM in the account that Identity Center is delegated to."""
    return Administrator.named(caller.sandbox, "delegated-administrator")


def refusal(call: Callable[..., Any], **arguments: Any) -> tuple[str, str]:
    """The name and the words of the error of a call."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def held(caller: Caller, token: str) -> dict[str, list[str]]:
    """What somebody is shown by the portal: roles by account."""
    accounts = caller.call("sso", "ListAccounts", accessToken=token).body["accountList"]
    return {
        one["accountName"]: [
            role["roleName"]
            for role in caller.call(
                "sso", "ListAccountRoles", accessToken=token, accountId=one["accountId"]
            ).body["roleList"]
        ]
        for one in accounts
    }


def test_the_circle(caller: Caller, admin: Administrator) -> None:
    """A permission set is made, assigned, used by somebody who is signed in, and taken back."""
    token = caller.sign_in()["accessToken"]
    before = held(caller, token)
    made = admin.sso.create_permission_set(
        **admin.instance, Name="Deployer", SessionDuration="PT2H", Description="ships"
    )["PermissionSet"]
    assert made["SessionDuration"] == "PT2H"
    assert held(caller, token) == before
    assigned = admin.assignment(DEV, "Deployer", user="alice")
    started = admin.sso.create_account_assignment(**assigned)["AccountAssignmentCreationStatus"]
    assert started["Status"] == "IN_PROGRESS"
    assert held(caller, token) == before | {"dev": [*before["dev"], "Deployer"]}
    done = admin.sso.describe_account_assignment_creation_status(
        **admin.instance, AccountAssignmentCreationRequestId=started["RequestId"]
    )["AccountAssignmentCreationStatus"]
    assert (done["Status"], done["TargetId"], done["PrincipalType"]) == ("SUCCEEDED", DEV, "USER")
    keys = caller.keys(token, DEV, "Deployer")
    assert keys["expiration"] / 1000 == pytest.approx(caller.sandbox.state.now() + 7200, abs=10)

    started = admin.sso.delete_account_assignment(**assigned)["AccountAssignmentDeletionStatus"]
    assert started["Status"] == "IN_PROGRESS"
    assert held(caller, token) == before
    refused = caller.call(
        "sso", "GetRoleCredentials", accessToken=token, accountId=DEV, roleName="Deployer"
    )
    assert (refused.status, refused.error) == (403, "ForbiddenException")
    wanted = {"PermissionSetArn": made["PermissionSetArn"]}
    admin.sso.delete_permission_set(**admin.instance, **wanted)
    assert refusal(admin.sso.describe_permission_set, **admin.instance, **wanted)[0] == (
        "ResourceNotFoundException"
    )


def test_by_a_group(caller: Caller, admin: Administrator) -> None:
    token = caller.sign_in()["accessToken"]
    before = held(caller, token)
    store = admin.identity_store
    group = admin.store.create_group(**store, DisplayName="on call")["GroupId"]
    admin.sso.create_account_assignment(**admin.assignment(SECURITY, "ReadOnly", group="on call"))
    assert held(caller, token) == before
    member = {"GroupId": group, "MemberId": {"UserId": admin.user("alice")}}
    membership = admin.store.create_group_membership(**store, **member)["MembershipId"]
    assert held(caller, token) == before | {"security": ["ReadOnly"]}

    asked = admin.instance | {"PrincipalType": "USER", "PrincipalId": admin.user("alice")}
    rows = admin.sso.list_account_assignments_for_principal(**asked)["AccountAssignments"]
    assert len(rows) == 8
    assert [one["PrincipalId"] for one in rows if one["PrincipalType"] == "GROUP"] == [group]
    only = admin.sso.list_account_assignments_for_principal(**asked, Filter={"AccountId": DEV})
    assert {one["AccountId"] for one in only["AccountAssignments"]} == {DEV}

    admin.store.delete_group_membership(**store, MembershipId=membership)
    assert held(caller, token) == before
    # The group goes, and what it held is nobody's, but is still there.
    admin.store.delete_group(**store, GroupId=group)
    place = {"AccountId": SECURITY, "PermissionSetArn": admin.set("ReadOnly")}
    left = admin.sso.list_account_assignments(**admin.instance, **place)["AccountAssignments"]
    assert [one["PrincipalId"] for one in left] == [group]
    assert refusal(admin.store.describe_group, **store, GroupId=group) == (
        "ResourceNotFoundException",
        "GROUP not found.",
    )


def test_somebody_new_signs_in(caller: Caller, admin: Administrator) -> None:
    store = admin.identity_store
    carol = {"UserName": "carol", "DisplayName": "Carol C"}
    name = {"GivenName": "Carol", "FamilyName": "C"}
    new = admin.store.create_user(**store, **carol, Name=name)["UserId"]
    assert refusal(admin.store.create_user, **store, **carol, Name=name)[0] == "ConflictException"
    admin.sso.create_account_assignment(**admin.assignment(DEV, "ReadOnly", user="carol"))
    caller.sandbox.set_approve("auto", "carol")
    token = caller.sign_in()["accessToken"]
    assert held(caller, token) == {"dev": ["ReadOnly"]}
    change = {"AttributePath": "title", "AttributeValue": "Engineer"}
    admin.store.update_user(**store, UserId=new, Operations=[change])
    assert admin.store.describe_user(**store, UserId=new)["Title"] == "Engineer"
    admin.store.delete_user(**store, UserId=new)
    assert caller.call("sso", "ListAccounts", accessToken=token).status == 401


def test_who_is_deleted_is_gone_whoever_takes_the_name(
    caller: Caller, admin: Administrator
) -> None:
    store, identity = admin.store, {"GivenName": "A", "FamilyName": "B"}
    tokens = caller.sign_in()
    device, first = caller.start_device().body["deviceCode"], caller.client
    caller.register(CODE, REFRESH)
    code = caller.code()
    store.delete_user(**admin.identity_store, UserId=admin.user("alice"))
    for named_anew in (False, True):
        if named_anew:
            alice = {"UserName": "alice", "DisplayName": "Another", "Name": identity}
            store.create_user(**admin.identity_store, **alice)
        asked = caller.call("sso", "ListAccounts", accessToken=tokens["accessToken"])
        assert (asked.status, asked.error) == (401, "UnauthorizedException")
    assert caller.exchange(code).error == "InvalidGrantException"
    caller.client = first
    refused = caller.token(REFRESH, refreshToken=tokens["refreshToken"])
    assert refused.error == "InvalidGrantException"
    assert caller.token(DEVICE, deviceCode=device).error == "InvalidGrantException"
    # The other alice signs in, and holds nothing of hers.
    assert held(caller, caller.sign_in()["accessToken"]) == {}
    state = caller.sandbox.state
    assert state.entitled(state.new_sign_in(admin.user("alice"))) == []


@pytest.mark.parametrize("approve", ["auto", "ask"])
def test_who_is_deleted_cannot_sign_in(caller: Caller, admin: Administrator, approve: str) -> None:
    caller.sandbox.set_approve(approve)
    caller.register(CODE, REFRESH)
    page = caller.authorize()
    user = admin.user("alice")
    admin.store.delete_user(**admin.identity_store, UserId=user)
    if approve == "ask":
        answer = caller.post("/consent", answer="approve", user="alice", **page.hidden)
        assert (answer.status, "Nobody is called that" in answer.text) == (400, True)
        return
    assert caller.authorize().fields["error"] == "access_denied"
    caller.register()
    code = caller.start_device().body["deviceCode"]
    assert caller.token(DEVICE, deviceCode=code).error == "AccessDeniedException"


def test_who_is_called_otherwise_stays_who_they_are(caller: Caller, admin: Administrator) -> None:
    token = caller.sign_in()["accessToken"]
    before = held(caller, token)
    change = [{"AttributePath": "userName", "AttributeValue": "alicia"}]
    admin.store.update_user(**admin.identity_store, UserId=admin.user("alice"), Operations=change)
    assert held(caller, token) == before
    keys = caller.keys(token, DEV, "Developer")
    assert caller.sandbox.state.keys[keys["accessKeyId"]].user == "alicia"


def test_provisioning_takes_its_time(caller: Caller, admin: Administrator) -> None:
    sandbox = caller.sandbox
    token = caller.sign_in()["accessToken"]
    before = held(caller, token)
    sandbox.set_provisioning(60)
    assigned = admin.assignment(SECURITY, "ReadOnly", user="alice")
    admin.sso.create_account_assignment(**assigned)
    assert refusal(admin.sso.create_account_assignment, **assigned)[0] == "ConflictException"
    admin.sso.create_account_assignment(**assigned | {"TargetId": "444444444444"})
    listed = admin.sso.list_account_assignment_creation_status(
        **admin.instance, Filter={"Status": "IN_PROGRESS"}
    )["AccountAssignmentsCreationStatus"]
    assert len(listed) == 2
    assert held(caller, token) == before
    sandbox.advance(61)
    assert held(caller, token) == before | {"security": ["ReadOnly"], "shared": ["ReadOnly"]}
    # To assign once more changes nothing, and is no error.
    sandbox.set_provisioning(0)
    admin.sso.create_account_assignment(**assigned)
    assert held(caller, token) == before | {"security": ["ReadOnly"], "shared": ["ReadOnly"]}


def test_no_more_than_fifteen_at_once(caller: Caller, admin: Administrator) -> None:
    caller.sandbox.set_provisioning(60)
    assigned = admin.assignment(DEV, "Billing", user="alice")
    sets = [
        admin.sso.create_permission_set(**admin.instance, Name=f"Set{n}")["PermissionSet"]
        for n in range(16)
    ]
    wanted = [assigned | {"PermissionSetArn": one["PermissionSetArn"]} for one in sets]
    for one in wanted[:15]:
        admin.sso.create_account_assignment(**one)
    assert refusal(admin.sso.create_account_assignment, **wanted[15]) == (
        "ThrottlingException",
        "There are too many requests processing. Please try again later.",
    )
    caller.sandbox.advance(61)
    admin.sso.create_account_assignment(**wanted[15])


def test_roles_are_out_of_date_until_provisioned(caller: Caller, admin: Administrator) -> None:
    token = caller.sign_in()["accessToken"]
    wanted = admin.instance | {"PermissionSetArn": admin.set("Developer")}
    admin.sso.update_permission_set(**wanted, SessionDuration="PT4H")
    outdated = {"ProvisioningStatus": "LATEST_PERMISSION_SET_NOT_PROVISIONED"}
    find = admin.sso.list_accounts_for_provisioned_permission_set
    assert set(find(**wanted, **outdated)["AccountIds"]) == {DEV, "222222222222", "666666666666"}

    def seconds() -> float:
        ends = caller.keys(token, DEV, "Developer")["expiration"] / 1000
        return float(round((ends - caller.sandbox.state.now()) / 10) * 10)

    assert seconds() == 3600
    caller.sandbox.set_provisioning(60)
    provision = admin.sso.provision_permission_set
    started = provision(**wanted, TargetType="AWS_ACCOUNT", TargetId=DEV)
    assert started["PermissionSetProvisioningStatus"]["Status"] == "IN_PROGRESS"
    assert refusal(provision, **wanted, TargetType="ALL_PROVISIONED_ACCOUNTS")[0] == (
        "ConflictException"
    )
    others = [admin.set(name) for name in ("ReadOnly", "Administrator", "Billing")]
    everywhere = admin.instance | {"TargetType": "ALL_PROVISIONED_ACCOUNTS"}
    for arn in others[:2]:
        provision(**everywhere, PermissionSetArn=arn)
    assert refusal(provision, **everywhere, PermissionSetArn=others[2])[0] == "ThrottlingException"
    caller.sandbox.advance(61)
    assert set(find(**wanted, **outdated)["AccountIds"]) == {"222222222222", "666666666666"}
    assert seconds() == 14400
    account = admin.instance | {"AccountId": DEV}
    latest = {"ProvisioningStatus": "LATEST_PERMISSION_SET_PROVISIONED"}
    listed = admin.sso.list_permission_sets_provisioned_to_account(**account, **latest)
    assert set(listed["PermissionSets"]) == {wanted["PermissionSetArn"], others[0]}


def test_what_a_permission_set_is(admin: Administrator) -> None:
    wanted = admin.instance | {"PermissionSetArn": admin.set("Developer")}
    sso = admin.sso
    policy = "arn:aws:iam::aws:policy/AmazonS3FullAccess"
    assert [one["Name"] for one in sso.list_managed_policies_in_permission_set(**wanted)[
        "AttachedManagedPolicies"
    ]] == ["PowerUserAccess"]  # fmt: skip
    sso.attach_managed_policy_to_permission_set(**wanted, ManagedPolicyArn=policy)
    again = refusal(sso.attach_managed_policy_to_permission_set, **wanted, ManagedPolicyArn=policy)
    assert again[0] == "ConflictException"
    sso.detach_managed_policy_from_permission_set(**wanted, ManagedPolicyArn=policy)

    own = {"CustomerManagedPolicyReference": {"Name": "ours", "Path": "/team/"}}
    sso.attach_customer_managed_policy_reference_to_permission_set(**wanted, **own)
    listed = sso.list_customer_managed_policy_references_in_permission_set(**wanted)
    assert listed["CustomerManagedPolicyReferences"] == [own["CustomerManagedPolicyReference"]]
    sso.detach_customer_managed_policy_reference_from_permission_set(**wanted, **own)

    assert sso.get_inline_policy_for_permission_set(**wanted)["InlinePolicy"] == ""
    sso.put_inline_policy_to_permission_set(**wanted, InlinePolicy='{"Version": "2012-10-17"}')
    assert "2012" in sso.get_inline_policy_for_permission_set(**wanted)["InlinePolicy"]
    assert refusal(sso.put_inline_policy_to_permission_set, **wanted, InlinePolicy="{")[0] == (
        "ValidationException"
    )
    sso.delete_inline_policy_from_permission_set(**wanted)

    get = sso.get_permissions_boundary_for_permission_set
    assert refusal(get, **wanted)[0] == "ResourceNotFoundException"
    boundary = {"PermissionsBoundary": {"ManagedPolicyArn": policy}}
    sso.put_permissions_boundary_to_permission_set(**wanted, **boundary)
    assert get(**wanted)["PermissionsBoundary"] == boundary["PermissionsBoundary"]
    sso.delete_permissions_boundary_from_permission_set(**wanted)

    tagged = admin.instance | {"ResourceArn": wanted["PermissionSetArn"]}
    sso.tag_resource(**tagged, Tags=[{"Key": "team", "Value": "web"}])
    assert sso.list_tags_for_resource(**tagged)["Tags"] == [{"Key": "team", "Value": "web"}]
    sso.untag_resource(**tagged, TagKeys=["team"])
    assert sso.list_tags_for_resource(**tagged)["Tags"] == []
    assert refusal(sso.delete_permission_set, **wanted)[0] == "ConflictException"


def test_an_update_names_the_relay_state_or_it_goes(admin: Administrator) -> None:
    wanted = admin.instance | {"PermissionSetArn": admin.set("ReadOnly")}
    there = {"RelayState": "https://x.example/", "SessionDuration": "PT2H", "Description": "look"}
    admin.sso.update_permission_set(**wanted, **there)
    admin.sso.update_permission_set(**wanted, Description="to look")
    found = admin.sso.describe_permission_set(**wanted)["PermissionSet"]
    assert "RelayState" not in found
    assert (found["SessionDuration"], found["Description"]) == ("PT2H", "to look")


def test_a_delegated_administrator_may_not_touch_the_management_account(
    admin: Administrator, delegated: Administrator
) -> None:
    elsewhere = delegated.assignment(SECURITY, "Billing", user="bob")
    delegated.sso.create_account_assignment(**elsewhere)
    there = elsewhere | {"TargetId": MANAGEMENT}
    who = f"arn:aws:iam::{SECURITY}:user/delegated-administrator"
    message = f"User: {who} is not authorized to perform: sso:CreateAccountAssignment"
    denied = refusal(delegated.sso.create_account_assignment, **there)
    assert denied == ("AccessDeniedException", message)
    change = delegated.instance | {"PermissionSetArn": there["PermissionSetArn"]}
    delegated.sso.update_permission_set(**change, Description="theirs")
    admin.sso.create_account_assignment(**there)
    denied = refusal(delegated.sso.update_permission_set, **change, Description="not any more")
    assert denied[0] == "AccessDeniedException"
    assert refusal(
        delegated.sso.list_account_assignments_for_principal,
        **delegated.instance,
        PrincipalType="USER",
        PrincipalId=there["PrincipalId"],
    )[0] == ("AccessDeniedException")


def test_the_organization(admin: Administrator) -> None:
    organization = admin.organization
    found = organization.describe_organization()["Organization"]
    assert found["MasterAccountId"] == MANAGEMENT
    accounts = organization.list_accounts()["Accounts"]
    assert [(one["Name"], one["Id"]) for one in accounts[:2]] == [
        ("management", MANAGEMENT),
        ("dev", DEV),
    ]
    root = organization.list_roots()["Roots"][0]["Id"]
    units = organization.list_organizational_units_for_parent(ParentId=root)["OrganizationalUnits"]
    assert [one["Name"] for one in units] == ["Core", "Workloads"]
    workloads = units[1]["Id"]
    below = organization.list_children(ParentId=workloads, ChildType="ORGANIZATIONAL_UNIT")
    tests = below["Children"][1]["Id"]
    unit = organization.describe_organizational_unit(OrganizationalUnitId=tests)
    assert unit["OrganizationalUnit"]["Name"] == "Test"
    inside = organization.list_accounts_for_parent(ParentId=tests)["Accounts"]
    assert [one["Name"] for one in inside] == ["dev", "staging"]
    assert organization.list_parents(ChildId=DEV)["Parents"][0]["Id"] == tests
    assert organization.list_parents(ChildId=tests)["Parents"][0]["Id"] == workloads
    chosen = organization.list_delegated_administrators(ServicePrincipal="sso.amazonaws.com")
    assert [one["Id"] for one in chosen["DelegatedAdministrators"]] == [SECURITY]
    unknown = refusal(organization.list_accounts_for_parent, ParentId="ou-abcd-12345678")
    assert unknown[0] == "ParentNotFoundException"
    assert refusal(organization.describe_account, AccountId="999999999999")[0] == (
        "AccountNotFoundException"
    )


def test_users_and_groups(admin: Administrator) -> None:
    store, arguments = admin.store, admin.identity_store
    users = store.list_users(**arguments)["Users"]
    assert [one["UserName"] for one in users] == ["alice", "bob"]
    only = {"Filters": [{"AttributePath": "UserName", "AttributeValue": "bob"}]}
    assert [one["UserName"] for one in store.list_users(**arguments, **only)["Users"]] == ["bob"]
    group = store.create_group(**arguments, DisplayName="web", Description="all")["GroupId"]
    bob = {"MemberId": {"UserId": admin.user("bob")}}
    store.create_group_membership(**arguments, GroupId=group, **bob)
    again = refusal(store.create_group_membership, **arguments, GroupId=group, **bob)
    assert again[0] == "ConflictException"
    members = store.list_group_memberships(**arguments, GroupId=group)["GroupMemberships"]
    assert [one["MemberId"] for one in members] == [bob["MemberId"]]
    theirs = store.list_group_memberships_for_member(**arguments, **bob)["GroupMemberships"]
    assert [one["GroupId"] for one in theirs] == [group]
    found = store.get_group_membership_id(**arguments, GroupId=group, **bob)["MembershipId"]
    assert store.describe_group_membership(**arguments, MembershipId=found)["GroupId"] == group
    asked = store.is_member_in_groups(**arguments, GroupIds=[group], **bob)["Results"]
    assert [one["MembershipExists"] for one in asked] == [True]
    renamed = [{"AttributePath": "displayName", "AttributeValue": "web team"}]
    store.update_group(**arguments, GroupId=group, Operations=renamed)
    assert [one["DisplayName"] for one in store.list_groups(**arguments)["Groups"]] == ["web team"]
    assert admin.group("web team") == group
    assert refusal(store.get_user_id, **arguments, AlternateIdentifier={
        "UniqueAttribute": {"AttributePath": "UserName", "AttributeValue": "nobody"}
    })[0] == "ResourceNotFoundException"  # fmt: skip


def test_pages(caller: Caller, admin: Administrator) -> None:
    del caller
    sso, first = admin.sso, admin.instance | {"MaxResults": 3}
    page = sso.list_permission_sets(**first)
    rest = sso.list_permission_sets(**first, NextToken=page["NextToken"])
    assert (len(page["PermissionSets"]), len(rest["PermissionSets"])) == (3, 1)
    assert "NextToken" not in rest
    store = admin.identity_store
    odd = refusal(admin.store.list_users, **store, NextToken=page["NextToken"])
    assert odd == ("ValidationException", "The pagination token is not valid")


def test_requests_are_held_to_the_services_own_model(admin: Administrator) -> None:
    sso = admin.sso
    name, message = refusal(sso.create_permission_set, Name="a b", InstanceArn="x")
    assert name == "ValidationException"
    pattern = "failed to satisfy constraint: Member must satisfy regular expression pattern"
    assert message.startswith("3 validation errors detected: ")
    assert f"Value 'a b' at 'name' {pattern}: [\\w+=,.@-]+; Value 'x' at 'instanceArn'" in message
    assert "'permissionSetArn'" in refusal(sso.describe_permission_set, **admin.instance)[1]
    short = admin.instance | {"Name": "x", "SessionDuration": "PT5M"}
    assert refusal(sso.create_permission_set, **short)[0] == "ValidationException"
    assert refusal(admin.organization.list_roots, MaxResults=21)[0] == "InvalidInputException"
    assigned = admin.assignment(DEV, "ReadOnly", user="alice")
    ghost = assigned | {"PrincipalId": "00000000-0000-0000-0000-000000000000"}
    assert refusal(sso.create_account_assignment, **ghost)[0] == "ResourceNotFoundException"
    nowhere = assigned | {"TargetId": "999999999999"}
    assert refusal(sso.create_account_assignment, **nowhere)[0] == "ResourceNotFoundException"


def test_what_is_not_served_is_said(admin: Administrator) -> None:
    message = "the sandbox does not serve ListApplications of sso-admin"
    assert refusal(admin.sso.list_applications, **admin.instance) == (
        "NotImplementedException",
        message,
    )


def test_who_may(caller: Caller, admin: Administrator) -> None:
    token = caller.sign_in()["accessToken"]
    admin.sso.create_account_assignment(**admin.assignment(MANAGEMENT, "ReadOnly", user="alice"))
    reader = Administrator(caller.sandbox, caller.keys(token, MANAGEMENT, "ReadOnly"))
    assert len(reader.sso.list_permission_sets(**reader.instance)["PermissionSets"]) == 4
    denied = refusal(reader.sso.create_permission_set, **reader.instance, Name="Mine")
    assert denied[0] == "AccessDeniedException"
    assert "assumed-role/AWSReservedSSO_ReadOnly_" in denied[1]
    # A member account administers nothing, and another region has no instance.
    member = Administrator(caller.sandbox, caller.keys(token, PROD, "Administrator"))
    assert member.sso.list_instances()["Instances"] == []
    assert refusal(member.organization.list_accounts)[0] == "AccessDeniedException"
    far = Administrator(caller.sandbox, vars(admin)["_keys"], "eu-west-1")
    assert far.sso.list_instances()["Instances"] == []
    wrong = Administrator(caller.sandbox, vars(admin)["_keys"] | {"secretAccessKey": "x"})
    assert refusal(wrong.sso.list_instances)[0] == "InvalidSignatureException"
    nobody = Administrator(caller.sandbox, {"accessKeyId": "AKIA", "secretAccessKey": "x"})
    assert refusal(nobody.sso.list_instances)[0] == "UnrecognizedClientException"


def test_the_rate_counts(caller: Caller, admin: Administrator) -> None:
    instance, store = admin.instance, admin.identity_store
    caller.sandbox.set_pace(rate=0.001, burst=2)
    for _ in range(2):
        admin.sso.list_permission_sets(**instance)
    # Over all operations of sso-admin together, and of identitystore each for itself.
    assert refusal(admin.sso.list_instances) == ("ThrottlingException", "Rate exceeded")
    for _ in range(2):
        admin.store.list_users(**store)
        admin.store.list_groups(**store)
    assert refusal(admin.store.list_users, **store)[0] == "ThrottlingException"
    for _ in range(2):
        admin.organization.list_roots()
    assert refusal(admin.organization.list_roots)[0] == "TooManyRequestsException"


def test_told_failures(caller: Caller, admin: Administrator) -> None:
    assigned = admin.assignment(SECURITY, "ReadOnly", user="alice")
    caller.sandbox.fail("CreateAccountAssignment", "AccessDeniedException")
    assert refusal(admin.sso.create_account_assignment, **assigned)[0] == "AccessDeniedException"
    caller.sandbox.fail("ListRoots", 500)
    assert refusal(admin.organization.list_roots)[0] == "ServiceException"
    caller.sandbox.fail_later("CreateAccountAssignment", "the role limit is reached")
    started = admin.sso.create_account_assignment(**assigned)["AccountAssignmentCreationStatus"]
    done = admin.sso.describe_account_assignment_creation_status(
        **admin.instance, AccountAssignmentCreationRequestId=started["RequestId"]
    )["AccountAssignmentCreationStatus"]
    assert (done["Status"], done["FailureReason"]) == ("FAILED", "the role limit is reached")
    token = caller.sign_in()["accessToken"]
    assert "security" not in held(caller, token)
    assert caller.control("PUT", "provisioning", {"seconds": -1}).status == 400


@pytest.fixture
def two() -> Iterator[Sandbox]:
    """Two Identity Centers, each with an organization of its own, and people from elsewhere."""
    url = "https://{}.awsapps.com/start"
    world = World(
        (
            Instance("acme", url.format("d-1234567890"), "eu-west-1"),
            Instance("other", url.format("other"), "us-east-1"),
        ),
        (User("alice", ("web",), "Alice Doe", "0042"),),
        (
            Account("dev", DEV, "dev@acme.example", "acme", unit="A/B"),
            Account("root", PROD, "root@other.example", "other", role="management"),
        ),
        ("ReadOnly",),
        (Assignment("dev", "ReadOnly", group="web"), Assignment("root", "ReadOnly", user="alice")),
        groups=(Group("web", "all of them", "0815"),),
    )
    with Sandbox(world=world) as sandbox:
        yield sandbox


def test_each_instance_has_its_own_organization(two: Sandbox) -> None:
    first = Administrator.named(two)
    first = Administrator(two, vars(first)["_keys"], "eu-west-1")
    assert first.identity_store["IdentityStoreId"] == "d-1234567890"
    accounts = first.organization.list_accounts()["Accounts"]
    assert [one["Id"] for one in accounts] == [MANAGEMENT, DEV]
    assert first.store.list_users(**first.identity_store)["Users"][0]["ExternalIds"] == [
        {"Issuer": "https://identity.example/scim", "Id": "0042"}
    ]
    # What was brought from elsewhere is not changed here.
    store, arguments = first.store, first.identity_store
    group, alice = {"GroupId": first.group("web")}, first.user("alice")
    member = {"MemberId": {"UserId": alice}}
    held = store.get_group_membership_id(**arguments, **group, **member)["MembershipId"]
    other = [{"AttributePath": "displayName", "AttributeValue": "x"}]
    for call, given in (
        (store.update_user, {"UserId": alice, "Operations": other}),
        (store.delete_user, {"UserId": alice}),
        (store.update_group, group | {"Operations": other}),
        (store.delete_group, group),
        (store.create_group_membership, group | member),
        (store.delete_group_membership, {"MembershipId": held}),
    ):
        message = "The resource is managed by an external identity provider"
        assert refusal(call, **arguments, **given) == ("ValidationException", message)
    elsewhere = first.instance | {"AccountId": PROD, "PermissionSetArn": first.set("ReadOnly")}
    assert refusal(first.sso.list_account_assignments, **elsewhere)[0] == (
        "ResourceNotFoundException"
    )


def test_what_the_log_says(caller: Caller, admin: Administrator) -> None:
    admin.sso.list_instances()
    row = caller.sandbox.requests()[-1]
    assert (row["service"], row["operation"]) == ("sso-admin", "ListInstances")
    odd = caller.send("POST", "/", b"[", {"X-Amz-Target": "AWSIdentityStore.ListUsers"})
    assert (odd.status, json.loads(odd.text)["__type"]) == (400, "SerializationException")


def test_it_is_loaded_by_the_first_call() -> None:
    """So `ssoenv sandbox` and the demo start no slower for it."""
    program = """
import sys, urllib.request
from ssoenv.sandbox.server import Sandbox
with Sandbox() as sandbox:
    assert not [name for name in sys.modules if name.startswith("ssoenv.sandbox.admin")]
    headers = {"X-Amz-Target": "SWBExternalService.ListInstances"}
    request = urllib.request.Request(sandbox.url, b"{}", headers)
    try:
        urllib.request.urlopen(request)
    except urllib.error.HTTPError as error:
        assert b"MissingAuthenticationTokenException" in error.read()
    assert "ssoenv.sandbox.admin.serve" in sys.modules
    assert "botocore" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True)
