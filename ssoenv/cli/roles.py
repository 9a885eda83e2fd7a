"""``ssoenv roles``: the accounts and roles that the person may assume."""

from __future__ import annotations

import csv
import json
import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from ssoenv import settings, trust
from ssoenv.base import clock
from ssoenv.base.dialects import printable
from ssoenv.base.errors import UsageError
from ssoenv.base.models import Role
from ssoenv.cli import lazily, screen
from ssoenv.cli.login import session_here
from ssoenv.identity_center import assignments
from ssoenv.shells import hook as hook_text

if TYPE_CHECKING:
    from ssoenv.base.models import Session
    from ssoenv.identity_center.assignments import Listing

_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\\")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("roles")(roles)


def roles(
    session: Annotated[
        str | None, typer.Option("--session", "-s", help="An sso-session; else the one here.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="For spreadsheets.")] = False,
    cached: Annotated[
        bool, typer.Option("--cached", help="The last list, without asking the service.")
    ] = False,
) -> None:
    """List the accounts and roles that you may assume."""
    if as_json and as_csv:
        raise UsageError("either --json or --csv, not both")
    chosen = session_here(session, os.environ)
    listing = assignments.load(os.environ, chosen.label) if cached else refresh(chosen)
    if listing is None:
        raise UsageError(f"no list of {chosen.label} is kept", hint="ssoenv roles")
    rows = [
        {
            "account_id": one.account.id,
            "account_name": one.account.name,
            "email": one.account.email,
            "role": one.role,
        }
        for one in listing.assignments
    ]
    if as_json:
        document = {
            "session": chosen.label,
            "listed_at": clock.render_timestamp(listing.listed_at),
            "assignments": rows,
        }
        sys.stdout.write(json.dumps(document, indent=2) + "\n")
    elif as_csv:
        _write_csv(rows)
    else:
        width = max((len(row["account_name"]) for row in rows), default=0)
        for row in rows:
            screen.out(f"{row['account_id']}  {row['account_name'].ljust(width)}  {row['role']}")


def _write_csv(rows: list[dict[str, str]]) -> None:
    """Write `rows` for a spreadsheet: whatever it would take for a formula begins with a quote.

    OWASP, "CSV Injection": = + - @ begin one, and tab or carriage return, which are made visible.
    Every cell is quoted, for spreadsheets that split at another character than the comma.
    """
    writer = csv.DictWriter(
        sys.stdout, ["account_id", "account_name", "email", "role"], quoting=csv.QUOTE_ALL
    )
    writer.writeheader()
    for row in rows:
        writer.writerow({name: _cell(value) for name, value in row.items()})


def _cell(value: str) -> str:
    text = printable(value)
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text


def refresh(session: Session, command: str = "ssoenv roles") -> Listing:
    """Return the service's list of what the person may assume in `session`, and keep it."""
    from ssoenv import sign_in
    from ssoenv.identity_center.client import IdentityCenter

    env = os.environ
    preferences = settings.load(env)
    terms = lazily.terms(Role(session.label, "", ()), (command,), env, preferences)
    token = sign_in.require_token(session, env=env, consent=terms.consent, reporter=terms.reporter)
    listing = assignments.fetch(
        IdentityCenter(session, env),
        token,
        lambda done, total: screen.bar("listing accounts", done, total),
    )
    assignments.save(env, session, listing)
    if preferences.never or preferences.protect:
        trust.grant_anew(env, hook_text.program(), preferences)
    return listing
