"""Whatever answers in place of a service: one clear error, in time, and nothing is believed."""

from __future__ import annotations

import contextlib
import copy
import json
import signal
import subprocess
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from ssoenv.aws_files import token_cache
from ssoenv.base import clock
from ssoenv.base.errors import AccessDenied, ServiceUnavailable
from ssoenv.base.models import Credentials, Registration, Token
from ssoenv.identity_center import aws_clients, kept_listings, oidc
from ssoenv.identity_center.client import IdentityCenter
from ssoenv.identity_center.sts import caller_identity
from ssoenv.shells import hook as hook_text
from tests import odd_server
from tests.sign_in.people import ACME, same

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from socket import socket

    from tests.conftest import Home
    from tests.sign_in.people import Person

pytestmark = pytest.mark.sampled(2)

TOKEN = Token(ACME.start_url, ACME.region, "at", 4_000_000_000, "id", "secret", 4_000_000_000, "rt")
CLIENT = Registration("id", "secret", 4_000_000_000)
KEYS = Credentials("ASIAX", "secret", "token", 4_000_000_000, "111111111111", "Developer")

CALLS: dict[str, Callable[[IdentityCenter, dict[str, str]], object]] = {
    "RegisterClient": lambda center, _: oidc.register(center, grant="device_code"),
    "StartDeviceAuthorization": lambda center, _: oidc.start_device_authorization(center, CLIENT),
    "CreateToken": lambda center, _: oidc.refresh(center, TOKEN),
    "ListAccounts": lambda center, _: center.list_accounts(TOKEN),
    "ListAccountRoles": lambda center, _: center.list_account_roles(TOKEN, "111111111111"),
    "GetRoleCredentials": lambda center, _: center.get_role_credentials(TOKEN, "1", "R"),
    "Logout": lambda center, _: center.logout(TOKEN),
    "GetCallerIdentity": lambda _, env: caller_identity(KEYS, "us-east-1", env),
}
GOOD: dict[str, Any] = {
    "RegisterClient": {
        "clientId": "c",
        "clientSecret": "s",
        "clientSecretExpiresAt": 4_000_000_000,
    },
    "StartDeviceAuthorization": {
        "deviceCode": "d",
        "userCode": "ABCD-EFGH",
        "verificationUri": "https://x",
        "verificationUriComplete": "https://x?c",
        "expiresIn": 600,
        "interval": 1,
    },
    "CreateToken": {"accessToken": "at", "expiresIn": 3600, "refreshToken": "rt"},
    "ListAccounts": {
        "accountList": [{"accountId": "1", "accountName": "dev", "emailAddress": "a@b"}],
        "nextToken": "",
    },
    "ListAccountRoles": {"roleList": [{"roleName": "R"}], "nextToken": ""},
    "GetRoleCredentials": {
        "roleCredentials": {
            "accessKeyId": "ASIA",
            "secretAccessKey": "s",
            "sessionToken": "t",
            "expiration": 4_000_000_000_000,
        }
    },
}


def ask_the_time(center: IdentityCenter, _: dict[str, str]) -> int:
    return center.time()


RUBBISH: tuple[Any, ...] = (
    None,
    True,
    5,
    -1,
    1.5,
    1e400,
    10**30,
    "",
    "\ud800",
    "a\nb",
    "x",
    [],
    [5],
    [[]],
    {},
    {"a": 1},
)
HTML = b"<html><title>Welcome to the hotel</title><p>Room number?</html>"


class Portal:
    """A server whose answer can be changed."""

    def __init__(self) -> None:
        self.answer = b""

    def behave(self, connection: socket) -> None:
        odd_server.says(self.answer)(connection)


@pytest.fixture
def portal() -> Portal:
    return Portal()


@contextlib.contextmanager
def center_at(home: Home, behave: Callable[[socket], None]) -> Iterator[IdentityCenter]:
    with odd_server.serving(behave) as url:
        home.env["AWS_ENDPOINT_URL"] = url
        yield IdentityCenter(ACME, home.env)


def elsewhere(url: str) -> dict[str, str]:
    """What sends a process of the sandbox's to `url` instead; its rule sets would win."""
    return {"AWS_DATA_PATH": "", "AWS_ENDPOINT_URL_SSO": url, "AWS_ENDPOINT_URL_SSO_OIDC": url}


def run(person: Person, url: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the program where `url` answers in place of the sandbox."""
    person.home.env |= elsewhere(url)
    return person.home.ssoenv(*words)


def variants(document: Any) -> Iterator[Any]:
    """Every way in which one value of `document`, or all of it, is rubbish or not there."""
    if isinstance(document, dict):
        for key, value in document.items():
            yield {name: one for name, one in document.items() if name != key}
            for other in variants(value):
                yield document | {key: other}
    elif isinstance(document, list):
        for other in variants(document[0]):
            yield [other]
    yield from copy.deepcopy(RUBBISH)


@pytest.mark.parametrize("operation", GOOD)
def test_values_of_other_types(home: Home, portal: Portal, operation: str) -> None:
    """Each is taken for what it is, or refused as nobody's answer; none is a bug of ours."""
    refused = 0
    with center_at(home, portal.behave) as center:
        portal.answer = odd_server.response(json.dumps(GOOD[operation]).encode())
        assert CALLS[operation](center, home.env)
        for document in variants(GOOD[operation]):
            portal.answer = odd_server.response(json.dumps(document).encode())
            try:
                CALLS[operation](center, home.env)
            except ServiceUnavailable as error:
                assert "IAM Identity Center" in error.message or "no end" in error.message  # noqa: PT017
                refused += 1
    assert refused > 20


NOT_JSON = {
    "nothing": b"",
    "a page": HTML,
    "an empty object": b"{}",
    "a list": b"[]",
    "null": b"null",
    "a number": b"7",
    "a number of 5,000 digits": b'{"expiresIn": ' + b"9" * 5000 + b"}",
    "nested": b"[" * 20_000,
    "half": b'{"accessToken": "a',
    "not UTF-8": b'{"accessToken": "\xff"}',
    "a byte order mark": b"\xef\xbb\xbf{}",
    "xml": b"<?xml version='1.0'?><a/>",
    "binary": bytes(range(256)),
}


@pytest.mark.parametrize("body", NOT_JSON.values(), ids=NOT_JSON.keys())
def test_bodies_of_others(home: Home, portal: Portal, body: bytes) -> None:
    """A page with 200, `{}` and the like: no empty list, no token, no sign-out that succeeded."""
    with center_at(home, portal.behave) as center:
        for operation, call in CALLS.items():
            if operation == "Logout" and not body:
                continue
            portal.answer = odd_server.response(body, kind="text/html")
            with pytest.raises(ServiceUnavailable) as caught:
                call(center, home.env)
            assert "does not answer as" in caught.value.message
            assert "captive portal" in str(caught.value.advice)


@pytest.mark.parametrize("status", [301, 302, 304, 400, 401, 403, 404, 407, 408, 418, 451, 499])
def test_statuses_of_others(home: Home, portal: Portal, status: int) -> None:
    """An error that has no name is not the service's: no advice to mend a start URL."""
    with center_at(home, portal.behave) as center:
        for body in (HTML, b"", b"{}"):
            portal.answer = odd_server.response(body, status, "text/html", "Location: http://x/")
            for call in CALLS.values():
                with pytest.raises(ServiceUnavailable) as caught:
                    call(center, home.env)
                assert "captive portal" in str(caught.value.advice)


RESULT = b"<GetCallerIdentityResult><Arn>a</Arn><UserId>u</UserId><Account>1</Account></GetCallerIdentityResult>"
STS_GOOD = b"<GetCallerIdentityResponse>" + RESULT + b"</GetCallerIdentityResponse>"


def test_answers_of_sts_that_are_cut_anywhere_or_filled_with_rubbish(
    home: Home, portal: Portal
) -> None:
    def ask(body: bytes, status: int = 200) -> dict[str, str]:
        portal.answer = odd_server.response(body, status, "text/xml")
        return caller_identity(KEYS, "us-east-1", home.env)

    with center_at(home, portal.behave):
        assert ask(STS_GOOD) == {"UserId": "u", "Account": "1", "Arn": "a"}
        bodies = [STS_GOOD[:length] for length in range(0, len(STS_GOOD), 7)]
        bodies += [
            STS_GOOD.replace(b"<Arn>a</Arn>", b) for b in (b"", b"<Arn/>", b"<Arn><b/></Arn>")
        ]
        bodies += [b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", b"<a xmlns='x:y'/>", b"\0" * 99]
        for body in bodies:
            with pytest.raises(ServiceUnavailable, match="does not answer as STS"):
                ask(body)
        for body in (b"<ErrorResponse/>", b"<Error><Code/></Error>", b"<a>b</a>", b"text"):
            with pytest.raises((ServiceUnavailable, AccessDenied)):
                ask(body, 400)


@pytest.mark.parametrize(
    "behave", [odd_server.is_silent, odd_server.drips, odd_server.drips_headers]
)
def test_no_call_takes_longer_than_it_may(
    home: Home, monkeypatch: pytest.MonkeyPatch, behave: Callable[[socket], None]
) -> None:
    monkeypatch.setattr(aws_clients, "CALL_TIMEOUT", 1.0)
    with center_at(home, behave) as center:
        for call in [*CALLS.values(), ask_the_time]:
            began = time.monotonic()
            with pytest.raises(ServiceUnavailable, match="no answer in time"):
                call(center, home.env)
            assert time.monotonic() - began < 3


def test_a_silent_server_costs_20_seconds_in_all(alice: Person) -> None:
    """A token that is due, and a service that says nothing: refresh and credentials together."""
    alice.hold(300)
    words = ("acme/111111111111/Developer",)
    with odd_server.serving(odd_server.drips) as url:
        began = time.monotonic()
        result = run(alice, url, "credential-process", *words)
    assert result.returncode == 7, result.stderr
    assert not result.stdout
    assert time.monotonic() - began < 24


def test_control_c_ends_a_wait_at_once(alice: Person) -> None:
    alice.hold(3600)
    asked = threading.Event()

    def behave(connection: socket) -> None:
        odd_server.read_request(connection)
        asked.set()
        odd_server.is_silent(connection)

    with odd_server.serving(behave) as url:
        running = subprocess.Popen(
            [*hook_text.command_line(), "roles", "--session", "acme"],
            env=alice.env | elsewhere(url),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert asked.wait(20)
        began = time.monotonic()
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=10)
    assert time.monotonic() - began < 3
    assert (running.returncode, out) == (130, "")
    assert "Traceback" not in err


def test_a_list_that_never_ends(home: Home, portal: Portal) -> None:
    counter = iter(range(10**9))
    tokens = iter(["a", "b", "a"])

    def behave(connection: socket) -> None:
        next(counter)
        page = {"accountList": [], "nextToken": next(tokens, "a")}
        odd_server.says_json(page)(connection)

    with (
        center_at(home, behave) as center,
        pytest.raises(ServiceUnavailable, match="there is no end of"),
    ):
        center.list_accounts(TOKEN)
    assert next(counter) == 3


def test_an_empty_list_of_the_service_is_one(home: Home) -> None:
    with center_at(home, odd_server.says_json({"accountList": []})) as center:
        assert center.list_accounts(TOKEN) == ()


def test_a_foreign_answer_replaces_no_list(alice: Person) -> None:
    assert alice.home.ssoenv("login", "acme").returncode == 0
    assert alice.home.ssoenv("roles", "--session", "acme").returncode == 0
    kept = kept_listings.load(alice.env, "acme")
    with odd_server.serving(odd_server.says(odd_server.response(HTML, kind="text/html"))) as url:
        result = run(alice, url, "roles", "--refresh", "--session", "acme")
    assert result.returncode == 7
    assert "captive portal" in result.stderr
    assert kept_listings.load(alice.env, "acme") == kept


def test_a_page_in_place_of_the_service_is_no_sign_out(alice: Person) -> None:
    assert alice.home.ssoenv("login", "acme").returncode == 0
    with odd_server.serving(odd_server.says(odd_server.response(HTML, kind="text/html"))) as url:
        result = run(alice, url, "logout", "acme")
    assert result.returncode == 7
    assert "a service was not told" in result.stderr


def test_one_401_costs_no_refresh_token(alice: Person) -> None:
    """It is renewed with what it has; nobody is asked to sign in."""
    old = alice.hold(3600)
    alice.sandbox.fail("GetRoleCredentials", "UnauthorizedException", 1)
    words = ("acme/111111111111/Developer",)

    assert alice.home.ssoenv("credential-process", *words).returncode == 0
    held = token_cache.load_token(alice.env, ACME)
    assert held
    assert held.refresh_token
    assert not same(old, held)
    assert alice.calls("CreateToken") == 1
    assert alice.calls("RegisterClient") == 0


def test_a_401_while_the_refresh_cannot_be_had_keeps_it_for_later(alice: Person) -> None:
    old = alice.hold(3600)
    alice.sandbox.fail("GetRoleCredentials", "UnauthorizedException", 1)
    alice.sandbox.fail("CreateToken", "InternalServerException", 3)
    words = ("acme/111111111111/Developer",)

    assert alice.home.ssoenv("credential-process", *words).returncode == 7
    held = token_cache.load_token(alice.env, ACME)
    assert held
    assert held.refresh_token == old.refresh_token
    assert held.expires_at <= clock.now()
    assert alice.home.ssoenv("credential-process", *words).returncode == 0


def test_credentials_that_have_ended_are_none(alice: Person) -> None:
    alice.hold(3600)
    alice.sandbox.break_calls("GetRoleCredentials", how="expired")
    refused = alice.home.ssoenv("credential-process", "acme/111111111111/Developer")
    assert (refused.returncode, refused.stdout) == (7, "")
    assert "gave credentials that ended at" in refused.stderr
    assert "is the clock of this machine right?" in refused.stderr
    assert alice.home.ssoenv("credential-process", "acme/111111111111/Developer").returncode == 0


@pytest.mark.parametrize(
    ("operation", "status", "wrong"),
    [("ListAccounts", 408, "start_url"), ("ListAccountRoles", 500, "you hold no role")],
)
def test_what_did_not_come_is_no_answer(
    alice: Person, operation: str, status: int, wrong: str
) -> None:
    """408, whatever name it has with it, is no wrong start URL; roles that did not come are not none."""
    alice.hold(3600)
    alice.sandbox.fail(operation, status, 100)
    refused = alice.home.ssoenv("roles", "--session", "acme")
    alice.sandbox.clear_faults()
    assert (refused.returncode, refused.stdout) == (7, "")
    assert wrong not in refused.stderr
    assert alice.home.ssoenv("roles", "--session", "acme").returncode == 0
