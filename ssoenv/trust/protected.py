"""Roles that a trusted file protects, for whoever asks for one without that file.

A role that is named as ACCOUNT/ROLE, or by its key, is the same role: the question is the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssoenv import policy
from ssoenv.identity_center import kept_listings
from ssoenv.trust import store

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssoenv.base.models import Role


def by_a_file(env: Mapping[str, str], role: Role) -> bool:
    """Whether a file that the user trusts protects `role`, as far as their list of accounts tells.

    Raises OSError.
    """
    listing = kept_listings.load(env, role.session)
    wanted = policy.target(role, listing)
    return bool(role.roles) and any(
        profile.protect
        and profile.role.session == role.session
        and policy.is_same(policy.target(profile.role, listing), wanted)
        for _, binding in store.bindings(env)
        if binding
        for profile in binding.profiles.values()
    )
