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

from ssoenv import clock, files, paths
from ssoenv.errors import Cancelled, SignInDenied, SignInRequired, SignInTimedOut

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ssoenv.models import Session
    from ssoenv.sign_in.reporter import Reporter

POLL = 0.05
"""Seconds between two looks at a lock that another process holds."""
_ENDINGS = {"cancelled": Cancelled, "declined": SignInDenied, "timed out": SignInTimedOut}


@contextlib.contextmanager
def take(env: Mapping[str, str], session: Session, reporter: Reporter) -> Iterator[bool]:
    """Hold the turn of `session`; yield whether we had to wait for another process.

    Raises the ending of the sign-in that we waited for, if it ended badly: Cancelled,
    SignInDenied or SignInTimedOut. What is raised inside is kept for those who wait for us.
    """
    before = _ending_id(env, session)
    lock = files.Lock(_file(env, session, "lock"))
    try:
        waited = not lock.acquire(blocking=False)
        if waited:
            reporter.waiting_for_other(session.label)
            while not lock.acquire(blocking=False):
                time.sleep(POLL)
            if _ending_id(env, session) not in (None, before):
                _raise_ending(env, session)
        with _kept_ending(env, session):
            yield waited
    finally:
        lock.release()


@contextlib.contextmanager
def _kept_ending(env: Mapping[str, str], session: Session) -> Iterator[None]:
    """Keep how our own turn ended, while we still hold the lock."""
    try:
        yield
    except (KeyboardInterrupt, Cancelled):
        _keep_ending(env, session, "cancelled")
        raise Cancelled("sign-in cancelled") from None
    except SignInDenied:
        _keep_ending(env, session, "declined")
        raise
    except SignInTimedOut:
        _keep_ending(env, session, "timed out")
        raise


def refuse_if_recent(env: Mapping[str, str], session: Session, pause: int) -> None:
    """Raise SignInRequired if a sign-in was declined, or timed out, within `pause` seconds.

    One that was cancelled is not held against anybody: that person may just type it again.
    """
    ending = _load(env, session)
    if ending is None or ending[0] == "cancelled":
        return
    ago = clock.now() - ending[1]
    if 0 <= ago < pause:
        raise SignInRequired(
            f"the sign-in to {session.label} was {ending[0]} {clock.render_duration(ago)} ago",
            hint=f"ssoenv login {session.label}",
        )


def forget_ending(env: Mapping[str, str], session: Session) -> None:
    """Forget how the last sign-in ended: somebody asks again, on purpose, or it went well."""
    files.remove(_file(env, session, "ended"))


def _raise_ending(env: Mapping[str, str], session: Session) -> None:
    ending = _load(env, session)
    if ending is None:
        return
    what = f"the sign-in to {session.label} was {ending[0]} in another terminal"
    raise _ENDINGS[ending[0]](what, hint=f"ssoenv login {session.label}")


def _keep_ending(env: Mapping[str, str], session: Session, name: str) -> None:
    document = json.dumps({"ending": name, "at": clock.now(), "id": os.urandom(8).hex()})
    with contextlib.suppress(OSError):
        files.write_private(_file(env, session, "ended"), document.encode())


def _ending_id(env: Mapping[str, str], session: Session) -> bytes | None:
    """Return the kept ending as it is; no two endings have the same bytes."""
    return files.read_bytes(_file(env, session, "ended"))


def _load(env: Mapping[str, str], session: Session) -> tuple[str, int] | None:
    try:
        document = json.loads(_ending_id(env, session) or b"")
        ending = str(document["ending"]), int(document["at"])
    except (ValueError, KeyError, TypeError):
        return None
    return ending if ending[0] in _ENDINGS else None


def _file(env: Mapping[str, str], session: Session, suffix: str) -> str:
    return f"{paths.state(env)}/sign-in/{paths.escape(session.label)}.{suffix}"
