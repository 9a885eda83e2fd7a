"""How long sessions of a permission set last: as people write it, and as sso-admin does."""

from __future__ import annotations

import re

from ssoenv.base import clock
from ssoenv.base.errors import UsageError

SHORTEST, LONGEST = 3600, 43200
"""Seconds of a permission set's session (IAM Identity Center User Guide, "Session duration")."""
_WORDS = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?:in)?)?(?:(\d+)s)?")
LONG = 9
"""So many digits are more than anything lasts."""
_ISO = re.compile(r"pt(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")
"""What sso-admin answers has no days: twelve hours are the longest."""


def iso(words: str) -> str:
    """Return the ISO 8601 duration of ``8h``, ``1h30m``, ``90m`` or ``PT8H``.

    Raises UsageError for what is none, and outside of 1 to 12 hours.
    """
    total = seconds(words)
    if total is None:
        raise UsageError(f"{words!r} is no duration", advice="say: 8h, 90m, or PT8H")
    if not SHORTEST <= total <= LONGEST:
        advice = f"say: {'1h' if total < SHORTEST else '12h'}"
        raise UsageError(f"{words}: a session lasts 1 hour to 12 hours", advice=advice)
    hours, rest = divmod(total, 3600)
    parts = ((hours, "H"), (rest // 60, "M"), (rest % 60, "S"))
    return "PT" + "".join(f"{number}{unit}" for number, unit in parts if number)


def seconds(words: str) -> int | None:
    """Return the seconds of a duration in either way of writing it; None: it is none."""
    text = "".join(words.lower().split())
    found = _ISO.fullmatch(text) or _WORDS.fullmatch(text)
    if found is None or not any(found.groups()):
        return None
    counts = (int(one[:LONG] or 0) for one in reversed(found.groups("")))
    return sum(count * unit for count, unit in zip(counts, (1, 60, 3600, 86400), strict=False))


def length(words: str, option: str, least: int, most: int) -> int:
    """Return the seconds of ``2h``, ``90m`` or ``3d``. Raises UsageError: none, or not within."""
    total = seconds(words)
    if total is None:
        raise UsageError(f"{option} {words!r} is no duration", advice="say: 2h, 90m, or 3d")
    if not least <= total <= most:
        bounds = f"{clock.render_duration(least)} to {clock.render_duration(most)}"
        raise UsageError(f"{option} {words}: {bounds}")
    return total


def shown(duration: str) -> str:
    """Return an ISO 8601 duration as people say it: PT1H30M is 1 h 30 min."""
    text = duration.removeprefix("PT")
    for unit, word in (("H", " h "), ("M", " min "), ("S", " s")):
        text = text.replace(unit, word)
    return text.strip()
