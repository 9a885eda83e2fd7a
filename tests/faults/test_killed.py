"""The program stopped before any of its changes to files: nothing is lost, and it mends itself.

``kill -9`` comes right before a file is opened to write, renamed, removed, locked and so on, or from
there on the disk is full; the next point is the same command stopped one change later, until it
comes to its end. Then whatever reads these files finds each of them whole, the AWS config is as it
was before or as it is after, and the same command once more ends where one does that nobody stopped.
`make test` takes a sample, ``POINTS=all`` every point.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from ssoenv.base import files, paths
from ssoenv.sandbox.server import Sandbox
from tests import forked
from tests.conftest import PROJECT, empty_home
from tests.faults.steps import ROLE, TARGET, chained
from tests.sign_in.people import Person

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator
    from contextlib import ExitStack
    from pathlib import Path

    from tests.conftest import Home

ALL = os.environ.get("POINTS") == "all"
BETA = "https://d-1111111111.awsapps.com/start"
EVERY = 20
"""One of so many points is in the sample."""
MOST = 400
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
        shutil.rmtree(self.home.path)
        shutil.copytree(self._first, self.home.path, symlinks=True)
        command.prepare(self.home, self.sandbox)

    def run(self, command: Command, **more: str) -> subprocess.CompletedProcess[str]:
        return self.home.ssoenv(*command.words, cwd=self.home.path / command.where, **more)

    def config(self) -> bytes:
        return (self.home.path / ".aws/config").read_bytes()

    def files(self) -> set[str]:
        """The names of all files that matter, without what has another one each time."""
        tops = [self.home.path / place for place in PLACES]
        found = [*filter(os.path.isfile, tops), *(path for top in tops for path in top.rglob("*"))]
        names = (
            str(path.relative_to(self.home.path))
            for path in found
            if path.is_file() and "locks" not in path.parts and path.suffix not in (".lock", ".tmp")
        )
        return {CHANGING.sub("*", name) for name in names}


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    from contextlib import ExitStack

    with Sandbox() as sandbox, ExitStack() as closing:
        yield Life(tmp_path_factory.mktemp("killed"), sandbox, closing)


def whole(home: Home) -> None:
    """Every file that a reader takes for whole is: those of the caches, and what says what is so."""
    for folder in (".aws/sso/cache", ".aws/cli/cache", ".local/state/ssoenv"):
        for path in (home.path / folder).rglob("*.json"):
            if path.parent.name != "locks":
                json.loads(path.read_text())
    report = home.ssoenv("status", "--json", cwd=home.path / "web")
    assert report.returncode == 0, report
    json.loads(report.stdout)


def cases() -> Iterator[tuple[str, str]]:
    """Yield commands and how they are stopped: of a disk that is full, some are in the sample."""
    for row, name in enumerate(COMMANDS):
        yield name, forked.KILLED_AT
        if ALL or row % 4 == 0:
            yield name, forked.FULL_AT


def points(name: str) -> range:
    """The changes of a command to try: all of them, or the sample."""
    first = sorted(COMMANDS).index(name) % 4  # the fewest points of any
    return range(MOST) if ALL else range(first, MOST, EVERY)


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("name", "way"), [*cases()])
def test_wherever_it_is_stopped_the_same_command_mends_it(life: Life, name: str, way: str) -> None:
    """Killed, or told that the disk is full: from there on nothing more can be written."""
    command, tried = COMMANDS[name], 0
    life.begin(command)
    before = life.config()
    done = life.run(command)
    assert done.returncode == 0, done
    whole(life.home)
    after, files = life.config(), life.files()
    for point in points(name):
        life.begin(command)
        ended = life.run(command, **{way: str(point)})
        if way == forked.KILLED_AT and ended.returncode == 0:
            break  # it had come to its end before
        if way == forked.KILLED_AT:
            assert ended.returncode == -signal.SIGKILL, (point, ended)
        elif ended.returncode:
            assert ended.returncode in (1, 7), (point, ended)
            assert not ended.stdout, (point, ended)
            assert "No space left on device" in ended.stderr, (point, ended)
        assert life.config() in (before, after), (point, life.config())
        whole(life.home)
        tried += 1
        if ended.returncode == 0 and life.files() == files:
            break
        again = life.run(command)
        if (name, way, again.returncode) == ("bind", forked.FULL_AT, 4):
            # Where there was room for the file of the project, and none to put the old one back.
            assert life.home.ssoenv("trust", "--yes", cwd=life.home.path / "web").returncode == 0
            again = life.run(command)
        assert again.returncode == 0, (point, again)
        whole(life.home)
        assert life.config() == after, point
        assert life.files() == files, point
    assert tried, "it changed nothing"
    print(f"{name}, {way}: {tried} points")  # noqa: T201 - `make soak` counts them
