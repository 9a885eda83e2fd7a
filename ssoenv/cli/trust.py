"""``ssoenv trust`` and ``untrust``: whether the binding file of a directory may act."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from ssoenv import (
    assignments,
    aws_config,
    binding_changes,
    binding_file,
    here,
    hook_text,
    managed_profiles,
    settings,
    trust,
)
from ssoenv.cli import screen
from ssoenv.errors import InvalidConfiguration, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssoenv.models import Binding, Profile

DirectoryArgument = Annotated[
    str | None, typer.Argument(metavar="[DIR]", help="A directory in the project; else this one.")
]


def register(app: typer.Typer) -> None:
    """Add both commands."""
    app.command("trust")(trust_command)
    app.command("untrust")(untrust_command)


def trust_command(
    directory: DirectoryArgument = None,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Do not ask before writing an [sso-session].")
    ] = False,
) -> None:
    """Show what the .ssoenv.toml here would do, then trust exactly these bytes."""
    env = os.environ
    path = find(directory, env)
    binding = binding_file.parse(binding_file.read(path), path)
    before = trust.trusted(env, os.path.dirname(path))
    show(binding, before, env)
    offer_session(binding, env, yes=yes)
    grant(binding, env)
    screen.say(f"trusted {path}", style="good")


def untrust_command(directory: DirectoryArgument = None) -> None:
    """Take trust away: the .ssoenv.toml here does nothing any more."""
    env = os.environ
    path = find(directory, env, gone=True)
    project = os.path.dirname(path)
    known = [trust.revoke(env, folder) for folder in routes(project)]
    screen.say(f"{path} is no longer trusted" if any(known) else f"{path} was not trusted")


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


def routes(project: str) -> tuple[str, ...]:
    """Return the ways to call a directory: as the shell came, and as the kernel sees it."""
    return tuple(dict.fromkeys((project, os.path.realpath(project))))


def grant(binding: Binding, env: Mapping[str, str]) -> None:
    """Trust the exact bytes of `binding`, by every route to its directory."""
    for key in managed_profiles.foreign(env):
        screen.say(f"{key}; it is kept there as a comment", style="warning")
    project = os.path.dirname(binding.path)
    trust.grant(env, binding, routes(project), hook_text.program(), settings.load(env))


def show(binding: Binding, before: bytes | None, env: Mapping[str, str]) -> None:
    """Tell on stderr what `binding` would do, and what is new since the bytes `before`."""
    screen.say(f"{binding.path} asks for:", style="strong")
    listing = assignments.load(env, binding.session)
    for profile in binding.profiles.values():
        screen.note(_describe(profile, binding, listing))
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


def offer_session(binding: Binding, env: Mapping[str, str], *, yes: bool) -> None:
    """Write the [sso-session] that a fresh clone brings, if the person wants it and has none."""
    if binding.session in aws_config.sessions(env) or binding.sso is None:
        aws_config.find_session(env, binding.session)
        return
    from ssoenv.models import Session

    hint = binding.sso
    screen.say(f"you have no [sso-session {binding.session}]; this file brings one:")
    screen.note(f"start URL  {hint.start_url}")
    screen.note(f"region     {hint.region}")
    screen.note("Sign in there only if you know this address as your company's.")
    if not yes:
        if not screen.interactive():
            raise UsageError("nobody to confirm the new session", hint="ssoenv trust --yes")
        if not screen.confirm("Write it to your AWS config?"):
            raise UsageError(
                "not trusted: the session was declined", hint="aws configure sso-session"
            )
    scopes = ("sso:account:access",)
    managed_profiles.append_session(
        env, Session(binding.session, hint.start_url, hint.region, scopes, binding.path)
    )


def _describe(profile: Profile, binding: Binding, listing: assignments.Listing | None) -> str:
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
    if profile.protect:
        words.append("protected")
    return ", ".join(words)
