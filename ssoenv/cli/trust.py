"""``ssoenv trust`` and ``untrust``: whether the binding file of a directory may act."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from ssoenv import here, policy, settings, trust
from ssoenv.aws_files import config as aws_config
from ssoenv.aws_files import managed_profiles
from ssoenv.base.errors import InvalidConfiguration, NotTrusted, UsageError
from ssoenv.base.models import Session
from ssoenv.binding import changes as binding_changes
from ssoenv.binding import file as binding_file
from ssoenv.cli import screen
from ssoenv.identity_center import assignments
from ssoenv.shells import hook as hook_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssoenv.base.models import Binding, Profile
    from ssoenv.policy import Verdict
    from ssoenv.settings import Settings

SCOPES = ("sso:account:access",)

DirectoryArgument = Annotated[
    str | None, typer.Argument(metavar="[DIR]", help="A directory in the project; else this one.")
]


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
        raise UsageError("either --show or --yes, not both", hint="ssoenv trust --show")
    env = os.environ
    path = find(directory, env)
    binding = binding_file.parse(binding_file.read(path), path)
    project = os.path.dirname(path)
    preferences = settings.load(env)
    show(binding, trust.trusted(env, project), env, preferences)
    try:
        session = _new_session(binding, env)
    except InvalidConfiguration as problem:
        if not only_show:
            raise
        screen.say(problem.message, style="warning")
        return
    if session is not None:
        _show_session(session)
    if only_show:
        return
    if not yes and (session or not trust.remembered(env, project, binding.content)):
        _require_yes(path, session)
    grant(binding, env, session)
    screen.say(f"trusted {path}", style="good")


def untrust_command(directory: DirectoryArgument = None) -> None:
    """Take trust away: the .ssoenv.toml here does nothing any more."""
    env = os.environ
    path = find(directory, env, gone=True)
    known = trust.revoke(env, os.path.dirname(path))
    screen.say(f"{path} is no longer trusted" if known else f"{path} was not trusted")


def find(directory: str | None, env: Mapping[str, str], *, gone: bool = False) -> str:
    """Return the path of the binding file for `directory`; with `gone` it may be missing there."""
    start = here.working_directory(env)
    if directory is not None:
        start = os.path.normpath(os.path.join(start, directory))
        if os.path.basename(start) == ".ssoenv.toml":
            start = os.path.dirname(start)
    path = binding_file.find(start)
    if path is None and gone and trust.trusted(env, start) is not None:
        path = f"{start.rstrip('/')}/.ssoenv.toml"
    if path is None:
        raise UsageError(f"no .ssoenv.toml in {start} or above", hint="ssoenv bind")
    return path


def grant(binding: Binding, env: Mapping[str, str], session: Session | None = None) -> None:
    """Trust the exact bytes of `binding`, by every route to its directory.

    `session` is one that the person confirmed, to be written to the AWS config.
    """
    for key in managed_profiles.foreign(env):
        screen.say(f"{key}; it is kept there as a comment", style="warning")
    project = os.path.dirname(binding.path)
    trust.grant(
        env, binding, trust.routes(project), hook_text.program(), settings.load(env), session
    )


def show(
    binding: Binding, before: bytes | None, env: Mapping[str, str], preferences: Settings
) -> None:
    """Tell on stderr what `binding` would do, and what is new since the bytes `before`."""
    screen.say(f"{binding.path} asks for:", style="strong")
    listing = assignments.load(env, binding.session)
    for profile in binding.profiles.values():
        verdict = policy.verdict(preferences, policy.profile_target(profile, listing))
        screen.note(_describe(profile, binding, listing, verdict))
    for path, name in binding.paths:
        screen.note(f"{path}/ -> {name}")
    if before is None or before == binding.content:
        return
    try:
        old = binding_file.parse(before, binding.path)
    except InvalidConfiguration:
        return
    screen.say("changed since you trusted it:", style="warning")
    for change in binding_changes.between(old, binding):
        screen.note(str(change))


def _new_session(binding: Binding, env: Mapping[str, str]) -> Session | None:
    """Return the [sso-session] that a fresh clone brings to a person who has none of that name.

    Raises InvalidConfiguration where neither the config nor the file has it.
    """
    hint = binding.sso
    if hint is None or binding.session in aws_config.sessions(env):
        aws_config.find_session(env, binding.session)
        return None
    return Session(binding.session, hint.start_url, hint.region, SCOPES, binding.path)


def _show_session(session: Session) -> None:
    screen.say(f"you have no [sso-session {session.name}]; trusting this file writes one:")
    screen.note(f"start URL  {session.start_url}")
    screen.note(f"region     {session.region}")
    screen.note("Sign in there only if you know this address as your company's.")


def _require_yes(path: str, session: Session | None) -> None:
    """Ask whether the file at `path` is to be trusted, as it was shown.

    Raises UsageError where nobody can be asked, and NotTrusted without a yes.
    """
    if not screen.interactive():
        raise UsageError(f"nobody is here to trust {path}", hint="ssoenv trust --yes")
    more = ", and write that session to your AWS config" if session else ""
    if not screen.confirm(f"Trust exactly this file{more}?"):
        raise NotTrusted(f"{path} is not trusted: you did not say yes", hint="ssoenv trust")


def _describe(
    profile: Profile, binding: Binding, listing: assignments.Listing | None, verdict: Verdict
) -> str:
    role = profile.role
    account = listing.account(role.account) if listing else None
    whose = f"{account.id} ({account.name})" if account else role.account
    words = [f"{profile.name}: {'|'.join(role.roles)} in account {whose}, session {role.session}"]
    if listing and account and not set(role.roles) & set(listing.roles(account)):
        words.append("not assigned to you")
    if not account:
        words.append("not in any list of yours yet")
    if profile.region:
        words.append(f"region {profile.region}")
    if profile.name == binding.default and len(binding.profiles) > 1:
        words.append("the default")
    if verdict.answer == "ask":
        words.append("protected")
    if verdict.answer == "refused":
        words.append(f"but {verdict.reason}")
    return ", ".join(words)
