"""Read a world from a TOML file, and tell every problem in it at once, with its line.

::

    permission_sets = ["Developer", "ReadOnly"]

    [[instances]]                # one at least
    session = "acme"             # what ~/.aws/config should call it
    start_url = "https://d-0000000000.awsapps.com/start"
    region = "us-east-1"
    tenant = "aa-0000000000"     # optional: its account access manager

    [[users]]                    # optional; the first signs in unless --user names another
    name = "alice"
    groups = ["developers"]      # optional
    display_name = "Alice Doe"   # optional
    external = "0042"            # optional: their id at the identity provider they come from

    [[groups]]                   # optional: those that users name are there anyway
    name = "developers"
    description = "all of them"  # optional
    external = "0815"            # optional

    [[accounts]]
    name = "dev"
    id = "111111111111"
    email = "dev@acme.example"   # optional
    session = "acme"             # its instance; optional where there is only one
    unit = "Workloads/Test"      # its organizational unit; optional
    role = "delegated"           # optional: an administrator of Identity Center, or "management"
    suspended = false            # optional: listed still, but nobody gets a role in it

    [[assignments]]
    group = "developers"         # or: user = "alice"
    accounts = ["dev"]
    permission_sets = ["Developer", "ReadOnly"]

    [[roles]]                    # of IAM itself, for STS AssumeRole
    account = "dev"
    name = "Deploy"
    path = "/team/"              # optional
    trusts = ["dev/Developer"]   # ACCOUNT/NAME of permission sets and roles, by name, with *
    max_session = 3600           # optional, seconds

    [[entitlements]]             # of the account access manager: such roles, for people
    group = "developers"         # or: user = "alice"
    roles = ["dev/Deploy"]

The AWS CLI goes to the network for a start URL whose host is not AWS's own: keep to those.
"""

from __future__ import annotations

import errno
import os
import re
from typing import TYPE_CHECKING, Any

from ssoenv.base import dialects, files
from ssoenv.base.errors import InvalidConfiguration
from ssoenv.base.likely import did_you_mean
from ssoenv.base.toml_checks import Document
from ssoenv.base.values import dataclass
from ssoenv.sandbox.world import (
    Account,
    Assignment,
    Entitlement,
    Group,
    IamRole,
    Instance,
    User,
    World,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

SIZE_LIMIT = 16 << 20


@dataclass(frozen=True, slots=True)
class _Field:
    """A string, a list of them, or a value `of` another type: how it looks, and how to say so."""

    pattern: str
    meaning: str
    many: bool = False
    needed: bool = True
    of: type = str


# What may stand in a role's session name (STS AssumeRole) and in a permission set's name
# (sso-admin CreatePermissionSet), as far as both agree with an INI section's header.
_WORD = _Field(r"[A-Za-z0-9+=,.@_-]{1,64}", "1 to 64 letters, digits or any of +=,.@_-")
_ROLE = _Field(r"[A-Za-z0-9+=,.@_-]{1,32}", "1 to 32 letters, digits or any of +=,.@_-")
_NAME = _Field(r"[^\x00-\x1f\x7f]{1,50}", "1 to 50 characters, none of them a control")
_TEXT = _Field(r"[^\x00-\x1f\x7f]{1,256}", "1 to 256 characters, none a control", needed=False)
_ID = re.compile("[0-9]{12}")
_TABLES: dict[str, dict[str, _Field]] = {
    "instances": {
        "session": _WORD,
        "start_url": _Field(r"https://[A-Za-z0-9.-]+(:\d+)?(/[!-~]*)?", "an https URL"),
        "region": _Field(r"[a-z]{2,}(-[a-z]+)+-\d", "a region such as us-east-1"),
        "tenant": _Field(r"[a-z0-9-]{3,24}", "3 to 24 of a-z, 0-9 and -", needed=False),
    },
    "users": {
        "name": _WORD,
        "groups": _Field(_NAME.pattern, "names of groups", many=True, needed=False),
        "display_name": _TEXT,
        "external": _TEXT,
    },
    "groups": {"name": _NAME, "description": _TEXT, "external": _TEXT},
    "accounts": {
        "name": _NAME,
        "id": _Field(_ID.pattern, "12 digits, in quotes"),
        "email": _Field(r"[!-?A-~]+@[!-?A-~]+", "an address", needed=False),
        "session": _Field(_WORD.pattern, "the session of an instance", needed=False),
        "unit": _Field(
            r"[^/\x00-\x1f\x7f]{1,128}(/[^/\x00-\x1f\x7f]{1,128}){0,4}",
            "a path of names such as Workloads/Test",
            needed=False,
        ),
        "role": _Field("management|delegated", "management or delegated", needed=False),
        "suspended": _Field("True|False", "true or false", needed=False, of=bool),
    },
    "assignments": {
        "user": _Field(_WORD.pattern, "the name of a user", needed=False),
        "group": _Field(_NAME.pattern, "the name of a group", needed=False),
        "accounts": _Field(_NAME.pattern, "names of accounts", many=True),
        "permission_sets": _Field(_ROLE.pattern, "names of permission sets", many=True),
    },
    "roles": {
        "account": _NAME,
        "name": _WORD,
        "path": _Field(r"/([!-.0-~]+/)*", "a path such as /team/", needed=False),
        "trusts": _Field(r"[^\x00-\x1f\x7f]+/[^/]+", "ACCOUNT/NAME, or with *", many=True),
        "max_session": _Field(
            r"3[6-9]\d\d|[4-9]\d{3}|[1-3]\d{4}|4[0-3]\d{3}",
            "3600 to 43999, in seconds",
            needed=False,
            of=int,
        ),
    },
    "entitlements": {
        "user": _Field(_WORD.pattern, "the name of a user", needed=False),
        "group": _Field(_NAME.pattern, "the name of a group", needed=False),
        "roles": _Field(r"[^\x00-\x1f\x7f]+/[^/]+", "ACCOUNT/NAME of [[roles]]", many=True),
    },
}
_UNIQUE = {
    "instances": ("session", "start_url"),
    "users": ("name",),
    "groups": ("name",),
    "accounts": ("name", "id"),
}


def load(path: str) -> World:
    """Return the world in the file at `path`. Raises InvalidConfiguration with every problem."""
    try:
        content = files.read_required(path, limit=SIZE_LIMIT)
        if content is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
    except OSError as error:
        raise InvalidConfiguration(
            f"cannot read the world file {path}: {error.strerror}",
            fix=f"ls -l {dialects.word(path)}",
        ) from None
    return _Reader(content, path).read()


class _Reader:
    """Checks a parsed file table by table, then what the tables say of each other."""

    def __init__(self, content: bytes, path: str) -> None:
        self._document = Document(content, path)
        self._rows = {table: self._checked(table) for table in _TABLES}
        self._permission_sets = self._listed("permission_sets")

    def read(self) -> World:
        self._document.check_keys(self._document.root, [*_TABLES, "permission_sets"])
        if "instances" not in self._document.root:
            self._document.problem("there is no [[instances]]")
        for table, keys in _UNIQUE.items():
            for key in keys:
                self._check_unique(table, key)
        self._check_references()
        self._document.finish()
        rows = self._rows
        instances = tuple(Instance(**row) for _, row in rows["instances"])
        return World(
            instances,
            tuple(
                User(**row | {"groups": tuple(row.get("groups", ()))}) for _, row in rows["users"]
            ),
            tuple(_account(row, instances) for _, row in rows["accounts"]),
            tuple(self._permission_sets),
            tuple(one for _, row in rows["assignments"] for one in _assignments(row)),
            tuple(_role(row) for _, row in rows["roles"]),
            tuple(one for _, row in rows["entitlements"] for one in _entitlements(row)),
            tuple(Group(**row) for _, row in rows["groups"]),
        )

    def _problem(self, text: str, table: str, number: int = 0, key: str = "") -> None:
        """Note a problem with a key of the row `number` of `table`, both counted from 0."""
        self._document.problem(text, table, str(number), *filter(None, (key,)))

    def _checked(self, table: str) -> list[tuple[int, dict[str, Any]]]:
        """Return the sound keys of every row of `table`, each with its number."""
        found = self._document.root.get(table, [])
        if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
            self._document.problem(f"{table} must be tables: [[{table}]]", table)
            return []
        return [(n, self._row(table, n, row)) for n, row in enumerate(found)]

    def _row(self, table: str, number: int, row: dict[str, Any]) -> dict[str, Any]:
        fields = _TABLES[table]
        for key in row:
            if key not in fields:
                self._problem(
                    f"[[{table}]] has no {key!r}{did_you_mean(key, fields)}", table, number, key
                )
        for key, field in fields.items():
            if key not in row:
                if field.needed:
                    self._problem(f"[[{table}]] needs {key}: {field.meaning}", table, number)
            elif not _fits(row[key], field):
                self._problem(f"{table}.{key} must be {field.meaning}", table, number, key)
        return {key: row[key] for key in fields if key in row and _fits(row[key], fields[key])}

    def _listed(self, key: str) -> list[str]:
        found = self._document.root.get(key, [])
        if not _fits(found, _Field(_ROLE.pattern, "", many=True)):
            self._document.problem(f"{key} must be a list of names, each {_ROLE.meaning}", key)
            return []
        for name in dict.fromkeys(name for name in found if found.count(name) > 1):
            self._document.problem(f"{key} names {name!r} twice", key)
        return list(found)

    def _check_unique(self, table: str, key: str) -> None:
        seen = set()
        for number, row in self._rows[table]:
            value = row.get(key)
            if value in seen:
                self._problem(f"{table}.{key} {value!r} stands there twice", table, number, key)
            elif value is not None:
                seen.add(value)

    def _check_references(self) -> None:
        names = {
            table: [row[key] for _, row in self._rows[table] if key in row]
            for table, (key, *_) in _UNIQUE.items()
        } | {"permission_sets": self._permission_sets}
        groups = [name for _, row in self._rows["users"] for name in row.get("groups", ())]
        names["the roles"] = [
            f"{row['account']}/{row['name']}"
            for _, row in self._rows["roles"]
            if "account" in row and "name" in row
        ]
        names["the groups of users"] = list(dict.fromkeys((*names["groups"], *groups)))
        for table, key, target in (
            ("accounts", "session", "instances"),
            ("assignments", "user", "users"),
            ("assignments", "group", "the groups of users"),
            ("assignments", "accounts", "accounts"),
            ("assignments", "permission_sets", "permission_sets"),
            ("roles", "account", "accounts"),
            ("entitlements", "user", "users"),
            ("entitlements", "group", "the groups of users"),
            ("entitlements", "roles", "the roles"),
        ):
            for number, row in self._rows[table]:
                given = row.get(key, [])
                for name in [given] if isinstance(given, str) else given:
                    if name not in names[target]:
                        text = f"{table}.{key}: {name!r} is not in {target}"
                        self._problem(text + did_you_mean(name, names[target]), table, number, key)
        self._check_rows(several=len(names["instances"]) > 1)

    def _check_rows(self, *, several: bool) -> None:
        """Note what is wrong with rows by themselves; there may be `several` instances."""
        for table in ("assignments", "entitlements"):
            for number, row in self._rows[table]:
                if ("user" in row) == ("group" in row):
                    self._problem(f"[[{table}]] needs a user or a group", table, number)
        only = next((row.get("session") for _, row in self._rows["instances"]), None)
        managed = set()
        for number, row in self._rows["accounts"]:
            if row.get("role") == "management":
                session = row.get("session", only)
                if session in managed:
                    text = "an organization has one management account"
                    self._problem(text, "accounts", number, "role")
                managed.add(session)
            if several and "session" not in row:
                self._problem("of which session is this account?", "accounts", number)
            # Assignments name an account by either, and the id of one would win.
            if _ID.fullmatch(row.get("name", "")) and row["name"] != row.get("id"):
                self._problem("accounts.name is the id of another", "accounts", number, "name")


def _account(row: dict[str, Any], instances: tuple[Instance, ...]) -> Account:
    session = row.get("session", instances[0].session)
    email = row.get("email", f"{row['id']}@{session}.example")
    place = {key: row[key] for key in ("suspended", "unit", "role") if key in row}
    return Account(row["name"], row["id"], email, session, **place)


def _assignments(row: dict[str, Any]) -> Iterable[Assignment]:
    for account in row["accounts"]:
        for role in row["permission_sets"]:
            yield Assignment(account, role, user=row.get("user"), group=row.get("group"))


def _entitlements(row: dict[str, Any]) -> Iterable[Entitlement]:
    for one in row["roles"]:
        account, _, role = one.rpartition("/")
        yield Entitlement(account, role, user=row.get("user"), group=row.get("group"))


def _role(row: dict[str, Any]) -> IamRole:
    return IamRole(**row | {"trusts": tuple(row["trusts"])})


def _fits(value: object, field: _Field) -> bool:
    if field.many and not isinstance(value, list):
        return False
    if field.of is not str:
        value = f"{value}" if type(value) is field.of else None
    values = value if field.many and isinstance(value, list) else [value]
    pattern = re.compile(field.pattern, re.ASCII)
    return all(isinstance(one, str) and pattern.fullmatch(one) for one in values)
