"""What a person in a shell is told about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.shell.conftest import Shell


def test_the_doctor_knows_that_a_shell_has_the_hook(shell: Shell) -> None:
    output = shell.run(f"ssoenv doctor --offline --shell {shell.name}").output
    assert "this shell has the hook" in output


def test_status_says_why_the_role_is_not_what_one_expects(shell: Shell) -> None:
    shell.run("cd ~/web")
    assert "note" not in shell.out("ssoenv status")
    shell.run("export AWS_PROFILE=mine", fish="set -gx AWS_PROFILE mine")
    told = shell.out("ssoenv status")
    assert "AWS_PROFILE: set by hand since" in told
    assert told.startswith("your own AWS_PROFILE, not dev/Developer  yours")
    nested = shell.home.path / "web/inner"
    nested.mkdir()
    (nested / ".ssoenv.toml").write_text((shell.home.path / "web/.ssoenv.toml").read_text())
    told = " ".join(shell.out("ssoenv status inner").split())  # lines of the terminal's width
    assert f"hides {shell.home.path}/web/.ssoenv.toml" in told
    (shell.home.path / "web/.envrc").write_text("export AWS_REGION=x\n")
    assert "direnv and ssoenv would take turns" in shell.out("ssoenv status")


def test_the_profile_before_is_that_of_the_project(signed_in: Shell) -> None:
    signed_in.home.project("more", (signed_in.home.path / "web/.ssoenv.toml").read_text())
    signed_in.out("cd ~/more; ssoenv trust --yes; cd ~/web")
    nothing = signed_in.run("ssoenv use -")
    assert (nothing.status, nothing.output.count("nothing to go back to here")) == (2, 1)
    signed_in.out("ssoenv use prod")
    signed_in.out("ssoenv use prod; ssoenv use -")
    assert signed_in.get("SSOENV_LABEL") == "dev/Developer"
    signed_in.run("cd ~/more")
    assert signed_in.run("ssoenv use -").status == 2
    assert signed_in.get("SSOENV_LABEL") == "dev/Developer"


def test_keys_that_wait_for_a_yes_are_not_expired(signed_in: Shell) -> None:
    path = signed_in.home.path / ".config/ssoenv/config.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('protect = ["*:Administrator"]\n')
    signed_in.run("ssoenv_prompt plain")
    prompt = signed_in.run("cd ~/ops").prompt
    assert "prod/Administrator" in prompt
    assert "expired" not in prompt
