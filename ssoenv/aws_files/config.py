"""Sessions from the user's AWS config, as botocore has them.

Rules: ``SSOProvider`` in ``botocore/credentials.py`` (a profile may not contradict its session).
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from ssoenv.aws_files.sections import AwsConfig, Section, read
from ssoenv.base import paths
from ssoenv.base.errors import InvalidConfiguration, UsageError
from ssoenv.base.models import Session, instance_url, is_managed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True, slots=True)
class Use:
    """A profile that uses an instance: through `session`, for a role if it names one."""

    profile: str
    session: Session
    account: str
    role: str


def load(env: Mapping[str, str]) -> AwsConfig:
    """Return the user's AWS config; a missing file is an empty one."""
    return _parsed(paths.aws_config_file(env), read(env) or "")


_parsed = lru_cache(maxsize=2)(AwsConfig)
"""A config of some thousand profiles takes a while to parse, and a command looks several times."""


def sessions(env: Mapping[str, str]) -> dict[str, Session]:
    """Return every [sso-session] by name. Raises InvalidConfiguration on one that is not whole."""
    config = load(env)
    return {name: _session(config, name) for name in config.sessions}


def instances(env: Mapping[str, str]) -> tuple[Session, ...]:
    """Return every instance to sign in to: each [sso-session], then legacy start URLs.

    Any number of legacy profiles may carry the start URL of one instance; those whose URL an
    [sso-session] has stand for nothing of their own.
    Raises InvalidConfiguration on an [sso-session] that is not whole.
    """
    config = load(env)
    return (*(_session(config, name) for name in config.sessions), *_legacy(config))


def find_session(env: Mapping[str, str], name: str, *, typed: str = "") -> Session:
    """Return the [sso-session] `name`, or the instance of the legacy profile or start URL `name`.

    Raises InvalidConfiguration that lists what there is. `typed` is the command, if a person types
    the name of a session behind it.
    """
    config = load(env)
    if name in config.sessions:
        return _session(config, name)
    profile = config.profiles.get(name, {})
    if _is_legacy(profile):
        _require(profile, f"[profile {name}]", config.source("profile", name))
    url = instance_url(profile["sso_start_url"] if _is_legacy(profile) else name)
    region = profile.get("sso_region") if _is_legacy(profile) else None
    for session in _of_instance(config, url, region):
        return session
    known = [*config.sessions, *(session.label for session in _legacy(config))]
    import difflib

    missing = f"no [sso-session {name}] in {config.path}"
    close = difflib.get_close_matches(name, known, 1)
    if close:
        command = typed or "ssoenv login"
        raise InvalidConfiguration(
            f"{missing}; did you mean {close[0]!r}?", fix=f"{command} {shlex.quote(close[0])}"
        )
    there = f"; there is: {', '.join(known)}" if known else ""
    command = typed if typed and known else "ssoenv setup --session"
    instead = known[0] if typed and known else name
    raise InvalidConfiguration(f"{missing}{there}", fix=f"{command} {shlex.quote(instead)}")


def default_session(
    env: Mapping[str, str], wanted: str | None, *, by: str = "--session"
) -> Session:
    """Return the session `wanted`; else that of AWS_PROFILE; else the only one there is.

    `by` is what a person types before the name of a session, to say which of several.
    """
    if wanted is not None:
        return find_session(env, wanted, typed=by if by.startswith("ssoenv ") else "")
    config = load(env)
    name = env.get("AWS_PROFILE") or env.get("AWS_DEFAULT_PROFILE") or ""
    profile = {} if is_managed(name) else config.profiles.get(name, {})
    if profile.get("sso_session"):
        return find_session(env, profile["sso_session"])
    if _is_legacy(profile):
        return find_session(env, name)
    known = [*config.sessions, *(session.label for session in _legacy(config))]
    if len(known) == 1:
        return find_session(env, known[0])
    if not known:
        raise InvalidConfiguration(f"no [sso-session] in {config.path}", fix="ssoenv setup")
    raise UsageError(
        f"which session? there is: {', '.join(known)}",
        advice=f"name one of them, as in: {by} {shlex.quote(known[0])}",
    )


def uses(env: Mapping[str, str], session: Session) -> tuple[Use, ...]:
    """Return the profiles that name `session`, and the legacy ones that carry its start URL.

    A legacy profile uses a session of its own, as the AWS CLI has it: by the URL as it is written.
    """
    config = load(env)
    wanted = instance_url(session.start_url)
    found = []
    for name, section in config.profiles.items():
        if session.name is not None and section.get("sso_session") == session.name:
            through = session
        elif _is_legacy(section) and instance_url(section["sso_start_url"]) == wanted:
            through = _legacy_session(config, name)
        else:
            continue
        role = section.get("sso_role_name", "")
        found.append(Use(name, through, section.get("sso_account_id", ""), role))
    return tuple(found)


def _session(config: AwsConfig, name: str) -> Session:
    section = config.sessions[name]
    source = config.source("sso-session", name)
    _require(section, f"[sso-session {name}]", source)
    for profile, values in config.profiles.items():
        if values.get("sso_session") == name and not is_managed(profile):
            _check_agreement(profile, values, section, config.source("profile", profile))
    scopes = section.get("sso_registration_scopes")
    return Session(
        name=name,
        start_url=section["sso_start_url"],
        region=section["sso_region"],
        scopes=None if scopes is None else _scopes(scopes),
        source=source,
    )


def _is_legacy(section: Section) -> bool:
    return bool(section.get("sso_start_url")) and not section.get("sso_session")


def _legacy(config: AwsConfig) -> Iterator[Session]:
    """Yield the instances that only legacy profiles name, each once, as the first has it."""
    seen = {
        (instance_url(section.get("sso_start_url", "")), section.get("sso_region"))
        for section in config.sessions.values()
    }
    for name, section in config.profiles.items():
        if not _is_legacy(section) or not section.get("sso_region"):
            continue
        instance = (instance_url(section["sso_start_url"]), section["sso_region"])
        if instance not in seen:
            seen.add(instance)
            yield _legacy_session(config, name)


def _legacy_session(config: AwsConfig, name: str) -> Session:
    section = config.profiles[name]
    url, region = section["sso_start_url"], section.get("sso_region", "")
    return Session(None, url, region, None, config.source("profile", name))


def _of_instance(config: AwsConfig, url: str, region: str | None) -> Iterator[Session]:
    """Yield the sessions of the instance at `url`, those with a section of their own first."""
    for name, section in config.sessions.items():
        same = instance_url(section.get("sso_start_url", "")) == url
        if same and region in (None, section.get("sso_region")):
            yield _session(config, name)
    for session in _legacy(config):
        if instance_url(session.start_url) == url and region in (None, session.region):
            yield session


def _require(section: Section, title: str, source: str) -> None:
    missing = [key for key in ("sso_start_url", "sso_region") if not section.get(key)]
    if missing:
        raise InvalidConfiguration(
            f"{title} lacks {' and '.join(missing)}",
            problems=(f"{source}: {title} lacks {' and '.join(missing)}",),
            advice=f"add it to {source.rpartition(':')[0]}",
        )


def _check_agreement(profile: str, values: Section, session: Section, source: str) -> None:
    for key, value in session.items():
        if key in values and values[key] != value:
            raise InvalidConfiguration(
                f"{source}: [profile {profile}] says {key} = {values[key]}, its session {value}",
                advice=f"remove {key} from [profile {profile}]",
            )


def _scopes(text: str) -> tuple[str, ...]:
    return tuple(scope.strip() for scope in text.split(",") if scope.strip())
