"""A guard, not a benchmark: in one run, a prompt where nothing changed is far below one process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ssoenv.base.dialects import SHELLS
from ssoenv.sandbox.server import Sandbox
from tools import bench

if TYPE_CHECKING:
    from pathlib import Path

AT_LEAST = {"prompt, unbound, depth 1": 10, "prompt, live": 4, "enter and leave": 3}
"""How many times faster than direnv each row must be, on a machine that is busy with other tests."""
ROUNDS = 8
"""At most: what else the machine does can only make a round slower, so the least counts."""


@pytest.mark.parametrize("shell", SHELLS)
def test_no_gross_slowdown(shell: str, tmp_path: Path) -> None:
    with Sandbox() as sandbox:
        world = bench.build(tmp_path, sandbox, many=3)
        ours, peer = least(world, "ssoenv", shell), least(world, "direnv", shell)
        for _ in range(ROUNDS - 1):
            if not too_slow(ours, peer):
                break
            ours = least(world, "ssoenv", shell, ours)
            peer = least(world, "direnv", shell, peer)

    assert too_slow(ours, peer) == {}


def least(
    world: bench.World, tool: str, shell: str, before: dict[str, float] | None = None
) -> dict[str, float]:
    """Measure once more; return the least of each row."""
    now = bench.in_shell(world, tool, shell, rounds=1)
    return {row: min(value, (before or now)[row]) for row, value in now.items()}


def too_slow(ours: dict[str, float], peer: dict[str, float]) -> dict[str, float]:
    """Return the rows that are not so many times faster, and how many it is."""
    faster = {row: peer[row] / ours[row] for row in AT_LEAST}
    return {row: times for row, times in faster.items() if times <= AT_LEAST[row]}
