"""IAM Identity Center over the wire.

Here is the portal; what is said to sso-oidc stands in ``oidc``, to the account access manager in
``account_access``, and to STS in ``sts``.
Operations and shapes: botocore ``data/sso/2019-06-10``.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ssoenv.base import background
from ssoenv.base.models import Account, Credentials
from ssoenv.identity_center import aws_clients, endpoints, pages
from ssoenv.identity_center.answers import LATEST, Answer
from ssoenv.identity_center.pages import at_once
from ssoenv.identity_center.refusals import TokenRejected, explain, name_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ssoenv.base.models import Session, Token
    from ssoenv.identity_center.pages import Calling
    from ssoenv.identity_center.start_urls import Resolved

__all__ = ["IdentityCenter", "TokenRejected"]

_NAME = "IAM Identity Center"


class IdentityCenter:
    """The services behind one session. Raises only errors of ours."""

    def __init__(
        self,
        session: Session,
        env: Mapping[str, str],
        at: Resolved | None = None,
        *,
        patient: bool = True,
    ) -> None:
        """Take the `session`, whose start URL led to `at`; clients are made when first used.

        One that is not `patient` makes each call once: who asks much paces itself.
        """
        self.session = session
        self.start_url = at.start_url if at else session.start_url
        self.region = at.region if at else session.region
        self._env = env
        self._attempts = aws_clients.ATTEMPTS if patient else 1
        self._clients: dict[tuple[str, str, str], Any] = {}
        self._making = threading.Lock()

    def check(self, token: Token) -> None:
        """Return if the service takes `token`. Raises TokenRejected or ServiceUnavailable."""
        request = {"accessToken": token.access_token, "maxResults": 1}
        self.ask("sso", "list_accounts", request, "the list of accounts").rows("accountList")

    def list_accounts(self, token: Token, call: Calling = at_once) -> tuple[Account, ...]:
        """Return the accounts in which the person holds a role; `call` makes each of the calls."""
        request = {"accessToken": token.access_token}
        return tuple(
            Account(
                row.text("accountId"), row.optional("accountName"), row.optional("emailAddress")
            )
            for page in self._pages("list_accounts", request, "the list of accounts", token, call)
            for row in page.rows("accountList")
        )

    def list_account_roles(
        self, token: Token, account_id: str, call: Calling = at_once
    ) -> tuple[str, ...]:
        """Return the roles that the person holds in an account; `call` makes each of the calls."""
        request = {"accessToken": token.access_token, "accountId": account_id}
        return tuple(
            row.text("roleName")
            for page in self._pages(
                "list_account_roles", request, f"account {account_id}", token, call
            )
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
        answer = self.ask("sso", "get_role_credentials", request, what, region=token.region)
        keys = answer.part("roleCredentials")
        return Credentials(
            keys.secret("accessKeyId"),
            keys.secret("secretAccessKey"),
            keys.secret("sessionToken"),
            keys.ends(keys.number("expiration", most=LATEST * 1000) // 1000),
            account_id,
            role,
        )

    def logout(self, token: Token) -> None:
        """End the session of `token` at the service; one that it no longer knows is no error."""
        with contextlib.suppress(TokenRejected):
            request = {"accessToken": token.access_token}
            answer = self.ask("sso", "logout", request, "this session", region=token.region)
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
        *,
        region: str = "",
        bearer: str = "",
    ) -> Answer:
        """Return what `service` answers to `operation`, in `seconds` if they are given.

        `what` names the thing asked for, in case that it is refused. `region` is that of a token:
        of an instance in several Regions, each knows its own tokens only. `bearer` is a token, for
        a service whose operations do not have it among their parameters.
        """
        client = self.client(service, region, bearer)
        try:
            return aws_clients.call(client, name_of(service), operation, request, seconds)
        except aws_clients.Refused as refusal:
            raise explain(service, refusal, self.session, what) from None

    def _pages(
        self, operation: str, request: Mapping[str, Any], what: str, token: Token, call: Calling
    ) -> Iterator[Answer]:
        """Yield the pages of a list of the portal."""

        def page(more: Mapping[str, str]) -> Answer:
            asked = {**request, **more}
            return call(partial(self.ask, "sso", operation, asked, what, region=token.region))

        return pages.all_of(page, f"{what} at {self.client('sso', token.region).meta.endpoint_url}")

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

    def client(self, service: str, region: str = "", bearer: str = "") -> Any:
        """Return the botocore client of `service`, in our Region or another."""
        key = service, region or self.region, bearer
        with self._making:
            if key not in self._clients:
                self._clients[key] = aws_clients.make(
                    *key[:2], self._env, attempts=self._attempts, bearer=bearer
                )
            return self._clients[key]
