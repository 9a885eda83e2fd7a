"""Every failure as words on stderr and an exit code; stdout stays empty."""

from __future__ import annotations

import errno
import os
import sys
import traceback

from ssoenv import __version__
from ssoenv.base import clock, dialects, files, paths
from ssoenv.base.errors import Cancelled, InvalidConfiguration, SsoenvError
from ssoenv.cli import screen
from ssoenv.shells import detect

MOST_PROBLEMS = 10
"""How many problems of one file are told at once."""
LONGEST = 400
"""How many characters of one line are shown."""
BUG = 70
"""The exit code for what should never happen (sysexits.h, EX_SOFTWARE)."""


def explain(failure: BaseException) -> int:
    """Tell the person what `failure` means and what mends it; return the exit code."""
    screen.leave_line(failure.__context__ if isinstance(failure, Cancelled) else failure)
    screen.settle()
    if isinstance(failure, SsoenvError):
        _tell(failure)
        return failure.exit_code
    if isinstance(failure, KeyboardInterrupt):
        return Cancelled.exit_code
    if isinstance(failure, OSError):
        _tell(_as_ours(failure))
        return 1
    _tell(_as_bug(failure))
    return BUG


def _tell(failure: SsoenvError) -> None:
    """Say it in 20 lines at most, however much is wrong and however long its values are."""
    if isinstance(failure, Cancelled):
        screen.say(failure.message)
        return
    first, *more = failure.lines if isinstance(failure, InvalidConfiguration) else [failure.message]
    screen.say(_short(first), style="error")
    for problem in more[:MOST_PROBLEMS]:
        screen.note(_short(problem))
    if len(more) > MOST_PROBLEMS:
        screen.note(f"and {len(more) - MOST_PROBLEMS} more")
    if failure.advice:
        screen.note(_short(_as_typed(failure.advice)))
    if failure.fix:
        screen.hint(f"try: {_as_typed(failure.fix)}")


def _as_typed(mend: str) -> str:
    """Return a mend as the person's shell has it; to find out which that is takes a while."""
    return dialects.as_typed(detect.shell(os.environ), mend) if "unset " in mend else mend


def _as_bug(failure: BaseException) -> SsoenvError:
    report = _write_report(failure)
    return SsoenvError(
        f"this is a bug in ssoenv {__version__}: {type(failure).__name__}",
        advice=f"report it, with {report}" if report else None,
    )


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 20]} ... {text[-15:]}"


_DENIED = (errno.EACCES, errno.EPERM, errno.EROFS)
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
_IN_THE_WAY = (errno.EISDIR, errno.ENOTDIR, errno.ELOOP, errno.EEXIST, errno.EINVAL)


def _as_ours(failure: OSError) -> SsoenvError:
    """Return what the operating system said, with the file that it is about and what mends it."""
    reason = failure.strerror or str(failure) or type(failure).__name__
    name = failure.filename2 or failure.filename
    path = os.fsdecode(name) if isinstance(name, str | bytes) else ""
    culprit = _culprit(path, denied=failure.errno in _DENIED) if path else ""
    hint = f"ls -ld {dialects.word(culprit)}" if path and failure.errno not in _NO_ROOM else None
    advice = _advice(failure, path, culprit)
    return SsoenvError(f"{path}: {reason}" if path else reason, fix=hint, advice=advice)


def _advice(failure: OSError, path: str, culprit: str) -> str | None:
    """Return what mends the `failure` at `path`, where `culprit` is to be looked at."""
    if failure.errno in _NO_ROOM:
        return "free some disk space"
    if failure.errno in _IN_THE_WAY:
        return "move it out of the way: ssoenv makes its own files anew"
    if failure.errno not in _DENIED:
        return None
    home = os.environ.get("HOME", "")
    another = f", or set HOME (now {home!r})" if _is_below(path, home) else ""
    return f"make {'it' if culprit == path else culprit} writable for you{another}"


def _culprit(path: str, *, denied: bool) -> str:
    """Return what to look at for `path`: itself, or the folder that it is in, or would be in.

    That is where it is not there, or where we are `denied` what may be read and written: a file is
    replaced as a whole, which its folder has to allow. The nearest folder that is there.
    """
    if os.path.lexists(path) and not (denied and os.access(path, os.R_OK | os.W_OK)):
        return path
    folder = os.path.dirname(os.path.abspath(path))
    while not os.path.lexists(folder):
        folder = os.path.dirname(folder)
    return folder


def _is_below(path: str, home: str) -> bool:
    """Whether another `home` would move `path`, or none is set."""
    return not home or path.startswith(f"{home.rstrip('/')}/")


def _write_report(failure: BaseException) -> str | None:
    """Write where `failure` happened to a private file: frames only, for values may be secret."""
    frames = "".join(traceback.format_tb(failure.__traceback__))
    text = f"ssoenv {__version__}, Python {sys.version}\n{type(failure).__name__}\n{frames}"
    try:
        path = f"{paths.state(os.environ)}/reports/{clock.now()}.txt"
        files.write_private(path, text.encode())
    except (OSError, SsoenvError):
        return None
    return path
