"""Counts the cases of each family, and tells at the end how many there were."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.fuzz import cases

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "fuzzed"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give the whole the time that it takes."""
    for item in items:
        if __name__.rpartition(".")[0] == item.module.__package__:  # type: ignore[attr-defined]
            item.add_marker(pytest.mark.timeout(1800))


@pytest.fixture(autouse=True)
def _counted(request: pytest.FixtureRequest) -> Iterator[None]:
    """Note with the test how many cases it has tried; `-rP` shows it."""
    cases.COUNTS.clear()
    yield
    request.node.user_properties.append((NAME, dict(cases.COUNTS)))
    for family, count in cases.COUNTS.items():
        print(f"{family}: {count}")  # noqa: T201


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell the sum by family, of all processes that ran tests."""
    total: Counter[str] = Counter()
    for report in (one for every in terminalreporter.stats.values() for one in every):
        if getattr(report, "when", "") != "teardown":
            continue
        for name, counts in getattr(report, "user_properties", ()):
            if name == NAME:
                total.update(counts)
    if total:
        terminalreporter.section("cases made up")
        for family, count in sorted(total.items()):
            terminalreporter.line(f"{family}: {count}")
        terminalreporter.line(f"in all: {sum(total.values())}")
