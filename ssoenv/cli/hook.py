"""``ssoenv hook``: the text that a shell evals in its rc file."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from ssoenv.base import dialects
from ssoenv.shells import hook as hook_text
from ssoenv.trust import renewal


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("hook")(hook)


def hook(shell: Annotated[str, typer.Argument(metavar="bash|zsh|fish")]) -> None:
    """Print the hook for the shell's rc file: eval "$(ssoenv hook bash)"."""
    env = os.environ
    dialects.require_shell(shell, command="ssoenv hook")
    # The first shell after the settings changed, or ssoenv itself: what is trusted follows them.
    renewal.renew(env, asked=True)
    sys.stdout.write(hook_text.render(shell, env))
