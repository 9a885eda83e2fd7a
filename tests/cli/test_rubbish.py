"""Rubbish in place of any file of ours or of the AWS CLI's: healed, or one clear error; no bug."""

from __future__ import annotations

import os
import random
import shutil
from typing import TYPE_CHECKING

import pytest

from ssoenv.sandbox.server import Sandbox
from tests.conftest import PROJECT, WHOLE, Home

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("quick_aws")
ROLE = ["--session", "acme", "--account", "111111111111", "--role", "Developer"]
COMMANDS = (
    ["status"],
    ["export"],
    ["credential-process", *ROLE],
    ["whoami", "dev/Developer"],
    ["exec", "--", "true"],
    ["trust", "--yes"],
    ["roles", "--cached"],
    ["roles"],
    ["use", "prod", "--save"],
    ["doctor", "--offline", "--shell", "bash"],
    ["hook", "bash"],
    ["prompt"],
    ["login", "acme"],
    ["logout", "acme"],
    ["untrust"],
)
SAMPLE = 12
"""How many pairs of a file and a command are tried with each kind of rubbish; all of them, some
6,000, with WHOLE=1 in the environment."""
REPORTS = ("doctor", "status")
"""Commands whose words on stdout are the answer, whatever they find."""


def bytes_of(content: bytes) -> Callable[[Path], None]:
    def put(path: Path) -> None:
        path.write_bytes(content)

    return put


def half(path: Path) -> None:
    path.write_bytes(ORIGINAL[path][: len(ORIGINAL[path]) // 2])


def all_but_the_last_byte(path: Path) -> None:
    path.write_bytes(ORIGINAL[path][:-1])


def long_number(path: Path) -> None:
    """Where a number stands, one of 5,000 digits."""
    content = ORIGINAL[path]
    at = next((at for at, byte in enumerate(content) if chr(byte).isdigit()), 0)
    path.write_bytes(content[:at] + b"9" * 5000 + content[at:])


RUBBISH: dict[str, Callable[[Path], None]] = {
    "empty": bytes_of(b""),
    "half": half,
    "cut": all_but_the_last_byte,
    "long number": long_number,
    "5,000 digits": bytes_of(b"9" * 5000),
    "json of a number": bytes_of(b'{"expiresAt": ' + b"9" * 5000 + b"}"),
    "a list": bytes_of(b"[]"),
    "binary": bytes_of(bytes(range(256)) * 4),
    "deep": bytes_of(b"[" * 50_000),
    "a folder": lambda path: path.mkdir(),
    "a full folder": lambda path: (path / "x" / "y").mkdir(parents=True),
    "a pipe": os.mkfifo,
    "a loop": lambda path: path.symlink_to(path.name),
    "a device": lambda path: path.symlink_to("/dev/zero"),
    "the kernel's log": lambda path: path.symlink_to("/proc/kmsg"),
    "a link to nothing": lambda path: path.symlink_to("/nowhere/at/all"),
}
ORIGINAL: dict[Path, bytes] = {}


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Home, Path]]:
    """A home in which every kind of file exists, and a copy of it to go back to."""
    folder = tmp_path_factory.mktemp("rubbish")
    (folder / "home").mkdir(mode=0o700)
    env = {"HOME": str(folder / "home"), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
    home = Home(folder / "home", env | {"TERM": "dumb", "SHELL": "/bin/bash"})
    with Sandbox() as sandbox:
        sandbox.write_home(str(home.path))
        home.env |= sandbox.environment(str(folder / "sandbox"))
        project = home.project("web", PROJECT)
        (home.path / ".config/ssoenv").mkdir(parents=True)
        (home.path / ".config/ssoenv/config.toml").write_text("sign_in_pause = 5\n")
        (home.path / ".aws/credentials").write_text("[other]\naws_access_key_id = AKIA\n")
        for words in (
            ["login", "acme"],
            ["trust", "--yes"],
            ["roles"],
            ["export"],
            ["use", "dev", "--save"],
            ["setup", "--yes", "--shell", "bash"],
        ):
            result = home.ssoenv(*words, cwd=project)
            assert result.returncode in (0, 2), (words, result.stderr)
        ORIGINAL.update(
            (path, path.read_bytes())
            for top in (".aws", ".local/state", ".config")
            for path in sorted((home.path / top).rglob("*"))
            if path.is_file()
        )
        shutil.copytree(home.path, folder / "copy", symlinks=True)
        yield home, project


def restore(home: Home) -> None:
    shutil.rmtree(home.path)
    shutil.copytree(home.path.parent / "copy", home.path, symlinks=True)


def kinds() -> dict[str, Path]:
    """One file of each kind: the names of folders say which."""
    found: dict[str, Path] = {}
    for path in ORIGINAL:
        name = path.name if not path.name.endswith(".json") else "json"
        name = "@generation" if name.startswith("@g") else name
        found.setdefault(f"{path.parent.parent.name}/{path.parent.name}/{name}", path)
    return found


@pytest.mark.parametrize("rubbish", RUBBISH)
def test_rubbish_in_place_of_a_file(lived_in: tuple[Home, Path], rubbish: str) -> None:
    home, project = lived_in
    cases = [(kind, path, words) for kind, path in kinds().items() for words in COMMANDS]
    if not WHOLE:
        cases = random.Random(rubbish).sample(cases, SAMPLE)  # noqa: S311 - the same in each run
    wrong = []
    for kind, path, words in cases:
        path.unlink(missing_ok=True)
        RUBBISH[rubbish](path)
        result = home.ssoenv(*words, cwd=project)
        told = result.stderr.strip()
        fine = (
            result.returncode in range(8)
            and "Traceback" not in told
            and len(told.splitlines()) <= 20
            and (result.returncode == 0 or told or words[0] in REPORTS)
            and (result.returncode == 0 or not result.stdout or words[0] in REPORTS)
        )
        if not fine:
            wrong.append((kind, words[0], result))
        restore(home)
    assert not wrong, "\n".join(str(one) for one in wrong)
