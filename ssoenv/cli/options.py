"""Arguments and options that several commands have."""

from __future__ import annotations

import itertools
import os
from functools import partial
from inspect import Parameter, Signature, signature
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from ssoenv.aws_files import choice
from ssoenv.cli import screen
from ssoenv.setup.answers import check_region, if_given

if TYPE_CHECKING:
    from collections.abc import Callable


def spread(**groups: type[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return what gives a command an option for each field of some dataclasses.

    Each comes to it whole, as the argument that it is named by here; they are listed after its own.
    """
    return partial(_spread_over, groups)


def _spread_over(groups: dict[str, type[Any]], command: Callable[..., None]) -> Callable[..., None]:
    own = [one for one in signature(command).parameters.values() if one.name not in groups]
    fields = {name: list(signature(one).parameters.values()) for name, one in groups.items()}

    def parsed(**values: Any) -> None:
        whole = {
            name: groups[name](**{one.name: values.pop(one.name) for one in found})
            for name, found in fields.items()
        }
        command(**whole, **values)

    _describe(parsed, command, [*own, *itertools.chain(*fields.values())], groups)
    return parsed


def _describe(
    parsed: Any, command: Any, parameters: list[Parameter], groups: dict[str, type[Any]]
) -> None:
    """Have `parsed` look to Typer as `command` with these `parameters`."""
    hints: dict[str, Any] = {}
    for one in (command, *groups.values()):
        hints |= get_type_hints(one, include_extras=True)
    found = [one.replace(annotation=hints[one.name]) for one in parameters]
    parsed.__doc__ = command.__doc__
    parsed.__annotations__ = {one.name: one.annotation for one in found}
    parsed.__signature__ = Signature(found)


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
