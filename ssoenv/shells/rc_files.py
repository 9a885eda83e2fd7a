"""The files that shells read at their start, with our block in them, and the completions.

Before a file is changed, a copy goes to ``backups/`` in the state folder; a file that cannot be
written, or that belongs to a dotfile tool, is left alone.
"""

from __future__ import annotations

import contextlib
import os
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ssoenv.base import clock, files, paths
from ssoenv.base.errors import SsoenvError
from ssoenv.shells import rc_block

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LONGEST = 16 << 20
"""How many bytes a start-up file may have."""
BY_HAND = "ssoenv setup --print"
_LOGIN_FILES = (".bash_profile", ".bash_login", ".profile")
"""What a login bash reads: the first of these that is there (bash(1), INVOCATION)."""
COMPLETIONS = {"bash": "ssoenv.bash", "zsh": "_ssoenv", "fish": "ssoenv.fish"}


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


def of_shell(shell: str, env: Mapping[str, str]) -> tuple[str, ...]:
    """Return the files in which `shell` needs the block: what every interactive shell reads.

    For bash also what a login shell reads, unless that reads ``.bashrc`` itself.
    """
    home = paths.home(env)
    if shell == "zsh":
        return ((env.get("ZDOTDIR") or home) + "/.zshrc",)
    if shell == "fish":
        return (_config(env) + "/fish/config.fish",)
    login = next((name for name in _LOGIN_FILES if os.path.lexists(f"{home}/{name}")), None)
    if login is None:
        return (f"{home}/.bashrc", f"{home}/.bash_profile")
    text = (files.read_bytes(f"{home}/{login}") or b"").decode("utf-8", "replace")
    if ".bashrc" in rc_block.others(text):
        return (f"{home}/.bashrc",)
    return (f"{home}/.bashrc", f"{home}/{login}")


def completion_file(shell: str, env: Mapping[str, str]) -> str:
    """Return where `shell` looks for a user's completion of ``ssoenv``."""
    data = env.get("XDG_DATA_HOME", "")
    data = data if data.startswith("/") else paths.home(env) + "/.local/share"
    if shell == "bash":
        folder = env.get("BASH_COMPLETION_USER_DIR") or f"{data}/bash-completion"
        return f"{folder}/completions/ssoenv"
    if shell == "fish":
        return _config(env) + "/fish/completions/ssoenv.fish"
    return f"{data}/zsh/site-functions/_ssoenv"


def completion(shell: str) -> bytes:
    """Return the completion of `shell`."""
    with open(paths.completion_file(COMPLETIONS[shell]), "rb") as stream:
        return stream.read()


def plan(shell: str, env: Mapping[str, str], text: str, *, show: bool) -> list[Change]:
    """Return what has to change for `shell` to have the block `text` and its completions.

    Raises SsoenvError for a file that is not ours to change, unless it is only to `show` what a
    person can change by hand.
    """
    changes = []
    for path in of_shell(shell, env):
        before, rest = _without_block(path)
        if rc_block.by_hand(rest or ""):
            continue
        after = rc_block.behind_all(rest, text).encode("utf-8", "surrogateescape")
        if after != before:
            if not show:
                require_own(path, env, by_hand=BY_HAND)
            changes.append(Change(path, before, after))
    path = completion_file(shell, env)
    if _read(path) != completion(shell):
        changes.append(Change(path, _read(path), completion(shell), ours=True))
    return changes


def plan_undo(shell: str, env: Mapping[str, str], kept: str) -> list[Change]:
    """Return what has to change for nothing of ours to be left in the files of `shell`."""
    changes = []
    home = paths.home(env)
    every = [f"{home}/{name}" for name in (".bashrc", *_LOGIN_FILES)]
    for path in every if shell == "bash" else of_shell(shell, env):
        if not os.path.isfile(path):
            continue
        before, rest = _without_block(path)
        after = None if rest is None else rest.encode("utf-8", "surrogateescape")
        if after != before:
            require_own(path, env, by_hand=BY_HAND)
            changes.append(Change(path, before, after))
    path = completion_file(shell, env)
    if _read(path) == completion(shell):
        changes.append(Change(path, completion(shell), None, ours=True))
    if _read(kept) is not None:
        changes.append(Change(kept, _read(kept), None, ours=True))
    return changes


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
        if _read(change.path) != change.before:
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
    return backups


def _make(change: Change, env: Mapping[str, str]) -> list[str]:
    """Make `change`; return the backup of a file that is the person's."""
    backups = []
    if change.before is not None and not change.ours:
        name = os.path.basename(change.path).lstrip(".")
        backup = f"{paths.state(env)}/backups/{name}.{clock.now()}"
        files.write_private(backup, change.before)
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


def has_block(path: str) -> bool:
    """Whether our block, or a line that somebody wrote by hand, stands in the file at `path`."""
    text = (_read(path) or b"").decode("utf-8", "replace")
    return rc_block.find(text) is not None or rc_block.by_hand(text)


def by_hand(shell: str, env: Mapping[str, str]) -> tuple[str, ...]:
    """Return the files of `shell` in which a line that somebody wrote by hand loads the hook."""
    return tuple(
        path
        for path in of_shell(shell, env)
        if rc_block.by_hand((_read(path) or b"").decode("utf-8", "replace"))
    )


def after_block(path: str) -> str:
    """Return what stands behind our block, or behind the line by hand, in the file at `path`."""
    return rc_block.behind((_read(path) or b"").decode("utf-8", "replace"))


def _without_block(path: str) -> tuple[bytes | None, str | None]:
    """Return the bytes of the start-up file at `path`, None if there is none, and what we found.

    That is the text that was there before our block: None where no file was. Raises SsoenvError for
    a file that cannot be read whole, or that has only half of our block.
    """
    before = read_whole(path)
    if before is None:
        return None, None
    return before, rc_block.without(before.decode("utf-8", "surrogateescape"), path)


def _read(path: str) -> bytes | None:
    return files.read_bytes(path, limit=LONGEST)


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
    where = real if os.path.exists(real) else os.path.dirname(real)
    while not os.path.exists(where):
        where = os.path.dirname(where)
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


def _config(env: Mapping[str, str]) -> str:
    base = env.get("XDG_CONFIG_HOME", "")
    return base.rstrip("/") if base.startswith("/") else paths.home(env) + "/.config"
