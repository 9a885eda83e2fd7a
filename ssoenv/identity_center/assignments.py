"""The accounts and roles that a person may assume in a session, as the service lists them."""

from __future__ import annotations

from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

from ssoenv.base import arns, dialects, likely
from ssoenv.base.errors import AccessDenied
from ssoenv.base.models import Assignment, IamRole, Role
from ssoenv.base.values import dataclass, replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ssoenv.base.models import Account, Session


ENTITLED = "entitled"
"""In place of the id of an account: what the account access manager gives, in every account."""


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


@dataclass(frozen=True, slots=True)
class Entitled:
    """The roles of IAM that the account access manager of `tenant` gives, as of `listed_at`.

    `held` has them by account, each by its ARN. `tenant` is empty where none is to be asked, and
    `listed_at` is 0 where it has not been asked.
    """

    tenant: str = ""
    held: tuple[Held, ...] = ()
    listed_at: int = 0

    @classmethod
    def of(cls, tenant: str, roles: Iterable[Assignment], listed_at: int) -> Entitled:
        """Return what holds the `roles`, all of the same age."""
        return cls(tenant, Listing.of(sorted(roles), listed_at).held, listed_at)


@dataclass(frozen=True)
class Listing:
    """What a person may assume in one session, as far as it is known.

    The accounts of permission sets, in their order, are as of `listed_at` (epoch seconds); the
    roles of each are as old as it says itself. `entitled` are roles of IAM beside them.
    """

    held: tuple[Held, ...]
    listed_at: int
    entitled: Entitled = Entitled()

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
    def everything(self) -> tuple[Held, ...]:
        """All accounts in their order, each once for permission sets and once for roles of IAM."""
        if not self.entitled.held:
            return self.held
        beside = (
            replace(one, account=self._by_id[one.account.id].account)
            if one.account.id in self._by_id
            else one
            for one in self.entitled.held
        )
        return tuple(sorted((*self.held, *beside), key=_by_name_then_id))

    @cached_property
    def assignments(self) -> tuple[Assignment, ...]:
        """Every role that is known, account by account."""
        return tuple(
            Assignment(one.account, role) for one in self.everything for role in one.roles or ()
        )

    @cached_property
    def _by_id(self) -> dict[str, Held]:
        return {one.account.id: one for one in self.held}

    @cached_property
    def _ids(self) -> dict[str, Account]:
        return {one.account.id: one.account for one in self.everything}

    @cached_property
    def _roles(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for one in self.everything:
            found[one.account.id] = (*found.get(one.account.id, ()), *(one.roles or ()))
        return found

    @cached_property
    def _names(self) -> dict[str, list[Account]]:
        """By name; a tenant that calls an account of its own as another is makes none of that."""
        found: dict[str, list[Account]] = {}
        beside: dict[str, list[Account]] = {}
        for one in self._ids.values():
            known = found if one.id in self._by_id else beside
            known.setdefault(one.name, []).append(one)
        return beside | found

    @property
    def accounts(self) -> tuple[Account, ...]:
        """Every account, whether its roles are known or not."""
        return tuple(self._ids.values())

    def account(self, wanted: str) -> Account | None:
        """Return the account with the id `wanted`, else the only one with that exact name."""
        named = self.called(wanted)
        return named[0] if len(named) == 1 else None

    def called(self, wanted: str) -> tuple[Account, ...]:
        """Return the account with the id `wanted`, else all with that exact name."""
        by_id = self._ids.get(wanted)
        return (by_id,) if by_id else tuple(self._names.get(wanted, ()))

    def first_held(self, account: Account, roles: Iterable[str]) -> str | None:
        """Return the first of `roles` that the person holds in `account`; None for none."""
        held = self.roles(account)
        return next((role for role in roles if role in held), None)

    def only(self, account: Account) -> Listing:
        """Return what of this is in `account`."""
        held, entitled = (
            tuple(one for one in every if one.account.id == account.id)
            for every in (self.held, self.entitled.held)
        )
        return Listing(held, self.listed_at, replace(self.entitled, held=entitled))

    def roles(self, account: Account) -> tuple[str, ...]:
        """Return the roles that the person holds in `account`, as far as they are known."""
        return self._roles.get(account.id, ())

    def knows_roles(self, account: Account) -> bool:
        """Whether the service has been asked which roles the person holds in `account`."""
        return any(one.account.id == account.id and one.roles is not None for one in self.held)

    def is_entitled(self, role: Role) -> bool | None:
        """Whether the account access manager gives a `role` of IAM.

        None where it has not been asked, or another tenant.
        """
        there = self.entitled
        if not (role.entitled and there.listed_at) or role.tenant not in ("", there.tenant):
            return None
        given = chain.from_iterable(one.roles or () for one in there.held)
        return str(role.entitled.arn) in given

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
        return Listing(tuple(sorted(held, key=_by_name_then_id)), listed_at, self.entitled)

    def of_tenant(self, tenant: str) -> Listing:
        """Return this as it is where `tenant` is asked, and no other; empty for none."""
        if self.entitled.tenant == tenant:
            return self
        return replace(self, entitled=Entitled(tenant))

    def with_roles(self, found: Mapping[str, Held]) -> Listing:
        """Return this with the roles in `found`, by the id of their account."""
        held = (found.get(one.account.id, one) for one in self.held)
        named = (
            one if one.account is mine.account else replace(one, account=mine.account)
            for one, mine in zip(held, self.held, strict=True)
        )
        return replace(self, held=tuple(named))

    def merged(self, other: Listing) -> Listing:
        """Return what is known from this and the `other`, the younger of each."""
        younger, older = (self, other) if self.listed_at >= other.listed_at else (other, self)
        later = {one.account.id: one for one in older.held if one.roles is not None}
        for one in younger.held:
            there = later.get(one.account.id)
            if there and one.roles is not None and _age(one) >= _age(there):
                del later[one.account.id]
        entitled = max(younger.entitled, older.entitled, key=lambda one: one.listed_at)
        return replace(younger.with_roles(later), entitled=entitled)


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


def as_role(session: str, account: str, role: str) -> Role:
    """Return the role that a list, or a person, names: by its ARN where it is one of IAM.

    ValueError, in words, for what begins as an ARN does and is none.
    """
    if not arns.is_arn(role):
        return Role(session, account, (role,))
    entitled = IamRole(arns.parse(role))
    return Role(session, entitled.arn.account, (entitled.arn.name,), entitled=entitled)


def is_account_id(text: str) -> bool:
    """Whether `text` is the id of an account, and not a name."""
    return len(text) == 12 and text.isascii() and text.isdigit()


def resolve_in(listing: Listing, role: Role, session: Session) -> tuple[str, str]:
    """Return the account id and role name that `role` means in `listing`, a new one.

    Raises AccessDenied when the person holds none of them.
    """
    picked = find(role, listing)
    if picked is None:
        there, word, known = _in_place_of(role, listing)
        error = AccessDenied(
            f"{role.assigned} is not assigned to you ({there}{likely.did_you_mean(word, known)})",
            fix=f"ssoenv roles --session {dialects.word(session.label)}",
        ).about(word, known)
        if error.meant and word == role.account:
            error.meant = _with_its_role(role, listing, error.meant[1]) or error.meant
        raise error
    return picked


def _with_its_role(role: Role, listing: Listing, account: str) -> tuple[str, str] | None:
    """Return ACCOUNT/ROLE as it was asked for, and as it was meant where both words are wrong."""
    named, wanted = listing.called(account), role.roles[0]
    held = listing.roles(named[0]) if len(named) == 1 else ()
    close = None if wanted in held else likely.closest(wanted, held)
    return (f"{role.account}/{wanted}", f"{account}/{close}") if close else None


def lacks(listing: Listing, role: Role) -> bool:
    """Whether `listing` tells that the person does not hold `role`: of some accounts it may not."""
    if find(role, listing) is not None:
        return False
    account = listing.account(role.account)
    return account is None or role.entitled is not None or listing.listed(account.id) is not None


def _in_place_of(role: Role, listing: Listing) -> tuple[str, str, Sequence[str]]:
    """Return what `listing` has in place of `role`, the word that it lacks, and those it has."""
    if role.entitled:
        return "the account access manager does not give it", "", ()
    named = listing.called(role.account)
    if len(named) > 1:
        ids = ", ".join(one.id for one in named)
        return f"{len(named)} accounts have that name: write the id of one, {ids}", "", ()
    if not named:
        return "no such account", role.account, [one.name for one in listing.accounts]
    held = listing.roles(named[0])
    return f"you hold {', '.join(held) or 'no role'} there", role.roles[0], held


def find(role: Role, listing: Listing) -> tuple[str, str] | None:
    """Return the account id and role name of `role` in `listing`; None if it is not there."""
    if role.entitled:
        lacks = listing.is_entitled(role) is False
        return None if lacks else (role.account, role.roles[0])
    account = listing.account(role.account)
    name = listing.first_held(account, role.roles) if account else None
    return (account.id, name) if account and name else None
