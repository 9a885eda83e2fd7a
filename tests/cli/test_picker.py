"""The picker, on a real terminal: typed into, looked at, and left."""

from __future__ import annotations

import itertools
import re
import time
from typing import TYPE_CHECKING

import pytest

from ssoenv.aws_files import config as aws_config
from ssoenv.base import clock
from ssoenv.base.models import Account, Assignment
from ssoenv.cli import layout, rows
from ssoenv.identity_center import kept_listings
from ssoenv.identity_center.assignments import Listing
from ssoenv.sandbox import world
from ssoenv.sandbox.server import Sandbox
from tests.conftest import VAULT, keep_list
from tests.screen import Screen, ssoenv
from tests.shell.conftest import project_text, trust
from tests.sign_in.people import Person

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import Home

ENTER, ESC, CTRL_C, CTRL_R, DOWN = "\r", "\x1b", "\x03", "\x12", "\x1b[B"
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


def test_what_is_in_the_line_is_what_counts_however_early_one_types(
    home: Home, project: Path
) -> None:
    """Keys of before the picker are gone, and nothing of them is left on the screen.

    An account is found by its e-mail address, too, which no row shows.
    """
    addresses = {one.id: one.email for one in world.built_in().accounts}
    screen, keys = bind(home, project), itertools.cycle("prod ")
    while "Enter picks" not in screen.now():
        screen.send(next(keys))

    def is_true(shown: str) -> bool:
        asked, *listed = shown.splitlines()
        line = re.fullmatch(r"Which role\? (type a few letters|[prod ]*)", asked)
        words = line[1].removeprefix("type a few letters").split() if line else []
        accounts = [(row, re.search(r"\d{12}", row)) for row in listed]
        found = [f"{row} {addresses[one[0]]}".lower() for row, one in accounts if one]
        return bool(line and found) and all(word in row for word in words for row in found)

    screen.wait(is_true)


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


@pytest.mark.parametrize("account", ["prod", "333333333333"])
def test_what_a_file_protects_is_marked_outside_of_it_too(
    home: Home, sandbox: Sandbox, account: str
) -> None:
    trust(home, home.project("vault", VAULT.replace('"prod"', f'"{account}"')))
    home.ssoenv("login", "acme")
    screen = bind(home, _empty(home))
    rows = screen.wait("7 of 7").split("\n")[1:8]
    assert [row.split()[1:] for row in rows if row[2:3] == "!"] == [
        ["prod", "333333333333", "ReadOnly", "bound"]
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
    rows = [row.split() for row in screen.wait("never").split("\n")[1:8]]
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
    """The work from the start of the program to the rows on the screen, the one beside the other.

    The least of a few counts: what else the machine does can only make a round more of it.
    """
    session = aws_config.find_session(home.env, "acme")
    everyone = [Account(f"{n:012}", f"team-{n:04}", f"t{n}@example.com") for n in range(1, 1251)]
    taken: dict[int, list[float]] = {4: [], 5000: []}
    for _ in range(5):
        for many, times in taken.items():
            roles = ("Admin", "Read", "Write", "Zero")
            rows = tuple(Assignment(one, role) for one in everyone for role in roles)[:many]
            keep_list(home.env, session, Listing.of(rows, clock.now()))
            screen = bind(home, project)
            screen.wait(f"{many} of {many}")
            times.append(screen.worked())
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


def test_what_one_sees_comes_before_what_one_does_not() -> None:
    """By its e-mail, an account of another name is found, too."""
    by_mail = rows.Row(("dev", "Admin"), "dev 111 aws+prod-2@acme.example admin")
    by_name = rows.Row(("Prod", "Admin"), "prod 333 aws@acme.example admin")
    waits = rows.Row(("prod-eu", "…"), "prod-eu 444", key=("prod-eu",), open=True)
    assert rows.matching([by_mail, by_name, waits], "prod") == [1, 2, 0]
    assert rows.matching([by_mail, by_name, waits], "prod admin") == [1, 2, 0]
    assert rows.matching([by_mail, by_name], "acme") == [0, 1]


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


@pytest.fixture(scope="module")
def large() -> Iterator[Sandbox]:
    """A large organisation, but not too large for a test."""
    with Sandbox(world=world.large(60, 3)) as running:
        yield running


@pytest.fixture
def newcomer(home: Home, tmp_path: Path, large: Sandbox) -> Iterator[Path]:
    """An empty project of somebody who is signed in there, and has never listed anything."""
    large.write_home(str(home.path))
    home.env |= large.environment(str(tmp_path / "sandbox"))
    Person(home, large).hold(3600)
    large.clear_requests()
    yield _empty(home)
    large.set_pace()
    large.clear_faults()


def listed(large: Sandbox) -> int:
    """Of how many accounts the roles were given; what was refused, for the pace, is not."""
    return sum(
        call["operation"] == "ListAccountRoles" and call["status"] == 200
        for call in large.requests()
    )


def test_one_can_pick_as_soon_as_the_accounts_are_there(
    home: Home, newcomer: Path, large: Sandbox
) -> None:
    """What is typed is asked for next; what nobody looks at is not waited for."""
    large.set_pace(rate=10, burst=6)
    screen = bind(home, newcomer, columns=100)
    shown = screen.wait("Enter picks")
    assert re.search(r"of \d+ · Enter picks · Esc leaves · roles of \d+ of 60 accounts", shown)
    screen.send(END)
    screen.wait(lambda text: bool(re.search(r"^=> +.+ \d{12} +…", text, re.MULTILINE)))
    before = listed(large)
    screen.send("aws+team-0057")
    shown = screen.wait(lambda text: "0057" in text and "…" not in text.split("\n")[1])
    assert listed(large) - before < 20
    assert re.search(r"=> +team-0057 +200000000057 +Administrator", shown)
    screen.send(" read" + ENTER)
    screen.wait("AWS region")
    screen.send(ENTER)
    assert screen.end() == 0
    assert 'role = "ReadOnly"' in (newcomer / ".ssoenv.toml").read_text()
    assert listed(large) < 50
    # What came is kept, for the next time.
    kept = kept_listings.load(home.env, "acme")
    assert kept
    assert 3 < sum(one.roles is not None for one in kept.held) < 60


def test_the_account_that_is_chosen_comes_before_all_others(
    home: Home, newcomer: Path, large: Sandbox
) -> None:
    large.set_pace(rate=8, burst=4)
    large.state.change_world(world.large(60, 1))
    screen = bind(home, newcomer, columns=100)
    screen.wait("Enter picks")
    began = time.monotonic()
    # The last of all, and it holds one role only: that is what Enter means.
    screen.send(END + ENTER)
    shown = screen.wait("AWS region")
    assert time.monotonic() - began < 4
    assert "Developer" in shown
    screen.send(ENTER)
    assert screen.end() == 0
    large.state.change_world(world.large(60, 3))


def test_line_by_line_the_roles_of_what_is_listed_are_there(
    home: Home, newcomer: Path, large: Sandbox
) -> None:
    # Beyond the first calls one a second: the rest takes longer than any machine takes to ask.
    large.set_pace(rate=1, burst=24)
    screen = bind(home, newcomer, TERM="dumb")
    screen.wait("a number, or words to look for")
    assert listed(large) < 60
    screen.send("team-0003 read" + ENTER)
    shown = screen.wait(lambda text: text.count("a number") == 2)
    assert re.search(r"1\. team-0003 +200000000003 +ReadOnly", shown)
    assert "…" not in shown
    screen.send("1" + ENTER)
    screen.wait("AWS region")
    screen.send(ENTER)
    assert screen.end() == 0


def test_roles_that_do_not_come_can_be_asked_for_again(
    home: Home, newcomer: Path, large: Sandbox
) -> None:
    large.fail("ListAccountRoles", 500, times=1000)
    screen = bind(home, newcomer, columns=100)
    screen.wait("Enter picks")
    _wait_for_the_end_of_calls(large)
    large.clear_faults()
    screen.send("team-0003" + ENTER)
    screen.wait(lambda text: "ReadOnly" in text)
    screen.send(ESC)
    assert screen.end() == 130


def test_a_role_that_was_given_just_now_is_asked_for(
    home: Home, newcomer: Path, large: Sandbox
) -> None:
    """What is kept is an hour old at most, and a key asks anew; what was typed stays."""
    assert home.ssoenv("roles").returncode == 0
    screen = bind(home, newcomer, columns=100)
    screen.wait("Enter picks")
    large.state.change_world(world.large(61, 3))
    screen.send("team-0060")
    screen.wait("nothing matches · Ctrl-R asks again · Esc leaves")
    screen.send(CTRL_R)
    shown = screen.wait(lambda text: "Administrator" in text and "…" not in text)
    assert "Which role? team-0060" in shown
    screen.send(" read" + ENTER)
    screen.wait("AWS region")
    screen.send(ENTER)
    assert screen.end() == 0
    assert 'account = "200000000060"' in (newcomer / ".ssoenv.toml").read_text()
    large.state.change_world(world.large(60, 3))


def test_a_list_that_cannot_be_asked_for_again_says_nothing_of_it(
    home: Home, project: Path
) -> None:
    screen = bind(home, project, "-a", "dev")
    shown = screen.wait("Enter picks")
    assert "Ctrl-R" not in shown
    screen.send(CTRL_R + ESC)
    assert screen.end() == 130


def _wait_for_the_end_of_calls(large: Sandbox) -> None:
    """Wait until nothing more is asked for."""
    calls, since = -1, time.monotonic()
    while time.monotonic() - since < 1.2:
        if listed(large) != calls:
            calls, since = listed(large), time.monotonic()
        time.sleep(0.05)


def test_a_row_stays_chosen_while_others_come() -> None:
    def row(account: str, role: str = "", *, beware: bool = False) -> rows.Row:
        return rows.Row((account, role), account, beware=beware, key=(account, role))

    before = row("b")
    now = [row("a", "x"), row("b", "x", beware=True), row("b", "y"), row("c", "x")]
    everything = list(range(len(now)))
    assert rows.place_of(now, everything, before.key) == 2
    assert rows.place_of(now, everything, ("c", "x")) == 3
    assert rows.place_of(now, everything, ("d", "x")) is None
    waits = rows.Row(("a", "…"), "prod 333", key=("a",), open=True)
    assert rows.matching([waits], "prod admin") == [0]
    assert rows.matching([waits], "admin") == []


def test_columns_are_as_wide_as_what_stands_in_them() -> None:
    names = ["決済基盤 本番 19", "платежи", "cafe\u0301 🚀", "plain"]
    found = [rows.Row((name, "R"), name) for name in names]
    columns = rows.widths(found)
    for one in found:
        assert layout.width_of(rows.fit(one, columns, 60).removesuffix("R")) == columns[0] + 2
        assert all(layout.width_of(rows.fit(one, columns, wide)) <= wide for wide in range(20))
