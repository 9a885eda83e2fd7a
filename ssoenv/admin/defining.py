"""What has to change so that a permission set is what it is defined to be.

What is so already is not planned. Where something changes, or was changed before and never
provisioned, the set is provisioned in the end: in all accounts where it is a role, by one request.
"""

from __future__ import annotations

import json
import re
from functools import partial
from operator import methodcaller
from typing import TYPE_CHECKING, Any

from ssoenv.admin import durations
from ssoenv.admin.calls import Call, Unmade
from ssoenv.admin.definition import OTHERS, checked
from ssoenv.admin.provisioning import everywhere
from ssoenv.admin.steps import ADD, ALTER, REMOVE, Step
from ssoenv.admin.values import Details, PermissionSet
from ssoenv.base.errors import UsageError
from ssoenv.base.values import replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ssoenv.admin.calls import Change
    from ssoenv.admin.center import Center
    from ssoenv.admin.definition import Definition

SET = "permission set"
AWS_POLICY, OWN_POLICY, INLINE, BOUNDARY, TAG = (
    "policy of AWS",
    "policy of the account",
    "inline policy",
    "boundary",
    "tag",
)
_NAME = re.compile(r"[\w+=,.@-]{1,32}", re.ASCII)
_SAID = ("description", "session", "relay state")
_MEMBERS = ("Description", "SessionDuration", "RelayState")


def plan(center: Center, name: str, wanted: Definition, *, provision: bool = True) -> list[Change]:
    """Return what has to change so that the permission set `name` is what is `wanted`.

    Raises UsageError for what cannot be, before anything is changed.
    """
    known = center.set_found(name)
    before = center.details(known, named=False) if known else nothing(name)
    steps = plan_contents(center, before, wanted)
    return [*steps, *plan_roles(before, steps)] if provision else [*steps]


def plan_contents(center: Center, before: Details, wanted: Definition) -> list[Step]:
    """Return what has to change so that a permission set, as it was `before`, is what is wanted.

    Raises UsageError for what cannot be.
    """
    name = before.permission_set.name
    if isinstance(before.permission_set.arn, Unmade) and not _NAME.fullmatch(name):
        raise UsageError(
            f"a permission set cannot be called {name!r}",
            advice="letters without accents, digits and + = , . @ _ -, at most 32 of them",
        )
    after = _after(before, checked(wanted, center.instance.arn.split(":")[1]))
    return [*_made(before, after), *_contents(before, after)]


def plan_roles(before: Details, steps: Iterable[Step]) -> Iterator[Change]:
    """Yield what provisions a permission set after `steps`, if that has to be."""
    return everywhere(before, changed=any(one.what != TAG for one in steps))


def same_policy(one: str, other: str) -> bool:
    """Whether two inline policies say the same, however they are laid out."""
    try:
        return _laid_out_alike(one) == _laid_out_alike(other)
    except (ValueError, RecursionError):
        return one == other


def _laid_out_alike(policy: str) -> str:
    """Return JSON in one way: true is not 1, as it is to Python."""
    return json.dumps(json.loads(policy or "null"), sort_keys=True)


def nothing(name: str) -> Details:
    """Return what a permission set has that is not there yet."""
    return Details(
        PermissionSet(Unmade(f"permission set {name}"), name), (), (), "", "", (), (), ()
    )


def _after(before: Details, wanted: Definition) -> Details:
    """Return what the set has once it is as it is wanted."""
    old, whole = before.permission_set, wanted.whole
    # The service takes no description away, and some tags are not of the definition.
    kept = {key: value for key, value in before.tags if not whole or key.startswith(OTHERS)}
    tags = {key: value for key, value in kept.items() if key not in wanted.without_tags}
    relay_state, boundary, inline = wanted.relay_state, wanted.boundary, wanted.inline
    if inline is None:
        inline = "" if whole else before.inline
    elif same_policy(inline, before.inline):
        inline = before.inline
    if relay_state is None:
        relay_state = "" if whole else old.relay_state
    if boundary is None:
        boundary = "" if whole else before.boundary
    return replace(
        before,
        permission_set=replace(
            old,
            description=wanted.description or old.description,
            duration=_duration(old.duration, wanted),
            relay_state=relay_state,
        ),
        managed=_those(() if whole else before.managed, wanted.policies, wanted.without_policies),
        customer_managed=_those(
            () if whole else before.customer_managed,
            wanted.own_policies,
            wanted.without_own_policies,
        ),
        inline=inline,
        boundary=boundary,
        tags=tuple((tags | dict(wanted.tags)).items()),
    )


def _duration(before: str, wanted: Definition) -> str:
    # One hour is what the service gives without a word.
    found = wanted.duration or ("PT1H" if wanted.whole else before)
    return before if durations.seconds(found) == durations.seconds(before) else found


def _those(
    there: tuple[str, ...], more: tuple[str, ...], without: tuple[str, ...]
) -> tuple[str, ...]:
    return tuple(one for one in dict.fromkeys((*there, *more)) if one not in without)


def _made(before: Details, after: Details) -> Iterator[Step]:
    """Yield what makes the set, or changes what is said of it: one call, a step for each thing."""
    old, new = before.permission_set, after.permission_set
    values = said(new)
    request: dict[str, Any] = dict(zip(_MEMBERS, values, strict=True))
    request = {name: value for name, value in request.items() if value}
    call: Call | None
    if isinstance(old.arn, Unmade):
        tags = [{"Key": key, "Value": value} for key, value in after.tags]
        request |= {"Name": new.name} | ({"Tags": tags} if tags else {})
        gives = "PermissionSet.PermissionSetArn"
        operation, find = "create_permission_set", methodcaller("set_made", new.name)
        made = Call("sso-admin", operation, request, makes=old.arn, gives=gives, find=find)
        yield Step(ADD, SET, new.name, call=made)
        call = None
    else:
        # Whatever an update does not name goes back to what it is by default, so it names all.
        request["PermissionSetArn"] = new.arn
        both = zip(_MEMBERS, said(old), values, strict=True)
        last = partial(_as_it_is_now, [name for name, was, value in both if was == value])
        call = Call("sso-admin", "update_permission_set", request, last=last)
    for what, was, value in zip(_SAID, said(old), values, strict=True):
        if was == value:
            continue
        sign = ADD if not was else ALTER if value else REMOVE
        yield Step(sign, SET, new.name, what, value, was, _shown(what, was, value), call)
        call = None
    if isinstance(old.arn, Unmade):
        yield from (Step(ADD, SET, new.name, TAG, f"{key}={value}") for key, value in after.tags)


def said(one: PermissionSet) -> tuple[str, ...]:
    """Return what is said of a permission set, in the order of what that is called."""
    return (one.description, one.duration, one.relay_state)


def _as_it_is_now(same: list[str], center: Center, request: dict[str, Any]) -> dict[str, Any]:
    """Return an update that leaves what it is not about as it is by now, whoever changed it."""
    now = dict(zip(_MEMBERS, said(center.described_set(request["PermissionSetArn"])), strict=True))
    kept = {name: now[name] for name in same if now[name]}
    return {name: value for name, value in request.items() if name not in same} | kept


def _shown(what: str, was: str, value: str) -> str:
    if what != "session":
        return ""
    old, new = durations.shown(was), durations.shown(value)
    return f"{old} -> {new}" if old else new


def _contents(before: Details, after: Details) -> Iterator[Step]:
    """Yield what has to be attached and taken away: that first, for there is room for so many."""
    one = before.permission_set
    for removing in (True, False):
        yield from _policies(before, after, removing=removing)
    for what, was, value, change in (
        (INLINE, before.inline, after.inline, _inline_call(one.arn, after.inline)),
        (BOUNDARY, before.boundary, after.boundary, _boundary_call(one.arn, after.boundary)),
    ):
        if was != value:
            sign = ADD if not was else ALTER if value else REMOVE
            shown = _laid_out(value or was) if what == INLINE else ""
            yield Step(sign, SET, one.name, what, value, was, shown, change)
    if not isinstance(one.arn, Unmade):
        yield from _tags(before, after)


def _policies(before: Details, after: Details, *, removing: bool) -> Iterator[Step]:
    one, verb = before.permission_set, "detach" if removing else "attach"
    prefix = "from" if removing else "to"
    for what, was, value, noun in (
        (AWS_POLICY, before.managed, after.managed, "managed_policy"),
        (
            OWN_POLICY,
            before.customer_managed,
            after.customer_managed,
            "customer_managed_policy_reference",
        ),
    ):
        there, wanted = (was, value) if removing else (value, was)
        for policy in (each for each in there if each not in wanted):
            request: dict[str, Any] = {"PermissionSetArn": one.arn}
            if what == AWS_POLICY:
                request["ManagedPolicyArn"] = policy
            else:
                request["CustomerManagedPolicyReference"] = _reference(policy)
            call = Call("sso-admin", f"{verb}_{noun}_{prefix}_permission_set", request)
            if removing:
                yield Step(REMOVE, SET, one.name, what, before=policy, call=call)
            else:
                yield Step(ADD, SET, one.name, what, policy, call=call)


def _reference(policy: str) -> dict[str, str]:
    """Return how the service names a policy of the accounts."""
    path, _, name = policy.rpartition("/")
    return {"Name": name, "Path": f"{path}/"}


def _inline_call(arn: str, inline: str) -> Call:
    request = {"PermissionSetArn": arn}
    if not inline:
        return Call("sso-admin", "delete_inline_policy_from_permission_set", request)
    put = request | {"InlinePolicy": inline}
    return Call("sso-admin", "put_inline_policy_to_permission_set", put)


def _boundary_call(arn: str, boundary: str) -> Call:
    request: dict[str, Any] = {"PermissionSetArn": arn}
    if not boundary:
        return Call("sso-admin", "delete_permissions_boundary_from_permission_set", request)
    named: Mapping[str, Any] = {"ManagedPolicyArn": boundary}
    if not boundary.startswith("arn:"):
        named = {"CustomerManagedPolicyReference": _reference(boundary)}
    request["PermissionsBoundary"] = named
    return Call("sso-admin", "put_permissions_boundary_to_permission_set", request)


def _tags(before: Details, after: Details) -> Iterator[Step]:
    one, old, new = before.permission_set, dict(before.tags), dict(after.tags)
    for key in (key for key in old if key not in new):
        call = Call("sso-admin", "untag_resource", {"ResourceArn": one.arn, "TagKeys": [key]})
        yield Step(REMOVE, SET, one.name, TAG, before=f"{key}={old[key]}", call=call)
    for key, value in new.items():
        if old.get(key) != value:
            tags = [{"Key": key, "Value": value}]
            call = Call("sso-admin", "tag_resource", {"ResourceArn": one.arn, "Tags": tags})
            was = f"{key}={old[key]}" if key in old else ""
            yield Step(ALTER if was else ADD, SET, one.name, TAG, f"{key}={value}", was, call=call)


def _laid_out(policy: str) -> str:
    """Return a policy on one line, no longer than can be looked at."""
    try:
        text = json.dumps(json.loads(policy))
    except ValueError:
        text = policy
    return text if len(text) <= 80 else f"{text[:76]} ..."
