"""The command line: one command per module, and only the module that was asked for is loaded."""

from __future__ import annotations

import gc
import importlib
import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Collection

COMMANDS = {
    "setup": ("setup", "Set ssoenv up in your shell, and your first Identity Center with it."),
    "bind": (
        "bind",
        "Bind this directory to a role: write or edit its .ssoenv.toml, and trust it.",
    ),
    "use": (
        "use",
        "Choose another profile of this project, or elsewhere any role, for this shell.",
    ),
    "trust": ("trust", "Show what the .ssoenv.toml here would do, then trust exactly these bytes."),
    "untrust": ("trust", "Take trust away: the .ssoenv.toml here does nothing any more."),
    "login": ("login", "Sign in to a session, unless its token is good or can be refreshed."),
    "logout": (
        "logout",
        "Sign out: the token ends, cached credentials go, shells drop their keys.",
    ),
    "status": ("status", "Say which role is active here, why, until when, and what to run next."),
    "doctor": ("doctor", "Look for everything that commonly goes wrong; exit 1 if something is."),
    "roles": ("roles", "List the accounts and roles that you may assume."),
    "exec": (
        "execute",
        "Run one command with credentials in its environment; its exit code is ours.",
    ),
    "export": ("export", "Print credentials of the role of this directory, or of ACCOUNT/ROLE."),
    "credential-process": (
        "credential_process",
        "Print credentials as the SDKs' credential_process protocol has them.",
    ),
    "whoami": ("whoami", "Ask STS who the credentials of this directory are."),
    "prompt": (
        "prompt",
        "Print the role of this shell, for a prompt of your own; nothing where none is bound.",
    ),
    "hook": ("hook", 'Print the hook for the shell\'s rc file: eval "$(ssoenv hook bash)".'),
    "demo": ("demo", "Show everything on a local Identity Center, in a HOME that is thrown away."),
    "sandbox": ("sandbox", "A local Identity Center for trials and tests."),
}
"""Command name -> module in this package and what it does, in the order of ``--help``."""

STATELESS = ("demo", "sandbox")
"""What makes a home of its own."""

TRUSTING = ("bind", "trust", "use")
"""What may render the first of all: from then on, how the settings are is noted."""


def run(arguments: list[str]) -> int:
    """Parse and run `arguments`; return the exit code. Lets our own errors through."""
    # Most of what a start makes stays: to look for garbage among it is a tenth of the time.
    gc.set_threshold(50_000)
    if arguments[:1] == ["ensure"]:
        from ssoenv.cli import ensure

        return ensure.run(arguments[1:], os.environ)
    if not arguments and sys.stdout.isatty():
        from ssoenv.cli import overview

        return overview.show()
    wanted = next((word for word in arguments if not word.startswith("-")), None)
    app = build([wanted] if wanted in COMMANDS else [])
    if wanted in COMMANDS:
        from ssoenv import renewal
        from ssoenv.shells import state_folder

        if wanted not in STATELESS:
            state_folder.require_own(os.environ)

        renewal.renew(os.environ)
    code = _run(app, arguments)
    if wanted in TRUSTING and code == 0:
        renewal.renew(os.environ)
    return code


def _run(app: typer.Typer, arguments: list[str]) -> int:
    try:
        app(arguments, prog_name="ssoenv")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1 if end.code else 0
    return 0


def build(wanted: Collection[str] = tuple(COMMANDS)) -> typer.Typer:
    """Return the application with the commands `wanted`; with all as mere names if there are none.

    For ``--help`` the names do, and the modules need not be loaded.
    """
    app = typer.Typer(
        name="ssoenv",
        help="The right AWS role in the shell for the directory you are in.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_main)
    for module in dict.fromkeys(COMMANDS[name][0] for name in wanted):
        importlib.import_module(f"ssoenv.cli.{module}").register(app)
    for name, (_, summary) in COMMANDS.items() if not wanted else ():
        app.command(name, help=summary)(_never_run)
    return app


def _never_run() -> None:
    """Stand for a command where only names are wanted."""


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
    plain: Annotated[
        bool, typer.Option("--plain", help="No colours, nothing that moves: for screen readers.")
    ] = False,
) -> None:
    """Put the right AWS role in the shell for the directory you are in."""
    if plain:
        from ssoenv.cli import screen

        screen.choose_plain()
    if verbose:
        from ssoenv.cli import logs

        logs.to_stderr()
