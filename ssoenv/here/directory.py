"""What holds in a directory: its binding file, whether it may act, and which profile it chooses.

The same decision as the hooks make, for the commands that explain or use it.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal

from ssoenv import policy, settings
from ssoenv.aws_files import choice
from ssoenv.aws_files import config as aws_config
from ssoenv.base import likely, paths
from ssoenv.base.agents import FOR_A_PERSON
from ssoenv.base.errors import (
    AccessDenied,
    InvalidConfiguration,
    NotTrusted,
    SsoenvError,
    UsageError,
)
from ssoenv.base.values import dataclass, replace
from ssoenv.binding import file as binding_file
from ssoenv.shells import rendered
from ssoenv.trust import adhoc, grants, store

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssoenv.base.models import Binding, Profile, Session
    from ssoenv.shells.rendered import RenderedBinding

Status = Literal["none", "adhoc", "untrusted", "changed", "refused", "invalid", "trusted"]
FOR_AGENTS = "agent, for coding agents"
"""What chose a profile that the file gives to agents alone."""
SETUP = "ssoenv setup"
"""What makes a session, where there is none."""
BY_USE = "ssoenv use, in this shell"
"""What chose a role that this shell took for itself."""


class NothingBound(UsageError):
    """There is no binding file where one is needed."""

    @property
    def knows_sessions(self) -> bool:
        """Whether there is a session to take a role from, by its name or by a binding."""
        return self.fix != SETUP


@dataclass(frozen=True, slots=True)
class Here:
    """A directory as ssoenv sees it.

    `path` is the binding file that applies (None: none does); `problem` says why it may not act;
    `profile` is the one chosen and `chosen_by` says by what, in words. `agent` is the coding agent
    that looks, if one does.
    """

    directory: str
    status: Status
    path: str | None = None
    binding: Binding | None = None
    profile: Profile | None = None
    chosen_by: str = ""
    problem: SsoenvError | None = None
    agent: str = ""

    @property
    def project(self) -> str:
        """The directory of the binding file. ValueError where there is none."""
        if self.path is None:
            raise ValueError("no binding file")
        return os.path.dirname(self.path)


def working_directory(env: Mapping[str, str]) -> str:
    """Return where we are: PWD, the route that the shell took, if it is true; else the kernel's."""
    logical = env.get("PWD", "")
    try:
        physical = os.getcwd()
    except FileNotFoundError:
        raise UsageError("the current directory is gone", advice="cd to one that exists") from None
    if paths.is_normal(logical) and rendered.is_same(logical, physical):
        return logical
    return physical


def shell_directory(env: Mapping[str, str]) -> str:
    """Return the project of the shell that we come from, as its hook exported it: or @KEY, or "".

    Anybody may have set the variable: what is no absolute, normal path and no key is ignored.
    """
    value = env.get("SSOENV_DIR", "")
    if value.startswith("@"):
        return value if adhoc.taken(env, value[1:]) else ""
    return value if paths.is_normal(value) else ""


def holds_home(directory: str, env: Mapping[str, str]) -> bool:
    """Whether `directory` is the person's home or above it, so that all they do is in it."""
    home, real = env.get("HOME", ""), os.path.realpath(directory)
    return home.startswith("/") and os.path.commonpath([real, os.path.realpath(home)]) == real


def how_to_bind(directory: str, env: Mapping[str, str]) -> str:
    """Return the command that binds `directory`; from a home, one that binds a project there.

    Where there is no session to bind it to, it is the one that makes one.
    """
    try:
        if not aws_config.instances(env):
            return SETUP
    except InvalidConfiguration:
        return "ssoenv doctor"
    return "cd PROJECT && ssoenv bind" if holds_home(directory, env) else "ssoenv bind"


def look(directory: str, env: Mapping[str, str]) -> Here:
    """Return what holds in the absolute `directory`; problems are told, not raised.

    Bytes that are trusted, or were before, are rendered, if they are not: a process that was
    killed half way, or another branch, is mended here. Raises OSError.
    """
    path = rendered.find_binding_file(directory.rstrip("/"))
    if path is None:
        return _adhoc(directory, env)
    project = os.path.dirname(path)
    try:
        content = binding_file.read(path)
        binding = binding_file.parse(content, path)
        preferences = settings.load(env)
        agent = preferences.agent(env)
        with store.changing(env):
            before = store.trusted(env, project)
            # What was trusted before counts again for a person: an agent might go back to weaker
            # rules.
            if before != content and (agent or not store.remembered(env, project, content)):
                return _untrusted(directory, path, binding, changed=before is not None)
            grants.require_same_instance(binding, env)
            grants.adopt(env, binding, project, preferences)
            seen = rendered.load_binding(env, project)
    except InvalidConfiguration as problem:
        return Here(directory, "invalid", path, problem=problem)
    except SsoenvError as problem:
        return Here(directory, "refused", path, problem=problem)
    return _chosen(Here(directory, "trusted", path, binding, agent=agent), binding, seen, env)


def require(directory: str, env: Mapping[str, str], name: str | None = None) -> Here:
    """Return what holds in `directory`, with a profile: `name`, or the one it chooses.

    Raises UsageError where nothing is bound or the name is unknown, NotTrusted or
    InvalidConfiguration where the binding may not act.
    """
    return required(look(directory, env), name, env)


def required(here: Here, name: str | None, env: Mapping[str, str]) -> Here:
    """Return `here` with the profile `name`, or the one that it chooses."""
    if here.status in ("none", "adhoc") and (name or here.profile is None):
        what = f"no {paths.BINDING_FILE} in {here.directory} or above"
        raise NothingBound(what, fix=how_to_bind(here.directory, env))
    if here.problem:
        raise here.problem
    if name is None or here.binding is None:
        return here
    profile = _profile(here, here.binding, name, env)
    if profile is None:
        known = ", ".join(here.binding.profiles)
        meant = likely.did_you_mean(name, here.binding.profiles)
        raise UsageError(f"no profile {name!r} in {here.path}; there is: {known}{meant}").about(
            name, here.binding.profiles
        )
    return replace(here, profile=policy.as_kept(profile, env), chosen_by="its name")


def _adhoc(directory: str, env: Mapping[str, str]) -> Here:
    """Return what holds where no project is: a role that this shell took with ``ssoenv use``."""
    key = shell_directory(env)
    taken = adhoc.taken(env, key[1:]) if key.startswith("@") else None
    if taken is None:
        return Here(directory, "none")
    usual = adhoc.profile(taken, None, env)
    profile = replace(
        usual,
        name=env.get("SSOENV_LABEL", "").partition("/")[0] or taken.role.account,
        region=env.get("AWS_REGION") or env.get("AWS_DEFAULT_REGION") or usual.region,
    )
    return Here(directory, "adhoc", profile=profile, chosen_by=BY_USE)


def _untrusted(directory: str, path: str, binding: Binding, *, changed: bool) -> Here:
    what = "was changed since you trusted it" if changed else "is not trusted"
    problem = NotTrusted(f"{path} {what}", fix="ssoenv trust")
    status: Status = "changed" if changed else "untrusted"
    return Here(directory, status, path, binding, problem=problem)


def _chosen(
    here: Here, binding: Binding, seen: RenderedBinding | None, env: Mapping[str, str]
) -> Here:
    """Return `here`, where `binding` is trusted and `seen` so, with the profile that is chosen."""
    directory, path = here.directory, binding.path
    if seen is None:
        problem = NotTrusted(f"what was rendered for {path} is gone", fix="ssoenv trust")
        return replace(here, status="refused", problem=problem)
    if here.agent and seen.agent:
        return _for_agents(here, binding.profiles.get(seen.agent), env)
    picked = seen.select(directory, env, agent=bool(here.agent))
    without_shell = seen.select(directory, {}, agent=bool(here.agent))
    name = picked.name if picked else seen.default
    if without_shell is None or name != without_shell.name:
        chosen_by = BY_USE
    elif name != seen.default:
        chosen_by = f"[paths] of {path}"
    elif name != binding.default:
        chosen_by = "ssoenv use --save"
    else:
        chosen_by = f"the default of {path}" if len(binding.profiles) > 1 else f"{path}"
    profile = _profile(here, binding, name, env)
    if profile is None:
        problem = NotTrusted(f"nothing is kept of {name!r} any more", fix="ssoenv use --none")
        return replace(here, status="refused", problem=problem)
    return replace(here, profile=policy.as_kept(profile, env), chosen_by=chosen_by)


def _profile(here: Here, binding: Binding, name: str, env: Mapping[str, str]) -> Profile | None:
    """Return the profile of `binding` with this `name`, or what some shell took there under it."""
    return binding.profiles.get(name) or adhoc.profiles_in(env, here.project).get(name)


def _for_agents(here: Here, profile: Profile | None, env: Mapping[str, str]) -> Here:
    """Return `here` as its coding agent has it: with `profile`, or none."""
    if profile is None:
        what = f"{here.agent} {policy.NONE_FOR_AGENTS}"
        return replace(here, status="refused", problem=AccessDenied(what, advice=FOR_A_PERSON))
    return replace(here, profile=policy.as_kept(profile, env), chosen_by=FOR_AGENTS)


def session(wanted: str | None, env: Mapping[str, str], *, by: str = "--session") -> Session:
    """Return the session `wanted`, else that of the binding here, else the user's default one.

    `by` is what a person types before the name of a session.
    """
    if wanted is None:
        found = look(working_directory(env), env)
        if found.status == "trusted" and found.binding:
            session = aws_config.find_session(env, found.binding.session)
            return replace(session, chosen_by=found.path or "")
    return choice.default_session(env, wanted, by=by)


def locate(directory: str | None, env: Mapping[str, str], *, gone: bool = False) -> str:
    """Return the path of the binding file for `directory`; with `gone` it may be missing there.

    Raises UsageError where there is none, or no such directory.
    """
    start = working_directory(env)
    if directory is not None:
        start = os.path.normpath(os.path.join(start, directory))
        if os.path.basename(start) == paths.BINDING_FILE:
            start = os.path.dirname(start)
    is_there = os.path.isdir(start)
    path = rendered.find_binding_file(start.rstrip("/")) if is_there else None
    if path is None and gone and store.trusted(env, start) is not None:
        path = f"{start.rstrip('/')}/{paths.BINDING_FILE}"
    if path is None and not is_there:
        raise UsageError(f"{start} is no directory")
    if path is None:
        what = f"no {paths.BINDING_FILE} in {start} or above"
        raise UsageError(what, fix="ssoenv status" if gone else how_to_bind(start, env))
    return path
