"""What an apply has to change, and whose things are before it, while it runs and after it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ssoenv.admin.making import FAILED, LONGEST, NOT_BEGUN, SUCCEEDED
from ssoenv.admin.record import Record
from ssoenv.base.values import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ssoenv.admin.calls import Change
    from ssoenv.admin.making import Outcome

ASSIGNING = 3600 / 1200
"""Seconds that the service takes for each assignment, 15 of them beside each other: a published run
made 1,200 within an hour. Provisioning takes as long for an account, at least."""


@dataclass(slots=True)
class Plan:
    """What has to change, in its order: `changes`.

    `kept` is what would go if it was asked for; `refused` are changes that the service takes from
    others only, and why; `notes` are what a person had better know. `owned` is all that is declared
    now; `gone` is what earlier declarations own that is not there any more, nor on its way.
    `removals` are the changes that let go what is owned, each with that; and `additions` those that
    make what is not there.
    """

    changes: list[Change] = field(default_factory=list)
    kept: list[Change] = field(default_factory=list)
    refused: list[tuple[Change, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    owned: Record = field(default_factory=Record)
    gone: Record = field(default_factory=Record)
    removals: list[tuple[Change, Record]] = field(default_factory=list)
    additions: list[tuple[Change, Record]] = field(default_factory=list)

    def begun(self, before: Record, now: Record) -> Record:
        """Return what the record is to say once this begins: it says `now`, and was read `before`.

        What another apply has written between the two is kept.
        """
        return ((now - self.gone) if now == before else now) | self.owned

    def ended(self, outcomes: Iterable[Outcome], before: Record, now: Record) -> Record:
        """Return what it is to say after that: `now`, without what is known to have been let go.

        Nor is what was not made, or may not be, unless it was `before`: somebody else may make it.
        """
        came = {id(one.change): one.status for one in outcomes}
        for change, what in self.removals:
            if came.get(id(change)) == SUCCEEDED:
                now -= what
        for change, what in self.additions:
            if came.get(id(change), NOT_BEGUN) in (FAILED, NOT_BEGUN):
                now -= what - before
        return now

    def effort(self, rate: float) -> tuple[int, int]:
        """Return how many calls the changes take, at least, and how many seconds about."""
        calls = [one.call for one in self.changes if one.call]
        slow = sum(one.requests is not None for one in calls)
        seconds = slow * ASSIGNING + (len(calls) - slow) / rate
        # While the service works, it is asked every few seconds how far it is.
        return len(calls) + math.ceil(slow * ASSIGNING / LONGEST), math.ceil(seconds)
