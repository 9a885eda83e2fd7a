"""What must hold of the state folder before anything in it is believed.

Whether it is the user's alone and of a form that we know, and whether what it holds is as the
user's settings have it.
"""

from __future__ import annotations

import os

from ssoenv.base import agents, dialects, files, paths
from ssoenv.shells.rendered import HEADER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def require_own(env: Mapping[str, str]) -> None:
    """Raise InvalidConfiguration unless the state folder, and all on the way to it, is the user's.

    What is read there decides about trust: so nobody else but root may write any of these folders.
    A group counts as somebody else, unless it is the user's own (of the same number), and a folder
    for all with the sticky bit, such as ``/tmp``, is root's.
    """
    user = os.geteuid()
    for folder in dict.fromkeys((paths.state(env), os.path.realpath(paths.state(env)))):
        path = folder
        while path:
            try:
                status = os.stat(path)
            except OSError:
                status = None
            if status and not _is_ours_alone(status, user):
                from ssoenv.base.errors import InvalidConfiguration

                raise InvalidConfiguration(
                    f"{path} can be changed by others, and ssoenv's state is below it",
                    fix=f"ls -ld {dialects.word(path)}",
                )
            path = path.rpartition("/")[0] if path != "/" else ""


def require_known(env: Mapping[str, str]) -> None:
    """Raise InvalidConfiguration unless the state folder is the user's alone, and no newer one.

    Its file ``version`` says what wrote it last, as the first line of every rendering does. What
    is older is read, or made anew where it is read; then, and where nothing is said, we say so.
    """
    require_own(env)
    path = paths.version_file(env)
    said = files.read_bytes(path, limit=len(HEADER) + 20) or b""
    if said.decode("ascii", "replace").rstrip("\n") == HEADER:
        return
    if _number(said) > _number(HEADER.encode()):
        from ssoenv import __version__
        from ssoenv.base.errors import InvalidConfiguration

        folder = paths.state(env)
        raise InvalidConfiguration(
            f"a newer ssoenv has written {folder} than this one, {__version__} (see {path})",
            advice=f"upgrade this one, or let it begin anew: "
            f"mv {dialects.word(folder)} {dialects.word(folder + '.newer')}",
        )
    if os.path.isdir(paths.state(env)):
        try:
            files.write_private(path, f"{HEADER}\n".encode())
        except OSError:
            return  # whoever has something to write there says so


def _number(said: bytes) -> int:
    """Return the number of a form; 0 for what names none."""
    name, _, number = said.decode("ascii", "replace").strip().partition(" ")
    return int(number) if name == "ssoenv" and number.isdecimal() and len(number) < 10 else 0


def _is_ours_alone(status: os.stat_result, user: int) -> bool:
    mode = status.st_mode
    if status.st_uid not in (0, user):
        return False
    sticky = mode & 0o1000 and status.st_uid == 0
    for_group = mode & 0o020 and status.st_gid not in (0, user)
    return bool(sticky) or not (mode & 0o002 or for_group)


def agent(env: Mapping[str, str]) -> str | None:
    """Return the name of the coding agent that runs this; empty where none does.

    None where that takes the user's settings. Whether those have changed is `settings_are_current`.
    """
    lines = files.read_bytes(f"{paths.state(env)}/settings/@agents")
    marks, newline, commands = os.fsdecode(lines or b"").rstrip("\n").partition("\n")
    return agents.running(env, marks.split(), commands.split()) if newline else None


def settings_are_current(env: Mapping[str, str]) -> bool:
    """Whether all that is rendered is as the user's settings have it: their very bytes.

    A change of the settings may protect a role, or rule it out, and a file that cannot be read is
    no file without settings. What is rendered then waits until ``renewal`` has seen to it.
    """
    path, stamps = paths.settings_file(env), f"{paths.state(env)}/settings"
    if not os.path.lexists(path):
        return os.path.exists(f"{stamps}/@none")
    content = files.read_bytes(path, limit=paths.SETTINGS_LIMIT + 1)
    return content is not None and content == files.read_bytes(f"{stamps}/@ok")
