"""What administrators have started and what takes its time: assignments and provisionings.

Each is IN_PROGRESS until the sandbox's clock has reached its end, and takes effect then: SUCCEEDED,
or FAILED where it was told to fail. Moments are seconds since the epoch.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from ssoenv.base.values import dataclass

if TYPE_CHECKING:
    from ssoenv.sandbox.directory import Directory, Place, Principal

CREATION, DELETION, PROVISIONING = "creation", "deletion", "provisioning"
AT_ONCE = {CREATION: 15, DELETION: 15, PROVISIONING: 3}
"""How many may be in progress: 15 assignments, made or taken back, and 3 permission sets."""
IN_PROGRESS, SUCCEEDED, FAILED = "IN_PROGRESS", "SUCCEEDED", "FAILED"


@dataclass(slots=True)
class Job:
    """One request, by its `id`; with a `failure` it fails, for that reason, when it is due.

    `places` are those to be provisioned, or the one that the `principal` is to hold or to lose.
    """

    id: str
    kind: str
    created: float
    due: float
    places: tuple[Place, ...]
    set_id: str
    target: str
    principal: Principal | None = None
    failure: str = ""
    status: str = IN_PROGRESS


class Jobs:
    """All requests of a running sandbox, in their order; `seconds` is how long new ones take."""

    def __init__(self, seconds: float) -> None:
        """Begin without one."""
        self.seconds = seconds
        self.all: dict[str, Job] = {}
        self._open: list[Job] = []

    def start(
        self,
        kind: str,
        now: float,
        places: tuple[Place, ...],
        *,
        set_id: str,
        target: str,
        principal: Principal | None = None,
        failure: str = "",
    ) -> Job:
        """Note a request that has been taken."""
        due = now + self.seconds
        job = Job(str(uuid.uuid4()), kind, now, due, places, set_id, target, principal, failure)
        self.all[job.id] = job
        self._open.append(job)
        return job

    def outstanding(self, kind: str) -> int:
        """Return how many are in progress of those that share the limit of `kind`."""
        provisions = kind == PROVISIONING
        return sum((one.kind == PROVISIONING) == provisions for one in self._open)

    def busy(self, place: Place, principal: Principal | None = None) -> bool:
        """Whether something is in progress for a place, or for one who is to hold or lose it."""
        return any(
            place in one.places and (principal is None or one.principal == principal)
            for one in self._open
        )

    def settle(self, now: float, directory: Directory) -> None:
        """Let everything take effect that is due."""
        if not self._open:
            return
        due = [one for one in self._open if one.due <= now]
        self._open = [one for one in self._open if one.due > now]
        for one in sorted(due, key=lambda job: job.due):
            _finish(one, directory)


def _finish(job: Job, directory: Directory) -> None:
    # A permission set may have been deleted meanwhile.
    if not job.failure and job.set_id not in directory.sets:
        job.failure = "Received a 404 status error: Not Found"
    if job.failure:
        job.status = FAILED
        return
    job.status = SUCCEEDED
    for place in job.places:
        if job.kind == PROVISIONING:
            if place in directory.provisioned:
                directory.provision(place)
        elif job.principal is not None:
            change = directory.assign if job.kind == CREATION else directory.unassign
            change(place, job.principal)
