"""An attack on trial: before anybody trusts it, once they do, and when it then becomes another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.attacks import oracle
from tests.attacks.consumers import CONSUMERS

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from tests.attacks.ground import Ground
    from tests.attacks.model import Attack
    from tests.attacks.seats import Seat

PART = 3
"""How many of the commands an attack of the sample is taken through, in each of its states."""


def take(
    ground: Ground, attack: Attack, seats: Sequence[Seat], part: random.Random | None = None
) -> None:
    """Take `attack` through all consumers and `seats`; with `part`, through some of them."""

    def some() -> Iterable[str]:
        return part.sample(sorted(CONSUMERS), PART) if part else CONSUMERS

    with ground.under(attack) as directory:
        _through(ground, attack, directory, some(), trusted=False)
        for seat in seats:
            seat.visit(attack, directory, trusted=False, whole=not part)
        done = ground.home.ssoenv("trust", "--yes", cwd=directory)
        faults = [*oracle.of_run(done, 0, reports=False), *ground.given(done.stderr, "")]
        if done.returncode not in attack.trust:
            faults.append(f"it ends with {done.returncode}: {done.stderr!r}")
        ground.note(attack, "trust --yes", faults)
        ground.note(attack, "the config", list(oracle.of_text(ground.config.read_text())))
        ground.canaries(attack, "trust --yes")
        if done.returncode:
            return  # nothing is new
        _through(ground, attack, directory, some(), trusted=True)
        for seat in seats:
            seat.visit(attack, directory, trusted=True, whole=not part)
        if attack.after:
            attack.after(directory)
            _through(ground, attack, directory, some(), trusted=False)
            for seat in seats:
                seat.visit(attack, directory, trusted=False)


def _through(
    ground: Ground, attack: Attack, directory: Path, names: Iterable[str], *, trusted: bool
) -> None:
    for name in names:
        CONSUMERS[name](ground, attack, directory, trusted)
    ground.canaries(attack, "one of the commands")
