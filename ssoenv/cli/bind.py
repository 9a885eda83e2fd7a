"""``ssoenv bind``: write the .ssoenv.toml of a project, and trust what was written."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from ssoenv import here, policy, settings, surroundings
from ssoenv import target as targets
from ssoenv.base import arns
from ssoenv.base.errors import UsageError
from ssoenv.base.models import Profile, Role
from ssoenv.binding.edit import Place
from ssoenv.cli import choices, parsing, screen, shown
from ssoenv.identity_center import assignments, kept_listings, matching
from ssoenv.setup import project as projects
from ssoenv.setup import shell as shells
from ssoenv.setup.answers import check_output, check_profile, check_region, if_given
from ssoenv.shells import detect

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ssoenv.base.models import Assignment, Binding, Session
    from ssoenv.settings import Settings
    from ssoenv.setup.project import Project


BY_FLAGS = "ssoenv bind --account ID --role NAME [--name dev]"
BY_ARN = "ssoenv bind --role arn:aws:iam::ACCOUNT:role/NAME"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("bind")(bind)


def bind(
    context: typer.Context,
    account: Annotated[
        str | None,
        typer.Option("--account", "-a", help="The account: its id, name, or the start of one."),
    ] = None,
    role: Annotated[
        list[str] | None,
        typer.Option(
            "--role",
            "-r",
            help="The role, the start of its name, or its ARN; of several, the first that is held.",
        ),
    ] = None,
    session: Annotated[
        str | None,
        typer.Option(
            "--session",
            "-s",
            help="The session: its name, its start URL, or a part of one.",
        ),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option(
            "--name", "-n", help="What to call the profile.", callback=if_given(check_profile)
        ),
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Let a profile of that name, for another role, go.")
    ] = False,
    region: Annotated[
        str | None,
        typer.Option(
            "--region",
            help="The AWS region to use; else that of the session.",
            callback=if_given(check_region),
        ),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            help="How the AWS CLI prints: json, table, text, ...",
            callback=if_given(check_output),
        ),
    ] = None,
    default: Annotated[
        bool, typer.Option("--default", help="Make it the project's default profile.")
    ] = False,
    protect: Annotated[
        bool, typer.Option("--protect", help="Ask before its first use in a shell.")
    ] = False,
    agent: Annotated[
        bool, typer.Option("--agent", help="Make it the only profile that coding agents get here.")
    ] = False,
) -> None:
    """Bind this directory to a role: write or edit its .ssoenv.toml, and trust it."""
    env, preferences = os.environ, settings.load(os.environ)
    project = projects.load(here.working_directory(env), env, screen)
    chosen = projects.find_session(project, session, env, screen)
    wanted, account_name = _role(project, chosen, account, role or [], preferences)
    named = projects.Named(name, replace, parsing.typed(context))
    called = projects.choose_name(project, wanted, account_name, named, screen)
    picked = not (account and role) and not _is_arn(role or [])
    there = projects.choose_region(project, called, chosen, region, screen if picked else None)
    profile = Profile(called, wanted, 0, region=there, output=output, protect=protect)
    binding = projects.planned(project, profile, Place(default=default, agent=agent))
    projects.require_allowed(binding.profiles[called], env, preferences)
    shown.show(binding, project.before, env, preferences)
    shown.tell_foreign_keys(env)
    projects.write(project, binding, env)
    _tell(project, binding, binding.profiles[called])


def _tell(project: Project, binding: Binding, profile: Profile) -> None:
    """Say what is bound, and which profile the directory has without a further word."""
    profile = policy.as_kept(profile, os.environ)
    if binding.default == profile.name:
        what = f"bound {project.directory} to {profile.label}, and trusted {project.path}"
        screen.say(what, style="good")
    else:
        screen.say(f"added {profile.label} to {project.path}, and trusted it", style="good")
        screen.note(f"here, for this shell: ssoenv use {profile.name}")
    if not os.environ.get(surroundings.HOOK_MARK):
        screen.note("this shell has no hook, so nothing changes here until you run:")
        screen.hint(shells.how_to_hook(detect.shell(os.environ), os.environ))
    if len(binding.profiles) > 1:
        others = ", ".join(name for name in binding.profiles if name != binding.default)
        screen.note(f"the default is {binding.default}; there is also: {others}")


def _role(
    project: Project,
    session: Session,
    account: str | None,
    roles: Sequence[str],
    preferences: Settings,
) -> tuple[Role, str]:
    """Return the role to bind to and its account for people: as named, else as picked."""
    called = project.binding.session if project.binding else session.label
    if _is_arn(roles):
        return _by_arn(called, account, roles)
    if account and roles:
        held, names = choices.named(session, account, roles, "ssoenv bind")
        return Role(called, held.id, names), held.name
    if not screen.interactive():
        raise UsageError("which role? nobody is here to pick one", fix=BY_FLAGS)
    picked = _picked(session, account, roles, preferences)
    wanted = assignments.as_role(called, picked.account.id, picked.role)
    return wanted, picked.account.name or picked.account.id


def _is_arn(roles: Sequence[str]) -> bool:
    return any(map(arns.is_arn, roles))


def _by_arn(session: str, account: str | None, roles: Sequence[str]) -> tuple[Role, str]:
    """Return the role of IAM that an ARN names. Raises UsageError."""
    if account or len(roles) > 1:
        raise UsageError("an ARN names the account, too, and stands alone", fix=BY_ARN)
    wanted = targets.by_arn(session, roles[0])
    listing = kept_listings.load(os.environ, session)
    held = listing.account(wanted.account) if listing else None
    return wanted, held.name if held and held.name else wanted.account


def _picked(
    session: Session, account: str | None, roles: Sequence[str], preferences: Settings
) -> Assignment:
    """Return the account and role that the person picks of those that the words leave."""
    if not account and not roles:
        return choices.picked(session, os.environ, "ssoenv bind", instead=BY_FLAGS)
    if account:
        listing = choices.of_account(session, account, "ssoenv bind")
    else:
        listing = choices.listing_of(session, "ssoenv bind")
    return choices.pick_assignment(
        matching.roles_named(listing, roles), session, preferences, os.environ, instead=BY_FLAGS
    )
