"""The command line: one command per module, and only the module that was asked for is loaded."""

from __future__ import annotations

import importlib
import os
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ssoenv.base import cores
from ssoenv.cli import pages, parsing, screen
from ssoenv.cli.manual import ALONE, COMMANDS, PURPOSE

if TYPE_CHECKING:
    from collections.abc import Collection

STATELESS = ("check", "demo", "sandbox", "help", "schema")
"""What needs no state folder: it makes a home of its own, or only tells."""

TRUSTING = ("bind", "trust", "use")
"""What may render the first of all: from then on, how the settings are is noted."""


def run(arguments: list[str]) -> int:
    """Parse and run `arguments`; return the exit code. Lets our own errors through."""
    if not arguments and sys.stdout.isatty():
        from ssoenv.cli import overview

        return overview.show()
    return _run_command(arguments)


def _run_command(arguments: list[str]) -> int:
    """Run a command of the application; what is rendered is renewed before, and after trusting."""
    wanted = next((word for word in arguments if not word.startswith("-")), "")
    # What help is asked about is loaded with it.
    asked = arguments if wanted == "help" else [wanted]
    app = build([word for word in asked if word in COMMANDS])
    _narrow(app, arguments)
    if wanted not in STATELESS:
        cores.forbid()
    if wanted in COMMANDS:
        _renew(owned=wanted not in STATELESS)
    code = parsing.run(app, arguments)
    if wanted in TRUSTING and code == 0:
        _renew(owned=True)
    return code


def _narrow(app: typer.Typer, arguments: list[str]) -> None:
    """Leave of a group's commands the one that is called: Typer takes a millisecond for each."""
    for group in app.registered_groups:
        if arguments[:1] == [group.name] and group.typer_instance:
            commands = group.typer_instance.registered_commands
            commands[:] = [one for one in commands if one.name in arguments[1:2]] or commands


def _renew(*, owned: bool) -> None:
    """Make anew what is out of date; the state folder has to be the user's alone if `owned`."""
    from ssoenv.shells import state_folder
    from ssoenv.trust import renewal

    if owned:
        from ssoenv.sign_in import instances

        state_folder.require_known(os.environ)
        instances.settle(os.environ)
    renewal.renew(os.environ)


def build(wanted: Collection[str] = tuple(COMMANDS)) -> typer.Typer:
    """Return the application with the commands `wanted`; with all as mere names if there are none.

    For ``--help`` the names do, and the modules need not be loaded.
    """
    app = typer.Typer(
        name="ssoenv",
        help=PURPOSE,
        invoke_without_command=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_main)
    for module in dict.fromkeys(COMMANDS[name].module for name in wanted):
        importlib.import_module(f"ssoenv.cli.{module}").register(app)
    for name in COMMANDS if not wanted else ():
        app.command(name)(_never_run)
    parsing.helpful(app)
    return app


def every_page() -> list[pages.Page]:
    """Return the page of every command that people may type, in the order of ``--help``."""
    root: Any = typer.main.get_command(build())
    found = []
    for name in COMMANDS:
        command = root.commands[name]
        below = getattr(command, "commands", {})
        found.append(pages.page(command, name))
        found += [
            pages.page(one, f"{name} {sub}")
            for sub, one in below.items()
            if f"{name} {sub}" not in ALONE
        ]
    return found


def _never_run() -> None:
    """Stand for a command where only names are wanted."""


def _print_version(wanted: bool) -> None:
    if wanted:
        from ssoenv import __version__

        typer.echo(f"ssoenv {__version__}")
        raise typer.Exit


def _main(
    context: typer.Context,
    *,
    _version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", callback=_print_version, is_eager=True
        ),
    ] = False,
    verbose: Annotated[
        bool, typer.Option("-v", "--verbose", help="Log what happens, without secrets.")
    ] = False,
    plain: Annotated[
        bool, typer.Option("--plain", help="No colours, nothing that moves: for screen readers.")
    ] = False,
) -> None:
    """Put the right AWS role in the shell for the directory you are in."""
    if plain:
        screen.choose_plain()
    if verbose:
        from ssoenv.cli import logs

        logs.to_stderr()
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
