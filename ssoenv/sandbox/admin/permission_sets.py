"""sso-admin: the instance and its permission sets. botocore ``data/sso-admin/2020-07-20``."""

from __future__ import annotations

import json
import re
import secrets
from typing import TYPE_CHECKING, Any

from ssoenv.sandbox.directory import PermissionSet

if TYPE_CHECKING:
    from ssoenv.sandbox.admin.calls import Answer, Call, Handler

POLICIES = 20
"""Policies that may be attached to a permission set, those of AWS and of the account together."""
TAGS = 50
"""Tags of a permission set (IAM Identity Center User Guide, "Tagging resources")."""
_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
SHORTEST, LONGEST = 3600, 43200
"""Seconds of a permission set's session."""


def list_instances(call: Call) -> Answer:
    """List the one instance of the caller's organization."""
    return call.page("Instances", [_instance(call)])


def describe_instance(call: Call) -> Answer:
    """Describe the instance."""
    call.require_instance()
    return _instance(call)


def list_permission_sets(call: Call) -> Answer:
    """List the ARNs of all permission sets."""
    call.require_instance()
    return call.page("PermissionSets", [call.set_arn(one) for one in call.directory.sets])


def describe_permission_set(call: Call) -> Answer:
    """Describe a permission set."""
    return {"PermissionSet": _described(call, call.permission_set())}


def create_permission_set(call: Call) -> Answer:
    """Make a permission set; it is provisioned nowhere yet."""
    call.require_instance()
    body = call.body
    if call.directory.set_named(body["Name"]):
        message = f"PermissionSet with name {body['Name']} already exists"
        call.fail("ConflictException", message)
    one = PermissionSet(f"ps-{secrets.token_hex(8)}", body["Name"], call.now)
    _describe_as(call, one)
    one.tags = {tag["Key"]: tag["Value"] for tag in body.get("Tags", ())}
    call.directory.sets[one.id] = one
    return {"PermissionSet": _described(call, one)}


def update_permission_set(call: Call) -> Answer:
    """Change description, duration or relay state; that one goes if it is not named.

    As terraform-provider-aws found out (issue 17411).
    """
    one = call.permission_set()
    call.spare_management(set_id=one.id)
    _describe_as(call, one)
    one.relay_state = call.body.get("RelayState", "")
    one.version += 1
    return {}


def delete_permission_set(call: Call) -> Answer:
    """Delete a permission set to which nothing is assigned any more."""
    one = call.permission_set()
    call.spare_management(set_id=one.id)
    if any(set_id == one.id for _, set_id in call.directory.assigned):
        message = f"PermissionSet with id {one.id} has ACCOUNT_ASSIGNMENT dependencies"
        call.fail("ConflictException", message)
    del call.directory.sets[one.id]
    return {}


def put_inline_policy(call: Call) -> Answer:
    """Set the inline policy, which has to be JSON at least."""
    one = _changing(call)
    try:
        json.loads(call.body["InlinePolicy"])
    except (ValueError, RecursionError):
        call.fail("ValidationException", "The policy is not valid JSON")
    one.inline_policy = call.body["InlinePolicy"]
    return {}


def get_inline_policy(call: Call) -> Answer:
    """Return the inline policy, empty where there is none."""
    return {"InlinePolicy": call.permission_set().inline_policy}


def delete_inline_policy(call: Call) -> Answer:
    """Take the inline policy away."""
    one = call.permission_set()
    if not one.inline_policy:
        call.fail("ResourceNotFoundException", f"PermissionSet {one.id} has no inline policy")
    _changing(call).inline_policy = ""
    return {}


def attach_managed_policy(call: Call) -> Answer:
    """Attach a policy of AWS."""
    one, arn = call.permission_set(), call.body["ManagedPolicyArn"]
    _require_room(call, one, is_there=arn in one.managed, what=arn)
    _changing(call).managed.append(arn)
    return {}


def detach_managed_policy(call: Call) -> Answer:
    """Detach a policy of AWS."""
    one, arn = call.permission_set(), call.body["ManagedPolicyArn"]
    if arn not in one.managed:
        call.fail("ResourceNotFoundException", f"Could not find ManagedPolicy with arn {arn}")
    _changing(call).managed.remove(arn)
    return {}


def list_managed_policies(call: Call) -> Answer:
    """List the attached policies of AWS."""
    rows = [{"Name": arn.rpartition("/")[2], "Arn": arn} for arn in call.permission_set().managed]
    return call.page("AttachedManagedPolicies", rows)


def attach_customer_managed_policy(call: Call) -> Answer:
    """Attach a policy of the accounts, by name."""
    one, policy = call.permission_set(), _reference(call)
    _require_room(call, one, is_there=policy in one.customer_managed, what="".join(policy))
    _changing(call).customer_managed.append(policy)
    return {}


def detach_customer_managed_policy(call: Call) -> Answer:
    """Detach a policy of the accounts."""
    one, policy = call.permission_set(), _reference(call)
    if policy not in one.customer_managed:
        call.fail("ResourceNotFoundException", f"Could not find policy {''.join(policy)}")
    _changing(call).customer_managed.remove(policy)
    return {}


def list_customer_managed_policies(call: Call) -> Answer:
    """List the attached policies of the accounts."""
    rows = [{"Name": name, "Path": path} for path, name in call.permission_set().customer_managed]
    return call.page("CustomerManagedPolicyReferences", rows)


def put_boundary(call: Call) -> Answer:
    """Set the permissions boundary: one policy, of AWS or of the accounts."""
    given = call.body["PermissionsBoundary"]
    if len(given) != 1:
        call.fail("ValidationException", "PermissionsBoundary takes one policy")
    _changing(call).boundary = given
    return {}


def get_boundary(call: Call) -> Answer:
    """Return the permissions boundary."""
    one = call.permission_set()
    if one.boundary is None:
        message = f"PermissionSet with id {one.id} has no permissions boundary"
        call.fail("ResourceNotFoundException", message)
    return {"PermissionsBoundary": one.boundary}


def delete_boundary(call: Call) -> Answer:
    """Take the permissions boundary away."""
    get_boundary(call)
    _changing(call).boundary = None
    return {}


def list_tags(call: Call) -> Answer:
    """List the tags of a permission set; the instance has none."""
    tags = _tags(call)
    return call.page("Tags", [{"Key": key, "Value": value} for key, value in tags.items()])


def tag_resource(call: Call) -> Answer:
    """Set tags of a permission set."""
    tags, more = _tags(call), {tag["Key"]: tag["Value"] for tag in call.body["Tags"]}
    if len(tags | more) > TAGS:
        message = f"No more than {TAGS} tags can be attached to {call.body['ResourceArn']}"
        call.fail("ServiceQuotaExceededException", message)
    tags.update(more)
    return {}


def untag_resource(call: Call) -> Answer:
    """Take tags away from a permission set."""
    for key in call.body["TagKeys"]:
        _tags(call).pop(key, None)
    return {}


HANDLERS: dict[str, Handler] = {
    "ListInstances": list_instances,
    "DescribeInstance": describe_instance,
    "ListPermissionSets": list_permission_sets,
    "DescribePermissionSet": describe_permission_set,
    "CreatePermissionSet": create_permission_set,
    "UpdatePermissionSet": update_permission_set,
    "DeletePermissionSet": delete_permission_set,
    "PutInlinePolicyToPermissionSet": put_inline_policy,
    "GetInlinePolicyForPermissionSet": get_inline_policy,
    "DeleteInlinePolicyFromPermissionSet": delete_inline_policy,
    "AttachManagedPolicyToPermissionSet": attach_managed_policy,
    "DetachManagedPolicyFromPermissionSet": detach_managed_policy,
    "ListManagedPoliciesInPermissionSet": list_managed_policies,
    "AttachCustomerManagedPolicyReferenceToPermissionSet": attach_customer_managed_policy,
    "DetachCustomerManagedPolicyReferenceFromPermissionSet": detach_customer_managed_policy,
    "ListCustomerManagedPolicyReferencesInPermissionSet": list_customer_managed_policies,
    "PutPermissionsBoundaryToPermissionSet": put_boundary,
    "GetPermissionsBoundaryForPermissionSet": get_boundary,
    "DeletePermissionsBoundaryFromPermissionSet": delete_boundary,
    "ListTagsForResource": list_tags,
    "TagResource": tag_resource,
    "UntagResource": untag_resource,
}


def seconds_of(text: str) -> int:
    """Return the seconds of an ISO 8601 duration such as PT8H; -1: it is none."""
    found = _DURATION.fullmatch(text)
    if found is None:
        return -1
    days, hours, minutes, seconds = (int(one or 0) for one in found.groups())
    return days * 86400 + hours * 3600 + minutes * 60 + seconds


def _iso(seconds: int) -> str:
    """Return `seconds` as an ISO 8601 duration."""
    hours, rest = divmod(seconds, 3600)
    minutes, rest = divmod(rest, 60)
    parts = ((hours, "H"), (minutes, "M"), (rest, "S"))
    return "PT" + "".join(f"{number}{unit}" for number, unit in parts if number)


def _instance(call: Call) -> Answer:
    return {
        "InstanceArn": call.instance_arn,
        "IdentityStoreId": call.identity_store,
        "OwnerAccountId": call.management.id,
        "Name": call.instance.session,
        "CreatedDate": call.state.started,
        "Status": "ACTIVE",
    }


def _described(call: Call, one: PermissionSet) -> Answer:
    duration = one.duration or call.state.credentials_ttl
    optional = {"Description": one.description, "RelayState": one.relay_state}
    return {
        "Name": one.name,
        "PermissionSetArn": call.set_arn(one.id),
        "CreatedDate": one.created,
        "SessionDuration": _iso(duration),
    } | {name: value for name, value in optional.items() if value}


def _describe_as(call: Call, one: PermissionSet) -> None:
    """Take over what the request says of a permission set."""
    body = call.body
    seconds = seconds_of(body.get("SessionDuration", ""))
    # The sandbox's own, which may be any, is no duration of the permission set.
    if "SessionDuration" in body and (one.duration or seconds != call.state.credentials_ttl):
        if not SHORTEST <= seconds <= LONGEST:
            message = "Session duration has to be between 1 hour and 12 hours"
            call.fail("ValidationException", message)
        one.duration = seconds
    one.description = body.get("Description", one.description)
    one.relay_state = body.get("RelayState", one.relay_state)


def _changing(call: Call) -> PermissionSet:
    """Return the permission set, whose roles are out of date from now on."""
    one = call.permission_set()
    call.spare_management(set_id=one.id)
    one.version += 1
    return one


def _require_room(call: Call, one: PermissionSet, *, is_there: bool, what: str) -> None:
    if is_there:
        call.fail("ConflictException", f"{what} is attached to permission set {one.id} already")
    if len(one.managed) + len(one.customer_managed) >= POLICIES:
        message = f"No more than {POLICIES} policies can be attached to permission set {one.id}"
        call.fail("ServiceQuotaExceededException", message)


def _reference(call: Call) -> tuple[str, str]:
    given = call.body["CustomerManagedPolicyReference"]
    return given.get("Path", "/"), given["Name"]


def _tags(call: Call) -> dict[str, Any]:
    call.require_instance()
    arn = call.body["ResourceArn"]
    if arn == call.instance_arn:
        return {}
    found = call.directory.sets.get(arn.rpartition("/")[2])
    if found is None or call.set_arn(found.id) != arn:
        call.fail("ResourceNotFoundException", f"Could not find resource {arn}")
    return found.tags
