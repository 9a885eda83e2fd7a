"""What one picks from: rows, which of them match what is typed, and how they are laid out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssoenv.base.dialects import printable
from ssoenv.base.values import dataclass
from ssoenv.cli import layout

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Row:
    """One choice: its `columns`, the `words` it can be found by, a `note` and whether to beware.

    `key` tells it from all others; its first word is what it belongs to, an account or a profile.
    One that is `open` stands for choices that are not known yet.
    """

    columns: tuple[str, ...]
    words: str
    note: str = ""
    beware: bool = False
    key: tuple[str, ...] = ("",)
    open: bool = False


def matching(rows: Sequence[Row], query: str) -> list[int]:
    """Return the indices of `rows` in which every word of `query` occurs, in any order.

    Those come first where all of it can be seen: some words, as an e-mail, are in no column. Of an
    open row not all words are known, so one that occurs will do.
    """
    words = query.lower().split()
    if not words:
        return list(range(len(rows)))
    found = [index for index, row in enumerate(rows) if _occur(words, row.words, row)]
    return sorted(
        found,
        key=lambda index: not _occur(words, " ".join(rows[index].columns).lower(), rows[index]),
    )


def _occur(words: Sequence[str], text: str, row: Row) -> bool:
    return (any if row.open else all)(word in text for word in words)


def likeliest(rows: Sequence[Row], found: Sequence[int]) -> int:
    """Return which of `found` Enter takes unless one moves: none to beware of, if it can be."""
    return next((place for place, index in enumerate(found) if not rows[index].beware), 0)


def place_of(rows: Sequence[Row], found: Sequence[int], key: tuple[str, ...]) -> int | None:
    """Return which of `found` is the row with `key`, else one that belongs to the same."""
    for place, index in enumerate(found):
        if rows[index].key == key:
            return place
    related = [place for place, index in enumerate(found) if rows[index].key[0] == key[0]]
    careful = [place for place in related if not rows[found[place]].beware]
    return next(iter(careful or related), None)


def widths(rows: Sequence[Row]) -> tuple[int, ...]:
    """Return how wide each column of `rows` is."""
    return tuple(
        max(map(layout.width_of, column))
        for column in zip(*(row.columns for row in rows), strict=True)
    )


def fit(row: Row, columns: Sequence[int], width: int) -> str:
    """Return `row` in aligned `columns`, cut to `width` cells if need be."""
    cells = [
        layout.pad(printable(text), wanted)
        for text, wanted in zip(row.columns, columns, strict=True)
    ]
    text = "  ".join(cells).rstrip()
    noted = f"{'  '.join(cells)}  {row.note}" if row.note else text
    return noted if layout.width_of(noted) <= width else layout.cut(text, width)
