"""On a terminal of any width, lines end between words, and times are the reader's own."""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING

import pytest
import typer

from ssoenv.base import clock
from ssoenv.base.dialects import SHELLS
from ssoenv.cli import app, layout, pages
from tests.cli.test_help import PAGES
from tests.screen import ssoenv
from tests.shell.conftest import trust

if TYPE_CHECKING:
    from pathlib import Path

    from ssoenv.sandbox.server import Sandbox
    from tests.conftest import Home

WIDE = 1000
COMMANDS = {
    "--help": 0,
    "bind --help": 0,
    "sandbox serve --help": 0,
    "help exit-codes": 0,
    "status": 0,
    "roles --cached": 0,
    "trust --show": 0,
    "trust --yes": 0,
    "login": 0,
    "login acne": 5,
    "login acme --no-browser --device-code": 2,
    "export staging/Nobody": 6,
    "export no-such-account/Administrator": 6,
    "export --format yaml": 2,
    "exec": 2,
    "exec dev/Developer -- ./nowhere-at-all": 127,
    "whoami prod/ReadOnly": 0,
    "status --frobnicate": 2,
    "sandbox serve --roles 4": 2,
    "doctor --offline --shell bash": 0,
    "logout --all": 0,
}
"""What is run, in this order, and its exit code."""
BOTH = ("--help", "bind --help", "status", "login acne")
"""What is also shown on a terminal of the usual width."""


@pytest.fixture
def project(home: Home, sandbox: Sandbox) -> Path:
    """Somebody who is signed in, in a trusted project."""
    home.env |= {"AWS_DEFAULT_REGION": "us-east-1", "SSOENV_HOOK": "1"}
    there = home.project("web")
    trust(home, there)
    assert home.ssoenv("login", "acme").returncode == 0
    assert home.ssoenv("roles").returncode == 0
    return there


def shown(home: Home, there: Path, line: str, columns: int) -> tuple[int, list[str]]:
    """Run a command on a terminal of `columns`; return its exit code and the lines it wrote."""
    screen = ssoenv(home.env, str(there), *line.split(), columns=columns)
    code = screen.end()
    return code, re.sub(r"\x1b\[[0-9;]*m", "", screen.raw).replace("\r", "").split("\n")


def words_of(lines: list[str]) -> list[str]:
    """The words of a text, whatever its lines; times that pass are all one."""
    text = re.sub(r" \\\n\s*", " ", "\n".join(lines))
    return re.sub(r"\b\d+\s+(?:s|min|h)\b|\d\d:\d\d", "TIME", text).split()


def test_lines_end_between_words(home: Home, project: Path) -> None:
    for line, expected in COMMANDS.items():
        code, wide = shown(home, project, line, WIDE)
        assert code == expected, (line, wide)
        for columns in (40, 80) if line in BOTH else (40,):
            _, lines = shown(home, project, line, columns)
            for one in lines:
                assert layout.width_of(one) <= columns or len(one.split()) == 1, one
            assert words_of(lines) == words_of(wide), line


@pytest.mark.parametrize("shell", SHELLS)
def test_what_setup_would_change_is_short_and_broken_between_words(home: Home, shell: str) -> None:
    path = (
        home.path / {"bash": ".bashrc", "zsh": ".zshrc", "fish": ".config/fish/config.fish"}[shell]
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"set line {number}\n" for number in range(50)))
    (home.path / ".aws").mkdir()
    (home.path / ".aws/config").write_text(
        "[sso-session acme]\nsso_start_url = https://acme.awsapps.com/start\nsso_region = eu-west-1\n"
    )
    wide: list[str] = []
    for columns in (WIDE, 80, 40):
        screen = ssoenv(home.env, str(home.path), "setup", "--shell", shell, columns=columns)
        screen.wait(lambda text: "[y/N]" in text)
        screen.send("n\r")
        assert screen.end() == 0
        raw = re.sub(r"\x1b\[[0-9;]*m", "", screen.raw).replace("\r", "")
        lines = raw.split("Apply these changes?")[0].split("\n")
        wide = wide or lines
        assert not any("set line" in line for line in wide)
        for one in lines:
            assert layout.width_of(one) < columns or len(one.split()) == 1, one
        assert words_of(lines) == words_of(wide)


@pytest.mark.parametrize("path", ["", *PAGES])
def test_pages_say_the_same_at_every_width(path: str) -> None:
    page = PAGES[path] if path else pages.page(typer.main.get_command(app.build([])), "")
    wide = pages.render(page, WIDE)
    for columns in (40, 60, 80):
        lines = pages.render(page, columns).split("\n")
        assert all(len(one) <= columns or len(one.split()) == 1 for one in lines)
        assert words_of(lines) == words_of(wide.split("\n"))


def test_a_command_that_goes_on_is_still_one_command() -> None:
    line = "  try: ssoenv exec 'two words/Developer' -- aws s3 cp \"a file\" s3://bucket/a\\ b"
    text = layout.fill_command(line, 40, hang=4)

    assert max(map(len, text.split("\n"))) <= 40
    assert re.sub(r" \\\n +", " ", text) == line
    assert "'two words/Developer'" in text


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Asia/Kolkata", "America/St_Johns"])
def test_times_are_the_reader_s_and_json_is_utc(
    home: Home, project: Path, zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert home.ssoenv("export", cwd=project).returncode == 0
    told = home.ssoenv("status", cwd=project, TZ=zone).stdout
    report = json.loads(home.ssoenv("status", "--json", cwd=project, TZ=zone).stdout)

    utc = report["credentials"]["expires_at"]
    assert utc.endswith("Z")
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    here = time.strftime("%H:%M %Z", time.localtime(clock.parse_timestamp(utc)))
    monkeypatch.undo()
    time.tzset()
    assert re.search(rf"left, until (\d+-\d+-\d+ )?{re.escape(here)}$", told, re.MULTILINE), told
    assert utc not in told


def test_another_day_has_its_date(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()
    try:
        now = clock.now()
        assert re.fullmatch(r"\d\d:\d\d IST", clock.render_local(now))
        assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d IST", clock.render_local(now + 90_000))
    finally:
        monkeypatch.undo()
        time.tzset()


def test_wide_characters_take_two_columns() -> None:
    assert layout.width_of("資産 é e\u0301 \x1b[31mred\x1b[0m") == 4 + 1 + 1 + 1 + 1 + 1 + 3
    assert layout.pad("資産", 6) == "資産  "


@pytest.mark.parametrize("columns", [50, 80, 120])
def test_the_command_that_a_sandbox_prints_can_be_copied(home: Home, columns: int) -> None:
    screen = ssoenv(home.env, str(home.path), "sandbox", "serve", columns=columns, lines=60)
    shown = screen.wait("--session acme")
    screen.close()
    line = shown[shown.index("ssoenv setup --start-url") :].splitlines()
    copied = " ".join(one.removesuffix("\\").strip() for one in line)
    assert copied.startswith(
        "ssoenv setup --start-url https://d-0000000000.awsapps.com/start --region us-east-1"
        " --session acme"
    )
    assert all(one.endswith(" \\") for one in line[:-1] if "acme" not in one)
