"""The sandbox's own handles, and who may reach it at all."""

from __future__ import annotations

import gc
import os
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import urlsplit

import pytest
from werkzeug.wrappers import Request

from ssoenv.base.errors import UsageError
from ssoenv.sandbox import bounds, control
from ssoenv.sandbox.server import CONNECTIONS, Sandbox
from tests.sandbox import model
from tests.sandbox.caller import CODE, REFRESH, Caller

if TYPE_CHECKING:
    from collections.abc import Iterator


def port_of(sandbox: Sandbox) -> int:
    port = urlsplit(sandbox.url).port
    assert port
    return port


def test_every_call_is_counted(asked: Caller) -> None:
    began = time.time()
    asked.register(CODE, REFRESH)
    page = asked.authorize()
    answer = asked.post("/consent", answer="approve", user="alice", **page.hidden)
    token = asked.exchange(answer.fields["code"]).body["accessToken"]
    asked.call("sso", "ListAccounts", accessToken="sandbox-access-unknown")
    asked.call("sso", "Logout", accessToken=token)
    asked.page("/device")
    asked.post("/", Action="GetCallerIdentity", Version="2011-06-15")
    asked.send("GET", "/favicon.ico")

    log = asked.sandbox.requests()

    assert [(call["service"], call["operation"], call["status"]) for call in log] == [
        ("sso-oidc", "RegisterClient", 200),
        ("sso-oidc", "Authorize", 200),
        ("sso-oidc", "Consent", 302),
        ("sso-oidc", "CreateToken", 200),
        ("sso", "ListAccounts", 401),
        ("sso", "Logout", 200),
        ("sso-oidc", "DevicePage", 200),
        ("sts", "GetCallerIdentity", 403),
        ("unknown", "GET /favicon.ico", 404),
    ]
    assert all(began - 1 < call["time"] < time.time() + 1 for call in log)
    assert all(call.keys() == {"service", "operation", "time", "status"} for call in log)

    asked.sandbox.clear_requests()
    assert asked.sandbox.requests() == []


@pytest.mark.parametrize(
    ("service", "operation", "status", "error"),
    [
        ("sso", "GetRoleCredentials", 429, "TooManyRequestsException"),
        ("sso", "ListAccounts", 401, "UnauthorizedException"),
        ("sso", "ListAccounts", 400, "InvalidRequestException"),
        ("sso-oidc", "CreateToken", 500, "InternalServerException"),
        ("sso-oidc", "CreateToken", 401, "InvalidClientException"),
    ],
)
def test_faults_by_status(
    caller: Caller, service: str, operation: str, status: int, error: str
) -> None:
    caller.sandbox.fail(operation, status, 2)
    for _ in range(2):
        answer = caller.call(service, operation)
        assert (answer.status, answer.error) == (status, error)
    assert "As told" not in caller.call(service, operation).text


def test_faults_by_name_and_of_sts(caller: Caller) -> None:
    caller.sandbox.fail("CreateToken", "SlowDownException")
    assert caller.token(CODE).body["error"] == "slow_down"
    for told, status, code in ((503, 503, "ServiceUnavailable"), ("Throttling", 400, "Throttling")):
        caller.sandbox.fail("GetCallerIdentity", told)
        answer = caller.post("/", Action="GetCallerIdentity", Version="2011-06-15")
        model.check_xml("GetCallerIdentity", answer.status, answer.text)
        assert (answer.status, f"<Code>{code}</Code>" in answer.text) == (status, True)


def test_faults_can_be_taken_back(caller: Caller) -> None:
    caller.sandbox.fail("RegisterClient", 500, 9)
    caller.sandbox.fail("RegisterClient", 500, 0)
    assert caller.register().status == 200
    caller.sandbox.fail("RegisterClient", 500, 9)
    caller.sandbox.clear_faults()
    assert caller.register().status == 200


@pytest.mark.parametrize(
    ("method", "handle", "body"),
    [
        ("PUT", "faults", {"operation": "CreateTokens", "status": 500}),
        ("PUT", "faults", {"operation": "CreateToken"}),
        ("PUT", "faults", {"operation": "CreateToken", "status": 200}),
        ("PUT", "faults", {"operation": "CreateToken", "status": 500, "times": "2"}),
        ("PUT", "approve", {"approve": "maybe"}),
        ("PUT", "approve", {"user": "mallory"}),
        ("PUT", "clock", {"advance": "soon"}),
        ("PUT", "clock", {"advance": 1e999}),
        ("PUT", "clock", [3600]),
        ("PUT", "clock", {"advance": True}),
        ("PUT", "clock", {"advance": 10**400}),
        ("PUT", "clock", {"advance": -(10**400)}),
        ("PUT", "clock", {"advance": bounds.TURNED + 60}),
        ("PUT", "provisioning", {"seconds": 10**400}),
        ("PUT", "provisioning", {"seconds": bounds.SECONDS + 1}),
        ("PUT", "pace", {"latency": 10**400}),
        ("PUT", "pace", {"latency": 1e300}),
        ("PUT", "pace", {"rate": 1e-320}),
        ("PUT", "pace", {"rate": 10**400}),
        ("PUT", "pace", {"burst": 10**400}),
        ("PUT", "faults", {"operation": ["x"], "status": 500}),
        ("PUT", "faults", {"operation": "CreateToken", "error": "a\nb"}),
        ("PUT", "faults", {"operation": "CreateToken", "error": ["x"], "status": 500}),
        ("PUT", "faults", {"operation": "CreateToken", "status": 10**400}),
        ("PUT", "approve", {"approve": ["ask"]}),
        ("PUT", "approve", {"user": ["alice"]}),
        ("PUT", "clock", None),
    ],
)
def test_handles_that_cannot_be_turned_so(
    caller: Caller, method: str, handle: str, body: object
) -> None:
    answer = caller.control(method, handle, body)
    assert (answer.status, list(answer.body)) == (400, ["message"])
    assert caller.register().status == 200


@pytest.mark.parametrize("handle", ["faults", "approve", "clock", "provisioning", "pace"])
@pytest.mark.parametrize("body", [b"[" * 100_000, b"\xff", b'{"advance": ' + b"9" * 5000 + b"}"])
def test_bodies_that_are_no_json(caller: Caller, handle: str, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    answer = caller.send("PUT", f"/_sandbox/{handle}", body, headers)
    assert answer.status == 400


def test_the_clock_cannot_be_turned_away_bit_by_bit(caller: Caller) -> None:
    half = {"advance": bounds.TURNED * 0.6}
    statuses = [caller.control("PUT", "clock", half).status for _ in range(2)]
    assert statuses == [204, 400]
    assert caller.control("PUT", "clock", {"advance": -bounds.TURNED * 0.6}).status == 204


def test_what_it_stumbles_over_is_answered_as_aws_does(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(*_: object) -> NoReturn:
        raise ZeroDivisionError

    monkeypatch.setattr("ssoenv.sandbox.oidc.create_token", stumble)
    monkeypatch.setattr("ssoenv.sandbox.portal.list_accounts", stumble)
    for operation, way in (
        ("CreateToken", ("POST", "/token", b"{}")),
        ("ListAccounts", ("GET", "/assignment/accounts")),
    ):
        answer = caller.send(*way)
        assert (answer.status, answer.error) == (500, "InternalServerException")
        row = caller.sandbox.requests()[-1]
        assert (row["operation"], row["status"]) == (operation, 500)


def test_handles_that_are_not_there(caller: Caller) -> None:
    assert caller.control("GET", "state").status == 404
    assert caller.control("GET", "faults").status == 404


def test_a_page_elsewhere_cannot_turn_them(caller: Caller) -> None:
    """A form has no JSON type, and only our own answer could allow one that has: it does not."""
    answer = caller.send(
        "POST", "/_sandbox/clock", b'{"advance":1}', {"Content-Type": "text/plain"}
    )
    assert answer.status == 400
    answer = caller.send("OPTIONS", "/_sandbox/clock", None, {"Origin": "https://example.com"})
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize(
    "host",
    [
        "rebound.example",
        "127.0.0.1.rebound.example:80",
        "localhost.",
        "localhost",
        "127.0.0.1:1",
        "",
        "[::1",
    ],
)
@pytest.mark.parametrize("path", ["/device", "/_sandbox/requests", "/assignment/accounts", "/"])
def test_a_name_that_is_not_ours(caller: Caller, host: str, path: str) -> None:
    answer = caller.send("GET", path, None, {"Host": host})
    assert answer.status in (400, 421)
    assert caller.sandbox.requests() == []


def test_our_own_names(caller: Caller) -> None:
    port = port_of(caller.sandbox)
    for host in (f"127.0.0.1:{port}", f"localhost:{port}", f"[::1]:{port}"):
        assert caller.send("GET", "/device", None, {"Host": host}).status == 200


def test_only_this_machine_is_served(caller: Caller) -> None:
    port = port_of(caller.sandbox)
    sockets = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    listening = [one[1] for one in sockets if one[3] == "0A" and one[1].endswith(f":{port:04X}")]
    assert listening == [f"0100007F:{port:04X}"]
    with socket.socket() as elsewhere, pytest.raises(OSError, match="refused"):
        elsewhere.connect(("127.0.0.2", port))


def test_a_port_that_is_taken() -> None:
    with Sandbox() as first, pytest.raises(UsageError, match="cannot listen on port") as caught:
        Sandbox(port=port_of(first))
    assert caught.value.advice == "--port 0 picks a free one"


def test_a_user_or_manner_that_is_not_there() -> None:
    with pytest.raises(UsageError, match="no user 'carol'; there is: alice, bob"):
        Sandbox(user="carol")
    with pytest.raises(UsageError, match="one of ask, auto, deny"):
        Sandbox(approve="maybe")


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"])
def test_anything_else_gets_an_answer_of_aws(caller: Caller, method: str) -> None:
    answer = caller.send(method, "/elsewhere", b"{}", {"Content-Type": "application/json"})
    assert (answer.status, answer.error) == (404, "UnknownOperationException")
    if method != "HEAD":
        assert answer.body["message"] == f"the sandbox does not serve {method} /elsewhere"


def test_another_service_gets_an_answer_of_aws(caller: Caller) -> None:
    target = "AWSShield_20160616.ListProtections"
    answer = caller.send("POST", "/", b"{}", {"X-Amz-Target": target})
    assert (answer.status, answer.error) == (404, "UnknownOperationException")
    assert caller.sandbox.requests()[0]["operation"] == target


def test_too_much_is_refused(caller: Caller) -> None:
    answer = caller.send("POST", "/token", b"x", {"Content-Length": str(1 << 40)})
    assert answer.status == 413
    assert caller.post("/", Action="x" * 900_000).status == 400
    assert len(caller.sandbox.requests()[0]["operation"]) == 100
    assert caller.register().status == 200


def test_twenty_clients_at_once(caller: Caller) -> None:
    def sign_in(_: int) -> str:
        one = Caller(caller.sandbox)
        token = one.sign_in()["accessToken"]
        return str(one.keys(token, "111111111111", "Developer")["accessKeyId"])

    with ThreadPoolExecutor(20) as pool:
        keys = set(pool.map(sign_in, range(20)))

    assert len(keys) == 20
    log = caller.sandbox.requests()
    for operation in ("RegisterClient", "CreateToken", "GetRoleCredentials"):
        assert sum(call["operation"] == operation for call in log) == 20


def test_calls_are_listed_while_others_are_served(caller: Caller) -> None:
    note, stop = vars(caller.sandbox)["_controls"].note, threading.Event()

    def serve() -> None:
        while not stop.is_set():
            note("sso", "ListAccounts", 200)

    for _ in range(10_000):
        note("sso", "ListAccounts", 200)
    with ThreadPoolExecutor(1) as pool:
        served = pool.submit(serve)
        try:
            counts = [len(caller.sandbox.requests()) for _ in range(5)]
        finally:
            stop.set()
        served.result()
    assert counts == sorted(counts)
    assert counts[0] >= 10_000


@pytest.mark.parametrize("said", [b"", b"GET /device HTTP/1.1\r\nHost: loc"])
def test_many_idle_connections_keep_nobody_out(caller: Caller, said: bytes) -> None:
    """Neither do those who never finish what they ask for."""
    port, idle = port_of(caller.sandbox), []
    try:
        for _ in range(2 * CONNECTIONS + 20):
            idle.append(socket.create_connection(("127.0.0.1", port)))
            idle[-1].sendall(said)
        assert caller.register().status == 200
        channels = vars(caller.sandbox)["_server"].active_channels
        for _ in range(200):
            if len(channels) <= CONNECTIONS:
                break
            time.sleep(0.1)
        assert len(channels) <= CONNECTIONS
        assert caller.register().status == 200
    finally:
        for one in idle:
            one.close()


def test_it_stops_at_once_whoever_is_connected() -> None:
    threads = threading.active_count()
    descriptors = len(os.listdir("/proc/self/fd"))
    with Sandbox() as sandbox:
        connections = [socket.create_connection(("127.0.0.1", port_of(sandbox))) for _ in range(5)]
        for connection in connections:
            connection.sendall(b"GET /device HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert connection.recv(12) == b"HTTP/1.1 421"
        began = time.monotonic()
    assert time.monotonic() - began < 5  # they may stay connected for two minutes
    sandbox.__exit__(None, None, None)
    for connection in connections:
        connection.close()
    assert threading.active_count() == threads
    assert len(os.listdir("/proc/self/fd")) == descriptors
    Sandbox(port=port_of(sandbox)).__exit__()


def test_of_very_many_calls_the_last_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sandbox that serves for days does not grow with each call."""
    monkeypatch.setattr(control, "LOGGED", 3)
    with Sandbox() as small:
        for _ in range(5):
            Caller(small).register()
        told = small.requests()
    assert len(told) == 3
    assert told[-1].keys() == {"service", "operation", "time", "status"}


@pytest.fixture
def kept_garbage() -> Iterator[list[object]]:
    """What only the collector of cycles would take away, from now on; it takes nothing meanwhile."""
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        yield gc.garbage
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()


def test_an_answered_call_leaves_nothing_for_the_collector(
    kept_garbage: list[object],
) -> None:
    """The collector looks at what is old only once there is much of it: 10 MB were waiting for it."""
    with Sandbox() as small:
        caller = Caller(small)
        for _ in range(20):
            caller.call("sso", "ListAccounts", accessToken="sandbox-access-unknown")
            caller.page("/device")
            caller.send("GET", "/favicon.ico")
    gc.collect()
    of_requests = [one for one in kept_garbage if isinstance(one, Request)]
    assert not of_requests
