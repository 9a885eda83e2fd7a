"""Signing a browser in to the console: what is sent where, odd answers, and the way to the page."""

from __future__ import annotations

import json
import os
import socket
import urllib.error
from typing import TYPE_CHECKING

import pytest

from ssoenv.base.errors import ServiceUnavailable, SsoenvError
from ssoenv.base.models import Credentials
from ssoenv.console import opening
from ssoenv.console.visit import Visit
from ssoenv.identity_center import aws_clients, federation
from ssoenv.sign_in import browser, handover
from ssoenv.sign_in.handover import HandOver
from tests import odd_server
from tests.sign_in.people import visit, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

KEYS = Credentials("ASIAX", "the-secret", "the-token", 4_000_000_000, "111111111111", "Developer")
GOOD = odd_server.response(json.dumps({"SigninToken": "t0k3n"}).encode())
PAGE = "http://127.0.0.1:1/federation?Action=login&SigninToken=t0k3n"


def ask(url: str, seconds: int = 0) -> str:
    env = {"AWS_ENDPOINT_URL_SIGNIN": url}
    return federation.sign_in_token(KEYS, "eu-west-1", seconds, env)


def test_the_keys_are_in_no_address() -> None:
    """Addresses are logged by proxies and servers; what is posted is not."""
    heads: list[bytes] = []

    def behave(connection: socket.socket) -> None:
        heads.append(odd_server.read_request(connection))
        connection.sendall(GOOD)

    with odd_server.serving(behave) as url:
        assert ask(url, 3600) == "t0k3n"
    (head,) = heads
    assert head.startswith(b"POST /federation HTTP/1.1\r\n")
    assert not any(word in head for word in (b"ASIAX", b"the-secret", b"the-token"))


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (odd_server.response(b"<html>hotel</html>", kind="text/html"), "does not answer as"),
        (odd_server.response(b"[" * 20_000), "does not answer as"),
        (odd_server.response(b"[]"), "does not answer as"),
        (odd_server.response(b"{}"), "does not answer as"),
        (odd_server.response(b'{"SigninToken": 5}'), "does not answer as"),
        (odd_server.response(b'{"SigninToken": "a\\nb"}'), "does not answer as"),
        (odd_server.response(b"", 302, "text/html", "Location: http://127.0.0.1:1/"), "does not"),
        (odd_server.response(b"", 404), "does not answer as"),
        (odd_server.response(b"", 429), r"failed \(429\)"),
        (odd_server.response(b"<html>", 503, "text/html"), r"failed \(503\)"),
        (odd_server.response(b"<html>", 400, "text/html"), r"refused these credentials \(400\)"),
        (odd_server.response(b"", 403), r"refused these credentials \(403\)"),
        (b"rubbish", "cannot reach"),
        (b"", "cannot reach"),
    ],
)
def test_whatever_answers_is_one_clear_error(answer: bytes, said: str) -> None:
    with (
        odd_server.serving(odd_server.says(answer)) as url,
        pytest.raises(ServiceUnavailable, match=said) as caught,
    ):
        ask(url)
    assert caught.value.advice or caught.value.fix


def test_a_duration_that_is_refused_is_told_as_that() -> None:
    with odd_server.serving(odd_server.says(odd_server.response(b"", 400))) as url:
        with pytest.raises(ServiceUnavailable) as plain:
            ask(url)
        with pytest.raises(ServiceUnavailable) as long:
            ask(url, 3600)
    assert "--duration" not in str(plain.value.advice)
    assert "--duration" in str(long.value.advice)


@pytest.mark.parametrize("behave", [odd_server.is_silent, odd_server.drips])
def test_an_endpoint_that_never_ends(
    monkeypatch: pytest.MonkeyPatch, behave: Callable[[socket.socket], None]
) -> None:
    monkeypatch.setattr(aws_clients, "CALL_TIMEOUT", 0.3)
    with (
        odd_server.serving(behave) as url,
        pytest.raises(ServiceUnavailable, match="cannot reach the sign-in"),
    ):
        ask(url)


def test_nobody_listens() -> None:
    with pytest.raises(ServiceUnavailable, match="cannot reach the sign-in"):
        ask("http://127.0.0.1:1")


def connected(url: str) -> socket.socket:
    port = int(url.rpartition(":")[2].partition("/")[0])
    return socket.create_connection(("127.0.0.1", port), timeout=10)


def request(connection: socket.socket, url: str, host: str = "") -> tuple[int, str]:
    """Make one request; return the status and where it leads."""
    _, _, usual, path = url.split("/", 3)
    connection.sendall(f"GET /{path} HTTP/1.1\r\nHost: {host or usual}\r\n\r\n".encode())
    answer = b"".join(iter(lambda: connection.recv(65536), b"")).decode()
    leads = answer.partition("\r\nLocation: ")[2].partition("\r\n")[0]
    return int(answer.split(" ", 2)[1]), leads


def get(url: str, host: str = "") -> tuple[int, str]:
    with connected(url) as connection:
        return request(connection, url, host)


def test_our_address_leads_to_the_page_once() -> None:
    with HandOver(PAGE) as page:
        assert PAGE not in page.address
        for wrong in (page.address + "x", page.address[:-1], page.address.rpartition("/")[0]):
            assert get(wrong) == (400, "")
        assert get(page.address, "evil.example") == (400, "")
        assert not page.wait(0)
        assert get(page.address) == (302, PAGE)
        assert page.wait(10)
        assert get(page.address) == (400, "")
    with pytest.raises(urllib.error.URLError):
        visit(page.address)


def test_another_user_of_the_machine_does_not_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They can read our address among the arguments of the browser, and be faster."""
    table = tmp_path / "tcp"
    with HandOver(PAGE) as page, monkeypatch.context() as kernel:
        kernel.setattr(handover, "_TABLES", (str(tmp_path / "none"), str(table)))
        for user, status in ((os.getuid() + 1, 400), (os.getuid(), 302)):
            with connected(page.address) as connection:
                ports = [one[1] for one in (connection.getsockname(), connection.getpeername())]
                addresses = " ".join(f"0100007F:{one:04X}" for one in ports)
                table.write_text(f"head\n 0: {addresses} 01 0:0 00:0 0 {user} 0 9\n")
                assert request(connection, page.address)[0] == status


def test_the_kernel_tells_whose_a_connection_is() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as ours,
    ):
        port, remote = ours.getsockname()[1], server.getsockname()[1]
        with open("/proc/net/tcp", encoding="ascii") as table:
            text = table.read()
        assert handover.owner_of(text, port, remote) == os.getuid()
        assert handover.owner_of(text, remote, 1) is None


@pytest.fixture
def stand_in(tmp_path: Path) -> Path:
    """A browser that writes down how it was called, and never comes for the page."""
    path = tmp_path / "browser"
    path.write_text(
        f'#!/bin/sh\nprintf "%s\\n" "$@" > {tmp_path}/part; mv {tmp_path}/part {tmp_path}/words\n'
    )
    path.chmod(0o700)
    return path


VISIT = Visit(PAGE, "dev/Developer", "dev/Developer", "eu-west-1", 0, ())


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("{}", ["ADDRESS"]),
        ("{} --new-tab %s &", ["--new-tab", "ADDRESS"]),
        ("{} %c", ["ext+container:name=dev%2FDeveloper&url=QUOTED"]),
        ("{} -P work %c", ["-P", "work", "ext+container:name=dev%2FDeveloper&url=QUOTED"]),
        ("{} --profile-directory=%l %s", ["--profile-directory=dev-Developer", "ADDRESS"]),
        ("{} '--profile-directory=Profile 1'", ["--profile-directory=Profile 1", "ADDRESS"]),
    ],
)
def test_a_browser_is_started_as_it_was_chosen(
    stand_in: Path, monkeypatch: pytest.MonkeyPatch, template: str, words: list[str]
) -> None:
    monkeypatch.setattr(opening, "PATIENCE", 0.1)
    told: list[str] = []
    with pytest.raises(SsoenvError, match="no browser came") as caught:
        opening.in_browser(VISIT, template.format(f"'{stand_in}'"), {}, told.append)
    assert caught.value.fix == "ssoenv console --print"
    wait_until((stand_in.parent / "words").exists)
    quoted = told[0].replace(":", "%3A").replace("/", "%2F")
    expected = [one.replace("ADDRESS", told[0]).replace("QUOTED", quoted) for one in words]
    assert (stand_in.parent / "words").read_text().splitlines() == expected


def test_a_sign_in_page_has_no_container_of_a_role(stand_in: Path) -> None:
    assert browser.open_page("http://x/", {}, f"'{stand_in}' --x=%l")
    wait_until((stand_in.parent / "words").exists)
    assert (stand_in.parent / "words").read_text().splitlines() == ["--x=%l", "http://x/"]
