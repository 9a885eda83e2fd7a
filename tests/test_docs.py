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
from tools.completions import commands

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


PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text()):
        if not link.startswith(("https://", "$")):
            assert (page.parent / link).exists(), link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_and_options_in_the_docs_exist(page: Path) -> None:
    known = {one.path: {flag for flag, _, _ in one.options} | {"--help"} for one in commands()}
    for line in re.findall(r"(?<![-\w.])ssoenv ([a-z-]+(?: [^`|\n]*)?)", page.read_text()):
        words = line.split(" -- ")[0].split()
        if words[0] not in {path.split()[0] for path in known} or "`" in words[0]:
            continue
        path = " ".join(words[:2]) if " ".join(words[:2]) in known else words[0]
        named = {
            word.split("=")[0] for word in words[1:] if re.fullmatch(r"--[a-z][a-z-]*(=.*)?", word)
        }
        allowed = known.get(path, set()) | {
            flag for flags in known.values() for flag in flags if path == "sandbox"
        }
        assert named <= allowed, line


def test_every_page_is_in_the_index() -> None:
    index = (ROOT / "docs/README.md").read_text()
    for page in (ROOT / "docs").rglob("*.md"):
        assert page.name == "README.md" or page.name in index, page


def test_the_tests_that_the_security_page_names_exist() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", (ROOT / "docs/security.md").read_text())
    assert len(named) > 15
    for path, name in named:
        assert f"def {name}(" in (ROOT / path).read_text(), (path, name)


def test_the_binding_file_page_names_every_key() -> None:
    page = (ROOT / "docs/binding-file.md").read_text()
    named = set(re.findall(r"^\| `\[?(\w+)", page, re.MULTILINE))
    known = {*binding_file.ROOT_KEYS, *binding_file.PROFILE_KEYS, "start_url"}
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
    assert set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)) == fields
    assert settings.load(home.env).never == ("*:AdministratorAccess",)


def test_the_exit_codes_of_the_readme_are_those_of_the_errors() -> None:
    listed = {
        int(code) for code in re.findall(r"(?:· |: |\n)(\d+) [a-z]", README.split("Exit codes")[1])
    }
    kinds: list[type[errors.SsoenvError]] = [
        errors.SsoenvError,
        *errors.SsoenvError.__subclasses__(),
    ]

    assert {kind.exit_code for kind in kinds} | {0, 70} == listed


def test_changelog_has_an_unreleased_section() -> None:
    assert "## [Unreleased]" in (ROOT / "CHANGELOG.md").read_text()
