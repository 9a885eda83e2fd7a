"""A file in HOME, in / and in /tmp, above everything: it does nothing unless somebody trusts it.

Nobody writes into the / and the /tmp of the machine: a mount namespace has others, made of links and
binds. Where none can be had (no root, and no namespaces of users), HOME alone is tried.
"""

from __future__ import annotations

import os
import subprocess
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ssoenv.base.dialects import SHELLS
from ssoenv.shells import hook as hook_text
from tests import forked
from tests.attacks import oracle
from tests.attacks.model import DEV, PROD, Attack, binding
from tests.attacks.seats import Seat
from tests.conftest import WHOLE

if TYPE_CHECKING:
    from tests.attacks.ground import Ground

pytestmark = pytest.mark.xdist_group("attacks")
FILE = binding(of="333333333333", role="ReadOnly")
OTHER_ROOT = r"""
set -e
root=$1 file=$2 text=$3
shift 3
mount --make-rprivate /
mount -t tmpfs tmpfs "$root"
for one in /*; do
    if [ -L "$one" ]; then
        cp -P "$one" "$root$one"
    elif [ -d "$one" ]; then
        mkdir "$root$one"
        [ "$one" = /tmp ] || mount --rbind "$one" "$root$one"
    fi
done
chmod 1777 "$root/tmp"
while [ "$1" != -- ]; do
    mkdir -p "$root$1"
    mount --rbind "$1" "$root$1"
    shift
done
shift
printf %s "$text" >"$root$file"
exec "$(PATH=$PATH:/usr/sbin:/sbin command -v chroot)" "$root" "$@"
"""
"""Runs a program where `file` has `text`, below a / and a /tmp of its own; folders before ``--`` are
those of outside."""


@cache
def _namespace() -> tuple[str, ...]:
    """Return the words that give a program mounts of its own; none where that is not allowed."""
    for words in (("unshare", "--mount"), ("unshare", "--user", "--map-root-user", "--mount")):
        trial = [*words, "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
        if subprocess.run(trial, capture_output=True).returncode == 0:
            return words
    return ()


TMP = "/tmp"  # noqa: S108 - one of its own
PLACES = ("~", *(("/", TMP)[: 2 if WHOLE else 1] if _namespace() else ()))
ASKED = (("export", "--format", "json"), ("credential-process",), ("status",))
"""What is run there; `make test` runs the first."""


def _inside(ground: Ground, file: str, folder: Path) -> list[str]:
    """Return the words in front of a program that runs where `file` is; none for HOME."""
    if not file.startswith("/"):
        return []
    root = folder / "root"
    root.mkdir(exist_ok=True)
    folders = (str(ground.lookout), str(forked.ROOT), os.path.dirname(os.path.dirname(os.__file__)))
    known = [one for one in folders if os.path.isdir(one)]
    script = ["sh", "-c", OTHER_ROOT, "sh", str(root), file, FILE, *known, "--"]
    return [*_namespace(), *script]


def _run(
    ground: Ground, inside: list[str], cwd: str, *words: str
) -> subprocess.CompletedProcess[str]:
    """Run the program in `cwd`, as it is called inside."""
    if not inside:
        return ground.home.ssoenv(*words, cwd=Path(cwd))
    there = ["sh", "-c", 'cd "$0" && exec "$@"', cwd]
    return subprocess.run(
        [*inside, *there, *hook_text.command_line(), *words],
        env=ground.home.env | {"PWD": cwd},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        start_new_session=True,
    )


@pytest.mark.parametrize("place", PLACES)
def test_a_file_above_everything(ground: Ground, tmp_path: Path, place: str) -> None:
    attack = Attack("root", f"a file in {place}", lambda folder: folder, gives=PROD)
    home = str(ground.home.path)
    top = home if place == "~" else place
    inside = _inside(ground, f"{top.rstrip('/')}/.ssoenv.toml" if place != "~" else "", tmp_path)
    below = {"~": f"{home}/seen", "/": "/usr/bin", TMP: TMP}[place]
    shells = SHELLS if WHOLE else SHELLS[len(place) % 3 :][:1]
    seats = [Seat(one, ground, tuple(inside)) for one in shells]
    own = ground.home.path / ".ssoenv.toml"
    if place == "~":
        own.write_text(FILE)
    try:
        for trusted in (False, True):
            if trusted:
                done = _run(ground, inside, top, "trust", "--yes")
                assert done.returncode == 0, done.stderr
            for where, allowed in ((below, PROD), (f"{home}/web", DEV), (top, PROD)):
                gives = allowed if trusted or allowed == DEV else ""
                for words in ASKED if WHOLE else ASKED[:1]:
                    done = _run(ground, inside, where, *words)
                    faults = list(oracle.of_run(done, 0, reports=words[0] == "status"))
                    faults += ground.given(done.stdout, gives)
                    if gives and done.returncode:
                        faults.append(f"nothing is given: {done.stderr!r}")
                    ground.note(attack, f"{words[0]} in {where}", faults)
            for seat in seats:
                seat.visit(attack, Path(below), trusted=trusted, above=place != TMP)
        assert _run(ground, inside, top, "untrust").returncode == 0
    finally:
        own.unlink(missing_ok=True)
        for seat in seats:
            seat.close()
    wrong, ground.wrong = ground.wrong, []
    assert not wrong, "\n".join(wrong)
