"""A guard, not a benchmark: in one run, a prompt where nothing changed is far below one process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ssoenv.dialects import SHELLS
from ssoenv.sandbox.server import Sandbox
from tests import bench

if TYPE_CHECKING:
    from pathlib import Path

AT_LEAST = {"prompt, unbound, depth 1": 10, "prompt, live": 4, "enter and leave": 3}
"""How many times faster than direnv each row must be, on a machine that is busy with other tests."""


@pytest.mark.parametrize("shell", SHELLS)
def test_no_gross_slowdown(shell: str, tmp_path: Path) -> None:
    with Sandbox() as sandbox:
        world = bench.build(tmp_path, sandbox, many=3)
        ours = bench.in_shell(world, "ssoenv", shell, rounds=2)
        peer = bench.in_shell(world, "direnv", shell, rounds=2)

    for row, times in AT_LEAST.items():
        assert peer[row] / ours[row] > times, row
