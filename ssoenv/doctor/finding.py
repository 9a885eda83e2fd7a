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
    """What was found in an `area`; `fix` is what to run, and `repair` runs it, if it is safe."""

    area: str
    level: Level
    what: str
    fix: str = ""
    repair: Callable[[], None] | None = None
