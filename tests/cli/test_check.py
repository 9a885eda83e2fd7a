"""`ssoenv check`: whether binding files are valid, without trust and without the network."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import PROJECT

if TYPE_CHECKING:
    from ssoenv.sandbox.server import Sandbox
    from tests.conftest import Home

WRONG = PROJECT.replace('role    = "ReadOnly"', 'rol = "ReadOnly"', 1)
"""Two faults: a key that there is none of, and no role."""


def test_a_valid_file_is_said_to_be_and_nothing_is_written(home: Home) -> None:
    web, _ = home.project("web"), home.project("api")
    before = {path for path in home.path.rglob("*") if path.is_file()}
    for where, words, told in (
        (web, (), f"{web}/.ssoenv.toml is valid"),
        (home.path, ("web/.ssoenv.toml",), "web/.ssoenv.toml is valid"),
        (home.path, ("web",), "web/.ssoenv.toml is valid"),
        (home.path, ("web", "api/.ssoenv.toml"), "2 files are valid"),
    ):
        done = home.ssoenv("check", *words, cwd=where)
        assert (done.returncode, done.stdout) == (0, ""), done
        assert done.stderr == f"ssoenv: {told}\n"
    assert {path for path in home.path.rglob("*") if path.is_file()} == before


def test_each_fault_has_its_file_and_line(home: Home) -> None:
    home.project("web")
    home.project("api", WRONG)
    home.project("broken", "session = \n")
    done = home.ssoenv("check", "api", "web", "broken/.ssoenv.toml", "nowhere.toml")
    assert (done.returncode, done.stdout) == (5, "")
    lines = done.stderr.splitlines()
    assert lines[0] == "ssoenv: 3 of 4 files are invalid"
    assert re.fullmatch(r"  api/\.ssoenv\.toml:\d+: .*rol.*", lines[1]), lines
    assert any(re.match(r"  broken/\.ssoenv\.toml:1: ", line) for line in lines)
    assert "  nowhere.toml: No such file or directory" in lines
    assert "try:" not in done.stderr


def test_one_file_says_all_by_itself(home: Home) -> None:
    there = home.project("broken", "session = \n")
    done = home.ssoenv("check", cwd=there)
    assert (done.returncode, done.stdout) == (5, "")
    first, *more = done.stderr.splitlines()
    assert first == f"ssoenv: {there}/.ssoenv.toml is invalid"
    assert f"{there}/.ssoenv.toml:1: " in more[0]


def test_whoever_owns_it_and_whether_it_is_trusted(home: Home) -> None:
    theirs = home.project("theirs")
    os.chown(theirs / ".ssoenv.toml", 1234, 1234)
    assert home.ssoenv("check", cwd=theirs).returncode == 0
    assert home.ssoenv("trust", "--yes", cwd=theirs).returncode == 4


@pytest.mark.parametrize("what", ["a folder", "a pipe", "too large", "no text"])
def test_what_is_no_such_file(home: Home, what: str) -> None:
    file = home.project("odd") / ".ssoenv.toml"
    file.unlink()
    if what == "a folder":
        file.mkdir()
    elif what == "a pipe":
        os.mkfifo(file)
    else:
        file.write_bytes(b"#" * 70_000 if what == "too large" else b"\xff\xfe\0")
    done = home.ssoenv("check", "odd/.ssoenv.toml")
    assert (done.returncode, done.stdout) == (5, "")
    assert "odd/.ssoenv.toml" in done.stderr


def test_where_there_is_none(home: Home) -> None:
    done = home.ssoenv("check")
    assert (done.returncode, done.stdout) == (2, "")
    assert "try: ssoenv setup" in done.stderr


def test_the_hook_for_pre_commit_runs_it_on_binding_files_alone() -> None:
    text = (Path(__file__).parents[2] / ".pre-commit-hooks.yaml").read_text()
    said = dict(re.findall(r"^[- ] (\w+): (.*)$", text, re.MULTILINE))
    assert (said["entry"], said["language"]) == ("ssoenv check", "python")
    files = re.compile(said["files"])
    assert files.search(".ssoenv.toml")
    assert files.search("a/b/.ssoenv.toml")
    assert not files.search("a/b.ssoenv.toml")
    assert not files.search(".ssoenv.toml.orig")


def test_a_region_that_may_be_misspelt_is_told_and_is_no_fault(home: Home) -> None:
    home.project("web", PROJECT.replace('"eu-west-1"', '"eu-wst-1"'))
    done = home.ssoenv("check", "web")
    assert (done.returncode, done.stdout) == (0, "")
    told, last = done.stderr.splitlines()
    assert told == (
        "ssoenv: web/.ssoenv.toml:4: the region of dev, eu-wst-1, is no AWS region that ssoenv "
        "knows; did you mean eu-west-1?"
    )
    assert last == "ssoenv: web/.ssoenv.toml is valid"


@pytest.mark.parametrize("many", [5, 9])
def test_what_can_be_trusted_can_be_used(home: Home, sandbox: Sandbox, many: int) -> None:
    """Names that are too long for what is kept of them are a fault, and not found out later."""
    roles = [f"Role-of-thirty-six-letters-{number:09}" for number in range(many)]
    text = f'session = "acme"\n[profiles.dev]\naccount = "dev"\nrole = {[*roles, "Developer"]}\n'
    there = home.project("web", text.replace("'", '"'))
    checked = home.ssoenv("check", cwd=there).returncode
    assert checked == (0 if many == 5 else 5)
    assert home.ssoenv("trust", "--yes", cwd=there).returncode == checked
    assert home.ssoenv("login").returncode == 0
    assert home.ssoenv("exec", "--", "true", cwd=there).returncode == checked
