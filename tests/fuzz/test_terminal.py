"""What people are shown: a terminal obeys nothing but ourselves, whatever the text is."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import threading
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssoenv.base.dialects import printable
from ssoenv.base.errors import InvalidConfiguration, SsoenvError
from ssoenv.cli import failures, screen
from tests.fuzz.cases import cases, tried

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TEXTS = st.lists(
    st.one_of(
        st.text(max_size=20),
        st.text(st.sampled_from("ab \x1b[]0m;31\x07\x08\r\n\t\x9b\x90\x84\u202e\u2066\u200b\ufeff\ue000\ud800\udcff"), max_size=20),
        st.sampled_from(("\x1b]0;title\x07", "\x1b[2J", "\x9b31m", "\x1bP+q\x1b\\", "\r\x1b[K", "\x1b]8;;http://evil\x1b\\x")),
    ),
    min_size=40,
    max_size=80,
)  # fmt: skip
OURS = re.compile(r"\x1b\[(?:0|2|31|32|33|1)m")
"""The colours that we give."""
SAYS: dict[str, Callable[[str], object]] = {
    "say": screen.say,
    "say in colour": lambda text: screen.say(text, style="error"),
    "note": lambda text: screen.note(text, style="warning"),
    "hint": screen.hint,
    "out": lambda text: screen.out(text, screen.paint(text, "good", sys.stdout), text),
    "an error": lambda text: failures.explain(SsoenvError(text, fix=text, advice=text)),
    "problems": lambda text: failures.explain(
        InvalidConfiguration(text, problems=(f"{text}:1: {text}",), file=text, advice=text)
    ),
}


@contextlib.contextmanager
def a_terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bytes]]:
    """Have both streams be a terminal; at the end the list has what was written to it."""
    master, slave = os.openpty()
    written: list[bytes] = []

    def collect() -> None:
        with contextlib.suppress(OSError):  # as the last of its other side is closed
            while part := os.read(master, 65536):
                written.append(part)

    reading = threading.Thread(target=collect)
    reading.start()
    try:
        with open(slave, "w", encoding="utf-8") as stream, monkeypatch.context() as patch:
            patch.setattr("sys.stdout", stream)
            patch.setattr("sys.stderr", stream)
            patch.setenv("TERM", "xterm-256color")
            yield written
    finally:
        reading.join()
        os.close(master)


@pytest.mark.parametrize("way", SAYS)
def test_no_text_moves_the_cursor(monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    @cases(2, 60)
    @given(TEXTS)
    def tries(texts: list[str]) -> None:
        tried("texts on a terminal", len(texts))
        with a_terminal(monkeypatch) as written:
            for text in texts:
                SAYS[way](text)
        shown = OURS.sub("", b"".join(written).decode()).replace("\r\n", "\n")
        assert all(line.isprintable() for line in shown.split("\n")), shown

    tries()


@cases(5, 200)
@given(TEXTS)
def test_what_is_printable_stays_and_all_else_is_told(texts: list[str]) -> None:
    tried("texts made printable", len(texts))
    for text in texts:
        shown = printable(text)
        assert shown.isprintable()
        shown.encode()
        assert shown == text or not text.isprintable()
        assert printable(shown) == shown
