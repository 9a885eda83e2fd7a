"""A sandbox in a process of its own, with lifetimes of seconds, and a home with a trusted project."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import subprocess
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

from ssoenv.base import paths
from ssoenv.sandbox.environment import write_home
from ssoenv.sandbox.world import built_in
from ssoenv.shells import hook as hook_text
from tests.conftest import PROJECT, empty_home
from tests.shell.conftest import build_stage

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDERS = (".local/state/ssoenv", ".aws")


class World:
    """What everybody works in: `lasts` is for how many seconds tokens and credentials do."""

    def __init__(self, folder: Path, lasts: int, closing: contextlib.ExitStack) -> None:
        """Start the sandbox, sign in, and trust the project."""
        self.lasts, self._closing = lasts, closing
        self.home = empty_home(folder / "home", closing)
        write_home(str(self.home.path), built_in())
        file = folder / "sandbox.env"
        seconds = ("--token-ttl", str(lasts), "--credentials-ttl", str(lasts))
        words = ("sandbox", "serve", "--strict-refresh", *seconds, "--env-file", str(file))
        self.sandbox = self.home.start(*hook_text.command_line(), *words)
        assert self.sandbox.stdout
        for _ in range(3):
            self.sandbox.stdout.readline()
        self.home.env |= dict(_exports(file))
        self.project = self.home.project("web", PROJECT)
        self.stage = build_stage(self.home)
        for command in (("login", "acme"), ("trust", "--yes"), ("export",)):
            done = self.home.ssoenv(*command, cwd=self.project)
            assert done.returncode == 0, done

    def start(self, words: list[str], **more: str) -> subprocess.Popen[str]:
        """Start a program in the project; what it says on stderr is kept in a file."""
        log = self._closing.enter_context((self.home.path / "said").open("a"))
        process = subprocess.Popen(
            words,
            env=self.home.env | {"PWD": str(self.project)} | more,
            cwd=self.project,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        self._closing.enter_context(process)
        self._closing.callback(process.kill)
        return process

    def said(self) -> str:
        """Return what those programs have said on stderr, the last of it."""
        return (self.home.path / "said").read_text()[-2000:]

    def whose(self, key: str) -> str:
        """Return the key of the role that the credentials with this id are of, as ssoenv knows."""
        path = Path(paths.state(self.home.env), "keys", paths.escape(key))
        return path.read_text() if path.exists() else ""

    def forget_calls(self) -> None:
        """Have the sandbox forget which calls it has served."""
        address = f"{self.home.env['AWS_ENDPOINT_URL_SSO']}/_sandbox/requests"
        request = urllib.request.Request(address, method="DELETE")  # noqa: S310 - our own
        urllib.request.urlopen(request, timeout=60).close()  # noqa: S310

    def serving(self) -> list[int]:
        """Return the processes that serve a command."""
        found = []
        for name in filter(str.isdecimal, os.listdir("/proc")):
            with contextlib.suppress(OSError):
                words = Path(f"/proc/{name}/cmdline").read_bytes()
                mine = (
                    f"HOME={self.home.path}\0".encode()
                    in Path(f"/proc/{name}/environ").read_bytes()
                )
                if mine and b"\0exec\0--serve\0" in words:
                    found.append(int(name))
        return found

    def files(self) -> dict[str, int]:
        """Count the files of the state and of the caches, by folder; keys that are known apart."""
        found: dict[str, int] = {"keys": 0}
        for top in FOLDERS:
            for path in (self.home.path / top).rglob("*"):
                kind = "keys" if path.parent.name == "keys" else top
                found[kind] = found.get(kind, 0) + path.is_file()
        return found


def memory(pid: int) -> int:
    """Return how much memory a process has, in KiB (proc_pid_status(5), VmRSS)."""
    found = re.search(r"^VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    assert found
    return int(found[1])


def _exports(file: Path) -> Iterator[tuple[str, str]]:
    for line in file.read_text().splitlines():
        name, _, value = line.removeprefix("export ").partition("=")
        yield name, "".join(shlex.split(value))
