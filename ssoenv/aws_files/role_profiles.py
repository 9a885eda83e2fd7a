"""The managed profiles of the roles that bindings name: which there are, and which can go."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ssoenv.aws_files import managed_block, managed_profiles
from ssoenv.aws_files.managed_profiles import ManagedProfile
from ssoenv.base.models import Profile

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ssoenv.base.models import Binding, Role


def of_profile(profile: Profile, program: tuple[str, ...]) -> ManagedProfile:
    """Return the profile through which programs that no hook sees get the role of `profile`."""
    words = managed_block.arguments(profile.managed_profile).split()
    return ManagedProfile(profile.managed_profile, (*program, *words))


def of_binding(
    binding: Binding, refusals: Mapping[str, str], program: tuple[str, ...]
) -> list[ManagedProfile]:
    """Return the managed profiles of what `binding` names and `refusals` do not rule out."""
    usable = (profile for name, profile in binding.profiles.items() if name not in refusals)
    return [of_profile(profile, program) for profile in usable]


def names(bindings: Iterable[Binding]) -> set[str]:
    """Return every name that a managed profile of `bindings` may have, protected or not."""
    profiles = (profile for binding in bindings for profile in binding.profiles.values())
    return {name for profile in profiles for name in names_of(profile.role)}


def names_of(role: Role) -> tuple[str, str]:
    """Return the names of the managed profiles of `role`: as it is, and protected."""
    plain = Profile("", role, line=0)
    return plain.managed_profile, replace(plain, protect=True).managed_profile


def retract(env: Mapping[str, str], gone: set[str]) -> None:
    """Remove the managed profiles called `gone`. Raises InvalidConfiguration or OSError."""
    if gone and gone & {profile.name for profile in managed_profiles.load(env)}:
        managed_profiles.retract(env, gone)
