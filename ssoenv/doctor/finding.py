"""One thing that was looked at, and how it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

Level = Literal["ok", "note", "wrong"]
"""``note`` is worth knowing and may be meant so; ``wrong`` keeps something from working."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found in an `area`; `mend` is what to run or to do, and `fix` does it safely."""

    area: str
    level: Level
    what: str
    mend: str = ""
    fix: Callable[[], None] | None = None
