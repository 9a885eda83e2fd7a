"""The token cache: the bytes of the AWS CLI v2, and what is made of files that are not as they should."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import stat
import time
from typing import TYPE_CHECKING, Any

import pytest

from ssoenv.aws_files import token_cache
from ssoenv.base import clock
from ssoenv.base.models import Registration, Session, Token
from tests.sign_in.people import ACME, LEGACY, Person

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Home

CORP = Session(
    "corp", "https://d-1234567890.awsapps.com/start", "eu-west-1", ("sso:account:access",), "c:1"
)
TOKEN = Token(
    CORP.start_url, CORP.region, "at-1", 1795466766, "cid", "sec", 1803213879, "rt-1"
)  # 2026-11-23T20:46:06Z and 2027-02-21T12:44:39Z
WRITTEN = (
    '{"startUrl": "https://d-1234567890.awsapps.com/start", "region": "eu-west-1", '
    '"accessToken": "at-1", "expiresAt": "2026-11-23T20:46:06Z", "clientId": "cid", '
    '"clientSecret": "sec", "registrationExpiresAt": "2027-02-21T12:44:39Z", '
    '"refreshToken": "rt-1"}'
)
"""As the AWS CLI 2.36.7 writes it."""
CORP_SHA1 = "ee0bfd2552fbd840c02cc48b6e823320543c450f"
REGISTRATION_SHA1 = "c6a06e42182fb324db02aec3d36dc183754bc04e"


def cache(home: Home) -> Path:
    return home.path / ".aws/sso/cache"


def test_the_bytes_are_those_of_the_aws_cli(home: Home) -> None:
    token_cache.save_token(home.env, CORP, TOKEN)

    path = cache(home) / f"{CORP_SHA1}.json"
    assert path.read_text() == WRITTEN
    assert token_cache.load_token(home.env, CORP) == TOKEN
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for folder in (cache(home), cache(home).parent, cache(home).parent.parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [one.name for one in cache(home).iterdir()] == [path.name]


def test_what_is_absent_is_left_out(home: Home) -> None:
    bare = Token(CORP.start_url, CORP.region, "at-1", 1795466766)
    token_cache.save_token(home.env, CORP, bare)

    text = (cache(home) / f"{CORP_SHA1}.json").read_text()
    assert text == WRITTEN[: WRITTEN.index(', "clientId"')] + "}"
    assert token_cache.load_token(home.env, CORP) == bare


PKCE_GRANTS = '"grantTypes": ["authorization_code", "refresh_token"]}'


@pytest.mark.parametrize(
    ("grants", "scopes", "written"),
    [
        (
            ("authorization_code", "refresh_token"),
            ("sso:account:access",),
            ', "scopes": ["sso:account:access"], ' + PKCE_GRANTS,
        ),
        ((), ("sso:account:access",), ', "scopes": ["sso:account:access"]}'),
        ((), None, "}"),
    ],
    ids=["pkce", "device", "device, no scopes"],
)
def test_the_registration_is_that_of_the_aws_cli(
    home: Home, grants: tuple[str, ...], scopes: tuple[str, ...] | None, written: str
) -> None:
    registration = Registration("cid", "sec", 1803213879, scopes, grants)
    token_cache.save_registration(home.env, CORP, registration)

    path = cache(home) / f"{REGISTRATION_SHA1}.json"
    start = '{"clientId": "cid", "clientSecret": "sec", "expiresAt": "2027-02-21T12:44:39Z"'
    assert path.read_text() == start + written
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_legacy_token_lies_under_its_start_url(home: Home) -> None:
    assert token_cache.token_file(home.env, LEGACY).endswith(
        hashlib.sha1(LEGACY.start_url.encode(), usedforsecurity=False).hexdigest() + ".json"
    )


@pytest.mark.parametrize(
    "stamp",
    [
        "2026-11-23T20:46:06Z",
        "2026-11-23T20:46:06UTC",
        "2026-11-23T20:46:06.123Z",
        "2026-11-23T21:46:06+01:00",
        "2026-11-23T20:46:06",
    ],
)
def test_other_ways_to_write_a_time(home: Home, stamp: str) -> None:
    token_cache.save_token(home.env, CORP, TOKEN)
    path = cache(home) / f"{CORP_SHA1}.json"
    path.write_text(WRITTEN.replace("2026-11-23T20:46:06Z", stamp))

    token = token_cache.load_token(home.env, CORP)
    assert token
    assert token.expires_at == TOKEN.expires_at


CORRUPT = {
    "empty": b"",
    "half": WRITTEN[:90].encode(),
    "not JSON": b"<html>",
    "not UTF-8": b"\xff\xfe\x00{}",
    "a list": b"[1]",
    "a number": b"17",
    "null": b"null",
    "an empty object": b"{}",
    "no token": b'{"expiresAt": "2030-01-01T00:00:00Z"}',
    "no time": b'{"accessToken": "x"}',
    "token null": WRITTEN.replace('"at-1"', "null").encode(),
    "token a number": WRITTEN.replace('"at-1"', "1").encode(),
    "token empty": WRITTEN.replace('"at-1"', '""').encode(),
    "time a number": WRITTEN.replace('"2026-11-23T20:46:06Z"', "1795466766").encode(),
    "time nonsense": WRITTEN.replace("2026-11-23T20:46:06Z", "soon").encode(),
    "deep": b"[" * 500_000,
}


@pytest.mark.parametrize("content", CORRUPT.values(), ids=CORRUPT.keys())
def test_a_corrupt_file_is_no_token(alice: Person, content: bytes) -> None:
    path = token_cache.token_file(alice.env, ACME)
    os.makedirs(os.path.dirname(path))
    with open(path, "wb") as stream:
        stream.write(content)

    assert token_cache.load_token(alice.env, ACME) is None
    token_cache.drop_token(alice.env, ACME)
    list(token_cache.token_files(alice.env))
    assert alice.sign_in().access_token
    assert token_cache.load_token(alice.env, ACME)


@pytest.mark.parametrize("key", ["clientId", "registrationExpiresAt", "refreshToken", "region"])
def test_a_corrupt_part_does_not_spoil_the_token(home: Home, key: str) -> None:
    token_cache.save_token(home.env, CORP, TOKEN)
    path = cache(home) / f"{CORP_SHA1}.json"
    path.write_text(json.dumps(json.loads(WRITTEN) | {key: 17}))

    token = token_cache.load_token(home.env, CORP)
    assert token
    assert token.access_token == "at-1"
    assert token.refreshable(0) is (key == "region")


def test_a_file_that_is_just_being_written(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """The AWS CLI truncates, then writes: here, while the reader waits before it looks again."""
    token_cache.save_token(home.env, CORP, TOKEN)
    path = cache(home) / f"{CORP_SHA1}.json"
    path.write_text("")
    monkeypatch.setattr(time, "sleep", lambda _: path.write_text(WRITTEN))

    assert token_cache.load_token(home.env, CORP) == TOKEN


def test_a_link_is_not_followed(home: Home, tmp_path: Path) -> None:
    planted = tmp_path / "planted.json"
    planted.write_text(WRITTEN)
    cache(home).mkdir(parents=True)
    path = cache(home) / f"{CORP_SHA1}.json"
    path.symlink_to(planted)

    assert token_cache.load_token(home.env, CORP) is None
    token_cache.save_token(home.env, CORP, TOKEN)
    assert not path.is_symlink()
    assert planted.read_text() == WRITTEN


def test_a_file_of_somebody_else_is_not_read(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    token_cache.save_token(home.env, CORP, TOKEN)
    other = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: other)

    assert token_cache.load_token(home.env, CORP) is None


def test_other_files_in_the_folder(home: Home) -> None:
    """Registrations, and what other tools keep there, are no tokens."""
    token_cache.save_token(home.env, CORP, TOKEN)
    token_cache.save_registration(home.env, CORP, Registration("a", "b", clock.now() + 9999))
    (cache(home) / "botocore-client-id-eu-west-1.json").write_text('{"clientId": "x"}')
    (cache(home) / "notes.txt").write_text('{"accessToken": "x"}')
    (cache(home) / "broken.json").write_text("{")
    (cache(home) / "kiro-auth-token.json").write_text('{"accessToken": "kiro"}')
    (cache(home) / "toolkit.json").write_text('{"accessToken": "theirs", "startUrl": "https://x"}')

    found = {token.access_token for _, token in token_cache.token_files(home.env)}
    assert found == {"at-1", "theirs"}


@pytest.mark.parametrize("end", ["", "/", "#", "#/", "/#/"])
@pytest.mark.parametrize("host", ["d-1234567890.awsapps.com", "D-1234567890.AWSapps.com"])
def test_a_start_url_may_be_written_in_several_ways(home: Home, host: str, end: str) -> None:
    token_cache.save_token(home.env, CORP, TOKEN)
    session = dataclasses.replace(CORP, start_url=f"https://{host}/start{end}")

    assert token_cache.load_token(home.env, session)


@pytest.mark.parametrize(
    "change",
    [
        {"start_url": "https://d-1111111111.awsapps.com/start"},
        {"start_url": "https://d-1234567890.awsapps.com/starts"},
        {"start_url": "http://d-1234567890.awsapps.com/start"},
        {"start_url": "https://d-1234567890.awsapps.com.evil.example/start"},
        {"region": "us-east-1"},
    ],
    ids=str,
)
def test_a_token_serves_only_where_it_was_issued(home: Home, change: dict[str, Any]) -> None:
    token_cache.save_token(home.env, CORP, TOKEN)
    session = dataclasses.replace(CORP, **change)

    assert token_cache.load_token(home.env, session) is None
    assert token_cache.held_tokens(home.env, session)
