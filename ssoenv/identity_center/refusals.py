"""The errors that the services send when they refuse, as errors of ssoenv.

Names and statuses: botocore ``data/sso-oidc/2019-06-10``, ``data/sso/2019-06-10`` and
``data/account-access-runtime/2018-05-10``. The portal's ForbiddenException is not in its model, but
it is what a role that is not assigned gets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssoenv.base import dialects
from ssoenv.base.errors import (
    AccessDenied,
    InvalidConfiguration,
    ServiceUnavailable,
    SignInDenied,
    SignInRequired,
    SignInTimedOut,
)

if TYPE_CHECKING:
    from ssoenv.base.models import Session
    from ssoenv.identity_center.aws_clients import Refused

ACCOUNT_ACCESS = "account-access-runtime"
_NAMES = {ACCOUNT_ACCESS: "the account access manager"}
_PENDING = ("AuthorizationPendingException", "SlowDownException")
_CLIENT = ("InvalidClientException", "UnauthorizedClientException")
_DENIALS = ("ForbiddenException", "ResourceNotFoundException", "AccessDeniedException")
NOT_THE_SERVICE = "a captive portal or a proxy may answer in its place: look in a browser"
_THROTTLES = ("TooManyRequestsException", "ThrottlingException")


class TokenRejected(SignInRequired):
    """The portal rejects this token, although it has not expired."""


class Throttled(ServiceUnavailable):
    """The service takes no more calls just now; `retry_after` (seconds) is 0 unless it said so."""

    retry_after = 0


class GrantRejected(SignInRequired):
    """The service rejects this authorization code or refresh token."""


class Misfit(InvalidConfiguration):
    """The service refuses what is asked for: it is not what it knows of the session."""


class ClientRejected(GrantRejected):
    """The service does not know this client registration, or no longer."""


class AuthorizationPending(Exception):
    """Nobody has answered the device page yet; `slow_down` asks for longer pauses."""

    def __init__(self, *, slow_down: bool) -> None:
        """Keep whether to poll more slowly from now on."""
        super().__init__("authorization pending")
        self.slow_down = slow_down


def name_of(service: str) -> str:
    """Return what `service` is called for people."""
    return _NAMES.get(service, "IAM Identity Center")


def may_pass(status: int) -> bool:
    """Whether the next request may fare better: the service failed, or had no time for this one.

    RFC 9110 sections 15.5.9 and 15.6; RFC 6585 section 4.
    """
    return status in (408, 429) or status >= 500


def explain(service: str, refusal: Refused, session: Session, what: str) -> Exception:
    """Return what the `refusal` of `service` means for `session`.

    `what` names the thing asked for, such as ``role Developer in account 111111111111``.
    """
    code, status, name = refusal.code, refusal.status, name_of(service)
    throttled = status == 429 or code in _THROTTLES
    if throttled or (may_pass(status) and (code or status >= 500)):
        kind = Throttled if throttled else ServiceUnavailable
        # Where something else was asked for, no sign-in mends it.
        signs_in = service == "sso-oidc"
        error = kind(
            f"{name} failed ({f'{status} {code}'.rstrip()})",
            fix=_fix(session) if signs_in else None,
            advice="wait a minute first" if signs_in else "wait a minute, and run it again",
        )
        if isinstance(error, Throttled):
            error.retry_after = refusal.retry_after
        return error
    if not code:
        # The services name their errors: this one comes from something in between.
        return ServiceUnavailable(
            f"what answers for {session.label} is not {name} (HTTP {status})",
            fix="ssoenv doctor",
            advice=NOT_THE_SERVICE,
        )
    if service == "sso-oidc":
        return _explain_oidc(code, session)
    if status == 401 or code == "UnauthorizedException":
        return TokenRejected(f"the session {session.label} has ended", fix=_fix(session))
    if service == ACCOUNT_ACCESS:
        return _explain_access(code, status, session, what)
    return _explain_portal(code, status, session, what)


def _explain_oidc(code: str, session: Session) -> Exception:
    label, fix = session.label, _fix(session)
    if code in _PENDING:
        return AuthorizationPending(slow_down=code == "SlowDownException")
    if code == "AccessDeniedException":
        return SignInDenied(f"the sign-in to {label} was declined", fix=fix)
    if code == "ExpiredTokenException":
        return SignInTimedOut(f"nobody approved the sign-in to {label} in time", fix=fix)
    if code in _CLIENT:
        return ClientRejected(f"{label} wants a new sign-in ({code})", fix=fix)
    if code == "InvalidGrantException":
        return GrantRejected(f"{label} wants a new sign-in ({code})", fix=fix)
    return _misfit(code, session)


def _explain_access(code: str, status: int, session: Session, what: str) -> Exception:
    if status == 403:
        fix = f"ssoenv roles --session {dialects.word(session.label)}"
        return AccessDenied(f"you are not entitled to {what}", fix=fix)
    return InvalidConfiguration(
        f"the account access manager refused {what} ({code})",
        advice="check tenant, role_arn, role_session_name and duration",
    )


def _explain_portal(code: str, status: int, session: Session, what: str) -> Exception:
    if status in (403, 404) or code in _DENIALS:
        return AccessDenied(
            f"{what} is not assigned to you",
            fix=f"ssoenv roles --session {dialects.word(session.label)}",
        )
    return _misfit(code, session)


def _misfit(code: str, session: Session) -> Misfit:
    return Misfit(
        f"IAM Identity Center refused {session.label}, {session.start_url} ({code})",
        advice=f"check sso_start_url and sso_region at {session.source}",
    )


def _fix(session: Session) -> str:
    return f"ssoenv login {dialects.word(session.label)}"
