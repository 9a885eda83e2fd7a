"""``ssoenv exec``: one command with credentials in its environment, and its exit code."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from ssoenv import surroundings
from ssoenv import target as targets
from ssoenv.base import cores, dialects
from ssoenv.base.errors import NOT_EXECUTABLE, NOT_FOUND, CommandFailed, UsageError
from ssoenv.cli import screen
from ssoenv.cli.options import ProfileOption, RegionOption, SessionOption
from ssoenv.cli.parsing import Command, empty
from ssoenv.cli.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssoenv.credentials.endpoint import Endpoint

_COMMAND = "ssoenv.exec.command"
_EXAMPLE = "ssoenv exec ACCOUNT/ROLE -- aws sts get-caller-identity"


class _Command(Command):
    """Takes what follows the first ``--`` away before anything is parsed: it is not ours."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        """Parse what is ours; without a ``--`` that ends at the first word of the command."""
        if "--" in args:
            at = args.index("--")
            ctx.meta[_COMMAND] = args[at + 1 :]
            ctx.allow_interspersed_args = True
            args = args[:at]
        rest = super().parse_args(ctx, args)
        if _COMMAND in ctx.meta and "" in (ctx.params.get("words") or ()):
            raise empty("exec", "ACCOUNT/ROLE")
        return rest


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("exec", cls=_Command, context_settings={"allow_interspersed_args": False})(execute)


def execute(
    context: typer.Context,
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[ACCOUNT/ROLE] -- CMD...",
            help="The role, else that of this directory; and what to run.",
        ),
    ] = None,
    profile: ProfileOption = None,
    session: SessionOption = None,
    region: RegionOption = None,
    nothing: Annotated[
        bool,
        typer.Option("--none", help="No role, and nothing of ssoenv, in its environment."),
    ] = False,
    clean: Annotated[
        bool,
        typer.Option(
            "--clean", help="Of your environment only what every program needs: PATH, HOME, TERM."
        ),
    ] = False,
    serve: Annotated[
        bool,
        typer.Option(
            "--serve", help="No keys: an address that gives them, renewed for as long as it runs."
        ),
    ] = False,
    serve_on: Annotated[
        str | None,
        typer.Option(
            "--serve-on", metavar="ADDRESS[:PORT]", help="The same, on an address for containers."
        ),
    ] = None,
) -> None:
    """Run one command with credentials in its environment; exit with its code."""
    env = os.environ
    target, command = _split(words or [], context.meta.get(_COMMAND))
    where = serve_on or ("127.0.0.1" if serve else None)
    if nothing:
        _refuse_role(target or profile or session or region, where)
        run(command, _base(surroundings.without_ours(env), clean=clean))
    wanted = targets.resolve(target, profile, session, env).at(region)
    base = _base(surroundings.without_roles(env), clean=clean)
    name = f"ssoenv exec {os.path.basename(command[0])}"
    if where:
        run(command, wanted.serve(name, _listen(where), env, Terminal(), base))
    run(command, wanted.environment(wanted.obtain(name, env, Terminal()), base))


def run(command: list[str], env: Mapping[str, str]) -> None:
    """Become `command`, with `env`. Raises CommandFailed where it cannot be started.

    Python ignores two signals, and what it becomes would go on ignoring them: a command whose
    reader has gone would not end.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    cores.allow()
    try:
        os.execvpe(command[0], command, env)  # noqa: S606 - running it is the point
    except FileNotFoundError:
        raise CommandFailed(f"{command[0]}: command not found", NOT_FOUND) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "cannot be run"
        raise CommandFailed(f"{command[0]}: {reason}", NOT_EXECUTABLE) from None


def _base(env: dict[str, str], *, clean: bool) -> dict[str, str]:
    """Return what of `env` the command is to have, beside a role."""
    return surroundings.plain(env) if clean else env


def _listen(where: str) -> Endpoint:
    """Return an endpoint that listens there. Raises UsageError."""
    from ssoenv.credentials import endpoint

    address = endpoint.parse_address(where)
    if not address.is_for_sdks:
        known = ", ".join(endpoint.FOR_CONTAINERS)
        screen.say(f"SDKs take no credentials from {address.host}", style="warning")
        screen.note(f"they do from loopback, and from {known}")
    return endpoint.Endpoint(address)


def _refuse_role(named: str | None, serves: str | None) -> None:
    """Raise UsageError where a role is `named`, or given by an address, beside ``--none``."""
    if serves:
        what = "--serve gives credentials, and --none goes without"
        raise UsageError(what).without("--serve", "--serve-on")
    if named:
        raise UsageError("--none goes without a role", fix="ssoenv exec --none -- CMD")


def _split(words: list[str], after: list[str] | None) -> tuple[str | None, list[str]]:
    """Return the target, if one stands before the ``--``, and the command; `after` follows it."""
    command = words if after is None else after
    if not command or not command[0]:
        raise UsageError("no command to run", fix=_EXAMPLE)
    if after is None:
        if "/" in words[0] and not os.path.exists(words[0]):
            raise UsageError(
                f"{words[0]!r} is no program, and a role goes before --",
                fix=f"ssoenv exec {dialects.word(words[0])} -- {dialects.line(words[1:]) or 'CMD'}",
            )
        return None, words
    if len(words) > 1:
        raise UsageError(
            f"unexpected {words[1]!r} before --", fix="ssoenv exec ACCOUNT/ROLE -- CMD"
        )
    return (words[0] if words else None), command
