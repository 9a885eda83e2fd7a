"""The account access manager over the wire: roles of IAM that a person is entitled to.

Its list and its credentials are beside those of the portal, by the same token, if that was made for
its scopes. Operations and shapes: botocore ``data/account-access-runtime/2018-05-10``; scopes: its
API reference.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from ssoenv.base import arns, dialects
from ssoenv.base.errors import InvalidConfiguration, SignInRequired
from ssoenv.base.models import Account, Assignment, Credentials
from ssoenv.identity_center import pages
from ssoenv.identity_center.pages import at_once
from ssoenv.identity_center.refusals import ACCOUNT_ACCESS, TokenRejected

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssoenv.base.models import IamRole, Session, Token
    from ssoenv.identity_center.answers import Answer
    from ssoenv.identity_center.client import IdentityCenter
    from ssoenv.identity_center.pages import Calling

READ, ASSUME = "account_access:read_only", "account_access:assume"
"""The scopes that a token needs for the list, and for credentials."""


def has_scope(session: Session, scope: str) -> bool:
    """Whether a sign-in to `session` asks for `scope`."""
    return scope in (session.scopes or ())


def require_scope(session: Session, scope: str) -> None:
    """Raise InvalidConfiguration unless a sign-in to `session` asks for `scope`."""
    if not has_scope(session, scope):
        raise InvalidConfiguration(
            f"the account access manager needs the scope {scope}, which {session.label} does not "
            "ask for",
            advice=f"at {session.source}: sso_registration_scopes = sso:account:access, {READ}, "
            f"{ASSUME}",
            fix=_anew(session),
        )


def list_roles(
    center: IdentityCenter, token: Token, tenant: str, call: Calling = at_once
) -> tuple[Assignment, ...]:
    """Return the roles of IAM that `tenant` gives the person; `call` makes each of the calls.

    Raises TokenRejected, SignInRequired where the token is not for this, AccessDenied,
    InvalidConfiguration or ServiceUnavailable.
    """
    what = f"the roles of tenant {tenant}"

    def page(more: Mapping[str, str]) -> Answer:
        request = {"tenantId": tenant, **more}
        return call(partial(_ask, center, token, "list_roles", request, what))

    return tuple(
        _assignment(row) for answer in pages.all_of(page, what) for row in answer.rows("roles")
    )


def get_credentials(
    center: IdentityCenter, token: Token, tenant: str, role: IamRole
) -> Credentials:
    """Return fresh credentials of `role`. Raises the same."""
    request: dict[str, Any] = {
        "tenantId": tenant,
        "roleArn": str(role.arn),
        "accessType": "PROGRAMMATIC_ACCESS",
    }
    if role.session_name:
        request["sessionName"] = role.session_name
    if role.duration:
        request["sessionDuration"] = role.duration
    answer = _ask(center, token, "get_role_credentials", request, str(role.arn))
    keys = answer.part("credentialsDetails").part("programmaticAccess")
    return Credentials(
        keys.secret("accessKeyId"),
        keys.secret("secretAccessKey"),
        keys.secret("sessionToken"),
        keys.ends(keys.moment("expiresAt")),
        role.arn.account,
        role.arn.name,
    )


def _assignment(row: Answer) -> Assignment:
    try:
        arn = arns.parse(row.text("roleArn"))
    except ValueError:
        raise row.foreign() from None
    return Assignment(Account(arn.account, row.optional("accountName"), ""), str(arn))


def _ask(
    center: IdentityCenter, token: Token, operation: str, request: Mapping[str, Any], what: str
) -> Answer:
    """Ask by `token`: one that only this service rejects is good, but was not made for it."""
    bearer, region = token.access_token, token.region
    try:
        return center.ask(ACCOUNT_ACCESS, operation, request, what, region=region, bearer=bearer)
    except TokenRejected:
        center.check(token)
        raise SignInRequired(
            f"the sign-in to {center.session.label} was made without the scopes of the account "
            "access manager",
            fix=_anew(center.session),
        ) from None


def _anew(session: Session) -> str:
    return f"ssoenv login --force {dialects.word(session.label)}"
