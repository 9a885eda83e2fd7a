"""The project that one stands in: whether it gives a role, and one that the person holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssoenv import here
from ssoenv.base import dialects, paths
from ssoenv.doctor.finding import Finding, of_failure
from ssoenv.identity_center import assignments, kept_listings, regions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ssoenv.base.models import Profile


def project(env: Mapping[str, str]) -> Iterator[Finding]:
    """Yield what holds in the working directory; ``ssoenv status`` says the rest."""
    directory = here.working_directory(env)
    found = here.look(directory, env)
    if found.problem is not None:
        yield of_failure("project", found.problem)
    elif found.path is None or found.binding is None:
        what = f"no {paths.BINDING_FILE} in {directory} or above"
        yield Finding("project", "ok", f"{what}; in a project: ssoenv bind")
    else:
        chosen = (
            f"{found.path} is trusted, and gives {found.profile.label if found.profile else ''}"
        )
        yield Finding("project", "ok", f"{chosen}; ssoenv status says more")
        for profile in found.binding.profiles.values():
            yield from _held(profile, env)
            yield from _region(profile, found.path)


def keys(env: Mapping[str, str]) -> Iterator[Finding]:
    """Yield a finding where this process has keys that its directory does not give it."""
    found = here.look(here.working_directory(env), env)
    other = here.other_role(found, env)
    if other:
        none = "" if found.profile and not found.problem else "--none "
        what = f"this process has keys of {other}, which {found.directory} does not give"
        yield Finding("keys", "wrong", what, f"ssoenv exec {none}-- COMMAND")


def _region(profile: Profile, path: str) -> Iterator[Finding]:
    """Yield a finding where no region that is known is called what `profile` names."""
    odd = regions.doubt(profile.region)
    if odd:
        what = f"the region of profile {profile.name}, {profile.region}, is {odd}"
        yield Finding("project", "note", what, f"correct {path}, unless AWS has a new region")


def _held(profile: Profile, env: Mapping[str, str]) -> Iterator[Finding]:
    """Yield a finding where the list that is kept does not have the role of `profile`."""
    listing = kept_listings.load(env, profile.role.session)
    if listing is None or not assignments.lacks(listing, profile.role):
        return
    what = f"you hold no such role as profile {profile.name} names, {profile.role}"
    yield Finding(
        "project", "wrong", what, f"ssoenv roles --session {dialects.word(profile.role.session)}"
    )
