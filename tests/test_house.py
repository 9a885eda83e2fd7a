"""The house: its folders are its floors, and every page that draws them draws the same."""

from __future__ import annotations

import ast
import contextlib
import importlib
import re
import subprocess
import tomllib
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "ssoenv"


def rooms() -> set[str]:
    """Every file and folder at the top of the package."""
    names = {path.name.removesuffix(".py") for path in PACKAGE.iterdir()}
    return names - {"__init__", "__pycache__", "py.typed"}


def named(node: ast.AST) -> list[str]:
    """What an import statement names, as dotted names."""
    if isinstance(node, ast.Import):
        return [one.name for one in node.names]
    if isinstance(node, ast.ImportFrom) and node.module == "ssoenv":
        return [f"ssoenv.{one.name}" for one in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []


@cache
def arrows() -> frozenset[tuple[str, str]]:
    """Which room imports which, wherever in a file it does."""
    known, found = rooms(), set()
    for path in PACKAGE.rglob("*.py"):
        here = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        for node in ast.walk(ast.parse(path.read_text())):
            for name in named(node):
                package, _, rest = name.partition(".")
                there = rest.partition(".")[0]
                if package == "ssoenv" and there in known and here in known - {there}:
                    found.add((here, there))
    return frozenset(found)


def floor(room: str, above: tuple[str, ...] = ()) -> int:
    """How many floors a room stands on, its own with them; a circle has none."""
    assert room not in above, f"a circle: {' -> '.join([*above, room])}"
    below = [floor(there, (*above, room)) for here, there in arrows() if here == room]
    return 1 + max(below, default=0)


def test_one_can_see_the_whole_house_at_once() -> None:
    assert len(rooms()) <= 27
    # Each use case at the top brings some five of its own.
    assert len(arrows()) <= 140
    assert max(map(floor, rooms())) <= 10


TOP = {
    *(".ci", ".github", ".gitignore", ".pre-commit-hooks.yaml", "pyproject.toml", "Makefile"),
    *("CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "README.md", "SECURITY.md"),
    *("completions", "docs", "shell", "ssoenv", "tests", "tools"),
}
"""What stands at the top of the repository."""


def test_nothing_strays_at_the_top() -> None:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert {line.partition("/")[0] for line in listed.stdout.splitlines()} == TOP


def test_contract_and_picture_name_every_room() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = next(one["layers"] for one in contracts["contracts"] if one["type"] == "layers")
    assert {name for layer in layers for name in re.findall(r"\w+", layer)} == rooms()

    table = re.search(r"\| floor \|.*?\n\n", (ROOT / "CONTRIBUTING.md").read_text(), re.DOTALL)
    assert table
    drawn = [row.split("|")[2] for row in table[0].strip().splitlines()[2:]]
    assert {
        name.strip("/") for cell in drawn for name in re.findall(r"`([\w/]+)`", cell)
    } == rooms()


def length(function: ast.FunctionDef) -> int:
    """How many lines a function has after its docstring."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (function.end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_commands_parse_make_one_call_and_render() -> None:
    functions = {
        f"{path.name}: {node.name}": length(node)
        for path in (PACKAGE / "cli").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef)
    }
    assert len(functions) > 100
    assert not {name: lines for name, lines in functions.items() if lines > 15}


def test_paths_in_hints_are_quoted_for_a_shell() -> None:
    hints = {
        f"{path.name}: {line.strip()}"
        for path in PACKAGE.rglob("*.py")
        for line in path.read_text().splitlines()
        if re.search(r"\bls -ld? \{(?!dialects\.(word|line|quote))", line)
    }
    assert not hints


def test_programs_in_strings_import_what_is_there() -> None:
    """A test that starts one would else see it end, and might take that for what it waits for."""
    missing = set()
    for path in (ROOT / "tests").rglob("*.py"):
        for module, names in re.findall(
            r"\bfrom (ssoenv[\w.]*) import (\w[\w, ]*)", path.read_text()
        ):
            there = importlib.import_module(module)
            for name in (one.split()[0] for one in names.split(",") if one.strip()):
                with contextlib.suppress(ImportError):
                    importlib.import_module(f"{module}.{name}")
                missing |= set() if hasattr(there, name) else {f"{path.name}: {module}.{name}"}
    assert not missing


def test_folders_are_removed_in_one_place() -> None:
    """What the standard library has for it waits at a pipe that stands in the place of a folder."""
    removing = re.compile(r"\brmtree\b")
    found = {
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        if removing.search(path.read_text()) and "sandbox" not in path.parts
    }
    assert found == {"base/files.py"}
