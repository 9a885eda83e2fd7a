"""``ssoenv roles``, at the pace of the service: small worlds, and a service that is strict."""

from __future__ import annotations

import csv
import io
import json
import re
import signal
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from ssoenv.aws_files import config as aws_config
from ssoenv.base import clock
from ssoenv.base.models import Account, Assignment
from ssoenv.cli.terminal import Terminal
from ssoenv.credentials import portal
from ssoenv.credentials.listing import Lists
from ssoenv.identity_center import kept_listings
from ssoenv.identity_center.assignments import Held, Listing
from ssoenv.identity_center.client import IdentityCenter
from ssoenv.identity_center.discovery import Discovery, Progress
from ssoenv.sandbox import world
from ssoenv.sandbox.server import Sandbox
from ssoenv.shells import hook as hook_text
from tests.conftest import Home, keep_list, operations
from tests.screen import Screen, ssoenv
from tests.sign_in.people import ACME, Person

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

MANY, HELD = 30, 3
SUSPENDED = 1
"""How many accounts of a large world of fifty are suspended; of thirty none."""


@pytest.fixture(scope="module")
def service() -> Iterator[Sandbox]:
    """A large organisation, but not too large for a test."""
    with Sandbox(world=world.large(MANY, HELD)) as running:
        yield running


@pytest.fixture
def alice(home: Home, tmp_path: Path, service: Sandbox) -> Iterator[Person]:
    """Somebody who is signed in there, and knows nothing yet."""
    service.write_home(str(home.path))
    home.env |= service.environment(str(tmp_path / "sandbox"))
    person = Person(home, service)
    person.hold(3600)
    service.clear_requests()
    yield person
    service.set_pace()
    service.clear_faults()
    service.state.change_world(world.large(MANY, HELD))


def _new(person: Person) -> Path:
    """A directory for a project."""
    project = person.home.path / "new"
    project.mkdir()
    return project


def roles(person: Person, *words: str) -> subprocess.CompletedProcess[str]:
    return person.home.ssoenv("roles", *words)


def told(person: Person, *words: str) -> list[dict[str, Any]]:
    """The rows that ``roles --json`` prints."""
    answer = roles(person, "--json", *words)
    assert answer.returncode == 0, answer.stderr
    rows: list[dict[str, Any]] = json.loads(answer.stdout)["assignments"]
    return rows


def asked(person: Person) -> tuple[int, int]:
    """How many calls there were, for accounts and for roles, since it was last asked for."""
    service = person.sandbox
    calls = operations(service, "ListAccounts"), operations(service, "ListAccountRoles")
    service.clear_requests()
    return calls


def kept(person: Person) -> Listing:
    found = kept_listings.load(person.env, "acme")
    assert found
    return found


def age(person: Person, accounts: int = 0, roles: int = 0) -> None:
    """Have the list that is kept be older by so many seconds."""
    known = kept(person)
    held = tuple(Held(one.account, one.roles, one.listed_at - roles) for one in known.held)
    keep_list(person.env, ACME, Listing(held, known.listed_at - accounts))


def test_a_strict_service_is_listed_whole_and_nobody_sees_its_refusals(alice: Person) -> None:
    alice.sandbox.set_pace(rate=20, burst=20)
    answer = roles(alice)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert len(answer.stdout.splitlines()) == MANY * HELD
    statuses = [call["status"] for call in alice.sandbox.requests()]
    assert statuses.count(429) > 0
    assert statuses.count(200) == 1 + MANY
    assert statuses.count(429) < MANY


def test_a_pause_that_the_service_asks_for_is_kept(alice: Person) -> None:
    alice.sandbox.set_pace(rate=4, burst=28, retry_after=True)
    answer = roles(alice)
    assert (answer.returncode, answer.stderr) == (0, "")
    calls = alice.sandbox.requests()
    refused = next(call["time"] for call in calls if call["status"] == 429)
    later = [call["time"] for call in calls if call["time"] > refused + 0.1]
    assert later[0] - refused > 0.9


def test_nothing_is_asked_for_twice(alice: Person) -> None:
    roles(alice)
    assert asked(alice) == (1, MANY)
    assert len(told(alice)) == MANY * HELD
    assert asked(alice) == (0, 0)
    age(alice, accounts=3700)
    roles(alice)
    assert asked(alice) == (1, 0)
    age(alice, roles=13 * 3600)
    roles(alice)
    assert asked(alice) == (0, MANY)


def test_new_accounts_and_renamed_ones_are_asked_for_and_old_ones_go(alice: Person) -> None:
    roles(alice)
    before = alice.sandbox.world
    fewer = world.large(MANY + 2, HELD)
    renamed = world.Account("renamed", *_rest(fewer.accounts[1]))
    accounts = (renamed, *fewer.accounts[2:])
    there = world.World(
        before.instances, before.users, accounts, fewer.permission_sets, fewer.assignments
    )
    alice.sandbox.state.change_world(there)
    age(alice, accounts=3700)
    asked(alice)
    rows = told(alice)
    assert asked(alice) == (1, 3)
    assert {row["account_id"] for row in rows} == {one.id for one in accounts}
    assert [row["role"] for row in rows if row["account_name"] == "renamed"] == sorted(
        fewer.permission_sets
    )


def _rest(account: world.Account) -> tuple[str, str, str]:
    return account.id, account.email, account.session


def test_a_refresh_asks_for_what_it_shows(alice: Person) -> None:
    roles(alice)
    asked(alice)
    assert len(told(alice, "--refresh", "team-0003")) == HELD
    assert asked(alice) == (1, 1)
    roles(alice, "--refresh")
    assert asked(alice) == (1, MANY)


def test_what_came_before_an_interruption_is_kept_and_gone_on_from(alice: Person) -> None:
    alice.sandbox.set_pace(rate=20, burst=12)
    process = alice.home.start(*hook_text.command_line(), "roles")
    _wait_until(lambda: operations(alice.sandbox, "ListAccountRoles") > 13)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (130, "")
    assert re.search(r"left with the roles of \d+ of 30 accounts; they are kept", err)
    came = sum(one.roles is not None for one in kept(alice).held)
    assert 0 < came < MANY
    alice.sandbox.set_pace()
    asked(alice)
    assert len(told(alice)) == MANY * HELD
    assert asked(alice) == (0, MANY - came)


def test_a_refresh_that_was_left_goes_on_where_it_was(alice: Person) -> None:
    roles(alice)
    age(alice, accounts=100, roles=100)
    began = clock.now() - 20
    assert kept_listings.begin_refresh(alice.env, "acme", began) == began
    known = kept(alice)
    held = tuple(
        Held(one.account, one.roles, began + 5 if place < 10 else one.listed_at)
        for place, one in enumerate(known.held)
    )
    keep_list(alice.env, ACME, Listing(held, began + 5))
    asked(alice)
    roles(alice, "--refresh")
    assert asked(alice) == (0, MANY - 10)
    roles(alice, "--refresh")
    assert asked(alice) == (1, MANY)


def test_what_does_not_come_is_told_and_the_rest_is_shown(alice: Person) -> None:
    alice.sandbox.fail("ListAccountRoles", 500, times=2)
    answer = roles(alice)
    assert (answer.returncode, answer.stderr) == (0, "")
    kept_listings.forget(alice.env, "acme")
    lost = alice.sandbox.world.accounts[:2]
    _fail_for(alice, {one.id for one in lost})
    answer = roles(alice, "--json")
    assert answer.returncode == 7
    assert "the roles of 2 of 30 accounts did not come: IAM Identity Center failed" in answer.stderr
    assert all(one.id in answer.stderr for one in lost)
    document = json.loads(answer.stdout)
    assert len(document["assignments"]) == (MANY - 2) * HELD
    part = document["sessions"][0]
    assert part["complete"] is False
    assert {row["account_id"] for row in part["missing"]} == {one.id for one in lost}
    _fail_for(alice, set())
    asked(alice)
    assert len(told(alice)) == MANY * HELD
    assert asked(alice) == (0, 2)


def _fail_for(person: Person, ids: set[str]) -> None:
    """Have the service fail whenever it is asked for one of these accounts."""
    held = person.sandbox.state.held

    def broken(sign_in: Any) -> Any:
        return _Broken(held(sign_in), ids)

    person.sandbox.state.__dict__.pop("held", None)
    if ids:
        person.sandbox.state.__dict__["held"] = broken


class _Broken(dict[str, Any]):
    """What a person holds, of which some cannot be looked up."""

    def __init__(self, held: dict[str, Any], ids: set[str]) -> None:
        super().__init__(held)
        self.ids = ids

    def get(self, account_id: str, default: Any = None) -> Any:
        if account_id in self.ids:
            from ssoenv.sandbox.wire import WireError

            raise WireError("sso", "InternalServerException", "broken")
        return super().get(account_id, default)


def test_a_service_that_fails_altogether_is_given_up_soon(alice: Person) -> None:
    alice.sandbox.fail("ListAccountRoles", 500, times=10_000)
    began = time.monotonic()
    answer = roles(alice)
    assert time.monotonic() - began < 6
    assert (answer.returncode, answer.stdout) == (7, "")
    assert "30 of 30 accounts" in answer.stderr


def test_a_suspended_account_is_named_once(alice: Person) -> None:
    alice.sandbox.state.change_world(world.large(50, 1))
    first = roles(alice)
    assert first.returncode == 0
    assert "without any role for you (suspended, maybe): product-0047" in first.stderr
    assert len(first.stdout.splitlines()) == 50 - SUSPENDED
    second = roles(alice)
    assert (second.returncode, second.stderr) == (0, "")
    assert second.stdout == first.stdout


def test_words_in_any_order_over_name_id_e_mail_and_role(alice: Person) -> None:
    everything = told(alice)
    for words in (["team-0003"], ["200000000004"], ["READ", "team"], ["aws+service-0001@acme"]):
        expected = [
            row
            for row in everything
            if all(
                any(
                    word.lower() in row[name].lower()
                    for name in ("account_name", "account_id", "email", "role")
                )
                for word in words
            )
        ]
        assert expected
        assert told(alice, *words) == expected
        assert told(alice, *reversed(words)) == expected
        assert told(alice, " ".join(words)) == expected
    nothing = roles(alice, "team-0003", "nowhere")
    assert (nothing.returncode, nothing.stdout) == (0, "")
    assert "no role matches 'team-0003 nowhere'" in nothing.stderr
    assert "ssoenv roles" not in nothing.stderr


def test_a_word_that_is_in_no_name_has_the_likely_one_proposed(alice: Person) -> None:
    for typed, meant in (
        (["tean-0003"], "team-0003"),
        (["team-0003", "Adminstrator"], "team-0003 Administrator"),
    ):
        told = roles(alice, *typed)
        assert (told.returncode, told.stdout) == (0, "")
        (proposed,) = re.findall(r"^  ssoenv roles (.*)$", told.stderr, re.MULTILINE)
        assert proposed == meant
        assert roles(alice, *proposed.split()).stdout


def test_columns_are_chosen_and_in_that_order(alice: Person) -> None:
    shown = roles(alice, "team-0003", "--columns", "role,email")
    assert shown.stdout.splitlines()[0] == "Administrator  aws+team-0003@acme.example"
    # Rows that are alike are one.
    assert roles(alice, "--columns", "role").stdout.splitlines() == sorted(
        alice.sandbox.world.permission_sets
    )
    read = list(csv.reader(io.StringIO(roles(alice, "--csv", "--columns", "role,session").stdout)))
    assert read[:2] == [["role", "session"], ["Administrator", "acme"]]
    assert told(alice, "--columns", "account_id")[0] == {"account_id": "200000000019"}
    wrong = roles(alice, "--columns", "role,mail")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "'mail'; there are session, account_id" in wrong.stderr
    assert "did you mean 'email'" in wrong.stderr


def test_names_that_are_equal_odd_or_full_of_blanks_stay_whole(alice: Person) -> None:
    names = {one.id: one.name for one in world.large(100, 1).accounts}
    alice.sandbox.state.change_world(world.large(100, 1))
    found = {row["account_id"]: row["account_name"] for row in told(alice)}
    assert found == {one: names[one] for one in found}
    cells = csv.reader(io.StringIO(roles(alice, "--csv").stdout))
    assert sum(row[1] == "shared services" for row in cells) == 2
    vague = alice.home.ssoenv("bind", "-a", "shared services", "-r", "Developer", cwd=_new(alice))
    assert (vague.returncode, vague.stdout) == (2, "")
    assert "shared services (200000000009)" in vague.stderr


def test_the_age_of_what_is_old_is_told(alice: Person) -> None:
    assert roles(alice).stderr == ""
    age(alice, accounts=600, roles=7200)
    assert "acme as of 2 h ago; --refresh asks for it anew" in roles(alice).stderr
    assert "acme as of 2 h ago" in roles(alice, "--cached").stderr


@pytest.mark.parametrize(
    "words",
    [
        ("--json", "--csv"),
        ("--refresh", "--cached"),
        ("--session", "acme", "--all"),
        ("--columns", ""),
    ],
)
def test_what_cannot_be(alice: Person, words: tuple[str, ...]) -> None:
    answer = roles(alice, *words)
    assert (answer.returncode, answer.stdout) == (2, "")
    options = [word for word in words if word.startswith("--")]
    assert len(options) == 1 or f"either {options[0]} or {options[1]}, not both" in answer.stderr
    assert asked(alice) == (0, 0)


def test_all_of_one_session_has_the_columns_of_all(alice: Person) -> None:
    """What a script gets does not turn on how many sessions there are today."""
    header = roles(alice, "--all", "--csv").stdout.splitlines()[0]
    assert header == '"session","account_id","account_name","email","role","role_arn"'


def test_several_sessions_and_one_that_fails(alice: Person) -> None:
    path = alice.home.path / ".aws/config"
    text = path.read_text()
    other = text.replace("acme]", "beta]").replace("d-0000000000", "d-1111111111")
    path.write_text(text + other)
    beta = aws_config.find_session(alice.env, "beta")
    mine = Account("999999999999", "lab", "lab@x")
    known = Listing.of((Assignment(mine, "Owner"),), clock.now())
    keep_list(alice.env, beta, known)
    for words in (("--all",), ("-s", "beta", "-s", "acme", "-s", "beta")):
        rows = told(alice, *words)
        assert len(rows) == MANY * HELD + 1
        assert {row["session"] for row in rows} == {"acme", "beta"}
    shown = roles(alice, "--all", "owner").stdout
    assert shown.split() == ["beta", "999999999999", "lab", "Owner"]
    kept_listings.forget(alice.env, "beta")
    another = text.replace("acme]", "gamma]").replace("d-0000000000", "d-2222222222")
    path.write_text(text + other + another)
    answer = roles(alice, "--all", "--json")
    assert answer.returncode == 3
    document = json.loads(answer.stdout)
    assert len(document["assignments"]) == MANY * HELD
    whole = {one["session"]: one["complete"] for one in document["sessions"]}
    assert whole == {"acme": True, "beta": False, "gamma": False}
    for failed in ("beta", "gamma"):
        assert f"nothing of {failed}" in answer.stderr
        assert f"try: ssoenv login {failed}" in answer.stderr
    none = roles(alice, "--cached", "-s", "beta", "-s", "gamma")
    assert (none.returncode, none.stdout) == (2, "")
    for failed in ("beta", "gamma"):
        assert f"try: ssoenv roles --session {failed}" in none.stderr


def test_a_terminal_is_told_how_far_it_is(alice: Person) -> None:
    alice.sandbox.set_pace(rate=15, burst=8)
    screen: Screen = ssoenv(alice.env, str(alice.home.path), "roles", columns=100)
    screen.wait(
        lambda text: bool(
            re.search(r"listing roles \[#+\.*\] \d+/30 accounts · \d+ calls · \d s left", text)
        )
    )
    assert screen.end() == 0
    assert "listing" not in screen.text()


def test_one_account_is_asked_for_alone(alice: Person) -> None:
    project = _new(alice)
    bound = alice.home.ssoenv("bind", "-a", "team-0003", "-r", "Dev", cwd=project)
    assert bound.returncode == 0, bound.stderr
    assert 'role = "Developer"' in (project / ".ssoenv.toml").read_text()
    assert asked(alice) == (1, 1)
    assert alice.home.ssoenv("export", "service-0004/ReadOnly").returncode == 0
    assert asked(alice) == (0, 1)
    assert alice.home.ssoenv("exec", "team-0006/ReadOnly", "--", "true").returncode == 0
    assert asked(alice) == (0, 1)
    assert alice.home.ssoenv("whoami", "team-0006/Administrator").returncode == 0
    assert asked(alice) == (0, 0)
    used = alice.home.ssoenv("use", "--answer", "product-0002/ReadOnly")
    assert used.returncode == 0, used.stderr
    assert asked(alice) == (0, 1)
    assert sum(one.roles is not None for one in kept(alice).held) == 4


def test_no_start_of_a_name_is_ever_written_as_a_role(alice: Person) -> None:
    project = _new(alice)
    alice.sandbox.fail("ListAccountRoles", 500, times=100)
    failed = alice.home.ssoenv("bind", "-a", "200000000003", "-r", "Dev", cwd=project)
    assert (failed.returncode, failed.stdout) == (7, "")
    alice.sandbox.clear_faults()
    vague = alice.home.ssoenv("bind", "-a", "200000000003", "-r", "X", cwd=project)
    assert vague.returncode == 6
    assert "you hold Administrator, Developer, ReadOnly" in vague.stderr
    assert list(project.iterdir()) == []


def test_a_role_that_was_granted_just_now_is_found(alice: Person) -> None:
    roles(alice)
    age(alice, accounts=60, roles=60)
    alice.sandbox.state.change_world(world.large(MANY, HELD + 1))
    asked(alice)
    project = _new(alice)
    bound = alice.home.ssoenv("bind", "-a", "team-0003", "-r", "Bill", cwd=project)
    assert bound.returncode == 0, bound.stderr
    assert asked(alice) == (0, 1)


def test_a_role_that_is_refused_is_not_listed_for_long(alice: Person) -> None:
    roles(alice)
    alice.sandbox.state.change_world(world.large(MANY, 1))
    asked(alice)
    assert alice.home.ssoenv("export", "team-0003/ReadOnly").returncode == 6
    assert [row["role"] for row in told(alice, "team-0003")] == ["Developer"]
    assert asked(alice) == (0, 1)


def test_a_token_that_ends_on_the_way_is_renewed(alice: Person) -> None:
    alice.sandbox.fail("ListAccountRoles", "UnauthorizedException", times=1)
    assert len(told(alice)) == MANY * HELD
    assert operations(alice.sandbox, "CreateToken") == 1


def test_who_signs_in_may_be_another_person(alice: Person) -> None:
    roles(alice)
    assert alice.home.ssoenv("login", "--force").returncode == 0
    asked(alice)
    assert len(told(alice)) == MANY * HELD
    assert asked(alice) == (1, MANY)
    assert len(told(alice)) == MANY * HELD
    assert asked(alice) == (0, 0)


def test_to_choose_a_role_signs_nobody_in(alice: Person) -> None:
    assert alice.home.ssoenv("export", "team-0003/ReadOnly").returncode == 0
    sign_out = alice.home.path / ".aws/sso/cache"
    for file in sign_out.iterdir():
        file.unlink()
    asked(alice)
    for role, code in (("team-0003/Read", 0), ("team-0003/Nope", 6), ("team-0006/Nope", 0)):
        used = alice.home.ssoenv("use", "--answer", role)
        assert used.returncode == code, used.stderr
        assert ("is not checked" in used.stderr) is role.startswith("team-0006")
    assert alice.sandbox.requests() == []


def test_what_came_is_kept_on_the_way(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing asks a process whether it may be killed."""
    monkeypatch.setattr(portal, "KEEP_EVERY", 0.1)
    alice.sandbox.set_pace(rate=20, burst=15)
    came: list[int] = []

    def look(_: Progress) -> None:
        listing = kept_listings.load(alice.env, "acme")
        came.append(sum(one.roles is not None for one in listing.held) if listing else 0)

    Lists(ACME, "ssoenv roles", alice.env, Terminal(), look).everything()
    assert came == sorted(came)
    assert any(0 < many < MANY for many in came)


def test_what_is_wanted_comes_first(alice: Person) -> None:
    alice.sandbox.set_pace(rate=8, burst=4)
    token = alice.hold(3600)
    with Discovery(IdentityCenter(ACME, alice.env, patient=False), token, None) as discovery:
        discovery.list_accounts()
        ids = [one.id for one in discovery.listing.accounts]
        discovery.ask(ids)
        _wait_until(lambda: discovery.progress.done > 3)
        discovery.prefer([ids[-1], ids[-2]])
        while discovery.is_pending(ids[-1]) or discovery.is_pending(ids[-2]):
            discovery.wait(0.01)
        assert discovery.progress.done < MANY - 10
        far: Progress = discovery.progress
        assert far.seconds_left


def test_two_processes_keep_what_both_found(alice: Person) -> None:
    first, second = Account("1" * 12, "a", ""), Account("2" * 12, "b", "")
    mine = Listing((Held(first, ("R",), 50), Held(second)), 50)
    theirs = Listing((Held(first, ("Old",), 40), Held(second, ("S",), 60)), 40)
    for order in ((mine, theirs), (theirs, mine)):
        kept_listings.forget(alice.env, "acme")
        for one in order:
            kept_listings.merge(alice.env, ACME, one)
        assert [one.roles for one in kept(alice).held] == [("R",), ("S",)]
        assert kept(alice).listed_at == 50


def _wait_until(condition: Any) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end, sys.exc_info()
        time.sleep(0.01)


def test_of_two_lists_of_one_second_the_later_is_kept(home: Home) -> None:
    dev, prod = Account("111111111111", "dev", ""), Account("333333333333", "prod", "")
    now = clock.now()
    for rows in ({dev: ("A",)}, {dev: ("A", "B"), prod: ("C",)}, {prod: ("C",)}, {}):
        listing = Listing(tuple(Held(one, roles, now) for one, roles in rows.items()), now)
        assert kept_listings.merge(home.env, ACME, listing) == listing
        assert kept_listings.load(home.env, ACME.label) == listing
