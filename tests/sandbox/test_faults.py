"""How calls of the sandbox can be told to fail: by count, and on the wire, byte by byte."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import time
from typing import TYPE_CHECKING

import pytest

from ssoenv.sandbox import breaking, faults
from ssoenv.sandbox.pace import Pace
from ssoenv.sandbox.server import Sandbox
from tests.sandbox.caller import REFRESH, Caller
from tests.sandbox.test_serve import serving

if TYPE_CHECKING:
    from tests.conftest import Home

REGISTER = json.dumps({"clientName": "x", "clientType": "public", "scopes": ["sso:account:access"]})


def raw(sandbox: Sandbox, seconds: float = 1.0) -> tuple[bytes, str]:
    """Register a client; return the bytes that came, and how that ended: closed, reset or silent."""
    host, _, port = sandbox.url.removeprefix("http://").partition(":")
    request = (
        f"POST /client/register HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/json\r\n"
        f"Connection: close\r\nContent-Length: {len(REGISTER)}\r\n\r\n{REGISTER}"
    )
    data = b""
    until = time.monotonic() + seconds
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(request.encode())
        while True:
            connection.settimeout(max(0.01, until - time.monotonic()))
            try:
                part = connection.recv(65536)
            except ConnectionResetError:
                return data, "reset"
            except TimeoutError:
                return data, "silent"
            if not part:
                return data, "closed"
            data += part


def test_an_answer_that_breaks_on_the_wire(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(breaking, "DRIP", 0.001)
    sandbox = caller.sandbox
    whole, end = raw(sandbox)
    assert end == "closed"
    head, _, body = whole.partition(b"\r\n\r\n")
    length = len(body)
    assert f"Content-Length: {length}".encode() in head
    seen = {}
    for how in faults.BROKEN:
        sandbox.break_calls("RegisterClient", how=how)
        seen[how] = raw(sandbox)
    assert seen["hang-up"] == (b"", "reset")
    assert seen["silent"] == (b"", "silent")
    for how, end in (("reset", "reset"), ("cut", "closed")):
        came, ended = seen[how]
        assert ended == end
        assert b"200 OK" in came
        assert len(came.partition(b"\r\n\r\n")[2]) == length // 2
    for how in ("slow-headers", "slow-body"):
        came, ended = seen[how]
        assert ended == "closed"
        assert len(came.partition(b"\r\n\r\n")[2]) == length
        json.loads(came.partition(b"\r\n\r\n")[2])
    assert raw(sandbox)[1] == "closed"  # the fault is over
    assert len(sandbox.requests()) == len(faults.BROKEN) + 2


def test_one_that_is_slow_comes_a_byte_at_a_time(caller: Caller) -> None:
    caller.sandbox.break_calls("RegisterClient", how="slow-body")
    came, end = raw(caller.sandbox, 1.5)
    assert end == "silent"
    assert 3 < len(came.partition(b"\r\n\r\n")[2]) < 9


def test_nobody_who_waits_keeps_it_from_stopping() -> None:
    with Sandbox() as sandbox:
        sandbox.break_calls("RegisterClient", 4, how="silent")
        for _ in range(4):
            raw(sandbox, 0.1)
        began = time.monotonic()
    assert time.monotonic() - began < 5


def test_another_answer_than_the_service_would_give(caller: Caller) -> None:
    asked = {}
    for how in faults.CHANGED:
        caller.sandbox.break_calls("RegisterClient", how=how)
        asked[how] = caller.send(
            "POST", "/client/register", REGISTER.encode(), {"Content-Type": "application/json"}
        )
    assert {how: one.status for how, one in asked.items() if one.status != 200} == {"redirect": 302}
    assert asked["empty"].text == ""
    with pytest.raises(ValueError, match=r"JSON|Expecting|Unterminated"):
        asked["half"].body  # noqa: B018
    assert "<html" in asked["page"].text
    assert asked["plain"].headers["Content-Type"].startswith("text/plain")
    assert asked["plain"].body["clientId"]


def test_credentials_that_have_ended_on_arrival(caller: Caller) -> None:
    token = caller.sign_in()["accessToken"]
    caller.sandbox.break_calls("GetRoleCredentials", how="expired")
    words = {"accountId": "111111111111", "roleName": "Developer", "accessToken": token}
    for over in (True, False):
        keys = caller.call("sso", "GetRoleCredentials", **words).body["roleCredentials"]
        assert (keys["expiration"] < time.time() * 1000) is over


def test_after_some_that_go_well_and_for_every_operation(caller: Caller) -> None:
    caller.sandbox.break_calls("RegisterClient", 2, after=1, status=500)
    assert [caller.register().status for _ in range(4)] == [200, 500, 500, 200]
    caller.sandbox.break_calls("*", 2, status=429, retry_after=7)
    account = {"accountId": "111111111111"}
    for operation, words in {"ListAccounts": {}, "ListAccountRoles": account}.items():
        refused = caller.call("sso", operation, accessToken="x", **words)
        assert (refused.status, refused.headers["Retry-After"]) == (429, "7")
    assert caller.register().status == 200


def test_a_token_of_a_moment_ago_is_none(caller: Caller) -> None:
    tokens = caller.sign_in()
    assert caller.call("sso", "ListAccounts", accessToken=tokens["accessToken"]).status == 200
    caller.sandbox.break_calls("ListAccounts", how=faults.FORGOTTEN)
    assert caller.call("sso", "ListAccounts", accessToken=tokens["accessToken"]).status == 401
    refused = caller.token(REFRESH, refreshToken=tokens["refreshToken"])
    assert refused.error == "InvalidGrantException"


def test_refresh_tokens_that_work_once() -> None:
    with Sandbox(pace=Pace(strict_refresh=True)) as sandbox:
        caller = Caller(sandbox)
        first = caller.sign_in()["refreshToken"]
        second = caller.token(REFRESH, refreshToken=first)
        assert second.status == 200
        assert caller.token(REFRESH, refreshToken=first).error == "InvalidGrantException"
        assert caller.token(REFRESH, refreshToken=second.body["refreshToken"]).status == 200


@pytest.mark.parametrize(
    "body",
    [
        {"operation": "CreateToken", "how": "slowly"},
        {"operation": "CreateToken", "how": ["reset"]},
        {"operation": "CreateToken", "how": "reset", "after": -1},
        {"operation": "CreateToken", "how": "reset", "after": True},
        {"operation": "CreateToken", "status": 503, "retry_after": 0.5},
        {"operation": "CreateToken", "status": 503, "retry_after": 10**400},
        {"operation": "CreateToken", "status": True},
        {"operation": "CreateToken", "failure_reason": ["x"]},
        {"operation": "CreateToken", "status": 503, "times": 10**400},
        {"operation": "**", "how": "reset"},
    ],
)
def test_faults_that_cannot_be(caller: Caller, body: object) -> None:
    answer = caller.control("PUT", "faults", body)
    assert (answer.status, list(answer.body)) == (400, ["message"])
    assert caller.register().status == 200


def test_they_can_be_told_on_the_command_line(home: Home) -> None:
    with serving(home, "--fault", "RegisterClient=503:2", "--fault", "*=hang-up") as one:
        url = one.environment()["AWS_ENDPOINT_URL_SSO"].removeprefix("http://")
        with contextlib.closing(http.client.HTTPConnection(url)) as connection:
            statuses = []
            for _ in range(2):
                connection.request("POST", "/client/register", REGISTER)
                answer = connection.getresponse()
                answer.read()
                statuses.append(answer.status)
            connection.request("GET", "/device")
            with pytest.raises(ConnectionResetError):
                connection.getresponse()
    assert statuses == [503, 503]


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ("CreateToken", "CreateToken: an error (its name), a status or a how is needed"),
        ("Nothing=503", "Nothing=503: operation: *, or one of "),
        ("CreateToken=5", "CreateToken=5: status: 400 to 599"),
        ("CreateToken=sometimes", "how: one of hang-up, reset"),
        ("CreateToken=reset:often", "'often' is no number"),
    ],
)
def test_what_they_are_told_is_checked(home: Home, told: str, words: str) -> None:
    refused = home.ssoenv("sandbox", "run", "--fault", told, "--", "true")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert f"--fault {told}" in refused.stderr
    assert words in refused.stderr.replace("\n", " ")
    assert "try: ssoenv sandbox serve --fault CreateToken=503:2" in refused.stderr
