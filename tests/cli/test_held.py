"""A profile that lists roles: the one that is held is shown wherever it is known."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from ssoenv.shells import rendered
from tests.screen import ssoenv

if TYPE_CHECKING:
    from pathlib import Path

    from ssoenv.sandbox.server import Sandbox
    from tests.conftest import Home

LISTED = """\
session = "acme"
default = "dev"
[profiles.dev]
account = "111111111111"
role = ["Nope", "Developer"]
[profiles.prod]
account = "333333333333"
role = "ReadOnly"
"""


def write(project: Path, text: str) -> None:
    (project / ".ssoenv.toml").write_text(text)


@pytest.fixture
def web(home: Home, sandbox: Sandbox) -> Path:
    """A trusted project, of somebody who is signed in and has no list yet."""
    directory = home.project("web", LISTED)
    assert home.ssoenv("trust", "--yes", cwd=directory).returncode == 0
    assert home.ssoenv("login", "acme").returncode == 0
    return directory


def label(home: Home, project: Path) -> str:
    """What a prompt in `project` shows."""
    binding = rendered.load_binding(home.env, str(project))
    assert binding
    return binding.profiles["dev"].label


def test_all_that_shows_the_role_shows_the_held_one(home: Home, web: Path) -> None:
    before = home.ssoenv("status", cwd=web).stdout
    assert before.startswith("dev/Nope_Developer  armed")
    assert "Nope|Developer in account 111111111111\n" in before
    assert json.loads(home.ssoenv("status", "--json", cwd=web).stdout)["held"] is None
    assert label(home, web) == "dev/Nope_Developer"
    assert home.ssoenv("export", cwd=web).returncode == 0  # which lists what is held

    after = home.ssoenv("status", cwd=web).stdout
    assert after.startswith("dev/Developer  live")
    assert "Developer in account 111111111111 (dev)\n" in after
    assert "Nope" not in after
    report = json.loads(home.ssoenv("status", "--json", cwd=web).stdout)
    assert (report["label"], report["held"]) == ("dev/Developer", "Developer")
    assert report["role"] == ["Nope", "Developer"]
    assert label(home, web) == "dev/Developer"
    shown = home.ssoenv("trust", "--show", cwd=web).stderr
    assert "dev: Developer (of Nope|Developer) in account 111111111111 (dev)" in shown
    assert "gives dev/Developer;" in home.ssoenv("doctor", "--offline", cwd=web).stdout
    given = home.ssoenv("exec", "--", "printenv", "AWS_SSO_PROFILE", cwd=web).stdout
    assert given == "dev/Developer\n"


def test_the_pickers_show_it_and_know_that_it_is_in_use(home: Home, web: Path) -> None:
    assert home.ssoenv("export", cwd=web).returncode == 0
    screen = ssoenv(home.env, str(web), "use")
    seen = screen.wait("in use")
    assert "Nope" not in seen
    assert "Developer" in seen
    screen.send("\x1b")
    screen.end()
    (home.path / "new").mkdir()
    screen = ssoenv(home.env, str(home.path / "new"), "bind")
    screen.wait(lambda text: "111111111111  Developer      recent" in text)
    screen.send("\x1b")
    screen.end()


def test_bind_and_the_sign_in_name_it(home: Home, web: Path) -> None:
    assert home.ssoenv("roles").returncode == 0
    (home.path / "new").mkdir()
    words = ("bind", "-a", "dev", "-r", "Nope", "-r", "Developer")
    assert "to dev/Developer," in home.ssoenv(*words, cwd=home.path / "new").stderr


def test_trust_compares_what_is_held(home: Home, web: Path) -> None:
    assert home.ssoenv("roles").returncode == 0
    write(web, LISTED.replace('["Nope", "Developer"]', '"Developer"'))
    shown = home.ssoenv("trust", "--show", cwd=web).stderr
    assert "dev: Nope|Developer -> Developer, of which you have Developer as before\n" in shown
    assert "look twice" not in shown
    write(web, LISTED.replace('["Nope", "Developer"]', '["Nope", "ReadOnly"]\nexport = "profile"'))
    shown = home.ssoenv("trust", "--show", cwd=web).stderr
    assert "dev: role Developer -> ReadOnly\n" in shown
    assert "dev: no credentials in the environment, AWS_PROFILE alone\n" in shown
    write(web, LISTED.replace('"ReadOnly"', '["ReadOnly", "Administrator"]'))
    shown = home.ssoenv("trust", "--show", cwd=web).stderr
    told = "prod: ReadOnly -> ReadOnly|Administrator, of which you have ReadOnly as before"
    assert f"{told}  <- more power, look twice\n" in shown
