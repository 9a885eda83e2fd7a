"""Those who use AWS without a pause: each counts what it did, what failed, and whose keys it had."""

from __future__ import annotations

import contextlib
import json
import re
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ssoenv.demo.terminal import Terminal
from ssoenv.shells import hook as hook_text

if TYPE_CHECKING:
    import subprocess

    from tests.soak.world import World

PROGRAM = """
import json, sys
MAKE
sts = session.client("sts", region_name="us-east-1")
for line in sys.stdin:
    try:
        who = sts.get_caller_identity()["Account"]
        told = [who, session.get_credentials().access_key]
    except Exception as error:
        told = ["", f"{type(error).__name__}: {error}"]
    print(json.dumps(told), flush=True)
"""
"""A program that runs on: for each line it asks AWS who it is."""
BOTO3 = PROGRAM.replace("MAKE", "import boto3\nsession = boto3.Session()")
LIBRARY = PROGRAM.replace("MAKE", "import ssoenv\nsession = ssoenv.get_boto3_session()")
PATIENCE = 2
"""Seconds that SDKs wait for credentials that are served to them (botocore ``ContainerMetadataFetcher``)."""
ACCOUNT = "111111111111"
ROLE = f"acme/{ACCOUNT}/Developer"


@dataclass
class Count:
    """What one of them did."""

    commands: int = 0
    keys: set[str] = field(default_factory=set)
    failures: list[str] = field(default_factory=list)
    slow: int = 0
    """Calls that took longer than keys last, or than an SDK waits."""


class InShell:
    """A shell in the project, in which somebody types one command after the other."""

    def __init__(self, name: str, world: World) -> None:
        """Open it."""
        self.name, self.count, self._world = name, Count(), world
        self._terminal = Terminal(name, world.stage)
        self._terminal.run("cd ~/web")

    def pids(self) -> list[int]:
        """Return the process whose memory counts."""
        return [self._terminal.pid]

    def act(self) -> None:
        """Type a command that uses AWS."""
        answer = self._terminal.run("aws who")
        self.count.commands += 1
        found = re.search(r"\|key=([^|]*)\|profile=([^|]*)\|", answer.output)
        if answer.status or not found:
            self.count.failures.append(f"{answer.status}: {answer.output}")
        elif found[1]:
            self.count.keys.add(found[1])
            if self._world.whose(found[1]) != ROLE:
                self.count.failures.append(f"{found[1]} is of another role")
        elif found[2] != "ssoenv":
            self.count.failures.append(f"as nobody: {answer.output}")

    def end(self) -> None:
        """Close the terminal."""
        self._terminal.close()


class Running:
    """A program that was started once, and asks AWS again and again."""

    def __init__(self, name: str, world: World, command: list[str], **more: str) -> None:
        """Start it in the project."""
        self.name, self.count, self._world = name, Count(), world
        self._process: subprocess.Popen[str] = world.start(command, **more)

    def pids(self) -> list[int]:
        """Return the process whose memory counts."""
        return [self._process.pid]

    def act(self) -> None:
        """Have it ask AWS who it is."""
        assert self._process.stdin
        assert self._process.stdout
        began = time.monotonic()
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write("\n")
            self._process.stdin.flush()
        line = self._process.stdout.readline()
        self.count.commands += 1
        who, told = (
            json.loads(line)
            if line
            else ["", f"it ended: {self._process.wait()}, {self._world.said()}"]
        )
        if who == ACCOUNT:
            self.count.keys.add(told)
        elif line and _is_slow(told, time.monotonic() - began, self._world.lasts):
            self.count.slow += 1
        else:
            self.count.failures.append(f"{who} {told}")

    def end(self) -> None:
        """Let it end."""
        assert self._process.stdin
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.wait(60)


def _is_slow(told: str, took: float, lasts: int) -> bool:
    """Whether a call failed because the machine was too busy: no program can succeed in those."""
    too_old = "expired" in told.lower() and took >= lasts
    return too_old or ("Read timeout on endpoint" in told and took >= PATIENCE)


def everybody(world: World) -> list[InShell | Running]:
    """Begin with all of them."""
    boto3 = [sys.executable, "-c", BOTO3]
    return [
        *(InShell(name, world) for name in ("bash", "zsh", "fish")),
        Running("the managed profile", world, boto3, AWS_PROFILE="ssoenv"),
        Running(
            "exec --serve", world, [*hook_text.command_line(), "exec", "--serve", "--", *boto3]
        ),
        Running("the library", world, [sys.executable, "-c", LIBRARY]),
    ]
