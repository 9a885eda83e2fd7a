"""How slow and how strict a sandbox is: the time each call takes, and how many a service takes.

The portal of AWS publishes no limit; what people meet is some 20 calls a second, with room for a
burst, and 429 TooManyRequestsException for the rest. Of the services for administrators, sso-admin
takes as many over all its operations together, identitystore and organizations of each.
"""

from __future__ import annotations

import math
import time

from ssoenv.base.values import dataclass
from ssoenv.sandbox.wire import ACCOUNT_ACCESS, WireError, error_for

_TOGETHER = {"sso": "portal", ACCOUNT_ACCESS: "portal", "sso-admin": "sso-admin"}
"""Services that count all their calls together: the portal and the account access manager share it,
which is the worst that they may do."""
_OF_PEOPLE = ("sso", ACCOUNT_ACCESS)
_COUNTED = (*_TOGETHER, "identitystore", "organizations", "account-access")


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a call takes (`latency`, seconds), and how many a service takes.

    `rate` is in calls a second, and 0 for no limit; `burst` calls may come at once after a pause.
    `retry_after`: a refusal says in a header of that name how long to wait.
    `provisioning`: how many seconds it takes to assign or to provision a permission set.
    `strict_refresh`: a refresh token works once, and not for some minutes more.
    """

    latency: float = 0
    rate: float = 0
    burst: int = 1
    retry_after: bool = False
    provisioning: float = 0
    strict_refresh: bool = False


class Bucket:
    """The calls that a service still takes, by a `pace`; a call that is refused costs nothing."""

    def __init__(self, pace: Pace) -> None:
        """Begin with a whole burst."""
        self.pace = pace
        self._left, self._as_of = float(pace.burst), time.monotonic()

    def take(self, service: str) -> None:
        """Take one call. Raises WireError, by the name of `service`, where there is none left."""
        if not self.pace.rate:
            return
        now = time.monotonic()
        gained = (now - self._as_of) * self.pace.rate
        self._left, self._as_of = min(self.pace.burst, self._left + gained), now
        if self._left < 1:
            wait = math.ceil((1 - self._left) / self.pace.rate) if self.pace.retry_after else 0
            words = "HTTP 429 Unknown Code" if service in _OF_PEOPLE else "Rate exceeded"
            raise WireError(service, error_for(service, 429), words, retry_after=wait)
        self._left -= 1


class Buckets:
    """A bucket for each service that counts, or for each operation of some; all of one pace."""

    def __init__(self, pace: Pace) -> None:
        """Begin with a whole burst of each."""
        self.pace = pace
        self._buckets: dict[str, Bucket] = {}

    def take(self, service: str, operation: str) -> None:
        """Take one call, if `service` counts. Raises WireError where there is none left."""
        if service in _COUNTED:
            key = _TOGETHER.get(service, f"{service}.{operation}")
            self._buckets.setdefault(key, Bucket(self.pace)).take(service)
