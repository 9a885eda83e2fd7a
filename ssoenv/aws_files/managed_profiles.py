"""The managed profiles that we write to the user's AWS config."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ssoenv.aws_files import edits, managed_block
from ssoenv.aws_files import sections as aws_sections
from ssoenv.aws_files.managed_block import VERB
from ssoenv.aws_files.sections import AwsConfig
from ssoenv.base import dialects, paths
from ssoenv.base.errors import InvalidConfiguration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ssoenv.aws_files.managed_block import Block


@dataclass(frozen=True, slots=True)
class ManagedProfile:
    """A profile whose credentials are ours to fetch: `command` is its credential_process."""

    name: str
    command: tuple[str, ...]

    @property
    def credential_process(self) -> str:
        """The command as one line. Raises InvalidConfiguration where no line can say it.

        ``sh -c``, Python's ``shlex`` and the SDKs' readers of the file, which take `` #`` and
        `` ;`` for the start of a comment, all read the same words in it.
        """
        return " ".join(_word(word) for word in self.command)


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A key in one of our profiles that another tool wrote there.

    `text` is its line, without a secret; `source` is where it stands, as ``file:line``; `effect`
    says what AWS programs make of it, where it changes the role that they get.
    """

    profile: str
    text: str
    source: str
    effect: str

    def __str__(self) -> str:
        """For people, on one line."""
        effect = f": {self.effect}" if self.effect else ""
        return f"{self.source}: {self.text!r} in [profile {self.profile}] is not ssoenv's{effect}"


def publish(env: Mapping[str, str], profiles: Iterable[ManagedProfile]) -> None:
    """Add or replace `profiles` between our markers. Raises InvalidConfiguration or OSError."""
    wanted = {profile.name: profile.credential_process for profile in profiles}
    _rewrite(env, lambda commands: commands | wanted)


def retract(env: Mapping[str, str], names: Iterable[str]) -> None:
    """Remove the profiles `names` from between our markers."""
    gone = set(names)
    _rewrite(env, lambda commands: {n: c for n, c in commands.items() if n not in gone})


def tidy(env: Mapping[str, str]) -> None:
    """Make our sections what we wrote: foreign keys become comments beside the block."""
    _rewrite(env, lambda commands: commands)


def load(env: Mapping[str, str]) -> tuple[ManagedProfile, ...]:
    """Return the profiles between our markers. Raises InvalidConfiguration."""
    block = managed_block.take_out(aws_sections.read(env) or "")
    return tuple(
        ManagedProfile(name, tuple(shlex.split(command)))
        for name, command in block.commands.items()
    )


def foreign(env: Mapping[str, str]) -> tuple[ForeignKey, ...]:
    """Return the keys in our profiles that other tools wrote. Raises InvalidConfiguration."""
    path, text = paths.aws_config_file(env), aws_sections.read(env) or ""
    lines = managed_block.take_out(text).foreign
    sections = AwsConfig(path, text).profiles if lines else {}
    return tuple(
        ForeignKey(
            line.profile,
            edits.without_secret(line.text),
            f"{path}:{line.number}",
            _effect(sections.get(line.profile, {})),
        )
        for line in lines
    )


def _rewrite(env: Mapping[str, str], change: Callable[[dict[str, str]], dict[str, str]]) -> None:
    def edit(block: Block, newline: str) -> dict[str, str]:
        del newline
        commands = change(edits.ours(block.commands))
        _refuse_taken_names(env, block.before + block.after, commands)
        return commands

    edits.apply(env, edit)


def _refuse_taken_names(env: Mapping[str, str], text: str, wanted: Mapping[str, str]) -> None:
    theirs = AwsConfig(paths.aws_config_file(env), text).profiles
    for name in wanted:
        if name in theirs:
            raise InvalidConfiguration(
                f"your AWS config has a [profile {name}] of its own, and that name is ssoenv's",
                advice=f"rename or remove [profile {name}]",
            )


def _effect(section: Mapping[str, str]) -> str:
    """Say what AWS programs get from a profile of ours that has other keys, too.

    Order: ``create_credential_resolver`` in ``botocore/credentials.py``.
    """
    if "role_arn" in section:
        return f"until it goes, programs assume {section['role_arn']}"
    if "sso_account_id" in section or "sso_role_name" in section:
        role = section.get("sso_role_name", "no role")
        account = section.get("sso_account_id", "no account")
        return f"until it goes, programs get {role} in {account}"
    if "login_session" in section:
        return f"until it goes, programs use {section['login_session']}"
    if "aws_access_key_id" in section:
        return "until it goes, some programs use the keys that stand there"
    if f" {VERB} " not in section.get("credential_process", ""):
        return "until it goes, programs run another command"
    return ""


def _word(word: str) -> str:
    if re.fullmatch(r"[\w@%+:,./-]+", word, re.ASCII):
        return word
    if any(char < " " or char == "\x7f" or "\ud800" <= char <= "\udfff" for char in word):
        raise InvalidConfiguration(
            f"the path of ssoenv cannot be written to an AWS config: {word!r}",
            advice="install ssoenv where no folder has control characters in its name",
        )
    # Quotes end and begin again before what could begin a comment.
    return re.sub(r"([#;])", r"''\1", dialects.quote_posix(word))
