"""Roles that a shell took with ``ssoenv use ACCOUNT/ROLE``, wherever no project is.

Each is kept as a binding of one profile that has no directory, under the key of its role.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from typing import TYPE_CHECKING

from ssoenv import policy
from ssoenv.aws_files import config as aws_config
from ssoenv.base import paths
from ssoenv.base.errors import AccessDenied, InvalidConfiguration
from ssoenv.base.models import Profile, Role
from ssoenv.binding.edit import profile_name
from ssoenv.identity_center import kept_listings
from ssoenv.shells import binding_rendering
from ssoenv.trust import protected, serving

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssoenv.identity_center.assignments import Listing
    from ssoenv.settings import Settings


def use(env: Mapping[str, str], wanted: Role, settings: Settings) -> str:
    """Make the role `wanted` one that shells can use where no project is; return its key.

    Raises AccessDenied where the user's settings rule it out, InvalidConfiguration or OSError.
    """
    listing = kept_listings.load(env, wanted.session)
    judged, refusal = policy.effective(settings, profile(wanted, listing, env), listing)
    if refusal:
        raise AccessDenied(refusal, advice=f"see {paths.settings_file(env)}")
    serving.serve(env)
    publish(env, judged, settings)
    return wanted.key


def role(env: Mapping[str, str], key: str) -> Role | None:
    """Return the role that shells use under `key`; None if there is none, or it is no key."""
    try:
        found = Role.of_key(key)
    except ValueError:
        return None
    return found if os.path.isfile(f"{paths.adhoc_folder(env, key)}/@sh") else None


def roles(env: Mapping[str, str]) -> list[Role]:
    """Return every role that some shell took."""
    return kept_roles(f"{paths.state(env)}/loose")


def kept_roles(top: str) -> list[Role]:
    """Return the roles that have a folder, by their key, below the folder `top`."""
    found = []
    for folder, _, _ in os.walk(top):
        with contextlib.suppress(ValueError):
            found.append(Role.of_key(folder[len(top) + 1 :]))
    return found


def profile(taken: Role, listing: Listing | None, env: Mapping[str, str]) -> Profile:
    """Return the profile that stands for the role `taken`.

    Its region is that of its session: most AWS programs do nothing without one. It is protected
    where a trusted file protects that role.
    """
    account = listing.account(taken.account) if listing else None
    name = profile_name(account.name if account else taken.account, taken.roles[0])
    region = None
    with contextlib.suppress(InvalidConfiguration):
        region = aws_config.find_session(env, taken.session).region
    guarded = protected.by_a_file(env, taken)
    return Profile(name, taken, line=0, region=region, protect=guarded)


def publish(env: Mapping[str, str], judged: Profile, settings: Settings) -> None:
    """Render the profile of a role that a shell took. Raises OSError."""
    agent = policy.profile_for_agents(settings)
    binding_rendering.publish_adhoc(env, judged, settings, agent=agent)


def retract(env: Mapping[str, str], taken: Role) -> None:
    """Take a role away from the shells that took it."""
    shutil.rmtree(paths.adhoc_folder(env, taken.key), ignore_errors=True)
