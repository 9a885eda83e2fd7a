"""``ssoenv sandbox``: the local Identity Center, to stay or for one command."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
from typing import TYPE_CHECKING, Annotated

import typer

from ssoenv import files
from ssoenv.cli import screen
from ssoenv.cli.execute import NOT_EXECUTABLE, NOT_FOUND, CommandFailed
from ssoenv.errors import SsoenvError, UsageError

if TYPE_CHECKING:
    from ssoenv.sandbox.server import Sandbox

Port = Annotated[int, typer.Option(min=0, max=65535, help="0 picks a free one.")]
Approve = Annotated[
    str, typer.Option(metavar="ask|auto|deny", help="Who answers the sign-in pages.")
]
User = Annotated[str, typer.Option(help="Who signs in; else the first of the world.")]
WorldFile = Annotated[str | None, typer.Option("--world", help="A TOML file with a world.")]
Accounts = Annotated[int, typer.Option(min=0, help="A synthetic world with so many accounts.")]
Roles = Annotated[int, typer.Option(min=1, help="Roles per account of a synthetic world.")]
TokenTtl = Annotated[int, typer.Option(min=1, help="Seconds that tokens last.")]
CredentialsTtl = Annotated[int, typer.Option(min=1, help="Seconds that credentials last.")]
EnvFile = Annotated[str | None, typer.Option(help="Also write the export lines to this file.")]


def register(app: typer.Typer) -> None:
    """Add both commands, under ``sandbox``."""
    group = typer.Typer(no_args_is_help=True, help="A local Identity Center for trials and tests.")
    group.command("serve")(serve)
    group.command("run", context_settings={"allow_interspersed_args": False})(run)
    app.add_typer(group, name="sandbox")


def serve(
    port: Port = 0,
    approve: Approve = "auto",
    user: User = "",
    world: WorldFile = None,
    accounts: Accounts = 0,
    roles: Roles = 4,
    token_ttl: TokenTtl = 3600,
    credentials_ttl: CredentialsTtl = 3600,
    env_file: EnvFile = None,
) -> None:
    """Serve until stopped; print the lines that point any AWS tool here."""
    from ssoenv.sandbox import environment

    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: ended.set())
    made = make(port, approve, user, world, accounts, roles, token_ttl, credentials_ttl)
    with tempfile.TemporaryDirectory(prefix="ssoenv-sandbox-") as folder, made as sandbox:
        lines = environment.export_lines(sandbox.environment(folder))
        if env_file:
            files.write_private(os.path.abspath(env_file), lines.encode())
        sys.stdout.write(lines)
        sys.stdout.flush()
        screen.say(f"serving at {sandbox.url}; Ctrl-C ends it")
        ended.wait()


def run(
    words: Annotated[list[str], typer.Argument(metavar="-- CMD...")],
    port: Port = 0,
    approve: Approve = "auto",
    user: User = "",
    world: WorldFile = None,
    accounts: Accounts = 0,
    roles: Roles = 4,
    token_ttl: TokenTtl = 3600,
    credentials_ttl: CredentialsTtl = 3600,
    env_file: EnvFile = None,
) -> None:
    """Serve while CMD runs, in a HOME that is thrown away; its exit code is ours."""
    from ssoenv.sandbox import environment

    made = make(port, approve, user, world, accounts, roles, token_ttl, credentials_ttl)
    with tempfile.TemporaryDirectory(prefix="ssoenv-sandbox-") as folder, made as sandbox:
        home = f"{folder}/home"
        sandbox.write_home(home)
        env = sandbox.environment(folder)
        if env_file:
            lines = environment.export_lines(env)
            files.write_private(os.path.abspath(env_file), lines.encode())
        raise typer.Exit(_run(words, _own(os.environ) | env | {"HOME": home}))


def make(
    port: int,
    approve: str,
    user: str,
    world: str | None,
    accounts: int,
    roles: int,
    token_ttl: int,
    credentials_ttl: int,
) -> Sandbox:
    """Return the sandbox that the options describe. Raises UsageError or InvalidConfiguration."""
    if approve not in ("ask", "auto", "deny"):
        raise UsageError(f"--approve {approve!r}: one of ask, auto, deny")
    if world and accounts:
        raise UsageError("either --world or --accounts, not both")
    try:
        from ssoenv.sandbox import world as worlds
        from ssoenv.sandbox.server import Sandbox
    except ModuleNotFoundError as missing:
        raise SsoenvError(
            f"the sandbox needs {missing.name}", hint="pip install 'ssoenv[sandbox]'"
        ) from None
    there = worlds.load(world) if world else None
    return Sandbox(
        world=worlds.synthetic(accounts, roles) if accounts else there,
        approve=approve,
        user=user,
        token_ttl=token_ttl,
        credentials_ttl=credentials_ttl,
        port=port,
    )


def _own(env: os._Environ[str]) -> dict[str, str]:
    """Return `env` without anything that speaks of AWS, or of where this user keeps things."""
    ours = ("AWS_", "SSOENV_", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "BROWSER")
    return {name: value for name, value in env.items() if not name.startswith(ours)}


def _run(command: list[str], env: dict[str, str]) -> int:
    """Run `command` in our place: Ctrl-C is its business, its exit code ours."""
    previous = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        child = subprocess.Popen(
            command,
            env=env,
            # An ignored signal is inherited; the command must be able to hear Ctrl-C.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
        )
        code = child.wait()
    except FileNotFoundError:
        raise CommandFailed(f"{command[0]}: command not found", NOT_FOUND) from None
    except PermissionError:
        raise CommandFailed(f"{command[0]}: not executable", NOT_EXECUTABLE) from None
    finally:
        signal.signal(signal.SIGINT, previous)
    return code if code >= 0 else 128 - code
