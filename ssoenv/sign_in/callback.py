"""The loopback page that the browser comes back to with the answer (RFC 8252 section 7.3).

Anybody on this machine, and any web page through the person's browser, can talk to it. So it
listens on 127.0.0.1 alone, takes one path, checks Host and state, answers everything else with an
error *and keeps waiting*: no stray request can end a sign-in, and no code that the service does not
take. It repeats nothing it was told.

It also leads the browser to the sign-in page, so that the address of that page, which says how to
answer us, is not among the arguments of the program that opens it.
"""

from __future__ import annotations

import contextlib
import queue
import secrets
import threading
import time
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from ssoenv.base import dialects
from ssoenv.base.errors import SignInDenied, SignInTimedOut, UsageError
from ssoenv.base.values import dataclass, field
from ssoenv.identity_center.refusals import ClientRejected, GrantRejected
from ssoenv.sign_in import pages
from ssoenv.sign_in.loopback import PATIENCE, Door, Handler, LoopbackServer

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self, TypeVar

    Result = TypeVar("Result")

PATH = "/oauth/callback"
ANSWERS = 16
"""How many answers with our state may wait at the same time for the service to take one."""
_ERRORS = frozenset("abcdefghijklmnopqrstuvwxyz_")


@dataclass(eq=False, slots=True)
class _Answer:
    """What came with our state, a ``code`` or an ``error``, and the page that it is answered by."""

    kind: str
    value: str = field(repr=False)
    reply: tuple[int, str] = (400, pages.STRAY)
    settled: threading.Event = field(default_factory=threading.Event)
    sent: threading.Event = field(default_factory=threading.Event)

    def settle(self, status: int, page: str) -> None:
        """Have the browser shown `page`, and wait until it has it."""
        self.reply = status, page
        self.settled.set()
        self.sent.wait(PATIENCE)


class CallbackServer:
    """Listens from the moment it is made, answers from when it is entered until it is left."""

    def __init__(self, label: str, port: int = 0) -> None:
        """Bind to `port` of 127.0.0.1, or to a free one. `label` names the session in messages.

        Raises UsageError for a port that cannot be had, and OSError.
        """
        self.state = secrets.token_urlsafe(24)
        self._label = label
        self._guard = threading.Lock()
        self._answers: queue.Queue[_Answer] = queue.Queue(ANSWERS)
        self._waiting: set[_Answer] = set()
        self._over = False
        self._door = Door()
        try:
            self._server = _Server(_Handler, port=port)
        except OSError as error:
            if not port:
                raise
            raise _no_port(label, port, error) from None
        self._server.owner = self
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True
        )

    @property
    def redirect_uri(self) -> str:
        """Where the browser is sent back to."""
        return self._server.address_of(PATH)

    def lead_to(self, page: str) -> str:
        """Return an address of ours that leads to `page`, once: the second learns nothing."""
        return self._server.address_of(self._door.lead_to(page))

    def wait(
        self,
        timeout: float,
        exchange: Callable[[str], Result],
        waiting: Callable[[float], None] = lambda _: None,
    ) -> Result:
        """Return what `exchange` makes of the first authorization code that it does not reject.

        `waiting` hears, each second, how many are left. Raises SignInDenied, SignInTimedOut after
        `timeout` seconds, and what `exchange` raises, other than GrantRejected.
        """
        end = time.monotonic() + timeout
        while True:
            answer = self._next(end, waiting)
            if answer.kind == "error":
                answer.settle(200, pages.DECLINED)
                raise self._declined(answer.value)
            try:
                result = exchange(answer.value)
            except ClientRejected:
                answer.settle(400, pages.NOT_TAKEN)
                raise
            except GrantRejected:
                answer.settle(400, pages.NOT_TAKEN)
                continue
            except BaseException:
                answer.settle(400, pages.NOT_TAKEN)
                raise
            self._over = True
            answer.settle(200, pages.SIGNED_IN)
            return result

    def _next(self, end: float, waiting: Callable[[float], None]) -> _Answer:
        while (left := end - time.monotonic()) > 0:
            waiting(left)
            with contextlib.suppress(queue.Empty):
                return self._answers.get(timeout=min(left, 1.0))
        raise SignInTimedOut(
            f"nobody answered the sign-in page of {self._label} in time",
            fix=f"ssoenv login {dialects.word(self._label)}",
        )

    def _declined(self, error: str) -> SignInDenied:
        hint = f"ssoenv login {dialects.word(self._label)}"
        if error == "access_denied" or set(error) - _ERRORS or len(error) > 40:
            return SignInDenied(f"the sign-in to {self._label} was declined", fix=hint)
        return SignInDenied(f"the sign-in to {self._label} was refused ({error})", fix=hint)

    def take(self, hosts: list[str], target: str) -> _Answer | str | None:
        """Take a GET of `target` with the Host headers `hosts`.

        Return an answer with our state, which is settled once the service has seen it; the page
        that the browser is to be led to; or None for any other request.
        """
        if not self._server.is_meant(hosts):
            return None
        path, _, query = target.partition("?")
        if page := self._door.take(path):
            return page
        answer = self._read(query) if path == PATH else None
        with self._guard:
            if answer is None or self._over:
                return None
            with contextlib.suppress(queue.Full):
                self._answers.put_nowait(answer)
                self._waiting.add(answer)
                return answer
        return None

    def _read(self, query: str) -> _Answer | None:
        """Return the code or the error of a query with our state; None for any other."""
        try:
            fields = parse_qs(query, max_num_fields=16)
        except ValueError:
            return None
        states = fields.get("state", [])
        if len(states) != 1 or not secrets.compare_digest(states[0].encode(), self.state.encode()):
            return None
        found = [(kind, value) for kind in ("code", "error") for value in fields.get(kind, [])]
        return _Answer(*found[0]) if len(found) == 1 else None

    def __enter__(self) -> Self:
        """Start to answer."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop listening; who still waits for an answer is told that it was not taken."""
        with self._guard:
            self._over = True
            for answer in self._waiting:
                answer.settled.set()
        self._server.shutdown()
        self._server.server_close()


def _no_port(label: str, port: int, error: OSError) -> UsageError:
    """Return the error for a `port` that is in use, or not ours to listen on."""
    reason = (error.strerror or "it cannot be had").lower()
    other = port + 1 if 1024 <= port < 65535 else 8250
    return UsageError(
        f"cannot listen on port {port} of 127.0.0.1: {reason}",
        fix=f"ssoenv login {dialects.word(label)} --port {other}",
    )


class _Server(LoopbackServer):
    owner: CallbackServer


class _Handler(Handler):
    server: _Server

    def do_GET(self) -> None:
        """Answer the browser."""
        taken = self.server.owner.take(self.hosts, self.target)
        if isinstance(taken, str):
            self.reply(302, "", {"Location": taken})
        elif taken is None:
            self.reply(400, pages.STRAY)
        else:
            self.server.keep(self.connection)
            taken.settled.wait()
            try:
                self.reply(*taken.reply)
            finally:
                taken.sent.set()
