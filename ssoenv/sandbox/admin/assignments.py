"""sso-admin: assignments, and permission sets as roles of accounts. ``data/sso-admin/2020-07-20``.

A request is taken and answered IN_PROGRESS; what came of it is asked for. To assign what is
assigned already changes nothing and succeeds. ThrottlingException where too many are in progress,
and ConflictException where one is for the very same, are what callers of the service report.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssoenv.sandbox.directory import GROUP, USER
from ssoenv.sandbox.jobs import AT_ONCE, CREATION, DELETION, PROVISIONING, SUCCEEDED

if TYPE_CHECKING:
    from ssoenv.sandbox.admin.calls import Answer, Call, Handler
    from ssoenv.sandbox.directory import Place, Principal
    from ssoenv.sandbox.jobs import Job

_LATEST = "LATEST_PERMISSION_SET_PROVISIONED"


def create_account_assignment(call: Call) -> Answer:
    """Start to assign a permission set in an account to a user or a group."""
    place, principal = _wanted(call)
    kind, principal_id = principal
    known = call.directory.users if kind == USER else call.directory.groups
    if principal_id not in known:
        call.fail("ResourceNotFoundException", f"Could not find {kind} {principal_id}")
    return {"AccountAssignmentCreationStatus": _status(call, _start(call, CREATION, place))}


def delete_account_assignment(call: Call) -> Answer:
    """Start to take an assignment back."""
    place, principal = _wanted(call)
    if principal not in call.directory.assigned.get(place, {}):
        call.fail("ResourceNotFoundException", "Could not find that account assignment")
    return {"AccountAssignmentDeletionStatus": _status(call, _start(call, DELETION, place))}


def describe_creation(call: Call) -> Answer:
    """Tell what came of an assignment."""
    job = _job(call, CREATION, "AccountAssignmentCreationRequestId")
    return {"AccountAssignmentCreationStatus": _status(call, job)}


def describe_deletion(call: Call) -> Answer:
    """Tell what came of taking an assignment back."""
    job = _job(call, DELETION, "AccountAssignmentDeletionRequestId")
    return {"AccountAssignmentDeletionStatus": _status(call, job)}


def list_creations(call: Call) -> Answer:
    """List requests to assign."""
    return call.page("AccountAssignmentsCreationStatus", _listed(call, CREATION))


def list_deletions(call: Call) -> Answer:
    """List requests to take assignments back."""
    return call.page("AccountAssignmentsDeletionStatus", _listed(call, DELETION))


def list_account_assignments(call: Call) -> Answer:
    """List who holds a permission set in an account, each user or group as it was assigned."""
    place = call.target(call.body["AccountId"]).id, call.permission_set().id
    holders = call.directory.assigned.get(place, {})
    return call.page("AccountAssignments", [_row(call, place, one) for one in holders])


def list_for_principal(call: Call) -> Answer:
    """List what a user (by groups, too) or a group holds; for the management account only."""
    if call.account.id != call.management.id:
        call.deny()
    call.require_instance()
    kind, wanted = call.body["PrincipalType"], call.body["PrincipalId"]
    principals: list[Principal] = [(kind, wanted)]
    if kind == USER:
        principals += [(GROUP, one.id) for one in call.directory.groups_of(wanted)]
    account = call.body.get("Filter", {}).get("AccountId", "")
    rows = [
        _row(call, place, principal)
        for principal in principals
        for place in call.directory.places_of(principal)
        if account in ("", place[0]) and _is_here(call, place)
    ]
    return call.page("AccountAssignments", rows)


def provision_permission_set(call: Call) -> Answer:
    """Start to bring the roles of a permission set up to date, in one account or in all."""
    one, target = call.permission_set(), call.body.get("TargetId", "")
    if (call.body["TargetType"] == "AWS_ACCOUNT") != bool(target):
        call.fail("ValidationException", "TargetId goes with the TargetType AWS_ACCOUNT")
    places = [place for place in call.directory.provisioned if place[1] == one.id]
    if target:
        places = [(call.target(target).id, one.id)]
    call.spare_management(*places)
    _require_room(call, PROVISIONING)
    if any(call.jobs.busy(place) for place in places):
        call.fail("ConflictException", f"PermissionSet {one.id} is being provisioned")
    job = call.jobs.start(
        PROVISIONING, call.now, tuple(places), set_id=one.id, target=target, failure=call.failure
    )
    return {"PermissionSetProvisioningStatus": _status(call, job)}


def describe_provisioning(call: Call) -> Answer:
    """Tell what came of a provisioning."""
    job = _job(call, PROVISIONING, "ProvisionPermissionSetRequestId")
    return {"PermissionSetProvisioningStatus": _status(call, job)}


def list_provisionings(call: Call) -> Answer:
    """List provisionings."""
    return call.page("PermissionSetsProvisioningStatus", _listed(call, PROVISIONING))


def list_sets_of_account(call: Call) -> Answer:
    """List the permission sets that are roles of an account."""
    call.require_instance()
    account = call.target(call.body["AccountId"]).id
    found = [place for place in call.directory.provisioned if place[0] == account]
    return call.page("PermissionSets", [call.set_arn(one) for _, one in _as_asked(call, found)])


def list_accounts_of_set(call: Call) -> Answer:
    """List the accounts in which a permission set is a role."""
    wanted = call.permission_set().id
    found = [place for place in call.directory.provisioned if place[1] == wanted]
    here = [place for place in found if _is_here(call, place)]
    return call.page("AccountIds", [account for account, _ in _as_asked(call, here)])


HANDLERS: dict[str, Handler] = {
    "CreateAccountAssignment": create_account_assignment,
    "DeleteAccountAssignment": delete_account_assignment,
    "DescribeAccountAssignmentCreationStatus": describe_creation,
    "DescribeAccountAssignmentDeletionStatus": describe_deletion,
    "ListAccountAssignmentCreationStatus": list_creations,
    "ListAccountAssignmentDeletionStatus": list_deletions,
    "ListAccountAssignments": list_account_assignments,
    "ListAccountAssignmentsForPrincipal": list_for_principal,
    "ProvisionPermissionSet": provision_permission_set,
    "DescribePermissionSetProvisioningStatus": describe_provisioning,
    "ListPermissionSetProvisioningStatus": list_provisionings,
    "ListPermissionSetsProvisionedToAccount": list_sets_of_account,
    "ListAccountsForProvisionedPermissionSet": list_accounts_of_set,
}


def _wanted(call: Call) -> tuple[Place, Principal]:
    """Return the place and the principal that the request is about, if the caller may touch it."""
    place = call.target(call.body["TargetId"]).id, call.permission_set().id
    call.spare_management(place)
    return place, (call.body["PrincipalType"], call.body["PrincipalId"])


def _start(call: Call, kind: str, place: Place) -> Job:
    principal = call.body["PrincipalType"], call.body["PrincipalId"]
    if call.jobs.busy(place, principal):
        call.fail("ConflictException", "A request for the same assignment is in progress")
    _require_room(call, kind)
    return call.jobs.start(
        kind,
        call.now,
        (place,),
        set_id=place[1],
        target=place[0],
        principal=principal,
        failure=call.failure,
    )


def _require_room(call: Call, kind: str) -> None:
    if call.jobs.outstanding(kind) >= AT_ONCE[kind]:
        message = "There are too many requests processing. Please try again later."
        call.fail("ThrottlingException", message)


def _job(call: Call, kind: str, field: str) -> Job:
    call.require_instance()
    job = call.jobs.all.get(call.body[field])
    if job is None or job.kind != kind:
        call.fail("ResourceNotFoundException", f"Could not find request {call.body[field]}")
    return job


def _status(call: Call, job: Job) -> Answer:
    found: Answer = {
        "RequestId": job.id,
        "Status": job.status,
        "CreatedDate": job.created,
        "PermissionSetArn": call.set_arn(job.set_id),
    }
    if job.status not in (SUCCEEDED, "IN_PROGRESS"):
        found["FailureReason"] = job.failure
    if job.principal is None:
        return found | ({"AccountId": job.target} if job.target else {})
    kind, principal_id = job.principal
    target = {"TargetId": job.target, "TargetType": "AWS_ACCOUNT"}
    return found | target | {"PrincipalType": kind, "PrincipalId": principal_id}


def _listed(call: Call, kind: str) -> list[Answer]:
    call.require_instance()
    status = call.body.get("Filter", {}).get("Status", "")
    return [
        {"RequestId": job.id, "Status": job.status, "CreatedDate": job.created}
        for job in reversed(call.jobs.all.values())
        if job.kind == kind and status in ("", job.status)
    ]


def _row(call: Call, place: Place, principal: Principal) -> Answer:
    return {
        "AccountId": place[0],
        "PermissionSetArn": call.set_arn(place[1]),
        "PrincipalType": principal[0],
        "PrincipalId": principal[1],
    }


def _as_asked(call: Call, places: list[Place]) -> list[Place]:
    """Return those of `places` whose roles are up to date, or are not, if the request says so."""
    status = call.body.get("ProvisioningStatus")
    provisioned, sets = call.directory.provisioned, call.directory.sets
    return [
        one
        for one in places
        if status is None
        or (status == _LATEST) == (provisioned[one].version == sets[one[1]].version)
    ]


def _is_here(call: Call, place: Place) -> bool:
    return call.directory.accounts[place[0]].session == call.instance.session
