"""``ssoenv trust`` and ``untrust``: whether the binding file of a directory may act."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from ssoenv import here, settings
from ssoenv.aws_files import config as aws_config
from ssoenv.base.errors import InvalidConfiguration, NotTrusted, UsageError
from ssoenv.base.models import instance_url
from ssoenv.binding import file as binding_file
from ssoenv.cli import screen, shown
from ssoenv.cli.options import DirectoryArgument
from ssoenv.identity_center import start_urls
from ssoenv.trust import grants, store

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssoenv.base.models import Binding, Session


_SHOWN = 5
"""How many sessions of the person's own are told beside a new one."""


def register(app: typer.Typer) -> None:
    """Add both commands."""
    app.command("trust")(trust_command)
    app.command("untrust")(untrust_command)


def trust_command(
    directory: DirectoryArgument = None,
    only_show: Annotated[
        bool, typer.Option("--show", help="Only show what it would do; trust nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Show what the .ssoenv.toml here would do, then trust exactly these bytes."""
    if only_show and yes:
        raise UsageError("either --show or --yes, not both").without("--yes")
    env = os.environ
    path = here.locate(directory, env)
    binding = binding_file.parse(binding_file.read(path), path)
    trusted = store.trusted(env, os.path.dirname(path))
    shown.show(binding, trusted, env, settings.load(env))
    if only_show:
        _show_session(binding, env)
    else:
        _grant(binding, env, asks=not yes)


def _grant(binding: Binding, env: Mapping[str, str], *, asks: bool) -> None:
    """Trust `binding` as it was shown, after the question that it may take."""
    session = grants.new_session(binding, env)
    if session:
        _tell_session(session, env)
    project = os.path.dirname(binding.path)
    if asks and (session or not store.remembered(env, project, binding.content)):
        _require_yes(binding.path, session)
    if session:
        shown.tell_where_it_leads(session, env)
    shown.tell_foreign_keys(env)
    grants.grant_here(binding, env, session)
    if session:
        screen.say(f"wrote [sso-session {session.name}] to your AWS config")
    screen.say(f"trusted {binding.path}", style="good")


def untrust_command(directory: DirectoryArgument = None) -> None:
    """Take trust away: the .ssoenv.toml here does nothing any more."""
    env = os.environ
    path = here.locate(directory, env, gone=True)
    known = grants.revoke(env, os.path.dirname(path))
    screen.say(f"{path} is no longer trusted" if known else f"{path} was not trusted")


def _show_session(binding: Binding, env: Mapping[str, str]) -> None:
    """Show the session that `binding` would bring, or what is wrong with the one it names."""
    try:
        session = grants.new_session(binding, env)
    except InvalidConfiguration as problem:
        screen.say(problem.message, style="warning")
        return
    if session:
        _tell_session(session, env)


def _tell_session(session: Session, env: Mapping[str, str]) -> None:
    """Show the session that is new, beside those that are there: its name may look like theirs."""
    screen.say(f"you have no [sso-session {session.name}]; trusting this file writes one:")
    mine = aws_config.sessions(env)
    url = instance_url(session.start_url)
    same = [name for name, one in mine.items() if instance_url(one.start_url) == url]
    if same:
        screen.note(f"{same[0]} of yours is at this very address; you sign in to each by itself")
    if known := [*mine]:
        screen.note(f"yours are  {', '.join(known[:_SHOWN])}{' …' if known[_SHOWN:] else ''}")
    screen.note(f"start URL  {session.start_url}")
    screen.note(f"region     {shown.region(session.region)}")
    screen.note(start_urls.described(session.start_url))
    screen.note("Sign in there only if you know this address as your company's.")


def _require_yes(path: str, session: Session | None) -> None:
    """Ask whether the file at `path` is to be trusted, as it was shown.

    Raises UsageError where nobody can be asked, and NotTrusted without a yes.
    """
    if not screen.interactive():
        raise UsageError(f"nobody is here to trust {path}", fix="ssoenv trust --yes")
    more = ", and write that session to your AWS config" if session else ""
    if not screen.confirm(f"Trust exactly this file{more}?", left=f"{path} is not trusted"):
        raise NotTrusted(f"{path} is not trusted: you did not say yes")
