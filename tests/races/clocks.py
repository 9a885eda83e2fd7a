"""A clock that goes wrong for single programs: libfaketime, which Debian has in `faketime`.

What has passed since the machine was started goes on as it is, as it does while a machine sleeps;
and times of files are the kernel's, whose clock is right. So fish and the credential source, which
tell the time by files, see nothing of it: for these a lifetime of seconds has to pass.
"""

from __future__ import annotations

import functools
import subprocess
import time
from typing import TYPE_CHECKING

from ssoenv.shells import hook as hook_text

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Home


@functools.cache
def _library() -> str:
    told = subprocess.run(
        ["faketime", "-f", "+0", "printenv", "LD_PRELOAD"],
        capture_output=True,
        text=True,
        check=True,
    )
    return told.stdout.strip()


class Clock:
    """The time of day, as some programs have it: `turn` it, and those that run see it at once."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock"
        self.turn(0)

    def turn(self, seconds: int) -> None:
        """Have it stand so many seconds before the real one; negative: behind it."""
        beside = self._file.with_suffix(".new")
        beside.write_text(f"{seconds:+d}\n")
        beside.rename(self._file)

    @property
    def env(self) -> dict[str, str]:
        """What shows it to a program."""
        return {
            "LD_PRELOAD": _library(),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }

    def start(self, home: Home, *words: str, **more: str) -> subprocess.Popen[str]:
        """Start the program with this clock."""
        return home.start(*hook_text.command_line(), *words, **self.env, **more)

    def run(self, home: Home, *words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        """Run the program with this clock in `cwd`."""
        return subprocess.run(
            [*hook_text.command_line(), *words],
            cwd=cwd,
            env=home.env | {"PWD": str(cwd)} | self.env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            start_new_session=True,
        )


def wait_for(moment: float) -> None:
    """Wait until it is later than `moment`, in seconds since the epoch: that is what is awaited."""
    while (left := moment - time.time()) > 0:
        time.sleep(left + 0.01)
