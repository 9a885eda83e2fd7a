"""What came of a change: begun, in progress, made, refused, or nobody knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ssoenv.admin.requests import IN_PROGRESS
from ssoenv.base.values import dataclass

if TYPE_CHECKING:
    from ssoenv.admin.calls import Change
    from ssoenv.admin.requests import Open
    from ssoenv.base.errors import SsoenvError

SUCCEEDED, FAILED = "SUCCEEDED", "FAILED"
STAYS = "STAYS"
"""Not sent, for it is not to be made any more: what it would have taken stays."""
NOT_BEGUN, NOT_KNOWN = "NOT_BEGUN", "NOT_KNOWN"
"""Not sent, or refused for now; sent, and nobody knows what came of it."""


@dataclass(slots=True)
class Outcome:
    """What came of a change so far: the id of its request, its status, and why it failed.

    `error` is the refusal, where it was refused as it was begun; `after` is the request that has to
    end before it is begun; `waits` says that it is begun again, for the time had not come.
    """

    change: Change
    request: str = ""
    status: str = NOT_BEGUN
    reason: str = ""
    error: SsoenvError | None = None
    after: Open | None = None
    waits: bool = False
    conflicts: int = 0

    @classmethod
    def planned(cls, change: Change) -> Outcome:
        """Return that of a change that nobody has begun, or that is in progress already."""
        call = change.call
        if call is not None and call.joins:
            return cls(change, call.joins, IN_PROGRESS)
        found = cls(change)
        if call is not None and call.after:
            found.wait_for(call.after)
        return found

    @property
    def word(self) -> str:
        """What came of it in a word."""
        words = {SUCCEEDED: self.change.done, IN_PROGRESS: "in progress"}
        return words.get(self.status) or self.status.lower().replace("_", " ")

    def described(self) -> dict[str, str]:
        """Return it for scripts."""
        return self.change.described() | {
            "request_id": self.request,
            "status": self.status,
            "reason": self.reason,
        }

    def note(self, status: Any) -> None:
        """Take over what the service tells of its request."""
        self.request = status.text("RequestId")
        word = status.text("Status")
        self.status = word if word in (SUCCEEDED, FAILED) else IN_PROGRESS
        self.reason = status.optional("FailureReason") if word == FAILED else ""

    def join(self, request: str) -> None:
        """Have it made by a request that is in progress already."""
        self.request, self.status, self.reason = request, IN_PROGRESS, ""

    def wait_for(self, request: Open) -> None:
        """Have it begun, or begun again, when `request` has ended."""
        self.status, self.waits, self.after = NOT_BEGUN, True, request
        self.reason = f"in progress by another request: {request.id}"

    def refuse(self, error: SsoenvError) -> None:
        """Take over that it was refused."""
        self.status, self.reason, self.error = FAILED, error.message, error
