"""Redirect URIs of programs on this machine (RFC 8252 section 7.3): loopback, any port."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

if TYPE_CHECKING:
    from ssoenv.sandbox.records import Client

LOOPBACK = ("127.0.0.1", "localhost", "::1")
_PLAIN = re.compile(r"[!$-;=?-\[\]_a-z~]+")  # URI characters (RFC 3986), without # and quotes


def is_loopback(uri: str) -> bool:
    """Whether `uri` is a plain http address of this machine, without user or fragment."""
    try:
        parts = urlsplit(uri)
        port = parts.port
    except ValueError:
        return False
    plain = _PLAIN.fullmatch(uri) is not None and parts.scheme == "http" and port != 0
    return plain and "@" not in parts.netloc and parts.hostname in LOOPBACK


def matches(client: Client, uri: str) -> bool:
    """Whether `client` registered `uri`: everything compared exactly, but for the port."""
    return is_loopback(uri) and any(
        _but_port(uri) == _but_port(one) for one in client.redirect_uris
    )


def with_fields(uri: str, fields: dict[str, str]) -> str:
    """Return `uri` with `fields` added to its query."""
    return f"{uri}{'&' if urlsplit(uri).query else '?'}{urlencode(fields)}"


def _but_port(uri: str) -> tuple[str | None, str, str]:
    parts = urlsplit(uri)
    return parts.hostname, parts.path, parts.query
