"""What differs between two texts of an AWS config, in time that grows with their length.

``difflib`` alone takes time that grows with the square of it where much changes at once: a minute
for some thousand profiles. So sections are matched by their headers, and only what two sections of
one header hold is compared line by line.
"""

from __future__ import annotations

import bisect
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Change = tuple[int, int, int, int]
"""Lines i1 to i2 of the one text become lines j1 to j2 of the other."""


def hunks(before: Sequence[str], after: Sequence[str]) -> list[str]:
    """Return the hunks of a unified diff without lines beside those that change."""
    lines: list[str] = []
    for i1, i2, j1, j2 in _merged(_changes(before, after)):
        lines.append(f"@@ -{_range(i1, i2)} +{_range(j1, j2)} @@")
        lines += [f"-{line}" for line in before[i1:i2]]
        lines += [f"+{line}" for line in after[j1:j2]]
    return lines


def _changes(before: Sequence[str], after: Sequence[str]) -> Iterator[Change]:
    from difflib import SequenceMatcher

    i = j = 0
    for (i1, i2), (j1, j2) in _pairs(_sections(before), _sections(after)):
        yield i, i1, j, j1
        matcher = SequenceMatcher(None, before[i1:i2], after[j1:j2])
        for kind, a1, a2, b1, b2 in matcher.get_opcodes():
            if kind != "equal":
                yield i1 + a1, i1 + a2, j1 + b1, j1 + b2
        i, j = i2, j2
    yield i, len(before), j, len(after)


def _sections(lines: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Return from where to where each section goes, by its header; the first of equal ones."""
    starts = [0, *(i for i, line in enumerate(lines) if i and re.match(r"\[.+\]", line))]
    found: dict[str, tuple[int, int]] = {}
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        header = lines[start] if lines and re.match(r"\[.+\]", lines[start]) else ""
        found.setdefault(header, (start, end))
    return found


def _pairs(
    before: dict[str, tuple[int, int]], after: dict[str, tuple[int, int]]
) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Return sections of one header, as many as stand in the same order in both.

    They are the longest increasing subsequence, found by patience sorting.
    """
    both = [(place, after[header]) for header, place in before.items() if header in after]
    ends: list[int] = []
    chains: list[int] = []
    previous: list[int] = []
    for index, (_, there) in enumerate(both):
        pile = bisect.bisect_left(ends, there[0])
        previous.append(chains[pile - 1] if pile else -1)
        ends[pile : pile + 1] = [there[0]]
        chains[pile : pile + 1] = [index]
    found, index = [], chains[-1] if chains else -1
    while index >= 0:
        found.append(both[index])
        index = previous[index]
    return found[::-1]


def _merged(changes: Iterator[Change]) -> Iterator[Change]:
    """Yield the `changes` that are any, those that touch each other as one."""
    open_: Change | None = None
    for i1, i2, j1, j2 in changes:
        if i1 == i2 and j1 == j2:
            continue
        if open_ and open_[1] == i1 and open_[3] == j1:
            open_ = (open_[0], i2, open_[2], j2)
            continue
        if open_:
            yield open_
        open_ = (i1, i2, j1, j2)
    if open_:
        yield open_


def _range(start: int, end: int) -> str:
    """Return lines `start` to `end` as ``diff -u`` has them."""
    length = end - start
    if length == 1:
        return str(start + 1)
    return f"{start + 1 if length else start},{length}"
