"""What is added to a permission set, a user or a group, changed of it, or taken away from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssoenv.admin.requests import PROVISIONINGS
from ssoenv.base.values import dataclass

if TYPE_CHECKING:
    from ssoenv.admin.calls import Call, Change

ADD, ALTER, REMOVE = "+", "~", "-"
_DONE = {ADD: "added", ALTER: "changed", REMOVE: "removed"}


@dataclass(frozen=True, slots=True)
class Step:
    """One change of `what` a permission set, a user or a group (`kind`) called `name` has.

    Without `what` it is the thing itself. `before` is the value that `value` takes the place of.
    `shown` is what people read in place of both. Without a `call`, the step before brings it along.
    """

    sign: str
    kind: str
    name: str
    what: str = ""
    value: str = ""
    before: str = ""
    shown: str = ""
    call: Call | None = None

    @property
    def done(self) -> str:
        """What came of it in a word, once it is made."""
        provisions = self.call is not None and self.call.requests == PROVISIONINGS
        return "provisioned" if provisions else _DONE[self.sign]

    def cells(self) -> tuple[str, ...]:
        """Return what it is, for people."""
        change = f"{self.before} -> {self.value}" if self.before else self.value
        value = self.shown or (self.before if self.sign == REMOVE else change)
        return f"{self.kind} {self.name}", self.what, value

    def described(self) -> dict[str, str]:
        """Return what it is, for scripts."""
        return {
            "change": {ADD: "add", ALTER: "change", REMOVE: "remove"}[self.sign],
            "kind": self.kind,
            "name": self.name,
            "what": self.what,
            "value": self.value,
            "before": self.before,
        }


def removes(changes: list[Change]) -> bool:
    """Whether any of `changes` takes something away."""
    return any(one.sign == REMOVE for one in changes)
