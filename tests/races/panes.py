"""Terminals of all three shells that enter and leave projects while everything changes around them."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from ssoenv.base.dialects import SHELLS
from ssoenv.demo.terminal import Terminal
from tests.clients.programs import DEV
from tests.races.storm import FLIPPED, WEB
from tests.shell.conftest import Shell, build_stage

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from tests.races.storm import Storm

NOISE = re.compile(r"Traceback|not found|No such file|syntax error|parse error|bad substitution|Unknown command|unexpected")  # fmt: skip
"""What no shell says while all is well with its hook."""
ARMED = "profile ssoenv"
"""Credentials that have ended again by the time a command starts are the source's to give."""
MAY = {WEB: {DEV, ARMED}, FLIPPED[0]: {DEV, ARMED, "nobody"}, "": {"nobody"}}
"""Who a command may be, by the directory it is typed in."""


class Panes:
    """So many terminals, each with a thread of its own."""

    def __init__(self, storm: Storm, each: int, lines: int) -> None:
        self.storm, self.each, self.lines = storm, each, lines
        self.ran = self.typed = 0
        stage = build_stage(storm.home)
        self.shells = [
            Shell(name, storm.home, storm.sandbox, stage, Terminal(name, stage))
            for name in SHELLS
            for _ in range(each)
        ]

    def typists(self, random_: random.Random) -> list[Callable[[], None]]:
        """Return what types into each of them."""
        found: list[Callable[[], None]] = []
        for shell in self.shells:
            plan = [random_.choice([*MAY]) for _ in range(self.lines)]
            found.append(partial(self._type, shell, plan))
        return found

    def _type(self, shell: Shell, plan: list[str]) -> None:
        for where in plan:
            self._see(shell, where, f"cd ~/{where}")
            answer = self._see(shell, where, "aws who")
            runs = re.findall(r"<aws who\|key=([^|]*)\|profile=([^|]*)\|", answer)
            roles = {shell.identity(*one) for one in runs}
            self.typed += 1
            self.ran += bool(roles)
            if not roles <= MAY[where]:
                self.storm.problems.append(f"{shell.name} in ~/{where}: {roles}: {answer}")

    def _see(self, shell: Shell, where: str, line: str) -> str:
        answer = shell.run(line)
        if NOISE.search(answer.output):
            self.storm.problems.append(f"{shell.name} in ~/{where}, {line}: {answer}")
        return answer.output

    def close(self) -> None:
        for shell in self.shells:
            shell.terminal.close()
