"""A terminal's screen as an SVG: text that stays text, in any font, with nothing from elsewhere."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyte
    from pyte.screens import Char

WIDTH, HEIGHT, SIZE, PAD, BAR = 8.4, 19, 14, 14, 30
"""Pixels: a cell, its text, the space around all of it, and the title bar."""
FONT = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
NBSP = "\u00a0"  # a plain space would be one of a collapsed run
PAPER, INK, FRAME = "#1b1d23", "#dfe3ea", "#2a2d36"
COLOURS = {
    "black": "#1b1d23",
    "red": "#e0545b",
    "green": "#7fc46d",
    "brown": "#e2b34f",
    "blue": "#6ea3e8",
    "magenta": "#c587dd",
    "cyan": "#63c3c9",
    "white": "#ffffff",
    "brightblack": "#8a90a0",
    "brightwhite": "#ffffff",
    "brightred": "#e0545b",
    "bfightmagenta": "#c587dd",
}


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
                f'width="{width:.0f}" role="img" aria-labelledby="title desc">'
            ),
            f'<title id="title">{escape(title)}</title>',
            f'<desc id="desc">{escape(description)}</desc>',
            f'<rect width="100%" height="100%" rx="8" fill="{PAPER}"/>',
            f'<path d="M0 8a8 8 0 0 1 8-8h{width - 16:.0f}a8 8 0 0 1 8 8v{BAR - 8}H0z" fill="{FRAME}"/>',
            *(
                f'<circle cx="{18 + 18 * place}" cy="{BAR / 2}" r="5.5" fill="{colour}"/>'
                for place, colour in enumerate(("#e0545b", "#e2b34f", "#7fc46d"))
            ),
            f'<g font-family="{FONT}" font-size="{SIZE}" xml:space="preserve">',
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
        ink, paper, bold = _style(cells[column])
        text = "".join(cell.data for cell in cells[column:end])
        left, wide = PAD + column * WIDTH, (end - column) * WIDTH
        if paper != PAPER:
            yield f'<rect x="{left:.1f}" y="{top}" width="{wide:.1f}" height="{HEIGHT}" fill="{paper}"/>'
        bare = text.rstrip()
        if bare.strip():
            start = len(bare) - len(bare.lstrip())
            weight = ' font-weight="bold"' if bold else ""
            yield (
                f'<text x="{left + start * WIDTH:.1f}" y="{top + 14}" fill="{ink}"{weight} '
                f'textLength="{len(bare.strip()) * WIDTH:.1f}" lengthAdjust="spacingAndGlyphs">'
                f"{escape(bare.strip()).replace(' ', NBSP)}</text>"
            )
        column = end


def _style(cell: Char) -> tuple[str, str, bool]:
    ink, paper = _colour(cell.fg, INK), _colour(cell.bg, PAPER)
    return (paper, ink, cell.bold) if cell.reverse else (ink, paper, cell.bold)


def _colour(name: str, default: str) -> str:
    if name == "default":
        return default
    return COLOURS.get(name) or (f"#{name}" if len(name) == 6 else default)
