"""The soak for some seconds: `make soak` has it for minutes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.soak.run import soak

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.timeout(600)
def test_nothing_fails_while_everything_is_renewed(tmp_path: Path) -> None:
    outcome = soak(tmp_path, 6, 30)

    assert not outcome.problems, outcome.table()
    assert all(count.keys for count in outcome.counts.values())
    assert sum(len(count.keys) for count in outcome.counts.values()) > len(outcome.counts)
