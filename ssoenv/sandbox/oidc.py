"""The sso-oidc service: RegisterClient, StartDeviceAuthorization, CreateToken.

botocore ``data/sso-oidc/2019-06-10/service-2.json``; RFC 8628 (device), RFC 7636 (PKCE), RFC 8252.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlsplit

from ssoenv.sandbox.state import DEVICE_SECONDS, INTERVAL
from ssoenv.sandbox.wire import WireError

if TYPE_CHECKING:
    from ssoenv.sandbox.state import Client, State

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
GRANTS = ("authorization_code", "refresh_token", DEVICE_GRANT)
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def fail(name: str, message: str) -> NoReturn:
    """Raise the error `name` of this service."""
    raise WireError("sso-oidc", name, message)


def register_client(state: State, request: dict[str, Any]) -> dict[str, Any]:
    """Register a public client."""
    if not isinstance(request.get("clientName"), str) or request.get("clientType") != "public":
        fail("InvalidClientMetadataException", "clientName and clientType public are required")
    redirects = strings(request, "redirectUris")
    for uri in redirects:
        if not is_loopback(uri):
            fail("InvalidRedirectUriException", "Redirect URIs must be loopback addresses")
    grants = strings(request, "grantTypes")
    if set(grants) - set(GRANTS):
        fail("UnsupportedGrantTypeException", "Unknown grant type")
    issuer = request.get("issuerUrl")
    if issuer is not None and state.world.instance(str(issuer)) is None:
        fail("InvalidRequestException", "Unknown issuer")
    client = state.new_client(redirects, grants, strings(request, "scopes"))
    return {
        "clientId": client.id,
        "clientSecret": client.secret,
        "clientIdIssuedAt": int(state.now()),
        "clientSecretExpiresAt": int(client.expires),
    }


def start_device_authorization(
    state: State, request: dict[str, Any], origin: str
) -> dict[str, Any]:
    """Start a device sign-in; its pages are at `origin`."""
    client = _client(state, request)
    if state.world.instance(str(request.get("startUrl"))) is None:
        fail("InvalidRequestException", "Unknown start URL")
    code, device = state.new_device(client.id)
    return {
        "deviceCode": code,
        "userCode": device.user_code,
        "verificationUri": f"{origin}/device",
        "verificationUriComplete": f"{origin}/device?user_code={device.user_code}",
        "expiresIn": DEVICE_SECONDS,
        "interval": INTERVAL,
    }


def create_token(state: State, request: dict[str, Any]) -> dict[str, Any]:
    """Exchange a grant for tokens."""
    client = _client(state, request)
    grant = request.get("grantType")
    if grant == "authorization_code":
        user, family = _by_code(state, client, request), None
    elif grant == DEVICE_GRANT:
        user, family = _by_device(state, client, request), None
    elif grant == "refresh_token":
        user, family = _by_refresh_token(state, client, request)
    else:
        fail("UnsupportedGrantTypeException", "Unknown grant type")
    access, refresh = state.new_tokens(user, client.id, family)
    return {
        "accessToken": access,
        "tokenType": "Bearer",
        "expiresIn": state.token_ttl,
        "refreshToken": refresh,
    }


def is_loopback(uri: str) -> bool:
    """Whether `uri` is an http address of this machine."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return False
    return parts.scheme == "http" and parts.hostname in LOOPBACK and not parts.username


def redirect_matches(client: Client, uri: str) -> bool:
    """Whether `client` registered `uri`: path compared exactly, port ignored (RFC 8252 7.3)."""
    return is_loopback(uri) and any(
        urlsplit(uri).path == urlsplit(known).path for known in client.redirect_uris
    )


def strings(request: dict[str, Any], key: str) -> tuple[str, ...]:
    """Return a list of strings of the request; an absent one is empty."""
    values = request.get(key) or []
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        fail("InvalidRequestException", f"{key} must be a list of strings")
    return tuple(values)


def _client(state: State, request: dict[str, Any]) -> Client:
    client = state.clients.get(str(request.get("clientId")))
    given = str(request.get("clientSecret"))
    if client is None or not secrets.compare_digest(client.secret.encode(), given.encode()):
        fail("InvalidClientException", "Client not found")
    if client.expires <= state.now():
        fail("InvalidClientException", "Client has expired")
    return client


def _by_code(state: State, client: Client, request: dict[str, Any]) -> str:
    code = state.codes.get(str(request.get("code")))
    if code is None or code.client != client.id or code.used or code.expires <= state.now():
        fail("InvalidGrantException", "Invalid grant provided")
    code.used = True
    digest = hashlib.sha256(str(request.get("codeVerifier", "")).encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    if not secrets.compare_digest(challenge.encode(), code.challenge.encode()):
        fail("InvalidGrantException", "Invalid grant provided")
    if request.get("redirectUri") != code.redirect_uri:
        fail("InvalidGrantException", "Invalid grant provided")
    return code.user


def _by_device(state: State, client: Client, request: dict[str, Any]) -> str:
    device = state.devices.get(str(request.get("deviceCode")))
    if device is None or device.client != client.id or device.status == "used":
        fail("InvalidGrantException", "Invalid grant provided")
    if device.expires <= state.now():
        fail("ExpiredTokenException", "Device code has expired")
    if device.status == "denied":
        fail("AccessDeniedException", "The authorization was denied")
    if device.status == "approved":
        device.status = "used"
        return device.user
    if state.poll_is_too_fast(device):
        fail("SlowDownException", "Polling too quickly")
    fail("AuthorizationPendingException", "Authorization is still pending")


def _by_refresh_token(state: State, client: Client, request: dict[str, Any]) -> tuple[str, str]:
    """Let a refresh token be used again while its session lasts: several tools share it."""
    token = state.refresh_tokens.get(str(request.get("refreshToken")))
    if token is None or token.client != client.id or token.family in state.ended:
        fail("InvalidGrantException", "Invalid refresh token provided")
    if token.expires <= state.now():
        fail("InvalidGrantException", "Invalid refresh token provided")
    return token.user, token.family
