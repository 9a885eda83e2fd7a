"""The list of what a person may assume: asked of the service, and kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssoenv import settings, terms, trust
from ssoenv.base.models import Role
from ssoenv.identity_center import assignments
from ssoenv.shells import hook as hook_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ssoenv.base.models import Session
    from ssoenv.credentials import Person
    from ssoenv.identity_center.assignments import Listing


def refresh(
    session: Session,
    command: str,
    env: Mapping[str, str],
    person: Person,
    progress: Callable[[int, int], None],
) -> Listing:
    """Return the service's list of what the person may assume in `session`, and keep it.

    `command` is named should somebody have to sign in; `progress` hears how many accounts are
    done, and of how many. What the settings mean by a name may change with the list, so what is
    trusted is rendered anew where they protect or rule out anything.
    """
    from ssoenv import sign_in
    from ssoenv.identity_center.client import IdentityCenter

    preferences = settings.load(env)
    wish = terms.Wish((command,))
    allowed = terms.terms(Role(session.label, "", ()), wish, env, preferences, person)
    token = sign_in.require_token(
        session, env=env, consent=allowed.consent, reporter=allowed.reporter
    )
    listing = assignments.fetch(IdentityCenter(session, env), token, progress)
    assignments.save(env, session, listing)
    if preferences.never or preferences.protect:
        trust.grant_anew(env, hook_text.program(), preferences)
    return listing
