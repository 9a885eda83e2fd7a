"""The browser's side: the unmodelled /authorize, the device page, and what a person answers."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from werkzeug.utils import redirect

from ssoenv.sandbox import pages
from ssoenv.sandbox.oidc import redirect_matches
from ssoenv.sandbox.state import CODE_SECONDS, Authorization, secret

if TYPE_CHECKING:
    from werkzeug.wrappers import Request, Response

    from ssoenv.sandbox.state import State


class People:
    """Answers in the place of people, or asks them: `approve` is ask, auto or deny."""

    def __init__(self, state: State, *, approve: str, user: str) -> None:
        """Take the sandbox's memory and who signs in."""
        self.state = state
        self.approve = approve
        self.user = user
        self._form_token = secrets.token_urlsafe(16)

    def authorize(self, request: Request) -> Response:
        """Ask for an authorization code (protocol: a GET with PKCE's S256 challenge)."""
        query = request.args
        client = self.state.clients.get(query.get("client_id", ""))
        uri = query.get("redirect_uri", "")
        if client is None or not redirect_matches(client, uri):
            # An address that nobody registered is never redirected to (RFC 6749 section 4.1.2.1).
            return pages.message("This sign-in is not valid", "Unknown client or address.", 400)
        page = Authorization(
            client.id, uri, query.get("code_challenge", ""), query.get("state", "")
        )
        if query.get("response_type") != "code":
            return self._send_back(page, error="unsupported_response_type")
        if query.get("code_challenge_method") != "S256" or not 43 <= len(page.challenge) <= 128:
            return self._send_back(page, error="invalid_request")
        if "authorization_code" not in client.grant_types:
            return self._send_back(page, error="unauthorized_client")
        if self.approve != "ask":
            return self._decide(page, self.approve == "auto", self.user)
        page_id = secrets.token_urlsafe(16)
        self.state.pages[page_id] = page
        facts = {"Wants": ", ".join(query.get("scopes", "").split()) or "nothing", "For": client.id}
        return pages.consent(
            "Allow a terminal to use your AWS accounts?",
            facts,
            self._users(),
            self.user,
            {"page": page_id, "form_token": self._form_token},
        )

    def device(self, request: Request) -> Response:
        """Show the device page, or answer it where the sandbox answers by itself."""
        user_code = request.args.get("user_code")
        if user_code is None:
            return pages.enter_code()
        device = self.state.device_by_user_code(user_code)
        if device is None or device.status != "pending":
            return pages.enter_code(wrong=True)
        if self.approve != "ask":
            device.status = "approved" if self.approve == "auto" else "denied"
            device.user = self.user
            return self._device_answered(approved=device.status == "approved")
        return pages.consent(
            "Sign in on another device?",
            {"For": device.client},
            self._users(),
            self.user,
            {"user_code": device.user_code, "form_token": self._form_token},
            device.user_code,
        )

    def consent(self, request: Request) -> Response:
        """Take the answer of a person."""
        form = request.form
        if not secrets.compare_digest(
            form.get("form_token", "").encode(), self._form_token.encode()
        ):
            return pages.message("This form is not ours", "Go back and try again.", 403)
        approved, user = form.get("answer") == "approve", form.get("user", "")
        if self.state.world.user(user) is None:
            return pages.message("Nobody is called that", "Go back and choose somebody.", 400)
        page = self.state.pages.pop(form.get("page", ""), None)
        if page is not None:
            return self._decide(page, approved, user)
        device = self.state.device_by_user_code(form.get("user_code", ""))
        if device is None or device.status != "pending":
            return pages.message("This sign-in is over", "It was answered, or took too long.", 410)
        device.status, device.user = "approved" if approved else "denied", user
        return self._device_answered(approved=approved)

    def auto_approve(self, user_code: str) -> None:
        """Answer a device sign-in at once, where nobody is asked."""
        device = self.state.device_by_user_code(user_code)
        if device is not None and self.approve != "ask":
            device.status = "approved" if self.approve == "auto" else "denied"
            device.user = self.user

    def _decide(self, page: Authorization, approved: bool, user: str) -> Response:  # noqa: FBT001
        if not approved:
            return self._send_back(page, error="access_denied")
        page.user, page.expires = user, self.state.now() + CODE_SECONDS
        code = secret("code")
        self.state.codes[code] = page
        return self._send_back(page, code=code)

    def _send_back(self, page: Authorization, **fields: str) -> Response:
        query = urlencode(fields | {"state": page.state})
        return redirect(f"{page.redirect_uri}?{query}", 302)

    def _users(self) -> list[str]:
        return [user.name for user in self.state.world.users]

    def _device_answered(self, *, approved: bool) -> Response:
        if approved:
            return pages.message("You are signed in", "You can close this page.")
        return pages.message("The sign-in was declined", "You can close this page.")
