"""Arguments and options that several commands have."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from ssoenv.aws_files import choice
from ssoenv.cli import screen
from ssoenv.setup.answers import check_region, if_given


def session_named(
    context: typer.Context, parameter: typer.CallbackParam, words: str | None
) -> str | None:
    """Return what the session is called that a person means by `words`; None where they say none.

    Another spelling or a part of a name is told. Raises what ``choice.named`` does.
    """
    if words is None:
        return None
    is_option = parameter.param_type_name == "option"
    by = "--session" if is_option else f"ssoenv {context.info_name}"
    session = choice.named(os.environ, words, by=by)
    if said := choice.explained(words, session):
        screen.say(said)
    return session.label


def sessions_named(
    context: typer.Context, parameter: typer.CallbackParam, words: list[str] | None
) -> list[str] | None:
    """Return the same of each of several."""
    return words and [session_named(context, parameter, one) or one for one in words]


TargetArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="[ACCOUNT/ROLE]", help="The role, or its ARN; else that of this directory."
    ),
]
ProfileOption = Annotated[
    str | None,
    typer.Option(
        "--profile",
        "-p",
        metavar="NAME|ACCOUNT/ROLE",
        help="A profile of the project here, or any role.",
    ),
]
SessionOption = Annotated[
    str | None,
    typer.Option(
        "--session",
        "-s",
        help="The session of ACCOUNT/ROLE: its name, its start URL, or a part of one.",
        callback=session_named,
    ),
]
RegionOption = Annotated[
    str | None,
    typer.Option(
        "--region",
        help="The AWS region to use, whatever the profile and the environment say.",
        callback=if_given(check_region),
    ),
]
SessionArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="[SESSION]",
        help="Its name, its start URL, or a part of one; else the one in use here.",
        callback=session_named,
    ),
]
DirectoryArgument = Annotated[
    str | None, typer.Argument(metavar="[DIR]", help="A directory in the project; else this one.")
]
