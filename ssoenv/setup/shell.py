"""A shell with the hook, and without it again: what changes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ssoenv import here
from ssoenv.aws_files import found_blocks, managed_profiles, storage
from ssoenv.base import file_changes, files, paths
from ssoenv.base.dialects import SHELLS
from ssoenv.base.errors import InvalidConfiguration
from ssoenv.base.models import MANAGED
from ssoenv.base.values import dataclass
from ssoenv.shells import binding_rendering, rc_block, rc_files, rendering, source, tab
from ssoenv.shells import hook as hook_text
from ssoenv.trust import grants, renewal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ssoenv.base.errors import SsoenvError
    from ssoenv.base.file_changes import Change


@dataclass(frozen=True, slots=True)
class Undo:
    """What taking ssoenv out of `shells` changes: files, and with `profile` that of the AWS config.

    `by_hand` are files with a line that loads ssoenv, and that is not ours to take out; `last`:
    no other shell is set up; `obstacle` is what keeps us from the AWS config, if anything does.
    """

    changes: tuple[Change, ...]
    profile: bool
    shells: tuple[str, ...]
    by_hand: tuple[str, ...]
    last: bool
    obstacle: InvalidConfiguration | None = None


def plan(shell: str, env: Mapping[str, str], *, prompt: bool, show: bool) -> list[Change]:
    """Return what has to change for `shell` to have the hook and its completions."""
    kept, program = hook_text.kept_file(env, shell), hook_text.command_line()
    lines = tab.lines(shell, rc_files.completion_file(shell, env), f"{paths.state(env)}/zcompdump")
    block = rc_block.block(shell, kept, program, lines, prompt=prompt)
    return rc_files.plan(shell, env, block, show=show)


def install(changes: Sequence[Change], shell: str, env: Mapping[str, str]) -> list[str]:
    """Make `changes`, and render the hook; return the backups. Raises OSError or SsoenvError.

    What was trusted before ssoenv was taken out is rendered again, and served.
    """
    hook_text.render(shell, env)
    source.write(env)
    backups = file_changes.make(changes, env)
    if grants.directories(env):
        renewal.grant_anew(env)
    return backups


def plan_undo(shells: Iterable[str], env: Mapping[str, str]) -> Undo:
    """Return what has to change for `shells` to be without ssoenv.

    The managed profile goes with the last shell: programs that no hook sees use it, too.
    """
    wanted = tuple(shells)
    found = {
        shell: rc_files.plan_undo(shell, env, hook_text.kept_file(env, shell)) for shell in wanted
    }
    left = (shell for shell in SHELLS if shell not in wanted)
    used = any(rc_files.has_block(path) for shell in left for path in rc_files.of_shell(shell, env))
    profile, obstacle = False, None
    try:
        profile = not used and managed_profiles.can_be_retracted(env)
    except InvalidConfiguration as problem:
        obstacle = InvalidConfiguration(
            f"what ssoenv wrote into your AWS config stays there: {problem.message}",
            problems=problem.problems,
            advice="once that is mended, run ssoenv setup --undo again",
        )
    return Undo(
        changes=tuple(change for changes in found.values() for change in changes),
        profile=profile,
        shells=tuple(shell for shell, changes in found.items() if changes),
        by_hand=tuple(path for shell in wanted for path in rc_files.by_hand(shell, env)),
        last=not used,
        obstacle=obstacle,
    )


def describe(plan: Undo, env: Mapping[str, str]) -> list[str]:
    """Return the changes of `plan` as lines for a person."""
    lines = diff(plan.changes)
    if plan.profile:
        lines.append(f"remove [profile {MANAGED}] from {paths.aws_config_file(env)}\n")
    return lines


def undo(plan: Undo, env: Mapping[str, str]) -> list[str]:
    """Make the changes of `plan`; return the backups. Raises OSError or SsoenvError.

    A running shell finds that what it has is no longer current, looks again, and misses the file of
    its hook: then the hook takes itself out, and leaves nothing behind.
    """
    backups = file_changes.make(plan.changes, env)
    binding_rendering.expire_all(env)
    rendering.retract_everything(env)
    if plan.profile:
        if not found_blocks.labels(env):
            files.remove(paths.source_file(env))
        files.settle(paths.state(env))
        # Last, for it tells that there is something to undo, wherever this was stopped.
        managed_profiles.retract(env)
    return backups


def forget_state(env: Mapping[str, str]) -> SsoenvError | None:
    """Remove the state folder: what is trusted, chosen and listed, and the backups.

    Returns why the key of what is sealed there stays in the keyring, if it does.
    """
    stays = storage.remove_sealed(env)
    files.remove_folder(os.path.realpath(paths.state(env)))
    return stays


def diff(changes: Iterable[Change]) -> list[str]:
    """Return `changes` as lines of a unified diff; files of ours only by their names.

    Of a start-up file it shows our block and no line of the person's, which may hold a secret.
    """
    lines: list[str] = []
    for change in changes:
        if change.ours:
            verb = "renew" if change.before is not None else "write"
            verb = "remove" if change.after is None else verb
            lines.append(f"{verb} {change.path}\n")
            continue
        before, after = (
            (text or b"").decode("utf-8", "replace") for text in (change.before, change.after)
        )
        old = change.path if change.before is not None else "/dev/null"
        new = change.path if change.after is not None else "/dev/null"
        lines += [f"--- {old}\n", f"+++ {new}\n", *rc_block.diff(before, after)]
    return lines


def how_to_hook(shell: str, env: Mapping[str, str]) -> str:
    """Return the command after which this `shell`, which has no hook, has one."""
    installed = any(rc_files.has_block(path) for path in rc_files.of_shell(shell, env))
    return f"exec {shell}" if installed else here.SETUP
