"""``ssoenv help``: the page of a command, or of a topic."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from ssoenv.base.errors import UsageError
from ssoenv.cli import manual, pages, parsing, screen

EXIT_CODES = "exit-codes"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("help")(show)


def show(
    context: typer.Context,
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[COMMAND]", help="A command, or the topic exit-codes."),
    ] = None,
) -> None:
    """Show what a command does, with its options and examples; or a topic."""
    text = (
        pages.render_exit_codes(screen.columns())
        if words == [EXIT_CODES]
        else pages.render(_page(words or [], context), screen.columns())
    )
    sys.stdout.write(text + "\n")


def _page(words: list[str], context: typer.Context) -> pages.Page:
    """Return the page that `words` name. Raises UsageError for an unknown one."""
    if words[:1] == [EXIT_CODES]:
        raise UsageError(f"{EXIT_CODES} takes no more words", fix=f"ssoenv help {EXIT_CODES}")
    command: Any = context.find_root().command
    path = ""
    for word in words:
        known = getattr(command, "commands", {}) if path else manual.COMMANDS
        if word not in known:
            if not known:
                raise UsageError(f"{path} has no commands", fix=f"ssoenv help {path}")
            names = [*known] if path else [*known, EXIT_CODES]
            raise parsing.unknown(word, context, names, f"ssoenv help {path}".rstrip())
        command = command.commands[word]
        path = f"{path} {word}".lstrip()
    return pages.page(command, path)
