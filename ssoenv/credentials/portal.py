"""The access portal of a session, for a process that may have to sign in first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from ssoenv.base.errors import SsoenvError
from ssoenv.identity_center import assignments, kept_listings
from ssoenv.sign_in import reject_token, require_token
from ssoenv.trust import grants

if TYPE_CHECKING:
    from collections.abc import Callable

    from ssoenv.base.models import Session, Token
    from ssoenv.credentials.terms import Terms
    from ssoenv.identity_center.assignments import Listing
    from ssoenv.identity_center.client import IdentityCenter

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Portal:
    """The portal of `session`; whoever has to sign in does so on these `terms`."""

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

    def list_anew(self, progress: Callable[[int, int], None] | None = None) -> Listing:
        """Return the list of accounts and roles from the service, and keep it.

        `progress` hears how many accounts are done, and of how many. The list tells which role of
        several is held, and patterns of the settings may mean accounts that it names: so whatever
        is rendered is rendered anew by it.
        """
        env, settings = self.terms.env, self.terms.settings
        listing = self.ask(lambda center, token: assignments.fetch(center, token, progress))
        kept_listings.save(env, self.session, listing)
        try:
            grants.grant_anew(env, settings)
        except (SsoenvError, OSError):
            # Only what decides about roles has to be rendered before one is used.
            if settings.never or settings.protect:
                raise
        return listing

    def _token(self) -> Token:
        terms = self.terms
        return require_token(
            self.session, env=terms.env, consent=terms.consent, reporter=terms.person
        )
