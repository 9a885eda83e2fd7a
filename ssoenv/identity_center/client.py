"""IAM Identity Center over the wire.

Here is the portal; what is said to sso-oidc stands in ``oidc``, and what to STS in ``sts``.
Operations and shapes: botocore ``data/sso/2019-06-10``.
"""

from __future__ import annotations

import contextlib
import socket
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ssoenv.base import background
from ssoenv.base.errors import ServiceUnavailable
from ssoenv.base.models import Account, Credentials
from ssoenv.identity_center import aws_clients, endpoints
from ssoenv.identity_center.answers import LATEST, Answer
from ssoenv.identity_center.refusals import TokenRejected, explain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ssoenv.base.models import Session, Token

__all__ = ["IdentityCenter", "TokenRejected"]

LIST_TIMEOUT = 60
"""Seconds for a list of several pages, each of which is a call."""
_NAME = "IAM Identity Center"


class IdentityCenter:
    """The services behind one session. Raises only errors of ours."""

    def __init__(self, session: Session, env: Mapping[str, str]) -> None:
        """Take the `session`; clients are made when first used."""
        self.session = session
        self._env = env
        self._clients: dict[str, Any] = {}

    def list_accounts(self, token: Token) -> tuple[Account, ...]:
        """Return the accounts in which the person holds a role."""
        request = {"accessToken": token.access_token}
        return tuple(
            Account(
                row.text("accountId"), row.optional("accountName"), row.optional("emailAddress")
            )
            for page in self._pages("list_accounts", request, "the list of accounts")
            for row in page.rows("accountList")
        )

    def list_account_roles(self, token: Token, account_id: str) -> tuple[str, ...]:
        """Return the roles that the person holds in an account."""
        request = {"accessToken": token.access_token, "accountId": account_id}
        return tuple(
            row.text("roleName")
            for page in self._pages("list_account_roles", request, f"account {account_id}")
            for row in page.rows("roleList")
        )

    def get_role_credentials(self, token: Token, account_id: str, role: str) -> Credentials:
        """Return fresh credentials. Raises AccessDenied, TokenRejected or ServiceUnavailable."""
        request = {
            "accessToken": token.access_token,
            "accountId": account_id,
            "roleName": role,
        }
        what = f"role {role} in account {account_id}"
        keys = self.ask("sso", "get_role_credentials", request, what).part("roleCredentials")
        return Credentials(
            keys.secret("accessKeyId"),
            keys.secret("secretAccessKey"),
            keys.secret("sessionToken"),
            keys.number("expiration", most=LATEST * 1000) // 1000,
            account_id,
            role,
        )

    def logout(self, token: Token) -> None:
        """End the session of `token` at the service; one that it no longer knows is no error."""
        with contextlib.suppress(TokenRejected):
            answer = self.ask("sso", "logout", {"accessToken": token.access_token}, "this session")
            headers = answer.part("ResponseMetadata").part("HTTPHeaders")
            # It answers with nothing: only its headers tell it from a page of somebody else's.
            if headers.optional("content-length") != "0":
                headers.text("x-amzn-requestid")

    def ask(
        self,
        service: str,
        operation: str,
        request: Mapping[str, Any],
        what: str = "",
        seconds: float | None = None,
    ) -> Answer:
        """Return what `service` answers to `operation`, in `seconds` if they are given.

        `what` names the thing asked for, in case that it is refused.
        """
        try:
            return aws_clients.call(self.client(service), _NAME, operation, request, seconds)
        except aws_clients.Refused as refusal:
            raise explain(service, refusal.code, refusal.status, self.session, what) from None

    def _pages(self, operation: str, request: Mapping[str, Any], what: str) -> Iterator[Answer]:
        """Yield the pages of a list of the portal, as far as each names a next one, once."""
        end = time.monotonic() + LIST_TIMEOUT
        seen: set[str] = set()
        more = ""
        while True:
            page = self.ask(
                "sso", operation, {**request, **({"nextToken": more} if more else {})}, what
            )
            yield page
            more = page.optional("nextToken")
            if not more:
                return
            if more in seen or time.monotonic() > end:
                raise ServiceUnavailable(
                    f"{what} has no end at {self.client('sso').meta.endpoint_url}",
                    fix="ssoenv doctor",
                )
            seen.add(more)

    def check_reachable(self, page: str) -> None:
        """Raise ServiceUnavailable unless somebody listens where `page` is, or at the proxy to it.

        A page that cannot load would never answer, and who waits for it would not learn why.
        """
        parts = urlsplit(page)
        origin = f"{parts.scheme}://{parts.netloc}"
        way = aws_clients.proxies(origin).get(parts.scheme) or origin

        def connect() -> None:
            there = urlsplit(way)
            port = there.port or {"http": 80, "https": 443}.get(there.scheme, 443)
            seconds = aws_clients.CONNECT_TIMEOUT
            socket.create_connection((there.hostname or "", port), seconds).close()

        try:
            background.within(aws_clients.CONNECT_TIMEOUT, connect)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error) or "no answer in time"
            raise aws_clients.unreachable(_NAME, origin, reason) from None

    def time(self) -> int:
        """Return what time it is at the service."""
        client = self.client("sso-oidc")
        endpoints.check(client.meta.endpoint_url, "sso-oidc", self._env)
        return aws_clients.time_at(client, _NAME, self._env)

    def sign_in_origin(self) -> str:
        """Return the scheme and the authority of the pages of a sign-in."""
        request = {"clientName": "none", "clientType": "public"}
        return aws_clients.origin(self.client("sso-oidc"), _NAME, "register_client", request)

    def client(self, service: str) -> Any:
        """Return the botocore client of sso or sso-oidc."""
        if service not in self._clients:
            self._clients[service] = aws_clients.make(service, self.session.region, self._env)
        return self._clients[service]
