"""One token for all: boto3 and an AWS CLI v2 that nobody here wrote use ours, and we use theirs."""

from __future__ import annotations

import json
import os

import pytest

from ssoenv.aws_files import token_cache
from ssoenv.base import clock, paths
from tests.sign_in.people import ACME, LEGACY, Person


def test_the_aws_cli_signs_in_and_we_use_it(alice: Person) -> None:
    result = alice.aws("sso", "login", "--no-browser", "--profile", "dev")
    assert result.returncode == 0, result.stderr
    written = read(token_cache.token_file(alice.env, ACME))
    alice.sandbox.clear_requests()

    token = alice.sign_in()

    assert token.access_token == json.loads(written)["accessToken"]
    assert alice.sandbox.requests() == []
    token_cache.save_token(alice.env, ACME, token)
    assert read(token_cache.token_file(alice.env, ACME)) == written


def test_the_aws_cli_registers_and_we_use_it(alice: Person) -> None:
    assert alice.aws("sso", "login", "--no-browser", "--profile", "dev").returncode == 0
    files = {name: read(name) for name in registrations(alice)}
    assert len(files) == 1
    alice.sandbox.clear_requests()

    alice.sign_in(force=True, method="device")

    assert alice.calls("RegisterClient") == 0
    kept = token_cache.load_registration(alice.env, ACME, grant="device_code")
    assert kept
    token_cache.save_registration(alice.env, ACME, kept)
    assert {name: read(name) for name in registrations(alice)} == files


@pytest.mark.parametrize("method", ["browser", "device"])
def test_we_sign_in_and_the_aws_cli_uses_it(alice: Person, method: str) -> None:
    alice.sign_in(method=method)
    alice.sandbox.clear_requests()

    result = alice.aws("sts", "get-caller-identity", "--profile", "dev")

    assert result.returncode == 0, result.stderr
    assert ":assumed-role/AWSReservedSSO_Developer_" in json.loads(result.stdout)["Arn"]
    assert alice.calls("CreateToken") == 0
    assert alice.calls("GetRoleCredentials") == 1


def test_we_register_and_the_aws_cli_uses_it(alice: Person) -> None:
    alice.sign_in(method="device")
    alice.sandbox.clear_requests()

    assert alice.aws("sso", "login", "--no-browser", "--profile", "dev").returncode == 0
    assert alice.calls("RegisterClient") == 0


def test_the_aws_cli_uses_our_legacy_token(alice: Person) -> None:
    alice.sign_in(session=LEGACY)
    alice.sandbox.clear_requests()

    result = alice.aws("sts", "get-caller-identity", "--profile", "legacy")
    assert result.returncode == 0, result.stderr
    assert alice.calls("CreateToken") == 0


def test_boto3_uses_our_token(alice: Person) -> None:
    alice.sign_in()
    alice.sandbox.clear_requests()

    arn = alice.boto3(
        "answer = boto3.Session(profile_name='dev').client('sts').get_caller_identity()['Arn']"
    )
    assert "AWSReservedSSO_Developer_" in arn
    assert alice.calls("CreateToken") == 0


def test_boto3_refreshes_what_we_wrote_and_we_read_that(alice: Person) -> None:
    alice.hold(800)

    key = alice.boto3(
        "session = boto3.Session(profile_name='dev')\n"
        "answer = session.get_credentials().get_frozen_credentials().access_key"
    )

    assert key.startswith("ASIASANDBOX")
    assert alice.calls("CreateToken") == 1
    written = read(token_cache.token_file(alice.env, ACME))
    token = token_cache.load_token(alice.env, ACME)
    assert token
    assert token.refreshable(clock.now())
    assert alice.sign_in().access_token == token.access_token
    token_cache.save_token(alice.env, ACME, token)
    assert json.loads(read(token_cache.token_file(alice.env, ACME))) == json.loads(written)


def read(path: str) -> bytes:
    with open(path, "rb") as stream:
        return stream.read()


def registrations(person: Person) -> list[str]:
    folder = paths.token_cache(person.env)
    names = [f"{folder}/{name}" for name in os.listdir(folder)]
    return [name for name in names if b"accessToken" not in read(name)]
