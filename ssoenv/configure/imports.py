"""What other tools left in the AWS config: whose profiles there are, and at which Identity Center.

Sources, by tool: the AWS CLI's ``aws configure sso`` in both forms; aws-sso-util's
``configure populate`` and its variables; granted's ``granted_sso_*`` keys; the profiles of
aws-sso-cli's ``setup profiles`` and its ``config.yaml``; aws-vault's ``credential_process``.
"""

from __future__ import annotations

import importlib
import re
import shlex
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ssoenv.aws_files import config as aws_config
from ssoenv.aws_files import edits, session_sections
from ssoenv.base import files, paths
from ssoenv.base.errors import UsageError
from ssoenv.base.models import Session, instance_url, is_managed
from ssoenv.base.values import dataclass, replace
from ssoenv.setup import answers
from ssoenv.setup.session import SCOPES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ssoenv.aws_files.edits import Change, Edit
    from ssoenv.aws_files.managed_block import Block
    from ssoenv.aws_files.sections import AwsConfig, Section

_ARN = re.compile(r"arn:[\w-]+:iam::(\d{12}):role/(?:.*/)?([^/]+)")
_YAML = (".aws-sso/config.yaml", ".config/aws-sso/config.yaml")
_DEFAULT = "Default"
"""What aws-sso-cli calls the instance that nobody has named."""
LOGIN = "aws login"
"""Profiles of this tool are left alone: botocore gets their credentials by itself."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What was understood of one profile, or of a tool's own settings.

    `start_url` and `region` say which Identity Center; `named` is what that is called there.
    `lacks` says in words what is missing to use it.
    """

    where: str
    tool: str
    start_url: str = ""
    region: str = ""
    account: str = ""
    role: str = ""
    named: str = ""
    lacks: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What was `taken`, and the change that makes the `sessions` that are missing.

    `called` is the session of each Identity Center, by its address.
    """

    edit: Edit
    taken: tuple[Taken, ...]
    sessions: tuple[Session, ...]
    called: Mapping[tuple[str, str], str]

    def show(self) -> list[str]:
        """Return the change as lines of a diff; empty where there is none."""
        return edits.show(self.edit)

    def session_of(self, one: Taken) -> str:
        """Return what the session of `one` is called; empty where there is none."""
        return self.called.get(_instance(one.start_url, one.region), "")


def plan(env: Mapping[str, str]) -> Plan:
    """Return what other tools left, and what it takes to use it. Raises InvalidConfiguration."""
    config = aws_config.load(env)
    taken = (*_of_profiles(config, env), *_of_environment(env), *_of_settings(env))
    called = {
        _instance(section.get("sso_start_url", ""), section.get("sso_region", "")): name
        for name, section in reversed(config.sessions.items())
    }
    new: dict[tuple[str, str], Session] = {}
    for one in taken:
        instance = _instance(one.start_url, one.region)
        if one.lacks or not one.start_url or instance in called:
            continue
        names = {*config.sessions, *called.values()}
        called[instance] = name = _name(one, names, env)
        new[instance] = Session(name, one.start_url, one.region, SCOPES, one.where)
    edit = edits.plan(env, _all_added(tuple(new.values())))
    return Plan(edit, taken, tuple(new.values()), called)


def _all_added(sessions: tuple[Session, ...]) -> Change:
    def change(block: Block, newline: str) -> Mapping[str, str]:
        for one in sessions:
            session_sections.added(one)(block, newline)
        return block.commands

    return change


def _instance(start_url: str, region: str) -> tuple[str, str]:
    """Return what tells one Identity Center from another, however it is written."""
    one = _checked(Taken("", "", start_url, region))
    return instance_url(one.start_url), one.region


def _name(one: Taken, used: set[str], env: Mapping[str, str]) -> str:
    """Return what to call the session of `one`: as it is called there, else after its address."""
    name = (
        one.named
        if one.named != _DEFAULT and re.fullmatch(r"[A-Za-z0-9][\w.-]*", one.named, re.ASCII)
        else ""
    )
    name = name or answers.propose_name(one.start_url, env)
    number = 2
    unique = name
    while unique in used:
        unique, number = f"{name}-{number}", number + 1
    return unique


def _of_profiles(config: AwsConfig, env: Mapping[str, str]) -> Iterator[Taken]:
    known = {one.named: one for one in _of_settings(env)}
    for name, keys in config.profiles.items():
        found = None if is_managed(name) else _of_profile(f"[profile {name}]", keys, config, known)
        if found:
            yield found if found.lacks or found.tool == LOGIN else _checked(found)


def _of_profile(
    where: str, keys: Section, config: AwsConfig, known: Mapping[str, Taken]
) -> Taken | None:
    """Return what a profile says of an Identity Center; None where it says nothing of one."""
    words = _words(keys.get("credential_process", ""))
    program = words[0].rpartition("/")[2] if words else ""
    if "login_session" in keys:
        return Taken(where, LOGIN)
    if program == "aws-sso":
        return _of_aws_sso(where, words, known)
    if "granted_sso_start_url" in keys:
        return _by_keys(where, "granted", keys, "granted_sso_")
    tool = "aws configure sso"
    if "sso_auto_populated" in keys or program == "aws-sso-util":
        tool = "aws-sso-util"
    elif program in ("aws-vault", "granted"):
        tool = program
    session = keys.get("sso_session")
    if session:
        return _by_session(where, tool, session, keys, config)
    if "sso_start_url" in keys:
        return _by_keys(where, tool, keys, "sso_")
    return None


def _by_keys(where: str, tool: str, keys: Section, prefix: str) -> Taken:
    """Return what the keys with `prefix` say: start_url, region, account_id and role_name."""
    url, region, account, role = (
        keys.get(f"{prefix}{one}", "") for one in ("start_url", "region", "account_id", "role_name")
    )
    return Taken(where, tool, url, region, account, role)


def _by_session(where: str, tool: str, session: str, keys: Section, config: AwsConfig) -> Taken:
    there = config.sessions.get(session, keys)
    url, region = there.get("sso_start_url", ""), there.get("sso_region", "")
    role = keys.get("sso_account_id", ""), keys.get("sso_role_name", "")
    lacks = "" if url and region else f"there is no whole [sso-session {session}]"
    return Taken(where, tool, url, region, *role, session, lacks)


def _of_aws_sso(where: str, words: list[str], known: Mapping[str, Taken]) -> Taken:
    """Return what a profile of aws-sso-cli says: ``aws-sso -S NAME process --arn ARN``."""
    values = dict(pairwise(words))
    values |= dict(word.split("=", 1) for word in words if word.startswith("--") and "=" in word)
    named = values.get("-S") or values.get("--sso") or _DEFAULT
    arn = _ARN.fullmatch(values.get("--arn") or values.get("-a") or "")
    role = (arn[1], arn[2]) if arn else ("", "")
    there = known.get(named)
    if there is None:
        lacks = f"the start URL of {named!r} is in aws-sso-cli's config.yaml, which was not read"
        return Taken(where, "aws-sso-cli", "", "", *role, named, lacks)
    return Taken(where, "aws-sso-cli", there.start_url, there.region, *role, named, there.lacks)


def _of_environment(env: Mapping[str, str]) -> Iterator[Taken]:
    url = env.get("AWS_DEFAULT_SSO_START_URL", "")
    if url:
        region = env.get("AWS_DEFAULT_SSO_REGION", "")
        yield _checked(Taken("AWS_DEFAULT_SSO_START_URL", "aws-sso-util", url, region))


def _of_settings(env: Mapping[str, str]) -> Iterator[Taken]:
    """Yield the instances of aws-sso-cli's own settings, where this Python can read YAML."""
    for name in _YAML:
        path = f"{paths.home(env)}/{name}"
        content = files.read_bytes(path)
        try:
            found = importlib.import_module("yaml").safe_load(content) if content else {}
        except Exception:  # noqa: BLE001 - no parser, or whatever a parser raises
            return
        instances = found.get("SSOConfig") if isinstance(found, dict) else None
        for called, one in instances.items() if isinstance(instances, dict) else ():
            if isinstance(one, dict):
                yield _of_instance(path, str(called), one)


def _of_instance(path: str, called: str, one: Mapping[str, Any]) -> Taken:
    url, region = str(one.get("StartUrl") or ""), str(one.get("SSORegion") or "")
    return _checked(Taken(path, "aws-sso-cli", url, region, named=called))


def _checked(one: Taken) -> Taken:
    """Return `one` with its start URL and region as they are meant: those are what is written.

    Where they cannot be used, it says why in words, and they stay as they are.
    """
    if not one.region or not one.start_url:
        return replace(one, lacks="it says no region" if one.start_url else "it says no start URL")
    try:
        url, region = answers.check_start_url(one.start_url), answers.check_region(one.region)
    except UsageError as wrong:
        return replace(one, lacks=wrong.message)
    # No AWS tool takes a profile that does not say the very words of the session that it names.
    same = (url, region) == (one.start_url, one.region)
    return replace(one, start_url=url, region=region, named=one.named if same else "")


def _words(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError:
        return []
