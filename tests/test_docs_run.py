"""Every command that README and docs name is run, on the sandbox, as it stands there."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from typing import TYPE_CHECKING

import pytest

from ssoenv.sandbox.server import Sandbox
from ssoenv.shells import hook as hook_text
from tests.conftest import PROJECT, Home
from tests.test_docs import PAGES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FILLED = {
    "ACCOUNT/ROLE": "dev/Developer",
    "A/R": "dev/Developer",
    "prod/Deployer": "prod/ReadOnly",
    "111122223333": "111111111111",
    "s3 ls": "sts get-caller-identity",
    "NAME": "dev",
    "SESSION": "acme",
    "DIR": ".",
    "CMD": "true",
    "COMMAND": "bind",
    "TEXT": "{label}",
    "F": "json",
    "S": "bash",
    "A": "dev",
    "R": "Developer",
    "…": "acme/111111111111/Developer",
}
"""What stands for something in the docs, and what it stands for here."""
CODES = {
    # Without a terminal there is nobody to pick, to answer or to look: it says what to run.
    **dict.fromkeys(("bind", "use", "setup", "setup --undo"), 2),
    # Named in a sentence, without what it takes.
    **dict.fromkeys(("hook", "sandbox", "sandbox run", "credential-process", "exec"), 2),
    # Only a shell with the hook can be changed: tests/shell does that.
    **dict.fromkeys(("use -", "use --none", "use dev", "use prod"), 1),
    # In a project, its own profiles.
    "use staging/ReadOnly": 2,
    # The sandbox's endpoints are something to find.
    **dict.fromkeys(("doctor", "doctor --fix"), 1),
}
"""The exit codes that are not 0."""


def spelled_out(line: str) -> set[str]:
    """Every command that a line of the docs stands for: `[--a|--b]` and `a|b` are choices."""
    line = re.sub(r"\s+#.*|\s*[;>&].*|\)\".*", "", line.replace("\\|", "|")).strip()
    line = line.removesuffix(" | source")
    choice = re.search(r"\[([^\[\]]+)\]|(?<=\s)(\S+\|\S+)", line)
    if not choice:
        return {line}
    options = ([""] if choice[1] else []) + (choice[1] or choice[2]).split("|")
    return {
        one
        for option in options
        for one in spelled_out(line[: choice.start()] + option + line[choice.end() :])
    }


def documented(page: Path) -> set[str]:
    """Return the commands of a page, with every placeholder filled."""
    text = page.read_text()
    spans: list[str] = re.findall(r"`(?:\w+=\S+ )?ssoenv ([a-z-]+[^`\n]*)`", text)
    spans += re.findall(r"^(?:\$ |eval \"\$\()?ssoenv ([a-z-]+[^\n<]*)", text, re.MULTILINE)
    return {filled(line) for span in spans for line in spelled_out(span)}


def filled(line: str) -> str:
    for name, value in FILLED.items():
        line = re.sub(rf"(?<!\S){re.escape(name)}(?!\S)", value.replace("\\", r"\\"), line)
    return " ".join(line.split())


# What `ssoenv demo` shows is tests/test_demo.py's.
COMMANDS = sorted({one for page in PAGES for one in documented(page)} - {"demo"})


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Home, Path]]:
    """Somebody at the sandbox, in a project with what the docs run there."""
    folder = tmp_path_factory.mktemp("docs")
    (folder / "home").mkdir()
    env = {name: os.environ[name] for name in ("PATH",)} | {"LANG": "C.UTF-8", "TERM": "dumb"}
    home = Home(folder / "home", env | {"HOME": str(folder / "home"), "SHELL": "/bin/bash"})
    with Sandbox() as sandbox:
        sandbox.write_home(str(home.path))
        home.env |= sandbox.environment(str(folder / "sandbox"))
        home.env |= {"SSOENV_ALLOW_PROTECTED": "prod/ReadOnly", "AWS_DEFAULT_REGION": "us-east-1"}
        there = home.project("web", PROJECT)
        (there / "Makefile").write_text("deploy:\n\t@true\n")
        for name in ("deploy", "test.sh"):
            (there / name).write_text("#!/bin/sh\n")
            (there / name).chmod(0o755)
        assert home.ssoenv("login", "acme").returncode == 0
        assert home.ssoenv("trust", "--yes", cwd=there).returncode == 0
        assert home.ssoenv("hook", "bash").returncode == 0  # so that there is something to undo
        yield home, there


def test_there_are_many() -> None:
    assert len(COMMANDS) > 40
    assert {"exec dev/Developer -- true", "export dev/Developer", "use prod --save"} <= {*COMMANDS}


@pytest.mark.parametrize("command", COMMANDS)
def test_it_runs(project: tuple[Home, Path], command: str) -> None:
    home, there = project
    words = command.split()
    if words[:2] == ["sandbox", "serve"]:
        assert_it_serves(home, there, words)
        return

    result = home.ssoenv(*words, cwd=there)

    assert result.returncode == CODES.get(command, 0), (result.stdout, result.stderr)
    assert "Traceback" not in result.stderr
    assert result.returncode == 0 or not result.stdout or words[0] in ("doctor", "sandbox")
    if words[0] in ("bind", "untrust"):
        (there / ".ssoenv.toml").write_text(PROJECT)
        assert home.ssoenv("trust", "--yes", cwd=there).returncode == 0
    if words[0] == "logout":
        assert home.ssoenv("login", "acme", cwd=there).returncode == 0


def assert_it_serves(home: Home, there: Path, words: list[str]) -> None:
    words = ["0" if word == "8700" else word for word in words]
    running = subprocess.Popen(
        [*hook_text.program(), *words],
        env=home.env,
        cwd=there,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert running.stdout
    with running.stdout:
        assert running.stdout.readline()
        running.send_signal(signal.SIGINT)
        running.stdout.read()
    assert running.wait(20) in (0, 130)
