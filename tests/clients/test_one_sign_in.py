"""One sign-in for the programs of everybody: whoever signs in, all are; whoever signs out, none is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from ssoenv.aws_files import token_cache
from ssoenv.base import clock
from tests.clients.programs import CLIENTS, DEV, FORMS, Client, write_profiles
from tests.sign_in.people import ACME, NEVER, Person, same

if TYPE_CHECKING:
    from _pytest.mark import ParameterSet

    from tests.clients.programs import Clients

pytestmark = pytest.mark.xdist_group("clients")
ASKED = {"Authorize", "StartDeviceAuthorization", "CreateToken"}
"""What a sign-in or a renewal calls."""


def readers(form: str) -> list[Client]:
    return [client for client in CLIENTS if form in client.forms]


def rows() -> list[ParameterSet]:
    """Each that can sign in, with the next of them, who signs out."""
    found = []
    for form in FORMS:
        able = [client for client in readers(form) if client.signs_in]
        for number, signer in enumerate(able):
            ender = able[(number + 1) % len(able)]
            found.append(
                pytest.param(form, signer, ender, id=f"{form}, {signer.name}, {ender.name}")
            )
    return found


@pytest.mark.parametrize(("form", "signer", "ender"), rows())
def test_whoever_signs_in_or_out_does_so_for_all(
    clients: Clients, form: str, signer: Client, ender: Client
) -> None:
    write_profiles(clients.home, form)
    signed_in = clients.run(signer, signer.signs_in)
    assert signed_in.code == 0, signed_in
    assert ASKED & set(clients.calls())

    for client in readers(form):
        answer = clients.run(client, client.who)
        assert (client.name, answer.role(clients.sandbox)) == (client.name, DEV), answer
        assert not ASKED & set(clients.calls()), client.name

    signed_out = clients.run(ender, ender.signs_out)
    assert signed_out.code == 0, signed_out
    for client in readers(form):
        answer = clients.run(client, client.who)
        assert answer.code != 0, client.name
        assert answer.role(clients.sandbox) == "", client.name
        served = set(clients.calls())
        assert not {"Authorize", "CreateToken", "GetRoleCredentials"} & served, client.name


@pytest.mark.parametrize("client", [one for one in CLIENTS if one.renews and one.start], ids=str)
def test_a_token_that_one_renewed_goes_on_with_all(clients: Clients, client: Client) -> None:
    """Theirs is used as it is, and its refresh token renews it again."""
    write_profiles(clients.home, "session")
    alice = Person(clients.home, clients.sandbox)
    first = alice.hold(-5)
    clients.calls()

    assert clients.run(client, client.who).role(clients.sandbox) == DEV
    assert clients.calls().count("CreateToken") == 1
    theirs = token_cache.load_token(alice.env, ACME)
    assert theirs
    assert theirs.access_token != first.access_token
    assert same(alice.sign_in(NEVER), theirs)
    assert clients.calls() == []

    token_cache.save_token(alice.env, ACME, replace(theirs, expires_at=clock.now() - 5))
    ours = alice.sign_in(NEVER)
    assert ours.access_token != theirs.access_token
    assert clients.calls() == ["CreateToken"]
    assert clients.run(client, client.who).role(clients.sandbox) == DEV
    assert "CreateToken" not in clients.calls()
