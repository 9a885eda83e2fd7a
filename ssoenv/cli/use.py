"""``ssoenv use``: another profile of the project, or elsewhere any role, for this shell.

The hook chooses by itself, without a process; this program only runs where it could not.
"""

from __future__ import annotations

import os
import shlex
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from ssoenv import here, settings
from ssoenv.base import paths
from ssoenv.base.errors import ServiceUnavailable, SignInRequired, SsoenvError, UsageError
from ssoenv.base.models import Account, Role
from ssoenv.cli import screen
from ssoenv.cli.options import SessionOption
from ssoenv.identity_center import kept_listings
from ssoenv.setup import session as sessions
from ssoenv.setup import shell as shells
from ssoenv.shells import detect
from ssoenv.trust import adhoc, grants

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssoenv.base.models import Binding, Session
    from ssoenv.here import Here


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("use")(use)


def use(
    name: Annotated[
        str | None,
        typer.Argument(
            help="A profile of the project here, or - for the previous; elsewhere ACCOUNT/ROLE."
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
    answer: Annotated[
        bool, typer.Option("--answer", hidden=True, help="For the hook: print the name.")
    ] = False,
) -> None:
    """Choose another profile of this project, or elsewhere any role, for this shell."""
    env = os.environ
    if none and name is not None:
        raise UsageError("either a name or --none, not both", fix="ssoenv use NAME")
    directory = here.working_directory(env)
    if not save and here.look(directory, env).status in ("none", "adhoc"):
        chosen = "" if none or name == "-" else f"@{_adhoc(name, session, env)}"
        _hand_over(chosen, "ACCOUNT/ROLE", answer=answer)
        return
    found = _required(directory, name, session, env)
    if name is None and not none:
        name = _pick(found, env)
    if save:
        _save(found, name, env)
    else:
        _hand_over(name or "", "NAME", answer=answer)


def _required(
    directory: str, name: str | None, session: str | None, env: Mapping[str, str]
) -> Here:
    """Return what holds in `directory`, a project. Raises UsageError for what is for elsewhere."""
    is_role = name is not None and "/" in name
    found = here.require(directory, env, None if name == "-" or is_role else name)
    if found.binding is not None and (session is not None or is_role):
        raise _for_elsewhere(name, found.binding)
    return found


def _for_elsewhere(name: str | None, binding: Binding) -> UsageError:
    """Return the error for a role that is named as outside of projects, with what to do instead."""
    account, _, role = (name or "ACCOUNT/ROLE").rpartition("/")
    bind = shlex.join(["ssoenv", "bind", "-a", account, "-r", role])
    return UsageError(
        f"in a project `use` takes one of its profiles ({', '.join(binding.profiles)});"
        f" `{bind}` adds another",
        fix=f"ssoenv exec {shlex.quote(f'{account}/{role}')} -- CMD",
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
            fix=f"ssoenv use {shlex.quote(name)}",
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


def _adhoc(name: str | None, wanted: str | None, env: Mapping[str, str]) -> str:
    """Return the key of the role that is named as ACCOUNT/ROLE, or picked, for outside projects.

    It is of the session `wanted`, or of the usual one.
    """
    session = sessions.default(env, wanted, screen)
    preferences = settings.load(env)
    if name is None:
        account, role = _picked(session, env)
    else:
        account, role = _named(session, name, env)
    return adhoc.use(env, Role(session.label, account.id, (role,)), preferences)


def _picked(session: Session, env: Mapping[str, str]) -> tuple[Account, str]:
    from ssoenv.cli import choices

    picked = choices.picked(session, env, "ssoenv use", instead="ssoenv use ACCOUNT/ROLE")
    return picked.account, picked.role


def _named(session: Session, name: str, env: Mapping[str, str]) -> tuple[Account, str]:
    """Return the account and role of ``ACCOUNT/ROLE``, as the list has them.

    Where there is no list, and none can be had now, they are taken as they stand, and that is said.
    """
    from ssoenv.cli import choices

    account, slash, role = name.rpartition("/")
    if not (slash and account and role):
        raise UsageError(f"no project here, and {name!r} is not ACCOUNT/ROLE", fix="ssoenv roles")
    try:
        # To choose a role is not to use it: only what uses AWS signs in.
        may_ask = sessions.is_signed_in(session, env)
        held, names = choices.named(session, account, (role,), "ssoenv use", may_ask=may_ask)
    except (SignInRequired, ServiceUnavailable) as why:
        screen.say(f"{name} is not checked, for there is no list: {why.message}", style="warning")
        screen.note("ssoenv roles fetches it")
        return Account(account, account, ""), role
    return held, names[0]


def _pick(found: Here, env: Mapping[str, str]) -> str:
    """Return the profile of the project here that the person picks."""
    if found.binding is None or found.profile is None:
        raise UsageError("no profile is chosen here", fix="ssoenv status")
    from ssoenv.cli import choices

    listing = kept_listings.load(env, found.binding.session)
    profiles = list(found.binding.profiles.values())
    return choices.pick_profile(profiles, found.profile.name, settings.load(env), listing).name
