"""Sessions from the user's AWS config, as botocore has them.

Rules: ``SSOProvider`` in ``botocore/credentials.py`` (a profile may not contradict its session).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssoenv.aws_files.sections import Section, parsed, read
from ssoenv.base import dialects, likely, paths
from ssoenv.base.errors import InvalidConfiguration
from ssoenv.base.models import Session, instance_url, is_managed
from ssoenv.base.values import dataclass, replace

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ssoenv.aws_files.sections import AwsConfig


START_URL, REGION = "AWS_DEFAULT_SSO_START_URL", "AWS_DEFAULT_SSO_REGION"
"""Variables that name an instance, as aws-sso-util has them."""


@dataclass(frozen=True, slots=True)
class Known:
    """An instance as it can be named: what it is called, its start URL and its region."""

    label: str
    start_url: str
    region: str

    @property
    def name(self) -> str:
        """Its name; empty where it has none but its start URL."""
        return "" if self.label == self.start_url else self.label

    def __str__(self) -> str:
        """For people: the name, and where it is."""
        where = f"{self.start_url} in {self.region}"
        return f"{self.name} ({where})" if self.name else where


@dataclass(frozen=True, slots=True)
class Use:
    """A profile that uses an instance: through `session`, for a role if it names one."""

    profile: str
    session: Session
    account: str
    role: str


def load(env: Mapping[str, str]) -> AwsConfig:
    """Return the user's AWS config; a missing file is an empty one."""
    return parsed(paths.aws_config_file(env), read(env) or "")


def sessions(env: Mapping[str, str]) -> dict[str, Session]:
    """Return every [sso-session] by name. Raises InvalidConfiguration on one that is not whole."""
    config = load(env)
    return {name: _session(config, name) for name in config.sessions}


def instances(env: Mapping[str, str]) -> tuple[Session, ...]:
    """Return every instance to sign in to: each [sso-session], then other start URLs.

    Those are of legacy profiles, once each, and of the environment. Any number of legacy profiles
    may carry the start URL of one instance; those whose URL an [sso-session] has stand for nothing
    of their own. Raises InvalidConfiguration on an [sso-session] that is not whole.
    """
    config = load(env)
    named = [_session(config, name) for name in config.sessions]
    return (*named, *_legacy(config), *_of_environment(env, config))


def known(env: Mapping[str, str]) -> tuple[Known, ...]:
    """Return what can be named, an [sso-session] that is not whole included."""
    config = load(env)
    named = (
        Known(name, section.get("sso_start_url", ""), section.get("sso_region", ""))
        for name, section in config.sessions.items()
    )
    others = (*_legacy(config), *_of_environment(env, config))
    return (*named, *(Known(one.label, one.start_url, one.region) for one in others))


def find_session(env: Mapping[str, str], name: str, *, typed: str = "") -> Session:
    """Return the [sso-session] `name`, or the instance of the legacy profile or start URL `name`.

    This is how files name one. Raises InvalidConfiguration that lists what there is. `typed` is
    the command, if a person types the name of a session behind it.
    """
    if len(paths.escape(name)) > paths.LONGEST_NAME:
        raise InvalidConfiguration(
            f"the name {name[:20]!r}... is too long for a session",
            advice=f"files are named after it: take one of at most {paths.LONGEST_NAME} letters",
        )
    config = load(env)
    if name in config.sessions:
        return _session(config, name)
    profile = config.profiles.get(name, {})
    if _is_legacy(profile):
        _require(profile, f"[profile {name}]", config.source("profile", name))
    url = instance_url(profile["sso_start_url"] if _is_legacy(profile) else name)
    region = profile.get("sso_region") if _is_legacy(profile) else None
    for session in _of_instance(env, config, url, region):
        return session
    there = [one.label for one in known(env)]
    close = likely.closest(name, there)
    missing = f"no [sso-session {name}] in {config.path}"
    if close:
        command = typed or "ssoenv login"
        raise InvalidConfiguration(
            f"{missing}; did you mean {close!r}?", fix=f"{command} {dialects.word(close)}"
        ).about(name, there)
    listed = f"; there is: {', '.join(there)}" if there else ""
    command = typed if typed and there else "ssoenv setup --session"
    instead = there[0] if typed and there else name
    raise InvalidConfiguration(f"{missing}{listed}", fix=f"{command} {dialects.word(instead)}")


def start_url_of(env: Mapping[str, str], name: str) -> str:
    """Return the start URL that `find_session` finds for `name`, as it is compared; "" for none."""
    config = load(env)
    profile = config.profiles.get(name, {})
    if name in config.sessions:
        found = config.sessions[name].get("sso_start_url", "")
    elif _is_legacy(profile):
        found = profile["sso_start_url"]
    else:
        found = name if "://" in name else ""
    return instance_url(found)


def of_profile(env: Mapping[str, str], name: str) -> Session | None:
    """Return the session that the profile `name` uses; None where it has none, or is ours."""
    profile = {} if is_managed(name) else load(env).profiles.get(name, {})
    if profile.get("sso_session"):
        return find_session(env, profile["sso_session"])
    return find_session(env, name) if _is_legacy(profile) else None


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
    """Return the [sso-session] `name`. Raises InvalidConfiguration where it is not whole."""
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
        start_url_from=config.source("sso-session", name, "sso_start_url"),
        region_from=config.source("sso-session", name, "sso_region"),
    )


def _is_legacy(section: Section) -> bool:
    return bool(section.get("sso_start_url")) and not section.get("sso_session")


def _legacy(config: AwsConfig) -> Iterator[Session]:
    """Yield the instances that only legacy profiles name, each once, as the first has it."""
    seen = {instance_url(one.get("sso_start_url", "")) for one in config.sessions.values()}
    found: dict[str, dict[str, str]] = {}
    for name, section in config.profiles.items():
        url = instance_url(section.get("sso_start_url", ""))
        if _is_legacy(section) and section.get("sso_region") and url not in seen:
            found.setdefault(url, {}).setdefault(section["sso_start_url"], name)
    for spellings in found.values():
        first, *others = spellings
        yield replace(_legacy_session(config, spellings[first]), spellings=tuple(others))


def _legacy_session(config: AwsConfig, name: str) -> Session:
    section = config.profiles[name]
    return Session(
        name=None,
        start_url=section["sso_start_url"],
        region=section.get("sso_region", ""),
        scopes=None,
        source=config.source("profile", name),
        start_url_from=config.source("profile", name, "sso_start_url"),
        region_from=config.source("profile", name, "sso_region"),
    )


def _of_environment(env: Mapping[str, str], config: AwsConfig) -> Iterator[Session]:
    """Yield the instance that the environment names whole, if the config does not have it."""
    url, region = env.get(START_URL, ""), env.get(REGION, "")
    sections = (*config.sessions.values(), *config.profiles.values())
    there = {instance_url(one.get("sso_start_url", "")) for one in sections}
    if "://" in url and region and instance_url(url) not in there:
        yield Session(None, url, region, None, START_URL, (), START_URL, REGION)


def _of_instance(
    env: Mapping[str, str], config: AwsConfig, url: str, region: str | None
) -> Iterator[Session]:
    """Yield the sessions of the instance at `url`: first those with a section of their own.

    Of several such, for several Regions, those of `region` come first.
    """
    named = [
        name
        for name, section in config.sessions.items()
        if instance_url(section.get("sso_start_url", "")) == url
    ]
    for name in sorted(named, key=lambda name: config.sessions[name].get("sso_region") != region):
        yield _session(config, name)
    for session in (*_legacy(config), *_of_environment(env, config)):
        if instance_url(session.start_url) == url:
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
