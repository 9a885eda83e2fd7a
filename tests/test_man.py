"""The man pages are those of the commands as they are, and every reader of man pages takes them."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.cli.test_help import PAGES
from tools import man

RENDERED = man.render_all()


def test_generated_and_committed_are_the_same() -> None:
    committed = {path.name: path.read_text() for path in man.FOLDER.iterdir()}

    assert committed == RENDERED, "run: make man"
    assert {*committed} == {f"{man.name(path)}.1" for path in ["", *PAGES]}


@pytest.mark.parametrize("file", RENDERED)
def test_it_has_no_warning(file: str) -> None:
    path = man.FOLDER / file
    groff = ["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", str(path)]
    said = subprocess.run(groff, capture_output=True, text=True, check=True).stderr
    mandoc = ["mandoc", "-T", "lint", str(path)]
    said += subprocess.run(mandoc, capture_output=True, text=True, check=False).stdout

    # A date would be another source to keep true: the version says of when a page is.
    assert [line for line in said.splitlines() if "missing date" not in line] == []


@pytest.mark.parametrize("path", ["", *PAGES])
def test_it_says_what_the_help_says(path: str) -> None:
    """Read as a person reads it: what is typed can be copied, dashes and quotes included."""
    reader = ["man", "-l", str(man.FOLDER / f"{man.name(path)}.1")]
    env = {
        "MANWIDTH": "200",
        "PATH": "/usr/bin:/bin",
        "LC_ALL": "C.UTF-8",
        "MAN_KEEP_FORMATTING": "",
    }
    shown = subprocess.run(reader, capture_output=True, text=True, check=True, env=env).stdout
    text = re.sub(r"\s+", " ", shown)

    assert "\u2010" not in text
    assert "\u2019" not in text
    if path:
        assert PAGES[path].summary in text
        for option in PAGES[path].options:
            assert f"{option.spelled} {option.told}" in text
        for _, line in PAGES[path].examples:
            assert f" {line} " in text


def test_nothing_is_a_request_to_roff() -> None:
    for text in (".so /etc/passwd", "'br", "-x \\fB", "a `b` ^c ~d", '.TH "x"'):
        page = f".TH X 1\n.SH NAME\nx \\- y\n.SH TEXT\n{man.escape(text)}\n"
        for reader in (["man", "-E", "UTF-8", "-l", "-"], ["mandoc", "-T", "utf8"]):
            shown = subprocess.run(
                reader, input=page, capture_output=True, text=True, check=True
            ).stdout
            assert text in re.sub(r".\x08", "", shown), reader
