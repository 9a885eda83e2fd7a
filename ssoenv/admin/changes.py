"""Assignments made and taken back: what has to change, one request each.

The service takes a request at once and works on it for some seconds; at most 15 may be in progress
(IAM Identity Center User Guide, "Quotas").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ssoenv.admin.assignments import Reading
from ssoenv.admin.making import Call, Making, Requests

if TYPE_CHECKING:
    from ssoenv.admin import making
    from ssoenv.admin.assignments import Wanted
    from ssoenv.admin.center import Center
    from ssoenv.admin.values import Account, PermissionSet, Principal

__all__ = ["AT_ONCE", "Change", "Making", "plan"]

AT_ONCE = 15
"""Requests in progress, those to assign and those to take back together."""


def _requests(noun: str) -> Requests:
    word = noun.lower()
    return Requests(
        "assignments",
        AT_ONCE,
        f"AccountAssignment{noun}Status",
        f"AccountAssignment{noun}RequestId",
        f"describe_account_assignment_{word}_status",
        f"list_account_assignment_{word}_status",
        f"AccountAssignments{noun}Status",
    )


_KINDS = {
    "assign": ("create_account_assignment", _requests("Creation")),
    "unassign": ("delete_account_assignment", _requests("Deletion")),
}


@dataclass(frozen=True, slots=True)
class Change:
    """One assignment to make ("assign") or to take back ("unassign")."""

    kind: str
    account: Account
    permission_set: PermissionSet
    principal: Principal

    @property
    def sign(self) -> str:
        """How a plan marks it."""
        return "+" if self.kind == "assign" else "-"

    @property
    def done(self) -> str:
        """What came of it in a word, once it is made."""
        return "assigned" if self.kind == "assign" else "taken back"

    @property
    def call(self) -> Call:
        """What makes it."""
        operation, requests = _KINDS[self.kind]
        request = {
            "TargetId": self.account.id,
            "TargetType": "AWS_ACCOUNT",
            "PermissionSetArn": self.permission_set.arn,
            "PrincipalType": self.principal.kind,
            "PrincipalId": self.principal.id,
        }
        return Call("sso-admin", operation, request, requests)

    def cells(self) -> tuple[str, ...]:
        """Return what it is, for people."""
        one = self.principal
        account = f"{self.account.name} {self.account.id}".lstrip()
        return account, self.permission_set.name, f"{one.kind.lower()} {one.shown}"

    def described(self) -> dict[str, str]:
        """Return what it is, for scripts."""
        return {
            "change": self.kind,
            "account_id": self.account.id,
            "account_name": self.account.name,
            "permission_set_arn": self.permission_set.arn,
            "permission_set_name": self.permission_set.name,
            "principal_type": self.principal.kind,
            "principal_id": self.principal.id,
            "principal_name": self.principal.name,
        }


def plan(center: Center, kind: str, wanted: Wanted) -> list[making.Change]:
    """Return what has to change so that all that is `wanted` is assigned, or none of it is."""
    principals, sets = wanted.principals or (), wanted.sets or ()
    there = set(Reading(center, wanted).read())
    return [
        Change(kind, account, one, principal)
        for account in wanted.accounts or ()
        for one in sets
        for principal in principals
        if ((account.id, one.arn, principal.kind, principal.id) in there) == (kind == "unassign")
    ]
