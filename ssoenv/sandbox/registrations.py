"""Registrations of clients, which are good for 90 days: longer than most sandboxes live.

A program keeps its registration, as it does that of AWS, and comes back with it to a sandbox that
was started anew. So an id says itself what was registered. It is no secret, and gives nobody more
than a registration would: codes are sent to loopback addresses alone, and people are asked.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets

from ssoenv.sandbox.records import Client

_PREFIX = "sandbox-client-"
REGISTRATION_SECONDS = 90 * 86400


def register(
    now: float,
    redirect_uris: tuple[str, ...],
    grant_types: tuple[str, ...],
    scopes: tuple[str, ...],
    name: str,
    session: str,
) -> Client:
    """Return a new client, registered at the moment `now` (epoch seconds)."""
    expires = int(now) + REGISTRATION_SECONDS
    nonce = secrets.token_urlsafe(12)
    words = [nonce, expires, redirect_uris, grant_types, scopes, name, session]
    text = base64.urlsafe_b64encode(json.dumps(words).encode()).decode().rstrip("=")
    known = (redirect_uris, grant_types, scopes, name, session)
    return Client(_PREFIX + text, _secret(_PREFIX + text), expires, *known)


def read(client_id: str) -> Client | None:
    """Return the client that `client_id` says; None where it says none."""
    text = client_id.removeprefix(_PREFIX)
    try:
        words = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        _, expires, *lists, name, session = words
        redirect_uris, grant_types, scopes = (tuple(map(str, one)) for one in lists)
        known = (redirect_uris, grant_types, scopes, str(name), str(session))
        found = Client(client_id, _secret(client_id), int(expires), *known)
    except (ValueError, TypeError, OverflowError, RecursionError):
        return None
    return found if client_id.startswith(_PREFIX) else None


def _secret(client_id: str) -> str:
    return f"sandbox-client-secret-{hashlib.sha256(client_id.encode()).hexdigest()[:32]}"
