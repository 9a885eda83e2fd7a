"""A server that answers any request as a test has it: not at all, a byte at a time, or with rubbish."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextlib.contextmanager
def serving(behave: Callable[[socket.socket], None]) -> Iterator[str]:
    """Listen on this machine, and do `behave` with each connection; yield the URL."""
    listener = socket.create_server(("127.0.0.1", 0))
    held: list[socket.socket] = []

    def handle(connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            behave(connection)

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            held.append(connection)
            threading.Thread(target=handle, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()
        for connection in held:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


def response(
    body: bytes, status: int = 200, kind: str = "application/json", *headers: str
) -> bytes:
    lines = [
        f"HTTP/1.1 {status} Word",
        f"Content-Type: {kind}",
        f"Content-Length: {len(body)}",
        "Connection: close",
        *headers,
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


def says(answer: bytes) -> Callable[[socket.socket], None]:
    """Answer every request with these bytes."""

    def behave(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(answer)

    return behave


def says_json(document: Any) -> Callable[[socket.socket], None]:
    return says(response(json.dumps(document).encode()))


def read_request(connection: socket.socket) -> bytes:
    """Read one request whole: who hangs up on unread bytes sends a reset."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            return data
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            while len(body) < int(value):
                body += connection.recv(65536)
    return head


def is_silent(connection: socket.socket) -> None:
    """Take the connection and never say a word."""
    while connection.recv(65536):
        pass


def drips(connection: socket.socket) -> None:
    """Begin a proper answer and send a byte of it now and then, for ever."""
    read_request(connection)
    connection.sendall(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99999\r\n\r\n"
    )
    while True:
        connection.sendall(b" ")
        time.sleep(0.2)


def drips_headers(connection: socket.socket) -> None:
    """The same with a header."""
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
    while True:
        connection.sendall(b"x")
        time.sleep(0.2)
