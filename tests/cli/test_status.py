"""``ssoenv status``: one value, rendered for people and for scripts."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from ssoenv.base import clock, files, paths
from ssoenv.shells import hook as hook_text

if TYPE_CHECKING:
    from pathlib import Path

    from ssoenv.sandbox.server import Sandbox
    from tests.conftest import Home

API = """\
session = "acme"
[profiles.api]
account = "staging"
role = "ReadOnly"
"""
STATES = ("none", "blocked", "armed", "live", "yours")


def bring(home: Home, state: str) -> dict[str, Any]:
    """Bring a project to `state`, and return its report as JSON."""
    project = home.path if state == "none" else home.project("web")
    more = {"AWS_PROFILE": "mine"} if state == "yours" else {}
    if state not in ("none", "blocked"):
        assert home.ssoenv("trust", "--yes", cwd=project).returncode == 0
    if state == "live":
        assert home.ssoenv("login", cwd=project).returncode == 0
        assert home.ssoenv("export", cwd=project).returncode == 0
    answer = home.ssoenv("status", "--json", cwd=project, **more)
    assert answer.returncode == 0, answer.stderr
    report: dict[str, Any] = json.loads(answer.stdout)
    lines = home.ssoenv("status", cwd=project, **more).stdout
    assert report["state"] == state
    assert lines.splitlines()[0].endswith(f"  {state}")
    assert report["next"]
    assert all(step in lines for step in report["next"])
    return report


@pytest.mark.parametrize("state", STATES)
def test_a_script_finds_every_key_in_every_state(home: Home, sandbox: Sandbox, state: str) -> None:
    report = bring(home, state)
    assert sorted(report) == sorted(
        [
            "directory",
            "state",
            "label",
            "profile",
            "account",
            "account_name",
            "role",
            "held",
            "role_arn",
            "assume_role",
            "region",
            "managed_profile",
            "protected",
            "allowed_until",
            "not_judged",
            "session",
            "credentials",
            "chosen_by",
            "binding_file",
            "trusted",
            "problem",
            "problems",
            "yours",
            "other",
            "shell",
            "probe",
            "notes",
            "next",
        ]
    )
    assert (report["role"] is None) == (state in ("none", "blocked"))
    assert (report["credentials"] is None) == (state != "live")
    assert report["yours"] == (["AWS_PROFILE"] if state == "yours" else [])
    assert report["trusted"] == (state not in ("none", "blocked"))


@pytest.mark.parametrize(
    ("setting", "ended", "told"),
    [
        ("", "declined", r"was declined, and AWS commands ask again at (\S+ )?\d\d:\d\d UTC"),
        ("sign_in_pause = 20", "timed-out", r"timed out, and AWS commands ask again in \d+ s"),
        ("", "cancelled", r"was cancelled, and AWS commands ask again in \d+ s"),
        ("sign_in_pause = 0", "declined", "aws sts get-caller-identity"),
        ("", "unavailable", "aws sts get-caller-identity"),
        ('login = "manual"', "declined", "ssoenv login"),
    ],
)
def test_after_a_sign_in_that_was_declined_none_is_promised(
    home: Home, sandbox: Sandbox, setting: str, ended: str, told: str
) -> None:
    project = home.project("web")
    home.env["TZ"] = "UTC"
    settings = home.path / ".config/ssoenv/config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text(f"{setting}\n")
    assert home.ssoenv("trust", "--yes", cwd=project).returncode == 0
    ending = {"ending": ended, "at": clock.now(), "id": "1"}
    path = f"{paths.state(home.env)}/sign-in/acme.ended"
    files.write_private(path, json.dumps(ending).encode())
    following = json.loads(home.ssoenv("status", "--json", cwd=project, SSOENV_HOOK="1").stdout)[
        "next"
    ][-1]
    now = "ssoenv login signs in now; the last sign-in "
    assert re.fullmatch((now if ", and" in told else "") + told, following), following


def test_a_sign_in_that_was_declined(home: Home, sandbox: Sandbox) -> None:
    project = home.project("web")
    assert home.ssoenv("trust", "--yes", cwd=project).returncode == 0
    sandbox.set_approve("deny")
    assert home.ssoenv("login", cwd=project).returncode == 3
    assert "the last sign-in was declined, and" in home.ssoenv("status", cwd=project).stdout
    sandbox.set_approve("auto", "alice")
    assert home.ssoenv("login", cwd=project).returncode == 0
    assert "declined" not in home.ssoenv("status", cwd=project).stdout


def test_that_there_is_no_region_is_told(home: Home, sandbox: Sandbox) -> None:
    """It is optional in a profile, and most AWS commands need one."""
    project = home.project("none", API)
    assert home.ssoenv("trust", "--yes", cwd=project).returncode == 0
    shown = home.ssoenv("status", cwd=project).stdout
    assert "  region       none of its own; yours counts, and without one most AWS" in shown
    mine = home.ssoenv("status", cwd=project, AWS_REGION="eu-west-3").stdout
    assert "  region       none of its own, but this process has AWS_REGION=eu-west-3" in mine


def test_the_region_that_programs_take_here_is_told(home: Home, sandbox: Sandbox) -> None:
    """What `make -C ../web` has inherited wins over the region of the profile, in every AWS program."""
    project = home.project("web")
    assert home.ssoenv("trust", "--yes", cwd=project).returncode == 0
    told = home.ssoenv("status", cwd=project, AWS_REGION="us-west-2").stdout
    same = home.ssoenv("status", cwd=project, AWS_REGION="eu-west-1").stdout

    assert "eu-west-1, but this process has AWS_REGION=us-west-2" in told
    assert "this process has AWS_REGION" not in same


def test_keys_that_were_handed_out_on_purpose_are_called_so(home: Home, sandbox: Sandbox) -> None:
    keys = {"AWS_ACCESS_KEY_ID": "ASIAHANDEDOUT", "SSOENV_GIVEN": "ASIAHANDEDOUT"}
    assert "(by ssoenv export or exec)" in home.ssoenv("status", cwd=home.path, **keys).stdout
    keys["SSOENV_GIVEN"] = "ASIAANOTHER"
    assert "(not from ssoenv)" in home.ssoenv("status", cwd=home.path, **keys).stdout


def test_a_command_with_a_role_of_its_own_is_not_told_of_hooks(
    home: Home, sandbox: Sandbox
) -> None:
    """What `ssoenv exec` serves it is as it should be, from a shell with the hook or without."""
    project = home.project("web")
    assert home.ssoenv("trust", "--yes", cwd=project).returncode == 0
    assert home.ssoenv("login", cwd=project).returncode == 0
    for env in ({}, {"SSOENV_HOOK": "1"}):
        words = ("exec", "--serve", "--", *hook_text.command_line(), "status")
        told = home.ssoenv(*words, cwd=project, **env).stdout
        assert "hook" not in told, told
        assert "note" not in told, told


@pytest.mark.parametrize("root", ["//", "//tmp", "/"])
def test_two_slashes_are_a_root_too(home: Home, root: str) -> None:
    """POSIX leaves open what they mean, and Python keeps them."""
    assert home.ssoenv("status", root).returncode == 0


def test_times_of_a_script_are_utc(home: Home, sandbox: Sandbox) -> None:
    report = bring(home, "live")
    for end in (report["credentials"]["expires_at"], report["session"]["token_expires_at"]):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", end)
    assert 0 < report["credentials"]["seconds_left"] <= 12 * 3600


def keys_of(home: Home, account: str, where: Path) -> dict[str, str]:
    """What a shell with live credentials of `account` exports to what it starts."""
    done = home.ssoenv("export", "--profile", account, "--format", "json", cwd=where)
    assert done.returncode == 0, done.stderr
    values: dict[str, str] = json.loads(done.stdout)
    return values | {"SSOENV_DIR": str(where), "SSOENV_LABEL": f"{account}/Developer"}


@pytest.mark.parametrize("marked", [True, False], ids=["marked", "unmarked"])
def test_keys_of_another_role_are_the_headline(home: Home, sandbox: Sandbox, marked: bool) -> None:
    """Of this very process: a script may stand elsewhere than the shell that it comes from."""
    web, api = home.project("web"), home.project("api", API)
    stranger, outside = home.project("stranger", API), home.path / "outside"
    outside.mkdir()
    assert home.ssoenv("login", "acme").returncode == 0
    assert home.ssoenv("roles").returncode == 0
    for project in (web, api):
        assert home.ssoenv("trust", "--yes", cwd=project).returncode == 0
    shell = keys_of(home, "dev", web)
    shell |= {"SSOENV_VARS": "AWS_ACCESS_KEY_ID"} if marked else {}
    for where, gives, fix in (
        (api, "api/ReadOnly", "ssoenv exec -- COMMAND"),
        (stranger, "no role here", "ssoenv exec --none -- COMMAND"),
        (outside, "no role here", "ssoenv exec --none -- COMMAND"),
        (web, None, None),
        (web / "x", None, None),
    ):
        where.mkdir(exist_ok=True)
        first, *rest = home.ssoenv("status", cwd=where, **shell).stdout.splitlines()
        report = json.loads(home.ssoenv("status", "--json", cwd=where, **shell).stdout)
        if gives is None:
            assert (first.split()[0], report["other"]) == ("dev/Developer", None)
            continue
        assert first == f"keys of dev/Developer, where the directory gives {gives}  other"
        assert (report["state"], report["other"], report["next"]) == ("other", "dev/Developer", [fix])  # fmt: skip
        assert str(fix) in rest[-1]
    for where, level in ((api, "WRONG keys:"), (web, "")):
        found = home.ssoenv("doctor", "--offline", cwd=where, **shell)
        lines = " ".join(found.stdout.split())
        assert ("this process has keys of dev/Developer" in lines) == bool(level)
        assert lines.startswith(level), lines
    # Of another directory than this one, nothing of this process is told.
    first = home.ssoenv("status", str(api), cwd=web, **shell).stdout.splitlines()[0]
    assert first.startswith("api/ReadOnly")
    given = keys_of(home, "dev", web)
    given |= {"SSOENV_GIVEN": given["AWS_ACCESS_KEY_ID"]}
    assert "your own AWS_ACCESS_KEY_ID" in home.ssoenv("status", cwd=api, **given).stdout


def test_an_agent_is_told_what_it_gets_and_not_what_a_person_does(
    home: Home, sandbox: Sandbox
) -> None:
    web = home.project("web")
    vault = home.project("vault", API + "protect = true\n")
    assert home.ssoenv("login", "acme").returncode == 0
    for project in (web, vault):
        assert home.ssoenv("trust", "--yes", cwd=project).returncode == 0
    assert home.ssoenv("export", cwd=web).returncode == 0

    def told(where: Path, **env: str) -> dict[str, Any]:
        report: dict[str, Any] = json.loads(
            home.ssoenv("status", "--json", cwd=where, **env).stdout
        )
        return report

    mine = told(web)
    assert (mine["state"], told(web, CLAUDECODE="1")["credentials"]) == ("live", None)
    assert home.ssoenv("export", cwd=web, CLAUDECODE="1").returncode == 0
    theirs = told(web, CLAUDECODE="1")
    assert theirs["state"] == "live"
    assert theirs["credentials"]["access_key_id"] != mine["credentials"]["access_key_id"]
    assert "aws" in theirs["next"][0]
    refused = told(vault, CLAUDECODE="1")
    assert refused["state"] == "blocked"
    assert refused["problem"].endswith("and Claude Code runs this")
    assert told(vault)["state"] == "armed"


def test_outside_of_projects_the_role_is_told_that_a_program_gets(
    home: Home, sandbox: Sandbox
) -> None:
    web, outside = home.project("web"), home.path / "outside"
    outside.mkdir()
    assert home.ssoenv("trust", "--yes", cwd=web).returncode == 0
    shell = {"AWS_PROFILE": "ssoenv", "SSOENV_DIR": str(web), "SSOENV_PROFILE": "staging"}
    lines = home.ssoenv("status", cwd=outside, **shell).stdout
    assert lines.startswith("staging/ReadOnly")
    assert "the shell that this comes from" in lines
    for less in ({"AWS_PROFILE": "mine"}, {"SSOENV_DIR": "/nowhere"}, {"SSOENV_PROFILE": "nope"}):
        assert home.ssoenv("status", cwd=outside, **(shell | less)).stdout.startswith(
            "no role here"
        )


def test_the_segment_says_that_the_role_is_of_another_directory(
    home: Home, sandbox: Sandbox
) -> None:
    web, api = home.project("web"), home.project("api", API)
    (web / "deep").mkdir()
    (home.path / "link").symlink_to("web")
    shell = {"SSOENV_DIR": str(web), "SSOENV_LABEL": "dev/Developer"}
    for where, said in (
        (web, "dev/Developer?"),
        (web / "deep", "dev/Developer?"),
        (home.path / "link", "dev/Developer?"),
        (api, "dev/Developer? not of this directory"),
        (home.path, "dev/Developer? not of this directory"),
    ):
        assert home.ssoenv("prompt", cwd=where, **shell).stdout == f"{said}\n"
    assert home.ssoenv("prompt", "--format", "{state}", cwd=api, **shell).stdout == "other\n"
    loose = shell | {"SSOENV_DIR": "@acme/dev/Developer"}
    assert home.ssoenv("prompt", cwd=api, **loose).stdout == "dev/Developer?\n"


def test_exported_keys_are_told_and_asked_about(home: Home, sandbox: Sandbox) -> None:
    assert home.ssoenv("login").returncode == 0
    printed = home.ssoenv("export", "prod/ReadOnly", "--format", "dotenv").stdout
    keys = dict(line.split("=", 1) for line in printed.splitlines())
    given = keys | {"SSOENV_GIVEN": keys["AWS_ACCESS_KEY_ID"]}
    told = " ".join(home.ssoenv("status", cwd=home.path, **given).stdout.split())
    assert "prod/ReadOnly: its keys came by ssoenv export or exec; to drop them: unset" in told
    assert "is your own" not in told
    assert "_ReadOnly_" in home.ssoenv("whoami", cwd=home.path, **keys).stdout
    other = home.ssoenv("whoami", cwd=home.path, **keys | {"AWS_ACCESS_KEY_ID": "ASIANOBODY"})
    assert (other.returncode, other.stdout) == (6, "")


def test_a_role_that_is_not_there_is_told_with_its_mend(home: Home, sandbox: Sandbox) -> None:
    """As far as the last list tells; and where the service was asked, what it says is next."""
    project = home.project("web", API.replace("staging", "stagin"))
    for words in (("login", "acme"), ("roles",), ("trust", "--yes")):
        assert home.ssoenv(*words, cwd=project).returncode == 0
    listed = json.loads(home.ssoenv("status", "--json", cwd=project).stdout)
    assert (
        "stagin/ReadOnly is not assigned to you (no such account; did you mean" in listed["problem"]
    )
    assert listed["next"][-1].startswith("ssoenv roles")
    files.remove(f"{paths.state(home.env)}/assignments/acme.json")
    assert json.loads(home.ssoenv("status", "--json", cwd=project).stdout)["problem"] is None
    probed = home.ssoenv("status", "--probe", cwd=project).stdout
    assert "aws sts" not in probed
    assert re.search(r"next +ssoenv roles", probed)
