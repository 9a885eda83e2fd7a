"""Get a token for a session: reuse it, else refresh it, else one sign-in for all who wait.

``consent`` decides whether a page may open at all; ``turn`` lets one process at a time ask and
shares how it ended; ``authorization_code`` and ``device_code`` are the two ways of asking.
"""

from ssoenv.sign_in.browser import has_browser
from ssoenv.sign_in.consent import Consent, SignInRequest, explicit_consent, lazy_consent
from ssoenv.sign_in.reporter import Reporter
from ssoenv.sign_in.sign_out import secrets_left, sign_out, sign_out_everywhere
from ssoenv.sign_in.tokens import Way, how_to_sign_in, reject_token, require_token

__all__ = [
    "Consent",
    "Reporter",
    "SignInRequest",
    "Way",
    "explicit_consent",
    "has_browser",
    "how_to_sign_in",
    "lazy_consent",
    "reject_token",
    "require_token",
    "secrets_left",
    "sign_out",
    "sign_out_everywhere",
]
