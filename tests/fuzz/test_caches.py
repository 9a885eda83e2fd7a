"""Files of JSON that other tools write beside us, and ours: whatever is in them, nothing is raised."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssoenv.aws_files import credential_cache, token_cache
from ssoenv.base import clock, json_files, paths
from ssoenv.base.models import Credentials, Registration, Session, Token
from ssoenv.identity_center import kept_listings
from ssoenv.identity_center.assignments import Entitled
from tests.fuzz.cases import cases, changed_json, in_time, tried

URL = "https://acme.awsapps.com/start"
ACME = Session("acme", URL, "eu-west-1", ("sso:account:access",), "")
LEGACY = Session(None, URL, "eu-west-1", None, "", (f"{URL}#", f"{URL}/"))
LATER = "2999-11-23T13:46:06Z"
TOKENS = [
    {"startUrl": URL, "region": "eu-west-1", "accessToken": "at", "expiresAt": LATER},
    {"startUrl": f"{URL}#", "region": "eu-west-1", "accessToken": "at", "expiresAt": LATER, "clientId": "c", "clientSecret": "s", "registrationExpiresAt": LATER, "refreshToken": "rt"},
    {"startUrl": URL, "region": "eu-west-1", "accessToken": "at", "expiresAt": "2026-11-23T13:46:06UTC", "scopes": ["codewhisperer:completions"], "clientIdHash": "x"},
    {"clientId": "c", "clientSecret": "s", "expiresAt": LATER, "scopes": ["sso:account:access"], "grantTypes": ["authorization_code", "refresh_token"]},
]  # fmt: skip
KEYS: list[dict[str, Any]] = [
    {"ProviderType": "sso", "Credentials": {"AccessKeyId": "ASIAX", "SecretAccessKey": "s", "SessionToken": "t", "Expiration": LATER, "AccountId": "111111111111"}},
    {"ProviderType": "sso", "Credentials": {"AccessKeyId": "ASIAX", "SecretAccessKey": "s", "SessionToken": "t", "Expiration": LATER}, "Ssoenv": {"Session": "acme", "First": "0123456789012345678901234567890123456789.json"}},
    {"Credentials": {"AccessKeyId": "ASIAX", "SecretAccessKey": "s", "SessionToken": "t", "Expiration": LATER}, "ResponseMetadata": {}},
]  # fmt: skip
LISTS = [
    {"listed_at": 1_800_000_000, "accounts": [["111111111111", "dev", "a@b", 1_800_000_000, ["Developer", "Admin"]], ["222222222222", "prod", "", 0, None], ["333333333333", "odd \u2028", "", 5, [], True]]},
    {"listed_at": 5, "accounts": [], "entitled": ["aa-12", 5, [["111111111111", "dev", "", 5, ["arn:aws:iam::111111111111:role/R"]]]]},
]  # fmt: skip
NOISE = st.tuples(st.sampled_from((b"", b"", b"", b"\xff", b"\0", b"]", b"}", b"[" * 3000, b"9" * 5000)), st.integers(0, 99))  # fmt: skip


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is in the middle of writing one of these files."""
    monkeypatch.setattr(json_files, "HALF_WRITTEN", 0.0)


def noisy(document: Any, noise: tuple[bytes, int]) -> bytes:
    content = json.dumps(document).encode()
    at = noise[1] * len(content) // 100
    return content[:at] + noise[0] + content[at:]


def texts(*values: object) -> None:
    assert all(value is None or (isinstance(value, str) and value) for value in values)


@cases(40, 5_000)
@given(changed_json(TOKENS), changed_json(TOKENS), NOISE, st.sampled_from((ACME, LEGACY)))
def test_tokens_and_registrations_of_others(
    tmp_path: Path, one: Any, two: Any, noise: tuple[bytes, int], session: Session
) -> None:
    tried("tokens and registrations")
    env = {"HOME": str(tmp_path)}
    folder = Path(paths.token_cache(env))
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    Path(token_cache.token_file(env, session)).write_bytes(noisy(one, noise))
    (folder / "other.json").write_bytes(noisy(two, (b"", 0)))
    registered = token_cache._registration_file(env, session)  # noqa: SLF001 - where it is kept
    Path(registered).write_bytes(noisy(two, noise))
    before = {path: path.read_bytes() for path in folder.iterdir()}
    token: Token | None = in_time(lambda: token_cache.load_token(env, session))
    token_cache.is_of_another_tool(env, session)
    for _, found in token_cache.token_files(env):
        texts(found.access_token)
    for grant in ("authorization_code", "device_code"):
        client: Registration | None = token_cache.load_registration(env, session, grant=grant)
        if client:
            texts(client.client_id, client.client_secret)
            token_cache.save_registration(env, session, client)
            assert token_cache.load_registration(env, session, grant=grant) == client
            before.pop(Path(registered), None)
    assert before.items() <= {path: path.read_bytes() for path in folder.iterdir()}.items()
    if token is None:
        return
    texts(token.access_token, token.start_url, token.region, token.client_id, token.client_secret, token.refresh_token)  # fmt: skip
    token_cache.save_token(env, session, token)
    again = token_cache.load_token(env, session)
    assert again is not None
    for name in (
        "access_token",
        "expires_at",
        "region",
        "client_id",
        "client_secret",
        "refresh_token",
    ):
        assert getattr(again, name) == getattr(token, name)


@cases(40, 4_000)
@given(changed_json(KEYS), NOISE)
def test_credentials_of_others(tmp_path: Path, document: Any, noise: tuple[bytes, int]) -> None:
    tried("cached credentials")
    env = {"HOME": str(tmp_path)}
    path = Path(credential_cache.cache_file(env, ACME, "111111111111", "R"))
    shutil.rmtree(path.parent, ignore_errors=True)
    path.parent.mkdir(parents=True)
    content = noisy(document, noise)
    path.write_bytes(content)
    found: Credentials | None = in_time(lambda: credential_cache.load(env, ACME, "111111111111", "R"))  # fmt: skip
    if found:
        texts(found.access_key_id, found.secret_access_key, found.session_token)
        credential_cache.save(env, ACME, found)
        assert credential_cache.load(env, ACME, "111111111111", "R") == found
        path.write_bytes(content)
    credential_cache.drop(str(path), "somebody else's")
    credential_cache.remove_ours(env, {"other"})
    assert path.read_bytes() == content or b'"Session": "other"' in content
    credential_cache.remove_ours(env, {"acme"})
    credential_cache.remove_all(env)
    if b'"ProviderType": "sso"' not in content:
        assert path.read_bytes() == content


@cases(40, 3_000)
@given(changed_json(LISTS), NOISE)
def test_lists_that_were_kept(tmp_path: Path, document: Any, noise: tuple[bytes, int]) -> None:
    tried("lists that were kept")
    env = {"HOME": str(tmp_path)}
    path = Path(kept_listings._file(env, "acme"))  # noqa: SLF001 - where it is kept
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(noisy(document, noise))
    found = in_time(lambda: kept_listings.load(env, "acme"))
    kept_listings.doubt(env, ACME, "111111111111")
    if found is None:
        return
    for one in found.assignments:
        assert isinstance(one.role, str)
        assert isinstance(one.account.name, str)
        assert found.account(one.account.id) is not None
    kept_listings.save(env, ACME, found)
    asked = found if found.entitled.listed_at else replace(found, entitled=Entitled())
    assert kept_listings.load(env, "acme") == asked


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-23:59", "1969-12-31T23:59:59Z"])  # fmt: skip
def test_a_moment_that_could_not_be_written_again_is_none(text: str) -> None:
    """It was read, and written with a year that nobody reads."""
    with pytest.raises(ValueError, match="-"):
        clock.parse_timestamp(text)
    for moment in (0, clock.YEAR_10000 - 1):
        assert clock.parse_timestamp(clock.render_timestamp(moment)) == moment


def test_a_session_that_is_no_text_is_nobodys(tmp_path: Path) -> None:
    """A sign-out ended as a bug."""
    env = {"HOME": str(tmp_path)}
    path = Path(credential_cache.cache_file(env, ACME, "111111111111", "R"))
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({**KEYS[1], "Ssoenv": {"Session": ["acme"]}}))
    credential_cache.remove_ours(env, {"acme"})
    assert path.exists()
