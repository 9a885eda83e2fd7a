"""Roles that a trusted file protects, for whoever asks for one without that file.

A role that is named as ACCOUNT/ROLE, or by its key, is the same role: the question is the same.
So it is where another role assumes it, and where it is had on the way to another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssoenv import policy
from ssoenv.aws_files import config as aws_config
from ssoenv.base.errors import InvalidConfiguration
from ssoenv.base.models import instance_url
from ssoenv.base.values import dataclass, replace
from ssoenv.identity_center import kept_listings
from ssoenv.trust import store

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ssoenv.base.models import Profile, Role
    from ssoenv.identity_center.assignments import Listing
    from ssoenv.policy import Target


@dataclass(frozen=True, slots=True)
class Guard:
    """A role that the trusted file at `path` protects.

    `is_here`: it is of the very instance that is asked, where one name means one account.
    """

    path: str
    target: Target
    is_here: bool

    def protects(self, wanted: Target) -> bool | None:
        """Whether it protects `wanted`; None where that is not known.

        The id of an account is that of no other anywhere, whatever the session is called and
        whichever address it has.
        """
        found = policy.gives(wanted, self.target)
        by_name = not (self.target.assumes or self.target).account_id
        return None if found and by_name and not self.is_here else found


def guards(env: Mapping[str, str], session: str, listing: Listing | None) -> tuple[Guard, ...]:
    """Return what the user's files protect, for whoever asks in `session`. Raises OSError.

    As far as `listing`, or the list that is kept of another session, tells, with the id and the
    name of each account.
    """
    return tuple(
        _guard(env, session, listing, profile, binding.path)
        for _, binding in store.bindings(env)
        if binding
        for profile in binding.profiles.values()
        if profile.protect
    )


def _guard(
    env: Mapping[str, str], session: str, listing: Listing | None, profile: Profile, path: str
) -> Guard:
    other = profile.role.session
    known = listing if other == session else kept_listings.load(env, other)
    is_here = _instance(env, other) == _instance(env, session)
    return Guard(path, policy.target(profile.role, known or listing), is_here)


def guarded(wanted: Target, found: Sequence[Guard]) -> Target:
    """Return `wanted` with whether one of the guards `found` protects it, and by which file."""
    judged = [(one.protects(wanted), one.path) for one in found]
    paths = [path for is_meant, path in judged if is_meant]
    protect = policy.surest(is_meant for is_meant, _ in judged)
    return replace(wanted, protect=protect, protected_by=paths[0] if paths else "")


def by_a_file(env: Mapping[str, str], role: Role, listing: Listing | None = None) -> bool | None:
    """Whether a file that the user trusts protects `role`, as far as their list of accounts tells.

    None where that turns on the id or the name of an account which `listing`, or else the list that
    is kept, does not have. Raises OSError.
    """
    listing = listing or kept_listings.load(env, role.session)
    return guarded(policy.target(role, listing), guards(env, role.session, listing)).protect


def _instance(env: Mapping[str, str], session: str) -> str:
    """Return the start URL of `session`, as it is compared: two sessions may be of one."""
    try:
        return instance_url(aws_config.find_session(env, session).start_url)
    except InvalidConfiguration:
        return session
