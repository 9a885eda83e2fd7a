"""``ssoenv exec``: one command with credentials in its environment, and its exit code."""

from __future__ import annotations

import os
import shlex
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from ssoenv import surroundings
from ssoenv import target as targets
from ssoenv.base.errors import NOT_EXECUTABLE, NOT_FOUND, CommandFailed, UsageError
from ssoenv.cli.options import ProfileOption, SessionOption
from ssoenv.cli.parsing import Command
from ssoenv.cli.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Mapping

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
        return super().parse_args(ctx, args)


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
    nothing: Annotated[
        bool,
        typer.Option("--none", help="No role, and nothing of ssoenv, in its environment."),
    ] = False,
) -> None:
    """Run one command with credentials in its environment; exit with its code."""
    env = os.environ
    target, command = _split(words or [], context.meta.get(_COMMAND))
    if nothing:
        _refuse_role(target or profile or session)
        run(command, surroundings.without_ours(env))
    wanted = targets.resolve(target, profile, session, env)
    name = f"ssoenv exec {os.path.basename(command[0])}"
    credentials = wanted.obtain(name, env, Terminal())
    run(command, wanted.environment(credentials, env))


def run(command: list[str], env: Mapping[str, str]) -> None:
    """Become `command`, with `env`. Raises CommandFailed where it cannot be started."""
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        os.execvpe(command[0], command, env)  # noqa: S606 - running it is the point
    except FileNotFoundError:
        raise CommandFailed(f"{command[0]}: command not found", NOT_FOUND) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "cannot be run"
        raise CommandFailed(f"{command[0]}: {reason}", NOT_EXECUTABLE) from None


def _refuse_role(named: str | None) -> None:
    """Raise UsageError where a role is `named` beside ``--none``."""
    if named:
        raise UsageError("--none goes without a role", fix="ssoenv exec --none -- CMD")


def _split(words: list[str], after: list[str] | None) -> tuple[str | None, list[str]]:
    """Return the target, if one stands before the ``--``, and the command; `after` follows it."""
    command = words if after is None else after
    if not command or not command[0]:
        raise UsageError("no command to run", fix=_EXAMPLE)
    if after is None:
        if "/" in words[0] and len(words) > 1 and not os.path.exists(words[0]):
            raise UsageError(
                f"{words[0]!r} is no program, and a role goes before --",
                fix=f"ssoenv exec {shlex.quote(words[0])} -- {shlex.join(words[1:])}",
            )
        return None, words
    if len(words) > 1:
        raise UsageError(
            f"unexpected {words[1]!r} before --", fix="ssoenv exec ACCOUNT/ROLE -- CMD"
        )
    return (words[0] if words else None), command
