"""The right role, or none: a seeded sample of the rows of ``tests.generated``.

A row that fails is run again, with all that it typed, by ``python -m tests.generated ROW``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.generated import COUNT, SEED
from tests.generated.choices import DIRENV, MOVES, SHELLS
from tests.generated.rows import CHOICES, sample
from tests.generated.run import left_open, run
from tests.generated.world import World

if TYPE_CHECKING:
    from ssoenv.sandbox.server import Sandbox
    from tests.conftest import Home

SAMPLE = sample(SEED, COUNT)


@pytest.mark.timeout(400)
@pytest.mark.parametrize("direnv", DIRENV)
@pytest.mark.parametrize("shell", SHELLS)
def test_no_program_has_a_role_that_its_directory_does_not_give(
    shell: str, direnv: str, home: Home, sandbox: Sandbox
) -> None:
    world = World(home, sandbox)
    rows = [row for row in SAMPLE if (row.shell, row.direnv) == (shell, direnv)]

    outcomes = [run(row, world) for row in rows]

    assert rows
    wrong = [outcome.report() for outcome in outcomes if outcome.violations]
    assert not wrong, "\n".join([f"{len(wrong)} of {len(rows)} rows", *wrong])


def test_the_sample_meets_every_choice() -> None:
    assert len(set(SAMPLE)) == COUNT
    assert sample(SEED, COUNT) == SAMPLE
    for kind, values in CHOICES.items():
        assert {getattr(row, kind) for row in SAMPLE} == set(values)


def test_only_what_exists_is_left_open() -> None:
    ways = {(move.called, shell) for move in MOVES.values() for shell in move.lines}
    listed = {(way, shell) for way, shell in left_open() if shell in SHELLS}

    assert listed <= ways
