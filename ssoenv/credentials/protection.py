"""Protected roles: none is used before a person said so, in words, in that very shell."""

from __future__ import annotations

import contextlib
import os
import time
from typing import TYPE_CHECKING, Protocol

from ssoenv.base import clock, dialects, files, paths
from ssoenv.base.agents import FOR_A_PERSON
from ssoenv.base.errors import AccessDenied, Cancelled
from ssoenv.base.values import dataclass, replace
from ssoenv.shells import answers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ssoenv.base.models import Role
    from ssoenv.policy import Target
    from ssoenv.settings import Settings
    from ssoenv.sign_in import Consent

ALLOW = "SSOENV_ALLOW_PROTECTED"
"""Names the roles, as ACCOUNT/ROLE and with commas between them, that need no question."""
ENVIRONMENT_HOLDS = 60
"""Seconds for which a shell takes a role as allowed that the environment named: the variable may
have been set for one command only."""
NO_HOLDS = 10
"""Seconds for which a no is not asked again on behalf of a program: SDKs ask more than once."""
PATIENCE = 120.0
"""Seconds to wait for a question that is open in another terminal."""
NOTICE = 0.5
"""Seconds of waiting after which the person is told of it."""
POLL = 0.05
"""Seconds between two looks at a lock that another process holds."""


@dataclass(frozen=True, slots=True)
class Yes:
    """A person's answer that holds until then (epoch seconds), and the `file` that keeps it.

    `given`: by a person who was asked, in this shell; and not by the environment.
    """

    until: int = 0
    file: str | None = None
    given: bool = False

    @property
    def found(self) -> bool:
        """Whether it was given before, to another question: a sign-in since has taken it."""
        return bool(self.file) and not self.given

    @property
    def seconds(self) -> int:
        """For how long it still holds; 0 only where none was needed."""
        return max(1, self.until - clock.now()) if self.until else 0

    def keep(self) -> None:
        """See that it is kept: a sign-in that it led to took it with those before. OSError."""
        if self.file:
            _keep(self.file, self.until)

    def kept_for(self, role: Role, env: Mapping[str, str]) -> Yes:
        """Return it as one that is kept for `role`, by its account id: what was asked for is that.

        Before that was known there was nothing to keep it for. OSError.
        """
        if not self.given or self.file:
            return self
        found = replace(self, file=answers.file(env, role.key))
        found.keep()
        return found


@dataclass(frozen=True, slots=True)
class Use:
    """A protected role about to be used: by which command, for whose binding file.

    `chosen_by` says in words what chose the role where that is no file.

    `role` is as it was asked for, `target` what it means, as far as that is known; `reason` is the
    sentence that says what protects it.
    """

    role: Role
    target: Target
    command: str
    file: str
    reason: str
    chosen_by: str = ""

    @property
    def key(self) -> str:
        """The key under which a yes is kept: that of the role by its account id; empty: not known.

        So a yes is for that role, whichever name it is asked for by the next time, and for no other
        that the same name comes to mean.
        """
        role, target = self.role, self.target
        if role.entitled:
            return role.key
        if not target.account_id or len(target.roles) != 1:
            return ""
        return role.held_as(target.account_id, target.roles[0]).key

    @property
    def account(self) -> str:
        """The account for people: its name and its id, as far as they are known."""
        known = [word for word in (self.target.account_name, self.target.account_id) if word]
        return f"{known[0]} ({known[1]})" if len(known) == 2 else known[0]

    @property
    def role_name(self) -> str:
        """The role for people."""
        return self.target.role_name


class Asker(Protocol):
    """Whoever can put a yes-or-no question to a person."""

    def allow(self, use: Use, seconds: int) -> bool:
        """Whether the person wants `use`, in this shell and for the next `seconds`."""

    def waiting_for_answer(self) -> None:
        """Say that another terminal is asking such a question, and that we wait for its end."""


def require(
    use: Use, settings: Settings, env: Mapping[str, str], asker: Asker, consent: Consent
) -> Yes:
    """Return by which answer `use` is allowed here: one that holds, or a new one.

    `consent` says whether somebody can be asked. What a person has said yes to in this shell is
    theirs, and an agent's that they start in it only where the settings say so. Raises
    AccessDenied, or Cancelled after Ctrl-C.
    """
    agent, nobody = consent.agent, consent.nobody
    if not agent and _allowed_by_environment(use, env):
        return Yes(clock.now() + min(settings.protect_for, ENVIRONMENT_HOLDS))
    is_mine = not agent or settings.agents == "same"
    kept = answers.file(env, use.key) if use.key and is_mine else None
    if left := answers.seconds_left(kept):
        return Yes(clock.now() + left, kept)
    name = f"{use.role_name} in account {use.account}"
    if nobody:
        unasked = f"{ALLOW}={_word(use)} before the command, if it must run unasked"
        advice = FOR_A_PERSON if agent else unasked
        raise AccessDenied(f"{name} is protected, and {nobody}", advice=advice)
    try:
        with _turn_to_ask(env, asker, name):
            if left := answers.seconds_left(kept):
                return Yes(clock.now() + left, kept)
            refusal = _refusal(kept or answers.file(env, use.role.key))
            if not consent.typed and (left := answers.seconds_left(refusal)):
                raise AccessDenied(
                    f"{name} was refused a moment ago",
                    advice=f"you said no: a program may ask again in {left} s",
                )
            allowed = asker.allow(use, settings.protect_for)
            yes = Yes(clock.now() + settings.protect_for, kept, given=True)
            if allowed:
                yes.keep()
            else:
                _keep_no(refusal)
    except KeyboardInterrupt:
        raise Cancelled(f"{name} was not used") from None
    if not allowed:
        raise AccessDenied(f"{name} was not used: you did not say yes")
    return yes


def _refusal(kept: str | None) -> str | None:
    """Return the file of a no: beside where a yes would be."""
    return f"{kept}.no" if kept else None


@contextlib.contextmanager
def _turn_to_ask(env: Mapping[str, str], asker: Asker, name: str) -> Iterator[None]:
    """Hold the lock under which questions are asked, one at a time.

    Looks at the lock again and again, so that Ctrl-C is heard, and gives up after PATIENCE.
    """
    lock = files.Lock(f"{paths.state(env)}/locks/protected")
    began, told = time.monotonic(), False
    try:
        while not lock.acquire(blocking=False):
            waited = time.monotonic() - began
            if waited >= PATIENCE:
                raise AccessDenied(
                    f"{name} was not used: another terminal is still asking its question",
                    advice="answer there, and run the command again",
                )
            if not told and waited >= NOTICE:
                told = True
                asker.waiting_for_answer()
            time.sleep(POLL)
        yield
    finally:
        lock.release()


def _allowed_by_environment(use: Use, env: Mapping[str, str]) -> bool:
    named = {word.strip() for word in env.get(ALLOW, "").split(",")}
    return all(
        any(f"{account}/{role}" in named for account in {one.account_id, one.account_name} - {""})
        for one in _targets(use.target)
        for role in one.roles
    )


def _targets(target: Target) -> list[Target]:
    """Return `target`, and what comes on top of it: a yes is for both."""
    return [target, *(_targets(target.assumes) if target.assumes else ())]


def _word(use: Use) -> str:
    word = ",".join(
        f"{one.account_id or one.account_name}/{role}"
        for one in _targets(use.target)
        for role in one.roles
    )
    return dialects.word(word)


def _keep_no(refusal: str | None) -> None:
    """Keep a no in that file; where nothing can be written, it is one all the same.

    A sign-out in another shell may take the folder away at this very moment.
    """
    with contextlib.suppress(OSError):
        if refusal:
            _keep(refusal, clock.now() + NO_HOLDS)


def _keep(path: str, end: int) -> None:
    """Keep an answer until `end`, and clear away the shells whose answers are all over."""
    shell = os.path.dirname(path)
    with contextlib.suppress(OSError):
        for other in os.listdir(os.path.dirname(shell)):
            folder = f"{os.path.dirname(shell)}/{other}"
            holding = (answers.seconds_left(f"{folder}/{name}") for name in os.listdir(folder))
            if folder != shell and not any(holding):
                files.remove_folder(folder)
    files.write_private(path, b"")
    os.utime(path, (end, end))
