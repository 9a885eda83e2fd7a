"""identitystore: users, groups and who is in which. botocore ``data/identitystore/2020-06-15``.

What another identity provider has brought is not changed here: neither such users and groups nor
who is in such a group. A user from there may be in a group of here.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, TypeVar

from ssoenv.sandbox.admin import models
from ssoenv.sandbox.directory import Group, User

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ssoenv.sandbox.admin.calls import Answer, Call, Handler

_Row = TypeVar("_Row", User, Group)
_OF_A_USER = frozenset(
    (
        "UserName",
        "Name",
        "DisplayName",
        "NickName",
        "ProfileUrl",
        "Emails",
        "Addresses",
        "PhoneNumbers",
        "UserType",
        "Title",
        "PreferredLanguage",
        "Locale",
        "Timezone",
    )
)
_OF_A_GROUP = frozenset(("DisplayName", "Description"))
_NEEDED = {"User": ("UserName", "DisplayName", "Name"), "Group": ("DisplayName",)}
"""Without these nobody is made, and nobody can lose them."""


def create_user(call: Call) -> Answer:
    """Make a user, who can sign in at once."""
    attributes = _checked(call, "User", _kept(call.body, _OF_A_USER))
    if call.directory.user_named(attributes["UserName"]):
        call.fail("ConflictException", "Duplicate UserName")
    user = User(str(uuid.uuid4()), attributes, call.now)
    call.directory.users[user.id] = user
    call.directory.changed()
    return _store(call) | _names_of_user(user)


def describe_user(call: Call) -> Answer:
    """Describe a user."""
    return _described_user(call, _user(call, call.body["UserId"]))


def list_users(call: Call) -> Answer:
    """List users, all or the one of a name."""
    found = _filtered(call, call.directory.users.values(), ("UserName", "ExternalIds.Id"))
    return call.page("Users", [_described_user(call, one) for one in found])


def update_user(call: Call) -> Answer:
    """Change attributes of a user."""
    user = _ours(call, _user(call, call.body["UserId"]))
    changed = _checked(call, "User", _changed(call, user.attributes, _OF_A_USER))
    if call.directory.user_named(changed["UserName"]) not in (None, user):
        call.fail("ConflictException", "Duplicate UserName")
    user.attributes = changed
    user.revision += 1
    call.directory.changed()
    return _store(call) | _names_of_user(user)


def delete_user(call: Call) -> Answer:
    """Delete a user; what was assigned to them stays assigned, to nobody who is known."""
    user = _ours(call, _user(call, call.body["UserId"]))
    for group in call.directory.groups_of(user.id):
        del group.members[user.id]
    del call.directory.users[user.id]
    call.directory.changed()
    return {}


def get_user_id(call: Call) -> Answer:
    """Return the id of a user, by name or by the id of another provider."""
    paths = ("UserName", "Emails.Value")
    found = _identified(call, call.directory.users.values(), paths)
    return _store(call) | {"UserId": found, "UserArn": _arn("user", found)}


def create_group(call: Call) -> Answer:
    """Make a group."""
    attributes = _checked(call, "Group", _kept(call.body, _OF_A_GROUP))
    if call.directory.group_named(attributes["DisplayName"]):
        call.fail("ConflictException", "Duplicate GroupDisplayName")
    group = Group(str(uuid.uuid4()), attributes, call.now)
    call.directory.groups[group.id] = group
    return _store(call) | _names_of_group(group)


def describe_group(call: Call) -> Answer:
    """Describe a group."""
    return _described_group(call, _group(call, call.body["GroupId"]))


def list_groups(call: Call) -> Answer:
    """List groups, all or the one of a name."""
    found = _filtered(call, call.directory.groups.values(), ("DisplayName", "ExternalIds.Id"))
    return call.page("Groups", [_described_group(call, one) for one in found])


def update_group(call: Call) -> Answer:
    """Change attributes of a group."""
    group = _ours(call, _group(call, call.body["GroupId"]))
    changed = _checked(call, "Group", _changed(call, group.attributes, _OF_A_GROUP))
    if call.directory.group_named(changed["DisplayName"]) not in (None, group):
        call.fail("ConflictException", "Duplicate GroupDisplayName")
    group.attributes = changed
    group.revision += 1
    return _store(call) | _names_of_group(group)


def delete_group(call: Call) -> Answer:
    """Delete a group; what was assigned to it stays assigned, to nobody who is known."""
    del call.directory.groups[_ours(call, _group(call, call.body["GroupId"])).id]
    call.directory.changed()
    return {}


def get_group_id(call: Call) -> Answer:
    """Return the id of a group, by name or by the id of another provider."""
    found = _identified(call, call.directory.groups.values(), ("DisplayName",))
    return _store(call) | {"GroupId": found, "GroupArn": _arn("group", found)}


def create_membership(call: Call) -> Answer:
    """Put a user into a group."""
    group, user = _ours(call, _group(call, call.body["GroupId"])), _member(call)
    if user.id in group.members:
        call.fail("ConflictException", "Member and Group relationship already exists")
    group.members[user.id] = str(uuid.uuid4())
    call.directory.changed()
    return _store(call) | _names_of_membership(group.members[user.id])


def describe_membership(call: Call) -> Answer:
    """Describe a membership."""
    return _membership(call, *_found_membership(call))


def delete_membership(call: Call) -> Answer:
    """Take a user out of a group."""
    group, user_id = _found_membership(call)
    del _ours(call, group).members[user_id]
    call.directory.changed()
    return {}


def get_membership_id(call: Call) -> Answer:
    """Return the id of a user's membership of a group."""
    group, user = _group(call, call.body["GroupId"]), _member(call)
    if user.id not in group.members:
        call.fail("ResourceNotFoundException", "MEMBERSHIP not found.")
    return _store(call) | _names_of_membership(group.members[user.id])


def list_memberships(call: Call) -> Answer:
    """List the members of a group."""
    group = _group(call, call.body["GroupId"])
    return call.page("GroupMemberships", [_membership(call, group, one) for one in group.members])


def list_memberships_of_member(call: Call) -> Answer:
    """List the groups of a user."""
    user = _member(call)
    groups = call.directory.groups_of(user.id)
    return call.page("GroupMemberships", [_membership(call, one, user.id) for one in groups])


def is_member(call: Call) -> Answer:
    """Say of each group whether the user is in it."""
    user = _member(call)
    groups = [_group(call, one) for one in call.body["GroupIds"]]
    member = {"MemberId": {"UserId": user.id}}
    rows = [
        {"GroupId": one.id, "MembershipExists": user.id in one.members} | member for one in groups
    ]
    return {"Results": rows}


HANDLERS: dict[str, Handler] = {
    "CreateUser": create_user,
    "DescribeUser": describe_user,
    "ListUsers": list_users,
    "UpdateUser": update_user,
    "DeleteUser": delete_user,
    "GetUserId": get_user_id,
    "CreateGroup": create_group,
    "DescribeGroup": describe_group,
    "ListGroups": list_groups,
    "UpdateGroup": update_group,
    "DeleteGroup": delete_group,
    "GetGroupId": get_group_id,
    "CreateGroupMembership": create_membership,
    "DescribeGroupMembership": describe_membership,
    "DeleteGroupMembership": delete_membership,
    "GetGroupMembershipId": get_membership_id,
    "ListGroupMemberships": list_memberships,
    "ListGroupMembershipsForMember": list_memberships_of_member,
    "IsMemberInGroups": is_member,
}


def _store(call: Call) -> Answer:
    return {"IdentityStoreId": call.identity_store}


def _names_of_user(user: User) -> Answer:
    names = {"UserId": user.id, "UserArn": _arn("user", user.id)}
    return names | {"Revision": str(user.revision)}


def _names_of_group(group: Group) -> Answer:
    names = {"GroupId": group.id, "GroupArn": _arn("group", group.id)}
    return names | {"Revision": str(group.revision)}


def _names_of_membership(membership: str) -> Answer:
    return {"MembershipId": membership, "MembershipArn": _arn("membership", membership)}


def _arn(kind: str, own: str) -> str:
    return f"arn:aws:identitystore:::{kind}/{own}"


def _kept(body: Mapping[str, Any], known: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name in known}


def _checked(call: Call, structure: str, attributes: dict[str, Any]) -> dict[str, Any]:
    """Return the attributes that a User or a Group is to have, if the model allows them."""
    problem = models.problem_of(call.service, structure, attributes, _NEEDED[structure])
    if problem:
        call.fail("ValidationException", problem)
    return attributes


def _described_user(call: Call, user: User) -> Answer:
    return _store(call) | _names_of_user(user) | user.attributes


def _described_group(call: Call, group: Group) -> Answer:
    return _store(call) | _names_of_group(group) | group.attributes


def _membership(call: Call, group: Group, user_id: str) -> Answer:
    found = _names_of_membership(group.members[user_id]) | {"GroupId": group.id}
    return _store(call) | found | {"MemberId": {"UserId": user_id}}


def _user(call: Call, user_id: str) -> User:
    found = call.directory.users.get(user_id)
    if found is None:
        call.fail("ResourceNotFoundException", "USER not found.")
    return found


def _group(call: Call, group_id: str) -> Group:
    found = call.directory.groups.get(group_id)
    if found is None:
        call.fail("ResourceNotFoundException", "GROUP not found.")
    return found


def _ours(call: Call, row: _Row) -> _Row:
    """Return a user or a group that is to be changed, unless it was brought from elsewhere."""
    if row.attributes.get("ExternalIds"):
        message = "The resource is managed by an external identity provider"
        call.fail("ValidationException", message)
    return row


def _member(call: Call) -> User:
    if "UserId" not in call.body["MemberId"]:
        call.fail("ValidationException", "MemberId takes a UserId")
    return _user(call, call.body["MemberId"]["UserId"])


def _found_membership(call: Call) -> tuple[Group, str]:
    """Return the group and the id of the user of the membership that the request names."""
    found = (
        (group, user_id)
        for group in call.directory.groups.values()
        for user_id, membership in group.members.items()
        if membership == call.body["MembershipId"]
    )
    for one in found:
        return one
    return call.fail("ResourceNotFoundException", "MEMBERSHIP not found.")


def _filtered(call: Call, rows: Iterable[_Row], paths: tuple[str, ...]) -> list[_Row]:
    """Return the rows that the request's one filter leaves."""
    found = list(rows)
    for one in call.body.get("Filters", ()):
        if one["AttributePath"] not in paths:
            call.fail("ValidationException", f"Cannot filter by {one['AttributePath']}")
        found = [row for row in found if _has(row, one["AttributePath"], one["AttributeValue"])]
    return found


def _identified(call: Call, rows: Iterable[User | Group], paths: tuple[str, ...]) -> str:
    """Return the id of the row that the request's alternate identifier means."""
    given = call.body["AlternateIdentifier"]
    if "ExternalId" in given:
        found = [
            row for row in rows if given["ExternalId"] in row.attributes.get("ExternalIds", ())
        ]
    else:
        unique = given.get("UniqueAttribute", {})
        path = next((one for one in paths if one.lower() == _path(unique).lower()), None)
        if path is None:
            call.fail("ValidationException", f"AlternateIdentifier takes {' or '.join(paths)}")
        found = [row for row in rows if _has(row, path, unique.get("AttributeValue"))]
    if not found:
        call.fail("ResourceNotFoundException", "No user or group was found for that identifier.")
    return found[0].id


def _path(unique: Mapping[str, Any]) -> str:
    return str(unique.get("AttributePath", ""))


def _has(row: User | Group, path: str, value: Any) -> bool:
    """Whether an attribute, or that member of one in its list, is `value`."""
    name, _, member = path.partition(".")
    held = row.attributes.get(name)
    if not member:
        return bool(held == value)
    return any(one.get(member) == value for one in held or ())


def _changed(call: Call, attributes: Mapping[str, Any], known: frozenset[str]) -> dict[str, Any]:
    """Return `attributes` after the request's operations; one without a value takes away."""
    found = dict(attributes)
    for one in call.body["Operations"]:
        # AttributePath begins small: displayName, name.familyName.
        path, _, member = one["AttributePath"].partition(".")
        name = path[:1].upper() + path[1:]
        if name not in known or (member and not isinstance(found.get(name, {}), dict)):
            call.fail("ValidationException", f"Cannot change {one['AttributePath']}")
        held = dict(found.get(name, {})) if member else found
        inner = member[:1].upper() + member[1:] if member else name
        held.pop(inner, None)
        if "AttributeValue" in one:
            held[inner] = one["AttributeValue"]
        if member:
            found[name] = held
    return found
