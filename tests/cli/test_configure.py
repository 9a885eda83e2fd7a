"""`ssoenv configure`: shown first, then asked; and the real AWS programs take what it writes."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ssoenv.base import paths
from tests.conftest import VAULT, Copies
from tests.screen import ssoenv

if TYPE_CHECKING:
    from ssoenv.sandbox.server import Sandbox
    from ssoenv.sandbox.world import Assignment
    from tests.conftest import Home

DEV, PROD = "111111111111", "333333333333"
MINE = "[default]\nregion = eu-west-1  \n\n# a note\n[profile old]\ns3 =\n    addressing_style = path\n"


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Copies:
    made = Copies(tmp_path_factory.getbasetemp() / "configured")
    with made.making() as (home, sandbox):
        assert home.ssoenv("login", "acme").returncode == 0
        made.keep("signed-in", home, sandbox)
    return made


@pytest.fixture
def desk(home: Home, sandbox: Sandbox, copies: Copies) -> Home:
    """Somebody who is signed in, with a config of their own."""
    copies.lay("signed-in", home, sandbox)
    path = config(home)
    path.write_text(f"{path.read_text()}\n{MINE}")
    path.chmod(0o640)
    return home


def config(home: Home) -> Path:
    return home.path / ".aws/config"


def account(home: Home, profile: str) -> str:
    """The account that the AWS CLI has by `profile`."""
    words = ["aws", "sts", "get-caller-identity", "--profile", profile]
    done = subprocess.run(
        words, env=home.env, cwd=home.path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return str(json.loads(done.stdout)["Account"])


def take_away(sandbox: Sandbox, *gone: Assignment) -> None:
    """Have an administrator take assignments away."""
    state = sandbox.state
    kept = tuple(one for one in state.world.assignments if one not in gone)
    state.change_world(dataclasses.replace(state.world, assignments=kept))


def test_it_is_shown_first_and_written_once(desk: Home) -> None:
    before = config(desk).read_bytes()
    shown = desk.ssoenv("configure", "--dry-run")
    assert (shown.returncode, config(desk).read_bytes()) == (0, before)
    assert shown.stdout.startswith(f"--- {config(desk)}\n+++ {config(desk)}\n@@ -")
    assert "+[profile prod.Administrator]\n" in shown.stdout
    assert f"credential-process acme/{PROD}/Administrator\n" in shown.stdout
    assert "+..." not in shown.stdout

    refused = desk.ssoenv("configure")
    assert (refused.returncode, refused.stdout, config(desk).read_bytes()) == (2, "", before)
    assert "try: ssoenv configure --yes" in refused.stderr

    done = desk.ssoenv("configure", "--yes")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    after = config(desk).read_bytes()
    assert after.startswith(before)
    assert config(desk).stat().st_mode & 0o777 == 0o640
    assert account(desk, "dev.Developer") == DEV

    again = desk.ssoenv("configure", "--yes")
    assert again.returncode == 0
    assert "has it all already" in again.stderr
    assert config(desk).read_bytes() == after
    assert desk.ssoenv("configure", "--dry-run").stdout == ""

    gone = desk.ssoenv("configure", "--remove", "--yes")
    assert gone.returncode == 0, gone.stderr
    assert config(desk).read_bytes() == before


def test_profiles_of_several_sessions_go_by_name(desk: Home) -> None:
    """What is one session's is not taken out with another's."""
    path = config(desk)
    text = path.read_text()
    url = "d-0000000000.awsapps.com/start"
    path.write_text(
        f"{text}\n[sso-session beta]\nsso_start_url = https://{url}\nsso_region = us-east-1\n"
    )
    assert desk.ssoenv("login", "beta").returncode == 0
    assert (
        desk.ssoenv(
            "configure", "--session", "beta", "--name", "b.{role}.{account_id}", "--yes"
        ).returncode
        == 0
    )
    alone = path.read_bytes()
    assert desk.ssoenv("configure", "--session", "acme", "--yes").returncode == 0
    both = path.read_bytes()
    which = desk.ssoenv("configure", "--remove", "--yes")
    assert (which.returncode, which.stdout, path.read_bytes()) == (2, "", both)
    assert "there are those of acme, beta" in which.stderr
    assert "try: ssoenv configure --remove --session acme" in which.stderr
    assert desk.ssoenv("configure", "--remove", "--session", "acme", "--yes").returncode == 0
    assert path.read_bytes() == alone
    assert desk.ssoenv("configure", "--remove", "--yes").returncode == 0
    assert b"ssoenv configure" not in path.read_bytes()


def test_a_person_is_asked_and_a_no_changes_nothing(desk: Home) -> None:
    before = config(desk).read_bytes()
    for typed, written in (("n", False), ("y", True)):
        screen = ssoenv(desk.env, str(desk.path), "configure", "prod", lines=60)
        shown = screen.wait("Apply these changes? [y/N]")
        assert "2 profiles for acme: 2 new, 0 changed" in shown
        assert "+[profile prod.ReadOnly]" in shown
        screen.send(f"{typed}\r")
        assert screen.end() == 0
        assert (config(desk).read_bytes() != before) is written


def test_plain_sso_profiles_take_no_ssoenv(desk: Home) -> None:
    words = ("--sso", "--name", "{account_name:upper}_{role:lower}_{region}", "--region", "eu-west-1", "--region", "us-east-1")  # fmt: skip
    done = desk.ssoenv("configure", "prod", *words, "--set", "prod:Admin*:output=text", "--yes")
    assert done.returncode == 0, done.stderr
    text = config(desk).read_text()
    assert text.count("sso_session = acme\n") == 4
    assert (
        f"[profile PROD_administrator_eu-west-1]\nsso_session = acme\nsso_account_id = {PROD}\n"
        "sso_role_name = Administrator\nregion = eu-west-1\noutput = text\n"
    ) in text
    assert "credential_process" not in text
    assert account(desk, "PROD_readonly_us-east-1") == PROD
    # Without options it is as last time.
    again = desk.ssoenv("configure", "--yes")
    assert "as last time, by the options prod --name" in again.stderr
    assert config(desk).read_text() == text


def test_what_is_not_assigned_any_more_goes_and_is_told(desk: Home, sandbox: Sandbox) -> None:
    assert desk.ssoenv("configure", "--yes").returncode == 0
    world = sandbox.state.world
    take_away(sandbox, *(one for one in world.assignments if one.account == "prod"))
    told = desk.ssoenv("configure", "--dry-run")
    assert "-[profile prod.ReadOnly]\n" in told.stdout
    assert "they go:\n  prod." in told.stderr
    assert desk.ssoenv("configure", "--yes").returncode == 0
    assert "prod" not in config(desk).read_text()
    assert "[profile dev.Developer]" in config(desk).read_text()
    # An empty list of roles takes nothing away.
    take_away(sandbox, *world.assignments)
    before = config(desk).read_bytes()
    refused = desk.ssoenv("configure", "--yes")
    assert (refused.returncode, config(desk).read_bytes()) == (6, before)
    assert "you hold no role in acme" in refused.stderr


def test_what_did_not_come_is_not_taken_for_gone(desk: Home, sandbox: Sandbox) -> None:
    assert desk.ssoenv("configure", "--yes").returncode == 0
    before = config(desk).read_bytes()
    held = {one.account for one in sandbox.state.world.assignments}
    # Each account is asked for three times: one of them comes.
    sandbox.fail("ListAccountRoles", 500, times=3 * len(held) - 1)
    refused = desk.ssoenv("configure", "--yes")
    assert (refused.returncode, refused.stdout, config(desk).read_bytes()) == (7, "", before)
    assert "IAM Identity Center failed" in refused.stderr
    assert "wait a minute, and run it again" in refused.stderr
    assert "ssoenv login" not in refused.stderr


def test_a_region_that_nobody_knows_yet_is_taken_and_told(desk: Home) -> None:
    done = desk.ssoenv("configure", "prod", "--region", "eu-wset-1", "--yes")
    assert done.returncode == 0
    assert "eu-wset-1 is no AWS region that ssoenv knows; did you mean eu-west-1?" in done.stderr
    assert "region = eu-wset-1" in config(desk).read_text()


def test_names_that_collide_are_refused_and_made_unique_when_asked(desk: Home) -> None:
    """aws-sso-util: three accounts of one name became two profiles, reported as six."""
    before = config(desk).read_bytes()
    refused = desk.ssoenv("configure", "--name", "{role}", "--yes")
    assert (refused.returncode, refused.stdout, config(desk).read_bytes()) == (2, "", before)
    assert "'Developer' would be the name of 111111111111/Developer and" in refused.stderr
    assert "try: ssoenv configure --name '{role}' --unique" in refused.stderr
    assert desk.ssoenv("configure", "--name", "{role}", "--unique", "--yes").returncode == 0
    text = config(desk).read_text()
    assert "[profile Developer.111111111111]" in text
    assert "[profile Administrator]" in text
    # What does not help is not proposed: the same role twice, for two regions.
    twice = desk.ssoenv("configure", "--region", "eu-west-1", "--region", "us-east-1", "--yes")
    assert twice.returncode == 2
    assert "{region}" in twice.stderr


def test_a_name_that_somebody_has_is_told_and_not_overwritten(desk: Home) -> None:
    theirs = "[profile dev.Developer]\nregion = mine\n"
    config(desk).write_text(config(desk).read_text() + theirs)
    (desk.path / ".aws/credentials").write_text("[prod.ReadOnly]\naws_access_key_id = AKIA\n")
    done = desk.ssoenv("configure", "--yes")
    assert done.returncode == 0
    assert (
        f"dev.Developer: [profile dev.Developer] is there already, in {config(desk)}" in done.stderr
    )
    assert "prod.ReadOnly: [prod.ReadOnly] is in your AWS credentials file" in done.stderr
    text = config(desk).read_text()
    assert (text.count("[profile dev.Developer]"), text.count("prod.ReadOnly]")) == (1, 0)
    assert theirs in text
    assert "[profile dev.ReadOnly]" in text


def test_a_profile_by_name_is_the_same_in_every_directory_and_the_settings_judge_it(
    desk: Home,
) -> None:
    web, clone = desk.project("web"), desk.project("clone")
    assert desk.ssoenv("trust", "--yes", cwd=web).returncode == 0
    assert desk.ssoenv("configure", "--yes").returncode == 0
    script = ["/bin/sh", paths.source_file(desk.env), f"acme/{PROD}/Administrator"]

    def run(where: Path = desk.path, **more: str) -> subprocess.CompletedProcess[str]:
        env = desk.env | {"PWD": str(where)} | more
        nothing = subprocess.DEVNULL
        return subprocess.run(
            script, env=env, cwd=where, stdin=nothing, capture_output=True, text=True, check=False
        )

    for where in (web, clone, desk.path):
        assert json.loads(run(where).stdout)["AccountId"] == PROD
    settings = desk.path / ".config/ssoenv/config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text('never = ["prod:Admin*"]\n')
    assert (run().returncode, run().stdout) == (6, "")
    settings.write_text('agents = "none"\n')
    assert run().returncode == 0
    assert (run(CLAUDECODE="1").returncode, run(CLAUDECODE="1").stdout) == (6, "")
    assert desk.ssoenv("credential-process", f"acme/{PROD}/Administrator", cwd=web).returncode == 4


def test_an_agent_may_look_and_not_write(desk: Home) -> None:
    before = config(desk).read_bytes()
    assert desk.ssoenv("configure", "--dry-run", CLAUDECODE="1").returncode == 0
    for words in (("--yes",), ("--remove", "--yes")):
        refused = desk.ssoenv("configure", *words, CLAUDECODE="1")
        assert (refused.returncode, refused.stdout) == (4, ""), refused
    assert config(desk).read_bytes() == before


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--name", "{acount_name}"), "a name has no {acount_name}; did you mean 'account_name'?"),
        (("--name", "{role"), "cannot be read"),
        (("--name", "{role:loud}"), "'loud' is no rule for {role}"),
        (("--name", "a b.{role}"), "'a b.' cannot stand in the name"),
        (("--separator", "#"), "'#' cannot stand in the name"),
        (("--trim", "("), "is no regular expression"),
        (("--region", "moon"), "'moon' is no AWS region"),
        (("--set", "x"), "says no key"),
        (("--set", "*:region=moon"), "'moon' is no AWS region"),
        (("--set", "credential_process=touch P"), "its role says"),
        (("--set", "x=a\nb"), "cannot be written"),
        (("nosuch", "word"), "you hold no role with 'nosuch word' in it"),
        (("--remove", "--session", "x"), "x has no profiles of ssoenv configure"),
        (("--remove", "dev"), "--remove takes out all profiles"),
        (("--session", "acne"), "did you mean 'acme'?"),
        (("--nmae", "x"), "did you mean --name?"),
    ],
)
def test_what_cannot_be_is_one_clear_error(desk: Home, words: tuple[str, ...], told: str) -> None:
    before = config(desk).read_bytes()
    refused = desk.ssoenv("configure", "--cached", *words, "--yes")
    assert refused.returncode in (2, 5), refused
    assert refused.stdout == ""
    assert told in refused.stderr
    assert config(desk).read_bytes() == before


def test_no_secret_of_the_file_is_shown(desk: Home) -> None:
    config(desk).write_text(
        config(desk).read_text() + "[profile k]\naws_secret_access_key = SECRET\n"
    )
    shown = desk.ssoenv("configure", "--dry-run")
    assert "SECRET" not in shown.stdout + shown.stderr
    assert "aws_secret" not in shown.stdout


def test_the_source_answers_for_a_profile_by_itself_as_long_as_no_rule_is_about_its_role(
    desk: Home,
) -> None:
    assert desk.ssoenv("configure", "--yes").returncode == 0
    key = f"acme/{PROD}/ReadOnly"
    script = paths.source_file(desk.env)

    def alone(shell: str = "dash", key: str = key, **more: str) -> int:
        """The exit code of a copy of the source that has no program to ask."""
        copy = desk.path / "alone"
        copy.write_text(Path(script).read_text().replace(f"'{sys.executable}'", "/nowhere"))
        done = subprocess.run(
            [shell, str(copy), key], env=desk.env | more, cwd=desk.path, capture_output=True, text=True,
            check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert bool(done.stdout) is not bool(done.returncode)
        if done.stdout:
            assert json.loads(done.stdout)["AccountId"] == PROD
        return done.returncode

    def ask() -> int:
        words = ("credential-process", "--named", key)
        return desk.ssoenv(*words, SSOENV_ALLOW_PROTECTED="prod/ReadOnly").returncode

    # The second time the program notes the settings, too: before, nothing was rendered by them.
    assert (alone(), ask(), ask(), alone(), alone("bash")) == (1, 0, 0, 0, 0)
    assert alone(CLAUDECODE="1") == 1
    for wrong in (f"acme/{DEV}/ReadOnly", f"acme/../acme/{PROD}/ReadOnly", f"/{key}", f"{key}/", "*", "-v", "a b"):  # fmt: skip
        assert alone(key=wrong) == 1
    # A trusted file that protects the role, in whatever directory.
    web = desk.project("web", VAULT)
    assert desk.ssoenv("trust", "--yes", cwd=web).returncode == 0
    assert (alone(), ask(), alone()) == (1, 0, 1)
    assert desk.ssoenv("untrust", cwd=web).returncode == 0
    assert (ask(), alone()) == (0, 0)
    settings = desk.path / ".config/ssoenv/config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text('protect = ["prod"]\n')
    assert (alone(), ask(), alone()) == (1, 0, 1)
    settings.write_text('login = "manual"\n')
    assert (alone(), ask(), alone()) == (1, 0, 0)
    assert desk.ssoenv("logout", "acme").returncode == 0
    assert alone() == 1


# Defects that others had: aws-sso-util's `configure profile` and `configure populate`, and its logs.


def test_without_an_identity_center_it_says_what_to_run_and_writes_nothing(home: Home) -> None:
    refused = home.ssoenv("configure", "--yes")
    assert (refused.returncode, refused.stdout) == (5, "")
    assert "try: ssoenv setup" in refused.stderr
    assert not config(home).exists()


def test_no_progress_is_mixed_with_the_diff_and_no_log_has_a_secret(desk: Home) -> None:
    shown = desk.ssoenv("-v", "configure", "--dry-run")
    assert all(line.startswith(("+", "-", "@@ ")) for line in shown.stdout.splitlines())
    for token in desk.path.glob(".aws/sso/cache/*.json"):
        for value in json.loads(token.read_text()).values():
            if isinstance(value, str) and len(value) > 40 and "://" not in value:
                assert value not in shown.stderr


def test_a_config_that_was_changed_while_the_question_stood_is_not_overwritten(desk: Home) -> None:
    """Nor is a link replaced by a file."""
    there = desk.path / "dotfiles"
    config(desk).rename(there)
    config(desk).symlink_to(there)
    screen = ssoenv(desk.env, str(desk.path), "configure", "prod", lines=60)
    screen.wait("Apply these changes? [y/N]")
    there.write_text(there.read_text() + "[profile new]\n")
    screen.send("y\r")
    assert screen.end() == 1
    assert there.read_text().endswith("[profile new]\n")
    assert desk.ssoenv("configure", "--cached", "--yes").returncode == 0
    assert config(desk).is_symlink()
    assert "[profile dev.Developer]" in there.read_text()


def test_setup_undo_leaves_what_the_profiles_run_and_doctor_sees_when_it_is_gone(
    desk: Home,
) -> None:
    assert desk.ssoenv("setup", "--yes", "--shell", "bash").returncode == 0
    assert desk.ssoenv("configure", "--cached", "--yes").returncode == 0
    undone = desk.ssoenv("setup", "--undo", "--yes")
    assert "profiles for acme stay in your AWS config: ssoenv configure --remove" in undone.stderr
    source = Path(paths.source_file(desk.env))
    assert source.exists()
    source.unlink()
    found = desk.ssoenv("doctor", "--offline")
    assert "each profile of ssoenv configure for acme runs" in " ".join(found.stdout.split())
    desk.ssoenv("doctor", "--offline", "--fix")
    assert source.exists()


def test_a_pattern_that_means_no_role_is_told(desk: Home) -> None:
    words = ("prod", "--set", "prd:region=us-east-1", "--set", "prod:output=text", "--dry-run")
    done = desk.ssoenv("configure", *words)
    assert done.returncode == 0
    told = [line for line in done.stderr.splitlines() if "no role is meant" in line]
    assert told == ["ssoenv: --set prd:...: no role is meant by 'prd'"]
