"""A terminal that can be looked at: the program on a pty, its screen as a person sees it."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pexpect
import pyte

from ssoenv.shells import hook as hook_text
from tests import forked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PATIENCE = 40.0


class Screen:
    """One program on a pty of `columns` by `lines`."""

    def __init__(
        self,
        command: list[str],
        env: Mapping[str, str],
        cwd: str,
        columns: int = 80,
        lines: int = 24,
    ) -> None:
        self._screen = pyte.Screen(columns, lines)
        self._stream = pyte.Stream(self._screen)
        self.raw = ""
        self._child: pexpect.spawn[str] = pexpect.spawn(
            command[0],
            command[1:],
            env=dict(env) | {"PWD": cwd},
            cwd=cwd,
            encoding="utf-8",
            dimensions=(lines, columns),
            echo=True,
        )

    def send(self, keys: str) -> None:
        self._child.send(keys)

    def now(self) -> str:
        """Return what is on the screen after a moment."""
        with contextlib.suppress(pexpect.TIMEOUT):
            self._read()
        return self.text()

    def _read(self) -> None:
        more = self._child.read_nonblocking(65536, timeout=0.05)
        self.raw += more
        self._stream.feed(more)

    def wait(self, seen: Callable[[str], bool] | str) -> str:
        """Return what is on the screen once it is as wanted; fail with it if it never is."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            text = self.text()
            if seen in text if isinstance(seen, str) else seen(text):
                return text
            try:
                self._read()
            except pexpect.TIMEOUT:
                continue
            except pexpect.EOF:
                break
        text = self.text()
        if seen in text if isinstance(seen, str) else seen(text):
            return text
        raise AssertionError(f"waited for {seen!r}, and saw:\n{text}")

    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self._screen.display).rstrip()

    def style(self, text: str) -> tuple[str, str]:
        """Return foreground and background of the last place where `text` begins."""
        for number in reversed(range(len(self._screen.display))):
            at = self._screen.display[number].find(text)
            if at >= 0:
                char = self._screen.buffer[number][at]
                return char.fg, char.bg
        raise AssertionError(f"no {text!r} on:\n{self.text()}")

    def worked(self) -> float:
        """Return the processor time of the program until now, in seconds."""
        fields = Path(f"/proc/{self._child.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        """End the program."""
        self._child.close(force=True)

    def end(self) -> int:
        """Wait for the end of the program; return its exit code."""
        try:
            while True:
                more = self._child.read_nonblocking(65536, timeout=PATIENCE)
                self.raw += more
                self._stream.feed(more)
        except pexpect.EOF:
            pass
        self._child.close()
        return int(self._child.exitstatus if self._child.exitstatus is not None else -1)


def ssoenv(
    env: Mapping[str, str], cwd: str, *arguments: str, columns: int = 80, lines: int = 24
) -> Screen:
    """Run the program itself."""
    measured = {**env, **forked.MEASURING}
    return Screen([*hook_text.command_line(), *arguments], measured, cwd, columns, lines)
