"""aws-sso-util beside ssoenv: what it does with our token, and what the two do not share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ssoenv.aws_files import token_cache
from tests.clients.programs import CLIENTS, DEV, write_profiles
from tests.sign_in.people import ACME, LEGACY, Person

if TYPE_CHECKING:
    from tests.clients.programs import Clients

pytestmark = pytest.mark.xdist_group("clients")
(UTIL,) = [client for client in CLIENTS if client.name == "aws-sso-util"]
SERVED = {"ListAccounts", "ListAccountRoles", "GetRoleCredentials"}
"""What takes a token, and neither asks for one nor renews it."""
ACCOUNT, ROLE = DEV.split("/")
RUN_AS = ("run-as", "-a", ACCOUNT, "-r", ROLE, "--region", "us-east-1", "--")
USES = {
    "login": (("login", "--headless"), "Login succeeded"),
    "check": (
        ("check", "-a", ACCOUNT, "-r", ROLE),
        f"Access found for {ROLE} in account {ACCOUNT}",
    ),
    "roles": (("roles", "-a", ACCOUNT), ROLE),
    "run-as": ((*RUN_AS, "printenv", "AWS_ACCESS_KEY_ID"), "ASIASANDBOX"),
}


def test_each_of_its_commands_uses_our_token(clients: Clients) -> None:
    write_profiles(clients.home, "legacy")
    assert clients.home.ssoenv("login", "--device-code").returncode == 0
    clients.calls()

    for name, (words, told) in USES.items():
        answer = clients.run(UTIL, words)
        assert (name, answer.code) == (name, 0), answer
        assert told in answer.out, answer
        assert set(clients.calls()) <= SERVED, name


def test_it_knows_no_session_and_a_sign_out_ends_that_too(clients: Clients) -> None:
    """Somebody's config has both forms: two sign-ins, and either program ends both."""
    write_profiles(clients.home, "legacy", "session")
    alice = Person(clients.home, clients.sandbox)
    alice.hold(3600)
    answer = clients.run(UTIL, UTIL.who)
    assert (answer.code, answer.out) == (1, "")
    assert "Login required" in answer.err

    for command in (("ssoenv", "logout", "acme"), ("aws-sso-util", "logout")):
        alice.hold(3600)
        alice.hold(3600, session=LEGACY)
        assert clients.run(UTIL, UTIL.who).role(clients.sandbox) == DEV
        client = next(one for one in CLIENTS if one.name == command[0])
        assert clients.run(client, command[1:]).code == 0
        assert clients.run(UTIL, UTIL.who).code == 1
        assert token_cache.load_token(alice.env, ACME) is None
        assert token_cache.load_token(alice.env, LEGACY) is None
        assert clients.calls().count("Logout") == 2


def test_it_finds_no_instance_in_a_session(clients: Clients) -> None:
    write_profiles(clients.home, "session")
    Person(clients.home, clients.sandbox).hold(3600)

    answer = clients.run(UTIL, ("roles",))
    assert answer.code != 0
    assert "No Identity Center instance found" in answer.err
