"""The sign-in pages: plain HTML without scripts, loading nothing from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup
from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# form-action names the loopback hosts because browsers hold the redirect after a form to it too.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "form-action 'self' http://127.0.0.1:* http://localhost:*; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}

_PAGE = Markup("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title} - ssoenv sandbox</title>
<link rel="icon" href="data:,">
<style>
:root {{ --page: #f4f2f8; --card: #fff; --text: #1f1b2a; --soft: #5c566b; --line: #c9c3d6;
  --accent: #5b34b0; --on-accent: #fff; }}
@media (prefers-color-scheme: dark) {{
  :root {{ --page: #17141f; --card: #221e2d; --text: #f0edf7; --soft: #b3acc4; --line: #4a4360;
    --accent: #b79cff; --on-accent: #1b1230; }}
}}
* {{ box-sizing: border-box; }}
body {{ margin: 0; min-height: 100vh; padding: 1rem; display: grid; place-items: center;
  font: 1rem/1.5 system-ui, sans-serif; background: var(--page); color: var(--text); }}
main {{ width: min(27rem, 100%); padding: 1.75rem; background: var(--card);
  border: 1px solid var(--line); border-top: .3rem solid var(--accent); border-radius: .5rem; }}
h1 {{ margin: 0 0 1rem; font-size: 1.4rem; line-height: 1.25; }}
dl {{ display: grid; grid-template-columns: auto 1fr; gap: .4rem 1rem; margin: 1rem 0; }}
dt {{ color: var(--soft); }} dd {{ margin: 0; overflow-wrap: anywhere; }}
label {{ display: block; margin: 1rem 0 .3rem; }}
input, select, button {{ font: inherit; width: 100%; padding: .6rem .8rem; color: var(--text);
  background: var(--card); border: 1px solid var(--soft); border-radius: .4rem; }}
.code {{ margin: 0; font: 600 1.75rem/1.3 ui-monospace, monospace; letter-spacing: .12em; }}
.choice {{ display: flex; flex-wrap: wrap; gap: .75rem; margin-top: 1.5rem; }}
.choice button {{ flex: 1 1 8rem; cursor: pointer; }}
button.yes {{ background: var(--accent); border-color: var(--accent); color: var(--on-accent); }}
:focus-visible {{ outline: .2rem solid var(--accent); outline-offset: .15rem; }}
small {{ display: block; margin-top: 1.5rem; color: var(--soft); }}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
{body}
<small>This is the ssoenv sandbox on your own machine. Nothing here reaches AWS.</small>
</main>
</body>
</html>
""")


def message(title: str, text: str, status: int = 200) -> Response:
    """Return a page that only says something."""
    return _response(title, Markup("<p>{}</p>").format(text), status)


def enter_code(*, wrong: bool = False) -> Response:
    """Return the page that asks for the code of a device sign-in."""
    alert = Markup('<p role="alert">No sign-in is waiting with that code.</p>') if wrong else ""
    body = Markup(
        '{alert}<form method="get" action="/device">'
        '<label for="user_code">The code that your terminal shows</label>'
        '<input id="user_code" name="user_code" required autofocus autocomplete="off"'
        ' autocapitalize="characters" spellcheck="false" placeholder="ABCD-EFGH">'
        '<div class="choice"><button class="yes">Continue</button></div></form>'
    ).format(alert=alert)
    return _response("Sign in for another device", body, 404 if wrong else 200)


def consent(
    facts: Mapping[str, str],
    users: Sequence[str],
    user: str,
    hidden: Mapping[str, str],
    *,
    code: str = "",
) -> Response:
    """Return the page on which a person approves or denies; `hidden` comes back with the answer.

    A device sign-in has a `code`, to be compared with the one in the terminal.
    """
    options = Markup("").join(
        Markup("<option{}>{}</option>").format(Markup(" selected") if name == user else "", name)
        for name in users
    )
    fields = Markup("").join(
        Markup('<input type="hidden" name="{}" value="{}">').format(name, value)
        for name, value in hidden.items()
    )
    compare = Markup(
        '<p>Approve only if your own terminal shows this code.</p><p class="code">{}</p>'
    ).format(code)
    body = Markup(
        '{compare}<dl>{facts}</dl><form method="post" action="/consent">{fields}'
        '<label for="user">Sign in as</label><select id="user" name="user">{options}</select>'
        '<div class="choice">'
        '<button class="yes" name="answer" value="approve">Approve</button>'
        '<button name="answer" value="deny">Deny</button></div></form>'
    ).format(compare=compare if code else "", facts=_rows(facts), fields=fields, options=options)
    title = "Is this your code?" if code else "Let this program use your AWS accounts?"
    return _response(title, body, 200)


def console(facts: Mapping[str, str]) -> Response:
    """Return the page in place of the console: as whom one is signed in to it, and where."""
    return _response("You are signed in to the console", Markup("<dl>{}</dl>").format(_rows(facts)))


def _rows(facts: Mapping[str, str]) -> Markup:
    rows = (Markup("<dt>{}</dt><dd>{}</dd>").format(*fact) for fact in facts.items())
    return Markup("").join(rows)


def _response(title: str, body: Markup, status: int = 200) -> Response:
    html = _PAGE.format(title=title, body=body)
    return Response(html, status, headers=HEADERS, content_type="text/html; charset=utf-8")
