"""What is kept of a session is of one Identity Center: the one that the AWS config says now.

Credentials, lists and renderings are kept by the name of their session, as the AWS CLI has it. The
name comes to mean another start URL by an edit of the config, or by another AWS_CONFIG_FILE: then
all that is kept by it is of somebody else, and goes. Tokens say themselves where they are from.

The state folder notes the start URL of each name in ``instances.json``. For each AWS config that
was looked at it has a file of that path below ``configs/``, of the time of the config: shells and
the credential source compare the two, and have the program look where they differ. That may be an
edit, or another file in its place, such as a link that leads to an older one.
"""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING

from ssoenv.aws_files import config as aws_config
from ssoenv.base import files, paths
from ssoenv.base.errors import InvalidConfiguration
from ssoenv.base.models import Session, instance_url
from ssoenv.shells import rendered
from ssoenv.sign_in import epoch

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ssoenv.aws_files.config import Known

_TICK = 10**9 // 50
"""Nanoseconds within which a file may be written twice and have the same time."""


def settle(env: Mapping[str, str]) -> None:
    """Remove what is kept of sessions that have come to mean another Identity Center.

    Where the AWS config is that of the last look, nothing is read. One that cannot be read is left
    to whoever needs it. Raises OSError where something of another one would stay.
    """
    if rendered.knows_config(env) or not os.path.isdir(paths.state(env)):
        return
    began = time.time_ns()
    try:
        written = os.stat(paths.aws_config_file(env)).st_mtime_ns
        known = {one.label: one for one in aws_config.known(env) if one.start_url}
    except (OSError, InvalidConfiguration):
        return
    try:
        with files.Lock(f"{paths.state(env)}/locks/instances"):
            _settle(env, known)
            _note_looked_at(env, written, began)
    except OSError:
        # Where nothing can be written, nothing is noted, and everybody looks for themselves.
        if _moved(known, _noted(env)):
            raise


def _settle(env: Mapping[str, str], known: Mapping[str, Known]) -> None:
    before = _noted(env)
    if moved := _moved(known, before):
        _forget(env, moved)
    now = (before or {}) | {label: instance_url(one.start_url) for label, one in known.items()}
    if now != before:
        files.write_private(_file(env), json.dumps(now).encode())


def _moved(known: Mapping[str, Known], before: Mapping[str, str] | None) -> list[Session]:
    """Return the sessions that are `known` with another start URL than `before`, or than may be."""
    return [
        Session(one.name or None, one.start_url, one.region, None, "")
        for label, one in known.items()
        if before is None or before.get(label) not in (None, instance_url(one.start_url))
    ]


def _forget(env: Mapping[str, str], moved: Iterable[Session]) -> None:
    from ssoenv.sign_in.sign_out import forget

    with epoch.ending(env, moved):
        for session in moved:
            forget(session, env)
    # To other configs a name may still mean what it meant: they are looked at again.
    for stamp in _stamps(env):
        files.remove(stamp)


def _stamps(env: Mapping[str, str]) -> dict[str, str]:
    """Return the files that note that an AWS config was looked at, with the path of that config."""
    top = rendered.configs_folder(env)
    return {path: path[len(top) :] for path in files.walk_files(top, lambda _: True)}


def _noted(env: Mapping[str, str]) -> dict[str, str] | None:
    """Return the start URL of each name that something may be kept by; None for rubbish."""
    if not os.path.lexists(_file(env)):
        return {}
    try:
        found = json.loads(files.read_bytes(_file(env), limit=16 << 20) or b"")
    except (ValueError, RecursionError):
        return None
    is_whole = isinstance(found, dict) and all(isinstance(one, str) for one in found.values())
    return found if is_whole else None


def _note_looked_at(env: Mapping[str, str], written: int, began: int) -> None:
    """Note that the config of the time `written` was looked at from `began` on (ns, epoch).

    Not where it may be written once more and still have that time.
    """
    if abs(began - written) < _TICK:
        return
    path = rendered.config_stamp(env)
    files.write_private(path, b"")
    os.utime(path, ns=(written, written))
    # Those that `exec --serve` makes for its command are many.
    for stamp, config in _stamps(env).items():
        if not os.path.exists(config):
            files.remove(stamp)


def _file(env: Mapping[str, str]) -> str:
    return f"{paths.state(env)}/instances.json"
