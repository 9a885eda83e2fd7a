"""Users and groups made, put together and taken apart.

What another identity provider has brought here is changed there only: such a group takes nobody in
and lets nobody go, and what was brought is not deleted here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ssoenv.admin.calls import Call, Unmade
from ssoenv.admin.steps import ADD, ALTER, REMOVE, Step
from ssoenv.admin.values import GROUP, USER, Principal
from ssoenv.base import dialects
from ssoenv.base.errors import AccessDenied, SsoenvError
from ssoenv.identity_center.administration import NotFound, text_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ssoenv.admin.calls import Change
    from ssoenv.admin.center import Center

STORE = "identitystore"
MEMBER = "member"


def add_user(
    center: Center, name: str, *, given: str, family: str, display: str = "", email: str = ""
) -> list[Change]:
    """Return what makes a user, unless there is that very one.

    Raises SsoenvError where there is another one of that name.
    """
    display = display or f"{given} {family}"
    facts = {
        "given name": given,
        "family name": family,
        "display name": display,
        "address": email,
    }
    known = center.principal_named(USER, name)
    if known is not None:
        asked = {"IdentityStoreId": center.instance.identity_store, "UserId": known.id}
        found = center.calls.ask(STORE, "describe_user", **asked)
        paths = ("Name.GivenName", "Name.FamilyName", "DisplayName", "Emails[].Value")
        _require_same(known, facts, [text_in(found, one) for one in paths])
        return []
    request: dict[str, Any] = {
        "UserName": name,
        "DisplayName": display,
        "Name": {"GivenName": given, "FamilyName": family},
    }
    if email:
        request["Emails"] = [{"Value": email, "Type": "work", "Primary": True}]
    return [*_made("user", name, Call(STORE, "create_user", request), facts)]


def add_group(center: Center, name: str, description: str = "") -> list[Change]:
    """Return what makes a group, unless there is that very one. Raises as `add_user` does."""
    facts = {"description": description}
    known = center.principal_named(GROUP, name)
    if known is not None:
        _require_same(known, facts, [known.display])
        return []
    return group_made(name, description)


def group_made(name: str, description: str) -> list[Change]:
    """Return what makes a group that is not there."""
    request = {"DisplayName": name} | ({"Description": description} if description else {})
    made = Unmade(unmade_group(name).id)

    def find(center: Center) -> str:
        found = center.principal_named(GROUP, name)
        return found.id if found else ""

    call = Call(STORE, "create_group", request, makes=made, gives="GroupId", find=find)
    return [*_made("group", name, call, {"description": description})]


def unmade_group(name: str) -> Principal:
    """Return a group that is to be made."""
    return Principal(GROUP, Unmade(f"group {name}"), name)


def described(group: Principal, description: str) -> Step:
    """Return what gives a group another description."""
    operation = {"AttributePath": "description", "AttributeValue": description}
    request = {"GroupId": group.id, "Operations": [operation]}
    call = Call(STORE, "update_group", request)
    sign = ALTER if group.display else ADD
    return Step(sign, "group", group.name, "description", description, group.display, call=call)


def join(center: Center, group: str, users: Sequence[str]) -> list[Change]:
    """Return what puts users into a group who are not in it. Raises UsageError, AccessDenied."""
    found = _memberships(center, group, users)
    return [joined(into, user) for into, user, membership in found if not membership]


def leave(center: Center, group: str, users: Sequence[str]) -> list[Change]:
    """Return what takes users out of a group who are in it. Raises UsageError, AccessDenied."""
    found = _memberships(center, group, users)
    return [left(out_of, user, membership) for out_of, user, membership in found if membership]


def joined(group: Principal, user: Principal) -> Step:
    """Return what puts a user into a group."""
    request = {"GroupId": group.id, "MemberId": {"UserId": user.id}}
    call = Call(STORE, "create_group_membership", request)
    return Step(ADD, "group", group.name, MEMBER, user.shown, call=call)


def left(group: Principal, user: Principal, membership: str) -> Step:
    """Return what takes a user out of a group, by the id of that membership."""
    call = Call(STORE, "delete_group_membership", {"MembershipId": membership})
    return Step(REMOVE, "group", group.name, MEMBER, before=user.shown, call=call)


def require_ours(one: Principal) -> None:
    """Raise AccessDenied for what another identity provider has brought here."""
    if one.external:
        raise AccessDenied(
            f"{one.kind.lower()} {one.name!r} comes from another identity provider, by the id "
            f"{one.external!r} there, and the identity store takes changes from nobody else",
            fix=dialects.line(["ssoenv", "admin", f"{one.kind.lower()}s", one.id]),
            advice="change it there: it comes here with the next synchronization",
        )


def _memberships(
    center: Center, group: str, users: Sequence[str]
) -> Iterator[tuple[Principal, Principal, str]]:
    """Yield the group, each user, and the id of that membership, if there is one."""
    one = center.principal_known(GROUP, group)
    require_ours(one)
    store = {"IdentityStoreId": center.instance.identity_store, "GroupId": one.id}

    def membership(user: Principal) -> str:
        member = {"MemberId": {"UserId": user.id}}
        try:
            found = center.calls.ask(STORE, "get_group_membership_id", **store, **member)
        except NotFound:
            return ""
        return found.text("MembershipId")

    found = list(dict.fromkeys(center.principal_known(USER, user) for user in users))
    for user, held in zip(found, center.each(found, membership), strict=True):
        yield one, user, held


def _made(kind: str, name: str, call: Call, facts: Mapping[str, str]) -> Iterator[Step]:
    """Yield the making of somebody by one call, a step for each thing that is said of them."""
    yield Step(ADD, kind, name, call=call)
    yield from (Step(ADD, kind, name, what, value) for what, value in facts.items() if value)


def _require_same(known: Principal, facts: Mapping[str, str], held: Sequence[str]) -> None:
    """Raise SsoenvError where somebody else has the name: nobody is changed by being added."""
    for (what, value), has in zip(facts.items(), held, strict=True):
        if value and value != has:
            kind = known.kind.lower()
            raise SsoenvError(
                f"there is a {kind} {known.name!r} already, whose {what} is {has or 'none'!r} "
                f"and not {value!r}",
                fix=dialects.line(["ssoenv", "admin", f"{kind}s", known.id]),
                advice="nobody is changed by being added: choose another name, or say the same",
            )
