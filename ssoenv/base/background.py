"""Calls that may never end, run on daemon threads so that the caller can stop waiting.

Socket timeouts bound one read, not a call: a server that sends a byte now and then is waited for
without end, and so is a resolver. A thread can be left behind wherever it hangs: in the resolver,
a proxy, TLS, a body. It is a daemon, so it ends with the process at the latest, and the caller
waits for a future, which Ctrl-C interrupts. (``ThreadPoolExecutor`` joins its threads at the end.)
"""

from __future__ import annotations

import queue
import threading
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

T = TypeVar("T")
R = TypeVar("R")


def within(seconds: float, call: Callable[[], R]) -> R:
    """Return what `call` returns, or raise what it raises; TimeoutError after `seconds`."""
    future: Future[R] = Future()
    _start(lambda: _settle(future, call))
    return future.result(timeout=seconds)


def in_order(function: Callable[[T], R], items: Sequence[T], at_once: int) -> Iterator[R]:
    """Yield `function` of each item, in their order; `at_once` of them run at a time.

    Raises the first error in that order; nothing new is begun after it.
    """
    futures: list[Future[R]] = [Future() for _ in items]
    todo: queue.SimpleQueue[tuple[Future[R], T]] = queue.SimpleQueue()
    for pair in zip(futures, items, strict=True):
        todo.put(pair)
    over = threading.Event()

    def work() -> None:
        while not over.is_set():
            try:
                future, item = todo.get_nowait()
            except queue.Empty:
                return
            _settle(future, partial(function, item))

    for _ in range(min(at_once, len(items))):
        _start(work)
    try:
        for future in futures:
            yield future.result()
    finally:
        over.set()


def _start(work: Callable[[], None]) -> None:
    threading.Thread(target=work, name="ssoenv-background", daemon=True).start()


def _settle(future: Future[R], call: Callable[[], R]) -> None:
    try:
        future.set_result(call())
    except BaseException as error:  # noqa: BLE001 - whoever waits for it is told
        future.set_exception(error)
