"""Keep nothing of who was signed in before: each sign-in and sign-out ends an epoch of its session.

A fetch, or a refresh, may be under way meanwhile. A token is of the epoch in which it was had, and
so is what is fetched with it: that is kept only while that epoch lasts, and whoever ends one waits
until it is kept. So nothing that is kept was had by a token of somebody who is signed in no longer.
"""

from __future__ import annotations

import contextlib
import os
import shlex
from typing import TYPE_CHECKING

from ssoenv.base import files, paths
from ssoenv.base.errors import SignInRequired

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from ssoenv.base.models import Session

_ALL = "@all"


class Ended(SignInRequired):
    """What was fetched is of an epoch that has ended."""


def current(env: Mapping[str, str], session: Session) -> bytes:
    """Return the epoch of `session`; it is another one after each sign-in and each sign-out."""
    names = (_ALL, paths.escape(session.label))
    return b" ".join(files.read_bytes(_file(env, name), limit=64) or b"-" for name in names)


@contextlib.contextmanager
def lasting(env: Mapping[str, str], session: Session, epoch: bytes) -> Iterator[None]:
    """Hold off whoever would end it while something is kept that was fetched in `epoch`.

    Raises Ended if somebody has signed out, or in, since.
    """
    with _lock(env):
        if current(env, session) != epoch:
            raise Ended(
                f"somebody signed out of {session.label} meanwhile, or in again",
                fix=f"ssoenv login {shlex.quote(session.label)}",
            )
        yield


@contextlib.contextmanager
def ending(env: Mapping[str, str], sessions: Iterable[Session] | None) -> Iterator[None]:
    """End the epoch of `sessions`, or with None of every session, and keep others off meanwhile."""
    with _lock(env), _between(env, sessions):
        yield


def begin(
    env: Mapping[str, str],
    session: Session,
    sessions: Iterable[Session] | None,
    keep: Callable[[], object],
) -> bytes:
    """End the epoch of `sessions` as `ending` does, and `keep` the token of a new sign-in.

    Returns the epoch of `session` that has begun with it.
    """
    with _lock(env):
        with _between(env, sessions):
            keep()
        return current(env, session)


@contextlib.contextmanager
def _between(env: Mapping[str, str], sessions: Iterable[Session] | None) -> Iterator[None]:
    """Be in an epoch of `sessions`, or of every session, that nobody belongs to."""
    names = [_ALL] if sessions is None else [paths.escape(one.label) for one in sessions]
    _begin(env, names)
    try:
        yield
    finally:
        # Whoever noted it while the token was still there belongs to neither.
        _begin(env, names)


def _begin(env: Mapping[str, str], names: Iterable[str]) -> None:
    for name in names:
        files.write_private(_file(env, name), os.urandom(16).hex().encode())
    files.settle(os.path.dirname(_file(env, _ALL)))


def _lock(env: Mapping[str, str]) -> files.Lock:
    return files.Lock(f"{paths.state(env)}/locks/sign-out")


def _file(env: Mapping[str, str], name: str) -> str:
    return f"{paths.state(env)}/sign-in/{name}.epoch"
