"""Many processes that want the same session at once: one asks, all share how it ends."""

from __future__ import annotations

import os
import signal
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError

import pytest

from ssoenv.aws_files import token_cache
from ssoenv.base import files, paths
from tests.sign_in.people import ACME, Actor, Recorder, visit, wait_until

if TYPE_CHECKING:
    from tests.sign_in.people import Person


def waiters(person: Person, count: int, kind: str = "lazy", *words: str) -> list[Actor]:
    """Start `count` processes and return once each of them waits."""
    found = [Actor(person, kind, *words) for _ in range(count)]
    for one in found:
        one.hear("waiting")
    return found


def opened_page(person: Person, holder: Actor) -> str:
    """Return the page that `holder` opened, once the browser has been there."""
    url = holder.hear("page").split()[1]
    wait_until(lambda: person.calls("Authorize") == 1)
    return url


def test_twenty_processes_open_one_page(alice: Person) -> None:
    actors = [Actor(alice) for _ in range(20)]
    ends = [actor.end() for actor in actors]

    assert [code for code, _, _ in ends] == [0] * 20, ends
    assert len({token for _, token, _ in ends}) == 1
    assert alice.calls("Authorize") == 1
    assert alice.calls("CreateToken") == 1
    assert sum("announce" in said for _, _, said in ends) == 1


def test_twenty_processes_refresh_once(alice: Person) -> None:
    alice.hold(-60)
    ends = [actor.end() for actor in [Actor(alice) for _ in range(20)]]

    assert [code for code, _, _ in ends] == [0] * 20, ends
    assert len({token for _, token, _ in ends}) == 1
    assert alice.calls("CreateToken") == 1
    assert alice.calls("Authorize") == 0


@pytest.mark.parametrize("kind", ["lazy", "explicit"])
def test_one_control_c_cancels_all_who_wait(alice: Person, kind: str) -> None:
    alice.sandbox.set_approve("ask")
    holder = Actor(alice, kind)
    opened_page(alice, holder)
    others = waiters(alice, 4, kind)
    holder.process.send_signal(signal.SIGINT)

    for code, token, said in [one.end() for one in (holder, *others)]:
        assert (code, token) == (130, "")
        assert "Traceback" not in said
        assert "cancelled" in said
    assert alice.calls("Authorize") == 1
    assert nothing_left_behind(alice)
    # And a lazy one in the next minutes does not ask again, while an explicit one does.
    code, _, said = Actor(alice, "lazy").end()
    assert code == 3
    assert "was cancelled" in said
    assert "ssoenv login acme" in said
    alice.sandbox.set_approve("auto")
    assert Actor(alice, "explicit").end()[0] == 0


def test_control_c_in_a_waiter_stops_that_one(alice: Person) -> None:
    alice.sandbox.set_approve("ask")
    holder = Actor(alice)
    url = opened_page(alice, holder)
    first, second = waiters(alice, 2)
    first.process.send_signal(signal.SIGINT)

    assert first.end()[0] == 130
    alice.sandbox.set_approve("auto")
    visit(url)
    assert holder.end()[0] == 0
    assert second.end()[0] == 0
    assert Actor(alice).end()[0] == 0


def test_control_c_while_the_code_is_exchanged(
    alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Inside a call to the service, and held up there: nothing half-written, exit 130."""
    state = alice.sandbox.state
    original, entered, released = state.new_tokens, threading.Event(), threading.Event()

    def slowly(*arguments: Any) -> tuple[str, str | None]:
        entered.set()
        released.wait(20)
        return original(*arguments)

    monkeypatch.setattr(state, "new_tokens", slowly)
    try:
        holder = Actor(alice)
        assert entered.wait(20)
        holder.process.send_signal(signal.SIGINT)
        code, token, said = holder.end()
    finally:
        released.set()
    assert (code, token) == (130, "")
    assert "Traceback" not in said
    assert nothing_left_behind(alice)


@pytest.mark.parametrize(
    ("approve", "word", "options"),
    [("deny", "declined", {}), ("ask", "timed out", {"SSOENV_SIGN_IN_TIMEOUT": "5"})],
)
def test_a_no_is_shared(alice: Person, approve: str, word: str, options: dict[str, str]) -> None:
    alice.sandbox.set_approve("ask")
    holder = Actor(alice, **options)
    url = opened_page(alice, holder)
    others = waiters(alice, 2)
    if approve == "deny":
        alice.sandbox.set_approve(approve)
        visit(url)

    assert holder.end()[0] == 3
    for code, token, said in [one.end() for one in others]:
        assert (code, token) == (3, "")
        assert f"{word} in another terminal" in said
    assert alice.calls("Authorize") == 1 + (approve == "deny")
    assert alice.calls("CreateToken") == 0


def test_a_holder_that_is_killed_is_followed(alice: Person) -> None:
    alice.sandbox.set_approve("ask")
    holder = Actor(alice)
    opened_page(alice, holder)
    others = waiters(alice, 3)
    alice.sandbox.set_approve("auto")
    holder.process.kill()
    holder.end()

    ends = [one.end() for one in others]
    assert [code for code, _, _ in ends] == [0] * 3, ends
    assert len({token for _, token, _ in ends}) == 1
    assert alice.calls("Authorize") == 2
    assert sum("announce" in said for _, _, said in ends) == 1


def test_a_second_holder_shares_its_end_too(alice: Person) -> None:
    """Whoever takes over from a killed one is as good a holder as the first."""
    alice.sandbox.set_approve("ask")
    holder = Actor(alice)
    opened_page(alice, holder)
    others = waiters(alice, 3)
    holder.process.kill()
    holder.end()
    wait_until(lambda: alice.calls("Authorize") == 2)
    wait_until(lambda: len(pids_in_turn(alice)) == 1)
    (second,) = [one for one in others if one.process.pid in pids_in_turn(alice)]
    second.hear("page")
    second.process.send_signal(signal.SIGINT)

    assert [one.end()[0] for one in others] == [130] * 3
    assert alice.calls("Authorize") == 2


def pids_in_turn(person: Person) -> set[int]:
    """The processes that hold the turn, from the kernel's list of locks."""
    path = f"{paths.state(person.env)}/sign-in/acme.lock"
    inode = os.stat(path).st_ino
    with open("/proc/locks") as locks:
        rows = [line.split() for line in locks if f":{inode} " in line]
    return {int(row[4]) for row in rows if row[1] == "FLOCK"}


def test_two_who_force_share_one_sign_in(alice: Person) -> None:
    alice.hold(3600)
    alice.sandbox.set_approve("ask")
    holder = Actor(alice, "explicit", "force")
    url = opened_page(alice, holder)
    others = waiters(alice, 2, "explicit", "force")
    alice.sandbox.set_approve("auto")
    visit(url)

    ends = [one.end() for one in (holder, *others)]
    assert len({(code, token) for code, token, _ in ends}) == 1
    assert ends[0][0] == 0


def test_a_token_that_works_waits_for_nobody(alice: Person) -> None:
    alice.sandbox.set_approve("ask")
    holder = Actor(alice, "explicit", "force")
    opened_page(alice, holder)
    held = alice.hold(600)
    reporter = Recorder()

    assert alice.sign_in(reporter=reporter).access_token == held.access_token
    assert reporter.events == []
    holder.process.send_signal(signal.SIGINT)
    assert holder.end()[0] == 130


def test_a_service_that_is_down_is_tried_once(alice: Person) -> None:
    """Those who waited learn of it, instead of finding out one by one."""
    alice.sandbox.set_approve("ask")
    holder = Actor(alice, AWS_ENDPOINT_URL_SSO_OIDC=alice.sandbox.url)
    url = opened_page(alice, holder)
    others = waiters(alice, 3)
    alice.sandbox.set_approve("auto")
    alice.sandbox.fail("CreateToken", "InternalServerException", 3)
    with pytest.raises(HTTPError):  # the page says that it did not work
        visit(url)

    assert [one.end()[0] for one in (holder, *others)] == [7] * 4
    assert alice.calls("Authorize") == 2
    assert Actor(alice).end()[0] == 0


def nothing_left_behind(person: Person) -> bool:
    """No token, no temporary file, and a turn that is free."""
    left = [path.name for path in person.home.path.rglob("*.tmp")]
    return (
        not left and token_cache.load_token(person.env, ACME) is None and not pids_in_turn(person)
    )


def test_those_who_waited_for_a_short_token_do_not_renew_it_again(alice: Person) -> None:
    """Near the end of a session every token is due at once: one renewal is enough for all."""
    alice.hold(-60)
    alice.sandbox.state.token_ttl = 300
    with files.Lock(f"{paths.state(alice.env)}/sign-in/acme.lock"):
        actors = waiters(alice, 4)
    ends = [actor.end() for actor in actors]

    assert [code for code, _, _ in ends] == [0] * 4, ends
    assert len({token for _, token, _ in ends}) == 1
    assert alice.calls("CreateToken") == 1


def test_a_token_that_another_program_has_just_renewed_is_taken(alice: Person) -> None:
    """It used our refresh token, which works once, and writes what it got a moment later."""
    alice.sandbox.state.refresh_grace = 0
    held = alice.hold(-60)
    state = alice.sandbox.state
    with state.lock:
        sign_in = state.use_refresh_token(held.refresh_token or "", held.client_id or "")
        assert sign_in
        access, refresh = state.new_tokens(sign_in.user, held.client_id or "", sign_in)
    actor = Actor(alice, "lazy")
    wait_until(lambda: alice.calls("CreateToken") == 1, 60)
    theirs = replace(
        held, access_token=access, refresh_token=refresh, expires_at=held.expires_at + 3600
    )
    token_cache.save_token(alice.env, ACME, theirs)

    code, token, said = actor.end()
    assert (code, token) == (0, access), said
    assert alice.calls("Authorize") == 0
