"""No core dump of a process that has secrets: where a signal ends it, its memory is in no file.

A core lies where the process stood, in a project as a rule. What a command becomes or serves gets
the limit back that it came with.
"""

from __future__ import annotations

import contextlib

_before: list[tuple[int, int]] = []
"""The limit that this process began with, if it has another one now."""


def forbid() -> None:
    """Have this process, and what it starts, leave no core (setrlimit(2), RLIMIT_CORE)."""
    import resource

    limits = resource.getrlimit(resource.RLIMIT_CORE)
    if limits[0] != 0:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_CORE, (0, limits[1]))
            _before.append(limits)


def allow() -> None:
    """Have the limit again that this process began with, for what it becomes."""
    if _before:
        import resource

        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_CORE, _before.pop())
