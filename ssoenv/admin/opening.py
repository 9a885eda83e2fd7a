"""Which Identity Center an administrator reads, and by whose credentials."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssoenv import here
from ssoenv.admin.center import Center
from ssoenv.admin.values import Instance
from ssoenv.base.errors import AccessDenied, SsoenvError, UsageError
from ssoenv.identity_center.administration import OTHERS, Administration

if TYPE_CHECKING:
    from collections.abc import Mapping

_FIELDS = (("InstanceArn", "IdentityStoreId"), ("OwnerAccountId", "Name", "Status"))


def administration(
    env: Mapping[str, str], *, region: str | None, session: str | None, profile: str | None
) -> Administration:
    """Return the services for administrators, in the region of the Identity Center.

    That is `region`, else the one of the session that is named or used here, else the shell's own.
    """
    return Administration(env, region=region or _region(session, env), profile=profile)


def instances(calls: Administration) -> list[Instance]:
    """Return the Identity Centers that the credentials see in their region."""
    rows = calls.listed("sso-admin", "list_instances", "Instances", *_FIELDS)
    return [Instance(*(*row, calls.region)) for row in rows]


def center(calls: Administration, wanted: str | None = None) -> Center:
    """Return the Identity Center that is meant by an ARN, or a part of it; else the only one.

    Raises AccessDenied where there is none, and UsageError where it is not clear which.
    """
    found = instances(calls)
    if not found:
        asked = f", asked by {calls.identity}" if calls.identity else ""
        elsewhere = "ssoenv admin instances --region us-east-1"
        raise AccessDenied(
            f"these credentials see no Identity Center in {calls.region}{asked}",
            fix=OTHERS if calls.region == "us-east-1" else elsewhere,
            advice="they have to be of the management account, or of a delegated administrator, "
            "and the region that of the instance",
        )
    chosen = [one for one in found if wanted is None or wanted in one.arn]
    if len(chosen) != 1:
        known = ", ".join(one.arn.rpartition("/")[2] for one in found)
        raise UsageError(f"which Identity Center? there are {known}", fix="ssoenv admin instances")
    return Center(calls, chosen[0])


def _region(session: str | None, env: Mapping[str, str]) -> str:
    try:
        return here.session(session, env).region
    except SsoenvError:
        if session is not None:
            raise
        return ""
