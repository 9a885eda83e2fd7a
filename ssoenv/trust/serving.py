"""What AWS programs need to ask for credentials: the profile, and the script that it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssoenv.aws_files import managed_profiles
from ssoenv.shells import source

if TYPE_CHECKING:
    from collections.abc import Mapping


def serve(env: Mapping[str, str]) -> None:
    """See that AWS programs can ask by ``AWS_PROFILE=ssoenv``. InvalidConfiguration or OSError."""
    source.write(env)
    managed_profiles.publish(env)


def renew(env: Mapping[str, str]) -> None:
    """Bring up to date what `serve` wrote, where the profile is still there: undo takes it out.

    Raises InvalidConfiguration or OSError.
    """
    if managed_profiles.is_there(env):
        serve(env)
