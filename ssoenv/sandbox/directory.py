"""Who there is while the sandbox runs, and what is assigned to whom: one truth for both halves.

The portal and sign-in read it; administrators read and change it by way of ``sandbox/admin``. It is
made of a `World`, which stays what it was. All instances of a world share its users, groups and
permission sets; an account belongs to one of them. Moments are seconds since the epoch, durations
seconds.
"""

from __future__ import annotations

import hashlib
import itertools
import uuid
from typing import TYPE_CHECKING, Any

from ssoenv.base.values import dataclass, field

if TYPE_CHECKING:
    from ssoenv.sandbox.world import Account, Entitlement, World
    from ssoenv.sandbox.world import Assignment as Given
    from ssoenv.sandbox.world import User as Person

_POLICIES = {
    "Administrator": "AdministratorAccess",
    "Developer": "PowerUserAccess",
    "ReadOnly": "ReadOnlyAccess",
    "Billing": "job-function/Billing",
}
"""What the permission sets of these names have in a new world: policies that AWS manages."""
USER, GROUP = "USER", "GROUP"
Principal = tuple[str, str]
"""USER or GROUP, and its id in the identity store."""
Place = tuple[str, str]
"""The id of an account, and that of a permission set."""


@dataclass(slots=True)
class User:
    """Somebody, with the attributes that the identity store has of them (UserName and the rest)."""

    id: str
    attributes: dict[str, Any]
    created: float
    revision: int = 1

    @property
    def name(self) -> str:
        """Their name at the sign-in."""
        return str(self.attributes["UserName"])


@dataclass(slots=True)
class Group:
    """A group, with its attributes (DisplayName, Description, ExternalIds), and its members.

    `members` has the id of the membership by that of the user.
    """

    id: str
    attributes: dict[str, Any]
    created: float
    members: dict[str, str] = field(default_factory=dict)
    revision: int = 1

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.attributes["DisplayName"])


@dataclass(slots=True)
class PermissionSet:
    """A permission set; every change of what it gives makes another `version`.

    `duration` 0 is the sandbox's own. `managed` has the ARNs of policies of AWS, and
    `customer_managed` path and name of those of the account; `boundary` is as the service has it.
    """

    id: str
    name: str
    created: float
    description: str = ""
    duration: int = 0
    relay_state: str = ""
    inline_policy: str = ""
    managed: list[str] = field(default_factory=list)
    customer_managed: list[tuple[str, str]] = field(default_factory=list)
    boundary: dict[str, Any] | None = None
    tags: dict[str, str] = field(default_factory=dict)
    version: int = 1


@dataclass(frozen=True, slots=True)
class Provisioned:
    """The role that a permission set is in an account: of which version, and for how long."""

    version: int
    duration: int


@dataclass(frozen=True, slots=True)
class Entitled:
    """A user or a group may take a role of IAM, as the account access manager has it."""

    principal: Principal
    role_arn: str
    created: float

    @property
    def account(self) -> str:
        """The id of the account that the role is in."""
        return self.role_arn.split(":")[4]


@dataclass(frozen=True, slots=True)
class Held:
    """An account, and the roles that somebody holds in it, in the order of the assignments."""

    account: Account
    roles: list[str] = field(default_factory=list)


class Directory:
    """The identity store, the permission sets and the assignments of a running sandbox."""

    def __init__(self, world: World, now: float) -> None:
        """Begin as `world` has it, everything created and provisioned `now`."""
        self.users: dict[str, User] = {}
        self.groups: dict[str, Group] = {}
        self.sets: dict[str, PermissionSet] = {}
        self.accounts: dict[str, Account] = {}
        self.given: dict[str, str] = {}
        """What users and groups are called in the world, by id: it goes on to mean them alone."""
        self.assigned: dict[Place, dict[Principal, int]] = {}
        """Who holds a place; the numbers tell the order in which they came to it."""
        self.provisioned: dict[Place, Provisioned] = {}
        self.entitlements: dict[str, Entitled] = {}
        """By their ids."""
        self._places: dict[Principal, dict[Place, None]] = {}
        self._numbers = itertools.count()
        self._held: dict[tuple[str, str], dict[str, Held]] = {}
        self.began = self._now = now
        for one in world.instances:
            self.accounts |= {account.id: account for account in world.organization(one.session)}
        named = {one.name: self._new_group(one.name) for one in world.groups}
        for given in world.groups:
            told = {"Description": given.description} if given.description else {}
            named[given.name].attributes |= told | _external(given.external)
        for person in world.users:
            self._add_person(person, named)
        for name in world.permission_sets:
            self._new_set(name)
        self._assign_all(world, named)
        self._entitle_all(world)

    def user_named(self, name: str) -> User | None:
        """Return the user who signs in as `name`."""
        return next((one for one in self.users.values() if one.name == name), None)

    def group_named(self, name: str) -> Group | None:
        """Return the group called `name`."""
        return next((one for one in self.groups.values() if one.name == name), None)

    def set_named(self, name: str) -> PermissionSet | None:
        """Return the permission set called `name`."""
        return next((one for one in self.sets.values() if one.name == name), None)

    def groups_of(self, user_id: str) -> list[Group]:
        """Return the groups that a user is in."""
        return [one for one in self.groups.values() if user_id in one.members]

    def places_of(self, principal: Principal) -> list[Place]:
        """Return what is assigned to a user or a group itself, in the order of the assignments."""
        return list(self._places.get(principal, ()))

    def held(self, user: str, session: str) -> dict[str, Held]:
        """Return what the user of the id `user` holds at an instance, by account id."""
        key = user, session
        if key not in self._held:
            self._held[key] = self._look_up(user, session)
        return self._held[key]

    def duration(self, account_id: str, role: str) -> int:
        """Return how long credentials of a role last, as it was provisioned; 0: as all do."""
        found = self.set_named(role)
        provisioned = self.provisioned.get((account_id, found.id)) if found else None
        return provisioned.duration if provisioned else 0

    def changed(self) -> None:
        """Forget what was concluded: users, groups or assignments are others now."""
        self._held.clear()

    def assign(self, place: Place, principal: Principal) -> None:
        """Assign a permission set in an account; the first one provisions the role there."""
        if place not in self.provisioned:
            self.provision(place)
        self.assigned.setdefault(place, {}).setdefault(principal, next(self._numbers))
        self._places.setdefault(principal, {})[place] = None
        self.changed()

    def unassign(self, place: Place, principal: Principal) -> None:
        """Take an assignment back; with the last one the role goes."""
        holders = self.assigned.get(place, {})
        holders.pop(principal, None)
        self._places.get(principal, {}).pop(place, None)
        if not holders:
            self.assigned.pop(place, None)
            self.provisioned.pop(place, None)
        self.changed()

    def provision(self, place: Place) -> None:
        """Make the role in an account what the permission set is now."""
        one = self.sets[place[1]]
        self.provisioned[place] = Provisioned(one.version, one.duration)

    def _look_up(self, user: str, session: str) -> dict[str, Held]:
        principals = [(USER, user), *((GROUP, one.id) for one in self.groups_of(user))]
        places = {
            (self.assigned[place][principal], place)
            for principal in principals
            for place in self._places.get(principal, ())
            if self.accounts[place[0]].session == session
        }
        found: dict[str, Held] = {}
        for _, (account, set_id) in sorted(places):
            held = found.setdefault(account, Held(self.accounts[account]))
            if self.sets[set_id].name not in held.roles:
                held.roles.append(self.sets[set_id].name)
        return found

    def _add_person(self, person: Person, named: dict[str, Group]) -> None:
        display = person.display_name or person.name
        given, _, family = display.partition(" ")
        attributes = {
            "UserName": person.name,
            "DisplayName": display,
            "Name": {"GivenName": given, "FamilyName": family or given},
        }
        attributes |= _external(person.external)
        user = User(_id("user", person.name), attributes, self._now)
        self.users[user.id], self.given[user.id] = user, person.name
        for name in person.groups:
            group = named.get(name) or named.setdefault(name, self._new_group(name))
            group.members[user.id] = _id("membership", f"{name}/{person.name}")

    def _new_group(self, name: str) -> Group:
        group = Group(_id("group", name), {"DisplayName": name}, self._now)
        self.groups[group.id], self.given[group.id] = group, name
        return group

    def _new_set(self, name: str) -> PermissionSet:
        digest = hashlib.sha256(name.encode()).hexdigest()[:16]
        one = PermissionSet(f"ps-{digest}", name, self._now)
        if name in _POLICIES:
            one.managed.append(f"arn:aws:iam::aws:policy/{_POLICIES[name]}")
        self.sets[one.id] = one
        return one

    def _assign_all(self, world: World, named: dict[str, Group]) -> None:
        """Assign what `world` has, by the names that it uses."""
        sets = {one.name: one for one in self.sets.values()}
        users = {one.name: one for one in self.users.values()}
        accounts: dict[str, list[Account]] = {}
        for instance in world.instances:
            here = world.organization(instance.session)
            found = {one.name: one for one in here} | {one.id: one for one in here}
            for key, account in found.items():
                accounts.setdefault(key, []).append(account)
        for given in world.assignments:
            principal = self._principal(given, users, named)
            name = given.permission_set
            one = sets.get(name) or sets.setdefault(name, self._new_set(name))
            for account in accounts.get(given.account, ()):
                if principal is not None:
                    self.assign((account.id, one.id), principal)

    def _entitle_all(self, world: World) -> None:
        """Entitle whom `world` does."""
        roles = {(one.account, one.name): world.arn(one) for one in world.roles}
        users = {one.name: one for one in self.users.values()}
        groups = {one.name: one for one in self.groups.values()}
        for given in world.entitlements:
            principal = self._principal(given, users, groups)
            if principal is not None:
                found = Entitled(principal, roles[given.account, given.role], self._now)
                name = f"{principal[0]}/{principal[1]}/{found.role_arn}"
                self.entitlements[_id("entitlement", name)] = found

    def entitled(self, user: str, session: str) -> set[str]:
        """Return the ARNs of the roles that the user of the id `user` is entitled to there."""
        holders = {(USER, user), *((GROUP, one.id) for one in self.groups_of(user))}
        return {
            one.role_arn
            for one in self.entitlements.values()
            if one.principal in holders and self.accounts[one.account].session == session
        }

    def _principal(
        self, given: Given | Entitlement, users: dict[str, User], named: dict[str, Group]
    ) -> Principal | None:
        if given.user is not None:
            return (USER, users[given.user].id) if given.user in users else None
        name = str(given.group)
        group = named.get(name) or named.setdefault(name, self._new_group(name))
        return GROUP, group.id


def _id(kind: str, name: str) -> str:
    """Return an id of the identity store, the same for each sandbox with that world."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"sandbox:{kind}/{name}"))


def _external(external: str) -> dict[str, Any]:
    issuer = "https://identity.example/scim"
    return {"ExternalIds": [{"Issuer": issuer, "Id": external}]} if external else {}
