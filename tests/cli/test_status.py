"""``ssoenv status``: one value, rendered for people and for scripts."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

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
    assert report["next"] is None or report["next"] in lines
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


def test_times_of_a_script_are_utc(home: Home, sandbox: Sandbox) -> None:
    report = bring(home, "live")
    for end in (report["credentials"]["expires_at"], report["session"]["token_expires_at"]):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", end)
    assert 0 < report["credentials"]["seconds_left"] <= 12 * 3600
