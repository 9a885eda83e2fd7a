"""A process that is made to crash while it knows secrets: nothing of them is left, not in a core either."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ssoenv.shells import hook as hook_text
from tests.conftest import PROJECT, WHOLE
from tests.secrets import known
from tests.sign_in.people import Person, wait_until

if TYPE_CHECKING:
    import subprocess

    from ssoenv.sandbox.server import Sandbox
    from tests.conftest import Home

UNLIMITED = 'ulimit -c unlimited; exec "$@"'
"""Starts a program from where every crash leaves a core."""
TELLS = "import time; print('here', flush=True); time.sleep(60)"


@dataclass(frozen=True)
class Waiting:
    """A command that knows secrets and waits: the call that it waits in, or what it has said."""

    words: tuple[str, ...]
    called: str = ""
    says: str = ""
    signed_in: bool = True


COMMANDS = {
    "page": Waiting(("login", "acme"), says="/authorize", signed_in=False),
    "code": Waiting(("login", "--device-code", "acme"), says="/device", signed_in=False),
    "exchange": Waiting(("login", "acme"), called="CreateToken", signed_in=False),
    "credentials": Waiting(("credential-process",), called="GetRoleCredentials"),
    "export": Waiting(("-v", "export"), called="GetRoleCredentials"),
    "first use": Waiting(("ensure", "DIR", "dev", "1.1", "aws", "s3"), called="GetRoleCredentials"),
    "lists": Waiting(("roles", "--refresh"), called="ListAccounts"),
    "console": Waiting(("console", "--print"), called="GetSigninToken"),
    "whoami": Waiting(("whoami", "dev/Developer"), called="GetCallerIdentity"),
}


SIGNALS = (signal.SIGQUIT, signal.SIGABRT)
SAMPLE = {"page": SIGNALS[0], "code": SIGNALS[1], "first use": SIGNALS[0], "console": SIGNALS[1]}
"""What `make test` tries; WHOLE=1 every command with either signal."""
CASES = [(one, how) for one in COMMANDS for how in SIGNALS] if WHOLE else [*SAMPLE.items()]


@pytest.mark.parametrize(("name", "how"), CASES)
def test_a_crash_leaves_no_secret(
    home: Home, sandbox: Sandbox, name: str, how: signal.Signals
) -> None:
    waiting, folder = COMMANDS[name], home.project("web", PROJECT)
    assert home.ssoenv("trust", "--yes", cwd=folder).returncode == 0
    if waiting.signed_in:
        Person(home, sandbox).hold(3600)
    sandbox.set_approve("auto" if waiting.called else "ask")
    if waiting.called:
        sandbox.break_calls(waiting.called, 9, how="silent")
    words = [word.replace("DIR", str(folder)) for word in waiting.words]
    process = start(home, folder, *words)
    heard = hear(process, waiting.says) if waiting.says else ""
    wait_until(lambda: called(sandbox, waiting.called), 60)
    assert core_limit(process.pid) == "0"

    process.send_signal(how)
    out, err = process.communicate(timeout=60)

    assert process.returncode == -how
    left = [one.name for one in (*folder.iterdir(), *home.path.iterdir()) if "core" in one.name]
    assert not left
    assert not known.kinds(out + heard + err, sandbox.state)
    assert not [*known.misplaced(home.path, sandbox.state)]


def test_what_serves_a_command_leaves_no_core_and_the_command_may(
    home: Home, sandbox: Sandbox
) -> None:
    """Its own limit is that of whoever started it."""
    folder = home.project("web", PROJECT)
    assert home.ssoenv("trust", "--yes", cwd=folder).returncode == 0
    Person(home, sandbox).hold(3600)
    process = start(home, folder, "exec", "--serve", "--", sys.executable, "-c", TELLS)
    assert process.stdout
    assert process.stdout.readline() == "here\n"

    assert core_limit(process.pid) == "unlimited"
    (serving,) = [pid for pid in beside(home) if pid != process.pid]
    assert core_limit(serving) == "0"
    process.kill()
    wait_until(lambda: not beside(home))


def start(home: Home, folder: Path, *words: str) -> subprocess.Popen[str]:
    """Start the program where its crash would leave a core."""
    command = ["sh", "-c", UNLIMITED, "sh", *hook_text.command_line(), *words]
    where = f'cd {folder} && exec "$@"'
    return home.start("sh", "-c", where, "sh", *command, PWD=str(folder))


def hear(process: subprocess.Popen[str], word: str) -> str:
    """Read what it says up to the line that has `word`."""
    heard = ""
    assert process.stderr
    for line in process.stderr:
        heard += line
        if word in line:
            return heard
    raise AssertionError(f"never said {word!r}: {heard}")


def called(sandbox: Sandbox, operation: str) -> bool:
    """Whether `operation` was called; a call that gets no answer is in the list all the same."""
    return not operation or any(one["operation"] == operation for one in sandbox.requests())


def core_limit(pid: int) -> str:
    """How large a core of a process may become (proc_pid_limits(5))."""
    text = Path(f"/proc/{pid}/limits").read_text()
    found = re.search(r"^Max core file size +(\S+)", text, re.MULTILINE)
    assert found
    return found[1]


def beside(home: Home) -> list[int]:
    """Return the processes of the program, or started by it, in a home."""
    found = []
    for name in filter(str.isdecimal, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            if f"HOME={home.path}\0" in Path(f"/proc/{name}/environ").read_text(errors="replace"):
                found.append(int(name))
    return found
