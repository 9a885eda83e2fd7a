"""Run the program many times for the price of one start: a process that forks for each run.

Each run is a process of its own, with its environment, directory, streams and exit code; only the
imports are shared. Reads one JSON object per line, answers with one per line.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

ROOT = Path(__file__).parent.parent
PATIENCE = 30


@dataclass(frozen=True)
class Result:
    """How one run ended; `code` is negative for a signal, as subprocess has it."""

    code: int
    out: str
    err: str
    seconds: float


class Runner:
    """Starts the process that forks; a context manager."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.forked"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait(PATIENCE)
        self._process.stdout.close()

    def run(self, words: list[str], env: Mapping[str, str], cwd: Path) -> Result:
        assert self._process.stdin
        assert self._process.stdout
        job = {"words": words, "env": {**env, "PWD": str(cwd)}, "cwd": str(cwd)}
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        return Result(**json.loads(self._process.stdout.readline()))


def _serve() -> None:
    # Everything that a command may need is loaded here, once.
    from ssoenv.cli import app
    from ssoenv.identity_center import client as identity_center

    assert identity_center
    app.build()
    for line in sys.stdin:
        print(json.dumps(_run(json.loads(line))), flush=True)  # noqa: T201 - this is the answer


def _run(job: dict[str, Any]) -> dict[str, Any]:
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        began = time.monotonic()
        child = os.fork()
        if child == 0:
            _become(job, out.fileno(), err.fileno())
        status = _wait(child)
        seconds = time.monotonic() - began
        out.seek(0)
        err.seek(0)
        return {
            "code": os.waitstatus_to_exitcode(status),
            "out": out.read().decode("utf-8", "replace"),
            "err": err.read().decode("utf-8", "replace"),
            "seconds": seconds,
        }


def _wait(child: int) -> int:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status
        time.sleep(0.002)
    os.kill(child, 9)
    return os.waitpid(child, 0)[1]


def _become(job: dict[str, Any], out: int, err: int) -> None:
    code = 99
    try:
        os.setsid()
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(out, 1)
        os.dup2(err, 2)
        os.chdir(job["cwd"])
        os.environ.clear()
        os.environ.update(job["env"])
        from ssoenv import __main__

        code = __main__.run(job["words"])
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)


if __name__ == "__main__":
    _serve()
