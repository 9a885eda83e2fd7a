"""Assignments with an end: ``ssoenv admin assign --for``, ``grants`` and ``expire``."""

from __future__ import annotations

import hashlib
import json
import re
import signal
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from ssoenv.admin import grants, opening
from ssoenv.admin.definition import GRANT
from ssoenv.admin.making import Making
from ssoenv.base import clock
from ssoenv.shells import hook
from tests.cli.test_admin import DEV, PROD
from tests.cli.test_admin_changes import MANAGEMENT, changing, lines, world
from tests.cli.test_admin_interrupted import wait_for
from tests.cli.test_admin_killed import Killing
from tests.conftest import administered, asking
from tests.forked import ROOT
from tests.sandbox.administrators import Administrator
from tests.screen import Screen

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

    from ssoenv.sandbox.server import Sandbox
    from tests.conftest import Home

pytestmark = pytest.mark.sampled(2)

CAROL = ("-u", "carol", "-r", "Billing", "-a", "dev")
TWO_HOURS = ("--for", "2h", "--reason", "incident 4711")


@pytest.fixture
def sandbox(home: Home, tmp_path: Path) -> Iterator[Sandbox]:
    with administered(home, tmp_path, world()) as running:
        yield running


def admin(home: Home, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    return home.ssoenv("admin", *words, cwd=None, **more)


def done(home: Home, *words: str, **more: str) -> list[list[str]]:
    found = admin(home, *words, **more)
    assert (found.returncode, found.stderr) == (0, ""), found
    return lines(found.stdout)


def listed(home: Home, *words: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(admin(home, "grants", "--json", *words).stdout)
    return found


def held(home: Home, name: str = "Billing") -> set[tuple[str, str]]:
    rows = json.loads(admin(home, "assignments", "-r", name, "--json").stdout)
    return {(row["target_name"], row["principal_name"]) for row in rows}


def tags(sandbox: Sandbox, name: str = "Billing") -> dict[str, str]:
    who = Administrator.named(sandbox)
    asked = who.instance | {"ResourceArn": who.set(name)}
    return {one["Key"]: one["Value"] for one in who.sso.list_tags_for_resource(**asked)["Tags"]}


def over(sandbox: Sandbox, name: str = "Billing") -> None:
    """Have every end of a permission set's be an hour ago: nobody can turn this machine's clock."""
    who = Administrator.named(sandbox)
    asked = who.instance | {"ResourceArn": who.set(name)}
    for key, value in tags(sandbox, name).items():
        if key.startswith(GRANT):
            who.sso.untag_resource(**asked, TagKeys=[key])
            words = value.split(" ")
            words[3] = clock.render_timestamp(clock.now() - 3600)
            who.sso.tag_resource(**asked, Tags=[written(" ".join(words))])


def written(value: str) -> dict[str, str]:
    """Return the tag of a grant, made by what the docs say of it alone."""
    digest = hashlib.sha256(" ".join(value.split(" ")[:4]).encode()).hexdigest()
    return {"Key": f"ssoenv:grant:{digest[:16]}", "Value": value}


# From the beginning to the end.


def test_a_grant_begins_and_ends(home: Home, sandbox: Sandbox) -> None:
    sandbox.clear_requests()
    before = clock.now()
    planned = done(home, "assign", *CAROL, *TWO_HOURS, "--dry-run")
    assert not changing(sandbox)
    assert [row[0] for row in planned] == ["+", "+"]
    made = done(home, "assign", *CAROL, *TWO_HOURS)
    assert [row[0] for row in made] == ["added", "assigned"]
    assert changing(sandbox) == ["TagResource", "CreateAccountAssignment"]
    (grant,) = listed(home)
    assert 7200 <= clock.parse_timestamp(grant["until"]) - before <= 7300
    assert (grant["account_id"], grant["permission_set_name"]) == (DEV, "Billing")
    assert (grant["principal_type"], grant["principal_name"]) == ("USER", "carol")
    assert (grant["reason"], grant["granted_by"]) == ("incident 4711", "administrator")
    (row,) = done(home, "grants")
    assert row[:3] == [f"dev {DEV}", "Billing", "user carol"]
    assert row[4] in ("in 2 h", "in 1 h 59 min")
    sandbox.set_approve("auto", "carol")
    home.ssoenv("login")
    assert "Billing" in home.ssoenv("roles", "--refresh").stdout
    nothing = admin(home, "expire")
    assert (nothing.returncode, nothing.stdout, nothing.stderr) == (0, "", "")  # no mail of cron's
    over(sandbox)
    assert done(home, "grants")[0][4].startswith("over for 1 h")
    sandbox.clear_requests()
    assert [row[0] for row in done(home, "expire", "--dry-run")] == ["-", "-"]
    assert not changing(sandbox)
    ended = done(home, "expire")
    assert [row[0] for row in ended] == ["taken back", "removed"]
    assert changing(sandbox) == ["DeleteAccountAssignment", "UntagResource"]
    assert ("dev", "carol") not in held(home)
    assert not tags(sandbox)
    assert listed(home) == []
    assert "Billing" not in home.ssoenv("roles", "--refresh").stdout


def test_an_end_is_moved(home: Home, sandbox: Sandbox) -> None:
    done(home, "assign", *CAROL, *TWO_HOURS)
    sandbox.clear_requests()
    moved = done(home, "assign", *CAROL, "--for", "1d", "--reason", "longer")
    assert [row[0] for row in moved] == ["changed", "removed"]
    assert changing(sandbox) == ["TagResource", "UntagResource"]
    (grant,) = listed(home)
    assert grant["reason"] == "longer"
    assert clock.parse_timestamp(grant["until"]) - clock.now() > 80000


def test_what_is_assigned_for_good_gets_no_end(home: Home, sandbox: Sandbox) -> None:
    done(home, "assign", *CAROL)
    sandbox.clear_requests()
    found = admin(home, "assign", *CAROL, "-a", "prod", *TWO_HOURS)
    assert (found.returncode, found.stdout, changing(sandbox)) == (2, "", [])
    assert f"user carol holds Billing in dev {DEV} without an end already" in found.stderr


def test_a_grant_becomes_one_for_good(home: Home, sandbox: Sandbox) -> None:
    done(home, "assign", *CAROL, *TWO_HOURS)
    before = tags(sandbox)
    unasked = admin(home, "assign", *CAROL)
    assert (unasked.returncode, unasked.stdout) == (2, "")
    assert "-> none: user carol in dev" in unasked.stderr
    assert "--yes" in unasked.stderr
    assert tags(sandbox) == before
    assert [row[0] for row in done(home, "assign", *CAROL, "--yes")] == ["changed"]
    assert not tags(sandbox)
    assert ("dev", "carol") in held(home)
    assert listed(home) == []


def test_what_is_taken_back_has_no_end_any_more(home: Home, sandbox: Sandbox) -> None:
    done(home, "assign", *CAROL, *TWO_HOURS)
    back = done(home, "unassign", *CAROL, "--yes")
    assert [row[0] for row in back] == ["taken back", "removed"]
    assert not tags(sandbox)


def test_many_at_once_and_some_of_them(home: Home, sandbox: Sandbox) -> None:
    done(
        home,
        "assign",
        "-u",
        "carol",
        "-g",
        "web",
        "-r",
        "Billing",
        "-a",
        "dev",
        "-a",
        "prod",
        *TWO_HOURS,
    )
    assert len(listed(home)) == 4
    assert {one["principal_name"] for one in listed(home, "-g", "web")} == {"web"}
    assert {one["account_id"] for one in listed(home, "-a", "prod")} == {PROD}
    over(sandbox)
    done(home, "expire")
    assert held(home) == set()
    assert not tags(sandbox)


# What is not one.


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--for", "2h"), "--for and --reason go together"),
        (("--reason", "x"), "--for and --reason go together"),
        (("--for", "soon", "--reason", "x"), "'soon' is no duration"),
        (("--for", "59s", "--reason", "x"), "1 min to 366 d"),
        (("--for", "367d", "--reason", "x"), "1 min to 366 d"),
        (("--for", "9" * 400 + "h", "--reason", "x"), "1 min to 366 d"),
        (("--for", "2h", "--reason", "a, b"), "holds no ','"),
        (("--for", "2h", "--reason", "x\x1b[31m"), "a tag of AWS holds no"),
        (("--for", "2h", "--reason", "  "), "say why"),
        (("--for", "2h", "--reason", "x" * 300), "a tag has room for"),
    ],
)
def test_what_is_no_grant(home: Home, sandbox: Sandbox, words: tuple[str, ...], told: str) -> None:
    sandbox.clear_requests()
    found = admin(home, "assign", *CAROL, *words)
    assert (found.returncode, found.stdout, changing(sandbox)) == (2, "", []), found
    assert told in found.stderr
    assert "\x1b" not in found.stderr


def test_a_reason_that_just_fits(home: Home, sandbox: Sandbox) -> None:
    told = admin(home, "assign", *CAROL, "--for", "2h", "--reason", "x" * 300).stderr
    most = int(told.partition("has room for ")[2].split()[0])
    done(home, "assign", *CAROL, "--for", "2h", "--reason", "e\u0301" * most)
    assert listed(home)[0]["reason"] == "é" * most
    assert max(map(len, tags(sandbox).values())) == grants.LONGEST


def test_no_more_than_there_are_tags_for(home: Home, sandbox: Sandbox) -> None:
    who = Administrator.named(sandbox)
    many = [{"Key": f"k{number}", "Value": "x"} for number in range(49)]
    who.sso.tag_resource(**who.instance, ResourceArn=who.set("Billing"), Tags=many)
    done(home, "assign", *CAROL, *TWO_HOURS)
    sandbox.clear_requests()
    found = admin(home, "assign", "-u", "bob", "-r", "Billing", "-a", "dev", *TWO_HOURS)
    assert (found.returncode, found.stdout, changing(sandbox)) == (2, "", [])
    assert "has no room for another grant" in found.stderr
    with pytest.raises(who.sso.exceptions.ServiceQuotaExceededException):
        who.sso.tag_resource(
            **who.instance, ResourceArn=who.set("Billing"), Tags=[{"Key": "x", "Value": "x"}]
        )


def test_tags_that_tell_of_no_grant_are_left_alone(home: Home, sandbox: Sandbox) -> None:
    done(home, "assign", *CAROL, *TWO_HOURS)
    over(sandbox)
    ((_key, value),) = tags(sandbox).items()
    odd = {
        f"{GRANT}x": value,
        f"{GRANT}y": "",
        f"{GRANT}z": "111111111111 USER x 2026-13-45T99:99:99Z me why",
    }
    who = Administrator.named(sandbox)
    more = [{"Key": name, "Value": text} for name, text in odd.items()]
    who.sso.tag_resource(**who.instance, ResourceArn=who.set("Billing"), Tags=more)
    found = admin(home, "expire")
    assert found.returncode == 0
    assert found.stderr.count("a tag that tells of no grant, and is left alone: Billing: ") == 3
    assert tags(sandbox) == odd


# What people are told.


def test_a_person_is_told_the_way_back(home: Home, sandbox: Sandbox) -> None:
    done(home, "assign", "-u", "bob", "-r", "Billing", "-a", "dev")
    words = ("assign", "-u", "bob", "-u", "carol", "-r", "Billing", "-a", "dev", "-a", "prod")
    profile = ("--profile", "administrator")
    command = [*hook.command_line(), "admin", *words, *profile]
    screen = Screen(command, home.env, str(home.path), columns=160)
    assert screen.end() == 0
    bob = f"ssoenv admin unassign -r Billing -a {PROD} -u bob --profile administrator"
    carol = bob.replace("-a", f"-a {DEV} -a", 1).replace("bob", "carol")
    back = [line.strip() for line in screen.text().splitlines() if "unassign" in line]
    assert sorted(back) == sorted((bob, carol))
    for line in back:
        done(home, *line.split()[2:], "--yes")
    assert held(home) == {("dev", "bob")}
    screen = Screen(
        [*hook.command_line(), "admin", "assign", *CAROL, *TWO_HOURS],
        home.env, str(home.path), columns=160,
    )  # fmt: skip
    assert screen.end() == 0
    shown = screen.text()
    assert "it ends once ssoenv admin expire is run after " in shown
    assert f"  ssoenv admin unassign -r Billing -a {DEV} -u carol" in shown
    screen = Screen(
        [*hook.command_line(), "admin", "expire"], home.env, str(home.path), columns=160
    )
    assert screen.end() == 0
    assert "no grant has come to its end" in screen.text()


def test_one_that_is_not_assigned_is_told_so(home: Home, sandbox: Sandbox) -> None:
    done(home, "assign", *CAROL, *TWO_HOURS)
    place = Administrator.named(sandbox).assignment(DEV, "Billing", user="carol")
    assert listed(home)[0]["assigned"] is True
    Administrator.named(sandbox).sso.delete_account_assignment(**place)
    assert listed(home)[0]["assigned"] is False
    assert done(home, "grants")[0][4] == "not assigned"
    assert [row[0] for row in done(home, "assign", *CAROL, "--yes")] == ["changed", "assigned"]


def test_an_idle_expire_is_a_call_for_each_permission_set(home: Home, sandbox: Sandbox) -> None:
    done(home, "assign", *CAROL, *TWO_HOURS)
    sets = len(done(home, "permission-sets"))
    sandbox.clear_requests()
    done(home, "expire")
    asked = Counter(one["operation"] for one in sandbox.requests())
    assert asked == {
        "ListInstances": 1, "ListPermissionSets": 1, "ListTagsForResource": sets,
    }  # fmt: skip


def test_the_role_for_it_is_as_the_guide_has_it(home: Home, sandbox: Sandbox) -> None:
    guide = (ROOT / "docs/guides/administrators.md").read_text()
    (policy,) = re.findall(r"```json\n(.*?)```", guide, re.DOTALL)
    (statement,) = json.loads(policy)["Statement"]
    done(home, "assign", "-r", "Billing", "--ou", "/", "-u", "bob", "-g", "web", *TWO_HOURS)
    over(sandbox)
    # Names are all that it does without.
    names = {one for one in statement["Action"] if not one.startswith("sso:")}
    for one in names:
        sandbox.fail(one.partition(":")[2], "AccessDeniedException", times=100)
    sandbox.clear_requests()
    assert {row[0] for row in done(home, "expire")} == {"taken back", "removed"}
    asked = {(one["service"], one["operation"]) for one in sandbox.requests()}
    asked.discard(("sts", "GetCallerIdentity"))  # which nobody has to be allowed
    called = {f"{service.removesuffix('-admin')}:{name}" for service, name in asked}
    assert called - names == {one for one in statement["Action"] if one.startswith("sso:")}
    sandbox.clear_faults()
    assert held(home) == set()


# Beside everything else.


def test_definitions_leave_grants_alone(home: Home, sandbox: Sandbox) -> None:
    done(home, "assign", *CAROL, *TWO_HOURS)
    before = tags(sandbox)
    (home.path / "billing.toml").write_text('policy = "ReadOnlyAccess"\n')
    done(home, "define", "Billing", "--file", "billing.toml", "--yes")
    assert tags(sandbox) == before
    for option in ("--tag", "--without-tag"):
        word = next(iter(before)) + ("=x" if option == "--tag" else "")
        found = admin(home, "define", "Billing", option, word, "--yes")
        assert (found.returncode, found.stdout) == (2, "")
        assert "is the end of an assignment" in found.stderr
    shown = done(home, "permission-sets", "Billing")
    assert ["end", next(iter(before.values()))] in shown


def test_an_export_has_no_grant_and_what_is_declared_no_end(home: Home, sandbox: Sandbox) -> None:
    first = admin(home, "export").stdout
    done(home, "assign", *CAROL, *TWO_HOURS)
    assert admin(home, "export").stdout == first
    (home.path / "org.toml").write_text(first)
    assert admin(home, "plan", "org.toml", "--prune", "--check").returncode == 0
    row = '[[assignment]]\npermission_set = "Billing"\nuser = "carol"\naccount = "dev"\n'
    (home.path / "org.toml").write_text(row)
    plan = lines(admin(home, "plan", "org.toml").stdout)
    assert [row[:3] for row in plan] == [["~", "permission set Billing", "end"]]
    assert admin(home, "apply", "org.toml", "--yes").returncode == 0
    assert not tags(sandbox)
    assert ("dev", "carol") in held(home)


def test_who_is_gone_has_no_end_any_more(home: Home, sandbox: Sandbox) -> None:
    done(home, "assign", *CAROL, *TWO_HOURS)
    other = Administrator.named(sandbox)
    other.store.delete_user(**other.identity_store, UserId=other.user("carol"))
    over(sandbox)
    assert [row[0] for row in done(home, "expire")] == ["taken back", "removed"]
    assert not tags(sandbox)


def test_a_delegated_administrator_ends_what_is_theirs(home: Home, sandbox: Sandbox) -> None:
    done(home, "assign", *CAROL, "-a", MANAGEMENT, *TWO_HOURS)
    done(home, "assign", "-u", "carol", "-r", "Developer", "-a", "prod", *TWO_HOURS)
    over(sandbox)
    over(sandbox, "Developer")
    found = admin(home, "expire", AWS_PROFILE="delegated-administrator")
    assert found.returncode == 1
    assert ("prod", "carol") not in held(home, "Developer")
    assert any(account == "" or "manage" in account or account for account, _ in held(home))
    done(home, "expire")
    assert held(home) == set()
    assert not tags(sandbox)


@pytest.mark.parametrize("words", [("assign", *CAROL, *TWO_HOURS), ("expire",)])
def test_no_coding_agent_grants_or_ends(
    home: Home, sandbox: Sandbox, words: tuple[str, ...]
) -> None:
    sandbox.clear_requests()
    found = admin(home, *words, CLAUDECODE="1")
    assert (found.returncode, found.stdout, changing(sandbox)) == (4, "", [])
    assert admin(home, "grants", CLAUDECODE="1").returncode == 0


# What stops it.


@pytest.mark.parametrize("taken", [False, True])
@pytest.mark.parametrize("at", [1, 2])
@pytest.mark.parametrize("what", ["assign", "move", "unassign", "expire"])
def test_wherever_it_is_killed_expire_finds_the_end(
    home: Home, sandbox: Sandbox, what: str, at: int, taken: bool
) -> None:
    if what != "assign":
        done(home, "assign", *CAROL, *TWO_HOURS)
    if what == "expire":
        over(sandbox)
    killing = Killing(sandbox)
    words: Any = {
        "assign": ("assign", *CAROL, *TWO_HOURS),
        "move": ("assign", *CAROL, "--for", "1d", "--reason", "longer"),
        "unassign": ("unassign", *CAROL, "--yes"),
        "expire": ("expire",),
    }[what]
    process = home.start(*hook.command_line(), "admin", *words)
    killing.arm(process.pid, at, taken=taken)
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    killing.arm(0, 0, taken=False)
    if ("dev", "carol") in held(home):
        assert tags(sandbox), "an assignment with an end that nobody finds"
    over(sandbox)
    assert admin(home, "expire").returncode == 0
    assert ("dev", "carol") not in held(home)
    assert not tags(sandbox)


@pytest.mark.parametrize("taken", [False, True])
@pytest.mark.parametrize("at", [1, 2])
def test_wherever_it_is_killed_what_is_for_good_stays(
    home: Home, sandbox: Sandbox, at: int, taken: bool
) -> None:
    done(home, "assign", *CAROL, *TWO_HOURS)
    place = Administrator.named(sandbox).assignment(DEV, "Billing", user="carol")
    Administrator.named(sandbox).sso.delete_account_assignment(**place)
    killing = Killing(sandbox)
    process = home.start(*hook.command_line(), "admin", "assign", *CAROL, "--yes")
    killing.arm(process.pid, at, taken=taken)
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    killing.arm(0, 0, taken=False)
    assert admin(home, "assign", *CAROL, "--yes").returncode == 0
    over(sandbox)
    assert admin(home, "expire").returncode == 0
    assert ("dev", "carol") in held(home)


def test_without_its_tag_nothing_is_assigned_nor_moved(home: Home, sandbox: Sandbox) -> None:
    sandbox.fail("TagResource", "AccessDeniedException")
    refused = admin(home, "assign", *CAROL, *TWO_HOURS)
    assert (refused.returncode, [row[0] for row in lines(refused.stdout)]) == (6, ["failed"])
    assert "these credentials may not tag resource" in refused.stderr
    assert held(home) == set()
    done(home, "assign", *CAROL, *TWO_HOURS)
    sandbox.fail("TagResource", "AccessDeniedException")
    assert admin(home, "assign", *CAROL, "--for", "1d", "--reason", "longer").returncode == 6
    assert [one["reason"] for one in listed(home)] == ["incident 4711"]


def test_the_last_of_several_ends_counts(home: Home, sandbox: Sandbox) -> None:
    done(home, "assign", *CAROL, *TWO_HOURS)
    ((key, value),) = tags(sandbox).items()
    over(sandbox)
    who = Administrator.named(sandbox)
    asked = who.instance | {"ResourceArn": who.set("Billing")}
    who.sso.tag_resource(**asked, Tags=[written(value)])
    assert len(tags(sandbox)) == 2
    (grant,) = listed(home)
    assert grant["until"] in value
    assert admin(home, "expire").stdout == ""
    assert ("dev", "carol") in held(home)
    assert key in tags(sandbox)
    assert [row[0] for row in done(home, "assign", *CAROL, "--yes")] == ["changed"]
    assert not tags(sandbox)


# Several at once, and others at the same time.

BOTH = ("-u", "carol", "-r", "Billing", "-a", MANAGEMENT, "-a", "dev", "-a", "prod")


def test_one_that_cannot_be_ended_keeps_no_other(home: Home, sandbox: Sandbox) -> None:
    done(home, "assign", *BOTH, *TWO_HOURS)
    over(sandbox)
    theirs = {"AWS_PROFILE": "delegated-administrator"}
    found = admin(home, "expire", **theirs)
    assert found.returncode == 1
    assert "1 of 6 changes failed" in found.stderr
    assert "neither changes what is in the management account" in found.stderr
    assert len(held(home)) == len(tags(sandbox)) == 1
    again = admin(home, "expire", **theirs)
    assert (again.returncode, [row[0] for row in lines(again.stdout)]) == (6, ["failed"])
    assert [row[0] for row in done(home, "expire")] == ["taken back", "removed"]


def test_they_end_beside_each_other(home: Home, sandbox: Sandbox) -> None:
    done(home, "assign", *BOTH, *TWO_HOURS)
    over(sandbox)
    sandbox.set_provisioning(3600)
    begun = admin(home, "expire", "--timeout", "0")
    assert [row[0] for row in lines(begun.stdout)] == ["in progress"] * 3
    assert len(tags(sandbox)) == 3
    sandbox.advance(3600)
    assert [row[0] for row in done(home, "expire")] == ["removed"] * 3


def test_somebody_extends_it_while_it_is_ended(home: Home, sandbox: Sandbox) -> None:
    done(home, "assign", *CAROL, *TWO_HOURS)
    over(sandbox)
    sandbox.set_provisioning(3600)
    sandbox.clear_requests()
    ending = home.start(*hook.command_line(), "admin", "expire")
    wait_for(sandbox, "DeleteAccountAssignment")
    extending = home.start(*hook.command_line(), "admin", "assign", *CAROL, *TWO_HOURS)
    wait_for(sandbox, "TagResource")
    sandbox.set_provisioning(0)
    sandbox.advance(3600)
    for one in (ending, extending):
        one.communicate(timeout=60)
        assert one.returncode == 0
    assert ("dev", "carol") in held(home)
    (grant,) = listed(home)
    assert clock.parse_timestamp(grant["until"]) > clock.now() + 7000


@pytest.mark.parametrize("how", [TWO_HOURS, ()])
def test_somebody_moves_its_end_before_it_is_ended(
    home: Home, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, how: tuple[str, ...]
) -> None:
    """Where many are over, minutes pass between the look at all of them and the last."""
    done(home, "assign", *CAROL, *TWO_HOURS)
    over(sandbox)
    center = opening.center(asking(home, monkeypatch))
    planned, _ = grants.plan_expiry(center, clock.now())
    done(home, "assign", *CAROL, *how, "--yes")
    making = Making(center, planned, 60)
    making.run(lambda *_: None)
    making.require_success()
    assert [one.word for one in making.outcomes] == ["stays", "removed"]
    assert "just now" in making.outcomes[0].reason
    assert ("dev", "carol") in held(home)
    assert len(listed(home)) == len(tags(sandbox)) == bool(how)


def test_pruning_takes_no_grant_with_an_end(home: Home, sandbox: Sandbox) -> None:
    (home.path / "org.toml").write_text(
        '[permission_set.Own]\ndescription = "x"\n[[assignment]]\nuser = "carol"\n'
        'permission_set = ["Billing", "Own"]\naccount = "dev"\n'
    )
    assert admin(home, "apply", "org.toml", "--yes").returncode == 0
    both = (*CAROL, "-r", "Own")
    done(home, "unassign", *both, "--yes")
    done(home, "assign", *both, *TWO_HOURS)
    (home.path / "org.toml").write_text("")
    kept = admin(home, "apply", "org.toml", "--prune", "--yes")
    assert (kept.returncode, kept.stdout) == (0, "")
    assert "Billing in dev 111111111111 stays: user carol was granted it until" in kept.stderr
    assert "permission set Own stays: it has an assignment that nobody declared" in kept.stderr
    assert ("dev", "carol") in held(home)
    for name in ("Billing", "Own"):
        over(sandbox, name)
    done(home, "expire")
    (left,) = lines(admin(home, "plan", "org.toml", "--prune").stdout)
    assert left == ["-", "permission set Own"]


def test_the_ends_go_with_who_had_them(home: Home, sandbox: Sandbox) -> None:
    done(home, "assign", *CAROL, *TWO_HOURS)
    gone = done(home, "delete", "user", "carol", "--yes")
    assert ["removed", "permission set Billing", "end"] in [row[:3] for row in gone]
    assert not tags(sandbox)
    assert "no assignment has an end" in admin(home, "grants").stderr


def test_an_export_says_what_it_leaves_out(home: Home, sandbox: Sandbox) -> None:
    done(home, "assign", *CAROL, *TWO_HOURS)
    told = admin(home, "export")
    assert told.returncode == 0
    assert "1 assignment has an end and is left out: ssoenv admin grants" in told.stderr
