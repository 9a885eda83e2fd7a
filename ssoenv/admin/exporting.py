"""An Identity Center as a declaration that plans no change: what is there today.

Users and groups of another identity provider are named where something is assigned to them, and
declared nowhere: they are not made here. AWS's own tags are left out, and so are assignments that
have an end: declared, they would have none.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

import tomli_w

from ssoenv.admin import assignments, entitlements, grants
from ssoenv.admin.declaration import ASSIGNMENT, ENTITLEMENT, GROUP, SET
from ssoenv.admin.definition import OTHERS
from ssoenv.admin.meaning import PATTERN
from ssoenv.admin.values import USER
from ssoenv.identity_center.assignments import is_account_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ssoenv.admin.center import Center
    from ssoenv.admin.values import Account, Assignment, Details

Table = dict[str, Any]


def document(
    center: Center,
    announce: Callable[[assignments.Plan], None] = lambda _: None,
    say: Callable[[str], None] = lambda _: None,
) -> Table:
    """Return all that is there; `say` hears what is left out. Raises the refusal of a reading."""
    ours = [one for one in center.groups.values() if not one.external]
    ours.sort(key=lambda one: one.name)
    members = dict(zip(ours, center.each(ours, lambda one: center.members(one.id)), strict=True))
    center.name_principals({(USER, one) for found in members.values() for one in found})
    sets = sorted(center.sets.values(), key=lambda one: one.name)
    details = list(center.each(sets, lambda one: center.details(one, named=False)))
    ending = {
        grant.row for one in details for grant in grants.of_tags(one.permission_set, one.tags)
    }
    found = list(assignments.find(center, assignments.Wanted(), announce=announce))
    center.require_all()
    lasting = [one for one in found if one.row not in ending]
    if count := len(found) - len(lasting):
        verb = "assignments have an end and are" if count > 1 else "assignment has an end and is"
        say(f"{count:,} {verb} left out: ssoenv admin grants")
    groups = {
        one.name: _filled(
            description=one.display,
            member=sorted(center.principal(USER, each).words for each in members[one]),
        )
        | ({"member": []} if not members[one] else {})
        for one in ours
    }
    whole = {
        GROUP: groups,
        SET: {one.permission_set.name: _definition(one) for one in details},
        ASSIGNMENT: _grants(center, lasting),
        ENTITLEMENT: _entitled(center, say),
    }
    return {key: value for key, value in whole.items() if value}


def _filled(**values: Any) -> Table:
    return {key: value for key, value in values.items() if value}


def _definition(one: Details) -> Table:
    """Return a permission set as ``define --file`` has it."""
    given = one.permission_set
    tags = {key: value for key, value in one.tags if not key.startswith(OTHERS)}
    return _filled(
        description=given.description,
        duration=given.duration,
        relay_state=given.relay_state,
        policy=[policy.partition(":policy/")[2] for policy in one.managed],
        own_policy=[policy.removeprefix("/") for policy in one.customer_managed],
        boundary=one.boundary,
        **_inline(one.inline),
        tag=tags,
    )


def _inline(policy: str) -> Table:
    """Return an inline policy as a table; as its text, where a table would not be the same."""
    if not policy:
        return {}
    table = json.loads(policy)
    return {"inline": table} if _has_toml(table) else {"inline_json": policy}


def _has_toml(value: object) -> bool:
    match value:
        case dict():
            return all(map(_has_toml, value.values()))
        case list():
            return all(map(_has_toml, value))
        case bool() | str():
            return True
        case int():
            return abs(value) < 1 << 63
    return False


def _grants(center: Center, found: Iterable[Assignment]) -> list[Table]:
    """Return assignments in few tables: who holds the same in the same accounts stands in one."""
    names = Counter(one.name for one in center.accounts.values())
    accounts: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for one in found:
        key = (one.permission_set.name, one.principal.kind.lower(), one.principal.words)
        accounts[key].add(_called(one.account, names))
    sets: dict[tuple[str, str, frozenset[str]], list[str]] = defaultdict(list)
    for (name, kind, who), held in accounts.items():
        sets[kind, who, frozenset(held)].append(name)
    holders: dict[tuple[tuple[str, ...], frozenset[str]], Table] = defaultdict(dict)
    for (kind, who, where), given in sets.items():
        holders[tuple(sorted(given)), where].setdefault(kind, []).append(who)
    rows = [
        {
            "permission_set": _short(given),
            **{kind: _short(who) for kind, who in sorted(held_by.items())},
            "account": _short(held),
        }
        for (given, held), held_by in holders.items()
    ]
    return sorted(rows, key=lambda row: json.dumps(row, sort_keys=True))


def _entitled(center: Center, say: Callable[[str], None]) -> list[Table]:
    """Return who is entitled to which roles of IAM, a table for each role."""
    roles: dict[str, Table] = defaultdict(dict)
    try:
        found = entitlements.named(center, entitlements.find(center))
    except entitlements.UNSEEN as error:
        say(f"{entitlements.HIDDEN}: {error.message}")
        return []
    for one in found:
        kind = one.principal.kind.lower()
        roles[one.permission_set.arn].setdefault(kind, []).append(one.principal.words)
    return [
        {"role_arn": arn, **{kind: _short(who) for kind, who in sorted(held.items())}}
        for arn, held in sorted(roles.items())
    ]


def _short(words: Iterable[str]) -> list[str] | str:
    """Return a list, or the one that is in it."""
    found = sorted(words)
    return found if len(found) > 1 else found[0]


def _called(account: Account, names: Counter[str]) -> str:
    """Return the name of an account, where that means it alone; else its id."""
    name = account.name
    if not name or names[name] != 1 or is_account_id(name) or PATTERN & {*name}:
        return account.id
    return name


def toml(found: Table) -> str:
    """Return a document as TOML that shows every letter of every name, also at a terminal."""
    text = tomli_w.dumps(found)
    return "".join(one if one == "\n" or one.isprintable() else _escaped(one) for one in text)


def _escaped(letter: str) -> str:
    number = ord(letter)
    return f"\\u{number:04X}" if number < 1 << 16 else f"\\U{number:08X}"
