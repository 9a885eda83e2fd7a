"""What the sandbox serves: instances, users, groups, accounts and assignments."""

from __future__ import annotations

from dataclasses import dataclass, field


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

    One that is `suspended` is still listed, but its roles are refused.
    """

    name: str
    id: str
    email: str
    session: str
    suspended: bool = False


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who can sign in, and the groups they are in."""

    name: str
    groups: tuple[str, ...] = ()


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
class Held:
    """An account, and the roles that somebody holds in it, in the order of the assignments."""

    account: Account
    roles: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class World:
    """All there is, in the order of the file; there is an instance and a user at least."""

    instances: tuple[Instance, ...]
    users: tuple[User, ...]
    accounts: tuple[Account, ...]
    permission_sets: tuple[str, ...]
    assignments: tuple[Assignment, ...]
    roles: tuple[IamRole, ...] = ()
    entitlements: tuple[Entitlement, ...] = ()

    def instance(self, start_url: str) -> Instance | None:
        """Return the instance behind `start_url`, however it ends: ``/start``, ``/start/#/``."""
        wanted = _bare(start_url)
        return next((one for one in self.instances if _bare(one.start_url) == wanted), None)

    def account(self, account_id: str) -> Account | None:
        """Return the account with the id `account_id`."""
        return next((one for one in self.accounts if one.id == account_id), None)

    def role(self, arn: str) -> IamRole | None:
        """Return the role of IAM that has `arn`."""
        return next((one for one in self.roles if self.arn(one) == arn), None)

    def arn(self, role: IamRole) -> str:
        """Return the ARN of a role of IAM."""
        account = next(one.id for one in self.accounts if one.name == role.account)
        return f"arn:aws:iam::{account}:role{role.path}{role.name}"

    def entitled(self, user: str, session: str) -> list[IamRole]:
        """Return the roles that the account access manager gives `user` at an instance."""
        known = self.user(user)
        groups = known.groups if known else ()
        named = {
            (one.account, one.role)
            for one in self.entitlements
            if one.user == user or one.group in groups
        }
        mine = {one.name for one in self.accounts if one.session == session}
        return [
            one for one in self.roles if one.account in mine and (one.account, one.name) in named
        ]

    def user(self, name: str) -> User | None:
        """Return the user called `name`."""
        return next((user for user in self.users if user.name == name), None)

    def held(self, user: str, session: str) -> dict[str, Held]:
        """Return what `user` holds at an instance, directly or by a group, by account id."""
        known = self.user(user)
        groups = known.groups if known else ()
        here = [one for one in self.accounts if one.session == session]
        accounts = {one.name: one for one in here} | {one.id: one for one in here}
        found: dict[str, Held] = {}
        for one in self.assignments:
            account = accounts.get(one.account)
            if account is not None and (one.user == user or one.group in groups):
                held = found.setdefault(account.id, Held(account))
                if one.permission_set not in held.roles:
                    held.roles.append(one.permission_set)
        return found


_ACME = Instance("acme", "https://d-0000000000.awsapps.com/start", "us-east-1", "aa-0000000000")
_ROLES = ("Developer", "ReadOnly", "Administrator", "Billing")
_ACCOUNTS = ("dev", "staging", "prod", "shared", "security", "sandbox")
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
    accounts = tuple(_account(name, str(n) * 12) for n, name in enumerate(_ACCOUNTS, 1))
    entitled = (Entitlement("security", "Audit", user="alice"),)
    return World((_ACME,), _USERS, accounts, _ROLES, assignments, _IAM_ROLES, entitled)


def synthetic(accounts: int, roles: int) -> World:
    """Return a large world: alice holds `roles` roles in each of `accounts` accounts; bob none."""
    made = tuple(_account(f"team-{n:04}", str(100000000000 + n)) for n in range(accounts))
    return _alone(made, roles)


_LARGE = (1000, 5)
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


def _account(name: str, account_id: str) -> Account:
    return Account(name, account_id, f"{name}@acme.example", _ACME.session)
