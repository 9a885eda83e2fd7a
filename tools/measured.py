"""A program run to its end: how long it took, what it asked the sandbox, and what else it took."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from ssoenv.sandbox.server import Sandbox
    from tests.conftest import Home


@dataclass(frozen=True)
class Run:
    """One run: its seconds, its calls, how many of them were refused, MiB at most, what it wrote."""

    seconds: float
    calls: int
    refused: int
    memory: float
    lines: tuple[str, ...]
    said: str

    @property
    def rows(self) -> int:
        """How many lines it wrote."""
        return len(self.lines)


def run(home: Home, sandbox: Sandbox, services: Collection[str], *command: str) -> Run:
    """Run a program in a home; its calls are those of some `services` of the sandbox."""
    sandbox.clear_requests()
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        began = time.monotonic()
        process = subprocess.Popen(
            command, env=home.env, cwd=home.path, stdin=subprocess.DEVNULL, stdout=out, stderr=err
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        lines, said = tuple(out.read().splitlines()), err.read()
    assert process.returncode == 0, said
    statuses = [one["status"] for one in sandbox.requests() if one["service"] in services]
    return Run(seconds, len(statuses), statuses.count(429), usage.ru_maxrss / 1024, lines, said)
