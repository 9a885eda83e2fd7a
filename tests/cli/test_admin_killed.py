"""``ssoenv admin apply`` killed at any of its calls: the next one ends in the same state.

200 changes, and a process that is killed as the service has just taken one, or is just about to.
`make soak` does it at 100 of these points, by ``WHOLE=1``.
"""

from __future__ import annotations

import itertools
import json
import os
import signal
from typing import TYPE_CHECKING, Any

import pytest

from ssoenv.sandbox.world import Account, Instance, User, World
from ssoenv.shells import hook
from tests.cli.test_admin_changes import READS
from tests.conftest import WHOLE, administered

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ssoenv.sandbox.server import Sandbox
    from tests.conftest import Home

MAKING, LETTING_GO = "making", "letting go"
CHANGES = {MAKING: 200, LETTING_GO: 152}
"""Calls that change something. No member is taken out of a group that goes, and no policy."""
POINTS = 100 if WHOLE else 2
USERS = [f"user{number}" for number in range(6)]
ACCOUNTS = [f"account{number}" for number in range(17)]
SESSION = "acme"
FILE, RECORD = "org.json", "org.json.applied.json"


def declared() -> dict[str, Any]:
    """8 groups of 3, 8 permission sets of 4 calls each, and 136 assignments."""
    groups = {f"team {one}": {"member": USERS[one % 4 : one % 4 + 3]} for one in range(8)}
    given = {"policy": ["ReadOnlyAccess", "PowerUserAccess"], "inline": {"Version": "2012-10-17"}}
    sets = {f"Set{one}": given | {"duration": "2h", "tag": {"n": str(one)}} for one in range(8)}
    rows = [
        {"group": f"team {one}", "permission_set": f"Set{one}", "account": "account*"}
        for one in range(8)
    ]
    return {"group": groups, "permission_set": sets, "assignment": rows}


def world() -> World:
    return World(
        (Instance(SESSION, "https://acme.awsapps.com/start", "us-east-1"),),
        tuple(User(name) for name in USERS),
        tuple(
            Account(name, f"{number:012}", f"{name}@acme.example", SESSION)
            for number, name in enumerate(ACCOUNTS, 1)
        ),
        ("Other",),
        (),
    )


class Killing:
    """Stands before the sandbox, and kills a process at one of the calls that change something."""

    def __init__(self, sandbox: Sandbox) -> None:
        server = vars(sandbox)["_server"]
        self._application, server.application = server.application, self
        self.calls = 0
        self._at, self._taken = 0, False
        self._pid = 0

    def arm(self, pid: int, at: int, *, taken: bool) -> None:
        """Kill `pid` at the call number `at`, once that is `taken`, or just before."""
        self.calls, self._at, self._taken, self._pid = 0, at, taken, pid

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        operation = environ.get("HTTP_X_AMZ_TARGET", "List").rpartition(".")[2]
        if operation.startswith(READS):
            return self._application(environ, start_response)
        self.calls += 1
        if self.calls == self._at and not self._taken:
            os.kill(self._pid, signal.SIGKILL)
            start_response("500 Internal Server Error", [])
            return [b""]
        answer = self._application(environ, start_response)
        if self.calls == self._at:
            os.kill(self._pid, signal.SIGKILL)
        return answer


@pytest.fixture
def sandbox(home: Home, tmp_path: Path) -> Iterator[Sandbox]:
    with administered(home, tmp_path, world()) as running:
        (home.path / FILE).write_text(json.dumps(declared()))
        yield running


def apply(home: Home) -> None:
    done = home.ssoenv("admin", "apply", FILE, "--prune", "--yes")
    assert done.returncode == 0, done


def exported(home: Home) -> Any:
    done = home.ssoenv("admin", "export", "--json")
    assert done.returncode == 0, done
    return json.loads(done.stdout)


def held(found: Any) -> set[tuple[str, str, str]]:
    """The assignments of an export, one by one."""
    return {
        (account, row["permission_set"], row["group"])
        for row in found.get("assignment", ())
        for account in row["account"]
    }


def points() -> list[tuple[str, int, bool]]:
    """Which apply ends at which of its calls, evenly over all, and whether that one is taken."""
    return [
        (what, 1 + (2 * place + 1) * CHANGES[what] // (2 * POINTS), bool(place // 2 % 2))
        for place, what in zip(range(POINTS), itertools.cycle(CHANGES))
    ]


@pytest.mark.parametrize(("what", "at", "taken"), points())
def test_the_next_apply_ends_in_the_same_state(
    home: Home, sandbox: Sandbox, what: str, at: int, taken: bool
) -> None:
    killing = Killing(sandbox)
    first = exported(home)
    wanted = declared() if what == MAKING else {}
    if what == LETTING_GO:
        apply(home)
        (home.path / FILE).write_text("{}")
    process = home.start(*hook.command_line(), "admin", "apply", FILE, "--prune", "--yes")
    killing.arm(process.pid, at, taken=taken)
    process.communicate(timeout=120)
    assert process.returncode == -signal.SIGKILL, killing.calls
    killing.arm(0, 0, taken=False)
    apply(home)
    assert killing.calls in (CHANGES[what] - at, CHANGES[what] - at + 1)
    there = exported(home)
    assert there.get("group", {}).keys() == wanted.get("group", {}).keys()
    assert there["permission_set"].keys() == {"Other", *wanted.get("permission_set", {})}
    assert held(there) == {
        (account, f"Set{one}", f"team {one}")
        for account in ACCOUNTS
        for one in range(8 if wanted else 0)
    }
    assert len(json.loads((home.path / RECORD).read_text())["assignments"]) == len(held(there))
    plan = home.ssoenv("admin", "plan", FILE, "--prune", "--check")
    assert (plan.returncode, plan.stdout) == (0, "")
    if what == LETTING_GO:
        assert there == first
