"""Arguments and options that several commands have."""

from __future__ import annotations

from typing import Annotated

import typer

from ssoenv.setup.answers import check_region, if_given

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
    typer.Argument(metavar="[SESSION]", help="An sso-session; else the one in use here."),
]
DirectoryArgument = Annotated[
    str | None, typer.Argument(metavar="[DIR]", help="A directory in the project; else this one.")
]
