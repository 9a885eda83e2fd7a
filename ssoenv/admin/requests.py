"""Requests that the service takes at once and works on for some seconds: which are open, for what.

Somebody else may have begun them, or the same command that was stopped: nothing may be begun for
the same meanwhile.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ssoenv.base.values import dataclass
from ssoenv.identity_center.administration import NotFound

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ssoenv.admin.center import Center

IN_PROGRESS = "IN_PROGRESS"
SUBJECT = ("TargetId", "PermissionSetArn", "PrincipalType", "PrincipalId")
"""The members of a request, and of what is told of it, that say what it is about."""


@dataclass(frozen=True, slots=True)
class Requests:
    """A kind of requests that the service works on: what its operations and members are called.

    Those of one `group` go on beside each other, `at_once` of them.
    """

    group: str
    at_once: int
    status: str
    argument: str
    describe: str
    list: str
    listed: str


@dataclass(frozen=True, slots=True)
class Open:
    """A request in progress: its kind, its id, and the values of `SUBJECT`, empty where none is."""

    requests: Requests
    id: str
    about: tuple[str, ...]


def _assignments(noun: str) -> Requests:
    word = noun.lower()
    return Requests(
        "assignments",
        15,
        f"AccountAssignment{noun}Status",
        f"AccountAssignment{noun}RequestId",
        f"describe_account_assignment_{word}_status",
        f"list_account_assignment_{word}_status",
        f"AccountAssignments{noun}Status",
    )


CREATIONS, DELETIONS = _assignments("Creation"), _assignments("Deletion")
"""15 at a time, both together (IAM Identity Center User Guide, "Quotas")."""
PROVISIONINGS = Requests(
    "provisionings",
    3,
    "PermissionSetProvisioningStatus",
    "ProvisionPermissionSetRequestId",
    "describe_permission_set_provisioning_status",
    "list_permission_set_provisioning_status",
    "PermissionSetsProvisioningStatus",
)
"""Three at a time (the same)."""


def ids(center: Center, requests: Requests) -> list[str]:
    """Return the ids of those in progress."""
    wanted = {"Filter": {"Status": IN_PROGRESS}}
    rows = center.listed(requests.list, requests.listed, ("RequestId",), **wanted)
    return [request_id for (request_id,) in rows]


def described(center: Center, requests: Requests, request_id: str) -> Any:
    """Return what the service tells of a request; None: it is not known everywhere yet."""
    request = {"InstanceArn": center.instance.arn, requests.argument: request_id}
    try:
        answer = center.calls.ask("sso-admin", requests.describe, **request)
    except NotFound:
        return None
    return answer.part(requests.status)


def in_progress(center: Center, kinds: Sequence[Requests]) -> list[Open]:
    """Return all requests of some `kinds` that are in progress."""
    found = [(kind, one) for kind in kinds for one in ids(center, kind)]
    told = center.calls.each(found, lambda one: described(center, *one))
    return [
        Open(kind, one, about({name: status.optional(name) for name in (*SUBJECT, "AccountId")}))
        for (kind, one), status in zip(found, told, strict=True)
        if status is not None and status.text("Status") == IN_PROGRESS
    ]


def about(request: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what a request is about: its values of `SUBJECT`; provisionings say "AccountId"."""
    target = request.get("TargetId") or request.get("AccountId", "")
    return (target, *(request.get(name, "") for name in SUBJECT[1:]))


def same(center: Center, kind: Requests, request: Mapping[str, Any]) -> Open | None:
    """Return the open request that does just what `request` of that `kind` asks for."""
    found = in_progress(center, (kind,))
    return next((one for one in found if one.about == about(request)), None)


def in_the_way(center: Center, request: Mapping[str, Any]) -> Open | None:
    """Return an open request for the same as `request`; else one for its permission set."""
    wanted = about(request)
    found = in_progress(center, (CREATIONS, DELETIONS, PROVISIONINGS))
    near = [one for one in found if one.about[1] == wanted[1]]
    return next((one for one in near if one.about == wanted), near[0] if near else None)


def is_so(center: Center, kind: Requests, request: Mapping[str, Any]) -> bool:
    """Whether what `request` asks for is so already; of provisionings nobody knows."""
    if kind == PROVISIONINGS:
        return False
    account, arn, *principal = about(request)
    rows = center.listed(
        "list_account_assignments",
        "AccountAssignments",
        ("PrincipalType", "PrincipalId"),
        AccountId=account,
        PermissionSetArn=arn,
    )
    return (tuple(principal) in rows) == (kind == CREATIONS)
