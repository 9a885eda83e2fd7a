"""`make bench`: what the hook and the hot verbs cost, each row beside its peer, in one run.

Every figure is the least of several rounds, in which each tool has its turn (whatever else the
machine does only adds); a ratio is peer / ours, and the one after it is of what the two add to a
shell without a hook, whose own cd is slow in fish. In-shell rows are timed inside the shell, around
a loop; process rows from outside, in turn with their peer.
direnv does the same job where it has one: an .envrc that exports the same variables.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from ssoenv.aws_files import edits, session_sections
from ssoenv.base import clock, paths
from ssoenv.base.dialects import SHELLS
from ssoenv.base.models import Account, Assignment, Session
from ssoenv.identity_center import kept_listings
from ssoenv.identity_center.assignments import Listing
from ssoenv.sandbox.server import Sandbox
from ssoenv.shells import hook as hook_text
from tests.conftest import Home
from tests.keyrings import Keyring, choose
from tests.shell.conftest import build_stage, fetch, project_text, trust
from tools import administration, discovery

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROUNDS = 5
MANY = 40
"""How many projects a shell enters that it has never seen."""
PROFILES = (500, 5000)
"""How many profiles `ssoenv configure` keeps."""
NEVER_SEEN = "enter a project never seen by this shell"
ONE = """\
session = "acme"
[profiles.dev]
account = "111111111111"
role = "Developer"
region = "eu-west-1"
"""
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
    # Unlike the others no function, and no file: what is typed at a prompt runs in none, and the hook has more
    # to do in a function of the user's.
    "bash": """measuring='
eval "$command" >/dev/null 2>&1
start=${EPOCHREALTIME/./}
for ((i = 0; i < loops; i++)); do eval "$command"; done >/dev/null 2>&1
end=${EPOCHREALTIME/./}
printf "@%s %d\\n" "$name" "$(((end - start) * 1000 / loops))"'
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
    many: int = MANY

    def directory(self, name: str) -> str:
        return str(self.home.path / name)


def build(root: Path, sandbox: Sandbox, many: int = MANY) -> World:
    """Make everything under `root`, with `many` projects that no shell has seen."""
    home = Home(root / "home", {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TERM": "dumb"})
    home.path.mkdir(mode=0o700)
    home.env |= {"HOME": str(home.path), "AWS_EC2_METADATA_DISABLED": "true"}
    sandbox.write_home(str(home.path))
    home.env |= sandbox.environment(str(root / "sandbox"))
    for name in ("web", "ops"):
        trust(home, home.project(name, project_text(name)))
    for name in ("lone", "other", *(f"many/p{n}" for n in ("", *range(many + 2)))):
        trust(home, home.project(name, ONE))
    stage = build_stage(home)
    fetch(home)
    for name in ("terraform",):
        (home.path / "bin" / name).unlink()
        (home.path / "bin" / name).symlink_to("/bin/true")
    for name in ("one", "d1/d2/d3/d4/d5/d6/d7", "web/a/b/c"):
        (home.path / name).mkdir(parents=True)
    exports = home.ssoenv("export", cwd=home.path / "lone").stdout
    for name in ("dlone", "dother", *(f"dmany/p{n}" for n in ("", *range(many + 2)))):
        project = home.path / name
        project.mkdir(parents=True)
        project.joinpath(".envrc").write_text(
            exports.replace("unset AWS_PROFILE\nunset AWS_DEFAULT_PROFILE\n", "")
        )
        subprocess.run(["direnv", "allow", str(project)], env=stage.env, check=True)
    return World(home, stage.env | {"DIRENV_LOG_FORMAT": ""}, many)


def rows(world: World, tool: str, shell: str) -> Iterator[tuple[str, str, str]]:
    """(name, directory, command) of every row that `tool` can be asked for."""
    prompt = PROMPT[tool][shell]
    bound, other, many = (
        f"d{name}" if tool == "direnv" else name for name in ("lone", "other", "many")
    )
    at = world.directory
    yield "prompt, unbound, depth 1", "/tmp", prompt  # noqa: S108 - a shallow directory
    yield "prompt, unbound, depth 9", at("d1/d2/d3/d4/d5/d6/d7"), prompt
    yield "prompt, live", at(bound), prompt
    if tool == "ssoenv":
        yield "prompt, live, all looked at anew", at(bound), RESET[shell]
    yield "enter and leave", at("one"), f"cd {at(bound)}; {prompt}; cd {at('one')}; {prompt}"
    yield "sibling to sibling", at(bound), f"cd {at(other)}; {prompt}; cd {at(bound)}; {prompt}"
    yield NEVER_SEEN, at("one"), f"cd {at(many)}/p$i; {prompt}"
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
        loops = LOOPS[tool] // (1 if name.startswith("prompt") else 4)
        loops = world.many if name == NEVER_SEEN else loops
        lines += [f"cd '{directory}'", PROMPT[tool][shell], PROMPT[tool][shell]]
        loops = loops if name == NEVER_SEEN else max(loops, 5)
        lines.append(measuring(shell, name, loops, command))
    return "\n".join([*lines, ""])


def measuring(shell: str, name: str, loops: int, command: str) -> str:
    """Return the line that has `shell` run `command` so many times, and print its `name` and time."""
    if shell == "bash":
        return f"name='{name}' loops={loops} command='{command}'; eval \"$measuring\""
    return f"measure '{name}' {loops} '{command}'"


def in_shell(world: World, tool: str, shell: str, rounds: int = ROUNDS) -> dict[str, float]:
    """Microseconds of each row, the least of the rounds."""
    return timed(world, shell, script(world, tool, shell), rounds)


def timed(world: World, shell: str, text: str, rounds: int = ROUNDS) -> dict[str, float]:
    """Run `text` in `shell`; return the microseconds that it measured, the least of the rounds."""
    path = world.home.path / f"bench.{shell}"
    path.write_text(text)
    found: dict[str, list[float]] = {}
    for _ in range(rounds):
        typed = path if shell == "bash" else Path(os.devnull)
        result = subprocess.run(
            COMMAND[shell] if shell == "bash" else [*COMMAND[shell], str(path)],
            env=world.env,
            input=typed.read_text(),
            capture_output=True,
            text=True,
            check=False,
            start_new_session=True,
        )
        for line in result.stdout.split("\n"):
            if line.startswith("@"):
                name, _, value = line[1:].rpartition(" ")
                found.setdefault(name, []).append(int(value) / 1000)
    return {name: min(values) for name, values in found.items()}


def in_turn(
    world: World,
    commands: dict[str, list[str]],
    times: int = 15,
    places: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, float]:
    """Milliseconds of whole processes, run in turn; the least of each.

    Each runs in the directory that `places` has for its name, else in a project.
    """
    taken: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(times + 1):
        for name, command in commands.items():
            where = places.get(name, world.directory("web"))
            env = world.env | {"PWD": where}
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
    return {name: min(values[1:]) for name, values in taken.items()}


def starts(world: World, shell: str) -> dict[str, float]:
    """Milliseconds that a shell takes to start and end, without a hook and with it."""
    kept = world.home.path / f"kept.{shell}"
    kept.write_text(hook_text.render(shell, world.home.env))
    program = " ".join(f"'{word}'" for word in hook_text.command_line())
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


SH = "/bin/sh"
PADDING = "# a comment of a usual length, as people write it\n"


def source(world: World) -> list[tuple[str, float, float]]:
    """(row, milliseconds, ratio to the barest Python) of the credential source on a hit."""
    bare = "python -I -S -c pass"
    commands = {bare: [sys.executable, "-I", "-S", "-c", "pass"], "sh -c :": [SH, "-c", ":"]}
    places = {}
    for size in (300, 2000, 8 * 1024):
        text = f"{ONE}{PADDING * (size // len(PADDING))}"[:size]
        project = world.home.project(f"source{size}", text)
        trust(world.home, project)
        for depth in (1, 9):
            below = project.joinpath(*"abcdefghi"[:depth])
            below.mkdir(parents=True, exist_ok=True)
            name = f"credential source, file of {size / 1000:.1f} kB, {depth} below"
            commands[name] = [SH, paths.source_file(world.home.env)]
            places[name] = str(below)
    found = in_turn(world, commands, 60, places)
    return [(name, value, value / found[bare]) for name, value in found.items()]


def processes(world: World) -> list[tuple[str, float, float]]:
    """(verb, milliseconds, ratio to bare Python) of the verbs that run all day."""
    ssoenv = list(hook_text.command_line())
    bare = "python -c pass"
    commands = {
        bare: [sys.executable, "-c", "pass"],
        "python -c 'import ssoenv'": [sys.executable, "-c", "import ssoenv"],
        "credential-process": [*ssoenv, "credential-process"],
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
            "ssoenv",
        ],
    }
    found = in_turn(world, commands)
    return [(name, value, value / found[bare]) for name, value in found.items()]


def sealed(world: World) -> list[tuple[str, float, float]]:
    """(row, milliseconds of processor time, ratio to bare Python) where all is sealed.

    The last table, for nothing is as before. The second time keyring is told which backend to take.
    """
    ssoenv, bare = list(hook_text.command_line()), "python -c pass"
    web = str(world.home.path / "web")
    commands = {
        bare: [sys.executable, "-c", "pass"],
        "credential source": [SH, paths.source_file(world.home.env)],
        "export": [*ssoenv, "export"],
        "ensure": [*ssoenv, "ensure", web, "dev", "1.1", "aws"],
        "status": [*ssoenv, "status"],
    }
    with world.home.closing:
        world.env["DBUS_SESSION_BUS_ADDRESS"] = Keyring(world.home).address
        choose(world.home)
        for words in ("login", "acme"), ("export",):
            done = world.home.ssoenv(*words, cwd=Path(web))
            assert done.returncode == 0, done.stderr
        found = spent(world, commands)
        own = world.home.path / ".config/python_keyring/keyringrc.cfg"
        own.parent.mkdir()
        own.write_text("[backend]\ndefault-keyring=keyring.backends.SecretService.Keyring\n")
        named = {f"{one}, backend named": commands[one] for one in ("credential source", "ensure")}
        found |= spent(world, named)
    return [(name, value, value / found[bare]) for name, value in found.items()]


def spent(world: World, commands: dict[str, list[str]], times: int = 6) -> dict[str, float]:
    """Milliseconds of processor time in a project, run in turn; the least of each."""
    taken: dict[str, list[float]] = {name: [] for name in commands}
    where = world.directory("web")
    for _ in range(times):
        for name, command in commands.items():
            process = subprocess.Popen(
                command,
                env=world.env | {"PWD": where},
                cwd=where,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            assert process.returncode == 0, name
            taken[name].append((usage.ru_utime + usage.ru_stime) * 1000)
    return {name: min(values) for name, values in taken.items()}


def growth(world: World, shell: str) -> dict[str, float]:
    """Microseconds of a live prompt, and of entering and leaving, as things grow."""
    load = [TIMER[shell], hook_text.render(shell, world.home.env)]
    prompt, one = PROMPT["ssoenv"][shell], world.directory("one")
    found: dict[str, float] = {}

    def measure(name: str, directory: str, *, enter: bool = True) -> None:
        lines = [*load, f"cd '{directory}'", prompt, prompt, prompt]
        lines.append(measuring(shell, f"{name}: prompt", 300, prompt))
        if enter:
            move = f"cd {directory}; {prompt}; cd {one}; {prompt}"
            lines.append(measuring(shell, f"{name}: enter and leave", 60, move))
        found.update(timed(world, shell, "\n".join([*lines, ""])))

    top = f"{world.home.path}/.local/state/ssoenv/trust{world.home.path}/grown"
    trusted = 0
    for projects in (1, 100, 10_000):
        for number in range(trusted, projects):
            os.makedirs(f"{top}/p{number}", exist_ok=True)
            for name in ("@toml", "@sh", "@fish"):
                Path(f"{top}/p{number}/{name}").write_text("x")
        trusted = projects
        measure(f"{projects} trusted projects", world.directory("lone"))
    for depth in (1, 10, 20, 40):
        deep = world.home.path / "/".join(["deep", *(f"d{n}" for n in range(depth))])
        deep.mkdir(parents=True, exist_ok=True)
        measure(f"unbound, {depth} levels below", str(deep), enter=False)
    for kib in (1, 16, 64):
        padding = "#" * (kib * 1024 - len(ONE) - 1)
        project = world.home.project(f"size{kib}", f"{ONE}{padding}\n")
        trust(world.home, project)
        measure(f".ssoenv.toml of {kib} KiB", str(project))
    for count in (0, 50, 500):
        paths = "".join(f'"envs/e{n}" = "dev"\n' for n in range(count))
        project = world.home.project(f"paths{count}", f"{ONE}[paths]\n{paths}")
        trust(world.home, project)
        measure(f"{count} [paths]", str(project))
    return found


def configured(count: int, rounds: int = 2) -> dict[str, float]:
    """Seconds that so many profiles take, the whole command each time; the least of the rounds."""
    rows = [
        Assignment(
            Account(f"{number // 4:012d}", f"account-{number // 4}", ""), f"Role{number % 4}"
        )
        for number in range(count)
    ]
    region = ("--region", "us-east-1")
    steps = {
        "written": ("--yes",),
        "again, nothing to change": ("--yes",),
        "each one changed": (*region, "--yes"),
        "shown, each one changed": ("--dry-run", "--set", "output=json"),
        "taken out": ("--remove", "--yes"),
    }
    found: dict[str, list[float]] = {}
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            env = {"HOME": folder, "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "PWD": folder}
            session = Session("acme", "https://acme.awsapps.com/start", "eu-west-1", None, "")
            edits.apply(env, session_sections.added(session))
            kept_listings.save(env, session, Listing.of(rows, clock.now()))
            for name, words in steps.items():
                start = time.perf_counter()
                subprocess.run(
                    [*hook_text.command_line(), "configure", "--cached", *words],
                    env=env,
                    cwd=folder,
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                    check=True,
                )
                found.setdefault(name, []).append(time.perf_counter() - start)
    return {name: min(values) for name, values in found.items()}


def table(title: str, head: list[str], lines: list[list[str]]) -> str:
    """A table in Markdown."""
    rule = ["---", *["---:"] * (len(head) - 1)]
    body = "\n".join("| " + " | ".join(row) + " |" for row in (head, rule, *lines))
    return f"\n### {title}\n\n{body}\n"


def main() -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--only",
        choices=[
            "shell",
            "growth",
            "start",
            "process",
            "source",
            "sealed",
            "discovery",
            "configure",
            "admin",
        ],
        help="one table only",
    )
    parser.add_argument(
        "--aws-sso-util",
        metavar="PATH",
        type=os.path.abspath,
        help="the program to compare what lists with",
    )
    asked = parser.parse_args()
    only = asked.only
    print(
        f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, the least of the rounds"
    )
    if only in (None, "configure"):
        many = {count: configured(count) for count in PROFILES}
        lines = [[name, *(f"{many[count][name]:.2f}" for count in PROFILES)] for name in many[500]]
        head = ["profiles", *(f"{count:,}" for count in PROFILES)]
        print(table("ssoenv configure, seconds", head, lines), flush=True)
    if only in (None, "discovery"):
        discovery_tables(asked.aws_sso_util)
    if only in (None, "admin"):
        administration_table(asked.aws_sso_util)
    if only in ("configure", "discovery", "admin"):
        return 0
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as root, Sandbox() as sandbox:
        world = build(Path(root), sandbox)
        if only in (None, "shell"):
            print(table("In the shell, microseconds", *shell_table(world)), flush=True)
        if only in (None, "growth"):
            grown = {shell: growth(world, shell) for shell in SHELLS}
            lines = [
                [name, *(f"{grown[shell][name]:.0f}" for shell in SHELLS)] for name in grown["bash"]
            ]
            print(table("How it grows, microseconds", ["", *SHELLS], lines), flush=True)
        if only in (None, "start"):
            found = {shell: starts(world, shell) for shell in SHELLS}
            lines = [
                [name, *(f"{found[shell][name]:.1f}" for shell in SHELLS)] for name in found["bash"]
            ]
            print(table("Shell start, milliseconds", ["", *SHELLS], lines), flush=True)
        for name, title, measure, against in (
            ("process", "Processes", processes, "bare Python"),
            ("source", "Credential source", source, "`-I -S`"),
            ("sealed", "Sealed storage, processor time", sealed, "bare Python"),
        ):
            if only in (None, name):
                lines = [
                    [f"`{row}`", f"{value:.1f}", f"{ratio:.2f} x"]
                    for row, value, ratio in measure(world)
                ]
                head = ["", "ms", against]
                print(table(f"{title}, milliseconds", head, lines), flush=True)
    return 0


def discovery_tables(peer: str | None) -> None:
    """Print the tables of listing; `peer` is the path of aws-sso-util, if it is there."""
    size = f"{discovery.ACCOUNTS:,} accounts with {discovery.ROLES} roles"
    far = f"each call {discovery.LATENCY} ms"
    limit = f"{discovery.RATE:.0f} calls a second, {discovery.BURST} at once"
    head = ["", "time", "calls", "refused"]
    print(table(f"{size}, {far}, {limit}", head, list(discovery.strict())), flush=True)
    head = ["", "time", "calls", "MiB", "ratio"]
    print(table(f"{size}, {far}, no limit", head, list(discovery.free(peer))), flush=True)
    head = ["", "one can type", "`roles`", "calls", "again", "MiB"]
    print(table(f"Growth, {far}, no limit", head, list(discovery.growth())), flush=True)


def administration_table(peer: str | None) -> None:
    """Print what a large organization takes; `peer` is the path of aws-sso-util, if it is there."""
    title = (
        "500 accounts, 60 permission sets, 300 groups, 3,000 users, 20,000 assignments, no limit"
    )
    head = ["", "seconds", "calls", "MiB", "rows"]
    print(table(title, head, list(administration.rows(peer))), flush=True)


def least(world: World, shell: str) -> list[dict[str, float]]:
    """Microseconds of each row for us, direnv and no hook at all, in turn."""
    found: list[dict[str, float]] = [{}, {}, {}]
    for _ in range(ROUNDS):
        for kept, tool in zip(found, ("ssoenv", "direnv", "none"), strict=True):
            for name, value in in_shell(world, tool, shell, rounds=1).items():
                kept[name] = min(value, kept.get(name, value))
    return found


def shell_table(world: World) -> tuple[list[str], list[list[str]]]:
    """The head and rows of the in-shell table."""
    head = [""]
    cells: dict[str, list[str]] = {}
    for shell in SHELLS:
        ours, peer, none = least(world, shell)
        head += [shell, "direnv", "no hook", "ratio", "added"]
        for name, value in ours.items():
            row = [f"{value:.0f}", "", f"{none[name]:.0f}" if name in none else "", "", ""]
            if name in peer:
                added = (peer[name] - none[name]) / max(value - none[name], 1)
                row[1], row[3], row[4] = (
                    f"{peer[name]:.0f}",
                    f"{peer[name] / value:.0f} x",
                    f"{added:.0f} x",
                )
            cells.setdefault(name, [name]).extend(row)
    return head, list(cells.values())


if __name__ == "__main__":
    sys.exit(main())
