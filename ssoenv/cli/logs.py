"""``-v``: what happens, on stderr. Only our own messages: botocore's would hold tokens."""

from __future__ import annotations

import logging
import sys


def to_stderr() -> None:
    """Send the log of ssoenv, and of nothing else, to stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s: %(message)s", "%H:%M:%S %Z"))
    logger = logging.getLogger("ssoenv")
    logger.setLevel(logging.DEBUG)
    logger.addHandler(handler)
