"""``ssoenv admin entitlements``, ``entitle`` and ``disentitle``: the account access manager."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from ssoenv.sandbox.world import Entitlement
from tests.cli.test_admin import HOSTILE
from tests.cli.test_admin_changes import lines, world
from tests.conftest import administered
from tests.sandbox.test_account_access import settle

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

    from ssoenv.sandbox.server import Sandbox
    from tests.conftest import Home

DEPLOY = "arn:aws:iam::333333333333:role/Deploy"
AUDIT = "arn:aws:iam::555555555555:role/team/Audit"
BOB = ("--role-arn", DEPLOY, "-u", "bob")
SCOPES = "sso:account:access, account_access:read_only, account_access:assume"


@pytest.fixture
def sandbox(home: Home, tmp_path: Path) -> Iterator[Sandbox]:
    given = replace(world(), entitlements=(Entitlement("security", "Audit", group="web"),))
    with administered(home, tmp_path, given) as running:
        yield running


def admin(home: Home, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    return home.ssoenv("admin", *words, cwd=None, **more)


def done(home: Home, *words: str) -> list[list[str]]:
    found = admin(home, *words)
    assert (found.returncode, found.stderr) == (0, ""), found
    return lines(found.stdout)


def changing(sandbox: Sandbox) -> list[str]:
    served = [one["operation"] for one in sandbox.requests()]
    return [one for one in served if one.endswith("Entitlement") and not one.startswith("Get")]


def test_entitled_and_no_more(home: Home, sandbox: Sandbox) -> None:
    sandbox.clear_requests()
    planned = done(home, "entitle", *BOB, "--dry-run")
    assert planned == [["+", f"role {DEPLOY}", "entitled", "user bob, in prod"]]
    assert not changing(sandbox)
    assert done(home, "entitle", *BOB)[0][0] == "added"
    again = admin(home, "entitle", *BOB)
    assert (again.returncode, again.stdout) == (0, "")
    assert changing(sandbox) == ["CreateEntitlement"]
    assert [row[2] for row in done(home, "entitlements", "-u", "bob")] == [DEPLOY]
    assert ["prod", "333333333333", DEPLOY, "USER", "bob"] in done(home, "entitlements")
    assert ["security", "555555555555", AUDIT, "GROUP", "web"] in done(home, "entitlements")
    (one,) = json.loads(admin(home, "entitlements", "-a", "prod", "--json").stdout)
    assert (one["role_arn"], one["principal_name"]) == (DEPLOY, "bob")
    nobody = admin(home, "disentitle", *BOB)
    assert (nobody.returncode, nobody.stdout) == (2, "")
    assert done(home, "disentitle", *BOB, "--yes")[0][0] == "removed"
    assert admin(home, "disentitle", *BOB, "--yes").returncode == 0
    none = admin(home, "entitlements", "-u", "bob")
    assert (none.returncode, none.stdout) == (0, "")


def test_the_developer_takes_the_role_and_loses_it(home: Home, sandbox: Sandbox) -> None:
    config = home.path / ".aws/config"
    text = config.read_text()
    if "account_access:assume" not in text:
        config.write_text(
            text.replace(
                "sso_registration_scopes = sso:account:access",
                f"sso_registration_scopes = {SCOPES}",
            )
        )
    assert "account_access:assume" in config.read_text()
    developer = {"AWS_PROFILE": ""}
    settle(home, 'tenant = "aa-0000000000"')
    sandbox.set_approve("auto", "bob")
    assert home.ssoenv("login", cwd=None, **developer).returncode == 0
    words = ("exec", DEPLOY, "--", "printenv", "AWS_ACCESS_KEY_ID")
    assert home.ssoenv(*words, cwd=None, **developer).returncode == 6
    done(home, "entitle", *BOB)
    used = home.ssoenv(*words, cwd=None, **developer)
    assert used.stdout.startswith("ASIASANDBOX"), used
    done(home, "disentitle", *BOB, "--yes")
    assert DEPLOY not in home.ssoenv("roles", "--refresh", "--csv", cwd=None, **developer).stdout


def test_what_gives_access_shows_with_everything_else(home: Home, sandbox: Sandbox) -> None:
    done(home, "entitle", *BOB)
    assert ["Deploy", "bob", "directly, entitled"] in done(home, "who-can", "prod")
    assert ["ReadOnly", "bob", "group web"] in done(home, "who-can", "prod")
    audit = [row for row in done(home, "who-can", "security") if row[0] == "team/Audit"]
    assert audit == [
        ["team/Audit", "alice", "group web, entitled"],
        ["team/Audit", "bob", "group web, entitled"],
    ]
    for role in ("Deploy", DEPLOY):
        assert done(home, "who-can", "prod", role) == [["Deploy", "bob", "directly, entitled"]]
    unknown = admin(home, "who-can", "prod", "Deplyo")
    assert (unknown.returncode, unknown.stdout) == (2, "")
    mine = done(home, "what-can", "bob")
    assert ["333333333333", "prod", "Deploy", "directly, entitled"] in mine
    assert ["555555555555", "security", "team/Audit", "group web, entitled"] in mine


@pytest.mark.parametrize("error", ["AccessDeniedException", "InternalServerException"])
def test_who_may_not_ask_is_told_what_does_not_show(
    home: Home, sandbox: Sandbox, error: str
) -> None:
    sandbox.fail("ListApplications", error, times=3)
    found = admin(home, "who-can", "prod")
    assert found.returncode == 0
    assert "what the account access manager grants does not show" in found.stderr
    assert "ReadOnly" in found.stdout


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("--role-arn", "nonsense", "-u", "bob"), 2, "is not the ARN of a role"),
        (("--role-arn", DEPLOY.replace("aws", "aws-cn", 1), "-u", "bob"), 2, "is not of aws"),
        (("--role-arn", DEPLOY), 2, "entitle whom, to what?"),
        (("-u", "bob"), 2, "entitle whom, to what?"),
        (("--role-arn", DEPLOY, "-u", "bbo"), 2, "did you mean 'bob'?"),
        (("--role-arn", DEPLOY.replace("333", "999"), "-u", "bob"), 2, "there is no account"),
    ],
)
def test_what_is_refused(
    home: Home, sandbox: Sandbox, words: tuple[str, ...], code: int, told: str
) -> None:
    sandbox.clear_requests()
    found = admin(home, "entitle", *words)
    assert (found.returncode, found.stdout, changing(sandbox)) == (code, "", []), found
    assert told in found.stderr


@pytest.mark.parametrize("words", [("entitle", *BOB), ("disentitle", *BOB, "--yes")])
def test_no_coding_agent_changes_it(home: Home, sandbox: Sandbox, words: tuple[str, ...]) -> None:
    sandbox.clear_requests()
    found = admin(home, *words, CLAUDECODE="1")
    assert (found.returncode, found.stdout, changing(sandbox)) == (4, "", [])


def test_without_an_account_access_manager(home: Home, tmp_path: Path) -> None:
    given = world()
    none = replace(given, instances=tuple(replace(one, tenant="") for one in given.instances))
    with administered(home, tmp_path, none):
        found = admin(home, "entitle", *BOB)
        assert (found.returncode, found.stdout) == (1, "")
        assert "has no account access manager" in found.stderr
        assert done(home, "who-can", "prod")
        assert admin(home, "export").returncode == 0


def test_names_that_are_hard_on_readers(home: Home, sandbox: Sandbox) -> None:
    assert done(home, "entitle", "--role-arn", DEPLOY, "-g", HOSTILE)
    shown = admin(home, "entitlements", "-g", HOSTILE)
    assert "\x1b" not in shown.stdout
    (one,) = json.loads(admin(home, "entitlements", "-g", HOSTILE, "--json").stdout)
    assert one["principal_name"] == HOSTILE


# As a file.


def rows(home: Home, *options: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(
        admin(home, "plan", "org.toml", "--json", *options).stdout
    )
    return found


def test_declared_exported_and_let_go(home: Home, sandbox: Sandbox) -> None:
    text = f"""\
[group.ops]
member = "carol"

[[entitlement]]
role_arn = ["{DEPLOY}", "{AUDIT}"]
group = ["ops", "web"]
user = "bob"
"""
    (home.path / "org.toml").write_text(text)
    first = admin(home, "export").stdout
    assert len([row for row in rows(home) if row["what"] == "entitled"]) == 5
    assert admin(home, "apply", "org.toml", "--yes").returncode == 0
    assert rows(home, "--prune") == []
    assert len(done(home, "entitlements")) == 6
    there = admin(home, "export").stdout
    (home.path / "all.toml").write_text(there)
    assert admin(home, "plan", "all.toml", "--prune", "--check").returncode == 0
    (home.path / "now.json").write_text(admin(home, "export", "--json").stdout)
    (home.path / "first.toml").write_text(first)
    found = lines(admin(home, "diff", "first.toml", "now.json").stdout)
    assert ["+", f"role {DEPLOY}", "entitled", "group ops"] in found
    (home.path / "org.toml").write_text("")
    assert {row["status"] for row in rows(home)} == {"kept"}
    assert admin(home, "apply", "org.toml", "--yes", "--prune").returncode == 0
    assert "nobody is entitled to that" in admin(home, "entitlements").stderr


def test_a_group_that_others_have_entitled_stays(home: Home, sandbox: Sandbox) -> None:
    (home.path / "org.toml").write_text("[group.ops]\n")
    assert admin(home, "apply", "org.toml", "--yes").returncode == 0
    done(home, "entitle", "--role-arn", DEPLOY, "-g", "ops")
    (home.path / "org.toml").write_text("")
    kept = admin(home, "apply", "org.toml", "--yes", "--prune")
    assert (kept.returncode, kept.stdout) == (0, ""), kept
    assert "group ops stays: it has an assignment that nobody declared" in kept.stderr


def test_what_is_wrong_with_a_declared_one(home: Home, sandbox: Sandbox) -> None:
    text = '[[entitlement]]\nrole_arn = "x"\nuser = "bbo"\n[[entitlement]]\nuser = "bob"\n'
    (home.path / "org.toml").write_text(text)
    found = admin(home, "plan", "org.toml")
    assert (found.returncode, found.stdout) == (5, "")
    assert "an entitlement needs role_arn" in found.stderr
    (home.path / "org.toml").write_text(text.partition("\n[[")[0])
    found = admin(home, "plan", "org.toml")
    assert (found.returncode, found.stdout) == (5, "")
    assert "line 2: role_arn 'x' is not the ARN of a role" in found.stderr
    assert "line 3: there is no user 'bbo'" in found.stderr
