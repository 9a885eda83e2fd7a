"""``ssoenv sandbox serve`` and ``run``, as processes."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

from ssoenv import hook_text
from ssoenv.cli import sandbox as command
from ssoenv.errors import SsoenvError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import Home

SHOW = "import json, os; print(json.dumps(dict(os.environ)))"
URLS = ("AWS_ENDPOINT_URL_SSO", "AWS_ENDPOINT_URL_SSO_OIDC", "AWS_ENDPOINT_URL_STS")


class Serving:
    """A sandbox that serves as a process, in a temporary folder of its own."""

    def __init__(self, home: Home, *options: str) -> None:
        self.temporary = home.path.parent / "temporary"
        self.temporary.mkdir()
        self.process = subprocess.Popen(
            [*hook_text.program(), "sandbox", "serve", *options],
            env=home.env | {"TMPDIR": str(self.temporary)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        last = "export no_proxy=" if "ask" in options else "export BROWSER="
        self.lines = [self.process.stdout.readline()]
        while not self.lines[-1].startswith(last):
            assert self.lines[-1], self.process.communicate()[1]
            self.lines.append(self.process.stdout.readline())

    def environment(self) -> dict[str, str]:
        """What a shell makes of the lines that it printed."""
        script = "".join(self.lines) + f"exec '{sys.executable}' -Ic '{SHOW}'"
        return shown(["/bin/sh", "-euc", script])

    def end(self, number: signal.Signals) -> tuple[int, str, str]:
        """Stop it; return its exit code and what it said since."""
        self.process.send_signal(number)
        output, errors = self.process.communicate(timeout=20)
        return self.process.returncode, output, errors


def shown(words: list[str]) -> dict[str, str]:
    result = subprocess.run(words, env={}, check=True, capture_output=True, text=True)
    found: dict[str, str] = json.loads(result.stdout)
    return found


@contextlib.contextmanager
def serving(home: Home, *options: str) -> Iterator[Serving]:
    """A sandbox that serves, and is gone afterwards in any case."""
    one = Serving(home, *options)
    try:
        yield one
    finally:
        if one.process.poll() is None:
            one.process.kill()
            one.process.communicate()


def get(url: str) -> Any:
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=5) as page:
        return json.load(page)


def run(home: Home, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    return home.ssoenv("sandbox", "run", *words, cwd=home.path, **more)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_serve_until_stopped(home: Home, number: signal.Signals, code: int) -> None:
    file = home.path / "sand box.env"
    with serving(home, "--env-file", str(file)) as one:
        env = one.environment()
        url = env["AWS_ENDPOINT_URL_SSO"]
        assert {env[name] for name in URLS} == {url}
        assert (env["NO_PROXY"], env["no_proxy"]) == ("127.0.0.1,localhost",) * 2
        assert env["AWS_EC2_METADATA_DISABLED"] == "true"
        assert env["BROWSER"].endswith(" %s &")
        assert os.path.isdir(env["AWS_DATA_PATH"])
        assert file.read_text() == "".join(one.lines)
        assert file.stat().st_mode & 0o777 == 0o600
        assert get(f"{url}/_sandbox/requests") == []

        ended, output, errors = one.end(number)

    assert (ended, output) == (code, "")
    assert errors == f"ssoenv: serving at {url}; Ctrl-C ends it\n"
    assert not file.exists()
    assert list(one.temporary.iterdir()) == []
    with socket.socket() as probe, pytest.raises(OSError, match="refused"):
        probe.connect(("127.0.0.1", int(url.rpartition(":")[2])))


def test_serve_for_a_person(home: Home) -> None:
    with serving(home, "--approve", "ask", "--user", "bob") as one:
        assert "BROWSER" not in one.environment()


def test_serve_another_file_is_left_alone(home: Home) -> None:
    file = home.path / "sandbox.env"
    with serving(home, "--env-file", str(file)) as one:
        file.write_text("mine")
        one.end(signal.SIGTERM)
    assert file.read_text() == "mine"


def test_serve_a_file_that_cannot_be_written(home: Home) -> None:
    result = home.ssoenv("sandbox", "serve", "--env-file", "/proc/none/sandbox.env")
    assert (result.returncode, result.stdout) == (1, "")
    assert "/proc/none" in result.stderr
    assert "Traceback" not in result.stderr


def test_run_in_a_home_of_its_own(home: Home) -> None:
    file = home.path / "sandbox.env"
    more = {
        "AWS_PROFILE": "mine",
        "AWS_ACCESS_KEY_ID": "AKIAMINE",
        "SSOENV_DIR": "/mine",
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


def test_run_for_a_person_keeps_their_browser(home: Home) -> None:
    words = ("--approve", "ask", "--", "printenv", "BROWSER")
    assert run(home, *words, BROWSER="mine").stdout == "mine\n"


def test_run_signs_in(home: Home) -> None:
    """Our own program and the AWS CLI, by the same sandbox, with a user and lifetimes of choice."""
    script = f"""
        {" ".join(hook_text.program())} login acme </dev/null >&2 &&
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
    process = subprocess.Popen(
        [
            *hook_text.program(),
            "sandbox",
            "run",
            "--",
            "/bin/sh",
            "-c",
            "echo ready; exec sleep 60",
        ],
        env=home.env | {"TMPDIR": str(temporary)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    time.sleep(0.1)  # for the exec of sleep

    if number == signal.SIGTERM:
        process.send_signal(number)
    else:
        os.killpg(process.pid, number)

    assert process.communicate(timeout=20) == ("", "")
    assert process.returncode == 128 + number
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--approve", "maybe"), 2, "one of ask, auto, deny"),
        (("--user", "carol"), 2, "there is: alice, bob"),
        (("--world", "w.toml", "--accounts", "3"), 2, "not both"),
        (("--roles", "3"), 2, "--roles needs --accounts"),
        (("--port", "70000"), 2, "70000"),
        (("--world", "none.toml"), 5, "No such file"),
        (("--world", "/dev/null"), 5, "there is no [[instances]]"),
    ],
)
def test_options_that_cannot_be(
    home: Home, options: tuple[str, ...], code: int, words: str
) -> None:
    result = home.ssoenv("sandbox", "serve", *options)
    assert (result.returncode, result.stdout) == (code, "")
    assert words in result.stderr
    assert "Traceback" not in result.stderr


def test_run_has_the_same_options(home: Home) -> None:
    result = run(home, "--world", "none.toml", "--", "echo", "never")
    assert (result.returncode, result.stdout) == (5, "")
    assert "No such file" in result.stderr
    assert run(home).returncode == 2


def test_a_port_that_is_taken(home: Home) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = home.ssoenv("sandbox", "serve", "--port", port)
    assert result.returncode == 2
    assert f"cannot listen on port {port}" in result.stderr
    assert "try: --port 0" in result.stderr


@pytest.mark.parametrize("missing", ["waitress", "werkzeug"])
def test_without_the_extra(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    for name in [name for name in sys.modules if name.startswith("ssoenv.sandbox")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, missing, None)
    for name in [name for name in sys.modules if name.startswith(f"{missing}.")]:
        monkeypatch.delitem(sys.modules, name)

    with pytest.raises(SsoenvError) as caught:
        command.make(0, "auto", "", None, 0, None, 3600, 3600)
    assert caught.value.message == f"the sandbox needs {missing}"
    assert caught.value.hint == "pip install 'ssoenv[sandbox]'"
