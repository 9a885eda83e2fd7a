"""What it takes to learn a person's accounts and roles, on a sandbox that is far away and strict.

Each figure is of a process of its own, started in a home in which nothing is kept. The sandbox runs
beside it, on the same cores.
"""

from __future__ import annotations

import os
import re
import tempfile
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ssoenv.identity_center import kept_listings
from ssoenv.identity_center.assignments import Listing
from ssoenv.sandbox.server import Sandbox
from ssoenv.sandbox.world import large
from ssoenv.shells import hook as hook_text
from tests.conftest import Home
from tests.screen import ssoenv
from tests.sign_in.people import ACME, LEGACY, Person
from tools import measured

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssoenv.sandbox.world import World
    from tools.measured import Run

ACCOUNTS, ROLES = 1000, 5
LATENCY, RATE, BURST = 50, 20.0, 40
SIZES = (10, 100, 1000, 5000)
HOUR = 3700


class Bench:
    """Somebody who is signed in to a sandbox of so many accounts."""

    def __init__(self, person: Person) -> None:
        self.person = person

    def run(self, *command: str) -> Run:
        """Run a program to its end; its calls are those of the portal."""
        return measured.run(self.person.home, self.person.sandbox, ("sso",), *command)

    def roles(self, *words: str) -> Run:
        """Run ``ssoenv roles``."""
        return self.run(*hook_text.command_line(), "roles", *words)

    def picker(self) -> tuple[float, float]:
        """Seconds until one can type in the picker, and until the role one types for is there."""
        folder = self.person.home.path / "new"
        folder.mkdir(exist_ok=True)
        kept_listings.forget(self.person.env, "acme")
        self.person.sandbox.clear_requests()
        began = time.monotonic()
        screen = ssoenv(self.person.env, str(folder), "bind", columns=120)
        screen.wait("Enter picks")
        usable = time.monotonic() - began
        last = self.person.sandbox.world.accounts[-2]
        screen.send(f"{last.id} read")
        screen.wait(lambda text: bool(re.search(rf"^=>.* {last.id} +ReadOnly", text, re.MULTILINE)))
        typed = time.monotonic() - began - usable
        screen.send("\x1b")
        screen.end()
        return usable, typed

    def age(self, seconds: int) -> None:
        """Have the kept list of accounts be older."""
        known = kept_listings.load(self.person.env, "acme")
        assert known
        older = Listing(known.held, known.listed_at - seconds)
        kept_listings.save(self.person.env, ACME, older)


@contextmanager
def signed_in(accounts: int, roles: int = ROLES) -> Iterator[Bench]:
    """Somebody who is signed in, in a home of their own where nothing is listed yet."""
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as root,
        Sandbox(world=large(accounts, roles)) as sandbox,
    ):
        path = Path(root) / "home"
        path.mkdir(mode=0o700)
        env = {"HOME": str(path), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
        env |= {"TERM": "xterm-256color", "AWS_EC2_METADATA_DISABLED": "true"}
        sandbox.write_home(str(path))
        env |= sandbox.environment(f"{root}/sandbox")
        person = Person(Home(path, env), sandbox)
        for session in (ACME, LEGACY):  # the second is what aws-sso-util looks for
            person.hold(3600, session=session)
        yield Bench(person)


def strict() -> Iterator[list[str]]:
    """Yield the rows of a service that is far away and takes 20 calls a second."""
    with signed_in(ACCOUNTS) as bench:
        bench.person.sandbox.set_pace(latency=LATENCY, rate=RATE, burst=BURST)
        usable, typed = bench.picker()
        yield ["`bind`, nothing kept: one can type", f"{usable:.1f} s", "", ""]
        yield ["`bind`: the role that one typed for is there", f"{typed:.1f} s later", "", ""]
        kept_listings.forget(bench.person.env, "acme")
        bench.person.sandbox.set_pace(latency=LATENCY, rate=RATE, burst=BURST)
        first = bench.roles()
        least = (first.calls - first.refused) / RATE
        times = f"{first.seconds:.1f} s, {first.seconds / least:.2f} x calls / rate"
        yield _row("`roles`, nothing kept", first, times)
        yield _row("`roles`, again", bench.roles())
        bench.age(HOUR)
        yield _row("`roles`, an hour later, nothing has changed", bench.roles())
        yield _row("`roles team-0003 --refresh`", bench.roles("team-0003", "--refresh"))
        shown = f"errors shown: {len(first.said.splitlines()) - _notes(first)}"
        yield [shown, f"memory {first.memory:.0f} MiB", "", ""]


def _notes(run: Run) -> int:
    """How many lines of what was said are of accounts that are suspended."""
    return len([line for line in run.said.splitlines() if "suspended" in line])


def _row(name: str, run: Run, times: str = "") -> list[str]:
    return [name, times or f"{run.seconds:.1f} s", str(run.calls - run.refused), str(run.refused)]


def free(peer: str | None) -> Iterator[list[str]]:
    """Yield the rows of a service without a limit; `peer` is the path of aws-sso-util, or None."""
    with signed_in(ACCOUNTS) as bench:
        # It stops at the first account whose roles are refused.
        bench.person.sandbox.state.change_world(_without_suspended(ACCOUNTS))
        bench.person.sandbox.set_pace(latency=LATENCY)
        ours = bench.roles()
        yield ["`ssoenv roles`", f"{ours.seconds:.1f} s", str(ours.calls), f"{ours.memory:.0f}", ""]
        if peer:
            words = ("--sso-start-url", ACME.start_url, "--sso-region", ACME.region)
            theirs = bench.run(peer, "roles", *words)
            assert theirs.rows >= ours.rows
            ratio = f"{theirs.seconds / ours.seconds:.1f} x"
            took = f"{theirs.seconds:.1f} s"
            yield ["`aws-sso-util roles`", took, str(theirs.calls), f"{theirs.memory:.0f}", ratio]


def growth() -> Iterator[list[str]]:
    """Yield how it grows with the number of accounts, without a limit."""
    for accounts in SIZES:
        with signed_in(accounts) as bench:
            bench.person.sandbox.set_pace(latency=LATENCY)
            usable, _ = bench.picker()
            kept_listings.forget(bench.person.env, "acme")
            first, again = bench.roles(), bench.roles()
            yield [
                f"{accounts} accounts",
                f"{usable:.1f} s",
                f"{first.seconds:.1f} s",
                str(first.calls),
                f"{again.seconds:.2f} s",
                f"{first.memory:.0f}",
            ]


def _without_suspended(accounts: int) -> World:
    made = large(accounts, ROLES)
    return replace(made, accounts=tuple(replace(one, suspended=False) for one in made.accounts))
