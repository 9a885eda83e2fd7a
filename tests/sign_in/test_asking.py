"""Asking a person: by a page in the browser, by a code, and every way in which that fails."""

from __future__ import annotations

import threading
import time
from urllib.parse import parse_qs, urlsplit

import pytest

from ssoenv.aws_files import token_cache
from ssoenv.base import clock
from ssoenv.base.errors import (
    ServiceUnavailable,
    SignInDenied,
    SignInTimedOut,
)
from ssoenv.base.models import Registration
from tests.sign_in.people import ACME, EXPLICIT, Person, Recorder, same

HOUR = 3600


def test_pkce(alice: Person) -> None:
    reporter = Recorder()

    token = alice.sign_in(reporter=reporter)

    assert reporter.names == ["announce", "page", "done"]
    assert reporter.events[0][1] == EXPLICIT.request
    url = urlsplit(reporter.events[1][1])
    query = parse_qs(url.query, strict_parsing=True)
    redirect = urlsplit(query["redirect_uri"][0])
    assert f"{url.scheme}://{url.netloc}" == alice.sandbox.url
    assert list(query) == [
        "response_type",
        "client_id",
        "redirect_uri",
        "state",
        "code_challenge_method",
        "scopes",
        "code_challenge",
    ]
    assert query["scopes"] == ["sso:account:access"]
    assert query["code_challenge_method"] == ["S256"]
    assert (redirect.hostname, redirect.path) == ("127.0.0.1", "/oauth/callback")
    assert token.refreshable(clock.now())
    assert same(token, token_cache.load_token(alice.env, ACME))
    assert [call["operation"] for call in alice.sandbox.requests()] == [
        "RegisterClient",
        "Authorize",
        "CreateToken",
    ]


def test_the_registration_serves_again(alice: Person) -> None:
    alice.sign_in()
    alice.sign_in(force=True)

    assert alice.calls("RegisterClient") == 1
    assert alice.calls("Authorize") == 2


def test_a_registration_of_the_other_kind_does_not(alice: Person) -> None:
    alice.sign_in(method="device")
    alice.sign_in(method="browser", force=True)

    assert alice.calls("RegisterClient") == 2


def test_a_registration_that_the_service_forgot(alice: Person) -> None:
    stale = Registration("nobody", "knows", clock.now() + HOUR)
    token_cache.save_registration(alice.env, ACME, stale)

    assert alice.sign_in(method="device")
    assert alice.calls("RegisterClient") == 1
    kept = token_cache.load_registration(alice.env, ACME, grant="device_code")
    assert kept
    assert kept.client_id != "nobody"


def test_a_registration_with_a_quarter_of_an_hour_left_is_not_used(alice: Person) -> None:
    token_cache.save_registration(alice.env, ACME, Registration("x", "y", clock.now() + 890))

    assert token_cache.load_registration(alice.env, ACME, grant="device_code") is None


def test_device_code(alice: Person) -> None:
    reporter = Recorder()

    token = alice.sign_in(method="device", reporter=reporter)

    assert reporter.names == ["announce", "code", "done"]
    _, user_code, uri, complete, seconds = reporter.events[1]
    assert (uri, complete) == (f"{alice.sandbox.url}/device", f"{uri}?user_code={user_code}")
    assert seconds == 600
    assert same(token, token_cache.load_token(alice.env, ACME))
    assert alice.calls("Authorize") == 0


class Approver(Recorder):
    """Somebody who takes a while to type the code in."""

    def __init__(self, alice: Person) -> None:
        super().__init__()
        self.state = alice.sandbox.state

    def code(self, user_code: str, uri: str, complete_uri: str, seconds: int) -> None:
        super().code(user_code, uri, complete_uri, seconds)
        threading.Timer(1.5, self.approve, (user_code,)).start()

    def approve(self, user_code: str) -> None:
        device = self.state.device_by_user_code(user_code)
        assert device
        alice = self.state.directory.user_named("alice")
        assert alice
        device.user, device.status = alice.id, "approved"


def test_a_device_code_that_is_waited_for(alice: Person) -> None:
    alice.sandbox.set_approve("ask")
    began = time.monotonic()

    assert alice.sign_in(method="device", reporter=Approver(alice))
    assert 1 < time.monotonic() - began < 10
    assert alice.calls("CreateToken") in (2, 3, 4)


@pytest.mark.parametrize(
    ("error", "expected", "words"),
    [
        ("AccessDeniedException", SignInDenied, "declined"),
        ("ExpiredTokenException", SignInTimedOut, "in time"),
    ],
)
def test_a_device_sign_in_that_fails(
    alice: Person, error: str, expected: type[Exception], words: str
) -> None:
    alice.sandbox.fail("CreateToken", error)

    with pytest.raises(expected, match=words):
        alice.sign_in(method="device")
    assert token_cache.load_token(alice.env, ACME) is None


def test_a_device_sign_in_survives_a_failed_poll(alice: Person) -> None:
    alice.sandbox.fail("CreateToken", "InternalServerException", 4)

    assert alice.sign_in(method="device")


def test_slow_down_is_heeded(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    alice.sandbox.fail("CreateToken", "SlowDownException", 2)
    slept: list[float] = []
    began = time.monotonic()
    monkeypatch.setattr(time, "sleep", slept.append)
    monkeypatch.setattr(time, "monotonic", lambda: began + sum(slept))

    assert alice.sign_in(method="device")
    assert sum(slept) == pytest.approx(6 + 11)


def test_no_page_opens_that_nobody_serves(alice: Person) -> None:
    """With a registration at hand, nothing else would notice before the ten minutes are over."""
    alice.sign_in()
    alice.env["AWS_ENDPOINT_URL_SSO_OIDC"] = "http://127.0.0.1:1"
    reporter = Recorder()

    with pytest.raises(ServiceUnavailable, match=r"127\.0\.0\.1:1 \(Connection refused\)"):
        alice.sign_in(force=True, reporter=reporter)
    assert reporter.names == ["announce"]


def test_denied_in_the_browser(alice: Person) -> None:
    alice.sandbox.set_approve("deny")

    with pytest.raises(SignInDenied, match="sign-in to acme was declined") as caught:
        alice.sign_in()
    assert caught.value.fix == "ssoenv login acme"
    assert token_cache.load_token(alice.env, ACME) is None


def test_nobody_answers(alice: Person) -> None:
    alice.sandbox.set_approve("ask")
    alice.env["SSOENV_SIGN_IN_TIMEOUT"] = "0.3"
    began = time.monotonic()

    with pytest.raises(SignInTimedOut):
        alice.sign_in()
    with pytest.raises(SignInTimedOut):
        alice.sign_in(method="device")
    assert time.monotonic() - began < 60  # of ten minutes
    assert token_cache.load_token(alice.env, ACME) is None
