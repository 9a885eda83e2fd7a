"""Protected roles: asked for once per shell, in words; refused where nobody can be asked."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest

from tests.shell.conftest import OPS, Shell, real_aws, trust

if TYPE_CHECKING:
    from ssoenv.demo.terminal import Answer

pytestmark = pytest.mark.sampled(3)

PROTECTED = """\
session = "acme"
[profiles.prod]
account = "333333333333"
role    = "Administrator"
protect = true
"""
ASKS = "profile ssoenv"
"""What a program has of a protected role: the profile to ask, and no key."""
QUESTION = r"aws who wants Administrator in account (prod \(333333333333\)|333333333333), which is protected"


@pytest.fixture
def guarded(signed_in: Shell) -> Shell:
    """The project ~/vault, whose one role is protected; its credentials are at hand."""
    shell = signed_in
    trust(shell.home, shell.home.project("vault", PROTECTED))
    shell.run("cd ~/vault")
    return shell


def settings(shell: Shell, text: str) -> None:
    path = shell.home.path / ".config/ssoenv/config.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def answer(shell: Shell, line: str, word: str) -> str:
    """Type `line`, see the question, answer it; return what was printed after it."""
    shell.terminal.send(line)
    shell.terminal.wait_for(QUESTION)
    shell.terminal.wait_for(r"\[y/N\]")
    shell.terminal.send(word)
    return shell.terminal.answer().output


def given(shell: Shell) -> str:
    """Return the role of a program that asks our profile; no key of it is in the environment."""
    assert shell.get("AWS_ACCESS_KEY_ID") is None
    assert shell.get("AWS_PROFILE") == "ssoenv"
    output = shell.out("sh ~/.local/state/ssoenv/credential-process")
    (found,) = re.findall(r'"AccessKeyId": "(\w+)"', output)
    return shell.identity(found, "")


def test_a_role_that_the_shell_chose_is_asked_for_by_no_file(signed_in: Shell) -> None:
    shell = signed_in
    settings(shell, 'protect = ["333333333333:*"]\n')
    assert shell.run("cd ~/web; ssoenv use 333333333333/Administrator").status == 0
    shell.terminal.send("aws who")
    told = shell.terminal.wait_for(r"\[y/N\]")
    shell.terminal.send("n")
    shell.terminal.answer()
    assert "chosen by  ssoenv use, in this shell" in told, told
    assert "asked by" not in told, told


def test_the_first_use_asks_and_a_yes_holds_for_this_shell_only(guarded: Shell) -> None:
    assert "asks before its first use" in guarded.out("ssoenv status")
    assert guarded.role(answer(guarded, "aws who", "y")) == ASKS
    assert "your yes holds in this terminal for another" in guarded.out("ssoenv status")
    assert guarded.who() == ASKS
    assert given(guarded) == OPS
    guarded.run("cd ~")
    assert guarded.get("AWS_PROFILE") is None
    guarded.run("cd ~/vault")
    assert guarded.who() == ASKS
    assert given(guarded) == OPS

    other = guarded.another()
    try:
        other.run("cd ~/vault")
        assert '"allowed_until": null' in other.out("ssoenv status --json")
        assert other.role(answer(other, "aws who", "y")) == ASKS
        assert given(other) == OPS
    finally:
        other.terminal.close()


def test_the_question_says_who_asks_and_what_protects_the_role(guarded: Shell) -> None:
    file = f"{guarded.home.path}/vault/.ssoenv.toml"
    prod = r"(prod|333333333333)/Administrator"
    guarded.terminal.send("aws who")
    asked = guarded.terminal.wait_for(r"\[y/N\]")
    assert re.search(rf"asked by +{file}\s+because +{file} protects {prod}", asked)
    guarded.terminal.send("")
    guarded.terminal.answer()

    guarded.terminal.send("cd ~ && ssoenv exec prod/Administrator -- aws who")
    asked = guarded.terminal.wait_for(r"\[y/N\]")
    assert "asked by" not in asked
    assert re.search(rf"because +{file} protects {prod}", asked)
    guarded.terminal.send("")
    guarded.terminal.answer()

    settings(guarded, 'protect = ["prod:Admin*"]\n')
    guarded.terminal.send("ssoenv exec prod/Administrator -- aws who")
    asked = guarded.terminal.wait_for(r"\[y/N\]")
    why = r'your settings protect prod/Administrator \(protect = \["prod:Admin\*"\]\)'
    assert re.search(rf"because +{why}", asked)
    guarded.terminal.send("")
    guarded.terminal.answer()


EITHER = """\
session = "acme"
[profiles.dev]
account = "dev"
role    = ["Administrator", "Developer"]
protect = true
"""
ADMINISTRATOR = {
    "AWS_ACCESS_KEY_ID": "AKIASANDBOX888888888",
    "AWS_SECRET_ACCESS_KEY": "sandbox-key-888888888888",
    "AWS_REGION": "us-east-1",
}


def test_a_yes_is_for_no_other_role_that_the_same_words_come_to_mean(signed_in: Shell) -> None:
    shell, other = signed_in, signed_in.another()
    trust(shell.home, shell.home.project("either", EITHER))

    def asked(shell: Shell, line: str, role: str, word: str) -> Answer:
        shell.terminal.send(line)
        shell.terminal.wait_for(
            rf"wants {role} in account dev \(111111111111\), which is protected"
        )
        shell.terminal.wait_for(r"\[y/N\]")
        shell.terminal.send(word)
        return shell.terminal.answer()

    shell.out("ssoenv roles")
    for one in (shell, other):
        one.run("cd ~/either")
        assert one.role(asked(one, "aws who", "Developer", "y").output) == ASKS
        assert given(one) == "111111111111/Developer"
    more = ("-r", "Administrator", "-a", "dev", "-u", "alice")
    done = shell.home.ssoenv("admin", "assign", *more, cwd=None, **ADMINISTRATOR)
    assert done.returncode == 0, done.stderr
    shell.out("ssoenv roles --refresh dev")

    for line in ("ssoenv whoami", "ssoenv exec -- aws who"):
        refused = asked(shell, line, "Administrator", "n")
        assert (refused.status, "<aws" in refused.output) == (6, False), line
    # What was rendered is of the role that the yes was for, until it is had anew.
    assert given(shell) == "111111111111/Developer"
    assert asked(shell, "ssoenv exec -- aws who", "Administrator", "y").status == 0
    assert shell.who() == ASKS
    assert given(shell) == "111111111111/Administrator"
    source = "sh ~/.local/state/ssoenv/credential-process"
    assert "AccessKeyId" not in asked(other, source, "Administrator", "n").output
    assert asked(other, "aws who", "Administrator", "n").status == 6
    other.terminal.close()


def test_a_yes_is_for_the_role_by_whichever_name(guarded: Shell) -> None:
    guarded.out("ssoenv roles")
    assert guarded.role(answer(guarded, "aws who", "y")) == ASKS
    for named in ("prod/Administrator", "333333333333/Administrator"):
        assert guarded.run(f"ssoenv exec {named} -- true").status == 0
        assert guarded.run(f"cd ~; ssoenv exec {named} -- true; cd ~/vault").status == 0


def test_a_yes_is_a_person_s_and_no_agent_s_in_the_same_shell(guarded: Shell) -> None:
    assert guarded.role(answer(guarded, "aws who", "y")) == ASKS
    assert guarded.run("ssoenv exec -- true").status == 0

    refused = guarded.run("CLAUDECODE=1 ssoenv exec -- true")
    assert refused.status == 6
    assert "Claude Code runs this" in refused.output
    asked = guarded.run("CLAUDECODE=1 ssoenv credential-process")
    assert (asked.status, "AccessKeyId" in asked.output) == (6, False)


def test_a_yes_holds_though_it_was_forgotten_whose_the_rendered_keys_are(guarded: Shell) -> None:
    assert guarded.role(answer(guarded, "aws who", "y")) == ASKS
    other = guarded.another()
    try:
        for path in (guarded.home.path / ".local/state/ssoenv/keys").iterdir():
            path.unlink()
        other.run("cd ~/vault")
        assert other.role(answer(other, "aws who", "y")) == ASKS
        assert given(other) == OPS
    finally:
        other.terminal.close()


def test_a_no_runs_nothing_and_opens_no_page(guarded: Shell) -> None:
    guarded.terminal.send("aws who")
    guarded.terminal.wait_for(r"\[y/N\]")
    guarded.terminal.send("")
    refused = guarded.terminal.answer()

    assert refused.status == 6
    assert "<aws" not in refused.output
    assert "you did not say yes" in refused.output
    assert guarded.pages() == 0
    assert guarded.role(answer(guarded, "aws who", "yes")) == ASKS


def test_control_c_at_the_question_is_130(guarded: Shell) -> None:
    guarded.terminal.send("aws who")
    guarded.terminal.wait_for(r"\[y/N\]")
    guarded.terminal.send("\x03", end="")
    assert guarded.terminal.answer().status == 130


def test_the_answer_ends(guarded: Shell) -> None:
    settings(guarded, "protect_for = 3\n")
    guarded.run("ssoenv trust; ssoenv login acme")  # so that nothing slow comes after the yes
    assert guarded.role(answer(guarded, "aws who", "y")) == ASKS
    end = time.monotonic() + 20
    while guarded.out("echo $__ssoenv_state") == "live":
        assert time.monotonic() < end, "the answer does not end"
    assert guarded.role(answer(guarded, "aws who", "y")) == ASKS


def test_a_pattern_of_the_settings_protects_what_no_file_does(shell: Shell) -> None:
    settings(shell, 'protect = ["333333333333"]\n')
    other = shell.another()
    try:
        other.run("cd ~/ops")
        assert other.role(answer(other, "aws who", "y")) == ASKS
        assert given(other) == OPS
        other.run("cd ~/web")
        assert other.who().startswith("111111111111/")
    finally:
        other.terminal.close()


def test_a_pattern_reaches_profiles_that_were_there_before_it(shell: Shell) -> None:
    """The managed profile of before, with credentials at hand: no program gets them unasked."""
    shell.run("ssoenv login acme; cd ~/ops; ssoenv trust")
    words = ("credential-process", "acme/333333333333/Administrator")
    assert shell.home.ssoenv(*words).returncode == 0
    assert "SecretAccessKey" in shell.home.ssoenv(*words).stdout
    settings(shell, 'protect = ["prod:Admin*"]\n')
    shell.home.ssoenv("roles")
    for _ in range(2):
        refused = shell.home.ssoenv(*words)
        assert (refused.returncode, refused.stdout) == (6, "")
    named = shell.home.ssoenv(*words, SSOENV_ALLOW_PROTECTED="prod/Administrator")
    assert named.returncode == 0
    assert shell.home.ssoenv(*words).returncode == 6


def test_without_a_terminal_it_refuses_unless_the_environment_names_it(guarded: Shell) -> None:
    vault = guarded.home.path / "vault"
    guarded.run("ssoenv login acme")
    refused = guarded.home.ssoenv("export", cwd=vault)
    assert (refused.returncode, refused.stdout) == (6, "")
    assert "protected" in refused.stderr
    assert "SSOENV_ALLOW_PROTECTED=333333333333/Administrator" in refused.stderr

    wrong = guarded.home.ssoenv("export", cwd=vault, SSOENV_ALLOW_PROTECTED="333333333333/ReadOnly")
    assert (wrong.returncode, wrong.stdout) == (6, "")
    named = guarded.home.ssoenv(
        "export", cwd=vault, SSOENV_ALLOW_PROTECTED="dev/X, 333333333333/Administrator"
    )
    assert named.returncode == 0
    assert "AWS_SECRET_ACCESS_KEY" in named.stdout


def test_programs_behind_programs_ask_too_and_share_the_answer(guarded: Shell) -> None:
    real_aws(guarded)
    arn = "aws sts get-caller-identity --query Arn --output text"
    guarded.run("ssoenv login acme")
    guarded.terminal.send(f"bash -c '{arn}'")
    guarded.terminal.wait_for(r"a program wants Administrator in account .* protected")
    guarded.terminal.wait_for(r"\[y/N\]")
    guarded.terminal.send("n")
    refused = guarded.terminal.answer()
    assert refused.status != 0
    assert "assumed-role" not in refused.output

    again = guarded.run(f"bash -c '{arn}'")
    assert "refused a moment ago" in again.output

    guarded.terminal.send(arn)
    guarded.terminal.wait_for(r"\[y/N\]")
    guarded.terminal.send("y")
    assert "AWSReservedSSO_Administrator_" in guarded.terminal.answer().output
    assert "AWSReservedSSO_Administrator_" in guarded.out(f"bash -c '{arn}'")
