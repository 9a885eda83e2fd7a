"""What a program has, or may have, that runs where we are: by its directory, and by its shell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssoenv import policy
from ssoenv.base import paths
from ssoenv.base.agents import FOR_A_PERSON
from ssoenv.base.errors import AccessDenied, NotTrusted
from ssoenv.base.models import Role
from ssoenv.here.directory import (
    FOR_AGENTS,
    look,
    required,
    shell_directory,
    working_directory,
)
from ssoenv.shells import rendered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssoenv.here.directory import Here
    from ssoenv.settings import Settings


def follow(env: Mapping[str, str]) -> Here:
    """Return what a program has that runs here: what the directory gives.

    Outside of every project, what the shell has that the program comes from, if that is still
    trusted. Raises UsageError where nothing is bound, NotTrusted or InvalidConfiguration where the
    binding may not act.
    """
    found = _followed(env)
    is_here = found.directory == working_directory(env)
    name = "" if is_here or found.chosen_by == FOR_AGENTS else env.get("SSOENV_PROFILE", "")
    # What a person took there beside the project's own profiles is for no agent.
    is_theirs = bool(found.agent) and "/" in name
    return required(found, None if is_theirs else name or None, env)


def _followed(env: Mapping[str, str]) -> Here:
    """Return what holds here; outside of every project, where the shell is that we come from."""
    found, origin = look(working_directory(env), env), shell_directory(env)
    if found.path is None and origin.startswith("/"):
        there = look(origin, env)
        if there.path == f"{origin.rstrip('/')}/{paths.BINDING_FILE}":
            return there
    return found


def role_of_keys(env: Mapping[str, str]) -> Role | None:
    """Return the role that the keys in `env` are of, if ssoenv has handed them out.

    Its account is the id. Keys that ``ssoenv exec`` gave on purpose are the user's own.
    """
    key_id = env.get("AWS_ACCESS_KEY_ID", "")
    if key_id == env.get("SSOENV_GIVEN"):
        return None
    try:
        return Role.of_key(rendered.role_of_key(env, key_id))
    except ValueError:
        return None


def given_role(env: Mapping[str, str]) -> str | None:
    """Return for people the role of the keys in `env`, if ``export`` or ``exec`` gave them."""
    key_id = env.get("AWS_ACCESS_KEY_ID", "")
    if not key_id or key_id != env.get("SSOENV_GIVEN"):
        return None
    try:
        return policy.for_people(Role.of_key(rendered.role_of_key(env, key_id)), env)
    except ValueError:
        return None


def other_role(found: Here, env: Mapping[str, str]) -> str | None:
    """Return for people the role of the keys in `env`, unless `found`, which is here, gives it."""
    has = role_of_keys(env)
    gives = found.profile.role if found.profile and not found.problem else None
    if has is None or (gives and policy.is_given(has, gives, env)):
        return None
    return policy.for_people(has, env)


def require_given(role: Role, env: Mapping[str, str]) -> None:
    """Return if the directory that we run in gives `role`, or is in no project.

    A program may have changed directory since a shell told it the role. Raises NotTrusted where
    the directory gives another role, or what keeps its binding file from acting.
    """
    here = look(working_directory(env), env)
    if here.path is None:
        return
    if here.problem:
        raise here.problem
    if here.profile is not None and here.profile.role != role:
        raise NotTrusted(
            f"{here.directory} gives {here.profile.label}, and {role} was asked for",
            fix="ssoenv status",
        )


def require_for_agent(
    agent: str, role: Role, preferences: Settings, env: Mapping[str, str]
) -> None:
    """Return if the coding agent called `agent` may ask for `role` where it is.

    Raises AccessDenied where the project or the settings give it another role or none, and what
    keeps the binding file from acting that applies there.
    """
    if not agent:
        return
    found = _followed(env)
    if found.problem:
        raise found.problem
    binding = found.binding if found.status == "trusted" else None
    refusal = policy.refusal_for_agent(agent, preferences, role, binding, env)
    if refusal:
        raise AccessDenied(refusal, advice=FOR_A_PERSON)
