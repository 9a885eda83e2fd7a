"""``ssoenv sandbox run``, as a process."""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import TYPE_CHECKING

import pytest

from ssoenv.base.dialects import SHELLS
from ssoenv.shells import hook as hook_text

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from tests.conftest import Home

SHOW = "import json, os; print(json.dumps(dict(os.environ)))"


def run(home: Home, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    return home.ssoenv("sandbox", "run", *words, cwd=home.path, **more)


def test_run_in_a_home_of_its_own(home: Home) -> None:
    file = home.path / "sandbox.env"
    more = {
        "AWS_PROFILE": "mine",
        "AWS_ACCESS_KEY_ID": "AKIAMINE",
        "SSOENV_DIR": "/mine",
        "PS1": "(venv) \\u ",
        "XDG_STATE_HOME": "/mine",
        "BROWSER": "mine",
        "no_proxy": "intra.example, localhost",
        "MINE": "kept",
    }
    program = f"{SHOW}; print(open(os.path.expanduser('~/.aws/config')).read())"

    result = run(home, "--env-file", str(file), "--", sys.executable, "-c", program, **more)

    assert result.returncode == 0, result.stderr
    first, _, config = result.stdout.partition("\n")
    env = json.loads(first)
    assert {name: env.get(name) for name in more} == {
        "AWS_PROFILE": None,
        "AWS_ACCESS_KEY_ID": None,
        "SSOENV_DIR": None,
        "PS1": None,
        "XDG_STATE_HOME": None,
        "BROWSER": env["BROWSER"],
        "no_proxy": "intra.example,localhost,127.0.0.1",
        "MINE": "kept",
    }
    assert "/ssoenv-sandbox-" in env["BROWSER"]
    assert "[sso-session acme]" in config
    assert env["HOME"] != str(home.path)
    assert not os.path.exists(env["HOME"])
    assert not os.path.exists(env["AWS_DATA_PATH"])
    assert not file.exists()


def test_an_administrator_is_there(home: Home) -> None:
    words = ("aws", "--profile", "administrator", "sts", "get-caller-identity", "--output", "text")
    result = run(home, "--", *words)
    assert result.returncode == 0, result.stderr
    assert "arn:aws:iam::888888888888:user/administrator" in result.stdout


def test_zsh_finds_a_start_up_file_and_asks_nothing(home: Home) -> None:
    """Without any, zsh asks everybody but root how to set itself up."""
    quiet = "test -f ~/.zshrc && test -d ~/.local/share/fish/generated_completions"
    assert run(home, "--", "sh", "-c", quiet).returncode == 0


def test_run_for_a_person_keeps_their_browser(home: Home) -> None:
    words = ("--approve", "ask", "--", "printenv", "BROWSER")
    assert run(home, *words, BROWSER="mine").stdout == "mine\n"


def test_run_signs_in(home: Home) -> None:
    """Our own program and the AWS CLI, by the same sandbox, with a user and lifetimes of choice."""
    script = f"""
        {" ".join(hook_text.command_line())} login acme </dev/null >&2 &&
        printf '[profile p]\\nsso_session=acme\\nsso_account_id=333333333333\\n' >> ~/.aws/config &&
        printf 'sso_role_name=ReadOnly\\nregion=us-east-1\\n' >> ~/.aws/config &&
        /usr/bin/aws --profile p sts get-caller-identity --query Arn --output text
    """
    result = run(home, "--user", "bob", "--token-ttl", "2000", "--", "/bin/sh", "-c", script)
    assert result.returncode == 0, result.stderr
    assert result.stdout.endswith("/bob\n")
    assert ":333333333333:" in result.stdout


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("/bin/sh", "-c", "exit 7"), 7),
        (("--", "/bin/sh", "-c", "exit 0"), 0),
        (("--", "/bin/sh", "-c", "kill -TERM $$"), 143),
        (("--", "/bin/sh", "-c", 'test "$1" = --', "sh", "--"), 0),
    ],
)
def test_run_ends_as_the_command_does(home: Home, words: tuple[str, ...], code: int) -> None:
    result = run(home, *words)
    assert (result.returncode, result.stdout, result.stderr) == (code, "", "")


@pytest.mark.parametrize(
    ("word", "code", "message"),
    [
        ("no-such-command", 127, "ssoenv: no-such-command: command not found\n"),
        ("/etc/passwd", 126, "ssoenv: /etc/passwd: Permission denied\n"),
        ("/", 126, "ssoenv: /: Permission denied\n"),
    ],
)
def test_run_a_command_that_cannot_be(home: Home, word: str, code: int, message: str) -> None:
    result = run(home, "--", word)
    assert (result.returncode, result.stdout, result.stderr) == (code, "", message)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_run_that_is_stopped_tidies_up(home: Home, tmp_path: Path, number: signal.Signals) -> None:
    """SIGTERM is passed on to the command; Ctrl-C the terminal sends to both."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    command = ("sandbox", "run", "--", "/bin/sh", "-c", "echo ready; exec sleep 60")
    process = home.start(*hook_text.command_line(), *command, TMPDIR=str(temporary))
    assert process.stdout
    assert process.stdout.readline() == "ready\n"

    if number == signal.SIGTERM:
        process.send_signal(number)
    else:
        os.killpg(process.pid, number)

    assert process.communicate(timeout=20) == ("", "")
    assert process.returncode == 128 + number
    assert list(temporary.iterdir()) == []


def test_run_stopped_as_its_command_starts(home: Home) -> None:
    """The command itself stops us, which is as early as it can be."""
    for _ in range(4):
        result = run(home, "--", "/bin/sh", "-c", "kill -TERM $PPID; exec sleep 60")
        assert (result.returncode, result.stdout, result.stderr) == (143, "", "")


def test_run_has_the_same_options(home: Home) -> None:
    result = run(home, "--world", "none.toml", "--", "echo", "never")
    assert (result.returncode, result.stdout) == (5, "")
    assert "No such file" in result.stderr
    assert run(home).returncode == 2


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_is_told_how_it_gets_the_hook(home: Home, shell: str) -> None:
    told = run(home, "--", shell)
    assert told.returncode == 0
    assert told.stderr.splitlines()[-1] == "  ssoenv setup"
    # A script is no person.
    for words in (("true",), (shell, "-c", "true")):
        assert run(home, "--", *words).stderr == ""


@pytest.mark.parametrize("kind", ["file", "link", "fifo", "folder"])
def test_an_env_file_takes_the_place_of_nothing(home: Home, kind: str) -> None:
    path = home.path / "mine.env"
    if kind == "file":
        path.write_text("precious\n")
    elif kind == "link":
        path.symlink_to("nowhere")
    elif kind == "fifo":
        os.mkfifo(path)
    else:
        path.mkdir()
    before = path.lstat().st_ino
    answer = home.ssoenv("sandbox", "run", "--env-file", str(path), "--", "true")
    assert (answer.returncode, answer.stdout) == (2, "")
    assert "is there already" in answer.stderr
    assert path.lstat().st_ino == before


def test_what_a_killed_sandbox_left_is_replaced(home: Home) -> None:
    path = home.path / "mine.env"
    path.write_text("export AWS_ENDPOINT_URL_SSO='http://127.0.0.1:1'\n")
    answer = home.ssoenv("sandbox", "run", "--env-file", str(path), "--", "true")
    assert answer.returncode == 0, answer.stderr
    assert not path.exists()
