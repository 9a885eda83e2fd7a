"""What people read: hints that can be run, a few lines at most, and nothing that a terminal obeys."""

from __future__ import annotations

import ast
import csv
import io
import itertools
import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import ssoenv
from ssoenv.aws_files import config as aws_config
from ssoenv.base.models import Account, Assignment
from ssoenv.cli.terminal import Terminal
from ssoenv.identity_center.assignments import Listing
from ssoenv.shells import segment
from ssoenv.sign_in import SignInRequest
from tests.cli.test_failures import check
from tests.conftest import PROJECT, keep_list

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssoenv.sandbox.server import Sandbox
    from tests.conftest import Home

SOURCE = Path(ssoenv.__file__).parent
PROGRAMS = ("ssoenv", "aws", "export", "unset", "cd", "chmod", "ls", "mkdir", "pip")
PASSED_ON = {
    "tool.by_hand",
    "fix",
    "instead",
    "refusal.fix",
    "error.fix",
    "shells.how_to_hook(detect.shell(os.environ), os.environ)",
    "extras.how_to_add('keyring')",  # tests/unit/test_extras.py runs it
}
"""Values that were a hint already where they come from."""


def first_words(node: ast.expr, module: ast.Module) -> Iterator[str]:  # noqa: C901, PLR0912
    """The beginning of each text that `node` can be, as far as this module tells."""
    match node:
        case ast.Constant(value=None):
            return
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=[ast.Constant(value=str(text)), *_]):
            yield text
        case ast.JoinedStr(values=[ast.FormattedValue(value=ast.Name(id="command")), *_]):
            yield "ssoenv"
        case ast.IfExp():
            yield from first_words(node.body, module)
            yield from first_words(node.orelse, module)
        case ast.Call(func=ast.Attribute(attr="again")):
            yield "ssoenv"
        case ast.Call(func=ast.Attribute(attr="get", value=ast.Name() as table)):
            yield from first_words(table, module)
        case ast.Dict():
            for value in node.values:
                yield from first_words(value, module)
        case ast.Call(func=ast.Attribute(attr="line"), args=[words]):
            yield from first_words(words, module)
        case ast.List(elts=[first, *_]):
            yield from first_words(first, module)
        case ast.Call(func=ast.Name(id=name)):
            for one in ast.walk(module):
                if isinstance(one, ast.FunctionDef) and one.name == name:
                    for inner in ast.walk(one):
                        if isinstance(inner, ast.Return) and inner.value:
                            yield from first_words(inner.value, module)
        case ast.Name(id=name):
            values = [
                one.value
                for one in ast.walk(module)
                if isinstance(one, ast.Assign)
                and ast.unparse(one.targets[-1]) in (name, f"({name})")
            ]
            for value in values:
                yield from first_words(value, module)
        case _:
            yield ast.unparse(node)


def hints() -> Iterator[tuple[str, str]]:
    for path in sorted(SOURCE.rglob("*.py")):
        module = ast.parse(path.read_text())
        for node in ast.walk(module):
            if isinstance(node, ast.keyword) and node.arg in ("fix", "instead"):
                where = f"{path.relative_to(SOURCE)}:{node.value.lineno}"
                if ast.unparse(node.value) in PASSED_ON and path.name != "callback.py":
                    continue
                for text in first_words(node.value, module):
                    if text not in PASSED_ON:
                        yield where, text


def test_every_hint_is_a_command() -> None:
    """Advice in words is `advice`, and is not shown after "try:"."""
    found = list(hints())
    assert len(found) > 60
    wrong = [pair for pair in found if pair[1].split(" ")[0] not in PROGRAMS]
    assert not wrong
    for name in ("chmod", "ls", "mkdir"):
        assert shutil.which(name)


OWN = {
    *(
        "command",
        "fix",
        "force",
        "words",
        "kind",
        "name",
        "none",
        "other",
        "prints",
        "shell",
        "typed",
    ),
    *("culprit", "path", "path_of(ctx)", "close or names[0]", "config.REGION", "' '.join(names)"),
    *("' '.join((name, *more))", "EXIT_CODES", "_MODELS", "_SIGN_IN", "_as_typed(failure.fix)"),
}
"""What stands in commands that are shown and is a word of ours, or a command already."""


def test_what_others_have_named_is_quoted_in_a_command() -> None:
    """Accounts, roles, sessions and files are called as others like: that is no code in any shell."""
    places = []
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.keyword(arg="fix" | "instead", value=shown):
                    places.append((path, shown))
                case ast.Call(func=ast.Attribute(attr="hint"), args=[shown, *_]):
                    places.append((path, shown))
                case ast.Call(func=ast.Name(id="Finding"), args=[_, _, _, shown, *_]):
                    places.append((path, shown))
                case ast.Assign(targets=[ast.Name(id="fix" | "hint" | "command")], value=shown):
                    places.append((path, shown))
    texts = [
        (path, text)
        for path, shown in places
        for text in ast.walk(shown)
        if isinstance(text, ast.JoinedStr) and ast.unparse(text)[2:].startswith(PROGRAMS)
    ]
    assert len(texts) > 50
    bare = {
        f"{path.relative_to(SOURCE)}:{text.lineno}: {ast.unparse(part.value)}"
        for path, text in texts
        for part in text.values
        if isinstance(part, ast.FormattedValue)
        and not ast.unparse(part.value).startswith(("dialects.word(", "dialects.line("))
        and ast.unparse(part.value) not in OWN
    }
    assert not bare


def test_nothing_but_a_command_is_shown_behind_try() -> None:
    """Whoever shows an error: what is said behind "try:" is its `fix`, and no other text."""
    shown = [
        (f"{path.relative_to(SOURCE)}:{text.lineno}", ast.unparse(getattr(behind, "value", behind)))
        for path in sorted(SOURCE.rglob("*.py"))
        for text in ast.walk(ast.parse(path.read_text()))
        if isinstance(text, ast.JoinedStr)
        for before, behind in itertools.pairwise([*text.values, ast.Pass()])
        if isinstance(before, ast.Constant) and re.search(r"\btry:\s*$", str(before.value))
    ]
    assert shown
    assert {what for _, what in shown} <= {"self.fix", "_as_typed(failure.fix)"}, shown


def test_commands_in_hints_exist() -> None:
    from tools.completions.commands import commands

    known = {one.path.split()[0] for one in commands()} | {"use"}
    for where, text in hints():
        words = re.sub(r"\{.*", "", text).split()
        if words[0] == "ssoenv" and len(words) > 1 and not text.startswith("ssoenv {"):
            assert words[1] in known, where


FLOODS = {
    "unknown keys": "".join(f"key{n} = 1\n" for n in range(3000)),
    "one long key": f"{'k' * 60_000} = 1\n",
    "a long value": f'session = "{"s" * 60_000}"\n[profiles.x]\naccount = "{"a" * 1000}"\nrole = 5\n',
    "profiles": "".join(f"[profiles.'{n} !']\naccount = 5\nrole = ['!']\n" for n in range(1500)),
    "not TOML": "[" + "x" * 60_000,
    "paths": "[paths]\n" + "".join(f"'../{n}' = 'x'\n" for n in range(3000)),
}


@pytest.mark.parametrize("text", FLOODS.values(), ids=FLOODS.keys())
def test_no_message_has_more_than_20_lines(home: Home, sandbox: Sandbox, text: str) -> None:
    project = home.project("web", text)

    for words in (["trust"], ["export"]):
        result = home.ssoenv(*words, cwd=project)
        check(result, 5)
        assert len(result.stderr.splitlines()) <= 20
        assert len(result.stderr) < 8000


RAW = "\x1b]0;owned\x07\x1b[2J\r\n\x9b31m\u202e"
OBEYED = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]")


def test_nothing_of_a_sign_in_reaches_the_terminal_raw(capfd: pytest.CaptureFixture[str]) -> None:
    terminal = Terminal()
    terminal.announce(SignInRequest(*[f"{name}{RAW}" for name in "abcdef"]))
    terminal.page(f"https://x/{RAW}", opened=True)
    terminal.page(f"https://x/{RAW}", opened=False)
    terminal.code(f"CODE{RAW}", f"https://y/{RAW}", f"https://z/{RAW}", 60)
    terminal.waiting_for_other(f"acme{RAW}")
    terminal.done(f"acme{RAW}")

    said = capfd.readouterr().err
    assert said.count("owned") == 13
    assert not OBEYED.search(said)


def test_nothing_of_the_environment_reaches_the_terminal_raw(home: Home, sandbox: Sandbox) -> None:
    project = home.project("web", PROJECT)
    home.env |= {
        name: f"x{RAW}".replace("\0", "")
        for name in ("SSOENV_LABEL", "AWS_REGION", "AWS_PROFILE", "AWS_ACCESS_KEY_ID", "SSOENV_DIR")
    }
    shown = ""
    for words in (
        ["prompt", "--format", "{label} {region} {state} {left}{mark}"],
        ["status"],
        ["doctor", "--offline", "--shell", "bash"],
        ["export", f"a{RAW}/b"],
        ["exec", "--none", "--", f"/nowhere{RAW}"],
        ["login", f"a{RAW}"],
    ):
        result = home.ssoenv(*words, cwd=project)
        shown += result.stdout + result.stderr
        assert not OBEYED.search(result.stdout + result.stderr), words
    assert shown.count("owned") >= 4


def test_fields_of_a_prompt_hold_nothing_that_a_prompt_expands() -> None:
    env = {"SSOENV_LABEL": "$(touch x)`y`%n\\w!1", "AWS_REGION": "{label}$x"}

    assert not set(segment.render(env, "{label} {region}")) & set("$`%\\!(){}")


FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "=cmd|'/c calc'!A0", "\uff1d1")


def test_a_spreadsheet_takes_no_name_for_a_formula(home: Home, sandbox: Sandbox) -> None:
    session = aws_config.find_session(home.env, "acme")
    names = [*FORMULAS, 'a "quoted", name', "two\nlines", "plain", "\x1b[2J"]
    rows = tuple(Assignment(Account(f"{n:012}", name, name), "R") for n, name in enumerate(names))
    keep_list(home.env, session, Listing.of(rows, 0))

    result = home.ssoenv("roles", "--cached", "--csv")

    assert result.returncode == 0, result.stderr
    read = list(csv.DictReader(io.StringIO(result.stdout)))
    assert len(read) == len(names)
    for row in read:
        for cell in row.values():
            assert not cell.lstrip().startswith(("=", "+", "-", "@", "\t", "\r", "\uff1d"))
            assert not OBEYED.search(cell)
    assert read[-2]["account_name"] == "plain"
    assert read[len(FORMULAS)]["account_name"] == 'a "quoted", name'
    told = json.loads(home.ssoenv("roles", "--cached", "--json").stdout)["assignments"]
    assert [row["account_name"] for row in told] == names
