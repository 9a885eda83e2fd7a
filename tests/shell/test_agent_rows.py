"""What coding agents get, by the shell that starts them, the kind of agent, and where it goes.

The agents are stand-ins that behave as the real ones do: they run what a model tells them in shells
that are not interactive, or in one on a terminal of their own, mark what they run by a variable, or
are known by their name alone.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ssoenv.base import files
from tests.shell.conftest import trust

if TYPE_CHECKING:
    from tests.shell.conftest import Shell

PROJECTS = {
    "dev": 'session = "acme"\n[profiles.dev]\naccount = "dev"\nrole = "Developer"\n',
    "prod": (
        'session = "acme"\ndefault = "admin"\nagent = "reader"\n'
        '[profiles.admin]\naccount = "prod"\nrole = "Administrator"\n'
        '[profiles.reader]\naccount = "prod"\nrole = "ReadOnly"\n'
    ),
    "vault": 'session = "acme"\n[profiles.v]\naccount = "prod"\nrole = "Administrator"\nprotect = true\n',
}  # fmt: skip
DEV, READER = "111111111111/Developer", "333333333333/ReadOnly"
AGENTS = ("claude", "gemini", "aider")
"""One that marks its commands, one that does so on a terminal of its own, one known by its name."""
NONE = "none"
STARTS = ("live", "armed", "chosen", "protected", "outside")
"""The shell that an agent is started from: in ~/prod three times, in ~/vault after a yes, in ~."""
OF_ORIGIN = {"live": READER, "armed": READER, "chosen": READER, "protected": NONE, "outside": NONE}
PLAN = [
    *(("bash", start) for start in STARTS),
    *((shell, start) for shell in ("zsh", "fish") for start in ("live", "protected")),
]
"""From which shells agents are started: in bash all, in the others those that matter most."""
PROBE = """\
import os, subprocess, sys
name, kind, *words = sys.argv[1:]
if kind == "boto3":
    import boto3
    try:
        found = boto3.Session().get_credentials()
    except Exception as error:
        found = None
    said = found.get_frozen_credentials().access_key if found else "none"
elif kind == "asks":
    import configparser, json
    config = configparser.ConfigParser(interpolation=None)
    config.read(os.path.expanduser("~/.aws/config"))
    section = f"profile {os.environ.get('AWS_PROFILE')}"
    source = config.get(section, "credential_process", fallback="false")
    done = subprocess.run(["sh", "-c", source], capture_output=True, text=True)
    said = os.environ.get("AWS_ACCESS_KEY_ID") or (json.loads(done.stdout)["AccessKeyId"] if done.stdout else "none")
elif kind == "aws":
    done = subprocess.run(["/usr/bin/aws", "configure", "export-credentials", "--format", "env-no-export"], capture_output=True, text=True)
    said = dict(line.partition("=")[::2] for line in done.stdout.splitlines()).get("AWS_ACCESS_KEY_ID", "none")
else:
    done = subprocess.run(words, stdin=None, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    said = f"exit {done.returncode}"
print(f"\\nrow|{name}|{said}|", flush=True)
"""
OWN_PTY = """\
import os, pty, sys
os.environ["GEMINI_CLI"] = "1"
sys.exit(os.waitstatus_to_exitcode(pty.spawn([os.environ["SHELL_OF_ROWS"], "-ic", sys.argv[1]])))
"""


@dataclass(frozen=True)
class Row:
    """What an agent types, and who it may be then: a role, NONE, or how the program ends."""

    name: str
    line: str
    gets: str


def rows(shell: str, start: str, agent: str) -> list[Row]:
    """The rows of an `agent` that was started from a `shell` in the state `start`.

    From a live bash one runs boto3 and the AWS CLI; else a program asks as they do, for they take long.
    """
    # The hook of a shell that it owns takes the profile away outside of projects.
    outside = NONE if agent == "gemini" else OF_ORIGIN[start]
    real = (shell, start, agent) == ("bash", "live", "claude")
    client = "boto3" if real else "asks"
    made = [
        Row("dev", f"cd ~/dev; probe dev {client}", DEV),
        Row("prod", f"cd ~/prod; probe prod {client}", READER),
        Row("vault", f"cd ~/vault; probe vault {client}", NONE),
        Row("clone", f"cd ~/clone; probe clone {client}", NONE),
        Row("outside", f"cd ~/outside; probe outside {client}", outside),
        Row("allow", f"cd ~/vault; env SSOENV_ALLOW_PROTECTED=prod/Administrator,333333333333/Administrator probe allow {client}", NONE),
        Row("trust", "cd ~/clone; probe trust run ssoenv trust --yes", "exit 4"),
        Row("yes", "cd ~/clone; yes | probe yes run ssoenv trust", "exit 4"),
        Row("login", "cd ~/dev; probe login run ssoenv login --force", "exit 3"),
        Row("by name", "cd ~/prod; probe 'by name' run ssoenv exec prod/Administrator -- true", "exit 6"),
        Row("use", "cd ~/prod; probe use run ssoenv use admin --save", "exit 4"),
    ]  # fmt: skip
    if real:
        made += [
            Row("dev aws", "cd ~/dev; probe 'dev aws' aws", DEV),
            Row("prod aws", "cd ~/prod; probe 'prod aws' aws", READER),
            Row("clone aws", "cd ~/clone; probe 'clone aws' aws", NONE),
        ]
    if agent == "claude":
        made += [
            Row("make", "cd ~; make -s -C ~/dev", DEV),
            Row("make prod", "cd ~/dev; make -s -C ~/prod", READER),
        ]
    return made


def install(shell: Shell) -> None:
    """Make the projects, the probe, and three agents: claude, gemini and aider."""
    home = shell.home
    for name, text in PROJECTS.items():
        project = home.project(name, text)
        trust(home, project)
        made = "dev" if name == "dev" else "prod"
        word = "make" if name == "dev" else "make prod"
        (project / "Makefile").write_text(f"all:\n\t@probe '{word}' asks # {made}\n")
    home.project("clone", PROJECTS["prod"])
    (home.path / "outside").mkdir()
    path = home.path / "bin"
    programs = {
        "probe.py": PROBE,
        "gemini.py": OWN_PTY,
        "probe": f'#!/bin/sh\nexec {sys.executable} -I {path}/probe.py "$@"\n',
        "claude": '#!/bin/sh\nCLAUDECODE=1 exec sh -c "$1; :"\n',
        "gemini": f'#!/bin/sh\nexec {sys.executable} -I {path}/gemini.py "$@"\n',
    }
    for name, text in programs.items():
        files.write_private(str(path / name), text.encode(), mode=0o700)
    # Known by its name alone, which its commands do not inherit: `;` keeps it as their parent.
    files.write_private(str(path / "aider.sh"), b'eval "$1"\n', mode=0o600)
    (path / "aider-shell").symlink_to("/bin/bash")
    named = path / "named"
    named.mkdir()
    (named / "aider").symlink_to("/bin/bash")
    files.write_private(str(path / "aider"), f'#!/bin/sh\nexec {named}/aider {path}/aider.sh "$1"\n'.encode(), mode=0o700)  # fmt: skip
    assert home.ssoenv("roles").returncode == 0


def begin(shell: Shell, start: str) -> str:
    """Bring the shell into the state `start`; return what is typed in front of the agent."""
    if start == "live":
        shell.run("cd ~/prod")
        shell.run("aws who")
        assert shell.get("AWS_ACCESS_KEY_ID")
    elif start == "chosen":
        shell.run("cd ~/prod; ssoenv use reader; ssoenv use admin")
        assert shell.get("SSOENV_USE") == "admin"
    elif start == "armed":
        # Its role is at hand for no shell yet.
        shell.run("cd ~/prod")
        assert (shell.get("AWS_ACCESS_KEY_ID"), shell.get("AWS_PROFILE")) == (None, "ssoenv")
    elif start == "protected":
        shell.run("cd ~/vault")
        shell.terminal.send("aws who")
        shell.terminal.wait_for(r"\[y/N\]")
        shell.terminal.send("y")
        shell.terminal.answer()
    else:
        shell.run("cd ~")
    # Outside of projects nothing of ours is there: the agent's own settings name the profile.
    return "env AWS_PROFILE=ssoenv " if start == "outside" else ""


def check(shell: Shell, start: str, agent: str) -> int:
    """Have `agent` run its rows from the shell in the state `start`; return how many there were."""
    typed = begin(shell, start)
    wanted = rows(shell.name, start, agent)
    script = shell.home.path / f"rows-{agent}"
    script.write_text("\n".join(row.line for row in wanted) + "\n")
    source = "source" if agent == "gemini" else "."
    answer = shell.run(f"{typed}{agent} '{source} {script}'")
    said = dict(re.findall(r"row\|([^|]+)\|([^|]*)\|", answer.output))
    got = {}
    for row in wanted:
        text = said.get(row.name, f"nothing in {answer.output!r}")
        keys = shell.sandbox.state.keys.get(text)
        got[row.name] = f"{keys.account}/{keys.role}" if keys else text
    assert got == {row.name: row.gets for row in wanted}, (start, agent)
    return len(wanted)


@pytest.fixture
def place(signed_in: Shell) -> Shell:
    install(signed_in)
    signed_in.run(f"export SHELL_OF_ROWS={signed_in.name}")
    return signed_in


def agents_of(shell: str, start: str) -> tuple[str, ...]:
    """Which agents are started: in bash all, where it matters most, else each in its turn."""
    return AGENTS if (shell, start) == ("bash", "live") else AGENTS[STARTS.index(start) % 3 :][:1]


def test_the_pages_say_how_many_rows_there_are() -> None:
    number = sum(
        len(rows(shell, start, agent)) for shell, start in PLAN for agent in agents_of(shell, start)
    )
    page = Path(__file__).parent.parent.parent / "docs/security.md"
    assert f" {number} rows: how the shell stood" in page.read_text()


@pytest.mark.parametrize(("shell", "start"), PLAN, indirect=["shell"])
@pytest.mark.sampled(2)
def test_what_an_agent_gets(place: Shell, start: str) -> None:
    """Never more than its project says, and no yes, by any of its ways."""
    for agent in agents_of(place.name, start):
        shell = place.another()
        shell.run(f"export SHELL_OF_ROWS={shell.name}")
        try:
            assert check(shell, start, agent) > 10
        finally:
            shell.terminal.close()
    assert not [call for call in place.sandbox.requests() if call["operation"] in ("Authorize", "StartDeviceAuthorization")]  # fmt: skip
