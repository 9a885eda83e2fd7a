"""``python -m tests.generated``: run rows, and tell which went wrong.

Usage:
    python -m tests.generated                the sample of `make test`
    python -m tests.generated --pairs        every two choices of different kinds together, once
    python -m tests.generated --all          every three; `make soak`
    python -m tests.generated ROW...         these rows, with all that was typed and shown
"""

from __future__ import annotations

import argparse
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
from tests.conftest import empty_home, pytest_configure
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
    words = argparse.ArgumentParser(
        prog="python -m tests.generated", description=__doc__.partition("\n")[0]
    )
    words.add_argument("rows", nargs="*", metavar="ROW", help="the names of rows")
    words.add_argument("--pairs", action="store_true", help="every two choices together")
    words.add_argument("--all", action="store_true", help="every three choices together")
    words.add_argument("--seed", type=int, default=SEED)
    words.add_argument("--count", type=int, default=COUNT, help="how large the sample is")
    words.add_argument("--minutes", type=float, default=600, help="stop after as many")
    words.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    words.add_argument(
        "--shrink", action="store_true", help="look for the simplest row of each kind"
    )
    given = words.parse_args()
    pytest_configure()
    rows: Iterable[Row] = (
        [parse(name) for name in given.rows]
        or ((given.all or given.pairs) and order(given.seed, together=3 if given.all else 2))
        or sample(given.seed, given.count)
    )
    wrong, left = Counter[str](), Counter[str]()
    simplest: dict[str, str] = {}
    count, began = 0, time.monotonic()
    with tempfile.TemporaryDirectory() as root:
        for outcome, shrunk in _run_all(rows, root, given.jobs, given.minutes, shrink=given.shrink):
            count += 1
            left.update({one.open for one in outcome.findings if one.open})
            if given.rows:
                print(outcome.transcript)
            if outcome.violations:
                wrong[shrunk] += 1
                simplest.setdefault(shrunk, outcome.report())
                print(outcome.report(), flush=True)
    seconds = time.monotonic() - began
    print(
        f"{count} rows in {seconds:.0f} s, {sum(wrong.values())} wrong; left open, as docs/shells.md says:"
    )
    for name, times in left.most_common():
        print(f"  {times:5} {name}")
    if given.shrink:
        print("the simplest rows that go wrong in the same way:")
        for name, times in wrong.most_common():
            print(f"  {times:5} {name}")
    return 1 if wrong else 0


def _run_all(
    rows: Iterable[Row], root: str, jobs: int, minutes: float, *, shrink: bool
) -> Iterator[tuple[Outcome, str]]:
    until = time.monotonic() + 60 * minutes
    todo = iter(rows)
    context = multiprocessing.get_context("fork")
    with context.Pool(jobs, _make_world, (root,)) as pool:
        while time.monotonic() < until and (batch := list(itertools.islice(todo, BATCH))):
            yield from pool.imap_unordered(_run_and_shrink if shrink else _run, batch)


def _make_world(root: str) -> None:
    """Make the world of this process; it goes when the process goes."""
    folder = Path(root).resolve() / str(os.getpid())
    folder.mkdir()
    home, sandbox = empty_home(folder / "home"), Sandbox().__enter__()
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
