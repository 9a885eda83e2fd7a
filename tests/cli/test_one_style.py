"""Whatever is wrong with a command line, any command says it in one way: what, and what to try."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

import pytest
import typer

from ssoenv import __main__
from ssoenv.cli import app, manual

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Home

ROOT: Any = typer.main.get_command(app.build())
BOXES = re.compile("[\u2500-\u257f]|Usage:|Error|Try 'ssoenv|\x1b")
"""What Typer and click draw and say."""


def commands(
    command: Any = ROOT, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield every command, groups and what is hidden included, with the words that it is called by."""
    yield path, command
    for name, one in getattr(command, "commands", {}).items():
        yield from commands(one, (*path, name))


def mistakes(path: tuple[str, ...], command: Any) -> Iterator[list[str]]:
    """Yield command lines that cannot be understood, each in one way."""
    words = [*path]
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    options = [one for one in command.params if one.param_type_name == "option"]
    needed = ["x"] * sum(one.required for one in arguments)
    runs = path in (("exec",), ("sandbox", "run"))  # behind the options, it is another's line
    if not runs:
        yield [*words, *needed, "--frobnicate"]
        yield [*words, "--frobnicate=1", *needed]
        yield [*words, *needed, "-Z"]
    if needed:
        yield words
    if hasattr(command, "commands"):
        # What is a command by itself may take any word.
        if not any(" ".join([*path, name]) in manual.ALONE for name in command.commands):
            yield [*words, "frobnicate"]
        yield [*words, "--frobnicate", "frobnicate"]
    elif all(one.nargs == 1 for one in arguments):
        yield [*words, *["x"] * len(arguments), "surplus"]
    for one in options:
        flag = one.opts[0]
        if one.is_flag or one.count:
            yield [*words, f"{flag}=1", *needed]
            continue
        yield [*words, *([] if runs else needed), flag]
        if "int" in one.type.name or "float" in one.type.name:
            yield [*words, flag, "x", *needed]


LINES = [line for path, command in commands() for line in mistakes(path, command)]


@pytest.fixture
def there(home: Home, monkeypatch: pytest.MonkeyPatch) -> Home:
    """This very process as one in an empty home."""
    for name in os.environ:
        monkeypatch.delenv(name)
    for name, value in home.env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(home.path)
    return home


def test_every_command_is_tried_in_several_ways() -> None:
    tried = {" ".join(path) for path, _ in commands()}
    assert len(LINES) > 5 * len(tried) / 2
    assert {"", "sandbox", "sandbox run", "agents setup", "schema"} <= tried


def test_all_say_it_alike(there: Home, capfd: pytest.CaptureFixture[str]) -> None:
    before = {*there.path.rglob("*")}
    wrong = {}
    for line in LINES:
        code = __main__.run(line)
        out, err = capfd.readouterr()
        told = err.splitlines()
        alike = (
            len(told) == 2
            and told[0].startswith("ssoenv: ")
            and told[1].startswith("  try: ssoenv")
        )
        # 5: the word that is read first is no session of this empty home.
        if code not in (2, 5) or out or BOXES.search(err) or not alike:
            wrong[" ".join(line)] = (code, out, err)

    assert not wrong, "\n".join(f"{line}: {how}" for line, how in wrong.items())
    assert {*there.path.rglob("*")} == before
