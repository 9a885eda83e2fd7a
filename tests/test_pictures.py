"""The pictures that are committed: whole, described, self-contained, and shown somewhere."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests import pictures

ROOT = Path(__file__).parent.parent
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("name", pictures.SCENES)
def test_a_picture_is_whole_and_shown(name: str) -> None:
    path = pictures.FOLDER / f"{name}.svg"
    text = path.read_text()
    root = ET.fromstring(text)  # noqa: S314 - our own file

    assert root.findtext(f"{SVG}title")
    assert root.findtext(f"{SVG}desc")
    assert len(root.findall(f".//{SVG}text")) > 5
    assert not re.search(r"<(script|image|use|foreignObject|style)\b|href|url\(|/tmp/", text)
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    assert any(f"pictures/{name}.svg" in page.read_text() for page in pages)
