"""The files that shells read at their start, with our block in them, and the completions."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ssoenv.base import file_changes, files, paths
from ssoenv.base.file_changes import Change
from ssoenv.shells import rc_block

if TYPE_CHECKING:
    from collections.abc import Mapping

BY_HAND = "ssoenv setup --print"
_LOGIN_FILES = (".bash_profile", ".bash_login", ".profile")
"""What a login bash reads: the first of these that is there (bash(1), INVOCATION)."""
COMPLETIONS = {"bash": "ssoenv.bash", "zsh": "_ssoenv", "fish": "ssoenv.fish"}


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
                file_changes.require_own(path, env, by_hand=BY_HAND)
            changes.append(Change(path, before, after))
    path = completion_file(shell, env)
    if file_changes.read(path) != completion(shell):
        changes.append(Change(path, file_changes.read(path), completion(shell), ours=True))
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
            file_changes.require_own(path, env, by_hand=BY_HAND)
            changes.append(Change(path, before, after))
    path = completion_file(shell, env)
    if file_changes.read(path) == completion(shell):
        changes.append(Change(path, completion(shell), None, ours=True))
    if file_changes.read(kept) is not None:
        changes.append(Change(kept, file_changes.read(kept), None, ours=True))
    return changes


def has_block(path: str) -> bool:
    """Whether our block, or a line that somebody wrote by hand, stands in the file at `path`."""
    text = (file_changes.read(path) or b"").decode("utf-8", "replace")
    return rc_block.find(text) is not None or rc_block.by_hand(text)


def by_hand(shell: str, env: Mapping[str, str]) -> tuple[str, ...]:
    """Return the files of `shell` in which a line that somebody wrote by hand loads the hook."""
    return tuple(
        path
        for path in of_shell(shell, env)
        if rc_block.by_hand((file_changes.read(path) or b"").decode("utf-8", "replace"))
    )


def after_block(path: str) -> str:
    """Return what stands behind our block, or behind the line by hand, in the file at `path`."""
    return rc_block.behind((file_changes.read(path) or b"").decode("utf-8", "replace"))


def _without_block(path: str) -> tuple[bytes | None, str | None]:
    """Return the bytes of the start-up file at `path`, None if there is none, and what we found.

    That is the text that was there before our block: None where no file was. Raises SsoenvError for
    a file that cannot be read whole, or that has only half of our block.
    """
    before = file_changes.read_whole(path)
    if before is None:
        return None, None
    return before, rc_block.without(before.decode("utf-8", "surrogateescape"), path)


def _config(env: Mapping[str, str]) -> str:
    base = env.get("XDG_CONFIG_HOME", "")
    return base.rstrip("/") if base.startswith("/") else paths.home(env) + "/.config"
