"""A hermetic home for every test: its own HOME and XDG folders, nothing of the machine's AWS."""

from __future__ import annotations

import contextlib
import copy
import gc
import os
import shutil
import signal
import subprocess
import sys
import zlib
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest

from ssoenv.base import agents
from ssoenv.identity_center import kept_listings
from ssoenv.identity_center.administration import Administration
from ssoenv.sandbox.server import Sandbox
from ssoenv.shells import hook as hook_text
from ssoenv.sign_in import epoch
from tests import forked
from tests.bounded import Bounded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from ssoenv.base.models import Session
    from ssoenv.identity_center.assignments import Listing
    from ssoenv.sandbox.world import World

PROJECT = """\
session = "acme"
default = "dev"

[profiles.dev]
account = "111111111111"
role    = "Developer"
region  = "eu-west-1"

[profiles.staging]
account = "222222222222"
role    = "ReadOnly"

[profiles.prod]
account = "333333333333"
role    = "ReadOnly"
region  = "us-east-1"

[paths]
"envs/prod" = "prod"
"""
VAULT = """\
session = "acme"
[profiles.vault]
account = "prod"
role = "ReadOnly"
protect = true
"""
"""A project whose one role is protected."""


hypothesis.settings.register_profile("seeded", derandomize=True)
hypothesis.settings.register_profile("random")
# The same cases in every `make test`; `make soak` makes up others.
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "seeded"))


@dataclass
class Home:
    """A throw-away HOME, and the environment of everything that runs in it."""

    path: Path
    env: dict[str, str] = field(default_factory=dict)
    closing: contextlib.ExitStack = field(default_factory=contextlib.ExitStack, repr=False)
    """Closes, at the end of the test, what it opened: a failed test leaves nothing to the next."""

    def project(self, name: str, text: str = PROJECT) -> Path:
        """Make a project with a binding file; nobody trusts it yet."""
        directory = self.path / name
        directory.mkdir(parents=True, exist_ok=True)
        (directory / ".ssoenv.toml").write_text(text)
        return directory

    def ssoenv(
        self, *arguments: str, cwd: Path | None = None, **more: str
    ) -> subprocess.CompletedProcess[str]:
        """Run the program as a process, without a terminal."""
        where = cwd or self.path
        env = self.env | {"PWD": str(where)} | more
        if forked.starts_alike(env):
            return forked.run(hook_text.command_line(), arguments, env, where)
        return subprocess.run(
            [*hook_text.command_line(), *arguments],
            cwd=where,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=forked.PATIENCE,
            start_new_session=True,
        )

    def start(self, *words: str, **more: str) -> subprocess.Popen[str]:
        """Start a program that goes on beside the test, and is gone with it."""
        process = subprocess.Popen(
            words,
            cwd=self.path,
            env=self.env | {"PWD": str(self.path)} | forked.MEASURING | more,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.closing.enter_context(process)
        self.closing.callback(_kill, process)
        return process


def _kill(process: subprocess.Popen[str]) -> None:
    """End a process and what it started in turn."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


class Copies:
    """What tests begin with, made once: homes as files, and what the sandbox knows of them.

    What is rendered names its home, so every test that takes a copy has its home at one path.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.home = folder / "home"
        self._folder, self._known = folder, dict[str, dict[str, Any]]()

    @contextlib.contextmanager
    def empty(self, tmp_path: Path) -> Iterator[Home]:
        """Give an empty home at that path; at the end it is in `tmp_path`, out of the way."""
        place = self.home
        with contextlib.ExitStack() as closing:
            yield empty_home(place, closing)
        # A shell's own background jobs may still write there: they go on in what is thrown away.
        gone = tmp_path / "home-that-was"
        place.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)

    @contextlib.contextmanager
    def making(self) -> Iterator[tuple[Home, Sandbox]]:
        """Give an empty home and a sandbox for it, to make what `keep` keeps."""
        aside = self._folder / "aside"
        aside.mkdir(exist_ok=True)
        with self.empty(aside) as home, Sandbox() as sandbox:
            sandbox.write_home(str(home.path))
            home.env |= sandbox.environment(str(aside / "sandbox"))
            yield home, sandbox

    def keep(self, name: str, home: Home, sandbox: Sandbox) -> None:
        """Keep both as they are, under `name`."""
        shutil.copytree(home.path, self._folder / name, symlinks=True)
        state = vars(sandbox.state)
        known = ("clients", "tokens", "refresh_tokens", "keys")
        self._known[name] = copy.deepcopy({one: state[one] for one in known})

    def lay(self, name: str, home: Home, sandbox: Sandbox) -> None:
        """Lay what was kept under `name` over those of a test."""
        shutil.copytree(self._folder / name, home.path, symlinks=True, dirs_exist_ok=True)
        vars(sandbox.state).update(copy.deepcopy(self._known[name]))


@pytest.fixture(scope="session")
def copies() -> Copies | None:
    """What tests begin with; modules that make something of it have a fixture of this name."""
    return None


@pytest.fixture
def home(tmp_path: Path, copies: Copies | None) -> Iterator[Home]:
    """An empty HOME, off the network; at the path of what is kept, where something is."""
    with contextlib.ExitStack() as closing:
        if copies:
            yield closing.enter_context(copies.empty(tmp_path))
        else:
            yield empty_home(tmp_path / "home", closing)


def empty_home(path: Path, closing: contextlib.ExitStack) -> Home:
    """Make an empty HOME, off the network; what is started in it ends with `closing`."""
    path.mkdir(mode=0o700)
    # Without this, fish reads every manual page of the machine in a new HOME, in the background.
    (path / ".local/share/fish/generated_completions").mkdir(parents=True)
    env = {
        "HOME": str(path),
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_PAGER": "",
        # Anything that slips past the sandbox must fail at once, not reach a network.
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
    }
    return Home(path, env, closing)


@pytest.fixture
def quick_aws(home: Home) -> None:
    """Something that tells the version of an AWS CLI in no time, which that takes half a second for."""
    aws = home.path / "bin/aws"
    aws.parent.mkdir(exist_ok=True)
    aws.write_text("#!/bin/sh\necho aws-cli/2.9.19 Python/3.11.2\n")
    aws.chmod(0o755)
    home.env["PATH"] = f"{aws.parent}:{home.env['PATH']}"


@pytest.fixture
def sandbox(home: Home, tmp_path: Path) -> Iterator[Sandbox]:
    """The local Identity Center, with `home` pointed at it; alice says yes to everything."""
    with Sandbox() as running:
        running.write_home(str(home.path))
        home.env |= running.environment(str(tmp_path / "sandbox"))
        yield running


@contextlib.contextmanager
def administered(home: Home, folder: Path, world: World) -> Iterator[Sandbox]:
    """Serve `world` to a home that has the keys of its administrators, in profiles of their own."""
    with Sandbox(world=world) as running:
        running.write_home(str(home.path))
        running.write_administrators(str(home.path))
        home.env |= running.environment(str(folder / "sandbox"))
        home.env["AWS_PROFILE"] = "administrator"
        yield running


def asking(home: Home, monkeypatch: pytest.MonkeyPatch) -> Administration:
    """Return what asks from this very process, with nothing but the environment of a home."""
    for name, value in home.env.items():
        monkeypatch.setenv(name, value)
    found = Administration(home.env, region="us-east-1")
    # Whoever else asks from this process has keys of their own, and an address that they are given.
    monkeypatch.delenv("AWS_PROFILE")
    monkeypatch.delenv("AWS_DATA_PATH")
    return found


def keep_list(env: Mapping[str, str], session: Session, listing: Listing) -> None:
    """Keep a list of accounts and roles as the program does that has just had it."""
    with epoch.lasting(env, session, epoch.current(env, session), (session.label,)):
        kept_listings.save(env, session, listing)


def operations(sandbox: Sandbox, name: str) -> int:
    """How many calls of the operation `name` the sandbox has served."""
    return sum(call["operation"] == name for call in sandbox.requests())


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take a bound for families of which all cases take hours."""
    parser.addoption(
        "--minutes", type=float, help="of the long families, what can be begun in so many minutes"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Make ready, and bind the run to so many minutes where that is asked for."""
    make_ready()
    if minutes := config.getoption("minutes"):
        config.pluginmanager.register(Bounded(minutes))


def make_ready() -> None:
    """Refuse to run where the tests' own process could reach somebody's AWS.

    A run in the background ignores SIGINT, and so would every shell and program that it starts.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for name in [name for name in os.environ if name.startswith(("AWS_", "SSOENV_"))]:
        del os.environ[name]
    assert sys.version_info >= (3, 11)
    if agent := agents.running({}):
        # What a person gets cannot be tested where every process comes from an agent.
        pytest.exit(f"{agent} runs the tests; run them in a terminal of your own", 4)
    if os.getsid(0) == 0:
        # Our session's leader is in another PID namespace, as in a container: no answer to a question
        # of ours could be of this session. Where we lead a process group, this is not allowed.
        with contextlib.suppress(PermissionError):
            os.setsid()


LONG = (
    "test_packaging",
    "test_generated",
    "test_odd_answers",
    "test_demo",
    "test_speed",
    "test_agent_rows",
    "test_managed_profile",
    "test_attacks",
)
"""Modules with tests of ten seconds and more."""


WHOLE = os.environ.get("WHOLE") == "1"
"""Whether all cases of a family are to run that is marked as ``sampled``: `make soak` says so."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is not in the sample, and begin with the long tests.

    So that none of these is what everybody waits for at the end.
    """
    if not WHOLE:
        sampled = list(zip(_in_sample(items), items, strict=True))
        items[:] = [item for inside, item in sampled if inside]
        config.hook.pytest_deselected(items=[item for inside, item in sampled if not inside])
    items.sort(key=lambda item: item.path.stem not in LONG)


def _in_sample(items: list[pytest.Item]) -> Iterator[bool]:
    """Yield whether each is one of those that every run has: of a family one in so many, at least one.

    Which one is by chance, but always the same; from one row of a family to the next it is another
    one, so that the shells take turns.
    """
    families = [item.nodeid.partition("[")[0] for item in items]
    sizes, places = Counter(families), Counter[str]()
    for item, family in zip(items, families, strict=True):
        marker = item.get_closest_marker("sampled")
        share = min(int(marker.args[0]) if marker else 1, sizes[family])
        place = places[family]
        places[family] += 1
        yield (place + place // share + zlib.crc32(family.encode())) % share == 0


def pytest_collection_finish() -> None:
    """Let the garbage collector never again look at the thousands of tests that are there now."""
    gc.collect()
    gc.freeze()


DEEP = 900
"""So many brackets are near the limit of recursion."""


@pytest.fixture(autouse=True)
def _no_collector_at_the_bottom(request: pytest.FixtureRequest) -> Iterator[None]:
    """Have nothing collected where a text takes the interpreter to its limit of recursion.

    A finalizer of some earlier test that runs down there fails, and with it a test that is innocent.
    """
    given = getattr(getattr(request.node, "callspec", None), "params", {}).values()
    if not any(one in ("deep", "nested") or str(one).count("[") >= DEEP for one in given):
        yield
        return
    gc.disable()
    yield
    gc.enable()


def pytest_unconfigure() -> None:
    """End what this process started for all of its tests."""
    forked.stop()
