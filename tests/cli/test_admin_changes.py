"""``ssoenv admin``, what changes: permission sets, users, groups, and who is in which."""

from __future__ import annotations

import json
import shlex
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from ssoenv.base import clock
from ssoenv.sandbox.world import Group, User, World
from ssoenv.shells import hook
from tests.cli.test_admin import DEV, OLD, PROD, office, parsed, table
from tests.conftest import Home, administered, operations
from tests.sandbox.administrators import Administrator
from tests.screen import Screen

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ssoenv.sandbox.server import Sandbox

MANAGEMENT = "888888888888"
READS = ("List", "Describe", "Get", "IsMember")
AWS = "arn:aws:iam::aws:policy/"


def world() -> World:
    """The office, with a group and a user that another identity provider has brought."""
    given = office()
    return World(
        given.instances,
        (*given.users, User("dora", ("sales",), "Dora Hill", "0043")),
        given.accounts,
        given.permission_sets,
        given.assignments,
        given.roles,
        groups=(*given.groups, Group("sales", "who sell it", "4711")),
    )


@pytest.fixture
def sandbox(home: Home, tmp_path: Path) -> Iterator[Sandbox]:
    with administered(home, tmp_path, world()) as running:
        yield running


def changing(sandbox: Sandbox) -> list[str]:
    """The calls that changed something, or were to, since the log was cleared."""
    served = [one for one in sandbox.requests() if one["service"] in ("sso-admin", "identitystore")]
    return [one["operation"] for one in served if not one["operation"].startswith(READS)]


def lines(text: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("  ") if cell] for line in text.splitlines()]


def done(home: Home, *words: str, profile: str = "administrator") -> list[list[str]]:
    """What a command that goes well tells of what it did."""
    found = home.ssoenv("admin", *words, AWS_PROFILE=profile)
    assert (found.returncode, found.stderr) == (0, ""), found
    return lines(found.stdout)


def nothing(home: Home, sandbox: Sandbox, *words: str) -> str:
    """Run what has nothing to change: it says so, and makes no call that would."""
    sandbox.clear_requests()
    found = home.ssoenv("admin", *words)
    assert (found.returncode, found.stdout) == (0, ""), found
    assert not changing(sandbox)
    return found.stderr


def dry(home: Home, sandbox: Sandbox, *words: str) -> list[list[str]]:
    sandbox.clear_requests()
    found = done(home, *words, "--dry-run")
    assert not changing(sandbox)
    return found


# Permission sets.


def test_words_are_never_taken_for_the_id_of_what_is_made(home: Home, sandbox: Sandbox) -> None:
    """Whatever a placeholder is called, somebody may write the same."""
    for words in ("(made)", "permission set Odd"):
        done(home, "define", "Odd", "--description", words, "--policy", "ReadOnlyAccess")
        assert ["description", words] in lines(
            home.ssoenv("admin", "permission-sets", "Odd").stdout
        )


OPS = (
    *("define", "Ops", "--description", "who keep it running", "--duration", "8h"),
    *("--policy", "ReadOnlyAccess", "--policy", f"{AWS}job-function/Billing"),
    *("--own-policy", "team/edge", "--boundary", "limits", "--tag", "team=web"),
    *("--relay-state", "https://console.aws.amazon.com/ec2"),
)


def test_a_permission_set_is_made(home: Home, sandbox: Sandbox) -> None:
    wanted = [
        ["permission set Ops"],
        ["permission set Ops", "description", "who keep it running"],
        ["permission set Ops", "session", "8 h"],
        ["permission set Ops", "relay state", "https://console.aws.amazon.com/ec2"],
        ["permission set Ops", "tag", "team=web"],
        ["permission set Ops", "policy of AWS", f"{AWS}ReadOnlyAccess"],
        ["permission set Ops", "policy of AWS", f"{AWS}job-function/Billing"],
        ["permission set Ops", "policy of the account", "/team/edge"],
        ["permission set Ops", "boundary", "/limits"],
    ]
    assert dry(home, sandbox, *OPS) == [["+", *one] for one in wanted]
    rows = json.loads(home.ssoenv("admin", *OPS, "--dry-run", "--json").stdout)
    assert rows[2] == {
        "change": "add", "kind": "permission set", "name": "Ops",
        "what": "session", "value": "PT8H", "before": "",
    }  # fmt: skip
    assert done(home, *OPS) == [["added", *one] for one in wanted]
    assert changing(sandbox) == [
        "CreatePermissionSet",
        "AttachManagedPolicyToPermissionSet",
        "AttachManagedPolicyToPermissionSet",
        "AttachCustomerManagedPolicyReferenceToPermissionSet",
        "PutPermissionsBoundaryToPermissionSet",
    ]
    shown = parsed(home, "permission-sets", "Ops")
    assert shown["permission_set"]["duration"] == "PT8H"
    assert (shown["boundary"], shown["tags"]) == ("/limits", [["team", "web"]])
    assert "it is so already" in nothing(home, sandbox, *OPS)
    # Another way to say the same.
    assert nothing(home, sandbox, "define", "Ops", "--duration", "PT480M", "--boundary", "/limits")


def test_what_is_not_named_stays(home: Home, sandbox: Sandbox) -> None:
    done(home, *OPS)
    before = parsed(home, "permission-sets", "Ops")
    sandbox.clear_requests()
    assert done(home, "define", "Ops", "--description", "other", "--duration", "90m") == [
        ["changed", "permission set Ops", "description", "who keep it running -> other"],
        ["changed", "permission set Ops", "session", "8 h -> 1 h 30 min"],
    ]
    assert changing(sandbox) == ["UpdatePermissionSet"]  # one call, and nowhere to provision
    after = parsed(home, "permission-sets", "Ops")
    assert after["permission_set"]["relay_state"] == "https://console.aws.amazon.com/ec2"
    kept = ("managed", "customer_managed", "inline", "boundary", "tags")
    assert [after[one] for one in kept] == [before[one] for one in kept]
    assert done(home, "define", "Ops", "--tag", "team=ops", "--tag", "cost=1") == [
        ["changed", "permission set Ops", "tag", "team=web -> team=ops"],
        ["added", "permission set Ops", "tag", "cost=1"],
    ]


def test_what_takes_away_asks_first(home: Home, sandbox: Sandbox) -> None:
    done(home, *OPS)
    words = (
        *("define", "Ops", "--without-policy", "ReadOnlyAccess", "--without-own-policy"),
        *("/team/edge", "--no-boundary", "--without-tag", "team", "--policy", "SecurityAudit"),
    )
    sandbox.clear_requests()
    nobody = home.ssoenv("admin", *words)
    assert (nobody.returncode, nobody.stdout) == (2, "")
    assert "nobody is here to agree" in nobody.stderr
    assert f"try: {shlex.join(['ssoenv', 'admin', *words, '--yes'])}" in nobody.stderr
    assert f"-  permission set Ops  policy of AWS  {AWS}ReadOnlyAccess" in nobody.stderr
    assert not changing(sandbox)
    # What is taken away goes first: there is room for so many only.
    assert done(home, *words, "--yes") == [
        ["removed", "permission set Ops", "policy of AWS", f"{AWS}ReadOnlyAccess"],
        ["removed", "permission set Ops", "policy of the account", "/team/edge"],
        ["added", "permission set Ops", "policy of AWS", f"{AWS}SecurityAudit"],
        ["removed", "permission set Ops", "boundary", "/limits"],
        ["removed", "permission set Ops", "tag", "team=web"],
    ]
    assert nothing(home, sandbox, *words)


def test_a_person_is_asked(home: Home, sandbox: Sandbox) -> None:
    words = ("admin", "define", "Billing", "--without-policy", "job-function/Billing")
    for answer, made in (("n", []), ("y", ["DetachManagedPolicyFromPermissionSet"])):
        screen = Screen([*hook.command_line(), *words], home.env, str(home.path), columns=120)
        shown = screen.wait("Apply these changes? [y/N]")
        assert f"-  permission set Billing  policy of AWS  {AWS}job-function/Billing" in shown
        assert not changing(sandbox)
        screen.send(answer + "\r")
        assert screen.end() == 0
        assert changing(sandbox) == made


def test_the_inline_policy(home: Home, sandbox: Sandbox) -> None:
    policy = {"Version": "2012-10-17", "Statement": []}
    (home.path / "policy.json").write_text(json.dumps(policy))
    define = ("define", "Billing", "--inline")
    assert done(home, *define, "policy.json") == [
        ["added", "permission set Billing", "inline policy", json.dumps(policy)]
    ]
    # Laid out in another way it is the same.
    (home.path / "policy.json").write_text(json.dumps(policy, indent=4) + "\n")
    assert nothing(home, sandbox, *define, "policy.json")
    piped = subprocess.run(
        [*hook.command_line(), "admin", *define, "-"],
        env=home.env, cwd=home.path, input='{"Version": "2008-10-17"}',
        capture_output=True, text=True,
    )  # fmt: skip
    assert piped.returncode == 0, piped
    assert lines(piped.stdout)[0][0] == "changed"
    for content, said in (("{", "is no JSON"), ("[]", "is no JSON object"), ("", "is no JSON")):
        (home.path / "policy.json").write_text(content)
        odd = home.ssoenv("admin", *define, "policy.json")
        assert (odd.returncode, odd.stdout) == (2, "")
        assert said in odd.stderr
    gone = done(home, *define, "", "--yes")
    assert [one[:3] for one in gone] == [["removed", "permission set Billing", "inline policy"]]
    assert nothing(home, sandbox, "define", "Billing", "--no-inline")
    assert parsed(home, "permission-sets", "Billing")["inline"] == ""


FILE = """
description = "who keep it running"
duration = "4h"
policy = ["ReadOnlyAccess"]
own_policy = "edge"
inline = { Version = "2012-10-17", Statement = [] }

[tag]
team = "web"
"""


def test_a_file_is_all_that_the_set_is(home: Home, sandbox: Sandbox) -> None:
    done(home, *OPS)
    (home.path / "ops.toml").write_text(FILE)
    words = ("define", "Ops", "--file", "ops.toml")
    assert sorted(one[0] + " " + one[2] for one in dry(home, sandbox, *words)) == [
        "+ inline policy",
        "+ policy of the account",
        "- boundary",
        "- policy of AWS",
        "- policy of the account",
        "- relay state",
        "~ session",
    ]
    assert home.ssoenv("admin", *words).returncode == 2
    done(home, *words, "--yes")
    assert nothing(home, sandbox, *words)
    shown = parsed(home, "permission-sets", "Ops")
    assert (shown["permission_set"]["relay_state"], shown["customer_managed"]) == ("", ["/edge"])
    (home.path / "policy.json").write_text('{"Version": "2008-10-17"}')
    (home.path / "ops.toml").write_text(FILE.replace("{ Ver", '"policy.json" # { Ver'))
    assert [one[2:] for one in dry(home, sandbox, *words)] == [
        ["inline policy", '{"Version": "2008-10-17"}']
    ]
    (home.path / "ops.toml").write_text("policies = []\nduration = 8\n[tag]\na = 1\n")
    odd = home.ssoenv("admin", *words)
    assert (odd.returncode, odd.stdout) == (5, "")
    assert "unknown key 'policies'; did you mean 'policy'?" in odd.stderr
    assert "duration must be a string" in odd.stderr
    assert "line 4: a must be a string" in odd.stderr
    both = home.ssoenv("admin", *words, "--policy", "X")
    assert (both.returncode, both.stdout) == (2, "")
    assert "--file goes alone" in both.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("Ops", "--duration", "13h"), "a session lasts 1 hour to 12 hours"),
        (("Ops", "--duration", "soon"), "'soon' is no duration"),
        (("Ops", "--policy", f"arn:aws:iam::{DEV}:policy/x"), "is no policy that AWS manages"),
        (("Ops", "--tag", "team"), "say KEY=VALUE"),
        (("Ops", "--policy", "A", "--without-policy", f"{AWS}A"), "either with it or without it"),
        (("Ops", "--boundary", "x", "--no-boundary"), "not both"),
        (("two words",), "cannot be called 'two words'"),
    ],
)
def test_what_cannot_be_meant(
    home: Home, sandbox: Sandbox, words: tuple[str, ...], said: str
) -> None:
    odd = home.ssoenv("admin", "define", *words)
    assert (odd.returncode, odd.stdout) == (2, "")
    assert said in odd.stderr
    assert not changing(sandbox)


def lasts(home: Home, role: str) -> int:
    """How many minutes credentials last that somebody gets now."""
    home.ssoenv("logout", AWS_PROFILE="")
    assert home.ssoenv("login", "--device-code", AWS_PROFILE="").returncode == 0
    found = home.ssoenv("export", role, "--format", "process", AWS_PROFILE="")
    assert found.returncode == 0, found
    ends = clock.parse_timestamp(json.loads(found.stdout)["Expiration"])
    return round((ends - time.time()) / 60)


def test_a_changed_duration_shows_in_the_credentials(home: Home, sandbox: Sandbox) -> None:
    sandbox.set_approve("auto", "bob")
    assert lasts(home, "prod/ReadOnly") == 60
    words = ("define", "ReadOnly", "--duration", "2h")
    made = done(home, *words, "--no-provision")
    assert made == [["changed", "permission set ReadOnly", "session", "1 h -> 2 h"]]
    assert lasts(home, "prod/ReadOnly") == 60
    # It is out of date since, and the same command goes on from there, by one request for all.
    sandbox.clear_requests()
    ((word, *what, request),) = done(home, *words)
    assert (word, what) == (
        "provisioned",
        ["permission set ReadOnly", "provisioned in", "3 accounts"],
    )
    assert len(request) == 36
    assert changing(sandbox) == ["ProvisionPermissionSet"]
    assert lasts(home, "prod/ReadOnly") == 120
    assert nothing(home, sandbox, *words)
    assert [one[0] for one in done(home, "define", "ReadOnly", "--duration", "3h")] == [
        "changed",
        "provisioned",
    ]
    assert lasts(home, "prod/ReadOnly") == 180
    # Tags are no part of a role.
    assert [one[0] for one in done(home, "define", "ReadOnly", "--tag", "a=b")] == ["added"]


# Provisioning.


def test_provision_where_it_is_out_of_date(home: Home, sandbox: Sandbox) -> None:
    assert nothing(home, sandbox, "provision", "ReadOnly")
    done(home, "define", "ReadOnly", "--description", "to look", "--no-provision")
    assert dry(home, sandbox, "provision", "ReadOnly") == [
        ["~", "permission set ReadOnly", "provisioned in", "3 accounts"]
    ]
    made = done(home, "provision", "ReadOnly", "-a", "dev", "-a", "old one")
    assert sorted(one[3] for one in made) == [f"dev {DEV}", f"old one {OLD}"]
    assert {one[0] for one in made} == {"provisioned"}
    # Now it is so in one account only, which is named.
    assert dry(home, sandbox, "provision", "ReadOnly") == [
        ["~", "permission set ReadOnly", "provisioned in", f"prod {PROD}"]
    ]
    (row,) = json.loads(home.ssoenv("admin", "provision", "ReadOnly", "--json").stdout)
    assert (row["value"], row["status"], len(row["request_id"])) == (PROD, "SUCCEEDED", 36)
    assert nothing(home, sandbox, "provision", "ReadOnly")
    # In an account that is named it is made anew all the same.
    assert len(done(home, "provision", "ReadOnly", "-a", "dev")) == 1
    nowhere = home.ssoenv("admin", "provision", "ReadOnly", "-a", "staging")
    assert (nowhere.returncode, nowhere.stdout) == (2, "")
    assert "ReadOnly is no role in staging" in nowhere.stderr


def test_three_at_a_time(home: Home, sandbox: Sandbox) -> None:
    done(home, "assign", "-r", "Billing", "--ou", "/", "-u", "bob")
    done(home, "define", "Billing", "--description", "x", "--no-provision")
    sandbox.set_provisioning(0.5)
    accounts = [
        f"--account={one['id']}" for one in parsed(home, "permission-sets", "Billing")["accounts"]
    ]
    sandbox.clear_requests()
    made = done(home, "provision", "Billing", *accounts)
    assert [one[0] for one in made] == ["provisioned"] * len(accounts)
    assert len(accounts) > 6
    begun = [one for one in sandbox.requests() if one["operation"] == "ProvisionPermissionSet"]
    assert [one["status"] for one in begun] == [200] * len(accounts)  # never refused for too many


def test_where_others_are_provisioning_it_waits_for_room(home: Home, sandbox: Sandbox) -> None:
    admin = Administrator.named(sandbox)
    sandbox.set_provisioning(3600)
    for name, account in (("Developer", DEV), ("Administrator", PROD), ("ReadOnly", PROD)):
        wanted = admin.instance | {"PermissionSetArn": admin.set(name)}
        target = {"TargetType": "AWS_ACCOUNT", "TargetId": account}
        admin.sso.provision_permission_set(**wanted, **target)
    sandbox.clear_requests()
    words = ("admin", "provision", "ReadOnly", "-a", "dev")
    begun = home.start(*hook.command_line(), *words)
    _wait_for(sandbox, "ProvisionPermissionSet")
    sandbox.set_provisioning(0)
    sandbox.advance(3600)
    said, told = begun.communicate(timeout=60)
    assert (begun.returncode, told) == (0, "")
    assert lines(said)[0][0] == "provisioned"
    asked = [one for one in sandbox.requests() if one["operation"] == "ProvisionPermissionSet"]
    assert (asked[0]["status"], asked[-1]["status"]) == (400, 200)


def test_a_provisioning_that_fails_or_takes_long(home: Home, sandbox: Sandbox) -> None:
    sandbox.fail_later("ProvisionPermissionSet", "a policy is missing in the account")
    failed = home.ssoenv("admin", "define", "ReadOnly", "--duration", "2h")
    assert failed.returncode == 1
    assert [one[0] for one in lines(failed.stdout)] == ["changed", "failed"]
    assert "a policy is missing in the account" in failed.stdout
    assert "1 of 2 changes failed" in failed.stderr
    sandbox.set_provisioning(3600)
    late = home.ssoenv("admin", "define", "ReadOnly", "--duration", "2h", "--timeout", "0.3")
    assert (late.returncode, lines(late.stdout)[0][0]) == (7, "in progress")
    assert "1 changes are still in progress" in late.stderr
    # In the same accounts nothing may be begun meanwhile.
    busy = home.ssoenv("admin", "provision", "ReadOnly", "--timeout", "0.3", "--json")
    assert busy.returncode == 7
    (row,) = json.loads(busy.stdout)
    assert (row["status"], row["request_id"]) == ("NOT_BEGUN", "")
    assert row["reason"].startswith("in progress by another request: ")
    assert "the service works on requests of somebody else" in busy.stderr
    sandbox.advance(3600)
    assert nothing(home, sandbox, "provision", "ReadOnly")
    sandbox.set_provisioning(3600)
    unwaited = home.ssoenv("admin", "provision", "ReadOnly", "-a", "dev", "--timeout", "0")
    assert (unwaited.returncode, lines(unwaited.stdout)[0][0]) == (0, "in progress")


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_who_is_stopped_says_what_was_done(
    sent: signal.Signals, code: int, home: Home, sandbox: Sandbox
) -> None:
    """By Ctrl-C, or as CI does where a job is cancelled."""
    sandbox.set_provisioning(3600)
    accounts = [f"--account={one}" for one in (DEV, PROD, OLD)]
    begun = home.start(*hook.command_line(), "admin", "define", "ReadOnly", "--duration", "2h")
    _interrupt(begun, sandbox, "ListPermissionSetProvisioningStatus", sent)
    said, told = begun.communicate(timeout=20)
    assert begun.returncode == code
    assert [one[0] for one in lines(said)] == ["changed", "in progress"]
    assert "not begun" not in told
    sandbox.advance(3600)
    done(home, "assign", "-r", "ReadOnly", "-a", "staging", "-u", "bob", "--timeout", "0")
    sandbox.advance(3600)
    sandbox.clear_requests()
    words = ("admin", "provision", "ReadOnly", *accounts, "--account=staging")
    begun = home.start(*hook.command_line(), *words)
    _interrupt(begun, sandbox, "ListPermissionSetProvisioningStatus", sent)
    said, told = begun.communicate(timeout=20)
    assert [one[0] for one in lines(said)] == ["in progress"] * 3
    assert "1 more changes were not begun; the same command goes on" in told


def _interrupt(
    begun: subprocess.Popen[str],
    sandbox: Sandbox,
    operation: str,
    sent: signal.Signals = signal.SIGINT,
) -> None:
    """Send Ctrl-C, or `sent`, once `operation` was asked for."""
    _wait_for(sandbox, operation)
    begun.send_signal(sent)


def _wait_for(sandbox: Sandbox, operation: str) -> None:
    deadline = time.monotonic() + 20
    while operations(sandbox, operation) == 0:
        assert time.monotonic() < deadline
        time.sleep(0.05)


# Users and groups.


def test_somebody_new_at_work(home: Home, sandbox: Sandbox) -> None:
    eve = ("add-user", "eve", "--given", "Eve", "--family", "Moss", "--email", "eve@acme.example")
    assert dry(home, sandbox, *eve) == [
        ["+", "user eve"],
        ["+", "user eve", "given name", "Eve"],
        ["+", "user eve", "family name", "Moss"],
        ["+", "user eve", "display name", "Eve Moss"],
        ["+", "user eve", "address", "eve@acme.example"],
    ]
    assert {one[0] for one in done(home, *eve)} == {"added"}
    assert changing(sandbox) == ["CreateUser"]
    assert "there is a user 'eve'" in nothing(home, sandbox, *eve)
    (found,) = parsed(home, "users", "eve")
    assert (found["display"], found["email"]) == ("Eve Moss", "eve@acme.example")
    ops = ("add-group", "ops", "--description", "who keep it running")
    assert done(home, *ops) == [
        ["added", "group ops"],
        ["added", "group ops", "description", "who keep it running"],
    ]
    assert "there is a group 'ops'" in nothing(home, sandbox, *ops)
    assert dry(home, sandbox, "join", "ops", "eve", "bob", "eve") == [
        ["+", "group ops", "member", "eve"],
        ["+", "group ops", "member", "bob"],
    ]
    assert len(done(home, "join", "ops", "eve", "bob")) == 2
    assert done(home, "join", "ops", "eve", "carol") == [["added", "group ops", "member", "carol"]]
    assert nothing(home, sandbox, "join", "ops", "eve", "bob", "carol")
    done(home, "assign", "-g", "ops", "-r", "Developer", "-a", "prod")
    sandbox.set_approve("auto", "eve")
    assert home.ssoenv("login", "--device-code", AWS_PROFILE="").returncode == 0
    assert home.ssoenv("exec", "prod/Developer", "--", "true").returncode == 0

    nobody = home.ssoenv("admin", "leave", "ops", "eve", "alice")
    assert (nobody.returncode, nobody.stdout) == (2, "")
    assert "try: ssoenv admin leave ops eve alice --yes" in nobody.stderr
    left = done(home, "leave", "ops", "eve", "alice", "--yes")
    assert left == [["removed", "group ops", "member", "eve"]]
    assert nothing(home, sandbox, "leave", "ops", "eve")
    home.ssoenv("logout")
    home.ssoenv("login", "--device-code", AWS_PROFILE="")
    assert home.ssoenv("exec", "prod/Developer", "--", "true").returncode == 6


def test_nobody_is_changed_by_being_added(home: Home, sandbox: Sandbox) -> None:
    bob = home.ssoenv("admin", "add-user", "bob", "--given", "Robert", "--family", "Bob")
    assert (bob.returncode, bob.stdout) == (1, "")
    assert "there is a user 'bob' already, whose given name is 'Bob' and not 'Robert'" in bob.stderr
    web = home.ssoenv("admin", "add-group", "web", "--description", "others")
    assert (web.returncode, web.stdout) == (1, "")
    assert nothing(home, sandbox, "add-group", "web")
    missing = home.ssoenv("admin", "add-user", "zoe", "--given", "Zoe")
    assert (missing.returncode, missing.stdout) == (2, "")
    for words in (("join", "wbe", "bob"), ("join", "web", "bbo"), ("leave", "web", PROD)):
        unknown = home.ssoenv("admin", *words)
        assert (unknown.returncode, unknown.stdout) == (2, "")
        assert "there is no" in unknown.stderr
    assert not changing(sandbox)


def test_who_comes_from_elsewhere_is_changed_there(home: Home, sandbox: Sandbox) -> None:
    for words in (
        ("join", "sales", "bob"),
        ("leave", "sales", "dora", "--yes"),
        ("delete", "user", "dora", "--yes"),
        ("delete", "group", "sales", "--yes"),
    ):
        refused = home.ssoenv("admin", *words)
        assert (refused.returncode, refused.stdout) == (6, ""), words
        assert "comes from another identity provider" in refused.stderr
    assert not changing(sandbox)
    # Into a group of here they may come.
    assert len(done(home, "join", "web", "dora")) == 1


# Deleting.


def test_a_user_goes_with_all_that_they_hold(home: Home, sandbox: Sandbox) -> None:
    wanted = [
        ["-", f"old one {OLD}", "ReadOnly", "user bob"],
        ["-", "user bob"],
        ["-", "group web", "member", "bob"],
    ]
    assert dry(home, sandbox, "delete", "user", "bob") == wanted
    for kind, typed, meant in (("user", "bbo", "bob"), ("group", "wbe", "web")):
        told = nothing(home, sandbox, "delete", kind, typed, "--yes")
        assert f"there is no {kind} {typed!r}; did you mean {meant!r}?" in told
    nobody = home.ssoenv("admin", "delete", "user", "bob")
    assert (nobody.returncode, nobody.stdout) == (2, "")
    assert "-  user bob" in nobody.stderr
    assert "try: ssoenv admin delete user bob --yes" in nobody.stderr
    # The assignment has to be gone before its holder is.
    sandbox.set_provisioning(1)
    sandbox.clear_requests()
    made = done(home, "delete", "user", "bob", "--yes")
    assert [one[0] for one in made] == ["taken back", "removed", "removed"]
    assert changing(sandbox) == ["DeleteAccountAssignment", "DeleteUser"]
    assert "there is no user 'bob'" in nothing(home, sandbox, "delete", "user", "bob", "--yes")
    left = table(home, "assignments", "--by", "account")
    assert all(len(one[4]) < 36 for one in left)  # nothing is held by nobody


def test_a_user_stays_whose_assignment_cannot_be_taken_back(home: Home, sandbox: Sandbox) -> None:
    sandbox.fail_later("DeleteAccountAssignment", "the account is busy")
    stays = home.ssoenv("admin", "delete", "user", "bob", "--yes")
    assert stays.returncode == 1
    assert [one[0] for one in lines(stays.stdout)] == ["failed"]
    assert "the account is busy" in stays.stdout
    assert "2 more changes were not begun" in stays.stderr
    assert len(done(home, "delete", "user", "bob", "--yes")) == 3


def test_a_group_goes_and_its_members_stay(home: Home, sandbox: Sandbox) -> None:
    assert dry(home, sandbox, "delete", "group", "web")[-2:] == [
        ["-", "group web"],
        ["-", "group web", "members", "2 users"],
    ]
    assert len(done(home, "delete", "group", "web", "--yes")) == 4
    assert "there is no group 'web'" in nothing(home, sandbox, "delete", "group", "web")
    assert [one[0] for one in table(home, "users")] == ["alice", "bob", "carol", "dora"]
    odd = home.ssoenv("admin", "delete", "role", "web")
    assert (odd.returncode, odd.stdout) == (2, "")
    assert "one of permission-set, user, group" in odd.stderr


def test_a_permission_set_that_is_assigned_stays(home: Home, sandbox: Sandbox) -> None:
    refused = home.ssoenv("admin", "delete", "permission-set", "ReadOnly", "--yes")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "permission set 'ReadOnly' cannot go, for it has 5 assignments" in refused.stderr
    assert not changing(sandbox)
    # The command that is proposed takes all of them back.
    ((_, _, line),) = [
        one.partition("try: ") for one in refused.stderr.splitlines() if "try:" in one
    ]
    assert len(done(home, *shlex.split(line)[2:], "--yes")) == 5
    gone = done(home, "delete", "permission-set", "ReadOnly", "--yes")
    assert gone == [["removed", "permission set ReadOnly"]]
    assert "there is no permission set 'ReadOnly'" in nothing(
        home, sandbox, "delete", "permission-set", "ReadOnly", "--yes"
    )


# Refusals.

CHANGES: tuple[tuple[str, ...], ...] = (
    ("define", "Ops", "--duration", "2h"),
    ("provision", "ReadOnly", "-a", "dev"),
    ("add-user", "eve", "--given", "Eve", "--family", "Moss"),
    ("add-group", "ops"),
    ("join", "web", "carol"),
    ("leave", "web", "bob", "--yes"),
    ("delete", "user", "carol", "--yes"),
)


@pytest.mark.parametrize("words", CHANGES)
def test_an_agent_looks_and_changes_nothing(
    home: Home, sandbox: Sandbox, words: tuple[str, ...]
) -> None:
    refused = home.ssoenv("admin", *words, CLAUDECODE="1")
    assert (refused.returncode, refused.stdout) == (4, "")
    assert "only a person can say yes to it" in refused.stderr
    assert home.ssoenv("admin", *words, "--dry-run", CLAUDECODE="1").returncode == 0
    assert not changing(sandbox)


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        ("AccessDeniedException", 6, "these credentials may not create permission set"),
        ("ConflictException", 7, "or has just done so: the same command goes on"),
        ("ServiceQuotaExceededException", 1, "a quota is reached"),
        ("ResourceNotFoundException", 6, "somebody else changed it meanwhile"),
    ],
)
def test_what_the_service_refuses(
    home: Home, sandbox: Sandbox, error: str, code: int, said: str
) -> None:
    # Three times, for a conflict may be over in a moment.
    sandbox.fail("CreatePermissionSet", error, times=3)
    refused = home.ssoenv("admin", *OPS)
    assert (refused.returncode, [one[0] for one in lines(refused.stdout)]) == (code, ["failed"])
    assert said in refused.stderr
    assert "8 more changes were not begun; the same command goes on" in refused.stderr
    # The rest is made all the same, and the same command goes on.
    sandbox.clear_faults()
    sandbox.fail("PutPermissionsBoundaryToPermissionSet", error, times=3)
    half = home.ssoenv("admin", *OPS)
    assert half.returncode == 1
    assert [one[0] for one in lines(half.stdout)] == ["added"] * 8 + ["failed"]
    assert "1 of 9 changes failed" in half.stderr
    sandbox.clear_faults()
    assert done(home, *OPS) == [["added", "permission set Ops", "boundary", "/limits"]]


def test_too_many_policies_and_too_many_calls(home: Home, sandbox: Sandbox) -> None:
    many = [f"--policy=P{number}" for number in range(20)]
    full = home.ssoenv("admin", "define", "Billing", *many)
    assert full.returncode == 1
    assert "take away what is not needed" in full.stderr
    # What is taken away makes room before.
    swap = ("define", "Billing", "--policy", "P19", "--without-policy", "P0", "--yes")
    assert [one[0] for one in done(home, *swap)] == ["removed", "added"]
    sandbox.fail("CreateGroup", "ThrottlingException", times=2)
    assert len(done(home, "add-group", "ops")) == 1
    sandbox.set_pace(rate=0.01, burst=1, retry_after=True)
    throttled = home.ssoenv("admin", "define", "Billing", "--description", "x")
    assert (throttled.returncode, throttled.stdout) == (7, "")
    assert "takes no more calls" in throttled.stderr


def test_a_delegated_administrator_at_the_management_account(home: Home, sandbox: Sandbox) -> None:
    theirs = "delegated-administrator"
    done(home, "define", "Ops", "--policy", "ReadOnlyAccess", profile=theirs)
    done(home, "assign", "-r", "Ops", "-a", MANAGEMENT, "-u", "bob")
    for words in (
        ("define", "Ops", "--description", "x"),
        ("provision", "Ops", "-a", MANAGEMENT),
    ):
        denied = home.ssoenv("admin", *words, AWS_PROFILE=theirs)
        assert (denied.returncode, [one[0] for one in lines(denied.stdout)]) == (6, ["failed"])
        assert "neither changes what is in the management account" in denied.stderr
    half = home.ssoenv("admin", "delete", "user", "bob", "--yes", AWS_PROFILE=theirs)
    assert half.returncode == 1
    assert sorted(one[0] for one in lines(half.stdout)) == ["failed", "taken back"]
    assert "neither changes what is in the management account" in half.stderr
    assert "2 more changes were not begun" in half.stderr
    assert len(done(home, "delete", "user", "bob", "--yes")) == 3
    # By account, where they may not ask by principal, a user's assignments are found all the same.
    made = done(home, "delete", "user", "carol", "--yes", profile=theirs)
    assert [one[0] for one in made] == ["taken back", "removed"]
