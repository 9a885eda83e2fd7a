"""``ssoenv use``: another profile of the project, for this shell or from now on.

The hook chooses by itself, without a process; this program only runs where it could not.
"""

from __future__ import annotations

import os
from typing import Annotated

import typer

from ssoenv import here, settings, trust
from ssoenv.cli import screen
from ssoenv.cli.trust import routes
from ssoenv.errors import SsoenvError, UsageError


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
) -> None:
    """Choose another profile of this project for this shell."""
    env = os.environ
    if none == (name is not None):
        raise UsageError("which profile?", hint="ssoenv use NAME, or: ssoenv use --none")
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
