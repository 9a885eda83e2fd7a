"""A browser for the sandbox's own pages: walks one sign-in and ends. For BROWSER, standard library.

Run as ``python -I browser.py URL``. It follows redirects to addresses of this machine only.
"""

from __future__ import annotations

import sys
import urllib.request
from urllib.parse import urlsplit

LOOPBACK = ("127.0.0.1", "localhost", "::1")
TIMEOUT_SECONDS = 30


class LoopbackOnly(urllib.request.HTTPRedirectHandler):
    """Follows a redirect only if it stays on this machine."""

    def redirect_request(self, request, stream, code, message, headers, url):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201
        """Return the next request, or None where it would leave."""
        if not _is_here(url):
            return None
        return super().redirect_request(request, stream, code, message, headers, url)


def main(arguments: list[str]) -> int:
    """Open the page that `arguments` names; return 0 if it was there."""
    if len(arguments) != 1 or not _is_here(arguments[0]):
        sys.stderr.write("usage: browser.py http://127.0.0.1:PORT/...\n")
        return 2
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), LoopbackOnly)
    try:
        with opener.open(arguments[0], timeout=TIMEOUT_SECONDS) as page:
            page.read()
    except OSError:
        return 1
    return 0


def _is_here(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme == "http" and parts.hostname in LOOPBACK


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
