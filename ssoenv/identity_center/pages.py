"""Lists of the services, a page at a time: each page is a call, and names the next one."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from ssoenv.base.errors import ServiceUnavailable
from ssoenv.identity_center.answers import Answer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TIMEOUT = 60
"""Seconds for a list of several pages."""
Calling = Callable[[Callable[[], Answer]], Answer]
"""What makes a call: at once, or when its turn has come."""


def at_once(call: Callable[[], Answer]) -> Answer:
    """Make a call, whatever else is called."""
    return call()


def all_of(page: Callable[[Mapping[str, str]], Answer], what: str) -> Iterator[Answer]:
    """Yield the pages of a list, as far as each names a next one, once.

    `page` is given what to add to the request, and `what` names the list for people. Raises
    ServiceUnavailable for one without an end, and what `page` raises.
    """
    end = time.monotonic() + TIMEOUT
    seen: set[str] = set()
    more = ""
    while True:
        answer = page({"nextToken": more} if more else {})
        yield answer
        more = answer.optional("nextToken")
        if not more:
            return
        if more in seen or time.monotonic() > end:
            raise ServiceUnavailable(f"there is no end of {what}", fix="ssoenv doctor")
        seen.add(more)
