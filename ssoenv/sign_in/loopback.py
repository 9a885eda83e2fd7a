"""A server for this machine that neither silent connections nor many at once can hold up.

Anybody on this machine, and any web page through the person's browser, can talk to it: what it
tells, it tells who knows a path that nobody can guess, once.
"""

from __future__ import annotations

import ipaddress
import secrets
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import TYPE_CHECKING, Any

from ssoenv.sign_in import pages

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PATIENCE = 5.0
"""Seconds that one connection may take in all."""
CONNECTIONS = 64
"""How many connections may be open at the same time; for one more, the oldest is dropped."""


class LoopbackServer(ThreadingHTTPServer):
    """Listens on one address, a free port of 127.0.0.1; a thread answers each connection."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(
        self, handler: type[BaseHTTPRequestHandler], host: str = "127.0.0.1", port: int = 0
    ) -> None:
        """Bind to the IP address `host`, and answer by `handler`; `port` 0 is any. OSError."""
        self._open: dict[socket.socket, float] = {}
        self._guard = threading.Lock()
        self._host = f"[{host}]" if ":" in host else host
        self._is_loopback = ipaddress.ip_address(host).is_loopback
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        super().__init__((host, port), handler)

    def server_bind(self) -> None:
        """Bind without the base class's look-up of our name, which a resolver may hold up."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]

    def address_of(self, path: str) -> str:
        """Return the address of `path` here."""
        return f"http://{self._host}:{self.server_port}{path}"

    def is_meant(self, hosts: Sequence[str]) -> bool:
        """Whether the Host headers `hosts` name us: the name of a web page may point here, too."""
        names = {self._host, "localhost"} if self._is_loopback else {self._host}
        # HTTP leaves out the port that is usual (RFC 9110, 4.2.3).
        ends = {f":{self.server_port}", ""} if self.server_port == 80 else {f":{self.server_port}"}
        return len(hosts) == 1 and hosts[0] in {name + end for name in names for end in ends}

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer a connection; with too many of them the oldest goes."""
        with self._guard:
            self._open[request] = time.monotonic()
            oldest = next(iter(self._open)) if len(self._open) > CONNECTIONS else None
        if oldest is not None:
            self._drop(oldest)
        super().process_request(request, client_address)

    def service_actions(self) -> None:
        """Drop who takes too long, byte by byte or in silence."""
        with self._guard:
            late = time.monotonic() - PATIENCE
            tardy = [request for request, began in self._open.items() if began < late]
        for request in tardy:
            self._drop(request)

    def shutdown_request(self, request: Any) -> None:
        """End a connection that was answered."""
        with self._guard:
            self._open.pop(request, None)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a connection that breaks off does not concern the person."""

    def keep(self, request: socket.socket) -> None:
        """Let a connection stay for as long as its answer takes."""
        with self._guard:
            self._open.pop(request, None)

    def _drop(self, request: socket.socket) -> None:
        """End a connection; its thread sees the end, and closes it."""
        with self._guard:
            if self._open.pop(request, None) is None:
                return
        try:
            request.shutdown(socket.SHUT_RDWR)
        except OSError:
            return


class SilentHandler(BaseHTTPRequestHandler):
    """Repeats and logs nothing of what it was told; what is no GET is refused without a word."""

    timeout = PATIENCE
    server_version = "ssoenv"
    sys_version = ""

    @property
    def hosts(self) -> list[str]:
        """The Host headers."""
        return list(self.headers.get_all("Host", []))

    @property
    def target(self) -> str:
        """Path and query as they came: in `self.path` the base class makes one slash of two."""
        return self.requestline.split()[1]

    def send(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        """Send `body` with `headers`."""
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Refuse by the bare status."""
        del message, explain
        self.close_connection = True
        self.send_response_only(code)
        self.send_header("Content-Length", "0")
        self.send_header("Connection", "close")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Log nothing: requests carry secrets."""


class Handler(SilentHandler):
    """Answers with pages of ours."""

    def reply(self, status: int, page: str, more: Mapping[str, str] | None = None) -> None:
        """Send `page`, with `more` headers than all our pages have."""
        self.send(status, page.encode(), pages.HEADERS | dict(more or {}))


class Door:
    """A path that nobody can guess, and the page that it leads to, once."""

    def __init__(self) -> None:
        """Choose the path; it leads nowhere yet."""
        self._path, self._page = f"/go/{secrets.token_urlsafe(24)}", ""
        self._guard = threading.Lock()

    def lead_to(self, page: str) -> str:
        """Return the path, which from now on leads to `page`."""
        with self._guard:
            self._page = page
        return self._path

    def take(self, path: str) -> str:
        """Return the page, if `path` is this one and it was not taken before; else ""."""
        if not secrets.compare_digest(path.encode("utf-8", "replace"), self._path.encode()):
            return ""
        with self._guard:
            page, self._page = self._page, ""
        return page
