"""What is kept of a session is of one Identity Center: the one that the AWS config says now.

The name of a session comes to mean another start URL by an edit of the config, or by another
AWS_CONFIG_FILE: then all that is kept by it is of somebody else, and goes (`meanings` has what is
noted of names). Tokens say themselves where they are from.

For each AWS config that was looked at the state folder has files of that path below ``configs/``,
of the time of the config: one in ``@``, and one below each name that something is kept by and that
means just that to this config. Shells and the credential source compare the two times, and have
the program look where they differ, or where the config has not the name. That may be an edit, or
another file in its place, such as a link that leads to an older one.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from ssoenv.aws_files import config as aws_config
from ssoenv.aws_files import credential_cache, storage
from ssoenv.base import files, paths
from ssoenv.base.errors import InvalidConfiguration
from ssoenv.base.models import Session
from ssoenv.identity_center import kept_listings
from ssoenv.shells import rendered
from ssoenv.sign_in import epoch, meanings
from ssoenv.sign_in.meanings import Meaning

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_SECOND = 10**9
_TICK, _COARSE = _SECOND // 50, 2 * _SECOND
"""Nanoseconds within which a file may be written twice and have the same time: where the file
system tells parts of a second, and where it does not."""


def settle(env: Mapping[str, str]) -> None:
    """Remove what is kept by names that have come to mean another Identity Center, or none.

    Where the AWS config is that of the last look, nothing is read. One that cannot be read is left
    to whoever needs it. Raises OSError where something of another one would stay.
    """
    if rendered.knows_config(env) or not os.path.isdir(paths.state(env)):
        return
    try:
        there = os.stat(paths.aws_config_file(env))
    except OSError:
        return
    began = time.time_ns()
    try:
        with epoch.held(env) as end:
            before = meanings.noted(env)
            now = _now(env, before or {})
            if meanings.differ(before or {}, now):
                credential_cache.remove_of_others(env)
            moved = _moved(env, before, now)
            if moved != []:
                with end(moved):
                    _forget(env, moved)
            meanings.note(env, before, now)
            if _is_over(there, began):
                meanings.note_look(env, there, _known_to(env, now))
    except InvalidConfiguration:
        return
    except OSError:
        # Where nothing can be written, nothing is noted, and everybody looks for themselves.
        if _is_of_others(env):
            raise


def _is_of_others(env: Mapping[str, str]) -> bool:
    """Whether something is kept by a name that means something else; not where nobody can tell."""
    try:
        before = meanings.noted(env)
        return _moved(env, before, _now(env, before or {})) != []
    except (OSError, InvalidConfiguration):
        return False


def _now(env: Mapping[str, str], before: Mapping[str, Meaning]) -> dict[str, Meaning]:
    """Return what is to be noted, by what names mean to this AWS config.

    A name that it does not have is gone if it had it `before`; else it is that of another config.
    """
    config, now = paths.aws_config_file(env), dict(before)
    for name in {*before, *_kept(env), *aws_config.load(env).sessions}:
        start_url = aws_config.start_url_of(env, name)
        if start_url or name not in before or before[name].config == config:
            now[name] = Meaning(start_url, config)
    return now


def _moved(
    env: Mapping[str, str], before: Mapping[str, Meaning] | None, now: Mapping[str, Meaning]
) -> list[Session] | None:
    """Return the sessions of which something is kept that is of others `now`, or may be.

    None for whatever is kept, where nobody can tell of whom it is.
    """
    kept = _kept(env)
    if before is None:
        return None if kept or storage.is_sealing_left(env) else []
    unknown = Meaning("", "")
    return [
        Session(name, now[name].start_url, "", None, "")
        for name in sorted(kept)
        if before.get(name, unknown).start_url != now[name].start_url
    ]


def _known_to(env: Mapping[str, str], now: Mapping[str, Meaning]) -> list[str]:
    """Return the names that something is kept by, and that mean that to this AWS config."""
    return [
        name
        for name in sorted(_kept(env))
        if now[name].start_url and aws_config.start_url_of(env, name) == now[name].start_url
    ]


def _kept(env: Mapping[str, str]) -> set[str]:
    """Return the names by which roles are rendered, or accounts listed."""
    roles = [name for top in paths.roles_folders(env) for name in files.names_in(top)]
    return {*map(paths.unescape, roles), *kept_listings.labels(env)}


def _forget(env: Mapping[str, str], sessions: Iterable[Session] | None) -> None:
    from ssoenv.sign_in.sign_out import forget, forget_everything

    if sessions is None:
        forget_everything(env)
    for session in sessions or ():
        forget(session, env)


def _is_over(there: os.stat_result, began: int) -> bool:
    """Whether the config that was read from `began` on (ns, epoch) keeps the time that it has.

    It may else be written once more, and have the same.
    """
    written = there.st_mtime_ns
    return abs(began - written) >= (_TICK if written % _SECOND else _COARSE)
