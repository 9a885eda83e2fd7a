"""``ssoenv setup``: the hook in the rc file, completions, a first session, a first sign-in."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from ssoenv import here, surroundings
from ssoenv.base import dialects
from ssoenv.base.errors import UsageError
from ssoenv.cli import agreement, parsing, screen
from ssoenv.cli import undo as undoing
from ssoenv.report.describe import describe
from ssoenv.setup import answers
from ssoenv.setup import plan as plans
from ssoenv.setup import session as sessions
from ssoenv.shells import detect
from ssoenv.shells import hook as hook_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssoenv.base.models import Session
    from ssoenv.setup.plan import Plan

COMPLETE = "everything is as setup would make it"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("setup")(setup)


def setup(
    context: typer.Context,
    shell: Annotated[
        str | None,
        typer.Option(
            "--shell",
            metavar="bash|zsh|fish",
            help="Default: your current shell; for --undo: every one.",
        ),
    ] = None,
    show: Annotated[
        bool, typer.Option("--print", help="Show what would change; do nothing.")
    ] = False,
    undo: Annotated[
        bool, typer.Option("--undo", help="Take everything out again, running shells included.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    prompt: Annotated[
        bool, typer.Option("--prompt/--no-prompt", help="Put the role in front of your prompt.")
    ] = True,
    session: Annotated[
        str | None,
        typer.Option("--session", "-s", help="What your team calls your Identity Center."),
    ] = None,
    start_url: Annotated[
        str | None, typer.Option("--start-url", help="Its start URL, to add it to your AWS config.")
    ] = None,
    region: Annotated[str | None, typer.Option("--region", help="The AWS region it is in.")] = None,
) -> None:
    """Add ssoenv to your shell, and tell it where your Identity Center is."""
    env, typed = os.environ, parsing.typed(context)
    alone = yes or show or not screen.interactive()
    if undo:
        _require_alone(show, start_url, region, session)
    given = answers.given(start_url, region, session, env, typed=typed, alone=alone)
    if undo:
        undoing.undo(shell, env, given.again("--yes"), yes=yes)
        return
    name = dialects.require_shell(shell or detect.shell(env), command="ssoenv setup --shell")
    plan = plans.plan(name, given, env, screen, prompt=prompt, alone=alone, show=show)
    if show:
        _print(plan, env)
    else:
        _set_up(plan, env, given.typed, given.again("--yes"), yes=yes)


def _require_alone(*others: object) -> None:
    if any(one not in (None, False) for one in others):
        raise UsageError(
            "--undo goes without --print and without a session", fix="ssoenv setup --undo"
        )


def _print(plan: Plan, env: Mapping[str, str]) -> None:
    """Write what would change to stdout; where nothing would, say so, and what to run next."""
    lines = plan.show()
    sys.stdout.write("".join(lines))
    if not lines:
        screen.say(f"{COMPLETE}, and nothing would change; next:", style="good")
        _tell_next(describe(here.working_directory(env), env, plan.shell).next)


def _tell_next(steps: tuple[str, ...]) -> None:
    """Tell what to run next: commands, or a sentence with one."""
    for step in steps:
        tell = screen.note if "; " in step else screen.hint
        tell(step)


def _set_up(plan: Plan, env: Mapping[str, str], typed: str, again: str, *, yes: bool) -> None:
    """Ask, make the changes, offer to sign in and to bind, and end with what to run next.

    After a no that is the line as it was `typed`.
    """
    code, directory = 0, here.working_directory(env)
    steps: tuple[str, ...] = (typed,)
    if agreement.agreed(plan.show(), COMPLETE, again, yes=yes):
        plans.make(plan, env, screen)
        if plan.choice is not None and not yes and screen.interactive():
            code = _go_on(plan.choice.session, directory, env)
        steps = describe(directory, env, plan.shell).next
    screen.say("next:", style="strong")
    _tell_next(steps)
    if code:
        raise typer.Exit(code)


def _go_on(session: Session, directory: str, env: Mapping[str, str]) -> int:
    """Offer a sign-in, and a binding for `directory`, where they are not there already.

    Returns the exit code of what was refused; a session that was refused can be corrected.
    """
    bindable = not here.holds_home(directory, env) and here.look(directory, env).status == "none"
    if not sessions.is_signed_in(session, env):
        also = f", and bind {directory} to a role" if bindable else ""
        later = "ssoenv login signs in, whenever you like"
        if not screen.confirm(f"Sign in to {session.label} now{also}?", left=later):
            return 0
        session, code = _sign_in(session, env)
        if code:
            return code
    elif bindable and not screen.confirm(f"Bind {directory} to a role?", left="nothing was bound"):
        return 0
    return _bind(session) if bindable else 0


def _sign_in(session: Session, env: Mapping[str, str]) -> tuple[Session, int]:
    """Sign in, with the address corrected as often as it takes; return the session and the code."""
    while code := _run("login", session.label):
        corrected = sessions.correct(session, env, screen)
        if corrected is None:
            return session, code
        session = corrected
    return session, 0


def _bind(session: Session) -> int:
    screen.note(
        f"AWS commands here will use {session.region}, the region of your Identity Center;"
        " another: ssoenv bind --region REGION"
    )
    return _run("bind", "--session", session.label, "--region", session.region)


def _run(*arguments: str) -> int:
    """Run another command of ours; return its exit code. What this shell lacks we say ourselves."""
    env = os.environ | {surroundings.HOOK_MARK: "setup"}
    return subprocess.run([*hook_text.command_line(), *arguments], env=env, check=False).returncode
