"""IAM Identity Center over the wire: the only module that knows boto3 and botocore.

Operations and shapes: botocore ``data/sso-oidc/2019-06-10`` and ``data/sso/2019-06-10``. Every
error of theirs becomes one of ours here.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import quote, urlsplit

import boto3
import botocore.session
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

from ssoenv import clock
from ssoenv.errors import (
    AccessDenied,
    InvalidConfiguration,
    ServiceUnavailable,
    SignInDenied,
    SignInRequired,
    SignInTimedOut,
)
from ssoenv.models import Account, Credentials, Registration, Token

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ssoenv.models import Session

DEFAULT_SCOPE = "sso:account:access"
REDIRECT_URI = "http://127.0.0.1/oauth/callback"
"""Registered without its port, which changes with each sign-in (RFC 8252 section 7.3)."""
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_OWNED = (
    ".amazonaws.com",
    ".amazonaws.com.cn",
    ".amazonaws.eu",
    ".api.aws",
    ".api.amazonwebservices.com.cn",
    ".api.amazonwebservices.eu",
)
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_ENDPOINTS = {"sso": "AWS_ENDPOINT_URL_SSO", "sso-oidc": "AWS_ENDPOINT_URL_SSO_OIDC"}
_DENIALS = ("ForbiddenException", "ResourceNotFoundException", "AccessDeniedException")


class TokenRejected(SignInRequired):
    """The portal does not take this token (any more), whatever its time says."""


class GrantRejected(SignInRequired):
    """The service does not take this code, refresh token or client."""


class AuthorizationPending(Exception):
    """Nobody has answered the device page yet; `slow_down` asks for longer pauses."""

    def __init__(self, *, slow_down: bool) -> None:
        """Keep whether to poll more slowly from now on."""
        super().__init__("authorization pending")
        self.slow_down = slow_down


class IdentityCenter:
    """The services behind one session."""

    def __init__(self, session: Session, env: Mapping[str, str]) -> None:
        """Take the `session`; clients are made when first used."""
        self.session = session
        self._env = env
        self._clients: dict[str, Any] = {}

    # -- sso-oidc --------------------------------------------------------------------------

    def register(self, *, grant: str) -> Registration:
        """Register a client for `grant`, as the AWS CLI v2 does it."""
        session = self.session
        name = session.name or str(clock.now())
        request: dict[str, Any] = {"clientName": f"botocore-client-{name}", "clientType": "public"}
        if grant == "authorization_code":
            request |= {
                "grantTypes": ["authorization_code", "refresh_token"],
                "redirectUris": [REDIRECT_URI],
                "issuerUrl": session.start_url,
                "scopes": list(self._scopes()),
            }
        elif session.scopes:
            request["scopes"] = list(session.scopes)
        with self._errors("sso-oidc"):
            answer = self._client("sso-oidc").register_client(**request)
        return Registration(
            answer["clientId"],
            answer["clientSecret"],
            answer["clientSecretExpiresAt"],
            tuple(request["scopes"]) if "scopes" in request else None,
            tuple(request.get("grantTypes", ())),
        )

    def authorize_url(
        self, registration: Registration, redirect: str, state: str, challenge: str
    ) -> str:
        """Return the page that asks a person for an authorization code (PKCE, RFC 7636, S256)."""
        endpoint = urlsplit(self._client("sso-oidc").meta.endpoint_url)
        fields = {
            "response_type": "code",
            "client_id": registration.client_id,
            "redirect_uri": redirect,
            "state": state,
            "code_challenge_method": "S256",
            "scopes": " ".join(self._scopes()),
            "code_challenge": challenge,
        }
        query = "&".join(f"{name}={quote(value, safe='')}" for name, value in fields.items())
        return f"{endpoint.scheme}://{endpoint.netloc}/authorize?{query}"

    def start_device_authorization(self, registration: Registration) -> dict[str, Any]:
        """Start a device sign-in (RFC 8628); return the service's answer as it is."""
        with self._errors("sso-oidc"):
            answer: dict[str, Any] = self._client("sso-oidc").start_device_authorization(
                clientId=registration.client_id,
                clientSecret=registration.client_secret,
                startUrl=self.session.start_url,
            )
        return answer

    def token_for_code(
        self, registration: Registration, code: str, verifier: str, redirect: str
    ) -> Token:
        """Exchange an authorization `code` for a token."""
        return self._create_token(
            registration,
            grantType="authorization_code",
            code=code,
            codeVerifier=verifier,
            redirectUri=redirect,
        )

    def token_for_device(self, registration: Registration, device_code: str) -> Token:
        """Ask for the token of a device sign-in. Raises AuthorizationPending until it is there."""
        return self._create_token(registration, grantType=DEVICE_GRANT, deviceCode=device_code)

    def refresh(self, token: Token) -> Token:
        """Return a new token for a refreshable one; its refresh token is kept if none came new."""
        registration = Registration(
            token.client_id or "", token.client_secret or "", token.registration_expires_at or 0
        )
        return self._create_token(
            registration, grantType="refresh_token", refreshToken=token.refresh_token
        )

    # -- the portal ------------------------------------------------------------------------

    def list_accounts(self, token: Token) -> tuple[Account, ...]:
        """Return the accounts in which the person holds a role."""
        with self._errors("sso"):
            pages = self._client("sso").get_paginator("list_accounts")
            rows = [
                row
                for page in pages.paginate(accessToken=token.access_token)
                for row in page.get("accountList", [])
            ]
        return tuple(
            Account(row["accountId"], row.get("accountName", ""), row.get("emailAddress", ""))
            for row in rows
        )

    def list_account_roles(self, token: Token, account_id: str) -> tuple[str, ...]:
        """Return the roles that the person holds in an account."""
        with self._errors("sso", f"account {account_id}"):
            pages = self._client("sso").get_paginator("list_account_roles")
            found = pages.paginate(accessToken=token.access_token, accountId=account_id)
            return tuple(row["roleName"] for page in found for row in page.get("roleList", []))

    def get_role_credentials(self, token: Token, account_id: str, role: str) -> Credentials:
        """Return fresh credentials. Raises AccessDenied, TokenRejected or ServiceUnavailable."""
        with self._errors("sso", f"role {role} in account {account_id}"):
            answer = self._client("sso").get_role_credentials(
                accessToken=token.access_token, accountId=account_id, roleName=role
            )
        keys = answer["roleCredentials"]
        return Credentials(
            keys["accessKeyId"],
            keys["secretAccessKey"],
            keys["sessionToken"],
            keys["expiration"] // 1000,
            account_id,
            role,
        )

    def logout(self, token: Token) -> None:
        """End the session of `token` at the service; one that it no longer knows is no error."""
        with contextlib.suppress(TokenRejected), self._errors("sso"):
            self._client("sso").logout(accessToken=token.access_token)

    # -- below -----------------------------------------------------------------------------

    def _scopes(self) -> tuple[str, ...]:
        return self.session.scopes or (DEFAULT_SCOPE,)

    def _create_token(self, registration: Registration, **grant: Any) -> Token:
        with self._errors("sso-oidc"):
            answer = self._client("sso-oidc").create_token(
                clientId=registration.client_id, clientSecret=registration.client_secret, **grant
            )
        return Token(
            start_url=self.session.start_url,
            region=self.session.region,
            access_token=answer["accessToken"],
            expires_at=clock.now() + answer["expiresIn"],
            client_id=registration.client_id,
            client_secret=registration.client_secret,
            registration_expires_at=registration.expires_at,
            refresh_token=answer.get("refreshToken") or grant.get("refreshToken"),
        )

    def _client(self, service: str) -> Any:
        if service not in self._clients:
            client = _make_client(service, self.session.region, self._env)
            _check_endpoint(client.meta.endpoint_url, service)
            self._clients[service] = client
        return self._clients[service]

    @contextlib.contextmanager
    def _errors(self, service: str, what: str = "this") -> Iterator[None]:
        try:
            yield
        except ClientError as error:
            self._explain(error, service, what)
        except (BotoCoreError, HTTPClientError) as error:
            endpoint = self._client(service).meta.endpoint_url
            raise ServiceUnavailable(
                f"cannot reach IAM Identity Center at {endpoint} ({type(error).__name__})",
                hint=f"check the network and proxies, then: ssoenv login {self.session.label}",
            ) from None

    def _explain(self, error: ClientError, service: str, what: str) -> NoReturn:
        code = str(error.response.get("Error", {}).get("Code", ""))
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        mend = f"ssoenv login {self.session.label}"
        if code in ("AuthorizationPendingException", "SlowDownException"):
            raise AuthorizationPending(slow_down=code == "SlowDownException") from None
        if service == "sso-oidc" and code == "AccessDeniedException":
            raise SignInDenied(f"the sign-in to {self.session.label} was declined", hint=mend)
        if code == "ExpiredTokenException":
            raise SignInTimedOut(f"nobody approved the sign-in to {self.session.label}", hint=mend)
        if code in (
            "InvalidGrantException",
            "InvalidClientException",
            "UnauthorizedClientException",
        ):
            raise GrantRejected(f"{self.session.label} wants a new sign-in ({code})", hint=mend)
        if service == "sso" and (status == 401 or code == "UnauthorizedException"):
            raise TokenRejected(f"the session {self.session.label} has ended", hint=mend)
        if service == "sso" and (status in (403, 404) or code in _DENIALS):
            raise AccessDenied(
                f"{what} is not assigned to you",
                hint=f"ssoenv roles --session {self.session.label}",
            )
        if status == 429 or status >= 500:
            raise ServiceUnavailable(f"IAM Identity Center failed ({status} {code})", hint=mend)
        raise InvalidConfiguration(
            f"IAM Identity Center refused {self.session.label}, {self.session.start_url} ({code})",
            hint=f"check sso_start_url and sso_region at {self.session.source}",
        )


def caller_identity(
    credentials: Credentials, region: str, env: Mapping[str, str]
) -> dict[str, str]:
    """Return UserId, Account and Arn of `credentials`, as STS GetCallerIdentity has them."""
    client = _session(env).client(
        "sts",
        region_name=region,
        config=_config(env, signed=True),
        aws_access_key_id=credentials.access_key_id,
        aws_secret_access_key=credentials.secret_access_key,
        aws_session_token=credentials.session_token,
    )
    try:
        answer = client.get_caller_identity()
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        raise AccessDenied(f"STS refused these credentials ({code})", hint="ssoenv login") from None
    except (BotoCoreError, HTTPClientError) as error:
        raise ServiceUnavailable(
            f"cannot reach STS at {client.meta.endpoint_url} ({type(error).__name__})",
            hint="check the network and proxies",
        ) from None
    return {name: answer[name] for name in ("UserId", "Account", "Arn")}


def _session(env: Mapping[str, str]) -> boto3.Session:
    """Return a boto3 session that no profile and no broken config of the user's can disturb."""
    core = botocore.session.Session()
    core.set_config_variable("config_file", os.devnull)
    core.set_config_variable("credentials_file", os.devnull)
    # AWS_PROFILE may name a profile of ours, or none that exists: it has no say here.
    core.session_var_map["profile"] = (None, [], None, None)
    bundle = env.get("AWS_CA_BUNDLE")
    if bundle:
        core.set_config_variable("ca_bundle", bundle)
    return boto3.Session(botocore_session=core)


def _make_client(service: str, region: str, env: Mapping[str, str]) -> Any:
    endpoint = None
    if env.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() != "true":
        endpoint = env.get(_ENDPOINTS[service]) or env.get("AWS_ENDPOINT_URL") or None
    try:
        return _session(env).client(
            service,  # type: ignore[call-overload]
            region_name=region,
            endpoint_url=endpoint,
            config=_config(env, loopback=endpoint is not None and _is_loopback(endpoint)),
        )
    except (BotoCoreError, ValueError) as error:
        raise InvalidConfiguration(
            f"no endpoint of IAM Identity Center for region {region!r} ({type(error).__name__})",
            hint="check sso_region in your AWS config",
        ) from None


def _config(env: Mapping[str, str], *, signed: bool = False, loopback: bool = False) -> Config:
    options: dict[str, Any] = {
        "connect_timeout": 5,
        "read_timeout": 20,
        "retries": {"mode": "standard", "total_max_attempts": 3},
        "max_pool_connections": 16,
    }
    if not signed:
        options["signature_version"] = UNSIGNED
    if loopback:
        options["proxies"] = {}
    if env.get("AWS_USE_FIPS_ENDPOINT", "").lower() == "true" and not loopback:
        options["use_fips_endpoint"] = True
    if env.get("AWS_USE_DUALSTACK_ENDPOINT", "").lower() == "true" and not loopback:
        options["use_dualstack_endpoint"] = True
    return Config(**options)


def _is_loopback(url: str) -> bool:
    return urlsplit(url).hostname in _LOOPBACK


def _check_endpoint(url: str, service: str) -> None:
    """Refuse to show a token to anybody but AWS and this machine, whatever the environment says."""
    host = urlsplit(url).hostname or ""
    owned = host.endswith(_OWNED) and urlsplit(url).scheme == "https"
    if not owned and host not in _LOOPBACK:
        raise InvalidConfiguration(
            f"{_ENDPOINTS[service]} sends sign-ins to {host}, which is not AWS",
            hint=f"unset {_ENDPOINTS[service]} AWS_ENDPOINT_URL",
        )
