"""Any role, in this shell, wherever no project is: ``ssoenv use ACCOUNT/ROLE``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from ssoenv.base import files, paths
from ssoenv.identity_center import kept_listings
from tests.shell.conftest import DEV, PROD

if TYPE_CHECKING:
    from tests.shell.conftest import Shell

pytestmark = pytest.mark.sampled(3)


def test_it_holds_until_none_and_gives_way_to_projects(cached: Shell) -> None:
    shell = cached
    answer = shell.run("ssoenv use 333333333333/ReadOnly")
    assert answer.status == 0, answer
    assert "ReadOnly" in answer.prompt
    assert shell.pages() == 0
    assert shell.who() == PROD
    assert shell.get("AWS_ACCESS_KEY_ID")
    shell.run("cd ~/web")
    assert shell.who() == DEV
    shell.run("cd /tmp")
    assert shell.who() == PROD
    assert shell.run("ssoenv use --none").status == 0
    assert shell.who() == "nobody"
    assert shell.get("SSOENV_DIR") is None


def test_names_and_prefixes_serve_once_they_are_listed(cached: Shell) -> None:
    shell = cached
    shell.run("ssoenv roles")
    assert shell.run("ssoenv use prod/read").status == 0
    assert shell.who() == PROD
    assert "prod/ReadOnly" in shell.run("true").prompt


def test_a_dash_goes_back_to_the_role_before(cached: Shell) -> None:
    shell = cached
    shell.run("cd /tmp; ssoenv use 333333333333/ReadOnly; ssoenv use 111111111111/Developer")
    for who in (PROD, DEV, PROD):
        assert shell.run("ssoenv use -").status == 0
        assert shell.who() == who
    shell.run("ssoenv use --none")
    assert shell.who() == "nobody"
    assert shell.run("ssoenv use -").status == 0
    assert shell.who() == PROD
    told = shell.run("ssoenv use -; ssoenv use -")
    assert told.status == 2
    assert "there is no role to go back to" in told.output
    assert "try: ssoenv use ACCOUNT/ROLE" in told.output


def test_what_follows_two_dashes_is_a_name(cached: Shell) -> None:
    shell = cached
    shell.run("cd /tmp; ssoenv use -- 333333333333/ReadOnly; ssoenv use 111111111111/Developer")
    assert shell.run("ssoenv use -- -").status == 0
    assert shell.who() == PROD
    assert shell.run("ssoenv use --region eu-west-2 -- 111111111111/Developer").status == 0
    assert (shell.who(), shell.get("AWS_REGION")) == (DEV, "eu-west-2")
    shell.run("cd ~/web; ssoenv use -- staging")
    assert shell.get("SSOENV_PROFILE") == "staging"
    assert shell.run("ssoenv use -- -").status == 0
    assert shell.get("SSOENV_PROFILE") == "dev"
    told = shell.run("ssoenv use -- --none")
    assert told.status == 2
    assert "--none" in told.output


def test_its_region_is_that_of_the_session_unless_there_is_one(cached: Shell) -> None:
    shell = cached
    shell.run("cd /tmp; ssoenv use 333333333333/ReadOnly")
    assert shell.get("AWS_REGION") == shell.get("AWS_DEFAULT_REGION") == "us-east-1"
    shell.run("ssoenv roles; aws who")  # which renders it anew
    assert shell.get("AWS_REGION") == "us-east-1"
    shell.run("ssoenv use --none")
    assert shell.get("AWS_REGION") is None
    shell.run("export AWS_REGION=sa-east-1", fish="set -gx AWS_REGION sa-east-1")
    shell.run("ssoenv use -")
    assert shell.get("AWS_REGION") == "sa-east-1"
    assert shell.get("AWS_DEFAULT_REGION") is None
    shell.run("cd ~/web")
    assert shell.get("AWS_REGION") == "eu-west-1"
    shell.run("cd /tmp")
    assert shell.get("AWS_REGION") == "sa-east-1"
    shell.run("aws who; ssoenv use --none")
    assert shell.get("AWS_REGION") == "sa-east-1"


def test_status_and_export_know_it(cached: Shell) -> None:
    shell = cached
    shell.run("ssoenv use 333333333333/ReadOnly; aws who")
    report = json.loads(shell.out("ssoenv status --json"))
    assert report["state"] == "live"
    assert report["chosen_by"] == "ssoenv use, in this shell"
    assert report["notes"] == []
    assert report["region"] == "us-east-1"
    assert "ASIA" in shell.out("ssoenv export")


def test_it_is_this_shell_s_alone(cached: Shell) -> None:
    shell = cached
    shell.run("ssoenv use 333333333333/ReadOnly; aws who")
    other = shell.another()
    try:
        assert other.who() == "nobody"
    finally:
        other.terminal.close()


def test_expiry_and_sign_out_reach_it(cached: Shell) -> None:
    shell = cached
    shell.run("ssoenv use 333333333333/ReadOnly; aws who")
    assert shell.get("AWS_ACCESS_KEY_ID")
    shell.home.ssoenv("logout", "acme")
    shell.run("true")
    assert shell.get("AWS_ACCESS_KEY_ID") is None
    assert shell.get("AWS_PROFILE") == "ssoenv"


def test_what_cannot_be_meant_changes_nothing(cached: Shell) -> None:
    shell = cached
    for line, words in (
        ("ssoenv use nonsense", "is not ACCOUNT/ROLE"),
        ("ssoenv use -", "no role to go back to"),
        ("ssoenv use </dev/null", "nobody is here to pick"),
    ):
        # In fish a substitution keeps the terminal, whatever the function around it reads.
        answer = shell.run(line, fish=line.replace("ssoenv use </", "command ssoenv use </"))
        assert answer.status == 2, answer
        assert words in answer.output
        assert shell.who() == "nobody"
    shell.run("cd ~/web")
    for line, words in (
        ("ssoenv use /ReadOnly", "is not ACCOUNT/ROLE"),
        ("ssoenv use dev --region eu-west-2", "--session and --region go with ACCOUNT/ROLE"),
        ("ssoenv use 333333333333/Nope", "do not hold 'Nope'"),
        ("ssoenv use 333333333333/ReadOnly --region '../x'", "is not an AWS region"),
        ("ssoenv use 333333333333/ReadOnly --save", "try: ssoenv bind -a 333333333333 -r ReadOnly"),
    ):
        answer = shell.run(line)
        assert answer.status in (2, 6), answer
        assert words in answer.output
        assert shell.who() == DEV


def test_a_region_that_is_named_is_that_shell_s_and_no_other_s(cached: Shell) -> None:
    """Before a region of the user's own, too, which is back with the role's end."""
    shell = cached
    shell.run("cd /tmp; export AWS_REGION=sa-east-1", fish="cd /tmp; set -gx AWS_REGION sa-east-1")
    shell.run("ssoenv use 333333333333/ReadOnly --region eu-west-2")
    assert shell.get("AWS_REGION") == shell.get("AWS_DEFAULT_REGION") == "eu-west-2"
    assert json.loads(shell.out("ssoenv status --json"))["region"] == "eu-west-2"
    other = shell.another()
    try:
        other.run("cd /tmp; ssoenv use 333333333333/ReadOnly")
        assert other.get("AWS_REGION") == "us-east-1"
    finally:
        other.terminal.close()
    assert shell.who() == PROD  # with the list asked for, and all rendered anew
    assert shell.get("AWS_REGION") == "eu-west-2"
    shell.run("ssoenv use 333333333333/ReadOnly")
    assert shell.get("AWS_REGION") == "sa-east-1"
    shell.run("ssoenv use -")
    assert shell.get("AWS_REGION") == "eu-west-2"
    shell.run("ssoenv use --none")
    assert shell.get("AWS_REGION") == "sa-east-1"


def test_in_a_project_any_role_is_this_shell_s_and_says_so(cached: Shell) -> None:
    shell = cached
    shell.run("cd ~/web")
    answer = shell.run("ssoenv use 333333333333/ReadOnly --region eu-west-2")
    assert answer.status == 0, answer
    assert "use:" in answer.prompt
    assert "/ReadOnly" in answer.prompt
    assert shell.who() == PROD
    assert shell.get("AWS_REGION") == "eu-west-2"
    assert "ReadOnly" in shell.out("ssoenv whoami")
    report = json.loads(shell.out("ssoenv status --json"))
    assert (report["account"], report["role"]) == ("333333333333", ["ReadOnly"])
    assert report["chosen_by"] == "ssoenv use, in this shell"
    assert report["label"].startswith("use:")
    assert shell.role(shell.out("ssoenv exec -- aws who")) == PROD
    for program in ("sh ~/.local/state/ssoenv/credential-process", "ssoenv credential-process"):
        key = json.loads(shell.out(program))["AccessKeyId"]
        given = shell.sandbox.state.keys[key]
        assert (given.account, given.role) == ("333333333333", "ReadOnly")
    kept_listings.forget(shell.home.env, "acme")  # as a sign-out does: its name is what it was
    assert json.loads(shell.out("ssoenv status --json"))["label"] == report["label"]
    # It is of this project alone, and of the shell that took it.
    shell.run("cd /tmp")
    assert shell.who() == "nobody"
    shell.run("cd ~/web")
    assert shell.who() == PROD
    other = shell.another()
    try:
        other.run("cd ~/web")
        assert other.who() == DEV
    finally:
        other.terminal.close()
    # What is rendered anew keeps it, and a dash goes back and forth.
    shell.run("ssoenv roles; ssoenv trust --yes")
    assert shell.who() == PROD
    for who in (DEV, PROD):
        assert shell.run("ssoenv use -").status == 0
        assert shell.who() == who
    shell.run("ssoenv use --none")
    assert shell.who() == DEV
    assert shell.get("AWS_REGION") == "eu-west-1"


def test_in_a_project_the_rules_hold_for_it_too(cached: Shell) -> None:
    shell = cached
    shell.run("cd ~/web; ssoenv use 333333333333/ReadOnly")
    assert shell.who() == PROD
    settings = shell.home.path / ".config/ssoenv/config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text('never = ["333333333333:*"]\n')
    assert shell.run("aws who").status == 6
    refused = shell.run("ssoenv use --none; ssoenv use 333333333333/ReadOnly")
    assert refused.status == 6
    assert "your settings never allow" in refused.output
    assert shell.who() == DEV
    settings.write_text('protect = ["333333333333"]\n')
    shell.run("ssoenv use 333333333333/ReadOnly")
    shell.terminal.send("aws who")
    shell.terminal.wait_for(r"\[y/N\]")
    shell.terminal.send("n")
    assert shell.terminal.answer().status == 6
    shell.run("ssoenv untrust; ssoenv trust --yes")
    assert shell.who() == DEV


def test_never_and_protect_hold_here_too(cached: Shell) -> None:
    shell = cached
    settings = shell.home.path / ".config/ssoenv/config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text('never = ["*:Administrator"]\nprotect = ["333333333333"]\n')
    refused = shell.run("ssoenv use 333333333333/Administrator")
    assert refused.status == 6
    assert "your settings never allow" in refused.output
    shell.run("ssoenv use 333333333333/ReadOnly")
    shell.terminal.send("aws who")
    shell.terminal.wait_for(r"\[y/N\]")
    shell.terminal.send("n")
    assert shell.terminal.answer().status == 6


def test_of_several_sessions_the_option_names_one(cached: Shell) -> None:
    """Legacy profiles are as good as an [sso-session]."""
    shell = cached
    config = shell.home.path / ".aws/config"
    other = (
        "[profile p]\nsso_start_url = https://other.awsapps.com/start/\nsso_region = eu-west-1\n"
    )
    config.write_text(config.read_text() + other)
    assert shell.run("cd /tmp; ssoenv use 333333333333/ReadOnly --session acm").status == 0
    assert shell.who() == PROD
    assert shell.run("ssoenv use -s other 444444444444/Admin").status == 0
    assert shell.get("AWS_REGION") == "eu-west-1"
    assert shell.run("ssoenv use -").status == 0
    assert shell.who() == PROD
    assert shell.run("cd ~/web; ssoenv use --session other 444444444444/Admin").status == 0
    assert shell.get("AWS_REGION") == "eu-west-1"
    assert json.loads(shell.out("ssoenv status --json"))["account"] == "444444444444"


def test_a_role_of_iam_by_its_arn(cached: Shell) -> None:
    """Of the account access manager: its key has more parts, and words of other kinds."""
    shell, audit = cached, "arn:aws:iam::555555555555:role/team/Audit"
    config = shell.home.path / ".aws/config"
    scopes = "sso:account:access,account_access:read_only,account_access:assume"
    lines = config.read_text().splitlines()
    said = [f"sso_registration_scopes = {scopes}" if "_scopes" in one else one for one in lines]
    config.write_text("\n".join(said) + "\n")
    settings = paths.settings_file(shell.home.env)
    files.write_private(settings, b'tenant = "aa-0000000000"\n')
    assert shell.home.ssoenv("login", "--force", "acme").returncode == 0
    answer = shell.run(f"cd /tmp; ssoenv use {audit}")
    assert answer.status == 0, answer
    assert shell.who() == "555555555555/Audit"
    assert "Audit" in shell.run("true").prompt
    assert shell.run(f"cd ~/web; ssoenv use {audit} --region eu-west-2").status == 0
    assert shell.who() == "555555555555/Audit"
    assert shell.get("AWS_REGION") == "eu-west-2"
    assert shell.run("ssoenv use --none").status == 0
    assert shell.who() == DEV


def rule_out(shell: Shell, pattern: str) -> None:
    files.write_private(paths.settings_file(shell.home.env), f'never = ["{pattern}"]\n'.encode())


def nothing_unwrapped(shell: Shell, reason: str) -> None:
    """What starts without the wrapper asks the managed profile, too, which gives nothing."""
    assert shell.get("AWS_PROFILE") == "ssoenv"
    assert shell.get("AWS_ACCESS_KEY_ID") is None
    for line in ("command aws who", "env aws who", "sh -c 'aws who'"):
        assert shell.who(line) == "profile ssoenv", line
    told = shell.run("sh ~/.local/state/ssoenv/credential-process")
    assert told.status not in (0, 70)
    assert "AccessKeyId" not in told.output
    assert reason in told.output


def test_what_is_ruled_out_later_is_no_other_identity(cached: Shell) -> None:
    """A role that the shell has taken where no project is: no program runs as somebody else."""
    shell = cached
    shell.run("cd /tmp; ssoenv use 333333333333/ReadOnly")
    assert shell.who() == PROD
    rule_out(shell, "333333333333:*")
    for _ in range(2):
        refused = shell.run("aws who")
        assert refused.status == 6
        assert "<aws" not in refused.output
        assert "the role chosen in this shell is ruled out: your settings" in refused.output
        assert "go without it: ssoenv use --none" in refused.output
    nothing_unwrapped(shell, "never allow")
    told = shell.out("ssoenv status")
    assert "ssoenv use --none" in told
    assert "your settings never allow" in told
    assert "333333333333" in shell.out("ssoenv status --json")
    assert shell.run("cd ~/web; aws who; cd /tmp").status == 0
    assert shell.run("aws who").status == 6
    files.remove(paths.settings_file(shell.home.env))
    assert shell.who() == PROD
    rule_out(shell, "333333333333:*")
    assert shell.run("ssoenv use --none").status == 0
    assert shell.who() == "nobody"


def test_in_a_project_it_is_not_blamed_on_the_file(cached: Shell) -> None:
    shell = cached
    shell.run("cd ~/web; ssoenv use prod")
    assert shell.who() == PROD
    rule_out(shell, "333333333333:*")
    refused = shell.run("aws who")
    assert refused.status == 6
    assert "the role chosen in this shell is ruled out" in refused.output
    assert ".ssoenv.toml" not in refused.output
    report = json.loads(shell.out("ssoenv status --json"))
    assert (report["state"], report["chosen_by"]) == ("blocked", "ssoenv use, in this shell")
    nothing_unwrapped(shell, "never allow")
    assert shell.run("ssoenv use --none").status == 0
    assert shell.who() == DEV


def test_settings_that_cannot_be_read_make_nobody_else_of_it(cached: Shell) -> None:
    shell = cached
    shell.run("cd /tmp; ssoenv use 333333333333/ReadOnly")
    assert shell.who() == PROD
    files.write_private(paths.settings_file(shell.home.env), b"never = [")
    assert shell.run("aws who").status == 5
    nothing_unwrapped(shell, "config.toml")
    files.remove(paths.settings_file(shell.home.env))
    assert shell.who() == PROD


def test_a_profile_of_the_user_s_own_is_their_word_there_too(cached: Shell) -> None:
    shell = cached
    shell.run("cd /tmp; ssoenv use 333333333333/ReadOnly")
    rule_out(shell, "333333333333:*")
    assert shell.run("aws who").status == 6
    shell.run("export AWS_PROFILE=mine", fish="set -gx AWS_PROFILE mine")
    assert shell.run("aws who").status == 0
    assert shell.get("AWS_PROFILE") == "mine"
    shell.run("unset AWS_PROFILE", fish="set -e AWS_PROFILE")
    assert shell.run("aws who").status == 6
    assert shell.get("AWS_PROFILE") == "ssoenv"
    shell.run("ssoenv use --none")
    assert shell.get("AWS_PROFILE") is None


def test_a_sign_in_for_it_says_that_the_shell_chose_it(signed_in: Shell) -> None:
    """In a project whose file does not name it; for a profile of the file it names the file."""
    shell = signed_in
    assert shell.run("cd ~/web; ssoenv use 222222222222/Developer").status == 0
    shell.home.ssoenv("logout", "acme")
    for line in ("aws who", "ssoenv export"):
        told = shell.run(line).output
        assert "needs a sign-in" in told, told
        assert "chosen by  ssoenv use, in this shell" in told, told
        assert "asked by" not in told, told
        shell.home.ssoenv("logout", "acme")
    told = shell.run("ssoenv use --none; aws who").output
    assert f"asked by   {shell.home.path}/web/.ssoenv.toml" in told, told
    assert "chosen by" not in told, told
