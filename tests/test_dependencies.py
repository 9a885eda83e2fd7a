"""What ssoenv depends on is listed with the licence that it states, and installed as it is locked."""

from __future__ import annotations

import importlib.metadata
import re
import tomllib
from pathlib import Path

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools import dependencies

ROOT = Path(__file__).parent.parent
LOCKED = re.compile(r"^([\w.-]+)==([\w.+!-]+)(?: ; ([^\\]+?))? \\$", re.MULTILINE)
ALSO = {"ISC License": "ISC", "ISC license": "ISC", "MIT License": "MIT", "ZPL 2.1": "ZPL-2.1"}
"""What packages call a licence that has another name at SPDX."""


def rows() -> dict[str, list[str]]:
    """The rows of the tables of the page, by the package."""
    lines = re.findall(r"^\| (\w[\w-]*) \| (.*) \|$", dependencies.PAGE.read_text(), re.MULTILINE)
    return {name: rest.split(" | ") for name, rest in lines if name != "package"}


def locked(name: str) -> dict[str, str]:
    """The versions in a list of `make lock` that are for this Python and system."""
    found = LOCKED.findall((ROOT / "tools/locked" / name).read_text())
    return {name: version for name, version, when in found if not when or Marker(when).evaluate()}


def test_the_page_lists_what_is_asked_for() -> None:
    asked = dependencies.direct()

    assert set(rows()) == {name for names in asked.values() for name in names}


@pytest.mark.parametrize("package", rows())
def test_a_licence_is_what_the_package_states(package: str) -> None:
    what, keeper, licence, cost = rows()[package]
    stated = dependencies.licence(package)

    assert ALSO.get(stated, stated) == licence
    assert what
    assert keeper
    assert re.fullmatch(r"\d+ ms", cost)


@pytest.mark.parametrize("name", ["program.txt", "tests.txt"])
def test_what_is_installed_is_what_is_locked(name: str) -> None:
    installed = {package: importlib.metadata.version(package) for package in locked(name)}

    assert installed == locked(name)


def test_every_version_has_its_hashes() -> None:
    for name in ("program.txt", "tests.txt"):
        text = (ROOT / "tools/locked" / name).read_text()
        entries = re.split(r"^(?=\w)", text, flags=re.MULTILINE)
        for entry in filter(str.strip, entries):
            assert LOCKED.match(entry), entry
            assert "--hash=sha256:" in entry, entry


def test_what_is_locked_is_what_is_asked_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = project["dependency-groups"]
    asked = [*project["project"]["dependencies"], *groups["install"]]
    asked += [*project["project"]["optional-dependencies"]["sandbox"]]
    for name, lines in (("program.txt", asked), ("tests.txt", [*asked, *groups["dev"]])):
        versions = locked(name)
        for one in map(Requirement, lines):
            assert one.specifier.contains(versions[canonicalize_name(one.name)]), (name, one)
