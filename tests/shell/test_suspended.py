"""Shells that were stopped while their credentials ended, as with a machine that slept."""

from __future__ import annotations

import os
import re
import signal
from typing import TYPE_CHECKING

import pytest

from tests.races.clocks import wait_for
from tests.shell.conftest import DEV

if TYPE_CHECKING:
    from tests.shell.conftest import Shell

pytestmark = pytest.mark.sampled(3)

LIFETIME = 5
"""Seconds for which credentials last."""


def test_a_shell_that_slept_has_nothing_of_what_ended_meanwhile(shell: Shell) -> None:
    state = shell.sandbox.state
    state.credentials_ttl = LIFETIME
    shell.run("cd ~/web")
    shell.run("aws who")
    state.credentials_ttl = 3600
    os.kill(shell.terminal.pid, signal.SIGSTOP)
    wait_for(max(keys.expires for keys in state.keys.values()) + 1)
    os.kill(shell.terminal.pid, signal.SIGCONT)

    answer = shell.out("aws who")
    assert shell.role(answer) == DEV
    assert state.keys[shell.key(answer)].expires > state.now()
    shell.run("true")
    left = re.findall(r"ASIASANDBOX\w+", shell.run("env").output)
    assert all(state.keys[key].expires > state.now() for key in left)
