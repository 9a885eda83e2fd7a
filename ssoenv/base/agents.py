"""Coding agents: whether one runs this, by what it sets for the programs that it starts.

An agent may use what its person has trusted. It consents to nothing: what takes a person's yes is
refused, with the words for a person. That is a guard against accidents and no wall: a program that
runs as you can do as you can.
"""

from __future__ import annotations

from ssoenv.base.errors import NotTrusted, SignInRequired

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

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


def running(env: Mapping[str, str]) -> str:
    """Return the name of the agent that runs this; empty where none does."""
    for variable, agent in MARKS.items():
        if env.get(variable, "").lower() not in ("", "0", "false"):
            return agent
    return ""


def require_person(env: Mapping[str, str], command: str, *, signs_in: bool) -> None:
    """Return if no agent runs this. `command` is what a person types for it.

    Raises SignInRequired for what `signs_in`, and NotTrusted for everything else.
    """
    agent = running(env)
    if agent:
        kind = SignInRequired if signs_in else NotTrusted
        raise kind(
            f"{agent} runs this, and only a person can say yes to it",
            advice=f"type this in a terminal of your own: {command}",
        )
