"""The order of things: a token that works, one that refreshes, one that somebody signs in for."""

from __future__ import annotations

import contextlib
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ssoenv import clock, settings, token_cache
from ssoenv.errors import Cancelled, ServiceUnavailable, SignInRequired
from ssoenv.sign_in import authorization_code, browser, device_code, turn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssoenv.identity_center import IdentityCenter
    from ssoenv.models import Registration, Session, Token
    from ssoenv.settings import Settings
    from ssoenv.sign_in.consent import Consent
    from ssoenv.sign_in.reporter import Reporter

Method = Literal["auto", "browser", "device"]

REFRESH_WINDOW = 900
"""Seconds before its end at which a token is refreshed (botocore ``_REFRESH_WINDOW``)."""
TIMEOUT = 600.0
"""Seconds that a person has to answer; the environment may set SSOENV_SIGN_IN_TIMEOUT."""

log = logging.getLogger(__name__)


def require_token(
    session: Session,
    *,
    env: Mapping[str, str],
    consent: Consent,
    reporter: Reporter,
    force: bool = False,
    method: Method = "auto",
    open_browser: bool = True,
) -> Token:
    """Return a token for `session` that works now.

    `force` asks for a new sign-in whatever is cached; `open_browser` off only prints the address.
    Raises SignInRequired (and SignInDenied, SignInTimedOut), Cancelled, ServiceUnavailable,
    InvalidConfiguration or OSError.
    """
    token = None if force else _usable(session, env)
    if token and not _due(token):
        return token
    try:
        asking = _SignIn(session, env, consent, reporter, method, open_browser, settings.load(env))
        return asking.refresh_or_ask(force=force)
    except KeyboardInterrupt:
        raise Cancelled("sign-in cancelled") from None


@dataclass(frozen=True, slots=True)
class _SignIn:
    """One process's attempt at a token."""

    _session: Session
    _env: Mapping[str, str]
    _consent: Consent
    _reporter: Reporter
    _method: Method
    _open_browser: bool
    _settings: Settings

    def refresh_or_ask(self, *, force: bool) -> Token:
        """Take the turn of the session, and see what it takes by then."""
        from ssoenv.identity_center import IdentityCenter

        held = None if force else token_cache.load_token(self._env, self._session)
        if not (held and held.refreshable(clock.now())):
            self._refuse_without_consent(held)
        with turn.take(self._env, self._session, self._reporter) as waited:
            token = _usable(self._session, self._env) if waited or not force else None
            if token and not _due(token):
                return token
            center = IdentityCenter(self._session, self._env)
            token = self._refreshed(center) if waited or not force else None
            if token is None:
                self._refuse_without_consent(None)
                token = self._ask(center)
                self._reporter.done(self._session.label)
            token_cache.save_token(self._env, self._session, token)
            turn.forget_ending(self._env, self._session)
            return token

    def _refuse_without_consent(self, held: Token | None) -> None:
        """Raise SignInRequired unless a page may open, or there is a token that still works."""
        consent, label = self._consent, self._session.label
        if held and held.expires_at > clock.now() and not held.refreshable(clock.now()):
            return
        if consent.refusal:
            raise SignInRequired(
                f"not signed in to {label}, and {consent.refusal}", hint=f"ssoenv login {label}"
            )
        if consent.lazy:
            turn.refuse_if_recent(self._env, self._session, self._settings.sign_in_pause)

    def _refreshed(self, center: IdentityCenter) -> Token | None:
        """Return a refreshed token, or the old one if it still works, or None."""
        from ssoenv.identity_center import GrantRejected

        token = token_cache.load_token(self._env, self._session)
        if token is None:
            return None
        still = token if token.expires_at > clock.now() else None
        if not token.refreshable(clock.now()):
            return still
        try:
            return center.refresh(token)
        except GrantRejected:
            log.debug("the refresh token of %s was rejected", self._session.label)
        except ServiceUnavailable:
            if still is None:
                raise
        return still

    def _ask(self, center: IdentityCenter) -> Token:
        """Ask the person; a client registration that the service forgot is made anew, once."""
        from ssoenv.identity_center import GrantRejected

        self._reporter.announce(self._consent.request)
        grant = "device_code" if self._by_device() else "authorization_code"
        cached = token_cache.load_registration(self._env, self._session, grant=grant)
        if cached:
            try:
                return self._ask_as(center, cached, grant)
            except GrantRejected:
                token_cache.drop_registration(self._env, self._session)
        registration = center.register(grant=grant)
        token_cache.save_registration(self._env, self._session, registration)
        return self._ask_as(center, registration, grant)

    def _ask_as(self, center: IdentityCenter, registration: Registration, grant: str) -> Token:
        timeout = _timeout(self._env)
        if grant == "device_code":
            return device_code.sign_in(center, registration, self._reporter, timeout)
        return authorization_code.sign_in(
            center, registration, self._reporter, timeout, self._open_page
        )

    def _open_page(self, url: str) -> bool:
        return self._open_browser and browser.open_page(url, self._env, self._settings.browser)

    def _by_device(self) -> bool:
        """Whether to ask by device code; a legacy session always does, as in the AWS CLI."""
        if self._session.name is None or self._method == "device":
            return True
        return self._method == "auto" and not browser.has_browser(self._env, self._settings.browser)


def _usable(session: Session, env: Mapping[str, str]) -> Token | None:
    token = token_cache.load_token(env, session)
    return token if token and token.expires_at > clock.now() else None


def _due(token: Token) -> bool:
    """Whether a token that works should be refreshed by now, and can be."""
    now = clock.now()
    return token.expires_at - now < REFRESH_WINDOW and token.refreshable(now)


def _timeout(env: Mapping[str, str]) -> float:
    with contextlib.suppress(ValueError):
        return max(0.0, float(env.get("SSOENV_SIGN_IN_TIMEOUT") or TIMEOUT))
    return TIMEOUT
