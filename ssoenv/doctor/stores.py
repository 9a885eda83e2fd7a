"""Settings, who may read what, and what is kept for nothing."""

from __future__ import annotations

import os
import re
import stat
from functools import partial
from typing import TYPE_CHECKING

from ssoenv import settings as settings_module
from ssoenv.aws_files import token_cache
from ssoenv.base import dialects, files, paths
from ssoenv.base.json_files import load_object
from ssoenv.doctor.finding import Finding
from ssoenv.trust import grants

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_OTHERS = 0o077
_TOKEN_FILE = re.compile(r"[0-9a-f]{40}\.json")
"""Tokens and registrations, as ssoenv, the AWS CLI and the SDKs name them; others name theirs."""


def settings(env: Mapping[str, str]) -> Iterator[Finding]:
    """Yield whether the settings can be read. Raises InvalidConfiguration where they cannot."""
    path = paths.settings_file(env)
    settings_module.load(env)
    if not os.path.exists(path):
        yield Finding("settings", "ok", f"none ({path})")
        return
    if os.stat(path).st_mode & 0o022:
        yield Finding(
            "settings",
            "wrong",
            f"others may write {path}, which decides what is trusted",
            f"chmod go-w {dialects.word(path)}",
            lambda: os.chmod(path, stat.S_IMODE(os.stat(path).st_mode) & ~0o022),
        )
    else:
        yield Finding("settings", "ok", path)


def permissions(env: Mapping[str, str]) -> Iterator[Finding]:
    """Yield the files with secrets that others may read.

    In the caches those are JSON, whoever wrote them. What else is there is the business of the
    tool that put it there, such as the AWS CLI's ``session.db``.
    """
    state = paths.state(env)
    shared = [paths.token_cache(env), paths.credential_cache(env)]
    secrets = [
        *files.walk_files(f"{state}/roles", lambda _: True),
        *files.walk_files(f"{state}/agents", lambda _: True),
        *files.walk_files(paths.sealed_folder(env), lambda _: True),
        *(path for top in shared for path in files.walk_files(top, _holds_json)),
    ]
    open_to_others = [
        path
        for path in sorted(secrets)
        if os.lstat(path).st_mode & _OTHERS and os.path.isfile(path)
    ]
    open_to_others += [
        folder
        for folder in (state, *shared)
        if os.path.isdir(folder) and os.stat(folder).st_mode & 0o022
    ]
    for path in open_to_others:
        yield Finding(
            "files",
            "wrong",
            f"others may reach {path}",
            f"chmod go= {dialects.word(path)}",
            partial(_close, path),
        )
    if not open_to_others:
        yield Finding("files", "ok", "tokens and credentials are readable by you alone")


def caches(env: Mapping[str, str]) -> Iterator[Finding]:
    """Yield what is kept and cannot be of use any more."""
    folder = paths.token_cache(env)
    names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    broken = [
        f"{folder}/{one}"
        for one in names
        if _TOKEN_FILE.fullmatch(one) and not load_object(f"{folder}/{one}")
    ]
    for path in broken:
        yield Finding(
            "caches", "wrong", f"{path} is not readable JSON", f"rm {dialects.word(path)}"
        )
    gone = [
        directory
        for directory in grants.directories(env)
        if not os.path.isfile(f"{directory.rstrip('/')}/{paths.BINDING_FILE}")
    ]
    for directory in gone:
        yield Finding(
            "caches",
            "note",
            f"{directory} is trusted, and has no {paths.BINDING_FILE} any more",
            f"ssoenv untrust {dialects.word(directory)}",
            partial(_untrust, env, directory),
        )
    if not broken and not gone:
        count = sum(1 for _ in token_cache.token_files(env))
        yield Finding("caches", "ok", f"{count} token(s), nothing stale")


def _untrust(env: Mapping[str, str], directory: str) -> None:
    grants.revoke(env, directory)


def _holds_json(name: str) -> bool:
    return name.endswith((".json", ".tmp"))


def _close(path: str) -> None:
    os.chmod(path, stat.S_IMODE(os.stat(path).st_mode) & ~_OTHERS)
