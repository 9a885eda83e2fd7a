"""The access portal of a session, for a process that may have to sign in first."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, TypeVar

from ssoenv.base import clock
from ssoenv.base.errors import Cancelled, SsoenvError
from ssoenv.base.values import dataclass
from ssoenv.credentials import tenants
from ssoenv.identity_center import kept_listings
from ssoenv.identity_center.assignments import ENTITLED
from ssoenv.sign_in import epoch, reject_token, require_token
from ssoenv.trust import grants

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ssoenv.base.models import Role, Session, Token
    from ssoenv.credentials.terms import Terms
    from ssoenv.identity_center.assignments import Listing
    from ssoenv.identity_center.client import IdentityCenter
    from ssoenv.identity_center.discovery import Discovery, Found, Progress

T = TypeVar("T")
LOOK_EVERY = 0.1
"""Seconds between two looks at how far it is."""
KEEP_EVERY = 5.0
"""Seconds after which what came is kept, should the process be killed."""


@dataclass(frozen=True, slots=True)
class Need:
    """What has to be asked of the service.

    A list of accounts that is older than `accounts_since` (epoch seconds) is asked for anew; then
    `which` says of what accounts the roles are, by their ids, in the order of need; ENTITLED
    among them stands for the roles of IAM that the account access manager gives.
    """

    accounts_since: float
    which: Callable[[Listing], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Portal:
    """The portal of `session`; whoever has to sign in does so on these `terms`."""

    session: Session
    terms: Terms

    def ask(self, call: Callable[[IdentityCenter, Token], T], *, patient: bool = True) -> T:
        """Return what `call` gets; a token that is rejected is renewed or replaced, once.

        A `call` that paces itself wants a client that is not `patient`.
        """
        from ssoenv.identity_center.client import IdentityCenter, TokenRejected

        center = IdentityCenter(self.session, self.terms.env, patient=patient)
        token = self._token()
        try:
            return call(center, token)
        except TokenRejected:
            reject_token(self.session, self.terms.env, token)
            return call(center, self._token())

    def find(self, need: Need, progress: Callable[[Progress], None] | None = None) -> Found:
        """Return what is known once the service has been asked for all that `need` names.

        What came is kept however this ends, and nothing of it is asked for again; `progress` hears
        how far it is, some times a second.
        """

        def call(center: IdentityCenter, token: Token) -> Found:
            return self._find(center, token, need, progress)

        found = self.ask(call, patient=False)
        self._render_anew()
        return found

    def _find(
        self,
        center: IdentityCenter,
        token: Token,
        need: Need,
        progress: Callable[[Progress], None] | None,
    ) -> Found:
        with self.exploring(center, token, need, progress) as discovery:
            kept_at = time.monotonic()
            try:
                while discovery.wait(LOOK_EVERY):
                    if progress:
                        progress(discovery.progress)
                    if time.monotonic() - kept_at > KEEP_EVERY:
                        self._keep(discovery.listing, token)
                        kept_at = time.monotonic()
            except KeyboardInterrupt:
                done = discovery.progress
                raise Cancelled(
                    f"left with the roles of {done.done} of {done.total} accounts; they are kept, "
                    "and the next time goes on from there"
                ) from None
            return discovery.found

    @contextlib.contextmanager
    def open(
        self, need: Need, progress: Callable[[Progress], None] | None = None
    ) -> Iterator[Discovery]:
        """Yield what asks for all that `need` names, once the accounts are there.

        What has come by the end is kept.
        """
        from ssoenv.identity_center.client import IdentityCenter, TokenRejected

        center = IdentityCenter(self.session, self.terms.env, patient=False)
        token = self._token()
        with contextlib.ExitStack() as stack:
            try:
                opened = stack.enter_context(self.exploring(center, token, need, progress))
            except TokenRejected:
                reject_token(self.session, self.terms.env, token)
                again = self.exploring(center, self._token(), need, progress)
                opened = stack.enter_context(again)
            yield opened
        self._render_anew()

    @contextlib.contextmanager
    def exploring(
        self,
        center: IdentityCenter,
        token: Token,
        need: Need,
        progress: Callable[[Progress], None] | None = None,
    ) -> Iterator[Discovery]:
        """Open the asking for what `need` names; what has come by the end is kept."""
        from ssoenv.identity_center.discovery import Discovery

        env, kept = self.terms.env, kept_listings.of(self.terms.env, self.session)
        tenant = tenants.listed(self.session, self.terms.settings, env)
        with Discovery(center, token, kept, tenant) as discovery:
            try:
                if discovery.listing.listed_at < need.accounts_since:
                    discovery.list_accounts(progress)
                discovery.ask(need.which(discovery.listing))
                yield discovery
            finally:
                # Nothing was listed where the first call failed, which is not an empty list.
                if discovery.listing.listed_at:
                    self._keep(discovery.listing, token)

    def _keep(self, listing: Listing, token: Token) -> None:
        """Keep what came by `token`, unless somebody has signed out, or in, since: Ended."""
        env = self.terms.env
        with epoch.lasting(env, self.session, token.epoch, (self.session.label,)):
            kept_listings.merge(env, self.session, listing)

    def list_for(self, role: Role) -> Listing:
        """Return the list of accounts, and the roles of the one that `role` names, as of now.

        For a role of IAM, what the account access manager gives, if that is listed.
        """

        def which(listing: Listing) -> list[str]:
            if role.entitled:
                return [ENTITLED] if listing.entitled.tenant else []
            return [one.id for one in listing.called(role.account)]

        kept = kept_listings.of(self.terms.env, self.session)
        known = kept is not None and kept.account(role.account) is not None
        since = clock.now() - kept_listings.ACCOUNTS_MAX_AGE if known else clock.now() + 1
        found = self.find(Need(since, which))
        for failure in found.failures.values():
            raise failure
        return found.listing

    def _render_anew(self) -> None:
        """Render all roles anew.

        The list tells which role of several is held, and patterns of the settings may mean
        accounts that it names.
        """
        settings = self.terms.settings
        try:
            grants.grant_anew(self.terms.env, settings)
        except (SsoenvError, OSError):
            # Only what decides about roles has to be rendered before one is used.
            if settings.never or settings.protect:
                raise

    def _token(self) -> Token:
        terms = self.terms
        return require_token(
            self.session, env=terms.env, consent=terms.consent, reporter=terms.person
        )
