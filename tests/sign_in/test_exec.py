"""``ssoenv exec``: the command is the process, with its signals, its terminal and its environment."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import sys
from typing import TYPE_CHECKING

import pexpect
import pytest

from ssoenv import surroundings
from ssoenv.shells import hook as hook_text
from tests import forked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.sign_in.people import Person

ROLE = "111111111111/Developer"
SHOW = "import json, os; print(json.dumps(dict(os.environ)))"
TELL = """
import os, signal, sys
def told(number, frame):
    size = os.get_terminal_size() if number == signal.SIGWINCH else ""
    words = ("got", signal.Signals(number).name, *map(str, size))
    os.write(1, (" ".join(words) + os.linesep).encode())  # a print may not interrupt another
for name in ("INT", "TERM", "HUP", "CONT", "WINCH", "QUIT"):
    signal.signal(getattr(signal, "SIG" + name), told)
signal.signal(signal.SIGUSR1, lambda *_: sys.exit(7))
print("ready", os.getpid(), os.tcgetpgrp(0) == os.getpgrp(), flush=True)
while True:
    signal.pause()
"""
WAYS = {"role": (ROLE,), "served": ("--serve", ROLE), "none": ("--none",)}


class Bash:
    """An interactive bash on a pty, without any start-up file."""

    def __init__(self, alice: Person, words: tuple[str, ...]) -> None:
        self.prefix = shlex.join([*hook_text.command_line(), "exec", *words, "--"])
        self.child: pexpect.spawn[str] = pexpect.spawn(
            "bash",
            ["--norc", "--noprofile", "-i"],
            env=alice.env | forked.MEASURING | {"PS1": "$ ", "PWD": str(alice.home.path)},
            cwd=alice.home.path,
            encoding="utf-8",
            echo=False,
            timeout=20,
            dimensions=(24, 400),
        )
        self.child.sendline("bind 'set enable-bracketed-paste off'; PS1='<$?>'")
        self.child.expect("<0>")

    def start(self, command: str) -> None:
        """Type a line that runs `command` by ``ssoenv exec``; ``EXEC`` stands for that itself."""
        line = command if "EXEC" in command else f"EXEC {command}"
        self.child.sendline(line.replace("EXEC", self.prefix))

    def status(self, command: str) -> int:
        """Run it to its end; return the exit code that bash has."""
        self.start(command)
        return self.ended()

    def ended(self) -> int:
        return self.number(r"<(\d+)>$")

    def number(self, pattern: str) -> int:
        """Wait for `pattern`; return the number that it has."""
        self.child.expect(pattern)
        assert isinstance(self.child.match, re.Match)
        return int(self.child.match[1])


@pytest.fixture(params=WAYS)
def bash(alice: Person, request: pytest.FixtureRequest) -> Iterator[Bash]:
    alice.hold(3600)
    made = Bash(alice, WAYS[request.param])
    yield made
    made.child.close(force=True)


def test_signals_job_control_and_exit_codes(bash: Bash, alice: Person) -> None:
    (alice.home.path / "tell.py").write_text(TELL)
    bash.start(f"{sys.executable} tell.py")
    pid = bash.number(r"ready (\d+) True")
    bash.child.send("\x03")
    bash.child.expect("got SIGINT")
    bash.child.send("\x1c")
    bash.child.expect("got SIGQUIT")
    bash.child.setwinsize(31, 101)
    bash.child.expect("got SIGWINCH 101 31")
    for number in (signal.SIGTERM, signal.SIGHUP):
        os.kill(pid, number)
        bash.child.expect(f"got {number.name}")
    bash.child.send("\x1a")
    bash.child.expect("Stopped")
    assert bash.ended() == 128 + signal.SIGTSTP
    bash.child.sendline("fg")
    bash.child.expect("got SIGCONT")
    os.kill(pid, signal.SIGUSR1)
    assert bash.ended() == 7

    for script, code in (("exit 3", 3), ("kill -9 $$", 137), ("kill -TERM $$", 143)):
        assert bash.status(f"sh -c '{script}'") == code
    bash.start("sh -c 'echo began; exec sleep 60'")
    bash.child.expect("began")
    bash.child.send("\x03")
    assert bash.ended() == 130
    assert bash.status("EXEC sleep 60 & kill %1; wait %1") == 143


def test_what_goes_through_it(bash: Bash) -> None:
    bash.start("echo through | EXEC cat")
    bash.child.expect("through")
    assert bash.ended() == 0
    bash.start("sh -c 'read -r line; echo \"read $line\"'")
    bash.child.sendline("typed")
    bash.child.expect("read typed")
    assert bash.ended() == 0
    # Whose reader has gone ends by it, as without us.
    bash.start("EXEC yes | head -1; echo ${PIPESTATUS[0]}")
    bash.child.expect("141")
    assert bash.ended() == 0


@pytest.mark.parametrize("ways", [(ROLE,), ("--serve", ROLE)], ids=["keys", "served"])
def test_no_other_role_is_in_the_environment(alice: Person, ways: tuple[str, ...]) -> None:
    alice.hold(3600)
    theirs = dict.fromkeys(surroundings.OTHER_ROLES, "another") | {"AWS_PAGER": "less", "MINE": "x"}
    ran = alice.home.ssoenv(
        "exec", *ways, "--", sys.executable, "-c", SHOW, cwd=alice.home.path, **theirs
    )
    assert ran.returncode == 0, ran.stderr
    env = json.loads(ran.stdout)
    assert "another" not in env.values()
    assert (env["AWS_PAGER"], env["MINE"]) == ("less", "x")
    keys = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"}
    assert keys & set(env) == (set() if "--serve" in ways else keys)


def test_a_clean_environment_has_what_every_program_needs(alice: Person) -> None:
    alice.hold(3600)
    more = {
        "LC_TIME": "C",
        "TZ": "UTC",
        "HTTPS_PROXY": "http://127.0.0.1:1",
        "MINE": "x",
        "LD_PRELOAD_X": "x",
        "GITHUB_TOKEN": "x",
        "SSOENV_DIR": "/p",
    }
    kept = {"HOME", "PATH", "TERM", "PWD", "LANG", "LC_TIME", "TZ", "HTTPS_PROXY"}
    kept |= {"NO_PROXY", "no_proxy"}  # the sandbox has both
    keys = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"}
    marks = {"AWS_CREDENTIAL_EXPIRATION", "SSOENV_GIVEN"}
    served = {"AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN"}
    role = {"AWS_SSO_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION"}
    for ways, given in (
        (("--none",), set[str]()),
        ((ROLE,), keys | marks | role),
        (("--serve", ROLE), served | role),
    ):
        command = ("exec", "--clean", *ways, "--", sys.executable, "-I", "-c", SHOW)
        ran = alice.home.ssoenv(*command, cwd=alice.home.path, **more)
        assert ran.returncode == 0, ran.stderr
        # LC_CTYPE is Python's own doing (PEP 538), in whatever environment.
        assert set(json.loads(ran.stdout)) - {"LC_CTYPE"} == kept | given


def test_a_region_that_is_named_wins(alice: Person) -> None:
    """Over either variable: the AWS CLI takes one first, boto3 the other."""
    alice.hold(3600)
    inherited = {"AWS_REGION": "us-west-1", "AWS_DEFAULT_REGION": "us-west-2"}
    show = 'echo "$AWS_REGION $AWS_DEFAULT_REGION"'
    there = ("--region", "eu-west-3")
    for words, told in (
        (("exec", *there, ROLE, "--", "sh", "-c", show), "eu-west-3 eu-west-3"),
        (("exec", ROLE, "--", "sh", "-c", show), "us-west-1 us-west-2"),
        (("export", ROLE, *there), "export AWS_REGION='eu-west-3'"),
        (("whoami", ROLE, *there), "assumed-role/AWSReservedSSO_Developer"),
    ):
        done = alice.home.ssoenv(*words, cwd=alice.home.path, **inherited)
        assert done.returncode == 0, done.stderr
        assert told in done.stdout
    for words in (("exec", "--none", *there, "--", "true"), ("export", ROLE, "--region", "a;b")):
        assert alice.home.ssoenv(*words).returncode == 2
