"""What the browser shows when it comes back to us: no scripts, nothing from elsewhere."""

from __future__ import annotations

HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Connection": "close",
}

_TEMPLATE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title} - ssoenv</title>
<style>
body {{ margin: 0; min-height: 100vh; display: grid; place-items: center;
  font: 1.05rem/1.5 system-ui, sans-serif; background: Canvas; color: CanvasText; }}
main {{ max-width: 26rem; padding: 2rem 1.5rem; border-top: .35rem solid {colour}; }}
h1 {{ margin: 0 0 .5rem; font-size: 1.5rem; }}
p {{ margin: 0; }}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
<p>{text}</p>
</main>
</body>
</html>
"""


def _page(title: str, text: str, colour: str) -> str:
    return _TEMPLATE.format(title=title, text=text, colour=colour)


SIGNED_IN = _page(
    "You are signed in", "You can close this page and go back to your terminal.", "#1a7f37"
)
DECLINED = _page(
    "The sign-in was declined",
    "Nothing was signed in. Your terminal says how to try again.",
    "#b35900",
)
STRAY = _page(
    "Not a sign-in of ours",
    "This page belongs to no sign-in that is waiting. Go back to your terminal.",
    "#b3261e",
)
NOT_TAKEN = _page(
    "This sign-in was not taken",
    "The service did not take this answer. If your terminal still waits, use the page it opened.",
    "#b3261e",
)
