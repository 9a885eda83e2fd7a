"""Every attack through every consumer; `make test` takes some of each kind, ``WHOLE=1`` all."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

import pytest

from ssoenv.base.dialects import SHELLS
from tests.attacks import catalogue
from tests.attacks.trial import take
from tests.conftest import WHOLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.attacks.ground import Ground
    from tests.attacks.seats import Seat

# The sample makes one home, in one process; `make soak` has one in each.
pytestmark = pytest.mark.xdist_group("attacks")
BATCH = 10
SAMPLE = 1
"""How many of each kind `make test` takes."""


def cases() -> Iterator[tuple[str, int]]:
    """Yield kinds, and where in the attacks of one a batch begins."""
    for kind in catalogue.KINDS:
        for begin in range(0, len(catalogue.of(kind)) if WHOLE else 1, BATCH):
            yield kind, begin


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("kind", "begin"), [*cases()])
def test_nothing_comes_of_an_attack(
    ground: Ground, seats: dict[str, Seat], kind: str, begin: int
) -> None:
    """No code runs, no terminal obeys, and nobody has a role whose bytes they did not trust."""
    chosen = catalogue.of(kind)[begin : begin + BATCH] if WHOLE else catalogue.sample(kind, SAMPLE)
    began = time.monotonic()
    for number, attack in enumerate(chosen):
        part = None if WHOLE else random.Random(str(attack))  # noqa: S311 - the same in each run
        shells = SHELLS if WHOLE else SHELLS[(len(kind) + number) % 3 :][:1]
        take(ground, attack, [seats[one] for one in shells], part)
    wrong, ground.wrong = ground.wrong, []
    print(f"{len(chosen)} attacks, {time.monotonic() - began:.0f} s")  # noqa: T201 - `make soak` counts them
    assert not wrong, "\n".join(wrong)


def test_there_are_enough_of_them() -> None:
    assert len(catalogue.ALL) > 120
    assert all(len(catalogue.of(kind)) > 10 for kind in catalogue.KINDS)
