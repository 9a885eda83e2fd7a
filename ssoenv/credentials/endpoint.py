"""The container credentials endpoint: credentials by HTTP, for one command and as long as it runs.

The SDKs ask it as they ask the agent of a container (botocore ``ContainerProvider`` and
``ContainerMetadataFetcher``): a GET of ``AWS_CONTAINER_CREDENTIALS_FULL_URI`` with
``AWS_CONTAINER_AUTHORIZATION_TOKEN`` as it stands in the header Authorization, answered by
``{"AccessKeyId", "SecretAccessKey", "Token", "Expiration", "AccountId"}``.

Any program and any page of a browser on this machine can talk to it. So it takes one path, one
Host and the token, and everything else is an error that repeats nothing.
"""

from __future__ import annotations

import ipaddress
import json
import re
import secrets
from typing import TYPE_CHECKING

from ssoenv.base import clock, dialects
from ssoenv.base.errors import ServiceUnavailable, SsoenvError, UsageError
from ssoenv.base.values import dataclass
from ssoenv.sign_in.loopback import LoopbackServer, SilentHandler

if TYPE_CHECKING:
    from collections.abc import Callable

    from ssoenv.base.models import Credentials

PATH = "/credentials"
FOR_CONTAINERS = ("169.254.170.2", "169.254.170.23", "fd00:ec2::23")
"""Addresses, beside loopback, from which SDKs take credentials over plain HTTP (botocore
``ContainerMetadataFetcher._ALLOWED_HOSTS``, and the same list in the other SDKs)."""
_HEADERS = {
    "Content-Type": "application/json",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}
_ADDRESS = re.compile(r"(?:\[([^\]]+)\]|([^:\[\]]+))(?::([0-9]{1,5}))?")
_EXAMPLE = "ssoenv exec --serve-on 169.254.170.2 -- CMD"


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen: an IP address of this machine, and a port; 0 is a free one."""

    host: str = "127.0.0.1"
    port: int = 0

    @property
    def is_for_sdks(self) -> bool:
        """Whether SDKs take credentials from there."""
        return ipaddress.ip_address(self.host).is_loopback or self.host in FOR_CONTAINERS


def parse_address(text: str) -> Address:
    """Return ``ADDRESS``, ``ADDRESS:PORT`` or ``[ADDRESS]:PORT`` as an address to listen on.

    Raises UsageError for what is none, for all addresses at once, and for one of the internet:
    keys would cross a network as they are.
    """
    parts = _ADDRESS.fullmatch(text)
    host, port = (parts[1] or parts[2], int(parts[3] or 0)) if parts else (text, 0)
    try:
        found = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError:
        found = None
    found = getattr(found, "ipv4_mapped", None) or found
    if found is None or "%" in text or port > 65535:
        raise UsageError(f"{text!r} is not ADDRESS or ADDRESS:PORT", fix=_EXAMPLE)
    broadcast = found == ipaddress.ip_address("255.255.255.255")
    if found.is_unspecified or found.is_multicast or found.is_global or broadcast:
        error = UsageError(
            f"{text!r} is for more than this machine and its containers",
            fix=_EXAMPLE,
            advice="keys would cross a network in the clear: name one address of your own",
        )
        error.meant = (text, FOR_CONTAINERS[0])
        raise error
    return Address(str(found), port)


class Endpoint:
    """Listens from when it is made, and answers by what `answer_by` is given until it is closed."""

    def __init__(self, address: Address) -> None:
        """Bind. Raises UsageError where the address is not to be had."""
        self.token = secrets.token_urlsafe(32)
        self._obtain: Callable[[], Credentials] | None = None
        try:
            self._server = _Server(_Handler, address.host, address.port)
        except OSError as error:
            raise UsageError(
                f"cannot listen on {address.host}, port {address.port}: {error.strerror or error}",
                fix="ssoenv exec --serve -- CMD",
            ) from None
        self._server.owner = self
        self.url = self._server.address_of(PATH)

    def answer_by(self, obtain: Callable[[], Credentials]) -> None:
        """Answer by what `obtain` returns, until `close`; SsoenvError is told to who asks."""
        self._obtain = obtain
        self._server.serve_forever(0.05)

    def fileno(self) -> int:
        """Return the descriptor that listens."""
        return self._server.fileno()

    def close(self) -> None:
        """Do not listen any more."""
        self._server.server_close()

    def shutdown(self) -> None:
        """End `answer_by`, which runs in another thread."""
        self._server.shutdown()

    def reply(self, hosts: list[str], target: str, tokens: list[str]) -> tuple[int, dict[str, str]]:
        """Return status and body for a GET of `target` with these Host and Authorization headers.

        A wrong Host, as a page has it that a hostile name server leads here, learns nothing: not
        even which path there is.
        """
        if not self._server.is_meant(hosts):
            return 403, _error("Forbidden", "this is not for you")
        if target != PATH:
            return 404, _error("NotFound", "there is nothing here")
        given = tokens[0] if len(tokens) == 1 else ""
        if not secrets.compare_digest(given.encode("latin-1", "replace"), self.token.encode()):
            return 401, _error("Unauthorized", "AWS_CONTAINER_AUTHORIZATION_TOKEN is another")
        return self._credentials()

    def _credentials(self) -> tuple[int, dict[str, str]]:
        if self._obtain is None:
            return 503, _error("NotReady", "not yet")
        try:
            credentials = self._obtain()
        except SsoenvError as failure:
            status = 503 if isinstance(failure, ServiceUnavailable) else 403
            words = dialects.printable("; ".join((failure.message, *failure.mends)))
            return status, _error(failure.code, f"ssoenv: {words}")
        except Exception as failure:  # noqa: BLE001 - who asks has to hear something
            return 500, _error("bug", f"ssoenv failed: {type(failure).__name__}")
        return 200, {
            "AccessKeyId": credentials.access_key_id,
            "SecretAccessKey": credentials.secret_access_key,
            "Token": credentials.session_token,
            "Expiration": clock.render_timestamp(credentials.expiration),
            "AccountId": credentials.account_id,
        }


def _error(code: str, message: str) -> dict[str, str]:
    """Return the body of an error, in the form that the SDKs of Go and Java read."""
    return {"code": code, "message": message}


class _Server(LoopbackServer):
    owner: Endpoint


class _Handler(SilentHandler):
    server: _Server

    def do_GET(self) -> None:
        """Answer."""
        # What was asked is read by now. The service may take longer than a slow client may.
        self.server.keep(self.connection)
        status, document = self.server.owner.reply(
            self.hosts, self.target, self.headers.get_all("Authorization", [])
        )
        self.send(status, json.dumps(document).encode(), _HEADERS)
