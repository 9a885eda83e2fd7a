"""``ssoenv ensure``: what a wrapper runs before a command that uses AWS; not for people."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from ssoenv.cli import lazily


def register(app: typer.Typer) -> None:
    """Add the command, out of sight."""
    app.command("ensure", hidden=True, context_settings={"ignore_unknown_options": True})(ensure)


def ensure(
    directory: str,
    profile: str,
    words: Annotated[list[str] | None, typer.Argument()] = None,
) -> None:
    """Make the credentials of a trusted profile live; print nothing on stdout."""
    lazily.ensure(directory, profile, words or [], os.environ)
