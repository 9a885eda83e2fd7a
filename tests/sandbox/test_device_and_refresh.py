"""sso-oidc: device codes, and how long a sign-in goes on."""

from __future__ import annotations

from ssoenv.sandbox.records import Authorization
from ssoenv.sandbox.server import Sandbox
from ssoenv.sandbox.state import REMEMBERED, State
from ssoenv.sandbox.world import built_in
from tests.sandbox.caller import (
    DEVICE,
    REFRESH,
    START_URL,
    Caller,
)


def test_a_device_code(asked: Caller) -> None:
    asked.register()
    started = asked.start_device().body
    assert started["verificationUri"] == f"{asked.sandbox.url}/device"
    complete = f"{asked.sandbox.url}/device?user_code={started['userCode']}"
    assert started["verificationUriComplete"] == complete
    assert (started["expiresIn"], started["interval"]) == (600, 1)
    code = started["deviceCode"]

    assert asked.token(DEVICE, deviceCode=code).body["error"] == "authorization_pending"
    asked.sandbox.set_approve("auto")
    assert "You are signed in" in asked.page("/device", user_code=started["userCode"]).text
    assert asked.token(DEVICE, deviceCode=code).body["accessToken"]
    assert asked.token(DEVICE, deviceCode=code).error == "InvalidGrantException"


def test_polls_that_come_too_fast(asked: Caller) -> None:
    """The AWS CLI's first two come at once; after a slow_down 5 seconds more must pass."""
    asked.register()
    code = asked.start_device().body["deviceCode"]

    def poll(after: float) -> str:
        asked.sandbox.advance(after)
        return str(asked.token(DEVICE, deviceCode=code).body["error"])

    assert [poll(0), poll(0)] == ["authorization_pending"] * 2
    assert [poll(1), poll(0), poll(1)] == ["authorization_pending", "slow_down", "slow_down"]
    assert [poll(11), poll(11)] == ["authorization_pending"] * 2


def test_a_device_code_that_nobody_answers(asked: Caller) -> None:
    asked.register()
    started = asked.start_device().body
    asked.sandbox.advance(601)

    answer = asked.token(DEVICE, deviceCode=started["deviceCode"])

    assert (answer.error, answer.body["error"]) == ("ExpiredTokenException", "expired_token")
    assert asked.page("/device", user_code=started["userCode"]).status == 404


def test_a_device_code_that_is_denied(caller: Caller) -> None:
    caller.sandbox.set_approve("deny")
    caller.register()
    started = caller.start_device().body

    answer = caller.token(DEVICE, deviceCode=started["deviceCode"])

    assert (answer.error, answer.body["error"]) == ("AccessDeniedException", "access_denied")
    assert "declined" in caller.page("/device", user_code=started["userCode"]).text


def test_a_device_code_of_another_client(caller: Caller) -> None:
    caller.register()
    code = caller.start_device().body["deviceCode"]
    caller.register()
    assert caller.token(DEVICE, deviceCode=code).error == "InvalidGrantException"


def test_a_start_url_of_nobody(caller: Caller) -> None:
    caller.register()
    answer = caller.start_device(startUrl="https://elsewhere.awsapps.com/start")
    assert answer.error == "InvalidRequestException"
    for ending in ("/", "#/", "/#/"):
        assert caller.start_device(startUrl=START_URL + ending).status == 200


def test_a_refresh_gives_both_tokens_anew(caller: Caller) -> None:
    first = caller.sign_in()

    second = caller.token(REFRESH, refreshToken=first["refreshToken"]).body

    for name in ("accessToken", "refreshToken"):
        assert second[name] != first[name]
    for token in (first, second):
        answer = caller.call("sso", "ListAccounts", accessToken=token["accessToken"])
        assert answer.status == 200


def test_a_refresh_token_is_good_again_for_a_while(caller: Caller) -> None:
    """Processes that share a token cache refresh at the same moment; all must succeed."""
    first = caller.sign_in()["refreshToken"]
    caller.sandbox.advance(3000)
    for _ in range(4):
        assert caller.token(REFRESH, refreshToken=first).status == 200
    caller.sandbox.advance(301)
    assert caller.token(REFRESH, refreshToken=first).error == "InvalidGrantException"


def test_a_session_ends_after_twelve_hours_however_often_refreshed(caller: Caller) -> None:
    token = caller.sign_in()
    for _ in range(11):
        caller.sandbox.advance(3600)
        token = caller.token(REFRESH, refreshToken=token["refreshToken"]).body
    caller.sandbox.advance(1800)
    token = caller.token(REFRESH, refreshToken=token["refreshToken"]).body
    assert 1740 < token["expiresIn"] <= 1800  # a test may take its time

    caller.sandbox.advance(1801)
    answer = caller.token(REFRESH, refreshToken=token["refreshToken"])
    assert answer.error == "InvalidGrantException"


def test_a_refresh_token_of_another_client(caller: Caller) -> None:
    refresh = caller.sign_in()["refreshToken"]
    caller.register()
    assert caller.token(REFRESH, refreshToken=refresh).error == "InvalidGrantException"


def test_a_client_without_scopes_gets_no_refresh_token(caller: Caller) -> None:
    """So do the tools register for profiles without an [sso-session]."""
    caller.register(scopes=None)
    answer = caller.token(DEVICE, deviceCode=caller.start_device().body["deviceCode"])
    assert "refreshToken" not in answer.body


def test_lifetimes_are_settable() -> None:
    with Sandbox(token_ttl=7, credentials_ttl=5) as sandbox:
        caller = Caller(sandbox)
        token = caller.sign_in()
        assert token["expiresIn"] == 7
        keys = caller.keys(token["accessToken"], "111111111111", "ReadOnly")
        assert 3 < keys["expiration"] / 1000 - sandbox.state.now() <= 5
        sandbox.advance(8)
        answer = caller.call("sso", "ListAccounts", accessToken=token["accessToken"])
        assert answer.error == "UnauthorizedException"


def test_what_has_ended_is_forgotten_once_it_is_much() -> None:
    """A sandbox that serves for days holds no more than is good, and a few."""
    state = State(built_in(), token_ttl=60, credentials_ttl=60, refresh_grace=0)
    sign_in, last = state.new_sign_in("alice"), ""
    for round_ in range(20):
        for number in range(REMEMBERED // 2):
            ends = state.now() + 10
            state.pages[f"{round_}-{number}"] = Authorization("client", "", "", None, ends)
            _, refresh = state.new_tokens("alice", "client", sign_in)
            state.refresh_tokens[str(refresh)].first_used = state.now()
            last, _ = state.new_keys("111111111111", "Developer", "alice")
        state.settle()
        assert last in state.keys
        state.advance(100)

    for held in (state.tokens, state.keys, state.refresh_tokens, state.pages):
        assert len(held) <= 2 * REMEMBERED
