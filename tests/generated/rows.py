"""Rows, and in which order to run them: those first that bring the most choices together anew."""

from __future__ import annotations

import itertools
import random
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING

from tests.generated.commands import MOVES, SHELLS, STARTS
from tests.generated.environments import DIRENV, ENVRCS, HOLDS, ROUTES, SETTINGS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

CHOICES: dict[str, tuple[str, ...]] = {
    "shell": SHELLS,
    "setting": SETTINGS,
    "direnv": DIRENV,
    "envrc": ENVRCS,
    "hold": tuple(HOLDS),
    "route": tuple(ROUTES),
    "move": tuple(MOVES),
    "start": tuple(STARTS),
}
"""By kind; the first of each is the simplest."""
CANDIDATES = 12
ATTEMPTS = 60


@dataclass(frozen=True, slots=True)
class Row:
    """One choice of each kind, by name."""

    shell: str
    setting: str
    direnv: str
    envrc: str
    hold: str
    route: str
    move: str
    start: str

    def __str__(self) -> str:
        """Return the name of the row, which `parse` reads."""
        return ":".join(astuple(self))

    @property
    def exists(self) -> bool:
        """Whether these choices can be had together."""
        move, start, hold = MOVES[self.move], STARTS[self.start], HOLDS[self.hold]
        return (
            self.shell in move.lines
            and (not move.child or bool(start.child))
            and (self.direnv != "none" or self.envrc == "none")
            # The keys of a role that nobody fetched here are anybody's.
            and (not hold.keys or self.setting == "live")
        )


def parse(name: str) -> Row:
    """Return the row called `name`. ValueError where there is none."""
    words = name.split(":")
    known = [word in values for word, values in zip(words, CHOICES.values(), strict=True)]
    row = Row(*words)
    if not all(known) or not row.exists:
        raise ValueError(f"no such row: {name}")
    return row


def sample(seed: int, count: int) -> list[Row]:
    """Return `count` rows, the same for the same `seed`, with most pairs of choices among them."""
    return list(itertools.islice(order(seed, together=2), count))


def order(seed: int, *, together: int) -> Iterator[Row]:
    """Yield rows until every `together` choices of different kinds that can be had were met once."""
    dice = random.Random(seed)  # noqa: S311 - chance, not a secret
    missing = {
        frozenset(picked)
        for kinds in itertools.combinations(CHOICES, together)
        for picked in itertools.product(*([(kind, one) for one in CHOICES[kind]] for kind in kinds))
    }
    agenda = sorted(missing, key=sorted)
    dice.shuffle(agenda)
    for wanted in agenda:
        if wanted not in missing:
            continue
        rows = list(itertools.islice(_with(dict(wanted), dice), CANDIDATES))
        if not rows:
            missing.discard(wanted)
            continue
        met = [missing & _together(row, together) for row in rows]
        best = max(range(len(rows)), key=lambda index: len(met[index]))
        missing -= met[best]
        yield rows[best]


def _with(fixed: dict[str, str], dice: random.Random) -> Iterator[Row]:
    """Yield random rows that hold the choices `fixed`; none if it seems that there are none."""
    for _ in range(ATTEMPTS):
        picked = {kind: dice.choice(values) for kind, values in CHOICES.items()} | fixed
        if picked["direnv"] == "none" and "envrc" not in fixed:
            picked["envrc"] = "none"
        row = Row(**picked)
        if row.exists:
            yield row


def _together(row: Row, count: int) -> set[frozenset[tuple[str, str]]]:
    pairs: Iterable[tuple[str, str]] = zip(CHOICES, astuple(row), strict=True)
    return {frozenset(picked) for picked in itertools.combinations(pairs, count)}


def simpler(row: Row) -> Iterator[Row]:
    """Yield `row` with one choice made the simplest, for every choice but the shell's."""
    for kind, values in list(CHOICES.items())[1:]:
        for value in values[: values.index(getattr(row, kind))][:1]:
            changed = Row(**(dict(zip(CHOICES, astuple(row), strict=True)) | {kind: value}))
            if changed.exists:
                yield changed
