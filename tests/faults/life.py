"""Commands that change files, and homes that begin where each of them does."""

from __future__ import annotations

import json
import os
import re
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ssoenv.base import files, paths
from tests.conftest import PROJECT, empty_home
from tests.faults.steps import ROLE, TARGET, chained
from tests.sign_in.people import Person

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from contextlib import ExitStack
    from pathlib import Path

    from ssoenv.sandbox.server import Sandbox
    from tests.conftest import Home

BETA = "https://d-1111111111.awsapps.com/start"
PLACES = (".aws", ".local/state/ssoenv", ".config", "web", ".bashrc", ".bash_profile", ".claude")
CHANGING = re.compile(
    r"@g[0-9a-f]+|@\d[\w.-]*|[0-9a-f]{40}|\d{9,}|ASIA\w+|\.\d+\.\w+|backup-[\w.-]+|ssoenv-\d[\w.-]*"
)
"""What has another name each time: generations, backups, moments."""


def nobody(_: Home, __: Sandbox) -> None:
    """Begin with nobody signed in."""


def there(home: Home, sandbox: Sandbox) -> None:
    """Begin signed in, with a list of roles."""
    Person(home, sandbox).hold(3600)
    assert home.ssoenv("roles").returncode == 0


def due(home: Home, sandbox: Sandbox) -> None:
    """Begin with a token that has to be refreshed."""
    Person(home, sandbox).hold(-10)


def trusted(home: Home, sandbox: Sandbox) -> None:
    """Begin in a trusted project, with credentials."""
    there(home, sandbox)
    assert home.ssoenv("trust", "--yes", cwd=home.path / "web").returncode == 0
    assert home.ssoenv("export", cwd=home.path / "web").returncode == 0


def set_up(home: Home, sandbox: Sandbox) -> None:
    """The same with the hook in the start-up files of bash."""
    trusted(home, sandbox)
    assert home.ssoenv("setup", "--yes", "--shell", "bash").returncode == 0


def changed(home: Home, sandbox: Sandbox) -> None:
    """Begin in a project whose file was changed since."""
    trusted(home, sandbox)
    with (home.path / "web/.ssoenv.toml").open("a") as file:
        file.write("# more\n")


def ruled(home: Home, sandbox: Sandbox) -> None:
    """Begin in a trusted project, with settings that have come since."""
    trusted(home, sandbox)
    files.write_private(paths.settings_file(home.env), b'protect = ["*:Administrator"]\n')


def configured(home: Home, sandbox: Sandbox) -> None:
    """Begin with a profile for each role."""
    there(home, sandbox)
    assert home.ssoenv("configure", "--yes").returncode == 0


def with_agent(home: Home, sandbox: Sandbox) -> None:
    """Begin with what an agent's settings need."""
    trusted(home, sandbox)
    assert home.ssoenv("agents", "setup", "claude", "--write", "--yes").returncode == 0


@dataclass(frozen=True)
class Command:
    """A command that changes files, and what it begins with."""

    prepare: Callable[[Home, Sandbox], None]
    words: tuple[str, ...]
    where: str = "web"


COMMANDS = {
    "sign in": Command(nobody, ("login", "acme")),
    "sign in by a code": Command(nobody, ("login", "--device-code", "acme")),
    "refresh and fetch": Command(due, ("credential-process", ROLE), ""),
    "fetch": Command(there, ("credential-process", ROLE), ""),
    "list": Command(there, ("roles", "--refresh")),
    "sign out": Command(trusted, ("logout", "acme")),
    "trust": Command(there, ("trust", "--yes")),
    "untrust": Command(trusted, ("untrust",)),
    "bind": Command(trusted, ("bind", "-a", "dev", "-r", "ReadOnly", "--name", "look")),
    "choose": Command(trusted, ("use", "prod", "--save")),
    "set up": Command(there, ("setup", "--yes", "--shell", "bash")),
    "undo": Command(set_up, ("setup", "--undo", "--yes", "--shell", "bash")),
    "configure": Command(there, ("configure", "--yes")),
    "configure less": Command(there, ("configure", "dev", "--yes")),
    "sign in anew": Command(trusted, ("login", "--force", "acme")),
    "sign out of all": Command(trusted, ("logout", "--all")),
    "trust what has changed": Command(changed, ("trust", "--yes")),
    "export by new settings": Command(ruled, ("export",)),
    "run": Command(there, ("exec", TARGET, "--", "true")),
    "who": Command(there, ("whoami", TARGET)),
    "assume": Command(chained, ("export", "--format", "json")),
    "configure nothing": Command(configured, ("configure", "--remove", "--yes")),
    "a session": Command(
        there,
        ("configure", "session", "beta", "--start-url", BETA, "--region", "eu-west-1", "--yes"),
    ),
    "no agent's settings": Command(with_agent, ("agents", "setup", "claude", "--undo", "--yes")),
    "an agent's settings": Command(trusted, ("agents", "setup", "claude", "--write", "--yes")),
}


class Life:
    """A home and a sandbox, put back for each point as they were at first."""

    def __init__(self, folder: Path, sandbox: Sandbox, closing: ExitStack) -> None:
        self.home, self.sandbox = empty_home(folder / "home", closing), sandbox
        self._first = folder / "first"
        sandbox.write_home(str(self.home.path))
        self.home.env |= sandbox.environment(str(folder / "sandbox")) | {"SHELL": "/bin/bash"}
        self.home.project("web", PROJECT)
        (self.home.path / ".bashrc").write_text("# mine\n")
        shutil.copytree(self.home.path, self._first, symlinks=True)

    def begin(self, command: Command) -> None:
        """Have what a command begins with."""
        self.restore(self._first)
        command.prepare(self.home, self.sandbox)

    def restore(self, folder: Path) -> None:
        """Have in the home what is in `folder`, and nothing else."""
        shutil.rmtree(self.home.path)
        shutil.copytree(folder, self.home.path, symlinks=True)

    def run(self, command: Command, **more: str) -> subprocess.CompletedProcess[str]:
        return self.home.ssoenv(*command.words, cwd=self.home.path / command.where, **more)

    def config(self) -> bytes:
        return (self.home.path / ".aws/config").read_bytes()

    def files(self) -> set[str]:
        """The names of all files that matter, without what has another one each time.

        Where it is not noted that a config was looked at, it is looked at once more.
        """
        tops = [self.home.path / place for place in PLACES]
        found = [*filter(os.path.isfile, tops), *(path for top in tops for path in top.rglob("*"))]
        names = (
            str(path.relative_to(self.home.path))
            for path in found
            if path.is_file()
            and not {"locks", "configs"} & {*path.parts}
            and path.suffix not in (".lock", ".tmp")
        )
        return {CHANGING.sub("*", name) for name in names}


def whole(home: Home) -> None:
    """Every file that a reader takes for whole is: those of the caches, and what says what is so."""
    for folder in (".aws/sso/cache", ".aws/cli/cache", ".local/state/ssoenv"):
        for path in (home.path / folder).rglob("*.json"):
            if path.parent.name != "locks":
                json.loads(path.read_text())
    report = home.ssoenv("status", "--json", cwd=home.path / "web")
    assert report.returncode == 0, report
    json.loads(report.stdout)
