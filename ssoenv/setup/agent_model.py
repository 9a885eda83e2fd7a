"""Agents that reach their own model through AWS: that stays the person's, and is kept apart.

Claude Code calls Amazon Bedrock with the credentials of its own environment, which its commands
inherit (https://code.claude.com/docs/en/amazon-bedrock, stored 2026-08-22). So where it does that
no variable of it is changed. A SessionStart hook writes what only its Bash commands get to the
file that CLAUDE_ENV_FILE names (https://code.claude.com/docs/en/hooks, same day).

`awsCredentialExport` is never set: the page has it for where ``.aws`` cannot be changed, and our
profile is there. `awsAuthRefresh` is, where the model's profile has a session that we can sign in
to: Claude Code runs that command itself, when its credentials have ended, shows what it prints, and
gives it no input.
"""

from __future__ import annotations

import contextlib
import fnmatch
import json
import tomllib
from typing import TYPE_CHECKING, Any

from ssoenv.aws_files import config as aws_config
from ssoenv.base import dialects, files
from ssoenv.base.errors import InvalidConfiguration
from ssoenv.base.models import MANAGED, is_managed
from ssoenv.base.values import dataclass
from ssoenv.setup import agent_tools
from ssoenv.setup.agent_formats import Entry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssoenv.setup.agent_tools import Tool

THROUGH_AWS = (
    "CLAUDE_CODE_USE_BEDROCK",
    "CLAUDE_CODE_USE_MANTLE",
    "CLAUDE_CODE_USE_ANTHROPIC_AWS",
)
"""What tells Claude Code to reach its model with AWS credentials: 1 or true, in any casing."""
_UNSET = (*agent_tools.KEYS, "AWS_DEFAULT_PROFILE")
_FOR_COMMANDS = f"unset {' '.join(_UNSET)}; export AWS_PROFILE={MANAGED}"
HOOK = Entry(
    ("hooks", "SessionStart"),
    {
        "hooks": [
            {
                "type": "command",
                "command": f'test -z "$CLAUDE_ENV_FILE" || echo "{_FOR_COMMANDS}"'
                ' >> "$CLAUDE_ENV_FILE"',
            }
        ]
    },
    listed=True,
)
REFRESH, EXPORT = "awsAuthRefresh", "awsCredentialExport"
_SIGN_IN = "ssoenv login"
_HOOKS_OFF = "disableAllHooks is set there: until it is not, its commands have what Claude Code has"
_SPLIT = (
    "its Bash commands get the role of their directory, by a hook at the start of a session",
    "not to be split: MCP servers, other hooks and the status line have what Claude Code has",
)


def through_aws(env: Mapping[str, str]) -> tuple[str, ...]:
    """Return what is set in `env` that has an agent reach its own model through AWS."""
    return tuple(name for name in THROUGH_AWS if _is_on(env.get(name, "")))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to set for a tool, and what to say about it."""

    entries: tuple[Entry, ...]
    notes: tuple[str, ...]


def wanted(tool: Tool, env: Mapping[str, str], project: str | None, text: str) -> Wanted:
    """Return what `tool` needs in its settings, which say `text` now."""
    if tool.name == "claude":
        return _claude(tool, env, project)
    if tool.name == "codex" and _lets_only_others(text):
        lacking = (
            "what shell_environment_policy lets through takes AWS_PROFILE out again: add it there"
        )
        return Wanted(tool.entries, (lacking, *tool.limits))
    return Wanted(tool.entries, tool.limits)


def _lets_only_others(text: str) -> bool:
    """Whether the settings `text` of Codex let only other variables through.

    That is its last step, behind what we set, by patterns that regard no case: those in `filters`
    that say include, or the older `include_only` (config-reference, read 2026-11-28).
    """
    with contextlib.suppress(ValueError, RecursionError):
        policy = tomllib.loads(text).get("shell_environment_policy")
        policy = policy if isinstance(policy, dict) else {}
        filters, only = policy.get("filters"), policy.get("include_only")
        patterns = (
            [key for key, what in filters.items() if what == "include"]
            if isinstance(filters, dict)
            else []
        )
        patterns += [str(one) for one in only] if isinstance(only, list) else []
        return bool(patterns) and not any(
            fnmatch.fnmatchcase("aws_profile", one.lower()) for one in patterns
        )
    return False


def ever(tool: Tool, text: str) -> tuple[Entry, ...]:
    """Return all that may have been set for `tool`, whose settings say `text`."""
    if tool.name != "claude":
        return tool.entries
    refresh = json_value(text).get(REFRESH)
    ours = isinstance(refresh, str) and refresh.split()[:2] == _SIGN_IN.split()
    return (*tool.entries, HOOK, *([Entry((REFRESH,), refresh)] if ours else []))


def json_value(text: str) -> dict[str, Any]:
    """Return the object that `text` is; an empty one for anything else."""
    with contextlib.suppress(ValueError, RecursionError):
        found = json.loads(text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}"))
        return found if isinstance(found, dict) else {}
    return {}


def _claude(tool: Tool, env: Mapping[str, str], project: str | None) -> Wanted:
    """Return what Claude Code needs: for all of it, or for its commands alone."""
    settings = _settings(tool, env, project)
    theirs: dict[str, str] = {}
    for one in settings:
        table = one.get("env")
        for key, value in (table if isinstance(table, dict) else {}).items():
            theirs[key] = str(value)
    known = {**env, **theirs}
    through, *_ = through_aws(known) or ("",)
    if not through:
        return Wanted(tool.entries, tool.limits)
    # Ours in the environment is of the shell where this was typed, not of the agent.
    ambient = env.get("AWS_PROFILE", "")
    profile = theirs.get("AWS_PROFILE") or ("" if is_managed(ambient) else ambient)
    refresh = _refresh(settings, known, profile, env)
    as_whom = f"AWS_PROFILE={profile}" if profile else "its AWS credentials"
    stays = f"{through} is set: Claude Code goes on to reach its own model by {as_whom}"
    if is_managed(theirs.get("AWS_PROFILE", "")):
        return Wanted((*tool.entries, *refresh), (stays, *tool.limits))
    off = any(one.get("disableAllHooks") for one in settings)
    return Wanted((HOOK, *refresh), (stays, *([_HOOKS_OFF] if off else []), *_SPLIT))


def _settings(tool: Tool, env: Mapping[str, str], project: str | None) -> list[dict[str, Any]]:
    """Return the settings that hold together, the ones that win last."""
    every = [tool.path(env, None)]
    if project is not None:
        every += [f"{project}/.claude/settings.json", tool.path(env, project)]
    return [
        json_value((files.read_bytes(path) or b"").decode("utf-8", "replace")) for path in every
    ]


def _is_on(value: str) -> bool:
    return value.lower() not in ("", "0", "false")


def _refresh(
    settings: list[dict[str, Any]], known: Mapping[str, str], profile: str, env: Mapping[str, str]
) -> list[Entry]:
    """Return the command that signs in for the model, unless the person has one of their own."""
    commands = [one[key] for one in settings for key in (REFRESH, EXPORT) if one.get(key)]
    session = _session(profile, env)
    command = f"{_SIGN_IN} {dialects.word(session)}" if session else _SIGN_IN
    if known.get("AWS_BEARER_TOKEN_BEDROCK") or not (session or is_managed(profile)):
        return []
    return [] if [one for one in commands if one != command] else [Entry((REFRESH,), command)]


def _session(profile: str, env: Mapping[str, str]) -> str:
    """Return the [sso-session] of `profile`; empty where it names none that is there."""
    with contextlib.suppress(InvalidConfiguration):
        config = aws_config.load(env)
        name = config.profiles.get(profile, {}).get("sso_session", "")
        return name if name in config.sessions else ""
    return ""
