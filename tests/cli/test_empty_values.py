"""An empty value, as of a variable that a script has not set: refused by every command."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
import typer

from ssoenv.base.errors import UsageError
from ssoenv.cli import app, parsing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Home


def parameters() -> Iterator[tuple[str, Any]]:
    """Every parameter of every command that takes a value, hidden ones included, by its command."""
    left: list[tuple[str, Any]] = [("", typer.main.get_command(app.build()))]
    while left:
        path, command = left.pop()
        left += [
            (f"{path} {name}".strip(), one)
            for name, one in getattr(command, "commands", {}).items()
        ]
        for one in command.params:
            if not getattr(one, "is_flag", False) and one.name != "help":
                yield path, one


ALL = list(parameters())
EMPTY = [(path, one.name) for path, one in ALL if one.name in parsing.MAY_BE_EMPTY.get(path, ())]


def refused(*words: str) -> UsageError:
    with pytest.raises(UsageError) as caught:
        parsing.run(app.build(words[:1]), list(words))
    return caught.value


def test_there_are_as_many_as_one_would_think() -> None:
    assert len(ALL) > 80
    assert {*EMPTY} == {(path, one) for path, all_ in parsing.MAY_BE_EMPTY.items() for one in all_}


@pytest.mark.sampled(3)
@pytest.mark.parametrize(
    ("path", "flag"),
    [
        (path, flag)
        for path, one in ALL
        if (path, one.name) not in EMPTY
        for flag in (one.opts if one.param_type_name == "option" else [""])
    ],
)
def test_every_option_and_argument_of_every_command_refuses_it(
    path: str, flag: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    words = path.split()
    for given in (
        [[flag, ""], [f"{flag}="]] if flag[:2] == "--" else [[flag, ""]] if flag else [[""]]
    ):
        error = refused(*words, *given)
        assert error.message.endswith(" is empty"), error.message
        assert error.message.startswith(f"{path}: ")
        assert error.fix == f"ssoenv {path} --help"
        assert flag[:2] != "--" or flag in error.message
    assert not os.listdir(tmp_path)


def test_where_it_means_something_it_is_taken() -> None:
    assert "--session is empty" in refused("configure", "--separator", "", "--session", "").message
    assert "no command to run" in refused("exec", "").message
    assert refused("exec", "", "--", "true").message == "exec: ACCOUNT/ROLE is empty"


@pytest.mark.parametrize(
    "words",
    [
        ("exec", "--serve-on", "", "--", "env"),
        ("prompt", "--format", ""),
        ("export", "--format", ""),
        ("hook", ""),
        ("credential-process", ""),
        ("configure", "--name", "", "--dry-run"),
        ("check", ""),
        ("console", "--browser", ""),
        ("setup", "--session", ""),
    ],
)
def test_the_program_says_so_and_nothing_else(home: Home, words: tuple[str, ...]) -> None:
    done = home.ssoenv(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert " is empty" in done.stderr
    assert f"try: ssoenv {words[0]}" in done.stderr


def test_the_words_of_a_command_that_is_run_are_its_own(home: Home) -> None:
    done = home.ssoenv("exec", "--none", "--", "printf", "<%s>", "", "x")
    assert (done.returncode, done.stdout) == (0, "<><x>")
    done = home.ssoenv("exec", "--none", "printf", "<%s>", "", "x")
    assert (done.returncode, done.stdout) == (0, "<><x>")
