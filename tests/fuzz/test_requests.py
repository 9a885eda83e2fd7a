"""Bytes of anybody at the servers of this machine: the callback, served credentials, the sandbox."""

from __future__ import annotations

import http.client
import io
import socket
import threading
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given

from ssoenv.base.models import Credentials
from ssoenv.credentials.endpoint import Address, Endpoint
from ssoenv.sandbox.server import Sandbox
from ssoenv.sign_in.callback import CallbackServer
from tests.fuzz.cases import cases, mutated, tried

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssoenv.sign_in.loopback import LoopbackServer

PIECES = [
    *(b"\r\n", b"\n", b"\r", b"\r\n\r\n", b" ", b"\t", b"\x00", b"\xff", b":", b"/", b"//", b"?", b"&", b"=", b"%", b"%00", b"%ff", b"#", b";"),
    *(b"GET ", b"POST ", b"HEAD ", b"OPTIONS * HTTP/1.1\r\n", b"HTTP/1.0", b"HTTP/2.0", b"HTTP/9.9", b"HTTP/", b"get "),
    *(b"Host: evil.example\r\n", b"Host: 127.0.0.1\r\n", b"Host:\r\n", b"Content-Length: 5\r\n", b"Content-Length: -1\r\n", b"Transfer-Encoding: chunked\r\n"),
    *(b"Expect: 100-continue\r\n", b"Connection: keep-alive\r\n", b"Authorization: x\r\n", b" folded\r\n", b"X: y\r\n" * 120, b"x" * 9000),
    *(b"code=a", b"error=access_denied", b"state=x", b"state=", b"code=", b"/oauth/callback", b"/credentials", b"../", b"http://evil/", b"\xc3\xa9"),
]  # fmt: skip
SECRETS = Credentials("ASIACANARY", "secret-canary", "token-canary", 4_000_000_000, "111111111111", "R")  # fmt: skip
PATIENCE = 30.0


def exchange(port: int, content: bytes) -> bytes:
    """Send bytes, and no more; return all that comes back."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as connection:
        try:
            connection.sendall(content)
            connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        answer = b""
        try:
            while part := connection.recv(65536):
                answer += part
        except ConnectionResetError:
            pass
    return answer


def status_of(answer: bytes) -> int:
    """Return the status of an answer, which is whole; 0 where there is none at all."""
    if not answer:
        return 0
    if not answer.startswith(b"HTTP/"):
        return 9  # to a request of HTTP/0.9 its body alone
    response = http.client.HTTPResponse(_Socket(answer))  # type: ignore[arg-type]
    response.begin()
    return response.status


class _Socket:
    def __init__(self, content: bytes) -> None:
        self._content = content

    def makefile(self, _: str) -> io.BytesIO:
        return io.BytesIO(self._content)


class Watched:
    """A server of ours whose failures are kept, which it tells nobody of."""

    def __init__(self, server: LoopbackServer, monkeypatch: pytest.MonkeyPatch) -> None:
        self.port, self.failures = server.server_port, list[str]()
        monkeypatch.setattr(server, "handle_error", self._keep)

    def _keep(self, *_: object) -> None:
        import traceback

        self.failures.append(traceback.format_exc())

    def require_none(self) -> None:
        """A connection that breaks off in the middle of an answer is no failure of ours."""
        ours = [one for one in self.failures if "BrokenPipe" not in one and "ConnectionReset" not in one]  # fmt: skip
        assert not ours, ours[0]


def test_no_request_of_anybody_ends_a_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    with CallbackServer("acme") as server:
        watched = Watched(server._server, monkeypatch)  # noqa: SLF001 - to hear of its failures
        host = f"Host: 127.0.0.1:{watched.port}\r\n".encode()
        seeds = [
            b"GET /oauth/callback?code=abc&state=guess HTTP/1.1\r\n" + host + b"\r\n",
            b"GET /go/guess HTTP/1.1\r\n" + host + b"Accept: */*\r\n\r\n",
            b"POST /oauth/callback HTTP/1.1\r\n" + host + b"Content-Length: 4\r\n\r\ncode",
        ]

        @cases(30, 3_000)
        @given(mutated(seeds, PIECES))
        def tries(content: bytes) -> None:
            tried("requests to the callback")
            answer = exchange(watched.port, content)
            status = status_of(answer)
            assert status in (0, 9) or status >= 400, answer
            assert server.state.encode() not in answer
            assert b"abc" not in answer
            watched.require_none()

        tries()
        taken: list[Any] = []
        waiting = threading.Thread(target=lambda: taken.append(server.wait(PATIENCE, str.upper)))
        waiting.start()
        query = f"/oauth/callback?code=mine&state={server.state}".encode()
        assert (
            status_of(exchange(watched.port, b"GET " + query + b" HTTP/1.1\r\n" + host + b"\r\n"))
            == 200
        )
        waiting.join()
        assert taken == ["MINE"]


def test_no_request_without_the_token_has_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    endpoint = Endpoint(Address())
    serving = threading.Thread(target=endpoint.answer_by, args=(lambda: SECRETS,))
    serving.start()
    try:
        watched = Watched(endpoint._server, monkeypatch)  # noqa: SLF001 - to hear of its failures
        host = f"Host: 127.0.0.1:{watched.port}\r\n".encode()
        right = f"Authorization: {endpoint.token}\r\n".encode()
        plain = b"GET /credentials HTTP/1.1\r\n" + host
        assert status_of(exchange(watched.port, plain + right + b"\r\n")) == 200
        seeds = [plain + b"\r\n", plain + b"Authorization: guess\r\n\r\n", plain + right + b"\r\n"]

        @cases(30, 3_000)
        @given(mutated(seeds, PIECES))
        def tries(content: bytes) -> None:
            tried("requests for served credentials")
            answer = exchange(watched.port, content)
            status = status_of(answer)
            assert status in (0, 9, 200) or status >= 400, answer
            if b"canary" in answer:
                assert endpoint.token.encode() in content
                assert host.strip() in content
            watched.require_none()

        tries()
    finally:
        endpoint.shutdown()
        serving.join()
        endpoint.close()


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


def test_no_request_breaks_the_sandbox_or_has_a_token(running: Sandbox) -> None:
    port = int(running.url.rpartition(":")[2].rstrip("/"))
    host = f"Host: 127.0.0.1:{port}\r\n".encode()
    body = b'{"clientId": "x", "grantType": "refresh_token", "refreshToken": "y"}'
    length = f"Content-Length: {len(body)}\r\n\r\n".encode()
    seeds = [
        b"POST /token HTTP/1.1\r\n" + host + b"Content-Type: application/json\r\n" + length + body,
        b"POST /client/register HTTP/1.1\r\n" + host + b"Content-Length: 2\r\n\r\n{}",
        b"GET /federation/credentials?account_id=1&role_name=R HTTP/1.1\r\n"
        + host
        + b"x-amz-sso_bearer_token: t\r\n\r\n",
        b"GET /assignment/accounts?max_result=100 HTTP/1.1\r\n" + host + b"\r\n",
        b"GET /authorize?response_type=code&client_id=x&state=y HTTP/1.1\r\n" + host + b"\r\n",
    ]

    @cases(30, 3_000)
    @given(mutated(seeds, PIECES))
    def tries(content: bytes) -> None:
        tried("requests to the sandbox")
        answer = exchange(port, content)
        assert not 500 <= status_of(answer) < 600 or status_of(answer) in (501, 505), answer
        assert not running.state.tokens
        assert not running.state.keys

    tries()
