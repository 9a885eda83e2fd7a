"""What two exports differ in: declarations, or lists of assignments, told as changes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ssoenv.admin import declaration, definition, durations
from ssoenv.admin.steps import ADD, ALTER, REMOVE, Step
from ssoenv.base import files
from ssoenv.base.errors import InvalidConfiguration, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssoenv.admin.declaration import Declaration, Grant

Facts = dict[tuple[str, str, str], set[str]]
"""What is said, by what it is about: a kind of thing, its name, and what of it."""
THERE = " "
"""What is said of a thing that is there, whatever else it has: it comes before all of that."""
PARTITION = "aws"
"""What a policy of AWS is of that a file names without one: two files are compared, no service."""
_SINGLE = ("description", "session", "relay state", "inline policy", "boundary")
_COLUMNS = ("target_id", "target_name", "permission_set_name", "principal_type", "principal_id")


def differences(old: str, new: str) -> list[Step]:
    """Return what was added, changed and removed from the file `old` to the file `new`.

    Raises InvalidConfiguration, and UsageError where one lists assignments and the other does not.
    """
    (before, listed), (after, lists) = _read(old), _read(new)
    if listed != lists:
        raise UsageError(
            f"{old} and {new} are of two kinds",
            fix="ssoenv admin export --json",
            advice="compare two exports, or two lists of assignments as JSON",
        )
    return [
        step
        for key in sorted(before.keys() | after.keys())
        for step in _between(key, before.get(key, set()), after.get(key, set()))
    ]


def _between(key: tuple[str, str, str], before: set[str], after: set[str]) -> Iterator[Step]:
    gone, come = sorted(before - after), sorted(after - before)
    if key[2] in _SINGLE and gone and come:
        yield Step(ALTER, *key, come[0], gone[0])
        return
    kind, name, what = key
    if what == THERE:
        yield from (
            Step(sign, kind, name) for sign, found in ((REMOVE, gone), (ADD, come)) if found
        )
        return
    yield from (Step(REMOVE, *key, before=one) for one in gone)
    yield from (Step(ADD, *key, one) for one in come)


def _read(path: str) -> tuple[Facts, bool]:
    """Return what a file says, and whether it is a list of assignments."""
    if path.endswith(".json"):
        content = files.read_required(path, limit=definition.SIZE_LIMIT) or b""
        try:
            found = json.loads(content)
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, list):
            return _listed(path, found), True
    try:
        return _declared(declaration.read(path)), False
    except UsageError as error:
        raise InvalidConfiguration(f"{path}: {error.message}", file=path) from None


def _listed(path: str, rows: list[object]) -> Facts:
    """Return what a list of assignments says (``ssoenv admin assignments --json``)."""
    found: Facts = {}
    for number, row in enumerate(rows):
        if not isinstance(row, dict) or not all(isinstance(row.get(one), str) for one in _COLUMNS):
            raise InvalidConfiguration(
                f"{path} is no list of assignments: row {number + 1} has not {', '.join(_COLUMNS)}",
                file=path,
            )
        account = f"{row['target_name']} {row['target_id']}".lstrip()
        name = row.get("principal_name") or row["principal_id"]
        key = ("assignment", account, row["permission_set_name"])
        found.setdefault(key, set()).add(f"{row['principal_type'].lower()} {name}")
    return found


def _declared(one: Declaration) -> Facts:
    """Return what a declaration says, in whichever way it is written. Raises UsageError."""
    found: Facts = {}
    for name, group in one.groups.items():
        facts = {THERE: {THERE}, "description": {group.description or ""}}
        facts["member"] = {*(group.members or ())}
        found |= {("group", name, what): values - {""} for what, values in facts.items()}
    for name, wanted in one.sets.items():
        given = definition.checked(wanted, PARTITION)
        facts = {
            THERE: {THERE},
            "description": {given.description or ""},
            "session": {durations.shown(given.duration or "")},
            "relay state": {given.relay_state or ""},
            "policy of AWS": {*given.policies},
            "policy of the account": {*given.own_policies},
            "inline policy": {_one_way(given.inline or "")},
            "boundary": {given.boundary or ""},
            "tag": {f"{key}={value}" for key, value in given.tags},
        }
        found |= {("permission set", name, what): values - {""} for what, values in facts.items()}
    for grant in one.grants:
        for account, permission_set, holder in _held(grant):
            found.setdefault(("assignment", account, permission_set), set()).add(holder)
    for each in one.entitled:
        holders = {f"group {who}" for who in each.groups} | {f"user {who}" for who in each.users}
        for role in each.roles:
            found.setdefault(("role", role, "entitled"), set()).update(holders)
    return found


def _held(grant: Grant) -> Iterator[tuple[str, str, str]]:
    accounts = [*grant.accounts, *(f"unit {one}" for one in grant.units)]
    without = f" without {', '.join(sorted(grant.without))}" if grant.without else ""
    holders = [f"group {one}" for one in grant.groups] + [f"user {one}" for one in grant.users]
    for account in accounts:
        for permission_set in grant.sets:
            yield from ((account + without, permission_set, holder) for holder in holders)


def _one_way(policy: str) -> str:
    """Return a policy as it is laid out in one way."""
    return json.dumps(json.loads(policy), sort_keys=True) if policy else ""
