"""The user's settings, ``~/.config/ssoenv/config.toml``; all of them optional.

Whatever decides about trust or sign-in comes from here, never from a project.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ssoenv import files, paths
from ssoenv.toml_checks import Document

if TYPE_CHECKING:
    from collections.abc import Mapping

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
SIGN_IN_PAUSE = 300
"""Seconds for which a declined sign-in is not asked for again by itself."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the user has set; `sign_in_pause` is in seconds."""

    commands: tuple[str, ...] = DEFAULT_COMMANDS
    export: str = "keys"
    login: str = "lazy"
    never: tuple[str, ...] = ()
    protect: tuple[str, ...] = ()
    browser: str = ""
    sign_in_pause: int = SIGN_IN_PAUSE


_KEYS = ("commands", "export", "login", "never", "protect", "browser", "sign_in_pause")


def load(env: Mapping[str, str]) -> Settings:
    """Return the settings. Raises InvalidConfiguration that lists every problem."""
    path = paths.settings_file(env)
    content = files.read_bytes(path)
    if content is None:
        return Settings()
    document = Document(content, path)
    root = document.root
    document.check_keys(root, _KEYS)
    pause = document.take(root, int, "sign_in_pause")
    settings = Settings(
        commands=_commands(document),
        export=_choice(document, "export", ("keys", "profile")),
        login=_choice(document, "login", ("lazy", "manual")),
        never=_patterns(document, "never"),
        protect=_patterns(document, "protect"),
        browser=document.take(root, str, "browser") or "",
        sign_in_pause=SIGN_IN_PAUSE if pause is None else max(0, pause),
    )
    document.finish()
    return settings


def _commands(document: Document) -> tuple[str, ...]:
    """``commands = ["make"]`` adds to the default list; ``"!aws"`` takes a default away."""
    added = _strings(document, "commands")
    for word in added:
        if not word.removeprefix("!").replace("-", "").replace("_", "").replace(".", "").isalnum():
            document.problem(f"command {word!r} is not a plain name", "commands")
    dropped = {word[1:] for word in added if word.startswith("!")}
    wanted = [*DEFAULT_COMMANDS, *(word for word in added if not word.startswith("!"))]
    return tuple(dict.fromkeys(word for word in wanted if word not in dropped))


def _patterns(document: Document, key: str) -> tuple[str, ...]:
    """``ACCOUNT:ROLE`` with ``*`` and ``?``; both sides are needed, so that none says too much."""
    for pattern in _strings(document, key):
        if pattern.count(":") != 1 or pattern.startswith(":") or pattern.endswith(":"):
            document.problem(f'{key} {pattern!r} is not "ACCOUNT:ROLE", such as "*:Admin*"', key)
    return _strings(document, key)


def _strings(document: Document, key: str) -> tuple[str, ...]:
    values: list[Any] = document.take(document.root, list, key) or []
    if any(not isinstance(value, str) or not value for value in values):
        document.problem(f"{key} must be a list of strings", key)
        return ()
    return tuple(values)


def _choice(document: Document, key: str, known: tuple[str, ...]) -> str:
    value = document.take(document.root, str, key)
    if value is not None and value not in known:
        document.problem(f"{key} {value!r}: one of {', '.join(known)}", key)
    return value or known[0]
