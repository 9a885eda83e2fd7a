"""``ssoenv configure``: profiles for accounts and roles in the AWS config, and its sessions."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from ssoenv.aws_files import edits
from ssoenv.base import dialects
from ssoenv.base.errors import UsageError
from ssoenv.cli import agreement, choices, parsing, screen
from ssoenv.configure import imports
from ssoenv.configure import profiles as plans
from ssoenv.configure import session as sessions
from ssoenv.configure.names import DEFAULT
from ssoenv.configure.recipe import Recipe
from ssoenv.configure.session import Said
from ssoenv.identity_center import regions, start_urls
from ssoenv.setup import session as usual
from ssoenv.setup.session import SCOPES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ssoenv.aws_files.edits import Edit
    from ssoenv.base.models import Session
    from ssoenv.configure.imports import Plan as ImportPlan
    from ssoenv.configure.profiles import Plan
    from ssoenv.configure.session import Plan as SessionPlan

SHOWN = 120
"""Lines of a diff that a question shows; ``--dry-run`` shows them all."""
NAMED = 10
"""Roles without a profile that are named."""
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would change; do nothing.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def register(app: typer.Typer) -> None:
    """Add the commands, under ``configure``."""
    group = typer.Typer()
    group.command("profiles")(profiles)
    group.command("session")(session_)
    group.command("import")(import_)
    app.add_typer(group, name="configure")


def profiles(
    context: typer.Context,
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[FILTER]...", help="Only roles with all these words, as picked."),
    ] = None,
    session: Annotated[
        str | None, typer.Option("--session", "-s", help="An sso-session; else the one here.")
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", metavar="TEMPLATE", help=f"Else {DEFAULT}.")
    ] = None,
    separator: Annotated[
        str | None,
        typer.Option("--separator", metavar="TEXT", help="For what no name can have; else a dash."),
    ] = None,
    trim: Annotated[
        list[str] | None,
        typer.Option("--trim", metavar="REGEX", help="To take out of accounts and roles in names."),
    ] = None,
    region: Annotated[
        list[str] | None,
        typer.Option(
            "--region", help="Of the profiles; several make one each. Else the session's."
        ),
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="[ACCOUNT[:ROLE]:]KEY=VALUE",
            help="Another key, for all or for those that the pattern means.",
        ),
    ] = None,
    sso: Annotated[
        bool, typer.Option("--sso", help="Plain SSO profiles, which do not run ssoenv.")
    ] = False,
    unique: Annotated[
        bool, typer.Option("--unique", help="The account's id in names that are not unique.")
    ] = False,
    cached: Annotated[
        bool, typer.Option("--cached", help="The last list of roles, if it is fresh.")
    ] = False,
    remove: Annotated[bool, typer.Option("--remove", help="Take the profiles out again.")] = False,
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """Keep a profile in your AWS config for each role that you may assume, or for some."""
    words_, trims, regions, settings = (tuple(one or ()) for one in (words, trim, region, set_))
    recipe = Recipe(words_, name, separator, trims, regions, settings, sso=sso, unique=unique)
    if remove:
        _require_alone(recipe, session)
        plan, nothing = plans.plan_removal(session, os.environ), "there is nothing to take out"
    else:
        chosen = usual.of_here(os.environ, session, screen)
        plan = _planned(chosen, recipe, cached=cached)
        nothing = "your AWS config has it all already"
    _carry_out(plan, parsing.typed(context), nothing, dry_run=dry_run, yes=yes)


def _require_alone(recipe: Recipe, session: str | None) -> None:
    if session is None:
        plans.require_one(os.environ)
    if recipe.options:
        raise UsageError(
            "--remove takes out all profiles of a session", fix="ssoenv configure --remove"
        )


def _recipe(session: Session, typed: Recipe) -> Recipe:
    """Return what is typed, else the options of last time; say which, and what is odd in them."""
    recipe, again = plans.known_recipe(session, typed, os.environ)
    if again:
        screen.say(f"as last time, by the options {dialects.line(recipe.options)}")
    for region in recipe.all_regions:
        if doubt := regions.doubt(region):
            screen.say(f"{region} is {doubt}", style="warning")
    return recipe


def _planned(session: Session, typed: Recipe, *, cached: bool) -> Plan:
    """Return what to change for `session`; say what it comes to."""
    recipe = _recipe(session, typed)
    listing = choices.whole_listing(session, "ssoenv configure", refresh=not cached)
    plan = plans.plan(session, listing, recipe, os.environ)
    for pattern in plans.unmatched(listing, recipe):
        screen.say(f"--set {pattern}:...: no role is meant by {pattern!r}", style="warning")
    number = len(plan.profiles)
    count = f"{number} {'profile' if number == 1 else 'profiles'} for {session.label}"
    screen.say(f"{count}: {len(plan.added)} new, {len(plan.changed)} changed")
    if plan.gone:
        _tell("not assigned any more, or not asked for, so they go:", plan.gone)
    if plan.left_out:
        _tell("these have no profile:", plan.left_out)
    return plan


def _tell(title: str, lines: Sequence[str]) -> None:
    screen.say(title, style="warning")
    for line in lines[:NAMED]:
        screen.note(line)
    if len(lines) > NAMED:
        screen.note(f"and {len(lines) - NAMED} more")


def _carry_out(plan: Plan, typed: str, nothing: str, *, dry_run: bool, yes: bool) -> None:
    """Show the change, ask, and make it; or write it to stdout."""
    lines = plan.show()
    if dry_run:
        _write(lines, nothing)
        return
    edits.require_writable(plan.edit)
    if agreement.agreed(_beginning(lines, typed), nothing, f"{typed} --yes", yes=yes):
        plans.write(plan, os.environ)
        if lines:
            screen.say(f"wrote {plan.edit.path}", style="good")


def _write(lines: list[str], nothing: str) -> None:
    """Write a diff to stdout; where nothing would change, say so."""
    sys.stdout.write("".join(lines))
    if not lines:
        screen.say(nothing, style="good")


def _change(edit: Edit, lines: list[str], typed: str, nothing: str, *, yes: bool) -> bool:
    """Show a change of sessions, ask, and make it; whether it is made."""
    edits.require_writable(edit)
    if not agreement.agreed(lines, nothing, f"{typed} --yes", yes=yes):
        return False
    edits.write(os.environ, edit)
    if lines:
        screen.say(f"wrote {edit.path}", style="good")
    return True


def _beginning(lines: list[str], typed: str) -> list[str]:
    """Return `lines` of a diff, and only the first of very many."""
    if len(lines) <= SHOWN + 20:
        return lines
    more = f"... {len(lines) - SHOWN} more lines; all of them: {typed} --dry-run\n"
    return [*lines[:SHOWN], more]


def session_(
    context: typer.Context,
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="What it is called, or is to be.")
    ] = None,
    start_url: Annotated[str | None, typer.Option("--start-url", help="Its start URL.")] = None,
    region: Annotated[str | None, typer.Option("--region", help="The AWS region it is in.")] = None,
    scope: Annotated[
        list[str] | None,
        typer.Option("--scope", help=f"What a sign-in may be used for. New ones: {SCOPES[0]}."),
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="With --yes: change one that is there.")
    ] = False,
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """Add an Identity Center to your AWS config, or change one that is there."""
    env, typed = os.environ, parsing.typed(context)
    said = Said(name, start_url, region, tuple(scope) if scope else None)
    checked = sessions.checked(said, env)
    plan = sessions.plan(sessions.completed(checked, env, screen, alone=yes or dry_run), env)
    lines, nothing = plan.show(), f"[sso-session {plan.session.name}] says that already"
    _tell_replaced(plan, typed.removeprefix("ssoenv "), alone=yes and not replace)
    _tell_odd_addresses([plan.session] if lines else [])
    if dry_run:
        _write(lines, nothing)
    elif _change(plan.edit, lines, typed, nothing, yes=yes):
        screen.note("to sign in:")
        force = "--force " if plan.asks_for_other_scopes else ""
        screen.hint(f"ssoenv login {force}{dialects.word(plan.session.label)}")


def _tell_replaced(plan: SessionPlan, typed: str, *, alone: bool) -> None:
    """Say what a session that is there is now. Raises UsageError where that changes unasked."""
    if plan.old is None or not plan.show():
        return
    title = f"[sso-session {plan.session.name}]"
    old = f"{plan.old.get('sso_start_url', '?')} in {plan.old.get('sso_region', '?')}"
    if alone:
        raise UsageError(f"{title} is there, for {old}", fix=f"ssoenv {typed} --replace")
    screen.say(f"{title} is there, for {old}", style="warning")
    users = sessions.users(plan, os.environ)
    if users:
        _tell("these profiles use it:", users)


def _tell_odd_addresses(new: Sequence[Session]) -> None:
    """Say which of the `new` start URLs is not AWS's own."""
    for url in dict.fromkeys(one.start_url for one in new):
        if not start_urls.is_aws(url):
            screen.say(start_urls.described(url), style="warning")


def import_(context: typer.Context, dry_run: DryRun = False, yes: Yes = False) -> None:
    """Look for what other tools left in your AWS config, and add the sessions that it lacks."""
    plan, typed = imports.plan(os.environ), parsing.typed(context)
    if not plan.taken:
        screen.say("no other tool has left anything about an Identity Center here")
    for (tool, what), found in _by_tool(plan).items():
        _tell(f"{tool}: {what}", found)
    _tell_odd_addresses(plan.sessions)
    lines, nothing = plan.show(), "no session is missing in your AWS config"
    if dry_run:
        _write(lines, nothing)
    elif _change(plan.edit, lines, typed, nothing, yes=yes) and plan.taken:
        screen.note("next: a profile for each of your roles, or a role for a directory")
        screen.hint("ssoenv configure")
        screen.hint("ssoenv bind")


def _by_tool(plan: ImportPlan) -> dict[tuple[str, str], list[str]]:
    """Return what was taken, by the tool that left it and the session that it comes to."""
    new = {one.name for one in plan.sessions}
    found: dict[tuple[str, str], list[str]] = {}
    for one in plan.taken:
        session = plan.session_of(one)
        what = f"{one.start_url}, the session {session}{', which is new' * (session in new)}"
        if one.tool == imports.LOGIN:
            what = "left to the AWS CLI and the SDKs, which sign in by themselves"
        elif one.lacks:
            what = f"not taken, {one.lacks}"
        role = f": {one.account}/{one.role}" if one.account else ""
        found.setdefault((one.tool, what), []).append(f"{one.where}{role}")
    return found
