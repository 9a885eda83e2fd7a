"""What a project's file says, for a program that wants to know."""

from __future__ import annotations

import os
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

from ssoenv import here, policy
from ssoenv.library.values import Binding, Profile
from ssoenv.shells import state_folder

if TYPE_CHECKING:
    from ssoenv.base import models
    from ssoenv.library.values import Status


def binding_for(path: str | os.PathLike[str] | None = None) -> Binding | None:
    """Return what the nearest ``.ssoenv.toml`` says at `path`; None where there is none.

    `path` is a directory or a file; the current directory, if it is not given. Nobody is signed in
    or asked, and no network is needed. Raises InvalidConfiguration where the user's settings or
    folders are broken.
    """
    env = os.environ
    state_folder.require_known(env)
    where = os.path.normpath(os.path.join(here.working_directory(env), path or ""))
    found = here.look(os.path.dirname(where) if os.path.isfile(where) else where, env)
    if found.path is None:
        return None
    said = found.binding.profiles if found.binding else {}
    profiles = {name: _profile(one, found.agent) for name, one in said.items()}
    return Binding(
        found.path,
        cast("Status", found.status),
        found.binding.session if found.binding else "",
        profiles[found.profile.name] if found.profile else None,
        found.chosen_by,
        MappingProxyType(profiles),
        found.problem,
    )


def _profile(profile: models.Profile, agent: str) -> Profile:
    """Return `profile` as a program is told of it, or as the coding agent called `agent` is."""
    env = os.environ
    return Profile(
        profile.name,
        profile.role.account,
        profile.role.roles,
        policy.as_kept(profile, env).held or None,
        profile.region,
        policy.judge(profile, env, agent).answer,
    )
