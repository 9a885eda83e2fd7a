"""What an administrator's commands take in a large organization, beside aws-sso-util.

Each figure is of a process of its own, the sandbox beside it on the same cores. Both list the same
assignments; where the rows differ, there is no figure.
"""

from __future__ import annotations

import os
import re
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ssoenv.sandbox.server import Sandbox
from ssoenv.sandbox.world import organization
from ssoenv.shells import hook as hook_text
from tests.conftest import Home
from tools import measured

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.measured import Run

SERVICES = ("sso-admin", "identitystore", "organizations")


class Bench:
    """An administrator of a large organization, in a home of their own."""

    def __init__(self, home: Home, sandbox: Sandbox) -> None:
        self.home, self.sandbox = home, sandbox

    def run(self, *command: str) -> Run:
        """Run a program to its end."""
        return measured.run(self.home, self.sandbox, SERVICES, *command)

    def ours(self, *words: str) -> Run:
        """Run ``ssoenv admin``."""
        return self.run(*hook_text.command_line(), "admin", *words)


@contextmanager
def administering() -> Iterator[Bench]:
    """An administrator, with keys of the management account."""
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as root,
        Sandbox(world=organization()) as sandbox,
    ):
        path = Path(root) / "home"
        path.mkdir(mode=0o700)
        env = {"HOME": str(path), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
        env |= {"TERM": "dumb", "AWS_EC2_METADATA_DISABLED": "true"}
        sandbox.write_home(str(path))
        sandbox.write_administrators(str(path))
        env |= sandbox.environment(f"{root}/sandbox") | {"AWS_PROFILE": "administrator"}
        yield Bench(Home(path, env), sandbox)


def rows(peer: str | None) -> Iterator[list[str]]:
    """Yield the rows of the table; `peer` is the path of aws-sso-util, or None."""
    with administering() as bench:
        whole = bench.ours("assignments", "--csv")
        yield _row("`assignments --csv`", whole)
        by_account = bench.ours("assignments", "--csv", "--by", "account")
        _same(whole, by_account)
        yield _row("the same, `--by account`", by_account)
        user = bench.sandbox.world.users[0].name
        one = bench.ours("assignments", "--csv", "--user", user)
        yield _row("`assignments --csv --user USER`", one)
        if peer:
            theirs = bench.run(peer, "admin", "assignments")
            _same(whole, theirs)
            yield _row("`aws-sso-util admin assignments`", theirs)
            of_one = bench.run(peer, "admin", "assignments", "--user", user)
            _same(one, of_one)
            yield _row("`aws-sso-util admin assignments --user USER`", of_one)
        exported = bench.ours("export")
        yield _row("`export`", exported)
        (bench.home.path / "org.toml").write_text("\n".join(exported.lines))
        planned = bench.ours("plan", "org.toml", "--check")
        yield _row("`plan` of that, nothing differs", planned)


def _same(one: Run, other: Run) -> None:
    assert sorted(map(_key, one.lines)) == sorted(map(_key, other.lines)), "the rows differ"


def _key(line: str) -> str:
    """Return a row up to the id of its account: aws-sso-util quotes no name behind that."""
    return re.sub(r"(,AWS_ACCOUNT,\d{12}),.*", r"\1", line)


def _row(name: str, run: Run) -> list[str]:
    return [name, f"{run.seconds:.1f}", f"{run.calls:,}", f"{run.memory:.0f}", f"{run.rows:,}"]
