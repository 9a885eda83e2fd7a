"""``ssoenv exec --serve``: a command without keys that outlives each of them, and nobody else's."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.parse import urlsplit

import pytest

from ssoenv import sign_in
from ssoenv.aws_files import default_profile
from ssoenv.base import beside, clock, paths
from ssoenv.base.errors import (
    AccessDenied,
    ServiceUnavailable,
    SignInRequired,
    SsoenvError,
    UsageError,
)
from ssoenv.base.models import Credentials, Role
from ssoenv.credentials import fetching, serving
from ssoenv.credentials.admission import admit
from ssoenv.credentials.endpoint import PATH, Address, Endpoint, parse_address
from ssoenv.credentials.terms import Terms
from ssoenv.identity_center import kept_listings
from ssoenv.settings import Settings
from ssoenv.shells import hook as hook_text
from tests.sign_in.people import ACME, AWS, NEVER, Recorder, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssoenv.credentials.protection import Use
    from tests.sign_in.people import Person

DEV = "111111111111"
KEYS = Credentials("ASIASERVED", "a-secret", "a-token", clock.now() + 3600, DEV, "Developer")
TELL = """
import boto3, json, os, sys
session = boto3.Session()
for line in sys.stdin:
    found = session.get_credentials()
    who = session.client("sts", region_name="us-east-1").get_caller_identity()
    print(json.dumps([found.access_key, found.method, who["Account"], dict(os.environ)]), flush=True)
"""
"""Says, for each line, whose credentials boto3 has."""


class Served:
    """A command that runs by ``ssoenv exec --serve``, and says what it has whenever it is asked."""

    def __init__(self, alice: Person, *words: str) -> None:
        command = [*hook_text.command_line(), "exec", *words, "--", sys.executable, "-c", TELL]
        self.process = subprocess.Popen(
            command,
            env=alice.env | {"PWD": str(alice.home.path)},
            cwd=alice.home.path,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        alice.home.closing.enter_context(self.process)
        alice.home.closing.callback(self.process.kill)

    def ask(self) -> tuple[str, str, str, dict[str, str]]:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        key, method, account, env = json.loads(self.process.stdout.readline())
        return key, method, account, env

    def end(self) -> int:
        assert self.process.stdin
        self.process.stdin.close()
        return self.process.wait(20)


def listens(url: str) -> bool:
    parts = urlsplit(url)
    with contextlib.suppress(OSError):
        socket.create_connection((parts.hostname or "", parts.port or 0), 1).close()
        return True
    return False


def fetch(url: str, **headers: str) -> tuple[int, dict[str, Any]]:
    request = urllib.request.Request(url, headers=headers)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return answer.status, json.load(answer)
    except HTTPError as refused:
        with refused:
            return refused.code, json.loads(refused.read() or b"{}")


def test_a_command_outlives_its_keys(alice: Person) -> None:
    alice.hold(3600)
    alice.sandbox.state.credentials_ttl = 600
    served = Served(alice, "--serve", f"{DEV}/Developer")
    first, method, account, env = served.ask()
    assert (method, account) == ("container-role", DEV)
    assert first in alice.sandbox.state.keys
    url, token = (env[f"AWS_CONTAINER_{name}"] for name in ("CREDENTIALS_FULL_URI", "AUTHORIZATION_TOKEN"))  # fmt: skip
    assert not {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"} & set(env)  # fmt: skip
    # Nobody else has it: not without the token, and not by its name from elsewhere.
    assert fetch(url, Authorization="wrong")[0] == 401
    assert fetch(url, Authorization=token, Host="evil.example")[0] == 403
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            assert token.encode() not in process.read_bytes()

    alice.sandbox.advance(700)
    assert alice.sandbox.state.keys[first].expires < alice.sandbox.state.now()
    second, _, account, _ = served.ask()
    assert second != first
    assert account == DEV

    assert listens(url)
    assert served.end() == 0
    wait_until(lambda: not listens(url))


def test_the_aws_cli_has_it_too_and_an_own_default_does_not_win(alice: Person) -> None:
    """SDKs ask [default] before they ask the endpoint."""
    alice.hold(3600)
    with open(paths.aws_config_file(alice.env), "a") as config:
        config.write("\n[default]\nregion = eu-west-3\ncredential_process = /bin/echo no\n")
    keys = alice.home.path / ".aws/credentials"
    keys.write_text("[default]\naws_access_key_id = AKIAMINE\naws_secret_access_key = mine\n")
    script = f'{AWS} sts get-caller-identity --output text; cat "$AWS_CONFIG_FILE"; echo "$AWS_CONFIG_FILE"'
    done = alice.home.ssoenv(
        "exec", "--serve", f"{DEV}/Developer", "--", "sh", "-c", script, AWS_PROFILE="mine"
    )
    assert done.returncode == 0, done.stderr
    who, *kept, copy = done.stdout.splitlines()
    assert ":assumed-role/AWSReservedSSO_Developer" in who
    assert "region = eu-west-3" in kept
    assert "credential_process" not in str(kept)
    assert copy.startswith(paths.state(alice.env))
    wait_until(lambda: not Path(copy).exists())


@pytest.mark.parametrize("signal", ["KILL", "TERM"])
def test_the_endpoint_ends_with_a_command_that_is_killed(alice: Person, signal: str) -> None:
    alice.hold(3600)
    script = f"echo $AWS_CONTAINER_CREDENTIALS_FULL_URI; kill -{signal} $$"
    done = alice.home.ssoenv("exec", "--serve", f"{DEV}/Developer", "--", "sh", "-c", script)
    assert done.returncode in (-9, -15, 137, 143)
    wait_until(lambda: not listens(done.stdout.strip()))


def test_status_tells_where_a_command_has_its_credentials_from(alice: Person) -> None:
    alice.hold(3600)
    asks = ("--", *hook_text.command_line(), "status")
    told = alice.home.ssoenv("exec", "--serve", f"{DEV}/Developer", *asks).stdout
    assert "has credentials served at http://127.0.0.1:" in told
    url = "http://127.0.0.1:1/\x1b[2J"
    odd = alice.home.ssoenv("status", AWS_CONTAINER_CREDENTIALS_FULL_URI=url).stdout
    assert "\x1b" not in odd


def test_what_cannot_be_started_leaves_nothing(alice: Person) -> None:
    alice.hold(3600)
    done = alice.home.ssoenv("exec", "--serve", f"{DEV}/Developer", "--", "no-such-command")
    assert (done.returncode, done.stdout) == (127, "")


def test_a_command_that_waits_for_its_children_does_not_wait_for_ours(alice: Person) -> None:
    alice.hold(3600)
    waits = "import os\ntry:\n  os.wait()\nexcept ChildProcessError:\n  print('none')"
    words = ("exec", "--serve", f"{DEV}/Developer", "--", sys.executable, "-c", waits)
    assert alice.home.ssoenv(*words).stdout == "none\n"


class Silent(Recorder):
    """Somebody who is not asked."""

    def allow(self, use: Use, seconds: int) -> bool:
        raise AssertionError(use, seconds)

    def waiting_for_answer(self) -> None:
        raise AssertionError


def test_what_is_served_follows_the_sign_in_and_the_settings(alice: Person) -> None:
    alice.hold(3600)
    admission = admit(Role("acme", DEV, ("Developer",)), Terms(alice.env, Settings(), NEVER, Silent()))  # fmt: skip
    first = serving.obtain(admission)
    assert serving.obtain(admission) == first  # the cache's

    sign_in.sign_out(ACME, alice.env)
    with pytest.raises(SignInRequired):
        serving.obtain(admission)
    alice.hold(3600)
    assert serving.obtain(admission).access_key_id != first.access_key_id

    settings = alice.home.path / ".config/ssoenv/config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text('protect = ["*:Developer"]\n')
    assert serving.obtain(admission)  # it was asked for before
    settings.write_text('never = ["*:Developer"]\n')
    with pytest.raises(AccessDenied):
        serving.obtain(admission)
    # A name that no list tells yet is asked for before anything is given.
    kept_listings.forget(alice.env, "acme")
    settings.write_text('never = ["dev:*"]\n')
    with pytest.raises(AccessDenied):
        serving.obtain(admission)
    settings.write_text('never = ["prod:*"]\n')
    assert serving.obtain(admission)
    kept_listings.forget(alice.env, "acme")
    alice.sandbox.fail("ListAccounts", 503, times=100)
    with pytest.raises(ServiceUnavailable):
        serving.obtain(admission)


def test_nobody_waits_for_a_renewal_and_who_asks_nothing_causes_none(
    alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice.hold(7200)
    monkeypatch.setattr(serving, "PAUSE", 0.0)
    role = Role("acme", DEV, ("Developer",))
    supply = serving.Supply(admit(role, Terms(alice.env, Settings(), NEVER, Silent())))
    supply.take()
    assert alice.calls("GetRoleCredentials") == 1
    supply = serving.Supply(admit(role, Terms(alice.env, Settings(), NEVER, Silent())))
    # From now on those that are an hour long are about to end.
    monkeypatch.setattr(fetching, "MIN_LIFETIME", 3601)
    supply.take()
    wait_until(lambda: alice.calls("GetRoleCredentials") >= 4)  # asked, seen, renewed

    def settled() -> bool:
        """Whether no call comes for a while; without a pause one would, if nobody had to ask."""
        before = alice.calls("GetRoleCredentials")
        time.sleep(0.5)
        return alice.calls("GetRoleCredentials") == before

    wait_until(settled)


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    """One that gives KEYS."""
    made = Endpoint(Address())
    thread = threading.Thread(target=made.answer_by, args=(lambda: KEYS,))
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.close()


def test_only_the_right_request_is_answered(endpoint: Endpoint) -> None:
    port = urlsplit(endpoint.url).port
    right = {"Authorization": endpoint.token}
    status, document = fetch(endpoint.url, **right)
    assert status == 200
    assert document == {
        "AccessKeyId": "ASIASERVED",
        "SecretAccessKey": "a-secret",
        "Token": "a-token",
        "Expiration": clock.render_timestamp(KEYS.expiration),
        "AccountId": DEV,
    }
    assert fetch(endpoint.url, **right, Host=f"localhost:{port}")[0] == 200
    for host in ("evil.example", f"evil.example:{port}", "127.0.0.1", f"127.0.0.1:{port}1", ""):
        assert fetch(endpoint.url, **right, Host=host)[0] == 403
    for token in ("", "wrong", f"Bearer {endpoint.token}", f"{endpoint.token}x", "\u00e9"):
        assert fetch(endpoint.url, Authorization=token)[0] == 401
    assert fetch(endpoint.url)[0] == 401
    root = endpoint.url.removesuffix(PATH)
    for path in ("/", "/other", f"/{PATH}", f"{PATH}/", f"{PATH}?x", f"{PATH}/../x"):
        assert fetch(root + path, **right)[0] == 404
    for method in ("POST", "PUT", "HEAD", "OPTIONS"):
        request = urllib.request.Request(endpoint.url, headers=right, method=method)  # noqa: S310
        with pytest.raises(HTTPError) as refused:
            urllib.request.urlopen(request, timeout=10)  # noqa: S310
        refused.value.close()
        assert refused.value.code == 501


def say(endpoint: Endpoint, request: bytes) -> bytes:
    parts = urlsplit(endpoint.url)
    with socket.create_connection((parts.hostname or "", parts.port or 0), 10) as connection:
        connection.sendall(request)
        return connection.makefile("rb").read()


def test_two_hosts_two_tokens_and_floods_get_nothing(endpoint: Endpoint) -> None:
    host = f"Host: {urlsplit(endpoint.url).netloc}\r\n".encode()
    token = f"Authorization: {endpoint.token}\r\n".encode()
    line = f"GET {PATH} HTTP/1.1\r\n".encode()
    assert b"ASIASERVED" in say(endpoint, line + host + token + b"\r\n")
    for odd in (
        line + host + host + token + b"\r\n",
        line + host + token + token + b"\r\n",
        line + token + b"\r\n",
        line + host + b"X: y\r\n" * 200 + token + b"\r\n",
        b"GET " + b"/" * 70_000 + b" HTTP/1.1\r\n\r\n",
        b"rubbish\r\n\r\n",
    ):
        with contextlib.suppress(OSError):
            assert b"ASIA" not in say(endpoint, odd)


def test_slow_clients_keep_nobody_waiting(endpoint: Endpoint) -> None:
    parts = urlsplit(endpoint.url)
    with contextlib.ExitStack() as slow:
        for _ in range(80):
            address = parts.hostname or "", parts.port or 0
            one = slow.enter_context(socket.create_connection(address, 10))
            one.sendall(b"GET /")
        began = time.monotonic()
        assert fetch(endpoint.url, Authorization=endpoint.token)[0] == 200
        assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    ("failure", "status", "mends"),
    [
        (SignInRequired("nobody is signed in\x1b[2J", fix="ssoenv login"), 403, "; try: ssoenv login"),
        (AccessDenied("not so", advice="see the settings"), 403, "not so; see the settings"),
        (ServiceUnavailable("no", fix="ssoenv doctor", advice="or wait"), 503, "; or wait; try: ssoenv doctor"),
        (KeyError("a-secret"), 500, "KeyError"),
    ],
)  # fmt: skip
def test_what_goes_wrong_is_said_to_who_asks(failure: Exception, status: int, mends: str) -> None:
    made = Endpoint(Address())

    def fail() -> Credentials:
        raise failure

    threading.Thread(target=made.answer_by, args=(fail,), daemon=True).start()
    try:
        code, body = fetch(made.url, Authorization=made.token)
    finally:
        made.shutdown()
        made.close()
    assert code == status
    assert body["message"].endswith(mends)
    assert "a-secret" not in str(body)
    assert "\x1b" not in str(body)


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("127.0.0.1", "127.0.0.1", 0),
        ("localhost:8099", "127.0.0.1", 8099),
        ("169.254.170.2:80", "169.254.170.2", 80),
        ("172.17.0.1", "172.17.0.1", 0),
        ("::1", "::1", 0),
        ("[::1]:8099", "::1", 8099),
        ("[fd00:ec2::23]", "fd00:ec2::23", 0),
    ],
)
def test_an_address(text: str, host: str, port: int) -> None:
    found = parse_address(text)
    assert found == Address(host, port)
    assert found.is_for_sdks == (host != "172.17.0.1")


@pytest.mark.parametrize(
    "text",
    ["", "example.com", "0.0.0.0",  # noqa: S104
     "::", "8.8.8.8", "224.0.0.1", "127.0.0.1:", "127.0.0.1:x",
     "255.255.255.255", "::ffff:0.0.0.0", "[::ffff:0:0]:80", "::ffff:8.8.8.8", "::ffff:255.255.255.255",
     "127.0.0.1:65536", "[::1]8", "1.2.3", "[::1", "127.0.0.1:-1", "fe80::1%eth0"],
)  # fmt: skip
def test_what_is_no_address_for_it(text: str) -> None:
    with pytest.raises(UsageError):
        parse_address(text)


def test_an_address_that_is_not_to_be_had(endpoint: Endpoint) -> None:
    taken = urlsplit(endpoint.url).port or 0
    for address in (Address("127.0.0.1", taken), Address("198.18.0.77")):
        with pytest.raises(UsageError):
            Endpoint(address)


def test_ipv6_has_its_own_host(alice: Person) -> None:
    made = Endpoint(Address("::1"))
    threading.Thread(target=made.answer_by, args=(lambda: KEYS,), daemon=True).start()
    try:
        assert made.url.startswith("http://[::1]:")
        assert fetch(made.url, Authorization=made.token)[0] == 200
    finally:
        made.shutdown()
        made.close()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[default]\nregion = x\n", None),
        ("[profile p]\nsso_session = s\n[sso-session s]\nsso_region = x\n", None),
        (
            "# mine\n[default]\nsso_session = s\nregion = x\n[sso-session s]\nsso_region = x\n",
            "# mine\n[default]\nregion = x\n[sso-session s]\nsso_region = x\n",
        ),
        (
            "[profile default]\r\ncredential_process = a\r\n  b = c\r\n\r\n# why\r\nregion=x\r\n",
            "[profile default]\r\n\r\n# why\r\nregion=x\r\n",
        ),
        (
            "[default]\n  ROLE_ARN: x\n  s3 =\n    role_arn = kept\n  output = json\n",
            "[default]\n  s3 =\n    role_arn = kept\n  output = json\n",
        ),
    ],
)
def test_a_default_loses_its_credentials_and_nothing_else(
    alice: Person, before: str, after: str | None
) -> None:
    Path(paths.aws_config_file(alice.env)).write_text(before, newline="")
    assert default_profile.config_without(alice.env) == after


def test_the_end_of_a_process_is_seen_where_no_kernel_tells() -> None:
    ended = subprocess.Popen(["true"])
    wait_until(lambda: beside.began(ended.pid) == "")
    beside.wait_for(ended.pid)
    assert ended.wait() == 0
    assert beside.began(1) == beside.began(1) != ""
    beside.wait_for(ended.pid)  # of which there is none any more


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # Python 3.12: of fork beside threads
def test_no_command_starts_without_what_serves_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise OSError

    monkeypatch.setattr(os, "setsid", fail)
    with pytest.raises(SsoenvError):
        beside.run(lambda: None, (), lambda: None)
    monkeypatch.setattr(os, "fork", fail)
    with pytest.raises(SsoenvError):
        beside.run(lambda: None, (), lambda: None)
