"""What a person in a shell is told about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.shell.conftest import Shell

pytestmark = pytest.mark.sampled(3)


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


def test_what_takes_a_variable_back_is_a_command_of_this_very_shell(shell: Shell) -> None:
    """fish knows no `unset`."""

    def follow(told: str, before: str) -> None:
        mend = told.splitlines()[-1].split(before, 1)[1].strip()
        assert shell.run(mend).status == 0, mend

    shell.run("cd ~/web")
    shell.run("export AWS_PROFILE=x AWS_DEFAULT_PROFILE=x")
    follow(shell.out("ssoenv status"), "next")
    assert shell.out("ssoenv status").startswith("dev/Developer ")
    shell.run("export AWS_ENDPOINT_URL_SSO_OIDC=http://sso.example.com")
    told = shell.run("ssoenv login acme")
    assert told.status == 5
    follow(told.output, "try:")
    assert shell.run("printenv AWS_ENDPOINT_URL_SSO_OIDC").status == 1
    shell.run("export AWS_ENDPOINT_URL_SSO_OIDC=https://sso.example.com")
    told = shell.run(f"ssoenv doctor --offline --shell {shell.name} | grep -A1 sso.example.com")
    follow(told.output, "       ")
    assert shell.run("printenv AWS_ENDPOINT_URL_SSO_OIDC").status == 1


def test_the_profile_before_is_that_of_the_project(signed_in: Shell) -> None:
    signed_in.home.project("more", (signed_in.home.path / "web/.ssoenv.toml").read_text())
    signed_in.out("cd ~/more; ssoenv trust --yes; cd ~/web")
    nothing = signed_in.run("ssoenv use -")
    assert (nothing.status, nothing.output.count("no role to go back to")) == (2, 1)
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


def test_what_can_be_done_has_a_line_of_its_own(shell: Shell) -> None:
    """No line of the width of a terminal ends within a word, in a directory of the usual length."""
    there = shell.home.project("new")
    (shell.home.path / "p").symlink_to(there)
    found = []
    for change in ("is not trusted", "was changed since you trusted it"):
        told = shell.run("cd /; cd -P ~/p", fish="cd /; cd (realpath ~/p)")
        lines = f"{told.output}\n{told.prompt}".replace("\r", "").splitlines()
        (number,) = (number for number, line in enumerate(lines) if line.endswith(f" {change}"))
        assert lines[number] == f"ssoenv: {there}/.ssoenv.toml {change}"
        assert len(lines[number + 1]) < 80
        found.append(lines[number + 1])
        assert shell.run("ssoenv trust --yes").status == 0
        with (there / ".ssoenv.toml").open("a") as file:
            file.write("# more\n")
    assert found == [
        "  see what it asks for, and trust it: ssoenv trust",
        "  see what it does now, and trust it: ssoenv trust (or not: ssoenv untrust)",
    ]


def test_a_file_that_is_invalid_by_now_is_called_so(signed_in: Shell) -> None:
    file = signed_in.home.path / "web/.ssoenv.toml"
    signed_in.run("ssoenv_prompt plain; cd ~/web")
    good = file.read_text()
    for bad in (good.replace("account", "acount", 1), good + "[", "#" * 70_000):
        file.write_text(bad)
        told = signed_in.run("true")
        text = told.output + told.prompt
        assert ".ssoenv.toml is invalid\n  see what is wrong: ssoenv status" in text.replace(
            "\r", ""
        )
        assert "changed since" not in told.output + told.prompt
        again = signed_in.run("true")
        assert ".ssoenv.toml invalid" in again.output + again.prompt
        refused = signed_in.run("aws who")
        assert refused.status == 5
        assert "is invalid" in refused.output
        assert signed_in.run("ssoenv whoami").status == 5
    file.write_text(good + "# more\n")
    changed = signed_in.run("true")
    assert "was changed since you trusted it" in changed.output + changed.prompt
    assert signed_in.run("aws who").status == 4
    file.write_text(good)
    assert signed_in.who() == "111111111111/Developer"
