"""Every command that README, docs and help texts name is run, on the sandbox, as it stands there."""

from __future__ import annotations

import copy
import os
import shutil
import signal
import subprocess
from typing import TYPE_CHECKING

import pytest

from ssoenv.sandbox.server import Sandbox
from ssoenv.shells import hook as hook_text
from tests import documented
from tests.conftest import PROJECT, Home
from tests.disk.lived_in import unknown_kinds
from tests.test_docs import PAGES, block
from tools.completions.commands import commands

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.xdist_group("docs")

NOT_RUN = {
    "demo": "it is a test of its own: tests/test_demo.py",
    "demo --shell bash": "a shell for a person: tests/test_demo.py",
    "demo --shell zsh": "the same",
}
"""What is not run here, and why."""
NOBODY = "without a terminal there is nobody to ask: it says what to run"
NOT_WHOLE = "named in a sentence, without what it takes"
NO_HOOK = "only a shell with the hook can be changed: tests/shell does that"
ENDS_WITH = {
    "bind": (2, NOBODY),
    "use": (2, NOBODY),
    "setup": (2, NOBODY),
    "setup --undo": (2, NOBODY),
    "setup --undo --shell zsh": (2, NOBODY),
    "setup --start-url https://corp.awsapps.com/start --region eu-west-1 --session corp": (
        2,
        NOBODY,
    ),
    "setup --start-url https://d-0000000000.awsapps.com/start --region us-east-1 --session trial": (
        2,
        NOBODY,
    ),
    "configure session": (2, NOBODY),
    "configure session dev": (2, NOBODY),
    "configure session acme --scope sso:account:access --scope account_access:read_only "
    "--scope account_access:assume": (2, NOBODY),
    "admin": (2, NOT_WHOLE),
    "admin assign": (2, NOT_WHOLE),
    "admin assign --for 2h --reason {label}": (2, NOT_WHOLE),
    "admin unassign": (2, NOT_WHOLE),
    "admin define": (2, NOT_WHOLE),
    "admin provision": (2, NOT_WHOLE),
    "admin add-user": (2, NOT_WHOLE),
    "admin add-group": (2, NOT_WHOLE),
    "admin join": (2, NOT_WHOLE),
    "admin leave": (2, NOT_WHOLE),
    "admin delete": (2, NOT_WHOLE),
    "admin entitle": (2, NOT_WHOLE),
    "admin disentitle": (2, NOT_WHOLE),
    "admin plan": (2, NOT_WHOLE),
    "admin apply": (2, NOT_WHOLE),
    "admin diff": (2, NOT_WHOLE),
    "admin plan org.toml --check": (1, "each command finds what is there as it was at first"),
    "admin apply org.toml --prune": (2, NOBODY),
    "admin diff monday.json today.json --check": (1, "it is there to end so"),
    "agents setup": (2, NOT_WHOLE),
    "agents setup claude --write": (2, NOBODY),
    "agents setup codex --write": (2, NOBODY),
    "hook": (2, NOT_WHOLE),
    "sandbox": (2, NOT_WHOLE),
    "sandbox run": (2, NOT_WHOLE),
    "exec": (2, NOT_WHOLE),
    "exec --none -- env AWS_PROFILE=ssoenv claude": (127, "no agent is installed here"),
    "exec --serve-on 169.254.170.2 -- make deploy": (2, "no bridge here has that address"),
    "use -": (1, NO_HOOK),
    "whoami arn:aws:iam::555555555555:role/team/Audit": (5, "its session lacks the scopes"),
    "use --none": (1, NO_HOOK),
    "use dev": (1, NO_HOOK),
    "use dev/Developer": (1, NO_HOOK),
    "use prod": (1, NO_HOOK),
    "check world.toml": (5, "it is a world of the sandbox, and no binding file"),
    "use staging/ReadOnly": (1, NO_HOOK),
    "use staging/ReadOnly --region eu-west-1": (1, NO_HOOK),
    "doctor": (1, "the sandbox's endpoints are something to find"),
    "doctor --offline": (1, "the sandbox's endpoints are something to find"),
    "doctor --fix": (1, "the sandbox's endpoints are something to find"),
}
"""What ends with another exit code than 0, and why."""
TELLS = ("doctor", "sandbox", "admin plan", "admin diff")
"""What prints its findings on stdout, whatever the exit code is."""

AGREED = ("configure",)
"""What asks before it writes: without a terminal it says so, and is run again with ``--yes``."""

AS_A_WHOLE = "empty-instance.md"
"""The page whose commands go on from each other: tests/test_docs_first.py types all of it."""
ON_PAGES = set().union(
    *(documented.in_page(page.read_text()) for page in PAGES if page.name != AS_A_WHOLE)
)
HELP = ["", *(one.path for one in commands())]


class Desk:
    """Somebody who is signed in to the sandbox, in a project with what the docs run there.

    Each command finds the HOME, and what administrators see, as they were at first.
    """

    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self._kept = folder / "kept"
        self._state, self._directory = sandbox.state, sandbox.state.directory
        env = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TERM": "dumb", "COLUMNS": "200"}
        self.home = Home(folder / "home", env | {"HOME": f"{folder}/home", "SHELL": "/bin/bash"})
        self.home.path.mkdir(mode=0o700)
        sandbox.write_home(str(self.home.path))
        sandbox.write_administrators(str(self.home.path))
        self.home.env |= sandbox.environment(f"{folder}/sandbox")
        self.home.env |= {
            "SSOENV_ALLOW_PROTECTED": "prod/ReadOnly",
            "AWS_DEFAULT_REGION": "us-east-1",
        }
        self.project = self.home.project("web", PROJECT)
        (self.project / "Makefile").write_text("deploy:\n\t@true\n")
        for name in ("deploy", "test.sh"):
            (self.project / name).write_text("#!/bin/sh\n")
            (self.project / name).chmod(0o755)
        guide = next(page for page in PAGES if page.name == "administrators.md").read_text()
        (self.project / "deployer.toml").write_text(block(guide, "toml", "own_policy"))
        (self.project / "org.toml").write_text(block(guide, "toml", "[group.web-team]"))
        (self.project / "monday.json").write_text("{}")
        (self.project / "today.json").write_text('{"group": {"web-team": {}}}')
        for group in ("web", "ops"):
            assert not self.run(f"admin add-group {group} --description engineers").returncode
        assert not self.run("admin define BreakGlass --policy AdministratorAccess").returncode
        assert not self.run("trust --yes").returncode
        assert not self.run("hook bash").returncode  # so that there is something to undo
        self.sign_in()

    def sign_in(self) -> None:
        """Sign in, list the roles, and keep the HOME for the commands that follow."""
        assert not self.run("login acme --force").returncode
        assert not self.run("roles").returncode
        shutil.rmtree(self._kept, ignore_errors=True)
        shutil.copytree(self.home.path, self._kept, symlinks=True)
        self._directory = copy.deepcopy(self._state.directory)

    def restore(self) -> None:
        shutil.rmtree(self.home.path)
        shutil.copytree(self._kept, self.home.path, symlinks=True)
        self._state.directory = copy.deepcopy(self._directory)

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        keys = {"AWS_PROFILE": "administrator"} if command.startswith("admin ") else {}
        return self.home.ssoenv(*command.split(), cwd=self.project, **keys)

    def serve(self, command: str) -> int:
        """Run what serves until it is interrupted, and interrupt it; return its exit code."""
        words = ["0" if word == "8700" else word for word in command.split()]
        with subprocess.Popen(
            [*hook_text.command_line(), *words],
            env=self.home.env,
            cwd=self.project,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as running:
            assert running.stdout
            assert running.stdout.readline()
            running.send_signal(signal.SIGINT)
            running.stdout.read()
        return running.returncode


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with Sandbox() as sandbox:
        yield Desk(tmp_path_factory.mktemp("docs"), sandbox)


def assert_runs(desk: Desk, command: str) -> None:
    """Run `command` as somebody who reads it would, and compare its end with what is known."""
    if command in NOT_RUN:
        return
    if command.startswith("sandbox serve"):
        assert desk.serve(command) in (0, 130), command
        return

    result = desk.run(command)
    if command.startswith(AGREED) and "nobody is here to agree" in result.stderr:
        assert result.returncode == 2
        result = desk.run(f"{command} --yes")

    assert result.returncode == ENDS_WITH.get(command, (0, ""))[0], (command, result)
    assert "Traceback" not in result.stderr, (command, result)
    assert not result.returncode or not result.stdout or command.startswith(TELLS), (
        command,
        result,
    )
    # Whatever a command writes is a kind of file that tests/disk puts rubbish in the place of.
    assert not unknown_kinds(desk.home.path), command
    if command.startswith("logout"):
        desk.sign_in()  # no copy of a HOME brings back what has ended at the service
    desk.restore()


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("`ssoenv fly`", {"fly"}),
        ("| `ssoenv trust [--show\\|--yes]` |", {"trust", "trust --show", "trust --yes"}),
        ("`AWS_PAGER= ssoenv exec A/R -- CMD`", {"exec dev/Developer -- true"}),
        ('```sh\ncd x && ssoenv use -   # back\neval "$(ssoenv export)"\n```', {"use -", "export"}),
        ("  ```\n  $ .venv/bin/ssoenv hook fish | source\n  ```", {"hook fish"}),
        ("`docker run x ssoenv roles`, `ssoenv: trusted`, ssoenv is", {"roles"}),
    ],
)
def test_the_commands_of_a_text_are_found(text: str, named: set[str]) -> None:
    assert documented.in_page(text) == named


def test_there_are_many() -> None:
    assert len(ON_PAGES) > 40
    assert {"exec dev/Developer -- true", "export dev/Developer", "use prod --save"} <= ON_PAGES


@pytest.mark.parametrize("command", sorted(ON_PAGES))
def test_a_command_of_the_pages_runs(desk: Desk, command: str) -> None:
    assert_runs(desk, command)


@pytest.mark.parametrize("path", HELP)
def test_the_commands_of_a_help_text_run(desk: Desk, path: str) -> None:
    result = desk.run(f"{path} --help")
    assert not result.returncode

    for command in sorted(documented.in_help(result.stdout) - ON_PAGES):
        assert_runs(desk, command)


def test_what_is_excused_is_named_somewhere(desk: Desk) -> None:
    texts = (desk.run(f"{path} --help").stdout for path in HELP)

    named = ON_PAGES.union(*map(documented.in_help, texts))

    assert {*NOT_RUN, *ENDS_WITH} <= named


def test_the_handles_of_the_sandbox_page_turn_as_printed(home: Home, sandbox: Sandbox) -> None:
    page = next(page for page in PAGES if page.name == "sandbox.md")
    turn, ask = block(page.read_text(), "sh", "curl").strip().splitlines()

    def typed(line: str) -> str:
        return subprocess.run(
            ["sh", "-c", line], env=home.env, capture_output=True, text=True, check=True
        ).stdout

    assert "message" not in typed(turn)
    assert home.ssoenv("roles", cwd=home.project("web")).returncode == 3
    refused = home.ssoenv("login", "--device-code")
    assert "declined" in refused.stderr
    assert '"RegisterClient"' in typed(ask)
