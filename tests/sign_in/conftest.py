"""One local Identity Center for all tests of the sign-in, put back as it was after each."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from ssoenv.sandbox.server import Sandbox
from ssoenv.sandbox.world import built_in
from tests.odd_server import response, serving
from tests.sign_in.people import ACME, Person

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import Home

PROFILE = """
[profile dev]
sso_session = acme
sso_account_id = 111111111111
sso_role_name = Developer
region = us-east-1

[profile legacy]
sso_start_url = https://d-0000000000.awsapps.com/start
sso_region = us-east-1
sso_account_id = 111111111111
sso_role_name = ReadOnly
region = us-east-1
"""


@pytest.fixture(scope="session")
def identity_center() -> Iterator[Sandbox]:
    """The server itself: it takes a while to stop."""
    with Sandbox() as running:
        yield running


@pytest.fixture
def sandbox(home: Home, tmp_path: Path, identity_center: Sandbox) -> Iterator[Sandbox]:
    """The server as every test finds it: alice says yes, nothing was asked yet."""
    identity_center.write_home(str(home.path))
    with (home.path / ".aws/config").open("a") as config:
        config.write(PROFILE)
    home.env |= identity_center.environment(str(tmp_path / "sandbox"))
    identity_center.clear_requests()
    yield identity_center
    state = identity_center.state
    identity_center.set_approve("auto", "alice")
    state.advance(time.time() - state.now())
    state.token_ttl, state.credentials_ttl = 3600, 3600
    for operation in ("CreateToken", "RegisterClient", "StartDeviceAuthorization", "Logout"):
        identity_center.fail(operation, "InternalServerException", 0)
    for operation in ("GetRoleCredentials", "ListAccounts", "ListAccountRoles"):
        identity_center.fail(operation, "UnauthorizedException", 0)


@pytest.fixture
def alice(home: Home, sandbox: Sandbox) -> Person:
    """A person with a home of her own who signs in there."""
    assert built_in().instance(ACME.start_url)
    return Person(home, sandbox)


@pytest.fixture
def stranger() -> Iterator[str]:
    """A server that answers everything with a page, as a captive portal does."""

    def behave(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(response(b"{}", kind="text/html"))

    with serving(behave) as url:
        yield url
