"""Calls that may never end, run on daemon threads so that the caller can stop waiting.

Socket timeouts bound one read, not a call: a server that sends a byte now and then is waited for
without end, and so is a resolver. A thread can be left behind wherever it hangs: in the resolver,
a proxy, TLS, a body. It is a daemon, so it ends with the process at the latest, and the caller
waits for an event, which Ctrl-C interrupts. (``concurrent.futures`` would join its threads at the
end, and loads what every start would wait for.)
"""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Never

R = TypeVar("R")
NAME = "ssoenv-background"
"""The name of every such thread."""


def within(seconds: float, call: Callable[[], R]) -> R:
    """Return what `call` returns, or raise what it raises; TimeoutError after `seconds`."""
    came: list[Callable[[], R]] = []
    done = threading.Event()

    def work() -> None:
        try:
            value = call()
            came.append(lambda: value)
        except BaseException as error:  # noqa: BLE001 - whoever waits for it is told
            came.append(partial(_raise, error))
        done.set()

    start(work)
    if not done.wait(seconds):
        raise TimeoutError
    return came[0]()


def start(work: Callable[[], None]) -> None:
    """Run `work`, which raises nothing, on a thread that the process does not wait for."""
    threading.Thread(target=work, name=NAME, daemon=True).start()


def _raise(error: BaseException) -> Never:
    raise error
