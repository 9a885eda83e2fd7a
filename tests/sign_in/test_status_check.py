"""``ssoenv status --check`` and ``--probe``: whether AWS can be used here, and nobody signs in."""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING, Any

import pytest

from ssoenv.aws_files import credential_cache, token_cache
from ssoenv.base import clock
from ssoenv.base.errors import ServiceUnavailable
from ssoenv.base.models import Credentials
from ssoenv.credentials import probe
from ssoenv.sandbox.records import Keys
from tests.conftest import PROJECT
from tests.odd_server import serving
from tests.sign_in.people import ACME

if TYPE_CHECKING:
    import socket
    from pathlib import Path

    from tests.conftest import Home
    from tests.sign_in.people import Person

OFFLINE = {"AWS_ENDPOINT_URL_SSO": "http://127.0.0.1:1", "AWS_DATA_PATH": ""}
DEV = "111111111111"


@pytest.fixture
def project(alice: Person) -> Path:
    there = alice.home.project("web", PROJECT)
    assert alice.home.ssoenv("trust", "--yes", cwd=there).returncode == 0
    return there


def check(home: Home, where: Path, *more: str, **env: str) -> int:
    """The exit code of a check that says nothing at all."""
    done = home.ssoenv("status", "--check", *more, cwd=where, **env)
    assert (done.stdout, done.stderr) == ("", "")
    return done.returncode


def cached(alice: Person, left: int) -> None:
    """Have credentials of dev/Developer in the cache, which AWS takes."""
    end = clock.now() + left
    keys = Credentials("ASIAKEPT", "kept-secret", "kept-token", end, DEV, "Developer")
    credential_cache.save(alice.env, ACME, keys)
    known = Keys(DEV, "Developer", "alice", keys.secret_access_key, keys.session_token, end + 3600)
    alice.sandbox.state.keys["ASIAKEPT"] = known


def test_a_token_an_old_one_and_none(alice: Person, project: Path) -> None:
    for where in (project, alice.home.path):
        token_cache.drop_token(alice.env, ACME)
        assert check(alice.home, where, **OFFLINE) == 3
        alice.hold(3600, refreshable=False)
        assert check(alice.home, where, **OFFLINE) == 0
        alice.hold(-60)
        assert check(alice.home, where, **OFFLINE) == 0  # it is renewed by itself
        alice.hold(-60, refreshable=False)
        assert check(alice.home, where, **OFFLINE) == 3
    assert alice.sandbox.requests() == []


def test_cached_credentials_need_no_token(alice: Person, project: Path) -> None:
    alice.hold(-60, refreshable=False)
    cached(alice, 3600)
    assert check(alice.home, project, **OFFLINE) == 0
    assert check(alice.home, alice.home.path, **OFFLINE) == 3  # there it is the session that counts
    cached(alice, 30)
    assert check(alice.home, project, **OFFLINE) == 3


def test_a_role_that_may_not_be_had(alice: Person, project: Path) -> None:
    alice.hold(3600)
    settings = alice.home.path / ".config/ssoenv/config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text('never = ["*:Developer"]\n')
    assert check(alice.home, project) == 6


def test_what_is_not_trusted_or_invalid_gives_none(alice: Person) -> None:
    alice.hold(3600)
    web = alice.home.project("web", PROJECT)
    assert check(alice.home, web) == 4
    (web / ".ssoenv.toml").write_text("session = \n")
    assert check(alice.home, web) == 5
    assert alice.home.ssoenv("status", "--check", "--json").returncode == 2


def test_a_probe_has_the_service_s_word(alice: Person, project: Path) -> None:
    held = alice.hold(3600)
    cached(alice, 3600)
    assert check(alice.home, project, "--probe") == 0
    assert check(alice.home, alice.home.path, "--probe") == 0
    assert check(alice.home, project, "--probe", **OFFLINE) == 7
    # The session has ended at the service: the files do not tell.
    sign_in = alice.sandbox.state.sign_in_of(held.access_token)
    assert sign_in
    sign_in.ends = 0
    token_cache.save_token(alice.env, ACME, held)
    assert check(alice.home, project) == 0
    assert check(alice.home, project, "--probe") == 3
    assert alice.calls("StartDeviceAuthorization") == alice.calls("RegisterClient") == 0


@pytest.mark.parametrize("account", [DEV, "dev", "no-such-account"])
def test_a_probe_tells_which_role_is_not_held(alice: Person, account: str) -> None:
    alice.hold(3600)
    there = alice.home.project(
        "odd",
        f'session = "acme"\n[profiles.x]\naccount = "{account}"\nrole = ["Nobody", "Neither"]\n',
    )
    assert alice.home.ssoenv("trust", "--yes", cwd=there).returncode == 0
    assert check(alice.home, there, "--probe") == 6
    assert alice.calls("GetRoleCredentials") == 0


def test_a_probe_renews_a_token_that_can_be(alice: Person, project: Path) -> None:
    alice.hold(-60)
    assert check(alice.home, project, "--probe") == 0
    token = token_cache.load_token(alice.env, ACME)
    assert token
    assert token.expires_at > clock.now()


def test_a_probe_does_not_wait_without_end(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    alice.hold(3600)
    monkeypatch.setattr(probe, "PATIENCE", 0.2)

    def never(connection: socket.socket) -> None:
        connection.recv(65536)
        time.sleep(3)

    with serving(never) as url:
        began = time.monotonic()
        with pytest.raises(ServiceUnavailable):
            probe.probe(ACME, None, alice.env | {"AWS_ENDPOINT_URL_SSO": url, "AWS_DATA_PATH": ""})
        assert time.monotonic() - began < 2


def report(home: Home, where: Path, *more: str, **env: str) -> dict[str, Any]:
    done = home.ssoenv("status", "--json", *more, cwd=where, **env)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_json_has_the_age_of_the_token_the_probe_and_the_ends(alice: Person, project: Path) -> None:
    alice.hold(3600)
    cached(alice, 1800)
    path = token_cache.token_file(alice.env, ACME)
    os.utime(path, (clock.now() - 500, clock.now() - 500))
    told = report(alice.home, project)
    assert told["probe"] is None
    assert 500 <= told["session"]["token_age"] <= 520
    assert 3500 < told["session"]["seconds_left"] <= 3600
    assert 1700 < told["credentials"]["seconds_left"] <= 1800
    assert report(alice.home, project, "--probe")["probe"] == {
        "result": "valid",
        "message": None,
        "next": None,
    }
    offline = report(alice.home, project, "--probe", **OFFLINE)["probe"]
    assert offline["result"] == "service-unavailable"
    assert offline["message"]
    assert "asked just now: it takes" in alice.home.ssoenv("status", "--probe", cwd=project).stdout


def test_cached_credentials_go_on_with_an_ended_token_and_no_network(
    alice: Person, project: Path
) -> None:
    """exec, export and credential-process hand them out, and ask nobody for anything."""
    alice.hold(-60, refreshable=False)
    for left in (3600, 300):
        cached(alice, left)
        show = ["sh", "-c", "echo $AWS_ACCESS_KEY_ID"]
        for where, words in (
            (project, ["export", "--format", "env"]),
            (project, ["exec", "--", *show]),
            (project, ["credential-process"]),
            (alice.home.path, ["export", f"{DEV}/Developer"]),
            (alice.home.path, ["exec", f"{DEV}/Developer", "--", *show]),
            (alice.home.path, ["credential-process", f"acme/{DEV}/Developer"]),
        ):
            done = alice.home.ssoenv(*words, cwd=where, **OFFLINE)
            assert done.returncode == 0, (left, words, done.stderr)
            assert "ASIAKEPT" in done.stdout
    assert alice.sandbox.requests() == []
