"""The accounts and roles that a person may assume in a session, as the service lists them."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from ssoenv.base.errors import AccessDenied
from ssoenv.base.models import Assignment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ssoenv.base.models import Account, Role, Session


@dataclass(frozen=True, slots=True)
class Held:
    """An account in which a person holds roles, and which, as of `listed_at` (epoch seconds).

    `roles` is None where the service has not been asked for them. They are `doubtful` where
    something tells that they may be others by now, however young they are.
    """

    account: Account
    roles: tuple[str, ...] | None = None
    listed_at: int = 0
    doubtful: bool = False

    def older(self, than: float) -> bool:
        """Whether the roles have to be asked for, if they are good back to `than`."""
        return self.roles is None or self.doubtful or self.listed_at < than


@dataclass(frozen=True)
class Listing:
    """What a person may assume in one session, as far as it is known.

    The accounts, in their order, are as of `listed_at` (epoch seconds); the roles of each are as
    old as it says itself.
    """

    held: tuple[Held, ...]
    listed_at: int

    @classmethod
    def of(cls, assignments: Iterable[Assignment], listed_at: int) -> Listing:
        """Return the listing of `assignments`, all of the same age."""
        roles: dict[str, list[str]] = {}
        accounts: dict[str, Account] = {}
        for one in assignments:
            accounts.setdefault(one.account.id, one.account)
            roles.setdefault(one.account.id, []).append(one.role)
        held = (Held(one, tuple(roles[one.id]), listed_at) for one in accounts.values())
        return cls(tuple(held), listed_at)

    @cached_property
    def assignments(self) -> tuple[Assignment, ...]:
        """Every role that is known, account by account."""
        return tuple(Assignment(one.account, role) for one in self.held for role in one.roles or ())

    @cached_property
    def _by_id(self) -> dict[str, Held]:
        return {one.account.id: one for one in self.held}

    @cached_property
    def _by_name(self) -> dict[str, list[Account]]:
        found: dict[str, list[Account]] = {}
        for one in self.held:
            found.setdefault(one.account.name, []).append(one.account)
        return found

    @property
    def accounts(self) -> tuple[Account, ...]:
        """Every account, whether its roles are known or not."""
        return tuple(one.account for one in self.held)

    def account(self, wanted: str) -> Account | None:
        """Return the account with the id `wanted`, else the only one with that exact name."""
        named = self.called(wanted)
        return named[0] if len(named) == 1 else None

    def called(self, wanted: str) -> tuple[Account, ...]:
        """Return the account with the id `wanted`, else all with that exact name."""
        by_id = self._by_id.get(wanted)
        return (by_id.account,) if by_id else tuple(self._by_name.get(wanted, ()))

    def first_held(self, account: Account, roles: Iterable[str]) -> str | None:
        """Return the first of `roles` that the person holds in `account`; None for none."""
        held = self.roles(account)
        return next((role for role in roles if role in held), None)

    def only(self, account: Account) -> Listing:
        """Return what of this is in `account`."""
        one = self._by_id.get(account.id)
        return Listing((one,) if one else (), self.listed_at)

    def roles(self, account: Account) -> tuple[str, ...]:
        """Return the roles that the person holds in `account`, as far as they are known."""
        one = self._by_id.get(account.id)
        return one.roles or () if one else ()

    def listed(self, account_id: str) -> int | None:
        """Return when the roles of the account were asked for; None if they never were."""
        one = self._by_id.get(account_id)
        return one.listed_at if one and one.roles is not None else None

    def with_accounts(self, accounts: Iterable[Account], listed_at: int) -> Listing:
        """Return this with the `accounts` that there are now.

        The roles of those that were there before stay. One that goes by another name or e-mail
        now may be another team's: its roles are as good as never asked for.
        """
        held = []
        for account in accounts:
            before = self._by_id.get(account.id)
            if before is None:
                held.append(Held(account))
            elif before.account == account:
                held.append(before)
            else:
                held.append(replace(before, account=account, doubtful=True))
        return Listing(tuple(sorted(held, key=_by_name_then_id)), listed_at)

    def with_roles(self, found: Mapping[str, Held]) -> Listing:
        """Return this with the roles in `found`, by the id of their account."""
        held = (found.get(one.account.id, one) for one in self.held)
        named = (
            one if one.account is mine.account else replace(one, account=mine.account)
            for one, mine in zip(held, self.held, strict=True)
        )
        return Listing(tuple(named), self.listed_at)

    def merged(self, other: Listing) -> Listing:
        """Return what is known from this and the `other`, the younger of each."""
        younger, older = (self, other) if self.listed_at >= other.listed_at else (other, self)
        later = {one.account.id: one for one in older.held if one.roles is not None}
        for one in younger.held:
            there = later.get(one.account.id)
            if there and one.roles is not None and _age(one) >= _age(there):
                del later[one.account.id]
        return younger.with_roles(later)


def _age(one: Held) -> tuple[int, bool]:
    """Return what tells which of two lists is the later; a doubt came after what it is about."""
    return one.listed_at, one.doubtful


def _by_name_then_id(one: Held) -> tuple[str, str]:
    return one.account.name, one.account.id


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
        raise AccessDenied(
            f"{role.assigned} is not assigned to you ({_what_is(role, listing)})",
            fix=f"ssoenv roles --session {shlex.quote(session.label)}",
        )
    return picked


def _what_is(role: Role, listing: Listing) -> str:
    """Return what `listing` has in place of `role`, in words."""
    named = listing.called(role.account)
    if len(named) > 1:
        ids = ", ".join(one.id for one in named)
        return f"{len(named)} accounts have that name: write the id of one, {ids}"
    if not named:
        return "no such account"
    return f"you hold {', '.join(listing.roles(named[0])) or 'no role'} there"


def find(role: Role, listing: Listing) -> tuple[str, str] | None:
    """Return the account id and role name of `role` in `listing`; None if it is not there."""
    account = listing.account(role.account)
    name = listing.first_held(account, role.roles) if account else None
    return (account.id, name) if account and name else None
