"""The user's settings, ``~/.config/ssoenv/config.toml``; all of them optional.

What decides about trust and sign-in is read from here alone, never from a project.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from ssoenv.base import arns, files, paths
from ssoenv.base.agents import COMMANDS, MARKS, running
from ssoenv.base.errors import InvalidConfiguration
from ssoenv.base.toml_checks import Document
from ssoenv.base.values import dataclass, fields

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DEFAULT_COMMANDS = (
    "aws",
    "aws-nuke",
    "amplify",
    "cdk",
    "cdktf",
    "chalice",
    "copilot",
    "eb",
    "ecs-cli",
    "eksctl",
    "kops",
    "packer",
    "pulumi",
    "s5cmd",
    "sam",
    "serverless",
    "sls",
    "sst",
    "steampipe",
    "terraform",
    "terragrunt",
    "tofu",
)
"""Commands whose plain use means AWS."""
LONGEST = 366 * 24 * 3600
"""The most seconds that a setting may say."""
SIGN_IN_PAUSE = 300
"""Seconds for which a declined sign-in is not asked for again by itself."""
PROTECT_FOR = 3600
"""Seconds for which a yes to a protected role holds in its shell."""
CONSOLE_LASTS = 15 * 60, 12 * 3600
"""The least and the most seconds that a session of the AWS console may be asked to last."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the user has set; `sign_in_pause`, `protect_for` and `console_duration` are in seconds.

    `agents` says what coding agents get where a project says nothing: everything but protected
    roles ("refuse"), no role ("none"), or the "same" as the person whose shell they run in. They
    are known by the variables `agent_env` and by running one of `agent_commands`. `session` is the
    one that is meant where there are several and nothing says which. `storage` says where tokens
    and credentials are kept: in "files" as the AWS CLI has them, or sealed by the "keyring".
    """

    commands: tuple[str, ...] = DEFAULT_COMMANDS
    export: str = "keys"
    login: str = "lazy"
    never: tuple[str, ...] = ()
    protect: tuple[str, ...] = ()
    protect_for: int = PROTECT_FOR
    browser: str = ""
    console_browser: str = ""
    console_duration: int = 0
    sign_in_pause: int = SIGN_IN_PAUSE
    tenant: str = ""
    agents: str = "refuse"
    agent_commands: tuple[str, ...] = tuple(COMMANDS)
    agent_env: tuple[str, ...] = tuple(MARKS)
    session: str = ""
    storage: str = "files"

    @property
    def seals(self) -> bool:
        """Whether no secret may be in a plain file: neither a token nor keys."""
        return self.storage == "keyring"

    def handed_over(self, export: str | None) -> str:
        """Return how the credentials of a profile that says `export`, or nothing, are handed over.

        Keys in an environment come from a file that shells read, which would be a plain one.
        """
        return "profile" if self.seals else export or self.export

    def agent(self, env: Mapping[str, str], *, for_itself: bool = False) -> str:
        """Return the name of the coding agent that runs this; empty where none does.

        With `for_itself` on, what an agent runs for itself counts as a person's: its own settings
        say so. That is told by the lack of the variable which it sets for all its commands.
        """
        marking = {MARKS[name] for name in self.agent_env if name in MARKS} if for_itself else ()
        commands = [one for one in self.agent_commands if COMMANDS.get(one, one) not in marking]
        return running(env, self.agent_env, commands)


COMMAND = re.compile(r"!?[A-Za-z0-9_][A-Za-z0-9_.-]*")
VARIABLE = re.compile(r"!?[A-Za-z_][A-Za-z0-9_]*")
_NAMES = {"plain name of a command": COMMAND, "name of a variable": VARIABLE}
TENANT = arns.TENANT
ACCOUNT_AND_ROLE = re.compile(r"[\s\S]+:[^:/]+")
ACCOUNT_PERHAPS_ROLE = re.compile(r"[^:]+|[\s\S]+:[^:/]+")
_ROLE_ARN = re.compile(r"arn:[^:]*:iam::([^:]*):role/(?:[\s\S]*/)?([^/]*)")
CHOICES = {
    "export": ("keys", "profile"),
    "login": ("lazy", "manual"),
    "agents": ("refuse", "none", "same"),
    "storage": ("files", "keyring"),
}
"""Setting -> what it may say, the default first."""
SPANS = {
    "protect_for": (1, LONGEST),
    "console_duration": CONSOLE_LASTS,
    "sign_in_pause": (0, LONGEST),
}
"""Setting -> how many seconds it says, at least and at most."""
KEYS = tuple(one.name for one in fields(Settings))


def load(env: Mapping[str, str]) -> Settings:
    """Return the settings. Raises InvalidConfiguration that lists every problem.

    Only a file that is not there means the defaults. What cannot be read might forbid a role.
    """
    path = paths.settings_file(env)
    content = _read(path)
    if content is None:
        return Settings()
    document = Document(content, path)
    root = document.root
    document.check_keys(root, KEYS)
    settings = Settings(
        commands=_names(document, "commands", DEFAULT_COMMANDS, "plain name of a command"),
        export=_choice(document, "export"),
        login=_choice(document, "login"),
        never=_patterns(document, "never", ACCOUNT_AND_ROLE),
        protect=_patterns(document, "protect", ACCOUNT_PERHAPS_ROLE),
        protect_for=_seconds(document, "protect_for", PROTECT_FOR),
        browser=document.take(root, str, "browser") or "",
        console_browser=document.take(root, str, "console_browser") or "",
        console_duration=_seconds(document, "console_duration", 0),
        sign_in_pause=_seconds(document, "sign_in_pause", SIGN_IN_PAUSE),
        tenant=_tenant(document),
        agents=_choice(document, "agents"),
        agent_commands=_names(document, "agent_commands", COMMANDS, "plain name of a command"),
        agent_env=_names(document, "agent_env", MARKS, "name of a variable"),
        session=document.take(root, str, "session") or "",
        storage=_choice(document, "storage"),
    )
    document.finish()
    return settings


def _read(path: str) -> bytes | None:
    """Return the bytes of the settings file; None where there is none."""
    try:
        content = files.read_required(path, limit=paths.SETTINGS_LIMIT)
        if content is None:
            _refuse_dangling_parent(path)
    except OSError as error:
        what = (error.strerror or type(error).__name__).lower()
        raise InvalidConfiguration(
            f"your settings cannot be read: {path}: {what}",
            advice=f"correct {path}, or remove it to go without settings",
        ) from None
    return content


def _refuse_dangling_parent(path: str) -> None:
    """Raise FileNotFoundError if a folder of `path` is a link to nothing, as on a missing disk."""
    os.stat(next(folder for folder in paths.above(path) if os.path.lexists(folder)))


def agent(env: Mapping[str, str], *, for_itself: bool = False) -> str:
    """Return the name of the coding agent that runs this, as the settings tell one.

    By the defaults where the settings cannot be read: what they forbid is refused anyway.
    """
    try:
        return load(env).agent(env, for_itself=for_itself)
    except InvalidConfiguration:
        return Settings().agent(env, for_itself=for_itself)


def _names(document: Document, key: str, default: Iterable[str], kind: str) -> tuple[str, ...]:
    """``commands = ["make"]`` adds to the `default` list; ``"!aws"`` takes a default away.

    `kind` is what they are names of, with a pattern in _NAMES.
    """
    added = _strings(document, key)
    for word in added:
        if not _NAMES[kind].fullmatch(word):
            document.problem(f"{key}: {word!r} is not the {kind}", key)
    dropped = {word[1:] for word in added if word.startswith("!")}
    wanted = [*default, *(word for word in added if not word.startswith("!"))]
    return tuple(dict.fromkeys(word for word in wanted if word not in dropped))


def _patterns(document: Document, key: str, form: re.Pattern[str]) -> tuple[str, ...]:
    """``ACCOUNT:ROLE`` with ``*`` and ``?``; both sides are needed, so that none says too much."""
    patterns = _strings(document, key)
    for pattern in patterns:
        if arn := _ROLE_ARN.fullmatch(pattern):
            account, role = arn.groups()
            document.problem(f'{key} {pattern!r} is an ARN: write "{account}:{role}"', key)
        elif not form.fullmatch(pattern):
            document.problem(f'{key} {pattern!r} is not "ACCOUNT:ROLE", such as "*:Admin*"', key)
    return patterns


def _strings(document: Document, key: str) -> tuple[str, ...]:
    values: list[Any] = document.take(document.root, list, key) or []
    if any(not isinstance(value, str) or not value for value in values):
        document.problem(f"{key} must be a list of strings", key)
        return ()
    return tuple(values)


def _seconds(document: Document, key: str, default: int) -> int:
    value: int | None = document.take(document.root, int, key)
    least, most = SPANS[key]
    if value is not None and not least <= value <= most:
        document.problem(f"{key} must be {least} to {most}, in seconds", key)
    return default if value is None else value


def _tenant(document: Document) -> str:
    """Return the tenant of the account access manager; empty where none is set."""
    value: str | None = document.take(document.root, str, "tenant")
    if value is not None and not TENANT.fullmatch(value):
        document.problem(f"tenant {value!r}: 3 to 24 of a-z, 0-9 and -", "tenant")
    return value or ""


def _choice(document: Document, key: str) -> str:
    value, known = document.take(document.root, str, key), CHOICES[key]
    if value is not None and value not in known:
        document.problem(f"{key} {value!r}: one of {', '.join(known)}", key)
    return value or known[0]
