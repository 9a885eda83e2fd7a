"""Protected roles: none is used before a person said so, in words, in that very shell.

An answer holds for one shell: the leader of our terminal session, known by its process id and the
moment it started. Answers are empty files in the state folder, whose time is when they end.
"""

from __future__ import annotations

import contextlib
import os
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from ssoenv import clock, files, paths
from ssoenv.errors import AccessDenied
from ssoenv.settings import matches

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ssoenv.models import Binding, Profile, Role
    from ssoenv.settings import Settings

ALLOW = "SSOENV_ALLOW_PROTECTED"
"""Names the roles, as ACCOUNT/ROLE and with commas between them, that need no question."""
NO_HOLDS = 10
"""Seconds for which a no is not asked again on behalf of a program: SDKs ask more than once."""


@dataclass(frozen=True, slots=True)
class Use:
    """A protected role about to be used: by which command, in which account, for whose file."""

    role: Role
    account_id: str
    account_name: str
    command: str
    file: str

    @property
    def account(self) -> str:
        """The account for people: its name and its id, as far as they are known."""
        known = [word for word in (self.account_name, self.account_id) if word]
        return f"{known[0]} ({known[1]})" if len(known) == 2 else self.role.account

    @property
    def role_name(self) -> str:
        """The role for people."""
        return "|".join(self.role.roles)


class Asker(Protocol):
    """Whoever can put a yes-or-no question to a person."""

    def allow(self, use: Use, seconds: int) -> bool:
        """Whether the person wants `use`, in this shell and for the next `seconds`."""


def by_pattern(settings: Settings, role: Role, names: Iterable[str] = ()) -> bool:
    """Whether the user's settings protect `role`; `names` are other names of its account."""
    if not settings.protect:
        return False
    accounts = [role.account, *(name for name in names if name)]
    return any(
        matches(pattern, account, name)
        for pattern in settings.protect
        for account in accounts
        for name in role.roles
    )


def of_profile(settings: Settings, profile: Profile) -> bool:
    """Whether the binding file or the user's settings protect `profile`, as far as it tells."""
    return profile.protect or by_pattern(settings, profile.role, [profile.name])


def apply(settings: Settings, binding: Binding, names: Mapping[str, Iterable[str]]) -> Binding:
    """Return `binding` with every profile marked that the file or the settings protect.

    `names` has, by account as written, the other names that the account is known by.
    """
    profiles = {
        name: replace(
            profile,
            protect=of_profile(settings, profile)
            or by_pattern(settings, profile.role, names.get(profile.role.account, ())),
        )
        for name, profile in binding.profiles.items()
    }
    return replace(binding, profiles=profiles)


def require(
    use: Use, settings: Settings, env: Mapping[str, str], asker: Asker, *, nobody: str, typed: bool
) -> None:
    """Return if `use` is allowed here, by an answer that holds or by a new one.

    `nobody` says why nobody can be asked, and is empty where somebody can; `typed`: a person typed
    the command that asks. Raises AccessDenied.
    """
    if _allowed_by_environment(use, env):
        return
    answer = _answer_file(env, use.role)
    if answer and _holds(answer):
        return
    name = f"{use.role_name} in account {use.account}"
    if nobody:
        raise AccessDenied(
            f"{name} is protected, and {nobody}",
            advice=f"{ALLOW}={_word(use)} before the command, if it must run unasked",
        )
    with files.Lock(f"{paths.state(env)}/locks/protected"):
        if answer and _holds(answer):
            return
        if answer and not typed and _holds(f"{answer}.no"):
            raise AccessDenied(f"{name} was refused a moment ago", advice="run the command again")
        allowed = asker.allow(use, settings.protect_for)
        if answer:
            if allowed:
                _keep(answer, settings.protect_for)
            else:
                _keep(f"{answer}.no", NO_HOLDS)
    if not allowed:
        raise AccessDenied(f"{name} was not used: you did not say yes")


def forget(env: Mapping[str, str]) -> None:
    """Take back every answer, in every shell."""
    import shutil

    shutil.rmtree(f"{paths.state(env)}/allowed", ignore_errors=True)


def _allowed_by_environment(use: Use, env: Mapping[str, str]) -> bool:
    named = {word.strip() for word in env.get(ALLOW, "").split(",")}
    accounts = {use.role.account, use.account_id, use.account_name} - {""}
    return any(f"{account}/{role}" in named for account in accounts for role in use.role.roles)


def _word(use: Use) -> str:
    word = f"{use.account_id or use.role.account}/{use.role.roles[0]}"
    return word if re.fullmatch(r"[\w/@.+-]+", word) else f"'{word}'"


def _holds(path: str) -> bool:
    try:
        return os.stat(path).st_mtime > clock.now()
    except OSError:
        return False


def _keep(path: str, seconds: int) -> None:
    """Keep an answer for `seconds`, and clear away the shells whose answers are all over."""
    import shutil

    shell = os.path.dirname(path)
    with contextlib.suppress(OSError):
        for other in os.listdir(os.path.dirname(shell)):
            folder = f"{os.path.dirname(shell)}/{other}"
            holding = (_holds(f"{folder}/{name}") for name in os.listdir(folder))
            if folder != shell and not any(holding):
                shutil.rmtree(folder, ignore_errors=True)
    end = clock.now() + seconds
    files.write_private(path, b"")
    os.utime(path, (end, end))


def _answer_file(env: Mapping[str, str], role: Role) -> str | None:
    """Return the file of this shell's answer; None where no shell can be told."""
    leader = os.getsid(0)
    began = _start_of(leader)
    if not began:
        return None
    return f"{paths.state(env)}/allowed/{leader}-{began}/{role.key.replace('/', '%')}"


def _start_of(process: int) -> str:
    """Return a word for the moment at which `process` began; empty where that cannot be told."""
    try:
        with open(f"/proc/{process}/stat", encoding="utf-8", errors="replace") as stream:
            return stream.read().rpartition(")")[2].split()[19]  # proc(5): starttime
    except (OSError, IndexError):
        pass
    import subprocess

    command = ["/bin/ps", "-o", "lstart=", "-p", str(process)]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=False, timeout=5)
    except (OSError, subprocess.SubprocessError):
        return ""
    return re.sub(r"\W+", "-", answer.stdout.strip())
