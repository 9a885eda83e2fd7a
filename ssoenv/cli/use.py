"""``ssoenv use``: another profile of the project, for this shell or from now on.

The hook chooses by itself, without a process; this program only runs where it could not.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from ssoenv import assignments, here, settings, trust
from ssoenv.cli import screen
from ssoenv.cli.trust import routes
from ssoenv.errors import SsoenvError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("use")(use)


def use(
    name: Annotated[
        str | None, typer.Argument(help="A profile of the project here, or - for the previous.")
    ] = None,
    none: Annotated[bool, typer.Option("--none", help="Back to what the directory says.")] = False,
    save: Annotated[
        bool, typer.Option("--save", help="For this directory, for me, in every shell.")
    ] = False,
    answer: Annotated[
        bool, typer.Option("--answer", hidden=True, help="For the hook: print the name.")
    ] = False,
) -> None:
    """Choose another profile of this project for this shell."""
    # --answer: the hook asks which, and then makes the change that no program can make.
    env = os.environ
    if none and name is not None:
        raise UsageError("either a name or --none, not both", hint="ssoenv use NAME")
    if not none and name is None:
        name = _pick(env)
        if answer:
            sys.stdout.write(name + "\n")
            return
    found = here.require(here.working_directory(env), env, None if name == "-" else name)
    if save:
        if name == "-":
            raise UsageError("--save needs a name", hint="ssoenv use --save NAME")
        if found.binding is not None:
            for project in routes(found.project):
                trust.save_choice(env, found.binding, project, name, settings.load(env))
        screen.say(f"{found.project} now uses {name or 'its own default'} for you", style="good")
        return
    raise SsoenvError(
        "only the hook can change this shell, and it is not loaded here",
        hint='eval "$(ssoenv hook bash)", or zsh; in fish: ssoenv hook fish | source',
    )


def _pick(env: Mapping[str, str]) -> str:
    """Return the profile of the project here that the person picks."""
    found = here.require(here.working_directory(env), env)
    if found.binding is None or found.profile is None:
        raise UsageError("no profile is chosen here", hint="ssoenv status")
    from ssoenv.cli import choices

    listing = assignments.load(env, found.binding.session)
    profiles = list(found.binding.profiles.values())
    return choices.pick_profile(profiles, found.profile.name, settings.load(env), listing).name
