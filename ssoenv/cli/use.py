"""``ssoenv use``: another profile of the project, or any role, for this shell.

The hook chooses by itself, without a process; this program only runs where it could not.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from ssoenv import here, settings
from ssoenv import target as targets
from ssoenv.base import arns, dialects, paths
from ssoenv.base.agents import FOR_A_PERSON
from ssoenv.base.errors import (
    AccessDenied,
    ServiceUnavailable,
    SignInRequired,
    SsoenvError,
    UsageError,
)
from ssoenv.base.models import Role
from ssoenv.cli import screen
from ssoenv.cli.options import RegionOption, SessionOption
from ssoenv.identity_center import assignments, kept_listings
from ssoenv.setup import session as sessions
from ssoenv.setup import shell as shells
from ssoenv.shells import detect
from ssoenv.trust import adhoc, grants

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssoenv.base.models import Session
    from ssoenv.here import Here


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("use")(use)


def use(
    name: Annotated[
        str | None,
        typer.Argument(
            help="A profile of the project here, any ACCOUNT/ROLE or ARN, or - for the previous."
        ),
    ] = None,
    none: Annotated[
        bool, typer.Option("--none", help="Back to the role that the directory chooses.")
    ] = False,
    save: Annotated[
        bool,
        typer.Option("--save", help="From now on, in every shell of yours."),
    ] = False,
    session: SessionOption = None,
    region: RegionOption = None,
    answer: Annotated[
        bool, typer.Option("--answer", hidden=True, help="For the hook: print the name.")
    ] = False,
) -> None:
    """Choose another profile of this project, or any role, for this shell."""
    env = os.environ
    if none and name is not None:
        raise UsageError("either a name or --none, not both", fix="ssoenv use NAME")
    if not save and here.look(here.working_directory(env), env).status in ("none", "adhoc"):
        chosen = "" if none or name == "-" else f"@{_adhoc(name, session, region, env)}"
        _hand_over(chosen, "ACCOUNT/ROLE", answer=answer)
        return
    found = _project(name, env)
    if session or region or _is_role(name):
        name = _taken(found, name, session, region, env, save=save)
    name = _pick(found, env) if name is None and not none else name
    if save:
        _save(found, name, env)
    else:
        _hand_over(name or "", "NAME", answer=answer)


def _is_role(name: str | None) -> bool:
    """Whether it names ACCOUNT/ROLE: no profile of a project has a slash."""
    return name is not None and "/" in name


def _project(name: str | None, env: Mapping[str, str]) -> Here:
    """Return what holds here, in a project, with its profile `name` if that is one."""
    directory = here.working_directory(env)
    return here.require(directory, env, None if name == "-" or _is_role(name) else name)


def _taken(
    found: Here,
    name: str | None,
    session: str | None,
    region: str | None,
    env: Mapping[str, str],
    *,
    save: bool,
) -> str:
    """Return how a role that is named as ACCOUNT/ROLE is called in the project `found`.

    Raises UsageError where it is not one for a shell, AccessDenied for a coding agent.
    """
    if found.binding is None or name is None or not _is_role(name) or save:
        raise _not_for_a_shell(name, save=save)
    if found.agent:
        raise AccessDenied(
            f"{found.agent} gets the roles of the project, and no other", advice=FOR_A_PERSON
        )
    chosen = sessions.default(env, session or found.binding.session, screen)
    wanted = adhoc.Taken(_named(chosen, name, env), region or "")
    return grants.take(env, found.binding, found.project, wanted, settings.load(env))


def _not_for_a_shell(name: str | None, *, save: bool) -> UsageError:
    """Return the error for --save with a role, or --session and --region with none."""
    if not save:
        return UsageError("--session and --region go with ACCOUNT/ROLE", fix="ssoenv roles")
    account, _, role = (name or "ACCOUNT/ROLE").rpartition("/")
    named = ["-r", name] if name and arns.is_arn(name) else ["-a", account, "-r", role]
    return UsageError(
        "--save keeps a profile of the project, and a role is taken for one shell",
        advice="to have a profile of it:",
        fix=f"ssoenv bind {dialects.line(named)}",
    )


def _hand_over(chosen: str, name: str, *, answer: bool) -> None:
    """Give what was `chosen` to the hook, which makes the change that no program can make.

    Raises UsageError where that is nothing, with what kind of `name` may be given, and SsoenvError
    where no hook has asked.
    """
    if answer and chosen not in ("", "-"):
        sys.stdout.write(chosen + "\n")
        return
    if answer or os.environ.get("SSOENV_HOOK"):
        raise UsageError(
            "there is no role to go back to: this shell has used no other one here",
            fix=f"ssoenv use {dialects.word(name)}",
        )
    raise SsoenvError(
        "only the hook can change this shell, and it is not loaded here",
        fix=shells.how_to_hook(detect.shell(os.environ), os.environ),
    )


def _save(found: Here, name: str | None, env: Mapping[str, str]) -> None:
    """Keep the choice for the directory, in every shell."""
    if name == "-":
        raise UsageError("--save needs a name", fix="ssoenv use --save NAME")
    if found.binding is not None:
        for project in grants.routes(found.project):
            grants.save_choice(env, found.binding, project, name, settings.load(env))
    kept = paths.choice_file(env, found.project)
    screen.say(f"{found.project} now uses {name or 'its own default'} for you", style="good")
    if name is not None:
        screen.note(f"kept in {kept}; nothing of the project was changed")
    else:
        screen.note(f"no choice is kept in {kept} any more")
    _tell_what_wins(found, name, env)


def _tell_what_wins(found: Here, name: str | None, env: Mapping[str, str]) -> None:
    """Say what counts before the choice `name` that was kept for the directory."""
    chosen = env.get("SSOENV_USE", "")
    if chosen and chosen != name and here.shell_directory(env) == found.project:
        screen.say(f"this shell stays with {chosen}, which you chose in it", style="warning")
        screen.hint("ssoenv use --none")
    if found.binding is not None and found.binding.paths:
        screen.note("where its [paths] choose a profile, that one still counts")


def _adhoc(name: str | None, wanted: str | None, region: str | None, env: Mapping[str, str]) -> str:
    """Return the key of the role that is named as ACCOUNT/ROLE, or picked, for outside projects.

    It is of the session `wanted`, or of the usual one.
    """
    session = sessions.default(env, wanted, screen)
    preferences = settings.load(env)
    role = _picked(session, env) if name is None else _named(session, name, env)
    return adhoc.use(env, adhoc.Taken(role, region or ""), preferences)


def _picked(session: Session, env: Mapping[str, str]) -> Role:
    from ssoenv.cli import choices

    picked = choices.picked(session, env, "ssoenv use", instead="ssoenv use ACCOUNT/ROLE")
    return assignments.as_role(session.label, picked.account.id, picked.role)


def _named(session: Session, name: str, env: Mapping[str, str]) -> Role:
    """Return the role that is named as ACCOUNT/ROLE or by its ARN. Raises UsageError."""
    if arns.is_arn(name):
        return targets.by_arn(session.label, name)
    account, slash, role = name.rpartition("/")
    if not (slash and account and role):
        where = "" if slash else f"no {paths.BINDING_FILE} here, and "
        raise targets.no_role(name, kept_listings.of(env, session), because=where)
    return _listed(session, account, role, env)


def _listed(session: Session, account: str, role: str, env: Mapping[str, str]) -> Role:
    """Return the role that the words of a person mean, as the list has it.

    Where there is no list, and none can be had now, they are taken as they stand, and that is said.
    """
    from ssoenv.cli import choices

    try:
        # To choose a role is not to use it: only what uses AWS signs in.
        may_ask = sessions.is_signed_in(session, env)
        held, names = choices.named(session, account, (role,), "ssoenv use", may_ask=may_ask)
    except (SignInRequired, ServiceUnavailable) as why:
        what = f"{account}/{role} is not checked, for there is no list"
        screen.say(f"{what}: {why.message}", style="warning")
        screen.note("ssoenv roles fetches it")
        return Role(session.label, account, (role,))
    if account not in (held.id, held.name) or role != names[0]:
        screen.say(f"{account}/{role} is {held.name}/{names[0]}")
    return Role(session.label, held.id, names[:1])


def _pick(found: Here, env: Mapping[str, str]) -> str:
    """Return the profile of the project here that the person picks."""
    if found.binding is None or found.profile is None:
        raise UsageError("no profile is chosen here", fix="ssoenv status")
    from ssoenv.cli import choices

    listing = kept_listings.load(env, found.binding.session)
    profiles = list(found.binding.profiles.values())
    return choices.pick_profile(profiles, found.profile.name, settings.load(env), listing).name
