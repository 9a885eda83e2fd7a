"""Get a token: use the cached one, else refresh it, else ask a person to sign in."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Literal

from ssoenv import settings
from ssoenv.aws_files import edits, session_sections, storage, token_cache
from ssoenv.base import clock, dialects
from ssoenv.base.errors import (
    Cancelled,
    InvalidConfiguration,
    ServiceUnavailable,
    SignInRequired,
    SsoenvError,
)
from ssoenv.base.values import dataclass, replace
from ssoenv.identity_center import oidc, start_urls
from ssoenv.identity_center.refusals import ClientRejected, GrantRejected
from ssoenv.sign_in import browser, epoch, turn
from ssoenv.sign_in.sign_out import replace_token

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssoenv.base.models import Registration, Session, Token
    from ssoenv.identity_center.client import IdentityCenter
    from ssoenv.settings import Settings
    from ssoenv.sign_in.consent import Consent
    from ssoenv.sign_in.reporter import Reporter

Method = Literal["auto", "browser", "device"]


@dataclass(frozen=True, slots=True)
class Way:
    """How to ask a person: by a page or a code; `open_browser` off only prints the address.

    `port` is where the page comes back to, on 127.0.0.1; 0 is a free one.
    """

    method: Method = "auto"
    open_browser: bool = True
    port: int = 0


_EITHER = Way()

REFRESH_WINDOW = 900
"""Seconds before its end at which a token is refreshed (botocore ``_REFRESH_WINDOW``)."""
TIMEOUT = 600.0
"""Seconds that a person has to answer; the environment may set SSOENV_SIGN_IN_TIMEOUT."""
EARLY_REFRESH_TIMEOUT = 5.0
"""Seconds that a refresh may take while the token works without it."""
REFRESH_PATIENCE = 30.0
"""Seconds that those who may not ask wait for another process to be done with the session."""
ELSEWHERE = 2.0
"""Seconds that another program has to write the token for which it used our refresh token."""


def require_token(
    session: Session,
    *,
    env: Mapping[str, str],
    consent: Consent,
    reporter: Reporter,
    force: bool = False,
    way: Way = _EITHER,
    least: int = 0,
) -> Token:
    """Return a token for `session` that works now, and still does in `least` seconds.

    `force` asks for a new sign-in whatever is cached, in the `way` that is given. A token that ends
    before `least` is refreshed, or else asked for anew: the service may give a shorter one all the
    same.
    Raises SignInRequired (and SignInDenied, SignInTimedOut), Cancelled, ServiceUnavailable,
    InvalidConfiguration or OSError.
    """
    token = None if force else _cached(session, env)
    if token and _works(token, least) and not _due(token):
        return token
    # A keyring that cannot be used is found out before a lock is held and anybody is asked.
    storage.require_usable(env)
    try:
        asking = _SignIn(session, env, consent, reporter, way, settings.load(env), least)
        return asking.refresh_or_ask(token, force=force)
    except KeyboardInterrupt:
        raise Cancelled(f"the sign-in to {session.label} was cancelled") from None


def how_to_sign_in(session: Session, env: Mapping[str, str]) -> str:
    """Return what leads to a token for `session`, where no use of AWS asks for one; else ""."""
    preferences = settings.load(env)
    if preferences.login == "manual":
        return "ssoenv login"
    return turn.how_to_go_on(env, session, preferences.sign_in_pause)


def reject_token(session: Session, env: Mapping[str, str], rejected: Token) -> None:
    """Drop an access token that the portal rejected, and keep the refresh token that renews it.

    The portal may be wrong: the refresh token is given up only when the service rejects that, too.
    Whoever has the turn of the session is about to replace the token anyway. Raises OSError.
    """
    with turn.settled(env, session) as held:
        found = token_cache.load_token(env, session)
        if not held or found is None or found.access_token != rejected.access_token:
            return
        if found.refreshable(clock.now()):
            token_cache.save_token(env, session, replace(found, expires_at=0))
        else:
            token_cache.drop_token(env, session)


@dataclass(frozen=True, slots=True)
class _SignIn:
    """One process's attempt at a token."""

    session: Session
    env: Mapping[str, str]
    consent: Consent
    reporter: Reporter
    way: Way
    settings: Settings
    least: int

    def refresh_or_ask(self, held: Token | None, *, force: bool) -> Token:
        """Take the turn of the session, and see what it takes by then.

        With a token that still works nobody waits: whoever has the turn will renew it.
        """
        patience: float | None = 0 if held and _works(held, self.least) else None
        if held is None or not held.refreshable(clock.now()):
            self._refuse_without_consent()
        elif self.consent.refusal and patience is None:
            patience = REFRESH_PATIENCE
        try:
            with turn.take(self.env, self.session, self.reporter, patience=patience) as waited:
                return self._in_turn(held, anew=force and not waited, waited=waited)
        except turn.Busy:
            if held and _works(held, self.least):
                return held
            raise

    def _in_turn(self, before: Token | None, *, anew: bool, waited: bool) -> Token:
        """Look again, now that nobody else is at it; refresh, or ask.

        What another process got while we waited for it is as good as it gets, however short.
        """
        from ssoenv.identity_center.client import IdentityCenter

        center = IdentityCenter(self.session, self.env)
        held = None if anew else _cached(self.session, self.env)
        shared = waited and held and not _is_same(held, before)
        good = held and _works(held, self.least) and (shared or not _due(held))
        token = self._renewed(center, held) if held and not good else held
        if token is None or not _works(token, self.least):
            self._refuse_without_consent()
            turn.forget_ending(self.env, self.session)
            with turn.asking(self.env, self.session):
                token = replace_token(self.session, self._ask(center), self.env)
            self._follow(token)
            self.reporter.done(self.session.label)
        return token

    def _keep(self, center: IdentityCenter, token: Token) -> None:
        """Keep a refreshed token, unless its epoch is over: then it ends like the others."""
        try:
            with epoch.lasting(self.env, self.session, token.epoch):
                token_cache.save_token(self.env, self.session, token)
        except SignInRequired:
            with contextlib.suppress(SsoenvError):
                center.logout(token)
            raise

    def _refuse_without_consent(self) -> None:
        """Raise SignInRequired unless a page may open."""
        consent, label = self.consent, self.session.label
        if consent.refusal:
            raise SignInRequired(
                f"not signed in to {label}, and {consent.refusal}",
                fix=f"ssoenv login {dialects.word(label)}",
            )
        if consent.lazy:
            turn.refuse_if_recent(self.env, self.session, self.settings.sign_in_pause)

    def _renewed(self, center: IdentityCenter, token: Token) -> Token | None:
        """Refresh `token`, and keep it; return the old one if that fails and it works, or None."""
        still = token if _works(token, self.least) else None
        if not token.refreshable(clock.now()):
            return still
        try:
            fresh = oidc.refresh(center, token, EARLY_REFRESH_TIMEOUT if still else None)
        except GrantRejected:
            import logging

            log = logging.getLogger(__name__)
            log.debug("the refresh token of %s was rejected", self.session.label)
            return still or self._renewed_elsewhere(token)
        except (ServiceUnavailable, InvalidConfiguration):
            if still is None:
                raise
            return still
        fresh = replace(fresh, epoch=token.epoch)
        self._keep(center, fresh)
        turn.forget_ending(self.env, self.session)
        return fresh

    def _renewed_elsewhere(self, rejected: Token) -> Token | None:
        """Return the token that another program has had by the refresh token that was rejected.

        The AWS CLI and the SDKs know nothing of our turn. The service tells the first of two who
        use one refresh token, and that one may not have written yet what it was told.
        """
        end = time.monotonic() + ELSEWHERE
        while True:
            found = _cached(self.session, self.env)
            if found and not _is_same(found, rejected) and _works(found, self.least):
                return found
            if time.monotonic() >= end:
                return None
            time.sleep(turn.POLL)

    def _ask(self, center: IdentityCenter) -> Token:
        """Ask the person; a client registration that the service forgot is made anew, once."""
        self.reporter.announce(self.consent.request)
        center = self._at_aws(center)
        there = replace(self.session, region=center.region)
        grant = "device_code" if self._by_device() else "authorization_code"
        cached = token_cache.load_registration(self.env, there, grant=grant)
        if cached:
            try:
                return self._ask_as(center, cached, grant)
            except ClientRejected:
                token_cache.drop_registration(self.env, there)
        registration = oidc.register(center, grant=grant)
        token_cache.save_registration(self.env, there, registration)
        return self._ask_as(center, registration, grant)

    def _at_aws(self, center: IdentityCenter) -> IdentityCenter:
        """Return `center` where its start URL leads to, which the person is told before a page."""
        from ssoenv.identity_center.client import IdentityCenter

        at = start_urls.resolve(self.session, self.env)
        if at.start_url == self.session.start_url:
            return center
        self.reporter.note(f"{self.session.start_url} leads to {at.start_url}, in {at.region}")
        return IdentityCenter(self.session, self.env, at)

    def _follow(self, token: Token) -> None:
        """Have the AWS config say the region of `token`, as the AWS CLI has it say.

        The SDKs ask the portal there. A config that cannot be written is left to the person.
        """
        label, region = self.session.label, token.region
        if region == self.session.region:
            return
        moved = False
        with contextlib.suppress(SsoenvError, OSError):
            moved = edits.apply(self.env, session_sections.moved(self.session, region))
        if moved:
            self.reporter.note(f"sso_region of {label} is now {region} in your AWS config")
        else:
            where = self.session.region_from or self.session.source
            self.reporter.note(f"{label} is in {region}: write sso_region = {region} at {where}")

    def _ask_as(self, center: IdentityCenter, registration: Registration, grant: str) -> Token:
        from ssoenv.sign_in import authorization_code, device_code

        timeout = _timeout(self.env)
        if grant == "device_code":
            return device_code.sign_in(center, registration, self.reporter, timeout)
        return authorization_code.sign_in(
            center, registration, self.reporter, timeout, self._open_page, self.way.port
        )

    def _open_page(self, url: str) -> bool:
        """Open `url`; whoever names a port may have a browser elsewhere, and none here."""
        mine = self.settings.browser
        opens = self.way.open_browser
        if self.way.port:
            opens = opens and browser.has_browser(self.env, mine)
        return opens and browser.open_page(url, self.env, mine)

    def _by_device(self) -> bool:
        """Whether to ask by device code; a legacy session always does, as in the AWS CLI."""
        if self.session.name is None or self.way.method == "device":
            return True
        return self.way.method == "auto" and not browser.has_browser(
            self.env, self.settings.browser
        )


def _cached(session: Session, env: Mapping[str, str]) -> Token | None:
    """Return the cached token of `session`, in the epoch that lasts as it is read."""
    now = epoch.current(env, session)
    token = token_cache.load_token(env, session)
    return replace(token, epoch=now) if token else None


def _is_same(token: Token, other: Token | None) -> bool:
    return other is not None and token.access_token == other.access_token


def _works(token: Token, least: int) -> bool:
    """Whether `token` lasts for more than `least` seconds."""
    return token.expires_at - clock.now() > least


def _due(token: Token) -> bool:
    """Whether a token that works should be refreshed by now, and can be."""
    now = clock.now()
    return token.expires_at - now < REFRESH_WINDOW and token.refreshable(now)


def _timeout(env: Mapping[str, str]) -> float:
    with contextlib.suppress(KeyError, ValueError):
        return min(max(0.0, float(env["SSOENV_SIGN_IN_TIMEOUT"])), 86400.0)
    return TIMEOUT
