"""``ssoenv sandbox serve``, as a process, and the options that it shares with ``run``."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

from ssoenv.base.extras import how_to_add
from ssoenv.shells import hook as hook_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Home

SHOW = "import json, os; print(json.dumps(dict(os.environ)))"
URLS = (
    "AWS_ENDPOINT_URL_SSO",
    "AWS_ENDPOINT_URL_SSO_OIDC",
    "AWS_ENDPOINT_URL_STS",
    "AWS_ENDPOINT_URL_SIGNIN",
)


class Serving:
    """A sandbox that serves as a process, in a temporary folder of its own."""

    def __init__(self, home: Home, *options: str, folder: str) -> None:
        self.temporary = home.path.parent / folder
        self.temporary.mkdir()
        self.process = subprocess.Popen(
            [*hook_text.command_line(), "sandbox", "serve", *options],
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
def serving(home: Home, *options: str, folder: str = "temporary") -> Iterator[Serving]:
    """A sandbox that serves, and is gone afterwards in any case."""
    one = Serving(home, *options, folder=folder)
    try:
        yield one
    finally:
        if one.process.poll() is None:
            one.process.kill()
            one.process.communicate()


def get(url: str) -> Any:
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=5) as page:
        return json.load(page)


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
    first, *rest = errors.splitlines()
    assert first == f"ssoenv: serving at {url}; Ctrl-C ends it"
    start_url = "https://d-0000000000.awsapps.com/start"
    assert rest == [
        f"  start URL  {start_url}",
        "  region     us-east-1",
        "  session    acme",
        "  in a shell that has read the lines above:",
        f"  . '{file}'",
        f"  ssoenv setup --start-url {start_url} --region us-east-1 --session acme",
    ]
    assert not file.exists()
    assert list(one.temporary.iterdir()) == []
    with socket.socket() as probe, pytest.raises(OSError, match="refused"):
        probe.connect(("127.0.0.1", int(url.rpartition(":")[2])))


def test_who_asks_a_sandbox_that_has_ended_learns_of_it(home: Home) -> None:
    with serving(home) as one:
        home.env |= one.environment()
        one.end(signal.SIGTERM)
    start_url = "https://d-0000000000.awsapps.com/start"
    where = ("--start-url", start_url, "--region", "us-east-1")
    home.ssoenv("configure", "session", "acme", *where, "--yes")
    told = home.ssoenv("login", "acme", "--device-code")
    assert (told.returncode, told.stdout) == (7, "")
    assert "that is on this machine: a sandbox that has ended?" in told.stderr
    assert ". ./sandbox.env" in told.stderr
    assert "  try: ssoenv sandbox serve --env-file sandbox.env\n" in told.stderr
    assert "VPN" not in told.stderr


def test_serve_for_a_person(home: Home) -> None:
    with serving(home, "--approve", "ask", "--user", "bob") as one:
        assert "BROWSER" not in one.environment()


def test_serve_stopped_many_times_over(home: Home) -> None:
    """A signal may arrive while the one before it is handled, or just as the wait begins."""
    for number in range(4):
        with serving(home, folder=f"temporary-{number}") as one:
            for _ in range(50):
                one.process.send_signal(signal.SIGHUP)
                one.process.send_signal(signal.SIGTERM)
            one.end(signal.SIGTERM)
            # An interpreter about to end has no handlers any more.
            assert one.process.returncode in (0, -signal.SIGHUP, -signal.SIGTERM)


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


@pytest.mark.parametrize("words", [("serve",), ("run", "--world")])
def test_a_world_that_is_a_pipe_is_refused_and_nothing_waits(
    home: Home, words: tuple[str, ...]
) -> None:
    os.mkfifo(home.path / "a pipe")
    options = ("--world", "a pipe") if words == ("serve",) else ("a pipe", "true")
    result = home.ssoenv("sandbox", *words, *options)
    assert (result.returncode, result.stdout) == (5, "")
    assert "cannot read the world file a pipe: not a regular file" in result.stderr
    assert "ls -l 'a pipe'" in result.stderr


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--approve", "maybe"), 2, "one of ask, auto, deny"),
        (("--user", "carol"), 2, "there is: alice, bob"),
        (("--world", "w.toml", "--accounts", "3"), 2, "not both"),
        (("--roles", "3"), 2, "--roles needs --accounts"),
        (("--world", "w.toml", "--large"), 2, "not both"),
        (("--burst", "3"), 2, "need --rate"),
        (("--rate", "nan"), 2, "--rate"),
        (("--rate", "1e-320"), 2, "--rate"),
        (("--provisioning", "nan"), 2, "--provisioning"),
        (("--provisioning", "1e300"), 2, "--provisioning"),
        (("--latency", "1000000000000000"), 2, "--latency"),
        (("--burst", "9" * 400), 2, "--burst"),
        (("--token-ttl", "1" + "0" * 23), 2, "--token-ttl"),
        (("--credentials-ttl", "99999999999999"), 2, "--credentials-ttl"),
        (("--port", "70000"), 2, "70000"),
        (("--world", "none.toml"), 5, "No such file"),
        (("--world", "/dev/null"), 5, "not a regular file"),
        (("--world", "."), 5, "Is a directory"),
    ],
)
def test_options_that_cannot_be(
    home: Home, options: tuple[str, ...], code: int, words: str
) -> None:
    result = home.ssoenv("sandbox", "serve", *options)
    assert (result.returncode, result.stdout) == (code, "")
    assert words in result.stderr
    assert "Traceback" not in result.stderr


def test_a_port_that_is_taken(home: Home) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = home.ssoenv("sandbox", "serve", "--port", port)
    assert result.returncode == 2
    assert f"cannot listen on port {port}" in result.stderr
    assert "--port 0 picks" in result.stderr


@pytest.mark.parametrize(
    ("words", "missing", "what"),
    [
        (("sandbox", "serve"), "waitress", "the sandbox"),
        (("sandbox", "run", "true"), "werkzeug", "the sandbox"),
        (("demo",), "pexpect", "the demo"),
        (("demo",), "waitress", "the demo"),
    ],
)
def test_without_the_extra(home: Home, words: tuple[str, ...], missing: str, what: str) -> None:
    program = (
        f"import sys; sys.modules[{missing!r}] = None\n"
        f"from ssoenv.__main__ import run; sys.exit(run({list(words)!r}))"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], env=home.env, capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stdout) == (1, "")
    assert f"{what} needs {missing}" in result.stderr
    assert how_to_add("sandbox") in result.stderr
