"""Calls that may never end, run on daemon threads so that the caller can stop waiting.

Socket timeouts bound one read, not a call: a server that sends a byte now and then is waited for
without end, and so is a resolver. A thread can be left behind wherever it hangs: in the resolver,
a proxy, TLS, a body. It is a daemon, so it ends with the process at the latest, and the caller
waits for a future, which Ctrl-C interrupts. (``ThreadPoolExecutor`` joins its threads at the end.)
"""

from __future__ import annotations

import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

R = TypeVar("R")
NAME = "ssoenv-background"
"""The name of every such thread."""


def within(seconds: float, call: Callable[[], R]) -> R:
    """Return what `call` returns, or raise what it raises; TimeoutError after `seconds`."""
    future: Future[R] = Future()
    start(lambda: _settle(future, call))
    return future.result(timeout=seconds)


def start(work: Callable[[], None]) -> None:
    """Run `work`, which raises nothing, on a thread that the process does not wait for."""
    threading.Thread(target=work, name=NAME, daemon=True).start()


def _settle(future: Future[R], call: Callable[[], R]) -> None:
    try:
        future.set_result(call())
    except BaseException as error:  # noqa: BLE001 - whoever waits for it is told
        future.set_exception(error)
