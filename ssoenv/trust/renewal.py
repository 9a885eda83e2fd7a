"""What was rendered before ssoenv was upgraded, or before the settings changed, made anew.

Whatever is rendered carries the settings of its time. Stamps in ``settings/`` of the state folder
hold the bytes that those had when they were last read: ``@ok``, ``@none`` (there was no file), or
``@bad`` (they cannot be understood: then nothing rendered may act). Never a time: that of a file
can be given to another.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from ssoenv import settings
from ssoenv.base import dialects, files, paths
from ssoenv.base.errors import InvalidConfiguration, SsoenvError
from ssoenv.binding import file as binding_file
from ssoenv.shells import hook as hook_text
from ssoenv.shells import rendering, source, state_folder
from ssoenv.trust import adhoc, grants, store

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssoenv.settings import Settings

_STAMPS = ("@ok", "@none", "@bad")


def run(arguments: list[str], env: Mapping[str, str]) -> int:
    """Renew all, and what is rendered for the directory in `arguments`, if one is.

    Returns an exit code: 1 if it cannot, and that of an invalid file if the directory has one. Says
    nothing: the shell that asks tells the person what holds.
    """
    try:
        renew(env, asked=True)
        for directory in arguments:
            if not _is_valid(directory):
                return InvalidConfiguration.exit_code
            preferences = settings.load(env)
            if not preferences.agent(env):
                grants.adopt_remembered(env, directory, preferences)
    except (SsoenvError, OSError, ValueError):
        return 1
    return 0


def _is_valid(directory: str) -> bool:
    """Whether the binding file of `directory` says what one can say. Raises NotTrusted, OSError."""
    path = f"{directory.rstrip('/')}/{paths.BINDING_FILE}"
    try:
        binding_file.parse(binding_file.read(path), path)
    except InvalidConfiguration:
        return False
    return True


def renew(env: Mapping[str, str], *, asked: bool = False) -> None:
    """Make the hooks that shells source, and what is trusted, anew if what made them has changed.

    Says nothing: whoever needs what cannot be made is told then. Where nothing is rendered yet,
    nothing is written, unless somebody `asked`.
    """
    with contextlib.suppress(SsoenvError, OSError):
        stale = [
            shell
            for shell in dialects.SHELLS
            if os.path.exists(hook_text.kept_file(env, shell))
            and hook_text.load(shell, env) is None
        ]
        if stale or (not state_folder.settings_are_current(env) and (asked or _is_anything(env))):
            grant_anew(env)
        for shell in stale:
            hook_text.render(shell, env)
        if os.path.exists(paths.source_file(env)):
            source.write(env)


def grant_anew(env: Mapping[str, str]) -> None:
    """Render everything that is trusted by the settings as they are; note how they are.

    Raises InvalidConfiguration where the settings cannot be read, OSError.
    """
    with store.changing(env):
        seen = _look(env)
        files.remove(f"{paths.state(env)}/settings/@sh")
        try:
            preferences = settings.load(env)
        except (SsoenvError, OSError):
            _note(env, "@bad", seen)
            raise
        grants.grant_anew(env, preferences)
        if preferences.seals:
            rendering.retract_everything(env)
        _note(env, "@none" if seen is None else "@ok", seen, preferences)


def _is_anything(env: Mapping[str, str]) -> bool:
    """Whether anything is rendered that could be out of date."""
    kept = any(adhoc.kept_roles(top) for top in paths.roles_folders(env))
    return bool(store.directories(env) or kept or adhoc.everything(env))


def _look(env: Mapping[str, str]) -> bytes | None:
    """Return the bytes of the settings, none where they cannot be read; None where none are."""
    path = paths.settings_file(env)
    if not os.path.lexists(path):
        return None
    return files.read_bytes(path, limit=paths.SETTINGS_LIMIT) or b""


def _note(
    env: Mapping[str, str], stamp: str, seen: bytes | None, preferences: Settings | None = None
) -> None:
    folder = f"{paths.state(env)}/settings"
    for other in _STAMPS:
        if other != stamp:
            files.remove(f"{folder}/{other}")
    if preferences:
        lines = f"{' '.join(preferences.agent_env)}\n{' '.join(preferences.agent_commands)}\n"
        files.write_private(f"{folder}/@agents", lines.encode())
    if stamp == "@ok" and seen:
        call = f"__ssoenv_settings {dialects.quote_posix(os.fsdecode(seen))}\n"
        files.write_private(f"{folder}/@sh", os.fsencode(call))
    # Last: it says that all of it is there.
    files.settle(folder)
    files.write_private(f"{folder}/{stamp}", seen or b"")
