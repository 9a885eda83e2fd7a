"""How far the sandbox can be turned, by its options and by its handles alike.

Within these no number of it overflows, and no call of it waits for ever. Nothing is loaded here:
the command line names them in its help.
"""

from __future__ import annotations

import re

YEAR = 31_536_000
LATENCY = 600_000
"""Milliseconds that a call may take: ten minutes, longer than any program waits."""
SLOWEST, FASTEST = 0.000_001, 1_000_000
"""Calls a second, where they are limited at all."""
BURST = 1_000_000
"""Calls that may come at once."""
ACCOUNTS, ROLES = 100_000, 1_000
"""How many accounts may be made up, and roles in each of them."""
SECONDS = YEAR
"""How long tokens, credentials, assignments and provisionings may take or last."""
TURNED = 10 * YEAR
"""How far the clock may stand from the real one, before or behind."""


def holds(value: object, lowest: float, highest: float, *, whole: bool = False) -> bool:
    """Whether `value` is a number between these, or a `whole` one; neither true nor false is."""
    kinds = (int,) if whole else (int, float)
    return type(value) in kinds and lowest <= value <= highest  # type: ignore[operator]


def is_rate(value: object) -> bool:
    """Whether `value` can be a number of calls a second; 0: they are not limited."""
    return holds(value, 0, 0) or holds(value, SLOWEST, FASTEST)


def is_name(text: str) -> bool:
    """Whether `text` can be the name of an error."""
    return bool(re.fullmatch(r"[A-Za-z0-9._-]{1,100}", text))
