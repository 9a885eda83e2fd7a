"""The answers that people gave for protected roles: where they are kept, and whether they hold.

An answer holds for one shell: the leader of our terminal session, known by its process id and the
moment it started. Answers are empty files in the state folder, whose time is when they end. A shell
with the hook has a file of its own for each yes, beside them, and no yes without it.

An answer is for one role, by its account id: what a name means, or which of several roles a person
holds, may change. A shell knows a role as it was asked for alone, so that what it was told goes
when something else is rendered for that.
"""

from __future__ import annotations

import os

from ssoenv.base import clock, files, paths

GRACE = 60
"""Seconds after which what holds no longer goes: the time of one may not be set yet."""
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def file(env: Mapping[str, str], role_key: str) -> str | None:
    """Return the file of this shell's answer for the role with that key, by its account id.

    None where no shell can be told.
    """
    leader = os.getsid(0)
    began = _start_of(leader)
    if not began:
        return None
    return f"{paths.state(env)}/allowed/{leader}-{began}/{paths.file_name(role_key)}"


def of_shells(env: Mapping[str, str]) -> str:
    """Return the folder of the files by which shells with the hook know that a yes holds."""
    return f"{paths.state(env)}/answers"


def tell_shell(env: Mapping[str, str], token: str, until: int) -> None:
    """Tell the shell that made up `token` that a person said yes, which holds until then.

    In epoch seconds, and for as long as that file is there. Those that hold no longer are cleared
    away. Raises OSError.
    """
    folder = of_shells(env)
    files.write_private(f"{folder}/{token}", f"{until}\n".encode())
    os.utime(f"{folder}/{token}", (until, until))
    for name in os.listdir(folder):
        try:
            if os.stat(f"{folder}/{name}").st_mtime < clock.now() - GRACE:
                files.remove(f"{folder}/{name}")
        except OSError:
            continue


def forget_shells(env: Mapping[str, str]) -> None:
    """Have every shell ask the program whether a yes holds that it was told of. Raises OSError."""
    files.remove_folder(of_shells(env))


def forget_all(env: Mapping[str, str]) -> None:
    """Have no yes hold any more, in any shell. Raises OSError."""
    files.remove_folders((of_shells(env), f"{paths.state(env)}/allowed"))


def seconds_left(answer: str | None) -> int:
    """Return how long the answer kept in that file still holds; 0 where there is none.

    One that was given later than now, by a clock that was ahead, would hold for hours: it does not.
    """
    try:
        status = os.stat(answer) if answer else None
    except OSError:
        return 0
    now = clock.now()
    if status is None or int(status.st_ctime) > now:
        return 0
    return max(0, int(status.st_mtime) - now)


def _start_of(process: int) -> str:
    """Return a word for the moment at which `process` began; empty where that cannot be told."""
    try:
        with open(f"/proc/{process}/stat", encoding="utf-8", errors="replace") as stream:
            return stream.read().rpartition(")")[2].split()[19]  # proc(5): starttime
    except (OSError, IndexError):
        pass
    import re
    import subprocess

    command = ["/bin/ps", "-o", "lstart=", "-p", str(process)]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=False, timeout=5)
    except (OSError, subprocess.SubprocessError):
        return ""
    return re.sub(r"\W+", "-", answer.stdout.strip())
