"""``ssoenv doctor``: everything that commonly goes wrong, each with its mend."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from ssoenv.base import dialects
from ssoenv.cli import screen
from ssoenv.doctor.run import everything
from ssoenv.shells import detect

if TYPE_CHECKING:
    from ssoenv.doctor.finding import Finding

_MARKS = {"ok": ("ok", "good"), "note": ("note", "warning"), "wrong": ("WRONG", "error")}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("doctor")(doctor)


def doctor(
    fix: Annotated[bool, typer.Option("--fix", help="Mend what is safe to mend.")] = False,
    offline: Annotated[bool, typer.Option("--offline", help="Ask nothing of AWS.")] = False,
    shell: Annotated[
        str | None, typer.Option("--shell", metavar="bash|zsh|fish", help="Else the one you run.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """Look for everything that commonly goes wrong; exit 1 if something is."""
    env = os.environ
    name = dialects.require_shell(shell or detect.shell(env), command="ssoenv doctor --shell")
    findings = list(everything(env, name, online=not offline))
    mended = [one for one in findings if fix and one.fix and one.level != "ok"]
    for one in mended:
        if one.fix:
            one.fix()
    left = [one for one in findings if one not in mended]
    if as_json:
        rows = [
            {"area": one.area, "level": one.level, "what": one.what, "mend": one.mend}
            | {"mended": one in mended}
            for one in findings
        ]
        sys.stdout.write(json.dumps(rows, indent=2) + "\n")
    else:
        for one in findings:
            _show(one, mended=one in mended)
    if any(one.level == "wrong" for one in left):
        raise typer.Exit(1)


def _show(finding: Finding, *, mended: bool) -> None:
    word, style = ("mended", "good") if mended else _MARKS[finding.level]
    mark = screen.paint(word.ljust(6), style, sys.stdout)
    screen.out(mark, f" {finding.area}: {finding.what}", hang=9)
    if finding.mend and not mended:
        screen.out(f"         {finding.mend}", hang=11)
