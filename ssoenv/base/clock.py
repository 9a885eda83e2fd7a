"""Points in time. ssoenv counts whole seconds since the epoch, UTC; only files hold them as text.

Written as AWS CLI v2 writes them (``awscli/customizations/sso/utils.py``), read as tolerantly as
the SDKs need: the JavaScript SDK writes milliseconds, old CLIs wrote ``UTC`` for ``Z``.
"""

from __future__ import annotations

import time

YEAR_10000 = 253_402_300_800
"""When years have five digits, in seconds since the epoch."""


def now() -> int:
    """Return the present moment, in seconds since the epoch."""
    return int(time.time())


def render_timestamp(moment: int) -> str:
    """`moment` as ``2026-11-23T13:46:06Z``."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))


def render_local(moment: int) -> str:
    """`moment` in the reader's own zone, with its name: ``14:46 CET``; else with a date."""
    local, today = time.localtime(moment), time.localtime()
    same = local[:3] == today[:3]
    return time.strftime("%H:%M %Z" if same else "%Y-%m-%d %H:%M %Z", local)


def parse_timestamp(text: str) -> int:
    """Seconds since the epoch of an ISO 8601 `text`, UTC where it names no offset.

    ValueError for any other, and for a moment that `render_timestamp` has no four digits for.
    """
    from datetime import UTC, datetime

    moment = datetime.fromisoformat(text.strip().removesuffix("UTC").rstrip())
    seconds = int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
    if not 0 <= seconds < YEAR_10000:
        raise ValueError(text)
    return seconds


def render_duration(seconds: int) -> str:
    """`seconds` for people: ``45 s``, ``12 min``, ``3 h 05 min``, ``2 d 4 h``."""
    seconds = max(0, seconds)
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if seconds < 60:
        return f"{seconds} s"
    if minutes < 60:
        return f"{minutes} min"
    if hours < 24:
        return f"{hours} h {minutes % 60:02} min" if minutes % 60 else f"{hours} h"
    return f"{days} d {hours % 24} h" if hours % 24 else f"{days} d"
