"""``ssoenv bind``: what it writes, what it never replaces unasked, and what it says of it."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ssoenv.here import holds_home
from tests.conftest import PROJECT
from tests.screen import ssoenv
from tests.shell.conftest import trust

if TYPE_CHECKING:
    from ssoenv.sandbox.server import Sandbox
    from tests.conftest import Home

pytestmark = pytest.mark.sampled(2)

ENTER = "\r"
DEV = ("-a", "dev", "-r", "Developer")


@pytest.fixture
def web(home: Home, sandbox: Sandbox) -> Path:
    """A trusted project of somebody who is signed in."""
    directory = home.project("web")
    trust(home, directory)
    home.ssoenv("login", "acme")
    assert home.ssoenv("roles").returncode == 0
    return directory


def text(directory: Path) -> str:
    return (directory / ".ssoenv.toml").read_text()


def test_another_role_of_an_account_replaces_no_profile_unasked(home: Home, web: Path) -> None:
    refused = home.ssoenv("bind", "-a", "dev", "-r", "ReadOnly", cwd=web)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "has a profile 'dev' already, for 111111111111/Developer" in refused.stderr
    assert "try: ssoenv bind -a dev -r ReadOnly --name dev-readonly\n" in refused.stderr
    assert text(web) == PROJECT
    named = home.ssoenv("bind", "-a", "dev", "-r", "ReadOnly", "-n", "dev-readonly", cwd=web)
    assert named.returncode == 0, named.stderr
    assert "the default is dev; there is also: staging, prod, dev-readonly" in named.stderr
    assert "here, for this shell: ssoenv use dev-readonly" in named.stderr
    again = home.ssoenv("bind", "-a", "dev", "-r", "ReadOnly", "--region", "eu-west-3", cwd=web)
    assert again.returncode == 0, again.stderr
    assert text(web).count("dev-readonly") == 1


def test_at_a_terminal_it_asks_before_it_replaces(home: Home, web: Path) -> None:
    screen = ssoenv(home.env, str(web), "bind", "-a", "dev", "-r", "ReadOnly", lines=60)
    screen.wait("Name of the profile [dev-readonly]:")
    screen.send("dev" + ENTER)
    screen.wait("dev is 111111111111/Developer. Replace it? [y/N]")
    screen.send("n" + ENTER)
    screen.wait("dev stays as it is")
    screen.send("a b" + ENTER)
    screen.wait("'a b' is no name for a profile")
    screen.send("dev" + ENTER)
    screen.wait(lambda seen: seen.count("Replace it? [y/N]") == 2)
    screen.send("y" + ENTER)
    assert screen.end() == 0
    assert 'role    = "ReadOnly"' in text(web).split("[profiles.staging]")[0]


def test_what_another_terminal_bound_meanwhile_stays(home: Home, web: Path) -> None:
    screen = ssoenv(home.env, str(web), "bind", "-a", "dev", "-r", "ReadOnly", lines=60)
    screen.wait("Name of the profile [dev-readonly]:")
    other = home.ssoenv("bind", "-a", "prod", "-r", "Administrator", "-n", "admin", cwd=web)
    assert other.returncode == 0, other
    theirs = text(web)
    screen.send(ENTER)
    screen.wait("was changed meanwhile")
    assert screen.end() == 1
    assert text(web) == theirs
    assert home.ssoenv("status", "--json", cwd=web).returncode == 0


def test_a_name_that_is_given_replaces_no_other_role_unasked(home: Home, web: Path) -> None:
    words = ("bind", "-a", "dev", "-r", "ReadOnly", "--name", "dev")
    refused = home.ssoenv(*words, cwd=web)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "has a profile 'dev' already, for 111111111111/Developer" in refused.stderr
    assert "try: ssoenv bind -a dev -r ReadOnly --name dev --replace\n" in refused.stderr
    assert text(web) == PROJECT
    for answer, code, said in (("n", 130, "dev stays as it is"), ("y", 0, "bound ")):
        screen = ssoenv(home.env, str(web), *words, lines=60)
        screen.wait("dev is 111111111111/Developer. Replace it? [y/N]")
        screen.send(answer + ENTER)
        assert screen.end() == code
        assert said in " ".join(screen.text().split())
    assert 'role    = "ReadOnly"' in text(web).split("[profiles.staging]")[0]
    assert home.ssoenv(*words, "--region", "eu-west-3", cwd=web).returncode == 0
    replacing = home.ssoenv("bind", *DEV, "--name", "dev", "--replace", cwd=web)
    assert replacing.returncode == 0, replacing.stderr
    assert 'role    = "Developer"' in text(web).split("[profiles.staging]")[0]


def test_a_session_that_is_not_there_cannot_be_signed_out_of(home: Home, web: Path) -> None:
    told = home.ssoenv("logout", "nope")
    assert (told.returncode, told.stdout) == (5, "")
    config = home.path / ".aws/config"
    assert told.stderr.splitlines() == [
        f"ssoenv: no [sso-session nope] in {config}; there is: acme",
        "  try: ssoenv logout acme",
    ]
    assert "try: ssoenv logout acme" in home.ssoenv("logout", "acne").stderr


def test_a_protected_profile(home: Home, web: Path) -> None:
    bound = home.ssoenv("bind", "-a", "prod", "-r", "Admin", "-n", "admin", "--protect", cwd=web)
    assert bound.returncode == 0, bound.stderr
    assert text(web).split("[profiles.admin]\n")[1].split("\n\n")[0].endswith("protect = true")
    assert "protected" in bound.stderr
    assert home.ssoenv("bind", *DEV, "--protect", cwd=web).returncode == 0
    assert text(web).count("protect = true") == 2
    assert home.ssoenv("bind", *DEV, cwd=web).returncode == 0
    assert text(web).count("protect = true") == 2


def test_which_session_is_asked_or_told_with_the_option(home: Home, sandbox: Sandbox) -> None:
    config = home.path / ".aws/config"
    config.write_text(config.read_text() + config.read_text().replace("acme", "beta"))
    home.ssoenv("login", "acme")
    empty = home.path / "new"
    empty.mkdir()
    for words in (("bind", *DEV), ("roles",), ("login",), ("export", "dev/Developer")):
        told = home.ssoenv(*words, cwd=empty)
        assert (told.returncode, told.stdout) == (2, "")
        assert "which session? there is: acme, beta" in told.stderr
        wanted = "ssoenv login acme" if words[0] == "login" else "--session acme"
        assert wanted in told.stderr, words
    screen = ssoenv(home.env, str(empty), "bind", *DEV)
    screen.wait("Which session [acme]:")
    screen.send(ENTER)
    assert screen.end() == 0
    assert 'session = "acme"' in text(empty)


def test_who_takes_something_away_is_not_told_to_make_it(home: Home, sandbox: Sandbox) -> None:
    told = home.ssoenv("untrust")
    assert (told.returncode, told.stdout) == (2, "")
    assert "try: ssoenv status" in told.stderr
    (home.path / ".aws/config").write_text("")
    told = home.ssoenv("logout")
    assert (told.returncode, told.stdout) == (5, "")
    assert "try: ssoenv logout --all" in told.stderr
    assert home.ssoenv("logout", "--all").returncode == 0


@pytest.mark.parametrize("words", ["login", "roles", "configure --dry-run", "logout"])
def test_a_person_is_asked_which_of_two_sessions(home: Home, sandbox: Sandbox, words: str) -> None:
    config = home.path / ".aws/config"
    config.write_text(config.read_text() + config.read_text().replace("acme", "beta"))
    home.ssoenv("login", "beta")
    screen = ssoenv(home.env, str(home.path), *words.split())
    screen.wait("Which session [acme]:")
    screen.send("beta" + ENTER)
    assert screen.end() == 0
    told = {"roles": "333333333333", "configure --dry-run": "profiles for beta"}
    assert told.get(words, "beta") in screen.raw.partition("Which session")[2]


@pytest.mark.parametrize(
    "words",
    [("login", "acne"), ("roles", "-s", "acne"), ("bind", "-s", "acne"), ("logout", "acne")],
)
def test_a_mistyped_session_gets_the_likely_one(
    home: Home, sandbox: Sandbox, words: tuple[str, ...]
) -> None:
    (home.path / "new").mkdir()
    told = home.ssoenv(*words, cwd=home.path / "new")
    assert (told.returncode, told.stdout) == (5, "")
    assert "did you mean 'acme'?" in told.stderr
    assert "ssoenv setup" not in told.stderr


def test_use_takes_no_role_that_no_list_knows_in_silence(home: Home, sandbox: Sandbox) -> None:
    unchecked = home.ssoenv("use", "nope/Dev", "--answer")
    assert unchecked.returncode == 0
    assert "nope/Dev is not checked, for there is no list" in unchecked.stderr
    home.ssoenv("login", "acme")
    unknown = home.ssoenv("use", "nope/Dev", "--answer")
    assert (unknown.returncode, unknown.stdout) == (6, "")
    assert "no account 'nope'; you hold roles in dev (111111111111)" in unknown.stderr
    known = home.ssoenv("use", "dev/Dev", "--answer")
    assert known.stdout == "@acme/111111111111/Developer\n"


@pytest.mark.parametrize("route", ["", "..", "link"])
def test_all_of_the_home_is_no_project_unasked(home: Home, web: Path, route: str) -> None:
    (home.path / "link").symlink_to(home.path)
    directory = Path(os.path.normpath(home.path / route))
    told = home.ssoenv("bind", *DEV, cwd=directory)
    assert (told.returncode, told.stdout) == (2, "")
    assert f"all of your home directory is in {directory}, and would have this role" in told.stderr
    assert "try: mkdir PROJECT && cd PROJECT && ssoenv bind" in told.stderr

    screen = ssoenv(home.env, str(directory), "bind", *DEV, columns=200)
    screen.wait(lambda seen: f"Bind {directory} all the same? [y/N]" in " ".join(seen.split()))
    screen.send(ENTER)
    assert screen.end() == 130
    assert "nothing was bound" in screen.text()
    assert not (directory / ".ssoenv.toml").exists()


def test_what_holds_the_home(home: Home) -> None:
    (home.path / "web").mkdir()
    (home.path.parent / "home2").mkdir()
    for directory in ("/", str(home.path.parent), str(home.path)):
        assert holds_home(directory, home.env)
    for directory in (f"{home.path}/web", f"{home.path.parent}/home2", f"{home.path}/gone"):
        assert not holds_home(directory, home.env)


def test_in_a_home_no_hint_says_to_bind_there(home: Home, web: Path) -> None:
    (home.path / "new").mkdir()
    for words in (("status",), ("export",), ("trust",)):
        told = home.ssoenv(*words, SSOENV_HOOK="1")
        assert "cd PROJECT && ssoenv bind" in told.stdout + told.stderr, words
        told = home.ssoenv(*words, cwd=home.path / "new", SSOENV_HOOK="1")
        assert re.search(r"(try: |next +)ssoenv bind\n", told.stdout + told.stderr), words


def test_who_says_yes_binds_the_home_and_is_asked_no_more(home: Home, web: Path) -> None:
    screen = ssoenv(home.env, str(home.path), "bind", *DEV)
    screen.wait(lambda seen: seen.endswith("[y/N]"))
    screen.send("y" + ENTER)
    assert screen.end() == 0
    assert home.ssoenv("bind", *DEV, "--protect", cwd=home.path).returncode == 0
    assert "protect = true" in text(home.path)


WRONG_WORDS = (
    (("--name", "a b"), "'a b' is no name for a profile"),
    (("--name=-x",), "'-x' is no name for a profile"),
    (("--region", "mars"), "'mars' is not an AWS region"),
    (("--output", "foo"), "'foo' is not how the AWS CLI prints: one of json, text, table"),
)


@pytest.mark.parametrize("there", [True, False])
@pytest.mark.parametrize(("words", "wrong"), WRONG_WORDS)
def test_words_that_cannot_be_are_told_before_anything_else(
    home: Home, web: Path, words: tuple[str, ...], wrong: str, *, there: bool
) -> None:
    """Before a sign-in, before a pick, and before another name is proposed beside them."""
    where = web if there else home.path / "new"
    where.mkdir(exist_ok=True)
    home.ssoenv("logout", "--all")
    for role in (("-a", "dev", "-r", "ReadOnly"), ()):
        told = home.ssoenv("bind", *role, *words, cwd=where)
        assert (told.returncode, told.stdout) == (2, "")
        assert told.stderr.startswith(f"ssoenv: {wrong}"), told.stderr
        assert "laid out" not in told.stderr
        assert "boto3" not in told.stderr


INLINE = 'session = "acme"\nprofiles = { dev = { account = "111111111111", role = "Developer" } }\n'


def test_a_layout_that_cannot_be_edited_gets_the_lines_to_paste(home: Home, web: Path) -> None:
    (web / ".ssoenv.toml").write_text(INLINE)
    trust(home, web)
    told = home.ssoenv("bind", "-a", "dev", "-r", "ReadOnly", "-n", "ro", cwd=web)
    assert (told.returncode, told.stdout) == (5, "")
    assert told.stderr.splitlines()[1:] == [
        "  [profiles.ro]",
        '  account = "111111111111"',
        '  role = "ReadOnly"',
        '  region = "us-east-1"',
        "  try: ssoenv trust",
    ]
    assert text(web) == INLINE


def test_lines_end_as_those_of_the_file(home: Home, web: Path) -> None:
    path = web / ".ssoenv.toml"
    path.write_bytes(PROJECT.replace("\n", "\r\n").encode())
    trust(home, web)
    for more in (
        ("-r", "ReadOnly", "-n", "ro", "--default"),
        ("-r", "ReadOnly", "-n", "ro", "--protect", "--output", "json"),
    ):
        bound = home.ssoenv("bind", "-a", "dev", *more, cwd=web)
        assert bound.returncode == 0, bound.stderr
    written = path.read_bytes()
    assert b"protect = true\r\n" in written
    assert written.count(b"\n") == written.count(b"\r\n")
