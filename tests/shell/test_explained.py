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
    assert f"hides {shell.home.path}/web/.ssoenv.toml" in shell.out("ssoenv status inner")
    (shell.home.path / "web/.envrc").write_text("export AWS_REGION=x\n")
    assert "direnv and ssoenv would take turns" in shell.out("ssoenv status")
