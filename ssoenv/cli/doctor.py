"""``ssoenv doctor``: everything that commonly goes wrong, each with its fix."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from ssoenv.base import dialects
from ssoenv.cli import screen
from ssoenv.doctor.run import everything, repair
from ssoenv.shells import detect

if TYPE_CHECKING:
    from ssoenv.doctor.finding import Finding

_MARKS = {"ok": ("ok", "good"), "note": ("note", "warning"), "wrong": ("WRONG", "error")}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("doctor")(doctor)


def doctor(
    fix: Annotated[bool, typer.Option("--fix", help="Repair what is safe to repair.")] = False,
    offline: Annotated[bool, typer.Option("--offline", help="Ask nothing of AWS.")] = False,
    shell: Annotated[
        str | None,
        typer.Option("--shell", metavar="bash|zsh|fish", help="Default: your current shell."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """Look for everything that commonly goes wrong; exit 1 if something is."""
    env = os.environ
    name = dialects.require_shell(shell or detect.shell(env), command="ssoenv doctor --shell")
    findings = list(everything(env, name, online=not offline))
    repaired = repair(findings) if fix else []
    if as_json:
        _write_json(findings, repaired)
    else:
        for one in findings:
            _show(one, name, repaired=one in repaired)
    if any(one.level == "wrong" for one in findings if one not in repaired):
        raise typer.Exit(1)


def _write_json(findings: list[Finding], repaired: list[Finding]) -> None:
    rows = [
        {"area": one.area, "level": one.level, "what": one.what, "fix": one.fix}
        | {"fixed": one in repaired}
        for one in findings
    ]
    sys.stdout.write(json.dumps(rows, indent=2) + "\n")


def _show(finding: Finding, shell: str, *, repaired: bool) -> None:
    word, style = ("fixed", "good") if repaired else _MARKS[finding.level]
    mark = screen.paint(word.ljust(6), style, sys.stdout)
    screen.out(mark, f" {finding.area}: {finding.what}", hang=9)
    if finding.fix and not repaired:
        screen.out(f"         {dialects.as_typed(shell, finding.fix)}", hang=11)
