"""The user's ``[default]``: SDKs ask it for credentials before they ask a container's endpoint.

So where it has some, a command that is to have served ones runs with files of which that section
has none. Every other byte of them stays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssoenv.aws_files import lines, sections
from ssoenv.aws_files.sections import AwsConfig
from ssoenv.base import files, paths
from ssoenv.base.errors import InvalidConfiguration

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CREDENTIALS = frozenset(
    {
        *("aws_access_key_id", "aws_secret_access_key", "aws_session_token"),
        *("aws_security_token", "credential_process", "credential_source", "login_session"),
        *("role_arn", "source_profile", "web_identity_token_file"),
        *("sso_session", "sso_account_id", "sso_role_name", "sso_start_url", "sso_region"),
    }
)
"""Keys by which a profile has credentials (botocore ``credentials.py``, every provider there)."""


def config_without(env: Mapping[str, str]) -> str | None:
    """Return the user's config without credentials in ``[default]``; None if it has none there.

    Raises InvalidConfiguration for a config that cannot be read.
    """
    text = sections.read(env) or ""
    path = paths.aws_config_file(env)
    if not _gives(AwsConfig(path, text)):
        return None
    without = "".join(_lines_without(text))
    if _gives(AwsConfig(path, without)):
        raise InvalidConfiguration(
            f"[default] of {path} gives credentials, which win over those that are served",
            advice="take them out of it, or use ssoenv exec without --serve",
        )
    return without


def has_keys(env: Mapping[str, str]) -> bool:
    """Whether ``[default]`` of the credentials file, which the SDKs read too, gives any."""
    path = paths.aws_credentials_file(env)
    text = (files.read_bytes(path) or b"").decode("utf-8", "replace")
    try:
        return _gives(AwsConfig(path, text))
    except InvalidConfiguration:
        return True


def _gives(config: AwsConfig) -> bool:
    return not CREDENTIALS.isdisjoint(config.profiles.get("default", {}))


def _lines_without(text: str) -> Iterator[str]:
    """Yield the lines of `text` but those, and what continues them, that give credentials."""
    for line in lines.read(text):
        gives = line.kind in ("key", "continued") and line.key in CREDENTIALS
        if not gives or sections.class_and_name(line.header) != ("profile", "default"):
            yield line.text
