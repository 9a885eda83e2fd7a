"""A sandbox that is slow, strict and large, as the portal of a large organisation is."""

from __future__ import annotations

import time
import unicodedata
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from ssoenv.sandbox import world
from ssoenv.sandbox.directory import Directory
from ssoenv.sandbox.server import Sandbox
from tests.sandbox.caller import Caller


@pytest.fixture
def token(caller: Caller) -> str:
    token: str = caller.sign_in()["accessToken"]
    return token


def statuses(caller: Caller, token: str, calls: int) -> list[int]:
    return [caller.call("sso", "ListAccounts", accessToken=token).status for _ in range(calls)]


def test_calls_beyond_the_rate_are_refused_until_time_has_passed(
    caller: Caller, token: str
) -> None:
    caller.sandbox.set_pace(rate=1, burst=3)  # slow enough for a busy machine
    assert statuses(caller, token, 5) == [200, 200, 200, 429, 429]
    refused = caller.call("sso", "ListAccounts", accessToken=token)
    assert (refused.error, refused.headers["Retry-After"]) == ("TooManyRequestsException", None)
    time.sleep(1.02)
    # What was refused cost nothing.
    assert statuses(caller, token, 2) == [200, 429]
    assert caller.sandbox.requests()[-1]["status"] == 429


def test_a_refusal_may_say_how_long_to_wait(caller: Caller, token: str) -> None:
    caller.sandbox.set_pace(rate=0.4, burst=1, retry_after=True)
    caller.call("sso", "ListAccounts", accessToken=token)
    refused = caller.call("sso", "ListAccounts", accessToken=token)
    assert (refused.status, refused.headers["Retry-After"]) == (429, "3")


def test_only_the_portal_counts_its_calls(caller: Caller) -> None:
    caller.sandbox.set_pace(rate=0.001, burst=1)
    caller.sign_in()
    assert {call["status"] for call in caller.sandbox.requests()} <= {200, 302}


def test_calls_take_their_time_side_by_side(caller: Caller, token: str) -> None:
    caller.sandbox.set_pace(latency=300)
    began = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        for _ in range(8):
            pool.submit(statuses, caller, token, 1)
    assert 0.3 <= time.monotonic() - began < 8 * 0.3


@pytest.mark.parametrize(
    "pace",
    [
        {"latency": -1},
        {"rate": True},
        {"rate": "20"},
        {"burst": 0},
        {"burst": 1.5},
        {"retry_after": 1},
    ],
)
def test_a_pace_that_makes_no_sense_is_not_taken(caller: Caller, pace: dict[str, object]) -> None:
    assert caller.control("PUT", "pace", pace).status == 400


def test_a_large_world_has_what_large_organisations_have() -> None:
    large = world.large()
    names = Counter(one.name for one in large.accounts)
    assert len(large.accounts) == len({one.id for one in large.accounts}) == 1000
    assert all("@" in one.email for one in large.accounts)
    assert [name for name, count in names.items() if count > 1] == ["shared services"]
    assert any(name != name.strip() and "   " in name for name in names)
    scripts = {unicodedata.name(char).split()[0] for char in "".join(names) if char.isalpha()}
    assert {"LATIN", "CYRILLIC", "CJK", "ARABIC"} <= scripts
    directory = Directory(large, 0)
    held = directory.held(next(iter(directory.users)), "acme")
    assert (len(held), {len(one.roles) for one in held.values()}) == (1000, {5})
    assert sum(one.suspended for one in large.accounts) == 20
    assert len(world.large(30, 2).accounts) == 30


def test_a_suspended_account_is_listed_but_its_roles_are_refused() -> None:
    with Sandbox(world=world.large(50, 1)) as sandbox:
        caller = Caller(sandbox)
        token = caller.sign_in()["accessToken"]
        listed = caller.call("sso", "ListAccounts", accessToken=token).body["accountList"]
        suspended = next(one.id for one in sandbox.world.accounts if one.suspended)
        assert suspended in {row["accountId"] for row in listed}
        roles = caller.call("sso", "ListAccountRoles", accessToken=token, accountId=suspended)
        assert (roles.status, roles.error) == (403, "ForbiddenException")
