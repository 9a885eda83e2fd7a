"""Changes being made: planned first, then one after the other, and what came of each.

Some the service takes at once and works on for some seconds: those are waited for, and no more of
them are begun than may be in progress together. What is so already is not planned at all, so that
the same command may be run again after any failure.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from ssoenv.base.errors import ServiceUnavailable, SsoenvError
from ssoenv.identity_center.administration import NotFound, text_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ssoenv.admin.center import Center

SHORTEST, LONGEST = 0.2, 3.0
"""Seconds between two looks at what is in progress: more, the longer nothing has come of it."""
IN_PROGRESS, SUCCEEDED, FAILED = "IN_PROGRESS", "SUCCEEDED", "FAILED"
MADE = "(made)"
"""Stands in a request for the id of what was made by a call before it."""
_SCOPES = {
    "sso-admin": ("InstanceArn", "arn"),
    "identitystore": ("IdentityStoreId", "identity_store"),
}
"""What every request of a service names, and which attribute of the instance that is."""


@dataclass(frozen=True, slots=True)
class Requests:
    """A kind of requests that the service works on: what its operations and members are called.

    Those of one `group` go on beside each other, `at_once` of them.
    """

    group: str
    at_once: int
    status: str
    argument: str
    describe: str
    list: str
    listed: str


@dataclass(frozen=True, slots=True)
class Call:
    """One call that changes something.

    `requests` is the kind of request that it starts; `gives` the path of the id in its answer for
    which `MADE` stands in the calls behind it.
    """

    service: str
    operation: str
    request: Mapping[str, Any]
    requests: Requests | None = None
    gives: str = ""


class Change(Protocol):
    """One change, frozen: its call, and how it is shown."""

    @property
    def call(self) -> Call | None:
        """What makes it; None: the change before it brings it with it."""

    @property
    def sign(self) -> str:
        """How a plan marks it: +, ~ or -."""

    @property
    def done(self) -> str:
        """What came of it in a word, once it is made."""

    def cells(self) -> tuple[str, ...]:
        """Return what it is, for people: three cells."""

    def described(self) -> dict[str, str]:
        """Return what it is, for scripts."""


@dataclass(slots=True)
class Outcome:
    """What came of a change so far: the id of its request, its status, and why it failed."""

    change: Change
    request: str = ""
    status: str = IN_PROGRESS
    reason: str = ""

    @property
    def word(self) -> str:
        """What came of it in a word."""
        return {SUCCEEDED: self.change.done, FAILED: "failed"}.get(self.status, "in progress")

    def described(self) -> dict[str, str]:
        """Return it for scripts."""
        return self.change.described() | {
            "request_id": self.request,
            "status": self.status,
            "reason": self.reason,
        }


@dataclass(slots=True)
class Making:
    """The changes being made; `timeout` is in seconds, and 0 does not wait for what is started."""

    center: Center
    changes: list[Change]
    timeout: float
    outcomes: list[Outcome] = field(default_factory=list)
    made: str = ""
    """The id for which `MADE` stands."""

    def run(self, tell: Callable[[int, int, float], None]) -> None:
        """Make them all. `outcomes` says what came of each, whatever this raises."""
        began, pause = time.monotonic(), SHORTEST
        while True:
            self._begin()
            open_ones, rest = self._open(), len(self.changes) - len(self.outcomes)
            if not open_ones or not (rest or self.timeout):
                return
            finished = self._look_at(open_ones)
            done = sum(one.status != IN_PROGRESS for one in self.outcomes)
            spent = time.monotonic() - began
            tell(done, len(self.changes), max(done, 1) / spent)
            pause = SHORTEST if finished else min(LONGEST, pause * 1.5)
            if self.timeout and spent > self.timeout and not finished:
                raise ServiceUnavailable(
                    f"{len(open_ones)} changes are still in progress after {round(spent)} s",
                    advice="they go on at the service; the same command tells what is left",
                )
            if not finished:
                time.sleep(pause)

    def require_success(self) -> None:
        """Raise SsoenvError where changes have failed."""
        failed = [one for one in self.outcomes if one.status == FAILED]
        if failed:
            count = f"{len(failed)} of {len(self.changes)} changes failed"
            raise SsoenvError(count, advice="the same command tries again what is not so yet")

    def _open(self) -> list[Outcome]:
        return [one for one in self.outcomes if one.status == IN_PROGRESS]

    def _begin(self) -> None:
        """Begin as many changes as there is room for."""
        while len(self.outcomes) < len(self.changes):
            change = self.changes[len(self.outcomes)]
            if not self._has_room(change.call.requests if change.call else None):
                return
            self._start(change)

    def _has_room(self, requests: Requests | None) -> bool:
        """Whether a change that starts one of these `requests`, or none, may be begun now.

        It waits for what is of another kind, for that may be what it needs, and goes without it
        nowhere.
        """
        unfinished = [one for one in self.outcomes if one.status != SUCCEEDED]
        groups = {_requests(one).group for one in unfinished}
        if requests is None or groups - {requests.group}:
            return not unfinished
        return len(self._open()) < requests.at_once

    def _start(self, change: Change) -> None:
        outcome = Outcome(change, status=SUCCEEDED)
        if change.call is not None:
            answer = self._ask(change.call)
            if change.call.gives:
                self.made = text_in(answer, change.call.gives)
            if change.call.requests:
                status = answer.part(change.call.requests.status)
                outcome = Outcome(change, status.text("RequestId"))
                _note(outcome, status)
        self.outcomes.append(outcome)

    def _ask(self, call: Call) -> Any:
        """Make a call. Raises NotFound in the words of somebody who has planned it."""
        name, attribute = _SCOPES[call.service]
        request = {key: self.made if it == MADE else it for key, it in call.request.items()}
        request[name] = getattr(self.center.instance, attribute)
        try:
            return self.center.calls.ask(call.service, call.operation, **request)
        except NotFound as error:
            advice = "somebody else changed it meanwhile; the same command goes on from there"
            raise NotFound(error.message, advice=advice) from None

    def _look_at(self, open_ones: list[Outcome]) -> bool:
        """Ask what came of what is in progress; whether anything has ended."""
        still: set[str] = set()
        for one in {_requests(one) for one in open_ones}:
            request = {"Filter": {"Status": IN_PROGRESS}}
            rows = self.center.listed(one.list, one.listed, ("RequestId",), **request)
            still |= {request_id for (request_id,) in rows}
        ended = [one for one in open_ones if one.request not in still]
        for outcome in ended:
            self._look_up(outcome)
        return any(one.status != IN_PROGRESS for one in ended)

    def _look_up(self, outcome: Outcome) -> None:
        requests = _requests(outcome)
        request = {
            "InstanceArn": self.center.instance.arn,
            requests.argument: outcome.request,
        }
        try:
            answer = self.center.calls.ask("sso-admin", requests.describe, **request)
        except NotFound:
            return  # taken, but not known everywhere yet
        _note(outcome, answer.part(requests.status))


def _requests(outcome: Outcome) -> Requests:
    """Return the kind of request that an outcome is in progress, or has failed, as."""
    call = outcome.change.call
    assert call is not None  # noqa: S101 - nothing else takes its time
    assert call.requests is not None  # noqa: S101
    return call.requests


def _note(outcome: Outcome, status: Any) -> None:
    word = status.text("Status")
    if word in (SUCCEEDED, FAILED):
        outcome.status, outcome.reason = word, status.optional("FailureReason")
