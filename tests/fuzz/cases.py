"""How input for a parser is made up, and what has to hold of whatever a parser makes of it.

The input is a real file with a few changes, of which most leave it nearly right: what is all noise
is refused at the first byte, and tries nothing behind that.
"""

from __future__ import annotations

import contextlib
import copy
import io
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import hypothesis
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as st

from ssoenv.base.errors import SsoenvError
from ssoenv.cli import failures
from tests.conftest import WHOLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

LONGEST = 2.0
"""Seconds of processor time that one case may take; the files are of some hundred bytes."""
MOST_LINES = 20
LARGEST = 20_000
"""Bytes of a case, of which hypothesis shows what fails; tests of their own have what is large."""
COUNTS: Counter[str] = Counter()
"""How many cases were tried in this process, by family."""

WAYS = (
    "insert",
    "insert",
    "replace",
    "delete",
    "delete",
    "repeat",
    "flip",
    "cut",
    "line",
    "swap",
    "splice",
)
STEP = 4
"""Bytes that tell one change: which way, a choice, and at which part of the text."""


def cases(sample: int, whole: int) -> hypothesis.settings:
    """Return the settings for so many cases, in the sample and in the whole."""
    return hypothesis.settings(
        max_examples=whole if WHOLE else sample,
        deadline=None,
        database=None,
        suppress_health_check=[*HealthCheck],
        phases=(Phase.explicit, Phase.generate, Phase.shrink),
    )


def tried(family: str, count: int = 1) -> None:
    """Count a case, or `count` of them, of `family`."""
    COUNTS[family] += count


def mutated(seeds: Sequence[bytes], pieces: Sequence[bytes]) -> st.SearchStrategy[bytes]:
    """Return one of the `seeds` with up to five changes, most of which put one of `pieces` in.

    What changes is told by a few bytes: hypothesis draws them at once, and makes them simpler.
    """
    return st.binary(min_size=1, max_size=1 + 5 * STEP).map(
        lambda dice: _changed(seeds[dice[0] % len(seeds)], dice[1:], seeds, pieces)
    )


def _changed(text: bytes, dice: bytes, seeds: Sequence[bytes], pieces: Sequence[bytes]) -> bytes:
    for at in range(0, len(dice) - STEP + 1, STEP):
        way, choice = WAYS[dice[at] % len(WAYS)], dice[at + 1]
        place = int.from_bytes(dice[at + 2 : at + STEP]) / 65536
        text = _change(text, way, place, choice, (seeds, pieces))[:LARGEST]
    return text


def _change(
    text: bytes, way: str, where: float, choice: int, of: tuple[Sequence[bytes], Sequence[bytes]]
) -> bytes:
    at = int(where * (len(text) + 1))
    seed, piece = (every[choice % len(every)] for every in of)
    before, rest = text[:at], text[at:]
    ways: dict[str, Callable[[], bytes]] = {
        "insert": lambda: piece + rest,
        "replace": lambda: piece + rest[max(1, len(piece)) :],
        "delete": lambda: rest[1 + choice % 7 :],
        "repeat": lambda: piece * (1 + choice % 90) + rest,
        "flip": lambda: bytes(byte ^ (1 << choice % 8) for byte in rest[:1]) + rest[1:],
        "cut": lambda: b"",
        "splice": lambda: seed[int(where * (len(seed) + 1)) :],
    }
    return before + ways[way]() if way in ways else _with_lines_moved(text, way, where, choice)


def _with_lines_moved(text: bytes, way: str, where: float, choice: int) -> bytes:
    lines = text.splitlines(keepends=True) or [b""]
    one, two = int(where * len(lines)), choice % len(lines)
    if way == "line":
        lines.insert(one, lines[two])
    else:
        lines[one], lines[two] = lines[two], lines[one]
    return b"".join(lines)


RUBBISH: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 5, 1.5, 10**11, 10**30, float("inf"), float("nan")),
    *("", " ", "x", "\0", "\ud800", "a\nb", "\x1b[2J", "é\u2028", "../..", "x" * 300),
    *("9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00", "2026-13-01", "2999-01-01T00:00:00UTC"),
    *([], [5], [[]], ["x"], {}, {"a": 1}),
)
"""Values of all kinds that JSON can hold, as Python writes and reads it."""


def changed_json(documents: Sequence[Any]) -> st.SearchStrategy[Any]:
    """Return one of the `documents` with up to three of its values gone, doubled or rubbish."""
    return st.binary(min_size=1, max_size=1 + 3 * STEP).map(
        lambda dice: _with_rubbish(documents[dice[0] % len(documents)], dice[1:])
    )


def _with_rubbish(document: Any, dice: bytes) -> Any:
    document = copy.deepcopy(document)
    for at in range(0, len(dice) - STEP + 1, STEP):
        way, number, value = dice[at] % 4, dice[at + 1], RUBBISH[dice[at + 2] % len(RUBBISH)]
        places = [*_places(document)]
        if not places:
            return value
        around, key = places[number % len(places)]
        if way == 0:
            del around[key]
        elif way == 1 and isinstance(around, list):
            around.append(around[key])
        else:
            around[key] = copy.deepcopy(value)
    return document


def _places(document: Any) -> Iterator[tuple[Any, Any]]:
    """Yield where each value in `document` stands: what it is in, and its key there."""
    keys = document.keys() if isinstance(document, dict) else range(len(document))
    for key in list(keys):
        yield document, key
        if isinstance(document[key], dict | list):
            yield from _places(document[key])


def in_time(work: Callable[[], Any]) -> Any:
    """Return what `work` returns, which takes no longer than it may."""
    began = time.thread_time()
    try:
        return work()
    finally:
        assert time.thread_time() - began < LONGEST


def read(work: Callable[[], Any]) -> Any:
    """Return what `work` returns; None where it raises one of our errors, which is told as such.

    Any other exception would be exit code 70, and fails the test.
    """
    try:
        return in_time(work)
    except SsoenvError as error:
        told(error)
        return None


def told(error: SsoenvError) -> None:
    """See that a person is told `error` in a few lines that no terminal obeys."""
    with contextlib.redirect_stderr(io.StringIO()) as said:
        code = failures.explain(error)
    text = said.getvalue()
    assert code == error.exit_code != failures.BUG
    assert 0 < len(text.splitlines()) <= MOST_LINES
    assert all(line.isprintable() for line in text.split("\n"))
    text.encode()
