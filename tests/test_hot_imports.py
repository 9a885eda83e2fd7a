"""What the hot verbs load is pinned: a set of modules, so that a new one names the culprit."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ssoenv.base import paths
from ssoenv.shells import answers
from ssoenv.shells import hook as hook_text
from tests.conftest import VAULT

if TYPE_CHECKING:
    from ssoenv.sandbox.server import Sandbox
    from tests.conftest import Home

OURS = {
    "ssoenv",
    "ssoenv.base",
    "ssoenv.base.agents",
    "ssoenv.shells",
    "ssoenv.base.clock",
    "ssoenv.base.dialects",
    "ssoenv.base.errors",
    "ssoenv.base.files",
    "ssoenv.hot",
    "ssoenv.base.paths",
    "ssoenv.shells.commands",
    "ssoenv.shells.rendered",
    "ssoenv.shells.state_folder",
}
CHEAP = {"__future__", "gc", "time", "_datetime", "datetime"}


def imported(home: Home, *arguments: str, **options: str) -> tuple[set[str], str]:
    """Modules that the program loads beyond a bare interpreter, and what it printed."""
    probe = (
        "import sys; before = set(sys.modules)\n"
        "from ssoenv import __main__\n"
        "code = __main__.run(sys.argv[1:])\n"
        "sys.stderr.write('\\n'.join(sorted(set(sys.modules) - before)))\n"
        "sys.exit(code)"
    )
    where = options.pop("cwd", str(home.path))
    result = subprocess.run(
        [sys.executable, "-I", "-c", probe, *arguments],
        env=home.env | {"PWD": where} | options,
        cwd=where,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(result.stderr.split()) - {"ssoenv.__main__"}, result.stdout


@pytest.fixture
def warm(home: Home, sandbox: Sandbox) -> Home:
    """A home with a trusted project and live credentials."""
    project = home.project("web")
    for arguments in (("login", "acme"), ("trust", "--yes"), ("export",), ("hook", "bash")):
        result = home.ssoenv(*arguments, cwd=project)
        assert result.returncode == 0, result.stderr
        time.sleep(0.05)  # an AWS config that was written just now is looked at once more
    return home


def test_credential_process_on_a_hit(warm: Home) -> None:
    modules, printed = imported(warm, "credential-process", cwd=str(warm.path / "web"))

    assert '"Version"' in printed
    assert modules <= OURS | CHEAP


def test_the_first_command_in_a_project_waits_for_no_command_line(warm: Home) -> None:
    """What it takes is fetched; nothing is parsed for that, and nothing of transfers is loaded."""
    shutil.rmtree(paths.credential_cache(warm.env))
    words = ("ensure", str(warm.path / "web"), "dev", "1.1", "aws", "s3")
    modules, printed = imported(warm, *words, cwd=str(warm.path / "web"))

    assert printed == ""
    assert "botocore.client" in modules
    assert not {"typer", "boto3", "s3transfer", "rich", "questionary"} & modules


@pytest.mark.parametrize("form", ["env", "fish", "json", "process", "dotenv", "powershell"])
def test_export_on_a_hit(warm: Home, form: str) -> None:
    modules, printed = imported(warm, "export", "--format", form, cwd=str(warm.path / "web"))

    assert "ASIA" in printed
    assert modules <= OURS | CHEAP | {"ssoenv.shells.exports"}


@pytest.mark.parametrize("by", ["the file", "the settings"])
def test_credential_process_of_a_protected_role_after_a_yes(warm: Home, by: str) -> None:
    """Each program of that shell has it at once, and no other shell's, and no agent."""
    vault = warm.project("vault", VAULT if by == "the file" else VAULT.replace("protect", "#"))
    if by == "the settings":
        settings = warm.path / ".config/ssoenv/config.toml"
        settings.parent.mkdir(parents=True)
        settings.write_text('protect = ["prod"]\n')
    for arguments in (("trust", "--yes"), ("export",)):
        done = warm.ssoenv(*arguments, cwd=vault, SSOENV_ALLOW_PROTECTED="prod/ReadOnly")
        assert done.returncode == 0, done.stderr
    answer = Path(answers.file(warm.env, "acme/333333333333/ReadOnly") or "")
    assert warm.ssoenv("credential-process", cwd=vault).returncode == 6
    answer.parent.mkdir(parents=True)
    answer.write_bytes(b"")
    os.utime(answer, (time.time() + 60,) * 2)

    modules, printed = imported(warm, "credential-process", cwd=str(vault))

    assert json.loads(printed)["AccountId"] == "333333333333"
    assert modules <= OURS | CHEAP | {"ssoenv.shells.answers"}
    # `Home.ssoenv` has a session of its own: it is another shell.
    assert warm.ssoenv("credential-process", cwd=vault).returncode == 6
    words = [*hook_text.command_line(), "credential-process"]
    env = warm.env | {"PWD": str(vault)}
    for more, moment in (({"CLAUDECODE": "1"}, 60), ({}, -1)):
        os.utime(answer, (time.time() + moment,) * 2)
        done = subprocess.run(words, cwd=vault, env=env | more, capture_output=True, text=True, check=False)  # fmt: skip
        assert (done.returncode, done.stdout) == (6, ""), more
    for end in (("untrust",), ("logout", "--all")):
        os.utime(answer, (time.time() + 60,) * 2)
        assert warm.ssoenv(*end, cwd=vault).returncode == 0
        assert not answer.exists(), end
        answer.parent.mkdir(parents=True, exist_ok=True)
        answer.write_bytes(b"")
    left = [path for path in warm.path.rglob("*") if path.is_file() and json.loads(printed)["SecretAccessKey"].encode() in path.read_bytes()]  # fmt: skip
    assert not left


def test_hook_when_nothing_changed(warm: Home) -> None:
    modules, printed = imported(warm, "hook", "bash")

    assert "PROMPT_COMMAND" in printed
    assert modules <= OURS | CHEAP | {"ssoenv.shells.hook"}


def test_prompt(warm: Home) -> None:
    modules, printed = imported(warm, "prompt", SSOENV_LABEL="dev/Developer")

    assert printed == "dev/Developer?\n"
    assert modules <= OURS | CHEAP | {"ssoenv.shells.segment"}


def test_ensure_on_a_hit(warm: Home) -> None:
    modules, printed = imported(warm, "ensure", str(warm.path / "web"), "dev", "aws")

    assert printed == ""
    assert modules <= OURS | CHEAP


def test_a_plain_command_loads_no_service_library(warm: Home) -> None:
    modules, printed = imported(warm, "status", cwd=str(warm.path / "web"))

    assert "dev/Developer" in printed
    assert not {"boto3", "botocore", "rich.console", "questionary", "pydantic"} & modules
    assert not {"keyring", "cryptography"} & modules


def test_the_program_is_deaf_to_the_python_environment(warm: Home) -> None:
    """A project's PYTHONPATH must not reach into a sign-in."""
    evil = warm.path / "web/evil"
    evil.mkdir()
    (evil / "ssoenv.py").write_text("raise SystemExit(99)")
    (evil / "time.py").write_text("raise SystemExit(99)")

    result = warm.ssoenv("credential-process", PYTHONPATH=str(evil), cwd=evil)

    assert result.returncode == 0
    assert hook_text.command_line()[1] == "-I"
