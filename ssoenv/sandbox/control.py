"""The sandbox's own handles, under ``/_sandbox/``: what tests count, break and turn.

- ``GET requests``: every call served, as ``{service, operation, time (epoch s), status}``; of very
  many the last 50,000
- ``DELETE requests``: forgets them
- ``PUT approve {"approve": "ask", "user": "bob"}``: who answers the pages (ask, auto or deny) and
  as whom; either may be left out
- ``PUT faults {"operation": "CreateToken", "status": 500, "times": 2, "after": 1}``: calls fail,
  the next ones or ``after`` some that go well; ``*`` is every operation. With a ``status`` (and
  ``retry_after``, seconds), with the name of an ``error``, or both; or as ``how`` says (faults.py).
  ``times`` 0 takes it back. With ``failure_reason`` in their place, what such a call starts fails
  later, for that reason
- ``DELETE faults``: takes all of them back
- ``PUT pace {"latency": 50, "rate": 20, "burst": 40, "retry_after": true}``: how slow (ms) and how
  strict (calls of a service a second, 0 for no limit) it is from now on, with a whole burst
- ``PUT provisioning {"seconds": 5}``: how long assignments and provisionings take from now on
- ``PUT clock {"advance": 3600}``: turns the sandbox's clock, in seconds

Bodies are JSON and say so in their Content-Type, which no page elsewhere can send unasked. The lock
of the state is not needed: a test may hold it to stall the services, and turn these meanwhile.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Any

from ssoenv.sandbox import bounds
from ssoenv.sandbox.faults import FORGOTTEN, Fault, Faults
from ssoenv.sandbox.pace import Buckets, Pace
from ssoenv.sandbox.wire import WireError, answer, error_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.wrappers import Request, Response

    from ssoenv.sandbox.people import People
    from ssoenv.sandbox.state import State

PREFIX = "/_sandbox/"
LOGGED = 50_000
"""How many calls are remembered: a sandbox may serve for days."""
_CALL = ("service", "operation", "time", "status")
APPROVALS = ("ask", "auto", "deny")


class Controls:
    """The log of what was served, the faults to come, and the handles that turn them."""

    def __init__(
        self, state: State, people: People, operations: Callable[[], frozenset[str]], pace: Pace
    ) -> None:
        """Take what is turned, and what returns the operations that may be told to fail."""
        self.log: deque[tuple[str, str, float, int]] = deque(maxlen=LOGGED)
        self._noting = threading.Lock()
        self.buckets = Buckets(pace)
        self._state = state
        self._people = people
        self._faults = Faults(operations)

    def note(self, service: str, operation: str, status: int) -> None:
        """Add a call that was served to the log."""
        with self._noting:
            self.log.append((service, operation, self._state.now(), status))

    def fail_if_told(self, service: str, operation: str) -> Fault | None:
        """Raise the error that this call was told to fail with, if it was.

        Returns what else is to happen to it, if anything is.
        """
        fault = self._faults.take(operation)
        if fault is None or fault.reason:
            return fault
        if fault.how == FORGOTTEN:
            self._state.forget_sign_ins()
        elif not fault.how:
            name = fault.error or error_for(service, fault.status or 500)
            told, wait = "As told by /_sandbox/faults", fault.retry_after
            raise WireError(service, name, told, fault.status, retry_after=wait)
        return fault

    def add_fault(self, body: dict[str, Any]) -> str:
        """Have calls fail as `body` says; return what is wrong with it, or nothing."""
        return self._faults.add(body)

    def serve(self, request: Request) -> Response:
        """Turn a handle, or say why it cannot be turned."""
        what = request.path.removeprefix(PREFIX)
        match request.method, what:
            case "GET", "requests":
                with self._noting:
                    calls = tuple(self.log)
                return answer([dict(zip(_CALL, one, strict=True)) for one in calls])
            case "DELETE", "requests":
                self.log.clear()
                return answer(None, 204)
            case "DELETE", "faults":
                self._faults.clear()
                return answer(None, 204)
        turns = {
            "faults": self.add_fault,
            "approve": self._approve,
            "clock": self._clock,
            "provisioning": self._provisioning,
            "pace": self._pace,
        }
        turn = turns.get(what)
        if turn is None or request.method not in ("PUT", "POST"):
            return answer({"message": f"no such handle: {request.method} {what}"}, 404)
        try:
            body = request.get_json(silent=True)
        except RecursionError:
            body = None
        if not isinstance(body, dict):
            return answer({"message": "send a JSON object, as application/json"}, 400)
        problem = turn(body)
        return answer({"message": problem}, 400) if problem else answer(None, 204)

    def _approve(self, body: dict[str, Any]) -> str:
        approve, user = body.get("approve", self._people.approve), body.get("user")
        if approve not in APPROVALS:
            return f"approve: one of {', '.join(APPROVALS)}"
        names = [one.name for one in tuple(self._state.directory.users.values())]
        if user is not None and user not in names:
            return f"user: one of {', '.join(names)}"
        self._people.approve = approve
        self._people.user = user or self._people.user
        return ""

    def _pace(self, body: dict[str, Any]) -> str:
        latency, rate = body.get("latency", 0), body.get("rate", 0)
        burst, told = body.get("burst", 1), body.get("retry_after", False)
        if not bounds.holds(latency, 0, bounds.LATENCY):
            return f"latency: 0 to {bounds.LATENCY} milliseconds"
        if not bounds.is_rate(rate):
            return f"rate: {bounds.SLOWEST:f} to {bounds.FASTEST} calls a second, or 0"
        if not bounds.holds(burst, 1, bounds.BURST, whole=True) or not isinstance(told, bool):
            return f"burst: a whole number, 1 to {bounds.BURST}; retry_after: true or false"
        self.buckets = Buckets(Pace(latency / 1000, rate, burst, told))
        return ""

    def _provisioning(self, body: dict[str, Any]) -> str:
        seconds = body.get("seconds")
        if not bounds.holds(seconds, 0, bounds.SECONDS):
            return f"seconds: a number, 0 to {bounds.SECONDS}"
        self._state.jobs.seconds = float(seconds or 0)
        return ""

    def _clock(self, body: dict[str, Any]) -> str:
        seconds, turned, most = body.get("advance"), self._state.turned, bounds.TURNED
        if not bounds.holds(seconds, -most - turned, most - turned):
            return f"advance: a number of seconds, within {most} of the real time"
        self._state.advance(float(seconds or 0))
        return ""
