"""Roles that a trusted file protects, for whoever asks for one without that file.

A role that is named as ACCOUNT/ROLE, or by its key, is the same role: the question is the same.
So it is where another role assumes it, and where it is had on the way to another.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ssoenv import policy
from ssoenv.aws_files import config as aws_config
from ssoenv.base.errors import InvalidConfiguration
from ssoenv.base.models import instance_url
from ssoenv.identity_center import kept_listings
from ssoenv.trust import store

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ssoenv.base.models import Role
    from ssoenv.identity_center.assignments import Listing
    from ssoenv.policy import Target


@dataclass(frozen=True, slots=True)
class Guard:
    """A role that the trusted file at `path` protects."""

    path: str
    target: Target


def guards(env: Mapping[str, str], session: str, listing: Listing | None) -> tuple[Guard, ...]:
    """Return what the user's files protect of the instance of `session`. Raises OSError.

    As far as `listing` tells, of each account the id and the name.
    """
    where = _instance(env, session)
    return tuple(
        Guard(binding.path, policy.target(profile.role, listing))
        for _, binding in store.bindings(env)
        if binding
        for profile in binding.profiles.values()
        if profile.protect and (profile.role.iam or _instance(env, profile.role.session) == where)
    )


def guarded(wanted: Target, found: Sequence[Guard]) -> Target:
    """Return `wanted` with whether one of the guards `found` protects it, and by which file."""
    judged = [(policy.gives(wanted, one.target), one.path) for one in found]
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
