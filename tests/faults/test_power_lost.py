"""The power goes while a command changes files, or right after it said that it is done.

What was synced is on the disk, and any choice of the rest (`tests/traced.py`). Whatever it is, every
reader finds whole files, the AWS config is as before or as after, the same command once more ends
as it always does; and what a command took away, a sign-in or a trust, does not come back.
`make test` tries the first two for each command, ``WHOLE=1`` forty.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from tests import forked, traced
from tests.conftest import WHOLE
from tests.faults.life import COMMANDS, whole

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.faults.life import Life
    from tests.traced import Change

DISKS = 40 if WHOLE else 2
"""How many disks of each command are tried."""
TAKING = ("sign out", "sign out of all", "untrust", "export by new settings", "sign in anew")
"""What takes something away that must not come back: keys, a trust, a role that is protected."""


def disks(done: list[Change], chance: random.Random) -> Iterator[tuple[int, set[int]]]:
    """Yield how many of the changes were done before the power went, and which of those are lost.

    First of all what it did last of all is there, and nothing before; then everything is lost that
    can be; then as it comes.
    """
    everything = traced.loose(done)
    if everything:
        yield len(done), set(everything[:-1])
        yield len(done), set(everything)
    while True:
        count = chance.choice((len(done), chance.randint(1, len(done))))
        share = chance.choice((0.2, 0.5, 0.8))
        yield count, {one for one in traced.loose(done[:count]) if chance.random() < share}


def secret(path: str) -> bool:
    """Whether the file at `path` gives somebody a role or a sign-in, by itself."""
    return any(part in path for part in ("/sso/cache/", "/cli/cache/", "/roles/", "/trust/"))


@pytest.mark.sampled(2)
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", COMMANDS)
def test_whatever_is_lost_it_is_no_lie(life: Life, name: str, tmp_path: Path) -> None:
    command, home = COMMANDS[name], life.home.path
    life.begin(command)
    before = life.config()
    log, first = tmp_path / "log", tmp_path / "first"
    traced.tree(home, first)
    done = life.run(command, **{forked.TRACED: str(log)})
    assert done.returncode == 0, done
    last = traced.tree(home)
    whole(life.home)
    after, files = life.config(), life.files()
    assert life.run(command).returncode == 0
    more = life.files()
    changes = traced.changes(log, home)
    assert changes, "it changed nothing"
    possible = disks(changes, random.Random(name))  # noqa: S311 - for tests
    for number, (count, lost) in zip(range(DISKS), possible, strict=False):
        life.restore(first)
        traced.leave(changes[:count], lost)
        about = (number, count, [(changes[one].kind, changes[one].path) for one in sorted(lost)])
        assert life.config() in (before, after), about
        if name in TAKING and count == len(changes):
            back = {
                path
                for path, content in traced.tree(home).items()
                if secret(path) and last.get(path) != content and content
            }
            assert not back, (back, about)
        whole(life.home)
        again = life.run(command)
        assert again.returncode == 0, (about, again)
        whole(life.home)
        assert life.config() == after, about
        assert files <= life.files() <= files | more, about
