"""The pages that a person clicks through: plain HTML, no scripts, nothing from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup, escape
from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; "
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
<style>
* {{ box-sizing: border-box; }}
body {{ margin: 0; min-height: 100vh; display: grid; place-items: center;
  font: 1.05rem/1.5 system-ui, sans-serif; background: Canvas; color: CanvasText; }}
main {{ width: min(28rem, 100%); padding: 2rem 1.5rem; border-top: .35rem solid #8250df; }}
h1 {{ margin: 0 0 .5rem; font-size: 1.5rem; line-height: 1.25; }}
dl {{ display: grid; grid-template-columns: auto 1fr; gap: .25rem 1rem; }}
dt {{ opacity: .75; }} dd {{ margin: 0; overflow-wrap: anywhere; }}
label {{ display: block; margin: 1rem 0 .25rem; }}
input, select, button {{ font: inherit; padding: .6rem .8rem; border-radius: .4rem;
  border: 1px solid GrayText; width: 100%; background: Field; color: FieldText; }}
.code {{ font: 600 1.6rem/1.2 ui-monospace, monospace; letter-spacing: .1em; }}
.choice {{ display: flex; gap: .75rem; margin-top: 1.5rem; }}
button {{ cursor: pointer; background: ButtonFace; color: ButtonText; }}
button.yes {{ background: #6639ba; border-color: #6639ba; color: #fff; }}
:focus-visible {{ outline: .2rem solid #8250df; outline-offset: .15rem; }}
small {{ display: block; margin-top: 1.5rem; opacity: .75; }}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
{body}
<small>The sandbox of ssoenv: nothing here reaches AWS.</small>
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
        ' autocapitalize="characters" spellcheck="false">'
        '<div class="choice"><button class="yes">Continue</button></div></form>'
    ).format(alert=alert)
    return _response("Sign in on another device", body, 404 if wrong else 200)


def consent(
    title: str,
    facts: Mapping[str, str],
    users: Sequence[str],
    user: str,
    hidden: Mapping[str, str],
    code: str = "",
) -> Response:
    """Return the page on which a person approves or denies; `hidden` comes back with the answer."""
    shown = Markup("").join(
        Markup("<dt>{}</dt><dd>{}</dd>").format(name, value) for name, value in facts.items()
    )
    options = Markup("").join(
        Markup("<option{}>{}</option>").format(Markup(" selected") if name == user else "", name)
        for name in users
    )
    fields = Markup("").join(
        Markup('<input type="hidden" name="{}" value="{}">').format(name, value)
        for name, value in hidden.items()
    )
    big = Markup('<p>Does your terminal show this code?</p><p class="code">{}</p>').format(code)
    body = Markup(
        '{code}<dl>{facts}</dl><form method="post" action="/consent">{fields}'
        '<label for="user">Sign in as</label><select id="user" name="user">{options}</select>'
        '<div class="choice">'
        '<button class="yes" name="answer" value="approve">Approve</button>'
        '<button name="answer" value="deny">Deny</button></div></form>'
    ).format(code=big if code else "", facts=shown, fields=fields, options=options)
    return _response(title, body, 200)


def _response(title: str, body: Markup, status: int) -> Response:
    html = _PAGE.format(title=escape(title), body=body)
    return Response(html, status, headers=_HEADERS, content_type="text/html; charset=utf-8")
