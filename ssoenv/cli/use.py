"""``ssoenv use``: another profile of the project, or elsewhere any role, for this shell.

The hook chooses by itself, without a process; this program only runs where it could not.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from ssoenv import adhoc, here, settings, trust
from ssoenv.aws_files import config as aws_config
from ssoenv.base.errors import SsoenvError, UsageError
from ssoenv.base.models import Profile, Role
from ssoenv.binding.edit import profile_name
from ssoenv.cli import screen
from ssoenv.identity_center import assignments
from ssoenv.shells import hook as hook_text

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    none: Annotated[bool, typer.Option("--none", help="Back to what the directory says.")] = False,
    save: Annotated[
        bool, typer.Option("--save", help="For this directory, for me, in every shell.")
    ] = False,
    answer: Annotated[
        bool, typer.Option("--answer", hidden=True, help="For the hook: print the name.")
    ] = False,
) -> None:
    """Choose another profile of this project, or elsewhere any role, for this shell."""
    # --answer: the hook asks which, and then makes the change that no program can make.
    env = os.environ
    if none and name is not None:
        raise UsageError("either a name or --none, not both", hint="ssoenv use NAME")
    directory = here.working_directory(env)
    if here.look(directory, env).status in ("none", "adhoc") and not save:
        answer_text = "" if none or name == "-" else f"@{_adhoc(name, env)}"
    else:
        found = here.require(directory, env, None if name in (None, "-") else name)
        if not none and name is None:
            name = _pick(found, env)
        if save:
            _save(found, name, env)
            return
        answer_text = name or ""
    if answer and answer_text not in ("", "-"):
        sys.stdout.write(answer_text + "\n")
        return
    if answer or env.get("SSOENV_HOOK"):
        raise UsageError("there is nothing to go back to here", hint="ssoenv use NAME")
    raise SsoenvError(
        "only the hook can change this shell, and it is not loaded here", hint="ssoenv setup"
    )


def _save(found: Here, name: str | None, env: Mapping[str, str]) -> None:
    """Keep the choice for the directory, in every shell."""
    if name == "-":
        raise UsageError("--save needs a name", hint="ssoenv use --save NAME")
    if found.binding is not None:
        for project in trust.routes(found.project):
            trust.save_choice(env, found.binding, project, name, settings.load(env))
    screen.say(f"{found.project} now uses {name or 'its own default'} for you", style="good")


def _adhoc(name: str | None, env: Mapping[str, str]) -> str:
    """Return the key of the role that is named as ACCOUNT/ROLE, or picked, for outside projects."""
    session = aws_config.default_session(env, None)
    if session.name is None:
        raise UsageError("this needs an [sso-session]", hint="ssoenv setup")
    preferences = settings.load(env)
    kept = assignments.load(env, session.label)
    account, slash, role = (name or "").rpartition("/")
    if name is not None and not (slash and account and role):
        raise UsageError(f"no project here, and {name!r} is not ACCOUNT/ROLE", hint="ssoenv roles")
    if name is None:
        from ssoenv.cli import choices

        if not screen.interactive():
            raise UsageError(
                "which role? nobody is here to pick one", hint="ssoenv use ACCOUNT/ROLE"
            )
        listing = choices.listing_of(session, env, "ssoenv use")
        picked = choices.pick_assignment(
            listing, session, preferences, env, instead="ssoenv use ACCOUNT/ROLE"
        )
        held, role = picked.account, picked.role
        account, label = held.id, held.name
    elif kept is not None:
        held = kept.find_account(account)
        account, label, role = held.id, held.name, kept.find_role(held, role)
    else:
        label = account
    profile = Profile(profile_name(label, role), Role(session.name, account, (role,)), line=0)
    return adhoc.use(env, profile, hook_text.program(), preferences)


def _pick(found: Here, env: Mapping[str, str]) -> str:
    """Return the profile of the project here that the person picks."""
    if found.binding is None or found.profile is None:
        raise UsageError("no profile is chosen here", hint="ssoenv status")
    from ssoenv.cli import choices

    listing = assignments.load(env, found.binding.session)
    profiles = list(found.binding.profiles.values())
    return choices.pick_profile(profiles, found.profile.name, settings.load(env), listing).name
