"""``ssoenv bind``: write the .ssoenv.toml of a project, and trust what was written."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Annotated

import typer

from ssoenv import here, policy, settings, trust
from ssoenv.aws_files import config as aws_config
from ssoenv.base import files, paths
from ssoenv.base.errors import AccessDenied, InvalidConfiguration, NotTrusted, UsageError
from ssoenv.base.models import Profile, Role
from ssoenv.binding import edit as binding_edit
from ssoenv.binding import file as binding_file
from ssoenv.binding.edit import profile_name
from ssoenv.cli import screen, shown
from ssoenv.identity_center import assignments

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ssoenv.base.models import Binding
    from ssoenv.settings import Settings


BY_FLAGS = "ssoenv bind --account ID --role NAME [--name dev]"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("bind")(bind)


def bind(
    account: Annotated[
        str | None,
        typer.Option("--account", "-a", help="The account: its id, name, or the start of one."),
    ] = None,
    role: Annotated[
        list[str] | None,
        typer.Option(
            "--role",
            "-r",
            help="The role, or the start of its name; repeated: the first that a person holds.",
        ),
    ] = None,
    session: Annotated[
        str | None, typer.Option("--session", "-s", help="An sso-session of your AWS config.")
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", "-n", help="What to call the profile.")
    ] = None,
    region: Annotated[str | None, typer.Option("--region", help="The AWS region to use.")] = None,
    output: Annotated[str | None, typer.Option("--output", help="The AWS CLI's output.")] = None,
    default: Annotated[
        bool, typer.Option("--default", help="Make it the project's default profile.")
    ] = False,
) -> None:
    """Bind this directory to a role: write or edit its .ssoenv.toml, and trust it."""
    env = os.environ
    directory = here.working_directory(env)
    path = f"{directory.rstrip('/')}/.ssoenv.toml"
    before = binding_file.read(path) if os.path.lexists(path) else None
    if before is not None:
        _require_trusted(path, before, env)
    preferences = settings.load(env)
    chosen = _session(session, path, before, env)
    wanted, label = _role(chosen, account, role or [], env, preferences)
    if not account or not role:
        name = name or _ask("Name of the profile", profile_name(label, wanted.roles[0]))
        region = region or _ask("AWS region, if it should be set", "") or None
    profile = Profile(
        name or profile_name(label, wanted.roles[0]), wanted, line=0, region=region, output=output
    )
    _refuse_ruled_out(profile, env, preferences)
    binding = _edited(before, profile, path, make_default=default)
    shown.show(binding, before, env, preferences)
    shown.tell_foreign_keys(env)
    with _undone_on_failure(path, before):
        files.write_private(path, binding.content, mode=_mode(path))
        trust.grant_here(binding, env)
    if binding.default == profile.name:
        screen.say(f"bound {directory} to {profile.label}, and trusted {path}", style="good")
    else:
        screen.say(f"added {profile.label} to {path}, and trusted it", style="good")
        screen.note(f"its default stays {binding.default}; here: ssoenv use {profile.name}")


def _edited(before: bytes | None, profile: Profile, path: str, *, make_default: bool) -> Binding:
    """Return what the file at `path` will say. What is wrong with it now, a flag has said."""
    try:
        content = binding_edit.edit(before, profile, path=path, make_default=make_default)
        return binding_file.parse(content, path)
    except InvalidConfiguration as problem:
        wrong = [one.rpartition(f"{path}:")[2].partition(": ")[2] for one in problem.problems]
        raise UsageError("; ".join(wrong) or problem.message, hint=BY_FLAGS) from None


@contextlib.contextmanager
def _undone_on_failure(path: str, before: bytes | None) -> Iterator[None]:
    """Give the file at `path` its old content back, if what is done in between fails."""
    mode = _mode(path)
    try:
        yield
    except BaseException:
        if before is None:
            files.remove(path)
        else:
            files.write_private(path, before, mode=mode)
        raise


def _require_trusted(path: str, before: bytes, env: Mapping[str, str]) -> None:
    """Raise NotTrusted unless the person has seen all of the file that is to be edited.

    What bind writes is trusted; so would be whatever else stands in the file.
    """
    directory = os.path.dirname(path)
    if not trust.remembered(env, directory, before):
        changed = trust.trusted(env, directory) is not None
        what = "was changed since you trusted it" if changed else "is not trusted"
        raise NotTrusted(f"{path} {what}", hint="ssoenv trust")


def _refuse_ruled_out(profile: Profile, env: Mapping[str, str], preferences: Settings) -> None:
    """Raise AccessDenied for a role that the user's settings rule out."""
    listing = assignments.load(env, profile.role.session)
    verdict = policy.verdict(preferences, policy.profile_target(profile, listing))
    if verdict.answer == "refused":
        raise AccessDenied(verdict.reason, advice=f"see {paths.settings_file(env)}")


def _role(
    session: str,
    account: str | None,
    roles: list[str],
    env: Mapping[str, str],
    preferences: Settings,
) -> tuple[Role, str]:
    """Return the role to bind to and its account for people: as named, else as picked."""
    from ssoenv.cli import choices

    chosen = aws_config.find_session(env, session)
    if account and roles:
        held, names = choices.named(chosen, account, roles, env, "ssoenv bind")
        return Role(session, held.id, names), held.name
    if not screen.interactive():
        raise UsageError("which role? nobody is here to pick one", hint=BY_FLAGS)
    listing = choices.listing_of(chosen, env, "ssoenv bind")
    if account:
        listing = listing.only(listing.find_account(account))
    picked = choices.pick_assignment(
        listing.named(roles), chosen, preferences, env, instead=BY_FLAGS
    )
    return Role(session, picked.account.id, (picked.role,)), picked.account.name


def _ask(question: str, default: str) -> str:
    """Ask for a word on stderr; Enter takes `default`."""
    answer = screen.ask(f"{question} [{default}]: " if default else f"{question}: ")
    return answer or default


def _session(wanted: str | None, path: str, before: bytes | None, env: Mapping[str, str]) -> str:
    """Return the session to bind to: as asked, as the file has it, or the only one there is."""
    named = binding_file.parse(before, path).session if before is not None else None
    if wanted and named and wanted != named:
        raise UsageError(
            f"{path} is bound to session {named!r}, and holds one session only",
            hint=f"ssoenv bind --session {named} ...",
        )
    session = aws_config.default_session(env, wanted or named)
    return named or session.label


def _mode(path: str) -> int:
    """Return the mode of the file at `path`, or what a committed file usually has."""
    try:
        return os.stat(path).st_mode & 0o777
    except FileNotFoundError:
        return 0o644
