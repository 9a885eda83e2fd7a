"""Arguments and options that several commands have."""

from __future__ import annotations

from typing import Annotated

import typer

TargetArgument = Annotated[
    str | None,
    typer.Argument(metavar="[ACCOUNT/ROLE]", help="The role; else that of this directory."),
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
    typer.Option("--session", "-s", help="The sso-session of ACCOUNT/ROLE, if there are several."),
]
SessionArgument = Annotated[
    str | None,
    typer.Argument(metavar="[SESSION]", help="An sso-session; else the one in use here."),
]
DirectoryArgument = Annotated[
    str | None, typer.Argument(metavar="[DIR]", help="A directory in the project; else this one.")
]
