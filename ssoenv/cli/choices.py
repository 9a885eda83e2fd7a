"""What there is to pick from: the roles of a person, the likely ones first."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ssoenv import policy
from ssoenv.aws_files import managed_profiles
from ssoenv.base import clock, paths
from ssoenv.base.errors import AccessDenied, UsageError
from ssoenv.cli import picker, screen
from ssoenv.cli.terminal import Terminal
from ssoenv.identity_center import assignments

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ssoenv.base.models import Account, Assignment, Profile, Session
    from ssoenv.identity_center.assignments import Listing
    from ssoenv.settings import Settings

FRESH = 3600
"""Seconds for which a kept list of accounts and roles is offered without asking the service."""
RECENT = 8
"""How many roles that were used lately come first."""


def listing_of(session: Session, env: Mapping[str, str], command: str) -> Listing:
    """Return the list of what the person may assume; from the service, if the kept one is old."""
    kept = assignments.load(env, session.label)
    if kept and _is_fresh(kept):
        return kept
    return refresh(session, command)


def refresh(session: Session, command: str) -> Listing:
    """Return the service's list of what the person may assume in `session`, with a bar."""
    from ssoenv import listing

    def progress(done: int, total: int) -> None:
        screen.bar("listing accounts", done, total)

    return listing.refresh(session, command, os.environ, Terminal(), progress)


def named(
    session: Session, account: str, wanted: Sequence[str], env: Mapping[str, str], command: str
) -> tuple[Account, tuple[str, ...]]:
    """Return the account and the roles that the words of a person mean, in full.

    Names are only ever taken from the service's list: the kept one, or a new one where there is
    none, or an old one does not have them. Raises UsageError or AccessDenied that names
    the word that is wrong.
    """
    kept = assignments.load(env, session.label)
    if kept:
        try:
            return _named(kept, account, wanted)
        except (AccessDenied, UsageError):
            if _is_fresh(kept):
                raise
    return _named(refresh(session, command), account, wanted)


def _named(
    listing: Listing, account: str, wanted: Sequence[str]
) -> tuple[Account, tuple[str, ...]]:
    held = listing.find_account(account)
    return held, listing.find_roles(held, wanted)


def _is_fresh(listing: Listing) -> bool:
    return 0 <= clock.now() - listing.listed_at < FRESH


def pick_assignment(
    listing: Listing, session: Session, settings: Settings, env: Mapping[str, str], *, instead: str
) -> Assignment:
    """Return the account and role that the person picks from `listing`."""
    ordered, notes = _ordered(listing, session, env)
    rows = [_row(one, settings, notes.get((one.account.id, one.role), "")) for one in ordered]
    return ordered[picker.pick("Which role?", rows, instead=instead)]


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
        columns = (one.name, whose, "|".join(one.role.roles))
        note = "in use" if one.name == chosen else _note(verdict)
        text = " ".join([*columns, one.role.account]).lower()
        rows.append(picker.Row(columns, text, note, verdict.answer != "allowed"))
    return ordered[picker.pick("Which profile?", rows, instead="ssoenv use NAME")]


def _ordered(
    listing: Listing, session: Session, env: Mapping[str, str]
) -> tuple[list[Assignment], dict[tuple[str, str], str]]:
    """Return the assignments, the used and the bound ones first, and a note on each of those.

    A note is found by the account's id and the role.
    """
    ids = {paths.escape(one.account.name): one.account.id for one in listing.assignments}
    held = {(one.account.id, paths.escape(one.role)): one.role for one in listing.assignments}

    def found(keys: Iterable[str]) -> list[tuple[str, str]]:
        pairs = [key.split("/")[1:] for key in keys]
        named = [(ids.get(account, account), role) for account, role in pairs]
        return [(pair[0], held[pair]) for pair in named if pair in held]

    used = found(_used(session, env))[:RECENT]
    bound = sorted(set(found(_bound(session, env))))
    notes = dict.fromkeys(bound, "bound") | dict.fromkeys(used, "recent")
    order = {pair: place for place, pair in reversed(list(enumerate([*used, *bound])))}

    def rank(one: Assignment) -> tuple[int, str, str, str]:
        place = order.get((one.account.id, one.role), len(used) + len(bound))
        return place, one.account.name.lower(), one.account.id, one.role

    return sorted(listing.assignments, key=rank), notes


def _used(session: Session, env: Mapping[str, str]) -> dict[str, float]:
    """Return the keys of the roles whose credentials were fetched, with when, the latest first."""
    top = f"{paths.state(env)}/roles/{paths.escape(session.label)}"
    found: dict[str, float] = {}
    for folder, _, names in os.walk(top):
        if "@process" in names:
            key = f"{paths.escape(session.label)}{folder[len(top) :]}"
            found[key] = os.stat(f"{folder}/@process").st_mtime
    return dict(sorted(found.items(), key=lambda pair: -pair[1]))


def _bound(session: Session, env: Mapping[str, str]) -> Iterable[str]:
    """Return the keys of the roles that trusted projects bind, from their managed profiles."""
    for profile in managed_profiles.load(env):
        key = profile.name.partition("/")[2]
        try:
            named, _, roles = paths.parse_role_key(key)
        except ValueError:
            continue
        if named == session.label and len(roles) == 1:
            yield key


def _row(one: Assignment, settings: Settings, note: str) -> picker.Row:
    account = one.account
    verdict = policy.verdict(settings, policy.Target(account.id, account.name, (one.role,)))
    return picker.Row(
        (account.name, account.id, one.role),
        f"{account.name} {account.id} {account.email} {one.role}".lower(),
        note or _note(verdict),
        verdict.answer != "allowed",
    )


def _note(verdict: policy.Verdict) -> str:
    return "never" if verdict.answer == "refused" else ""
