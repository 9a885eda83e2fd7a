"""Each thing that can go wrong: one clear error, its mend, the right exit code, an empty stdout."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from ssoenv.shells import hook as hook_text
from tests import forked
from tests.conftest import PROJECT

if TYPE_CHECKING:
    from pathlib import Path

    from ssoenv.sandbox.server import Sandbox
    from tests.conftest import Home


def snapshot(home: Path) -> dict[str, bytes]:
    """Every file of a home, but for locks."""
    return {
        str(path.relative_to(home)): path.read_bytes()
        for path in home.rglob("*")
        if path.is_file() and "/locks/" not in str(path)
    }


def check(result: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    assert result.returncode == code, result.stderr
    assert not result.stdout
    assert "Traceback" not in result.stderr
    for word in words:
        assert word in result.stderr


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("session = ", ("line 1",), id="not toml"),
        pytest.param(PROJECT.replace('"111111111111"', "111111111111"), (":5:", "quote"), id="id"),
        pytest.param(PROJECT.replace("region ", "regoin "), ("regoin", "region"), id="typo"),
        pytest.param(PROJECT.replace('"dev"\n', '"nope"\n', 1), ("nope",), id="no such default"),
        pytest.param(PROJECT + '"../up" = "prod"\n', ("../up",), id="path that leaves"),
    ],
)
def test_malformed_binding_file(
    home: Home, sandbox: Sandbox, text: str, words: tuple[str, ...]
) -> None:
    project = home.project("web", text)
    before = snapshot(home.path)

    result = home.ssoenv("trust", "--yes", cwd=project)

    check(result, 5, ".ssoenv.toml", *words)
    assert snapshot(home.path) == before
    assert sandbox.requests() == []


def test_unknown_session(home: Home, sandbox: Sandbox) -> None:
    project = home.project("web", PROJECT.replace("acme", "acne"))
    before = snapshot(home.path)

    check(home.ssoenv("trust", "--yes", cwd=project), 5, "acne", "acme", "try:")
    check(home.ssoenv("login", "acne"), 5, "acne", "acme", "try:")
    assert snapshot(home.path) == before
    assert sandbox.requests() == []


def test_role_not_assigned(home: Home, sandbox: Sandbox) -> None:
    project = home.project("web", PROJECT.replace('"Developer"', '"Billing"'))
    assert home.ssoenv("login", "acme").returncode == 0
    assert home.ssoenv("trust", "--yes", cwd=project).returncode == 0

    check(home.ssoenv("export", cwd=project), 6, "Billing", "111111111111", "ssoenv roles")
    assert not (home.path / ".aws/cli/cache").exists()


def test_sandbox_down(home: Home, sandbox: Sandbox) -> None:
    project = home.project("web")
    assert home.ssoenv("login", "acme").returncode == 0
    assert home.ssoenv("trust", "--yes", cwd=project).returncode == 0
    sandbox.__exit__(None, None, None)

    check(home.ssoenv("export", cwd=project), 7, "127.0.0.1", "try:")
    check(home.ssoenv("login", "acme", "--force"), 7, "127.0.0.1", "try:")


def test_sign_in_denied(home: Home, sandbox: Sandbox) -> None:
    sandbox.set_approve("deny")

    check(home.ssoenv("login", "acme"), 3, "declined", "ssoenv login")
    assert not list(home.path.glob(".aws/sso/cache/*token*"))


def test_sign_in_timed_out(home: Home, sandbox: Sandbox) -> None:
    sandbox.set_approve("ask")

    result = home.ssoenv("login", "acme", "--no-browser", SSOENV_SIGN_IN_TIMEOUT="1")

    check(result, 3, "ssoenv login")


def test_control_c_during_sign_in(home: Home, sandbox: Sandbox) -> None:
    sandbox.set_approve("ask")
    running = home.start(*hook_text.command_line(), "login", "acme", "--no-browser")
    assert running.stderr
    while "/authorize?" not in running.stderr.readline():
        assert running.poll() is None
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=10)

    assert running.returncode == 130
    assert not out
    assert "Traceback" not in err


def test_home_not_writable(home: Home, sandbox: Sandbox) -> None:
    """A file where a folder must be stops root too, whom modes do not."""
    project = home.project("web")
    (home.path / ".local/state").write_text("in the way")
    before = snapshot(home.path)

    result = home.ssoenv("trust", "--yes", cwd=project)

    check(result, 1, ".local", "try:")
    assert snapshot(home.path) == before


def test_nobody_to_ask_is_sign_in_needed(home: Home, sandbox: Sandbox) -> None:
    project = home.project("web")
    assert home.ssoenv("trust", "--yes", cwd=project).returncode == 0
    began = time.monotonic()

    check(home.ssoenv("export", cwd=project), 3, "ssoenv login acme")
    process = ("credential-process", "acme/111111111111/Developer")
    check(home.ssoenv(*process), 3, "ssoenv login acme")
    assert time.monotonic() - began < 10
    assert sandbox.requests() == []


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("frobnicate",), id="command"),
        pytest.param(("hook", "tcsh"), id="shell"),
        pytest.param(("export", "--format", "yaml"), id="format"),
        pytest.param(("exec",), id="nothing to run"),
        pytest.param(("status", "--jsn"), id="option"),
        pytest.param(("use", "dev", "--none"), id="a name and none"),
    ],
)
def test_usage(home: Home, words: tuple[str, ...]) -> None:
    check(home.ssoenv(*words), 2)


def test_not_trusted(home: Home, sandbox: Sandbox) -> None:
    project = home.project("web")

    check(home.ssoenv("export", cwd=project), 4, "ssoenv trust")
    check(home.ssoenv("exec", "--", "true", cwd=project), 4, "ssoenv trust")
    assert home.ssoenv("trust", "--yes", cwd=project).returncode == 0
    (project / ".ssoenv.toml").write_text(PROJECT + "# changed\n")
    check(home.ssoenv("export", cwd=project), 4, "changed", "ssoenv trust")


def test_a_bug_leaves_a_report_without_secrets(home: Home) -> None:
    code = (
        "import sys; from ssoenv import __main__; from ssoenv.cli import app\n"
        "def fail(_): raise RuntimeError(sys.argv[1])\n"
        "app.run = fail\n"
        "sys.exit(__main__.run(['status']))\n"
    )
    result = subprocess.run(
        [hook_text.command_line()[0], "-c", code, "the secret value"],
        env=home.env,
        capture_output=True,
        text=True,
        check=False,
    )

    check(result, 70, "bug", "report")
    reports = list((home.path / ".local/state/ssoenv/reports").iterdir())
    assert len(reports) == 1
    assert "the secret value" not in result.stderr + reports[0].read_text()
    assert os.stat(reports[0]).st_mode & 0o777 == 0o600


@pytest.mark.parametrize("where", ["elsewhere", "home"])
def test_a_folder_that_nobody_may_write_is_what_is_named(
    home: Home, sandbox: Sandbox, tmp_path: Path, where: str
) -> None:
    """Not the file that is to be in it; HOME only where another one would help."""
    project = (home.path if where == "home" else tmp_path) / "read-only"
    project.mkdir()
    assert home.ssoenv("login", "acme").returncode == 0
    project.chmod(0o555)
    words = ("bind", "--account", "dev", "--role", "Developer")

    refused = home.ssoenv(*words, cwd=project, **{forked.PLAIN: "1"})

    also = f", or set HOME (now {str(home.path)!r})" if where == "home" else ""
    assert refused.returncode == 1
    assert refused.stderr.splitlines()[-3:] == [
        f"ssoenv: {project}/.ssoenv.toml: Permission denied",
        f"  make {project} writable for you{also}",
        f"  try: ls -ld {project}",
    ]
