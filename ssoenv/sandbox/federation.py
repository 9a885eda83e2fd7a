"""The console's sign-in: a token for session credentials, the page behind it, and signing out.

IAM User Guide, "Enable custom identity broker access to the AWS console": getSigninToken takes
session credentials as JSON, by GET or POST; login takes the token, for 15 minutes. No model
describes it, and what it refuses it refuses with a page.
"""

from __future__ import annotations

import hmac
import json
import re
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import parse_qs, urlsplit

from werkzeug.utils import redirect

from ssoenv.base import clock
from ssoenv.sandbox import pages
from ssoenv.sandbox.records import SigninToken
from ssoenv.sandbox.state import secret
from ssoenv.sandbox.wire import WireError, answer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from werkzeug.wrappers import Request, Response

    from ssoenv.sandbox.records import Keys
    from ssoenv.sandbox.state import State

PATHS = ("/federation", "/oauth")
OPERATIONS = {
    "getSigninToken": "GetSigninToken",
    "login": "ConsoleLogin",
    "logout": "ConsoleLogout",
}
"""Action -> operation."""
TOKEN_SECONDS = 15 * 60
LEAST, MOST = 15 * 60, 12 * 3600
"""Seconds that SessionDuration may say."""
_CONSOLES = (
    "console.aws.amazon.com",
    "console.amazonaws.cn",
    "console.amazonaws-us-gov.com",
    "console.amazonaws-eusc.eu",
)
_REGION = re.compile(r"[a-z]{2,4}(?:-[a-z]+)+-[0-9]+")


def fail(message: str) -> NoReturn:
    """Raise the error with which this endpoint refuses."""
    raise WireError("signin", "BadRequest", message)


def serve(state: State, operation: str, request: Request) -> Response:
    """Answer one of the OPERATIONS."""
    serving: dict[str, Callable[[State, Request], Response]] = {
        "GetSigninToken": _get_signin_token,
        "ConsoleLogin": _login,
        "ConsoleLogout": _logout,
    }
    return serving[operation](state, request)


def _get_signin_token(state: State, request: Request) -> Response:
    """Hand out a token for the credentials in Session."""
    fields = request.values
    keys = _keys(state, fields.get("Session", ""))
    ends = keys.expires
    if "SessionDuration" in fields:
        text = fields["SessionDuration"]
        if not (text.isascii() and text.isdecimal() and LEAST <= int(text[:9]) <= MOST):
            fail("SessionDuration is not valid")
        if keys.chained:
            fail("SessionDuration is not allowed with credentials of role chaining")
        ends = state.now() + int(text[:9])
    token = secret("signin")
    state.signin_tokens[token] = SigninToken(keys, state.now() + TOKEN_SECONDS, ends)
    return answer({"SigninToken": token})


def _keys(state: State, session: str) -> Keys:
    """Return the credentials that `session` is the JSON of, if they were given out and are good."""
    try:
        given = json.loads(session)
    except (ValueError, RecursionError):
        given = None
    names = ("sessionId", "sessionKey", "sessionToken")
    if not isinstance(given, dict) or not all(isinstance(given.get(one), str) for one in names):
        fail("Session is not valid")
    keys = state.keys.get(given["sessionId"])
    if keys is None or keys.expires <= state.now():
        fail("The credentials are not valid, or have expired")
    for name, value in (("sessionKey", keys.secret), ("sessionToken", keys.token)):
        if not hmac.compare_digest(given[name].encode("utf-8", "replace"), value.encode()):
            fail("The credentials are not valid, or have expired")
    return keys


def _login(state: State, request: Request) -> Response:
    """Show as whom one is signed in to the console, which is not here, and where it would open."""
    fields = request.values
    token = state.signin_tokens.get(fields.get("SigninToken", ""))
    if token is None or token.expires <= state.now():
        fail("The sign-in token is not valid, or has expired")
    destination = fields.get("Destination", "")
    host = _console_host(destination)
    if not host:
        fail("The destination is not the AWS console")
    account = state.directory.accounts[token.keys.account]
    return pages.console(
        {
            "Account": f"{account.name} ({account.id})",
            "Role": token.keys.role,
            "User": token.keys.user,
            "Destination": destination,
            "Region": _region(destination, host),
            "Until": clock.render_timestamp(int(token.session_ends)),
        }
    )


def _logout(state: State, request: Request) -> Response:
    """Sign out, and lead on to redirect_uri, which has to be a page of this very endpoint."""
    del state  # nobody's session is kept: what a page would show is in its address
    wanted = request.values.get("redirect_uri", "")
    if not wanted:
        return pages.message("You are signed out", "You can close this page.")
    if not wanted.startswith(tuple(f"{request.host_url.rstrip('/')}{path}?" for path in PATHS)):
        fail("redirect_uri is not valid")
    response = redirect(wanted, 302)
    response.headers.update(pages.HEADERS)
    return response


def _console_host(destination: str) -> str:
    """Return the host of the address `destination`, if that is one of the console; else ""."""
    try:
        parts = urlsplit(destination)
        host = parts.hostname or ""
    except ValueError:
        return ""
    plain = parts.scheme == "https" and parts.netloc == host
    is_console = any(host == one or host.endswith(f".{one}") for one in _CONSOLES)
    return host if plain and is_console else ""


def _region(destination: str, host: str) -> str:
    """Return the region that an address of the console at `host` names."""
    query: Mapping[str, list[str]] = parse_qs(urlsplit(destination).query)
    named = [*query.get("region", ()), *host.split(".")]
    return next((one for one in named if _REGION.fullmatch(one)), "")
