"""Reading the JSON files that other tools write beside us: whatever is in them, nothing is raised.

The AWS CLI rewrites its files in place, so a reader may meet an empty or a half-written one.
"""

from __future__ import annotations

import json
import os
import stat
import time
from typing import Any

HALF_WRITTEN = 0.05
"""Seconds after which to read again what does not parse."""
LIMIT = 1 << 20
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def load_object(path: str) -> dict[str, Any]:
    """Return the JSON object in the file at `path`; an empty one for anything else.

    A link, and a file that the user does not own, give an empty object, too: what somebody else put
    there must not become our session.
    """
    for pause in (HALF_WRITTEN, 0.0):
        content = read_own(path)
        if content is None:
            return {}
        try:
            document = json.loads(content)
        except (ValueError, RecursionError):
            time.sleep(pause)
            continue
        return document if isinstance(document, dict) else {}
    return {}


def read_own(path: str) -> bytes | None:
    """Return the bytes of the user's own plain file at `path`; None where there is none to read."""
    try:
        descriptor = os.open(path, _OPEN)
    except OSError:
        return None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid():
            return None
        with open(descriptor, "rb", closefd=False) as stream:
            return stream.read(LIMIT)
    except OSError:
        return None
    finally:
        os.close(descriptor)
