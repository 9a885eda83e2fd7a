"""sso-oidc: what a client may register, and which authorization codes become tokens."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from ssoenv.sandbox import registrations
from tests.sandbox.caller import (
    CALLBACK,
    CHALLENGE,
    CODE,
    DEVICE,
    REFRESH,
    VERIFIER,
    Caller,
)

if TYPE_CHECKING:
    from ssoenv.sandbox.server import Sandbox
    from tests.conftest import Home


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"clientName": None}, "InvalidRequestException"),
        ({"clientName": 7}, "InvalidRequestException"),
        ({"clientType": "confidential"}, "InvalidClientMetadataException"),
        ({"scopes": "sso:account:access"}, "InvalidRequestException"),
        ({"scopes": ["two words"]}, "InvalidScopeException"),
        ({"grantTypes": ["password"]}, "UnsupportedGrantTypeException"),
        ({"issuerUrl": "https://elsewhere.awsapps.com/start"}, "InvalidRequestException"),
        ({"issuerUrl": None}, "InvalidRequestException"),
        ({"redirectUris": []}, "InvalidRequestException"),
        ({"redirectUris": ["https://example.com/callback"]}, "InvalidRedirectUriException"),
        ({"redirectUris": ["https://127.0.0.1/callback"]}, "InvalidRedirectUriException"),
        ({"redirectUris": ["http://127.0.0.1.example.com/"]}, "InvalidRedirectUriException"),
        ({"redirectUris": ["http://127.0.0.1@example.com/"]}, "InvalidRedirectUriException"),
        ({"redirectUris": ["http://127.0.0.1/a\r\nX: y"]}, "InvalidRedirectUriException"),
        ({"redirectUris": ["http://127.0.0.1:99999/a"]}, "InvalidRedirectUriException"),
        ({"redirectUris": ["http://127.0.0.1/a#b"]}, "InvalidRedirectUriException"),
        ({"redirectUris": ["http://[::1/a"]}, "InvalidRedirectUriException"),
    ],
)
def test_what_cannot_be_registered(caller: Caller, fields: dict[str, object], error: str) -> None:
    assert caller.register(CODE, REFRESH, **fields).error == error


def test_a_registration_lasts_90_days(caller: Caller) -> None:
    body = caller.register().body
    assert body["clientSecretExpiresAt"] - body["clientIdIssuedAt"] == 90 * 86400
    assert body["clientSecret"].startswith("sandbox-client-secret-")

    caller.sandbox.advance(90 * 86400 + 1)
    answer = caller.start_device()
    assert (answer.status, answer.error) == (401, "InvalidClientException")


def test_a_registration_outlives_the_sandbox(home: Home, sandbox: Sandbox) -> None:
    """A program comes back with the one that it keeps, as to AWS; the address stays what it was."""
    assert home.ssoenv("login", "acme").returncode == 0
    (client,) = sandbox.state.clients.values()
    sandbox.state.clients.clear()  # as a sandbox has none that was started anew
    assert home.ssoenv("login", "acme", "--force").returncode == 0
    assert [*sandbox.state.clients.values()] == [client]
    nothing = registrations.read("sandbox-client-e30"), registrations.read(client.id[1:])
    assert nothing == (None, None)
    endless = urlsafe_b64encode(b'["n", Infinity, [], [], [], "", ""]').decode()
    assert registrations.read(f"sandbox-client-{endless}") is None
    elsewhere = f"{sandbox.url}/authorize?client_id={client.id}&redirect_uri=http://evil.example/"
    with pytest.raises(HTTPError) as refused, urlopen(elsewhere):  # noqa: S310
        pass
    assert refused.value.code == 400
    refused.value.close()


def test_a_body_that_is_no_object(caller: Caller) -> None:
    for body in (b"", b"[1]", b"{", b"\xff", b"[" * 100_000):
        answer = caller.send("POST", "/token", body)
        assert (answer.status, answer.error) == (400, "InvalidRequestException")


def test_pkce(pkce: Caller) -> None:
    page = pkce.authorize()
    assert page.status == 302
    assert page.headers["Location"].startswith(f"{CALLBACK}?code=")
    assert page.fields["state"] == "the-state"
    assert page.headers["Cache-Control"] == "no-store"

    body = pkce.exchange(page.fields["code"]).body

    assert body["accessToken"].startswith("sandbox-access-")
    assert body["refreshToken"].startswith("sandbox-refresh-")
    assert (body["tokenType"], body["expiresIn"]) == ("Bearer", 3600)


def test_a_code_is_good_once(pkce: Caller) -> None:
    code = pkce.code()
    assert pkce.exchange(code).status == 200
    assert pkce.exchange(code).error == "InvalidGrantException"


def test_a_code_is_good_for_a_minute(pkce: Caller) -> None:
    first, second = pkce.code(), pkce.code()
    pkce.sandbox.advance(55)
    assert pkce.exchange(first).status == 200
    pkce.sandbox.advance(6)
    assert pkce.exchange(second).error == "InvalidGrantException"


def test_a_code_is_good_for_its_own_client(pkce: Caller) -> None:
    code, owner = pkce.code(), pkce.client
    pkce.register(CODE, REFRESH)
    assert pkce.exchange(code).error == "InvalidGrantException"

    pkce.client = owner
    assert pkce.exchange(code).status == 200


@pytest.mark.parametrize(
    "fields",
    [
        {"codeVerifier": "w" * 64},
        {"codeVerifier": CHALLENGE},
        {"redirectUri": "http://127.0.0.1:18998/oauth/callback"},
        {"redirectUri": "http://127.0.0.1:18999/oauth/callback/"},
    ],
)
def test_a_code_is_good_for_its_own_sign_in(pkce: Caller, fields: dict[str, str]) -> None:
    """... and is burnt by an attempt with another verifier or address."""
    code = pkce.code()
    assert pkce.exchange(code, **fields).error == "InvalidGrantException"
    assert pkce.exchange(code).error == "InvalidGrantException"


@pytest.mark.parametrize("missing", ["code", "codeVerifier", "redirectUri"])
def test_an_exchange_needs_all_its_parts(pkce: Caller, missing: str) -> None:
    answer = pkce.exchange(pkce.code(), **{missing: None})
    assert answer.error == "InvalidRequestException"


def test_a_verifier_has_43_characters_at_least(pkce: Caller) -> None:
    import base64
    import hashlib

    digest = hashlib.sha256(b"short").digest()
    challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    code = pkce.authorize(code_challenge=challenge).fields["code"]
    assert pkce.exchange(code, codeVerifier="short").error == "InvalidGrantException"


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"code_challenge_method": "plain", "code_challenge": VERIFIER}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": "too-short"}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scopes": "sso:account:access codewhisperer:completions"}, "invalid_scope"),
    ],
)
def test_a_request_for_a_code_that_is_refused(
    pkce: Caller, fields: dict[str, str | None], error: str
) -> None:
    """The program learns of it; no code is made."""
    answer = pkce.authorize(**fields)
    assert (answer.status, answer.fields) == (302, {"error": error, "state": "the-state"})


@pytest.mark.parametrize(
    "fields",
    [
        {"client_id": "sandbox-client-unknown"},
        {"client_id": None},
        {"redirect_uri": None},
        {"redirect_uri": "http://127.0.0.1:18999/oauth/callback/../elsewhere"},
        {"redirect_uri": "http://127.0.0.1:18999/oauth/callback?more=1"},
        {"redirect_uri": "http://localhost:18999/oauth/callback"},
        {"redirect_uri": "https://example.com/oauth/callback"},
        {"redirect_uri": "http://127.0.0.1:18999\\@example.com/oauth/callback"},
        {"redirect_uri": "http://127.0.0.1:18999/oauth/callback\n"},
    ],
)
def test_nobody_is_sent_to_an_address_that_is_not_registered(
    pkce: Caller, fields: dict[str, str | None]
) -> None:
    answer = pkce.authorize(**fields)
    assert answer.status == 400
    assert "Location" not in answer.headers


def test_any_port_of_a_registered_address_will_do(pkce: Caller) -> None:
    for port in (1024, 65535):
        redirect = f"http://127.0.0.1:{port}/oauth/callback"
        assert pkce.authorize(redirect_uri=redirect).headers["Location"].startswith(redirect)


def test_a_query_of_the_address_is_kept(caller: Caller) -> None:
    caller.register(CODE, redirectUris=["http://localhost/cb?x=1"])
    answer = caller.authorize(redirect_uri="http://localhost:5555/cb?x=1", state=None)
    assert answer.headers["Location"].startswith("http://localhost:5555/cb?x=1&code=")
    assert "state" not in answer.fields


def test_a_client_gets_the_grants_it_registered(caller: Caller) -> None:
    caller.register(CODE, REFRESH)
    assert caller.start_device().error == "UnauthorizedClientException"

    caller.register()
    assert caller.authorize().status == 400
    assert caller.exchange("sandbox-code-x").error == "UnauthorizedClientException"
    assert caller.token("password").error == "UnsupportedGrantTypeException"
    assert caller.token(DEVICE, deviceCode=None).error == "InvalidRequestException"


@pytest.mark.parametrize("wrong", ["clientId", "clientSecret"])
def test_a_client_proves_who_it_is(caller: Caller, wrong: str) -> None:
    caller.register()
    code = caller.start_device().body["deviceCode"]

    answer = caller.token(DEVICE, deviceCode=code, **{wrong: "sandbox-other"})

    assert (answer.status, answer.body["error"]) == (401, "invalid_client")
    assert answer.error == "InvalidClientException"
    assert caller.token(DEVICE, deviceCode=code).status == 200
