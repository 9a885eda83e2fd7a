"""Which role a command means, and that no word of the user's command is ever one of ours."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.conftest import PROJECT

if TYPE_CHECKING:
    from pathlib import Path

    from ssoenv.sandbox.server import Sandbox
    from tests.conftest import Home

DEV, PROD = "111111111111", "333333333333"
SHOW = "import json, os, sys; print(json.dumps([sys.argv[1:], dict(os.environ)]))"


@pytest.fixture
def project(home: Home, sandbox: Sandbox) -> Path:
    there = home.project("web", PROJECT)
    assert home.ssoenv("login", "acme").returncode == 0
    assert home.ssoenv("trust", "--yes", cwd=there).returncode == 0
    return there


def test_every_form_of_a_target(home: Home, project: Path) -> None:
    """A role by position or by --profile, a profile, what the directory says; in or out of it."""
    for cwd, words, account in (
        (home.path, ["dev/Developer"], DEV),
        (home.path, ["--profile", "dev/Developer"], DEV),
        (home.path, ["--profile=111111111111/Developer"], DEV),
        (home.path, ["dev/Developer", "--session", "acme"], DEV),
        (home.path, ["--session", "acme", "dev/Developer"], DEV),
        (project, ["prod/ReadOnly"], PROD),
        (project, ["--profile", "prod"], PROD),
        (project, ["-p", "prod/ReadOnly"], PROD),
        (project, [], DEV),
    ):
        told = home.ssoenv("whoami", *words, "--json", cwd=cwd)
        assert told.returncode == 0, told.stderr
        assert json.loads(told.stdout)["Account"] == account
        printed = home.ssoenv("export", *words, "--format", "process", cwd=cwd)
        assert json.loads(printed.stdout)["AccountId"] == account
        ran = home.ssoenv("exec", *words, "--", "python3", "-c", SHOW, cwd=cwd)
        assert ran.returncode == 0, ran.stderr
        key = json.loads(printed.stdout)["AccessKeyId"]
        assert json.loads(ran.stdout)[1]["AWS_ACCESS_KEY_ID"] == key


@pytest.mark.parametrize(
    "words",
    [
        ["--profile", "prod"],
        ["--session", "nope", "--none"],
        ["--help"],
        ["--", "--", "x"],
        ["prod/ReadOnly", "--", "y"],
        ["-p", "x", "-h", "--version", "-v"],
        [""],
    ],
)
def test_the_words_of_the_command_are_its_own(home: Home, project: Path, words: list[str]) -> None:
    command = ["python3", "-c", SHOW, *words]
    ways: list[list[str]] = [
        ["--"],
        ["dev/Developer", "--"],
        ["--profile", "dev", "--"],
        ["--none", "--"],
    ]
    if "--" not in words:
        ways.append([])
    for ours in ways:
        ran = home.ssoenv("exec", *ours, *command, cwd=project)
        assert ran.returncode == 0, ran.stderr
        assert json.loads(ran.stdout)[0] == words


def test_several_sessions(home: Home, project: Path) -> None:
    config = home.path / ".aws/config"
    config.write_text(
        config.read_text() + config.read_text().split("[profile")[0].replace("acme]", "beta]")
    )
    for words in (
        ["export", "dev/Developer"],
        ["whoami", "dev/Developer"],
        ["exec", "dev/Developer", "--", "true"],
    ):
        vague = home.ssoenv(*words)
        assert vague.returncode == 2, vague.stderr
        assert "acme" in vague.stderr
        assert "beta" in vague.stderr
        chosen = home.ssoenv(words[0], "--session", "acme", *words[1:])
        assert chosen.returncode == 0, chosen.stderr
        wrong = home.ssoenv(words[0], "--session", "acne", *words[1:])
        assert wrong.returncode == 5
        assert "acme" in wrong.stderr


def test_what_means_nothing_is_said_in_words(home: Home, project: Path) -> None:
    for words in (
        ["exec", "dev", "--", "true"],
        ["exec", "dev/", "--", "true"],
        ["exec", "/Developer", "--", "true"],
        ["exec", "a/b", "c", "--", "true"],
        ["exec", "dev/Developer", "--profile", "dev", "--", "true"],
        ["exec", "dev/Developer", "--none", "--", "true"],
        ["exec", "--session", "acme", "--", "true"],
        ["exec", "dev/Developer", "--"],
        ["exec", "--"],
        ["exec", "--", ""],
        ["export", "dev"],
        ["whoami", "dev/Developer", "--profile", "dev"],
    ):
        result = home.ssoenv(*words, cwd=project)
        assert result.returncode == 2, (words, result.stderr)
        assert not result.stdout


def test_a_role_without_a_command_is_told_what_is_missing(home: Home, project: Path) -> None:
    for words in (("dev/Developer",), ("--serve", "dev/Developer")):
        told = home.ssoenv("exec", *words, cwd=project)
        assert (told.returncode, told.stdout) == (2, "")
        assert "try: ssoenv exec dev/Developer -- CMD" in told.stderr


def test_a_profile_of_the_aws_config_is_no_target_and_told_apart(home: Home) -> None:
    config = home.path / ".aws/config"
    config.parent.mkdir(exist_ok=True)
    config.write_text("[profile dev.ReadOnly]\nregion = eu-west-1\n")
    told = home.ssoenv("whoami", "dev.ReadOnly")
    assert (told.returncode, told.stdout) == (2, "")
    assert "'dev.ReadOnly' is a profile of your AWS config, not ACCOUNT/ROLE" in told.stderr
    assert "try: aws sts get-caller-identity --profile dev.ReadOnly" in told.stderr


@pytest.mark.parametrize(("words", "code"), [(["/etc"], 126), (["no-such-command"], 127)])
def test_a_command_that_cannot_run(home: Home, words: list[str], code: int) -> None:
    result = home.ssoenv("exec", "--none", "--", *words)

    assert (result.returncode, result.stdout) == (code, "")
    assert words[0] in result.stderr


def test_nothing_of_ours_and_all_of_theirs(home: Home) -> None:
    """What the hook says that it put there goes, and a managed profile without it, too."""
    theirs = {"AWS_REGION": "eu-west-3", "AWS_PAGER": "less", "AWS_CA_BUNDLE": "/ca"}
    live = {
        "SSOENV_DIR": "/p",
        "SSOENV_LABEL": "dev/Developer",
        "SSOENV_VARS": "AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN",
        "AWS_ACCESS_KEY_ID": "ASIAX",
        "AWS_SECRET_ACCESS_KEY": "s",
        "AWS_SESSION_TOKEN": "t",
        "AWS_SSO_PROFILE": "dev/Developer",
    }
    armed = {"AWS_PROFILE": "ssoenv/acme/111111111111/Developer"}
    for ours in (live, armed, {}):
        home.env |= theirs | ours
        ran = home.ssoenv("exec", "--none", "--", "python3", "-c", SHOW)
        env = json.loads(ran.stdout)[1]
        assert not set(env) & set(ours)
        assert {name: env[name] for name in theirs} == theirs
        for name in ours:
            home.env.pop(name)
    home.env |= {"AWS_PROFILE": "mine", "AWS_ACCESS_KEY_ID": "AKIAMINE"}
    env = json.loads(home.ssoenv("exec", "--none", "--", "python3", "-c", SHOW).stdout)[1]
    assert (env["AWS_PROFILE"], env["AWS_ACCESS_KEY_ID"]) == ("mine", "AKIAMINE")


def test_a_role_without_two_dashes_is_told_where_they_go(home: Home, project: Path) -> None:
    for cwd in (project, home.path):
        refused = home.ssoenv("exec", "prod/ReadOnly", "true", cwd=cwd)
        assert (refused.returncode, refused.stdout) == (2, "")
        assert "ssoenv exec prod/ReadOnly -- true" in refused.stderr


def test_outside_of_projects_a_role_can_be_named(home: Home) -> None:
    for words in (("whoami",), ("export",), ("exec", "--", "true")):
        told = home.ssoenv(*words)
        assert (told.returncode, told.stdout) == (2, "")
        assert "name a role, as in: ACCOUNT/ROLE" in told.stderr, words
        assert "try: cd PROJECT && ssoenv bind" in told.stderr
