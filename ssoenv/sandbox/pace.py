"""How slow and how strict a sandbox is: the time each call takes, and how many the portal takes.

The portal of AWS publishes no limit; what people meet is some 20 calls a second, with room for a
burst, and 429 TooManyRequestsException for the rest.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

from ssoenv.sandbox.wire import WireError, error_for


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a call takes (`latency`, seconds), and how many the portal takes.

    `rate` is in calls a second, and 0 for no limit; `burst` calls may come at once after a pause.
    `retry_after`: a refusal says in a header of that name how long to wait.
    """

    latency: float = 0
    rate: float = 0
    burst: int = 1
    retry_after: bool = False


class Bucket:
    """The calls that are still taken, by a `pace`; a call that is refused costs nothing.

    The portal and the account access manager share it, which is the worst that they may do.
    """

    def __init__(self, pace: Pace) -> None:
        """Begin with a whole burst."""
        self.pace = pace
        self._left, self._as_of = float(pace.burst), time.monotonic()

    def take(self, service: str) -> None:
        """Take one call of `service`. Raises WireError where there is none left."""
        if not self.pace.rate:
            return
        now = time.monotonic()
        gained = (now - self._as_of) * self.pace.rate
        self._left, self._as_of = min(self.pace.burst, self._left + gained), now
        if self._left < 1:
            wait = math.ceil((1 - self._left) / self.pace.rate) if self.pace.retry_after else 0
            name = error_for(service, 429)
            raise WireError(service, name, "HTTP 429 Unknown Code", retry_after=wait)
        self._left -= 1
