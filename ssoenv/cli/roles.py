"""``ssoenv roles``: the accounts and roles that the person may assume."""

from __future__ import annotations

import csv
import json
import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from ssoenv import here
from ssoenv.base import clock
from ssoenv.base.dialects import printable
from ssoenv.base.errors import UsageError
from ssoenv.cli import choices, layout, screen
from ssoenv.cli.options import session_named
from ssoenv.identity_center import kept_listings

if TYPE_CHECKING:
    from ssoenv.base.models import Session
    from ssoenv.identity_center.assignments import Listing

_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\\")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("roles")(roles)


def roles(
    session: Annotated[
        str | None,
        typer.Option(
            "--session",
            "-s",
            help="Its name, its start URL, or a part of one; else the one here.",
            callback=session_named,
        ),
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
    chosen = here.session(session, os.environ)
    listing = _kept(chosen) if cached else choices.refresh(chosen, "ssoenv roles")
    if as_json:
        _write_json(chosen, listing)
    elif as_csv:
        _write_csv(listing)
    else:
        _write_table(listing)


def _kept(session: Session) -> Listing:
    """Return the last list of `session`. Raises UsageError where none is kept."""
    listing = kept_listings.load(os.environ, session.label)
    if listing is None:
        raise UsageError(f"no list of {session.label} is kept", fix="ssoenv roles")
    return listing


def _rows(listing: Listing) -> list[dict[str, str]]:
    """Return one row for each account and role, as scripts and spreadsheets have it."""
    return [
        {
            "account_id": one.account.id,
            "account_name": one.account.name,
            "email": one.account.email,
            "role": one.role,
        }
        for one in listing.assignments
    ]


def _write_json(session: Session, listing: Listing) -> None:
    document = {
        "session": session.label,
        "listed_at": clock.render_timestamp(listing.listed_at),
        "assignments": _rows(listing),
    }
    sys.stdout.write(json.dumps(document, indent=2) + "\n")


def _write_table(listing: Listing) -> None:
    rows = _rows(listing)
    names = [printable(row["account_name"]) for row in rows]
    width = max((layout.width_of(name) for name in names), default=0)
    for row, name in zip(rows, names, strict=True):
        screen.out(f"{row['account_id']}  {layout.pad(name, width)}  {row['role']}", hang=14)


def _write_csv(listing: Listing) -> None:
    """Write it for a spreadsheet: whatever it would take for a formula begins with a quote.

    OWASP, "CSV Injection": = + - @ begin one, and tab or carriage return, which are made visible.
    Every cell is quoted, for spreadsheets that split at another character than the comma.
    """
    writer = csv.DictWriter(
        sys.stdout, ["account_id", "account_name", "email", "role"], quoting=csv.QUOTE_ALL
    )
    writer.writeheader()
    for row in _rows(listing):
        writer.writerow({name: _cell(value) for name, value in row.items()})


def _cell(value: str) -> str:
    text = printable(value)
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text
