"""As many of the long families as there is time for: ``WHOLE=1 pytest --minutes N``, as `make soak` has it.

All of them take hours on two cores. Each run takes them in another order, which ``SEED`` repeats, and
begins no test once its time is over; it says how many of how many it came to.
"""

from __future__ import annotations

import os
import time
import zlib

import pytest


class Bounded:
    """Begins tests for `minutes`; all processes of one run count from the same moment."""

    def __init__(self, minutes: float) -> None:
        # The workers inherit both.
        self._seed = os.environ.setdefault("SEED", str(int(time.time())))
        end = os.environ.setdefault("SOAK_UNTIL", str(time.monotonic() + 60 * minutes))
        self._until, self._minutes, self._begun = float(end), minutes, set[str]()

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Leave what has no more cases than `make test` runs, in the order of the seed."""
        long = [one for one in items if one.get_closest_marker("sampled") or _grows(one)]
        rest = set(items).difference(long)
        # A module stays together: what it makes for all of its tests is made once.
        items[:] = sorted(
            long, key=lambda one: (self._place(str(one.path)), self._place(one.nodeid))
        )
        config.hook.pytest_deselected(items=list(rest))

    def _place(self, name: str) -> int:
        return zlib.crc32(f"{self._seed} {name}".encode())

    def pytest_runtest_protocol(self, item: pytest.Item) -> bool | None:  # noqa: ARG002 - any
        """Run no test once the time is over."""
        return True if time.monotonic() > self._until else None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count what was begun."""
        self._begun.add(report.nodeid)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Say how far it came."""
        told = session.config.pluginmanager.get_plugin("terminalreporter")
        if told is not None:
            many = f"{len(self._begun)} of {session.testscollected} tests"
            told.write_line(f"\n{many} in {self._minutes:g} minutes: SEED={self._seed}")


def _grows(item: pytest.Item) -> bool:
    """Whether a test has more cases where all are wanted."""
    return bool(getattr(getattr(item, "module", None), "WHOLE", False))
