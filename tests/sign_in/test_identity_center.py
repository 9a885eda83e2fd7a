"""The wire: what the services answer, and what each refusal means."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ssoenv.base.errors import AccessDenied, ServiceUnavailable
from ssoenv.identity_center import oidc
from ssoenv.identity_center.client import IdentityCenter, TokenRejected
from ssoenv.identity_center.refusals import ClientRejected, GrantRejected
from ssoenv.identity_center.sts import caller_identity
from tests.sign_in.people import ACME

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sign_in.people import Person

DEV = "111111111111"


@pytest.fixture
def center(alice: Person) -> IdentityCenter:
    return IdentityCenter(ACME, alice.env)


def test_the_portal(alice: Person, center: IdentityCenter) -> None:
    token = alice.hold(3600)

    accounts = {account.name: account for account in center.list_accounts(token)}
    assert sorted(accounts) == ["dev", "prod", "sandbox", "staging"]
    assert accounts["dev"].id == DEV
    assert accounts["dev"].email
    assert sorted(center.list_account_roles(token, DEV)) == ["Developer", "ReadOnly"]
    credentials = center.get_role_credentials(token, DEV, "Developer")
    assert credentials.access_key_id.startswith("ASIA")
    identity = caller_identity(credentials, "eu-west-1", alice.env)
    assert identity["Account"] == DEV
    assert identity["Arn"].endswith("/alice")


def test_a_role_that_is_not_assigned(alice: Person, center: IdentityCenter) -> None:
    token = alice.hold(3600)

    for account, role in ((DEV, "Administrator"), ("999999999999", "Developer")):
        with pytest.raises(AccessDenied, match=f"role {role} in account {account}") as caught:
            center.get_role_credentials(token, account, role)
        assert caught.value.fix == "ssoenv roles --session acme"
        assert caught.value.exit_code == 6


def test_a_token_that_is_rejected(alice: Person, center: IdentityCenter) -> None:
    token = alice.hold(3600)
    alice.sandbox.state.tokens.clear()

    for call in (
        lambda: center.get_role_credentials(token, DEV, "Developer"),
        lambda: center.list_accounts(token),
        lambda: center.list_account_roles(token, DEV),
    ):
        with pytest.raises(TokenRejected, match="session acme has ended") as caught:
            call()
        assert caught.value.exit_code == 3
        assert caught.value.fix == "ssoenv login acme"
    center.logout(token)


@pytest.mark.parametrize("error", ["TooManyRequestsException", "InternalServerException"])
def test_a_service_that_fails(alice: Person, center: IdentityCenter, error: str) -> None:
    token = alice.hold(3600)
    operation = "CreateToken" if error.startswith("Internal") else "GetRoleCredentials"
    alice.sandbox.fail(operation, error, 3)

    calls: dict[str, Callable[[], object]] = {
        "CreateToken": lambda: oidc.refresh(center, token),
        "GetRoleCredentials": lambda: center.get_role_credentials(token, DEV, "Developer"),
    }
    with pytest.raises(ServiceUnavailable) as caught:
        calls[operation]()
    assert caught.value.exit_code == 7
    # A sign-in mends nothing but a sign-in.
    assert caught.value.fix == ("ssoenv login acme" if operation == "CreateToken" else None)
    assert "wait a minute" in (caught.value.advice or "")
    assert alice.calls(operation) == 3


def test_a_failure_that_passes_is_ridden_out(alice: Person, center: IdentityCenter) -> None:
    token = alice.hold(3600)
    alice.sandbox.fail("GetRoleCredentials", "TooManyRequestsException", 2)

    assert center.get_role_credentials(token, DEV, "Developer")


@pytest.mark.parametrize(
    ("error", "expected"),
    [("InvalidGrantException", GrantRejected), ("InvalidClientException", ClientRejected)],
)
def test_a_grant_that_is_rejected(
    alice: Person, center: IdentityCenter, error: str, expected: type[Exception]
) -> None:
    token = alice.hold(3600)
    alice.sandbox.fail("CreateToken", error)

    with pytest.raises(expected):
        oidc.refresh(center, token)


def test_nobody_there(alice: Person) -> None:
    alice.env["AWS_ENDPOINT_URL_SSO"] = "http://127.0.0.1:1"
    alice.env["AWS_ENDPOINT_URL_STS"] = "http://127.0.0.1:1"
    token = alice.hold(3600)
    credentials = IdentityCenter(ACME, alice.env)

    with pytest.raises(ServiceUnavailable, match=r"127\.0\.0\.1:1") as caught:
        credentials.list_accounts(token)
    assert caught.value.exit_code == 7
    assert "a sandbox that has ended?" in str(caught.value.advice)


def test_an_answer_from_somebody_else(alice: Person, stranger: str) -> None:
    alice.env["AWS_ENDPOINT_URL_SSO"] = alice.env["AWS_ENDPOINT_URL_SSO_OIDC"] = stranger
    center = IdentityCenter(ACME, alice.env)
    token = alice.hold(3600)

    for call in (
        lambda: center.get_role_credentials(token, DEV, "Developer"),
        lambda: oidc.register(center, grant="authorization_code"),
        lambda: oidc.refresh(center, token),
    ):
        with pytest.raises(ServiceUnavailable, match="does not answer as IAM Identity Center"):
            call()
