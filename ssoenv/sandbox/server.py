"""A running sandbox: the application on a real HTTP server, in a thread, on loopback only."""

from __future__ import annotations

import json
import logging
import re
import socket
import sys
import threading
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import TcpWSGIServer, create_server
from waitress.task import ThreadedTaskDispatcher

from ssoenv.base.errors import UsageError
from ssoenv.sandbox import breaking, environment
from ssoenv.sandbox.app import BEARER, Application
from ssoenv.sandbox.control import APPROVALS
from ssoenv.sandbox.pace import Pace
from ssoenv.sandbox.people import People
from ssoenv.sandbox.state import REFRESH_GRACE_SECONDS, State
from ssoenv.sandbox.world import World, built_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Self

    from waitress.task import Task

THREADS = 32
BODY_LIMIT = 1 << 20
WAKE_SECONDS = 1
CONNECTIONS = 200
"""How many may be connected; of more, those that have asked for nothing for longest have to go."""
AT_ONCE = Pace()
"""As quick as it can, and without a limit."""
_BEARER = re.compile(rb"\r\nx-amz-sso_bearer_token:", re.IGNORECASE)


class _Parser(HTTPRequestParser):
    """Lets the portal's bearer header through: waitress drops names with an underscore."""

    def parse_header(self, header_plus: bytes) -> None:
        """Read the header block with that one name spelled in a way that WSGI can carry."""
        super().parse_header(_BEARER.sub(f"\r\n{BEARER}:".encode(), header_plus))


def _channel_of(stopping: threading.Event) -> type[HTTPChannel]:
    """Return the class of the connections of a server that stops when `stopping` is set."""
    parts = {"parser_class": _Parser, "task_class": breaking.task_of(stopping)}
    return type("Channel", (HTTPChannel,), parts)


class _Workers(ThreadedTaskDispatcher):
    """The threads that answer requests: waitress's own, begun as needed, and waited for."""

    def __init__(self) -> None:
        super().__init__()
        self._started: list[threading.Thread] = []
        self._adding = threading.Lock()
        self._room = THREADS

    def start_new_thread(self, target: Callable[[int], object], thread_no: int) -> None:
        """Start a thread, and remember it."""
        thread = threading.Thread(
            target=target, name=f"ssoenv-sandbox-{thread_no}", args=(thread_no,), daemon=True
        )
        thread.start()
        self._started.append(thread)

    def add_task(self, task: Task) -> None:
        """Have `task` done by a thread that waits for one, or else by one more, up to THREADS."""
        with self._adding:
            waiting = len(self.threads) - self.active_count - len(self.queue)
            if waiting < 1 and self._room:
                self._room -= 1
                self.set_thread_count(len(self.threads) + 1)
            super().add_task(task)

    def finish(self) -> None:
        """Let every thread finish the answer that it is at, and wait until it has ended."""
        with self._adding:
            self._room = 0
            self.set_thread_count(0)
        for thread in self._started:
            thread.join()


class Sandbox:
    """A local Identity Center, serving from the moment it is entered until it is left."""

    def __init__(
        self,
        *,
        world: World | None = None,
        approve: str = "auto",
        user: str = "",
        token_ttl: int = 3600,
        credentials_ttl: int = 3600,
        port: int = 0,
        pace: Pace = AT_ONCE,
    ) -> None:
        """Keep the world and how it answers; `port` 0 picks a free one. Lifetimes are in seconds.

        `user` signs in where nobody is asked; empty: the first of the world, or the first whom an
        administrator adds. The port listens at once. Raises UsageError when there is no such user,
        or the port is taken.
        """
        self.world = world or built_in()
        if user and self.world.user(user) is None:
            known = ", ".join(one.name for one in self.world.users) or "nobody yet"
            raise UsageError(f"the world has no user {user!r}; there is: {known}")
        if approve not in APPROVALS:
            raise UsageError(f"approve {approve!r}: one of {', '.join(APPROVALS)}")
        self.state = State(
            self.world,
            token_ttl=token_ttl,
            credentials_ttl=credentials_ttl,
            refresh_grace=0 if pace.strict_refresh else REFRESH_GRACE_SECONDS,
        )
        self.state.jobs.seconds = pace.provisioning
        self._asks = approve == "ask"
        first = self.world.users[0].name if self.world.users else ""
        people = People(self.state, approve=approve, user=user or first)
        self._sockets: dict[int, Any] = {}
        self._workers = _Workers()
        self._stopping = threading.Event()
        application = Application(self.state, people, pace)
        self._controls = application.controls
        self._server = _listen(application, port, self._sockets, self._workers)
        self._server.channel_class = _channel_of(self._stopping)
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, name="ssoenv-sandbox", daemon=True)

    def environment(
        self, folder: str, inherited: Mapping[str, str] | None = None
    ) -> dict[str, str]:
        """Return what points AWS tools here; `folder` receives the files that this takes.

        Hosts that `inherited` keeps from proxies already are kept from them still.
        """
        return environment.variables(
            self.url, folder, browser=not self._asks, inherited=inherited or {}
        )

    def write_home(self, home: str) -> None:
        """Write the AWS config of a user of this world under `home`."""
        environment.write_home(home, self.world)

    def write_administrators(self, home: str) -> None:
        """Write profiles for the administrators of this world into the credentials file of `home`.

        They are users of IAM: these keys do not come from an Identity Center.
        """
        environment.write_administrators(home, self.world)

    def requests(self) -> list[dict[str, Any]]:
        """Return every call served so far: service, operation, time (epoch s), status."""
        found: list[dict[str, Any]] = json.loads(self._call("GET", "requests"))
        return found

    def clear_requests(self) -> None:
        """Forget the calls served so far."""
        self._call("DELETE", "requests")

    def set_approve(self, approve: str, user: str | None = None) -> None:
        """Change who answers the pages: ask, auto or deny; and as whom."""
        self._call("PUT", "approve", {"approve": approve} | ({"user": user} if user else {}))

    def fail(self, operation: str, error: str | int, times: int = 1) -> None:
        """Have the next calls of `operation` fail: with an error's name, or an HTTP status."""
        fault = {"status": error} if isinstance(error, int) else {"error": error}
        self._call("PUT", "faults", {"operation": operation, "times": times} | fault)

    def break_calls(self, operation: str, times: int = 1, **fault: str | int) -> None:
        """Have calls of `operation` fail, as control.py has it: ``how``, ``status``, ``after``.

        Raises UsageError that says what cannot be.
        """
        problem = self._controls.add_fault({"operation": operation, "times": times} | fault)
        if problem:
            raise UsageError(problem)

    def fail_later(self, operation: str, reason: str, times: int = 1) -> None:
        """Have what the next calls of `operation` start fail later: an assignment, for example."""
        fault = {"operation": operation, "times": times, "failure_reason": reason}
        self._call("PUT", "faults", fault)

    def set_provisioning(self, seconds: float) -> None:
        """Change how long assignments and provisionings take that are started from now on."""
        self._call("PUT", "provisioning", {"seconds": seconds})

    def clear_faults(self) -> None:
        """Take back every failure that is still to come."""
        self._call("DELETE", "faults")

    def set_pace(
        self, *, latency: float = 0, rate: float = 0, burst: int = 1, retry_after: bool = False
    ) -> None:
        """Change how slow (`latency`, milliseconds) and how strict the next calls are."""
        pace = {"latency": latency, "rate": rate, "burst": burst, "retry_after": retry_after}
        self._call("PUT", "pace", pace)

    def advance(self, seconds: float) -> None:
        """Turn the sandbox's clock forward."""
        self._call("PUT", "clock", {"advance": seconds})

    def __enter__(self) -> Self:
        """Start to serve."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop, whoever is still connected; the port is free again. May be called twice.

        Workers wake the serving thread through waitress's trigger, a pipe, whenever they finish an
        answer. So the order matters: first the serving thread ends, then the workers do, and only
        when nobody is left who could write to the pipe is it closed, with all the sockets.
        """
        self._stopping.set()
        if self._thread.is_alive():
            self._server.pull_trigger()
            self._thread.join()
        self._workers.finish()
        wasyncore.close_all(self._sockets)

    def _serve(self) -> None:
        while not self._stopping.is_set():
            wasyncore.loop(timeout=WAKE_SECONDS, use_poll=True, map=self._sockets, count=1)
            _make_room(self._server)

    def _call(self, method: str, what: str, body: object = None) -> bytes:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310 - our own address
            f"{self.url}/_sandbox/{what}",
            data,
            {"Content-Type": "application/json"},
            method=method,
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=10) as response:
                content: bytes = response.read()
        except urllib.error.HTTPError as refused:
            with refused:  # its connection is not left to the collector
                raise
        return content


def _make_room(server: TcpWSGIServer) -> None:
    """Close the connections that have been idle for longest, where there are too many."""
    channels: list[Any] = list(vars(server)["active_channels"].values())
    excess = len(channels) - CONNECTIONS
    if excess > 0:
        idle = [one for one in channels if not one.requests]
        for one in sorted(idle, key=lambda channel: float(channel.last_activity))[:excess]:
            one.will_close = True


def _listen(
    application: Application, port: int, sockets: dict[int, Any], workers: _Workers
) -> TcpWSGIServer:
    """Return a server that listens on `port` of 127.0.0.1, and nowhere else."""
    try:
        listening = socket.create_server(("127.0.0.1", port))
    except OSError as error:
        reason = error.strerror or error
        raise UsageError(
            f"cannot listen on port {port}: {reason}", advice="--port 0 picks a free one"
        ) from None
    server = create_server(
        application,
        map=sockets,
        sockets=[listening],
        _dispatcher=workers,
        ident="ssoenv-sandbox",
        max_request_body_size=BODY_LIMIT,
        # Only those who wait for an answer can be so many.
        connection_limit=2 * CONNECTIONS,
        # No worker ever waits for a client that does not read: each of them can be waited for.
        outbuf_high_watermark=sys.maxsize,
        clear_untrusted_proxy_headers=True,
    )
    # create_server gives something else only for more than one address, or a Unix socket.
    assert isinstance(server, TcpWSGIServer)  # noqa: S101
    # More callers than threads are no cause for a warning here: they wait.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    return server
