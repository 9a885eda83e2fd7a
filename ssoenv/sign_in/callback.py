"""The loopback page that the browser comes back to with the answer (RFC 8252 section 7.3).

Anybody on this machine, and any web page through the person's browser, can talk to it. So it
listens on 127.0.0.1 alone, takes one path, checks Host and state, answers everything else with an
error *and keeps waiting*: no stray request can end a sign-in. It repeats nothing it was told.
"""

from __future__ import annotations

import secrets
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from ssoenv.errors import SignInDenied, SignInTimedOut
from ssoenv.sign_in import pages

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

PATH = "/oauth/callback"
PATIENCE = 5.0
"""Seconds that one connection may take in all."""
CONNECTIONS = 64
"""How many connections may be open at the same time; for one more, the oldest is dropped."""
_ERRORS = frozenset("abcdefghijklmnopqrstuvwxyz_")


class CallbackServer:
    """Listens from the moment it is made, answers from when it is entered until it is left."""

    def __init__(self, label: str) -> None:
        """Bind to a free port of 127.0.0.1. `label` names the session in messages. OSError."""
        self.state = secrets.token_urlsafe(24)
        self._label = label
        self._guard = threading.Lock()
        self._answer: tuple[str, str] | None = None
        self._answered = threading.Event()
        self._server = _Server(self)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True
        )

    @property
    def redirect_uri(self) -> str:
        """Where the browser is sent back to."""
        return f"http://127.0.0.1:{self._server.server_port}{PATH}"

    def wait(self, timeout: float, waiting: Callable[[float], None] = lambda _: None) -> str:
        """Return the authorization code; `waiting` hears, each second, how many are left.

        Raises SignInDenied, or SignInTimedOut after `timeout` seconds.
        """
        hint = f"ssoenv login {self._label}"
        end = time.monotonic() + timeout
        while (left := end - time.monotonic()) > 0 and not self._answered.is_set():
            waiting(left)
            self._answered.wait(min(left, 1.0))
        if self._answer is None:
            raise SignInTimedOut(
                f"nobody answered the sign-in page of {self._label} in time", hint=hint
            )
        kind, value = self._answer
        if kind == "code":
            return value
        if value == "access_denied" or set(value) - _ERRORS or len(value) > 40:
            raise SignInDenied(f"the sign-in to {self._label} was declined", hint=hint)
        raise SignInDenied(f"the sign-in to {self._label} was refused ({value})", hint=hint)

    def answer(self, hosts: list[str], target: str) -> tuple[int, str]:
        """Take a GET of `target` with the Host headers `hosts`; return the status and page for it.

        Of all requests one is believed: the first with our state. It alone gets a 200.
        """
        port = self._server.server_port
        if len(hosts) != 1 or hosts[0] not in (f"127.0.0.1:{port}", f"localhost:{port}"):
            return 400, pages.STRAY
        path, _, query = target.partition("?")
        if path != PATH:
            return 404, pages.STRAY
        answer = self._read(query)
        with self._guard:
            if answer is None or self._answer is not None:
                return 400, pages.STRAY
            self._answer = answer
        return 200, pages.SIGNED_IN if answer[0] == "code" else pages.DECLINED

    def _read(self, query: str) -> tuple[str, str] | None:
        """Return ("code" or "error", value) of a query with our state; None for any other."""
        try:
            fields = parse_qs(query, max_num_fields=16)
        except ValueError:
            return None
        states = fields.get("state", [])
        if len(states) != 1 or not secrets.compare_digest(states[0].encode(), self.state.encode()):
            return None
        found = [(kind, value) for kind in ("code", "error") for value in fields.get(kind, [])]
        return found[0] if len(found) == 1 else None

    def sent(self) -> None:
        """Note that the page of the answer went out: the wait is over."""
        self._answered.set()

    def __enter__(self) -> Self:
        """Start to answer."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, owner: CallbackServer) -> None:
        self.owner = owner
        self._open: dict[socket.socket, float] = {}
        self._guard = threading.Lock()
        super().__init__(("127.0.0.1", 0), _Handler)

    def server_bind(self) -> None:
        """Bind without the base class's look-up of our name, which a resolver may hold up."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", int(self.server_address[1])

    def process_request(self, request: Any, client_address: Any) -> None:
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
        with self._guard:
            self._open.pop(request, None)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay silent: a connection that breaks off is not our person's business."""

    def _drop(self, request: socket.socket) -> None:
        """End a connection; its thread sees the end, and closes it."""
        with self._guard:
            if self._open.pop(request, None) is None:
                return
        try:
            request.shutdown(socket.SHUT_RDWR)
        except OSError:
            return


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = PATIENCE
    server_version = "ssoenv"
    sys_version = ""

    def do_GET(self) -> None:
        """Answer the browser."""
        hosts = self.headers.get_all("Host", [])
        # Not self.path, in which the base class makes one slash of two.
        status, page = self.server.owner.answer(hosts, self.requestline.split()[1])
        body = page.encode()
        self.send_response(status)
        for name, value in pages.HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        finally:
            if status == 200:
                self.server.owner.sent()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer what is no GET without repeating any of it."""
        del message, explain
        self.close_connection = True
        self.send_response_only(code)
        self.send_header("Content-Length", "0")
        self.send_header("Connection", "close")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Log nothing: requests carry the code."""
