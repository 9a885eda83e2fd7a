"""Rubbish in place of what the hooks read, and what they read deleted below them.

Three real shells, with no more rights than any user; each runs on, and another begins. Whatever
stands there: they answer in time, and have the role of their directory or none; with the files as
they were, the role is back. `make test` takes a sample, ``WHOLE=1``, as `make soak` has it, is
every file in every way.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ssoenv.base import files, paths
from ssoenv.base.dialects import SHELLS
from ssoenv.shells import rc_block
from tests.conftest import VAULT, WHOLE
from tests.disk.lived_in import STATE, kind_of
from tests.disk.ways import FILES, ORIGINAL
from tests.shell.conftest import DEV, trust

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Copies
    from tests.shell.conftest import Shell

pytestmark = pytest.mark.sampled(3)

SAMPLE = 2
"""How many pairs of a file and a way are tried with each shell, in `make test`."""
SOURCED = {"bash": "@sh", "zsh": "@sh", "fish": "@fish"}
RIGHT = (DEV, "profile ssoenv", "nobody")
READ = (
    f"{STATE}/trust/FOLDER/",
    f"{STATE}/roles/ROLE/",
    f"{STATE}/settings/",
    f"{STATE}/hook.",
    ".aws/cli/cache/",
    ".aws/config",
    ".config/ssoenv/config.toml",
    "web/.ssoenv.toml",
)
"""The beginnings of the kinds of files that hooks read, or the program that they start."""


@pytest.fixture
def plain(signed_in: Shell) -> Iterator[Shell]:
    """A shell in ~/web with the role there, without what root may do beyond others."""
    home = signed_in.home
    settings = Path(paths.settings_file(home.env))
    files.write_private(str(settings), b"sign_in_pause = 5\n")
    if os.geteuid() == 0:
        real = shutil.which(signed_in.name, path=home.env["PATH"])
        wrapper = f'#!/bin/sh\nexec setpriv --bounding-set=-all --inh-caps=-all {real} "$@"\n'
        files.write_private(f"{home.path}/bin/{signed_in.name}", wrapper.encode(), mode=0o700)
    shell = signed_in.another()
    shell.run("cd ~/web")
    assert shell.who() == DEV
    yield shell
    shell.terminal.close()


def read_by_hooks(shell: Shell) -> dict[str, Path]:
    """Return what there is of the kinds of files that hooks read, of the role in ~/web."""
    found: dict[str, Path] = {}
    for path in sorted(shell.home.path.rglob("*")):
        name = str(path.relative_to(shell.home.path))
        kind = kind_of(name)
        others = "/ops/" in name or ("/roles/" in name and DEV not in name)
        if path.is_file() and kind.startswith(READ) and not others:
            found.setdefault(kind, path)
    return found


def identity(shell: Shell) -> str:
    """Return as whom a program is started in a shell, whether the wrapper lets it or not."""
    key, profile = shell.get("AWS_ACCESS_KEY_ID") or "", shell.get("AWS_PROFILE") or ""
    return shell.identity(key, profile)


def looks(shell: Shell) -> None:
    """Have a shell look at whatever there is: at a prompt, on the way back, and for a program."""
    for line in ("true", "cd ~; cd ~/web", "aws who"):
        answer = shell.run(line)
        assert "Traceback" not in answer.output, answer
        assert len(answer.output.splitlines()) <= 20, answer
        assert identity(shell) in RIGHT, answer


def test_rubbish_in_place_of_what_a_hook_reads(
    plain: Shell, copies: Copies, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    shutil.copytree(plain.home.path, kept, symlinks=True)
    places = read_by_hooks(plain)
    assert len(places) > 15, places
    ORIGINAL.update((path, path.read_bytes()) for path in places.values())
    tried = [(kind, way) for kind in places for way in FILES]
    if not WHOLE:
        sample = random.Random(plain.name).sample(tried, SAMPLE)  # noqa: S311 - the same in each run
        tried = [(f"{STATE}/trust/FOLDER/{SOURCED[plain.name]}", "a pipe"), *sample]
    for kind, way in tried:
        path = places[kind]
        path.unlink()
        FILES[way](path)
        try:
            looks(plain)
            other = plain.another()
            looks(other)
            other.terminal.close()
        except Exception as error:
            raise AssertionError(f"{way}, {kind}") from error
        _put_back(kept, plain.home.path)
        plain.run("cd ~; cd ~/web")
        assert plain.who() == DEV, (way, kind)
    print(f"{plain.name}: {len(tried)} cases")  # noqa: T201 - `make soak` counts them


def test_a_pipe_in_place_of_the_hook_keeps_no_shell_waiting(tmp_path: Path) -> None:
    kept = tmp_path / "hook"
    os.mkfifo(kept)
    for shell in SHELLS:
        text = rc_block.block(shell, str(kept), ["echo", "echo", "asked"], (), prompt=False)
        done = subprocess.run(
            [shell, "-c", text], capture_output=True, text=True, timeout=60, check=True
        )
        assert done.stdout == f"asked hook {shell}\n"


def test_a_rendering_that_is_cut_off_gives_no_protected_role(plain: Shell) -> None:
    """Where a word ends, and the words behind it would say that the role is protected."""
    vault = plain.home.project("vault", VAULT.replace('"prod"', '"333333333333"'))
    trust(plain.home, vault)
    path = Path(paths.trust_folder(plain.home.env, str(vault))) / SOURCED[plain.name]
    whole = path.read_bytes()
    line = whole.rstrip(b"\n").rindex(b"\n")
    ends = [at for at in range(line, len(whole)) if whole[at : at + 1] in (b" ", b"\n")]
    assert len(ends) == 11
    for at in range(len(whole)) if WHOLE else ends:
        path.write_bytes(whole[:at])
        plain.run("cd ~; cd ~/vault")
        assert plain.get("AWS_ACCESS_KEY_ID") is None, whole[:at]
    path.write_bytes(whole)
    plain.run("cd ~; cd ~/vault")
    assert plain.get("AWS_PROFILE") == "ssoenv"


def _put_back(kept: Path, home: Path) -> None:
    for top in (".aws", ".local", ".config", "web"):
        shutil.rmtree(home / top)
        shutil.copytree(kept / top, home / top, symlinks=True)


@pytest.mark.parametrize("part", ["", "trust", "roles", "settings", "keys"])
def test_state_that_is_deleted_below_a_shell(plain: Shell, part: str) -> None:
    folder = Path(paths.state(plain.home.env)) / part
    before = plain.get("AWS_ACCESS_KEY_ID")
    assert before
    plain.run(f"rm -rf {folder}")
    key = plain.get("AWS_ACCESS_KEY_ID")
    # What nothing says any more to be trusted gives no role; all else is made anew, or fetched.
    assert key == before if part in ("settings", "keys") else key is None
    who = plain.role(plain.run("aws who").output)
    assert who == ("nobody" if part in ("", "trust") else DEV)
    other = plain.another()
    other.run("cd ~/web")
    if part in ("", "trust"):
        assert identity(other) == "nobody"
        assert other.run("ssoenv trust --yes").status == 0
    assert other.who() == DEV
    other.terminal.close()
