"""Who holds which permission set in which account: read the cheaper way of two.

By place: the permission sets of each account, then for each pair who holds it. By principal: for
each user and group what they hold, 100 at a time, a user's groups included; for the management
account only. sso-admin takes 20 calls a second, so what counts is how many calls a way takes, and
that is told before it is gone.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

from ssoenv.admin.unknown import unknown
from ssoenv.admin.values import (
    ACCOUNT,
    GROUP,
    USER,
    Account,
    Assignment,
    PermissionSet,
    Principal,
    Row,
)
from ssoenv.base.errors import AccessDenied
from ssoenv.base.values import dataclass, field, replace
from ssoenv.identity_center.administration import NotFound

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from ssoenv.admin.center import Center

_ROW = ("AccountId", "PermissionSetArn", "PrincipalType", "PrincipalId")
FEW = 40
"""So many calls are made without a thought: two seconds' worth."""
PAGE, SAMPLE = 100, 32
"""Rows on a page; how many users tell how many pages one of them takes."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which assignments: those of any of each kind that is given, and of all kinds at once.

    None: whichever. A user stands for what is assigned to them, not for what their groups have.
    `places`, of an account and a permission set each, are all that matter, where some are given.
    """

    principals: tuple[Principal, ...] | None = None
    sets: tuple[PermissionSet, ...] | None = None
    accounts: tuple[Account, ...] | None = None
    covered: frozenset[str] = frozenset()
    """Groups, by id, whose assignments come with those of a user who is asked for."""
    places: tuple[tuple[str, str], ...] | None = None

    def has(self, row: Row) -> bool:
        """Whether an assignment is one of these, but for `places`."""
        account, arn, kind, principal = row
        return (
            (
                self.principals is None
                or (kind, principal) in {(one.kind, one.id) for one in self.principals}
            )
            and (self.sets is None or arn in {one.arn for one in self.sets})
            and (self.accounts is None or account in {one.id for one in self.accounts})
        )


@dataclass(frozen=True, slots=True)
class Named:
    """The same as people say it, by names, ids and ARNs; empty: whichever."""

    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    sets: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    units: tuple[str, ...] = ()

    def meant(self, center: Center) -> Wanted:
        """Return what is meant, each once. Raises UsageError for a name that nothing has."""
        principals = [center.principal_meant(USER, one) for one in self.users]
        principals += [center.principal_meant(GROUP, one) for one in self.groups]
        accounts = [center.account_meant(one) for one in self.accounts]
        accounts += [one for unit in self.units for one in center.accounts_in(unit)]
        sets = [center.set_meant(one) for one in self.sets]
        return Wanted(
            tuple(dict.fromkeys(principals)) if self.users or self.groups else None,
            tuple(dict.fromkeys(sets)) if self.sets else None,
            tuple(dict.fromkeys(accounts)) if self.accounts or self.units else None,
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """How to read: by these `principals`, or by these `places`, each of them a call at least.

    By principal with `places` beside it, these are read instead, should users turn out to take
    more calls: their groups' assignments come with theirs, 100 a call.
    """

    places: tuple[tuple[str, str], ...] | None = None
    principals: tuple[tuple[str, str], ...] | None = None

    @property
    def way(self) -> str:
        """The way in words."""
        return "by account and permission set" if self.principals is None else "by principal"

    @property
    def calls(self) -> int:
        """How many calls of sso-admin it takes, at least."""
        return len(self.principals if self.principals is not None else self.places or ())


@dataclass(slots=True)
class Reading:
    """One reading of assignments, `by` "principal", by "account", or ("") by what is cheaper.

    `announce` hears how it is read, and `tell` how far it is: parts done, and parts in all. An
    account that may not be looked into ends it, or is left out and noted where it is `lenient`.
    """

    center: Center
    wanted: Wanted
    by: str = ""
    announce: Callable[[Plan], None] = field(default=lambda _: None)
    tell: Callable[[int, int], None] = field(default=lambda *_: None)
    lenient: bool = False

    def plan(self) -> Plan:
        """Return the way of the fewest calls; some are made to know that."""
        named = self._named()
        if self.by == "principal":
            return Plan(principals=self._everyone() if named is None else named)
        places = self._given_places()
        if self.by == "account" or not self.center.gone.isdisjoint(named or ()):
            return Plan(self._provisioned(*self._scope()) if places is None else places)
        if named is not None and len(named) <= FEW and (places is None or len(named) < len(places)):
            return Plan(principals=named)
        scope = self._scope() if places is None else ((), ())
        # To know all places takes a call for each account, or each permission set, at least.
        to_know = min(map(len, scope))
        if named is None and places is None and to_know <= FEW:
            places = self._provisioned(*scope)
        if places is not None and len(places) <= FEW:
            return Plan(places)
        principals = self._everyone() if named is None else named
        if places is None:
            if len(principals) <= 2 * to_know:
                return Plan(principals=principals)
            places = self._provisioned(*scope)
        return Plan(places, principals if len(principals) < len(places) else None)

    def read(self) -> Iterator[Row]:
        """Yield the assignments as they come, the cheaper way.

        Who may not ask by principal is asked for by account in its place, unless they said how.
        """
        plan = self.plan()
        self.announce(plan)
        rows = self.rows(plan)
        try:
            first = list(itertools.islice(rows, 1))
        except AccessDenied:
            if plan.principals is None or self.by:
                raise
            plan = replace(self, by="account").plan()
            self.announce(plan)
            first, rows = [], self.rows(plan)
        yield from itertools.chain(first, rows)

    def rows(self, plan: Plan) -> Iterator[Row]:
        """Yield the assignments as they come, each once. Raises AccessDenied: not that way."""
        wanted, seen = self.wanted, set[Row]()
        principals = {(one.kind, one.id) for one in wanted.principals or ()}
        sets = {one.arn for one in wanted.sets or ()}
        accounts = {one.id for one in wanted.accounts or ()}
        for row in self._all(plan):
            account, arn, kind, principal = row
            fits = (
                (wanted.principals is None or (kind, principal) in principals)
                and (wanted.sets is None or arn in sets)
                and (wanted.accounts is None or account in accounts)
            )
            if fits and row not in seen:
                seen.add(row)
                yield row

    def _all(self, plan: Plan) -> Iterator[Row]:
        if plan.principals is None:
            yield from self._read(plan.places or (), self._of_place)
            return
        first, rest = plan.principals, plan.principals[:0]
        if plan.places is not None:
            groups = sum(kind == GROUP for kind, _ in plan.principals)
            first, rest = first[: groups + SAMPLE], first[groups + SAMPLE :]
        pages: list[int] = []
        asked = {one for _, one in plan.principals}
        yield from self._read(first, self._of_principal, more=len(rest), pages=pages, asked=asked)
        each = sum(pages[-SAMPLE:]) / max(1, len(pages[-SAMPLE:]))
        if plan.places is not None and each * len(rest) > len(plan.places):
            self.announce(Plan(plan.places))
            yield from self._read(plan.places, self._of_place)
        elif rest:
            yield from self._read(rest, self._of_principal, done=len(first), asked=asked)

    def _read(
        self,
        parts: Sequence[tuple[str, str]],
        work: Callable[[tuple[str, str]], list[Row]],
        *,
        done: int = 0,
        more: int = 0,
        pages: list[int] | None = None,
        asked: Collection[str] = (),
    ) -> Iterator[Row]:
        """Yield what `work` has of each part, `done` parts before and `more` to come.

        A user's answer has what their groups hold, too: where these are `asked` for themselves it
        is left out.
        """
        total = done + len(parts) + more
        for (_, own), rows in zip(parts, self.center.calls.each(parts, work), strict=True):
            done += 1
            self.tell(done, total)
            if pages is not None:
                pages.append(max(1, math.ceil(len(rows) / PAGE)))
            yield from (
                [row for row in rows if row[3] == own or row[3] not in asked] if asked else rows
            )

    def _of_principal(self, principal: tuple[str, str]) -> list[Row]:
        kind, principal_id = principal
        request: dict[str, object] = {"PrincipalType": kind, "PrincipalId": principal_id}
        accounts = self.wanted.accounts
        if accounts is not None and len(accounts) == 1:
            request["Filter"] = {"AccountId": accounts[0].id}
        operation, key = "list_account_assignments_for_principal", "AccountAssignments"
        found: list[Row] = self.center.listed(operation, key, _ROW, MaxResults=100, **request)
        return found

    def _of_place(self, place: tuple[str, str]) -> list[Row]:
        account, arn = place
        found: list[Row] = self.center.listed(
            "list_account_assignments",
            "AccountAssignments",
            _ROW,
            MaxResults=100,
            AccountId=account,
            PermissionSetArn=arn,
        )
        return found

    def _named(self) -> tuple[tuple[str, str], ...] | None:
        """Return whom to ask for, where somebody is named: no group whose member is asked for."""
        if self.wanted.principals is None:
            return None
        covered = self.wanted.covered
        return tuple((one.kind, one.id) for one in self.wanted.principals if one.id not in covered)

    def _everyone(self) -> tuple[tuple[str, str], ...]:
        center = self.center
        return tuple(
            (one.kind, one.id) for one in (*center.groups.values(), *center.users.values())
        )

    def _given_places(self) -> tuple[tuple[str, str], ...] | None:
        """Return the places, where they or both of their halves are given; else None."""
        accounts, sets = self.wanted.accounts, self.wanted.sets
        if self.wanted.places is not None:
            return self.wanted.places
        if accounts is None or sets is None:
            return None
        return tuple((account.id, one.arn) for account in accounts for one in sets)

    def _scope(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the ARNs of the permission sets and the ids of the accounts that may be in it."""
        accounts, sets = self.wanted.accounts, self.wanted.sets
        center = self.center
        return (
            center.set_arns if sets is None else tuple(one.arn for one in sets),
            tuple(center.accounts) if accounts is None else tuple(one.id for one in accounts),
        )

    def _provisioned(
        self, sets: Sequence[str], accounts: Sequence[str]
    ) -> tuple[tuple[str, str], ...]:
        """Return the places that there are, asked for by whatever there is less of."""
        each, known = self.center.calls.each, ({*accounts}, {*sets})
        if len(accounts) <= len(sets):
            places = [(one, arn) for one, arns in each(accounts, self._sets_of) for arn in arns]
        else:
            places = [(one, arn) for arn, found in each(sets, self._accounts_of) for one in found]
        return tuple(one for one in places if one[0] in known[0] and one[1] in known[1])

    def _sets_of(self, account: str) -> tuple[str, list[str]]:
        operation = "list_permission_sets_provisioned_to_account"
        try:
            rows = self.center.listed(operation, "PermissionSets", AccountId=account)
        except AccessDenied as error:
            if not self.lenient:
                raise
            name = self.center.account(account).name
            shown = f"{name} ({account})" if name else account
            self.center.unread[f"the permission sets in {shown}"] = error
            rows = []
        return account, [arn for (arn,) in rows]

    def _accounts_of(self, arn: str) -> tuple[str, list[str]]:
        operation = "list_accounts_for_provisioned_permission_set"
        rows = self.center.listed(operation, "AccountIds", PermissionSetArn=arn)
        return arn, [account for (account,) in rows]


def named(center: Center, rows: Sequence[Row]) -> Iterator[Assignment]:
    """Yield assignments with the names of everything in them."""
    center.name_principals({(kind, principal) for _, _, kind, principal in rows})
    center.name_accounts(list(dict.fromkeys(account for account, *_ in rows)))
    center.named_sets(arn for _, arn, *_ in rows)
    for account, arn, kind, principal in rows:
        yield Assignment(
            center.principal(kind, principal), center.permission_set(arn), center.account(account)
        )


def expanded(center: Center, assignments: Sequence[Assignment]) -> Iterator[Assignment]:
    """Yield assignments of users only: in place of a group those of its members, by way of it."""
    groups = {one.principal.id for one in assignments if one.principal.kind == GROUP}
    asked = sorted(groups)
    members = dict(zip(asked, center.each(asked, center.members), strict=True))
    center.name_principals({(USER, one) for found in members.values() for one in found})
    for one in assignments:
        if one.principal.kind == USER:
            yield one
        for member in members.get(one.principal.id, ()):
            user = center.principal(USER, member)
            yield Assignment(user, one.permission_set, one.account, via=one.principal)


BATCH = 200
"""So many rows are named together: names of more than a few are asked for by the list."""


def find(
    center: Center,
    wanted: Wanted,
    *,
    by: str = "",
    expand: bool = False,
    announce: Callable[[Plan], None] = lambda _: None,
    tell: Callable[[int, int], None] = lambda *_: None,
) -> Iterator[Assignment]:
    """Yield the assignments that are wanted, as they come; `announce` hears how they are read.

    With `expand` they are those of users, by themselves or by way of a group. They are all only
    where `center` has nothing unread after the last of them. Raises UsageError for an id that
    neither anything nor an assignment has.
    """
    asked = with_groups(center, wanted) if expand else wanted
    reading = Reading(center, asked, by, announce, tell, lenient=True)
    rows = _of_known(reading, wanted)
    while batch := list(itertools.islice(rows, BATCH)):
        found = list(named(center, batch))
        if not expand:
            yield from found
        else:
            yield from (one for one in expanded(center, found) if _fits(one, wanted))


def _of_known(reading: Reading, wanted: Wanted) -> Iterator[Row]:
    """Yield what is read. Raises UsageError for who or what is gone, and did not hold anything."""
    center = reading.center
    asked = [(one.kind, one.id) for one in wanted.principals or ()]
    asked += [(ACCOUNT, one.id) for one in wanted.accounts or ()]
    missing = [one for one in asked if one in center.gone]
    try:
        for row in reading.read():
            missing = [one for one in missing if one[1] not in row]
            yield row
    except NotFound:
        if not missing:
            raise
    if missing and not center.unread:
        kind, known = missing[0]
        raise unknown(kind.lower(), known, [])


def with_groups(center: Center, wanted: Wanted) -> Wanted:
    """Return `wanted` with the groups of its users."""
    if wanted.principals is None:
        return wanted
    users = [one.id for one in wanted.principals if one.kind == USER]
    found = {group for user in users for group in center.groups_of(user)}
    groups = tuple(center.principal(GROUP, one) for one in sorted(found))
    principals = tuple(dict.fromkeys((*wanted.principals, *groups)))
    return replace(wanted, principals=principals, covered=frozenset(found))


def _fits(one: Assignment, wanted: Wanted) -> bool:
    """Whether the user, or the group by which they hold it, is one that is wanted."""
    ids = {principal.id for principal in wanted.principals or ()}
    return not ids or one.principal.id in ids or (one.via is not None and one.via.id in ids)
