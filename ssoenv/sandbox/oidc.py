"""The sso-oidc service: RegisterClient, StartDeviceAuthorization, CreateToken.

botocore ``data/sso-oidc/2019-06-10/service-2.json``; RFC 8628 (device), RFC 7636 (PKCE), RFC 8252.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from typing import TYPE_CHECKING, Any, NoReturn

from ssoenv.sandbox.records import INTERVAL
from ssoenv.sandbox.redirects import is_loopback
from ssoenv.sandbox.state import DEVICE_SECONDS
from ssoenv.sandbox.wire import WireError

if TYPE_CHECKING:
    from ssoenv.sandbox.records import Client, SignIn
    from ssoenv.sandbox.state import State
    from ssoenv.sandbox.world import Instance

CODE_GRANT = "authorization_code"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
REFRESH_GRANT = "refresh_token"
_SCOPE = re.compile(r"[!#-\[\]-~]+")  # RFC 6749 section 3.3
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")  # RFC 7636 section 4.1


def fail(name: str, message: str) -> NoReturn:
    """Raise the error `name` of this service."""
    raise WireError("sso-oidc", name, message)


def register_client(state: State, request: dict[str, Any]) -> dict[str, Any]:
    """Register a public client."""
    name = _text(request, "clientName")
    if _text(request, "clientType") != "public":
        fail("InvalidClientMetadataException", "Only public clients can be registered")
    redirects, grants = _strings(request, "redirectUris"), _strings(request, "grantTypes")
    scopes = _strings(request, "scopes")
    if not all(is_loopback(uri) for uri in redirects):
        fail("InvalidRedirectUriException", "Redirect URIs must be loopback addresses")
    if set(grants) - {CODE_GRANT, DEVICE_GRANT, REFRESH_GRANT}:
        fail("UnsupportedGrantTypeException", "Unknown grant type")
    if not all(_SCOPE.fullmatch(scope) for scope in scopes):
        fail("InvalidScopeException", "Invalid scope")
    issuer = request.get("issuerUrl")
    session = "" if issuer is None else _instance(state, _text(request, "issuerUrl")).session
    if CODE_GRANT in grants and not (redirects and session):
        fail("InvalidRequestException", f"{CODE_GRANT} needs redirectUris and issuerUrl")
    client = state.new_client(redirects, grants, scopes, name, session)
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
    client = _client(state, request, DEVICE_GRANT)
    instance = _instance(state, _text(request, "startUrl"))
    code, device = state.new_device(client.id, instance.session)
    return {
        "deviceCode": code,
        "userCode": device.user_code,
        "verificationUri": f"{origin}/device",
        "verificationUriComplete": f"{origin}/device?user_code={device.user_code}",
        "expiresIn": DEVICE_SECONDS,
        "interval": INTERVAL,
    }


def create_token(state: State, request: dict[str, Any]) -> dict[str, Any]:
    """Exchange a grant for tokens.

    A client that asked for no scopes gets no refresh token at its sign-in: such are the sessions
    of profiles without an [sso-session].
    """
    grant = _text(request, "grantType")
    grants = {CODE_GRANT: _by_code, DEVICE_GRANT: _by_device, REFRESH_GRANT: _by_refresh_token}
    if grant not in grants:
        fail("UnsupportedGrantTypeException", "Unknown grant type")
    client = _client(state, request, grant)
    sign_in = grants[grant](state, client, request)
    access, refresh = state.new_tokens(sign_in.user, client.id, sign_in)
    answer = {
        "accessToken": access,
        "tokenType": "Bearer",
        "expiresIn": round(state.tokens[access].expires - state.now()),
    }
    if refresh and (client.scopes or grant == REFRESH_GRANT):
        answer["refreshToken"] = refresh
    return answer


def _client(state: State, request: dict[str, Any], grant: str) -> Client:
    client = state.client(_text(request, "clientId"))
    given = _text(request, "clientSecret")
    if client is None or not hmac.compare_digest(client.secret.encode(), given.encode()):
        fail("InvalidClientException", "Client not found")
    if client.expires <= state.now():
        fail("InvalidClientException", "Client has expired")
    # A client that named no grants is for devices, as all were before there was another.
    if grant not in (client.grant_types or (DEVICE_GRANT, REFRESH_GRANT)):
        fail("UnauthorizedClientException", "Client is not registered for this grant type")
    return client


def _instance(state: State, start_url: str) -> Instance:
    instance = state.world.instance(start_url)
    if instance is None:
        fail("InvalidRequestException", "No instance has this start URL")
    return instance


def _by_code(state: State, client: Client, request: dict[str, Any]) -> SignIn:
    code = state.codes.get(_text(request, "code"))
    verifier, redirect = _text(request, "codeVerifier"), _text(request, "redirectUri")
    if code is None or code.client != client.id or code.used or code.expires <= state.now():
        fail("InvalidGrantException", "Invalid authorization code provided")
    code.used = True
    digest = hashlib.sha256(verifier.encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    if not _VERIFIER.fullmatch(verifier) or challenge != code.challenge:
        fail("InvalidGrantException", "PKCE code verifier does not match")
    if redirect != code.redirect_uri:
        fail("InvalidGrantException", "Redirect URI does not match")
    return _signed_in(state, code.user, client.session)


def _by_device(state: State, client: Client, request: dict[str, Any]) -> SignIn:
    device = state.devices.get(_text(request, "deviceCode"))
    if device is None or device.client != client.id or device.status == "used":
        fail("InvalidGrantException", "Invalid device code provided")
    if device.expires <= state.now():
        fail("ExpiredTokenException", "Device code has expired")
    if device.status == "denied":
        fail("AccessDeniedException", "The authorization was denied")
    if device.status == "approved":
        device.status = "used"
        return _signed_in(state, device.user, device.session)
    if state.poll_is_too_fast(device):
        fail("SlowDownException", "Polling too quickly")
    fail("AuthorizationPendingException", "Authorization is still pending")


def _signed_in(state: State, user: str, session: str) -> SignIn:
    if user not in state.directory.users:
        fail("InvalidGrantException", "The user does not exist any more")
    return state.new_sign_in(user, session)


def _by_refresh_token(state: State, client: Client, request: dict[str, Any]) -> SignIn:
    sign_in = state.use_refresh_token(_text(request, "refreshToken"), client.id)
    if sign_in is None:
        fail("InvalidGrantException", "Invalid refresh token provided")
    return sign_in


def _text(request: dict[str, Any], key: str) -> str:
    value = request.get(key)
    if not isinstance(value, str) or not value:
        fail("InvalidRequestException", f"{key} is required, as a string")
    return value


def _strings(request: dict[str, Any], key: str) -> tuple[str, ...]:
    """Return a list of strings of the request; an absent one is empty."""
    values = request.get(key) or []
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        fail("InvalidRequestException", f"{key} must be a list of strings")
    return tuple(values)
