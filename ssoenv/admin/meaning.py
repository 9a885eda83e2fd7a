"""What the words of a declaration mean: names, ids, patterns and units, each looked up once.

Whatever has no meaning is noted at its line, so that all of it is told together.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from ssoenv.admin import defining, entitlements, joining
from ssoenv.admin.center import FEW
from ssoenv.admin.changes import Change
from ssoenv.admin.declaration import ASSIGNMENT, ENTITLEMENT
from ssoenv.admin.declaration import GROUP as GROUPS
from ssoenv.admin.values import (
    ACCOUNT,
    GROUP,
    USER,
    Account,
    PermissionSet,
    Principal,
    is_principal_id,
)
from ssoenv.base.errors import UsageError
from ssoenv.base.likely import did_you_mean
from ssoenv.identity_center.assignments import is_account_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from ssoenv.admin.center import Center
    from ssoenv.admin.declaration import Declaration, Entitled, Grant
    from ssoenv.admin.record import Held, Record
    from ssoenv.admin.values import Row
    from ssoenv.base.arns import RoleArn

PATTERN = frozenset("*?[")


class Meaning:
    """What a declaration, and the record of earlier ones, mean in an Identity Center."""

    def __init__(self, center: Center, declared: Declaration, record: Record) -> None:
        """Look up what is named; what is not there is noted when it is asked for."""
        self.center, self._declared = center, declared
        self.unmatched: list[str] = []
        """Patterns that no account matches."""
        self.recorded: dict[Row, Held] = {}
        """What a record says of the assignments that it owns, and nobody declares any more."""
        self._set_names = {one.name: one for one in center.sets.values()}
        words = {GROUP: set[str](), USER: set[str]()}
        for grant in declared.grants:
            words[GROUP] |= {*grant.groups}
            words[USER] |= {*grant.users}
        for one in declared.entitled:
            words[GROUP] |= {*one.groups}
            words[USER] |= {*one.users}
        for group in declared.groups.values():
            words[USER] |= {*(group.members or ())}
        held = [row[-2:] for row in (*record.assignments, *record.entitlements)]
        for kind, name in held:
            words[kind if kind in words else USER].add(name)
        self._principals = {
            (kind, name): one
            for kind, names in words.items()
            for name, one in _found(center, kind, sorted(names))
        }
        groups = sorted({*declared.groups, *record.groups})
        self._groups = dict(_found(center, GROUP, groups, named=True))
        self._units: dict[str, list[Account]] = {}
        ids = [one for grant in declared.grants for one in grant.accounts if is_account_id(one)]
        center.name_accounts([*ids, *(row[0] for row in record.assignments)])

    def group(self, name: str) -> Principal | None:
        """Return the group of a name, if there is one."""
        return self._groups.get(name)

    def permission_set(self, name: str) -> PermissionSet | None:
        """Return the permission set of a name, an ARN or an id, if there is one."""
        if name in self._set_names:
            return self._set_names[name]
        ids = (one for one in self.center.sets.values() if name in (one.arn, _id(one)))
        return next(ids, None)

    def member(self, group: str, words: str) -> Principal | None:
        """Return a member of a declared group; None, and noted, where there is no such user."""
        found = self._principals.get((USER, words))
        if found is None:
            known = (one.name for one in self.center.users.values())
            text = f"there is no user {words!r}{did_you_mean(words, known)}"
            self._wrong(text, GROUPS, group, "member")
        return found

    def rows(self) -> dict[Row, Change]:
        """Return every assignment that is declared, once."""
        found: dict[Row, Change] = {}
        for grant in self._declared.grants:
            accounts = self._accounts(grant)
            holders = [*self._holders(grant)]
            for one in self._sets(grant):
                for account in accounts:
                    for principal in holders:
                        row = (account.id, one.arn, principal.kind, principal.id)
                        found.setdefault(row, Change("assign", account, one, principal))
        return found

    def entitled(self) -> dict[tuple[str, str, str], tuple[RoleArn, Principal, Account]]:
        """Return every entitlement that is declared, once: by role, and kind and id of whose."""
        found: dict[tuple[str, str, str], tuple[RoleArn, Principal, Account]] = {}
        for one in self._declared.entitled:
            holders = [*self._holders(one, ENTITLEMENT)]
            for words in one.roles:
                try:
                    role = entitlements.role_meant(self.center, words, "role_arn")
                    account = entitlements.account_of(self.center, role)
                except UsageError as error:
                    self._wrong(error.message, ENTITLEMENT, str(one.number), "role_arn")
                    continue
                for who in holders:
                    found.setdefault((str(role), who.kind, who.id), (role, who, account))
        return found

    def entitled_before(self, record: Record) -> dict[tuple[str, str, str], Principal]:
        """Return what a record owns, by the same, of whoever is there still."""
        there = self._principals
        return {
            (role, kind, there[kind, name].id): there[kind, name]
            for role, kind, name in sorted(record.entitlements)
            if (kind, name) in there
        }

    def dropped(self, record: Record, declared: Mapping[Row, Change]) -> dict[Row, Change]:
        """Return what takes back what a record owns, and nobody declares any more.

        What is assigned of, in, or to something that is gone is gone, too.
        """
        gone = {account for kind, account in self.center.gone if kind == ACCOUNT}
        found: dict[Row, Change] = {}
        for account, name, kind, holder in sorted(record.assignments):
            one, principal = self.permission_set(name), self._principals.get((kind, holder))
            if one is None or principal is None or account in gone:
                continue
            row = (account, one.arn, kind, principal.id)
            if row not in declared:
                self.recorded[row] = (account, name, kind, holder)
                found[row] = Change("unassign", self.center.account(account), one, principal)
        return found

    def _sets(self, grant: Grant) -> Iterator[PermissionSet]:
        for words in dict.fromkeys(grant.sets):
            found = self.permission_set(words)
            if found is not None:
                yield found
            elif words in self._declared.sets:
                yield defining.nothing(words).permission_set
            else:
                known = (*self._set_names, *self._declared.sets)
                text = f"there is no permission set {words!r}{did_you_mean(words, known)}"
                self._wrong(text, ASSIGNMENT, str(grant.number), "permission_set")

    def _holders(self, grant: Grant | Entitled, table: str = ASSIGNMENT) -> Iterator[Principal]:
        for kind, named in ((GROUP, grant.groups), (USER, grant.users)):
            for words in dict.fromkeys(named):
                found = self._principals.get((kind, words))
                if found is not None:
                    yield found
                elif kind == GROUP and words in self._declared.groups:
                    yield joining.unmade_group(words)
                else:
                    center = self.center
                    there = center.groups if kind == GROUP else center.users
                    known = [one.name for one in there.values()]
                    text = f"there is no {kind.lower()} {words!r}{did_you_mean(words, known)}"
                    self._wrong(text, table, str(grant.number), kind.lower())

    def _accounts(self, grant: Grant) -> list[Account]:
        out = {one.id for one in self._each(grant, "without_account", grant.without, self._called)}
        found = dict.fromkeys(self._each(grant, "account", grant.accounts, self._called))
        found |= dict.fromkeys(self._each(grant, "ou", grant.units, self._in_unit))
        return [one for one in found if one.id not in out]

    def _each(
        self, grant: Grant, key: str, words: Iterable[str], meant: Callable[[str], list[Account]]
    ) -> Iterator[Account]:
        for one in words:
            try:
                yield from meant(one)
            except UsageError as error:
                self._wrong(error.message, ASSIGNMENT, str(grant.number), key)

    def _called(self, words: str) -> list[Account]:
        center = self.center
        if is_account_id(words) or not PATTERN & {*words}:
            return [center.account_there(words)]
        exact = [one for one in center.accounts.values() if one.name == words]
        found = exact or [one for one in center.accounts.values() if fnmatchcase(one.name, words)]
        if not found:
            self.unmatched.append(words)
        return found

    def _in_unit(self, words: str) -> list[Account]:
        if words not in self._units:
            self._units[words] = self.center.accounts_in(words)
        return self._units[words]

    def _wrong(self, text: str, *path: str) -> None:
        self._declared.document.problem(text, *path)


def _found(
    center: Center, kind: str, words: list[str], *, named: bool = False
) -> Iterator[tuple[str, Principal]]:
    """Yield those of `words` that users or groups have as names or ids, and whose these are.

    An id that nobody has may be of somebody who is gone. With `named` they are names only.
    """
    if len(words) <= FEW:
        ask = center.principal_named if named else center.principal_found
        found = list(center.each(words, lambda one: ask(kind, one)))
    else:
        there = (center.users if kind == USER else center.groups).values()
        by_id = {} if named else {one.id: one for one in there}
        by_name = {one.name: one for one in there}
        found = [by_id.get(one) or by_name.get(one) for one in words]
    for name, one in zip(words, found, strict=True):
        if one is not None:
            yield name, one
        elif is_principal_id(name) and not named:
            yield name, Principal(kind, name)


def _id(one: PermissionSet) -> str:
    return one.arn.rpartition("/")[2]
