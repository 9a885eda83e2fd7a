"""The accounts and roles that a person may assume in a session, as the service lists them."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ssoenv.base import clock
from ssoenv.base.errors import AccessDenied
from ssoenv.base.models import Account, Assignment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ssoenv.base.models import Role, Session, Token
    from ssoenv.identity_center.client import IdentityCenter

CONCURRENCY = 8
"""How many accounts are asked for their roles at the same time: the portal throttles bursts."""


@dataclass(frozen=True, slots=True)
class Listing:
    """All assignments of a person in one session, as of `listed_at` (epoch seconds)."""

    assignments: tuple[Assignment, ...]
    listed_at: int

    def account(self, wanted: str) -> Account | None:
        """Return the account with the id `wanted`, else the one with that exact name."""
        named = None
        for assignment in self.assignments:
            if assignment.account.id == wanted:
                return assignment.account
            if named is None and assignment.account.name == wanted:
                named = assignment.account
        return named

    def first_held(self, account: Account, roles: Iterable[str]) -> str | None:
        """Return the first of `roles` that the person holds in `account`; None for none."""
        held = self.roles(account)
        return next((role for role in roles if role in held), None)

    def only(self, account: Account) -> Listing:
        """Return what of this is in `account`."""
        rows = tuple(one for one in self.assignments if one.account.id == account.id)
        return Listing(rows, self.listed_at)

    def roles(self, account: Account) -> tuple[str, ...]:
        """Return the roles that the person holds in `account`."""
        return tuple(one.role for one in self.assignments if one.account.id == account.id)


def fetch(
    center: IdentityCenter, token: Token, progress: Callable[[int, int], None] | None = None
) -> Listing:
    """List everything that `token` may assume; `progress` hears (accounts done, accounts).

    Raises AccessDenied, SignInRequired or ServiceUnavailable as the service answers.
    """
    from ssoenv.base import background

    accounts = sorted(center.list_accounts(token), key=lambda one: (one.name, one.id))
    found: list[Assignment] = []
    listed = background.in_order(
        lambda one: center.list_account_roles(token, one.id), accounts, CONCURRENCY
    )
    for done, (account, roles) in enumerate(zip(accounts, listed, strict=True), 1):
        found += [Assignment(account, role) for role in sorted(roles)]
        if progress:
            progress(done, len(accounts))
    return Listing(tuple(found), clock.now())


def resolve(role: Role, listing: Listing | None) -> tuple[str, str] | None:
    """Return the account id and role name that `role` means, as far as is known without asking."""
    if is_account_id(role.account) and len(role.roles) == 1:
        return role.account, role.roles[0]
    return find(role, listing) if listing else None


def is_account_id(text: str) -> bool:
    """Whether `text` is the id of an account, and not a name."""
    return len(text) == 12 and text.isascii() and text.isdigit()


def resolve_in(listing: Listing, role: Role, session: Session) -> tuple[str, str]:
    """Return the account id and role name that `role` means in `listing`, a new one.

    Raises AccessDenied when the person holds none of them.
    """
    picked = find(role, listing)
    if picked is None:
        account = listing.account(role.account)
        held = (
            f"you hold {', '.join(listing.roles(account))} there" if account else "no such account"
        )
        raise AccessDenied(
            f"{role.account}/{'|'.join(role.roles)} is not assigned to you ({held})",
            fix=f"ssoenv roles --session {shlex.quote(session.label)}",
        )
    return picked


def find(role: Role, listing: Listing) -> tuple[str, str] | None:
    """Return the account id and role name of `role` in `listing`; None if it is not there."""
    account = listing.account(role.account)
    name = listing.first_held(account, role.roles) if account else None
    return (account.id, name) if account and name else None
