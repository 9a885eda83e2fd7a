"""Assignments made and taken back: what has to change, then one request each, and what came of it.

The service takes a request at once and works on it for some seconds; at most 15 may be in progress
(IAM Identity Center User Guide, "Quotas"). What is so already is not asked for, so that the same
command may be run again after any failure.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ssoenv.admin.assignments import Reading
from ssoenv.base.errors import ServiceUnavailable, SsoenvError
from ssoenv.identity_center.administration import NotFound

if TYPE_CHECKING:
    from collections.abc import Callable

    from ssoenv.admin.assignments import Wanted
    from ssoenv.admin.center import Center
    from ssoenv.admin.values import Account, PermissionSet, Principal

AT_ONCE = 15
"""Requests in progress, those to assign and those to take back together."""
SHORTEST, LONGEST = 0.2, 3.0
"""Seconds between two looks at what is in progress: more, the longer nothing has come of it."""
IN_PROGRESS, SUCCEEDED, FAILED = "IN_PROGRESS", "SUCCEEDED", "FAILED"
_NAMES = {"assign": ("create", "Creation"), "unassign": ("delete", "Deletion")}


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


@dataclass(slots=True)
class Outcome:
    """What came of a change so far: the id of its request, its status, and why it failed."""

    change: Change
    request: str
    status: str = IN_PROGRESS
    reason: str = ""

    @property
    def word(self) -> str:
        """What came of it in a word."""
        done = "assigned" if self.change.kind == "assign" else "taken back"
        return {SUCCEEDED: done, FAILED: "failed"}.get(self.status, "in progress")

    def described(self) -> dict[str, str]:
        """Return it for scripts."""
        return self.change.described() | {
            "request_id": self.request,
            "status": self.status,
            "reason": self.reason,
        }


def plan(center: Center, kind: str, wanted: Wanted) -> list[Change]:
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


@dataclass(slots=True)
class Making:
    """The changes being made; `timeout` is in seconds, and 0 does not wait for what is started."""

    center: Center
    changes: list[Change]
    timeout: float
    outcomes: list[Outcome] = field(default_factory=list)

    def run(self, tell: Callable[[int, int, float], None]) -> None:
        """Make them all. `outcomes` says what came of each, whatever this raises."""
        began, pause = time.monotonic(), SHORTEST
        waiting = list(self.changes)
        while True:
            open_ones = [one for one in self.outcomes if one.status == IN_PROGRESS]
            while waiting and len(open_ones) < AT_ONCE:
                open_ones.append(self._start(waiting.pop(0)))
            if not waiting and not (open_ones and self.timeout):
                return
            finished = self._look_at(open_ones)
            done = sum(one.status != IN_PROGRESS for one in self.outcomes)
            spent = time.monotonic() - began
            tell(done, len(self.changes), max(done, 1) / spent)
            pause = SHORTEST if finished else min(LONGEST, pause * 1.5)
            if self.timeout and spent > self.timeout and not finished:
                raise ServiceUnavailable(
                    f"{len(open_ones)} changes are still in progress after {round(spent)} s",
                    advice="they go on at the service; the same command tells what is left",
                )
            if not finished:
                time.sleep(pause)

    def require_success(self) -> None:
        """Raise SsoenvError where changes have failed."""
        failed = [one for one in self.outcomes if one.status == FAILED]
        if failed:
            count = f"{len(failed)} of {len(self.outcomes)} changes failed"
            raise SsoenvError(count, advice="the same command tries again what is not so yet")

    def _start(self, change: Change) -> Outcome:
        verb, noun = _NAMES[change.kind]
        answer = self.center.calls.ask(
            "sso-admin",
            f"{verb}_account_assignment",
            InstanceArn=self.center.instance.arn,
            TargetId=change.account.id,
            TargetType="AWS_ACCOUNT",
            PermissionSetArn=change.permission_set.arn,
            PrincipalType=change.principal.kind,
            PrincipalId=change.principal.id,
        )
        status = answer.part(f"AccountAssignment{noun}Status")
        outcome = Outcome(change, status.text("RequestId"))
        self.outcomes.append(outcome)
        self._note(outcome, status.optional("Status"), status.optional("FailureReason"))
        return outcome

    def _look_at(self, open_ones: list[Outcome]) -> bool:
        """Ask what came of what is in progress; whether anything has ended."""
        kinds = {one.change.kind for one in open_ones}
        still: set[str] = set()
        for kind in kinds:
            noun = _NAMES[kind][1]
            key = f"AccountAssignments{noun}Status"
            name = f"list_account_assignment_{noun.lower()}_status"
            request = {"Filter": {"Status": IN_PROGRESS}}
            still |= {one for (one,) in self.center.listed(name, key, ("RequestId",), **request)}
        ended = [one for one in open_ones if one.request not in still]
        for one in ended:
            self._ask(one)
        return any(one.status != IN_PROGRESS for one in ended)

    def _ask(self, one: Outcome) -> None:
        noun = _NAMES[one.change.kind][1]
        request = {f"AccountAssignment{noun}RequestId": one.request}
        name = f"describe_account_assignment_{noun.lower()}_status"
        try:
            answer = self.center.calls.ask(
                "sso-admin", name, InstanceArn=self.center.instance.arn, **request
            )
        except NotFound:
            return  # taken, but not known everywhere yet
        status = answer.part(f"AccountAssignment{noun}Status")
        self._note(one, status.text("Status"), status.optional("FailureReason"))

    def _note(self, one: Outcome, status: str, reason: str) -> None:
        if status in (SUCCEEDED, FAILED):
            one.status, one.reason = status, reason
