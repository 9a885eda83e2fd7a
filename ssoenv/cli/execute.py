"""``ssoenv exec``: one command with credentials in its environment, and its exit code."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from ssoenv.cli.export import variables
from ssoenv.cli.wanted import find
from ssoenv.errors import SsoenvError, UsageError

NOT_FOUND, NOT_EXECUTABLE = 127, 126  # what every shell answers


def register(app: typer.Typer) -> None:
    """Add the command."""
    settings = {"allow_interspersed_args": False, "ignore_unknown_options": False}
    app.command("exec", context_settings=settings)(execute)


def execute(
    context: typer.Context,
    words: Annotated[list[str] | None, typer.Argument(metavar="[ACCOUNT/ROLE] -- CMD...")] = None,
    profile: Annotated[
        str | None, typer.Option("--profile", "-p", help="A profile of the project here.")
    ] = None,
) -> None:
    """Run one command with credentials in its environment; its exit code is ours."""
    target, command = split(words or [], context.obj)
    wanted = find(target, profile, os.environ)
    credentials = wanted.obtain(" ".join(["ssoenv exec", os.path.basename(command[0])]), os.environ)
    dropped = {"AWS_PROFILE", "AWS_DEFAULT_PROFILE"}
    env = {name: value for name, value in os.environ.items() if name not in dropped}
    env |= variables(wanted, credentials) | {"AWS_SSO_PROFILE": wanted.label}
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        os.execvpe(command[0], command, env)  # noqa: S606 - running it is the point
    except FileNotFoundError:
        raise CommandFailed(f"{command[0]}: command not found", NOT_FOUND) from None
    except PermissionError:
        raise CommandFailed(f"{command[0]}: not executable", NOT_EXECUTABLE) from None


class CommandFailed(SsoenvError):
    """The command of ``exec`` could not be started; its exit code is what a shell would give."""

    code = "command-failed"

    def __init__(self, message: str, exit_code: int) -> None:
        """Keep `message` and `exit_code`."""
        super().__init__(message)
        self.exit_code = exit_code


def split(words: list[str], arguments: list[str]) -> tuple[str | None, list[str]]:
    """Return the target, if one stands before the ``--`` of `arguments`, and the command."""
    after = arguments[arguments.index("--") + 1 :] if "--" in arguments else words
    before = words[: len(words) - len(after)]
    if not after:
        raise UsageError("no command to run", hint="ssoenv exec -- aws sts get-caller-identity")
    if len(before) > 1:
        raise UsageError(
            f"unexpected {before[1]!r} before --", hint="ssoenv exec ACCOUNT/ROLE -- CMD"
        )
    return (before[0] if before else None), after
