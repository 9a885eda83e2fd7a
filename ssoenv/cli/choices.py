"""What there is to pick from, as rows of the picker, and the list as a person waits for it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ssoenv import policy, settings
from ssoenv.base.errors import UsageError
from ssoenv.cli import picker, screen
from ssoenv.cli.rows import Row
from ssoenv.cli.terminal import Terminal
from ssoenv.credentials import listing as listings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ssoenv.base.models import Account, Assignment, Profile, Session
    from ssoenv.identity_center.assignments import Listing
    from ssoenv.settings import Settings


def listing_of(session: Session, env: Mapping[str, str], command: str) -> Listing:
    """Return the list of what the person may assume; from the service, if the kept one is old."""
    return listings.current(session, env, lambda: refresh(session, command))


def refresh(session: Session, command: str) -> Listing:
    """Return the service's list of what the person may assume in `session`, with a bar."""

    def progress(done: int, total: int) -> None:
        screen.bar("listing accounts", done, total)

    return listings.refresh(session, command, os.environ, Terminal(), progress)


def picked(session: Session, env: Mapping[str, str], command: str, *, instead: str) -> Assignment:
    """Return the account and role that the person picks from all they hold, for `command`.

    Raises UsageError where nobody is there to pick, with what to run `instead`.
    """
    if not screen.interactive():
        raise UsageError("which role? nobody is here to pick one", fix=instead)
    listing = listing_of(session, env, command)
    return pick_assignment(listing, session, settings.load(env), env, instead=instead)


def named(
    session: Session, account: str, wanted: Sequence[str], env: Mapping[str, str], command: str
) -> tuple[Account, tuple[str, ...]]:
    """Return the account and the roles that the words of a person mean, in full.

    Raises UsageError or AccessDenied that names the word that is wrong.
    """
    return listings.named(session, account, wanted, env, lambda: refresh(session, command))


def pick_assignment(
    listing: Listing, session: Session, settings: Settings, env: Mapping[str, str], *, instead: str
) -> Assignment:
    """Return the account and role that the person picks from `listing`.

    What was used lately or is bound comes first; of that last, what one should beware of.
    """
    ranked = listings.likely_first(listing, session, env)
    found = [(one, note, _row(one, settings, note)) for one, note in ranked]
    found.sort(key=lambda item: (not item[1], bool(item[1]) and item[2].beware))
    rows = [row for _, _, row in found]
    return found[picker.pick("Which role?", rows, instead=instead)][0]


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
        note = "in use" if one.name == chosen else _note(verdict)
        text = " ".join([*columns, one.role.account]).lower()
        rows.append(Row(columns, text, note, verdict.answer != "allowed"))
    return ordered[picker.pick("Which profile?", rows, instead="ssoenv use NAME")]


def _row(one: Assignment, settings: Settings, note: str) -> Row:
    account = one.account
    verdict = policy.verdict(settings, policy.Target(account.id, account.name, (one.role,)))
    return Row(
        (account.name, account.id, one.role),
        f"{account.name} {account.id} {account.email} {one.role}".lower(),
        _note(verdict) or note,
        verdict.answer != "allowed",
    )


def _note(verdict: policy.Verdict) -> str:
    return "never" if verdict.answer == "refused" else ""
