"""One home, one service and three shells for all attacks of a process."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest

from ssoenv.base.dialects import SHELLS
from tests.attacks.ground import Ground, build
from tests.attacks.seats import Seat

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """Where attacks take place."""
    with contextlib.ExitStack() as closing:
        yield build(tmp_path_factory.mktemp("attacks"), closing)


@pytest.fixture(scope="session")
def seats(ground: Ground) -> Iterator[dict[str, Seat]]:
    """The shells there, by their names."""
    opened = {shell: Seat(shell, ground) for shell in SHELLS}
    yield opened
    for seat in opened.values():
        seat.close()
