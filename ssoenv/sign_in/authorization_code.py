"""Signing in with a page in the browser: authorization code with PKCE (RFC 7636, RFC 8252)."""

from __future__ import annotations

import base64
import hashlib
import secrets
from typing import TYPE_CHECKING

from ssoenv.identity_center import oidc
from ssoenv.sign_in.callback import CallbackServer

if TYPE_CHECKING:
    from collections.abc import Callable

    from ssoenv.base.models import Registration, Token
    from ssoenv.identity_center.client import IdentityCenter
    from ssoenv.sign_in.reporter import Reporter


def sign_in(
    center: IdentityCenter,
    registration: Registration,
    reporter: Reporter,
    timeout: float,
    open_page: Callable[[str], bool],
    port: int = 0,
) -> Token:
    """Open the sign-in page with `open_page`, wait for its answer, and return the token.

    We listen, on `port` or a free one, before the page opens: a browser that is already signed in
    answers at once. Raises SignInDenied, SignInTimedOut (after `timeout` seconds), UsageError for a
    port that cannot be had, and the rest.
    """
    verifier = secrets.token_urlsafe(48)
    digest = hashlib.sha256(verifier.encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    with CallbackServer(center.session.label, port) as server:
        url = oidc.authorize_url(center, registration, server.redirect_uri, server.state, challenge)
        center.check_reachable(url)
        reporter.page(url, opened=open_page(server.lead_to(url)))

        def exchange(code: str) -> Token:
            return oidc.token_for_code(center, registration, code, verifier, server.redirect_uri)

        try:
            return server.wait(timeout, exchange, reporter.waiting)
        finally:
            reporter.waiting(0)
