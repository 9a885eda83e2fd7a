"""README and docs tell the truth about what is there."""

from __future__ import annotations

import dataclasses
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from ssoenv import binding_file, errors, settings
from tests.completions import commands

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

    assert named - known == {"--query"}  # of the AWS CLI


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
