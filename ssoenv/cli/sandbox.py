"""``ssoenv sandbox``: the local Identity Center, to stay or for one command."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from ssoenv.base import dialects
from ssoenv.base.errors import UsageError
from ssoenv.base.values import dataclass
from ssoenv.cli import extra, screen
from ssoenv.cli.options import spread
from ssoenv.sandbox import bounds

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from ssoenv.sandbox.pace import Pace
    from ssoenv.sandbox.server import Sandbox
    from ssoenv.sandbox.world import World


@dataclass(frozen=True, slots=True)
class Options:
    """What `serve` and `run` take: the world, who answers its pages, and how long things last."""

    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 picks a free one.")] = 0
    approve: Annotated[
        str, typer.Option(metavar="ask|auto|deny", help="Who answers the sign-in pages.")
    ] = "auto"
    user: Annotated[
        str, typer.Option(help="Who is signed in where nobody is asked; else the first user.")
    ] = ""
    world: Annotated[
        str | None,
        typer.Option(
            "--world", metavar="FILE", help="Users, accounts and assignments of your own, in TOML."
        ),
    ] = None
    accounts: Annotated[
        int, typer.Option(min=0, max=bounds.ACCOUNTS, help="Make up so many accounts.")
    ] = 0
    roles: Annotated[
        int | None,
        typer.Option(
            min=1, max=bounds.ROLES, help="Roles in each account that is made up; else 4."
        ),
    ] = None
    large: Annotated[
        bool,
        typer.Option(
            "--large",
            help="Make up 1,000 accounts with 5 roles, or as many as you say: some suspended, some"
            " with names that are equal or odd.",
        ),
    ] = False
    organization: Annotated[
        bool,
        typer.Option(
            "--organization",
            help="Make up what administrators have: 500 accounts, 60 permission sets, 300 groups,"
            " 3,000 users, 20,000 assignments.",
        ),
    ] = False
    latency: Annotated[
        int,
        typer.Option(
            min=0, max=bounds.LATENCY, metavar="MS", help="Milliseconds that each call takes."
        ),
    ] = 0
    rate: Annotated[
        float,
        typer.Option(
            min=0,
            max=bounds.FASTEST,
            metavar="CALLS",
            help="Calls a second that a service takes; 0 for any.",
        ),
    ] = 0
    burst: Annotated[
        int,
        typer.Option(
            min=0,
            max=bounds.BURST,
            metavar="CALLS",
            help="How many may come at once; else a second's.",
        ),
    ] = 0
    retry_after: Annotated[
        bool, typer.Option("--retry-after", help="Refusals say how long to wait.")
    ] = False
    provisioning: Annotated[
        float,
        typer.Option(
            min=0,
            max=bounds.SECONDS,
            metavar="S",
            help="Seconds that it takes to assign or provision a permission set.",
        ),
    ] = 0
    fault: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CALL=HOW",
            help="Have a call fail: CreateToken=503, '*=slow-body', ListAccounts=reset:2 for two.",
        ),
    ] = None
    strict_refresh: Annotated[
        bool, typer.Option("--strict-refresh", help="A refresh token works once.")
    ] = False
    token_ttl: Annotated[
        int, typer.Option(min=1, max=bounds.SECONDS, help="Seconds that tokens last.")
    ] = 3600
    credentials_ttl: Annotated[
        int, typer.Option(min=1, max=bounds.SECONDS, help="Seconds that credentials last.")
    ] = 3600
    env_file: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="Also write the export lines here, for as long as it runs."
        ),
    ] = None


def register(app: typer.Typer) -> None:
    """Add both commands, under ``sandbox``."""
    group = typer.Typer(help="A local Identity Center for trials and tests.")
    group.command("serve")(serve)
    group.command("run", context_settings={"allow_interspersed_args": False})(run)
    app.add_typer(group, name="sandbox")


@spread(options=Options)
def serve(options: Options) -> None:
    """Serve until stopped; print the lines that point any AWS tool here."""
    from ssoenv.sandbox import environment, foreground

    world = _world(options)
    held_back = foreground.hold_back()
    with _sandbox(options, world) as sandbox, _environment(sandbox, options) as (env, _):
        sys.stdout.write(environment.export_lines(env))
        sys.stdout.flush()
        _introduce(sandbox, options)
        if signal.sigwait(held_back) == signal.SIGINT:
            raise KeyboardInterrupt


def _introduce(sandbox: Sandbox, options: Options) -> None:
    """Say what is served, and what to type where it is used."""
    from ssoenv.sandbox import environment

    screen.say(f"serving at {sandbox.url}; Ctrl-C ends it")
    for line in environment.introduction(sandbox.world):
        screen.note(line)
    if options.env_file:
        screen.hint(f". {dialects.word(os.path.abspath(options.env_file))}")
    screen.hint(environment.command(sandbox.world))


@spread(options=Options)
def run(words: Annotated[list[str], typer.Argument(metavar="-- CMD...")], options: Options) -> None:
    """Serve while CMD runs, in a HOME that is thrown away; exit with its code."""
    from ssoenv.sandbox import environment, foreground

    world = _world(options)
    for number in foreground.ENDING:
        signal.signal(number, _leave)
    with _sandbox(options, world) as sandbox, _environment(sandbox, options) as (env, folder):
        home = f"{folder}/home"
        sandbox.write_home(home)
        sandbox.write_administrators(home)
        environment.quiet_shells(home)
        _tell_how_to_hook(words)
        own = environment.of_its_own(os.environ, env)
        code = foreground.run(words, own | env | {"HOME": home})
    raise typer.Exit(code)


def _tell_how_to_hook(words: list[str]) -> None:
    """Say what a shell for a person lacks in a HOME without rc files, and how it gets that."""
    if len(words) == 1 and os.path.basename(words[0]) in dialects.SHELLS:
        screen.say("a home of its own, until you leave this shell; to have ssoenv in it, run:")
        screen.hint("ssoenv setup")


def _sandbox(options: Options, world: World | None) -> Sandbox:
    """Return the sandbox that the options describe, in `world`. Raises UsageError."""
    with extra.needed_by("the sandbox"):
        from ssoenv.sandbox.server import Sandbox
    sandbox = Sandbox(
        world=world,
        approve=options.approve,
        user=options.user,
        token_ttl=options.token_ttl,
        credentials_ttl=options.credentials_ttl,
        port=options.port,
        pace=_pace(options),
    )
    for one in options.fault or ():
        _break(sandbox, one)
    return sandbox


def _break(sandbox: Sandbox, told: str) -> None:
    """Have calls of `sandbox` fail as an option says, CALL=HOW or CALL=HOW:TIMES.

    HOW is a status, the name of an error, or a word of the handle. Raises UsageError.
    """
    operation, _, how = told.partition("=")
    how, _, times = how.partition(":")
    fault: dict[str, str | int] = {"how": how}
    if how.isdecimal() and how.isascii():
        fault = {"status": int(how[:9])}
    elif how[:1].isupper():
        fault = {"error": how}
    try:
        sandbox.break_calls(operation, int(times[:9] or 1), **fault)
    except (UsageError, ValueError) as error:
        message = str(error) if isinstance(error, UsageError) else f"{times!r} is no number"
        fix = "ssoenv sandbox serve --fault CreateToken=503:2"
        raise UsageError(f"--fault {told}: {message}", fix=fix) from None


def _pace(options: Options) -> Pace:
    """Return how slow and how strict the sandbox is to be."""
    from ssoenv.sandbox.pace import Pace

    burst = options.burst or max(1, round(options.rate))
    latency = options.latency / 1000
    return Pace(
        *(latency, options.rate, burst, options.retry_after),
        *(options.provisioning, options.strict_refresh),
    )


def _world(options: Options) -> World | None:
    """Check the options, and return the world that they describe; None for the built-in one.

    A file may take its time, so it is read before signals are held back. Raises UsageError or
    InvalidConfiguration.
    """
    from ssoenv.sandbox import world, world_file

    _check(options)
    if options.organization:
        return world.organization()
    if options.large:
        return world.large(options.accounts, options.roles or 0)
    if options.accounts:
        return world.synthetic(options.accounts, options.roles or 4)
    return world_file.load(options.world) if options.world else None


def _check(options: Options) -> None:
    if not bounds.is_rate(options.rate):
        least, most = f"{bounds.SLOWEST:f}", bounds.FASTEST
        raise UsageError(f"--rate {options.rate}: {least} to {most} calls a second, or 0")
    if not bounds.holds(options.provisioning, 0, bounds.SECONDS):  # it may be no number at all
        raise UsageError(f"--provisioning {options.provisioning}: 0 to {bounds.SECONDS} seconds")
    if options.approve not in ("ask", "auto", "deny"):
        raise UsageError(f"--approve {options.approve!r}: one of ask, auto, deny")
    if (options.burst or options.retry_after) and not options.rate:
        raise UsageError(
            "--burst and --retry-after need --rate",
            fix="ssoenv sandbox serve --rate 20 --burst 40",
        )
    _check_world(options)


def _check_world(options: Options) -> None:
    made = options.accounts or options.large
    if (options.world and made) or (options.organization and (made or options.world)):
        raise UsageError("either --world, --organization, or --accounts and --large, not both")
    if options.roles and not made:
        fix = "ssoenv sandbox serve --accounts 100 --roles 4"
        raise UsageError("--roles needs --accounts", fix=fix)


@contextmanager
def _environment(sandbox: Sandbox, options: Options) -> Iterator[tuple[dict[str, str], str]]:
    """Yield the environment that points at `sandbox`, and a folder; both last while it is open."""
    from ssoenv.sandbox import environment

    with tempfile.TemporaryDirectory(
        prefix="ssoenv-sandbox-", ignore_cleanup_errors=True
    ) as folder:
        env = sandbox.environment(folder, os.environ)
        with environment.kept(options.env_file, env):
            yield env, folder


def _leave(number: int, _: FrameType | None) -> NoReturn:
    """End by the signal `number`, but tidy up on the way out."""
    sys.exit(128 + number)
