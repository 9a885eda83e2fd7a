"""The loopback page, attacked while somebody signs in: nothing ends the wait but the answer."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
import time
import urllib.request
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from ssoenv.base.errors import SignInDenied, SignInRequired, SignInTimedOut
from ssoenv.identity_center.refusals import GrantRejected
from ssoenv.sign_in import loopback
from ssoenv.sign_in.callback import CallbackServer
from tests.sign_in.people import Recorder, visit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.sign_in.people import Person


class Attacker:
    """Somebody else on this machine, who found the port."""

    def __init__(self, redirect: str) -> None:
        url = urlsplit(redirect)
        assert url.hostname == "127.0.0.1"
        assert url.port
        self.port = url.port

    def raw(self, request: bytes) -> bytes:
        """Send bytes and return the whole answer."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            connection.sendall(request)
            answer = b""
            while part := connection.recv(65536):
                answer += part
            return answer

    def get(self, target: str, host: str | None = None, method: str = "GET") -> int:
        """Make one request and return the status."""
        host = host or f"127.0.0.1:{self.port}"
        head = f"{method} {target} HTTP/1.1\r\nHost: {host}\r\n\r\n"
        answer = self.raw(head.encode())
        return int(answer.split(b" ", 2)[1]) if answer else 0


@pytest.fixture
def server() -> Iterator[CallbackServer]:
    with CallbackServer("acme") as running:
        yield running


class Waiter:
    """Our side, which waits in a thread of its own; the service takes what begins with ``right``."""

    def __init__(self, server: CallbackServer, timeout: float = 20) -> None:
        self.asked: list[str] = []
        self.result: object = None
        self._server, self._timeout = server, timeout
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.result = self._server.wait(self._timeout, self._exchange)
        except SignInRequired as failure:
            self.result = failure

    def _exchange(self, code: str) -> str:
        self.asked.append(code)
        if not code.startswith("right"):
            raise GrantRejected("an invalid code")
        return code

    def end(self) -> object:
        """Return what came of it: a code, or an error."""
        self._thread.join(timeout=30)
        assert not self._thread.is_alive()
        return self.result


@pytest.fixture
def attacker(server: CallbackServer) -> Attacker:
    return Attacker(server.redirect_uri)


def strays(state: str, port: int) -> list[tuple[str, str, str]]:
    """Requests that must not count: method, target and Host."""
    good = f"/oauth/callback?code=x&state={state}"
    host = f"127.0.0.1:{port}"
    return [
        ("GET", "/", host),
        ("GET", "/favicon.ico", host),
        ("GET", good.replace("callback", "callback/"), host),
        ("GET", good.replace("/oauth", "//oauth"), host),
        ("GET", f"/?code=x&state={state}", host),
        ("GET", f"http://{host}{good}", host),
        ("GET", "http://[" + good, host),
        ("HEAD", good, host),
        ("POST", good, host),
        ("OPTIONS", good, host),
        ("PUT", good, host),
        ("GET", good, "evil.example"),
        ("GET", good, f"evil.example:{port}"),
        ("GET", good, "127.0.0.1"),
        ("GET", good, f"127.0.0.1.evil.example:{port}"),
        ("GET", good, f"[::1]:{port}"),
        ("GET", good, f"{host}\r\nHost: {host}"),
        ("GET", "/oauth/callback", host),
        ("GET", "/oauth/callback?code=x", host),
        ("GET", "/oauth/callback?code=x&state=", host),
        ("GET", "/oauth/callback?code=x&state=wrong", host),
        ("GET", f"/oauth/callback?code=x&state={state[:-1]}", host),
        ("GET", "/oauth/callback?code=x&state=%ff%f0", host),
        ("GET", f"{good}&state={state}", host),
        ("GET", f"{good}&state=other", host),
        ("GET", f"{good}&code=y", host),
        ("GET", f"{good}&error=access_denied", host),
        ("GET", "/oauth/callback?error=access_denied", host),
        ("GET", "/oauth/callback?error=access_denied&state=wrong", host),
        ("GET", f"/oauth/callback?state={state}", host),
        ("GET", f"/oauth/callback?code=&state={state}", host),
        ("GET", good + "&a=b" * 50, host),
        ("GET", "/oauth/callback?" + "a" * 70000, host),
    ]


def test_strays_are_turned_away_and_the_wait_goes_on(
    server: CallbackServer, attacker: Attacker
) -> None:
    for method, target, host in strays(server.state, attacker.port):
        assert attacker.get(target, host, method) in (400, 404, 414, 501), (method, target, host)
    for garbage in (b"\x16\x03\x01garbage\r\n\r\n", b"GET /oauth/callback\r\n\r\n", b"\r\n\r\n"):
        assert b"200" not in attacker.raw(garbage)
    with pytest.raises(SignInTimedOut):
        server.wait(0.05, str)

    waiter = Waiter(server)
    assert attacker.get(f"/oauth/callback?code=right&state={server.state}") == 200
    assert waiter.end() == "right"


def test_the_first_answer_that_is_taken_counts(server: CallbackServer, attacker: Attacker) -> None:
    waiter = Waiter(server)
    assert attacker.get(f"/oauth/callback?code=right1&state={server.state}") == 200
    assert attacker.get(f"/oauth/callback?code=right2&state={server.state}") == 400
    assert attacker.get(f"/oauth/callback?error=access_denied&state={server.state}") == 400

    assert waiter.end() == "right1"


@pytest.mark.parametrize("count", [1, 5, 40])
def test_bogus_codes_end_nothing(server: CallbackServer, attacker: Attacker, count: int) -> None:
    """By somebody who knows the state; the right code comes in their midst."""
    waiter, statuses = Waiter(server), []

    def get(code: str) -> None:
        statuses.append((code, attacker.get(f"/oauth/callback?code={code}&state={server.state}")))

    def get_more(code: str) -> None:
        with contextlib.suppress(ConnectionError):  # of a server that has what it waited for
            get(code)

    for number in range(count):
        get(f"bogus{number}")
    threads = [threading.Thread(target=get_more, args=(f"more{number}",)) for number in range(5)]
    threads.append(threading.Thread(target=get, args=("right",)))
    for thread in threads:
        thread.start()
    assert waiter.end() == "right"
    server.__exit__()
    for thread in threads:
        thread.join()
    assert {code for code, status in statuses if status == 200} == {"right"}
    assert {status for _, status in statuses} == {200, 400}


def test_only_bogus_codes_time_out(server: CallbackServer, attacker: Attacker) -> None:
    waiter = Waiter(server, 0.5)
    assert attacker.get(f"/oauth/callback?code=bogus&state={server.state}") == 400

    assert isinstance(waiter.end(), SignInTimedOut)


def test_the_way_to_the_page_is_open_once(server: CallbackServer, attacker: Attacker) -> None:
    door = urlsplit(server.lead_to("https://oidc.example/authorize?state=SECRET"))
    host = f"127.0.0.1:{attacker.port}"
    for wrong in (f"{door.path}x", f"{door.path[:-1]}", "/go/", "/go"):
        assert attacker.get(wrong) == 400
    assert attacker.get(door.path, "evil.example") == 400
    assert attacker.get(door.path, host, "POST") == 501
    first = attacker.raw(f"GET {door.path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    second = attacker.raw(f"GET {door.path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())

    assert b" 302 " in first
    assert b"Location: https://oidc.example/authorize?state=SECRET\r\n" in first
    assert b"Referrer-Policy: no-referrer" in first
    assert b" 400 " in second
    assert b"SECRET" not in second


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("access_denied", "was declined"),
        ("server_error", r"was refused \(server_error\)"),
        ("%1b[31m<b>", "was declined"),
    ],
)
def test_a_no(server: CallbackServer, attacker: Attacker, error: str, words: str) -> None:
    waiter = Waiter(server)
    assert attacker.get(f"/oauth/callback?error={error}&state={server.state}") == 200

    failure = waiter.end()
    assert isinstance(failure, SignInDenied)
    assert re.search(words, failure.message)


def test_the_page(server: CallbackServer) -> None:
    waiter = Waiter(server)
    url = f"{server.redirect_uri}?code=rightSECRETCODE&state={server.state}&x=<script>"
    with urllib.request.urlopen(url) as answer:  # noqa: S310 - our own
        page = answer.read().decode()
        headers = answer.headers

    assert waiter.end() == "rightSECRETCODE"
    assert "signed in" in page
    assert 'lang="en"' in page
    assert "width=device-width" in page
    assert "light dark" in page
    for word in ("SECRETCODE", server.state, "<script", "http:", "https:", "<img", "<link"):
        assert word not in page
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "Python" not in headers["Server"]


@pytest.mark.parametrize("target", ["/<script>?code=SECRETCODE", "/oauth/callback?code=SECRETCODE"])
def test_a_turned_away_request_is_not_repeated(attacker: Attacker, target: str) -> None:
    for method in ("GET", "BREW"):
        head = f"{method} {target} HTTP/1.1\r\nHost: 127.0.0.1:{attacker.port}\r\n\r\n"
        answer = attacker.raw(head.encode())
        assert b"<script>" not in answer
        assert b"SECRETCODE" not in answer
        assert b"BREW" not in answer


def test_it_listens_on_loopback_only(attacker: Attacker) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))
        other = probe.getsockname()[0]
    # 127.0.0.2 is this machine too, but not the address that we are bound to.
    for address in {other, "127.0.0.2"} - {"127.0.0.1"}:
        with pytest.raises(OSError, match="refused"):
            socket.create_connection((address, attacker.port), timeout=2)


def test_silent_connections_hold_nobody_up(server: CallbackServer, attacker: Attacker) -> None:
    """More of them than may be open: the oldest go, the browser is heard at once."""
    with contextlib.ExitStack() as silent:
        for _ in range(loopback.CONNECTIONS * 2):
            silent.enter_context(socket.create_connection(("127.0.0.1", attacker.port)))
        began = time.monotonic()

        waiter = Waiter(server)
        assert attacker.get(f"/oauth/callback?code=right&state={server.state}") == 200
        assert waiter.end() == "right"
        assert time.monotonic() - began < loopback.PATIENCE


def test_a_trickle_is_cut_off(
    server: CallbackServer, attacker: Attacker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loopback, "PATIENCE", 0.4)
    with socket.create_connection(("127.0.0.1", attacker.port), timeout=5) as slow:
        slow.sendall(b"GET /oauth/callback?code=x HTTP/1.1\r\n")
        began = time.monotonic()
        with pytest.raises(OSError, match=r"reset|[Bb]roken"):
            trickle(slow)
        assert time.monotonic() - began < 3
    waiter = Waiter(server)
    assert attacker.get(f"/oauth/callback?code=right&state={server.state}") == 200
    assert waiter.end() == "right"


def trickle(connection: socket.socket) -> None:
    """Keep a connection busy, one byte at a time, for 5 seconds."""
    for _ in range(100):
        connection.sendall(b"a")
        time.sleep(0.05)


class Attacked(Recorder):
    """The page is attacked as soon as it is there, and answered only then."""

    def __init__(self, alice: Person) -> None:
        super().__init__()
        self.alice = alice
        self.statuses: list[int] = []

    def page(self, url: str, *, opened: bool) -> None:
        super().page(url, opened=opened)
        threading.Thread(target=self.attack_then_answer, args=(url,)).start()

    def attack_then_answer(self, url: str) -> None:
        attacker = Attacker(parse_qs(urlsplit(url).query)["redirect_uri"][0])
        with contextlib.ExitStack() as idle:
            for _ in range(20):
                idle.enter_context(socket.create_connection(("127.0.0.1", attacker.port)))
            for method, target, host in strays("A" * 32, attacker.port):
                self.statuses.append(attacker.get(target, host, method))
            self.alice.sandbox.set_approve("auto")
            visit(url)


def test_a_sign_in_under_attack_succeeds(alice: Person) -> None:
    """The attacker knows the port and everything but the state."""
    alice.sandbox.set_approve("ask")
    reporter = Attacked(alice)

    assert alice.sign_in(reporter=reporter, open_browser=False).access_token
    assert set(reporter.statuses) <= {400, 404, 414, 501}
    assert len(reporter.statuses) > 30


class Intruder(Recorder):
    """Somebody who learned the whole address answers first, with codes of their own."""

    def __init__(self, alice: Person, codes: list[str]) -> None:
        super().__init__()
        self.alice, self.codes = alice, codes
        self.statuses: list[int] = []

    def page(self, url: str, *, opened: bool) -> None:
        super().page(url, opened=opened)
        threading.Thread(target=self.intrude, args=(url,)).start()

    def intrude(self, url: str) -> None:
        query = parse_qs(urlsplit(url).query)
        attacker, state = Attacker(query["redirect_uri"][0]), query["state"][0]
        for code in self.codes:
            self.statuses.append(attacker.get(f"/oauth/callback?code={code}&state={state}"))
        visit(url)


@pytest.mark.parametrize(
    "code", ["bogus", "%00", "%ff", "a" * 8000, "%0a%0dx", "-", "%F0%9F%98%80"]
)
def test_a_bogus_code_at_the_service_ends_nothing(alice: Person, code: str) -> None:
    reporter = Intruder(alice, [code, code + "2"])

    assert alice.sign_in(reporter=reporter, open_browser=False).access_token
    assert reporter.statuses == [400, 400]


def test_the_sign_in_address_is_in_no_argument(alice: Person, tmp_path: Path) -> None:
    """What opens the page is any user's to see in the list of processes."""
    script, seen = tmp_path / "opener", tmp_path / "seen"
    script.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >> {seen}\nexec {alice.env["BROWSER"].replace("%s &", "")} "$@"\n')  # fmt: skip
    script.chmod(0o755)
    alice.env["BROWSER"] = str(script)
    reporter = Recorder()

    assert alice.sign_in(reporter=reporter).access_token
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/go/[\w-]{32}\n", seen.read_text())
    (_, url, opened) = reporter.events[1]
    assert opened
    assert "/authorize?" in url
