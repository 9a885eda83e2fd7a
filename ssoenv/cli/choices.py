"""What there is to pick from, as rows of the picker, and the list as a person waits for it."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from ssoenv import policy, settings
from ssoenv.base.errors import Cancelled, UsageError
from ssoenv.base.models import Assignment
from ssoenv.cli import offer, picker, screen, waiting
from ssoenv.cli.rows import Row
from ssoenv.cli.terminal import Terminal
from ssoenv.credentials import listing as listings
from ssoenv.credentials.listing import Lists
from ssoenv.identity_center.assignments import ENTITLED
from ssoenv.identity_center.discovery import Settled
from ssoenv.identity_center.matching import some
from ssoenv.trust import protected

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ssoenv.base.models import Account, Profile, Session
    from ssoenv.identity_center.assignments import Listing
    from ssoenv.identity_center.discovery import Found
    from ssoenv.settings import Settings


QUESTION = "Which role?"


@contextlib.contextmanager
def lists(session: Session, command: str) -> Iterator[Lists]:
    """Yield what a person may assume in `session`, and how far it is while they wait for it."""
    with waiting.told() as progress:
        yield Lists(session, command, os.environ, Terminal(), progress)


def listing_of(session: Session, command: str) -> Listing:
    """Return the list of what the person may assume; from the service, what of it is old."""
    with lists(session, command) as known:
        found = known.everything()
    tell_missing(found)
    return found.listing


def whole_listing(session: Session, command: str, *, refresh: bool) -> Listing:
    """Return the same, for whoever takes what is not in it for gone; a `refresh` asks for all.

    Raises ServiceUnavailable where a part of it did not come.
    """
    with lists(session, command) as known:
        found = known.everything(refresh=refresh)
    for failure in found.failures.values():
        raise failure
    return found.listing


def of_account(session: Session, account: str, command: str) -> Listing:
    """Return the roles of the account that the words of a person mean, and of no other."""
    with lists(session, command) as known:
        listing, held = known.of_account(account)
    return listing.only(held)


def named(
    session: Session, account: str, wanted: Sequence[str], command: str, *, may_ask: bool = True
) -> tuple[Account, tuple[str, ...]]:
    """Return the account and the roles that the words of a person mean, in full.

    Raises UsageError or AccessDenied that names the word that is wrong, and SignInRequired where
    the service would have to be asked and that may not be.
    """
    with lists(session, command) as known:
        return known.named(account, wanted, may_ask=may_ask)


def tell_missing(found: Found) -> None:
    """Say which roles did not come, and why; what came is shown all the same."""
    accounts = {one.id: f"{one.name} ({one.id})" for one in found.listing.accounts}
    _tell_unentitled(found)
    failures = {one: why for one, why in found.failures.items() if one != ENTITLED}
    if failures:
        missing = some([accounts[one] for one in failures])
        many = f"{len(failures)} of {len(accounts)} accounts"
        why = next(iter(failures.values())).message
        screen.say(f"the roles of {many} did not come: {why}", style="warning")
        screen.note(missing)
    if found.refused:
        refused = some([accounts[one] for one in found.refused])
        screen.note(f"listed, but without any role for you (suspended, maybe): {refused}")


def _tell_unentitled(found: Found) -> None:
    """Say why there is nothing of the account access manager, where it was asked."""
    why = found.failures.get(ENTITLED)
    if why:
        what = "the roles of the account access manager did not come"
        screen.say(f"{what}: {why.message}", style="warning")


def picked(session: Session, env: Mapping[str, str], command: str, *, instead: str) -> Assignment:
    """Return the account and role that the person picks from all they hold, for `command`.

    They can pick as soon as the accounts are there, and need not wait for all roles; whoever
    misses one has all asked for again. Raises UsageError where nobody is there to pick, with what
    to run `instead`.
    """
    if not screen.interactive():
        raise UsageError("which role? nobody is here to pick one", fix=instead)
    picker.load_meanwhile()
    refresh, query = False, ""
    while True:
        try:
            return _picked(session, env, command, instead=instead, refresh=refresh, query=query)
        except picker.Again as again:
            refresh, query = True, again.query


def _picked(
    session: Session,
    env: Mapping[str, str],
    command: str,
    *,
    instead: str,
    refresh: bool,
    query: str,
) -> Assignment:
    """Return what the person picks, as `query` is typed already, or raise picker.Again."""
    preferences, likely = settings.load(env), listings.Likely(session, env)
    with contextlib.ExitStack() as waited:
        known = waited.enter_context(lists(session, command))
        with known.exploring(likely, refresh=refresh) as source:
            guards = protected.guards(env, session.label, source.listing)
            offered = offer.Roles(source, likely, preferences, guards, renewable=True)
            waited.pop_all().close()
            try:
                row = picker.pick(QUESTION, offered, instead=instead, query=query)
            finally:
                _tell_unentitled(source.found)
            return _meant(row, source.listing)


def pick_assignment(
    listing: Listing, session: Session, settings: Settings, env: Mapping[str, str], *, instead: str
) -> Assignment:
    """Return the account and role that the person picks from `listing`.

    What was used lately or is bound comes first; of that last, what one should beware of.
    """
    likely = listings.Likely(session, env)
    guards = protected.guards(env, session.label, listing)
    offered = offer.Roles(Settled(listing), likely, settings, guards)
    row = picker.pick(QUESTION, offered, instead=instead)
    return _meant(row, listing)


def _meant(row: Row, listing: Listing) -> Assignment:
    account = listing.account(row.key[0])
    if account is None:
        raise Cancelled("the account that was picked is there no longer")
    return Assignment(account, row.key[1])


def pick_profile(
    profiles: Sequence[Profile], chosen: str, settings: Settings, listing: Listing | None
) -> Profile:
    """Return the profile of a project that the person picks; the one in use comes first."""
    ordered = sorted(profiles, key=lambda one: one.name != chosen)
    rows = []
    for one in ordered:
        account = listing.account(one.role.account) if listing else None
        whose = account.name if account else one.role.account
        verdict = policy.verdict(settings, policy.profile_target(one, listing))
        role = f"{policy.as_held(one, listing).role_name}{one.role.on_top}"
        columns = (one.name, whose, role)
        note = "in use" if one.name == chosen else offer.refusal(verdict)
        text = " ".join([*columns, one.role.account]).lower()
        rows.append(Row(columns, text, note, verdict.answer != "allowed", (one.name,)))
    picked = picker.pick("Which profile?", offer.Standing(rows), instead="ssoenv use NAME")
    return next(one for one in ordered if one.name == picked.key[0])
