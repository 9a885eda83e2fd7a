"""``ssoenv roles``: the accounts and roles that the person may assume."""

from __future__ import annotations

import csv
import json
import os
import sys
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ssoenv import here
from ssoenv.aws_files import config as aws_config
from ssoenv.base import clock, dialects, likely
from ssoenv.base.errors import Cancelled, ServiceUnavailable, SsoenvError, UsageError
from ssoenv.base.values import dataclass
from ssoenv.cli import choices, failures, screen, tables
from ssoenv.cli.options import sessions_named
from ssoenv.identity_center import matching
from ssoenv.identity_center.assignments import ENTITLED
from ssoenv.identity_center.discovery import Found
from ssoenv.setup import session as sessions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ssoenv.base.models import Session

COLUMNS: tuple[str, ...] = (
    *("session", "account_id", "account_name", "email", "role", "role_arn", "listed_at"),
)
_SHOWN: tuple[str, ...] = ("account_id", "account_name", "role or ARN")
_EXPORTED: tuple[str, ...] = ("account_id", "account_name", "email", "role", "role_arn")
_NOW = 60
"""Seconds for which a list passes for the present one."""


@dataclass(frozen=True, slots=True)
class Part:
    """What came of one session, and the rows of it that the filter lets through."""

    session: Session
    found: Found
    rows: tuple[dict[str, Any], ...]

    @property
    def oldest(self) -> int:
        """The moment of which the oldest of what is shown is."""
        return min((row["listed_at"] for row in self.rows), default=self.found.listing.listed_at)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("roles")(roles)


def roles(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FILTER]...",
            help="Only rows in which every one of these occurs: in account, id, e-mail or role.",
        ),
    ] = None,
    session: Annotated[
        list[str] | None,
        typer.Option(
            "--session",
            "-s",
            help="Its name, its start URL, or a part of one, or several; else the one here.",
            callback=sessions_named,
        ),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Of every sso-session.")] = False,
    columns: Annotated[
        str | None,
        typer.Option(
            "--columns",
            metavar="NAMES",
            help=f"In your order, with commas, of: {', '.join(COLUMNS)}.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="For spreadsheets.")] = False,
    refresh: Annotated[
        bool, typer.Option("--refresh", help="Ask the service again for all that is shown.")
    ] = False,
    cached: Annotated[
        bool, typer.Option("--cached", help="The last list, without asking the service.")
    ] = False,
) -> None:
    """List the accounts and roles that you may assume."""
    _require_one("--json", as_json, "--csv", as_csv)
    _require_one("--refresh", refresh, "--cached", cached)
    _require_one("--session", session, "--all", every)
    chosen = _sessions(session or [], every=every)
    of_several = every or len(chosen) > 1
    names = _columns(columns, of_several=of_several, exported=as_csv, whole=as_json)
    wanted = [part for word in words or () for part in word.split()]
    parts, errors = _ask(chosen, wanted, refresh=refresh, cached=cached)
    objects = partial(_write_json, [session for session, _ in errors])
    write = objects if as_json else _write_csv if as_csv else _write_table
    write(parts, names)
    _tell(parts, wanted, cached=cached)
    _fail(parts, errors)


def _require_one(name: str, one: object, other_name: str, other: object) -> None:
    """Raise UsageError where both are given."""
    if one and other:
        raise UsageError(f"either {name} or {other_name}, not both").without(other_name)


def _sessions(names: Sequence[str], *, every: bool) -> list[Session]:
    """Return the sessions to list, each once. Raises UsageError where there is none."""
    if every:
        found = list(aws_config.instances(os.environ))
        if not found:
            raise UsageError("there is no sso-session in your AWS config", fix="ssoenv setup")
        return found
    chosen = [here.session(name, os.environ) for name in names]
    chosen = chosen or [sessions.of_here(os.environ, None, screen)]
    return list({one.label: one for one in chosen}.values())


def _columns(
    wanted: str | None, *, of_several: bool, exported: bool, whole: bool
) -> tuple[str, ...]:
    """Return the columns to show, in their order. Raises UsageError for one that there is not."""
    if wanted is None:
        if whole:
            return COLUMNS
        names = _EXPORTED if exported else _SHOWN
        return ("session", *names) if of_several else names
    names = tuple(name.strip().lower().replace("-", "_") for name in wanted.split(","))
    for name in names:
        if name not in COLUMNS:
            meant = likely.did_you_mean(name, COLUMNS)
            text = f"no column {name!r}; there are {', '.join(COLUMNS)}{meant}"
            raise UsageError(text).about(name, COLUMNS)
    return tuple(dict.fromkeys(names))


def _ask(
    sessions: Sequence[Session], words: Sequence[str], *, refresh: bool, cached: bool
) -> tuple[list[Part], list[tuple[Session, SsoenvError]]]:
    """Return what came of each session, and what went wrong with the others.

    Raises what went wrong where nothing came at all.
    """
    parts, errors = [], []
    for session in sessions:
        try:
            found = _found(session, words, refresh=refresh, cached=cached)
            parts.append(Part(session, found, tuple(_rows(session, found, words))))
        except SsoenvError as error:
            errors.append((session, error))
            if error.exit_code == Cancelled.exit_code:
                raise
    if not parts:
        _fail(parts, errors)
    return parts, errors


def _found(session: Session, words: Sequence[str], *, refresh: bool, cached: bool) -> Found:
    """Return what `session` has. Raises UsageError where no list is kept and none may be had."""
    with choices.lists(session, "ssoenv roles") as known:
        if not cached:
            return known.everything(words, refresh=refresh)
        kept = known.kept()
    if kept is None:
        raise UsageError(f"no list of {session.label} is kept", fix=_again(session))
    return Found(kept, {})


def _rows(session: Session, found: Found, words: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield one row for each account and role that the filter lets through."""
    for held in found.listing.everything:
        for one in matching.rows_of(held, words):
            yield {
                "session": session.label,
                "account_id": one.account.id,
                "account_name": one.account.name,
                "email": one.account.email,
                "role": one.name,
                "role_arn": one.arn,
                "role or ARN": one.role,
                "listed_at": held.listed_at,
            }


def _cells(parts: Sequence[Part], names: Sequence[str], *, local: bool = False) -> list[list[str]]:
    """Return the columns `names` of every row; rows that are alike are one."""
    moment = clock.render_local if local else clock.render_timestamp
    rows = (row | {"listed_at": moment(row["listed_at"])} for part in parts for row in part.rows)
    return [list(one) for one in dict.fromkeys(tuple(row[name] for name in names) for row in rows)]


def _again(session: Session) -> str:
    """Return the command that lists the roles of `session`."""
    return dialects.line(["ssoenv", "roles", *_option(session)])


def _option(session: Session) -> tuple[str, ...]:
    """Return the words that say which session is meant, where there are several."""
    several = len(aws_config.instances(os.environ)) > 1
    return ("--session", session.label) if several else ()


def _write_json(missing: Sequence[Session], parts: Sequence[Part], names: Sequence[str]) -> None:
    """Write a document for scripts, which also names the sessions of which nothing came."""
    assignments = [dict(zip(names, cells, strict=True)) for cells in _cells(parts, names)]
    known = [*(_described(one) for one in parts), *map(_missing, missing)]
    document = {"sessions": known, "assignments": assignments}
    sys.stdout.write(json.dumps(document, indent=2) + "\n")


def _described(part: Part) -> dict[str, Any]:
    missing = part.found.failures
    accounts = [one for one in part.found.listing.accounts if one.id in missing]
    return {
        "session": part.session.label,
        "listed_at": clock.render_timestamp(part.found.listing.listed_at),
        "complete": not missing,
        "missing": [{"account_id": one.id, "account_name": one.name} for one in accounts],
    }


def _missing(session: Session) -> dict[str, Any]:
    return {"session": session.label, "listed_at": None, "complete": False, "missing": []}


def _write_table(parts: Sequence[Part], names: Sequence[str]) -> None:
    tables.write(_cells(parts, names, local=True))


def _write_csv(parts: Sequence[Part], names: Sequence[str]) -> None:
    """Write it for a spreadsheet, every cell quoted, for those that split at another character."""
    writer = csv.writer(sys.stdout, quoting=csv.QUOTE_ALL)
    writer.writerow(names)
    for row in _cells(parts, names):
        writer.writerow([tables.cell(value) for value in row])


def _tell(parts: Sequence[Part], words: Sequence[str], *, cached: bool) -> None:
    """Say how old it is, what did not come, and that nothing matches."""
    if not any(part.rows or part.found.failures for part in parts):
        screen.say(f"no role matches {' '.join(words)!r}" if words else "you hold no role")
        _tell_likely(parts, words)
    for part in parts:
        choices.tell_missing(part.found)
        age = clock.now() - part.oldest
        if age >= _NOW or cached:
            old = clock.render_duration(age)
            screen.say(f"{part.session.label} as of {old} ago; --refresh asks for it anew")


def _tell_likely(parts: Sequence[Part], words: Sequence[str]) -> None:
    """Propose the same with the likely name of an account or a role for words in none."""
    held = [one for part in parts for one in part.found.listing.everything]
    names = {name for one in held for name in (one.account.name, *(one.roles or ()))}
    texts = [text for one in held for text in (matching.text_of(one.account), *(one.roles or ()))]
    better = [
        word
        if any(word.lower() in text.lower() for text in texts)
        else likely.closest(word, names) or word
        for word in words
    ]
    if better != list(words):
        options = [word for part in parts for word in _option(part.session)]
        screen.hint(dialects.line(["ssoenv", "roles", *options, *better]))


def _fail(parts: Sequence[Part], errors: Sequence[tuple[Session, SsoenvError]]) -> None:
    """Tell all that went wrong, now that the rest is shown, and raise the last of it."""
    for session, error in errors:
        if len(errors) + len(parts) > 1:
            screen.say(f"nothing of {session.label}", style="warning")
        if (session, error) == errors[-1]:
            raise error
        failures.explain(error)
    for part in parts:
        _require_whole(part)


def _require_whole(part: Part) -> None:
    missing = part.found.failures
    if ENTITLED in missing and len(missing) == 1:
        raise missing[ENTITLED]
    if missing:
        again = _again(part.session)
        raise ServiceUnavailable("this is not all of it", fix=again, advice="what came is kept")
