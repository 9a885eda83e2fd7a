"""An address of ours that leads the browser to a page whose own address is a secret, once.

The address of a page is among the arguments of the program that opens it, where every user of the
machine can read it. So what stands there is an address of ours, which is worth nothing a moment
later; and who asks for it has to be this very user, as far as the kernel tells.
"""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

from ssoenv.sign_in import pages
from ssoenv.sign_in.loopback import Door, Handler, LoopbackServer

if TYPE_CHECKING:
    from typing import Self

_TABLES = ("/proc/net/tcp", "/proc/net/tcp6")


class HandOver:
    """Listens from the moment it is made, answers from when it is entered until it is left."""

    def __init__(self, page: str) -> None:
        """Take the address of the page; bind to a free port of 127.0.0.1. OSError."""
        self._door = Door()
        self._taken = threading.Event()
        self._server = _Server(_Handler)
        self._server.owner = self
        self.address = self._server.address_of(self._door.lead_to(page))
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True
        )

    def wait(self, seconds: float) -> bool:
        """Return whether a browser came for the page, in `seconds` at the latest."""
        return self._taken.wait(seconds)

    def take(self, hosts: list[str], target: str, port: int) -> str:
        """Return the page for a GET of `target` that came from `port` of this machine; else ""."""
        if not self._server.is_meant(hosts) or _is_another_users(port, self._server.server_port):
            return ""
        return self._door.take(target)

    def taken(self) -> None:
        """Note that the browser has it."""
        self._taken.set()

    def __enter__(self) -> Self:
        """Start to answer."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()


class _Server(LoopbackServer):
    owner: HandOver


class _Handler(Handler):
    server: _Server

    def do_GET(self) -> None:
        """Lead the browser to the page."""
        page = self.server.owner.take(self.hosts, self.target, self.client_address[1])
        if not page:
            self.reply(400, pages.STRAY)
            return
        self.reply(302, "", {"Location": page})
        self.wfile.flush()
        self.server.owner.taken()


def _is_another_users(port: int, ours: int) -> bool:
    """Whether the connection from `port` to `ours` is one of another user; not where nobody knows.

    The super-user's are taken for ours: a relay into a virtual machine, as in WSL, is one.
    """
    for path in _TABLES:
        try:
            with open(path, encoding="ascii") as table:
                owner = owner_of(table.read(), port, ours)
        except OSError:
            continue
        if owner is not None:
            return owner not in (0, os.getuid())
    return False


def owner_of(table: str, port: int, remote: int) -> int | None:
    """Return the user whose socket is at `port` and connected to `remote`, by a kernel's `table`.

    Format: proc(5), ``/proc/net/tcp``: number, local and remote address with the port in
    hexadecimal, state, queues, timer, retransmissions, user.
    """
    wanted = (f"{port:04X}", f"{remote:04X}")
    for line in table.splitlines()[1:]:
        words = line.split()
        if len(words) > 7 and tuple(one.rpartition(":")[2] for one in words[1:3]) == wanted:
            return int(words[7])
    return None
