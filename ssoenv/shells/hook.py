"""The hook of a shell as text: the file under ``shell/`` with its settings filled in.

The last rendering is kept in the state folder under a fingerprint of all that went into it, so
that a shell starts without reading the user's settings again.
"""

from __future__ import annotations

import os
import sys

from ssoenv import __version__
from ssoenv.base import dialects, files, paths
from ssoenv.base.errors import SsoenvError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def command_line() -> tuple[str, ...]:
    """Return the words that run ssoenv again, deaf to PYTHONPATH and the like (``python -I``)."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    return (sys.executable, "-I", f"{package}/__main__.py")


def load(shell: str, env: Mapping[str, str]) -> str | None:
    """Return the hook for `shell` as it was rendered last; None if anything changed since."""
    fingerprint = _fingerprint(shell, env)
    kept = files.read_bytes(kept_file(env, shell))
    if not kept or not kept.startswith(fingerprint):
        return None
    text = kept[len(fingerprint) :].decode("utf-8", "surrogateescape")
    return _shielded(shell, env, text, kept=True)


def renderings_may_be_stale(shell: str, env: Mapping[str, str]) -> bool:
    """Whether what made a kept hook stale may also have changed what is rendered of trusted files.

    Not for the first hook of somebody without settings of their own.
    """
    return os.path.exists(kept_file(env, shell)) or os.path.exists(paths.settings_file(env))


def render(shell: str, env: Mapping[str, str]) -> str:
    """Return the hook for `shell`; with the default commands where the settings are broken."""
    kept = load(shell, env)
    if kept is not None:
        return kept
    text = _fill_in(shell, env)
    try:
        content = _fingerprint(shell, env) + text.encode("utf-8", "surrogateescape")
        files.write_private(kept_file(env, shell), content)
    except OSError:
        return _shielded(shell, env, text, kept=False)
    return _shielded(shell, env, text, kept=True)


def kept_file(env: Mapping[str, str], shell: str) -> str:
    """Return where the last rendering of the hook for `shell` is kept."""
    return f"{paths.state(env)}/hook.{shell}"


def _shielded(shell: str, env: Mapping[str, str], text: str, *, kept: bool) -> str:
    """Return `text` so that no option of the user's can change what it means.

    zsh reads by the options of the moment, so it gets the text inside an emulation; from the file
    where that is kept, because csh_junkie_quotes would break a quotation of many lines.
    """
    if shell != "zsh":
        return text
    if kept:
        text = f"source {dialects.quote_posix(kept_file(env, shell))}"
    return f"\\builtin emulate zsh -o no_aliases -c {dialects.quote_posix(text)}\n"


def _fingerprint(shell: str, env: Mapping[str, str]) -> bytes:
    marks = [__version__, sys.executable, paths.state(env)]
    for path in (paths.shell_file(f"hook.{shell}"), paths.settings_file(env)):
        try:
            status = os.stat(path)
            marks.append(f"{path}@{status.st_mtime_ns:x}.{status.st_size:x}.{status.st_ino:x}")
        except OSError as error:
            # Whatever stands in the way of the settings, the hook is there, to say so.
            marks.append(f"-{error.errno}")
    return ("# " + ascii(marks) + "\n").encode()


def _fill_in(shell: str, env: Mapping[str, str]) -> str:
    import re

    from ssoenv import settings

    try:
        chosen = settings.load(env)
    except (SsoenvError, OSError):
        # The hook is there all the same: it says what is wrong, and lets no role act.
        chosen = settings.Settings()
    with open(paths.shell_file(f"hook.{shell}"), encoding="utf-8") as stream:
        text = stream.read()
    values: dict[str, Sequence[str]] = {
        "__SSOENV_STATE__": [paths.state(env)],
        "__SSOENV_CONFIG__": [paths.settings_file(env)],
        "__SSOENV_EXE__": command_line(),
        # A name that is both is an agent's: whatever it starts counts as started by one anyway.
        "__SSOENV_COMMANDS__": [
            word for word in chosen.commands if word not in chosen.agent_commands
        ],
        "__SSOENV_AGENTS__": chosen.agent_commands,
        "__SSOENV_MARKS__": chosen.agent_env,
    }

    def filled(part: str) -> str:
        # In one pass: a path may have the name of another place to fill in.
        return re.sub(
            "|".join(values),
            lambda place: " ".join(dialects.quote(shell, word) for word in values[place[0]]),
            part,
        )

    parts = re.split(
        FISH_FUNCTION if shell == "fish" else FUNCTION, text, flags=re.MULTILINE | re.DOTALL
    )
    for place, part in enumerate(parts):
        parts[place] = filled(_bare(part))
        if place % 2:  # what split has found
            parts[place] = _kept_as_text(shell, parts[place])
    return "".join(parts)


FUNCTION = r"^((?:function )?(?:__)?ssoenv\w*(?:\(\))? \{(?:[^\n]*\}(?: #[^\n]*)?\n|.*?^\}\n))"
"""A function of bash and zsh: of one line, or up to where a line is its closing brace."""
FISH_FUNCTION = r"^(function .*?^end\n)"
AT_START = frozenset(
    [
        "__ssoenv_adopt",
        "__ssoenv_as_read",
        "__ssoenv_become_prompt",
        "__ssoenv_changed_prompt",
        "__ssoenv_compile",
        "__ssoenv_define",
        "__ssoenv_define_agent",
        "__ssoenv_drop",
        "__ssoenv_find_agent",
        "__ssoenv_has_profile",
        "__ssoenv_install",
        "__ssoenv_is_profile",
        "__ssoenv_is_there",
        "__ssoenv_leave",
        "__ssoenv_look_above",
        "__ssoenv_look_after",
        "__ssoenv_look_and_drop",
        "__ssoenv_look_at_settings",
        "__ssoenv_look_before_prompt",
        "__ssoenv_quietly",
        "__ssoenv_reset",
        "__ssoenv_restore",
        "__ssoenv_resync",
        "__ssoenv_settings",
        "__ssoenv_sync",
        "__ssoenv_take_place",
        "__ssoenv_unchanged",
        "__ssoenv_unchanged_never",
        "__ssoenv_unset",
        "__ssoenv_watch",
        "ssoenv",
    ]
)
"""What runs until a shell outside of projects has its second prompt. All else is read later.

`ssoenv` itself, because bash tells by its callers what was typed at a prompt, and a first call of
what is read later has one more.
"""


def _bare(text: str) -> str:
    """Return `text` of a hook without indentation, and without lines that are comments."""
    lines = (line.lstrip(" ") for line in text.split("\n"))
    return "".join(f"{line}\n" for line in lines if line and not line.startswith("#"))


def _kept_as_text(shell: str, function: str) -> str:
    """Return `function` so that what it says is parsed when it is first called.

    A quotation is read in a fraction of the time that a function takes. The first call has the
    function take its own place, and calls it: with nothing of that in a trace, nor exported by
    `set -a`. What fish runs at events is there from the start, as a text of its own: fish counts
    the lines from the beginning of a text to a function at every block that runs in it.
    """
    import re

    head, _, _ = function.partition("\n")
    name = re.sub(r"^(?:function )?(\w+).*", r"\1", head)
    text = dialects.quote(shell, function)
    if shell == "fish":
        if name in AT_START or " --on-" in head:
            return f"builtin eval {text}\n"
        scope = " --no-scope-shadowing" if " --no-scope-shadowing" in head else ""
        return f"function {name}{scope}\nbuiltin eval {text}\n{name} $argv\nend\n"
    if name in AT_START:
        return function
    if shell == "zsh":
        return f'function {name} {{ {{ builtin eval {text} }} 2>/dev/null; {name} "$@" }}\n'
    learnt = f"\\builtin eval {text} && \\builtin export -nf {name}"
    return f'{name}() {{ {{ {learnt}; }} 2>/dev/null; {name} "$@"; }}\n'
