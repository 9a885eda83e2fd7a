"""Everybody at once for some seconds, and what came of it."""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.soak.actors import Count, everybody
from tests.soak.world import World, memory

if TYPE_CHECKING:
    from pathlib import Path

    from tests.soak.actors import InShell, Running

PAUSE = 0.05
"""Seconds between two commands of one of them."""
GROWTH = 4096
"""KiB by which a process may be larger at the end than when it had warmed up."""


@dataclass
class Outcome:
    """What came of it: by name, the counts, and memory (KiB) and files, early and at the end."""

    counts: dict[str, Count]
    memory: dict[str, tuple[int, int]]
    files: dict[str, tuple[int, int]]
    problems: list[str] = field(default_factory=list)

    def table(self) -> str:
        """Return all of it as lines."""
        lines = [f"{'who':24}{'commands':>10}{'renewals':>10}{'failed':>8}{'slow':>6}"]
        for name, one in self.counts.items():
            lines.append(
                f"{name:24}{one.commands:10}{len(one.keys):10}{len(one.failures):8}{one.slow:6}"
            )
        lines += [
            f"memory of {name}: {a} KiB, at the end {b}" for name, (a, b) in self.memory.items()
        ]
        lines += [f"files of {name}: {a}, at the end {b}" for name, (a, b) in self.files.items()]
        return "\n".join([*lines, *self.problems])


def soak(folder: Path, seconds: float, lasts: int) -> Outcome:
    """Let everybody work for `seconds`, with tokens and credentials that last for `lasts`."""
    with contextlib.ExitStack() as closing:
        world = World(folder, lasts, closing)
        actors = everybody(world)
        try:
            for one in actors:
                one.act()
            return _work(world, actors, seconds)
        finally:
            for one in actors:
                one.end()


def _work(world: World, actors: list[InShell | Running], seconds: float) -> Outcome:
    end = time.monotonic() + seconds
    threads = [threading.Thread(target=_repeat, args=(one, end), daemon=True) for one in actors]
    for thread in threads:
        thread.start()
    _wait(world, end - seconds * 2 / 3)
    processes = {one.name: one.pids()[0] for one in actors}
    (serving,) = (pid for pid in world.serving() if pid not in processes.values())
    processes |= {"the sandbox": world.sandbox.pid, "what serves": serving}
    early = {name: memory(pid) for name, pid in processes.items()}, world.files()
    _wait(world, end)
    for thread in threads:
        thread.join()
    late = {name: memory(pid) for name, pid in processes.items()}, world.files()
    outcome = Outcome(
        {one.name: one.count for one in actors},
        {name: (size, late[0][name]) for name, size in early[0].items()},
        {name: (count, late[1].get(name, 0)) for name, count in early[1].items()},
    )
    outcome.problems += _problems(outcome)
    return outcome


def _wait(world: World, until: float) -> None:
    """Wait until a moment; meanwhile the sandbox forgets which calls it has served."""
    while (left := until - time.monotonic()) > 0:
        world.forget_calls()
        time.sleep(min(5, left))


def _repeat(actor: InShell | Running, end: float) -> None:
    while time.monotonic() < end and len(actor.count.failures) < 10:
        actor.act()
        time.sleep(PAUSE)


def _problems(outcome: Outcome) -> list[str]:
    """Return what is wrong: commands that failed, memory or files that grow."""
    found = [f"{name}: {one}" for name, count in outcome.counts.items() for one in count.failures]
    for name, (early, late) in outcome.memory.items():
        if late - early > GROWTH:
            found.append(f"the memory of {name} grows: {early} KiB, {late} KiB")
    renewed = sum(len(count.keys) for count in outcome.counts.values())
    for name, (early, late) in outcome.files.items():
        # Of keys one file each is kept, for a week; of everything else there are as many as before.
        if late - early > (renewed if name == "keys" else 12):
            found.append(f"files of {name} grow: {early}, {late}")
    return found
