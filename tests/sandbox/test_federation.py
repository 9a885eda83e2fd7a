"""The console's sign-in: which credentials get a token, how long that lasts, and what it shows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.sandbox.caller import Answer, Caller

DEV = "111111111111"
HOME = "https://console.aws.amazon.com/ec2/home?region=eu-west-1#Instances"


def session(keys: dict[str, Any], **other: Any) -> str:
    """The JSON that getSigninToken takes."""
    named = {"Id": "accessKeyId", "Key": "secretAccessKey", "Token": "sessionToken"}
    return json.dumps({f"session{one}": keys[name] for one, name in named.items()} | other)


@pytest.fixture
def keys(caller: Caller) -> dict[str, Any]:
    """Credentials of alice as Developer in dev."""
    return caller.keys(caller.sign_in()["accessToken"], DEV, "Developer")


def ask(caller: Caller, text: str, **more: str) -> Answer:
    return caller.post("/federation", Action="getSigninToken", Session=text, **more)


def log_in(caller: Caller, token: str, destination: str = HOME) -> Answer:
    return caller.page("/federation", Action="login", Destination=destination, SigninToken=token)


def shown(answer: Answer) -> dict[str, str]:
    """What the page says."""
    assert answer.status == 200, answer.text
    rows = answer.text.partition("<dl>")[2].partition("</dl>")[0].split("<dt>")[1:]
    return dict(row.removesuffix("</dd>").split("</dt><dd>") for row in rows)


def test_a_page_says_as_whom_one_is_signed_in(caller: Caller, keys: dict[str, Any]) -> None:
    for answer in (
        ask(caller, session(keys)),
        caller.page("/federation", Action="getSigninToken", Session=session(keys)),
    ):
        assert list(answer.body) == ["SigninToken"]
        page = log_in(caller, answer.body["SigninToken"])
        facts = shown(page)
        assert page.headers["Cache-Control"] == "no-store"
        assert facts.pop("Until").endswith("Z")
        assert facts == {
            "Account": "dev (111111111111)",
            "Role": "Developer",
            "User": "alice",
            "Destination": HOME,
            "Region": "eu-west-1",
        }
    log = [one["operation"] for one in caller.sandbox.requests()]
    assert log[-4:] == ["GetSigninToken"] * 2 + ["ConsoleLogin"] * 2


def test_the_region_is_that_of_the_address(caller: Caller, keys: dict[str, Any]) -> None:
    token = ask(caller, session(keys)).body["SigninToken"]
    for destination, region in (
        ("https://us-west-2.console.aws.amazon.com/s3/home", "us-west-2"),
        ("https://console.amazonaws.cn/console/home?region=cn-north-1", "cn-north-1"),
        ("https://console.aws.amazon.com/console/home?region=<b>", ""),
    ):
        assert shown(log_in(caller, token, destination))["Region"] == region


def test_what_are_no_session_credentials_is_refused(caller: Caller) -> None:
    for text in (
        "",
        "[]",
        "{}",
        "not json",
        '{"sessionId": 1, "sessionKey": "a", "sessionToken": "b"}',
        '{"sessionId": "AKIANOBODY", "sessionKey": "a", "sessionToken": "b"}',
    ):
        refused = ask(caller, text)
        assert refused.status == 400, text
        assert refused.headers["Content-Type"].startswith("text/html")


def test_all_three_parts_have_to_be_those_given_out(caller: Caller, keys: dict[str, Any]) -> None:
    for part in ("sessionId", "sessionKey", "sessionToken"):
        for value in ("", "x", "\ud800"):
            assert ask(caller, session(keys, **{part: value})).status == 400, (part, value)


def test_how_long_a_session_may_last(caller: Caller, keys: dict[str, Any]) -> None:
    for duration in ("900", "43200"):
        assert ask(caller, session(keys), SessionDuration=duration).status == 200, duration
    for duration in ("899", "43201", "1h", "-900", ""):
        assert ask(caller, session(keys), SessionDuration=duration).status == 400, duration


def test_a_session_of_role_chaining_may_not_say_how_long(caller: Caller) -> None:
    """AWS STS API Reference, AssumeRole: SessionDuration fails for such credentials."""
    key_id, keys = caller.sandbox.state.new_keys("1" * 12, "Deploy", "a", iam=True, chained=True)
    chained = json.dumps(
        {"sessionId": key_id, "sessionKey": keys.secret, "sessionToken": keys.token}
    )
    assert ask(caller, chained, SessionDuration="900").status == 400
    assert ask(caller, chained).status == 200


def test_a_token_is_good_for_15_minutes(caller: Caller, keys: dict[str, Any]) -> None:
    token = ask(caller, session(keys), SessionDuration="43200").body["SigninToken"]
    caller.sandbox.advance(890)
    assert shown(log_in(caller, token))["Role"] == "Developer"
    caller.sandbox.advance(11)
    assert log_in(caller, token).status == 400
    assert log_in(caller, "no such token").status == 400


def test_ended_credentials_get_none(caller: Caller, keys: dict[str, Any]) -> None:
    caller.sandbox.advance(3601)
    assert ask(caller, session(keys)).status == 400


def test_only_the_console_is_a_destination(caller: Caller, keys: dict[str, Any]) -> None:
    token = ask(caller, session(keys)).body["SigninToken"]
    for destination in (
        "",
        "https://evil.example/",
        "https://console.aws.amazon.com.evil.example/",
        "https://evilconsole.aws.amazon.com/",
        "http://console.aws.amazon.com/",
        "https://a@console.aws.amazon.com/",
        "https://console.aws.amazon.com:8443/",
        "https://[/",
    ):
        assert log_in(caller, token, destination).status == 400, destination


def test_signing_out_first(caller: Caller, keys: dict[str, Any]) -> None:
    ours = f"{caller.sandbox.url}/federation?Action=login&SigninToken=x"
    led = caller.page("/oauth", Action="logout", redirect_uri=ours)
    assert (led.status, led.headers["Location"]) == (302, ours)
    assert caller.page("/federation", Action="logout").status == 200
    for elsewhere in ("https://evil.example/", f"{caller.sandbox.url}.evil.example/oauth?"):
        assert caller.page("/oauth", Action="logout", redirect_uri=elsewhere).status == 400


def test_told_to_fail_it_answers_with_a_page(caller: Caller, keys: dict[str, Any]) -> None:
    caller.sandbox.fail("GetSigninToken", 503)
    refused = ask(caller, session(keys))
    assert (refused.status, "<html" in refused.text) == (503, True)
    assert caller.page("/federation", Action="dance").status == 404
