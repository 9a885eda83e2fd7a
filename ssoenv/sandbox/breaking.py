"""Answers that are not what the service would send, or that do not come as they should."""

from __future__ import annotations

import json
import socket
import struct
from typing import TYPE_CHECKING

from waitress.task import WSGITask
from werkzeug.utils import redirect

from ssoenv.sandbox import pages

if TYPE_CHECKING:
    import threading

    from werkzeug.wrappers import Request, Response

BREAKS = "ssoenv.sandbox.breaks"
"""Where in the environment of a request it stands how its answer breaks."""
LONGEST = 60.0
"""Seconds for which an answer that does not come keeps a thread: nobody waits for longer."""
DRIP = 0.2
"""Seconds between two bytes of one that is slow."""
_RESET = struct.pack("ii", 1, 0)


def breaks(request: Request, how: str) -> None:
    """Have the answer to `request` break as `how` says, one of faults.BROKEN."""
    request.environ[BREAKS] = how


def changed(response: Response, how: str, now: float) -> Response:
    """Return what is sent in place of `response`: `how` is one of faults.CHANGED."""
    if how == "empty":
        response.set_data(b"")
    elif how == "half":
        body = response.get_data()
        response.set_data(body[: len(body) // 2])
    elif how == "plain":
        response.content_type = "text/plain"
    elif how == "page":
        return pages.message("Welcome to the hotel", "Your room number, please.")
    elif how == "redirect":
        return redirect("/elsewhere", 302)
    elif how == "expired":
        _expire(response, now)
    return response


def _expire(response: Response, now: float) -> None:
    """Have credentials in `response`, if there are any, end a minute before `now` (epoch s)."""
    document = response.get_json(silent=True)
    keys = document.get("roleCredentials") if isinstance(document, dict) else None
    if keys:
        keys["expiration"] = int((now - 60) * 1000)
        response.set_data(json.dumps(document))


class Task(WSGITask):
    """One request and its answer, which may break on the way."""

    stopping: threading.Event
    """Set when nobody is to be kept waiting any longer."""
    _head = b""
    _body = b""

    def _how(self) -> str:
        return str((self.environ or {}).get(BREAKS, ""))

    def write(self, data: bytes) -> None:
        """Send a part of the answer; one that breaks is put together first."""
        if not self._how():
            super().write(data)
            return
        if not self.wrote_header:
            self._head = self.build_response_header()
            self.wrote_header = True
        self._body += data
        self.content_bytes_written += len(data)

    def finish(self) -> None:
        """End the answer, or break it."""
        how = self._how()
        if how:
            self.write(b"")
            self._break(how)
            self.close_on_finish = True
        else:
            super().finish()

    def _break(self, how: str) -> None:
        head, body, half = self._head, self._body, len(self._body) // 2
        if how in ("hang-up", "reset") and self.channel.socket:
            self.channel.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        if how in ("reset", "cut"):
            self.channel.write_soon(head + body[:half])
        elif how == "silent":
            self.stopping.wait(LONGEST)
        elif how == "slow-headers":
            self._drip(head)
            self.channel.write_soon(body)
        elif how == "slow-body":
            self.channel.write_soon(head)
            self._drip(body)

    def _drip(self, data: bytes) -> None:
        """Send `data` a byte at a time, and no more of it than fits into LONGEST."""
        for place in range(min(len(data), int(LONGEST / DRIP))):
            self.channel.write_soon(data[place : place + 1])
            self.channel.server.pull_trigger()
            if self.stopping.wait(DRIP):
                return


def task_of(stopping: threading.Event) -> type[Task]:
    """Return the class of the tasks of a server that stops when `stopping` is set."""
    return type("Task", (Task,), {"stopping": stopping})
