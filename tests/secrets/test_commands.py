"""Every command, whatever the service does to it: no secret where none belongs, and files for nobody else.

The commands are the examples in their help, so that a new one is tried by itself: as it stands and
with ``-v``, with a token that is due, under every umask, and while every call of a service fails in
one way or another. Looked at is what it prints, what the programs that it starts have among their
words and in their environment, and each file in HOME, in TMPDIR and beside the project. `make test`
tries the first example of each command in one manner, WHOLE=1 every one in all of them.
"""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from ssoenv.cli import app
from ssoenv.sandbox import faults
from ssoenv.sandbox.server import Sandbox
from tests import forked
from tests.conftest import WHOLE
from tests.secrets import known
from tests.sign_in.people import Person
from tests.test_docs_run import Desk

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

PAGES = {one.path: one for one in app.every_page()}
LINES = sorted(
    {line for page in PAGES.values() for _, line in page.examples[: None if WHOLE else 1]}
)
SERVES = ("ssoenv demo", "ssoenv sandbox")
"""What has an Identity Center of its own, and hands out nothing that is secret to anybody."""
UMASKS = ("022", "077", "000", "0777")
FAULTS: tuple[dict[str, str | int], ...] = (
    {"how": "half"},
    {"status": 400},
    {"how": "page"},
    {"how": faults.FORGOTTEN},
    {"status": 500},
    {"how": "cut"},
    {"how": "plain"},
    {"status": 403},
    {"how": "hang-up"},
    {"how": "empty"},
    {"status": 401},
    {"how": "redirect"},
    {"how": "expired"},
)
MANY = 100_000
PRINTED = {
    "export": known.OF_ROLES,
    "credential-process": known.OF_ROLES,
    "console --print": ("signin",),
}
"""The commands that are there to print secrets, and of what kinds: on stdout alone."""


@dataclass(frozen=True)
class Manner:
    """How a command is run: with what options, umask and token, and which of its calls fail how."""

    umask: str
    verbose: bool = False
    due: bool = False
    fault: dict[str, str | int] | None = None
    after: int = 0


def manners(row: int) -> list[Manner]:
    """Return the manners in which the command of a row is tried."""
    mask = UMASKS[row % len(UMASKS)]
    if not WHOLE:
        fault = FAULTS[row % len(FAULTS)]
        faulty = Manner(mask, verbose=True, due=True, fault=fault, after=row // 2 % 2)
        return [faulty if row % 2 else Manner(mask)]
    found = [Manner(one, verbose=bool(at % 2), due=at > 1) for at, one in enumerate(UMASKS)]
    for at, fault in enumerate(FAULTS):
        mask = UMASKS[(row + at) % len(UMASKS)]
        found += [Manner(mask, verbose=True, due=True, fault=fault, after=one) for one in (0, 1, 3)]
    return found


CASES = [
    pytest.param(line, manner, id=f"{line} {number}")
    for row, line in enumerate(one for one in LINES if not one.startswith(SERVES))
    for number, manner in enumerate(manners(row))
]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with Sandbox() as sandbox:
        made = Desk(tmp_path_factory.mktemp("secrets"), sandbox)
        made.home.env |= {"TMPDIR": str(made.home.path / "temporary")}
        yield made


def test_every_command_is_tried() -> None:
    words = {line.partition(" -- ")[0] for line in LINES}
    for path in PAGES:
        assert any(f"{one} ".startswith(f"ssoenv {path} ") for one in words), path


@pytest.mark.parametrize(("line", "manner"), CASES)
def test_no_secret_is_where_none_belongs(
    desk: Desk, tmp_path: Path, line: str, manner: Manner
) -> None:
    sandbox = desk.sandbox
    (desk.home.path / "temporary").mkdir(mode=0o700)
    try:
        Person(desk.home, sandbox).hold(-10 if manner.due else 3600)
        if manner.fault:
            sandbox.break_calls(faults.ANY, MANY, after=manner.after, **manner.fault)
        ended = run(desk, tmp_path, line, manner)
        wrong = [*known.misplaced(desk.home.path, sandbox.state)]
    finally:
        sandbox.clear_faults()
        desk.restore()
    assert ended.returncode in (*range(8), 127, 130), ended
    assert "Traceback" not in ended.stderr, ended
    assert not known.kinds(ended.stderr, sandbox.state), ended
    assert known.kinds(ended.stdout, sandbox.state) <= {*printed(line)}, ended
    assert not wrong, (ended, wrong)
    for words, env in started(tmp_path):
        assert not known.kinds("\0".join(words), sandbox.state), words
        allowed = known.OF_ROLES if line.startswith("ssoenv exec ") and "--none" not in line else ()
        assert known.kinds("\0".join(env.values()), sandbox.state) <= {*allowed}, (words, env)


def run(desk: Desk, tmp_path: Path, line: str, manner: Manner) -> subprocess.CompletedProcess[str]:
    """Run a line of the help; what it asks on a terminal is agreed to."""
    words = shlex.split(line)[1:]
    more = {forked.UMASK: manner.umask, forked.STARTED: str(tmp_path / "started")}
    if words[0] == "admin":
        more["AWS_PROFILE"] = "administrator"
    options = ["-v"] if manner.verbose else []
    return desk.home.ssoenv(*options, *words, cwd=desk.project, **more)


def printed(line: str) -> tuple[str, ...]:
    """Return the kinds of secrets that the command of a line is there to print."""
    return next((of for name, of in PRINTED.items() if line.startswith(f"ssoenv {name}")), ())


def started(tmp_path: Path) -> list[tuple[list[str], dict[str, str]]]:
    """Return the words and the environment of every program that was started."""
    log = tmp_path / "started"
    return [tuple(json.loads(one)) for one in log.read_text().splitlines()] if log.exists() else []
