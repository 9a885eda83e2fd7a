"""Calls of a service beside each other, by a few threads."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Any

from ssoenv.base import background
from ssoenv.identity_center.pace import AT_ONCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Together:
    """Work on many items by a few threads; the results come in the order of the items."""

    def __init__(self, items: list[Any], work: Callable[[Any], Any]) -> None:
        """Keep what there is to do; nothing begins before `results`."""
        self._count, self._work = len(items), work
        self._waiting = deque(enumerate(items))
        self._done: dict[int, Any] = {}
        self._error: BaseException | None = None
        self._changed = threading.Condition()

    def results(self) -> Iterator[Any]:
        """Yield what came of each item. Raises what the first raised that failed."""
        for _ in range(min(AT_ONCE, self._count)):
            background.start(self._run)
        for place in range(self._count):
            with self._changed:
                while place not in self._done and self._error is None:
                    self._changed.wait()
                if place not in self._done:
                    assert self._error is not None  # noqa: S101 - what else ended the waiting
                    raise self._error
                found = self._done.pop(place)
            yield found

    def stop(self) -> None:
        """Begin nothing more."""
        with self._changed:
            self._waiting.clear()

    def _run(self) -> None:
        while True:
            with self._changed:
                if not self._waiting:
                    return
                place, item = self._waiting.popleft()
            try:
                found = self._work(item)
            except BaseException as error:  # noqa: BLE001 - whoever waits is told
                with self._changed:
                    self._error = self._error or error
                    self._waiting.clear()
                    self._changed.notify_all()
                return
            with self._changed:
                self._done[place] = found
                self._changed.notify_all()
