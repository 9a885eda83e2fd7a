"""What a coding agent gets in a directory, why, and what it would have besides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssoenv import here, policy, settings
from ssoenv.base.values import dataclass
from ssoenv.identity_center import kept_listings
from ssoenv.setup import agent_model, agent_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssoenv.base.models import Binding, Profile
    from ssoenv.here import Here
    from ssoenv.identity_center.assignments import Listing
    from ssoenv.settings import Settings


@dataclass(frozen=True, slots=True)
class ForAgents:
    """What a coding agent that is started in `directory` gets, in words, and what says so.

    `label` is the only profile that it gets, or the one that a person has there too; empty for
    none. `agent` runs this very process, if one does; `keys` is the role of the keys that it has
    of ours. `through_aws` names variables by which an agent reaches its own model through AWS, and
    `set_up` the agents whose settings name our profile. Agents are known by `variables` and by
    `commands`.
    """

    directory: str
    gets: str
    label: str
    why: str
    agent: str
    keys: str
    through_aws: tuple[str, ...]
    set_up: tuple[str, ...]
    variables: tuple[str, ...]
    commands: tuple[str, ...]


def describe(directory: str, env: Mapping[str, str]) -> ForAgents:
    """Return what there is to say of `directory`. Raises InvalidConfiguration, OSError."""
    preferences, found = settings.load(env), here.look(directory, env)
    gets, label = _gets(found, preferences, env)
    keys = here.role_of_keys(env)
    return ForAgents(
        directory=directory,
        gets=gets,
        label=label,
        why=_why(found, preferences),
        agent=preferences.agent(env),
        keys=policy.for_people(keys, env) if keys else "",
        through_aws=agent_model.through_aws(env),
        set_up=agent_settings.written(env),
        variables=preferences.agent_env,
        commands=preferences.agent_commands,
    )


def given(binding: Binding, preferences: Settings, listing: Listing | None) -> str:
    """Return what coding agents get where the trusted `binding` applies, for people."""
    profile = binding.profiles.get(policy.profile_for_agents(preferences, binding))
    if profile is None:
        return policy.FOR_AGENTS[preferences.agents]
    refused = _refused(profile, preferences, listing)
    return refused or f"{policy.as_held(profile, listing).label} and no other role"


def _refused(profile: Profile, preferences: Settings, listing: Listing | None) -> str:
    """Return why no coding agent gets `profile`, for people; empty if they do."""
    verdict = policy.verdict(preferences, policy.profile_target(profile, listing))
    if policy.for_agents(verdict, preferences, "").answer != "refused":
        return ""
    why = verdict.reason if verdict.answer == "refused" else f"{profile.name} is protected"
    return f"no role: {why}"


def _gets(found: Here, preferences: Settings, env: Mapping[str, str]) -> tuple[str, str]:
    """Return what an agent gets where `found` holds, in words, and the label of its profile."""
    if found.status == "none":
        return "only the role of the shell that it was started from", ""
    if found.status == "adhoc" and found.profile:
        return policy.FOR_AGENTS[preferences.agents], found.profile.label
    if found.binding is None or found.status not in ("trusted", "refused"):
        return f"no role: {found.problem.message if found.problem else found.status}", ""
    listing = kept_listings.load(env, found.binding.session)
    gets = given(found.binding, preferences, listing)
    profile = found.binding.profiles.get(found.binding.agent) or found.profile
    if profile is None or gets.startswith("no role"):
        return gets, ""
    refused = _refused(profile, preferences, listing)
    return refused or gets, "" if refused else policy.as_held(profile, listing).label


def _why(found: Here, preferences: Settings) -> str:
    if found.binding and found.binding.agent:
        return f'agent = "{found.binding.agent}" in {found.path}'
    if preferences.agents == "refuse":
        return 'agents = "refuse" is the default: what takes a person\'s yes is refused'
    return f'your settings say agents = "{preferences.agents}"'
