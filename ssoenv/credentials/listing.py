"""The list of what a person may assume: asked of the service, kept, and in a useful order."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from ssoenv import settings
from ssoenv.base import clock, paths
from ssoenv.base.errors import AccessDenied, SignInRequired, UsageError
from ssoenv.base.models import Role
from ssoenv.base.values import dataclass
from ssoenv.credentials import tenants, terms
from ssoenv.credentials.portal import Need, Portal
from ssoenv.identity_center import kept_listings, matching
from ssoenv.identity_center.assignments import ENTITLED
from ssoenv.identity_center.discovery import Found, Settled
from ssoenv.trust import adhoc, store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from ssoenv.base.models import Account, Session
    from ssoenv.credentials.terms import Person
    from ssoenv.identity_center.assignments import Held, Listing
    from ssoenv.identity_center.discovery import Progress, Source

ROLES_MAX_AGE = 12 * 3600
"""Seconds for which the kept roles of an account are shown without asking the service.

A call for each account is what a large list costs, and they change more rarely than the list of
accounts, which tells of new ones for a hundredth of that.
"""
JUST_NOW = 10
"""Seconds for which a word that the list does not have is not looked for anew."""
RECENT = 8
"""How many roles that were used lately come first."""


@dataclass(frozen=True, slots=True)
class Lists:
    """The accounts and roles of a person in `session`, for a `command` that a person typed.

    `person` is told should somebody have to sign in, and `unasked` says why nobody is asked to;
    `progress` hears how far it is.
    """

    session: Session
    command: str
    env: Mapping[str, str]
    person: Person
    progress: Callable[[Progress], None] | None = None
    unasked: str = ""

    def kept(self) -> Listing | None:
        """Return what is known without asking."""
        kept = kept_listings.of(self.env, self.session)
        tenant = tenants.listed(self.session, settings.load(self.env), self.env)
        return kept.of_tenant(tenant) if kept else None

    def everything(self, words: Sequence[str] = (), *, refresh: bool = False) -> Found:
        """Return all accounts and roles; those first that the `words` of a filter mean.

        Asks only for what can have changed: accounts, and what the account access manager gives,
        after an hour, the roles of each once they are twelve hours old, those of new accounts at
        once. A `refresh` asks for everything again that the filter lets through; one that was left
        goes on where it was.
        """
        now, kept, label = clock.now(), self.kept(), self.session.label
        # What was asked for within the very second in which it began may be from before.
        began = kept_listings.begin_refresh(self.env, label, now) + 1 if refresh else 0
        since = max(began, now - kept_listings.ACCOUNTS_MAX_AGE)

        def which(listing: Listing) -> list[str]:
            shown = {one.account.id for one in listing.held if shows(one, words)}
            old = now - ROLES_MAX_AGE
            due = [
                one.account.id
                for one in listing.held
                if one.older(max(began, old) if one.account.id in shown else old)
            ]
            return [*_entitled(listing, since), *sorted(due, key=lambda one: one not in shown)]

        if kept and kept.listed_at >= since and not which(kept):
            found = Found(kept, {})
        else:
            found = self._portal().find(Need(since, which), self.progress)
        if refresh and not found.failures:
            kept_listings.end_refresh(self.env, label)
        return found

    def as_of(self, since: float) -> Listing:
        """Return all accounts and roles, none of them listed before `since` (epoch seconds).

        Raises what keeps any of them from coming.
        """

        def which(listing: Listing) -> list[str]:
            due = [one.account.id for one in listing.held if one.older(since)]
            return [*_entitled(listing, since), *due]

        kept = self.kept()
        if kept and kept.listed_at >= since and not which(kept):
            return kept
        found = self._portal().find(Need(since, which), self.progress)
        for failure in found.failures.values():
            raise failure
        return found.listing

    @contextlib.contextmanager
    def exploring(self, likely: Likely, *, refresh: bool = False) -> Iterator[Source]:
        """Yield what there is to pick from: all accounts, and their roles as they come.

        Those of the accounts that are `likely` wanted come first. A `refresh` asks for all again.
        """
        now, kept = clock.now(), self.kept()
        since = now + 1 if refresh else now - kept_listings.ACCOUNTS_MAX_AGE
        roles_since = now + 1 if refresh else now - ROLES_MAX_AGE

        def which(listing: Listing) -> list[str]:
            due = {one.account.id: None for one in listing.held if one.older(roles_since)}
            first = [one for one in likely.accounts(listing) if one in due]
            return list(dict.fromkeys([*_entitled(listing, since), *first]) | due)

        if kept and since <= kept.listed_at <= now and not which(kept):
            yield Settled(kept)
            return
        with self._portal().open(Need(since, which), self.progress) as source:
            yield source

    def of_account(self, words: str) -> tuple[Listing, Account]:
        """Return the account that `words` mean, and a list that has its roles, of the last hour.

        Raises UsageError or AccessDenied that names the words that are wrong.
        """
        kept, now = self.kept(), clock.now()
        account = _found(kept, words) if kept and _is_fresh(kept.listed_at) else None
        due = _entitled(kept, now - kept_listings.ACCOUNTS_MAX_AGE) if kept else []
        if kept and account and _is_fresh(kept.listed(account.id)) and not due:
            return kept, account
        listing = self._ask_for(words, now - kept_listings.ACCOUNTS_MAX_AGE if account else now + 1)
        return listing, matching.find_account(listing, words)

    def named(
        self, account: str, wanted: Sequence[str], *, may_ask: bool = True
    ) -> tuple[Account, tuple[str, ...]]:
        """Return the account and the roles that the words of a person mean, in full.

        Names are only ever taken from the service's list, and only that account is asked for: the
        kept list will do, unless it does not have them. Raises UsageError or AccessDenied that
        names the word that is wrong, and SignInRequired where the service would have to be asked
        and that may not be.
        """
        kept = self.kept()
        held = _found(kept, account) if kept else None
        if kept and held and kept.listed(held.id) is not None:
            try:
                return held, matching.find_roles(kept, held, wanted)
            except (AccessDenied, UsageError):
                if not may_ask or clock.now() - (kept.listed(held.id) or 0) < JUST_NOW:
                    raise
        elif kept and not held and (not may_ask or clock.now() - kept.listed_at < JUST_NOW):
            matching.find_account(kept, account)
        if not may_ask:
            label = self.session.label
            raise SignInRequired(f"nobody is signed in to {label}", fix="ssoenv roles")
        known = bool(kept and held and _is_fresh(kept.listed_at))
        since = clock.now() - kept_listings.ACCOUNTS_MAX_AGE if known else clock.now() + 1
        listing = self._ask_for(account, since)
        held = matching.find_account(listing, account)
        return held, matching.find_roles(listing, held, wanted)

    def _ask_for(self, words: str, accounts_since: int) -> Listing:
        """Return a list with the roles of the account that `words` mean, as they are now.

        What the account access manager gives is beside the point where it does not come.
        """

        def which(listing: Listing) -> list[str]:
            account = _found(listing, words)
            due = _entitled(listing, clock.now() - kept_listings.ACCOUNTS_MAX_AGE)
            return [*due, account.id] if account else due

        found = self._portal().find(Need(accounts_since, which), self.progress)
        for one, failure in found.failures.items():
            if one != ENTITLED:
                raise failure
        return found.listing

    def _portal(self) -> Portal:
        wish = terms.Wish((self.command,), unasked=self.unasked)
        anybody = Role(self.session.label, "", ())
        allowed = terms.terms(anybody, wish, self.env, settings.load(self.env), self.person)
        return Portal(self.session, allowed)


def is_meant(account: Account, words: Sequence[str]) -> bool:
    """Whether every one of the `words` occurs in the name, id or e-mail of `account`."""
    text = matching.text_of(account)
    return all(word.lower() in text for word in words)


def shows(held: Held, words: Sequence[str]) -> bool:
    """Whether `held` has a row with every one of the `words`, as far as its roles are known."""
    return is_meant(held.account, words) or bool(matching.rows_of(held, words))


def _found(listing: Listing, words: str) -> Account | None:
    """Return the account that `words` mean; None where that is none, or not clear."""
    try:
        return matching.find_account(listing, words)
    except (AccessDenied, UsageError):
        return None


def _entitled(listing: Listing, since: float) -> list[str]:
    """Return what stands for the roles of IAM where they are to be asked for, good back to then."""
    there = listing.entitled
    return [ENTITLED] if there.tenant and there.listed_at < since else []


def _is_fresh(listed_at: int | None) -> bool:
    return listed_at is not None and 0 <= clock.now() - listed_at < kept_listings.ACCOUNTS_MAX_AGE


class Likely:
    """What a person is likely to want in `session`: what was used lately, and what is bound."""

    def __init__(self, session: Session, env: Mapping[str, str]) -> None:
        """Look up both, once."""
        self._used = tuple(_used(session, env))
        self._bound = tuple(_bound(session, env))

    def accounts(self, listing: Listing) -> list[str]:
        """Return the ids of their accounts, the likeliest first."""
        roles = (*self._used, *self._bound)
        return list(dict.fromkeys(_id_of(one.account, listing) for one in roles))

    def ranked(self, listing: Listing) -> list[tuple[Account, str | None, str]]:
        """Return every role of `listing` with its account and a note: used and bound ones first.

        An account whose roles are not known yet stands there once, without a role.
        """
        used = _pairs(self._used, listing)[:RECENT]
        bound = sorted(set(_pairs(self._bound, listing)))
        notes = dict.fromkeys(bound, "bound") | dict.fromkeys(used, "recent")
        order = {pair: place for place, pair in reversed(list(enumerate([*used, *bound])))}
        last = len(order)
        soon = {one: last + place for place, one in enumerate(self.accounts(listing))}
        last += len(soon)
        ranked: list[tuple[int, str, str, str, Account, str | None, str]] = []
        for held in listing.everything:
            account = held.account
            name = account.name.lower()
            if held.roles is None:
                place = soon.get(account.id, last)
                ranked.append((place, name, account.id, "", account, None, ""))
            for role in held.roles or ():
                pair = account.id, role
                place = order.get(pair, last)
                ranked.append((place, name, *pair, account, role, notes.get(pair, "")))
        ranked.sort(key=lambda one: one[:4])
        return [one[4:] for one in ranked]


def _pairs(roles: Iterable[Role], listing: Listing) -> list[tuple[str, str]]:
    """Return the account id and role name that each of `roles` means, of those that are held."""
    found = []
    for one in roles:
        account = listing.account(one.account)
        named = (str(one.entitled.arn),) if one.entitled else one.roles
        role = listing.first_held(account, named) if account else None
        if account and role:
            found.append((account.id, role))
    return list(dict.fromkeys(found))


def _id_of(account: str, listing: Listing) -> str:
    found = listing.account(account)
    return found.id if found else account


def _used(session: Session, env: Mapping[str, str]) -> list[Role]:
    """Return the roles whose credentials were fetched, the latest first."""
    found: list[tuple[float, Role]] = []
    for role in adhoc.kept_roles(paths.roles_folder(env)):
        if role.session == session.label:
            with contextlib.suppress(OSError):
                moment = os.stat(f"{paths.role_folder(env, role.key)}/@role").st_mtime
                found.append((moment, role))
    return [role for _, role in sorted(found, key=lambda pair: -pair[0])]


def _bound(session: Session, env: Mapping[str, str]) -> Iterator[Role]:
    """Yield the roles that trusted projects bind, or that some shell took."""
    bound = (binding for _, binding in store.bindings(env) if binding)
    named = (profile.role for one in bound for profile in one.profiles.values())
    taken = (one.role for one in adhoc.everything(env))
    yield from (role for role in (*named, *taken) if role.session == session.label)
