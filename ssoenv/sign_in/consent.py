"""Whether a sign-in page may open: only for what a person typed, at the terminal they typed it at.

Pages that open by themselves teach people to approve anything; so a lazy sign-in needs a terminal
whose foreground process group is ours. A cron job, an editor, a background job has none. Neither
has a completion, a key binding or a prompt: there the shell's line editor has the terminal, in its
own mode, or what runs is in the shell's own process group, as a substitution.
"""

from __future__ import annotations

import os
import termios
from typing import TYPE_CHECKING

from ssoenv.base.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssoenv.base.models import Session

_SHELLS = (
    "ash",
    "bash",
    "dash",
    "elvish",
    "fish",
    "ksh",
    "mksh",
    "nu",
    "sh",
    "tcsh",
    "xonsh",
    "zsh",
)
_WITH_VALUE = ("--init-file", "--rcfile", "--init-command", "-C", "-o", "+o", "-O", "+O")
"""Options of those shells that take the next word."""


@dataclass(frozen=True, slots=True)
class SignInRequest:
    """What a person is told before a page opens: who asks, for what, from where.

    `command` is empty where the person asked for the sign-in itself. `chosen_by` says in words what
    chose the role where it is not the `file` that names it.
    """

    command: str
    session: str
    start_url: str
    account: str = ""
    role: str = ""
    file: str = ""
    chosen_by: str = ""


@dataclass(frozen=True, slots=True)
class Consent:
    """Whether a page may open for `request`; if not, `refusal` says why in a few words.

    `lazy` is a sign-in that nobody asked for as such: one that was declined a moment ago is not
    asked for again. `nobody` says why no question at all may be put, where that is so; `typed`:
    a person typed the command that asks. `agent` is the coding agent that runs it, if one does.
    """

    request: SignInRequest
    lazy: bool
    refusal: str = ""
    nobody: str = ""
    typed: bool = True
    agent: str = ""


def explicit_consent(session: Session) -> Consent:
    """Return the consent of a person who typed ``ssoenv login``."""
    request = SignInRequest("", session.label, session.start_url)
    return Consent(request, lazy=False, nobody=_nobody_to_ask({}, "", typed=True))


def lazy_consent(
    env: Mapping[str, str],
    request: SignInRequest,
    *,
    manual: bool = False,
    typed: bool = True,
    agent: str = "",
    unasked: str = "",
) -> Consent:
    """Return the consent that `request`, made by the use of AWS, has in this very process.

    `manual` is the user's wish never to be asked. `typed` off is for callers that cannot know what
    runs them, such as credential_process: then a shell's substitution, which may well stand in
    its prompt, is refused too. An `agent` is asked nothing, and so is whoever has a caller that
    says why (`unasked`).
    """
    nobody = (unasked if not agent else "") or _nobody_to_ask(env, agent, typed=typed)
    refusal = 'your settings say login = "manual"' if manual and not unasked else nobody
    return Consent(request, lazy=True, refusal=refusal, nobody=nobody, typed=typed, agent=agent)


def _nobody_to_ask(env: Mapping[str, str], agent: str, *, typed: bool) -> str:
    if agent:
        return f"{agent} runs this, which cannot say yes for you"
    if env.get("CI", "").lower() not in ("", "0", "false"):
        return "this is CI"
    if not in_foreground():
        return "there is nobody at a terminal to ask"
    if not typed and in_substitution():
        return "a shell's prompt or substitution may not ask"
    return ""


def in_foreground() -> bool:
    """Whether we run in the foreground of the terminal that controls us, in its usual mode."""
    try:
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        lines = termios.tcgetattr(terminal)[3] & termios.ICANON
        return bool(lines) and os.tcgetpgrp(terminal) == os.getpgrp()
    except (OSError, termios.error):
        return False
    finally:
        os.close(terminal)


def in_substitution() -> bool:
    """Whether our process group is that of an interactive shell: ``$(...)``, perhaps in a prompt.

    What a person types gets a group of its own. False where the leader cannot be looked at.
    """
    leader = os.getpgrp()
    return leader != os.getpid() and _is_interactive_shell(_command_line(leader))


def _is_interactive_shell(words: list[str]) -> bool:
    """Whether `words` start a shell without anything to run."""
    if not words or os.path.basename(words[0].removeprefix("-")) not in _SHELLS:
        return False
    rest = iter(words[1:])
    for word in rest:
        if word in _WITH_VALUE:
            next(rest, None)
        elif not word.startswith(("-", "+")) or _runs_a_command(word):
            return False
    return True


def _runs_a_command(option: str) -> bool:
    return option == "--command" or (not option.startswith("--") and "c" in option)


def _command_line(pid: int) -> list[str]:
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as stream:
            return [os.fsdecode(word) for word in stream.read().split(b"\0")[:-1]]
    except OSError:
        return _command_line_by_ps(pid)


def _command_line_by_ps(pid: int) -> list[str]:
    import subprocess

    command = ["/bin/ps", "-o", "args=", "-p", str(pid)]
    try:
        result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=5)
    except (OSError, subprocess.SubprocessError):
        return []
    return result.stdout.split()
