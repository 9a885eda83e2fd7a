"""One sign-in per session at a time, and how the last one ended, for those who waited.

The lock is the kernel's, so it goes with its holder. A holder that ends badly says how before it
lets go; one that was killed says nothing, and the next in line takes over.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from typing import TYPE_CHECKING

from ssoenv.base import clock, dialects, files, paths
from ssoenv.base.errors import (
    Cancelled,
    ServiceUnavailable,
    SignInDenied,
    SignInRequired,
    SignInTimedOut,
    SsoenvError,
)
from ssoenv.base.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ssoenv.base.models import Session
    from ssoenv.sign_in.reporter import Reporter

CANCELLED_PAUSE = 10
"""Seconds for which a sign-in that ended by Ctrl-C is not asked for again by itself."""
POLL = 0.05
"""Seconds between two looks at a lock that another process holds."""
NOTICE = 0.5
"""Seconds of waiting after which the person is told: a mere refresh is over before."""
SETTLING = 2.0
"""Seconds that somebody who only takes away waits for a refresh to be over."""
_ENDINGS: dict[str, tuple[type[SsoenvError], str]] = {
    "cancelled": (Cancelled, "was cancelled"),
    "declined": (SignInDenied, "was declined"),
    "timed-out": (SignInTimedOut, "timed out"),
    "unavailable": (ServiceUnavailable, "failed"),
}
"""Ending -> what it raises in those who waited, and how to say it."""


class Busy(SignInRequired):
    """Another process held the turn for longer than we may wait."""


@dataclass(frozen=True, slots=True)
class _Ending:
    kind: str
    at: int
    id: str

    @property
    def words(self) -> str:
        return _ENDINGS[self.kind][1]


@contextlib.contextmanager
def take(
    env: Mapping[str, str], session: Session, reporter: Reporter, *, patience: float | None = None
) -> Iterator[bool]:
    """Hold the turn of `session`; yield whether we had to wait for another process.

    Raises how a sign-in ended that ended badly while we waited (Cancelled, SignInDenied,
    SignInTimedOut or ServiceUnavailable), and Busy after `patience` seconds, if it is given.
    """
    # Looked at before the lock: an ending that comes between the two is one that we waited for.
    before = _load(env, session)
    lock = files.Lock(_file(env, session, "lock"))
    try:
        waited = _acquire(lock, session, reporter, patience)
        ending = _load(env, session)
        if ending is not None and ending != before:
            kind, words = _ENDINGS[ending.kind]
            what = f"the sign-in to {session.label} {words} in another terminal"
            raise kind(what, fix=f"ssoenv login {dialects.word(session.label)}")
        try:
            yield waited
        except ServiceUnavailable:
            _keep(env, session, "unavailable")
            raise
    finally:
        lock.release()


@contextlib.contextmanager
def asking(env: Mapping[str, str], session: Session) -> Iterator[None]:
    """Keep how it ends if a person is asked inside and it ends badly; we hold the turn.

    Turns Ctrl-C into Cancelled.
    """
    try:
        yield
    except (KeyboardInterrupt, Cancelled):
        _keep(env, session, "cancelled")
        raise Cancelled(f"the sign-in to {session.label} was cancelled") from None
    except SignInDenied:
        _keep(env, session, "declined")
        raise
    except SignInTimedOut:
        _keep(env, session, "timed-out")
        raise


@contextlib.contextmanager
def settled(env: Mapping[str, str], session: Session) -> Iterator[bool]:
    """Hold the turn of `session` if it can be had soon; go on without it, if a person has it.

    Yields whether we hold it.
    """
    lock = files.Lock(_file(env, session, "lock"))
    deadline = time.monotonic() + SETTLING
    try:
        while not lock.acquire(blocking=False) and time.monotonic() < deadline:
            time.sleep(POLL)
        yield lock.held
    finally:
        lock.release()


def refuse_if_recent(env: Mapping[str, str], session: Session, pause: int) -> None:
    """Raise SignInRequired if a person said no, or nothing, less than `pause` seconds ago."""
    ending = _load(env, session)
    if ending is not None and _end(ending, pause):
        ago = clock.render_duration(clock.now() - ending.at)
        raise SignInRequired(
            f"the sign-in to {session.label} {ending.words} {ago} ago",
            fix=f"ssoenv login {dialects.word(session.label)}",
        )


def how_to_go_on(env: Mapping[str, str], session: Session, pause: int) -> str:
    """Return what leads to a sign-in to `session`, while no use of AWS asks for one; else ""."""
    ending = _load(env, session)
    end = _end(ending, pause) if ending else 0
    if ending is None or not end:
        return ""
    left = end - clock.now()
    again = f"in {left} s" if left < 60 else f"at {clock.render_local(end + 59)}"
    last = f"the last sign-in {ending.words}, and AWS commands ask again {again}"
    return f"ssoenv login signs in now; {last}"


def _end(ending: _Ending, pause: int) -> int:
    """Return until when no use of AWS asks for a sign-in after `ending`; 0 if it does by now.

    Ctrl-C is a no to this page, not to the next: it holds only long enough for a loop to end.
    """
    if ending.kind == "cancelled":
        pause = min(pause, CANCELLED_PAUSE)
    holds = ending.kind != "unavailable" and 0 <= clock.now() - ending.at < pause
    return ending.at + pause if holds else 0


def forget_ending(env: Mapping[str, str], session: Session) -> None:
    """Forget how the last sign-in ended: somebody asks again, on purpose, or it went well."""
    files.remove(_file(env, session, "ended"))


def _acquire(
    lock: files.Lock, session: Session, reporter: Reporter, patience: float | None
) -> bool:
    """Take `lock`, looking at it again and again so that Ctrl-C is heard; whether we waited."""
    if lock.acquire(blocking=False):
        return False
    began, told = time.monotonic(), False
    while not lock.acquire(blocking=False):
        waited = time.monotonic() - began
        if patience is not None and waited >= patience:
            raise Busy(
                f"another terminal is signing in to {session.label}",
                fix=f"ssoenv login {dialects.word(session.label)}",
            )
        if not told and waited >= NOTICE:
            told = True
            reporter.waiting_for_other(session.label)
        time.sleep(POLL)
    return True


def _keep(env: Mapping[str, str], session: Session, kind: str) -> None:
    document = json.dumps({"ending": kind, "at": clock.now(), "id": os.urandom(8).hex()})
    with contextlib.suppress(OSError):
        files.write_private(_file(env, session, "ended"), document.encode())


def _load(env: Mapping[str, str], session: Session) -> _Ending | None:
    content = files.read_bytes(_file(env, session, "ended"), limit=4096)
    try:
        document = json.loads(content or b"")
        ending = _Ending(str(document["ending"]), int(document["at"]), str(document["id"]))
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None
    return ending if ending.kind in _ENDINGS else None


def _file(env: Mapping[str, str], session: Session, suffix: str) -> str:
    return f"{paths.state(env)}/sign-in/{paths.escape(session.label)}.{suffix}"
