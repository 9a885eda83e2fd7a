"""The picker, on a real terminal: typed into, looked at, and left."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest

from ssoenv.aws_files import config as aws_config
from ssoenv.base import clock
from ssoenv.base.models import Account, Assignment
from ssoenv.cli import rows
from ssoenv.identity_center import kept_listings
from ssoenv.identity_center.assignments import Listing
from tests.screen import Screen, ssoenv
from tests.shell.conftest import project_text, trust

if TYPE_CHECKING:
    from pathlib import Path

    from ssoenv.sandbox.server import Sandbox
    from tests.conftest import Home

ENTER, ESC, CTRL_C, DOWN = "\r", "\x1b", "\x03", "\x1b[B"
HOME, END = "\x1b[H", "\x1b[F"


@pytest.fixture
def project(home: Home, sandbox: Sandbox) -> Path:
    """An empty project of somebody who is signed in."""
    home.ssoenv("login", "acme")
    return _empty(home)


def _empty(home: Home) -> Path:
    directory = home.path / "new"
    directory.mkdir()
    return directory


def bind(home: Home, project: Path, *arguments: str, columns: int = 80, **env: str) -> Screen:
    return ssoenv(home.env | env, str(project), "bind", *arguments, columns=columns)


def test_words_in_any_order_find_a_role_and_enter_binds_it(home: Home, project: Path) -> None:
    screen = bind(home, project)
    shown = screen.wait("Enter picks")
    assert "Which role? type a few letters" in shown
    assert "7 of 7" in shown
    screen.send("only pro")
    shown = screen.wait("1 of 7")
    assert re.search(r"=> +prod +333333333333 +ReadOnly", shown)
    screen.send(ENTER)
    shown = screen.wait("AWS region")
    assert "Which role? prod  333333333333  ReadOnly" in shown
    screen.send("eu-wst-3" + ENTER)
    screen.wait("'eu-wst-3' is not an AWS region")
    screen.send("eu-west-3" + ENTER)
    assert screen.end() == 0
    text = (project / ".ssoenv.toml").read_text()
    assert 'account = "333333333333"' in text
    assert 'role = "ReadOnly"' in text
    assert 'region = "eu-west-3"' in text
    assert home.ssoenv("status", cwd=project).stdout.startswith("prod/ReadOnly")


@pytest.mark.parametrize(("key", "what"), [(ESC, "escape"), (CTRL_C, "control-c")])
def test_leaving_changes_nothing(home: Home, project: Path, key: str, what: str) -> None:
    screen = bind(home, project)
    screen.wait("Enter picks")
    screen.send("dev")
    screen.wait("4 of 7")
    screen.send(key)
    assert screen.end() == 130
    assert "nothing was picked" in screen.text()
    assert list(project.iterdir()) == []


def test_arrows_move_and_what_matches_nothing_cannot_be_picked(home: Home, project: Path) -> None:
    screen = bind(home, project)
    screen.wait("Enter picks")
    screen.send(DOWN + DOWN)
    screen.wait(
        lambda text: (
            bool(re.search(r"^=> ", text, re.MULTILINE))
            and not text.split("\n")[1].startswith("=>")
        )
    )
    screen.send("zzz")
    screen.wait("nothing matches")
    screen.send(ENTER)
    screen.send("\x7f\x7f\x7f")
    screen.wait("7 of 7")
    screen.send(ESC)
    assert screen.end() == 130


def test_home_and_end_go_to_the_first_and_the_last_row(home: Home, project: Path) -> None:
    screen = bind(home, project, NO_COLOR="1")
    screen.wait("Enter picks")
    for key, row in ((END, 7), (HOME, 1)):
        screen.send(key)
        screen.wait(lambda text, row=row: text.split("\n")[row].startswith("=> "))  # type: ignore[misc]
    screen.send(ESC)
    screen.end()


def test_recent_and_bound_come_first_and_protected_is_marked(home: Home, sandbox: Sandbox) -> None:
    settings = home.path / ".config/ssoenv/config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text('protect = ["prod:Admin*"]\n')
    trust(home, home.project("web", project_text("web")))
    home.ssoenv("login", "acme")
    home.ssoenv("export", "staging/Developer")
    screen = bind(home, _empty(home))
    rows = screen.wait("Enter picks").split("\n")[1:]
    assert "staging" in rows[0]
    assert rows[0].endswith("recent")
    assert [row.split()[-1] for row in rows[1:4]] == ["bound", "bound", "bound"]
    assert [row for row in rows if row[2:3] == "!"] == [
        next(row for row in rows if "Administrator" in row)
    ]
    screen.send(ESC)
    screen.end()


def test_what_to_beware_of_is_never_chosen_before_one_moves(home: Home, sandbox: Sandbox) -> None:
    settings = home.path / ".config/ssoenv/config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text('protect = ["prod:Admin*"]\nnever = ["dev:ReadOnly"]\n')
    home.ssoenv("login", "acme")
    for role in ("staging/ReadOnly", "staging/Developer", "prod/Administrator"):
        answer = home.ssoenv("export", role, SSOENV_ALLOW_PROTECTED="333333333333/Administrator")
        assert answer.returncode == 0, answer.stderr
    screen = bind(home, _empty(home))
    rows = [row.split() for row in screen.wait("Enter picks").split("\n")[1:8]]
    assert [row[-2:] for row in rows[:3]] == [
        ["Developer", "recent"],
        ["ReadOnly", "recent"],
        ["Administrator", "recent"],
    ]
    assert [row[0] for row in rows[:3]] == ["=>", "staging", "!"]
    assert [row[-2:] for row in rows if row[0] == "!"][1:] == [["ReadOnly", "never"]]
    screen.send("prod")
    assert re.search(r"=> +prod +\S+ +ReadOnly", screen.wait("2 of 7"))
    screen.send(" adm")
    assert re.search(r"=>! +prod +\S+ +Administrator", screen.wait("1 of 7"))
    screen.send(ESC)
    screen.end()


@pytest.mark.parametrize("columns", [80, 40])
def test_columns_are_aligned_at_every_width(home: Home, project: Path, columns: int) -> None:
    screen = bind(home, project, columns=columns)
    rows = screen.wait("leaves").split("\n")[1:8]
    assert len({row.index(row.split()[-1]) for row in rows}) == 1
    assert all(len(row) < columns for row in rows)
    screen.send(ESC)
    screen.end()


def test_without_colour_there_is_no_colour(home: Home, project: Path) -> None:
    screen = bind(home, project, NO_COLOR="1")
    screen.wait("Enter picks")
    screen.send(ESC)
    screen.end()
    assert not re.search(r"\x1b\[[0-9;]*[1-9][0-9;]*m", screen.raw)


def test_a_dumb_terminal_is_asked_line_by_line(home: Home, project: Path) -> None:
    screen = bind(home, project, TERM="dumb")
    screen.wait("a number, or words to look for")
    screen.send("prod read" + ENTER)
    screen.wait(lambda text: text.count("a number") == 2)
    screen.send("1" + ENTER)
    screen.wait("AWS region")
    screen.send(ENTER)
    assert screen.end() == 0
    assert "\x1b[" not in screen.raw
    assert 'role = "ReadOnly"' in (project / ".ssoenv.toml").read_text()


def test_nobody_at_a_terminal_is_told_the_flags(home: Home, project: Path) -> None:
    answer = home.ssoenv("bind", cwd=project)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert "ssoenv bind --account ID --role NAME" in answer.stderr


def test_prefixes_and_what_they_could_mean(home: Home, project: Path) -> None:
    home.ssoenv("roles")
    ambiguous = home.ssoenv("bind", "-a", "s", "-r", "Dev", cwd=project)
    assert (ambiguous.returncode, ambiguous.stdout) == (2, "")
    assert "sandbox (666666666666), staging (222222222222)" in ambiguous.stderr
    unknown = home.ssoenv("bind", "-a", "stag", "-r", "Admin", cwd=project)
    assert (unknown.returncode, unknown.stdout) == (6, "")
    assert "you hold Developer, ReadOnly" in unknown.stderr
    assert list(project.iterdir()) == []
    assert home.ssoenv("bind", "-a", "STAG", "-r", "read", cwd=project).returncode == 0
    text = (project / ".ssoenv.toml").read_text()
    assert 'account = "222222222222"' in text
    assert 'role = "ReadOnly"' in text


def test_five_thousand_choices_are_there_almost_as_soon_as_four(home: Home, project: Path) -> None:
    """From the start of the program to the rows on the screen, the one beside the other.

    The least of a few counts: what else the machine does can only make a round slower.
    """
    session = aws_config.find_session(home.env, "acme")
    everyone = [Account(f"{n:012}", f"team-{n:04}", f"t{n}@example.com") for n in range(1, 1251)]
    taken: dict[int, list[float]] = {4: [], 5000: []}
    for _ in range(3):
        for many, times in taken.items():
            roles = ("Admin", "Read", "Write", "Zero")
            rows = tuple(Assignment(one, role) for one in everyone for role in roles)[:many]
            kept_listings.save(home.env, session, Listing(rows, clock.now()))
            began = time.monotonic()
            screen = bind(home, project)
            screen.wait(f"{many} of {many}")
            times.append(time.monotonic() - began)
            screen.send("team-0001 zer")
            screen.wait(f"1 of {many}")
            screen.send(ESC)
            screen.end()
    assert min(taken[5000]) < 2 * min(taken[4])


def test_words_match_in_any_order() -> None:
    found = [rows.Row(("a",), "prod 333 admin"), rows.Row(("b",), "dev 111 admin")]
    assert rows.matching(found, "ADMIN prod") == [0]
    assert rows.matching(found, "admin") == [0, 1]
    assert rows.matching(found, "") == [0, 1]
    assert rows.matching(found, "x") == []


def test_enter_takes_the_first_that_one_need_not_beware_of() -> None:
    careful, plain = rows.Row(("a",), "a", beware=True), rows.Row(("b",), "b")
    assert rows.likeliest([careful, careful, plain], [0, 1, 2]) == 2
    assert rows.likeliest([careful, plain, plain], [2, 1, 0]) == 0
    assert rows.likeliest([careful, careful], [0, 1]) == 0
    assert rows.likeliest([], []) == 0


def test_use_picks_a_profile_of_the_project(home: Home, sandbox: Sandbox) -> None:
    web = home.project("web", project_text("web"))
    trust(home, web)
    home.ssoenv("login", "acme")
    screen = ssoenv(home.env, str(web), "use", "--answer")
    rows = screen.wait("3 of 3").split("\n")[1:4]
    assert rows[0].split()[-2:] == ["in", "use"]
    screen.send("prod" + ENTER)
    assert screen.end() == 0
    assert screen.text().split("\n")[-1] == "prod"
