"""Changes being made: planned first, then one after the other, and what came of each.

Some the service takes at once and works on for some seconds: those are waited for, and no more of
them are begun than may be in progress together. What is so already is not planned at all, what is
in progress already is joined, and what was sent without an answer is looked up: so the same command
may be run again after any failure.
"""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING, Any

from ssoenv.admin import requests
from ssoenv.admin.calls import Unneeded, filled
from ssoenv.admin.outcome import (
    FAILED,
    NOT_BEGUN,
    NOT_KNOWN,
    STAYS,
    SUCCEEDED,
    Outcome,
)
from ssoenv.admin.requests import IN_PROGRESS
from ssoenv.base.errors import Cancelled, ServiceUnavailable, SignInRequired, SsoenvError
from ssoenv.base.values import dataclass, field
from ssoenv.identity_center.administration import Conflict, NoRoom, NotFound, text_in
from ssoenv.identity_center.refusals import Throttled

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ssoenv.admin.calls import Call, Change
    from ssoenv.admin.center import Center
    from ssoenv.admin.requests import Open, Requests

SHORTEST, LONGEST = 0.2, 3.0
"""Seconds between two looks at what is in progress: more, the longer nothing has come of it."""
CONFLICTS = 3
"""How often a change is begun again that conflicts with nothing that is open."""
_SCOPES = {
    "sso-admin": ("InstanceArn", "arn"),
    "identitystore": ("IdentityStoreId", "identity_store"),
}
"""What every request of some services names, and which attribute of the instance that is."""


@dataclass(slots=True)
class Making:
    """The changes being made; `timeout` is in seconds, and 0 waits for nothing."""

    center: Center
    changes: Sequence[Change]
    timeout: float
    outcomes: list[Outcome] = field(init=False)
    made: dict[str, str] = field(default_factory=dict)
    """The ids of what was made, by what stands for them."""
    noted: Callable[[], None] = lambda: None
    """Hears that something may have come of a change."""
    _full: set[str] = field(default_factory=set)
    """The groups of requests that the service has no room for just now."""

    def __post_init__(self) -> None:
        """Begin with what is planned."""
        self.outcomes = [Outcome.planned(one) for one in self.changes]

    @property
    def rest(self) -> int:
        """How many are not begun."""
        return sum(one.status == NOT_BEGUN for one in self.outcomes)

    @property
    def begun(self) -> list[Outcome]:
        """What was begun, by whomever."""
        return [one for one in self.outcomes if one.status != NOT_BEGUN]

    def run(self, tell: Callable[[int, int, float], None]) -> None:
        """Make them all. `outcomes` says what came of each, whatever this raises."""
        began, pause = time.monotonic(), SHORTEST
        while True:
            self._begin()
            if not self.timeout or not self._unfinished():
                return
            finished = self._look()
            done = sum(one.status in (SUCCEEDED, FAILED, STAYS) for one in self.outcomes)
            spent = time.monotonic() - began
            tell(done, len(self.changes), max(done, 1) / spent)
            if spent > self.timeout and self._unfinished():
                raise self._late(spent)
            pause = SHORTEST if finished else min(LONGEST, pause * 1.5)
            if not finished:
                time.sleep(min(pause, max(0.0, self.timeout - spent)))

    def require_success(self) -> None:
        """Raise SsoenvError where changes have failed, or nobody knows what came of them.

        It is the first refusal itself where nothing at all was made.
        """
        failed = [one for one in self.outcomes if one.status == FAILED]
        if unknown := sum(one.status == NOT_KNOWN for one in self.outcomes):
            raise ServiceUnavailable(
                f"what came of {unknown} changes is not known",
                advice="the same command looks, and goes on from there",
            )
        if not failed:
            return
        error = next((one.error for one in failed if one.error), None)
        if error and not any(one.status in (SUCCEEDED, IN_PROGRESS) for one in self.outcomes):
            raise error
        count = f"{len(failed)} of {len(self.changes)} changes failed"
        advice = error.advice if error else "the same command tries again what is not so yet"
        raise SsoenvError(count, advice=advice, fix=error.fix if error else None)

    def _unfinished(self) -> list[Outcome]:
        """Return what is in progress, or waits to be begun."""
        return [
            one
            for one in self.outcomes
            if one.status == IN_PROGRESS or (one.status == NOT_BEGUN and one.waits)
        ]

    def _late(self, spent: float) -> ServiceUnavailable:
        going = sum(one.status == IN_PROGRESS for one in self.outcomes)
        if going:
            return ServiceUnavailable(
                f"{going} changes are still in progress after {round(spent)} s",
                advice="they go on at the service; the same command tells what is left",
            )
        return ServiceUnavailable(
            f"the service works on requests of somebody else, {round(spent)} s by now",
            advice="the same command goes on once they have ended",
        )

    def _begin(self) -> None:
        """Begin as many changes as there is room for, in their order."""
        self._full.clear()
        unmade: dict[str, set[str]] = {}
        going = Counter(_group(one) for one in self.outcomes if one.status == IN_PROGRESS)
        before: Outcome | None = None
        for one in self.outcomes:
            if one.status == NOT_BEGUN and self._may_begin(one, unmade, going, before):
                self._start(one)
                self.noted()
                going[_group(one)] += one.status == IN_PROGRESS
            if one.change.call is None:
                continue
            before = one
            if one.status not in (SUCCEEDED, STAYS):
                for thing in one.change.call.things():
                    unmade.setdefault(thing, set()).add(_group(one))

    def _may_begin(
        self,
        one: Outcome,
        unmade: Mapping[str, set[str]],
        going: Mapping[str, int],
        before: Outcome | None,
    ) -> bool:
        """Whether a change may be begun, with the things that changes before it have not made yet.

        It waits for changes of another kind that are about the same thing, for they may be what it
        needs, and is not made without them. Beside those of its own kind it is made, whatever comes
        of them.
        """
        call, group = one.change.call, _group(one)
        if call is None:
            return before is None or before.status == SUCCEEDED
        if one.after or not call.unmade() <= self.made.keys():
            return False
        if any(unmade.get(thing, set()) - {group} for thing in call.things()):
            return False
        if call.requests is None:
            return True
        return group not in self._full and going[group] < call.requests.at_once

    def _start(self, outcome: Outcome) -> None:
        """Begin a change. Raises only what would come of every other, too."""
        call = outcome.change.call
        if call is None:
            outcome.status = SUCCEEDED
            return
        # Noted before, for whatever interrupts this.
        outcome.status, outcome.waits, outcome.reason = NOT_KNOWN, False, ""
        try:
            self._note_answer(outcome, call, self._ask(call))
        except Unneeded as why:
            outcome.status, outcome.reason = STAYS, str(why)
        except NoRoom:
            outcome.status, outcome.waits = NOT_BEGUN, True
            self._full.add(_group(outcome))
        except (SignInRequired, Throttled):
            outcome.status = NOT_BEGUN
            raise
        except Cancelled:
            raise
        except (Conflict, NotFound) as error:
            self._meet(outcome, call, error)
        except ServiceUnavailable:
            if not self._found_out(outcome, call):
                raise
        except SsoenvError as error:
            outcome.refuse(error)

    def _note_answer(self, outcome: Outcome, call: Call, answer: Any) -> None:
        if call.requests:
            outcome.note(answer.part(call.requests.status))
            return
        if call.makes and not (made := text_in(answer, call.gives)):
            outcome.reason = "the answer does not say what was made"
            return
        if call.makes:
            self.made[call.makes] = made
        outcome.status = SUCCEEDED

    def require_possible(self) -> None:
        """Raise UsageError for what the service takes from nobody, before anything is changed."""
        for one in self.changes:
            if call := one.call:
                request = self._scoped(call, dict(call.request))
                self.center.calls.require_possible(call.service, call.operation, request)

    def _ask(self, call: Call) -> Any:
        """Make a call."""
        request = filled(dict(call.request), self.made)
        if call.last:
            request = call.last(self.center, request)
        scoped = self._scoped(call, request)
        return self.center.calls.ask(call.service, call.operation, **scoped)

    def _scoped(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Return a request with what every request of its service names."""
        scope = _SCOPES.get(call.service)
        if scope:
            request[scope[0]] = getattr(self.center.instance, scope[1])
        return request

    def _meet(self, outcome: Outcome, call: Call, error: Conflict | NotFound) -> None:
        """Deal with what somebody else has done, or is at."""
        if isinstance(error, Conflict):
            self._conflict(outcome, call, error)
        else:
            self._not_found(outcome, call, error)

    def _conflict(self, outcome: Outcome, call: Call, error: Conflict) -> None:
        """Join what is in progress for the same, or wait for what is in the way."""
        if call.requests is None:
            self._refuse_unless_made(outcome, call, error)
            return
        found = requests.in_the_way(self.center, call.request)
        if found is None:
            self._again(outcome, call, error)
        elif _does(found, call) and (error.repeated or found.requests != requests.PROVISIONINGS):
            outcome.join(found.id)
        else:
            outcome.wait_for(found)

    def _again(self, outcome: Outcome, call: Call, error: Conflict) -> None:
        """Begin it again, for what was in the way has just ended; not for ever."""
        assert call.requests is not None  # noqa: S101 - nothing else is looked up
        outcome.conflicts += 1
        if requests.is_so(self.center, call.requests, call.request):
            outcome.status = SUCCEEDED
        elif outcome.conflicts < CONFLICTS:
            outcome.status, outcome.waits = NOT_BEGUN, True
        else:
            outcome.refuse(error)

    def _not_found(self, outcome: Outcome, call: Call, error: NotFound) -> None:
        """Take it as made where it asks for what is not there to be gone; else it is refused."""
        if call.requests == requests.DELETIONS and self._found_out(outcome, call):
            return
        advice = "somebody else changed it meanwhile; the same command goes on from there"
        told = NotFound(error.message, advice=advice)
        told.repeated = error.repeated
        self._refuse_unless_made(outcome, call, told)

    def _refuse_unless_made(self, outcome: Outcome, call: Call, error: NotFound | Conflict) -> None:
        """Note that it was refused; or, after a call without an answer, that this one was taken."""
        gone = call.operation.startswith(("delete_", "detach_")) and call.requests is None
        if gone and isinstance(error, NotFound):
            outcome.status = SUCCEEDED  # whoever took it away
            return
        if error.repeated and call.requests is None and not gone and isinstance(error, Conflict):
            made = call.find(self.center) if call.makes and call.find else ""
            if call.makes and not made:
                outcome.reason = "made, as it seems, by a call whose answer was lost"
                return
            if call.makes:
                self.made[call.makes] = made
            outcome.status = SUCCEEDED
            return
        outcome.refuse(error)

    def _found_out(self, outcome: Outcome, call: Call) -> bool:
        """Look up what came of a call that nobody has answered; whether it was taken."""
        if call.requests is None:
            return False
        try:
            found = requests.same(self.center, call.requests, call.request)
            if found:
                outcome.join(found.id)
            elif requests.is_so(self.center, call.requests, call.request):
                outcome.status = SUCCEEDED
        except SsoenvError:
            return False  # it stays unknown, and the error is that of the call
        return outcome.status != NOT_KNOWN

    def _look(self) -> bool:
        """Ask what came of what is in progress or in the way; whether anything has ended."""
        going = [one for one in self.outcomes if one.status == IN_PROGRESS]
        waiting = [(one, one.after) for one in self.outcomes if one.after]
        kinds = {_requests(one) for one in going} | {each.requests for _, each in waiting}
        still = {one for kind in kinds for one in requests.ids(self.center, kind)}
        for outcome, request in waiting:
            if request.id not in still:
                outcome.after = None
        ended = [one for one in going if one.request not in still]
        for outcome in ended:
            # One that is taken need not be known everywhere yet.
            if status := requests.described(self.center, _requests(outcome), outcome.request):
                outcome.note(status)
        self.noted()
        freed = any(one.after is None for one, _ in waiting)
        return freed or any(one.status != IN_PROGRESS for one in ended)


def _group(outcome: Outcome) -> str:
    """Return what a change is made beside: the group of its request, or the kind of its call."""
    call = outcome.change.call
    if call is None:
        return ""
    return call.requests.group if call.requests else call.kind


def _requests(outcome: Outcome) -> Requests:
    """Return the kind of request that an outcome is in progress as."""
    call = outcome.change.call
    assert call is not None  # noqa: S101 - nothing else takes its time
    assert call.requests is not None  # noqa: S101
    return call.requests


def _does(found: Open, call: Call) -> bool:
    """Whether a request in progress does the very same as a call."""
    return found.requests == call.requests and found.about == requests.about(call.request)
