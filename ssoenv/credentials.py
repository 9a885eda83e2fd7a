"""A role in, its credentials out: from the cache, else from the service, signing in on the way.

Of any number of processes that want the same role at once, one asks the service.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ssoenv import (
    assignments,
    aws_config,
    clock,
    credential_cache,
    files,
    paths,
    protection,
    rendered,
    rendering,
    token_cache,
)
from ssoenv.errors import AccessDenied, ServiceUnavailable, SignInRequired
from ssoenv.protection import Asker
from ssoenv.settings import matches
from ssoenv.sign_in import Reporter, require_token

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssoenv.identity_center import IdentityCenter
    from ssoenv.models import Credentials, Role, Session, Token
    from ssoenv.settings import Settings
    from ssoenv.sign_in import Consent

FRESH = 900
"""Seconds that cached credentials must have left, as the AWS CLI and the SDKs have it
(botocore ``DEFAULT_EXPIRY_WINDOW_SECONDS``)."""
USABLE = 60
"""Seconds left with which credentials still serve when no newer ones can be had."""


class Person(Reporter, Asker, Protocol):
    """Who hears of a sign-in, and answers for a protected role."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a request may do: where it runs, by whose settings, and whom it may ask.

    `protect` is what a binding says of the role; the settings may protect it, too.
    """

    env: Mapping[str, str]
    settings: Settings
    consent: Consent
    reporter: Person
    protect: bool = False


def obtain(role: Role, terms: Terms) -> Credentials:
    """Return credentials of `role` with as much time left as can be had, and render them.

    Raises SignInRequired, AccessDenied, ServiceUnavailable, InvalidConfiguration or Cancelled.
    """
    session = aws_config.find_session(terms.env, role.session)
    known = assignments.resolve(role, session, terms.env)
    _ask_if_protected(role, session, known, terms)
    cached = None
    if known:
        _refuse_denied(*known, terms.settings)
        cached = credential_cache.load(terms.env, session, *known)
    left = cached.expiration - clock.now() if cached else 0
    if cached and left >= FRESH:
        return _publish(role, session, cached, terms)
    try:
        return _Request(role, session, known, terms).fetch()
    except (SignInRequired, ServiceUnavailable):
        if cached and left >= USABLE:
            return _publish(role, session, cached, terms)
        raise


@dataclass(frozen=True, slots=True)
class _Request:
    """One role to be had from the service; `known` is its account id and name, if they are."""

    role: Role
    session: Session
    known: tuple[str, str] | None
    terms: Terms

    def fetch(self) -> Credentials:
        """Ask the service; a token that it turns away is dropped, once, and replaced."""
        from ssoenv.identity_center import IdentityCenter, TokenRejected

        center = IdentityCenter(self.session, self.terms.env)
        token = self._token()
        try:
            return self._exchange(center, token)
        except TokenRejected:
            token_cache.drop_token(self.terms.env, self.session, token.access_token)
            return self._exchange(center, self._token())

    def _token(self) -> Token:
        terms = self.terms
        return require_token(
            self.session, env=terms.env, consent=terms.consent, reporter=terms.reporter
        )

    def _exchange(self, center: IdentityCenter, token: Token) -> Credentials:
        env, session = self.terms.env, self.session
        account_id, name = self.known or assignments.resolve_online(
            self.role, session, env, center, token
        )
        _refuse_denied(account_id, name, self.terms.settings)
        with _lock(env, session, account_id, name):
            credentials = credential_cache.load(env, session, account_id, name)
            if credentials is None or credentials.expiration - clock.now() < FRESH:
                credentials = center.get_role_credentials(token, account_id, name)
                credential_cache.save(env, session, credentials)
        return _publish(self.role, session, credentials, self.terms)


def _publish(role: Role, session: Session, credentials: Credentials, terms: Terms) -> Credentials:
    """Render the credentials for the shells, unless these very ones already are."""
    env = terms.env
    unasked = not protection.by_pattern(terms.settings, role, _names(role, session, terms))
    with files.Lock(f"{paths.state(env)}/locks/rendering"):
        shown = rendered.load_role(env, role.key)
        if unasked and rendered.load_process(env, role.key) is None:
            shown = None
        if shown is None or shown.variables["AWS_ACCESS_KEY_ID"] != credentials.access_key_id:
            file = credential_cache.cache_file(
                env, session, credentials.account_id, credentials.role
            )
            rendering.publish_role(
                env,
                role.key,
                credentials,
                file,
                clock.now(),
                protect_for=0 if unasked else terms.settings.protect_for,
            )
    return credentials


def _names(role: Role, session: Session, terms: Terms) -> tuple[str, ...]:
    """Return the id and name of the account of `role`, as far as they matter and are known."""
    if not (terms.protect or terms.settings.protect):
        return ()
    listing = assignments.load(terms.env, session.label)
    account = listing.account(role.account) if listing else None
    return (account.id, account.name) if account else ()


def _ask_if_protected(
    role: Role, session: Session, known: tuple[str, str] | None, terms: Terms
) -> None:
    """Raise AccessDenied unless the role may be used without a question, or the answer is yes."""
    names = _names(role, session, terms)
    if not terms.protect and not protection.by_pattern(terms.settings, role, names):
        return
    known_id, name = names or (known[0] if known else "", "")
    consent = terms.consent
    use = protection.Use(
        role,
        known_id,
        name,
        consent.request.command,
        consent.request.file,
    )
    protection.require(
        use, terms.settings, terms.env, terms.reporter, nobody=consent.nobody, typed=consent.typed
    )


def _refuse_denied(account_id: str, role: str, settings: Settings) -> None:
    """Raise AccessDenied for a role that the user's own settings rule out."""
    for pattern in settings.never:
        if matches(pattern, account_id, role):
            raise AccessDenied(
                f"your settings never allow {account_id}/{role} (never = [{pattern!r}])",
                hint="edit ~/.config/ssoenv/config.toml",
            )


def _lock(env: Mapping[str, str], session: Session, account_id: str, role: str) -> files.Lock:
    name = paths.role_key(session.label, account_id, (role,)).replace("/", "-")
    return files.Lock(f"{paths.state(env)}/locks/{name}")
