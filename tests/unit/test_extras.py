"""What adds an optional part is a command that works in the Python that says so."""

from __future__ import annotations

import shlex
import subprocess
import sys
from importlib import util

import pytest

from ssoenv.base import extras


@pytest.mark.parametrize("extra", ["sandbox", "keyring"])
def test_the_command_installs_beside_us(extra: str) -> None:
    """All of it is there already, so that pip asks nobody."""
    words = shlex.split(extras.how_to_add(extra))
    assert words[:4] == [sys.executable, "-m", "pip", "install"]
    assert len(words) > 5

    done = subprocess.run([*words, "--no-index"], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert done.stdout.count("already satisfied") >= len(words[4:])


def test_no_other_extra_is_in_it() -> None:
    assert "keyring" not in extras.how_to_add("sandbox")
    assert "waitress" not in extras.how_to_add("keyring")


def test_a_python_without_pip_is_one_of_uv(monkeypatch: pytest.MonkeyPatch) -> None:
    there = util.find_spec
    monkeypatch.setattr(util, "find_spec", lambda name: None if name == "pip" else there(name))

    words = shlex.split(extras.how_to_add("keyring"))

    assert words[:5] == ["uv", "pip", "install", "--python", sys.executable]
