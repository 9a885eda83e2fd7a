"""Rubbish in place of any file or folder of ours or of the AWS CLI's: healed, or one clear error.

Every kind of file that is in a home where all commands have run, in every way to be wrong, seen by
every command: the ones that shells and SDKs run all day meet each way, each other example of
``--help`` meets one for each file. `make test` takes a sample in which every way and every kind
occurs; ``WHOLE=1``, as `make soak` has it, is all of it. Whoever runs the tests, the program has
no more rights than any user.
"""

from __future__ import annotations

import functools
import random
import shutil
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from ssoenv.sandbox.server import Sandbox
from tests.conftest import WHOLE
from tests.disk.lived_in import KINDS, LivedIn
from tests.disk.meeting import ALL_DAY, EXAMPLES, meets
from tests.disk.ways import FILES, FOLDERS, MODES, ORIGINAL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.disk.lived_in import Line

    Case = tuple[str, Path, Line]

pytestmark = pytest.mark.timeout(1800 if WHOLE else 300)
SAMPLE = 1
"""How many pairs of a file and a command are tried with each kind of rubbish, in `make test`."""
WAYS = sorted({*FILES, *FOLDERS, *MODES})
MOST = 60 if WHOLE else 1
"""After how many of its bytes a file is cut off, at most; a short one after each."""


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivedIn]:
    with Sandbox() as sandbox, ExitStack() as closing:
        made = LivedIn(tmp_path_factory.mktemp("rubbish"), sandbox, closing)
        ORIGINAL.update((path, path.read_bytes()) for path in made.files().values())
        yield made
        made.restore()


def test_the_home_has_every_kind_of_file(lived_in: LivedIn) -> None:
    assert {kind.removesuffix(" of a registration") for kind in lived_in.files()} == KINDS
    assert not lived_in.unknown()


def cases(lived_in: LivedIn, rubbish: str, places: dict[str, Path]) -> Iterator[Case]:
    """Yield what to try in one way: of four commands that open a file, or list a folder, one.

    Every other pair of them is tried in one way: where a file is asked for only because another is
    wrong, or is looked at, and not opened.
    """
    row = WAYS.index(rubbish)
    for column, (kind, path) in enumerate(places.items()):
        for place, line in enumerate((*ALL_DAY, *EXAMPLES)):
            turn = (place + column) % len(WAYS) == row
            near = line in ALL_DAY and (place + column + row) % 4 == 0
            if turn or (near and str(path) in lived_in.looks_at(line)[1]):
                yield kind, path, line


def sample(lived_in: LivedIn, rubbish: str, places: dict[str, Path]) -> Iterator[Case]:
    """Yield some of the cases, the same in each run: with what is opened, or something in it."""
    chosen, found = random.Random(rubbish), 0  # noqa: S311
    for line in chosen.sample(ALL_DAY, len(ALL_DAY)):
        opened = lived_in.looks_at(line)[1]
        seen = [
            (kind, path)
            for kind, path in places.items()
            if any(f"{one}/".startswith(f"{path}/") for one in opened)
        ]
        if seen and found < SAMPLE:
            found += 1
            yield (*chosen.choice(seen), line)


def run_all(
    lived_in: LivedIn, rubbish: str, put: Callable[[Path], None], places: dict[str, Path]
) -> None:
    """Try a kind of rubbish, and tell of all that goes wrong."""
    tried, wrong = 0, []
    for kind, path, line in (cases if WHOLE else sample)(lived_in, rubbish, places):
        if fault := meets(lived_in, path, line, functools.partial(put, path)):
            wrong.append(f"{rubbish}, {kind}, {line}: {fault}")
        tried += 1
    assert tried
    assert not wrong, "\n".join(wrong)
    print(f"{rubbish}: {tried} cases")  # noqa: T201 - `make soak` counts them


@pytest.mark.parametrize("rubbish", FILES)
def test_rubbish_in_place_of_a_file(lived_in: LivedIn, rubbish: str) -> None:
    def put(path: Path) -> None:
        path.unlink()
        FILES[rubbish](path)

    run_all(lived_in, rubbish, put, lived_in.files())


@pytest.mark.parametrize("rubbish", FOLDERS)
def test_rubbish_in_place_of_a_folder(lived_in: LivedIn, rubbish: str) -> None:
    def put(path: Path) -> None:
        shutil.rmtree(path)
        FOLDERS[rubbish](path)

    run_all(lived_in, rubbish, put, lived_in.folders())


@pytest.mark.parametrize("rubbish", MODES)
def test_a_folder_that_is_wrong(lived_in: LivedIn, rubbish: str) -> None:
    run_all(lived_in, rubbish, MODES[rubbish], lived_in.folders() | {"home": lived_in.home.path})


def test_a_home_where_nothing_can_be_written(lived_in: LivedIn) -> None:
    lines = ALL_DAY if WHOLE else ALL_DAY[::5]
    home = lived_in.home.path

    def close() -> None:
        for path in (home, *home.rglob("*")):
            if not path.is_symlink():
                path.chmod(path.stat().st_mode & 0o555)

    found = {str(line): meets(lived_in, home, line, close) for line in lines}
    wrong = [f"{line}: {fault}" for line, fault in found.items() if fault]
    assert not wrong, "\n".join(wrong)
    print(f"nothing can be written: {len(lines)} cases")  # noqa: T201 - `make soak` counts them


def test_a_file_that_is_cut_off(lived_in: LivedIn) -> None:
    """Each time seen by another of the commands that open it."""
    tried, wrong = 0, []
    for kind, path in [*lived_in.files().items()][:: 1 if WHOLE else 9]:
        lines = [line for line in ALL_DAY if str(path) in lived_in.looks_at(line)[1]]
        whole = ORIGINAL[path]
        step = len(whole) // MOST + 1
        for at in range(step // 2, len(whole) if lines else 0, step):
            line = lines[(at + tried) % len(lines)]
            cut = functools.partial(path.write_bytes, whole[:at])
            if fault := meets(lived_in, path, line, cut):
                wrong.append(f"{kind}, {at} bytes, {line}: {fault}")
            tried += 1
    assert not wrong, "\n".join(wrong)
    print(f"cut off: {tried} cases")  # noqa: T201 - `make soak` counts them
