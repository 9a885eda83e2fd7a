"""Assignments made and taken back: what has to change, one request each.

The service takes a request at once and works on it for some seconds. So what is assigned is only
half of what is so: the other half is what is in progress, by whomever it was begun.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from ssoenv.admin import requests, values
from ssoenv.admin.assignments import Reading
from ssoenv.admin.calls import Call
from ssoenv.admin.making import Making
from ssoenv.admin.requests import CREATIONS, DELETIONS
from ssoenv.admin.values import USER
from ssoenv.base import dialects
from ssoenv.base.values import dataclass, replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from ssoenv.admin import calls
    from ssoenv.admin.assignments import Wanted
    from ssoenv.admin.center import Center
    from ssoenv.admin.requests import Open
    from ssoenv.admin.values import Account, Assignment, PermissionSet, Principal, Row

__all__ = ["Change", "Making", "plan"]

_KINDS = {
    "assign": ("create_account_assignment", CREATIONS),
    "unassign": ("delete_account_assignment", DELETIONS),
}


@dataclass(frozen=True, slots=True)
class Change:
    """One assignment to make ("assign") or to take back ("unassign").

    `under_way` is the request for it that is in progress already, the same way or the other; `last`
    has the last look before it is made (`calls.Call`).
    """

    kind: str
    account: Account
    permission_set: PermissionSet
    principal: Principal
    under_way: Open | None = None
    last: Callable[[Center, dict[str, Any]], dict[str, Any]] | None = None

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
        operation, kind = _KINDS[self.kind]
        request = {
            "TargetId": self.account.id,
            "TargetType": "AWS_ACCOUNT",
            "PermissionSetArn": self.permission_set.arn,
            "PrincipalType": self.principal.kind,
            "PrincipalId": self.principal.id,
        }
        about = thing(self.row)
        found = Call("sso-admin", operation, request, kind, last=self.last, about=about)
        if self.under_way is None:
            return found
        if self.under_way.requests == kind:
            return replace(found, joins=self.under_way.id)
        return replace(found, after=self.under_way)

    @property
    def row(self) -> Row:
        """The assignment that it is about."""
        return values.row(self.account, self.permission_set, self.principal)

    @property
    def is_begun(self) -> bool:
        """Whether somebody has begun the very same."""
        return self.call.joins != ""

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


def plan(center: Center, kind: str, wanted: Wanted) -> list[Change]:
    """Return what has to change so that all that is `wanted` is assigned, or none of it is.

    What is in progress is asked for before what is assigned: whatever ends in between shows there.
    """
    open_requests = under_way(center)
    there = set(Reading(center, wanted).read())
    return [*needed(every(kind, wanted), open_requests, there)]


def every(kind: str, wanted: Wanted) -> Iterator[Change]:
    """Yield a change for everything that is `wanted`, whether it is so or not."""
    principals, sets = wanted.principals or (), wanted.sets or ()
    return (
        Change(kind, account, one, principal)
        for account in wanted.accounts or ()
        for one in sets
        for principal in principals
    )


def back(planned: Iterable[calls.Change]) -> list[str]:
    """Return the commands that take back what is assigned by changes, and nothing beside that."""
    accounts: dict[tuple[str, Principal], list[str]] = defaultdict(list)
    for one in planned:
        if isinstance(one, Change) and one.kind == "assign":
            accounts[one.permission_set.name, one.principal].append(one.account.id)
    holders: dict[tuple[str, tuple[str, ...]], list[Principal]] = defaultdict(list)
    for (name, principal), where in accounts.items():
        holders[name, tuple(where)].append(principal)
    return [
        dialects.line(["ssoenv", "admin", "unassign", "-r", name, *places(where), *people(who)])
        for (name, where), who in holders.items()
    ]


def places(accounts: Iterable[str]) -> list[str]:
    """Return the options that name accounts."""
    return [word for one in accounts for word in ("-a", one)]


def people(principals: Iterable[Principal]) -> list[str]:
    """Return the options that name users and groups; by an id what no terminal shows for a copy."""
    return [
        word
        for one in principals
        for word in (
            "-u" if one.kind == USER else "-g",
            one.words if one.words.isprintable() else one.id,
        )
    ]


def thing(row: Row) -> str:
    """Return what stands for an assignment where calls say what they are about."""
    return " ".join(row)


def take_all_back(
    center: Center,
    one: Principal,
    held: Iterable[Assignment],
    open_requests: Mapping[Row, Open],
) -> list[calls.Change]:
    """Return what takes back all that is assigned to somebody: `held`, and what is in progress.

    The latter was asked for before: whatever ends in between is held.
    """
    places = [(each.account, each.permission_set) for each in held]
    there: set[Row] = {(account.id, each.arn, one.kind, one.id) for account, each in places}
    for account, arn, *who in open_requests:
        if who == [one.kind, one.id] and (account, arn, *who) not in there:
            places.append((center.account(account), center.permission_set(arn)))
    found = (Change("unassign", account, each, one) for account, each in places)
    return [*needed(found, open_requests, there)]


def under_way(center: Center) -> dict[Row, Open]:
    """Return the requests for assignments that are in progress, by what they are about."""
    return {one.about: one for one in requests.in_progress(center, (CREATIONS, DELETIONS))}


def needed(
    found: Iterable[Change], open_requests: Mapping[Row, Open], there: set[Row]
) -> Iterator[Change]:
    """Yield those of `found` that are not so and, as what is in progress ends, will not be."""
    for one in found:
        row = one.row
        if row in open_requests:
            yield replace(one, under_way=open_requests[row])
        elif (row in there) == (one.kind == "unassign"):
            yield one
