"""A sandbox that is stopped while it answers: hundreds of times, with the worst of timing."""

from __future__ import annotations

import os
import random
import socket
import threading
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from waitress.trigger import trigger

from ssoenv.sandbox.server import Sandbox

if TYPE_CHECKING:
    import pytest

CYCLES = 300
CLIENTS = 4
SLOWEST = 0.02
# Two at a time: the second is still to come when the first is answered.
REQUESTS = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" * 2


class Client(threading.Thread):
    """Asks, and asks again, until the server is gone."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._address = ("127.0.0.1", urlsplit(url).port)
        self.asked = threading.Event()

    def run(self) -> None:
        try:
            with socket.create_connection(self._address, timeout=10) as connection:
                while True:
                    connection.sendall(REQUESTS)
                    self.asked.set()
                    if not connection.recv(1 << 16):
                        break
        except ConnectionError:
            pass


def test_it_stops_whatever_its_workers_are_at(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Now and then a thread that wakes the server is slow to, as on a busy machine."""
    name = "_physical_pull"
    at_once = getattr(trigger, name)
    chance = random.Random(10)  # noqa: S311

    def pull(self: trigger) -> None:
        if chance.random() < 0.25:
            time.sleep(chance.random() * SLOWEST)
        at_once(self)

    monkeypatch.setattr(trigger, name, pull)
    threads = threading.active_count()
    descriptors = len(os.listdir("/proc/self/fd"))
    for _ in range(CYCLES):
        with Sandbox() as sandbox:
            clients = [Client(sandbox.url) for _ in range(CLIENTS)]
            for client in clients:
                client.start()
            for client in clients:
                assert client.asked.wait(10)
        for client in clients:
            client.join()
        assert threading.active_count() == threads
    # What tests before this one left behind may go meanwhile.
    assert len(os.listdir("/proc/self/fd")) <= descriptors
    assert caplog.messages == []
