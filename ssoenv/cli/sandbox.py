"""``ssoenv sandbox``: the local Identity Center, to stay or for one command."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from ssoenv.base import dialects, files
from ssoenv.base.errors import (
    NOT_EXECUTABLE,
    NOT_FOUND,
    CommandFailed,
    SsoenvError,
    UsageError,
)
from ssoenv.cli import screen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import FrameType

    from ssoenv.sandbox.server import Sandbox

Port = Annotated[int, typer.Option(min=0, max=65535, help="0 picks a free one.")]
Approve = Annotated[
    str, typer.Option(metavar="ask|auto|deny", help="Who answers the sign-in pages.")
]
User = Annotated[str, typer.Option(help="Who signs in; else the first of the world.")]
WorldFile = Annotated[
    str | None, typer.Option("--world", metavar="FILE", help="A TOML file with a world.")
]
Accounts = Annotated[int, typer.Option(min=0, help="A synthetic world with so many accounts.")]
Roles = Annotated[
    int | None, typer.Option(min=1, help="Roles per account of a synthetic world; else 4.")
]
TokenTtl = Annotated[int, typer.Option(min=1, help="Seconds that tokens last.")]
CredentialsTtl = Annotated[int, typer.Option(min=1, help="Seconds that credentials last.")]
EnvFile = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="Also write the export lines here, for as long as it runs."),
]
_ENDING = (signal.SIGTERM, signal.SIGHUP)
_EXTRA = ("waitress", "werkzeug", "markupsafe")


def register(app: typer.Typer) -> None:
    """Add both commands, under ``sandbox``."""
    group = typer.Typer(help="A local Identity Center for trials and tests.")
    group.command("serve")(serve)
    group.command("run", context_settings={"allow_interspersed_args": False})(run)
    app.add_typer(group, name="sandbox")


def serve(
    port: Port = 0,
    approve: Approve = "auto",
    user: User = "",
    world: WorldFile = None,
    accounts: Accounts = 0,
    roles: Roles = None,
    token_ttl: TokenTtl = 3600,
    credentials_ttl: CredentialsTtl = 3600,
    env_file: EnvFile = None,
) -> None:
    """Serve until stopped; print the lines that point any AWS tool here."""
    # No handlers, which would run in the middle of whatever this thread does: signals are held
    # back, in the threads that start from here too, until they are waited for.
    waited_for = {*_ENDING, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, waited_for)
    made = make(port, approve, user, world, accounts, roles, token_ttl, credentials_ttl)
    with made as sandbox, _published(sandbox, env_file, os.environ) as (env, _):
        from ssoenv.sandbox import environment

        sys.stdout.write(environment.export_lines(env))
        sys.stdout.flush()
        screen.say(f"serving at {sandbox.url}; Ctrl-C ends it")
        for line in environment.introduction(sandbox.world):
            screen.note(line)
        if signal.sigwait(waited_for) == signal.SIGINT:
            raise KeyboardInterrupt


def run(
    words: Annotated[list[str], typer.Argument(metavar="-- CMD...")],
    port: Port = 0,
    approve: Approve = "auto",
    user: User = "",
    world: WorldFile = None,
    accounts: Accounts = 0,
    roles: Roles = None,
    token_ttl: TokenTtl = 3600,
    credentials_ttl: CredentialsTtl = 3600,
    env_file: EnvFile = None,
) -> None:
    """Serve while CMD runs, in a HOME that is thrown away; exit with its code."""
    for number in _ENDING:
        signal.signal(number, _leave)
    made = make(port, approve, user, world, accounts, roles, token_ttl, credentials_ttl)
    with made as sandbox, _published(sandbox, env_file, os.environ) as (env, folder):
        home = f"{folder}/home"
        sandbox.write_home(home)
        files.write_private(f"{home}/.zshrc", b"")  # without any, zsh asks how to set itself up
        _tell_how_to_hook(words[0])
        code = _run(words, _own(os.environ, env) | env | {"HOME": home})
    raise typer.Exit(code)


def _tell_how_to_hook(program: str) -> None:
    """Say what a shell in a HOME without rc files lacks, and how it gets that."""
    shell = os.path.basename(program)
    if shell in dialects.SHELLS:
        screen.say("this shell has no hook; to have it here, type:")
        screen.hint(dialects.load_hook(shell))


def make(
    port: int,
    approve: str,
    user: str,
    world: str | None,
    accounts: int,
    roles: int | None,
    token_ttl: int,
    credentials_ttl: int,
) -> Sandbox:
    """Return the sandbox that the options describe. Raises UsageError or InvalidConfiguration."""
    if approve not in ("ask", "auto", "deny"):
        raise UsageError(f"--approve {approve!r}: one of ask, auto, deny")
    if world and accounts:
        raise UsageError("either --world or --accounts, not both")
    if roles and not accounts:
        raise UsageError(
            "--roles needs --accounts", fix="ssoenv sandbox serve --accounts 100 --roles 4"
        )
    try:
        from ssoenv.sandbox import world as worlds
        from ssoenv.sandbox import world_file
        from ssoenv.sandbox.server import Sandbox
    except ModuleNotFoundError as missing:
        package = (missing.name or "").partition(".")[0]
        if package not in _EXTRA:
            raise
        raise SsoenvError(
            f"the sandbox needs {package}", fix="pip install 'ssoenv[sandbox]'"
        ) from None
    there = world_file.load(world) if world else None
    return Sandbox(
        world=worlds.synthetic(accounts, roles or 4) if accounts else there,
        approve=approve,
        user=user,
        token_ttl=token_ttl,
        credentials_ttl=credentials_ttl,
        port=port,
    )


@contextmanager
def _published(
    sandbox: Sandbox, env_file: str | None, inherited: Mapping[str, str]
) -> Iterator[tuple[dict[str, str], str]]:
    """Yield the environment that points at `sandbox`, and a folder; both last while it is open."""
    from ssoenv.sandbox import environment

    path = os.path.abspath(env_file) if env_file else None
    with tempfile.TemporaryDirectory(
        prefix="ssoenv-sandbox-", ignore_cleanup_errors=True
    ) as folder:
        env = sandbox.environment(folder, inherited)
        content = environment.export_lines(env).encode()
        try:
            if path:
                files.write_private(path, content)
            yield env, folder
        finally:
            # Left behind it would send tools to a port that is somebody else's by then.
            if path and files.read_bytes(path) == content:
                files.remove(path)


def _own(inherited: Mapping[str, str], replaced: Mapping[str, str]) -> dict[str, str]:
    """Return what `inherited` has but for AWS, us, and where this user keeps things."""
    dropped = ("AWS_", "_AWS_", "SSOENV_", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")
    return {
        name: value
        for name, value in inherited.items()
        if not name.startswith(dropped) and name not in replaced
    }


def _run(command: list[str], env: dict[str, str]) -> int:
    """Run `command` in our place: Ctrl-C is its business, its exit code ours."""
    children: list[subprocess.Popen[bytes]] = []
    received: list[int] = []

    def pass_on(number: int, _: FrameType | None) -> None:
        received.append(number)
        for child in children:
            child.send_signal(number)

    # The terminal sends Ctrl-C to the command as well. A handler, for an ignored signal would be
    # inherited: the command must be able to hear it.
    previous = {signal.SIGINT: signal.signal(signal.SIGINT, lambda *_: None)}
    previous |= {number: signal.signal(number, pass_on) for number in _ENDING}
    try:
        children.append(subprocess.Popen(command, env=env))
        # The command runs before we know its process: what came in between is for it too.
        for number in received:
            children[0].send_signal(number)
        code = children[0].wait()
    except FileNotFoundError:
        raise CommandFailed(f"{command[0]}: command not found", NOT_FOUND) from None
    except OSError as error:
        raise CommandFailed(f"{command[0]}: {error.strerror}", NOT_EXECUTABLE) from None
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
    return code if code >= 0 else 128 - code


def _leave(number: int, _: FrameType | None) -> NoReturn:
    """End by the signal `number`, but tidy up on the way out."""
    sys.exit(128 + number)
