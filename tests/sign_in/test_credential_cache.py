"""Role credentials in the AWS CLI's own files: it reads ours, we read its."""

from __future__ import annotations

import json
import os
import stat
from typing import TYPE_CHECKING

import pytest

from ssoenv.aws_files import credential_cache
from ssoenv.base import clock
from ssoenv.base.models import Credentials, Session
from ssoenv.identity_center.client import IdentityCenter
from tests.sign_in.people import ACME, LEGACY

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Home
    from tests.sign_in.people import Person

CORP = Session("corp", "https://d-1234567890.awsapps.com/start", "eu-west-1", None, "c:1")
KEYS = Credentials("ASIA1", "secret", "token", 1795466766, "000000000001", "Admin")
WRITTEN = (
    '{"ProviderType": "sso", "Credentials": {"AccessKeyId": "ASIA1", '
    '"SecretAccessKey": "secret", "SessionToken": "token", '
    '"Expiration": "2026-11-23T20:46:06Z", "AccountId": "000000000001"}}'
)
"""As the AWS CLI 2.36.7 writes it."""


def without_mark(text: str, session: Session) -> str:
    """What we write, without what says that it is ours, and of which Identity Center."""
    said = {"Session": session.label, "StartUrl": session.start_url}
    begin, mark, end = text.partition(f', "Ssoenv": {json.dumps(said)}')
    assert mark
    return begin + end


def test_the_bytes_are_those_of_the_aws_cli(home: Home) -> None:
    path = credential_cache.save(home.env, CORP, KEYS)

    name = "832902551c87532115b5355a94990bc2bd4b1d73.json"
    assert path == f"{home.path}/.aws/cli/cache/{name}"
    with open(path) as stream:
        assert without_mark(stream.read(), CORP) == WRITTEN
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(os.path.dirname(path)).st_mode) == 0o700
    assert credential_cache.load(home.env, CORP, "000000000001", "Admin") == KEYS


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"Credentials": null}',
        '{"Credentials": {}}',
        WRITTEN.replace('"ASIA1"', "null"),
        WRITTEN.replace('"secret"', "7"),
        WRITTEN.replace('"2026-11-23T20:46:06Z"', "null"),
        WRITTEN.replace("2026-11-23", "2026-99-23"),
        "[" * 500_000,
    ],
)
def test_a_corrupt_file_is_no_credentials(home: Home, text: str) -> None:
    path = credential_cache.save(home.env, CORP, KEYS)
    with open(path, "w") as stream:
        stream.write(text)

    assert credential_cache.load(home.env, CORP, KEYS.account_id, KEYS.role) is None
    credential_cache.remove_all(home.env)
    credential_cache.save(home.env, CORP, KEYS)
    assert credential_cache.load(home.env, CORP, KEYS.account_id, KEYS.role) == KEYS


def test_a_link_is_not_followed(home: Home, tmp_path: Path) -> None:
    path = credential_cache.save(home.env, CORP, KEYS)
    os.rename(path, tmp_path / "planted")
    os.symlink(tmp_path / "planted", path)

    assert credential_cache.load(home.env, CORP, KEYS.account_id, KEYS.role) is None


def test_only_identity_center_credentials_go(home: Home) -> None:
    path = credential_cache.save(home.env, CORP, KEYS)
    other = os.path.dirname(path) + "/assumed.json"
    with open(other, "w") as stream:
        stream.write('{"Credentials": {}}')

    credential_cache.remove_all(home.env)

    assert not os.path.exists(path)
    assert os.path.exists(other)


@pytest.mark.parametrize(
    ("profile", "session", "role"), [("dev", ACME, "Developer"), ("legacy", LEGACY, "ReadOnly")]
)
def test_both_directions_with_the_aws_cli(
    alice: Person, profile: str, session: Session, role: str
) -> None:
    account = "111111111111"
    token = alice.hold(3600, session=session)
    assert alice.aws("sts", "get-caller-identity", "--profile", profile).returncode == 0

    theirs = credential_cache.load(alice.env, session, account, role)
    assert theirs
    path = credential_cache.cache_file(alice.env, session, account, role)
    with open(path) as stream:
        before = stream.read()
    credential_cache.save(alice.env, session, theirs)
    with open(path) as stream:
        after = without_mark(stream.read(), session)
    # The 2.9 of Debian writes no account id; later ones do, and so do we.
    assert after.replace(f', "AccountId": "{account}"', "") == before

    ours = IdentityCenter(session, alice.env).get_role_credentials(token, account, role)
    credential_cache.save(alice.env, session, ours)
    alice.sandbox.clear_requests()
    result = alice.aws("sts", "get-caller-identity", "--profile", profile)
    assert json.loads(result.stdout)["Account"] == account
    assert [call["operation"] for call in alice.sandbox.requests()] == ["GetCallerIdentity"]
    assert ours.expiration > clock.now() + 3000
