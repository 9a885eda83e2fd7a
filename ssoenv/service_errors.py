"""What the services answer when they refuse, as errors of ours; no library is needed to know it.

Names and statuses: botocore ``data/sso-oidc/2019-06-10`` and ``data/sso/2019-06-10``. The portal's
ForbiddenException is not in its model, but it is what a role that is not assigned gets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssoenv.errors import (
    AccessDenied,
    InvalidConfiguration,
    ServiceUnavailable,
    SignInDenied,
    SignInRequired,
    SignInTimedOut,
)

if TYPE_CHECKING:
    from ssoenv.models import Session

_PENDING = ("AuthorizationPendingException", "SlowDownException")
_CLIENT = ("InvalidClientException", "UnauthorizedClientException")
_DENIALS = ("ForbiddenException", "ResourceNotFoundException", "AccessDeniedException")
_THROTTLES = ("TooManyRequestsException", "ThrottlingException")


class TokenRejected(SignInRequired):
    """The portal does not take this token (any more), whatever its time says."""


class GrantRejected(SignInRequired):
    """The service does not take this code or refresh token."""


class ClientRejected(GrantRejected):
    """The service does not know this client registration (any more)."""


class AuthorizationPending(Exception):
    """Nobody has answered the device page yet; `slow_down` asks for longer pauses."""

    def __init__(self, *, slow_down: bool) -> None:
        """Keep whether to poll more slowly from now on."""
        super().__init__("authorization pending")
        self.slow_down = slow_down


def explain(service: str, code: str, status: int, session: Session, what: str) -> Exception:
    """Return what the refusal `code`, with HTTP `status`, means for `session`.

    `what` names the thing asked for, such as ``role Developer in account 111111111111``.
    """
    if status == 429 or status >= 500 or code in _THROTTLES:
        return ServiceUnavailable(
            f"IAM Identity Center failed ({status} {code})",
            hint=f"wait a minute, then: {_mend(session)}",
        )
    return (_explain_portal if service == "sso" else _explain_oidc)(code, status, session, what)


def _explain_oidc(code: str, status: int, session: Session, what: str) -> Exception:
    del what
    label, mend = session.label, _mend(session)
    if code in _PENDING:
        return AuthorizationPending(slow_down=code == "SlowDownException")
    if code == "AccessDeniedException":
        return SignInDenied(f"the sign-in to {label} was declined", hint=mend)
    if code == "ExpiredTokenException":
        return SignInTimedOut(f"nobody approved the sign-in to {label} in time", hint=mend)
    if code in _CLIENT:
        return ClientRejected(f"{label} wants a new sign-in ({code})", hint=mend)
    if code == "InvalidGrantException":
        return GrantRejected(f"{label} wants a new sign-in ({code})", hint=mend)
    return _misfit(code or str(status), session)


def _explain_portal(code: str, status: int, session: Session, what: str) -> Exception:
    if status == 401 or code == "UnauthorizedException":
        return TokenRejected(f"the session {session.label} has ended", hint=_mend(session))
    if status in (403, 404) or code in _DENIALS:
        return AccessDenied(
            f"{what} is not assigned to you", hint=f"ssoenv roles --session {session.label}"
        )
    return _misfit(code or str(status), session)


def _misfit(code: str, session: Session) -> InvalidConfiguration:
    return InvalidConfiguration(
        f"IAM Identity Center refused {session.label}, {session.start_url} ({code})",
        hint=f"check sso_start_url and sso_region at {session.source}",
    )


def _mend(session: Session) -> str:
    return f"ssoenv login {session.label}"
