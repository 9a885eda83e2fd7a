"""What a sign-in says to the sso-oidc service, as the AWS CLI v2 says it.

Operations and shapes: botocore ``data/sso-oidc/2019-06-10``. The page /authorize stands in no
model, see ``SSOTokenFetcherAuth`` of the AWS CLI. All of these raise what ``refusals`` has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ssoenv.base import clock
from ssoenv.base.errors import SignInDenied, SignInTimedOut
from ssoenv.base.models import Registration, Token
from ssoenv.base.values import dataclass, field
from ssoenv.identity_center.refusals import GrantRejected, Misfit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssoenv.base.models import Session
    from ssoenv.identity_center.client import IdentityCenter

SERVICE = "sso-oidc"
DEFAULT_SCOPE = "sso:account:access"
REDIRECT_URI = "http://127.0.0.1/oauth/callback"
"""Registered without its port, which changes with each sign-in (RFC 8252 section 7.3)."""
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"


@dataclass(frozen=True, slots=True)
class DeviceAuthorization:
    """A device sign-in that waits for its approval (RFC 8628 section 3.2); times in seconds."""

    device_code: str = field(repr=False)
    user_code: str
    uri: str
    complete_uri: str
    expires_in: int
    interval: int


def register(center: IdentityCenter, *, grant: str) -> Registration:
    """Register a client for `grant`: authorization_code or device_code."""
    session = center.session
    name = session.name or str(clock.now())
    request: dict[str, Any] = {"clientName": f"botocore-client-{name}", "clientType": "public"}
    if grant == "authorization_code":
        request |= {
            "grantTypes": ["authorization_code", "refresh_token"],
            "redirectUris": [REDIRECT_URI],
            "issuerUrl": center.start_url,
            "scopes": list(_scopes(session)),
        }
    elif session.scopes:
        request["scopes"] = list(session.scopes)
    answer = center.ask(SERVICE, "register_client", request)
    return Registration(
        answer.secret("clientId"),
        answer.secret("clientSecret"),
        answer.number("clientSecretExpiresAt"),
        tuple(request["scopes"]) if "scopes" in request else None,
        tuple(request.get("grantTypes", ())),
    )


def authorize_url(
    center: IdentityCenter, registration: Registration, redirect: str, state: str, challenge: str
) -> str:
    """Return the page that asks a person for an authorization code (PKCE, RFC 7636, S256)."""
    fields = {
        "response_type": "code",
        "client_id": registration.client_id,
        "redirect_uri": redirect,
        "state": state,
        "code_challenge_method": "S256",
        "scopes": " ".join(_scopes(center.session)),
        "code_challenge": challenge,
    }
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in fields.items())
    return f"{center.sign_in_origin()}/authorize?{query}"


def start_device_authorization(
    center: IdentityCenter, registration: Registration
) -> DeviceAuthorization:
    """Start a device sign-in (RFC 8628)."""
    request = {
        "clientId": registration.client_id,
        "clientSecret": registration.client_secret,
        "startUrl": center.start_url,
    }
    answer = center.ask(SERVICE, "start_device_authorization", request)
    uri = answer.text("verificationUri")
    return DeviceAuthorization(
        answer.secret("deviceCode"),
        answer.text("userCode"),
        uri,
        answer.optional("verificationUriComplete") or uri,
        answer.number("expiresIn"),
        answer.number("interval", default=0),
    )


def token_for_code(
    center: IdentityCenter, registration: Registration, code: str, verifier: str, redirect: str
) -> Token:
    """Exchange an authorization `code` for a token; GrantRejected for one that is not taken."""
    grant = {
        "grantType": "authorization_code",
        "code": code,
        "codeVerifier": verifier,
        "redirectUri": redirect,
    }
    return _create_token(center, registration, grant)


def token_for_device(center: IdentityCenter, registration: Registration, device_code: str) -> Token:
    """Ask for the token of a device sign-in. Raises AuthorizationPending until it is there."""
    grant = {"grantType": DEVICE_GRANT, "deviceCode": device_code}
    return _create_token(center, registration, grant)


def refresh(center: IdentityCenter, token: Token, seconds: float | None = None) -> Token:
    """Return a new token for a refreshable one; its refresh token is kept if none came new.

    Raises GrantRejected when the service refuses, however it words that.
    """
    registration = Registration(
        token.client_id or "", token.client_secret or "", token.registration_expires_at or 0
    )
    grant = {"grantType": "refresh_token", "refreshToken": token.refresh_token}
    try:
        return _create_token(center, registration, grant, seconds, region=token.region)
    except (SignInDenied, SignInTimedOut, Misfit) as refusal:
        raise GrantRejected(refusal.message, fix=refusal.fix, advice=refusal.advice) from None


def _create_token(
    center: IdentityCenter,
    registration: Registration,
    grant: Mapping[str, Any],
    seconds: float | None = None,
    *,
    region: str = "",
) -> Token:
    client = {"clientId": registration.client_id, "clientSecret": registration.client_secret}
    request = {**client, **grant}
    answer = center.ask(SERVICE, "create_token", request, seconds=seconds, region=region)
    return Token(
        start_url=center.session.start_url,
        region=region or center.region,
        access_token=answer.secret("accessToken"),
        expires_at=clock.now() + answer.number("expiresIn"),
        client_id=registration.client_id,
        client_secret=registration.client_secret,
        registration_expires_at=registration.expires_at,
        refresh_token=answer.optional("refreshToken") or grant.get("refreshToken"),
    )


def _scopes(session: Session) -> tuple[str, ...]:
    return session.scopes or (DEFAULT_SCOPE,)
