"""The sandbox's own handles, under ``/_sandbox/``: what tests count, break and turn.

- ``GET requests``: every call served, as ``{service, operation, time (epoch s), status}``
- ``DELETE requests``: forgets them
- ``PUT approve {"approve": "ask", "user": "bob"}``: who answers the pages (ask, auto or deny) and
  as whom; either may be left out
- ``PUT faults {"operation": "CreateToken", "status": 500, "times": 2}``: the next calls fail, with
  a ``status``, with the name of an ``error``, or both; ``times`` 0 takes it back. With
  ``failure_reason`` in their place, what such a call starts fails later, for that reason
- ``DELETE faults``: takes all of them back
- ``PUT pace {"latency": 50, "rate": 20, "burst": 40, "retry_after": true}``: how slow (ms) and how
  strict (calls of a service a second, 0 for no limit) it is from now on, with a whole burst
- ``PUT provisioning {"seconds": 5}``: how long assignments and provisionings take from now on
- ``PUT clock {"advance": 3600}``: turns the sandbox's clock, in seconds

Bodies are JSON and say so in their Content-Type, which no page elsewhere can send unasked. The lock
of the state is not needed: a test may hold it to stall the services, and turn these meanwhile.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ssoenv.sandbox import bounds
from ssoenv.sandbox.pace import Buckets, Pace
from ssoenv.sandbox.wire import WireError, answer, error_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.wrappers import Request, Response

    from ssoenv.sandbox.people import People
    from ssoenv.sandbox.state import State

PREFIX = "/_sandbox/"
APPROVALS = ("ask", "auto", "deny")
_NAME = re.compile(r"[A-Za-z0-9._-]{1,100}")


@dataclass
class Fault:
    """How the next `times` calls of an operation fail; with a `reason`, what they start does."""

    error: str | None
    status: int | None
    times: int
    reason: str = ""


class Controls:
    """The log of what was served, the faults to come, and the handles that turn them."""

    def __init__(
        self, state: State, people: People, operations: Callable[[], frozenset[str]], pace: Pace
    ) -> None:
        """Take what is turned, and what returns the operations that may be told to fail."""
        self.log: list[dict[str, Any]] = []
        self.buckets = Buckets(pace)
        self._state = state
        self._people = people
        self._operations = operations
        self._faults: dict[str, Fault] = {}

    def note(self, service: str, operation: str, status: int) -> None:
        """Add a call that was served to the log."""
        call = {"service": service, "operation": operation}
        self.log.append(call | {"time": self._state.now(), "status": status})

    def fail_if_told(self, service: str, operation: str) -> str:
        """Raise the error that this call was told to fail with, if it was.

        Returns the reason for which what it starts is to fail later, if it was told that.
        """
        fault = self._faults.get(operation)
        if fault is None:
            return ""
        fault.times -= 1
        if fault.times <= 0:
            del self._faults[operation]
        if fault.reason:
            return fault.reason
        name = fault.error or error_for(service, fault.status or 500)
        raise WireError(service, name, "As told by /_sandbox/faults", fault.status)

    def serve(self, request: Request) -> Response:
        """Turn a handle, or say why it cannot be turned."""
        what = request.path.removeprefix(PREFIX)
        match request.method, what:
            case "GET", "requests":
                return answer(list(self.log))
            case "DELETE", "requests":
                self.log.clear()
                return answer(None, 204)
            case "DELETE", "faults":
                self._faults.clear()
                return answer(None, 204)
        turns = {
            "faults": self._fault,
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

    def _fault(self, body: dict[str, Any]) -> str:
        operation, times = body.get("operation"), body.get("times", 1)
        error, status, reason = body.get("error"), body.get("status"), body.get("failure_reason")
        known = self._operations()
        if not isinstance(operation, str) or operation not in known:
            return f"operation: one of {', '.join(sorted(known))}"
        told = isinstance(error, str) or isinstance(status, int) or isinstance(reason, str)
        if not told or type(times) is not int:
            return "an error (its name) or a status is needed, and times must be a number"
        if status is not None and not bounds.holds(status, 400, 599, whole=True):
            return "status: 400 to 599"
        if error is not None and not (isinstance(error, str) and _NAME.fullmatch(error)):
            return "error: the name of one, of letters, digits and ._-"
        if times > 0:
            self._faults[operation] = Fault(error, status, times, reason or "")
        else:
            self._faults.pop(operation, None)
        return ""

    def _approve(self, body: dict[str, Any]) -> str:
        approve, user = body.get("approve", self._people.approve), body.get("user")
        if approve not in APPROVALS:
            return f"approve: one of {', '.join(APPROVALS)}"
        names = [one.name for one in self._state.directory.users.values()]
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
