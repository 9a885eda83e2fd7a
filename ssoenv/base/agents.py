"""Coding agents: whether one runs this, by what it sets for its commands or as what it runs.

An agent may use what its person has trusted. It consents to nothing: what takes a person's yes is
refused, with the words for a person. That is a guard against accidents and no wall: a program that
runs as you can do as you can.
"""

from __future__ import annotations

from ssoenv.base.errors import NotTrusted, SignInRequired

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

MARKS = {
    "CLAUDECODE": "Claude Code",
    "GEMINI_CLI": "Gemini CLI",
    "CODEX_THREAD_ID": "Codex",
    "KIRO_SESSION_ID": "Kiro",
    "OPENCODE": "OpenCode",
    "ANTIGRAVITY_AGENT": "Antigravity",
    "AMP_CURRENT_THREAD_ID": "Amp",
    "PI_CODING_AGENT": "Pi",
    "COPILOT_CLI": "Copilot CLI",
    "CURSOR_AGENT": "Cursor",
}
"""Variable -> agent, as the AWS CLI and botocore tell them (``botocore/useragent.py``)."""
COMMANDS = {
    "aider": "Aider",
    "amp": "Amp",
    "claude": "Claude Code",
    "codex": "Codex",
    "copilot": "Copilot CLI",
    "crush": "Crush",
    "cursor-agent": "Cursor",
    "gemini": "Gemini CLI",
    "goose": "Goose",
    "kiro": "Kiro",
    "kiro-cli": "Kiro",
    "opencode": "OpenCode",
    "qwen": "Qwen Code",
}
"""Command -> agent."""
UNSET = ("", "0", "false")
"""Values of a mark that mean the same as none."""
FOR_A_PERSON = "run the command yourself, in a terminal of your own"
"""What an agent is told where only a person can go on."""
SHOWN = 15
"""How much of its command the kernel tells of a process (proc_pid_comm(5))."""
INTERPRETERS = ("node", "python", "bun", "deno", "MainThread")
"""How the names of processes begin whose script tells what they are; node names its thread."""


def running(
    env: Mapping[str, str],
    marks: Collection[str] = tuple(MARKS),
    commands: Collection[str] = tuple(COMMANDS),
) -> str:
    """Return the name of the agent that runs this; empty where none does.

    An agent has set one of the variables `marks` for us, or one of the processes that we come from
    runs one of `commands`. Without ``/proc`` (macOS), only the variables tell.
    """
    for variable in marks:
        if env.get(variable, "").lower() not in UNSET:
            return MARKS.get(variable, variable)
    for command in _ancestors():
        for name in commands:
            if command in (name, name[:SHOWN]):
                return COMMANDS.get(name, name)
    return ""


def require_person(agent: str, command: str, *, signs_in: bool) -> None:
    """Return if no `agent` runs this. `command` is what a person types for it.

    Raises SignInRequired for what `signs_in`, and NotTrusted for everything else.
    """
    if agent:
        kind = SignInRequired if signs_in else NotTrusted
        raise kind(
            f"{agent} runs this, and only a person can say yes to it",
            advice=f"type this in a terminal of your own: {command}",
        )


def _ancestors() -> Iterator[str]:
    """Yield what the processes that we come from run, from our parent up: commands and scripts."""
    import os

    pid = str(os.getppid())
    while pid not in ("0", "1", ""):
        try:
            with open(f"/proc/{pid}/status", "rb") as stream:
                status = stream.read(512)
        except OSError:
            return
        lines = dict(line.partition(b":\t")[::2] for line in status.split(b"\n"))
        name = os.fsdecode(lines.get(b"Name", b""))
        yield name
        if name.startswith(INTERPRETERS):
            yield from _scripts(pid)
        pid = os.fsdecode(lines.get(b"PPid", b""))


def _scripts(pid: str) -> Iterator[str]:
    """Yield what the interpreter `pid` may be running: its first words that are no options.

    The word after an option may be its value, and so is the script's name behind it one.
    """
    import os

    try:
        with open(f"/proc/{pid}/cmdline", "rb") as stream:
            words = os.fsdecode(stream.read(4096)).split("\0")
    except OSError:
        return
    before = words[0]
    for word in words[1:]:
        if word.startswith("-m") and len(word) > 2:  # python -maider
            yield word[2:]
        if not word.startswith("-"):
            name = word.rpartition("/")[2]
            stem, _, suffix = name.rpartition(".")
            yield stem if stem and suffix in ("js", "cjs", "mjs", "py") else name
            if not before.startswith("-"):
                return
        before = word
