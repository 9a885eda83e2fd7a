"""Signing in where the page comes back to a port that a person has named: over SSH, in a container."""

from __future__ import annotations

import re
import socket
import threading
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from ssoenv.base.errors import UsageError
from ssoenv.shells import hook as hook_text
from tests.sign_in.people import LEGACY, Recorder, visit

if TYPE_CHECKING:
    from tests.sign_in.people import Person

REMOTE = {"BROWSER": "", "SSH_CONNECTION": "1 2 3 4"}


@pytest.fixture
def port() -> int:
    """A port that is free, as far as anybody can tell."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


class Laptop(Recorder):
    """A browser elsewhere, to which the port is forwarded; it notes who listens meanwhile."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self.listening = ""
        self.port = port

    def page(self, url: str, *, opened: bool) -> None:
        super().page(url, opened=opened)
        rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        self.listening = next(
            row[1] for row in rows if row[1].endswith(f":{self.port:04X}") and row[3] == "0A"
        )
        threading.Thread(target=visit, args=(url,)).start()


def test_the_page_comes_back_to_that_port_on_loopback(alice: Person, port: int) -> None:
    alice.env.update(REMOTE)
    laptop = Laptop(port)
    assert alice.sign_in(method="browser", port=port, reporter=laptop).access_token

    _, url, opened = laptop.events[-2]
    assert not opened  # there is no browser to see from here
    redirect = parse_qs(urlsplit(url).query)["redirect_uri"]
    assert redirect == [f"http://127.0.0.1:{port}/oauth/callback"]
    assert laptop.listening == f"0100007F:{port:04X}"
    # Free again at once; and what was registered names no port.
    assert alice.sign_in(force=True, method="browser", port=port, reporter=Laptop(port))
    assert alice.calls("RegisterClient") == 1


def test_a_port_in_use_is_one_error(alice: Person) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"port {port} of 127.0.0.1: address already in use") as caught:  # fmt: skip
            alice.sign_in(method="browser", port=port)
        told = alice.home.ssoenv("login", "--port", str(port))

    fix = f"ssoenv login acme --port {port + 1 if port < 65535 else 8250}"
    assert caught.value.fix == fix
    assert (told.returncode, told.stdout) == (2, "")
    assert f"try: {fix}" in told.stderr
    assert alice.home.ssoenv("login").returncode == 0  # it ended no other sign-in


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("login --port 65536", "65536 is not in the range"),
        ("login --port http", "not a valid int"),
        ("login --device-code --port 8250", "--device-code opens no page"),
        (f"login {LEGACY.start_url}/ --port 8250", "its sign-in is by a code, and needs no port"),
    ],
)
def test_what_is_no_port_for_a_page(alice: Person, line: str, says: str) -> None:
    if LEGACY.start_url in line:
        config = alice.home.path / ".aws/config"
        config.write_text("[profile legacy]" + config.read_text().split("[profile legacy]")[1])
    told = alice.home.ssoenv(*line.split())
    assert (told.returncode, told.stdout) == (2, "")
    assert says in " ".join(told.stderr.split())


def test_over_ssh_the_address_is_printed(alice: Person, port: int) -> None:
    """As the guide has it: ``ssh -L PORT:127.0.0.1:PORT HOST``, and there ``ssoenv login``."""
    words = [*hook_text.command_line(), "login", "--port", str(port)]
    running = alice.home.start(*words, **REMOTE)
    assert running.stderr
    told = ""
    while not (found := re.search(r"^  (http\S+)$", told, re.MULTILINE)):
        line = running.stderr.readline()
        assert line, told
        told += line
    assert f"in a browser whose 127.0.0.1:{port} leads to this machine" in told
    visit(found[1])

    _, rest = running.communicate(timeout=60)
    assert running.returncode == 0, told + rest
    assert "signed in to acme" in rest
