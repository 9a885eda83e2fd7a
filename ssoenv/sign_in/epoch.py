"""Keep nothing of who was signed in before: each sign-in and sign-out ends an epoch of its session.

A fetch, or a refresh, may be under way meanwhile. A token is of the epoch in which it was had, and
so is what is fetched with it: that is kept only while that epoch lasts, and whoever ends one waits
until it is kept. So nothing that is kept was had by a token of somebody who is signed in no longer.
"""

from __future__ import annotations

import contextlib
import functools
import os
from typing import TYPE_CHECKING

from ssoenv.base import dialects, files, paths
from ssoenv.base.errors import SignInRequired
from ssoenv.sign_in import meanings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from ssoenv.base.models import Session

    _Between = contextlib.AbstractContextManager[None]

_ALL = "@all"


class Ended(SignInRequired):
    """What was fetched is of an epoch that has ended."""


def current(env: Mapping[str, str], session: Session) -> bytes:
    """Return the epoch of `session`; it is another one after each sign-in and each sign-out."""
    names = (_ALL, paths.escape(session.label))
    return b" ".join(files.read_bytes(_file(env, name), limit=64) or b"-" for name in names)


@contextlib.contextmanager
def lasting(
    env: Mapping[str, str], session: Session, epoch: bytes, kept_by: Sequence[str] = ()
) -> Iterator[None]:
    """Hold off whoever would end it while something is kept that was fetched in `epoch`.

    `kept_by` are the names by which it is kept, unless it says itself where it is from. Raises
    Ended if somebody has signed out, or in, since, or if one of the names has come to mean another
    Identity Center.
    """
    with _lock(env):
        fix = f"ssoenv login {dialects.word(session.label)}"
        if current(env, session) != epoch:
            raise Ended(f"somebody signed out of {session.label} meanwhile, or in again", fix=fix)
        if kept_by and not meanings.may_keep(env, session, kept_by):
            raise Ended(f"{kept_by[-1]} has come to mean another start URL meanwhile", fix=fix)
        yield


@contextlib.contextmanager
def held(env: Mapping[str, str]) -> Iterator[Callable[[Iterable[Session] | None], _Between]]:
    """Hold off whoever keeps something, and yield what ends the epoch of sessions, as `ending`."""
    with _lock(env):
        yield functools.partial(_between, env)


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
