"""Everything at once: signing in and out, expiry, renewal, trust, bindings, the AWS config, and shells.

Processes are killed meanwhile, the AWS CLI, boto3 and the SDK for JavaScript renew the same token,
and somebody reads every file all the time. `make test` runs a small storm, ``WHOLE=1`` big ones.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ssoenv.base import paths
from ssoenv.demo import terminal
from ssoenv.sandbox.pace import Pace
from ssoenv.sandbox.server import Sandbox
from tests import forked
from tests.conftest import WHOLE, operations
from tests.races import storm as storms
from tests.races.panes import Panes
from tests.races.storm import Foreign, Storm

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Home

SEEDS = range(2) if WHOLE else range(1)
PROCESSES, DEEDS, PANES, LINES, CALLS, LOGOUTS = (
    (50, 4, 10, 3, 10, 4) if WHOLE else (10, 3, 1, 2, 3, 1)
)
LIFETIME = 6
"""Seconds for which a token lasts, and for which credentials do."""
BOUND = 600 if WHOLE else 100
"""Seconds within which every process has ended, and each storm."""


@pytest.fixture
def storm(home: Home, tmp_path: Path) -> Iterator[Storm]:
    """A home at a sandbox whose refresh tokens work once."""
    with Sandbox(pace=Pace(strict_refresh=True)) as sandbox:
        sandbox.write_home(str(home.path))
        home.env |= sandbox.environment(str(tmp_path / "sandbox"))
        found = Storm(home, sandbox)
        found.prepare()
        yield found


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_happens_at_once(storm: Storm, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forked, "PATIENCE", BOUND)
    monkeypatch.setattr(terminal, "PATIENCE", BOUND)
    random_ = random.Random(seed)  # noqa: S311 - no secret
    plans = [storms.deeds(random_, one, DEEDS, LOGOUTS) for one in range(PROCESSES)]
    foreign = Foreign(storm, CALLS)
    callers = foreign.callers()
    panes = Panes(storm, PANES, LINES)
    storm.sandbox.state.token_ttl = storm.sandbox.state.credentials_ttl = LIFETIME
    storm.quiet("login", "--force", "acme")
    storm.sandbox.clear_requests()
    watcher = watch(storm.home)
    began = time.monotonic()
    storms.rage(storm, plans, [*callers, *panes.typists(random_)])
    took = time.monotonic() - began
    seen = watcher()
    panes.close()

    assert not storm.problems, "\n\n".join(storm.problems)
    assert took < BOUND
    assert not seen["bad"], seen
    pages(storm)
    for register in storm.ledger.registers:
        value = storm.settled(register)
        assert not storm.ledger.lost(register, value), (register, value)
    calm(storm)
    gone(storm)
    print(  # noqa: T201 - `make soak` counts them
        f"seed {seed}: {len(storm.told)} runs, {killed(storm)} killed, {storm.ledger.sure()} changes, "
        f"{panes.ran} of {panes.typed} commands in {len(panes.shells)} terminals, "
        f"{sum(map(bool, foreign.roles))} of {len(foreign.roles)} calls of other programs, "
        f"{operations(storm.sandbox, 'Authorize')} pages, {seen['reads']} files read, "
        f"{seen['in place']} in place, {took:.0f} s"
    )
    assert any(foreign.roles)
    assert panes.ran


def watch(home: Home) -> Any:
    """Read every file from now on; return what ends that, and gives what was seen."""
    steady = [".aws/config"]
    state = os.path.relpath(paths.state(home.env), home.path)
    steady += [f"{state}/credential-process", f"{state}/sign-in/acme.epoch"]
    folder = os.path.relpath(paths.trust_folder(home.env, f"{home.path}/web"), home.path)
    steady += [f"{folder}/{name}" for name in ("@toml", "@sh", "@fish", "@history")]
    steady += [f"{state}/settings/@none"]
    script = str(Path(__file__).parent / "watcher.py")
    process = subprocess.Popen(
        [sys.executable, "-I", script, str(home.path), *steady],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    home.closing.enter_context(process)
    assert process.stdout
    assert process.stdout.readline() == "watching\n"
    return lambda: json.loads(process.communicate(timeout=60)[0])


def pages(storm: Storm) -> None:
    """One page for each sign-in that was needed, and never two at once."""
    served = storm.sandbox.requests()
    opened = sum(call["operation"] == "Authorize" for call in served)
    signed_out = sum(one.deed.words[:1] == ("logout",) for one in storm.told)
    assert opened <= signed_out + killed(storm), (opened, signed_out, killed(storm))


def calm(storm: Storm) -> None:
    """After the storm, quiet commands find everything in order, and leave nothing behind."""
    state = storm.sandbox.state
    state.token_ttl = state.credentials_ttl = 3600
    storm.quiet("login", "acme")
    storm.quiet("roles", "--refresh")
    for name in (storms.WEB, storms.SHARED, storms.CHOSEN):
        storm.quiet("export", where=name)
    assert not storms.tidy(storm.home)


def gone(storm: Storm) -> None:
    """Of what killed processes had not finished, a sign-out leaves nothing that may be a secret."""
    assert len([*storm.home.path.rglob("*.tmp")]) <= killed(storm)
    storm.quiet("logout", "acme")
    left = [path.parent.name for path in storm.home.path.rglob("*.tmp")]
    assert set(left) <= {".aws", storms.SHARED}, left


def killed(storm: Storm) -> int:
    return sum(one.code < 0 for one in storm.told)
