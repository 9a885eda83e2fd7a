"""What the sandbox serves: instances, users, groups, accounts and assignments."""

from __future__ import annotations

import random

from ssoenv.base.values import dataclass, replace


@dataclass(frozen=True, slots=True)
class Instance:
    """One Identity Center: the session name a config should give it, its start URL and region.

    `tenant` is that of its account access manager; empty where it has none.
    """

    session: str
    start_url: str
    region: str
    tenant: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """An AWS account of the instance `session`; `id` has 12 digits.

    One that is `suspended` is still listed, but its roles are refused. `unit` is the path of its
    organizational unit, such as Workloads/Prod; empty: the root. `role` says what it is to the
    organization: "management", "delegated" (an administrator of Identity Center), or "".
    """

    name: str
    id: str
    email: str
    session: str
    suspended: bool = False
    unit: str = ""
    role: str = ""


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who can sign in, and the groups they are in.

    `external` is their id at another identity provider, from which they come; or "".
    """

    name: str
    groups: tuple[str, ...] = ()
    display_name: str = ""
    external: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """A group of users; `external` is its id at another identity provider, or ""."""

    name: str
    description: str = ""
    external: str = ""


@dataclass(frozen=True, slots=True)
class Assignment:
    """A user, or else every member of a group, holds a permission set in an account, by name.

    An account may also be given by its id: of several with one name, only that tells which.
    """

    account: str
    permission_set: str
    user: str | None = None
    group: str | None = None


@dataclass(frozen=True, slots=True)
class IamRole:
    """A role of IAM in an account, and who may assume it.

    `trusts` has ACCOUNT/NAME of permission sets and roles, by the names of both and with ``*``;
    `path` begins and ends with a slash, and `max_session` is in seconds.
    """

    account: str
    name: str
    trusts: tuple[str, ...] = ()
    path: str = "/"
    max_session: int = 3600


@dataclass(frozen=True, slots=True)
class Entitlement:
    """The account access manager gives a user, or a group, a role of IAM, by name."""

    account: str
    role: str
    user: str | None = None
    group: str | None = None


@dataclass(frozen=True, slots=True)
class World:
    """All there is at first, in the order of the file; there is an instance at least.

    `groups` need not have those that users or assignments name. What administrators change
    afterwards is in the `Directory` that is made of this.
    """

    instances: tuple[Instance, ...]
    users: tuple[User, ...]
    accounts: tuple[Account, ...]
    permission_sets: tuple[str, ...]
    assignments: tuple[Assignment, ...]
    roles: tuple[IamRole, ...] = ()
    entitlements: tuple[Entitlement, ...] = ()
    groups: tuple[Group, ...] = ()

    def instance(self, start_url: str) -> Instance | None:
        """Return the instance behind `start_url`, however it ends: ``/start``, ``/start/#/``."""
        wanted = _bare(start_url)
        return next((one for one in self.instances if _bare(one.start_url) == wanted), None)

    def organization(self, session: str) -> tuple[Account, ...]:
        """Return the accounts of an instance's organization, the management account first.

        Where no account is that one, there is one more, in which nobody holds anything.
        """
        here = tuple(one for one in self.accounts if one.session == session)
        first = next((one for one in here if one.role == "management"), None)
        first = first or self._management(session)
        return (first, *(one for one in here if one is not first))

    def _management(self, session: str) -> Account:
        taken = {one.id for one in self.accounts}
        numbers = (n for n in range(888888888888, 999999999999) if f"{n}" not in taken)
        sessions = [one.session for one in self.instances]
        number = next(n for place, n in enumerate(numbers) if place == sessions.index(session))
        email = f"aws@{session}.example"
        return Account("management", f"{number}", email, session, role="management")

    def role(self, arn: str) -> IamRole | None:
        """Return the role of IAM that has `arn`."""
        return next((one for one in self.roles if self.arn(one) == arn), None)

    def arn(self, role: IamRole) -> str:
        """Return the ARN of a role of IAM."""
        account = next(one.id for one in self.accounts if one.name == role.account)
        return f"arn:aws:iam::{account}:role{role.path}{role.name}"

    def user(self, name: str) -> User | None:
        """Return the user called `name`."""
        return next((user for user in self.users if user.name == name), None)


_ACME = Instance("acme", "https://d-0000000000.awsapps.com/start", "us-east-1", "aa-0000000000")
_ROLES = ("Developer", "ReadOnly", "Administrator", "Billing")
_ACCOUNTS = ("dev", "staging", "prod", "shared", "security", "sandbox")
_DELEGATED = "delegated"
_UNITS = {
    "dev": "Workloads/Test",
    "staging": "Workloads/Test",
    "prod": "Workloads/Prod",
    "shared": "Core",
    "security": "Core",
}
_HELD: dict[str, dict[str, tuple[str, ...]]] = {
    "alice": {
        "dev": ("Developer", "ReadOnly"),
        "staging": ("Developer", "ReadOnly"),
        "prod": ("ReadOnly", "Administrator"),
        "sandbox": ("Developer",),
    },
    "bob": {"dev": ("ReadOnly",), "prod": ("ReadOnly",)},
}
_IAM_ROLES = (
    IamRole("prod", "Deploy", ("dev/Developer", "staging/Developer")),
    IamRole("security", "Audit", ("*/ReadOnly",), "/team/"),
)
_USERS = tuple(User(name) for name in _HELD)


def built_in() -> World:
    """Return the world of the manual: session acme, alice and bob, six accounts."""
    assignments = tuple(
        Assignment(account, role, user=user)
        for user, accounts in _HELD.items()
        for account, roles in accounts.items()
        for role in roles
    )
    accounts = tuple(
        _account(name, str(n) * 12, _UNITS.get(name, ""), _DELEGATED if name == "security" else "")
        for n, name in enumerate(_ACCOUNTS, 1)
    )
    entitled = (Entitlement("security", "Audit", user="alice"),)
    return World((_ACME,), _USERS, accounts, _ROLES, assignments, _IAM_ROLES, entitled)


def synthetic(accounts: int, roles: int) -> World:
    """Return a large world: alice holds `roles` roles in each of `accounts` accounts; bob none."""
    made = tuple(_account(f"team-{n:04}", str(100000000000 + n)) for n in range(accounts))
    return _alone(made, roles)


_LARGE = (1000, 5)
_ORGANIZATION = (500, 60, 300, 3000, 20000)
"""Accounts, permission sets, groups, users and assignments of a large organization."""
_ODD_NAMES = (
    "shared services",  # the same name each time
    "  Data   Platform  {n}  ",
    "Zahlungsverkehr Köln {n}",
    "決済基盤 本番 {n}",
    "платежи {n}",
    "مدفوعات {n}",
    "cafe\u0301 🚀 {n}",
    'a/b: {n} = $(id), "q"',
    "-{n}",
)
"""Names that AWS lets an account have, and that are hard on tables, files and shells."""


def large(accounts: int = 0, roles: int = 0) -> World:
    """Return a world as large organisations have it: alice holds `roles` roles everywhere.

    1,000 accounts with 5 roles unless told otherwise. Of ten accounts, one has an odd name and the
    rest ordinary ones; of fifty, one is suspended.
    """
    accounts = accounts or _LARGE[0]
    return _alone(tuple(_of_many(n) for n in range(accounts)), roles or _LARGE[1])


def organization(
    accounts: int = 0, sets: int = 0, groups: int = 0, users: int = 0, assignments: int = 0
) -> World:
    """Return a world as administrators of a large organization have it, the same every time.

    500 accounts in 20 units, 60 permission sets, 300 groups, 3,000 users in three groups each and
    20,000 assignments, nine of ten to groups, unless told otherwise. alice is the first user.
    """
    asked = (accounts, sets, groups, users, assignments)
    wanted = [one or usual for one, usual in zip(asked, _ORGANIZATION, strict=True)]
    chance = random.Random(0)  # noqa: S311 - the same every time is what is wanted
    made = tuple(_placed(_of_many(n), n) for n in range(wanted[0]))
    named = (*_ROLES, *(f"Role{n:03}" for n in range(len(_ROLES), wanted[1])))[: wanted[1]]
    teams = tuple(f"team-{n:03}" for n in range(wanted[2]))
    people = ("alice", *(f"user-{n:04}" for n in range(1, wanted[3])))
    members = tuple(
        User(one, tuple(chance.sample(teams, min(3, len(teams)))), one.replace("-", " ").title())
        for one in people
    )
    given: dict[Assignment, None] = {}
    while len(given) < wanted[4]:
        place = chance.choice(made).id, chance.choice(named)
        if teams and chance.random() < 0.9:
            given[Assignment(*place, group=chance.choice(teams))] = None
        else:
            given[Assignment(*place, user=chance.choice(people))] = None
    return World((_ACME,), members, made, named, tuple(given), groups=tuple(map(Group, teams)))


def _placed(account: Account, number: int) -> Account:
    kind = ("Prod", "Test", "Sandbox", "Data")[number % 4]
    return replace(account, unit=f"Workloads/Unit {number % 5}/{kind}")


def _of_many(number: int) -> Account:
    name = f"{('team', 'service', 'product')[number % 3]}-{number:04}"
    email = f"aws+{name}@acme.example"
    if number % 10 == 9:
        name = _ODD_NAMES[number // 10 % len(_ODD_NAMES)].format(n=number)
    suspended = number % 50 == 47
    return Account(name, str(200000000000 + number), email, _ACME.session, suspended)


def _alone(accounts: tuple[Account, ...], roles: int) -> World:
    """Return a world of `accounts` in each of which alice holds the same `roles` roles."""
    names = (*_ROLES, *(f"Role{n:03}" for n in range(len(_ROLES), roles)))[:roles]
    assignments = tuple(
        Assignment(account.id, role, user="alice") for account in accounts for role in names
    )
    return World((_ACME,), _USERS, accounts, names, assignments)


def _bare(start_url: str) -> str:
    return start_url.partition("#")[0].rstrip("/")


def _account(name: str, account_id: str, unit: str = "", role: str = "") -> Account:
    email = f"{name}@acme.example"
    return Account(name, account_id, email, _ACME.session, unit=unit, role=role)
