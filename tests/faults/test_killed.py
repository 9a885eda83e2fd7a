"""The program stopped before any of its changes to files: nothing is lost, and it mends itself.

``kill -9`` comes right before a file is opened to write, renamed, removed, locked and so on, or from
there on the disk is full; the next point is the same command stopped one change later, until it
comes to its end. Then whatever reads these files finds each of them whole, the AWS config is as it
was before or as it is after, and the same command once more ends where one does that nobody stopped.
`make test` takes a sample, ``WHOLE=1`` every point.
"""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from tests import forked
from tests.conftest import WHOLE
from tests.faults.life import COMMANDS, whole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.faults.life import Life

EVERY = 40
"""One of so many points is in the sample."""
MOST = 400


def cases() -> Iterator[tuple[str, str]]:
    """Yield commands and how they are stopped: of a disk that is full, some are in the sample."""
    for row, name in enumerate(COMMANDS):
        yield name, forked.KILLED_AT
        if WHOLE or row % 4 == 0:
            yield name, forked.FULL_AT


def points(name: str) -> range:
    """The changes of a command to try: all of them, or the sample."""
    first = sorted(COMMANDS).index(name) % 4  # the fewest points of any
    return range(MOST) if WHOLE else range(first, MOST, EVERY)


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("name", "way"), [*cases()])
@pytest.mark.sampled(2)
def test_wherever_it_is_stopped_the_same_command_mends_it(life: Life, name: str, way: str) -> None:
    """Killed, or told that the disk is full: from there on nothing more can be written."""
    command, tried = COMMANDS[name], 0
    life.begin(command)
    before = life.config()
    done = life.run(command)
    assert done.returncode == 0, done
    whole(life.home)
    after, files = life.config(), life.files()
    for point in points(name):
        life.begin(command)
        ended = life.run(command, **{way: str(point)})
        if way == forked.KILLED_AT and ended.returncode == 0:
            break  # it had come to its end before
        if way == forked.KILLED_AT:
            assert ended.returncode == -signal.SIGKILL, (point, ended)
        elif ended.returncode:
            assert ended.returncode in (1, 7), (point, ended)
            assert not ended.stdout, (point, ended)
            assert "No space left on device" in ended.stderr, (point, ended)
        assert life.config() in (before, after), (point, life.config())
        whole(life.home)
        tried += 1
        if ended.returncode == 0 and life.files() == files:
            break
        again = life.run(command)
        if (name, way, again.returncode) == ("bind", forked.FULL_AT, 4):
            # Where there was room for the file of the project, and none to put the old one back.
            assert life.home.ssoenv("trust", "--yes", cwd=life.home.path / "web").returncode == 0
            again = life.run(command)
        assert again.returncode == 0, (point, again)
        whole(life.home)
        assert life.config() == after, point
        assert life.files() == files, point
    assert tried, "it changed nothing"
    print(f"{name}, {way}: {tried} points")  # noqa: T201 - `make soak` counts them
