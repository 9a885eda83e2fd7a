"""A command that runs in our place while the sandbox serves: signals are its business."""

from __future__ import annotations

import signal
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ssoenv.base.errors import NOT_EXECUTABLE, NOT_FOUND, CommandFailed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from types import FrameType

ENDING = (signal.SIGTERM, signal.SIGHUP)
"""What ends us from outside, and is passed on."""


def hold_back() -> set[signal.Signals]:
    """Hold back what ends us, in the threads that start from here too; return what can be awaited.

    There are no handlers, which would run in the middle of whatever this thread does.
    """
    held_back = {*ENDING, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, held_back)
    return held_back


def run(command: Sequence[str], env: Mapping[str, str]) -> int:
    """Run `command` with `env`; return its exit code, as a shell tells it.

    Raises CommandFailed where it cannot be started.
    """
    with _passing_on() as children:
        try:
            children.append(subprocess.Popen(command, env=env))
            code = children[0].wait()
        except FileNotFoundError:
            raise CommandFailed(f"{command[0]}: command not found", NOT_FOUND) from None
        except OSError as error:
            raise CommandFailed(f"{command[0]}: {error.strerror}", NOT_EXECUTABLE) from None
    return code if code >= 0 else 128 - code


class _Children(list[subprocess.Popen[bytes]]):
    """Processes that hear the signals that we get, also what came before they were known."""

    def __init__(self) -> None:
        super().__init__()
        self._received: list[int] = []

    def append(self, child: subprocess.Popen[bytes]) -> None:
        """Pass on what came while the child was being started, and from now on the rest."""
        super().append(child)
        for number in self._received:
            child.send_signal(number)

    def receive(self, number: int, _: FrameType | None) -> None:
        """Take a signal."""
        self._received.append(number)
        for child in self:
            child.send_signal(number)


@contextmanager
def _passing_on() -> Iterator[_Children]:
    """Pass signals on to the children that are added; Ctrl-C they get from the terminal."""
    children = _Children()
    # A handler for Ctrl-C, for an ignored signal would be inherited: the command has to hear it.
    previous = {signal.SIGINT: signal.signal(signal.SIGINT, lambda *_: None)}
    previous |= {number: signal.signal(number, children.receive) for number in ENDING}
    try:
        yield children
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
