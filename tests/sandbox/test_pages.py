"""The pages that a person clicks through: approve, deny, and nothing that another page could do."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from tests.sandbox.caller import CODE, DEVICE, REFRESH, Answer, Caller

VOID = {"meta", "link", "input"}


class Tags(HTMLParser):
    """Reads a page, and fails where tags do not match."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def check_page(page: Answer) -> None:
    """Fail unless the page is whole, labelled, asks for nothing from elsewhere, runs nothing."""
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    tags = Tags()
    tags.feed(page.text)
    tags.close()
    assert tags.open == []
    assert [tag for tag, _ in tags.seen].count("h1") == 1
    labels = {attrs.get("for") for tag, attrs in tags.seen if tag == "label"}
    for tag, attrs in tags.seen:
        assert tag not in ("script", "img", "iframe", "object")
        assert not any(name.startswith("on") for name in attrs)
        for name in ("src", "href", "action"):
            assert (attrs.get(name) or "/")[:5] in ("/", "/devi", "/cons", "data:")
        if tag == "select" or (tag == "input" and attrs.get("type") != "hidden"):
            assert attrs["id"] in labels
    assert "prefers-color-scheme: dark" in page.text
    assert 'name="viewport"' in page.text


def consent(asked: Caller) -> Answer:
    """The page of a sign-in with an authorization code."""
    asked.register(CODE, REFRESH)
    page = asked.authorize()
    assert page.status == 200
    check_page(page)
    return page


def test_a_person_approves(asked: Caller) -> None:
    page = consent(asked)
    for shown in ("botocore-client-acme", "sso:account:access", "d-0000000000.awsapps.com"):
        assert shown in page.text
    assert "<option selected>alice</option><option>bob</option>" in page.text

    answer = asked.post("/consent", answer="approve", user="bob", **page.hidden)

    assert (answer.status, answer.fields["state"]) == (302, "the-state")
    token = asked.exchange(answer.fields["code"]).body["accessToken"]
    accounts = asked.call("sso", "ListAccounts", accessToken=token).body["accountList"]
    assert [account["accountName"] for account in accounts] == ["dev", "prod"]


def test_a_person_denies(asked: Caller) -> None:
    page = consent(asked)
    answer = asked.post("/consent", answer="deny", user="alice", **page.hidden)
    assert answer.fields == {"error": "access_denied", "state": "the-state"}


def test_an_answer_is_taken_once(asked: Caller) -> None:
    page = consent(asked)
    assert asked.post("/consent", answer="deny", user="alice", **page.hidden).status == 302
    again = asked.post("/consent", answer="approve", user="alice", **page.hidden)
    assert again.status == 410
    check_page(again)


def test_an_answer_that_comes_too_late(asked: Caller) -> None:
    page = consent(asked)
    asked.sandbox.advance(601)
    assert asked.post("/consent", answer="approve", user="alice", **page.hidden).status == 410


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"form_token": ""}, 403),
        ({"form_token": "guessed"}, 403),
        ({"form_token": "gu\u00e9ssed"}, 403),
        ({"user": "mallory"}, 400),
        ({"page": "guessed"}, 410),
    ],
)
def test_a_form_that_is_not_ours(asked: Caller, change: dict[str, str], status: int) -> None:
    page = consent(asked)
    form = {"answer": "approve", "user": "alice"} | page.hidden

    answer = asked.post("/consent", **(form | change))

    assert answer.status == status
    check_page(answer)
    assert asked.post("/consent", **form).status == 302, "the page is still open"


def test_a_device(asked: Caller) -> None:
    asked.register()
    started = asked.start_device().body
    check_page(asked.page("/device"))
    typed = started["userCode"].lower().replace("-", " ")
    page = asked.page("/device", user_code=typed)
    check_page(page)
    assert f'<p class="code">{started["userCode"]}</p>' in page.text
    assert re.fullmatch(r"[B-DF-HJ-NP-TV-XZ]{4}-[B-DF-HJ-NP-TV-XZ]{4}", started["userCode"])

    answer = asked.post("/consent", answer="approve", user="bob", **page.hidden)

    assert answer.status == 200
    check_page(answer)
    token = asked.token(DEVICE, deviceCode=started["deviceCode"]).body["accessToken"]
    answer = asked.call("sso", "ListAccountRoles", accessToken=token, accountId="111111111111")
    assert answer.body["roleList"] == [{"roleName": "ReadOnly", "accountId": "111111111111"}]
    assert "You are signed in" in asked.page("/device", user_code=started["userCode"]).text


def test_a_device_is_denied(asked: Caller) -> None:
    asked.register()
    started = asked.start_device().body
    page = asked.page("/device", user_code=started["userCode"])

    asked.post("/consent", answer="deny", user="alice", **page.hidden)

    answer = asked.token(DEVICE, deviceCode=started["deviceCode"])
    assert answer.error == "AccessDeniedException"
    assert asked.post("/consent", answer="approve", user="alice", **page.hidden).status == 410


@pytest.mark.parametrize("code", ["", "AAAA-AAAA", "<script>alert(1)</script>"])
def test_a_code_that_nobody_waits_for(asked: Caller, code: str) -> None:
    page = asked.page("/device", user_code=code)
    assert page.status == 404
    check_page(page)
    assert 'role="alert"' in page.text
    assert "<script" not in page.text


def test_names_are_shown_as_they_are(asked: Caller) -> None:
    asked.register(CODE, clientName="<img src=x onerror=alert(1)>")
    page = asked.authorize()
    check_page(page)
    assert "&lt;img src=x onerror=alert(1)&gt;" in page.text


def test_the_front_page(asked: Caller) -> None:
    check_page(asked.page("/"))
    assert asked.sandbox.requests() == []
