"""How far a long list is, on one line that moves, for whoever waits for it at a terminal."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

from ssoenv.base import clock
from ssoenv.cli import screen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ssoenv.identity_center.discovery import Progress

NOTICED = 1.0
"""Seconds for which nobody wonders whether anything happens."""
_WIDEST, _LEAST = 24, 4


@contextlib.contextmanager
def told() -> Iterator[Callable[[Progress], None]]:
    """Yield what draws a progress, once it takes longer than a second; wipe it at the end."""
    began = time.monotonic()

    def tell(progress: Progress) -> None:
        if time.monotonic() - began > NOTICED:
            screen.moving(line(progress, screen.columns() - 1))

    try:
        yield tell
    finally:
        screen.settle()


def line(progress: Progress, width: int) -> str:
    """Return `progress` in words, with a bar where `width` has room for one."""
    calls = f"{progress.calls} calls"
    if not progress.total:
        return f"listing accounts · {calls}"
    count = f"{progress.done}/{progress.total}"
    left = "" if progress.seconds_left is None else _left(progress.seconds_left)
    words = f"{count} accounts · {calls}{left}"
    room = min(_WIDEST, width - len("listing roles [] ") - len(words))
    if room < _LEAST:
        return f"listing roles {words}"
    full = room * progress.done // progress.total
    return f"listing roles [{'#' * full}{'.' * (room - full)}] {words}"


def _left(seconds: float) -> str:
    return f" · {clock.render_duration(max(1, round(seconds)))} left"


@contextlib.contextmanager
def counted(what: str) -> Iterator[Callable[[int, int, float], None]]:
    """Yield what draws how many of how many are done, at so many a second; wipe it at the end."""
    began = time.monotonic()

    def tell(done: int, total: int, rate: float) -> None:
        if time.monotonic() - began > NOTICED:
            screen.moving(counting(what, done, total, rate))

    try:
        yield tell
    finally:
        screen.settle()


def counting(what: str, done: int, total: int, rate: float) -> str:
    """Return how many of how many are done, and how long the rest takes at so many a second."""
    return f"{done:,}/{total:,} {what}{_left((total - done) / rate)}"
