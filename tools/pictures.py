"""``make pictures``: real terminals, typed into and drawn as they are, for README and docs.

What differs from run to run (a port, an id, the throw-away HOME) is replaced by a look-alike before
it is drawn.
"""

from __future__ import annotations

import re
import shlex
import sys
import tempfile
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pyte

from ssoenv.sandbox.server import Sandbox
from ssoenv.sandbox.world import World, built_in
from tests.conftest import Home
from tests.screen import Screen
from tests.shell.conftest import build_stage, trust
from tools import svg

if TYPE_CHECKING:
    from collections.abc import Callable

COLUMNS, LINES = 80, 60
FOLDER = Path(__file__).parent.parent / "docs/pictures"
RC = """\
PROMPT='%B%~%b $ '
unsetopt prompt_cr prompt_sp
zle_highlight=(none)
eval "$(ssoenv hook zsh)"
"""
WEB = """\
session = "acme"

[profiles.dev]
account = "111111111111"
role    = "Developer"
region  = "eu-west-1"
"""
VAULT = """\
session = "acme"

[profiles.prod]
account = "333333333333"
role    = "Admin"
protect = true
"""
MASKS = (
    (re.compile(r"(AWSReservedSSO_\w+?_)[0-9a-f]{16}"), r"\g<1>4dd8c10bf2a6e2a0"),
    (re.compile(r"127\.0\.0\.1:\d+"), "127.0.0.1:8700"),
    (re.compile(r"authorize\?\S+"), "authorize?response_type=code&client_id=..."),
    (re.compile(r"…[A-Z0-9]{4}\b"), "…7Q2A"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"), "2026-11-23T18:00:00Z"),
    (re.compile(r"(?:\d+ h \d\d min|\d+ h|\d+ min)(?= left|, then)"), "59 min"),
    (re.compile(r"\bA[KS]IA[A-Z0-9]{16}\b"), "ASIAQ3EXAMPLE03K7Q2A"),
    (
        re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"),
        "5f0c9a1e-7b4d-4c1e-9d55-20a6d3b8e0f1",
    ),
    (re.compile(r"  \S+ left; Ctrl-C leaves"), ""),
)


def world() -> World:
    """The built-in world with a shorter name for its longest role: what is asked fits a line."""
    made = built_in()
    return replace(
        made,
        permission_sets=tuple(map(_short, made.permission_sets)),
        assignments=tuple(
            replace(one, permission_set=_short(one.permission_set)) for one in made.assignments
        ),
    )


def _short(role: str) -> str:
    return role.replace("Administrator", "Admin")


class Scene:
    """A zsh in a HOME of its own, with the sandbox; what it shows can be drawn."""

    def __init__(self, root: Path, sandbox: Sandbox, *, prompt: bool = False) -> None:
        self.home = Home(
            root / "home",
            {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "AWS_PAGER": ""},
        )
        self.home.path.mkdir(mode=0o700)
        self.home.env |= {"HOME": str(self.home.path), "AWS_EC2_METADATA_DISABLED": "true"}
        sandbox.write_home(str(self.home.path))
        self.home.env |= sandbox.environment(str(root / "sandbox"))
        self.sandbox = sandbox
        stage = build_stage(self.home)
        aws = self.home.path / "bin/aws"
        aws.unlink()
        aws.symlink_to("/usr/bin/aws")
        (self.home.path / ".zshrc").write_text(RC + ("ssoenv_prompt\n" if prompt else ""))
        env = stage.env | {"TERM": "xterm-256color", "HOME": str(self.home.path)}
        self._env = env
        self.screen: Screen

    def open(self) -> None:
        """Open the terminal, on what was made so far."""
        self.screen = Screen(
            ["zsh", "-i"], self._env, str(self.home.path), columns=COLUMNS, lines=LINES
        )
        self.screen.wait("$")

    def type(self, line: str) -> None:
        """Type `line`, and wait for the prompt after it."""
        before = self.screen.text().count(" $")
        self.screen.send(line + "\r")
        self.screen.wait(lambda text: text.count(" $") > before and text.endswith("$"))

    def close(self) -> None:
        """End the shell, if it was opened."""
        if hasattr(self, "screen"):
            self.screen.close()

    def draw(self, name: str, title: str, description: str) -> None:
        """Write the picture of what is on the screen now."""
        text = self.screen.raw.replace(str(self.home.path), "/home/you")
        for pattern, instead in MASKS:
            text = pattern.sub(instead, text)
        drawn = svg.Terminal(COLUMNS, LINES)
        pyte.Stream(drawn).feed(text)
        assert not drawn.display[-1].strip(), "the first lines may have scrolled away"
        FOLDER.mkdir(parents=True, exist_ok=True)
        (FOLDER / f"{name}.svg").write_text(svg.render(drawn, title, description))


def tour(scene: Scene) -> None:
    """From a fresh clone to an identity, and out again."""
    scene.home.project("orders", WEB)
    scene.open()
    for line in (
        "cd orders",
        "ssoenv trust --yes",
        "aws sts get-caller-identity --query Arn --output text",
        "cd ..",
        "printenv AWS_PROFILE AWS_ACCESS_KEY_ID || echo nothing left",
    ):
        scene.type(line)
    scene.draw(
        "tour",
        "A tour of ssoenv",
        "A fresh clone does nothing until it is trusted; the first AWS command signs in; "
        "outside the project nothing is left.",
    )


def prompt(scene: Scene) -> None:
    """The prompt in its states."""
    for name, text in (("orders", WEB), ("vault", VAULT)):
        trust(scene.home, scene.home.project(name, text))
    scene.home.project("theirs", WEB)
    scene.home.ssoenv("login", "acme")
    scene.open()
    scene.type("cd ~/orders")
    scene.type("aws sts get-caller-identity --query Account")
    scene.type("cd ~/vault")
    scene.type("cd ~/theirs")
    scene.sandbox.state.credentials_ttl = 240
    scene.home.ssoenv("logout", "acme")
    scene.home.ssoenv("login", "acme")
    scene.type("cd ~/orders")
    scene.type("aws sts get-caller-identity --query Account")
    scene.draw(
        "prompt",
        "The role in the prompt",
        "A hollow circle where a role is bound, a full one with live credentials, with the minutes "
        "left when they are few; a protected role on red; a cross for a file that may not act.",
    )


def protected(scene: Scene) -> None:
    """A protected role: asked for, refused, allowed."""
    trust(scene.home, scene.home.project("vault", VAULT))
    scene.home.ssoenv("login", "acme")
    scene.home.ssoenv("roles")
    scene.open()
    scene.type("cd vault")
    line = "aws sts get-caller-identity --query Account"
    for answer in ("n", "y"):
        before = scene.screen.text().count("[y/N]")
        scene.screen.send(line + "\r")
        scene.screen.wait(partial(_asked_again, before))
        scene.type(answer)
    scene.draw(
        "protected",
        "A protected role",
        "The first use asks, in words that name command, role and account; a no runs nothing, "
        "a yes holds for this shell.",
    )


def _asked_again(before: int, text: str) -> bool:
    return text.count("[y/N]") > before


def picker(scene: Scene) -> None:
    """The picker, with a few letters typed."""
    (scene.home.path / "new").mkdir()
    settings = scene.home.path / ".config/ssoenv/config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text('protect = ["prod:Admin*"]\n')
    trust(scene.home, scene.home.project("web", WEB.replace("Developer", "ReadOnly")))
    scene.home.ssoenv("login", "acme")
    scene.home.ssoenv("export", "staging/ReadOnly")
    scene.open()
    scene.type("cd new")
    scene.screen.send("ssoenv bind\r")
    scene.screen.wait("Enter picks")
    scene.screen.send("ad")
    scene.screen.wait("4 of 7")
    scene.screen.send("\x1b[B")
    scene.screen.wait("\n=>  dev")
    scene.draw(
        "picker",
        "Picking a role",
        "ssoenv bind with nothing given: type a few letters of account, id, e-mail and role in any "
        "order; recent and bound roles come first, protected ones are marked.",
    )


AGENT = """\
#!/bin/sh
for line in {lines}; do
    printf '\\033[36m> %s\\033[m\\n' "$line"
    CLAUDECODE=1 sh -c "$line" 2>&1 | sed '/^$/d; s/^/  /'
done
"""
"""A stand-in for Claude Code: it runs its lines as that does, and shows them."""
READER = WEB.replace("[profiles", 'default = "dev"\nagent = "reader"\n[profiles', 1) + (
    '\n[profiles.reader]\naccount = "111111111111"\nrole    = "ReadOnly"\n'
)


def agent(scene: Scene) -> None:
    """A coding agent in a project: it gets the role that the project gives to agents."""
    trust(scene.home, scene.home.project("orders", READER))
    scene.home.project("clone", WEB)
    who = "aws sts get-caller-identity --query Arn --output text"
    asks = [who, f"cd ../clone; {who}", "ssoenv trust ../clone --yes", "ssoenv exec -p dev -- env"]
    claude = scene.home.path / "bin/claude"
    claude.write_text(AGENT.replace("{lines}", shlex.join(asks)))
    claude.chmod(0o700)
    scene.home.ssoenv("login", "acme")
    scene.open()
    for line in ("cd orders", who, "claude -p 'What can you do here?'"):
        scene.type(line)
    scene.draw(
        "agent",
        "A coding agent in a project",
        "You have the role Developer; the agent gets ReadOnly, as the project says, nothing in a "
        "clone that is not trusted, and neither a yes nor another role.",
    )


SCENES: dict[str, tuple[Callable[[Scene], None], bool]] = {
    "tour": (tour, False),
    "prompt": (prompt, True),
    "protected": (protected, True),
    "picker": (picker, False),
    "agent": (agent, False),
}


def main() -> str | None:
    """Draw the scenes that are named, or all; return what is wrong with the names."""
    names = sys.argv[1:] or list(SCENES)
    if unknown := set(names) - set(SCENES):
        return f"no scene {', '.join(sorted(unknown))}; there is: {', '.join(SCENES)}"
    for name in names:
        play, with_prompt = SCENES[name]
        with (
            tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as root,
            Sandbox(world=world()) as sandbox,
        ):
            scene = Scene(Path(root), sandbox, prompt=with_prompt)
            try:
                play(scene)
            finally:
                scene.close()
    return None


if __name__ == "__main__":
    sys.exit(main())
