"""What has to change so that an Identity Center is what a declaration says.

Everything is read once, and the cheaper way. Nothing goes unless that is asked for, and only what
the declaration, or an earlier one, owns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssoenv.admin import (
    assignments,
    changes,
    defining,
    entitlements,
    grants,
    joining,
    removal,
)
from ssoenv.admin.calls import Call, Unmade
from ssoenv.admin.declaration import SET
from ssoenv.admin.meaning import Meaning
from ssoenv.admin.plan import Plan
from ssoenv.admin.record import Ownership, Record
from ssoenv.admin.steps import REMOVE, Step
from ssoenv.admin.values import USER
from ssoenv.base import arns, clock
from ssoenv.base.errors import UsageError
from ssoenv.base.values import dataclass, field, replace

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from ssoenv.admin.calls import Change
    from ssoenv.admin.center import Center
    from ssoenv.admin.declaration import Declaration, Group
    from ssoenv.admin.definition import Definition
    from ssoenv.admin.grants import Grant
    from ssoenv.admin.record import Entitled, Held
    from ssoenv.admin.requests import Open
    from ssoenv.admin.values import Account, Details, PermissionSet, Principal, Row
    from ssoenv.base.arns import RoleArn

DELEGATED = "a delegated administrator changes nothing in the management account"
ELSEWHERE = "another identity provider has brought it, and changes it there"


def plan(
    center: Center,
    declared: Declaration,
    known: Ownership,
    *,
    prune: bool,
    announce: Callable[[assignments.Plan], None] = lambda _: None,
) -> Plan:
    """Return what has to change; with `prune`, what is owned and not declared any more goes.

    `known` is what the record says of earlier applies. What is in progress is asked for before what
    is assigned: whatever ends in between shows there. Raises InvalidConfiguration for words that
    mean nothing.
    """
    open_requests = changes.under_way(center)
    meaning = Meaning(center, declared, known.all)
    planning = _Planning(center, meaning, prune, _management(center), known)
    planning.groups(declared.groups)
    planning.sets(declared)
    rows, entitled = meaning.rows(), meaning.entitled()
    declared.document.finish()
    dropped = meaning.dropped(known.all, rows)
    there = _there(center, rows | dropped, announce)
    ending = planning.lasting(rows, dropped)
    planning.assigned(rows.values(), open_requests, there)
    entitled_there = planning.entitled(entitled, known.all)
    going = {row: one for row, one in dropped.items() if row not in ending}
    planning.dropped(going, open_requests, there)
    found = planning.found
    found.notes += [f"no account is called {one}" for one in meaning.unmatched]
    ours = {row for row in going if meaning.recorded[row] in known.owned.assignments}
    wanted = _recorded(declared, rows.values(), entitled.values())
    left = planning.left(known.all - wanted, ours)
    # What is not declared any more is called in the record as it was when it was.
    held = {row: _held(one) for row, one in rows.items()}
    held |= {row: meaning.recorded[row] for row in dropped}
    is_there = frozenset(one for row, one in held.items() if row in there)
    comes = frozenset(one for row, one in held.items() if row in open_requests)
    found.there = wanted & Record(*planning.named(declared), is_there, entitled_there)
    stays = Record(assignments=is_there | comes, entitlements=entitled_there)
    found.gone = known.all - wanted - left - stays
    planning.tell_adopted(known.owned)
    return found


def _recorded(
    declared: Declaration,
    rows: Iterable[changes.Change],
    entitled: Iterable[tuple[RoleArn, Principal, Account]],
) -> Record:
    """Return what is declared, as the record has it."""
    return Record(
        frozenset(declared.groups),
        frozenset(declared.sets),
        frozenset(map(_held, rows)),
        frozenset(_entitled(role, who) for role, who, _ in entitled),
    )


@dataclass(slots=True)
class _Planning:
    """A plan being made. `management` is the account that the caller may not touch, or empty."""

    center: Center
    meaning: Meaning
    prune: bool
    management: str
    known: Ownership
    found: Plan = field(default_factory=Plan)

    def groups(self, declared: Mapping[str, Group]) -> None:
        """Plan groups, and who is in them."""
        known = {name: one for name in declared if (one := self.meaning.group(name))}
        asked = [name for name in known if declared[name].members is not None]
        read = self.center.each(asked, lambda name: self.center.memberships(known[name].id))
        memberships = dict(zip(asked, read, strict=True))
        for name, group in declared.items():
            one = known.get(name)
            why = ELSEWHERE if one and one.external else ""
            if one is None:
                self._make(
                    joining.group_made(name, group.description or ""),
                    Record(groups=frozenset({name})),
                )
                one = joining.unmade_group(name)
            elif group.description not in (None, "", one.display):
                self._add([joining.described(one, str(group.description))], why)
            if group.members is not None:
                self._add(self._members(one, group.members, memberships.get(name, {})), why)

    def sets(self, declared: Declaration) -> None:
        """Plan permission sets, and that they are provisioned where they are roles."""
        center, find = self.center, self.meaning.permission_set
        known = {name: one for name in declared.sets if (one := find(name))}
        read = center.each([*known.values()], lambda one: center.details(one, named=False))
        details = dict(zip(known, read, strict=True))
        for name, wanted in declared.sets.items():
            try:
                self._set(details.get(name) or defining.nothing(name), wanted)
            except UsageError as error:
                declared.document.problem(error.message, SET, name)

    def lasting(
        self, wanted: Mapping[Row, changes.Change], dropped: Mapping[Row, changes.Change]
    ) -> dict[Row, Grant]:
        """Plan that what is declared has no end; return what of `dropped` has one, and so stays."""
        sets = dict.fromkeys(one.permission_set for one in (*wanted.values(), *dropped.values()))
        there = [one for one in sets if not isinstance(one.arn, Unmade)]
        known, _, _ = grants.read(self.center, there)
        self._add(
            grants.lasting(wanted[row], grant) for row, grant in known.items() if row in wanted
        )
        ending = {row: grant for row, grant in known.items() if row in dropped}
        for row, grant in ending.items():
            account, name, who = dropped[row].cells()
            until = clock.render_local(grant.until)
            self._note(f"{name} in {account} stays: {who} was granted it until {until}")
        return ending

    def assigned(
        self, wanted: Iterable[changes.Change], open_requests: Mapping[Row, Open], there: set[Row]
    ) -> None:
        """Plan those of `wanted` that are not so, nor in progress."""
        for one in changes.needed(wanted, open_requests, there):
            if one.kind == "assign" and one.account.status not in ("", "ACTIVE"):
                name = one.account.name or one.account.id
                self._note(f"{name} is {one.account.status.lower()}: nothing is assigned there")
            elif one.kind == "assign" and not one.principal.name and self._is_gone(one.principal):
                kind = one.principal.kind.lower()
                self._note(f"the {kind} {one.principal.id} is gone: nothing is assigned to it")
            else:
                why = DELEGATED if one.account.id == self.management else ""
                self._make([one], Record(assignments=frozenset({_held(one)})), why)

    def dropped(
        self,
        found: Mapping[Row, changes.Change],
        open_requests: Mapping[Row, Open],
        there: set[Row],
    ) -> None:
        """Plan that assignments are taken back that a record owns, and nobody declares any more."""
        for one in changes.needed(found.values(), open_requests, there):
            why = DELEGATED if one.account.id == self.management else ""
            held = self.meaning.recorded[one.row]
            self._let_go(one, Record(assignments=frozenset({held})), why)

    def entitled(
        self,
        wanted: Mapping[tuple[str, str, str], tuple[RoleArn, Principal, Account]],
        record: Record,
    ) -> frozenset[Entitled]:
        """Plan entitlements; return which of those wanted, and of those in a record, are there."""
        before = self.meaning.entitled_before(record)
        if not wanted and not before:
            return frozenset()
        here = entitlements.required(self.center)
        roles = dict.fromkeys(role for role, *_ in (*wanted, *before))
        known = {
            (one.role_arn, one.kind, one.principal): one
            for one in entitlements.find(
                self.center, roles=[arns.parse(role) for role in roles], here=here
            )
        }
        for key, (role, who, account) in wanted.items():
            if key not in known:
                made = entitlements.made(here, role, who, account)
                self._make([made], Record(entitlements=frozenset({_entitled(role, who)})))
        found = {_entitled(role, who) for key, (role, who, _) in wanted.items() if key in known}
        for key, who in before.items():
            if key in known:
                entry = key[0], key[1], who.words
                found.add(entry)
                if key not in wanted:
                    account = self.center.account(known[key].account)
                    taken = entitlements.taken(here, known[key], who, account)
                    self._let_go(taken, Record(entitlements=frozenset({entry})))
        return frozenset(found)

    def left(self, owned: Record, dropped: Collection[Row]) -> Record:
        """Plan that permission sets and groups go that nobody declares; return which are there.

        One that holds, or is held by, what is not owned stays.
        """
        sets, groups = self._sets_left(owned), self._groups_left(owned)
        for one in sets:
            wanted = assignments.Wanted(sets=(one,))
            if self._is_free(f"permission set {one.name}", wanted, dropped):
                call = Call("sso-admin", "delete_permission_set", {"PermissionSetArn": one.arn})
                step = Step(REMOVE, "permission set", one.name, call=call)
                self._let_go(step, Record(permission_sets=frozenset({one.name})))
        for group in groups:
            wanted = assignments.Wanted(principals=(group,))
            if group.external:
                self._note(f"group {group.name} stays: {ELSEWHERE}")
            elif self._is_free(f"group {group.name}", wanted, dropped, self._entitled_else(group)):
                step = removal.deletion(
                    group, "it stays for as long as it holds what is not declared"
                )
                self._let_go(step, Record(groups=frozenset({group.name})))
        return Record(frozenset(one.name for one in groups), frozenset(one.name for one in sets))

    def named(self, declared: Declaration) -> tuple[frozenset[str], frozenset[str]]:
        """Return the groups and the permission sets that are declared and there."""
        return (
            frozenset(filter(self.meaning.group, declared.groups)),
            frozenset(filter(self.meaning.permission_set, declared.sets)),
        )

    def tell_adopted(self, owned: Record) -> None:
        """Note how much of what is declared is there already, and was not `owned`."""
        if count := len(self.found.there - owned):
            things = (
                f"{count:,} of what is declared are" if count > 1 else "1 of what is declared is"
            )
            self._note(
                f"{things} there already: once applied it is this file's, and --prune lets it go "
                "when the file names it no more"
            )

    def _sets_left(self, owned: Record) -> list[PermissionSet]:
        found = map(self.meaning.permission_set, sorted(owned.permission_sets))
        return [one for one in found if one]

    def _groups_left(self, owned: Record) -> list[Principal]:
        return [one for one in map(self.meaning.group, sorted(owned.groups)) if one]

    def _set(self, before: Details, wanted: Definition) -> None:
        """Plan a permission set; without `prune`, only what comes or changes."""
        one = before.permission_set
        managed = any(account.id == self.management for account in before.accounts)
        why = DELEGATED if managed else ""
        whole = defining.plan_contents(self.center, before, wanted)
        made = whole
        if not self.prune:
            made = defining.plan_contents(self.center, before, replace(wanted, whole=False))
            self.found.kept += [step for step in whole if step.sign == REMOVE]
        if isinstance(one.arn, Unmade):
            self._make(made, Record(permission_sets=frozenset({one.name})), why)
        else:
            self._add(made, why)
            self._add(defining.plan_roles(before, made), why)

    def _members(
        self, group: Principal, words: Iterable[str], there: Mapping[str, str]
    ) -> Iterable[Change]:
        """Yield who comes into a group, and who goes; `there` has their memberships."""
        users = [one for each in words if (one := self.meaning.member(group.name, each))]
        for user in dict.fromkeys(users):
            if user.id not in there:
                yield joining.joined(group, user)
        for user_id in there.keys() - {user.id for user in users}:
            yield joining.left(group, self.center.principal(USER, user_id), there[user_id])

    def _add(self, planned: Iterable[Change], why: str = "") -> None:
        """Plan changes, which are refused for a reason: `why`."""
        for one in planned:
            if why:
                self.found.refused.append((one, why))
            elif one.sign == REMOVE and not self.prune:
                self.found.kept.append(one)
            else:
                self.found.changes.append(one)

    def _make(self, planned: Sequence[Change], what: Record, why: str = "") -> None:
        """Plan that what is declared comes to be: by the first of the changes that is a call."""
        first = next(one for one in planned if one.call)
        self.found.additions.append((first, what))
        self._add(planned, why)

    def _let_go(self, one: Change, what: Record, why: str = "") -> None:
        """Plan that what is owned goes; what was only begun stays, for nobody knows whose it is."""
        if not what - self.known.owned:
            self.found.removals.append((one, what))
            self._add([one], why)
        elif self.prune:
            self._note(
                f"{' '.join(one.cells())} stays: an apply that was killed was about to make it, or "
                "somebody else has; once it is declared it is this file's"
            )

    def _note(self, text: str) -> None:
        if text not in self.found.notes:
            self.found.notes.append(text)

    def _is_gone(self, one: Principal) -> bool:
        return self.center.is_gone(one.kind, one.id)

    def _is_free(
        self, name: str, wanted: assignments.Wanted, dropped: Collection[Row], entitled: int = 0
    ) -> bool:
        """Whether all that something has goes with it; noted where it stays for others.

        `entitled` is how many entitlements stay.
        """
        if not self.prune:
            return True
        rows = assignments.Reading(self.center, wanted).read()
        others = sum(row not in dropped for row in rows) + entitled
        if others:
            times = f"{others} assignments" if others > 1 else "an assignment"
            self._note(f"{name} stays: it has {times} that nobody declared")
        return not others

    def _entitled_else(self, group: Principal) -> int:
        """Return how many entitlements a group has that do not go with it."""
        return sum(one not in self.found.changes for one in entitlements.all_of(self.center, group))


def _management(center: Center) -> str:
    """Return the id of the management account, where the caller is of another one."""
    account = center.calls.identity.split(":")[4:5]
    return center.instance.owner if account and account != [center.instance.owner] else ""


def _there(
    center: Center,
    wanted: Mapping[Row, changes.Change],
    announce: Callable[[assignments.Plan], None],
) -> set[Row]:
    """Return which of the assignments that are `wanted` are there."""
    there = [one for one in wanted.values() if not one.call.unmade()]
    if not there:
        return set()
    asked = assignments.Wanted(
        tuple(dict.fromkeys(one.principal for one in there)),
        tuple(dict.fromkeys(one.permission_set for one in there)),
        tuple(dict.fromkeys(one.account for one in there)),
        places=tuple(dict.fromkeys((one.account.id, one.permission_set.arn) for one in there)),
    )
    rows = assignments.Reading(center, asked, announce=announce, tell=center.tell).read()
    return {row for row in rows if row in wanted}


def _held(one: changes.Change) -> Held:
    """Return an assignment as the record has it."""
    return (one.account.id, one.permission_set.name, one.principal.kind, one.principal.words)


def _entitled(role: RoleArn, who: Principal) -> Entitled:
    """Return an entitlement as the record has it."""
    return (str(role), who.kind, who.words)
