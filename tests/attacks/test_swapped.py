"""A file that becomes another while somebody looks at it: what was shown is trusted, or nothing."""

from __future__ import annotations

import contextlib
import itertools
import random
import threading
from typing import TYPE_CHECKING

import pytest

from ssoenv.base.dialects import SHELLS
from ssoenv.trust import store
from tests.attacks import oracle
from tests.attacks.catalogue import SEED
from tests.attacks.consumers import CONSUMERS
from tests.attacks.files import NAME, NEVER, OTHER, PLAIN, SWAPS
from tests.attacks.model import DEV, Attack, file
from tests.conftest import WHOLE
from tests.screen import ssoenv

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.attacks.ground import Ground
    from tests.attacks.seats import Seat

pytestmark = pytest.mark.xdist_group("attacks")
CHOSEN = sorted(SWAPS) if WHOLE else random.Random(SEED).sample(sorted(SWAPS), 2)  # noqa: S311 - a seed
TIMES = 60 if WHOLE else 3
GIVING = ("export to JSON", "exec", "the credential source", "a profile by its name", "bind")


def project(folder: Path) -> Path:
    """Make a project one step further down, so that all of it can be swapped."""
    (folder / "project").mkdir()
    return file(PLAIN)(folder / "project")


@pytest.mark.parametrize("what", CHOSEN)
def test_what_is_swapped_at_the_question_gives_nothing(
    ground: Ground, seats: dict[str, Seat], what: str
) -> None:
    attack = Attack("swap", f"{what}, at the question", project, gives=DEV)
    with ground.under(attack) as directory:
        screen = ssoenv(ground.home.env, str(directory), "trust", columns=100)
        shown = screen.wait("[y/N]")
        SWAPS[what](directory)
        screen.send("y\r")
        code = screen.end()
        assert code in (0, *NEVER), screen.raw
        kept = store.trusted(ground.home.env, str(directory))
        assert kept in ({PLAIN.encode()} if code == 0 else {None})
        assert "Developer in account 111111111111" in shown
        for name in GIVING:
            CONSUMERS[name](ground, attack, directory, False)
        for shell in SHELLS if WHOLE else SHELLS[len(what) % 3 :][:1]:
            seats[shell].visit(attack, directory, trusted=False)
    wrong, ground.wrong = ground.wrong, []
    assert not wrong, "\n".join(wrong)


@contextlib.contextmanager
def flickering(path: Path) -> Iterator[None]:
    """Have the file at `path` be one and another in turn, as quickly as can be."""
    over = threading.Event()

    def swap() -> None:
        for text in itertools.cycle((PLAIN, OTHER)):
            if over.is_set():
                return
            path.with_name("new").write_text(text)
            path.with_name("new").rename(path)

    swapping = threading.Thread(target=swap)
    swapping.start()
    try:
        yield
    finally:
        over.set()
        swapping.join()


def test_of_two_that_take_turns_the_one_that_was_shown_is_trusted(ground: Ground) -> None:
    attack = Attack("swap", "one and another in turn", project)
    seen = set()
    with ground.under(attack) as directory:
        for _ in range(TIMES):
            with flickering(directory / NAME):
                done = ground.home.ssoenv("trust", "--yes", cwd=directory)
                given = ground.home.ssoenv("export", "--format", "json", cwd=directory)
            assert done.returncode == 0, done
            told = done.stderr.partition("changed since")[0]
            shown = {"Developer" in told: PLAIN, "Administrator" in told: OTHER}[True]
            assert store.trusted(ground.home.env, str(directory)) in (
                PLAIN.encode(),
                OTHER.encode(),
            )
            assert store.remembered(ground.home.env, str(directory), shown.encode())
            # Both of them have been trusted by now, or only one: no third one is ever given.
            roles = oracle.roles_in(given.stdout, ground.sandbox.state.keys)
            seen.add(shown)
            allowed = {{PLAIN: DEV, OTHER: "333333333333/Administrator"}[one] for one in seen}
            assert roles <= allowed, given
            assert given.returncode in (0, 4), given
            ground.home.ssoenv("untrust", cwd=directory)
            seen.clear()
