"""What an apply has to change, and whose things are before it, while it runs and after it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ssoenv.admin.making import LONGEST
from ssoenv.admin.outcome import FAILED, NOT_BEGUN, SUCCEEDED
from ssoenv.admin.record import Ownership, Record
from ssoenv.admin.requests import IN_PROGRESS
from ssoenv.base.values import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ssoenv.admin.calls import Change
    from ssoenv.admin.outcome import Outcome

ASSIGNING = 3600 / 1200
"""Seconds that the service takes for each assignment, 15 of them beside each other: a published run
made 1,200 within an hour. Provisioning takes as long for an account, at least."""


@dataclass(slots=True)
class Plan:
    """What has to change, in its order: `changes`.

    `kept` is what would go if it was asked for; `refused` are changes that the service takes from
    others only, and why; `notes` are what a person had better know. `there` is what is declared and
    is there; `gone` is what earlier declarations own, or have begun, that is not there any more,
    nor on its way. `removals` are the changes that let go what is owned, each with that; and
    `additions` those that make what is not there, or join in making it.
    """

    changes: list[Change] = field(default_factory=list)
    kept: list[Change] = field(default_factory=list)
    refused: list[tuple[Change, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    there: Record = field(default_factory=Record)
    gone: Record = field(default_factory=Record)
    removals: list[tuple[Change, Record]] = field(default_factory=list)
    additions: list[tuple[Change, Record]] = field(default_factory=list)

    def begun(self, says: Ownership) -> Ownership:
        """Return what the record is to say once this begins, where it `says` that now."""
        coming = Record()
        for change, what in self.additions:
            # What a request is at work on already may be owned, for it was begun by us.
            coming |= what - says.owned if change.call and change.call.joins else what
        owned = (says.owned - self.gone - coming) | self.there
        return Ownership(owned, ((says.begun - self.gone) | coming) - owned)

    def ended(self, says: Ownership, outcomes: Iterable[Outcome], *, over: bool) -> Ownership:
        """Return what it is to say when that is what came of the changes; or so far.

        What the service has taken is owned. What it has not, or what was not begun before all is
        `over`, is nobody's: somebody else may make it.
        """
        came = {id(one.change): one.status for one in outcomes}
        owned, begun = says.owned, says.begun
        for change, what in self.removals:
            if came.get(id(change)) == SUCCEEDED:
                owned -= what
        for change, what in self.additions:
            status = came.get(id(change), NOT_BEGUN)
            if status in (SUCCEEDED, IN_PROGRESS):
                owned, begun = owned | what, begun - what
            elif status == FAILED or (over and status == NOT_BEGUN):
                owned, begun = owned - what, begun - what
        return Ownership(owned, begun)

    def effort(self, rate: float) -> tuple[int, int]:
        """Return how many calls the changes take, at least, and how many seconds about."""
        calls = [one.call for one in self.changes if one.call]
        slow = sum(one.requests is not None for one in calls)
        seconds = slow * ASSIGNING + (len(calls) - slow) / rate
        # While the service works, it is asked every few seconds how far it is.
        return len(calls) + math.ceil(slow * ASSIGNING / LONGEST), math.ceil(seconds)
