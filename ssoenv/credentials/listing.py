"""The list of what a person may assume: asked of the service, kept, and in a useful order."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from ssoenv import settings
from ssoenv.base import clock, paths
from ssoenv.base.errors import AccessDenied, UsageError
from ssoenv.base.models import Role
from ssoenv.credentials import terms
from ssoenv.credentials.portal import Portal
from ssoenv.identity_center import kept_listings, matching
from ssoenv.trust import adhoc, store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from ssoenv.base.models import Account, Assignment, Session
    from ssoenv.credentials.terms import Person
    from ssoenv.identity_center.assignments import Listing

MAX_AGE = 3600
"""Seconds for which a kept list of accounts and roles is offered without asking the service."""
RECENT = 8
"""How many roles that were used lately come first."""


def refresh(
    session: Session,
    command: str,
    env: Mapping[str, str],
    person: Person,
    progress: Callable[[int, int], None] | None = None,
    *,
    unasked: str = "",
) -> Listing:
    """Return the service's list of what the person may assume in `session`, and keep it.

    `command` is named should somebody have to sign in, and `unasked` says why nobody is asked to;
    `progress` hears how many accounts are done, and of how many.
    """
    wish = terms.Wish((command,), unasked=unasked)
    anybody = Role(session.label, "", ())
    allowed = terms.terms(anybody, wish, env, settings.load(env), person)
    return Portal(session, allowed).list_anew(progress)


def current(session: Session, env: Mapping[str, str], ask: Callable[[], Listing]) -> Listing:
    """Return the list of `session`: the kept one while it is fresh, else what `ask` returns."""
    kept = kept_listings.load(env, session.label)
    return kept if kept and _is_fresh(kept) else ask()


def named(
    session: Session,
    account: str,
    wanted: Sequence[str],
    env: Mapping[str, str],
    ask: Callable[[], Listing],
) -> tuple[Account, tuple[str, ...]]:
    """Return the account and the roles that the words of a person mean, in full.

    Names are only ever taken from the service's list: the kept one, or what `ask` returns where
    there is none, or an old one does not have them. Raises UsageError or AccessDenied that names
    the word that is wrong.
    """
    kept = kept_listings.load(env, session.label)
    if kept:
        try:
            return _named(kept, account, wanted)
        except (AccessDenied, UsageError):
            if _is_fresh(kept):
                raise
    return _named(ask(), account, wanted)


def likely_first(
    listing: Listing, session: Session, env: Mapping[str, str]
) -> list[tuple[Assignment, str]]:
    """Return the assignments with a note on each: those used and bound here come first."""
    ids = {one.account.name: one.account.id for one in listing.assignments}
    held = {(one.account.id, one.role) for one in listing.assignments}

    def found(roles: Iterable[Role]) -> list[tuple[str, str]]:
        named = ([(ids.get(one.account, one.account), role) for role in one.roles] for one in roles)
        first = (next((pair for pair in pairs if pair in held), None) for pairs in named)
        return [pair for pair in dict.fromkeys(first) if pair]

    used = found(_used(session, env))[:RECENT]
    bound = sorted(set(found(_bound(session, env))))
    notes = dict.fromkeys(bound, "bound") | dict.fromkeys(used, "recent")
    order = {pair: place for place, pair in reversed(list(enumerate([*used, *bound])))}

    def rank(one: Assignment) -> tuple[int, str, str, str]:
        place = order.get((one.account.id, one.role), len(used) + len(bound))
        return place, one.account.name.lower(), one.account.id, one.role

    ranked = sorted(listing.assignments, key=rank)
    return [(one, notes.get((one.account.id, one.role), "")) for one in ranked]


def _named(
    listing: Listing, account: str, wanted: Sequence[str]
) -> tuple[Account, tuple[str, ...]]:
    held = matching.find_account(listing, account)
    return held, matching.find_roles(listing, held, wanted)


def _is_fresh(listing: Listing) -> bool:
    return 0 <= clock.now() - listing.listed_at < MAX_AGE


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
    yield from (role for role in (*named, *adhoc.roles(env)) if role.session == session.label)
