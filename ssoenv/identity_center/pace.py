"""How quickly a service may be called: as quickly as it allows, which only its refusals tell.

The portal publishes no limit. So the first calls go out at once; from the first refusal (429) on,
one after the other. Between two refusals the service took exactly as many calls as it allows in
that time, so each refusal measures its rate, and the calls go out at that rate until the next.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

AT_ONCE = 16
"""How many calls are under way at most, each on a connection that its client keeps."""
PLANNED = 20.0
"""Calls a second to go on with after the first refusal: what people plan with for the portal."""
ENOUGH = 8
"""How many calls between two refusals make a measurement; in a second or more, two do."""
_DOUBLING = 0.25
"""Seconds without a refusal until the rate is doubled, as long as none was measured."""
_GROWTH, _GROWING = 1.05, 2.0
"""A measured rate grows by this factor after so many seconds without a refusal."""
_LEAST = 0.5
LONGEST_PAUSE = 30.0
"""The longest pause, in seconds, that a service may ask for: more is a failure of the service."""


class Pace:
    """Gives calls their turns. Safe to use from several threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin without a limit; `clock` is in seconds."""
        self._clock = clock
        self._lock = threading.Lock()
        self._next = 0.0
        self._refused_at = 0.0
        self._since = 0.0
        self._grown_at = 0.0
        self._taken = 0
        self._measured = False
        self.rate = 0.0
        """Calls a second, or 0 while no limit is known."""

    def wait(self) -> float:
        """Return for how many seconds to wait before asking again; 0: a call may go out now."""
        with self._lock:
            now = self._clock()
            if now < self._next:
                return self._next - now
            if self.rate:
                # Time that was not used is credit for one call only: else each delay would slow it.
                self._next = max(self._next, now - 1 / self.rate) + 1 / self.rate
            return 0.0

    def taken(self) -> None:
        """Note that the service took a call."""
        with self._lock:
            self._taken += 1
            if not self.rate:
                return
            now = self._clock()
            if now - self._grown_at >= (_GROWING if self._measured else _DOUBLING):
                self.rate *= _GROWTH if self._measured else 2
                self._grown_at = now

    def refused(self, sent_at: float, pause: float = 0) -> None:
        """Note that the service refused a call that was `sent_at`, and asked for a `pause` (s)."""
        with self._lock:
            now = self._clock()
            if pause:
                self._next = max(self._next, now + pause)
            if self.rate and sent_at <= self._refused_at:
                return  # sent before we knew
            if not self.rate:
                self.rate, self._taken, self._since = PLANNED, 0, now
            elif self._taken >= (ENOUGH if now - self._since < 1 else 2):
                self.rate, self._measured = self._taken / (now - self._since), True
                self._taken, self._since = 0, now
            else:
                self.rate = max(_LEAST, self.rate * 0.7)
            self._refused_at, self._grown_at = now, now
            self._next = max(self._next, now + 1 / self.rate)

    def pause(self, seconds: float) -> None:
        """Let no call go out for so many `seconds`."""
        with self._lock:
            self._next = max(self._next, self._clock() + seconds)
