"""``python -m tests.soak [--seconds 180] [--lasts 10]``: soak, and print the counts; 1 if anything failed."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.conftest import make_ready, pytest_unconfigure
from tests.soak.run import soak


def main() -> int:
    """Run what the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak")
    parser.add_argument("--seconds", type=float, default=180)
    parser.add_argument("--lasts", type=int, default=10)
    given = parser.parse_args()
    make_ready()
    try:
        with tempfile.TemporaryDirectory() as folder:
            outcome = soak(Path(folder), given.seconds, given.lasts)
    finally:
        pytest_unconfigure()
    print(outcome.table())
    return 1 if outcome.problems else 0


if __name__ == "__main__":
    sys.exit(main())
