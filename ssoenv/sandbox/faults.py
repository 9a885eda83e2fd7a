"""The faults to come: which calls fail, and how, as ``PUT /_sandbox/faults`` has it.

A fault is of one operation, or of every one (``*``), and of a number of its calls, beginning with
the next or `after` some that go well. The call is refused, with an error's name or a status; or it
is served, and then its answer is another (`CHANGED`) or does not come as it should (`BROKEN`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ssoenv.base.values import dataclass
from ssoenv.sandbox import bounds

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

ANY = "*"
"""Every operation."""
MOST = 1_000_000
"""How many calls a fault may be of, or wait for."""
FORGOTTEN = "forgotten"
"""Before the call, the service forgets every sign-in: the token of a moment ago is none."""
BROKEN = {
    "hang-up": "the connection is reset before a byte of the answer",
    "reset": "the connection is reset in the middle of the body",
    "cut": "the connection is closed in the middle of the body",
    "silent": "no byte ever comes",
    "slow-headers": "the headers come a byte at a time",
    "slow-body": "the body comes a byte at a time",
}
CHANGED = {
    "empty": "200, and nothing",
    "half": "the first half of the body, as if it were whole",
    "page": "200, and a page such as a captive portal's",
    "plain": "the answer, as text/plain",
    "redirect": "302 to somewhere else",
    "expired": "credentials that have ended a minute ago",
}


@dataclass(slots=True)
class Fault:
    """How the next `times` calls fail that come `after` so many.

    One of `error` (a name), `status`, `how` and `reason` says it; the last lets what the call
    starts fail later. `retry_after` is in seconds, for a header of that name; 0: there is none.
    """

    error: str | None = None
    status: int | None = None
    times: int = 1
    reason: str = ""
    how: str = ""
    after: int = 0
    retry_after: int = 0


class Faults:
    """The faults that are still to come, one for each operation."""

    def __init__(self, operations: Callable[[], Collection[str]]) -> None:
        """Begin with none; `operations` returns those that may be told to fail."""
        self._operations = operations
        self._coming: dict[str, Fault] = {}

    def clear(self) -> None:
        """Take all of them back."""
        self._coming.clear()

    def take(self, operation: str) -> Fault | None:
        """Count a call; return how it fails, if it does."""
        name = operation if operation in self._coming else ANY
        fault = self._coming.get(name)
        if fault is None:
            return None
        if fault.after:
            fault.after -= 1
            return None
        fault.times -= 1
        if fault.times <= 0:
            del self._coming[name]
        return fault

    def add(self, body: dict[str, Any]) -> str:
        """Have what `body` says come; return what is wrong with it, or nothing."""
        operation, times = body.get("operation"), body.get("times", 1)
        known = self._operations()
        if not isinstance(operation, str) or operation not in (ANY, *known):
            return f"operation: {ANY}, or one of {', '.join(sorted(known))}"
        fault = Fault(
            body.get("error"),
            body.get("status"),
            times,
            body.get("failure_reason") or "",
            body.get("how") or "",
            body.get("after", 0),
            body.get("retry_after", 0),
        )
        problem = _problem(fault)
        if problem:
            return problem
        if times > 0:
            self._coming[operation] = fault
        else:
            self._coming.pop(operation, None)
        return ""


def _problem(fault: Fault) -> str:
    """Return what is wrong with a fault as somebody sent it, or nothing."""
    error, status, hows = fault.error, fault.status, (*BROKEN, *CHANGED, FORGOTTEN)
    told = isinstance(error, str) or status is not None or fault.reason or fault.how
    named = error is None or (isinstance(error, str) and bounds.is_name(error))
    checks = {
        "an error (its name), a status or a how is needed, and times must be a number": bool(told)
        and type(fault.times) is int,
        "status: 400 to 599": status is None or bounds.holds(status, 400, 599, whole=True),
        "error: the name of one, of letters, digits and ._-": named,
        f"how: one of {', '.join(hows)}": not fault.how or fault.how in hows,
        "failure_reason: a text": isinstance(fault.reason, str),
        f"after: a whole number, 0 to {MOST}": bounds.holds(fault.after, 0, MOST, whole=True),
        f"times: at most {MOST}": bounds.holds(fault.times, -MOST, MOST),
        f"retry_after: whole seconds, 0 to {bounds.SECONDS}": bounds.holds(
            fault.retry_after, 0, bounds.SECONDS, whole=True
        ),
    }
    return next((words for words, holds in checks.items() if not holds), "")
