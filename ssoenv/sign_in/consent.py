"""Whether a sign-in page may open: only for what a person typed, at the terminal they typed it at.

Pages that open by themselves teach people to approve anything; so a lazy sign-in needs a terminal
whose foreground process group is ours. A cron job, an editor, a background job has none.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssoenv.models import Session


@dataclass(frozen=True, slots=True)
class SignInRequest:
    """What a person is told before a page opens: who asks, for what, from where."""

    command: str
    session: str
    start_url: str
    account: str = ""
    role: str = ""
    file: str = ""


@dataclass(frozen=True, slots=True)
class Consent:
    """Whether a page may open for `request`; if not, `refusal` says why in a few words.

    `lazy` is a sign-in that nobody asked for as such: one that was declined a moment ago is not
    asked for again.
    """

    request: SignInRequest
    lazy: bool
    refusal: str = ""


def explicit_consent(session: Session) -> Consent:
    """Return the consent of a person who typed ``ssoenv login``."""
    request = SignInRequest("ssoenv login", session.label, session.start_url)
    return Consent(request, lazy=False)


def lazy_consent(
    env: Mapping[str, str], request: SignInRequest, *, manual: bool = False
) -> Consent:
    """Return the consent that `request`, made by the use of AWS, has in this very process."""
    refusal = ""
    if manual:
        refusal = 'your settings say login = "manual"'
    elif env.get("CI", "").lower() not in ("", "0", "false"):
        refusal = "this is CI"
    elif not in_foreground():
        refusal = "nobody at a terminal to ask"
    return Consent(request, lazy=True, refusal=refusal)


def in_foreground() -> bool:
    """Whether we run in the foreground of the terminal that controls us."""
    try:
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)
