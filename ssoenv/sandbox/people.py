"""What the browser asks for: /authorize, which no model describes, the device page, and answers."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from werkzeug.utils import redirect

from ssoenv.sandbox import pages, redirects
from ssoenv.sandbox.oidc import CODE_GRANT
from ssoenv.sandbox.records import Authorization
from ssoenv.sandbox.state import CODE_SECONDS, PAGE_SECONDS, secret

if TYPE_CHECKING:
    from werkzeug.wrappers import Request, Response

    from ssoenv.sandbox.records import Client, Device
    from ssoenv.sandbox.state import State

_OVER = "It was answered already, or it took too long. Start it again in your terminal."
_ENDS = {
    "approved": ("You are signed in", "You can close this page and go back to your terminal."),
    "denied": ("The sign-in was declined", "Nothing was allowed. You can close this page."),
    "used": ("You are signed in", "You can close this page and go back to your terminal."),
}


class People:
    """Answers in the place of people, or asks them: `approve` is ask, auto or deny.

    Without a `user` it is the first whom an administrator has added that signs in.
    """

    def __init__(self, state: State, *, approve: str, user: str) -> None:
        """Take the sandbox's memory and who signs in."""
        self.state = state
        self.approve = approve
        self.user = user
        # Only a page of ours can know it, so no page elsewhere can answer in a person's place.
        self._form_token = secrets.token_urlsafe(16)

    @property
    def _usual(self) -> str:
        """Who signs in where nobody is asked; empty where there is nobody."""
        return self.user or next((one.name for one in self.state.directory.users.values()), "")

    def authorize(self, request: Request) -> Response:
        """Ask for an authorization code (protocol: a GET with PKCE's S256 challenge)."""
        query = request.args
        client = self.state.client(query.get("client_id", ""))
        uri = query.get("redirect_uri", "")
        if client is None or not redirects.matches(client, uri):
            # An address that nobody registered is never redirected to (RFC 6749 section 4.1.2.1).
            return pages.message("This sign-in is not valid", "Unknown client or address.", 400)
        expires = self.state.now() + PAGE_SECONDS
        challenge, state = query.get("code_challenge", ""), query.get("state")
        page = Authorization(client.id, uri, challenge, state, expires)
        error = _refusal(request, client)
        if error:
            return _send_back(page, error=error)
        if self.approve != "ask":
            return self._decide(page, approved=self.approve == "auto", user=self._usual)
        page_id = secrets.token_urlsafe(16)
        self.state.pages[page_id] = page
        return self._ask(client, client.session, "page", page_id)

    def device(self, request: Request) -> Response:
        """Show the device page, or answer it where the sandbox answers by itself."""
        user_code = request.args.get("user_code")
        if user_code is None:
            return pages.enter_code()
        device = self.state.device_by_user_code(user_code)
        if device is None:
            return pages.enter_code(wrong=True)
        self._answer_by_itself(device)
        if device.status != "pending":
            return pages.message(*_ENDS[device.status])
        client = self.state.clients[device.client]
        return self._ask(client, device.session, "user_code", device.user_code)

    def consent(self, request: Request) -> Response:
        """Take the answer of a person."""
        form = request.form
        given = form.get("form_token", "")
        if not secrets.compare_digest(given.encode(), self._form_token.encode()):
            return pages.message("This form is not ours", "Go back and try again.", 403)
        approved, user = form.get("answer") == "approve", form.get("user", "")
        if self.state.directory.user_named(user) is None:
            return pages.message("Nobody is called that", "Go back and choose somebody.", 400)
        page = self.state.pages.pop(form.get("page", ""), None)
        if page is not None and page.expires > self.state.now():
            return self._decide(page, approved=approved, user=user)
        device = self.state.device_by_user_code(form.get("user_code", ""))
        if device is None or device.status != "pending":
            return pages.message("This sign-in is over", _OVER, 410)
        self._answer(device, approved=approved, user=user)
        return pages.message(*_ENDS[device.status])

    def started(self, user_code: str) -> None:
        """Answer a device sign-in as it starts, where nobody is asked: no page need be opened."""
        device = self.state.device_by_user_code(user_code)
        if device is not None:
            self._answer_by_itself(device)

    def _answer_by_itself(self, device: Device) -> None:
        if self.approve != "ask" and device.status == "pending":
            self._answer(device, approved=self.approve == "auto", user=self._usual)

    def _answer(self, device: Device, *, approved: bool, user: str) -> None:
        found = self.state.directory.user_named(user)
        device.status = "approved" if approved and found else "denied"
        device.user = found.id if found else ""

    def _decide(self, page: Authorization, *, approved: bool, user: str) -> Response:
        found = self.state.directory.user_named(user)
        if not approved or found is None:  # who would sign in may have been deleted
            return _send_back(page, error="access_denied")
        page.user, page.expires = found.id, self.state.now() + CODE_SECONDS
        code = secret("code")
        self.state.codes[code] = page
        return _send_back(page, code=code)

    def _ask(self, client: Client, session: str, name: str, value: str) -> Response:
        """Return the page for the sign-in that the form's field `name` stands for."""
        instances = self.state.world.instances
        facts = {
            "Program": client.name or client.id,
            "Portal": next((i.start_url for i in instances if i.session == session), ""),
            "Access": ", ".join(client.scopes) or "sso:account:access",
        }
        return pages.consent(
            facts,
            [user.name for user in self.state.directory.users.values()],
            self._usual,
            {name: value, "form_token": self._form_token},
            code=value if name == "user_code" else "",
        )


def _refusal(request: Request, client: Client) -> str:
    """Return the error (RFC 6749 section 4.1.2.1) of a request for a code; empty: it is sound."""
    query = request.args
    if query.get("response_type") != "code":
        return "unsupported_response_type"
    if CODE_GRANT not in client.grant_types:
        return "unauthorized_client"
    challenge = query.get("code_challenge", "")
    # SHA-256 in base64url without padding has 43 characters (RFC 7636 section 4.2).
    if query.get("code_challenge_method") != "S256" or len(challenge) != 43:
        return "invalid_request"
    if not set(query.get("scopes", "").split()) <= set(client.scopes):
        return "invalid_scope"
    return ""


def _send_back(page: Authorization, **fields: str) -> Response:
    if page.state is not None:
        fields["state"] = page.state
    response = redirect(redirects.with_fields(page.redirect_uri, fields), 302)
    response.headers.update(pages.HEADERS)
    return response
