"""The AWS config, whether somebody is signed in, and the way to the service."""

from __future__ import annotations

import contextlib
from functools import partial
from typing import TYPE_CHECKING

from ssoenv import settings
from ssoenv.aws_files import choice, found_blocks, managed_profiles, token_cache
from ssoenv.aws_files import config as aws_config
from ssoenv.base import clock, dialects, files, paths
from ssoenv.base.errors import InvalidConfiguration, SsoenvError, UsageError
from ssoenv.base.models import MANAGED, is_managed
from ssoenv.doctor.finding import Finding
from ssoenv.identity_center import account_access, start_urls
from ssoenv.shells import source as credential_source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ssoenv.base.models import Session

DRIFT = 240
"""Seconds that a clock may be off: AWS turns signatures away at 300 (RequestTimeTooSkewed)."""


def config(env: Mapping[str, str]) -> Iterator[Finding]:
    """Yield how the AWS config is. Raises InvalidConfiguration where no AWS tool can read it."""
    path = paths.aws_config_file(env)
    known = aws_config.instances(env)
    if not known:
        yield Finding("AWS config", "wrong", f"no [sso-session] in {path}", "ssoenv setup")
    for session in known:
        where = f"{session.start_url} ({session.start_url_from})"
        named = f"{session.name}: " if session.name else ""
        what = f"{named}{where}, {session.region} ({session.region_from})"
        yield Finding("AWS config", "ok", what)
        if session.spellings:
            also = ", ".join(session.spellings)
            yield Finding(
                "AWS config",
                "note",
                f"profiles write {session.start_url} also as {also}, and the AWS CLI signs in to"
                " each; ssoenv to all of them at once",
                f"write it in one way in {path}",
            )
    yield from _usual(env)
    yield from _tenant(known, env)
    loaded = aws_config.load(env)
    for name, section in loaded.profiles.items():
        wanted = section.get("sso_session")
        if wanted and wanted not in loaded.sessions and not is_managed(name):
            source = loaded.source("profile", name)
            yield Finding(
                "AWS config",
                "note",
                f"{source}: [profile {name}] names session {wanted!r}, which is not there",
                f"correct {source}",
            )
    for key in managed_profiles.foreign(env):
        yield Finding(
            "AWS config",
            "wrong" if key.effect else "note",
            str(key),
            "ssoenv doctor --fix",
            partial(managed_profiles.tidy, env),
        )
    yield from _credentials_file(env)
    served = [f"[profile {MANAGED}]"] if managed_profiles.is_there(env) else []
    served += [f"each profile of ssoenv configure for {one}" for one in found_blocks.labels(env)]
    if served and not credential_source.is_current(env):
        yield Finding(
            "AWS config",
            "wrong",
            f"{served[0]} runs {paths.source_file(env)}, which is gone or not ours",
            "ssoenv doctor --fix",
            partial(credential_source.write, env),
        )


def _usual(env: Mapping[str, str]) -> Iterator[Finding]:
    """Yield which session is meant where no project says so, and what says it."""
    try:
        session = choice.default_session(env, None)
    except UsageError:
        return
    what = f"outside of projects: {session.label} ({session.chosen_by})"
    yield Finding("AWS config", "ok", what)


def _tenant(known: Iterable[Session], env: Mapping[str, str]) -> Iterator[Finding]:
    """Yield a finding where a tenant is set and no session asks for what listing its roles takes.

    Settings that cannot be read are told elsewhere.
    """
    with contextlib.suppress(InvalidConfiguration):
        tenant, scope = settings.load(env).tenant, account_access.READ
        if tenant and not any(account_access.has_scope(one, scope) for one in known):
            what = f"the roles of tenant {tenant} are not listed: no session asks for {scope}"
            mend = "see the page on binding files: a role of the account access manager"
            yield Finding("AWS config", "note", what, mend)


def tokens(env: Mapping[str, str]) -> Iterator[Finding]:
    """Yield for each session whether its token still serves."""
    for session in aws_config.instances(env):
        name, login = session.label, f"ssoenv login {dialects.word(session.label)}"
        token, now = token_cache.load_token(env, session), clock.now()
        if token and token.expires_at > now:
            left = clock.render_duration(token.expires_at - now)
            yield Finding("sign-in", "ok", f"{name}: signed in, {left} left")
        elif token and token.refreshable(now):
            yield Finding("sign-in", "ok", f"{name}: renews by itself when it is next needed")
        else:
            yield Finding("sign-in", "note", f"{name}: not signed in", login)


def clock_and_network(env: Mapping[str, str]) -> Iterator[Finding]:
    """Yield whether the service can be reached, and how far its clock is from ours."""
    from ssoenv.identity_center.client import IdentityCenter

    for session in aws_config.instances(env):
        name = session.label
        try:
            at = start_urls.resolve(session, env)
            if at.start_url != session.start_url:
                what = f"{session.start_url} leads to {at.start_url}, in {at.region}"
                yield Finding("network", "ok", what)
            there = IdentityCenter(session, env, at).time()
        except SsoenvError as failure:
            # What it mostly says elsewhere is to run this very command.
            fix = failure.advice if failure.fix == "ssoenv doctor" else failure.fix
            yield Finding("network", "wrong", failure.message, fix or "")
            continue
        yield Finding("network", "ok", f"{name}'s service answers")
        apart = abs(there - clock.now())
        if apart > DRIFT:
            yield Finding(
                "clock",
                "wrong",
                f"this clock is {clock.render_duration(apart)} off that of {name}'s service",
                "set the clock: timedatectl set-ntp true",
            )
        else:
            yield Finding("clock", "ok", f"it agrees with that of {name}'s service")


def _credentials_file(env: Mapping[str, str]) -> Iterator[Finding]:
    """Yield what in the shared credentials file would win over, or stand in for, a role of ours."""
    path = paths.aws_credentials_file(env)
    content = (files.read_bytes(path) or b"").decode("utf-8", "replace")
    names = {line.strip()[1:-1].strip() for line in content.splitlines() if line.startswith("[")}
    if MANAGED in names and managed_profiles.is_there(env):
        yield Finding(
            "AWS config",
            "wrong",
            f"{path} has a [{MANAGED}] of its own, and it wins over ssoenv's",
            f"remove [{MANAGED}] from {path}",
        )
    if "default" in names:
        yield Finding(
            "AWS config",
            "note",
            f"{path} has keys for [default]: outside every project they are used without a word",
            "remove them, if that is not what you want",
        )
