"""What anybody sees of the processes of a HOME: their words, and their environments for their user."""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Self

PAUSE = 0.003
"""Seconds between two looks: a process of ours lives longer."""


class Watcher:
    """Looks at all processes of a HOME while it is open, as fast as it can."""

    def __init__(self, home: Path) -> None:
        """Name the HOME by which they are known."""
        self.words: set[bytes] = set()
        self.environments: set[bytes] = set()
        self.looks = 0
        self._mark = f"HOME={home}\0".encode()
        self._strangers: set[str] = set()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        """Begin to look."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Look no more."""
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        self._strangers = {*_processes()}
        while not self._over.wait(PAUSE):
            self.looks += 1
            for name in _processes():
                if name not in self._strangers:
                    with contextlib.suppress(OSError):
                        self._look(Path("/proc", name))

    def _look(self, process: Path) -> None:
        environment = (process / "environ").read_bytes()
        if self._mark in environment:
            self.environments.add(environment)
            self.words.add((process / "cmdline").read_bytes())


def _processes() -> list[str]:
    return [*filter(str.isdecimal, os.listdir("/proc"))]
