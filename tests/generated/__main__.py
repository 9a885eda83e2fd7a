"""``python -m tests.generated``: run rows, and tell which went wrong.

Usage:
    python -m tests.generated                the sample of `make test`
    python -m tests.generated --pairs        every two choices of different kinds together, once
    python -m tests.generated --all          every three; `make soak`
    python -m tests.generated ROW...         these rows, with all that was typed and shown
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import multiprocessing
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from ssoenv.sandbox.server import Sandbox
from tests.conftest import empty_home, make_ready
from tests.generated import COUNT, SEED
from tests.generated.oracle import KINDS
from tests.generated.rows import order, parse, sample, simpler
from tests.generated.run import run
from tests.generated.world import World

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.generated.rows import Row
    from tests.generated.run import Outcome

BATCH = 60
_worlds: list[World] = []


def main() -> int:
    """Run what the command line says; 1 if any row went wrong."""
    given = _arguments()
    make_ready()
    rows: Iterable[Row] = [parse(name) for name in given.rows]
    if given.all or given.pairs:
        rows = order(given.seed, together=3 if given.all else 2)
    elif not given.rows:
        rows = sample(given.seed, given.count)
    wrong, left, count, began = Counter[str](), Counter[str](), 0, time.monotonic()
    with tempfile.TemporaryDirectory() as root:
        for outcome, name in _run_all(rows, root, given):
            count += 1
            left.update({one.open for one in outcome.findings if one.open})
            if given.rows:
                print(outcome.transcript, "", sep="\n")
            if outcome.violations:
                wrong[name] += 1
                print(outcome.report(), flush=True)
    print(f"{count} rows in {time.monotonic() - began:.0f} s, {wrong.total()} wrong.")
    print("Left open, as docs/shells.md says:", *_table(left), sep="\n")
    if given.shrink:
        print("The simplest rows that go wrong like these:", *_table(wrong), sep="\n")
    return 1 if wrong else 0


def _arguments() -> argparse.Namespace:
    words = argparse.ArgumentParser(
        prog="python -m tests.generated", description=str(__doc__).partition("\n")[0]
    )
    words.add_argument("rows", nargs="*", metavar="ROW", help="the names of rows")
    words.add_argument("--pairs", action="store_true", help="every two choices together")
    words.add_argument("--all", action="store_true", help="every three choices together")
    words.add_argument("--seed", type=int, default=SEED)
    words.add_argument("--count", type=int, default=COUNT, help="how large the sample is")
    words.add_argument("--minutes", type=float, default=600, help="stop after as many")
    words.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    words.add_argument("--shrink", action="store_true", help="find the simplest row of each kind")
    return words.parse_args()


def _table(counted: Counter[str]) -> list[str]:
    return [f"  {times:5} {name}" for name, times in counted.most_common()]


def _run_all(
    rows: Iterable[Row], root: str, given: argparse.Namespace
) -> Iterator[tuple[Outcome, str]]:
    """Yield what came of each row, with the name that it is counted under if it goes wrong."""
    until, todo = time.monotonic() + 60 * given.minutes, iter(rows)
    work = _run_and_shrink if given.shrink else _run
    with multiprocessing.get_context("fork").Pool(given.jobs, _make_world, (root,)) as pool:
        while time.monotonic() < until and (batch := list(itertools.islice(todo, BATCH))):
            yield from pool.imap_unordered(work, batch)


def _make_world(root: str) -> None:
    """Make the world of this process; it goes when the process goes."""
    folder = Path(root).resolve() / str(os.getpid())
    folder.mkdir()
    home = empty_home(folder / "home", contextlib.ExitStack())
    sandbox = Sandbox().__enter__()
    sandbox.write_home(str(home.path))
    home.env |= sandbox.environment(str(folder / "sandbox"))
    _worlds[:] = [World(home, sandbox)]


def _run(row: Row) -> tuple[Outcome, str]:
    return run(row, _worlds[0]), str(row)


def _run_and_shrink(row: Row) -> tuple[Outcome, str]:
    """Run `row`, and if it goes wrong find the simplest that still does, for its worst finding."""
    outcome = run(row, _worlds[0])
    kinds = {one.kind for one in outcome.violations}
    worst = next((kind for kind in KINDS if kind in kinds), "")
    smallest, changed = row, bool(worst)
    while changed:
        changed = False
        for candidate in simpler(smallest):
            if worst in {one.kind for one in run(candidate, _worlds[0]).violations}:
                smallest, changed = candidate, True
                break
    return outcome, f"{worst}: {smallest}"


if __name__ == "__main__":
    sys.exit(main())
