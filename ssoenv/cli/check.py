"""``ssoenv check``: whether binding files are valid. For hands, editors, pre-commit and CI."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from ssoenv import here
from ssoenv.base import paths
from ssoenv.base.errors import InvalidConfiguration
from ssoenv.binding import file as binding_file
from ssoenv.cli import screen


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("check")(check)


def check(
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="[FILE]...", help="Binding files, or their directories."),
    ] = None,
) -> None:
    """Say whether binding files are valid: without trust, and without the network."""
    named = [_file(one) for one in files or ()] or [here.locate(None, os.environ)]
    found = {path: binding_file.faults(path) for path in named}
    wrong = tuple(one for faults in found.values() for one in faults)
    if wrong:
        count = sum(map(bool, found.values()))
        several = len(found) > 1
        invalid = f"{count} of {len(found)} files are" if several else f"{named[0]} is"
        raise InvalidConfiguration(f"{invalid} invalid", problems=wrong)
    screen.say(f"{named[0]} is valid" if len(found) == 1 else f"{len(found)} files are valid")


def _file(named: str) -> str:
    return os.path.join(named, paths.BINDING_FILE) if os.path.isdir(named) else named
