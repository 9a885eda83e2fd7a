"""``ssoenv demo``: the tour on the sandbox, or a shell of one's own in the same world."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING, Annotated

import typer

from ssoenv.base import dialects
from ssoenv.base.errors import SsoenvError
from ssoenv.cli import extra, screen

if TYPE_CHECKING:
    from ssoenv.demo.terminal import Answer
    from ssoenv.demo.tour import Step
    from ssoenv.sandbox.server import Sandbox


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo")(demo)


def demo(
    shell: Annotated[
        str | None,
        typer.Option(metavar="bash|zsh|fish", help="A shell of your own there, instead of a tour."),
    ] = None,
) -> None:
    """Show everything on a local Identity Center, in a HOME that is thrown away."""
    with extra.needed_by("the demo"):
        import ssoenv.demo.tour as _  # noqa: F401 - what the tour needs, too
        from ssoenv.sandbox.server import Sandbox
    if shell is not None:
        dialects.require_shell(shell, command="ssoenv demo --shell")
        raise typer.Exit(_interactive(shell, Sandbox))
    faults = [fault for name in dialects.SHELLS for fault in _tour(name, Sandbox)]
    for fault in faults:
        screen.say(fault, style="error")
    if faults:
        raise SsoenvError(f"{len(faults)} steps are not as they should be")
    screen.say("every step in every shell was as it should be", style="good")


def _tour(shell: str, sandbox_type: type[Sandbox]) -> list[str]:
    from ssoenv.demo import stage, tour

    if shutil.which(shell) is None:
        return [f"{shell} is not installed"]
    which = f"{shell}, {dialects.SHELLS.index(shell) + 1} of {len(dialects.SHELLS)} shells"
    sys.stdout.write(f"\n=== {which} " + "=" * (70 - len(which)) + "\n")
    with tempfile.TemporaryDirectory(prefix="ssoenv-demo-") as home, sandbox_type() as sandbox:
        return list(tour.run(shell, stage.build(home, sandbox), sandbox, show))


def show(prompt: str, step: Step, answer: Answer) -> None:
    """Show what a step of the tour is about, what was typed at the `prompt`, and what came."""
    from ssoenv.demo import tour

    which = f"# {tour.STEPS.index(step) + 1} of {len(tour.STEPS)}: {step.story}"
    sys.stdout.write(f"\n{screen.paint(which, 'faint', sys.stdout)}\n")
    sys.stdout.write(f"{screen.paint(prompt, 'strong', sys.stdout)} {step.line}\n")
    for line in answer.output.splitlines():
        screen.out(line, hang=4)
    sys.stdout.flush()


def _interactive(shell: str, sandbox_type: type[Sandbox]) -> int:
    from ssoenv.demo import stage
    from ssoenv.demo.terminal import COMMAND
    from ssoenv.sign_in import has_browser

    approve = "ask" if has_browser(os.environ) else "auto"
    with (
        tempfile.TemporaryDirectory(prefix="ssoenv-demo-") as home,
        sandbox_type(approve=approve) as sandbox,
    ):
        world = stage.build(home, sandbox)
        screen.say(f"a {shell} of your own, with a local Identity Center at {sandbox.url}")
        screen.note("cd web; ssoenv trust; aws sts get-caller-identity; ssoenv status; exit")
        return subprocess.run(COMMAND[shell], env=world.env, cwd=home, check=False).returncode
