"""Answers of services: over the wire through botocore, whatever is in them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssoenv.base import arns
from ssoenv.base.models import Assignment, Credentials, IamRole, Registration, Token
from ssoenv.identity_center import federation
from ssoenv.identity_center.answers import Answer
from ssoenv.identity_center.client import IdentityCenter
from ssoenv.identity_center.sts import assume_role, caller_identity
from tests import odd_server
from tests.fuzz.cases import cases, changed_json, mutated, read, tried
from tests.sign_in.people import ACME
from tests.sign_in.test_odd_answers import CALLS, GOOD, KEYS, Portal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.conftest import Home

ROLE = IamRole(arns.parse("arn:aws:iam::111111111111:role/R"), "alice")
XML = {
    "GetCallerIdentity": "<GetCallerIdentityResult><Arn>arn:aws:sts::111111111111:assumed-role/R/alice</Arn><UserId>AROAX:alice</UserId><Account>111111111111</Account></GetCallerIdentityResult>",
    "AssumeRole": "<AssumeRoleResult><AssumedRoleUser><AssumedRoleId>A:b</AssumedRoleId><Arn>arn:aws:sts::111111111111:assumed-role/R/b</Arn></AssumedRoleUser><Credentials><AccessKeyId>ASIAX</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2999-11-23T13:46:06Z</Expiration></Credentials></AssumeRoleResult>",
}
FOR_XML: dict[str, Callable[[dict[str, str]], object]] = {
    "GetCallerIdentity": lambda env: caller_identity(KEYS, "us-east-1", env),
    "AssumeRole": lambda env: assume_role(KEYS, ROLE, "us-east-1", env),
}
PIECES_OF_XML = [
    *(b"<", b">", b"</", b"/>", b"&", b"&lt;", b"&#0;", b"&x;", b"]]>", b"<![CDATA[", b"<!--", b"<?xml?>", b"\x00", b"\xff"),
    *(b"<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]>", b"<Account>", b"</Account>", b"<Expiration>x</Expiration>"),
    *(b"<a b='c'>", b"<Arn/>", b" ", b"\n", "é\u2028".encode(), b"<AccessKeyId>a b</AccessKeyId>", b"9" * 4400, b"0001-01-01T00:00:00+14:00"),
]  # fmt: skip
PIECES = [b"{", b"}", b"[", b"]", b'"', b":", b",", b"\\", b"\\ud800", b"\x00", b"\xff", b"null", b"1e999", b"9" * 5000, b"[" * 3000, b"NaN", b"\xef\xbb\xbf"]  # fmt: skip


@pytest.fixture
def portal(home: Home) -> Iterator[Portal]:
    """A service that answers as a test has it, and where `home` asks."""
    answering = Portal()
    with odd_server.serving(answering.behave) as url:
        home.env["AWS_ENDPOINT_URL"] = url
        yield answering


@pytest.mark.parametrize("operation", GOOD)
def test_an_answer_of_identity_center(home: Home, portal: Portal, operation: str) -> None:
    center, ask = IdentityCenter(ACME, home.env), CALLS[operation]
    content = json.dumps(GOOD[operation]).encode()
    bodies = st.one_of(
        changed_json([GOOD[operation]]).map(lambda one: json.dumps(one).encode()),
        mutated([content], PIECES),
    )

    @cases(8, 500)
    @given(bodies)
    def tries(body: bytes) -> None:
        tried("answers of Identity Center")
        portal.answer = odd_server.response(body)
        found = read(lambda: ask(center, home.env))
        if found is not None:
            is_whole(found)

    tries()


def is_whole(found: object) -> None:
    """See that what was taken for an answer holds what may be written, shown and sent."""
    values: list[Any] = list(found) if isinstance(found, list | tuple) else [found]
    for one in values:
        if isinstance(one, Assignment | Credentials | Token | Registration):
            for name in one.__slots__:
                value = getattr(one, name)
                assert not isinstance(value, str) or value.encode() is not None
        if isinstance(one, Credentials):
            assert all(
                value.isprintable() and " " not in value and value
                for value in (one.access_key_id, one.secret_access_key, one.session_token)
            )


@pytest.mark.parametrize("operation", XML)
def test_an_answer_of_sts(home: Home, portal: Portal, operation: str) -> None:
    content = f"<{operation}Response>{XML[operation]}</{operation}Response>".encode()
    portal.answer = odd_server.response(content, 200, "text/xml")
    assert read(lambda: FOR_XML[operation](home.env)) is not None

    @cases(8, 250)
    @given(mutated([content], PIECES_OF_XML))
    def tries(body: bytes) -> None:
        tried("answers of STS")
        portal.answer = odd_server.response(body, 200, "text/xml")
        found = read(lambda: FOR_XML[operation](home.env))
        if found is not None:
            is_whole(found)

    tries()


@cases(8, 200)
@given(mutated([b'{"SigninToken": "abc"}'], PIECES), st.sampled_from((200, 200, 302, 400, 500)))
def test_an_answer_of_the_console(home: Home, portal: Portal, body: bytes, status: int) -> None:
    tried("answers of the console")
    home.env["AWS_ENDPOINT_URL_SIGNIN"] = home.env["AWS_ENDPOINT_URL"]
    portal.answer = odd_server.response(body, status)
    token = read(lambda: federation.sign_in_token(KEYS, "eu-west-1", 0, home.env))
    assert token is None or (token.isprintable() and " " not in token)


LOOKS: dict[str, Callable[[Answer], object]] = {
    "text": lambda one: one.text("a"),
    "optional": lambda one: one.optional("a"),
    "secret": lambda one: one.secret("a"),
    "number": lambda one: one.number("a"),
    "moment": lambda one: one.moment("a"),
    "part": lambda one: one.part("a").text("b"),
    "rows": lambda one: [row.text("b") for row in one.rows("a")],
    "texts": lambda one: one.texts("a"),
}


@cases(40, 6_000)
@given(changed_json([{"a": "x"}, {"a": 5}, {"a": {"b": "x"}}, {"a": [{"b": "x"}]}, {"a": ["x"]}, []]))  # fmt: skip
def test_whatever_is_looked_up_in_an_answer(document: Any) -> None:
    tried("answers, looked into")
    for look in LOOKS.values():
        found = read(lambda: look(Answer(document, "AWS", "https://x")))  # noqa: B023
        json.dumps(found, ensure_ascii=False, default=str).encode()
