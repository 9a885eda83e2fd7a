"""``ssoenv prompt``: the prompt segment, for prompts that are not the hook's."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from ssoenv.shells import segment


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("prompt")(prompt)


def prompt(
    template: Annotated[
        str,
        typer.Option("--format", help="Fields: {label} {state} {left} {region} {mark}."),
    ] = segment.DEFAULT,
) -> None:
    """Print the role of this shell, for a prompt of your own; nothing where none is bound."""
    text = segment.render(os.environ, template)
    if text:
        sys.stdout.write(text + "\n")
