"""From a session to a token: each state of the cache, and whether a person is asked at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ssoenv.aws_files import token_cache
from ssoenv.base import clock
from ssoenv.base.errors import (
    InvalidConfiguration,
    ServiceUnavailable,
    SignInDenied,
    SignInRequired,
    SignInTimedOut,
)
from ssoenv.base.models import Session, Token
from tests.sign_in.people import ACME, EXPLICIT, LAZY, LEGACY, NEVER, Person, Recorder, same

if TYPE_CHECKING:
    from ssoenv.sign_in import Consent

HOUR = 3600


@pytest.mark.parametrize(
    ("left", "refreshable", "refreshed"),
    [
        pytest.param(800, True, True, id="800 s left, refreshable: refreshed"),
        pytest.param(-60, True, True, id="expired, refreshable: refreshed"),
        pytest.param(1000, True, False, id="1000 s left: used as it is"),
        pytest.param(800, False, False, id="800 s left, not refreshable: used as it is"),
    ],
)
@pytest.mark.parametrize("consent", [EXPLICIT, NEVER], ids=["explicit", "nobody to ask"])
def test_what_is_cached(
    alice: Person, left: int, refreshable: bool, refreshed: bool, consent: Consent
) -> None:
    held = alice.hold(left, refreshable=refreshable)

    token = alice.sign_in(consent)

    assert same(token, held) is not refreshed
    assert same(token, token_cache.load_token(alice.env, ACME))
    assert alice.calls("CreateToken") == int(refreshed)
    assert alice.calls("Authorize") == 0
    assert token.expires_at > clock.now() + 600


@pytest.mark.parametrize("left", [800, -60])
def test_a_rejected_refresh(alice: Person, left: int) -> None:
    held = alice.hold(left)
    alice.sandbox.state.refresh_tokens.clear()

    if left > 0:
        assert same(alice.sign_in(NEVER), held)
    else:
        with pytest.raises(SignInRequired, match="not signed in to acme") as caught:
            alice.sign_in(NEVER)
        assert caught.value.fix == "ssoenv login acme"
    assert alice.calls("CreateToken") == 1
    assert same(held, token_cache.load_token(alice.env, ACME))


@pytest.mark.parametrize("error", ["ExpiredTokenException", "AccessDeniedException"])
def test_a_refresh_that_is_refused_in_other_words(alice: Person, error: str) -> None:
    held = alice.hold(800)
    alice.sandbox.fail("CreateToken", error)

    assert same(alice.sign_in(NEVER), held)


def test_a_refresh_while_the_service_is_down(alice: Person) -> None:
    held = alice.hold(800)
    alice.env["AWS_ENDPOINT_URL_SSO_OIDC"] = "http://127.0.0.1:1"

    assert same(alice.sign_in(NEVER), held)
    alice.hold(-60)
    with pytest.raises(ServiceUnavailable, match=r"127\.0\.0\.1:1"):
        alice.sign_in()


def test_an_ended_registration_cannot_refresh(alice: Person) -> None:
    held = alice.hold(-60)
    old = Token(
        held.start_url, held.region, held.access_token, held.expires_at, held.client_id,
        held.client_secret, clock.now() - 1, held.refresh_token,
    )  # fmt: skip
    token_cache.save_token(alice.env, ACME, old)

    with pytest.raises(SignInRequired):
        alice.sign_in(NEVER)
    assert alice.sandbox.requests() == []


def test_a_refresh_token_that_is_not_renewed_is_kept(
    alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = alice.hold(800)
    original = alice.sandbox.state.new_tokens

    def without_refresh_token(*arguments: Any) -> tuple[str, None]:
        return original(*arguments)[0], None

    monkeypatch.setattr(alice.sandbox.state, "new_tokens", without_refresh_token)
    alice.sign_in(NEVER)

    now = token_cache.load_token(alice.env, ACME)
    assert now
    assert now.refresh_token == held.refresh_token
    assert now.access_token != held.access_token


@pytest.mark.parametrize("approve", ["deny", "ask"])
def test_a_no_is_remembered(alice: Person, approve: str) -> None:
    """... for lazy sign-ins; who types ``ssoenv login`` is asked again, and forgets it."""
    alice.env["SSOENV_SIGN_IN_TIMEOUT"] = "0.3" if approve == "ask" else "20"
    alice.sandbox.set_approve(approve)
    with pytest.raises((SignInDenied, SignInTimedOut)):
        alice.sign_in(LAZY)
    asked = len(alice.sandbox.requests())

    words = {"deny": "was declined", "ask": "timed out"}[approve]
    with pytest.raises(SignInRequired, match=f"sign-in to acme {words} \\d+ s ago") as caught:
        alice.sign_in(LAZY)
    assert caught.value.fix == "ssoenv login acme"
    assert len(alice.sandbox.requests()) == asked

    alice.sandbox.set_approve("auto")
    alice.env["SSOENV_SIGN_IN_TIMEOUT"] = "20"
    assert alice.sign_in(EXPLICIT)
    token_cache.drop_token(alice.env, ACME)
    assert alice.sign_in(LAZY)


def test_a_no_is_forgotten_after_five_minutes(
    alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice.sandbox.set_approve("deny")
    with pytest.raises(SignInDenied):
        alice.sign_in(LAZY)
    alice.sandbox.set_approve("auto")
    later = clock.now() + 301
    monkeypatch.setattr(clock, "now", lambda: later)

    assert alice.sign_in(LAZY)


def test_without_consent_nothing_opens(alice: Person) -> None:
    reporter = Recorder()

    with pytest.raises(SignInRequired, match="nobody at a terminal") as caught:
        alice.sign_in(NEVER, reporter=reporter)
    assert caught.value.exit_code == 3
    assert caught.value.fix == "ssoenv login acme"
    assert reporter.events == []
    assert alice.sandbox.requests() == []


def test_no_browser_only_prints(alice: Person) -> None:
    alice.env["SSOENV_SIGN_IN_TIMEOUT"] = "0.2"
    reporter = Recorder()

    with pytest.raises(SignInTimedOut):
        alice.sign_in(reporter=reporter, method="browser", open_browser=False)
    assert reporter.events[1][2] is False
    assert alice.calls("Authorize") == 0


@pytest.mark.parametrize(
    "change",
    [{"SSH_CONNECTION": "x"}, {"CODESPACES": "true"}, {"CLOUD_SHELL": "1"}, {}],
    ids=["ssh", "codespaces", "cloud shell", "no display"],
)
def test_no_browser_to_open_means_a_code(alice: Person, change: dict[str, str]) -> None:
    del alice.env["BROWSER"]
    alice.env.update(change)
    reporter = Recorder()

    alice.sign_in(reporter=reporter)

    assert "code" in reporter.names


def test_a_legacy_session_signs_in_by_code(alice: Person) -> None:
    reporter = Recorder()

    token = alice.sign_in(session=LEGACY, reporter=reporter, method="browser")

    assert "code" in reporter.names
    assert same(token, token_cache.load_token(alice.env, LEGACY))


def test_a_start_url_that_the_service_does_not_know(alice: Person) -> None:
    wrong = Session("acme", "https://d-9999999999.awsapps.com/start", "us-east-1", None, "c:3")

    with pytest.raises(InvalidConfiguration, match="d-9999999999") as caught:
        alice.sign_in(session=wrong)
    assert "c:3" in str(caught.value.advice)


def test_force_asks_although_the_token_is_good(alice: Person) -> None:
    held = alice.hold(HOUR)

    assert not same(alice.sign_in(force=True), held)
    assert alice.calls("Authorize") == 1


@pytest.mark.parametrize("value", ["nan", "inf", "-5", "soon", ""])
def test_an_odd_timeout_is_no_bug(alice: Person, value: str) -> None:
    alice.env["SSOENV_SIGN_IN_TIMEOUT"] = value
    try:
        assert alice.sign_in()
    except SignInTimedOut:
        assert value in ("nan", "-5")
