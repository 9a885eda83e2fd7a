"""``ssoenv check``: whether binding files are valid. For hands, editors, pre-commit and CI."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from ssoenv import here
from ssoenv.base import paths
from ssoenv.base.errors import InvalidConfiguration
from ssoenv.binding import file as binding_file
from ssoenv.cli import screen
from ssoenv.identity_center import regions

if TYPE_CHECKING:
    from ssoenv.base.models import Binding


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
    found = {path: binding_file.checked(path) for path in named}
    for binding, _ in found.values():
        _tell_odd_regions(binding)
    wrong = tuple(one for _, faults in found.values() for one in faults)
    if wrong:
        count = sum(bool(faults) for _, faults in found.values())
        several = len(found) > 1
        invalid = f"{count} of {len(found)} files are" if several else f"{named[0]} is"
        raise InvalidConfiguration(f"{invalid} invalid", problems=wrong)
    screen.say(f"{named[0]} is valid" if len(found) == 1 else f"{len(found)} files are valid")


def _tell_odd_regions(binding: Binding | None) -> None:
    """Say which regions of a valid file may be misspelt: no error, for AWS opens new ones."""
    for one in binding.profiles.values() if binding else ():
        if binding and (odd := regions.doubt(one.region)):
            what = f"{binding.path}:{one.line}: the region of {one.name}, {one.region}, is {odd}"
            screen.say(what, style="warning")


def _file(named: str) -> str:
    return os.path.join(named, paths.BINDING_FILE) if os.path.isdir(named) else named
