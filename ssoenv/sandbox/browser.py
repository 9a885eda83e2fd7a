"""A browser for the sandbox's own pages: walks one sign-in and ends. For BROWSER, standard library.

Run as ``python -I browser.py URL``. It follows redirects to loopback addresses only.
"""

from __future__ import annotations

import sys
import urllib.request
from urllib.parse import urlsplit


class LoopbackOnly(urllib.request.HTTPRedirectHandler):
    """Follows a redirect only if it stays on this machine."""

    def redirect_request(self, request, stream, code, message, headers, url):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201
        """Return the next request, or None where it would leave."""
        if urlsplit(url).hostname not in ("127.0.0.1", "localhost", "::1"):
            return None
        return super().redirect_request(request, stream, code, message, headers, url)


def main() -> int:
    """Open the page named on the command line."""
    if len(sys.argv) != 2 or urlsplit(sys.argv[1]).hostname not in ("127.0.0.1", "localhost"):
        return 2
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), LoopbackOnly)
    try:
        with opener.open(sys.argv[1], timeout=30) as page:
            page.read()
    except OSError:
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
