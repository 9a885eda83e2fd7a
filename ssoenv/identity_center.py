"""IAM Identity Center over the wire: the only module that knows boto3 and botocore.

Here are the clients, the portal and STS; what is said to sso-oidc stands in ``sso_oidc``.
Operations and shapes: botocore ``data/sso/2019-06-10``. Every error of theirs becomes ours here.
"""

from __future__ import annotations

import contextlib
import os
import socket
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import boto3
import botocore.session
from botocore import UNSIGNED
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.httpsession import URLLib3Session
from botocore.utils import get_environ_proxies

from ssoenv import endpoints
from ssoenv.errors import AccessDenied, InvalidConfiguration, ServiceUnavailable
from ssoenv.models import Account, Credentials
from ssoenv.service_errors import TokenRejected, explain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ssoenv.models import Session, Token

__all__ = ["IdentityCenter", "TokenRejected", "caller_identity"]

CONNECT_TIMEOUT = 5
"""Seconds."""
_NETWORK = "check the network and proxies"


class IdentityCenter:
    """The services behind one session. Raises only errors of ours."""

    def __init__(self, session: Session, env: Mapping[str, str]) -> None:
        """Take the `session`; clients are made when first used."""
        self.session = session
        self._env = env
        self._clients: dict[str, Any] = {}

    def list_accounts(self, token: Token) -> tuple[Account, ...]:
        """Return the accounts in which the person holds a role."""
        with self.errors("sso", "the list of accounts"):
            pages = self.client("sso").get_paginator("list_accounts")
            return tuple(
                Account(row["accountId"], row.get("accountName", ""), row.get("emailAddress", ""))
                for page in pages.paginate(accessToken=token.access_token)
                for row in page.get("accountList", [])
            )

    def list_account_roles(self, token: Token, account_id: str) -> tuple[str, ...]:
        """Return the roles that the person holds in an account."""
        with self.errors("sso", f"account {account_id}"):
            pages = self.client("sso").get_paginator("list_account_roles")
            found = pages.paginate(accessToken=token.access_token, accountId=account_id)
            return tuple(row["roleName"] for page in found for row in page.get("roleList", []))

    def get_role_credentials(self, token: Token, account_id: str, role: str) -> Credentials:
        """Return fresh credentials. Raises AccessDenied, TokenRejected or ServiceUnavailable."""
        with self.errors("sso", f"role {role} in account {account_id}"):
            answer = self.client("sso").get_role_credentials(
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
        with contextlib.suppress(TokenRejected), self.errors("sso", "this session"):
            self.client("sso").logout(accessToken=token.access_token)

    def check_reachable(self, page: str) -> None:
        """Raise ServiceUnavailable unless somebody listens where `page` is, or at the proxy to it.

        A page that cannot load would never answer, and who waits for it would not learn why.
        """
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(page))
        proxies = {} if endpoints.is_loopback(origin) else get_environ_proxies(origin)
        parts = urlsplit(proxies.get(urlsplit(origin).scheme) or origin)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 443)
        try:
            socket.create_connection((parts.hostname or "", port), CONNECT_TIMEOUT).close()
        except OSError as error:
            raise ServiceUnavailable(
                f"cannot reach IAM Identity Center at {origin} ({error.strerror or error})",
                hint=_NETWORK,
            ) from None

    def time(self) -> int:
        """Return what time it is at the service, by its answer's Date header (RFC 9110, 6.6.1)."""
        from email.utils import parsedate_to_datetime

        url = self.client("sso-oidc").meta.endpoint_url
        endpoints.check(url, "sso-oidc", self._env)
        loopback = endpoints.is_loopback(url)
        http = URLLib3Session(
            proxies={} if loopback else get_environ_proxies(url),
            verify=self._env.get("AWS_CA_BUNDLE") or True,  # type: ignore[arg-type] # a path serves
            timeout=CONNECT_TIMEOUT,
        )
        with self.errors("sso-oidc"):
            answer = http.send(AWSRequest("GET", url).prepare())
            return int(parsedate_to_datetime(answer.headers["Date"]).timestamp())

    def client(self, service: str) -> Any:
        """Return the botocore client of sso or sso-oidc."""
        if service not in self._clients:
            self._clients[service] = _make_client(service, self.session.region, self._env)
        return self._clients[service]

    @contextlib.contextmanager
    def errors(self, service: str, what: str = "") -> Iterator[None]:
        """Turn what a call of `service` and reading its answer can raise into errors of ours."""
        try:
            yield
        except ClientError as error:
            code, status = _refusal(error)
            raise explain(service, code, status, self.session, what) from None
        except (BotoCoreError, HTTPClientError) as error:
            raise _unreachable("IAM Identity Center", self.client(service), error) from None
        except (KeyError, TypeError):
            raise ServiceUnavailable(
                f"{self.client(service).meta.endpoint_url} does not answer as IAM Identity Center",
                hint=_NETWORK,
            ) from None


def caller_identity(
    credentials: Credentials, region: str, env: Mapping[str, str]
) -> dict[str, str]:
    """Return UserId, Account and Arn of `credentials`, as STS GetCallerIdentity has them."""
    client = _make_client("sts", region, env, credentials)
    try:
        answer = client.get_caller_identity()
    except ClientError as error:
        code, status = _refusal(error)
        if status == 429 or status >= 500:
            raise ServiceUnavailable(
                f"STS failed ({status} {code})", hint="wait a minute, then: ssoenv whoami"
            ) from None
        raise AccessDenied(f"STS refused these credentials ({code})", hint="ssoenv login") from None
    except (BotoCoreError, HTTPClientError) as error:
        raise _unreachable("STS", client, error) from None
    return {name: answer[name] for name in ("UserId", "Account", "Arn")}


def _refusal(error: ClientError) -> tuple[str, int]:
    """Return the error code and the HTTP status of a refusal."""
    code = str(error.response.get("Error", {}).get("Code", ""))
    return code, error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)


def _unreachable(name: str, client: Any, error: Exception) -> ServiceUnavailable:
    return ServiceUnavailable(
        f"cannot reach {name} at {client.meta.endpoint_url} ({type(error).__name__})",
        hint=_NETWORK,
    )


def _session(env: Mapping[str, str]) -> boto3.Session:
    """Return a boto3 session that no profile and no broken config of the user's can disturb."""
    core = botocore.session.Session()
    core.set_config_variable("config_file", os.devnull)
    core.set_config_variable("credentials_file", os.devnull)
    # AWS_PROFILE may name a profile of ours, or none that exists: it has no say here.
    core.session_var_map["profile"] = (None, [], None, None)
    if env.get("AWS_CA_BUNDLE"):
        core.set_config_variable("ca_bundle", env["AWS_CA_BUNDLE"])
    return boto3.Session(botocore_session=core)


def _make_client(
    service: str, region: str, env: Mapping[str, str], credentials: Credentials | None = None
) -> Any:
    """Return a client that talks to AWS and to this machine only; unsigned without keys."""
    keys = {
        "aws_access_key_id": credentials and credentials.access_key_id,
        "aws_secret_access_key": credentials and credentials.secret_access_key,
        "aws_session_token": credentials and credentials.session_token,
    }
    endpoint = endpoints.override(service, env)
    if endpoint:
        endpoints.check(endpoint, service, env)
    config = _config(signed=credentials is not None, loopback=endpoints.is_loopback(endpoint or ""))
    try:
        client = _session(env).client(  # type: ignore[call-overload]
            service, region_name=region, endpoint_url=endpoint, config=config, **keys
        )
    except (BotoCoreError, ValueError) as error:
        raise InvalidConfiguration(
            f"no endpoint of {service} for region {region!r} ({type(error).__name__})",
            hint="check sso_region in your AWS config",
        ) from None

    def check(params: Mapping[str, str], **_: object) -> None:
        endpoints.check(params["url"], service, env)

    # Rule sets have the last word on the address; so what counts is each request as it leaves.
    client.meta.events.register_first("before-call", check)
    return client


def _config(*, signed: bool, loopback: bool) -> Config:
    options: dict[str, Any] = {
        "connect_timeout": CONNECT_TIMEOUT,
        "read_timeout": 20,
        "retries": {"mode": "standard", "total_max_attempts": 3},
        "max_pool_connections": 16,
    }
    if not signed:
        options["signature_version"] = UNSIGNED
    if loopback:
        options |= {"proxies": {}, "use_fips_endpoint": False, "use_dualstack_endpoint": False}
    return Config(**options)
