"""Credentials of a role that somebody names, for a profile of their own in the AWS config."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssoenv import settings
from ssoenv.credentials.fetching import obtain
from ssoenv.shells import rendering
from ssoenv.trust import protected

if TYPE_CHECKING:
    from ssoenv.base.models import Credentials, Role
    from ssoenv.credentials.terms import Terms


def obtain_named(role: Role, terms: Terms) -> Credentials:
    """Return credentials of `role`, as `obtain` does; the next time the source has them by itself.

    But for a coding agent, and where the settings or a trusted file have a rule that could be
    about the role: those are for the program to judge, each time.
    """
    credentials = obtain(role, terms)
    if not terms.consent.agent and not _may_be_judged(role, terms):
        rendering.mark_named(terms.env, role.key)
        # A rule that came meanwhile has looked for the mark too early, or is seen here.
        if _may_be_judged(role, terms):
            rendering.forget_named(terms.env)
    return credentials


def _may_be_judged(role: Role, terms: Terms) -> bool:
    now = settings.load(terms.env)
    return bool(now.never or now.protect) or protected.by_a_file(terms.env, role) is not False
