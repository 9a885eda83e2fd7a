"""The account access manager, administrators' side: who is entitled to which role of IAM.

botocore ``data/account-access/2018-05-10/service-2.json``. An instance that has a tenant has one
application, which is there from the start; what is told of it, and of tags, is not changed here.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, NoReturn

from ssoenv.sandbox.directory import GROUP, USER, Entitled

if TYPE_CHECKING:
    from ssoenv.sandbox.admin.calls import Answer, Call, Handler

SERVICE = "account-access"
NOT_OURS = "Application not found"


def list_applications(call: Call) -> Answer:
    """List the application of the instance, if it has one."""
    if not call.instance.tenant:
        return {"applications": []}
    told = {"createdAt": call.directory.began, "updatedAt": call.directory.began}
    one = {"applicationArn": _application(call), "tenantId": call.instance.tenant}
    return {"applications": [one | told]}


def get_application(call: Call) -> Answer:
    """Describe the application."""
    _require_application(call)
    return {
        "identitySource": {"identityCenter": {"instanceArn": call.instance_arn}},
        "status": "ACTIVE",
        "tenantId": call.instance.tenant,
        "createdAt": call.directory.began,
        "updatedAt": call.directory.began,
    }


def create_application(call: Call) -> Answer:
    """Refuse: an instance has one, or none at all."""
    if call.instance.tenant:
        call.fail("AlreadyCreatedException", "There is an application for this instance already")
    call.deny()


def create_entitlement(call: Call) -> Answer:
    """Entitle a user or a group to a role; what is so already stays."""
    _require_application(call)
    wanted = call.body["entitlement"].get("principalRole") or _invalid(call, "principalRole")
    kind, principal = _principal(call, wanted["principal"])
    known = call.directory.users if kind == USER else call.directory.groups
    if principal not in known:
        call.fail("ResourceNotFoundException", f"{kind.title()} not found")
    call.target(wanted["roleArn"].split(":")[4])
    found = Entitled((kind, principal), wanted["roleArn"], call.now)
    entitlements = call.directory.entitlements
    for name, one in entitlements.items():
        if (one.principal, one.role_arn) == (found.principal, found.role_arn):
            return {"entitlementId": name}
    name = str(uuid.uuid4())
    entitlements[name] = found
    return {"entitlementId": name}


def get_entitlement(call: Call) -> Answer:
    """Describe an entitlement."""
    name, one = _named(call)
    return {"applicationArn": _application(call)} | _described(call, name, one)


def delete_entitlement(call: Call) -> Answer:
    """Take an entitlement away."""
    name, _ = _named(call)
    del call.directory.entitlements[name]
    return {}


def list_entitlements(call: Call) -> Answer:
    """List entitlements of a principal, a role or an account: not all, one of these is needed."""
    _require_application(call)
    wanted = call.body["filter"].get("principalRole") or {}
    if not wanted:
        _invalid(call, "filter")
    who = _principal(call, wanted["principal"]) if "principal" in wanted else None
    rows = [
        _described(call, name, one)
        for name, one in call.directory.entitlements.items()
        if who in (None, one.principal)
        and wanted.get("roleArn") in (None, one.role_arn)
        and wanted.get("account") in (None, one.account)
        and call.directory.accounts[one.account].session == call.instance.session
    ]
    return call.page("entitlements", rows)


def _application(call: Call) -> str:
    region, owner = call.instance.region, call.management.id
    return f"arn:aws:account-access:{region}:{owner}:application/{call.instance.tenant}"


def _require_application(call: Call) -> None:
    if not call.instance.tenant or call.body["applicationArn"] != _application(call):
        call.fail("ResourceNotFoundException", NOT_OURS)


def _named(call: Call) -> tuple[str, Entitled]:
    _require_application(call)
    name = call.body["entitlementId"]
    found = call.directory.entitlements.get(name)
    if found is None:
        call.fail("ResourceNotFoundException", "Entitlement not found")
    return name, found


def _principal(call: Call, given: dict[str, Any]) -> tuple[str, str]:
    named = given.get("identityCenter") or {}
    if len(named) != 1:
        _invalid(call, "principal")
    ((key, principal),) = named.items()
    return USER if key == "userId" else GROUP, principal


def _invalid(call: Call, what: str) -> NoReturn:
    call.fail("ValidationException", f"{what} is not valid")


def _described(call: Call, name: str, one: Entitled) -> Answer:
    kind, principal = one.principal
    key = "userId" if kind == USER else "groupId"
    account = call.directory.accounts[one.account]
    role = {
        "principal": {"identityCenter": {key: principal}},
        "roleArn": one.role_arn,
        "account": account.id,
        "accountName": account.name,
    }
    told = {"entitlementId": name, "createdAt": one.created}
    return told | {"entitlement": {"principalRole": role}}


HANDLERS: dict[str, Handler] = {
    "ListApplications": list_applications,
    "GetApplication": get_application,
    "CreateApplication": create_application,
    "CreateEntitlement": create_entitlement,
    "GetEntitlement": get_entitlement,
    "DeleteEntitlement": delete_entitlement,
    "ListEntitlements": list_entitlements,
}
