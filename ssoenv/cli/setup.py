"""``ssoenv setup``: the hook in the rc file, completions, a first session, a first sign-in."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from ssoenv import here, sign_in, surroundings
from ssoenv.aws_files import config as aws_config
from ssoenv.aws_files import edits, session_sections
from ssoenv.base import dialects, paths
from ssoenv.base.errors import SsoenvError, UsageError
from ssoenv.cli import parsing, screen
from ssoenv.report.describe import describe
from ssoenv.setup import answers
from ssoenv.setup import plan as plans
from ssoenv.setup import session as sessions
from ssoenv.setup import shell as shells
from ssoenv.shells import detect
from ssoenv.shells import hook as hook_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ssoenv.base.models import Session
    from ssoenv.setup.plan import Plan
    from ssoenv.setup.shell import Undo

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
    given = answers.given(start_url, region, session, env, typed=typed, alone=alone)
    if undo:
        _require_alone(show, given)
        _undo(shell, env, given.again("--yes"), yes=yes)
        return
    name = dialects.require_shell(shell or detect.shell(env), command="ssoenv setup --shell")
    plan = plans.plan(name, given, env, screen, prompt=prompt, alone=alone)
    if show:
        _print(plan, env)
    else:
        _set_up(plan, env, given.again("--yes"), yes=yes)


def _require_alone(*others: object) -> None:
    if any(others):
        raise UsageError(
            "--undo goes without --print and without a session", fix="ssoenv setup --undo"
        )


def _print(plan: Plan, env: Mapping[str, str]) -> None:
    """Write what would change to stdout; where nothing would, say so, and what to run next."""
    lines = plan.show()
    sys.stdout.write("".join(lines))
    if not lines:
        screen.say(f"{COMPLETE}, and nothing would change; next:", style="good")
        for step in describe(here.working_directory(env), env, plan.shell).next:
            screen.hint(step)


def _set_up(plan: Plan, env: Mapping[str, str], again: str, *, yes: bool) -> None:
    """Ask, make the changes, offer to sign in and to bind, and end with what to run next."""
    code, directory = 0, here.working_directory(env)
    if _agreed(plan.show(), COMPLETE, again, yes=yes):
        plans.make(plan, env, screen)
        if plan.choice is not None and not yes and screen.interactive():
            code = _go_on(plan.choice.session, directory, env)
    screen.say("next:", style="strong")
    for step in describe(directory, env, plan.shell).next:
        screen.hint(step)
    if code:
        raise typer.Exit(code)


def _go_on(session: Session, directory: str, env: Mapping[str, str]) -> int:
    """Offer a sign-in, and a binding for `directory`, where they are not there already.

    Returns the exit code of what was refused; a session that was refused can be corrected.
    """
    bindable = not here.holds_home(directory, env) and here.look(directory, env).status == "none"
    if not sessions.is_signed_in(session, env):
        also = f", and bind {directory} to a role" if bindable else ""
        if not screen.confirm(f"Sign in to {session.label} now{also}?"):
            return 0
        session, code = _sign_in(session, env)
        if code:
            return code
    elif bindable and not screen.confirm(f"Bind {directory} to a role?"):
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


def _undo(shell: str | None, env: Mapping[str, str], again: str, *, yes: bool) -> None:
    """Take ssoenv out of `shell`, or of every one; ask about what a person may want to keep."""
    command = "ssoenv setup --undo --shell"
    wanted = (dialects.require_shell(shell, command=command),) if shell else dialects.SHELLS
    planned = shells.plan_undo(wanted, env)
    lines = shells.describe(planned, env)
    if not _agreed(lines, "there is nothing to take back", again, yes=yes):
        return
    if lines:
        _tell_undone(planned, shells.undo(planned, env))
    for path in planned.by_hand:
        screen.note(f"a line of your own in {path} loads ssoenv: take it out by hand")
    if not yes and screen.interactive():
        _offer_to_sign_out(env)
        _offer_to_forget(env)
    for left in _left(env):
        screen.note(left)


def _tell_undone(done: Undo, backups: Sequence[str]) -> None:
    _tell_backups(backups)
    what = f"without ssoenv from now on: {', '.join(done.shells)}"
    screen.say(what if done.shells else "the managed profile is taken out", style="good")
    if done.shells:
        screen.note("a running shell gives its role back at its next prompt")


def _offer_to_sign_out(env: Mapping[str, str]) -> None:
    """Ask about tokens and credentials, which the AWS CLI may use, too.

    This comes before the sessions go: without them nobody could tell whose tokens those are.
    """
    folders = sign_in.secrets_left(env)
    if not folders:
        return
    screen.note(f"you are signed in: tokens and credentials are in {' and '.join(folders)}")
    if not screen.confirm("Sign out of everything, too?"):
        return
    try:
        sign_in.sign_out_everywhere(env)
    except SsoenvError as failure:
        screen.say(failure.message, style="warning")
        screen.note(failure.advice or "")


def _offer_to_forget(env: Mapping[str, str]) -> None:
    """Ask about each session, which the AWS CLI may use, too, and about the state folder."""
    for name, session in aws_config.sessions(env).items():
        screen.note(f"your AWS config has [sso-session {name}], for {session.start_url}")
        if screen.confirm("Remove it, too?"):
            edits.apply(env, session_sections.removed(name))
    if os.path.isdir(paths.state(env)):
        screen.note(f"what is trusted, and the backups, are in {paths.state(env)}")
        if screen.confirm("Forget them, too?"):
            shells.forget_state(env)


def _left(env: Mapping[str, str]) -> list[str]:
    """Return what stays, in words."""
    names = ", ".join(aws_config.sessions(env))
    state = paths.state(env)
    secrets = sign_in.secrets_left(env)
    signed_in = f"you stay signed in, by {' and '.join(secrets)}; to end that: ssoenv logout --all"
    return [
        *([signed_in] if secrets else []),
        *([f"sessions stay in {paths.aws_config_file(env)}: {names}"] if names else []),
        *([f"what is trusted stays in {state}"] if os.path.isdir(state) else []),
    ]


def _agreed(lines: Sequence[str], nothing: str, fix: str, *, yes: bool) -> bool:
    """Show the changes in `lines`, or say that there is `nothing`; whether the person agrees.

    Raises UsageError where nobody can be asked, with what to run instead.
    """
    if not lines:
        screen.say(nothing, style="good")
        return True
    _show(lines)
    if yes:
        return True
    if not screen.interactive():
        raise UsageError("nobody is here to agree", fix=fix)
    if screen.confirm("Apply these changes?"):
        return True
    screen.say("nothing was changed")
    return False


def _show(lines: Sequence[str]) -> None:
    screen.say("this is what changes:", style="strong")
    for line in "".join(lines).splitlines():
        style = "good" if line.startswith("+") else "error" if line.startswith("-") else ""
        screen.note(line, style=style)


def _tell_backups(backups: Sequence[str]) -> None:
    for backup in backups:
        screen.note(f"the file as it was: {backup}")
