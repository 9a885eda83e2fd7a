"""Signing in with a code on any device (RFC 8628), for when no browser here can reach us."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ssoenv.errors import SignInTimedOut
from ssoenv.identity_center import AuthorizationPending

if TYPE_CHECKING:
    from ssoenv.identity_center import IdentityCenter
    from ssoenv.models import Registration, Token
    from ssoenv.sign_in.reporter import Reporter

SLOW_DOWN = 5
"""Seconds by which polling slows when the service asks for it (RFC 8628 section 3.5)."""
DEFAULT_INTERVAL = 5
"""Seconds between two polls where the service names none (RFC 8628 section 3.2)."""


def sign_in(
    center: IdentityCenter, registration: Registration, reporter: Reporter, timeout: float
) -> Token:
    """Show a code, wait for its approval, and return the token.

    The address with the code in it is only shown, never opened: that the person compares the
    code is what protects them from approving somebody else's sign-in.
    Raises SignInDenied, SignInTimedOut (after `timeout` seconds at the latest) and the rest.
    """
    answer = center.start_device_authorization(registration)
    reporter.code(
        answer["userCode"],
        answer["verificationUri"],
        answer["verificationUriComplete"],
        answer["expiresIn"],
    )
    interval = float(answer.get("interval") or DEFAULT_INTERVAL)
    deadline = time.monotonic() + min(timeout, answer["expiresIn"])
    while time.monotonic() < deadline:
        try:
            return center.token_for_device(registration, answer["deviceCode"])
        except AuthorizationPending as pending:
            interval += SLOW_DOWN if pending.slow_down else 0
        time.sleep(min(interval, max(0.0, deadline - time.monotonic())))
    label = center.session.label
    raise SignInTimedOut(f"nobody approved the sign-in to {label}", hint=f"ssoenv login {label}")
