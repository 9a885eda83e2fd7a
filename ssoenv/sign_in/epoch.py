"""Keep nothing that was fetched before a sign-out: each sign-out ends an epoch of its session.

A fetch, or a refresh, may be under way while somebody signs out. It notes the epoch before it asks
the service, and keeps the answer only while that epoch lasts; a sign-out waits until it is kept.
"""

from __future__ import annotations

import contextlib
import os
import shlex
from typing import TYPE_CHECKING

from ssoenv.base import files, paths
from ssoenv.base.errors import SignInRequired

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ssoenv.base.models import Session

_ALL = "@all"


def current(env: Mapping[str, str], session: Session) -> bytes:
    """Return the epoch of `session`; it is another one after each sign-out."""
    names = (_ALL, paths.escape(session.label))
    return b" ".join(files.read_bytes(_file(env, name), limit=64) or b"-" for name in names)


@contextlib.contextmanager
def lasting(env: Mapping[str, str], session: Session, epoch: bytes) -> Iterator[None]:
    """Hold off every sign-out while something is kept that was fetched in `epoch`.

    Raises SignInRequired if somebody has signed out since.
    """
    with _lock(env):
        if current(env, session) != epoch:
            raise SignInRequired(
                f"somebody signed out of {session.label} meanwhile",
                fix=f"ssoenv login {shlex.quote(session.label)}",
            )
        yield


@contextlib.contextmanager
def ending(env: Mapping[str, str], sessions: Iterable[Session] | None) -> Iterator[None]:
    """End the epoch of `sessions`, or with None of every session, and keep others off meanwhile."""
    names = [_ALL] if sessions is None else [paths.escape(one.label) for one in sessions]
    with _lock(env):
        _begin(env, names)
        try:
            yield
        finally:
            # Whoever noted the new one while the token was still there does not belong to it.
            _begin(env, names)


def _begin(env: Mapping[str, str], names: Iterable[str]) -> None:
    for name in names:
        files.write_private(_file(env, name), os.urandom(16).hex().encode())


def _lock(env: Mapping[str, str]) -> files.Lock:
    return files.Lock(f"{paths.state(env)}/locks/sign-out")


def _file(env: Mapping[str, str], name: str) -> str:
    return f"{paths.state(env)}/sign-in/{name}.epoch"
