"""Where attacks take place: one home, with somebody signed in, and what puts it back afterwards."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ssoenv.base import files, paths
from ssoenv.sandbox.server import Sandbox
from tests.attacks import oracle
from tests.attacks.model import WORLD
from tests.conftest import empty_home
from tests.shell.conftest import build_stage, fetch, project_text, trust

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssoenv.demo.stage import Stage
    from ssoenv.sandbox.world import World
    from tests.attacks.model import Attack
    from tests.conftest import Home


@dataclass
class Ground:
    """A home and its service. One attack at a time takes place there, in a folder of its own."""

    home: Home
    sandbox: Sandbox
    stage: Stage
    lookout: Path
    wrong: list[str] = field(default_factory=list)
    count: int = 0

    @property
    def folder(self) -> Path:
        """Where the attack is made."""
        return self.home.path / "a" / "x"

    @property
    def config(self) -> Path:
        """The AWS config."""
        return self.home.path / ".aws/config"

    @contextlib.contextmanager
    def under(self, attack: Attack) -> Iterator[Path]:
        """Make `attack`, give the directory that it is entered at, and take all of it away."""
        config = self.config.read_bytes()
        self._list(attack.world or WORLD)
        self.folder.mkdir(parents=True)
        try:
            yield attack.make(self.folder)
        finally:
            _remove(self.folder.parent)
            top = paths.trust_folder(self.home.env, str(self.folder.parent))
            _remove(Path(top))
            if self.config.read_bytes() != config:
                self.config.write_bytes(config)

    def _list(self, world: World) -> None:
        """Have the service list `world`; the list that is kept is of it too."""
        if world is not self.sandbox.state.world:
            self.sandbox.state.change_world(world)
            _remove(Path(paths.state(self.home.env)) / "assignments")
            assert self.home.ssoenv("roles", "--session", "acme").returncode == 0

    def run(self, attack: Attack, directory: Path, *words: str, trusted: bool = False) -> str:
        """Run a command in `directory`, judge it, and return what it said on stdout, if it could."""
        began = time.monotonic()
        done = self.home.ssoenv(*words, cwd=directory)
        taken = time.monotonic() - began
        self.count += 1
        reports = words[0] in ("status", "prompt", "doctor")
        faults = list(oracle.of_run(done, taken, reports=reports))
        faults += self.given(done.stdout + done.stderr, attack.gives if trusted else "")
        self.note(attack, " ".join(words), faults)
        return done.stdout if done.returncode == 0 else ""

    def given(self, text: str, allowed: str) -> Iterator[str]:
        """Say which credentials in `text` are of another role than the `allowed` one."""
        for role in oracle.roles_in(text, self.sandbox.state.keys) - {allowed}:
            yield f"credentials of {role}, and not of {allowed or 'no role'}"

    def note(self, attack: Attack, who: str, faults: Iterator[str] | list[str]) -> None:
        """Keep what is wrong."""
        self.wrong += [f"{attack}\n    {who}: {fault}" for fault in faults]

    def canaries(self, attack: Attack, who: str) -> None:
        """Look for what code has made."""
        self.note(attack, who, oracle.canaries(self.home.path, self.lookout))


def build(folder: Path, closing: contextlib.ExitStack) -> Ground:
    """Make a home with two trusted projects, ~/web and ~/ops, and every role of them fetched."""
    folder.mkdir(exist_ok=True)
    home = empty_home(folder / "home", closing)
    sandbox = closing.enter_context(Sandbox(world=WORLD))
    sandbox.write_home(str(home.path))
    home.env |= sandbox.environment(str(folder / "sandbox"))
    # What is asked where an address leads finds nobody, at once, whatever network there is.
    home.env |= {"https_proxy": "http://127.0.0.1:1", "SHELL": "/bin/bash"}
    for name in ("web", "ops"):
        trust(home, home.project(name, project_text(name)))
    stage = build_stage(home)
    fetch(home)
    assert home.ssoenv("roles", "--session", "acme").returncode == 0
    files.make_private_directory(str(home.path / "seen"))
    return Ground(home, sandbox, stage, folder)


def _remove(path: Path) -> None:
    """Remove a folder, whoever owns what is in it."""
    if path.is_symlink():
        path.unlink()
    elif path.exists():
        shutil.rmtree(os.fsencode(path))
