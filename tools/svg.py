"""A terminal's screen as an SVG: text that stays text, in any font, with nothing from elsewhere."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

import pyte

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pyte.screens import Char

WIDTH, HEIGHT, SIZE, PAD, BAR = 8.4, 19, 14, 14, 30
"""Pixels: a cell, its text, the space around all of it, and the title bar."""
FONT = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
PAPER, INK, FRAME = "#1b1d23", "#dfe3ea", "#2a2d36"
COLOURS = {
    "black": PAPER,
    "red": "#e0545b",
    "green": "#7fc46d",
    "brown": "#e2b34f",
    "blue": "#6ea3e8",
    "magenta": "#c587dd",
    "cyan": "#63c3c9",
    "white": "#ffffff",
    "brightblack": "#8a90a0",
    "brightred": "#ff7b81",
    "brightgreen": "#a3e08f",
    "brightbrown": "#f5d27a",
    "brightblue": "#93bdf5",
    "brightmagenta": "#dda6f0",
    "brightcyan": "#8fdde2",
    "brightwhite": "#ffffff",
}
"""The sixteen, by pyte's names; it has the rest of the 256 in hexadecimal."""
COLOURS["bfightmagenta"] = COLOURS["brightmagenta"]  # so spelled in pyte, as a background


class Terminal(pyte.Screen):
    """A screen that keeps faint, which pyte does not know, as italics, which are not drawn."""

    def select_graphic_rendition(self, *attrs: int) -> None:
        """Set the style of what follows."""
        super().select_graphic_rendition(*_faint_as_italics(attrs))


def _faint_as_italics(codes: Iterable[int]) -> Iterator[int]:
    left = list(codes)
    while left:
        code = left.pop(0)
        if code in (38, 48):  # a colour: the numbers after it are no styles
            count = 2 if left[:1] == [5] else 4
            yield from (code, *left[:count])
            del left[:count]
        else:
            yield from {2: (3,), 22: (22, 23), 3: (), 23: ()}.get(code, (code,))


def render(screen: pyte.Screen, title: str, description: str) -> str:
    """Return the SVG of what is on `screen`, down to its last line that is not empty."""
    lines = [screen.buffer[number] for number in range(screen.lines)]
    filled = [number for number, text in enumerate(screen.display) if text.strip()]
    rows = max(filled, default=0) + 1
    width = screen.columns * WIDTH + 2 * PAD
    height = rows * HEIGHT + 2 * PAD + BAR
    body = [
        mark
        for number in range(rows)
        for mark in _row([lines[number][column] for column in range(screen.columns)], number)
    ]
    return "\n".join(
        [
            (
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
                f'width="{width:.0f}" height="{height:.0f}" role="img" aria-labelledby="title desc">'
            ),
            f'<title id="title">{escape(title)}</title>',
            f'<desc id="desc">{escape(description)}</desc>',
            f'<rect width="100%" height="100%" rx="8" fill="{PAPER}"/>',
            f'<path d="M0 8a8 8 0 0 1 8-8h{width - 16:.0f}a8 8 0 0 1 8 8v{BAR - 8}H0z" fill="{FRAME}"/>',
            *(
                f'<circle cx="{18 + 18 * place}" cy="{BAR / 2}" r="5.5" fill="{colour}"/>'
                for place, colour in enumerate(("#e0545b", "#e2b34f", "#7fc46d"))
            ),
            f'<g font-family="{FONT}" font-size="{SIZE}">',
            *body,
            "</g>",
            "</svg>",
            "",
        ]
    )


def _row(cells: list[Char], number: int) -> Iterator[str]:
    """Yield what draws one row, run by run of the same style."""
    top = BAR + PAD + number * HEIGHT
    column = 0
    while column < len(cells):
        end = column
        while end < len(cells) and _style(cells[end]) == _style(cells[column]):
            end += 1
        run = cells[column:end]
        ink, paper, more = _style(run[0])
        left = PAD + column * WIDTH
        if paper != PAPER:
            yield f'<rect x="{left:.1f}" y="{top}" width="{len(run) * WIDTH:.1f}" height="{HEIGHT}" fill="{paper}"/>'
        # A wide character has an empty cell after it. Two spaces would be drawn as one.
        inked = "".join(" " if cell.data == " " else "x" for cell in run)
        for part in re.finditer(r"x+(?: x+)*", inked):
            text = "".join(cell.data for cell in run[part.start() : part.end()])
            yield (
                f'<text x="{left + part.start() * WIDTH:.1f}" y="{top + 14}" fill="{ink}"{more} '
                f'textLength="{(part.end() - part.start()) * WIDTH:.1f}" '
                f'lengthAdjust="spacingAndGlyphs">{escape(text)}</text>'
            )
        column = end


def _style(cell: Char) -> tuple[str, str, str]:
    """Return the ink, the paper, and what else the text is."""
    ink, paper = _colour(cell.fg, INK), _colour(cell.bg, PAPER)
    more = (' font-weight="bold"' if cell.bold else "") + (
        ' fill-opacity="0.6"' if cell.italics else ""
    )
    more += ' text-decoration="underline"' if cell.underscore else ""
    return (paper, ink, more) if cell.reverse else (ink, paper, more)


def _colour(name: str, default: str) -> str:
    if name == "default":
        return default
    return COLOURS.get(name) or f"#{name}"
