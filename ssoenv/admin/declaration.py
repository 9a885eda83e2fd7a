"""What an Identity Center is to be, as one file says it: groups, permission sets, who has what.

The file is TOML, or JSON with the same keys, which are the options of ``ssoenv admin`` by their
names. Whatever it does not name is none of its business.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ssoenv.admin import definition
from ssoenv.base import toml_checks
from ssoenv.base.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssoenv.admin.definition import Definition

GROUP, SET, ASSIGNMENT, ENTITLEMENT = "group", "permission_set", "assignment", "entitlement"
_GROUP_KEYS = ("description", "member")
_ENTITLED_KEYS = ("role_arn", "group", "user")
_GRANT_KEYS = ("permission_set", "group", "user", "account", "ou", "without_account")


@dataclass(frozen=True, slots=True)
class Group:
    """What a group is to be. None: as it is; `members`, by names or ids, are all that it has."""

    description: str | None = None
    members: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """Assignments: each of the permission sets, in each of the accounts, to each user and group.

    `accounts` are names, ids or patterns of names; `units` are paths or ids of organizational
    units; accounts that `without` means are left out. `number` is its place in the file, from 0.
    """

    number: int
    sets: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entitled:
    """Entitlements: each of the users and groups to each of the roles of IAM, by their ARNs."""

    number: int
    roles: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    users: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Declaration:
    """All that a file says; `document` is that file, and takes what turns out to be wrong in it."""

    document: toml_checks.Document
    groups: Mapping[str, Group]
    sets: Mapping[str, Definition]
    grants: tuple[Grant, ...]
    entitled: tuple[Entitled, ...]


def read(path: str) -> Declaration:
    """Return what the file at `path` says. Raises InvalidConfiguration with every problem."""
    content = definition.content(path)
    kind = toml_checks.JsonDocument if path.endswith(".json") else toml_checks.Document
    return in_document(kind(content, path))


def in_document(document: toml_checks.Document) -> Declaration:
    """Return what a file says. Raises InvalidConfiguration with every problem."""
    document.check_keys(document.root, (GROUP, SET, ASSIGNMENT, ENTITLEMENT))
    found = Declaration(
        document,
        {name: _group(document, name, table) for name, table in _tables(document, GROUP)},
        {
            name: definition.in_table(document, table, SET, name)
            for name, table in _tables(document, SET)
        },
        tuple(_grant(document, *each) for each in enumerate(document.rows(ASSIGNMENT))),
        tuple(_entitled(document, *each) for each in enumerate(document.rows(ENTITLEMENT))),
    )
    document.finish()
    return found


def _tables(document: toml_checks.Document, key: str) -> list[tuple[str, dict[str, Any]]]:
    """Return the tables below one, ``[key.NAME]``, by their names; what is none is noted."""
    found = document.take(document.root, dict, key) or {}
    for name, table in found.items():
        if not isinstance(table, dict):
            document.problem(f"{name} must be a table: [{key}.{name}]", key, name)
        elif not name.strip():
            document.problem(f"a {key.replace('_', ' ')} has no name", key, name)
    return [(name, table) for name, table in found.items() if isinstance(table, dict)]


def _group(document: toml_checks.Document, name: str, table: dict[str, Any]) -> Group:
    at = (GROUP, name)
    document.check_keys(table, _GROUP_KEYS, *at)
    return Group(
        document.take(table, str, "description", *at), document.texts(table, "member", *at)
    )


def _grant(document: toml_checks.Document, number: int, row: dict[str, Any]) -> Grant:
    at = (ASSIGNMENT, str(number))
    document.check_keys(row, _GRANT_KEYS, *at)
    _require(document, row, (("permission_set",), ("group", "user"), ("account", "ou")), *at)
    return Grant(number, *(document.texts(row, key, *at) or () for key in _GRANT_KEYS))


def _entitled(document: toml_checks.Document, number: int, row: dict[str, Any]) -> Entitled:
    at = (ENTITLEMENT, str(number))
    document.check_keys(row, _ENTITLED_KEYS, *at)
    _require(document, row, (("role_arn",), ("group", "user")), *at)
    return Entitled(number, *(document.texts(row, key, *at) or () for key in _ENTITLED_KEYS))


def _require(
    document: toml_checks.Document,
    row: dict[str, Any],
    needed: tuple[tuple[str, ...], ...],
    *at: str,
) -> None:
    """Note what a table has not, of each of these one."""
    for keys in needed:
        if not any(key in row for key in keys):
            document.missing(f"an {at[0]} needs {' or '.join(keys)}", keys[0], *at)
