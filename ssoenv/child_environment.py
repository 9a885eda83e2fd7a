"""The environment that a command is started with: with a role, or with nothing of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssoenv.shells import rendered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssoenv.base.models import Credentials
    from ssoenv.target import Target

_MARKERS = (
    "SSOENV_DIR",
    "SSOENV_LABEL",
    "SSOENV_USE",
    "SSOENV_LENT",
    "SSOENV_VARS",
    "SSOENV_GIVEN",
    "AWS_SSO_PROFILE",
)
_OTHER_ROLES = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SECURITY_TOKEN")


def with_role(target: Target, credentials: Credentials, env: Mapping[str, str]) -> dict[str, str]:
    """Return `env` with `credentials` of `target` in place of every other role.

    The key id is marked as given on purpose, so that a shell with the hook lets it stand.
    """
    rest = {name: value for name, value in without_ours(env).items() if name not in _OTHER_ROLES}
    given = {"AWS_SSO_PROFILE": target.label, "SSOENV_GIVEN": credentials.access_key_id}
    return rest | target.variables(credentials) | given


def without_ours(env: Mapping[str, str]) -> dict[str, str]:
    """Return `env` without what ssoenv put there, marked or not; other people's values stay."""
    ours = {*_MARKERS, *env.get("SSOENV_VARS", "").split()}
    profile = env.get("AWS_PROFILE", "")
    if profile.split("/")[0] in ("ssoenv", "ssoenv-protected"):
        ours.add("AWS_PROFILE")
    if rendered.is_key_of_ours(env, env.get("AWS_ACCESS_KEY_ID", "")):
        ours |= {*rendered.KEY_VARIABLES, "AWS_SSO_PROFILE"}
    return {name: value for name, value in env.items() if name not in ours}
