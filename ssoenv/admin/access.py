"""Who can do what, where, and by which path: effective access through groups.

What the account access manager grants, roles of IAM outside of permission sets, is in
`entitlements`: not every Identity Center has that, nor may every administrator ask it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ssoenv.admin import assignments, entitlements
from ssoenv.admin.values import (
    GROUP,
    USER,
    Account,
    Assignment,
    PermissionSet,
    Principal,
    is_principal_id,
)
from ssoenv.base.errors import UsageError
from ssoenv.base.values import replace
from ssoenv.identity_center.assignments import is_account_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ssoenv.admin.center import Center


def who_can(
    center: Center, account: Account, role: str | None, *, known: bool = False
) -> list[Assignment]:
    """Return which users have access to an account, all roles or one; each path is one row.

    A role that is `known` need not be a permission set. Raises UsageError where it is neither.
    """
    if role and known and center.set_found(role) is None:
        return []
    sets: tuple[PermissionSet, ...] | None = (center.set_meant(role),) if role else None
    wanted = assignments.Wanted(sets=sets, accounts=(account,))
    found = assignments.find(center, wanted, by="account", expand=True)
    return sorted(found, key=lambda one: (one.permission_set.name, one.principal.shown))


def what_can(center: Center, user: Principal) -> list[Assignment]:
    """Return what a user has access to; each path to it is one row."""
    wanted = assignments.with_groups(center, assignments.Wanted(principals=(user,)))
    found = [
        one if one.principal == user else replace(one, principal=user, via=one.principal)
        for one in assignments.find(center, wanted)
    ]
    return sorted(
        found, key=lambda one: (one.account.name, one.account.id, one.permission_set.name)
    )


def looked_up(center: Center, words: str) -> list[tuple[str, str, str]]:
    """Return everything that has this name or this id: what it is, its name and its id.

    Raises UsageError where there is nothing.
    """
    found = list(_known(center, words))
    if not found:
        raise UsageError(
            f"nothing here has the name or the id {words!r}",
            fix="ssoenv admin users",
            advice="names are taken as they are written, capitals too; users and groups show what "
            "has a word in them",
        )
    return found


def _known(center: Center, words: str) -> Iterator[tuple[str, str, str]]:
    """Yield what has that id, else that name: how it looks decides what is asked for first."""
    found = list(_with_id(center, words))
    yield from found or _called(center, words)


def _with_id(center: Center, words: str) -> Iterator[tuple[str, str, str]]:
    """Yield what has that id, asked for by as few calls as that takes."""
    one = center.instance
    if words in (one.arn, one.arn.rpartition("/")[2], one.identity_store):
        yield from _whole(center)
    elif is_account_id(words):
        account = center.account(words)
        if account.name:
            yield "account", account.name, account.id
    elif is_principal_id(words):
        for kind in (USER, GROUP):
            principal = center.principal(kind, words)
            if principal.name:
                yield kind.lower(), principal.name, principal.id
    elif re.fullmatch(r"(arn:.*/)?ps-[\w.-]+", words):
        for arn in center.set_arns:
            if words in (arn, arn.rpartition("/")[2]):
                yield "permission set", center.permission_set(arn).name, arn


def _whole(center: Center) -> Iterator[tuple[str, str, str]]:
    """Yield the instance and its identity store."""
    yield "instance", center.instance.name, center.instance.arn
    yield "identity store", "", center.instance.identity_store


def _called(center: Center, words: str) -> Iterator[tuple[str, str, str]]:
    """Yield what has that name, or an account or user that address, or the id of a provider."""
    if words == center.instance.name:
        yield from _whole(center)
    for account in center.accounts.values():
        if words in (account.name, account.email):
            yield "account", account.name, account.id
    for principal in (*center.users.values(), *center.groups.values()):
        if words in (principal.name, principal.email, principal.external):
            yield principal.kind.lower(), principal.name, principal.id
    for found in center.sets.values():
        if words == found.name:
            yield "permission set", found.name, found.arn


def gone(center: Center, found: Iterable[Assignment]) -> list[str]:
    """Return the ids of the users who hold something of it, and are not there any more."""
    ids = (one.principal.id for one in found if (USER, one.principal.id) in center.gone)
    return list(dict.fromkeys(ids))


def path_of(one: Assignment) -> str:
    """Return how a user has what an assignment gives, in words."""
    if one.principal.kind != USER:
        return "group"
    path = f"group {one.via.shown}" if one.via else "directly"
    return f"{path}, entitled" if entitlements.is_role(one.permission_set) else path
