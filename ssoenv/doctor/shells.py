"""Versions, the hook in the shell and in its rc file, and the completions."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

from ssoenv import __version__, surroundings
from ssoenv.base import files, programs
from ssoenv.doctor.finding import Finding
from ssoenv.shells import rc_files

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NEEDED = {"bash": (3, 2), "zsh": (5, 1), "fish": (3, 2)}
PROTOCOL = "1"
PATIENCE = 20
"""Seconds that a program has to answer."""
_YES = "completes: login"
_ASK = {
    "bash": "COMP_WORDS=(ssoenv logi) COMP_CWORD=1; ask=$(complete -p ssoenv); ask=${ask##*-F }; "
    f"${{ask%% *}}; [[ ${{COMPREPLY-}} != login ]] || echo '{_YES}'",
    # zsh completes in its line editor only: ask what would be called there, and load it.
    "zsh": "(( ! ${+functions[__ssoenv_load_completion]} )) || __ssoenv_load_completion; "
    "[[ $(bindkey '^I') != *(self-insert|undefined-key) && $_comps[ssoenv] == _ssoenv ]] && "
    f"autoload -Uz +X _ssoenv && [[ $functions[_ssoenv] == *login:* ]] && echo '{_YES}'",
    "fish": f"complete -C 'ssoenv logi' | string match -qr '^login\\b'; and echo '{_YES}'",
}
"""What a new shell is asked, to say whether it completes."""
_QUIET = {"fish": ("--private",)}
_TROUBLE = re.compile(
    r"^\s*(?:export |set -gx |set -x )?(AWS_(?:PROFILE|DEFAULT_PROFILE|ACCESS_KEY_ID"
    r"|SECRET_ACCESS_KEY|SESSION_TOKEN))[= ]"
    r"|^\s*(PROMPT_COMMAND)=|^\s*(precmd_functions|preexec_functions)=\(",
    re.MULTILINE,
)


def versions(env: Mapping[str, str]) -> Iterator[Finding]:
    """Yield what runs us, the AWS CLI, and shells that are too old."""
    python = ".".join(map(str, sys.version_info[:3]))
    yield Finding("versions", "ok", f"ssoenv {__version__}, Python {python}")
    for shell, needed in NEEDED.items():
        found = _version(shell, env)
        if isinstance(found, Finding):
            yield found
        elif found and found < needed:
            yield Finding(
                "versions",
                "wrong",
                f"{shell} {'.'.join(map(str, found))} is older than {'.'.join(map(str, needed))}",
                f"install a newer {shell}",
            )
    cli = _version("aws", env)
    if isinstance(cli, Finding):
        yield cli
    elif cli is None:
        yield Finding("versions", "note", "there is no AWS CLI on your PATH")
    elif cli < (2, 9):
        yield Finding(
            "versions",
            "note",
            f"aws is version {'.'.join(map(str, cli))}, which knows no sso-session",
            "install the AWS CLI v2 to share sign-ins with it",
        )
    else:
        yield Finding("versions", "ok", f"AWS CLI {'.'.join(map(str, cli))}")


def hook(env: Mapping[str, str], shell: str) -> Iterator[Finding]:
    """Yield whether the shell that runs us has the hook, and whether its next start will."""
    paths_ = rc_files.of_shell(shell, env)
    there = [path for path in paths_ if rc_files.has_block(path)]
    loaded = env.get(surroundings.HOOK_MARK)
    if loaded and loaded != PROTOCOL:
        yield Finding(
            "shell", "wrong", "this shell has the hook of another version", f"exec {shell}"
        )
    elif loaded:
        yield Finding("shell", "ok", "this shell has the hook")
    elif there:
        yield Finding("shell", "wrong", "this shell was started without the hook", f"exec {shell}")
    else:
        yield Finding("shell", "wrong", f"{shell} is not set up", "ssoenv setup")
    for path in there:
        trouble = _TROUBLE.search(rc_files.after_block(path))
        if trouble:
            name = next(word for word in trouble.groups() if word)
            yield Finding(
                "shell",
                "wrong",
                f"{path} sets {name} after ssoenv's line, and so against it",
                f"move ssoenv's lines to the end of {path}",
            )
        else:
            yield Finding("shell", "ok", f"{path} loads the hook")


def completions(env: Mapping[str, str], shell: str) -> Iterator[Finding]:
    """Yield whether the completions are there, and are these."""
    path = rc_files.completion_file(shell, env)
    wanted, there = rc_files.completion(shell), files.read_bytes(path)
    if there is None:
        yield Finding("completions", "note", f"{shell} has no completions of ours", "ssoenv setup")
    elif there != wanted:
        yield Finding(
            "completions",
            "wrong",
            f"{path} is of another version",
            "ssoenv setup",
            lambda: files.write_private(path, wanted, mode=0o644),
        )
    else:
        yield _completing(shell, path, env)


def _completing(shell: str, path: str, env: Mapping[str, str]) -> Finding:
    """Return whether TAB offers ``login`` in a new interactive `shell` of the user's."""
    try:
        answer = _run([shell, *_QUIET.get(shell, ()), "-ic", _ASK[shell]], env)
    except subprocess.TimeoutExpired:
        slow = f"a new {shell} was not ready within {PATIENCE} s, to be asked what it completes"
        return Finding("completions", "note", slow)
    if answer is not None and _YES in answer.stdout:
        return Finding("completions", "ok", f"a new {shell} completes ssoenv")
    return Finding(
        "completions",
        "wrong",
        f"a new {shell} does not complete ssoenv, though {path} is there",
        "ssoenv setup, or move its lines to the end of the file that they are in",
    )


def _version(name: str, env: Mapping[str, str]) -> tuple[int, ...] | Finding | None:
    """Return the version that the program `name` prints; None where there is no such program.

    A finding where there is one that does not say it.
    """
    program = programs.find(name, env)
    try:
        answer = _run([name, "--version"], env)
    except subprocess.TimeoutExpired:
        return Finding("versions", "note", f"{program} did not answer within {PATIENCE} s")
    if answer is None:
        return None
    found = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", answer.stdout + answer.stderr)
    if found is None:
        return Finding("versions", "note", f"{program} does not say its version")
    return tuple(int(part) for part in found.groups() if part)


def _run(command: list[str], env: Mapping[str, str]) -> subprocess.CompletedProcess[str] | None:
    """Run `command` without a terminal; None where that cannot be.

    Raises TimeoutExpired.
    """
    program = programs.find(command[0], env)
    if program is None:
        return None
    try:
        return subprocess.run(
            [program, *command[1:]],
            env=programs.environment(env),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=PATIENCE,
            start_new_session=True,
        )
    except OSError:
        return None
