"""The managed profile that we write to the user's AWS config: ``[profile ssoenv]``, and no other.

It names no role: what it runs decides by the directory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssoenv.aws_files import edits, managed_block
from ssoenv.aws_files import sections as aws_sections
from ssoenv.aws_files.managed_block import runs_script
from ssoenv.aws_files.sections import AwsConfig
from ssoenv.base import paths
from ssoenv.base.errors import InvalidConfiguration
from ssoenv.base.models import MANAGED
from ssoenv.base.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssoenv.aws_files.edits import Change
    from ssoenv.aws_files.managed_block import Block


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


def publish(env: Mapping[str, str]) -> None:
    """See that the profile is there, between our markers. Raises InvalidConfiguration or OSError.

    Nothing is written where it is. Those of earlier versions go; a copy of the file is kept.
    """
    edits.apply(env, with_profile(env))


def with_profile(env: Mapping[str, str], change: Change | None = None) -> Change:
    """Return `change` as one that sees that the profile is there, too."""

    def edit(block: Block, newline: str) -> Mapping[str, str]:
        if change:
            change(block, newline)
        commands = {MANAGED: ""}
        _refuse_taken_names(env, block.before + block.after, commands)
        return commands

    return edit


def retract(env: Mapping[str, str]) -> None:
    """Take the profile out, and those of earlier versions."""
    edits.apply(env, lambda _block, _newline: {})


def tidy(env: Mapping[str, str]) -> None:
    """Make our section what we wrote: foreign keys become comments beside the block."""
    edits.apply(env, lambda block, _: block.commands)


def is_there(env: Mapping[str, str]) -> bool:
    """Whether the profile, or one of an earlier version, is there. Raises InvalidConfiguration."""
    return bool(managed_block.take_out(aws_sections.read(env) or "").commands)


def can_be_retracted(env: Mapping[str, str]) -> bool:
    """Whether there is a profile to take out. Raises InvalidConfiguration where that cannot be."""
    edits.require_writable(edits.plan(env, lambda _block, _newline: {}))
    return is_there(env)


def foreign(env: Mapping[str, str]) -> tuple[ForeignKey, ...]:
    """Return the keys in our profile that other tools wrote. Raises InvalidConfiguration."""
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
