"""Every hint, whatever was typed: a line that parses, and that is not itself refused."""

from __future__ import annotations

import itertools
import random
import re
import shlex
from typing import TYPE_CHECKING

import pytest

from ssoenv.cli import app
from tests import documented
from tests.conftest import PROJECT, WHOLE, Copies

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ssoenv.sandbox.server import Sandbox
    from tests.conftest import Home

pytestmark = pytest.mark.usefixtures("quick_aws")
PAGES = {page.path: page for page in app.every_page()}
STAYS = ("sandbox serve", "sandbox run", "demo", "login")
"""What serves, plays or waits where nothing is wrong with it: tried with what is wrong only."""
SLOW = ("doctor",)
"""What starts a shell each time."""
ASKS = re.compile(r"nobody (is here|at a terminal)|which session|only a shell with its hook")
"""A line that is right, and that only a person at a terminal, or a shell, can run."""
VALUES = ("x", "a b")
FLAGS = 4
"""How many options of a command are tried, but for WHOLE."""
PAIRS = 4
"""How many pairs of options of a command are tried, of some hundred that `bind` has."""

MORE = {
    "help": (("help", "exit-codes", "x"), ("help", "bind", "x"), ("help", "sandbox", "x")),
    "setup": (("setup", "--undo", "--session", ""), ("setup", "--undo", "--start-url", "x")),
}
"""What else somebody has typed."""


def wrong_lines(path: str) -> Iterator[tuple[str, ...]]:
    """Lines of the command `path` with one or two things that are likely wrong with them."""
    words = path.split()
    flags = [option.flags[0] for option in PAGES[path].options if option.flags[0] != "--help"]
    yield (*words, "--frobnicate")
    yield (*words, "frobnicate", "x", "y")
    if path in STAYS:
        return
    yield tuple(words)
    chance = random.Random(path)  # noqa: S311
    for flag in flags if WHOLE else chance.sample(flags, min(FLAGS, len(flags))):
        yield (*words, flag)
        for value in VALUES if path not in SLOW else ():
            yield (*words, flag, value)
    yield from MORE.get(path, ())
    pairs = list(itertools.combinations(flags, 2)) if path not in SLOW else []
    for one, other in chance.sample(pairs, min(PAIRS, len(pairs))):
        yield (*words, one, other)


def hints(stderr: str) -> list[str]:
    """The lines of ssoenv that `stderr` says to try, with something in place of their capitals."""
    found = re.findall(r"^  try: (.*)$", stderr, re.MULTILINE)
    return [one for line in found for one in documented.in_page(f"`{line}`")]


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Copies:
    """A home where somebody is signed in, and has a project that is trusted."""
    made = Copies(tmp_path_factory.getbasetemp() / "hints")
    with made.making() as (home, sandbox):
        assert home.ssoenv("trust", "--yes", cwd=home.project("web")).returncode == 0
        assert home.ssoenv("login", "acme").returncode == 0
        assert home.ssoenv("roles").returncode == 0
        made.keep("desk", home, sandbox)
    return made


@pytest.fixture
def desk(home: Home, sandbox: Sandbox, copies: Copies) -> Path:
    """A project that is trusted, of somebody who is signed in."""
    copies.lay("desk", home, sandbox)
    home.env["SHELL"] = "/bin/bash"
    return home.path / "web"


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.sampled(2)
def test_no_hint_is_refused_or_leads_back(home: Home, desk: Path, path: str) -> None:
    tried: dict[str, str] = {}
    for words in dict.fromkeys(wrong_lines(path)):
        typed = home.ssoenv(*words, cwd=desk)
        assert "Traceback" not in typed.stderr, (words, typed)
        for hint in hints(typed.stderr) if typed.returncode == 2 else ():
            if hint.startswith(STAYS):
                continue
            if hint not in tried:
                done = home.ssoenv(*shlex.split(hint), cwd=desk)
                tried[hint] = done.stderr if done.returncode == 2 else ""
            refused = tried[hint]
            assert not refused or ASKS.search(refused), (words, typed.stderr, hint, refused)


def test_a_name_with_a_space_is_one_word_of_a_hint(home: Home, sandbox: Sandbox) -> None:
    config = home.path / ".aws/config"
    config.write_text(config.read_text().replace("[sso-session acme]", '[sso-session "my corp"]'))
    web = home.project("web", PROJECT.replace('"acme"', '"my corp"'))
    assert home.ssoenv("trust", "--yes", cwd=web).returncode == 0
    for words in (("export",), ("export", "dev/Developer"), ("roles",), ("bind", "-s", "other")):
        told = home.ssoenv(*words, cwd=web)
        assert "try: ssoenv " in told.stderr
        assert "'my corp'\n" in told.stderr, told.stderr
