"""What is kept of a session is of one Identity Center: the one that the AWS config says now.

The name of a session comes to mean another start URL by an edit of the config, or by another
AWS_CONFIG_FILE: then all that is kept by it is of somebody else, and goes (`meanings` has what is
noted of names). Tokens say themselves where they are from.

For each AWS config that was looked at the state folder has a file of that path below ``configs/``,
of the time of the config: shells and the credential source compare the two, and have the program
look where they differ. That may be an edit, or another file in its place, such as a link that leads
to an older one.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from ssoenv.aws_files import config as aws_config
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
            moved = _moved(env, before, now)
            if moved != []:
                with end(moved):
                    _forget(env, moved)
            if now != before:
                meanings.note(env, now)
            _note_looked_at(env, there, began)
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
    """Return the sessions that mean something else `now`, or may; None for whatever is kept."""
    kept = _kept(env)
    if before is None:
        return None if kept else []
    unknown = Meaning("", "")
    return [
        Session(name, one.start_url, "", None, "")
        for name, one in now.items()
        if (name in before or name in kept) and before.get(name, unknown).start_url != one.start_url
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
    meanings.forget_looks(env)


def _note_looked_at(env: Mapping[str, str], there: os.stat_result, began: int) -> None:
    """Note that the config with the `there` times was read from `began` on (ns, epoch).

    Not where it may be written once more and still have that time.
    """
    written = there.st_mtime_ns
    if abs(began - written) < (_TICK if written % _SECOND else _COARSE):
        return
    path = rendered.config_stamp(env)
    files.write_private(path, rendered.identity(there))
    os.utime(path, ns=(written, written))
    # Those that `exec --serve` makes for its command are many.
    for look, config in meanings.looks(env).items():
        if not os.path.exists(config):
            files.remove(look)
