"""Whether AWS can be used in a directory as things stand, without anybody signing in for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssoenv import policy
from ssoenv.aws_files import choice, credential_cache, token_cache
from ssoenv.aws_files import config as aws_config
from ssoenv.base import clock, dialects
from ssoenv.base.errors import AccessDenied, SignInRequired, SsoenvError
from ssoenv.credentials import fetching
from ssoenv.credentials.admission import require_possible
from ssoenv.credentials.probe import probe
from ssoenv.identity_center import assignments, kept_listings
from ssoenv.report.describe import look
from ssoenv.report.values import ProbeReport

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssoenv.base.models import Role, Session


def exit_code(directory: str, env: Mapping[str, str], *, ask: bool) -> int:
    """Return 0 if `require` returns, else the exit code of what it raises."""
    try:
        require(directory, env, ask=ask)
    except SsoenvError as problem:
        return problem.exit_code
    return 0


def ask(directory: str, env: Mapping[str, str]) -> ProbeReport:
    """Return what the service says of what `directory` gives."""
    try:
        unknown = require(directory, env, ask=True)
    except SsoenvError as problem:
        return ProbeReport(problem.code, problem.message, problem.fix or problem.advice)
    return ProbeReport("valid", unknown)


def require(directory: str, env: Mapping[str, str], *, ask: bool) -> str | None:
    """Return if what `directory` gives can be used now: by cached credentials, or by a token.

    Where no role is given, the session counts that is in use there. Without `ask` files alone
    decide; with it the service has the word, and what it was not asked is returned in words. Raises
    SignInRequired; AccessDenied for a role that is not held or not allowed; NotTrusted,
    InvalidConfiguration or UsageError where the directory gives none; with `ask`
    ServiceUnavailable.
    """
    found = look(directory, env)
    if found.problem:
        raise found.problem
    profile = found.profile
    role = profile.role if profile else None
    session = (
        aws_config.find_session(env, role.session) if role else choice.default_session(env, None)
    )
    verdict = policy.judge(profile, env, found.agent) if profile else None
    if verdict and verdict.answer == "refused":
        raise AccessDenied(verdict.reason)
    if role:
        require_possible(role, session)
    if ask:
        allowed = verdict is not None and verdict.answer == "allowed"
        probe(session, role, env, assume=allowed)
        if role and role.assumes and not allowed:
            return f"whether it may assume {role.assumes.arn} shows when that is used"
    elif not (role and _is_cached(session, role, env, agent=bool(found.agent))):
        _require_token(session, env)
        if role:
            kept_listings.require_listed(env, role, session)
    return None


def _require_token(session: Session, env: Mapping[str, str]) -> None:
    """Return if the cached token of `session` works, or can be renewed. Raises SignInRequired."""
    token, now = token_cache.load_token(env, session), clock.now()
    if token is None or not (token.expires_at > now or token.refreshable(now)):
        raise SignInRequired(
            f"nobody is signed in to {session.label}",
            fix=f"ssoenv login {dialects.word(session.label)}",
        )


def _is_cached(session: Session, role: Role, env: Mapping[str, str], *, agent: bool) -> bool:
    """Whether there are credentials of `role` that would be handed out without a token.

    Those of a role on top of another are; else it is assumed by those of the first.
    """
    known = assignments.resolve(role, kept_listings.of(env, session))
    if known is None:
        return False
    held = (env, session, *known)
    cached = [credential_cache.load_of(*held, role, agent=agent)]
    if role.assumes:
        cached.append(credential_cache.load(*held, agent=agent))
    end = clock.now() + fetching.LAST_RESORT
    return any(one.expiration >= end for one in cached if one)
