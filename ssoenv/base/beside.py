"""A process beside the one that we become: out of the way of its terminal, gone when it ends.

Whoever runs a command by becoming it (exec) leaves its signals, its job control and its exit code
to the kernel. What has to go on meanwhile goes on in a grandchild, which is no child of the
command's: a command that waits for all of its children does not wait for that one.
"""

from __future__ import annotations

import contextlib
import os
import select
import sys
import threading
import time
from typing import TYPE_CHECKING

from ssoenv.base.errors import SsoenvError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

POLL = 0.2
"""Seconds between two looks at a process, where the kernel does not tell of its end."""


def run(work: Callable[[], object], keep: Sequence[int], cleaned: Callable[[], object]) -> None:
    """Have `work` done in a process of its own, until it returns or this process ends.

    It has no terminal and none of our files but `keep`. In the end `cleaned` is called there.
    Raises SsoenvError where no process can be had.
    """
    pid = os.getpid()
    try:
        child = os.fork()
        if child and os.waitpid(child, 0)[1] == 0:
            return
    except OSError:
        child = -1
    if child:
        raise SsoenvError(
            "no process can be started beside the command",
            advice="there are too many of yours: see ulimit -u",
        )
    code = 1
    try:
        os.setsid()
        if not os.fork():
            _let_go(keep)
            threading.Thread(target=work, daemon=True).start()
            wait_for(pid)
            cleaned()
        code = 0
    finally:
        os._exit(code)  # nothing of what our caller would do at its end is done twice


def wait_for(pid: int) -> None:
    """Return when the process `pid`, which need not be ours, has ended; a zombie has."""
    try:
        if sys.platform == "linux":
            _by_descriptor(pid)
        else:
            _by_queue(pid)
    except ProcessLookupError:
        return
    except (OSError, AttributeError):
        first = began(pid)
        while first and began(pid) == first:
            time.sleep(POLL)


def _by_descriptor(pid: int) -> None:
    """Linux 5.3 (pidfd_open(2))."""
    descriptor = os.pidfd_open(pid)
    try:
        select.select([descriptor], [], [])
    finally:
        os.close(descriptor)


if sys.platform != "linux":

    def _by_queue(pid: int) -> None:
        """BSD and macOS (kqueue(2), EVFILT_PROC)."""
        queue = select.kqueue()
        event = select.kevent(
            pid, select.KQ_FILTER_PROC, select.KQ_EV_ADD | select.KQ_EV_ONESHOT, select.KQ_NOTE_EXIT
        )
        queue.control([event], 1)


def is_there(pid: int) -> bool:
    """Whether a process has this number, whosever it is."""
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True


def began(pid: int) -> str:
    """Return when the process began, in clock ticks since boot; empty when it has ended.

    proc_pid_stat(5): its name is in parentheses; its state follows, and 19 fields later the time.
    """
    with contextlib.suppress(OSError, ValueError, IndexError):
        with open(f"/proc/{pid}/stat", encoding="latin-1") as stream:
            state, *fields = stream.read().rpartition(")")[2].split()
        return fields[18] if state not in "ZX" else ""
    return ""


def _let_go(keep: Sequence[int]) -> None:
    """Close every file but `keep`; the three streams lead nowhere."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    low = 3
    for descriptor in sorted(keep):
        os.closerange(low, descriptor)
        low = descriptor + 1
    os.closerange(low, os.sysconf("SC_OPEN_MAX"))
    os.chdir("/")
