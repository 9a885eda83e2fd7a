"""What a declaration owns: whatever comes between, nothing of it is forgotten, nothing else is taken.

However an apply ends (it does not wait, is not allowed all, fails, meets another one), what it has
brought is known as its own until it is known to be gone. So an empty file, applied with ``--prune``,
leaves an Identity Center as it was before the first apply.
"""

from __future__ import annotations

import itertools
import json
import random
import time
from typing import TYPE_CHECKING, Any

import pytest

from ssoenv.shells import hook
from tests.cli.test_admin import DEV, PROD
from tests.cli.test_admin_changes import MANAGEMENT, lines, world
from tests.cli.test_admin_declared import admin, applied, exported, owned, planned, written
from tests.conftest import WHOLE, administered
from tests.sandbox.administrators import Administrator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ssoenv.sandbox.server import Sandbox
    from tests.conftest import Home

pytestmark = pytest.mark.sampled(2)

SEEDS = 40 if WHOLE else 2
LONG, STAGING = 3600, "222222222222"


@pytest.fixture
def sandbox(home: Home, tmp_path: Path) -> Iterator[Sandbox]:
    with administered(home, tmp_path, world()) as running:
        yield running


def assignment(user: str, name: str, *accounts: str) -> str:
    return (
        f'[[assignment]]\nuser = "{user}"\npermission_set = "{name}"\n'
        f"account = {json.dumps(list(accounts))}\n"
    )


def holds(sandbox: Sandbox, user: str, name: str) -> set[str]:
    """The accounts in which a user holds a permission set, by themselves."""
    admin = Administrator.named(sandbox)
    found = admin.sso.list_account_assignments_for_principal(
        **admin.instance, PrincipalId=admin.user(user), PrincipalType="USER"
    )["AccountAssignments"]
    arn = admin.set(name)
    return {
        one["AccountId"]
        for one in found
        if one["PermissionSetArn"] == arn and one["PrincipalType"] == "USER"
    }


def settle(sandbox: Sandbox) -> None:
    """What is in progress ends, and nothing takes its time any more."""
    sandbox.set_provisioning(0)
    sandbox.advance(LONG)


def emptied(home: Home) -> None:
    """Apply an empty file until nothing is left to do."""
    applied(home, "", "--prune")
    assert planned(home, "--prune") == []
    assert owned(home)["assignments"] == owned(home)["groups"] == []


def test_what_is_only_begun_to_go_is_owned_until_it_is_gone(home: Home, sandbox: Sandbox) -> None:
    """More than may be in progress at a time, and nobody waits."""
    names = ("Billing", "Administrator", "Developer")
    text = "".join(assignment("bob", one, "*") for one in names)
    applied(home, text)
    sandbox.set_provisioning(LONG)
    begun = applied(home, "", "--prune", "--timeout", "0")
    assert [row[0] for row in begun] == ["in progress"] * 15
    settle(sandbox)
    assert len(applied(home, "", "--prune")) > 0
    assert not any(holds(sandbox, "bob", one) for one in names)
    emptied(home)


def test_what_could_not_go_is_owned_still(home: Home, sandbox: Sandbox) -> None:
    applied(home, assignment("carol", "Developer", "dev", "prod"))
    sandbox.fail_later("DeleteAccountAssignment", "not today")
    done = admin(home, "apply", written(home, ""), "--prune", "--yes")
    assert done.returncode == 1
    assert len(owned(home)["assignments"]) == 1
    emptied(home)
    assert not holds(sandbox, "carol", "Developer")


def test_what_is_not_the_caller_s_to_take_is_owned_still(home: Home, sandbox: Sandbox) -> None:
    applied(home, assignment("bob", "Billing", MANAGEMENT, "dev"))
    less = written(home, assignment("bob", "Billing", "dev"))
    delegated = {"AWS_PROFILE": "delegated-administrator"}
    done = admin(home, "apply", less, "--prune", "--yes", **delegated)
    assert (done.returncode, done.stdout) == (6, "")
    assert "it is so already" not in done.stderr
    assert "with credentials of the management account" in done.stderr
    assert "try: " not in done.stderr
    assert holds(sandbox, "bob", "Billing") == {MANAGEMENT, DEV}
    applied(home, assignment("bob", "Billing", "dev"), "--prune")
    assert holds(sandbox, "bob", "Billing") == {DEV}


def test_what_others_use_goes_when_they_do_not(home: Home, sandbox: Sandbox) -> None:
    text = '[permission_set.Tmp]\npolicy = ["ReadOnlyAccess"]\n[group.tmpg]\n'
    applied(home, text)
    theirs = (("-u", "bob", "-r", "Tmp", "-a", "dev"), ("-g", "tmpg", "-r", "Billing", "-a", "dev"))
    for words in theirs:
        assert admin(home, "assign", *words).returncode == 0
    applied(home, "", "--prune")
    assert owned(home)["permission_sets"] == ["Tmp"]
    for words in theirs:
        assert admin(home, "unassign", *words, "--yes").returncode == 0
    emptied(home)
    assert "Tmp" not in exported(home)["permission_set"]
    assert "tmpg" not in exported(home).get("group", {})


def test_what_is_still_being_made_is_owned_when_it_is_named_no_more(
    home: Home, sandbox: Sandbox
) -> None:
    sandbox.set_provisioning(LONG)
    applied(home, assignment("bob", "Developer", "dev", "staging"), "--timeout", "0")
    applied(home, assignment("bob", "Developer", "dev"), "--timeout", "0")
    assert [STAGING, "Developer", "USER", "bob"] in owned(home)["assignments"]
    settle(sandbox)
    applied(home, assignment("bob", "Developer", "dev"), "--prune")
    assert holds(sandbox, "bob", "Developer") == {DEV}


def test_each_file_has_a_record_of_its_own(home: Home, sandbox: Sandbox) -> None:
    applied(home, '[group.one]\ndescription = "d"\n')
    (home.path / "org.json").write_text('{"group": {"two": {"description": "d"}}}')
    done = admin(home, "apply", "org.json", "--prune", "--yes")
    assert done.returncode == 0, done
    assert exported(home)["group"].keys() >= {"one", "two"}


def test_one_apply_of_a_file_at_a_time(home: Home, sandbox: Sandbox) -> None:
    sandbox.set_provisioning(LONG)
    written(home, assignment("bob", "Developer", "dev"))
    words = (*hook.command_line(), "admin", "apply", "org.toml", "--prune", "--yes")
    first = home.start(*words)
    until = time.monotonic() + 60
    while not (home.path / "org.toml.applied.json").exists():
        assert time.monotonic() < until
        time.sleep(0.05)
    later = assignment("bob", "Developer", "dev", "prod") + '[group.late]\ndescription = "x"\n'
    second = admin(home, "apply", written(home, later), "--timeout", "0", "--yes")
    assert (second.returncode, second.stdout) == (7, "")
    assert second.stderr.startswith("ssoenv: another apply of org.toml is at work\n")
    settle(sandbox)
    out, err = first.communicate(timeout=60)
    assert first.returncode == 0, (out, err)
    applied(home, later)
    assert [PROD, "Developer", "USER", "bob"] in owned(home)["assignments"]
    assert owned(home)["groups"] == ["late"]
    emptied(home)
    assert not holds(sandbox, "bob", "Developer")


ROLE = "arn:aws:iam::333333333333:role/Deploy"
THINGS = {
    "group": ('[group.crew]\ndescription = "x"\n', "CreateGroup", "add-group crew --description y", "delete group crew --yes"),
    "set": ("[permission_set.Own]\n", "CreatePermissionSet", "define Own", "delete permission-set Own --yes"),
    "assignment": (
        assignment("bob", "Billing", "dev"), "CreateAccountAssignment", "assign -u bob -r Billing -a dev", "unassign -u bob -r Billing -a dev --yes",
    ),
    "entitlement": (
        f'[[entitlement]]\nrole_arn = "{ROLE}"\nuser = "carol"\n', "CreateEntitlement", f"entitle --role-arn {ROLE} -u carol", f"disentitle --role-arn {ROLE} -u carol --yes",
    ),
}  # fmt: skip
"""A declaration, the call that makes it, and how somebody makes it, or takes it away, by hand."""


def killed_at(home: Home, sandbox: Sandbox) -> None:
    """Have an apply be killed as it has begun."""
    sandbox.set_pace(latency=700)
    process = home.start(*hook.command_line(), "admin", "apply", "org.toml", "--yes")
    until = time.monotonic() + 60
    while "begun" not in (written_record(home) or {}):
        assert time.monotonic() < until
        time.sleep(0.01)
    process.kill()
    process.communicate()
    sandbox.set_pace(latency=0)
    time.sleep(1)  # what it had sent is done with


def written_record(home: Home) -> Any:
    path = home.path / "org.toml.applied.json"
    return json.loads(path.read_text()) if path.exists() else None


@pytest.mark.parametrize("before", ["never there", "there, and gone"])
@pytest.mark.parametrize(
    ("thing", "how"),
    [*itertools.product(THINGS, ("denied", "killed")), ("assignment", "failed later")],
)
def test_what_an_apply_has_not_made_is_not_let_go(
    home: Home, sandbox: Sandbox, thing: str, how: str, before: str
) -> None:
    """Somebody else makes it then; it is theirs, whatever a record said before."""
    text, operation, makes, takes = THINGS[thing]
    if before != "never there":
        applied(home, text)
        assert admin(home, *takes.split()).returncode == 0
    written(home, text)
    absent = exported(home)
    if how == "killed":
        killed_at(home, sandbox)
    elif how == "denied":
        sandbox.fail(operation, "AccessDeniedException")
        assert admin(home, "apply", "org.toml", "--yes").returncode == 6
    else:
        sandbox.fail_later(operation, "not today")
        assert admin(home, "apply", "org.toml", "--yes", "--timeout", "0").returncode == 0
        sandbox.advance(LONG)
        sandbox.fail(operation, "AccessDeniedException")
        assert admin(home, "apply", "org.toml", "--yes").returncode == 6
    if how != "killed" or exported(home) == absent:  # it may have sent the call just before
        made = admin(home, *makes.split())
        assert made.returncode == 0, made
    theirs = exported(home)
    done = admin(home, "apply", written(home, ""), "--prune", "--yes")
    assert done.returncode == 0, done
    assert exported(home) == theirs, done
    if how == "killed":
        assert "stays: an apply that was killed was about to make it" in done.stderr
    applied(home, text)
    emptied(home)


def test_what_was_there_before_is_said_to_become_the_file_s(home: Home, sandbox: Sandbox) -> None:
    assert admin(home, "assign", "-u", "bob", "-r", "Billing", "-a", "dev").returncode == 0
    text = assignment("bob", "Billing", "dev", "prod")
    told = admin(home, "plan", written(home, text)).stderr
    assert "1 of what is declared is there already: once applied it is this file's" in told
    applied(home, text)
    assert "there already" not in admin(home, "plan", "org.toml").stderr


def test_an_account_that_has_left_is_in_nobody_s_way(home: Home, sandbox: Sandbox) -> None:
    arn = Administrator.named(sandbox).instance["InstanceArn"]
    rows = [["999999999999", "ReadOnly", "USER", name] for name in ("alice", "bob")]
    document = {"format": 1, "instance": arn, "groups": [], "permission_sets": []}
    text = json.dumps(document | {"assignments": rows, "entitlements": []})
    (home.path / "org.toml.applied.json").write_text(text)
    applied(home, '[group.new]\ndescription = "x"\n', "--prune")
    assert owned(home)["assignments"] == []
    done = admin(home, "plan", written(home, assignment("bob", "Billing", "999999999999")))
    assert (done.returncode, done.stdout) == (5, "")
    assert "org.toml:4: there is no account '999999999999'" in done.stderr
    for words in (("assign",), ("unassign", "--yes")):
        refused = admin(home, *words, "-u", "bob", "-r", "Billing", "-a", "999999999999")
        assert refused.returncode == 2, refused
        assert "there is no account '999999999999'" in refused.stderr


def test_a_name_that_is_the_id_of_another_is_not_taken_for_it(home: Home, sandbox: Sandbox) -> None:
    """What is exported, recorded and proposed means whom it was made of."""
    caller = Administrator.named(sandbox)
    alice, names = caller.user("alice"), {"GivenName": "x", "FamilyName": "y"}
    new = caller.store.create_user(
        **caller.identity_store, UserName=alice, DisplayName="x", Name=names
    )["UserId"]
    assert admin(home, "assign", "-u", new, "-r", "Administrator", "-a", "staging").returncode == 0
    done = admin(home, "export")
    assert done.returncode == 0
    plan = admin(home, "plan", written(home, done.stdout), "--check", "--prune")
    assert (plan.returncode, plan.stdout) == (0, ""), plan
    assert admin(home, "apply", "org.toml", "--yes").returncode == 0
    assert [STAGING, "Administrator", "USER", new] in owned(home)["assignments"]


@pytest.mark.parametrize(
    ("key", "rows"),
    [
        ("assignments", [["abc", "ReadOnly", "USER", "bob"]]),
        ("assignments", [["\uff11" * 12, "ReadOnly", "USER", "bob"]]),
        ("assignments", [[DEV, "ReadOnly", "ROBOT", "bob"]]),
        ("assignments", [[DEV, "ReadOnly", "USER", "\ud800"]]),
        ("assignments", [[DEV, "ReadOnly", "USER", " "]]),
        ("groups", ["\ud800"]),
        ("entitlements", [["nope", "USER", "bob"]]),
    ],
)
def test_a_record_that_says_what_cannot_be_is_damaged(
    home: Home, sandbox: Sandbox, key: str, rows: list[Any]
) -> None:
    arn = Administrator.named(sandbox).instance["InstanceArn"]
    keys = ("groups", "permission_sets", "assignments", "entitlements")
    document = {"format": 1, "instance": arn, **{one: [] for one in keys}, key: rows}
    (home.path / "org.toml.applied.json").write_text(json.dumps(document))
    done = admin(home, "plan", written(home, ""))
    assert (done.returncode, done.stdout) == (5, "")
    assert "it is damaged" in done.stderr


USERS, SETS, ACCOUNTS = ("bob", "carol"), ("Developer", "Billing", "Own"), ("dev", "prod", "s*")


def made_up(chance: random.Random) -> str:
    """A declaration of some things that nobody had before."""
    text = ""
    if chance.random() < 0.6:
        text += '[permission_set.Own]\npolicy = ["ReadOnlyAccess"]\n'
    if chance.random() < 0.6:
        text += '[group.crew]\ndescription = "x"\nmember = ["carol"]\n'
    for _ in range(chance.randint(0, 3)):
        name = chance.choice(SETS if "Own" in text else SETS[:2])
        accounts = chance.sample((*ACCOUNTS, MANAGEMENT), 2)
        if "crew" in text and chance.random() < 0.5:
            text += assignment("", name, *accounts).replace('user = ""', 'group = "crew"')
        else:
            text += assignment(chance.choice(USERS), name, *accounts)
    return text


def disturb(chance: random.Random, sandbox: Sandbox) -> dict[str, str]:
    """Have something come between; return what is in the environment of the next apply."""
    match chance.randrange(6):
        case 0:
            sandbox.set_provisioning(LONG)
        case 1:
            sandbox.fail_later("DeleteAccountAssignment", "not today", 2)
        case 2:
            sandbox.fail_later("CreateAccountAssignment", "not today", 2)
        case 3:
            operation = chance.choice(("DeleteAccountAssignment", "DeleteGroup", "CreateGroup"))
            sandbox.break_calls(operation, 1, how="reset")
        case 4:
            return {"AWS_PROFILE": "delegated-administrator"}
        case _:
            settle(sandbox)
    return {}


@pytest.mark.parametrize("seed", range(SEEDS))
def test_whatever_comes_between_all_of_it_goes_in_the_end(
    home: Home, sandbox: Sandbox, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - the same every time
    before = exported(home)
    history = []
    for _ in range(8):
        text = made_up(chance)
        more = disturb(chance, sandbox)
        options = chance.choice(((), ("--prune",)))
        wait = ("--timeout", chance.choice(("0", "0.5")))
        done = admin(home, "apply", written(home, text), "--yes", *options, *wait, **more)
        history.append((text, options, more, done))
        assert done.returncode in (0, 1, 6, 7), history
        sandbox.clear_faults()
        if chance.random() < 0.4:
            settle(sandbox)
    settle(sandbox)
    applied(home, "", "--prune")
    assert exported(home) == before, history
    assert planned(home, "--prune") == [], history
    assert not lines(json.dumps(owned(home)["assignments"]).strip("[]")), history


@pytest.mark.parametrize("name", ["Desc", "Hosts"])
def test_an_export_with_many_dots_is_read_again(home: Home, sandbox: Sandbox, name: str) -> None:
    """In texts they take no time to read."""
    if name == "Desc":
        words = ("add-group", "dotted", "--description", "." * 60)
    else:
        hosts = [f"vpce-{one}.s3.us-east-1.vpce.amazonaws.com" for one in range(20)]
        policy = {"Version": "2012-10-17", "N": 0.5, "Statement": [{"Host": hosts}]}
        (home.path / "policy.json").write_text(json.dumps(policy))
        words = ("define", "Hosts", "--inline", "policy.json")
    assert admin(home, *words).returncode == 0
    done = admin(home, "plan", written(home, admin(home, "export").stdout), "--check")
    assert (done.returncode, done.stdout) == (0, ""), done
