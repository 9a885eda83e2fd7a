"""A role in, its credentials out: from the cache, else from the service, signing in on the way.

Of any number of processes that want the same role at once, one asks the service.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from ssoenv import policy, protection, trust
from ssoenv.aws_files import config as aws_config
from ssoenv.aws_files import credential_cache
from ssoenv.base import clock, files, paths
from ssoenv.base.errors import AccessDenied, ServiceUnavailable, SignInRequired
from ssoenv.identity_center import assignments
from ssoenv.protection import Asker
from ssoenv.shells import hook as hook_text
from ssoenv.shells import rendered, rendering
from ssoenv.sign_in import Reporter, epoch, reject_token, require_token

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ssoenv.base.models import Credentials, Role, Session, Token
    from ssoenv.identity_center.assignments import Listing
    from ssoenv.identity_center.client import IdentityCenter
    from ssoenv.policy import Target
    from ssoenv.settings import Settings
    from ssoenv.sign_in import Consent

T = TypeVar("T")

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

    `profile` is the profile of a binding file that names the role, where one does; `protect` is
    what that file says of it.
    """

    env: Mapping[str, str]
    settings: Settings
    consent: Consent
    reporter: Person
    protect: bool = False
    profile: str = ""


@dataclass(frozen=True, slots=True)
class Admission:
    """A role that the policy lets `terms` use, not fetched yet.

    `account_id` and `name` are what `role` means. `unasked`: any program may have it without a
    question; `seconds` is for how long a person's answer holds, and 0 where none was needed.
    `epoch` is that of the session as the request began: after a sign-out nothing of it is kept.
    """

    role: Role
    session: Session
    account_id: str
    name: str
    terms: Terms
    unasked: bool
    seconds: int
    epoch: bytes


def obtain(role: Role, terms: Terms) -> Credentials:
    """Return credentials of `role` with as much time left as can be had, and render them.

    Raises SignInRequired, AccessDenied, ServiceUnavailable, InvalidConfiguration or Cancelled.
    """
    return fetch(admit(role, terms))


def admit(role: Role, terms: Terms) -> Admission:
    """Return `role` as one that may be used on these `terms`, after the question that it may take.

    Where a pattern of the settings turns on what the user's list of accounts does not tell, the
    service is asked first. Raises AccessDenied, and what asking the service raises.
    """
    session = aws_config.find_session(terms.env, role.session)
    began = epoch.current(terms.env, session)
    portal = _Portal(session, terms)
    listing = assignments.load(terms.env, session.label) if _takes_a_list(role, terms) else None
    target = policy.target(role, listing, profile=terms.profile, protect=terms.protect)
    verdict = policy.verdict(terms.settings, target)
    if verdict.answer == "unknown":
        listing = portal.list_anew()
        assignments.resolve_in(listing, role, session)
        target = policy.target(role, listing, profile=terms.profile, protect=terms.protect)
        verdict = policy.verdict(terms.settings, target)
    if verdict.answer in ("refused", "unknown"):
        raise AccessDenied(verdict.reason, advice=f"see {paths.settings_file(terms.env)}")
    seconds = _ask(role, target, terms) if verdict.answer == "ask" else 0
    unasked = policy.verdict(terms.settings, policy.without_file(target)).answer == "allowed"
    known = assignments.resolve(role, listing)
    if known is None:
        known = assignments.resolve_in(portal.list_anew(), role, session)
    return Admission(role, session, *known, terms, unasked, seconds, began)


def fetch(admission: Admission) -> Credentials:
    """Return credentials of the role that was admitted: cached, else from the service."""
    env, session = admission.terms.env, admission.session
    cached = credential_cache.load(env, session, admission.account_id, admission.name)
    left = cached.expiration - clock.now() if cached else 0
    if cached and left >= FRESH:
        return _publish(admission, cached)
    try:
        portal = _Portal(session, admission.terms)
        return portal.ask(lambda center, token: _exchange(admission, center, token))
    except (SignInRequired, ServiceUnavailable):
        if cached and left >= USABLE:
            return _publish(admission, cached)
        raise


@dataclass(frozen=True, slots=True)
class _Portal:
    """The access portal of a session, for a process that may have to sign in first."""

    session: Session
    terms: Terms

    def ask(self, call: Callable[[IdentityCenter, Token], T]) -> T:
        """Return what `call` gets; a token that is rejected is renewed or replaced, once."""
        from ssoenv.identity_center.client import IdentityCenter, TokenRejected

        center = IdentityCenter(self.session, self.terms.env)
        token = self._token()
        try:
            return call(center, token)
        except TokenRejected:
            reject_token(self.session, self.terms.env, token)
            return call(center, self._token())

    def list_anew(self) -> Listing:
        """Return the list of accounts from the service, and keep it.

        Patterns may mean accounts that it names, so whatever is rendered is judged anew by it.
        """
        env, settings = self.terms.env, self.terms.settings
        listing = self.ask(assignments.fetch)
        assignments.save(env, self.session, listing)
        if settings.never or settings.protect:
            trust.grant_anew(env, hook_text.program(), settings)
        return listing

    def _token(self) -> Token:
        terms = self.terms
        return require_token(
            self.session, env=terms.env, consent=terms.consent, reporter=terms.reporter
        )


def _takes_a_list(role: Role, terms: Terms) -> bool:
    """Whether the user's list of accounts tells more about `role` than the request itself."""
    settings = terms.settings
    named = bool(terms.protect or settings.protect or settings.never)
    return named or assignments.resolve(role, None) is None


def _ask(role: Role, target: Target, terms: Terms) -> int:
    """Return for how many seconds a person lets `role` be used. Raises AccessDenied."""
    consent = terms.consent
    use = protection.Use(role, target, consent.request.command, consent.request.file)
    return protection.require(
        use, terms.settings, terms.env, terms.reporter, nobody=consent.nobody, typed=consent.typed
    )


def _exchange(admission: Admission, center: IdentityCenter, token: Token) -> Credentials:
    """Have the service give credentials, unless another process has just had them."""
    env, session = admission.terms.env, admission.session
    account_id, name = admission.account_id, admission.name
    with _lock(env, session, account_id, name):
        credentials = credential_cache.load(env, session, account_id, name)
        if credentials is None or credentials.expiration - clock.now() < FRESH:
            credentials = center.get_role_credentials(token, account_id, name)
            with epoch.lasting(env, session, admission.epoch):
                credential_cache.save(env, session, credentials)
    return _publish(admission, credentials)


def _publish(admission: Admission, credentials: Credentials) -> Credentials:
    """Render the credentials for the shells, unless these very ones already are."""
    env, role, unasked = admission.terms.env, admission.role, admission.unasked
    lock = files.Lock(f"{paths.state(env)}/locks/rendering")
    with epoch.lasting(env, admission.session, admission.epoch), lock:
        shown = rendered.load_role(env, role.key, protected=True)
        if unasked != (rendered.load_process(env, role.key) is not None):
            shown = None
        if shown is None or shown.variables["AWS_ACCESS_KEY_ID"] != credentials.access_key_id:
            file = credential_cache.cache_file(
                env, admission.session, credentials.account_id, credentials.role
            )
            rendering.publish_role(
                env,
                role.key,
                credentials,
                file,
                clock.now(),
                protect_for=0 if unasked else admission.terms.settings.protect_for,
            )
    return credentials


def _lock(env: Mapping[str, str], session: Session, account_id: str, role: str) -> files.Lock:
    name = paths.role_key(session.label, account_id, (role,)).replace("/", ",")
    return files.Lock(f"{paths.state(env)}/locks/{name}")
