"""``ssoenv status``: one value, rendered for people and for scripts."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from ssoenv.base import clock, files, paths

if TYPE_CHECKING:
    from ssoenv.sandbox.server import Sandbox
    from tests.conftest import Home

STATES = ("none", "blocked", "armed", "live", "yours")


def bring(home: Home, state: str) -> dict[str, Any]:
    """Bring a project to `state`, and return its report as JSON."""
    project = home.path if state == "none" else home.project("web")
    more = {"AWS_PROFILE": "mine"} if state == "yours" else {}
    if state not in ("none", "blocked"):
        assert home.ssoenv("trust", "--yes", cwd=project).returncode == 0
    if state == "live":
        assert home.ssoenv("login", cwd=project).returncode == 0
        assert home.ssoenv("export", cwd=project).returncode == 0
    answer = home.ssoenv("status", "--json", cwd=project, **more)
    assert answer.returncode == 0, answer.stderr
    report: dict[str, Any] = json.loads(answer.stdout)
    lines = home.ssoenv("status", cwd=project, **more).stdout
    assert report["state"] == state
    assert lines.splitlines()[0].endswith(f"  {state}")
    assert report["next"]
    assert all(step in lines for step in report["next"])
    return report


@pytest.mark.parametrize("state", STATES)
def test_a_script_finds_every_key_in_every_state(home: Home, sandbox: Sandbox, state: str) -> None:
    report = bring(home, state)
    assert sorted(report) == sorted(
        [
            "directory",
            "state",
            "label",
            "profile",
            "account",
            "account_name",
            "role",
            "held",
            "region",
            "managed_profile",
            "protected",
            "not_judged",
            "session",
            "credentials",
            "chosen_by",
            "binding_file",
            "trusted",
            "problem",
            "problems",
            "yours",
            "shell",
            "notes",
            "next",
        ]
    )
    assert (report["role"] is None) == (state in ("none", "blocked"))
    assert (report["credentials"] is None) == (state != "live")
    assert report["yours"] == (["AWS_PROFILE"] if state == "yours" else [])
    assert report["trusted"] == (state not in ("none", "blocked"))


@pytest.mark.parametrize(
    ("setting", "ended", "told"),
    [
        ("", "declined", r"was declined, and AWS commands ask again at (\S+ )?\d\d:\d\d UTC"),
        ("sign_in_pause = 20", "timed-out", r"timed out, and AWS commands ask again in \d+ s"),
        ("", "cancelled", r"was cancelled, and AWS commands ask again in \d+ s"),
        ("sign_in_pause = 0", "declined", "aws sts get-caller-identity"),
        ("", "unavailable", "aws sts get-caller-identity"),
        ('login = "manual"', "declined", "ssoenv login"),
    ],
)
def test_after_a_sign_in_that_was_declined_none_is_promised(
    home: Home, sandbox: Sandbox, setting: str, ended: str, told: str
) -> None:
    project = home.project("web")
    home.env["TZ"] = "UTC"
    settings = home.path / ".config/ssoenv/config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text(f"{setting}\n")
    assert home.ssoenv("trust", "--yes", cwd=project).returncode == 0
    ending = {"ending": ended, "at": clock.now(), "id": "1"}
    path = f"{paths.state(home.env)}/sign-in/acme.ended"
    files.write_private(path, json.dumps(ending).encode())
    following = json.loads(home.ssoenv("status", "--json", cwd=project, SSOENV_HOOK="1").stdout)[
        "next"
    ][-1]
    now = "ssoenv login signs in now; the last sign-in "
    assert re.fullmatch((now if ", and" in told else "") + told, following), following


def test_a_sign_in_that_was_declined(home: Home, sandbox: Sandbox) -> None:
    project = home.project("web")
    assert home.ssoenv("trust", "--yes", cwd=project).returncode == 0
    sandbox.set_approve("deny")
    assert home.ssoenv("login", cwd=project).returncode == 3
    assert "the last sign-in was declined, and" in home.ssoenv("status", cwd=project).stdout
    sandbox.set_approve("auto", "alice")
    assert home.ssoenv("login", cwd=project).returncode == 0
    assert "declined" not in home.ssoenv("status", cwd=project).stdout


def test_times_of_a_script_are_utc(home: Home, sandbox: Sandbox) -> None:
    report = bring(home, "live")
    for end in (report["credentials"]["expires_at"], report["session"]["token_expires_at"]):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", end)
    assert 0 < report["credentials"]["seconds_left"] <= 12 * 3600
