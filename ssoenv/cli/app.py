"""The command line: one command per module, and only the module that was asked for is loaded."""

from __future__ import annotations

import importlib
from typing import Annotated

import typer

COMMANDS = {
    "bind": "bind",
    "use": "use",
    "trust": "trust",
    "untrust": "trust",
    "login": "login",
    "logout": "logout",
    "status": "status",
    "roles": "roles",
    "exec": "execute",
    "export": "export",
    "credential-process": "credential_process",
    "whoami": "whoami",
    "prompt": "prompt",
    "hook": "hook",
    "ensure": "ensure",
    "sandbox": "sandbox",
    "demo": "demo",
}
"""Command name -> module in this package, in the order of ``--help``."""


def run(arguments: list[str]) -> int:
    """Parse and run `arguments`; return the exit code. Lets our own errors through."""
    app = build(next((word for word in arguments if not word.startswith("-")), None))
    try:
        app(arguments, prog_name="ssoenv", obj=arguments)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1 if end.code else 0
    return 0


def build(wanted: str | None = None) -> typer.Typer:
    """Return the application with the command `wanted`, or with all of them."""
    app = typer.Typer(
        name="ssoenv",
        help="The right AWS role in the shell for the directory you are in.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_main)
    modules = [COMMANDS[wanted]] if wanted in COMMANDS else dict.fromkeys(COMMANDS.values())
    for module in modules:
        importlib.import_module(f"ssoenv.cli.{module}").register(app)
    return app


def _print_version(wanted: bool) -> None:
    if wanted:
        from ssoenv import __version__

        typer.echo(f"ssoenv {__version__}")
        raise typer.Exit


def _main(
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
) -> None:
    """Put the right AWS role in the shell for the directory you are in."""
    if verbose:
        from ssoenv.cli import logs

        logs.to_stderr()
