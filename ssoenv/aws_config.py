"""Sessions from the user's AWS config, read as botocore reads it.

Grammar and rules: ``botocore/configloader.py`` (section classes by prefix, names by ``shlex``) and
``SSOProvider`` in ``botocore/credentials.py`` (a profile may not contradict its session).
"""

from __future__ import annotations

import configparser
import shlex
from typing import TYPE_CHECKING

from ssoenv import files, paths
from ssoenv.errors import InvalidConfiguration, UsageError
from ssoenv.models import Session

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Section = dict[str, str]


class AwsConfig:
    """A parsed AWS config: sections by class and name, and the line on which each stands."""

    def __init__(self, path: str, text: str) -> None:
        """Parse `text`. Raises InvalidConfiguration for what botocore cannot read either."""
        self.path = path
        parser = configparser.RawConfigParser(default_section="\0")
        try:
            parser.read_string(text, path)
        except configparser.Error as error:
            raise _unreadable(path, error) from None
        self.sessions: dict[str, Section] = {}
        self.profiles: dict[str, Section] = {}
        self._lines: dict[tuple[str, str], int] = {}
        lines = _header_lines(text)
        for header in parser.sections():
            kind, name = _class_and_name(header)
            known = {"sso-session": self.sessions, "profile": self.profiles}.get(kind)
            if known is not None and name is not None:
                known.setdefault(name, {}).update(parser.items(header))
                self._lines[kind, name] = lines.get(header, 1)

    def source(self, kind: str, name: str) -> str:
        """Return where a section stands, as ``file:line``."""
        return f"{self.path}:{self._lines.get((kind, name), 1)}"


def load(env: Mapping[str, str]) -> AwsConfig:
    """Return the user's AWS config; a missing file is an empty one."""
    path = paths.aws_config_file(env)
    content = files.read_bytes(path) or b""
    try:
        return AwsConfig(path, content.decode("utf-8"))
    except UnicodeDecodeError:
        raise InvalidConfiguration(f"{path} is not UTF-8", advice=f"mend {path}") from None


def sessions(env: Mapping[str, str]) -> dict[str, Session]:
    """Return every [sso-session] by name. Raises InvalidConfiguration on one that is not whole."""
    config = load(env)
    return {name: _session(config, name) for name in config.sessions}


def legacy_sessions(env: Mapping[str, str]) -> dict[str, Session]:
    """Return, by profile name, the sessions of profiles that carry their own start URL."""
    config = load(env)
    return dict(_legacy(config))


def find_session(env: Mapping[str, str], name: str) -> Session:
    """Return the [sso-session] `name`, or the legacy profile of that name.

    Raises InvalidConfiguration that lists what there is.
    """
    config = load(env)
    if name in config.sessions:
        return _session(config, name)
    legacy = dict(_legacy(config))
    if name in legacy:
        return legacy[name]
    known = [*config.sessions, *legacy]
    import difflib

    close = difflib.get_close_matches(name, known, 1)
    there = f"; did you mean {close[0]!r}?" if close else f"; there is: {', '.join(known)}"
    raise InvalidConfiguration(
        f"no [sso-session {name}] in {config.path}{there if known else ''}",
        hint="aws configure sso-session",
    )


def default_session(env: Mapping[str, str], wanted: str | None) -> Session:
    """Return the session `wanted`; else that of AWS_PROFILE; else the only one there is."""
    if wanted is not None:
        return find_session(env, wanted)
    config = load(env)
    profile = config.profiles.get(env.get("AWS_PROFILE") or env.get("AWS_DEFAULT_PROFILE") or "")
    if profile and profile.get("sso_session"):
        return find_session(env, profile["sso_session"])
    known = [*config.sessions, *dict(_legacy(config))]
    if len(known) == 1:
        return find_session(env, known[0])
    if not known:
        raise InvalidConfiguration(
            f"no [sso-session] in {config.path}", hint="aws configure sso-session"
        )
    raise UsageError(f"which session? there is: {', '.join(known)}", advice="name one of them")


def _session(config: AwsConfig, name: str) -> Session:
    section = config.sessions[name]
    source = config.source("sso-session", name)
    _require(section, f"[sso-session {name}]", source)
    for profile, values in config.profiles.items():
        if values.get("sso_session") == name:
            _check_agreement(profile, values, section, config.source("profile", profile))
    scopes = section.get("sso_registration_scopes")
    return Session(
        name=name,
        start_url=section["sso_start_url"],
        region=section["sso_region"],
        scopes=None if scopes is None else _scopes(scopes),
        source=source,
    )


def _legacy(config: AwsConfig) -> Iterator[tuple[str, Session]]:
    for name, section in config.profiles.items():
        if section.get("sso_start_url") and not section.get("sso_session"):
            source = config.source("profile", name)
            _require(section, f"[profile {name}]", source)
            url, region = section["sso_start_url"], section["sso_region"]
            yield name, Session(None, url, region, None, source)


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


def _class_and_name(header: str) -> tuple[str, str | None]:
    """Return the class and name of a section, by prefix, as botocore has it."""
    if header == "default":
        return "profile", "default"
    for kind in ("profile", "sso-session", "services"):
        if header.startswith(kind):
            try:
                words = shlex.split(header)
            except ValueError:
                return kind, None
            return kind, words[1] if len(words) == 2 else None
    return "", None


def _header_lines(text: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("[") and "]" in line:
            found.setdefault(line[1 : line.rindex("]")], number)
    return found


def _unreadable(path: str, error: configparser.Error) -> InvalidConfiguration:
    line = getattr(error, "lineno", None) or 1
    what = {
        configparser.DuplicateSectionError: "a section that stands there twice",
        configparser.DuplicateOptionError: "a key that stands there twice",
        configparser.MissingSectionHeaderError: "text before the first [section]",
    }.get(type(error), "a line that is neither a section nor a key")
    if isinstance(error, configparser.ParsingError) and getattr(error, "errors", None):
        line = error.errors[0][0]
    return InvalidConfiguration(
        f"{path} cannot be read by any AWS tool: {what}",
        problems=(f"{path}:{line}: {what}",),
        advice=f"mend line {line} of {path}",
    )
