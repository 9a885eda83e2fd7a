"""``ssoenv admin``, the look commands: what is shown, by how many calls, and what is refused."""

from __future__ import annotations

import csv
import io
import json
import re
import signal
import time
from typing import TYPE_CHECKING, Any

import pytest

from ssoenv.admin import access, assignments, changes, opening
from ssoenv.admin.journal import Journal
from ssoenv.admin.values import GROUP, USER
from ssoenv.base.errors import AccessDenied, ServiceUnavailable
from ssoenv.identity_center.administration import Administration
from ssoenv.sandbox import world
from ssoenv.sandbox.server import Sandbox
from ssoenv.sandbox.world import Account, Assignment, Group, User
from ssoenv.shells import hook
from tests import forked
from tests.conftest import Home, administered, operations
from tests.sandbox.administrators import Administrator
from tests.screen import Screen

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DEV, PROD, OLD = "111111111111", "333333333333", "777777777777"
HOSTILE = '=cmd, "x" \x1b[31m\''


def office() -> world.World:
    """The built-in world with groups, with names that are hard on readers, and a suspended account."""
    built_in = world.built_in()
    suspended = Account("old one", OLD, "old@acme.example", "acme", True, "Workloads/Test/Old")
    return world.World(
        built_in.instances,
        (
            User("alice", ("web", HOSTILE), "Alice Doe", "0042"),
            User("bob", ("web",), "Bob"),
            User("carol"),
        ),
        (*built_in.accounts, suspended),
        built_in.permission_sets,
        (
            Assignment("dev", "Developer", group="web"),
            Assignment("dev", "ReadOnly", group=HOSTILE),
            Assignment("dev", "ReadOnly", user="carol"),
            Assignment("prod", "ReadOnly", group="web"),
            Assignment("prod", "Administrator", user="alice"),
            Assignment("prod", "ReadOnly", user="alice"),
            Assignment(OLD, "ReadOnly", user="bob"),
        ),
        built_in.roles,
        groups=(Group("web", "who make the shop"),),
    )


@pytest.fixture
def sandbox(home: Home, tmp_path: Path) -> Iterator[Sandbox]:
    """The office, with an administrator's keys in `home`."""
    with administered(home, tmp_path, office()) as running:
        yield running


def table(home: Home, *words: str, **more: str) -> list[list[str]]:
    """What a command shows: its rows, split where two blanks are."""
    done = home.ssoenv("admin", *words, cwd=None, **more)
    assert (done.returncode, done.stderr) == (0, ""), done
    return [
        [cell.strip() for cell in line.split("  ") if cell] for line in done.stdout.splitlines()
    ]


def parsed(home: Home, *words: str) -> Any:
    done = home.ssoenv("admin", *words, "--json")
    assert (done.returncode, done.stderr) == (0, ""), done
    return json.loads(done.stdout)


def test_instances(home: Home, sandbox: Sandbox) -> None:
    (one,) = parsed(home, "instances")
    assert one == {
        "arn": Administrator.named(sandbox).instance["InstanceArn"],
        "identity_store": "d-0000000000",
        "owner": "888888888888",
        "name": "acme",
        "status": "ACTIVE",
        "region": "us-east-1",
    }
    assert ["owner", "888888888888"] in table(home, "instances")


def test_the_region_is_that_of_the_session_here(home: Home, sandbox: Sandbox) -> None:
    """... whatever region the shell has: an Identity Center is in one only."""
    assert operations(sandbox, "ListInstances") == 0
    assert table(home, "instances", AWS_REGION="eu-west-1")
    other = home.ssoenv("admin", "instances", "--region", "eu-west-1")
    assert (other.returncode, other.stdout) == (6, "")
    assert "see no Identity Center in eu-west-1" in other.stderr
    (home.path / ".aws/config").write_text("")
    # Without a session it is that of the profile, which the credentials file has.
    assert table(home, "instances")


def test_permission_sets(home: Home, sandbox: Sandbox) -> None:
    assert table(home, "permission-sets")[0] == ["Administrator", "1 h"]
    admin = Administrator.named(sandbox)
    wanted = admin.instance | {"PermissionSetArn": admin.set("ReadOnly")}
    more = {
        "Description": "to look",
        "RelayState": "https://x.example/",
        "SessionDuration": "PT90M",
    }
    admin.sso.update_permission_set(**wanted, **more)
    admin.sso.put_inline_policy_to_permission_set(**wanted, InlinePolicy='{"Version": "2012"}')
    boundary = {"CustomerManagedPolicyReference": {"Name": "edge", "Path": "/team/"}}
    admin.sso.put_permissions_boundary_to_permission_set(**wanted, PermissionsBoundary=boundary)
    own = {"CustomerManagedPolicyReference": {"Name": "ours"}}
    admin.sso.attach_customer_managed_policy_reference_to_permission_set(**wanted, **own)
    tag = {"ResourceArn": wanted["PermissionSetArn"], "Tags": [{"Key": "team", "Value": "web"}]}
    admin.sso.tag_resource(**admin.instance, **tag)
    provision = {"TargetType": "AWS_ACCOUNT", "TargetId": DEV}
    admin.sso.provision_permission_set(**wanted, **provision)
    assert table(home, "permission-sets", "ReadOnly") == [
        ["name", "ReadOnly"],
        ["arn", wanted["PermissionSetArn"]],
        ["description", "to look"],
        ["session", "1 h 30 min"],
        ["relay state", "https://x.example/"],
        ["policy of AWS", "arn:aws:iam::aws:policy/ReadOnlyAccess"],
        ["policy of the account", "/ours"],
        ["boundary", "/team/edge"],
        ["inline policy", '{"Version": "2012"}'],
        ["tag", "team=web"],
        ["provisioned in", f"{DEV} dev"],
        ["provisioned in", f"{PROD} prod (out of date)"],
        ["provisioned in", f"{OLD} old one (out of date)"],
    ]
    found = parsed(home, "permission-sets", wanted["PermissionSetArn"].rpartition("/")[2])
    assert [one["name"] for one in found["outdated"]] == ["prod", "old one"]
    unknown = home.ssoenv("admin", "permission-sets", "Readonly")
    assert (unknown.returncode, unknown.stdout) == (2, "")
    assert "did you mean 'ReadOnly'?" in unknown.stderr


@pytest.mark.usefixtures("sandbox")
def test_users_and_groups(home: Home) -> None:
    assert [row[:2] for row in table(home, "users")] == [
        ["alice", "Alice Doe"],
        ["bob", "Bob"],
        ["carol", "carol"],
    ]
    (alice,) = parsed(home, "users", "DOE", "ali", "--groups")
    assert (alice["external"], alice["groups"]) == ("0042", [HOSTILE, "web"])
    (web,) = parsed(home, "groups", "web", "--members")
    assert (web["display"], web["members"]) == ("who make the shop", ["alice", "bob"])
    hostile = home.ssoenv("admin", "groups")
    assert "\x1b" not in hostile.stdout
    nobody = home.ssoenv("admin", "users", "nobody")
    assert (nobody.returncode, nobody.stdout, nobody.stderr) == (
        0,
        "",
        "ssoenv: there is no such user\n",
    )


def test_lookup_in_every_direction(home: Home, sandbox: Sandbox) -> None:
    admin = Administrator.named(sandbox)
    ids = {
        "account": ("prod", PROD),
        "user": ("carol", admin.user("carol")),
        "group": ("web", admin.group("web")),
        "permission set": ("Billing", admin.set("Billing")),
    }
    for kind, (name, known) in ids.items():
        assert table(home, "lookup", name, known) == [[kind, name, known]] * 2
    assert table(home, "lookup", "d-0000000000")[-1] == ["identity store", "d-0000000000"]
    assert table(home, "lookup", "0042")[0][:2] == ["user", "alice"]
    unknown = home.ssoenv("admin", "lookup", "dev", "nothing")
    assert (unknown.returncode, unknown.stdout) == (2, "")


def test_assignments(home: Home, sandbox: Sandbox) -> None:
    found = table(home, "assignments", "--account", "dev")
    assert found == [
        ["dev", DEV, "Developer", "group", "web"],
        ["dev", DEV, "ReadOnly", "group", '=cmd, "x" \\x1b[31m\''],
        ["dev", DEV, "ReadOnly", "user", "carol"],
    ]
    # Any of a kind, all of the kinds: users and groups are one kind.
    words = ("--user", "carol", "--group", "web", "--permission-set", "ReadOnly")
    assert [row[2:] for row in table(home, "assignments", *words)] == [
        ["ReadOnly", "user", "carol"],
        ["ReadOnly", "group", "web"],
    ]
    # A unit with all below it, the suspended account too.
    assert [row[0] for row in table(home, "assignments", "--ou", "Workloads/Test")] == [
        "dev", "dev", "dev", "old one",
    ]  # fmt: skip
    root = table(home, "assignments", "--ou", "/")
    assert len(root) == 7
    rows = table(home, "assignments", "--account", DEV, "--expand-groups")
    assert ["dev", DEV, "Developer", "user", "bob", "web"] in rows
    assert len(rows) == 4
    mine = table(home, "assignments", "--user", "bob", "--expand-groups")
    assert [row[0] for row in mine] == ["dev", "old one", "prod"]
    unknown = home.ssoenv("admin", "assignments", "--ou", "Workloads/Tst")
    assert (unknown.returncode, unknown.stdout) == (2, "")
    assert "did you mean 'Test'?" in unknown.stderr
    assert sandbox


def test_csv_has_the_columns_of_aws_sso_util(home: Home, sandbox: Sandbox) -> None:
    done = home.ssoenv("admin", "assignments", "--csv", "--group", HOSTILE)
    admin = Administrator.named(sandbox)
    header, row = csv.reader(io.StringIO(done.stdout))
    assert header == [
        "instance_arn", "principal_type", "principal_id", "principal_name", "permission_set_arn",
        "permission_set_name", "target_type", "target_id", "target_name",
    ]  # fmt: skip
    # What a spreadsheet would take for a formula, or a terminal obey, is neither.
    assert row == [
        admin.instance["InstanceArn"], "GROUP", admin.group(HOSTILE), "'=cmd, \"x\" \\x1b[31m'",
        admin.set("ReadOnly"), "ReadOnly", "AWS_ACCOUNT", DEV, "dev",
    ]  # fmt: skip
    plain = home.ssoenv("admin", "assignments", "--csv", "--user", "carol").stdout
    assert plain.splitlines()[1].count(",") == 8  # nothing quoted that need not be


def test_both_ways_have_the_same_rows(home: Home, sandbox: Sandbox) -> None:
    by_principal = home.ssoenv("admin", "assignments", "--by", "principal", "--json")
    assert by_principal.stderr.strip().startswith("what users and groups held that are gone")
    found = parsed(home, "assignments")
    assert len(found) == 7
    assert sorted(map(str, json.loads(by_principal.stdout))) == sorted(map(str, found))
    # Who is gone shows by what they held, by account only: nobody can be asked for them.
    admin = Administrator.named(sandbox)
    gone = admin.user("bob")
    admin.store.delete_user(**admin.identity_store, UserId=gone)
    left = [one for one in parsed(home, "assignments") if not one["principal_name"]]
    assert [one["principal_id"] for one in left] == [gone]
    assert ["old one", OLD, "ReadOnly", "user", gone] in table(
        home, "assignments", "--by", "account"
    )


def test_who_can_and_what_can(home: Home, sandbox: Sandbox) -> None:
    assert table(home, "who-can", "prod") == [
        ["Administrator", "alice", "directly"],
        ["ReadOnly", "alice", "group web"],
        ["ReadOnly", "alice", "directly"],
        ["ReadOnly", "bob", "group web"],
    ]
    assert table(home, "who-can", PROD, "Administrator") == [["Administrator", "alice", "directly"]]
    sandbox.clear_requests()
    assert table(home, "what-can", "bob") == [
        [DEV, "dev", "Developer", "group web"],
        [OLD, "old one", "ReadOnly", "directly"],
        [PROD, "prod", "ReadOnly", "group web"],
    ]
    assert operations(sandbox, "ListAccountAssignmentsForPrincipal") == 1
    assert operations(sandbox, "ListAccountAssignments") == 0
    # A delegated administrator may not ask by principal, and gets the same.
    same = table(home, "what-can", "bob", AWS_PROFILE="delegated-administrator")
    assert [row[2:] for row in same] == [
        ["Developer", "group web"], ["ReadOnly", "directly"], ["ReadOnly", "group web"],
    ]  # fmt: skip
    nothing = home.ssoenv("admin", "who-can", "shared")
    assert (nothing.returncode, nothing.stdout) == (0, "")
    assert nothing.stderr == "ssoenv: nobody holds that\n"


HEADS = {
    "who-can dev": "role user how",
    "what-can alice": "account id account role how",
    "assignments": "account account id permission set kind who",
    "assignments --expand-groups": "account account id permission set kind who by group",
    "users": "name shown as id",
    "permission-sets": "permission set session description",
    "lookup dev": "what name id",
}


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize("words", HEADS)
def test_columns_say_what_they_are_on_a_terminal(home: Home, words: str) -> None:
    screen = Screen(
        [*hook.command_line(), "admin", *words.split()], home.env, str(home.path), columns=140
    )
    assert screen.end() == 0
    lines = screen.text().splitlines()
    piped = home.ssoenv("admin", *words.split()).stdout.splitlines()
    assert " ".join(lines[0].split()) == HEADS[words]
    assert [line.split() for line in lines[1 : len(piped) + 1]] == [one.split() for one in piped]


@pytest.mark.usefixtures("sandbox")
def test_a_profile_that_is_misspelt_is_told_by_its_name(home: Home) -> None:
    told = home.ssoenv("admin", "instances", "--profile", "administrater")
    assert (told.returncode, told.stdout) == (2, "")
    assert "did you mean 'administrator'?" in told.stderr
    assert "try: ssoenv admin instances --profile administrator\n" in told.stderr


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize("closed", [".aws", ".aws/credentials", "."])
def test_profiles_that_cannot_be_read_are_not_missing(home: Home, closed: str) -> None:
    path = home.path / closed
    mode = path.stat().st_mode
    path.chmod(0)
    try:
        told = home.ssoenv("admin", "instances", cwd=home.path.parent, **{forked.PLAIN: "1"})
    finally:
        path.chmod(mode)
    assert (told.returncode, told.stdout) == (1, "")
    assert re.search(r"\.aws/(config|credentials): Permission denied", told.stderr)
    assert "could not be found" not in told.stderr


def test_without_credentials_and_without_permission(home: Home, sandbox: Sandbox) -> None:
    del home.env["AWS_PROFILE"]
    none = home.ssoenv("admin", "instances")
    assert (none.returncode, none.stdout) == (3, "")
    assert "this shell has no AWS credentials" in none.stderr
    unknown = home.ssoenv("admin", "instances", "--profile", "nope")
    assert (unknown.returncode, unknown.stdout) == (2, "")
    rejected = home.ssoenv(
        "admin", "instances", AWS_ACCESS_KEY_ID="AKIANOBODY", AWS_SECRET_ACCESS_KEY="x"
    )
    assert (rejected.returncode, rejected.stdout) == (3, "")
    assert "UnrecognizedClientException" in rejected.stderr
    home.env["AWS_PROFILE"] = "administrator"
    sandbox.fail("ListPermissionSets", "AccessDeniedException")
    denied = home.ssoenv("admin", "permission-sets")
    assert (denied.returncode, denied.stdout) == (6, "")
    assert "these credentials may not list permission sets" in denied.stderr
    evil = "https://evil.example"
    sent = home.ssoenv("admin", "instances", AWS_ENDPOINT_URL_SSO_ADMIN=evil)
    assert (sent.returncode, sent.stdout) == (5, "")
    assert "would send calls to" in sent.stderr
    both = home.ssoenv("admin", "assignments", "--csv", "--json")
    assert both.returncode == 2
    assert home.ssoenv("admin", "assignments", "--by", "x").returncode == 2


# In-process, on a larger organization.


@pytest.fixture
def center(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """An Identity Center of 40 accounts, and what reads it; the sandbox is its attribute."""
    with Sandbox(world=world.organization(40, 12, 10, 60, 500)) as running:
        running.write_administrators(str(home.path))
        env = home.env | running.environment(str(tmp_path / "sandbox"))
        for name, value in (env | {"AWS_PROFILE": "administrator"}).items():
            monkeypatch.setenv(name, value)
        found = opening.center(Administration(env, region="us-east-1"))
        vars(found)["sandbox"] = running
        yield found


def rows(center: Any, **wanted: Any) -> list[tuple[str, ...]]:
    by = wanted.pop("by", "")
    found = assignments.find(center, assignments.Wanted(**wanted), by=by)
    return sorted(
        (one.account.id, one.permission_set.name, one.principal.kind, one.principal.shown)
        for one in found
    )


def test_the_cheaper_way_is_chosen(center: Any) -> None:
    sandbox = center.sandbox
    alice = center.principal_meant(USER, "alice")
    for wanted, way, calls in (
        # A user's answer has what their groups hold, too: here two pages for most.
        ({}, "ListAccountAssignmentsForPrincipal", 130),
        ({"principals": (alice,)}, "ListAccountAssignmentsForPrincipal", 2),
        ({"accounts": tuple(center.accounts.values())[1:2]}, "ListAccountAssignments", 12),
        ({"sets": (center.set_meant("Developer"),)}, "ListAccountAssignments", 40),
    ):
        sandbox.clear_requests()
        found = rows(center, **wanted)
        asked = [
            one["operation"] for one in sandbox.requests() if "Assignments" in one["operation"]
        ]
        assert set(asked) == {way}, wanted
        assert len(asked) <= calls, wanted
        assert found == rows(center, **wanted, by="account"), wanted
    assert len(rows(center)) == 500


def test_users_with_many_pages_are_left_for_the_other_way(center: Any) -> None:
    told: list[str] = []
    reading = assignments.Reading(
        center, assignments.Wanted(), announce=lambda plan: told.append(plan.way)
    )
    plan = reading.plan()
    assert (plan.way, plan.calls) == ("by principal", 70)
    # As if each user's groups held so much that asking for users took more calls than for places.
    places = tuple(plan.places or ())[:20]
    found = list(reading.rows(assignments.Plan(places, plan.principals)))
    assert told == ["by account and permission set"]
    assert len(found) == len(set(found))


def test_the_service_sets_the_pace(center: Any) -> None:
    center.sandbox.set_pace(rate=60, burst=3)  # which the slowest machine exceeds, too
    assert len(rows(center, by="account")) == 500
    statuses = {one["status"] for one in center.sandbox.requests()}
    assert statuses == {200, 400}  # refused now and then, and asked again


def test_a_stopped_reading_is_gone_on_with(center: Any, tmp_path: Path) -> None:
    path = str(tmp_path / "journal.jsonl")
    center.calls.journal = Journal(path, fresh=False)

    def interrupt(done: int, _: int) -> None:
        if done == 50:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(assignments.find(center, assignments.Wanted(), by="account", tell=interrupt))
    center.sandbox.fail("ListAccountAssignments", 500, times=1000)
    with pytest.raises(ServiceUnavailable):
        rows(center, by="account")
    center.sandbox.clear_faults()
    with (tmp_path / "journal.jsonl").open("a") as stream:
        stream.write('["torn')
    journal = Journal(path, fresh=False)
    assert journal.size > 50
    again = opening.center(center.calls)
    again.calls.journal = journal
    center.sandbox.clear_requests()
    assert len(rows(again, by="account")) == 500
    asked = operations(center.sandbox, "ListAccountAssignments")
    assert 0 < asked < 300
    journal.finish()
    assert Journal(path, fresh=False).size == 0
    assert not (tmp_path / "journal.jsonl").exists()


def test_who_may_not_ask_by_principal_is_told_so(center: Any) -> None:
    center.sandbox.fail("ListAccountAssignmentsForPrincipal", "AccessDeniedException", times=1000)
    assert len(rows(center)) == 500
    with pytest.raises(AccessDenied, match="list account assignments for principal"):
        rows(center, by="principal")
    group = center.principal_meant(GROUP, "team-001")
    found = access.looked_up(center, group.id)
    assert found == [("group", "team-001", group.id)]


# Changes.

ON = ("--permission-set", "Developer", "--account", "prod")


def listed(home: Home) -> list[list[str]]:
    return table(home, "assignments", "--by", "account")


def test_what_an_administrator_grants_the_developer_has(home: Home, sandbox: Sandbox) -> None:
    before = listed(home)
    dry = home.ssoenv("admin", "assign", "--user", "carol", "--group", "web", *ON, "--dry-run")
    assert (dry.returncode, dry.stderr) == (0, "")
    assert dry.stdout == (
        f"+  prod {PROD}  Developer  user carol\n+  prod {PROD}  Developer  group web\n"
    )
    assert listed(home) == before
    done = home.ssoenv("admin", "assign", "--user", "carol", *ON)
    assert (done.returncode, done.stderr) == (0, "")
    word, account, role, who, request = [cell for cell in done.stdout.strip().split("  ") if cell]
    assert (word, account, role, who) == ("assigned", f"prod {PROD}", "Developer", "user carol")
    assert len(request) == 36
    assert [*before, ["prod", PROD, "Developer", "user", "carol"]] != before
    # What is so already is not asked for again.
    sandbox.clear_requests()
    again = home.ssoenv("admin", "assign", "--user", "carol", *ON)
    assert (again.returncode, again.stdout) == (0, "")
    assert "it is so already" in again.stderr
    assert operations(sandbox, "CreateAccountAssignment") == 0

    sandbox.set_approve("auto", "carol")
    assert home.ssoenv("login", "--device-code", AWS_PROFILE="").returncode == 0
    role_of_hers = ("exec", "prod/Developer", "--", "true")
    assert home.ssoenv(*role_of_hers).returncode == 0
    nobody = home.ssoenv("admin", "unassign", "--user", "carol", *ON)
    assert (nobody.returncode, nobody.stdout) == (2, "")
    assert "nobody is here to agree" in nobody.stderr
    assert f"-  prod {PROD}  Developer  user carol" in nobody.stderr
    gone = home.ssoenv("admin", "unassign", "--user", "carol", *ON, "--yes", "--json")
    assert gone.returncode == 0
    (row,) = json.loads(gone.stdout)
    assert (row["change"], row["status"], row["principal_name"]) == (
        "unassign", "SUCCEEDED", "carol",
    )  # fmt: skip
    assert listed(home) == before
    home.ssoenv("logout")
    home.ssoenv("login", "--device-code", AWS_PROFILE="")
    assert home.ssoenv("exec", "prod/Developer", "--", "true").returncode == 6


@pytest.mark.usefixtures("sandbox")
def test_an_agent_may_look_and_changes_nothing(home: Home) -> None:
    before = listed(home)
    words = ("admin", "assign", "--user", "carol", *ON)
    refused = home.ssoenv(*words, CLAUDECODE="1")
    assert (refused.returncode, refused.stdout) == (4, "")
    assert home.ssoenv(*words, "--dry-run", CLAUDECODE="1").returncode == 0
    assert home.ssoenv("admin", "what-can", "bob", CLAUDECODE="1").returncode == 0
    assert listed(home) == before
    incomplete = home.ssoenv("admin", "assign", "--user", "carol", "--account", "dev")
    assert (incomplete.returncode, incomplete.stdout) == (2, "")


def test_what_fails_is_told_and_the_rest_is_done(home: Home, sandbox: Sandbox) -> None:
    words = ("--user", "carol", "--permission-set", "Billing", "--ou", "Workloads/Test")
    sandbox.fail_later("CreateAccountAssignment", "the role limit is reached")
    done = home.ssoenv("admin", "assign", *words)
    assert done.returncode == 1
    rows = [line.split("  ")[0] for line in done.stdout.splitlines()]
    assert sorted(rows) == ["assigned", "assigned", "failed"]
    assert "the role limit is reached" in done.stdout
    assert "1 of 3 changes failed" in done.stderr
    # The same command goes on with what is left.
    again = home.ssoenv("admin", "assign", *words)
    assert (again.returncode, len(again.stdout.splitlines())) == (0, 1)
    # A delegated administrator at the management account.
    there = ("--user", "carol", "--permission-set", "Billing", "--account", "888888888888")
    denied = home.ssoenv("admin", "assign", *there, AWS_PROFILE="delegated-administrator")
    assert (denied.returncode, denied.stdout.split("  ")[0]) == (6, "failed")
    assert "neither changes what is in the management account" in denied.stderr
    # Provisioning that takes longer than one waits.
    sandbox.set_provisioning(3600)
    late = home.ssoenv("admin", "assign", *there, "--timeout", "0.3")
    assert (late.returncode, late.stdout.split("  ")[0]) == (7, "in progress")
    assert "1 changes are still in progress" in late.stderr
    told = home.ssoenv("admin", "unassign", "--group", "web", *ON[:2], "-a", "dev", "--yes",
                       "--timeout", "0")  # fmt: skip
    assert (told.returncode, told.stdout.split("  ")[0]) == (0, "in progress")


def test_fifteen_at_once(center: Any) -> None:
    center.sandbox.set_provisioning(0.4)
    group = center.principal_meant(GROUP, "team-002")
    billing = center.set_meant("Billing")
    wanted = assignments.Wanted((group,), (billing,), tuple(center.accounts.values()))
    found = changes.plan(center, "assign", wanted)
    assert len(found) > 30
    making = changes.Making(center, found, timeout=60)
    making.run(lambda *_: None)
    assert {one.status for one in making.outcomes} == {"SUCCEEDED"}
    assert changes.plan(center, "assign", wanted) == []
    assert len(changes.plan(center, "unassign", wanted)) == 41
    refused = [one for one in center.sandbox.requests() if one["status"] != 200]
    assert not refused


def test_ctrl_c_says_what_was_done_and_what_is_in_progress(home: Home, sandbox: Sandbox) -> None:
    sandbox.set_provisioning(3600)
    words = ("--user", "carol", "--ou", "/", "--permission-set", "Billing")
    names = [f"--permission-set={one}" for one in ("ReadOnly", "Developer", "Administrator")]
    begun = home.start(*hook.command_line(), "admin", "assign", *words, *names)
    deadline = time.monotonic() + 20
    # Once when it is planned, and once when there is no more room.
    while operations(sandbox, "ListAccountAssignmentCreationStatus") < 2:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    begun.send_signal(signal.SIGINT)
    said, told = begun.communicate(timeout=20)
    assert begun.returncode == 130
    assert [line.split("  ")[0] for line in said.splitlines()] == ["in progress"] * 15
    assert "16 more changes were not begun; the same command goes on" in told
