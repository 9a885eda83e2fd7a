"""A loopback server that neither silent connections nor many at once can hold up."""

from __future__ import annotations

import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any

PATIENCE = 5.0
"""Seconds that one connection may take in all."""
CONNECTIONS = 64
"""How many connections may be open at the same time; for one more, the oldest is dropped."""


class LoopbackServer(ThreadingHTTPServer):
    """Listens on a free port of 127.0.0.1; a thread answers each connection."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        """Bind, and answer by `handler`. OSError."""
        self._open: dict[socket.socket, float] = {}
        self._guard = threading.Lock()
        super().__init__(("127.0.0.1", 0), handler)

    def server_bind(self) -> None:
        """Bind without the base class's look-up of our name, which a resolver may hold up."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", int(self.server_address[1])

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
