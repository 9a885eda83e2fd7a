"""``ssoenv configure``: profiles for accounts and roles in the AWS config, and its sessions."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from ssoenv import here
from ssoenv.base.errors import UsageError
from ssoenv.cli import agreement, choices, parsing, screen
from ssoenv.configure import profiles as plans
from ssoenv.configure.names import DEFAULT
from ssoenv.configure.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ssoenv.base.models import Session
    from ssoenv.configure.profiles import Plan
    from ssoenv.identity_center.assignments import Listing

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
        _require_alone(recipe)
        plan, nothing = plans.plan_removal(session, os.environ), "there is nothing to take out"
    else:
        plan = _planned(here.session(session, os.environ), recipe, cached=cached)
        nothing = "your AWS config has it all already"
    _carry_out(plan, parsing.typed(context), nothing, dry_run=dry_run, yes=yes)


def _require_alone(recipe: Recipe) -> None:
    if recipe.options:
        raise UsageError(
            "--remove takes out all profiles of a session", fix="ssoenv configure --remove"
        )


def _planned(session: Session, typed: Recipe, *, cached: bool) -> Plan:
    """Return what to change for `session`; say what it comes to."""
    recipe, again = plans.known_recipe(session, typed, os.environ)
    if again:
        screen.say(f"as last time, by the options {' '.join(recipe.options)}")
    plan = plans.plan(session, _listing(session, cached=cached), recipe, os.environ)
    count = f"{len(plan.profiles)} profiles for {session.label}"
    screen.say(f"{count}: {len(plan.added)} new, {len(plan.changed)} changed")
    if plan.gone:
        _tell("not assigned any more, or not asked for, so they go:", plan.gone)
    if plan.left_out:
        _tell("these have no profile:", plan.left_out)
    return plan


def _listing(session: Session, *, cached: bool) -> Listing:
    if cached:
        return choices.listing_of(session, os.environ, "ssoenv configure")
    return choices.refresh(session, "ssoenv configure")


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
        sys.stdout.write("".join(lines))
        if not lines:
            screen.say(nothing, style="good")
        return
    if agreement.agreed(_beginning(lines, typed), nothing, f"{typed} --yes", yes=yes):
        plans.write(plan, os.environ)
        if lines:
            screen.say(f"wrote {plan.edit.path}", style="good")


def _beginning(lines: list[str], typed: str) -> list[str]:
    """Return `lines` of a diff, and only the first of very many."""
    if len(lines) <= SHOWN + 20:
        return lines
    more = f"... {len(lines) - SHOWN} more lines; all of them: {typed} --dry-run\n"
    return [*lines[:SHOWN], more]
