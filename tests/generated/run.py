"""Running a row: a new shell on a pty, its lines typed one by one, and what programs saw of it."""

from __future__ import annotations

import functools
import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pexpect

from ssoenv.demo.stage import Stage
from ssoenv.demo.terminal import OUTPUT_ENDS, OUTPUT_STARTS, PROMPT_ENDS, Terminal, visible
from tests.generated.commands import INTERACTIVE, MOVES, STARTS
from tests.generated.environments import HOLDS, ROUTES
from tests.generated.oracle import Facts, Finding, judge
from tests.generated.world import REGIONS

if TYPE_CHECKING:
    from tests.generated.oracle import Program
    from tests.generated.rows import Row
    from tests.generated.world import World

QUESTION = r"\[y/N\]"
PATIENCE = 45.0


class Typist(Terminal):
    """A terminal that answers every question about a protected role with the same word."""

    def __init__(self, shell: str, stage: Stage, word: str) -> None:
        """Start `shell`; `word` is the answer."""
        super().__init__(shell, stage)
        self._child.delaybeforesend = None
        self._child.timeout = PATIENCE
        self._word = word

    def type(self, line: str) -> str:
        """Type `line`, wait for the next prompt, and return what was shown until then."""
        self._child.send(line + "\r")
        shown = self._until(OUTPUT_STARTS)  # some hooks ask before the line runs
        shown += self._until(OUTPUT_ENDS) + (self._child.before or "")
        self._child.expect(PROMPT_ENDS)
        return visible(shown).strip()

    def _until(self, mark: str) -> str:
        """Answer questions until `mark` comes; return what was shown before the last answer."""
        shown = ""
        while self._child.expect([mark, QUESTION]):
            shown += f"{self._child.before}[y/N] {self._word}"
            self._child.send(self._word + "\r")
        return shown


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a row, and the phase that programs on it are started in."""

    text: str
    phase: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a row: the lines typed, what is wrong, and a transcript of it all."""

    row: Row
    script: tuple[str, ...]
    findings: tuple[Finding, ...]
    transcript: str

    @property
    def violations(self) -> list[Finding]:
        """The findings that the docs do not leave open."""
        return [one for one in self.findings if not one.open]

    def report(self) -> str:
        """Return what is wrong, the script that shows it, and how to run it again."""
        wrong = [f"    {one.kind}: {one.text}" for one in self.violations]
        typed = [f"        {line}" for line in self.script]
        again = f"    again: python -m tests.generated {self.row}"
        return "\n".join([str(self.row), *wrong, again, *typed])


def environment(row: Row, world: World) -> dict[str, str]:
    """Return what `row` adds to the environment that its shell starts with."""
    hold, tree = HOLDS[row.hold], str(world.tree(row))
    env = {name: value.replace("{tree}", tree) for name, value in hold.env.items()}
    if hold.keys:
        env |= world.keys_of(row)
    if hold.profile:
        env["AWS_PROFILE"] = "ssoenv"
    return env


def script(row: Row, world: World) -> list[Line]:
    """Return the lines of `row`."""
    hold, start, move = HOLDS[row.hold], STARTS[row.start], MOVES[row.move]
    home, tree = str(world.path), world.tree(row)
    origin, goal = (tree / one for one in ROUTES[row.route])
    command = (start.child if move.child else start.command[row.shell]).replace("{home}", home)
    places = {
        "from": origin,
        "to": goal,
        "parent": goal.parent,
        "base": goal.name,
        "home": home,
        "quoted": shlex.quote(command),
        "cmd": command,
    }
    lines = [Line("look", "first"), Line(f"cd {origin}", "source")]
    lines += [Line(_export(row.shell, *pair), "source") for pair in hold.typed.items()]
    if hold.typed:
        lines.append(Line("look", "source"))
    if row.setting.startswith("protected"):
        lines.append(Line("aws warm", "source"))
    for text in move.lines[row.shell].split("\n"):
        if "{cmd}" in text and start.prepare[row.shell]:
            lines.append(Line(start.prepare[row.shell], "source"))
        typed = text
        for place, value in places.items():
            typed = typed.replace("{" + place + "}", str(value))
        lines.append(Line(typed, "act" if text == "{cmd}" else "same-line"))
    lines.append(Line("look", "end"))
    if move.nested:
        lines += [Line("exit", "end"), Line("look", "end")]
    return [*lines, Line(f"cd {home}", "home"), Line("look", "home")]


def run(row: Row, world: World) -> Outcome:
    """Run `row` in `world`."""
    stage = world.prepare(row)
    added = environment(row, world)
    lines = script(row, world)
    origin = str((world.tree(row) / ROUTES[row.route][0]).resolve())
    facts = Facts(world.gives, world.role_of, REGIONS, origin, left_open())
    typed = [_command(row.shell, added), *(line.text for line in lines)]
    shown = typed[:1]
    programs: list[Program] = []
    terminals: list[Typist] = []
    word = "n" if row.setting == "protected-no" else "y"
    findings: list[Finding] = []
    try:
        terminals.append(Typist(row.shell, Stage(stage.home, stage.env | added), word))
        for line in lines:
            shown.append(f"> {line.text}")
            if line.text.startswith("@pane "):
                terminals[-1].type("look")
                (look,) = world.records("pane")
                goal = line.text.removeprefix("@pane ")
                env = look.env | {"PWD": goal}
                terminals.append(Typist(row.shell, Stage(goal, env), word))
                continue
            shown.append(terminals[-1].type(line.text))
            programs += world.records(line.phase)
    except (pexpect.ExceptionPexpect, ValueError) as problem:
        findings.append(Finding("stuck", f"{type(problem).__name__} at {shown[-1]}"))
    finally:
        for terminal in terminals:
            terminal.close()
    findings += judge(row, programs, facts)
    if (world.path / "PWNED").exists():
        (world.path / "PWNED").unlink()
        findings.append(Finding("ran", "a marker's value was run as code"))
    if not any(one.phase == "home" for one in programs):
        findings.append(Finding("stuck", "the last look never ran"))
    return Outcome(row, tuple(typed), tuple(findings), "\n".join(one for one in shown if one))


@functools.cache
def left_open() -> frozenset[tuple[str, str]]:
    """Return the ways that docs/shells.md lists under "What is left open", each with each shell."""
    page = (Path(__file__).parents[2] / "docs/shells.md").read_text()
    section = page.partition("## What is left open")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (.+?) \| (.+?) \|", section, re.MULTILINE)
    return frozenset((way, shell) for way, shells in rows for shell in shells.split(", "))


def _export(shell: str, name: str, value: str) -> str:
    return f"set -gx {name} {value}" if shell == "fish" else f"export {name}={value}"


def _command(shell: str, env: dict[str, str]) -> str:
    """Return the command that starts `shell` with `env` on top."""
    words = [shlex.quote(f"{name}={value}") for name, value in env.items()]
    return " ".join([*(["env", *words] if words else []), INTERACTIVE[shell]])
