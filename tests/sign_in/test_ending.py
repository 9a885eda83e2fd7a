"""Signing out: the service is told, and no token or key of the session stays on the machine."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from ssoenv import sign_in
from ssoenv.aws_files import credential_cache, token_cache
from ssoenv.base import clock, paths
from ssoenv.base.errors import ServiceUnavailable
from ssoenv.base.models import Role, Session
from ssoenv.identity_center import oidc
from ssoenv.identity_center.client import IdentityCenter
from ssoenv.identity_center.refusals import GrantRejected, TokenRejected
from ssoenv.shells import rendered, rendering
from tests.sign_in.people import ACME, LEGACY

if TYPE_CHECKING:
    from ssoenv.base.models import Token
    from tests.sign_in.people import Person

DEV, PROD = "111111111111", "333333333333"


def render(person: Person, token: Token, role: Role, name: str, session: Session = ACME) -> str:
    """Have credentials of a role cached and rendered; return the path of the cached ones."""
    account = {"dev": DEV, "prod": PROD}.get(role.account, role.account)
    center = IdentityCenter(session, person.env)
    credentials = center.get_role_credentials(token, account, name)
    path = credential_cache.save(person.env, session, credentials)
    rendering.publish_role(person.env, role.key, credentials, path, clock.now())
    return path


def assert_ended(person: Person, token: Token) -> None:
    """The service does not take a token any more."""
    with pytest.raises(TokenRejected):
        IdentityCenter(ACME, person.env).list_accounts(token)


def test_everything_of_the_session_goes(alice: Person) -> None:
    token = alice.hold(3600)
    developer = Role("acme", DEV, ("Developer",))
    either = Role("acme", "prod", ("Administrator", "ReadOnly"))
    files = [
        render(alice, token, developer, "Developer"),
        render(alice, token, either, "ReadOnly"),
    ]
    other = Session("other", ACME.start_url, ACME.region, None, "config:9")
    kept = alice.hold(3600, session=other)
    stays = render(alice, kept, Role("other", DEV, ("Developer",)), "Developer", other)

    assert sign_in.sign_out(ACME, alice.env)

    assert alice.calls("Logout") == 1
    assert_ended(alice, token)
    assert token_cache.load_token(alice.env, ACME) is None
    assert not any(os.path.exists(path) for path in files)
    for role in (developer, either):
        assert rendered.load_role(alice.env, role.key) is None
    assert not os.path.exists(f"{paths.state(alice.env)}/roles/acme")
    assert os.path.exists(stays)
    assert token_cache.load_token(alice.env, other) == kept
    assert rendered.load_role(alice.env, Role("other", DEV, ("Developer",)).key)


def test_keys_that_the_aws_cli_fetched_go_too(alice: Person) -> None:
    alice.hold(3600)
    assert alice.home.ssoenv("roles").returncode == 0
    assert alice.aws("sts", "get-caller-identity", "--profile", "dev").returncode == 0
    assert credential_cache.load(alice.env, ACME, DEV, "Developer")

    sign_in.sign_out(ACME, alice.env)

    assert credential_cache.load(alice.env, ACME, DEV, "Developer") is None


def test_a_legacy_session_under_the_name_of_its_profile(alice: Person) -> None:
    token = alice.hold(3600, session=LEGACY)
    role = Role("legacy", DEV, ("ReadOnly",))
    path = render(alice, token, role, "ReadOnly", LEGACY)

    sign_in.sign_out(LEGACY, alice.env)

    assert not os.path.exists(path)
    assert rendered.load_role(alice.env, role.key) is None
    assert not os.path.exists(paths.role_folder(alice.env, role.key))


def test_not_signed_in(alice: Person) -> None:
    assert not sign_in.sign_out(ACME, alice.env)
    sign_in.sign_out_everywhere(alice.env)
    assert alice.sandbox.requests() == []


def test_a_token_that_the_service_forgot_is_no_error(alice: Person) -> None:
    alice.hold(3600)
    alice.sandbox.state.tokens.clear()

    assert sign_in.sign_out(ACME, alice.env)
    assert token_cache.load_token(alice.env, ACME) is None


def test_a_corrupt_token_goes_as_well(alice: Person) -> None:
    alice.hold(3600)
    path = token_cache.token_file(alice.env, ACME)
    with open(path, "w") as stream:
        stream.write("{")

    assert not sign_in.sign_out(ACME, alice.env)
    assert not os.path.exists(path)


def test_an_expired_token_still_ends_its_session(alice: Person) -> None:
    """Its refresh token would go on for hours; the service ends sessions for good tokens only."""
    token = alice.hold(-60)
    alice.sandbox.state.tokens.clear()

    assert sign_in.sign_out(ACME, alice.env)

    assert [call["operation"] for call in alice.sandbox.requests()] == ["CreateToken", "Logout"]
    with pytest.raises(GrantRejected):
        oidc.refresh(IdentityCenter(ACME, alice.env), token)


@pytest.mark.parametrize("left", [3600, -60])
def test_a_service_that_cannot_be_told(alice: Person, left: int) -> None:
    token = alice.hold(3600)
    role = Role("acme", DEV, ("Developer",))
    path = render(alice, token, role, "Developer")
    alice.hold(left)
    for name in ("AWS_ENDPOINT_URL_SSO", "AWS_ENDPOINT_URL_SSO_OIDC"):
        alice.env[name] = "http://127.0.0.1:1"

    with pytest.raises(ServiceUnavailable):
        sign_in.sign_out(ACME, alice.env)
    assert token_cache.load_token(alice.env, ACME) is None
    assert not os.path.exists(path)
    assert rendered.load_role(alice.env, role.key) is None


def test_everywhere(alice: Person) -> None:
    token = alice.hold(3600)
    other = Session("other", ACME.start_url, ACME.region, None, "config:9")
    alice.hold(-60, session=other)
    alice.hold(3600, session=LEGACY)
    path = render(alice, token, Role("acme", DEV, ("Developer",)), "Developer")
    folder = paths.token_cache(alice.env)
    for name, text in {
        "toolkit.json": '{"accessToken": "theirs"}',
        "odd.json": '{"accessToken": "odd", "startUrl": "x", "region": "no region", "expiresAt": "never"}',
        "registration.json": '{"clientId": "stays"}',
    }.items():
        with open(f"{folder}/{name}", "w") as stream:
            stream.write(text)

    sign_in.sign_out_everywhere(alice.env)

    assert alice.calls("Logout") == 3
    assert sorted(os.listdir(folder)) == ["registration.json", "toolkit.json"]
    assert not os.path.exists(path)
    assert not os.path.exists(f"{paths.state(alice.env)}/roles")


def test_everywhere_tells_all_before_it_complains(alice: Person) -> None:
    alice.hold(3600)
    folder = paths.token_cache(alice.env)
    with open(f"{folder}/0-odd.json", "w") as stream:
        stream.write(
            '{"accessToken": "x", "startUrl": "https://x.awsapps.com/start", "region": "us-east-1",'
            ' "expiresAt": "2030-01-01T00:00:00Z"}'
        )
    alice.sandbox.fail("Logout", "InternalServerException", 3)

    with pytest.raises(ServiceUnavailable):
        sign_in.sign_out_everywhere(alice.env)
    assert os.listdir(folder) == []
    assert alice.calls("Logout") == 4


def test_aws_sso_logout_ends_what_we_signed_in_to(alice: Person) -> None:
    token = alice.sign_in()

    assert alice.aws("sso", "logout").returncode == 0
    assert token_cache.load_token(alice.env, ACME) is None
    assert_ended(alice, token)
