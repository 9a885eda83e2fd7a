"""The loopback page that the browser comes back to with the answer (RFC 8252 section 7.3).

Anybody on this machine, and any web page through the person's browser, can talk to it. So it
listens on 127.0.0.1 alone, takes one path, checks Host and state, answers everything else with an
error *and keeps waiting*: no stray request can end a sign-in. It repeats nothing it was told.
"""

from __future__ import annotations

import secrets
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from ssoenv.errors import SignInDenied, SignInTimedOut
from ssoenv.sign_in import pages

if TYPE_CHECKING:
    from typing import Self

PATH = "/oauth/callback"
PATIENCE = 5.0
"""Seconds that one connection may take for its request."""
CONNECTIONS = 16
"""How many connections are served at the same time; the rest are turned away."""


class CallbackServer:
    """Listens from the moment it is entered until it is left."""

    def __init__(self, label: str) -> None:
        """Bind to a free port of 127.0.0.1. `label` names the session in messages. OSError."""
        self.state = secrets.token_urlsafe(24)
        self._label = label
        self._answered = threading.Event()
        self._code: str | None = None
        self._error: str | None = None
        self._guard = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), self)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True
        )

    @property
    def redirect_uri(self) -> str:
        """Where the browser is sent back to."""
        return f"http://127.0.0.1:{self._server.server_address[1]}{PATH}"

    def wait(self, timeout: float) -> str:
        """Return the authorization code. Raises SignInDenied, or SignInTimedOut after `timeout`."""
        hint = f"ssoenv login {self._label}"
        if not self._answered.wait(timeout):
            raise SignInTimedOut(f"nobody answered the sign-in page of {self._label}", hint=hint)
        if self._code is None:
            raise SignInDenied(f"the sign-in to {self._label} was declined", hint=hint)
        return self._code

    def answer(self, host: str, target: str) -> tuple[int, str]:
        """Take a GET of `target` at `host`; return the status and page for it."""
        url = urlsplit(target)
        port = self._server.server_address[1]
        if host not in (f"127.0.0.1:{port}", f"localhost:{port}"):
            return 421, pages.STRAY
        if url.path != PATH:
            return 404, pages.STRAY
        fields = {name: values[0] for name, values in parse_qs(url.query).items()}
        state = fields.get("state", "")
        if not secrets.compare_digest(state.encode(), self.state.encode()):
            return 400, pages.STRAY
        if not ("code" in fields) ^ ("error" in fields):
            return 400, pages.STRAY
        with self._guard:
            if self._answered.is_set():
                return 400, pages.STRAY
            self._code, self._error = fields.get("code"), fields.get("error")
            self._answered.set()
        return 200, pages.SIGNED_IN if self._code else pages.DECLINED

    def __enter__(self) -> Self:
        """Start to answer."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop, once the page that is being sent is out."""
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], owner: CallbackServer) -> None:
        self.owner = owner
        self._slots = threading.BoundedSemaphore(CONNECTIONS)
        super().__init__(address, _Handler)

    def process_request(self, request: object, client_address: object) -> None:
        if self._slots.acquire(blocking=False):
            super().process_request(request, client_address)  # type: ignore[arg-type]
        else:
            self.shutdown_request(request)  # type: ignore[arg-type]

    def process_request_thread(self, request: object, client_address: object) -> None:
        try:
            super().process_request_thread(request, client_address)  # type: ignore[arg-type]
        finally:
            self._slots.release()

    def handle_error(self, request: object, client_address: object) -> None:
        """Stay silent: a connection that breaks off is not our person's business."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = PATIENCE
    server_version = "ssoenv"
    sys_version = ""

    def do_GET(self) -> None:
        """Answer the browser."""
        status, page = self.server.owner.answer(self.headers.get("Host", ""), self.path)
        body = page.encode()
        self.send_response(status)
        for name, value in pages.HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer what is no GET without repeating any of it."""
        del message, explain
        self.send_response_only(code)
        self.send_header("Content-Length", "0")
        self.send_header("Connection", "close")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Log nothing: requests carry the code."""
