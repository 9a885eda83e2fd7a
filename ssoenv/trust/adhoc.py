"""Roles that a shell took with ``ssoenv use ACCOUNT/ROLE``, which no binding file names.

Where no project is, each is kept as a binding of one profile that has no directory, under its key.
In a project it is one more profile beside those of the file, under its key as well: a name that no
file can give, for it has a slash.
"""

from __future__ import annotations

import contextlib
import os
import re
from typing import TYPE_CHECKING

from ssoenv import policy
from ssoenv.aws_files import config as aws_config
from ssoenv.base import files, paths
from ssoenv.base.errors import AccessDenied, InvalidConfiguration
from ssoenv.base.models import Profile, Role
from ssoenv.base.values import dataclass, replace
from ssoenv.binding.edit import profile_name
from ssoenv.identity_center import kept_listings
from ssoenv.shells import binding_rendering
from ssoenv.trust import protected, serving, store

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssoenv.identity_center.assignments import Listing
    from ssoenv.settings import Settings

MARK = "use:"
"""How the label begins of a role that is not the project's."""
MOST = 100
"""How many roles are kept for a project: the latest."""
_REGION = re.compile(r"[a-z0-9-]+")


@dataclass(frozen=True, slots=True)
class Taken:
    """A role that a shell took, and the region that it is to have; empty: that of its session."""

    role: Role
    region: str = ""

    @property
    def key(self) -> str:
        """Return the key of the role, and what tells the region where one was named."""
        return f"{self.role.key}/region:{self.region}" if self.region else self.role.key

    @classmethod
    def of_key(cls, key: str) -> Taken:
        """Return what has `key`. ValueError for any other text."""
        of_role, _, region = key.rpartition("/region:")
        with contextlib.suppress(ValueError):
            if _REGION.fullmatch(region):
                return cls(Role.of_key(of_role), region)
        return cls(Role.of_key(key))


def is_name(name: str) -> bool:
    """Whether the profile `name` of a project is of what a shell took there, not of its file."""
    return "/" in name


def use(env: Mapping[str, str], wanted: Taken, settings: Settings) -> str:
    """Make the role `wanted` one that shells can use where no project is; return its key.

    Raises AccessDenied where the user's settings rule it out, InvalidConfiguration or OSError.
    """
    with store.changing(env):
        judged, refusal = _judged(env, wanted, settings)
        if refusal:
            raise AccessDenied(refusal, advice=f"see {paths.settings_file(env)}")
        serving.serve(env)
        publish(env, wanted, judged, settings)
    return wanted.key


def use_in(env: Mapping[str, str], directory: str, wanted: Taken, settings: Settings) -> None:
    """Make the role `wanted` one of those of the project in `directory`, once that is rendered.

    Raises AccessDenied where the user's settings rule it out, or OSError.
    """
    judged, refusal = _judged(env, wanted, settings)
    if refusal:
        raise AccessDenied(refusal, advice=f"see {paths.settings_file(env)}")
    names = taken_in(env, directory)
    names.pop(wanted, None)
    lines = [f"{one.key} {name}\n" for one, name in (*names.items(), (wanted, judged.name))]
    files.write_private(paths.taken_file(env, directory), "".join(lines[-MOST:]).encode())


def taken(env: Mapping[str, str], key: str) -> Taken | None:
    """Return what shells use under `key` where no project is; None if there is none such."""
    try:
        found = Taken.of_key(key)
    except ValueError:
        return None
    return found if os.path.isfile(f"{paths.adhoc_folder(env, key)}/@sh") else None


def everything(env: Mapping[str, str]) -> list[Taken]:
    """Return every role that some shell took where no project is."""
    top, found = f"{paths.state(env)}/loose", []
    for folder, _, names in os.walk(top):
        if "@sh" in names:
            with contextlib.suppress(ValueError):
                found.append(Taken.of_key(folder[len(top) + 1 :]))
    return found


def taken_in(env: Mapping[str, str], directory: str) -> dict[Taken, str]:
    """Return every role that some shell took in the project in `directory`, the latest last.

    With each is what it was called then: a list that tells the name of its account may go.
    """
    content = files.read_bytes(paths.taken_file(env, directory)) or b""
    found = {}
    for line in content.decode("utf-8", "replace").splitlines():
        key, _, name = line.partition(" ")
        with contextlib.suppress(ValueError):
            found[Taken.of_key(key)] = name
    return found


def profiles_in(env: Mapping[str, str], directory: str) -> dict[str, Profile]:
    """Return by name the profiles that stand for what shells took in a project, not judged yet."""
    return {one.key: _in_project(one, name, env) for one, name in taken_in(env, directory).items()}


def judged_in(
    env: Mapping[str, str], directory: str, settings: Settings
) -> tuple[dict[str, Profile], dict[str, str]]:
    """Return what shells took in a project as `policy.apply` has those of the binding file."""
    profiles, refusals = {}, {}
    for name, profile in profiles_in(env, directory).items():
        listing = kept_listings.load(env, profile.role.session)
        profiles[name], refusal = policy.effective(settings, profile, listing)
        if refusal:
            refusals[name] = refusal
    return profiles, refusals


def kept_roles(top: str) -> list[Role]:
    """Return the roles for which something is rendered, by their key, below the folder `top`.

    A role of IAM has its folder in that of a permission set of its name, where that is none.
    """
    found = []
    for folder, _, names in os.walk(top):
        if any(name.startswith("@") for name in names):
            with contextlib.suppress(ValueError):
                found.append(Role.of_key(folder[len(top) + 1 :]))
    return found


def profile(wanted: Taken, listing: Listing | None, env: Mapping[str, str]) -> Profile:
    """Return the profile that stands for the role that was taken.

    Its region is that of its session unless one was named: most AWS programs do nothing without
    one. It is protected where a trusted file protects that role.
    """
    role = wanted.role
    account = listing.account(role.account) if listing else None
    called = account.name if account and account.name else role.account
    name = profile_name(called, role.roles[0])
    region: str | None = wanted.region
    if not region:
        with contextlib.suppress(InvalidConfiguration):
            region = aws_config.find_session(env, role.session).region
    guarded = protected.by_a_file(env, role, listing) is not False
    return Profile(name, role, line=0, region=region or None, protect=guarded)


def publish(
    env: Mapping[str, str], wanted: Taken, judged: Profile, settings: Settings, refusal: str = ""
) -> None:
    """Render `judged`, the profile of what a shell took where no project is. Raises OSError.

    `refusal` says why the settings have ruled it out since.
    """
    agent = policy.profile_for_agents(settings)
    binding_rendering.publish_adhoc(env, wanted.key, judged, settings, agent=agent, refusal=refusal)


def _judged(env: Mapping[str, str], wanted: Taken, settings: Settings) -> tuple[Profile, str]:
    """Return the profile as shells should see it, and why it may not be used; else ""."""
    listing = kept_listings.load(env, wanted.role.session)
    return policy.effective(settings, profile(wanted, listing, env), listing)


def _in_project(wanted: Taken, name: str, env: Mapping[str, str]) -> Profile:
    found = profile(wanted, kept_listings.load(env, wanted.role.session), env)
    return replace(found, name=wanted.key, shown=f"{MARK}{name or found.name}")
