"""``ssoenv setup``: the hook in the rc file, completions, a first session, a first sign-in."""

from __future__ import annotations

import difflib
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from ssoenv.aws_files import config as aws_config
from ssoenv.aws_files import managed_profiles
from ssoenv.base import dialects, paths
from ssoenv.base.dialects import printable
from ssoenv.base.errors import UsageError
from ssoenv.base.models import Session
from ssoenv.binding import file as binding_file
from ssoenv.cli import screen
from ssoenv.shells import detect, rc_files
from ssoenv.shells import hook as hook_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ssoenv.shells.rc_files import Change

SCOPES = ("sso:account:access",)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("setup")(setup)


def setup(
    shell: Annotated[
        str | None, typer.Option("--shell", metavar="bash|zsh|fish", help="Else the one you run.")
    ] = None,
    show: Annotated[
        bool, typer.Option("--print", help="Show what would change; do nothing.")
    ] = False,
    undo: Annotated[
        bool, typer.Option("--undo", help="Take the hook and the completions out again.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    prompt: Annotated[
        bool, typer.Option("--prompt/--no-prompt", help="Put the role in front of your prompt.")
    ] = True,
    session: Annotated[
        str | None, typer.Option("--session", "-s", help="What to call your Identity Center.")
    ] = None,
    start_url: Annotated[
        str | None, typer.Option("--start-url", help="Its start URL, to add it to your AWS config.")
    ] = None,
    region: Annotated[str | None, typer.Option("--region", help="The AWS region it is in.")] = None,
) -> None:
    """Set ssoenv up in your shell, and your first Identity Center with it."""
    env = os.environ
    chosen = dialects.require_shell(shell or detect.shell(env), command="ssoenv setup --shell")
    if undo and (show or start_url):
        raise UsageError("--undo stands alone", hint="ssoenv setup --undo")
    changes = _plan_undo(chosen, env) if undo else _plan(chosen, env, prompt=prompt)
    if show:
        sys.stdout.write("".join(_diff(changes)))
        return
    if not _make(changes, env, yes=yes, undo=undo):
        return
    if undo:
        screen.say(f"{chosen} starts without ssoenv from now on", style="good")
        screen.note(f"sessions and our profiles stay in {paths.aws_config_file(env)}")
        return
    hook_text.render(chosen, env)
    screen.say(f"{chosen} has ssoenv from its next start on, or now: exec {chosen}", style="good")
    added = _add_session(session, start_url, region, env)
    if yes or not screen.interactive():
        return
    _go_on(added, env)


def _plan(shell: str, env: Mapping[str, str], *, prompt: bool) -> list[Change]:
    kept, program = hook_text.kept_file(env, shell), hook_text.program()
    text = rc_files.block(shell, env, kept, program, prompt=prompt)
    return rc_files.plan(shell, env, text)


def _plan_undo(shell: str, env: Mapping[str, str]) -> list[Change]:
    return rc_files.plan_undo(shell, env, hook_text.kept_file(env, shell))


def _make(
    changes: Sequence[Change], env: Mapping[str, str], *, yes: bool, undo: bool = False
) -> bool:
    """Show `changes` and make them, if the person agrees; whether they are made."""
    if not changes:
        if not undo:
            screen.say("everything is as setup would make it", style="good")
        return True
    screen.say("this is what changes:", style="strong")
    for line in "".join(_diff(changes)).splitlines():
        style = "good" if line.startswith("+") else "error" if line.startswith("-") else ""
        sys.stderr.write(f"  {screen.paint(printable(line), style, sys.stderr)}\n")
    if not yes:
        if not screen.interactive():
            raise UsageError(
                "nobody is here to agree", hint=f"ssoenv setup {'--undo ' if undo else ''}--yes"
            )
        if not screen.confirm("Change it so?"):
            screen.say("nothing was changed")
            return False
    for backup in rc_files.make(changes, env):
        screen.note(f"the file as it was: {backup}")
    return True


def _diff(changes: Sequence[Change]) -> list[str]:
    """Return `changes` as a unified diff; files of ours only by name."""
    lines: list[str] = []
    for change in changes:
        if os.path.basename(change.path) in (
            ".bashrc",
            ".zshrc",
            "config.fish",
        ) or change.path.endswith(("profile", "login")):
            before, after = (
                (text or b"").decode("utf-8", "replace").splitlines(keepends=True)
                for text in (change.before, change.after)
            )
            old = change.path if change.before is not None else "/dev/null"
            new = change.path if change.after is not None else "/dev/null"
            lines += difflib.unified_diff(before, after, old, new, n=2)
        else:
            what = (
                "remove" if change.after is None else "write" if change.before is None else "renew"
            )
            lines.append(f"{what} {change.path}\n")
    return lines


def _add_session(
    name: str | None, start_url: str | None, region: str | None, env: Mapping[str, str]
) -> str | None:
    """Return the session to go on with: one that is there, or one of what is given or asked."""
    known = [session.label for session in aws_config.instances(env)]
    if start_url is None and known:
        screen.say(f"your AWS config has: {', '.join(known)}")
        return known[0] if len(known) == 1 else None
    if start_url is None:
        if not screen.interactive():
            return None
        screen.say("your AWS config names no Identity Center yet; its start URL looks like")
        screen.note("https://acme.awsapps.com/start   (Enter skips this)")
        start_url = screen.ask("Start URL: ")
        if not start_url:
            return None
        region = region or screen.ask("Its region, such as eu-west-1: ")
        name = name or screen.ask("What to call it [default]: ") or "default"
    if not region:
        raise UsageError(
            "a session needs its region", hint="ssoenv setup --start-url URL --region R"
        )
    name = name or "default"
    if name in known:
        raise UsageError(
            f"there is an [sso-session {name}] already", hint="ssoenv setup --session NAME"
        )
    if not binding_file.START_URL.fullmatch(start_url):
        raise UsageError(
            f"{start_url!r} is not an https address",
            advice="such as https://acme.awsapps.com/start",
        )
    if not binding_file.REGION.fullmatch(region):
        raise UsageError(f"{region!r} is not a region", advice="such as eu-west-1")
    managed_profiles.append_session(env, Session(name, start_url, region, SCOPES, "ssoenv setup"))
    screen.say(f"added [sso-session {name}] to {paths.aws_config_file(env)}", style="good")
    return name


def _go_on(session: str | None, env: Mapping[str, str]) -> None:
    """Offer a sign-in, and then a binding for the directory we are in."""
    if session is None or not screen.confirm(f"Sign in to {session} now?"):
        screen.say("next: cd to a project, and: ssoenv bind")
        return
    _run("login", session)
    if os.getcwd() != paths.home(env) and screen.confirm(f"Bind {os.getcwd()} to a role?"):
        _run("bind", "--session", session)


def _run(*arguments: str) -> None:
    """Run another command of ours; where it fails, this one ends like it."""
    code = subprocess.run([*hook_text.program(), *arguments], check=False).returncode
    if code:
        raise typer.Exit(code)
