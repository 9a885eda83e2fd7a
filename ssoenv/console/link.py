"""A link to a page of the console that holds no secret: whoever opens it signs in as themselves.

IAM Identity Center User Guide, "Create shortcut links to AWS Management Console destinations": the
access portal takes account, permission set and destination behind ``#/console``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from ssoenv import policy
from ssoenv.aws_files import config as aws_config
from ssoenv.base.errors import UsageError
from ssoenv.base.models import instance_url
from ssoenv.console import visit
from ssoenv.identity_center import kept_listings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssoenv.console.visit import Wish
    from ssoenv.target import Target


def address(target: Target | None, wish: Wish, env: Mapping[str, str]) -> str:
    """Return the link to the page of `wish`, as the role of `target`; nothing is asked for it.

    Raises UsageError where the role is of no Identity Center, or not known well enough.
    """
    if target is None:
        raise UsageError(
            "--link is for a role of your Identity Center, and the keys here tell of none",
            fix="ssoenv console ACCOUNT/ROLE --link",
        )
    if wish.seconds or wish.logs_out:
        raise UsageError("--link takes no --duration and no --logout-first").without(
            "--duration", "--logout-first"
        )
    if target.role.iam:
        kind = (
            "that another one assumes" if target.role.assumes else "of the account access manager"
        )
        raise UsageError(
            f"--link: the access portal knows no role {kind}, as {target.role.iam.arn.name} here",
            advice="what opens the console as such a role is a secret, and is not for others",
        )
    place = visit.place_of(target, wish, env)
    session = aws_config.find_session(env, target.role.session)
    meant = policy.target(target.role, kept_listings.of(env, session))
    if not meant.account_id or len(meant.roles) != 1:
        raise UsageError(
            f"which account and role {target.role} is, is not known", fix="ssoenv roles"
        )
    fields = {
        "account_id": meant.account_id,
        "role_name": meant.roles[0],
        "destination": place.address,
    }
    query = urlencode(fields, quote_via=quote, safe="")
    return f"{instance_url(session.start_url)}/#/console?{query}"
