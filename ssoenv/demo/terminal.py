"""A shell on a real pty: type a line, wait for the next prompt, see what a person would see."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

import pexpect

from ssoenv.base.values import dataclass

if TYPE_CHECKING:
    from typing import TextIO

    from ssoenv.demo.stage import Stage

COMMAND = {
    "bash": ["bash", "--noprofile", "-i"],
    "zsh": ["zsh", "-i"],
    "fish": ["fish", "--private", "-i"],
}
OUTPUT_STARTS, OUTPUT_ENDS = r"\x1b\]133;C\x07", r"\x1b\]133;D;(\d+)\x07"
PROMPT_ENDS = r"\x1b\]133;B\x07"
PATIENCE = 60.0
"""Seconds to wait for a prompt."""
FAREWELL = 1.0
"""Seconds for a shell to end by itself once its terminal is gone."""
_INVISIBLE = re.compile(
    r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"  # operating system commands: titles and marks
    r"|\x1b[\[(][0-9;?<>=]*[ -/]*[@-~]"  # control sequences: colours and the cursor
    r"|[\x00-\x08\r]|\u23ce *\u23ce? "  # fish's own sign for a line without its end
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a line printed, its exit status, and the prompt that followed."""

    output: str
    status: int
    prompt: str


class Terminal:
    """One interactive shell."""

    def __init__(self, shell: str, stage: Stage) -> None:
        """Start `shell` in the stage's HOME and wait for its first prompt."""
        program, *arguments = COMMAND[shell]
        self._child: pexpect.spawn[str] = pexpect.spawn(
            program,
            arguments,
            env=stage.env | {"TERM": "dumb"},
            cwd=stage.home,
            encoding="utf-8",
            codec_errors="replace",
            dimensions=(40, 200),
            timeout=PATIENCE,
            echo=False,
        )
        # A prompt has been seen before anything is typed: there is no need to sleep before it.
        self._child.delaybeforesend = None
        self._started = False
        self.prompt = self._next().prompt

    @property
    def pid(self) -> int:
        """The process of the shell."""
        return int(self._child.pid or 0)

    def record(self, into: TextIO) -> None:
        """Write all that the terminal is sent from now on, as it comes, `into` a stream too."""
        self._child.logfile_read = into

    def run(self, line: str) -> Answer:
        """Type `line` and return what came of it."""
        self.send(line)
        return self.answer()

    def send(self, line: str, *, end: str = "\r") -> None:
        """Type `line`, and do not wait."""
        self._child.send(line + end)

    def answer(self) -> Answer:
        """Wait for the prompt after the line that was typed last."""
        # fish draws its prompt more than once, marks and all; output starts but once.
        if not self._started:
            self._child.expect(OUTPUT_STARTS)
        self._started = False
        return self._next()

    def wait_for(self, pattern: str) -> str:
        """Wait until the line that was typed last has printed `pattern`; return all until then."""
        if not self._started:
            self._child.expect(OUTPUT_STARTS)
            self._started = True
        self._child.expect(pattern)
        return visible(f"{self._child.before or ''}{self._child.after}").lstrip("\n")

    def close(self) -> None:
        """Hang up, and wait until the shell has ended; one that does not is killed."""
        pty: Any = self._child.ptyproc  # type: ignore[attr-defined]  # the stubs lack it
        pty.fileobj.close()
        end = time.monotonic() + FAREWELL
        while pty.isalive() and time.monotonic() < end:
            time.sleep(0.005)
        pty.delayafterclose = 0
        self._child.close(force=True)

    def _next(self) -> Answer:
        self._child.expect(OUTPUT_ENDS)
        found = self._child.match
        status = int(found.group(1)) if isinstance(found, re.Match) else -1
        output = self._child.before or ""
        self._child.expect(PROMPT_ENDS)
        self.prompt = visible(self._child.before or "").strip()
        return Answer(visible(output).strip("\n"), status, self.prompt)


def visible(text: str) -> str:
    """`text` without the sequences that a terminal obeys rather than shows."""
    return _INVISIBLE.sub("", text)
