"""Permission sets, users and groups deleted, and what goes with them.

What is assigned to a user or a group is taken back first: it would stay, with nobody to hold it. A
permission set that is assigned is not deleted at all, as the service has it.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from ssoenv.admin import assignments, changes, entitlements, grants
from ssoenv.admin.calls import Call
from ssoenv.admin.joining import MEMBER, STORE, require_ours
from ssoenv.admin.steps import REMOVE, Step
from ssoenv.admin.values import GROUP, USER
from ssoenv.base import dialects
from ssoenv.base.errors import SsoenvError, UsageError
from ssoenv.base.likely import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ssoenv.admin.assignments import Plan
    from ssoenv.admin.calls import Change
    from ssoenv.admin.center import Center
    from ssoenv.admin.values import Assignment, PermissionSet, Principal

KINDS = ("permission-set", "user", "group")
NAMED = 10
"""So many accounts, or principals, are named in a command that is proposed."""


def plan(
    center: Center, kind: str, name: str, announce: Callable[[Plan], None] = lambda _: None
) -> list[Change]:
    """Return what deletes a permission set, a user or a group; nothing where there is none.

    `announce` hears how it is read what they hold. Raises UsageError for a permission set that is
    assigned, and AccessDenied for somebody of another identity provider.
    """
    if kind == "permission-set":
        one = center.set_found(name)
        return [*_set_gone(center, one, announce)] if one else []
    found = center.principal_found(USER if kind == "user" else GROUP, name)
    return [*_principal_gone(center, found, announce)] if found else []


def lacking(center: Center, kind: str, name: str) -> str:
    """Return the words for that there is nothing called `name`, with what may be meant."""
    if kind == "permission-set":
        known = [one.name for one in center.sets.values()]
    else:
        known = [one.name for one in (center.users if kind == "user" else center.groups).values()]
    return f"there is no {kind.replace('-', ' ')} {name!r}{did_you_mean(name, known)}"


def _set_gone(
    center: Center, one: PermissionSet, announce: Callable[[Plan], None]
) -> Iterator[Change]:
    wanted = assignments.Wanted(sets=(one,))
    held = list(assignments.find(center, wanted, by="account", announce=announce))
    if held:
        times = f"{len(held)} assignments" if len(held) > 1 else "an assignment"
        raise UsageError(
            f"permission set {one.name!r} cannot go, for it has {times}",
            fix=_unassign(one, held),
            advice="once none is left, the same command deletes it",
        )
    call = Call("sso-admin", "delete_permission_set", {"PermissionSetArn": one.arn})
    yield Step(REMOVE, "permission set", one.name, call=call)


def _unassign(one: PermissionSet, held: list[Assignment]) -> str:
    """Return the command that takes back what is `held`, as far as a line can name it."""
    accounts = list(dict.fromkeys(each.account.id for each in held))
    principals = list(dict.fromkeys(each.principal for each in held))
    words = ["ssoenv", "admin", "unassign", "-r", one.name]
    if len(accounts) > NAMED:
        words += ["--ou", "/"]
    else:
        words += changes.places(accounts)
    words += changes.people(principals[:NAMED])
    return dialects.line(words)


def deletion(one: Principal, advice: str = "the same command takes that back, too") -> Step:
    """Return what deletes a user or a group, unless they hold something when it comes to that.

    `advice` is for whoever is told that they do.
    """
    kind = one.kind.lower()
    request = {f"{kind.title()}Id": one.id}
    call = Call(STORE, f"delete_{kind}", request, last=partial(_unless_held, one, advice))
    return Step(REMOVE, kind, one.name, call=call)


def _unless_held(
    one: Principal, advice: str, center: Center, request: dict[str, Any]
) -> dict[str, Any]:
    """Return the request. Raises SsoenvError: somebody has assigned something meanwhile."""
    open_requests = changes.under_way(center)
    wanted = assignments.Wanted(principals=(one,))
    held = any(True for _ in assignments.Reading(center, wanted).read())
    begun = any(row[2:] == (one.kind, one.id) for row in open_requests)
    if held or begun or any(True for _ in entitlements.all_of(center, one)):
        raise SsoenvError(
            f"{one.kind.lower()} {one.shown} was given something meanwhile, and stays",
            advice=advice,
        )
    return request


def _principal_gone(
    center: Center, one: Principal, announce: Callable[[Plan], None]
) -> Iterator[Change]:
    require_ours(one)
    open_requests = changes.under_way(center)
    wanted = assignments.Wanted(principals=(one,))
    held = list(assignments.find(center, wanted, announce=announce))
    yield from changes.take_all_back(center, one, held, open_requests)
    yield from grants.ends_of(center, held)
    kind = one.kind.lower()
    yield from entitlements.all_of(center, one)
    yield deletion(one)
    if one.kind == GROUP:
        if count := len(center.members(one.id)):
            users = f"{count:,} users" if count > 1 else "1 user"
            yield Step(REMOVE, kind, one.name, "members", before=users)
        return
    for group in center.groups_of(one.id):
        name = center.principal(GROUP, group).shown
        yield Step(REMOVE, "group", name, MEMBER, before=one.shown)
