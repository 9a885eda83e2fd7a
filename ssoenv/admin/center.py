"""One Identity Center as an administrator reads it: what there is, and what it is called.

Names are asked for once. Where there are few ids to tell, each is asked for; where there are many,
the whole list is, 100 (of accounts 20) at a time.
"""

from __future__ import annotations

import contextlib
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from ssoenv.admin import units
from ssoenv.admin.unknown import unknown
from ssoenv.admin.values import (
    ACCOUNT,
    GROUP,
    USER,
    Account,
    Details,
    Instance,
    PermissionSet,
    Principal,
    is_principal_id,
)
from ssoenv.base.errors import AccessDenied, SsoenvError, UsageError
from ssoenv.identity_center.administration import Administration, NotFound, texts_in
from ssoenv.identity_center.assignments import is_account_id

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

Item = TypeVar("Item")
Result = TypeVar("Result")
FEW = 10
"""So many ids are asked for one by one; for more the whole list is."""
NAMED = 3
"""So much of what could not be read is named."""
_Fields = tuple[tuple[str, ...], tuple[str, ...]]
"""What every one has, and what some have."""
_USER: _Fields = (("UserId",), ("UserName", "DisplayName", "Emails[].Value", "ExternalIds[].Id"))
_GROUP: _Fields = (("GroupId",), ("DisplayName", "Description", "Email", "ExternalIds[].Id"))
_SET: _Fields = (("Name",), ("Description", "SessionDuration", "RelayState"))
_ACCOUNT: _Fields = (("Id",), ("Name", "Email", "Status"))


class Center:
    """What is known of an Identity Center, asked for when it is first looked at."""

    def __init__(self, administration: Administration, instance: Instance) -> None:
        """Read `instance` by `administration`."""
        self.calls = administration
        self.instance = instance
        self._users: dict[str, Principal] = {}
        self._groups: dict[str, Principal] = {}
        self._sets: dict[str, PermissionSet] = {}
        self._accounts: dict[str, Account] = {}
        self._members: dict[str, list[str]] = {}
        self.gone: set[tuple[str, str]] = set()
        """Users, groups and accounts, by kind and id, that were asked for and are not there."""
        self.unread: dict[str, SsoenvError] = {}
        """What could not be read, in words, and the refusal of it."""
        self.announce: Callable[[int], None] = lambda _: None
        """Hears how many calls come next, where that is known."""
        self.tell: Callable[[int, int], None] = lambda *_: None
        """Hears how many of them are done, and how many there are."""

    def each(self, items: Sequence[Item], work: Callable[[Item], Result]) -> Iterator[Result]:
        """Yield what `work`, which is a call each, returns for `items`; told how far it is."""
        self.announce(len(items))
        for done, found in enumerate(self.calls.each(items, work), 1):
            self.tell(done, len(items))
            yield found

    def listed(self, operation: str, key: str, *fields: Sequence[str], **request: Any) -> Any:
        """Return a list of sso-admin, of this instance; of each row the needed and other fields."""
        request["InstanceArn"] = self.instance.arn
        return self.calls.listed("sso-admin", operation, key, *fields, **request)

    def stored(self, operation: str, key: str, *fields: Sequence[str], **request: Any) -> Any:
        """Return a list of the identity store, likewise."""
        request["IdentityStoreId"] = self.instance.identity_store
        return self.calls.listed("identitystore", operation, key, *fields, **request)

    def require_all(self) -> None:
        """Raise the first refusal of what could not be read, with all of that named."""
        for error in self.unread.values():
            named = list(self.unread)
            rest = f" and of {len(named) - NAMED} more" if len(named) > NAMED else ""
            what = f"not read: {', '.join(named[:NAMED])}{rest}; {error.message}"
            raise type(error)(what, fix=error.fix, advice=error.advice)

    @cached_property
    def accounts(self) -> dict[str, Account]:
        """All accounts of the organization, by id."""
        rows = self.calls.listed("organizations", "list_accounts", "Accounts", *_ACCOUNT)
        self._accounts = {row[0]: Account(*row) for row in rows}
        return self._accounts

    @cached_property
    def set_arns(self) -> tuple[str, ...]:
        """The ARNs of all permission sets."""
        return tuple(arn for (arn,) in self.listed("list_permission_sets", "PermissionSets"))

    @cached_property
    def sets(self) -> dict[str, PermissionSet]:
        """All permission sets, by ARN; each of them is a call."""
        return {one.arn: one for one in self.named_sets(self.set_arns)}

    @cached_property
    def users(self) -> dict[str, Principal]:
        """All users, by id."""
        rows = self.stored("list_users", "Users", *_USER)
        self._users = {row[0]: Principal(USER, *row) for row in rows}
        return self._users

    @cached_property
    def groups(self) -> dict[str, Principal]:
        """All groups, by id."""
        rows = self.stored("list_groups", "Groups", *_GROUP)
        self._groups = {row[0]: Principal(GROUP, *row) for row in rows}
        return self._groups

    def named_sets(self, arns: Iterable[str]) -> list[PermissionSet]:
        """Return permission sets by their ARNs, in their order."""
        wanted = list(dict.fromkeys(arns))
        missing = [arn for arn in wanted if arn not in self._sets]
        for one in self.each(missing, self.described_set):
            self._sets[one.arn] = one
        return [self._sets[arn] for arn in wanted]

    def permission_set(self, arn: str) -> PermissionSet:
        """Return a permission set by its ARN."""
        return self.named_sets([arn])[0]

    def account(self, account_id: str) -> Account:
        """Return an account by its id; without a name where nobody may tell it."""
        if account_id not in self._accounts:
            try:
                self._accounts[account_id] = self._described_account(account_id)
            except (NotFound, AccessDenied) as error:
                self._accounts[account_id] = Account(account_id, "")
                if isinstance(error, NotFound):
                    self.gone.add((ACCOUNT, account_id))
        return self._accounts[account_id]

    def name_accounts(self, ids: Collection[str]) -> None:
        """Learn the names of accounts, in as few calls as it takes."""
        if len(ids) > FEW and "accounts" not in self.__dict__:
            try:
                self._accounts = dict(self.accounts)
            except AccessDenied:
                self._accounts = {one: Account(one, "") for one in ids} | self._accounts
        for one in ids:
            self.account(one)

    def principal(self, kind: str, principal_id: str) -> Principal:
        """Return a user or a group by its id; without a name where it is not there any more."""
        known = self._users if kind == USER else self._groups
        if principal_id not in known:
            try:
                known[principal_id] = self._described_principal(kind, principal_id)
            except (NotFound, AccessDenied) as error:
                known[principal_id] = Principal(kind, principal_id)
                if isinstance(error, NotFound):
                    self.gone.add((kind, principal_id))
        return known[principal_id]

    def name_principals(self, principals: Collection[tuple[str, str]]) -> None:
        """Learn the names of users and groups, in as few calls as it takes."""
        for kind, name in ((USER, "users"), (GROUP, "groups")):
            missing = {one for of, one in principals if of == kind}
            if len(missing) > FEW and name not in self.__dict__:
                try:
                    getattr(self, name)
                except AccessDenied:
                    known = self._users if kind == USER else self._groups
                    known |= {one: Principal(kind, one) for one in missing if one not in known}
            for one in missing:
                self.principal(kind, one)

    def members(self, group_id: str) -> list[str]:
        """Return the ids of the users in a group."""
        if group_id not in self._members:
            operation, fields = "list_group_memberships", ("MemberId.UserId",)
            rows = self._memberships(GROUP, group_id, operation, fields, GroupId=group_id)
            self._members[group_id] = [user for (user,) in rows]
        return self._members[group_id]

    def memberships(self, group_id: str) -> dict[str, str]:
        """Return the ids of the memberships in a group, by the ids of its users."""
        fields = ("MemberId.UserId", "MembershipId")
        request = {"GroupId": group_id}
        rows = self._memberships(GROUP, group_id, "list_group_memberships", fields, **request)
        return dict(rows)

    def groups_of(self, user_id: str) -> list[str]:
        """Return the ids of the groups that a user is in."""
        name = "list_group_memberships_for_member"
        member = {"UserId": user_id}
        rows = self._memberships(USER, user_id, name, ("GroupId",), MemberId=member)
        return [group for (group,) in rows]

    def is_gone(self, kind: str, principal_id: str) -> bool:
        """Whether a user or a group is not there any more, as the store says just now."""
        if (kind, principal_id) not in self.gone:
            try:
                self._described_principal(kind, principal_id)
            except NotFound:
                self.gone.add((kind, principal_id))
        return (kind, principal_id) in self.gone

    def _memberships(
        self, kind: str, principal_id: str, operation: str, fields: Sequence[str], **request: Any
    ) -> Any:
        """Return the memberships of a user or a group: none of one who is gone.

        Raises NotFound where there is none of somebody who is there: that is no answer.
        """
        try:
            return self.stored(operation, "GroupMemberships", fields, **request)
        except NotFound as error:
            if self.is_gone(kind, principal_id):
                return []
            what = "members" if kind == GROUP else "groups"
            shown = self.principal(kind, principal_id).shown
            raise NotFound(
                f"not read: the {what} of the {kind.lower()} {shown}; {error.message}"
            ) from None

    def details(self, one: PermissionSet, *, named: bool = True) -> Details:
        """Return what a permission set gives, and where it is a role: the accounts are `named`."""
        arn = {"PermissionSetArn": one.arn}
        managed = self.listed(
            "list_managed_policies_in_permission_set", "AttachedManagedPolicies", ("Arn",), **arn
        )
        own = self.listed(
            "list_customer_managed_policy_references_in_permission_set",
            "CustomerManagedPolicyReferences",
            ("Name",),
            ("Path",),
            **arn,
        )
        operation, key = "list_accounts_for_provisioned_permission_set", "AccountIds"
        everywhere = [account_id for (account_id,) in self.listed(operation, key, **arn)]
        outdated = {"ProvisioningStatus": "LATEST_PERMISSION_SET_NOT_PROVISIONED"}
        old = [account_id for (account_id,) in self.listed(operation, key, **arn, **outdated)]
        if named:
            self.name_accounts(everywhere)
        return Details(
            one,
            tuple(policy for (policy,) in managed),
            tuple((path or "/") + name for name, path in own),
            self._asked("get_inline_policy_for_permission_set", arn).optional("InlinePolicy"),
            self._boundary(arn),
            tuple(self.tags(one)),
            tuple(self.account(one) if named else Account(one, "") for one in everywhere),
            tuple(self.account(one) if named else Account(one, "") for one in old),
        )

    def tags(self, one: PermissionSet) -> list[tuple[str, str]]:
        """Return the tags of a permission set, keys and values."""
        request = {"ResourceArn": one.arn}
        rows = self.listed("list_tags_for_resource", "Tags", ("Key",), ("Value",), **request)
        return [(key, value) for key, value in rows]

    def set_made(self, name: str) -> str:
        """Return the ARN of a permission set that was made just now, or is there else; or ""."""
        new = [arn for (arn,) in self.listed("list_permission_sets", "PermissionSets")]
        return next((one.arn for one in self.named_sets(new) if one.name == name), "")

    def set_found(self, words: str) -> PermissionSet | None:
        """Return the permission set of a name, an ARN or an id (ps-...), if there is one."""
        if words.startswith(("arn:", "ps-")):
            for arn in self.set_arns:
                if words in (arn, arn.rpartition("/")[2]):
                    return self.permission_set(arn)
        return next((one for one in self.sets.values() if one.name == words), None)

    def set_meant(self, words: str) -> PermissionSet:
        """Return the permission set of a name, an ARN or an id (ps-...). Raises UsageError."""
        found = self.set_found(words)
        if found is None:
            raise unknown("permission set", words, [one.name for one in self.sets.values()])
        return found

    def account_meant(self, words: str) -> Account:
        """Return the account of an id or a name. Raises UsageError.

        An id that no account has, nor any as its name, may still be one that has been closed.
        """
        if is_account_id(words):
            one = self.account(words)
            if (ACCOUNT, words) not in self.gone:
                return one
        found = [one for one in self.accounts.values() if one.name == words]
        if not found and is_account_id(words):
            return Account(words, "")
        if not found:
            raise unknown("account", words, [one.name for one in self.accounts.values()])
        if len(found) > 1:
            ids = ", ".join(one.id for one in found)
            raise UsageError(
                f"there are {len(found)} accounts {words!r}: {ids}; name one by its id"
            )
        return found[0]

    def account_there(self, words: str) -> Account:
        """Return the account of an id or a name that is in the organization. Raises UsageError."""
        one = self.account_meant(words)
        if (ACCOUNT, one.id) in self.gone:
            raise unknown("account", words, [known.name for known in self.accounts.values()])
        return one

    def principal_meant(self, kind: str, words: str) -> Principal:
        """Return the user or the group of a name or an id. Raises UsageError.

        An id that nobody has, nor anybody as their name, may be of somebody who is gone.
        """
        if is_principal_id(words):
            one = self.principal(kind, words)
            if (kind, words) not in self.gone:
                return one
            return self.principal_named(kind, words) or Principal(kind, words)
        return self.principal_known(kind, words)

    def principal_known(self, kind: str, words: str) -> Principal:
        """Return the user or the group of a name or an id that is there. Raises UsageError."""
        found = self.principal_found(kind, words)
        if found is None:
            known = self.users if kind == USER else self.groups
            raise unknown(kind.lower(), words, [one.name for one in known.values()])
        return found

    def principal_found(self, kind: str, words: str) -> Principal | None:
        """Return the user or the group of a name or an id, if there is one."""
        if is_principal_id(words):
            with contextlib.suppress(NotFound):
                return self._described_principal(kind, words)
        return self.principal_named(kind, words)

    def principal_named(self, kind: str, words: str) -> Principal | None:
        """Return the user or the group of a name, if there is one."""
        path = "UserName" if kind == USER else "DisplayName"
        unique = {"UniqueAttribute": {"AttributePath": path, "AttributeValue": words}}
        word = kind.lower()
        try:
            found = self.calls.ask(
                "identitystore",
                f"get_{word}_id",
                IdentityStoreId=self.instance.identity_store,
                AlternateIdentifier=unique,
            )
        except NotFound:
            return None
        return self.principal(kind, found.text(f"{word.title()}Id"))

    def accounts_in(self, unit: str) -> list[Account]:
        """Return the accounts of an organizational unit and those below it, suspended ones too.

        `unit` is its id, or the path of its name.
        """
        found: list[Account] = []
        for parent in units.meant_and_below(self.calls, unit):
            rows = self.calls.listed(
                "organizations", "list_accounts_for_parent", "Accounts", *_ACCOUNT, ParentId=parent
            )
            found += [Account(*row) for row in rows]
        self._accounts |= {one.id: one for one in found}
        return found

    def _asked(self, operation: str, request: Mapping[str, Any]) -> Any:
        whole = {"InstanceArn": self.instance.arn, **request}
        return self.calls.ask("sso-admin", operation, **whole)

    def described_set(self, arn: str) -> PermissionSet:
        """Return a permission set as it is just now."""
        found = self._asked("describe_permission_set", {"PermissionSetArn": arn})
        one = found.part("PermissionSet")
        return PermissionSet(arn, *texts_in(one, *_SET))

    def _described_account(self, account_id: str) -> Account:
        found = self.calls.ask("organizations", "describe_account", AccountId=account_id)
        return Account(*texts_in(found.part("Account"), *_ACCOUNT))

    def _described_principal(self, kind: str, principal_id: str) -> Principal:
        word, fields = ("user", _USER) if kind == USER else ("group", _GROUP)
        key = f"{word.title()}Id"
        store = {"IdentityStoreId": self.instance.identity_store, key: principal_id}
        found = self.calls.ask("identitystore", f"describe_{word}", **store)
        return Principal(kind, *texts_in(found, *fields))

    def _boundary(self, arn: Mapping[str, str]) -> str:
        try:
            found = self._asked("get_permissions_boundary_for_permission_set", arn)
        except NotFound:
            return ""
        one = found.part("PermissionsBoundary")
        own = one.part("CustomerManagedPolicyReference")
        managed = one.optional("ManagedPolicyArn")
        return managed or f"{own.optional('Path') or '/'}{own.text('Name')}"
