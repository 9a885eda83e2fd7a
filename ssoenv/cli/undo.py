"""``ssoenv setup --undo``: everything out again, and what stays, said."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ssoenv import sign_in
from ssoenv.aws_files import config as aws_config
from ssoenv.aws_files import edits, found_blocks, session_sections
from ssoenv.base import dialects, paths
from ssoenv.base.errors import InvalidConfiguration, SsoenvError
from ssoenv.cli import agreement, screen
from ssoenv.setup import agent_settings
from ssoenv.setup import shell as shells

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ssoenv.base.models import Session
    from ssoenv.setup.shell import Undo


def undo(shell: str | None, env: Mapping[str, str], again: str, *, yes: bool) -> None:
    """Take ssoenv out of `shell`, or of every one; ask about what a person may want to keep."""
    command = "ssoenv setup --undo --shell"
    wanted = (dialects.require_shell(shell, command=command),) if shell else dialects.SHELLS
    planned = shells.plan_undo(wanted, env)
    lines = shells.describe(planned, env)
    told = lines or not planned.obstacle
    if told and not agreement.agreed(lines, "there is nothing to take back", again, yes=yes):
        return
    if lines:
        _tell_undone(planned, shells.undo(planned, env))
    _tell_rest(planned, env, ask=not yes and screen.interactive())
    if planned.obstacle:
        raise planned.obstacle


def _tell_rest(planned: Undo, env: Mapping[str, str], *, ask: bool) -> None:
    """Say what stays; `ask` about what a person may want to be rid of, too.

    Where another shell is set up it needs all of that: of it nothing is said, and nothing asked.
    """
    for path in planned.by_hand:
        screen.note(f"a line of your own in {path} loads ssoenv: take it out by hand")
    if not planned.last:
        return
    for name in agent_settings.written(env):
        screen.note(f"an agent still names the profile: ssoenv agents setup {name} --undo")
    for label in _configured(env):
        screen.note(f"profiles for {label} stay in your AWS config: ssoenv configure --remove")
    if ask:
        _offer_to_sign_out(env)
        _offer_to_forget(env)
    for left in _left(env):
        screen.note(left)


def _sessions(env: Mapping[str, str]) -> Mapping[str, Session]:
    """Return the sessions of the AWS config; none where it cannot be read, which is told apart."""
    try:
        return aws_config.sessions(env)
    except InvalidConfiguration:
        return {}


def _configured(env: Mapping[str, str]) -> tuple[str, ...]:
    """Return the sessions that have profiles of ``ssoenv configure``, in the same way."""
    try:
        return found_blocks.labels(env)
    except InvalidConfiguration:
        return ()


def _tell_undone(done: Undo, backups: Sequence[str]) -> None:
    agreement.tell_backups(backups)
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
    for name, session in _sessions(env).items():
        screen.note(f"your AWS config has [sso-session {name}], for {session.start_url}")
        if screen.confirm("Remove it, too?"):
            edits.apply(env, session_sections.removed(name))
    # What an agent's settings were is kept there, and what profiles run: their undo comes first.
    needed = agent_settings.written(env) or _configured(env)
    if os.path.isdir(paths.state(env)) and not needed:
        screen.note(f"what is trusted, and the backups, are in {paths.state(env)}")
        if screen.confirm("Forget them, too?"):
            stays = shells.forget_state(env)
            if stays:
                screen.say(f"a key stays in the keyring: {stays.message}", style="warning")


def _left(env: Mapping[str, str]) -> list[str]:
    """Return what stays, in words."""
    names = ", ".join(_sessions(env))
    state = paths.state(env)
    secrets = sign_in.secrets_left(env)
    signed_in = f"you stay signed in, by {' and '.join(secrets)}; to end that: ssoenv logout --all"
    return [
        *([signed_in] if secrets else []),
        *([f"sessions stay in {paths.aws_config_file(env)}: {names}"] if names else []),
        *([f"what is trusted stays in {state}"] if os.path.isdir(state) else []),
    ]
