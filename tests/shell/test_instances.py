"""A session that comes to mean another Identity Center while a shell has its role."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.shell.conftest import DEV, trust
from tests.shell.test_protected import PROTECTED, answer

if TYPE_CHECKING:
    from pathlib import Path

    from tests.shell.conftest import Shell

URL = "https://d-0000000000.awsapps.com/start"
OTHER = "https://d-2222222222.awsapps.com/start"


def config(shell: Shell) -> Path:
    return shell.home.path / ".aws/config"


def live(shell: Shell) -> None:
    shell.out("cd ~/web")
    assert shell.who() == DEV
    assert shell.get("AWS_ACCESS_KEY_ID")


def test_the_keys_go_with_an_edit_of_the_config(signed_in: Shell) -> None:
    live(signed_in)
    config(signed_in).write_text(config(signed_in).read_text().replace(URL, OTHER))

    signed_in.run("true")  # bash looks before it prompts
    assert signed_in.get("AWS_ACCESS_KEY_ID") is None
    assert DEV not in signed_in.run("ssoenv exec -- true; aws who").output
    assert signed_in.get("AWS_ACCESS_KEY_ID") is None


@pytest.mark.parametrize("way", ["", "/.." * 30])
def test_the_keys_go_with_another_config(signed_in: Shell, way: str) -> None:
    """Whichever way its path goes: one with a way back leads out of the folder of what was looked at."""
    live(signed_in)
    other = signed_in.home.path / "other"
    other.write_text(config(signed_in).read_text().replace(URL, OTHER))
    signed_in.out(f"export AWS_CONFIG_FILE={way}{other}")

    assert signed_in.get("AWS_ACCESS_KEY_ID") is None
    assert DEV not in signed_in.run("aws who").output
    signed_in.run("ssoenv status")
    assert signed_in.get("AWS_ACCESS_KEY_ID") is None


def test_the_keys_go_with_another_file_in_its_place(signed_in: Shell) -> None:
    live(signed_in)
    other = signed_in.home.path / "other"
    other.write_text(config(signed_in).read_text().replace(URL, OTHER))
    os.utime(other, (1e9, 1e9))
    config(signed_in).unlink()
    config(signed_in).symlink_to(other)

    signed_in.run("true")
    assert signed_in.get("AWS_ACCESS_KEY_ID") is None
    assert DEV not in signed_in.run("aws who").output


def test_the_keys_go_with_a_config_that_is_gone(signed_in: Shell) -> None:
    live(signed_in)
    config(signed_in).rename(signed_in.home.path / "aside")

    signed_in.run("true")
    assert signed_in.get("AWS_ACCESS_KEY_ID") is None
    assert DEV not in signed_in.run("aws who").output


def test_the_keys_go_with_another_home(signed_in: Shell) -> None:
    live(signed_in)
    other = signed_in.home.path / "other"
    (other / ".aws").mkdir(parents=True)
    (other / ".aws/config").write_text(config(signed_in).read_text().replace(URL, OTHER))
    signed_in.run(f"export HOME={other}")

    signed_in.run("true")
    assert signed_in.get("AWS_ACCESS_KEY_ID") is None


def test_another_edit_takes_one_look(signed_in: Shell) -> None:
    live(signed_in)
    pages = signed_in.pages()
    with open(config(signed_in), "a") as stream:
        stream.write("\n[profile more]\nregion = eu-west-1\n")

    signed_in.run("true")
    assert signed_in.get("AWS_ACCESS_KEY_ID") is None
    assert signed_in.who() == DEV
    assert signed_in.get("AWS_ACCESS_KEY_ID")
    assert signed_in.pages() == pages


def test_a_config_that_has_no_such_session_gives_no_keys(signed_in: Shell) -> None:
    live(signed_in)
    other = signed_in.home.path / "other"
    other.write_text("[sso-session globex]\nsso_start_url = https://x.awsapps.com/start\n")
    signed_in.out(f"export AWS_CONFIG_FILE={other}")
    for _ in range(2):
        signed_in.run("ssoenv status")  # after which this config is known
        assert signed_in.get("AWS_ACCESS_KEY_ID") is None
        assert DEV not in signed_in.run("aws who").output


def test_odd_names_of_configs_say_nothing(signed_in: Shell) -> None:
    live(signed_in)
    for odd in ("!", "-f", "(", "config"):
        printed = signed_in.run(f"export AWS_CONFIG_FILE='{odd}'").output
        assert "test:" not in printed + signed_in.run("true").output
        assert signed_in.get("AWS_ACCESS_KEY_ID") is None


SCRIPTS = {
    "bash": ("BASH_ENV=~/.bashrc bash -c '{}'", "bash -c '. ~/.bashrc; {}'"),
    "zsh": ("zsh -c '. ~/.zshrc; {}'", "zsh -c '. ~/.zshrc; {}'"),
    "fish": ("fish -c '{}'", "fish -c '{}'"),
}
EDIT = "sed -i s/d-0000000000/d-2222222222/ ~/.aws/config"


@pytest.mark.parametrize("inside", [False, True], ids=["before it", "in it"])
def test_a_script_that_reads_the_hook_keeps_no_keys_after_an_edit(
    signed_in: Shell, *, inside: bool
) -> None:
    live(signed_in)
    (signed_in.home.path / "web/sub").mkdir(exist_ok=True)
    kept = signed_in.run(SCRIPTS[signed_in.name][inside].format("cd sub; aws who")).output
    assert signed_in.role(kept) == DEV

    line = f"{EDIT}; cd sub; aws who" if inside else "aws who"
    script = SCRIPTS[signed_in.name][inside].format(line)
    printed = signed_in.run(script if inside else f"{EDIT}; {script}").output
    assert OTHER in config(signed_in).read_text()
    assert signed_in.role(printed) == "profile ssoenv", printed


def test_the_keys_go_where_what_was_noted_of_the_config_goes_with_it(signed_in: Shell) -> None:
    """A look at another config clears away what was noted of one that is gone."""
    live(signed_in)
    other = signed_in.home.path / "other"
    other.write_text(f"[sso-session other]\nsso_start_url = {OTHER}\nsso_region = us-east-1\n")
    os.utime(other, (1e9, 1e9))
    config(signed_in).unlink()
    signed_in.home.ssoenv("status", AWS_CONFIG_FILE=str(other))
    assert not [*(signed_in.home.path / ".local/state/ssoenv/configs").rglob("config")]

    signed_in.run("true")
    assert signed_in.get("AWS_ACCESS_KEY_ID") is None
    assert DEV not in signed_in.run("aws who").output


def test_a_yes_to_a_protected_role_goes_with_what_it_was_for(signed_in: Shell) -> None:
    """It was for a role of the first Identity Center, whatever the shell has noticed of that."""
    shell = signed_in
    trust(shell.home, shell.home.project("vault", PROTECTED))
    shell.run("cd ~/vault")
    answer(shell, "aws who", "y")
    assert shell.run("__ssoenv_may").status == 0
    before = config(shell).read_text()
    for text in (before.replace(URL, OTHER), before):
        config(shell).write_text(text)
        os.utime(config(shell), (1e9 + len(text), 1e9 + len(text)))
        assert shell.home.ssoenv("status").returncode == 0
    assert shell.run("__ssoenv_may").status == 1
