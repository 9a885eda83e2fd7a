"""README and docs tell the truth about what is there."""

from __future__ import annotations

import dataclasses
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ssoenv import settings
from ssoenv.base import errors
from ssoenv.binding import file as binding_file
from ssoenv.cli import failures, manual
from tools.completions.commands import commands

if TYPE_CHECKING:
    from tests.conftest import Home

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def block(text: str, language: str, holding: str) -> str:
    blocks: list[str] = re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)
    return next(one for one in blocks if holding in one)


def test_every_command_is_in_the_readme_and_the_other_way_round() -> None:
    table = README.split("## Commands")[1].split("\n## ")[0]
    named = set(re.findall(r"`ssoenv ([a-z-]+)", table))

    assert named == {one.path.split()[0] for one in commands()}


def test_every_option_in_the_readme_exists() -> None:
    known = {flag for one in commands() for flag, _, _ in one.options} | {"--version", "--help"}
    text = re.sub(r"pip\S* install.*|shell pip.*", "", README)
    named = set(re.findall(r"(?<![\w-])(--[a-z][a-z-]+)", text))

    assert named <= known


PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def prose(page: Path) -> str:
    """Return the text of a page without its blocks of code."""
    return re.sub(r"^ *```.*?^ *```", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """Return what a link to a section of the page may name, as GitHub spells it; or to a test."""
    if page.suffix == ".py":
        return {*re.findall(r"^def (test_\w+)\(", page.read_text(), re.MULTILINE)}
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings}


@each_page
def test_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`\n]+`", "", prose(page))):
        path, _, anchor = link.partition("#")
        if path.startswith("https://"):
            continue
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), link
        assert not anchor or anchor in anchors(there), link


@each_page
def test_the_project_has_one_address(page: Path) -> None:
    urls = PROJECT["urls"]
    named = re.findall(r"https://[\w.-]+/[\w.-]*ssoenv[^\s)>`\"']*", page.read_text())

    assert {"Homepage", "Documentation", "Source", "Issues", "Changelog"} <= {*urls}
    assert all(url.startswith(urls["Source"]) for url in (*urls.values(), *named))


FIGURE = re.compile(
    r"(?<![\w.$-])\d[\d.,]*(?: | to \d+ )?(?:µs|ms|s|x|%)(?!\w)"
    r"|\b(?:\d+|two|three|four|five|ten|twenty|forty|hundred)"
    r" (?:times|microseconds|milliseconds|seconds)\b"
    r"|\b(?:half|third|quarter|fifth|tenth) (?:more|less|of the time)\b"
)
"""Something that was measured: with a unit of time, or as a ratio."""
MEASURES = re.compile(r"`(?:make (\w+)|(?:\.venv/bin/)?python -m tools\.(\w+)[^`]*)`")


@each_page
def test_a_figure_stands_with_the_command_that_prints_it(page: Path) -> None:
    if figures := FIGURE.findall(prose(page)):
        named = [target or module for target, module in MEASURES.findall(page.read_text())]
        assert named, figures
        targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
        assert {*named} <= {*targets, *(path.stem for path in (ROOT / "tools").glob("*.py"))}


@pytest.mark.parametrize(
    "text",
    ["some 15 ms", "46 µs", "1.21 x", "13 to 14 times", "twenty times", "5 s", "a fifth more"],
)
def test_what_a_figure_looks_like(text: str) -> None:
    assert FIGURE.search(text)


def test_every_page_is_in_the_index() -> None:
    folder = ROOT / "docs"
    linked = re.findall(r"\]\(([\w/-]+\.md)\)", (folder / "README.md").read_text())

    assert {*linked} == {
        str(page.relative_to(folder))
        for page in folder.rglob("*.md")
        if page.parent != folder or page.name != "README.md"
    }


def test_the_tests_that_the_security_page_names_exist() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", (ROOT / "docs/security.md").read_text())
    assert len(named) > 15
    for path, name in named:
        assert f"def {name}(" in (ROOT / path).read_text(), (path, name)


def test_each_yes_of_ours_leads_to_the_test_that_shows_it() -> None:
    page = (ROOT / "docs/alternatives.md").read_text()
    tables = re.findall(r"^\| \| ssoenv \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", page, re.MULTILINE)
    rows = [line.split(" | ") for table in tables for line in table.splitlines()]

    assert len(rows) > 30
    assert {len(row) for row in rows} == {8}
    for what, ours, *_ in rows:
        cells = ours.split(", ")
        assert all(one == "no" or re.fullmatch(r"\[yes\]\(\.\./tests/\S+\.py#test_\w+\)", one) for one in cells), what  # fmt: skip
    # Where others are better: at least as many rows as a reader who compares expects to be told.
    assert sum(ours == "no" for _, ours, *_ in rows) >= 5


def test_the_binding_file_page_names_every_key() -> None:
    page = (ROOT / "docs/binding-file.md").read_text()
    named = set(re.findall(r"^\| `\[?(\w+)", page, re.MULTILINE))
    known = {*binding_file.ROOT_KEYS, *binding_file.PROFILE_KEYS, *binding_file.SSO_KEYS}
    assert named == known


def test_every_command_has_help() -> None:
    for one in commands():
        assert one.help, one.path
        assert all(text for flag, text, _ in one.options if flag != "--help"), one.path


def test_the_binding_file_of_the_readme_is_valid() -> None:
    text = block(README, "toml", "[profiles.dev]")
    binding = binding_file.parse(text.encode(), "README.md")

    assert set(binding.profiles) == {"dev", "prod"}
    assert binding.sso


def test_the_settings_page_names_every_setting_and_its_example_is_valid(home: Home) -> None:
    page = (ROOT / "docs/settings.md").read_text()
    fields = {field.name for field in dataclasses.fields(settings.Settings)}
    example = block(page, "toml", "commands")
    path = home.path / ".config/ssoenv/config.toml"
    path.parent.mkdir(parents=True)
    path.write_text(example)

    assert set(tomllib.loads(example)) == fields
    assert set(re.findall(r"^\| `([a-z_]+)` \|", page, re.MULTILINE)) == fields
    assert settings.load(home.env).never == ("*:AdministratorAccess",)


def exit_codes(page: Path) -> dict[int, str]:
    """Return the rows of a page's table of exit codes."""
    rows = re.findall(r"^\| (\d+) \| ([^|]+) \|", page.read_text(), re.MULTILINE)
    return {int(code): meaning.strip() for code, meaning in rows}


def kinds(root: type[errors.SsoenvError] = errors.SsoenvError) -> set[type[errors.SsoenvError]]:
    return {root}.union(*(kinds(one) for one in root.__subclasses__()))


def test_the_exit_codes_are_the_same_in_readme_docs_and_code() -> None:
    of_commands = {errors.NOT_EXECUTABLE, errors.NOT_FOUND}
    in_docs = exit_codes(ROOT / "docs/exit-codes.md")
    told = re.findall(r"^\W+\w+ +(\d+) ", errors.__doc__ or "", re.MULTILINE)

    assert {*in_docs} == {kind.exit_code for kind in kinds()} | {0, failures.BUG} | of_commands
    assert manual.EXIT_CODES.items() == {
        (code, meaning) for code, meaning in in_docs.items() if code not in of_commands
    }
    assert exit_codes(ROOT / "README.md") == in_docs
    assert {int(code) for code in told} == {kind.exit_code for kind in kinds()}


def test_the_changelog_tells_every_version_once_the_newest_first() -> None:
    heads = re.findall(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)

    assert heads[0] == "Unreleased"
    assert len({*heads}) == len(heads)


def test_what_is_to_be_typed_has_no_comments() -> None:
    """zsh takes the words of a comment at its prompt for arguments (no interactive_comments)."""
    wrong = [
        f"{page.name}: {line}"
        for page in PAGES
        for text in re.findall(r"```sh\n(.*?)```", page.read_text(), re.DOTALL)
        for line in text.splitlines()
        if re.search(r"\S\s+#\s", line)
    ]
    assert wrong == []
