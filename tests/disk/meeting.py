"""What people and programs type, and what has to hold of it, whatever stands in the place of a file."""

from __future__ import annotations

import shlex
import time
from typing import TYPE_CHECKING

from ssoenv.base import files
from ssoenv.cli import app
from tests import forked
from tests.disk.lived_in import AGENT, CANARY, OFFICE, ROLE, YES, Line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.disk.lived_in import LivedIn

ALL_DAY = (
    Line(("status",)),
    Line(("export",)),
    Line(("export",), more=AGENT),
    Line(("credential-process", ROLE)),
    Line(("credential-process",)),
    Line(("ensure", "{home}/web", "dev", "1.2", "aws")),
    Line(("ensure", "{home}/vault", "vault", "1.3", "aws"), "vault", YES),
    Line(("renew", "{home}/web")),
    Line(("whoami", "dev/Developer")),
    Line(("exec", "--", "true")),
    Line(("trust", "--yes")),
    Line(("roles", "--cached")),
    Line(("roles",)),
    Line(("use", "prod", "--save")),
    Line(("use", "--answer", "222222222222/ReadOnly")),
    Line(("doctor", "--offline", "--shell", "bash")),
    Line(("hook", "bash")),
    Line(("prompt",)),
    Line(("login", "acme")),
    Line(("logout", "acme")),
    Line(("logout", "--all")),
    Line(("untrust",)),
    Line(("setup", "--yes", "--shell", "fish")),
    Line(("setup", "--undo", "--yes", "--shell", "bash")),
    Line(("agents", "setup", "claude", "--write", "--yes")),
    Line(("agents", "setup", "claude", "--undo", "--yes")),
    Line(("configure", "--yes")),
    Line(("configure", "--remove", "--yes")),
)
STAYS = ("demo", "sandbox", "console")
"""What plays, serves or opens a browser: it has a home of its own, or is a page."""


def examples() -> Iterator[Line]:
    """Yield every example of every page of ``--help``, a command that comes later included."""
    for page in app.every_page():
        for _, line in page.examples:
            words = tuple(shlex.split(line))[1:]
            if words and words[0] not in STAYS:
                yield Line(words, more=OFFICE if words[0] == "admin" else {})


EXAMPLES = (*examples(),)
REPORTS = ("doctor", "status", "check", "admin")
"""Commands whose words on stdout are the answer, whatever they find."""
SILENT = ("renew", "exec")
"""What says nothing by itself where it fails: what the hook starts, and somebody else's program."""
WRITES_CONFIG = ("setup", "configure", "bind", "trust", "use")
"""Commands that may change the AWS config."""
CODES = (*range(8), 126, 127)
LINES = 20
LONGEST = 60
"""Seconds within which each command has ended, on a machine that is busy with other things."""


def meets(lived_in: LivedIn, path: Path, line: Line, put: Callable[[], object]) -> str:
    """Run `line` with something wrong at `path`; return what went wrong, empty for nothing.

    `put` does the damage. The home is as it was before, and again afterwards.
    """
    usual, _ = lived_in.looks_at(line)
    put()
    try:
        return _found(lived_in, path, line, usual)
    finally:
        lived_in.restore()


def _found(lived_in: LivedIn, path: Path, line: Line, usual: int) -> str:
    """Run `line`, which ends with `usual` where nothing is wrong; return what went wrong."""
    config = lived_in.home.path / ".aws/config"
    bits = 0o700 if "--fix" in line.words else 0o777  # which takes a token from everybody else
    others, before, began = theirs(lived_in, bits), content(config), time.monotonic()
    result = lived_in.run(line, **{forked.PLAIN: "1"})
    took, told, words = time.monotonic() - began, result.stderr.strip(), line.words
    failed = bool(result.returncode)
    faults = {
        "its exit code": result.returncode not in CODES,
        "a traceback": "Traceback" in told,
        # Of the error alone: a command may have shown before what it would change.
        "many lines": failed and told.rpartition("\nssoenv: ")[2].count("\n") >= LINES,
        "no word": failed and not told and words[0] not in (*REPORTS, *SILENT),
        "something on stdout": failed and bool(result.stdout) and words[0] not in REPORTS,
        # 3 and 4: to sign in or to trust again mends it.
        "another file": result.returncode not in (0, usual, 3, 4)
        and path.name not in told
        and not is_a_list(path)
        and words[0] not in SILENT
        and words[:2] != ("status", "--check"),
        "the time it took": took > LONGEST,
        "files of others": theirs(lived_in, bits) != others,
        "the AWS config": content(config) != before
        and before is not None
        and words[0] not in WRITES_CONFIG,
        "another role": not gives_the_role(lived_in, line, result.stdout),
    }
    found = [name for name, is_so in faults.items() if is_so]
    return f"{found} {result}" if found else ""


def is_a_list(path: Path) -> bool:
    """Whether `path` is a list of accounts, or what tells of whom lists are.

    They are healed by being gone: a command says that nothing is listed.
    """
    return path.name == "instances.json" or "assignments" in (path.name, path.parent.name)


def gives_the_role(lived_in: LivedIn, line: Line, printed: str) -> bool:
    """Whether all credentials that are `printed` are of the role that was asked for."""
    known = lived_in.sandbox.state.keys
    other = line.where == "vault" or "ReadOnly" in " ".join(line.words)
    wanted = "ReadOnly" if other else "Developer"
    return all(known[key].role == wanted for key in known if key in printed)


def content(path: Path) -> bytes | None:
    """Return the bytes of a file; None where there is none, or none that ends."""
    return files.read_bytes(str(path))


def theirs(lived_in: LivedIn, bits: int) -> dict[str, tuple[bytes | None, int, int]]:
    """Return what files of others are like: their bytes, mode (of it `bits`), time of writing."""
    return {
        str(path): (content(path), path.lstat().st_mode & bits, path.lstat().st_mtime_ns)
        for path in lived_in.home.path.rglob(f"{CANARY}.*")
    }
