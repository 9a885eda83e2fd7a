"""What an administrator sees of an Identity Center, as frozen values."""

from __future__ import annotations

import re

from ssoenv.base.values import dataclass

USER, GROUP, ACCOUNT = "USER", "GROUP", "ACCOUNT"
Row = tuple[str, ...]
"""What the service has of an assignment: account, permission set, kind and id of the principal."""


@dataclass(frozen=True, slots=True)
class Instance:
    """An Identity Center: its ARN, its identity store, the account that owns it, its region."""

    arn: str
    identity_store: str
    owner: str
    name: str
    status: str
    region: str


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the organization; `status` is as Organizations has it."""

    id: str
    name: str
    email: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True)
class PermissionSet:
    """A permission set; `duration` is an ISO 8601 duration such as PT8H."""

    arn: str
    name: str
    description: str = ""
    duration: str = ""
    relay_state: str = ""


@dataclass(frozen=True, slots=True)
class Details:
    """What a permission set gives, and where it is a role; in `outdated` accounts it is not yet."""

    permission_set: PermissionSet
    managed: tuple[str, ...]
    customer_managed: tuple[str, ...]
    inline: str
    boundary: str
    tags: tuple[tuple[str, str], ...]
    accounts: tuple[Account, ...]
    outdated: tuple[Account, ...]


@dataclass(frozen=True, slots=True)
class Principal:
    """A user or a group; without a `name` where it is not there any more, or nobody may tell.

    `display` is a user's full name, or a group's description.
    """

    kind: str
    id: str
    name: str = ""
    display: str = ""
    email: str = ""
    external: str = ""

    @property
    def shown(self) -> str:
        """What to call it."""
        return self.name or self.id

    @property
    def words(self) -> str:
        """What means it, and nobody else: its id where its name could be the id of another."""
        return self.id if not self.name or is_principal_id(self.name) else self.name


@dataclass(frozen=True, slots=True)
class Assignment:
    """A principal holds a permission set in an account; `via` the group that a user is in."""

    principal: Principal
    permission_set: PermissionSet
    account: Account
    via: Principal | None = None

    @property
    def row(self) -> Row:
        """The same as the service has it."""
        return row(self.account, self.permission_set, self.principal)


def row(account: Account, permission_set: PermissionSet, principal: Principal) -> Row:
    """Return an assignment as the service has it."""
    return (account.id, permission_set.arn, principal.kind, principal.id)


def is_principal_id(words: str) -> bool:
    """Whether `words` look like the id of a user or a group (sso-admin, ``PrincipalId``)."""
    whole = r"([0-9a-f]{10}-)?[A-Fa-f0-9]{8}(-[A-Fa-f0-9]{4}){3}-[A-Fa-f0-9]{12}"
    return re.fullmatch(whole, words) is not None
