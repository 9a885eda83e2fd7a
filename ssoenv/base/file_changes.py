"""Changes of files that are a person's: start-up files of shells, settings of other programs.

Before a file is changed, a copy goes to ``backups/`` in the state folder; a file that cannot be
written, or that belongs to a dotfile tool, is left alone.
"""

from __future__ import annotations

import contextlib
import os
import re
from typing import TYPE_CHECKING

from ssoenv.base import clock, files, paths
from ssoenv.base.errors import SsoenvError
from ssoenv.base.values import dataclass, replace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LONGEST = 16 << 20
"""How many bytes such a file may have."""


@dataclass(frozen=True, slots=True)
class Change:
    """A file to be written: `path` as people know it, and its bytes `before` and `after`.

    None stands for no file: `before` where it is new, `after` where it is to be removed. `ours`: no
    line in it is the person's.
    """

    path: str
    before: bytes | None
    after: bytes | None
    ours: bool = False


def read(path: str) -> bytes | None:
    """Return the bytes of the file at `path`; None where there is none that can be read."""
    return files.read_bytes(path, limit=LONGEST)


def read_whole(path: str, *, by_hand: str = "") -> bytes | None:
    """Return the bytes of the file at `path`, None if there is none.

    Raises SsoenvError for one that cannot be read whole; `by_hand` is a command that tells what to
    do instead, if there is one.
    """
    try:
        return files.read_required(path, limit=LONGEST)
    except OSError as error:
        why = f"cannot be read whole: {error.strerror}"
        what = why if os.path.isfile(path) else "is not a regular file"
        if by_hand:
            raise SsoenvError(f"{path} {what}", fix=by_hand) from None
        if os.path.islink(path) and not os.path.exists(path):
            target = os.path.realpath(path)
            raise SsoenvError(
                f"{path} is a link to {target}, which is not there",
                advice=f"make {target}, or remove the link",
            ) from None
        raise SsoenvError(f"{path} {what}", advice="move it out of the way first") from None


def require_unchanged(changes: Sequence[Change]) -> None:
    """Raise SsoenvError if a file is not as it was when `changes` were planned."""
    for change in changes:
        if read(change.path) != change.before:
            raise SsoenvError(
                f"{change.path} was changed meanwhile", advice="nothing was changed; run it again"
            )


def make(changes: Sequence[Change], env: Mapping[str, str]) -> list[str]:
    """Make all of `changes` or none; return the backups. Raises OSError or SsoenvError."""
    require_unchanged(changes)
    backups: list[str] = []
    with contextlib.ExitStack() as undoing:
        for change in changes:
            backups += _make(change, env)
            undoing.callback(_write, replace(change, before=change.after, after=change.before))
        undoing.pop_all()
    files.settle(*{os.path.dirname(os.path.realpath(change.path)) for change in changes})
    return backups


def _make(change: Change, env: Mapping[str, str]) -> list[str]:
    """Make `change`; return the backup of a file that is the person's."""
    backups = []
    if change.before is not None and not change.ours:
        name = os.path.basename(change.path).lstrip(".")
        backup = f"{paths.state(env)}/backups/{name}.{clock.now()}"
        files.write_private(backup, change.before)
        files.settle(os.path.dirname(backup))
        backups.append(backup)
    _write(change)
    return backups


def _write(change: Change) -> None:
    real = os.path.realpath(change.path)
    if change.after is None:
        files.remove(real)
        return
    mode = os.stat(real).st_mode & 0o777 if change.before is not None else 0o644
    files.write_private(real, change.after, mode=mode)


def require_own(path: str, env: Mapping[str, str], *, by_hand: str) -> None:
    """Raise SsoenvError unless the file at `path` is the person's, and can be put back.

    `by_hand` is the command that tells what to do instead.
    """
    real = os.path.realpath(path)
    source = _chezmoi(path, env)
    if source:
        raise SsoenvError(f"{path} is made by chezmoi from {source}", fix=by_hand)
    if os.path.lexists(path) and not os.path.isfile(real):
        raise SsoenvError(f"{path} is not a regular file", fix=by_hand)
    where = next(one for one in (real, *paths.above(real)) if os.path.exists(one))
    owner = os.stat(where).st_uid
    folder = real if os.path.isdir(real) else os.path.dirname(real)
    unwritable = not os.access(where, os.W_OK) or (
        os.path.isdir(folder) and not os.access(folder, os.W_OK)
    )
    if unwritable or (os.path.isfile(real) and owner != os.geteuid()):
        what = f"{path} leads to {real}, which" if real != path else path
        raise SsoenvError(f"{what} is not yours to change", fix=by_hand)


def _chezmoi(path: str, env: Mapping[str, str]) -> str | None:
    """Return the source of `path` in chezmoi's folder, if it has one (chezmoi.io, source state)."""
    home = paths.home(env)
    inside = os.path.relpath(path, home)
    if inside.startswith(".."):
        return None
    parts = [re.sub(r"^\.", "dot_", part) for part in inside.split("/")]
    top = home + "/.local/share/chezmoi/"
    found = (top + "/".join(parts) + end for end in ("", ".tmpl"))
    return next((one for one in found if os.path.exists(one)), None)
