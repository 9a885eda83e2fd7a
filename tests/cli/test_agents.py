"""What a coding agent gets: what its person has trusted, and no yes of its own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from ssoenv.base import agents

if TYPE_CHECKING:
    from pathlib import Path

    from ssoenv.sandbox.server import Sandbox
    from tests.conftest import Home

CLAUDE = {"CLAUDECODE": "1"}
VAULT = """\
session = "acme"
[profiles.vault]
account = "prod"
role = "ReadOnly"
protect = true
"""


@pytest.fixture
def web(home: Home, sandbox: Sandbox) -> Path:
    there = home.project("web")
    assert home.ssoenv("login", "acme").returncode == 0
    assert home.ssoenv("trust", "--yes", cwd=there).returncode == 0
    return there


@pytest.mark.parametrize(
    ("words", "code", "typed"),
    [
        (["trust", "--yes"], 4, "ssoenv trust"),
        (["bind", "-a", "dev", "-r", "Developer"], 4, "ssoenv bind -a dev -r Developer"),
        (["use", "prod", "--save"], 4, "ssoenv use prod --save"),
        (["setup", "--yes"], 4, "ssoenv setup"),
        (["setup", "--undo", "--yes"], 4, "ssoenv setup --undo"),
        (["doctor", "--fix"], 4, "ssoenv doctor --fix"),
        (["agents", "setup", "codex", "--write"], 4, "ssoenv agents setup codex --write"),
        (["agents", "setup", "codex", "--undo", "-y"], 4, "ssoenv agents setup codex --undo"),
        (["login"], 3, "ssoenv login"),
        (["login", "--device-code"], 3, "ssoenv login --device-code"),
        (["trust", "--yes", "--", "--show=/.."], 4, "ssoenv trust -- --show=/.."),
        (["trust", "--yes", "--", "--show"], 4, "ssoenv trust -- --show"),
        (["-v", "trust", "--yes"], 4, "ssoenv -v trust"),
    ],
)
def test_an_agent_consents_to_nothing(
    home: Home, web: Path, words: list[str], code: int, typed: str
) -> None:
    (web / ".ssoenv.toml").write_text(VAULT)
    before = {path: path.read_bytes() for path in home.path.rglob("*") if path.is_file()}
    done = home.ssoenv(*words, cwd=web, **CLAUDE)
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.splitlines() == [
        "ssoenv: Claude Code runs this, and only a person can say yes to it",
        f"  type this in a terminal of your own: {typed}",
    ]
    assert {path: path.read_bytes() for path in home.path.rglob("*") if path.is_file()} == before


def test_what_only_tells_or_takes_away_is_for_anybody(home: Home, web: Path) -> None:
    for words in (
        ("trust", "--show"),
        ("setup", "--print"),
        ("agents", "setup", "codex"),
        ("status",),
        ("bind", "--help"),
        ("help", "trust"),
        ("untrust",),
        ("logout", "acme"),
    ):
        done = home.ssoenv(*words, cwd=web, **CLAUDE)
        assert done.returncode == 0, (words, done.stderr)


@pytest.mark.parametrize("variable", agents.MARKS)
def test_every_agent_is_known_by_what_it_sets(home: Home, web: Path, variable: str) -> None:
    done = home.ssoenv("trust", "--yes", cwd=web, **{variable: "1"})
    assert done.returncode == 4
    assert agents.MARKS[variable] in done.stderr
    for value in ("", "0", "false"):
        assert home.ssoenv("trust", "--yes", cwd=web, **{variable: value}).returncode == 0


def test_an_agent_has_the_open_roles_of_its_project(home: Home, web: Path) -> None:
    for words in (("export", "--format", "process"), ("credential-process",)):
        done = home.ssoenv(*words, cwd=web, **CLAUDE)
        assert json.loads(done.stdout)["AccountId"] == "111111111111"


@pytest.mark.parametrize("yes", ["nobody", "the environment"])
def test_an_agent_never_has_a_protected_role(home: Home, web: Path, yes: str) -> None:
    """Whoever said yes to it, and in whichever way it asks."""
    vault = home.project("vault", VAULT)
    assert home.ssoenv("roles").returncode == 0
    assert home.ssoenv("trust", "--yes", cwd=vault).returncode == 0
    env = CLAUDE | ({"SSOENV_ALLOW_PROTECTED": "prod/ReadOnly,333333333333/ReadOnly"} if yes == "the environment" else {})  # fmt: skip
    for words in (
        ("export",),
        ("exec", "--", "true"),
        ("whoami",),
        ("credential-process",),
        ("ensure", str(vault), "vault", "1.1", "aws"),
        ("export", "--profile", "vault"),
        ("export", "prod/ReadOnly"),
        ("export", "333333333333/ReadOnly"),
        ("exec", "-p", "prod/ReadOnly", "--", "true"),
        ("whoami", "prod/ReadOnly"),
        ("credential-process", "acme/prod/ReadOnly"),
    ):
        done = home.ssoenv(*words, cwd=vault, **env)
        assert (done.returncode, done.stdout) == (6, ""), (words, done)
        assert "is protected, and Claude Code runs this" in done.stderr
        assert "SSOENV_ALLOW_PROTECTED" not in done.stderr


def test_an_agent_opens_no_page(home: Home, web: Path, sandbox: Sandbox) -> None:
    assert home.ssoenv("logout", "acme").returncode == 0
    done = home.ssoenv("export", cwd=web, **CLAUDE)
    assert (done.returncode, done.stdout) == (3, "")
    assert "Claude Code runs this, which cannot say yes for you" in done.stderr
    assert "ssoenv login acme" in done.stderr
    assert not [one for one in sandbox.requests() if one["operation"] == "StartDeviceAuthorization"]
