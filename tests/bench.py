"""`make bench`: what the hook and the hot verbs cost, each row beside its peer, in one run.

Every figure is the median of several rounds; the last column of each shell is peer / ours. In-shell
rows are timed inside the shell, around a loop; process rows from outside, in turn with their peer.
direnv does the same job where it has one: an .envrc that exports the same variables.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ssoenv import hook_text
from ssoenv.dialects import SHELLS
from ssoenv.sandbox.server import Sandbox
from tests.conftest import PROJECT, Home
from tests.shell.conftest import build_stage, fetch, project_text, trust

if TYPE_CHECKING:
    from collections.abc import Iterator

ROUNDS = 5
PROMPT = {
    "ssoenv": {"bash": "__ssoenv_prompt", "zsh": "__ssoenv_precmd", "fish": "emit fish_prompt"},
    "direnv": {"bash": "_direnv_hook", "zsh": "_direnv_hook", "fish": "emit fish_prompt"},
    "none": {"bash": "nothing", "zsh": "nothing", "fish": "emit fish_prompt"},
}
LOOPS = {"ssoenv": 400, "direnv": 20, "none": 400}
RESET = {
    "bash": "__ssoenv_pwd=''; __ssoenv_prompt",
    "zsh": "__ssoenv_pwd=; __ssoenv_precmd",
    "fish": "set -g __ssoenv_pwd; emit fish_prompt",
}
TIMER = {
    "bash": """measure() { # NAME LOOPS COMMAND
    local i start end
    eval "$3" >/dev/null 2>&1
    start=${EPOCHREALTIME/./}
    for ((i = 0; i < $2; i++)); do eval "$3"; done >/dev/null 2>&1
    end=${EPOCHREALTIME/./}
    printf '@%s %d\\n' "$1" "$(((end - start) * 1000 / $2))"
}
nothing() { :; }
""",
    "zsh": """zmodload zsh/datetime
measure() { # NAME LOOPS COMMAND
    local -i i
    local -F start end
    eval "$3" >/dev/null 2>&1
    start=$EPOCHREALTIME
    for ((i = 0; i < $2; i++)); do eval "$3"; done >/dev/null 2>&1
    end=$EPOCHREALTIME
    printf '@%s %d\\n' "$1" $(((end - start) * 1e9 / $2))
}
nothing() { : }
""",
    "fish": """function measure # NAME LOOPS COMMAND
    eval $argv[3] >/dev/null 2>&1
    set -l rounds (seq $argv[2])
    set -l start (date +%s%N)
    for i in $rounds
        eval $argv[3]
    end >/dev/null 2>&1
    set -l end (date +%s%N)
    printf '@%s %d\\n' $argv[1] (math -s0 "($end - $start) / $argv[2]")
end
""",
}
COMMAND = {
    "bash": ["bash", "--norc", "--noprofile", "-i"],
    "zsh": ["zsh", "-f", "-i"],
    "fish": ["fish", "--no-config", "-i"],
}


@dataclass
class World:
    """A home with live credentials, and the same variables for direnv."""

    home: Home
    env: dict[str, str]

    def directory(self, name: str) -> str:
        return str(self.home.path / name)


def build(root: Path, sandbox: Sandbox) -> World:
    """Make everything under `root`."""
    home = Home(root / "home", {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TERM": "dumb"})
    home.path.mkdir(mode=0o700)
    home.env |= {"HOME": str(home.path), "AWS_EC2_METADATA_DISABLED": "true"}
    sandbox.write_home(str(home.path))
    home.env |= sandbox.environment(str(root / "sandbox"))
    for name in ("web", "ops"):
        trust(home, home.project(name, project_text(name)))
    stage = build_stage(home)
    fetch(home)
    for name in ("terraform",):
        (home.path / "bin" / name).unlink()
        (home.path / "bin" / name).symlink_to("/bin/true")
    for name in ("one", "d1/d2/d3/d4/d5/d6/d7", "web/a/b/c"):
        (home.path / name).mkdir(parents=True)
    for name in ("dweb", "dops"):
        project = home.path / name
        project.mkdir()
        exports = home.ssoenv("export", cwd=home.path / name[1:]).stdout
        project.joinpath(".envrc").write_text(
            exports.replace("unset AWS_PROFILE\nunset AWS_DEFAULT_PROFILE\n", "")
        )
        subprocess.run(["direnv", "allow", str(project)], env=stage.env, check=True)
    return World(home, stage.env | {"DIRENV_LOG_FORMAT": ""})


def rows(world: World, tool: str, shell: str) -> Iterator[tuple[str, str, str]]:
    """(name, directory, command) of every row that `tool` can be asked for."""
    prompt = PROMPT[tool][shell]
    bound, other = ("dweb", "dops") if tool == "direnv" else ("web", "ops")
    at = world.directory
    yield "prompt, unbound, depth 1", "/tmp", prompt  # noqa: S108 - a shallow directory
    yield "prompt, unbound, depth 9", at("d1/d2/d3/d4/d5/d6/d7"), prompt
    yield "prompt, live", at(bound), prompt
    if tool == "ssoenv":
        yield "prompt, live, all looked at anew", at(bound), RESET[shell]
    yield "enter and leave", at("one"), f"cd {at(bound)}; {prompt}; cd {at('one')}; {prompt}"
    yield "sibling to sibling", at(bound), f"cd {at(other)}; {prompt}; cd {at(bound)}; {prompt}"
    if tool != "direnv":
        yield "wrapped command, live", at(bound), "terraform plan"
        yield "bare command", at(bound), "command terraform plan"


def script(world: World, tool: str, shell: str) -> str:
    """The text that a shell runs to time its rows."""
    load = ""
    if tool == "ssoenv":
        load = hook_text.render(shell, world.home.env)
    elif tool == "direnv":
        load = subprocess.run(
            ["direnv", "hook", shell], env=world.env, capture_output=True, text=True, check=True
        ).stdout
    lines = [TIMER[shell], load]
    for name, directory, command in rows(world, tool, shell):
        loops = LOOPS[tool] // (
            4 if "leave" in name or "command" in name or "sibling" in name else 1
        )
        lines += [f"cd '{directory}'", PROMPT[tool][shell], PROMPT[tool][shell]]
        lines.append(f"measure '{name}' {max(loops, 5)} '{command}'")
    return "\n".join([*lines, ""])


def in_shell(world: World, tool: str, shell: str) -> dict[str, float]:
    """Microseconds of each row, the median of the rounds."""
    path = world.home.path / f"bench.{tool}.{shell}"
    path.write_text(script(world, tool, shell))
    found: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        result = subprocess.run(
            [*COMMAND[shell], str(path)],
            env=world.env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            start_new_session=True,
        )
        for line in result.stdout.split("\n"):
            if line.startswith("@"):
                name, _, value = line[1:].rpartition(" ")
                found.setdefault(name, []).append(int(value) / 1000)
    return {name: statistics.median(values) for name, values in found.items()}


def in_turn(world: World, commands: dict[str, list[str]], times: int = 15) -> dict[str, float]:
    """Milliseconds of whole processes, run in turn; medians."""
    taken: dict[str, list[float]] = {name: [] for name in commands}
    where = world.directory("web")
    env = world.env | {"PWD": where}
    for _ in range(times + 1):
        for name, command in commands.items():
            start = time.perf_counter()
            subprocess.run(
                command,
                env=env,
                cwd=where,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=True,
            )
            taken[name].append((time.perf_counter() - start) * 1000)
    return {name: statistics.median(values[1:]) for name, values in taken.items()}


def starts(world: World, shell: str) -> dict[str, float]:
    """Milliseconds that a shell takes to start and end, without a hook and with it."""
    kept = world.home.path / f"kept.{shell}"
    kept.write_text(hook_text.render(shell, world.home.env))
    program = " ".join(f"'{word}'" for word in hook_text.program())
    evaluated = (
        f"{program} hook fish | source" if shell == "fish" else f'eval "$({program} hook {shell})"'
    )
    command = [*COMMAND[shell], "-c"]
    return in_turn(
        world,
        {
            "no hook": [*command, ":"],
            "hook, sourced file": [*command, f"source {kept}"],
            "hook, eval": [*command, evaluated],
            "direnv, eval": [
                *command,
                "direnv hook fish | source"
                if shell == "fish"
                else f'eval "$(direnv hook {shell})"',
            ],
        },
    )


def processes(world: World) -> list[tuple[str, float, float]]:
    """(verb, milliseconds, ratio to bare Python) of the verbs that run all day."""
    ssoenv = list(hook_text.program())
    role = ["--session", "acme", "--account", "111111111111", "--role", "Developer"]
    bare = "python -c pass"
    commands = {
        bare: [sys.executable, "-c", "pass"],
        "credential-process": [*ssoenv, "credential-process", *role],
        "export": [*ssoenv, "export"],
        "hook bash": [*ssoenv, "hook", "bash"],
        "prompt": [*ssoenv, "prompt"],
        "status": [*ssoenv, "status"],
        "--help": [*ssoenv, "--help"],
        "aws configure export-credentials": [
            "/usr/bin/aws",
            "configure",
            "export-credentials",
            "--profile",
            "ssoenv-acme-111111111111-Developer",
        ],
    }
    found = in_turn(world, commands)
    return [(name, value, value / found[bare]) for name, value in found.items()]


def table(title: str, head: list[str], lines: list[list[str]]) -> str:
    """A table in Markdown."""
    rule = ["---", *["---:"] * (len(head) - 1)]
    body = "\n".join("| " + " | ".join(row) + " |" for row in (head, rule, *lines))
    return f"\n### {title}\n\n{body}\n"


def main() -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=["shell", "start", "process"], help="one table only")
    only = parser.parse_args().only
    print(
        f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, medians"
    )
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as root, Sandbox() as sandbox:
        world = build(Path(root), sandbox)
        if only in (None, "shell"):
            print(table("In the shell, microseconds", *shell_table(world)))
        if only in (None, "start"):
            found = {shell: starts(world, shell) for shell in SHELLS}
            lines = [
                [name, *(f"{found[shell][name]:.1f}" for shell in SHELLS)] for name in found["bash"]
            ]
            print(table("Shell start, milliseconds", ["", *SHELLS], lines))
        if only in (None, "process"):
            lines = [
                [f"`{name}`", f"{value:.1f}", f"{ratio:.2f} x"]
                for name, value, ratio in processes(world)
            ]
            print(table("Processes, milliseconds", ["", "ms", "bare Python"], lines))
    return 0


def shell_table(world: World) -> tuple[list[str], list[list[str]]]:
    """The head and rows of the in-shell table."""
    head = [""]
    cells: dict[str, list[str]] = {}
    for shell in SHELLS:
        ours, peer = (in_shell(world, tool, shell) for tool in ("ssoenv", "direnv"))
        none = in_shell(world, "none", shell)
        head += [shell, "direnv", "ratio", "no hook"]
        for name, value in ours.items():
            ratio = f"{peer[name] / value:.0f} x" if name in peer else ""
            shown = f"{peer[name]:.0f}" if name in peer else ""
            bare = f"{none[name]:.0f}" if name in none else ""
            cells.setdefault(name, [name]).extend([f"{value:.0f}", shown, ratio, bare])
    return head, list(cells.values())


if __name__ == "__main__":
    assert PROJECT
    sys.exit(main())
