"""The coding agents whose own settings we know: what they are, by which page, and what they lack.

A table, and nothing else knows a tool by its name but `agent_model`. Only what a page documents is
written; `read` is when the page was stored or read.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ssoenv.base import likely, paths
from ssoenv.base.errors import UsageError
from ssoenv.base.models import MANAGED
from ssoenv.base.values import dataclass
from ssoenv.setup.agent_blocks import Dotenv, OwnFile, Toml
from ssoenv.setup.agent_formats import Entry, Json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssoenv.setup.agent_formats import Format

KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
"""Keys, which AWS programs take before any profile; an empty one is none to them."""
VARIABLES = {"AWS_PROFILE": MANAGED, **dict.fromkeys(KEYS, "")}
"""What a program gets that is to have the role of its directory, wherever its agent came from."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page that documents a setting, and the day on which it was stored or read."""

    url: str
    read: str


@dataclass(frozen=True, slots=True)
class Tool:
    """A coding agent: `name` here, its `title`, and the `program` that a person starts.

    `form` is that of its settings, None where no page documents any for the environment of what it
    runs. `mine` and `here` are the files for everywhere and for a project, below the home and below
    the project; `moved` is a variable that says where the folder of `mine` is instead. `limits` are
    what the settings do not reach, in words.
    """

    name: str
    title: str
    program: str
    pages: tuple[Page, ...]
    limits: tuple[str, ...] = ()
    form: Format | None = None
    entries: tuple[Entry, ...] = ()
    mine: str = ""
    here: str = ""
    moved: str = ""

    def path(self, env: Mapping[str, str], project: str | None) -> str:
        """Return the file of its settings: for everywhere, or of the directory `project`."""
        if project is not None:
            return os.path.join(project, self.here)
        folder, name = self.mine.split("/", 1)
        moved = env.get(self.moved, "")
        there = moved.rstrip("/") if moved.startswith("/") else f"{paths.home(env)}/{folder}"
        return f"{there}/{name}"

    @property
    def by_hand(self) -> str:
        """The command that starts it as it should be, without settings."""
        return f"ssoenv exec --none -- env AWS_PROFILE={MANAGED} {self.program}"


def _in(*way: str) -> tuple[Entry, ...]:
    return tuple(Entry((*way, name), value) for name, value in VARIABLES.items())


_PLUGIN = "\n".join(
    (
        "// Written by: ssoenv agents setup opencode --write",
        "// To take it out again: ssoenv agents setup opencode --undo",
        "export const Ssoenv = async () => ({",
        '  "shell.env": async (_, output) => {',
        *(f'    output.env.{name} = "{value}"' for name, value in VARIABLES.items()),
        "  },",
        "})",
        "",
    )
)

_READ = "2026-11-28"
_GEMINI = "https://github.com/google-gemini/gemini-cli/blob/main/docs"
_NONE = f"no page was found, until {_READ}, of a setting for the environment of what it runs"

TOOLS = (
    Tool(
        "claude",
        "Claude Code",
        "claude",
        (
            Page("https://code.claude.com/docs/en/settings-reference", "2026-08-22"),
            Page("https://code.claude.com/docs/en/hooks", "2026-08-22"),
            Page("https://code.claude.com/docs/en/amazon-bedrock", "2026-08-22"),
        ),
        ("settings of a project, and managed ones, that set AWS_PROFILE win over yours",),
        Json(),
        _in("env"),
        ".claude/settings.json",
        ".claude/settings.local.json",
        "CLAUDE_CONFIG_DIR",
    ),
    Tool(
        "codex",
        "Codex",
        "codex",
        (
            Page("https://developers.openai.com/codex/config-reference", _READ),
            Page("https://developers.openai.com/codex/amazon-bedrock", _READ),
        ),
        ("MCP servers have an environment of their own: mcp_servers.NAME.env",),
        Toml(),
        _in("shell_environment_policy", "set"),
        ".codex/config.toml",
        ".codex/config.toml",
        "CODEX_HOME",
    ),
    Tool(
        "gemini",
        "Gemini CLI",
        "gemini",
        (
            Page(f"{_GEMINI}/get-started/authentication.mdx", "2026-08-21"),
            Page(f"{_GEMINI}/reference/configuration.md", "2026-08-21"),
        ),
        (
            "what is set where Gemini CLI is started wins over this: start it without AWS keys",
            "one .env is read, the first from the project upwards: one there hides yours",
        ),
        Dotenv(),
        (Entry(("AWS_PROFILE",), MANAGED),),
        ".gemini/.env",
        ".gemini/.env",
    ),
    Tool(
        "opencode",
        "OpenCode",
        "opencode",
        (Page("https://opencode.ai/docs/plugins", _READ),),
        ("MCP servers are not reached: they have the environment of OpenCode itself",),
        OwnFile(),
        (Entry((), _PLUGIN),),
        ".config/opencode/plugins/ssoenv.js",
        ".opencode/plugins/ssoenv.js",
        "XDG_CONFIG_HOME",
    ),
    Tool("copilot", "Copilot CLI", "copilot", (), (_NONE,)),
    Tool("cursor", "Cursor", "cursor-agent", (), (_NONE,)),
    Tool("amp", "Amp", "amp", (), (_NONE,)),
    Tool("aider", "Aider", "aider", (), (_NONE,)),
)


def find(name: str) -> Tool:
    """Return the tool `name`. Raises UsageError with the likely one."""
    for tool in TOOLS:
        if tool.name == name:
            return tool
    names = [tool.name for tool in TOOLS]
    close = likely.closest(name, names)
    meant = f"; did you mean {close!r}?" if close else f"; there is: {', '.join(names)}"
    raise UsageError(f"no agent {name!r}{meant}", fix=f"ssoenv agents setup {close or names[0]}")
