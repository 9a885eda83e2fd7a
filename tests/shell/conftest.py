"""A real shell on a real pty in a hermetic home, with the hook loaded the way users load it."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from ssoenv import settings, sign_in
from ssoenv.aws_files import config as aws_config
from ssoenv.base import files, paths
from ssoenv.base.dialects import SHELLS, quote_posix
from ssoenv.binding import file as binding_file
from ssoenv.credentials.fetching import obtain
from ssoenv.credentials.terms import Terms
from ssoenv.demo.stage import RC, Stage
from ssoenv.demo.terminal import Answer, Terminal
from ssoenv.shells import hook as hook_text
from ssoenv.trust import grants as trusting
from ssoenv.trust import renewal
from tests.conftest import PROJECT, Copies

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ssoenv.sandbox.server import Sandbox
    from tests.conftest import Home

SHOW_ENV = """#!/bin/sh
echo "<${0##*/} $*|key=$AWS_ACCESS_KEY_ID|profile=$AWS_PROFILE|region=$AWS_REGION>"
"""
"""A program that says with which identity it was started; it stands for any AWS tool."""


@dataclass
class Shell:
    """One interactive shell, and the world around it."""

    name: str
    home: Home
    sandbox: Sandbox
    stage: Stage
    terminal: Terminal

    def run(self, line: str, **dialects: str) -> Answer:
        """Type `line`, or what `dialects` has for this shell instead."""
        return self.terminal.run(dialects.get(self.name, line))

    def out(self, line: str, **dialects: str) -> str:
        """Type a line that must succeed; return what it printed."""
        answer = self.run(line, **dialects)
        assert answer.status == 0, answer
        return answer.output

    def get(self, name: str) -> str | None:
        """Return the exported variable `name`, as a child of the shell sees it."""
        answer = self.run(f"printenv {name}")
        return answer.output if answer.status == 0 else None

    def role(self, answer: str) -> str:
        """Return ``account/role`` of the one identity in what SHOW_ENV printed, or the profile."""
        found = re.findall(r"<[^|>]*\|key=([^|]*)\|profile=([^|]*)\|", answer)
        assert len(found) == 1, answer
        return self.identity(*found[0])

    def key(self, answer: str) -> str:
        """Return the one key id in what SHOW_ENV printed."""
        (found,) = re.findall(r"<[^|>]*\|key=([^|]+)\|", answer)
        return str(found)

    def identity(self, key: str, profile: str) -> str:
        if key:
            assert not profile, "keys and a profile at the same time"
            keys = self.sandbox.state.keys[key]
            return f"{keys.account}/{keys.role}"
        return f"profile {profile}" if profile else "nobody"

    def who(self, line: str = "aws who", **dialects: str) -> str:
        """Type a line that runs `aws`; return who it ran as."""
        return self.role(self.out(line, **dialects))

    def pages(self) -> int:
        return sum(call["operation"] == "Authorize" for call in self.sandbox.requests())

    def another(self, name: str | None = None) -> Shell:
        """Open another terminal in the same home."""
        shell = name or self.name
        return Shell(shell, self.home, self.sandbox, self.stage, Terminal(shell, self.stage))


def build_stage(home: Home) -> Stage:
    """Write rc files and programs into `home`."""
    bin_ = home.path / "bin"
    program = " ".join(quote_posix(word) for word in hook_text.command_line())
    for name in ("aws", "terraform"):
        files.write_private(str(bin_ / name), SHOW_ENV.encode(), mode=0o700)
    launcher = f'#!/bin/sh\nexec {program} "$@"\n'
    files.write_private(str(bin_ / "ssoenv"), launcher.encode(), mode=0o700)
    for name, text in RC.items():
        files.write_private(str(home.path / name), text.encode())
    return stage_of(home)


def stage_of(home: Home) -> Stage:
    """How shells start in a `home` that has been built."""
    path = f"{home.path}/bin:{home.env['PATH']}"
    return Stage(str(home.path), home.env | {"PATH": path, "PWD": str(home.path)})


@pytest.fixture(scope="session")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Copies:
    """What `shell` and `signed_in` begin with, once for all tests of this process.

    In both ~/web and ~/ops are trusted; then somebody has signed in, and every role is fetched.
    """
    made = Copies(tmp_path_factory.getbasetemp() / "shells")
    with made.making() as (home, sandbox):
        for name in ("web", "ops"):
            trust(home, home.project(name, project_text(name)))
        build_stage(home)
        for name in SHELLS:
            hook_text.render(name, home.env)
        made.keep("trusted", home, sandbox)
        fetch(home)
        made.keep("fetched", home, sandbox)
    return made


@pytest.fixture(params=SHELLS)
def shell(
    request: pytest.FixtureRequest, home: Home, sandbox: Sandbox, copies: Copies
) -> Iterator[Shell]:
    """Each shell, in a home with two trusted projects, ~/web and ~/ops, and nobody signed in."""
    copies.lay("trusted", home, sandbox)
    stage = stage_of(home)
    opened = Shell(request.param, home, sandbox, stage, Terminal(request.param, stage))
    yield opened
    opened.terminal.close()


@pytest.fixture
def signed_in(shell: Shell, copies: Copies) -> Shell:
    """The same, with somebody signed in and the roles of both projects fetched."""
    copies.lay("fetched", shell.home, shell.sandbox)
    return shell


@pytest.fixture
def cached(signed_in: Shell) -> Shell:
    """The same, where the AWS CLI has fetched them: a first use takes no page and no service."""
    forget(signed_in.home)
    return signed_in


def forget(home: Home) -> None:
    """Have no shell know of what the AWS CLI's cache holds."""
    shutil.rmtree(paths.roles_folder(home.env))


def fetch(home: Home) -> None:
    """Sign in, and fetch every role of both projects, in this process: it is only the setting."""
    session = aws_config.find_session(home.env, "acme")
    consent, terminal = sign_in.explicit_consent(session), ReporterFor(home)
    sign_in.require_token(session, env=home.env, consent=consent, reporter=terminal)
    terms = Terms(home.env, settings.load(home.env), consent, terminal)
    for name in ("web", "ops"):
        path = str(home.path / name / ".ssoenv.toml")
        for profile in binding_file.parse(binding_file.read(path), path).profiles.values():
            obtain(profile.role, terms)


class ReporterFor:
    """Hears what a sign-in says, and says nothing."""

    def __init__(self, home: Home) -> None:
        self.home = home

    def __getattr__(self, name: str) -> Any:
        return lambda *_, **__: None


def project_text(name: str) -> str:
    if name == "web":
        return PROJECT
    return (
        'session = "acme"\n[profiles.prod]\naccount = "333333333333"\nrole = "Administrator"\n'
        'region = "us-west-2"\n'
    )


DEV, STAGING, PROD = "111111111111/Developer", "222222222222/ReadOnly", "333333333333/ReadOnly"
OPS = "333333333333/Administrator"


def trust(home: Home, directory: Path) -> None:
    """Trust a project, in this process: the command has tests of its own."""
    path = str(directory / ".ssoenv.toml")
    trusting.grant_here(binding_file.parse(binding_file.read(path), path), home.env)
    renewal.renew(home.env)


def real_aws(shell: Shell) -> Path:
    """Put Debian's AWS CLI where the stand-in was; return the project."""
    aws = shell.home.path / "bin/aws"
    aws.unlink()
    aws.symlink_to("/usr/bin/aws")
    return shell.home.path / "web"
