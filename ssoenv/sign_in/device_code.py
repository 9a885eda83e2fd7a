"""Signing in with a code on any device (RFC 8628), for when no browser here can reach us."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ssoenv.base import dialects
from ssoenv.base.errors import ServiceUnavailable, SignInTimedOut
from ssoenv.identity_center import oidc
from ssoenv.identity_center.refusals import AuthorizationPending

if TYPE_CHECKING:
    from ssoenv.base.models import Registration, Token
    from ssoenv.identity_center.client import IdentityCenter
    from ssoenv.identity_center.oidc import DeviceAuthorization
    from ssoenv.sign_in.reporter import Reporter

SLOW_DOWN = 5
"""Seconds by which polling slows when the service asks for it (RFC 8628 section 3.5)."""
DEFAULT_INTERVAL = 5
"""Seconds between two polls where the service names none (RFC 8628 section 3.2)."""
FAILURES = 3
"""Polls in a row that may fail on the network while a person is at the page."""


def sign_in(
    center: IdentityCenter, registration: Registration, reporter: Reporter, timeout: float
) -> Token:
    """Show a code, wait for its approval, and return the token.

    The address with the code in it is only shown, never opened: that the person compares the
    code is what protects them from approving somebody else's sign-in.
    Raises SignInDenied, SignInTimedOut (after `timeout` seconds at the latest) and the rest.
    """
    waiting = oidc.start_device_authorization(center, registration)
    seconds = min(timeout, waiting.expires_in)
    reporter.code(waiting.user_code, waiting.uri, waiting.complete_uri, int(seconds))
    deadline = time.monotonic() + seconds
    try:
        return _poll(center, registration, waiting, reporter, deadline)
    finally:
        reporter.waiting(0)


def _poll(
    center: IdentityCenter,
    registration: Registration,
    waiting: DeviceAuthorization,
    reporter: Reporter,
    deadline: float,
) -> Token:
    """Ask again and again, as the service wants it asked, until `deadline` (monotonic seconds)."""
    interval, failures = float(waiting.interval or DEFAULT_INTERVAL), 0
    while True:
        try:
            return oidc.token_for_device(center, registration, waiting.device_code)
        except AuthorizationPending as pending:
            failures = 0
            interval += SLOW_DOWN if pending.slow_down else 0
        except ServiceUnavailable:
            failures += 1
            if failures == FAILURES:
                raise
        if time.monotonic() + interval >= deadline:
            break
        _sleep(interval, deadline, reporter)
    _sleep(deadline - time.monotonic(), deadline, reporter)
    label = center.session.label
    raise SignInTimedOut(
        f"nobody approved the sign-in to {label} in time",
        fix=f"ssoenv login {dialects.word(label)}",
    )


def _sleep(seconds: float, deadline: float, reporter: Reporter) -> None:
    """Sleep, and tell each second how long there still is."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        reporter.waiting(deadline - time.monotonic())
        time.sleep(min(left, 1.0))
