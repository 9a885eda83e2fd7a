"""The pictures that are committed: whole, described, self-contained, and shown somewhere."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pyte
import pytest

from tools import diagram, pictures, svg

ROOT = Path(__file__).parent.parent
SVG = "{http://www.w3.org/2000/svg}"
DRAWN = {f"{SVG}{tag}" for tag in ("svg", "title", "desc", "g", "rect", "path", "circle", "text")}


NAMES = [*pictures.SCENES, diagram.FILE.stem]


def test_every_scene_has_its_picture_and_no_other_is_there() -> None:
    assert {path.stem for path in pictures.FOLDER.iterdir()} == set(NAMES)


def test_the_diagram_is_as_it_is_drawn() -> None:
    assert diagram.FILE.read_text() == diagram.render()


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_is_whole_and_shown(name: str) -> None:
    text = (pictures.FOLDER / f"{name}.svg").read_text()
    root = ET.fromstring(text)  # noqa: S314 - our own file

    assert root.findtext(f"{SVG}title")
    assert root.findtext(f"{SVG}desc")
    assert len(root.findall(f".//{SVG}text")) > 5
    assert {one.tag for one in root.iter()} <= DRAWN
    names = {name for one in root.iter() for name in one.attrib}
    assert not [name for name in names if re.search(r"href|style|^on", name)]
    assert not re.search(r"url\(|/tmp/|<!|<\?", text)
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    shown = rf"!\[[^\]]{{20,}}\]\([\w./]*pictures/{name}\.svg\)"
    assert any(re.search(shown, page.read_text()) for page in pages)


@pytest.mark.parametrize(
    ("typed", "drawn"),
    [
        ("\x1b[2mx", 'fill-opacity="0.6"'),
        ("\x1b[1;2;22mx", 'fill="#dfe3ea" textLength'),
        ("\x1b[91mx", 'fill="#ff7b81"'),
        ("\x1b[38;5;2mx", 'fill="#00cd00" textLength'),
        ("\x1b[38;2;2;2;2mx", 'fill="#020202" textLength'),
        ("\x1b[105mx", '<rect x="14.0" y="44" width="8.4" height="19" fill="#dda6f0"/>'),
        ("\x1b[7mx", 'fill="#1b1d23" textLength'),
        ("a  b", '<text x="39.2"'),
        ("日本 x", 'textLength="50.4" lengthAdjust="spacingAndGlyphs">日本 x<'),
        ("<&>", ">&lt;&amp;&gt;<"),
    ],
)
def test_what_a_terminal_shows_is_drawn(typed: str, drawn: str) -> None:
    terminal = svg.Terminal(20, 2)
    pyte.Stream(terminal).feed(typed)

    assert drawn in svg.render(terminal, "title", "description")
