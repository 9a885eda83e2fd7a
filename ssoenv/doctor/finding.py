"""One thing that was looked at, and how it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from ssoenv.base.errors import InvalidConfiguration
from ssoenv.base.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable

    from ssoenv.base.errors import SsoenvError

MOST_PROBLEMS = 3
"""How many problems of one file a finding tells; ``ssoenv status`` tells the rest."""
Level = Literal["ok", "note", "wrong"]
"""``note`` is worth knowing and may be meant so; ``wrong`` keeps something from working."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found in an `area`; `fix` is what to run, and `repair` runs it, if it is safe."""

    area: str
    level: Level
    what: str
    fix: str = ""
    repair: Callable[[], None] | None = None


def of_failure(area: str, failure: SsoenvError) -> Finding:
    """Return `failure` as a finding of `area`: every problem with its line, and what mends it."""
    lines = failure.lines if isinstance(failure, InvalidConfiguration) else (failure.message,)
    more = len(lines) - 1 - MOST_PROBLEMS
    told = [*lines[: MOST_PROBLEMS + 1], *([f"and {more} more"] if more > 0 else [])]
    what = "; ".join(told)
    return Finding(area, "wrong", what, failure.fix or failure.advice or "")
