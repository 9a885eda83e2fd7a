"""Each call of a service, failing in each way: the right exit code, one message, nothing lost.

Whatever a call meets, its command ends in time, says one thing on stderr and nothing that scripts
would read on stdout, leaves every file whole, and succeeds once the fault is gone. `make test`
takes a sample in which every call and every way occurs; with ``WHOLE=1``, as `make soak` has it,
it is all of them, those included for which one waits.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

from ssoenv.sandbox import faults
from ssoenv.sandbox.server import Sandbox
from tests.cli.test_admin_changes import world
from tests.conftest import WHOLE, administered, operations
from tests.faults.steps import CHANGING, LOOKING, SIGNING_IN, USING
from tests.sign_in.people import Person

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import Home
    from tests.faults.steps import Step

SLOW = ("silent", "slow-headers", "slow-body")
REFUSED = ("400", "401", "403", "404")
QUICK: dict[str, dict[str, str | int]] = {
    **{how: {"how": how} for how in (*faults.BROKEN, *faults.CHANGED) if how not in SLOW},
    **{status: {"status": int(status)} for status in (*REFUSED, "408", "500", "502", "503")},
    "503, in a second": {"status": 503, "retry_after": 1},
    faults.FORGOTTEN: {"how": faults.FORGOTTEN},
}
FAULTS = QUICK | {
    **{how: {"how": how} for how in SLOW},
    "429": {"status": 429},
    "429, in a second": {"status": 429, "retry_after": 1},
    "503, in an hour": {"status": 503, "retry_after": 3600},
}
STEPS = SIGNING_IN | USING | LOOKING | CHANGING
EVERY = 12
"""Of so many ways one is in the sample, for each call another one."""
MANY = 100_000
LONGEST = 75
"""Seconds within which every command has ended, a machine that is busy included: a list at a service
that throttles goes on for half a minute, everything else has given up after some twenty seconds."""
LINES = 20
SHAPELESS = ("reset", "cut", "empty", "half")
"""What an answer that is empty anyway does not show."""


def cases() -> Iterator[tuple[str, str]]:
    """Yield the names of a step and of a way to fail."""
    for row, (name, step) in enumerate(STEPS.items()):
        ways = [
            way
            for way in (FAULTS if WHOLE else QUICK)
            if way != "expired" or step.operation == "GetRoleCredentials"
        ]
        yield from ((name, way) for way in (ways if WHOLE else ways[row % EVERY :: EVERY]))


BY_CODE = {
    # What a refusal means depends on the service, and on what is asked for.
    "register": {"400": 5, "401": 3, "403": 5, "404": 5},
    "exchange": {"400": 5, "401": 3, "403": 5, "404": 5},
    "device code": {"400": 5, "401": 3, "403": 5, "404": 5},
    # A device code is used up by the poll whose answer is lost.
    "poll": {"400": 5, "401": 3, "403": 5, "404": 5, "cut": 3, "empty": 3, "half": 3},
    "refresh": {"400": 3, "401": 3, "403": 3, "404": 3, faults.FORGOTTEN: 3},
    "sign out": {"400": 5, "401": 0, "403": 6, "404": 6} | dict.fromkeys(SHAPELESS, 0),
    "accounts": {"400": 5, "401": 3, "403": 6, "404": 6, faults.FORGOTTEN: 3},
    # An account where nothing may be had is one in which one holds nothing.
    "roles": {"400": 5, "401": 3, "403": 0, "404": 0, faults.FORGOTTEN: 3},
    "credentials": {"400": 5, "401": 3, "403": 6, "404": 6, faults.FORGOTTEN: 3},
    "assume": dict.fromkeys(REFUSED, 5),
    "identity": dict.fromkeys(REFUSED, 6),
    "console": dict.fromkeys(REFUSED, 7),
    # What came of a request whose answer is lost is looked up.
    "assign": dict.fromkeys(REFUSED, 6)
    | dict.fromkeys((*faults.BROKEN, "empty", "half", "page", "redirect"), 0),
}


def expected(name: str, way: str) -> tuple[int, ...]:
    """With which code a command ends whose step fails in that way, for as long as it lasts."""
    codes = BY_CODE.get(name) or dict.fromkeys(REFUSED, 6)
    if way == "slow-body":
        return 0, 7  # a short answer comes in time
    return (codes.get(way, 0 if way in ("plain", faults.FORGOTTEN) else 7),)


@pytest.fixture(scope="module")
def identity_center() -> Iterator[Sandbox]:
    """The server itself: it takes a while to stop."""
    with Sandbox() as running:
        yield running


def test_the_sample_has_every_call_and_every_way() -> None:
    seen = [*cases()]
    assert {name for name, _ in seen} == {*STEPS}
    assert {way for _, way in seen} >= {*QUICK}


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("name", "way"), [*cases()])
def test_whatever_a_call_meets(
    home: Home, tmp_path: Path, identity_center: Sandbox, name: str, way: str
) -> None:
    step = STEPS[name]
    if name in LOOKING or name in CHANGING:
        with administered(home, tmp_path, world()) as sandbox:
            meets(home, sandbox, name, step, way)
        return
    identity_center.write_home(str(home.path))
    home.env |= identity_center.environment(str(tmp_path / "sandbox"))
    try:
        meets(home, identity_center, name, step, way)
    finally:
        identity_center.clear_faults()


def meets(home: Home, sandbox: Sandbox, name: str, step: Step, way: str) -> None:
    """Run a step's command while its call fails, and once more when it does not any more."""
    step.prepare(home, sandbox)
    before = config(home)
    sandbox.clear_requests()
    sandbox.break_calls(step.operation, MANY, **FAULTS[way])
    began = time.monotonic()
    met = run(home, step)
    took = time.monotonic() - began
    assert operations(sandbox, step.operation), "the call was not made at all"
    assert met.returncode in expected(name, way), met
    assert took < LONGEST, met
    assert len(met.stderr.splitlines()) <= LINES, met
    assert "Traceback" not in met.stderr, met
    if met.returncode and name not in CHANGING:
        # A list of which a part came is shown, and says so.
        assert not met.stdout or "this is not all of it" in met.stderr, met
        assert "ssoenv: " in met.stderr, met
    whole(home)
    assert config(home) == before
    sandbox.clear_faults()
    if way == faults.FORGOTTEN and met.returncode == 3:
        Person(home, sandbox).hold(3600)
    again = run(home, step)
    assert again.returncode == 0, (met, again)
    whole(home)


def run(home: Home, step: Step) -> subprocess.CompletedProcess[str]:
    return home.ssoenv(*step.words, cwd=home.path / step.where if step.where else None)


def config(home: Home) -> bytes:
    return (home.path / ".aws/config").read_bytes()


def whole(home: Home) -> None:
    """Every file of the caches and of the state is one that a reader takes, and none is left over."""
    for folder in (".aws/sso/cache", ".aws/cli/cache", ".local/state/ssoenv"):
        for path in (home.path / folder).rglob("*"):
            assert not path.name.endswith(".tmp"), path
            if path.suffix == ".json" and path.parent.name != "locks":
                json.loads(path.read_text())
