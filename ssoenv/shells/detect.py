"""Which shell a person uses."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ssoenv.base import dialects

if TYPE_CHECKING:
    from collections.abc import Mapping


def shell(env: Mapping[str, str]) -> str:
    """Return the shell that we were started from, else the one the person logs in with."""
    import shellingham  # type: ignore[import-untyped]

    try:
        name: str = shellingham.detect_shell()[0]
    except (shellingham.ShellDetectionFailure, OSError):
        name = ""
    return name if name in dialects.SHELLS else os.path.basename(env.get("SHELL", "")) or "bash"
