"""The world that the sandbox plays: instances, users, groups, accounts, assignments."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ssoenv.errors import InvalidConfiguration

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE_SIZE = 100


@dataclass(frozen=True, slots=True)
class Instance:
    """One Identity Center: the session name a config should give it, its start URL and region."""

    session: str
    start_url: str
    region: str


@dataclass(frozen=True, slots=True)
class Account:
    """An AWS account."""

    name: str
    id: str
    email: str


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who can sign in, and the groups they are in."""

    name: str
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Assignment:
    """A user or group holds a permission set in an account (by name)."""

    principal: str
    account: str
    permission_set: str


@dataclass(frozen=True, slots=True)
class World:
    """All there is; `assignments` are in the order of the file."""

    instances: tuple[Instance, ...]
    users: tuple[User, ...]
    accounts: tuple[Account, ...]
    permission_sets: tuple[str, ...]
    assignments: tuple[Assignment, ...]

    def user(self, name: str) -> User | None:
        """Return the user called `name`."""
        return next((user for user in self.users if user.name == name), None)

    def instance(self, start_url: str) -> Instance | None:
        """Return the instance behind `start_url`."""
        return next((one for one in self.instances if one.start_url == start_url), None)

    def held(self, user: str) -> dict[str, tuple[Account, list[str]]]:
        """Return what `user` holds, directly or by a group: account id -> account and roles."""
        known = self.user(user)
        principals = {user, *(known.groups if known else ())}
        accounts = {account.name: account for account in self.accounts}
        found: dict[str, tuple[Account, list[str]]] = {}
        for one in self.assignments:
            if one.principal in principals:
                account = accounts[one.account]
                roles = found.setdefault(account.id, (account, []))[1]
                if one.permission_set not in roles:
                    roles.append(one.permission_set)
        return found


def built_in() -> World:
    """Return the world of the manual: session acme, alice and bob, six accounts."""
    names = ("dev", "staging", "prod", "shared", "security", "sandbox")
    held: dict[str, dict[str, tuple[str, ...]]] = {
        "alice": {
            "dev": ("Developer", "ReadOnly"),
            "staging": ("Developer", "ReadOnly"),
            "prod": ("ReadOnly", "Administrator"),
            "sandbox": ("Developer",),
        },
        "bob": {"dev": ("ReadOnly",), "prod": ("ReadOnly",)},
    }
    return World(
        (Instance("acme", "https://d-0000000000.awsapps.com/start", "us-east-1"),),
        (User("alice"), User("bob")),
        tuple(
            Account(name, str(number) * 12, f"{name}@acme.example")
            for number, name in enumerate(names, 1)
        ),
        ("Developer", "ReadOnly", "Administrator", "Billing"),
        tuple(
            Assignment(user, account, role)
            for user, accounts in held.items()
            for account, roles in accounts.items()
            for role in roles
        ),
    )


def synthetic(accounts: int, roles: int) -> World:
    """Return a large world: alice holds `roles` roles in each of `accounts` accounts."""
    base = built_in()
    made = tuple(
        Account(f"team-{n:04}", f"{100000000000 + n}", f"team-{n:04}@acme.example")
        for n in range(accounts)
    )
    names = (
        *base.permission_sets,
        *(f"Role{n:03}" for n in range(len(base.permission_sets), roles)),
    )
    assignments = tuple(
        Assignment("alice", account.name, role) for account in made for role in names[:roles]
    )
    return World(base.instances, base.users, made, names[:roles], assignments)


def load(path: str) -> World:
    """Return the world in the TOML file at `path`. Raises InvalidConfiguration, all at once."""
    try:
        with open(path, "rb") as stream:
            document = tomllib.load(stream)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidConfiguration(f"{path}: {error}", hint=f"mend {path}") from None
    return _Reader(path, document).read()


class _Reader:
    """Turns a parsed file into a world, noting every problem on the way."""

    def __init__(self, path: str, document: dict[str, Any]) -> None:
        self._path = path
        self._document = document
        self._problems: list[str] = []

    def read(self) -> World:
        known = {"instances", "users", "groups", "accounts", "permission_sets", "assignments"}
        self._problems += [f"unknown key {key!r}" for key in self._document if key not in known]
        world = World(
            tuple(
                Instance(*row)
                for row in self._rows("instances", ("session", "start_url", "region"))
            ),
            tuple(
                User(row["name"], tuple(row.get("groups", ())))
                for row in self._tables("users", ("name",), ("groups",))
            ),
            tuple(
                Account(row["name"], row["id"], row.get("email", f"{row['name']}@example.com"))
                for row in self._tables("accounts", ("name", "id"), ("email",))
            ),
            tuple(map(str, self._document.get("permission_sets", ()))),
            tuple(self._assignments()),
        )
        self._cross_check(world)
        if self._problems:
            problems = tuple(f"{self._path}: {problem}" for problem in self._problems)
            raise InvalidConfiguration(
                f"{self._path} is no world", problems=problems, hint=f"mend {self._path}"
            )
        return world

    def _assignments(self) -> Iterator[Assignment]:
        for row in self._tables("assignments", ("permission_sets",), ("user", "group", "accounts")):
            principal = row.get("user") or row.get("group")
            if not isinstance(principal, str):
                self._problems.append("an assignment needs a user or a group")
                continue
            for account in row.get("accounts", ()):
                for permission_set in row["permission_sets"]:
                    yield Assignment(principal, str(account), str(permission_set))

    def _rows(self, key: str, fields: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        for row in self._tables(key, fields, ()):
            yield tuple(str(row[field]) for field in fields)

    def _tables(
        self, key: str, needed: tuple[str, ...], optional: tuple[str, ...]
    ) -> Iterator[dict[str, Any]]:
        rows = self._document.get(key, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            self._problems.append(f"{key} must be tables: [[{key}]]")
            return
        for number, row in enumerate(rows, 1):
            where = f"[[{key}]] number {number}"
            unknown = [name for name in row if name not in (*needed, *optional)]
            missing = [name for name in needed if name not in row]
            self._problems += [f"{where}: unknown key {name!r}" for name in unknown]
            self._problems += [f"{where}: {name} is missing" for name in missing]
            if not missing:
                yield row

    def _cross_check(self, world: World) -> None:
        accounts = {account.name for account in world.accounts}
        principals = {user.name for user in world.users}
        principals |= {group for user in world.users for group in user.groups}
        if not world.instances:
            self._problems.append("there is no [[instances]]")
        if not world.users:
            self._problems.append("there is no [[users]]")
        for account in world.accounts:
            if not (account.id.isdigit() and len(account.id) == 12):
                self._problems.append(f"account {account.name}: id {account.id!r} is not 12 digits")
        for one in world.assignments:
            if one.account not in accounts:
                self._problems.append(f"an assignment names account {one.account!r}, unknown")
            if one.principal not in principals:
                self._problems.append(f"an assignment names {one.principal!r}, unknown")
            if one.permission_set not in world.permission_sets:
                self._problems.append(f"permission set {one.permission_set!r} is not declared")
