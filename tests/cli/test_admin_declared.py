"""``ssoenv admin plan``, ``apply``, ``export`` and ``diff``: an Identity Center as a file."""

from __future__ import annotations

import json
import random
import re
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from ssoenv.admin import assignments, declaration, declaring, exporting, opening, record
from ssoenv.admin.making import Making
from ssoenv.base import toml_checks
from tests.cli.test_admin import DEV, HOSTILE, OLD, PROD
from tests.cli.test_admin_changes import MANAGEMENT, changing, lines, world
from tests.conftest import WHOLE, administered, asking
from tests.sandbox.administrators import Administrator

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

    from ssoenv.identity_center.administration import Administration
    from ssoenv.sandbox.server import Sandbox
    from tests.conftest import Home

pytestmark = pytest.mark.sampled(2)

TEAM = """
[group.ops]
description = "engineers"
member = ["bob", "carol"]

[permission_set.Deployer]
policy = ["PowerUserAccess"]
own_policy = ["team/deploy"]
duration = "4h"
inline = { Version = "2012-10-17", Statement = [] }

[permission_set.Deployer.tag]
team = "web"

[[assignment]]
permission_set = ["Deployer", "ReadOnly"]
group = "ops"
user = "alice"
ou = "Workloads"
without_account = ["old*", "prod"]
"""
NAMED = {"ops", "Deployer"}


@pytest.fixture
def sandbox(home: Home, tmp_path: Path) -> Iterator[Sandbox]:
    with administered(home, tmp_path, world()) as running:
        yield running


def admin(home: Home, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    return home.ssoenv("admin", *words, cwd=None, **more)


def exported(home: Home) -> Any:
    done = admin(home, "export", "--json")
    assert done.returncode == 0, done
    return json.loads(done.stdout)


def written(home: Home, text: str) -> str:
    (home.path / "org.toml").write_text(text)
    return "org.toml"


def applied(home: Home, text: str, *options: str) -> list[list[str]]:
    done = admin(home, "apply", written(home, text), "--yes", *options)
    assert done.returncode == 0, done
    return lines(done.stdout)


def planned(home: Home, *options: str) -> list[dict[str, str]]:
    done = admin(home, "plan", "org.toml", "--json", *options)
    assert done.returncode == 0, done
    found: list[dict[str, str]] = json.loads(done.stdout)
    return found


def unchanged(home: Home, sandbox: Sandbox, *options: str) -> None:
    sandbox.clear_requests()
    done = admin(home, "plan", "org.toml", "--check", *options)
    assert (done.returncode, done.stdout) == (0, ""), done
    assert "nothing differs" in done.stderr
    assert not changing(sandbox)


def owned(home: Home) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((home.path / "org.toml.applied.json").read_text())
    return found


# There and back.


def test_an_export_plans_no_change(home: Home, sandbox: Sandbox) -> None:
    done = admin(home, "export")
    assert (done.returncode, done.stderr) == (0, ""), done
    assert "\x1b" not in done.stdout
    written(home, done.stdout)
    unchanged(home, sandbox, "--prune")
    (home.path / "org.toml").write_text("")
    (home.path / "org.json").write_text(json.dumps(exported(home)))
    assert admin(home, "plan", "org.json", "--prune", "--check").returncode == 0
    assert "sales" not in done.stdout.partition("[[assignment]]")[0], "it comes from elsewhere"


def test_what_is_declared_is_made_and_found_again(home: Home, sandbox: Sandbox) -> None:
    before = exported(home)
    sandbox.clear_requests()
    plan = admin(home, "plan", written(home, TEAM))
    assert plan.returncode == 0
    assert not changing(sandbox)
    shown = lines(plan.stdout)
    assert ["+", "group ops", "description", "engineers"] in shown
    assert ["+", f"dev {DEV}", "Deployer", "group ops"] in shown
    assert ["+", f"dev {DEV}", "ReadOnly", "user alice"] in shown
    assert not [row for row in shown if PROD in row[1] or OLD in row[1]]
    adds = sum(row[0] == "+" for row in shown)
    assert re.search(
        rf"^ssoenv: {adds} to add.*; at least \d+ calls, some ", plan.stderr, re.MULTILINE
    )
    assert not (home.path / "org.toml.applied.json").exists()
    made = applied(home, TEAM)
    assert [row[1:4] for row in made] == [row[1:4] for row in shown]
    unchanged(home, sandbox)
    unchanged(home, sandbox, "--prune")
    there = exported(home)
    assert there["group"]["ops"] == {"description": "engineers", "member": ["bob", "carol"]}
    assert there["permission_set"]["Deployer"] == {
        "duration": "PT4H",
        "policy": ["PowerUserAccess"],
        "own_policy": ["team/deploy"],
        "inline": {"Version": "2012-10-17", "Statement": []},
        "tag": {"team": "web"},
    }
    assert before["permission_set"].items() < there["permission_set"].items()
    assert [DEV, "Deployer", "GROUP", "ops"] in owned(home)["assignments"]
    assert {"ops"} == {*owned(home)["groups"]}


def test_the_developer_has_what_is_applied_and_loses_what_is_pruned(
    home: Home, sandbox: Sandbox
) -> None:
    applied(home, TEAM)
    sandbox.set_approve("auto", "carol")
    home.ssoenv("login")
    assert "Deployer" in home.ssoenv("roles", "--refresh").stdout
    applied(home, "", "--prune")
    assert "Deployer" not in home.ssoenv("roles", "--refresh").stdout


SETS = ("ReadOnly", "Developer", "Set@1", "With=Equal")
GROUPS = ("web", "=1+1, 'x'", "a.b", 'q"uote', "ünï", "[group]", "# no")
POLICIES = ("ReadOnlyAccess", "PowerUserAccess", "job-function/Billing")


def made_up(chance: random.Random) -> dict[str, Any]:
    """Some declaration, with names that are hard on TOML, terminals and patterns."""

    def some(found: tuple[str, ...], least: int = 0) -> list[str]:
        return sorted(chance.sample(found, chance.randint(least, len(found))))

    groups = {
        name: {"description": chance.choice(("x", 'y"z', "ü"))}
        | ({"member": some(("alice", "bob", "carol"))} if chance.random() < 0.7 else {})
        for name in some(GROUPS)
    }
    inline: Any = {"Version": "2012-10-17", "Statement": [{"Sid": 'a"', "N": 1, "B": [True, "é"]}]}
    sets = {
        name: {"duration": chance.choice(("1h", "PT8H", "90m")), "policy": some(POLICIES)}
        | ({"inline": inline} if chance.random() < 0.3 else {})
        | ({"inline_json": '{"a": null}'} if chance.random() < 0.1 and not inline else {})
        | ({"boundary": "team/edge"} if chance.random() < 0.3 else {})
        | ({"tag": {"a b": "c=d"}} if chance.random() < 0.3 else {})
        for name in some(SETS)
    }
    rows = [
        {
            "permission_set": some((*sets, "Billing"), 1),
            "group": some((*groups, "sales", HOSTILE)),
            "user": some(("alice", "dora")),
            **chance.choice(({"account": some(("dev", PROD, "s*"), 1)}, {"ou": "Workloads"})),
            "without_account": some(("old one", "sandbox")),
        }
        for _ in range(chance.randint(0, 4))
    ]
    return {"group": groups, "permission_set": sets, "assignment": rows}


@pytest.fixture
def calls(sandbox: Sandbox, home: Home, monkeypatch: pytest.MonkeyPatch) -> Administration:
    """What asks the sandbox, with nothing but its address and the keys of the administrator."""
    return asking(home, monkeypatch)


@pytest.mark.parametrize("seed", range(12 if WHOLE else 2))
def test_whatever_is_declared_plans_no_change_once_it_is_applied(
    calls: Administration, seed: int
) -> None:
    """... nor does what is exported then; and what only it has brought is gone in the end."""
    chance = random.Random(seed)  # noqa: S311 - the same every time
    first, rows = exporting.document(opening.center(calls)), held(calls)
    known = record.Ownership()
    for _ in range(3):
        text = exporting.toml(made_up(chance))
        known = applied_here(calls, text, known)
        assert not left(calls, text, known), text
        there = exporting.document(opening.center(calls))
        assert not left(calls, exporting.toml(there), record.Ownership())
        as_json = toml_checks.JsonDocument(json.dumps(there).encode(), "there.json")
        as_toml = toml_checks.Document(exporting.toml(there).encode(), "there.toml")
        assert said(as_json) == said(as_toml)
    applied_here(calls, "", known)
    ended = exporting.document(opening.center(calls))
    assert held(calls) <= rows
    for kind in ("group", "permission_set"):
        assert ended[kind].keys() <= first[kind].keys()


def said(document: toml_checks.Document) -> Any:
    found = declaration.in_document(document)
    return found.groups, found.sets, found.grants


def held(calls: Administration) -> set[tuple[str, ...]]:
    center = opening.center(calls)
    return {*assignments.Reading(center, assignments.Wanted(), "account").read()}


def read(text: str) -> declaration.Declaration:
    return declaration.in_document(toml_checks.Document(text.encode(), "org.toml"))


def left(calls: Any, text: str, known: record.Ownership) -> list[Any]:
    found = declaring.plan(opening.center(calls), read(text), known, prune=True)
    return [*found.changes, *found.kept, *(one for one, why in found.refused)]


def applied_here(calls: Any, text: str, known: record.Ownership) -> record.Ownership:
    center = opening.center(calls)
    found = declaring.plan(center, read(text), known, prune=True)
    making = Making(center, found.changes, 60)
    making.run(lambda *_: None)
    told = [one.described() for one in making.outcomes if one.status != "SUCCEEDED"]
    assert not told
    return found.ended(found.begun(known), making.outcomes, over=True)


# What goes, and what never does.


def test_nothing_goes_without_prune(home: Home, sandbox: Sandbox) -> None:
    applied(home, TEAM)
    before = exported(home)
    less = TEAM.replace('member = ["bob", "carol"]', 'member = "bob"').replace(
        'own_policy = ["team/deploy"]\n', ""
    )
    less = less.replace('inline = { Version = "2012-10-17", Statement = [] }\n', "")
    less = less.replace('user = "alice"\n', "").replace('team = "web"', "")
    sandbox.clear_requests()
    kept = admin(home, "apply", written(home, less), "--yes")
    assert (kept.returncode, kept.stdout, changing(sandbox)) == (0, "", []), kept
    assert "that only --prune lets go" in kept.stderr
    assert "  stays:  group ops  member  carol\n" in kept.stderr
    assert kept.stderr.splitlines()[-1].endswith("--yes --prune")
    assert exported(home) == before
    rows = planned(home)
    assert {row["status"] for row in rows} == {"kept"}
    assert [row["status"] for row in planned(home, "--prune")] == ["planned"] * (len(rows) + 1)
    applied(home, less, "--prune")
    unchanged(home, sandbox, "--prune")
    there = exported(home)
    assert there["group"]["ops"]["member"] == ["bob"]
    assert there["permission_set"]["Deployer"].keys() == {"duration", "policy"}
    assert [DEV, "Deployer", "USER", "alice"] not in owned(home)["assignments"]


def test_what_others_made_stays(home: Home, sandbox: Sandbox) -> None:
    """... with the permission set and the group that it is of, whatever is pruned."""
    applied(home, TEAM)
    theirs = (
        ("assign", "-u", "bob", "-r", "Deployer", "-a", "sandbox"),
        ("assign", "-g", "ops", "-r", "Billing", "-a", "dev"),
    )
    for words in theirs:
        assert admin(home, *words).returncode == 0
    unchanged(home, sandbox, "--prune")
    done = admin(home, "apply", written(home, ""), "--yes", "--prune")
    assert done.returncode == 0, done
    assert "permission set Deployer stays: it has an assignment that nobody declared" in done.stderr
    assert "group ops stays: it has an assignment that nobody declared" in done.stderr
    there = exported(home)
    assert "ops" in there["group"]
    assert "Deployer" in there["permission_set"]
    rows = admin(home, "assignments", "-r", "Deployer", "--csv").stdout.splitlines()[1:]
    assert len(rows) == 1
    assert "sandbox" in rows[0]


def test_without_a_record_nothing_is_owned(home: Home, sandbox: Sandbox) -> None:
    applied(home, TEAM)
    (home.path / "org.toml.applied.json").unlink()
    sandbox.clear_requests()
    assert applied(home, "", "--prune") == []
    assert not changing(sandbox)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("{", "it is damaged"),
        ("[]", "it is damaged"),
        ('{"format": 2}', "it is of format 2"),
        ('{"format": 1, "instance": "arn:other"}', "it is of another Identity Center"),
        ('{"format": 1, "instance": "ARN", "groups": [1]}', "it is damaged"),
    ],
)
def test_a_record_that_is_none_ends_it(
    home: Home, sandbox: Sandbox, content: str, why: str
) -> None:
    arn = Administrator.named(sandbox).instance["InstanceArn"]
    (home.path / "org.toml.applied.json").write_text(content.replace("ARN", arn))
    sandbox.clear_requests()
    done = admin(home, "apply", written(home, TEAM), "--yes", "--prune")
    assert (done.returncode, done.stdout, changing(sandbox)) == (5, "", []), done
    assert why in done.stderr
    assert (home.path / "org.toml.applied.json").read_text() == content.replace("ARN", arn)


def test_a_record_that_is_a_link_stays_one(home: Home, sandbox: Sandbox) -> None:
    kept, link = home.path / "kept.json", home.path / "org.toml.applied.json"
    link.symlink_to(kept)
    applied(home, TEAM)
    assert link.is_symlink()
    assert json.loads(kept.read_text())["groups"]
    unchanged(home, sandbox)


def test_a_record_elsewhere(home: Home, sandbox: Sandbox) -> None:
    applied(home, TEAM, "--record", "kept/here.json")
    assert not (home.path / "org.toml.applied.json").exists()
    shutil.rmtree(home.path / "kept")
    unchanged(home, sandbox)
    assert not (home.path / "kept").exists()


# What is wrong with a file.


def test_everything_that_means_nothing_is_told_with_its_line(home: Home, sandbox: Sandbox) -> None:
    text = """\
[group.ops]
member = ["bbo"]

[permission_set."no name"]
duration = "4h"

[permission_set.Deployer]
duration = "4 weeks"

[[assignment]]
permission_set = "Develper"
group = ["webb", "ops"]
account = "prd"

[[assignment]]
permission_set = "Deployer"
user = "alise"
ou = "Workload"
"""
    sandbox.clear_requests()
    for words in (("plan",), ("apply", "--yes")):
        done = admin(home, words[0], written(home, text), *words[1:])
        assert (done.returncode, done.stdout, changing(sandbox)) == (5, "", []), done
        told = [
            line.strip()
            for line in done.stderr.splitlines()
            if ": there" in line or ": '4" in line or ": a per" in line
        ]
        assert told == [
            "line 2: there is no user 'bbo'; did you mean 'bob'?",
            "line 4: a permission set cannot be called 'no name'",
            "line 7: '4 weeks' is no duration",
            "line 11: there is no permission set 'Develper'; did you mean 'Developer'?",
            "line 12: there is no group 'webb'; did you mean 'web'?",
            "line 13: there is no account 'prd'; did you mean 'prod'?",
            "line 17: there is no user 'alise'; did you mean 'alice'?",
            "line 18: there is no organizational unit 'Workload'; did you mean 'Workloads'?",
        ]
    assert not (home.path / "org.toml.applied.json").exists()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[grup.x]", "unknown key 'grup'; did you mean 'group'?"),
        ("group = 1", "group must be a table, not 1"),
        ("[group]\nx = 1", "x must be a table: [group.x]"),
        ('[group.""]', "a group has no name"),
        ("[group.x]\nmember = [1]", "member must be a list of names"),
        ("[permission_set.x]\npolicies = []", "unknown key 'policies'; did you mean 'policy'?"),
        ("[assignment]\ngroup = 'x'", "assignment must be tables: [[assignment]]"),
        ("[[assignment]]\ngroup = 'web'", "an assignment needs permission_set"),
        (
            "[permission_set.x]\ninline = {}\ninline_json = '{}'",
            "inline or inline_json, not both",
        ),
    ],
)
def test_what_is_no_declaration(home: Home, sandbox: Sandbox, text: str, told: str) -> None:
    sandbox.clear_requests()
    done = admin(home, "plan", written(home, text))
    assert (done.returncode, done.stdout) == (5, ""), done
    assert told in done.stderr
    assert not changing(sandbox)


def test_a_pattern_that_nothing_fits_is_told(home: Home, sandbox: Sandbox) -> None:
    row = '[[assignment]]\npermission_set = "Billing"\nuser = "bob"\naccount = ["wbe-*"]\n'
    done = admin(home, "plan", written(home, row))
    assert (done.returncode, done.stdout) == (0, "")
    assert "no account is called wbe-*" in done.stderr


def test_nothing_is_assigned_where_an_account_is_suspended(home: Home, sandbox: Sandbox) -> None:
    row = f'[[assignment]]\npermission_set = "Billing"\nuser = "bob"\naccount = "{OLD}"\n'
    done = admin(home, "plan", written(home, row))
    assert (done.returncode, done.stdout) == (0, "")
    assert "old one is suspended: nothing is assigned there" in done.stderr


# What this caller may not.


def test_a_delegated_administrator_is_told_before(home: Home, sandbox: Sandbox) -> None:
    text = (
        TEAM
        + f'[[assignment]]\npermission_set = "Billing"\ngroup = "web"\naccount = "{MANAGEMENT}"\n'
    )
    as_delegated = {"AWS_PROFILE": "delegated-administrator"}
    plan = admin(home, "plan", written(home, text), **as_delegated)
    assert plan.returncode == 0
    (row,) = [row for row in lines(plan.stdout) if row[0] == "!"]
    assert row[1:] == [MANAGEMENT, "Billing", "group web", declaring.DELEGATED] or row[-1] == (
        declaring.DELEGATED
    )
    done = admin(home, "apply", "org.toml", "--yes", **as_delegated)
    assert done.returncode == 6
    assert "1 change was left out: " in done.stderr
    assert f"dev {DEV}" in done.stdout
    rest = admin(home, "apply", "org.toml", "--yes")
    assert rest.returncode == 0
    assert [row[0] for row in lines(rest.stdout)] == ["assigned"]


def test_what_another_provider_brought_is_refused_before(home: Home, sandbox: Sandbox) -> None:
    sandbox.clear_requests()
    text = '[group.sales]\ndescription = "other"\nmember = ["dora", "bob"]\n'
    done = admin(home, "apply", written(home, text), "--yes")
    assert (done.returncode, changing(sandbox)) == (6, []), done
    assert declaring.ELSEWHERE in done.stderr
    assert {row["status"] for row in planned(home)} == {"refused"}


def test_a_coding_agent_may_plan_and_not_apply(home: Home, sandbox: Sandbox) -> None:
    agent = {"CLAUDECODE": "1"}
    assert admin(home, "plan", written(home, TEAM), **agent).returncode == 0
    sandbox.clear_requests()
    done = admin(home, "apply", "org.toml", "--yes", **agent)
    assert (done.returncode, done.stdout, changing(sandbox)) == (4, "", [])
    assert not (home.path / "org.toml.applied.json").exists()


def test_nobody_is_there_to_agree(home: Home, sandbox: Sandbox) -> None:
    sandbox.clear_requests()
    done = admin(home, "apply", written(home, TEAM))
    assert (done.returncode, done.stdout, changing(sandbox)) == (2, "", [])
    assert "try: ssoenv admin apply org.toml --yes" in done.stderr
    assert not (home.path / "org.toml.applied.json").exists()


# What goes wrong on the way.


@pytest.mark.parametrize(
    ("operation", "error", "code"),
    [
        ("CreateGroup", "AccessDeniedException", 1),
        ("AttachManagedPolicyToPermissionSet", "AccessDeniedException", 1),
        ("CreateAccountAssignment", "ConflictException", 0),
        ("CreateAccountAssignment", "ServiceQuotaExceededException", 1),
        ("CreateGroupMembership", "ResourceNotFoundException", 1),
    ],
)
def test_what_is_refused_in_part_is_gone_on_with(
    home: Home, sandbox: Sandbox, operation: str, error: str, code: int
) -> None:
    sandbox.fail(operation, error)
    done = admin(home, "apply", written(home, TEAM), "--yes")
    assert done.returncode == code, done
    assert "Traceback" not in done.stderr
    if code:
        assert admin(home, "apply", "org.toml", "--yes").returncode == 0
    unchanged(home, sandbox, "--prune")


def test_a_group_that_cannot_be_made_stops_only_what_is_its(home: Home, sandbox: Sandbox) -> None:
    sandbox.fail("CreateGroup", "AccessDeniedException")
    done = admin(home, "apply", written(home, TEAM), "--yes")
    made = lines(done.stdout)
    assert ["assigned", f"dev {DEV}", "Deployer", "user alice"] in [row[:4] for row in made]
    assert not [row for row in made if "group ops" in row[1:] and row[0] != "failed"]


@pytest.mark.parametrize("fails", ["CreateGroup", "CreatePermissionSet", "CreateAccountAssignment"])
def test_what_was_not_made_is_nobodys(fails: str, home: Home, sandbox: Sandbox) -> None:
    """Somebody else may make it: then the next apply says so, and --prune takes nothing of theirs."""
    sandbox.fail(fails, "AccessDeniedException", times=100)
    done = admin(home, "apply", written(home, TEAM), "--yes")
    assert done.returncode == 1, done
    kept = owned(home)
    assert ("ops" in kept["groups"]) == (fails != "CreateGroup")
    assert ("Deployer" in kept["permission_sets"]) == (fails != "CreatePermissionSet")
    mine = [one for one in kept["assignments"] if one[3] == "ops" and one[1] == "Deployer"]
    assert not mine
    sandbox.clear_faults()
    if fails == "CreateGroup":
        assert admin(home, "add-group", "ops", "--description", "theirs").returncode == 0
        adopting = admin(home, "plan", "org.toml")
        assert "once applied" in adopting.stderr
        rest = TEAM.partition("[permission_set.")[2].replace('group = "ops"\n', "")
        written(home, f"[permission_set.{rest}")
        pruned = admin(home, "plan", "org.toml", "--prune")
        assert "group ops" not in pruned.stdout, pruned


def test_somebody_else_changes_it_meanwhile(calls: Administration, sandbox: Sandbox) -> None:
    """What is gone by then is told, and the next apply makes it again."""
    text = '[permission_set.ReadOnly]\nduration = "2h"\npolicy = "ReadOnlyAccess"\n' + TEAM
    center = opening.center(calls)
    found = declaring.plan(center, read(text), record.Ownership(), prune=False)
    other = Administrator.named(sandbox)
    other.store.create_group(**other.identity_store, DisplayName="ops", Description="engineers")
    making = Making(center, found.changes, 60)
    making.run(lambda *_: None)
    failed = [one.change.cells()[0] for one in making.outcomes if one.status == "FAILED"]
    assert failed == ["group ops"]
    nobody = record.Ownership()
    known = found.ended(found.begun(nobody), making.outcomes, over=True)
    assert known.begun == record.Record()
    known = applied_here(calls, text, known)
    assert not left(calls, text, known)


def test_a_file_that_is_not_there(home: Home, sandbox: Sandbox) -> None:
    done = admin(home, "plan", "none.toml")
    assert (done.returncode, done.stdout) == (2, "")
    assert "there is no file none.toml" in done.stderr
    (home.path / "folder.toml").mkdir()
    done = admin(home, "plan", "folder.toml")
    assert (done.returncode, done.stdout) == (2, "")
    assert "folder.toml cannot be read: Is a directory" in done.stderr
    assert "out of the way" not in done.stderr


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"group": {"a": {}}, "group": {"b": {}}}', "the key 'group' stands twice in one object"),
        ('{"assignment": [{"user": "a", "user": "b"}]}', "the key 'user' stands twice"),
        (r'{"permission_set": {"a": {"inline": "\ud800"}}}', "holds the half of a surrogate pair"),
        (r'{"group": {"\ud800": {}}}', "holds the half of a surrogate pair"),
    ],
)
def test_json_that_readers_take_for_another(
    home: Home, sandbox: Sandbox, text: str, told: str
) -> None:
    (home.path / "org.json").write_text(text)
    done = admin(home, "plan", "org.json")
    assert (done.returncode, done.stdout) == (5, "")
    assert told in done.stderr


def test_a_wrong_policy_is_a_problem_among_the_others(home: Home, sandbox: Sandbox) -> None:
    (home.path / "list.json").write_text("[]")
    text = f"""\
[permission_set.A]
inline = "none.json"
[permission_set.B]
inline = "list.json"
[permission_set.C]
inline_json = '{{"a": {"9" * 5000}}}'
[permission_set.D]
inline = "a\\u0000b"
[group]
x = 1
"""
    done = admin(home, "plan", written(home, text))
    assert (done.returncode, done.stdout) == (5, "")
    told = [line.strip() for line in done.stderr.splitlines()[1:-1]]
    assert told == [
        "line 2: there is no file none.json",
        "line 4: the inline policy in list.json is no JSON object",
        "line 6: the inline policy in inline_json is no JSON: it holds a number that is too long",
        "line 8: 'a\\x00b' is the name of no file",
        "line 10: x must be a table: [group.x]",
    ]


# Two exports.


def test_what_two_exports_differ_in(home: Home, sandbox: Sandbox) -> None:
    (home.path / "old.json").write_text(json.dumps(exported(home)))
    applied(home, TEAM)
    assert admin(home, "define", "ReadOnly", "--duration", "2h").returncode == 0
    (home.path / "new.toml").write_text(admin(home, "export").stdout)
    sandbox.clear_requests()
    done = admin(home, "diff", "old.json", "new.toml", AWS_PROFILE="")
    assert (done.returncode, done.stderr, sandbox.requests()) == (0, "", [])
    rows = lines(done.stdout)
    assert ["+", "group ops", "member", "bob"] in rows
    assert ["+", "permission set Deployer"] in rows
    assert ["~", "permission set ReadOnly", "session", "1 h -> 2 h"] in rows
    assert ["+", "assignment dev", "Deployer", "group ops"] in rows
    back = admin(home, "diff", "new.toml", "old.json", "--json")
    assert {row["change"] for row in json.loads(back.stdout)} == {"remove", "change"}
    assert admin(home, "diff", "old.json", "new.toml", "--check").returncode == 1
    same = admin(home, "diff", "old.json", "old.json", "--check")
    assert (same.returncode, same.stdout) == (0, "")


def test_what_is_the_same_in_other_words_does_not_differ(home: Home) -> None:
    for name, text in {
        "a.toml": 'policy = "PowerUserAccess"\nown_policy = ["team/deploy"]\nboundary = "x"\n'
        'duration = "90m"\ninline = { Version = "2012-10-17", Statement = [] }\n',
        "b.toml": 'policy = "arn:aws:iam::aws:policy/PowerUserAccess"\nduration = "PT1H30M"\n'
        'own_policy = "/team/deploy"\nboundary = "/x"\ninline = "p.json"\n',
        "c.toml": 'policy = "PowerUserAccess"\nduration = "PT4H"\n',
        "d.toml": 'duration = "soon"\n',
    }.items():
        (home.path / name).write_text(f"[permission_set.Deploy]\n{text}")
    (home.path / "p.json").write_text('{"Statement": [], "Version": "2012-10-17"}\n')
    same = admin(home, "diff", "a.toml", "b.toml")
    assert (same.returncode, same.stdout) == (0, "")
    other = admin(home, "diff", "b.toml", "c.toml")
    assert ["~", "permission set Deploy", "session", "1 h 30 min -> 4 h"] in lines(other.stdout)
    wrong = admin(home, "diff", "d.toml", "c.toml")
    assert (wrong.returncode, wrong.stdout) == (5, "")
    assert "d.toml: 'soon' is no duration" in wrong.stderr


def test_what_two_lists_of_assignments_differ_in(home: Home, sandbox: Sandbox) -> None:
    (home.path / "old.json").write_text(admin(home, "assignments", "--json").stdout)
    assert (
        admin(home, "unassign", "-u", "carol", "-r", "ReadOnly", "-a", "dev", "-y").returncode == 0
    )
    (home.path / "new.json").write_text(admin(home, "assignments", "--json").stdout)
    rows = lines(admin(home, "diff", "old.json", "new.json").stdout)
    assert rows == [["-", f"assignment dev {DEV}", "ReadOnly", "user carol"]]
    (home.path / "export.json").write_text(json.dumps(exported(home)))
    mixed = admin(home, "diff", "old.json", "export.json")
    assert (mixed.returncode, mixed.stdout) == (2, "")
    (home.path / "odd.json").write_text('[{"target_id": 1}]')
    odd = admin(home, "diff", "odd.json", "odd.json")
    assert (odd.returncode, odd.stdout) == (5, "")
