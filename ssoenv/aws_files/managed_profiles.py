"""The managed profile that we write to the user's AWS config: ``[profile ssoenv]``, and no other.

It names no role: what it runs decides by the directory. Every other byte of the file stays as it
is, and so do its mode and the link that it may be.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ssoenv.aws_files import managed_block
from ssoenv.aws_files import sections as aws_sections
from ssoenv.aws_files.managed_block import runs_script
from ssoenv.aws_files.sections import AwsConfig
from ssoenv.base import clock, dialects, files, paths
from ssoenv.base.errors import InvalidConfiguration
from ssoenv.base.models import MANAGED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ssoenv.aws_files.managed_block import Block

_SHOWN = (
    *("sso_session", "sso_account_id", "sso_role_name", "sso_start_url", "sso_region", "region"),
    *("output", "role_arn", "source_profile", "credential_source", "login_session"),
)
"""Keys whose values may be shown: none of them is a secret."""


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A key in our profile that another tool wrote there.

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


def command(env: Mapping[str, str]) -> str:
    """Return what the profile runs, as one line. InvalidConfiguration where no line can say it.

    ``sh -c``, Python's ``shlex`` and the SDKs' readers of the file, which take `` #`` and `` ;``
    for the start of a comment, all read the same words in it.
    """
    return " ".join(_word(word) for word in ("/bin/sh", paths.source_file(env)))


def publish(env: Mapping[str, str]) -> None:
    """See that the profile is there, between our markers. Raises InvalidConfiguration or OSError.

    Nothing is written where it is. Those of earlier versions go; a copy of the file is kept.
    """
    _rewrite(env, lambda _: {MANAGED: command(env)})


def retract(env: Mapping[str, str]) -> None:
    """Take the profile out, and those of earlier versions."""
    _rewrite(env, lambda _: {})


def tidy(env: Mapping[str, str]) -> None:
    """Make our section what we wrote: foreign keys become comments beside the block."""
    _rewrite(env, lambda commands: commands)


def is_there(env: Mapping[str, str]) -> bool:
    """Whether the profile, or one of an earlier version, is there. Raises InvalidConfiguration."""
    return bool(managed_block.take_out(aws_sections.read(env) or "").commands)


def foreign(env: Mapping[str, str]) -> tuple[ForeignKey, ...]:
    """Return the keys in our profile that other tools wrote. Raises InvalidConfiguration."""
    path, text = paths.aws_config_file(env), aws_sections.read(env) or ""
    lines = managed_block.take_out(text).foreign
    sections = AwsConfig(path, text).profiles if lines else {}
    return tuple(
        ForeignKey(
            line.profile,
            _without_secret(line.text),
            f"{path}:{line.number}",
            _effect(sections.get(line.profile, {})),
        )
        for line in lines
    )


def edit_around(env: Mapping[str, str], change: Callable[[Block, str], None]) -> None:
    """Let `change` edit what stands around our block; it hears how lines end in the file."""

    def edit(block: Block, newline: str) -> dict[str, str]:
        change(block, newline)
        return _ours(block, env)

    _edit(env, edit)


def _rewrite(env: Mapping[str, str], change: Callable[[dict[str, str]], dict[str, str]]) -> None:
    def edit(block: Block, newline: str) -> dict[str, str]:
        del newline
        commands = change(_ours(block, env))
        _refuse_taken_names(env, block.before + block.after, commands)
        return commands

    _edit(env, edit)


def _edit(env: Mapping[str, str], edit: Callable[[Block, str], dict[str, str]]) -> None:
    """Replace the config by what `edit` makes of it: it returns the commands of our sections.

    Nothing is written unless AWS tools can read the result. Of a file with profiles of earlier
    versions, a copy goes to ``backups/`` in the state folder.
    """
    path = os.path.realpath(paths.aws_config_file(env))
    with files.Lock(f"{paths.state(env)}/locks/aws-config"):
        before = aws_sections.read(env)
        text, exists = before or "", before is not None
        if exists and not os.path.isfile(path):
            raise InvalidConfiguration(f"{path} is not a file", fix="unset AWS_CONFIG_FILE")
        newline = "\r\n" if "\r\n" in text else "\n"
        block = managed_block.take_out(text)
        edited = managed_block.put_back(block, edit(block, newline), newline)
        try:
            AwsConfig(path, edited)
        except InvalidConfiguration:
            AwsConfig(path, text)  # so that the line is one of the file as it is
            raise
        if set(block.commands) - {MANAGED}:
            kept = f"{paths.state(env)}/backups/aws-config.{clock.now()}"
            files.write_private(kept, text.encode())
        if edited != text:
            mode = os.stat(path).st_mode & 0o777 if exists else 0o600
            files.write_private(path, edited.encode(), mode=mode)


def _ours(block: Block, env: Mapping[str, str]) -> dict[str, str]:
    """Return our section if there is one, or one of an earlier version, as it has to be."""
    return {MANAGED: command(env)} if block.commands else {}


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
    if not runs_script(section.get("credential_process", "")):
        return "until it goes, programs run another command"
    return ""


def _without_secret(text: str) -> str:
    key = re.split(r"\s*[:=]", text, maxsplit=1)[0]
    return text if key.lower() in _SHOWN else f"{key} = ..."


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
