"""Every failure as words on stderr and an exit code; stdout stays empty."""

from __future__ import annotations

import os
import sys
import traceback

from ssoenv import __version__, clock, files, paths
from ssoenv.cli import screen
from ssoenv.errors import Cancelled, InvalidConfiguration, SsoenvError

BUG = 70
"""The exit code for what should never happen (sysexits.h, EX_SOFTWARE)."""


def explain(failure: BaseException) -> int:
    """Tell the person what `failure` means and what mends it; return the exit code."""
    if isinstance(failure, SsoenvError):
        _tell(failure)
        return failure.exit_code
    if isinstance(failure, KeyboardInterrupt):
        return Cancelled.exit_code
    if isinstance(failure, OSError) and isinstance(failure.filename, str | bytes):
        reason = failure.strerror or type(failure).__name__
        where = screen.printable(os.fsdecode(failure.filename))
        _tell(SsoenvError(f"{where}: {reason}", hint=_mend(failure)))
        return 1
    report = _write_report(failure)
    _tell(
        SsoenvError(
            f"this is a bug in ssoenv {__version__}: {type(failure).__name__}",
            hint=f"report it, with {report}" if report else None,
        )
    )
    return BUG


def _tell(failure: SsoenvError) -> None:
    if isinstance(failure, Cancelled):
        screen.say(failure.message)
        return
    screen.say(failure.message, style="error")
    if isinstance(failure, InvalidConfiguration):
        for problem in failure.problems:
            screen.note(problem)
    if failure.advice:
        screen.note(failure.advice)
    if failure.hint:
        screen.hint(f"try: {failure.hint}")


def _mend(failure: OSError) -> str:
    import errno

    if failure.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"make it writable for you, or set HOME (now {os.environ.get('HOME', 'unset')!r})"
    if failure.errno in (errno.ENOSPC, errno.EDQUOT):
        return "free some disk space"
    return f"ls -ld {os.fsdecode(failure.filename)!r}"


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
