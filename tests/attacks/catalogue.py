"""All attacks, by their names; and the sample that each `make test` takes."""

from __future__ import annotations

import random
from itertools import chain
from typing import TYPE_CHECKING

from tests.attacks.addresses import addresses
from tests.attacks.files import files, names, swaps
from tests.attacks.lists import lists
from tests.attacks.repositories import code, companies, grammar, paths, power, terminal

if TYPE_CHECKING:
    from tests.attacks.model import Attack

SEED = 15
ALL: dict[str, Attack] = {
    str(one): one
    for one in chain(
        code(),
        terminal(),
        grammar(),
        power(),
        paths(),
        companies(),
        files(),
        swaps(),
        names(),
        addresses(),
        lists(),
    )
}
KINDS = tuple(dict.fromkeys(one.kind for one in ALL.values()))


def of(kind: str) -> list[Attack]:
    """Return the attacks of a kind."""
    return [one for one in ALL.values() if one.kind == kind]


def sample(kind: str, count: int) -> list[Attack]:
    """Return some of a kind, always the same."""
    return random.Random(f"{SEED} {kind}").sample(of(kind), count)  # noqa: S311 - a seed
