"""Ask the service whether a session is good, and whether its person may have a role.

Nobody is asked to sign in for that, and no credentials are handed out or kept. A token that can be
renewed is, as any use of it would have done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssoenv import settings
from ssoenv.aws_files import credential_cache
from ssoenv.base import background, clock
from ssoenv.base.errors import AccessDenied, ServiceUnavailable
from ssoenv.credentials import tenants
from ssoenv.credentials.portal import Portal
from ssoenv.credentials.terms import Terms
from ssoenv.identity_center import account_access, assignments
from ssoenv.sign_in import Consent, SignInRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssoenv.base.models import Credentials, IamRole, Role, Session, Token
    from ssoenv.credentials.protection import Use
    from ssoenv.identity_center.client import IdentityCenter

PATIENCE = 10.0
"""Seconds that a probe takes at most, resolver, proxy and the renewal of a token included."""


class _Nobody:
    """Who is told of nothing, and asked nothing."""

    def announce(self, request: SignInRequest) -> None:
        """Never called: no sign-in begins."""

    def page(self, url: str, *, opened: bool) -> None:
        """Never called."""

    def code(self, user_code: str, uri: str, complete_uri: str, seconds: int) -> None:
        """Never called."""

    def waiting(self, seconds_left: float) -> None:
        """Never called."""

    def waiting_for_other(self, label: str) -> None:
        """Say nothing: the wait is short."""

    def note(self, text: str) -> None:
        """Never called."""

    def done(self, label: str) -> None:
        """Never called."""

    def allow(self, use: Use, seconds: int) -> bool:
        """Never called: no role is used."""
        del use, seconds
        return False

    def waiting_for_answer(self) -> None:
        """Never called."""


def probe(
    session: Session, role: Role | None, env: Mapping[str, str], *, assume: bool = False
) -> None:
    """Return if the service takes the token of `session`, and its person may have `role`, if given.

    Whether a role may assume another on top is only known by doing it, which the account's trail
    records: with `assume` it is done. Raises SignInRequired, AccessDenied, InvalidConfiguration, or
    ServiceUnavailable after PATIENCE seconds at the latest.
    """
    from ssoenv.identity_center import sts

    request = SignInRequest("", session.label, session.start_url)
    consent = Consent(request, lazy=True, refusal="this only looks", nobody="this only looks")
    preferences = settings.load(env)
    portal = Portal(session, Terms(env, preferences, consent, _Nobody()))
    tenant = tenants.of_role(role, preferences, env) if role and role.entitled else ""

    def look(center: IdentityCenter, token: Token) -> None:
        if role is None:
            center.check(token)
        elif role.entitled:
            _require_entitled(role.entitled, tenant, center, token)
        else:
            account_id, name = _held(role, center, token)
            _require_taken(credential_cache.load(env, session, account_id, name), session, env)
            if role.assumes and assume:
                first = center.get_role_credentials(token, account_id, name)
                sts.assume_role(first, role.assumes, session.region, env)

    try:
        background.within(PATIENCE, lambda: portal.ask(look))
    except TimeoutError:
        raise ServiceUnavailable(
            f"{session.label} did not answer within {PATIENCE:.0f} s", fix="ssoenv doctor"
        ) from None


def _require_taken(cached: Credentials | None, session: Session, env: Mapping[str, str]) -> None:
    """Return if AWS takes what is cached, should something be. Raises AccessDenied."""
    from ssoenv.identity_center import sts

    if cached is None or cached.expiration <= clock.now():
        return
    try:
        sts.caller_identity(cached, session.region, env)
    except sts.KeysRejected as refusal:
        advice = "they have not ended; to have others:"
        raise AccessDenied(refusal.message, fix="ssoenv whoami", advice=advice) from None


def _require_entitled(iam: IamRole, tenant: str, center: IdentityCenter, token: Token) -> None:
    """Return if the account access manager gives the role. Raises AccessDenied."""
    account_access.require_scope(center.session, account_access.READ)
    if str(iam.arn) not in (one.arn for one in account_access.list_roles(center, token, tenant)):
        raise AccessDenied(f"you are not entitled to {iam.arn}", fix="ssoenv roles")


def _held(role: Role, center: IdentityCenter, token: Token) -> tuple[str, str]:
    """Return account id and name of the first of `role` that is held. Raises AccessDenied."""
    account_id = role.account
    if not assignments.is_account_id(account_id):
        ids = (one.id for one in center.list_accounts(token) if one.name == role.account)
        account_id = next(ids, "")
    held = center.list_account_roles(token, account_id) if account_id else ()
    for name in role.roles:
        if name in held:
            return account_id, name
    there = f"you hold {', '.join(held)} there" if held else "no such account"
    raise AccessDenied(f"{role.assigned} is not assigned to you ({there})", fix="ssoenv roles")
