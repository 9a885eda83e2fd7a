"""What was rendered before ssoenv was upgraded, or before the settings changed, made anew."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from ssoenv import dialects, hook_text
from ssoenv.errors import SsoenvError

if TYPE_CHECKING:
    from collections.abc import Mapping


def renew(env: Mapping[str, str]) -> None:
    """Render the hooks that shells source, and what is trusted, if what they are made of changed.

    Says nothing: whoever needs what cannot be made is told then.
    """
    with contextlib.suppress(SsoenvError, OSError):
        stale = [
            shell
            for shell in dialects.SHELLS
            if os.path.exists(hook_text.kept_file(env, shell))
            and hook_text.load(shell, env) is None
        ]
        if stale:
            grant_anew(env)
        for shell in stale:
            hook_text.render(shell, env)


def grant_anew(env: Mapping[str, str]) -> None:
    """Render everything that is trusted by the settings as they are."""
    from ssoenv import settings, trust

    with contextlib.suppress(OSError):
        trust.grant_anew(env, hook_text.program(), settings.load(env))
