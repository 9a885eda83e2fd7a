"""The account access manager, user's side: roles of IAM by the token of a sign-in.

botocore ``data/account-access-runtime/2018-05-10/service-2.json``; the scopes that a token needs
are those of its API reference.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NoReturn

from ssoenv.sandbox.wire import ACCOUNT_ACCESS, WireError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssoenv.sandbox.records import SignIn
    from ssoenv.sandbox.state import State

SERVICE = ACCOUNT_ACCESS
READ, ASSUME = "account_access:read_only", "account_access:assume"
SHORTEST, LONGEST = 900, 43200
PAGE_SIZE = 100
_TENANT = re.compile(r"[a-z0-9-]{3,24}")
_NAME = re.compile(r"[a-zA-Z0-9_+=,.@-]{2,64}")


def fail(name: str, message: str) -> NoReturn:
    """Raise the error `name` of this service."""
    raise WireError(SERVICE, name, message)


def list_roles(state: State, bearer: str, query: Mapping[str, str]) -> dict[str, Any]:
    """List the roles that the person is entitled to, a page at a time."""
    sign_in = _sign_in(state, bearer, READ)
    _require_tenant(state, sign_in, query)
    size = _number(query, "maxResults", PAGE_SIZE, 1, PAGE_SIZE)
    ids = {one.name: one.id for one in state.world.accounts}
    rows = [
        {"accountId": ids[one.account], "accountName": one.account, "roleArn": state.world.arn(one)}
        for one in state.entitled(sign_in)
    ]
    try:
        page, following = state.paging.page(SERVICE, rows, size, query.get("nextToken") or None)
    except LookupError:
        fail("ValidationException", "nextToken is not valid")
    return {"roles": page} | ({"nextToken": following} if following else {})


def get_role_credentials(state: State, bearer: str, query: Mapping[str, str]) -> dict[str, Any]:
    """Hand out credentials of a role that the person is entitled to."""
    sign_in = _sign_in(state, bearer, ASSUME)
    _require_tenant(state, sign_in, query)
    if query.get("accessType") != "PROGRAMMATIC_ACCESS":
        fail("ValidationException", "accessType must be PROGRAMMATIC_ACCESS")
    name = query.get("sessionName", state.name(sign_in))
    if not _NAME.fullmatch(name):
        fail("ValidationException", "sessionName is not valid")
    role = state.world.role(query.get("roleArn", ""))
    if role is None or role not in state.entitled(sign_in):
        fail("AccessDeniedException", "You do not have access to this role")
    seconds = _number(query, "sessionDuration", role.max_session, SHORTEST, LONGEST)
    if seconds > role.max_session:
        fail("ValidationException", "sessionDuration exceeds the role's maximum session duration")
    account = next(one.id for one in state.world.accounts if one.name == role.account)
    key_id, keys = state.new_keys(account, role.name, name, iam=True, seconds=seconds)
    given = {
        "accessKeyId": key_id,
        "secretAccessKey": keys.secret,
        "sessionToken": keys.token,
        "expiresAt": int(keys.expires),
    }
    return {"credentialsDetails": {"programmaticAccess": given}}


OPERATIONS = {"ListRoles": list_roles, "GetRoleCredentials": get_role_credentials}


def _sign_in(state: State, bearer: str, scope: str) -> SignIn:
    """Return the sign-in behind a token whose client asked for `scope`."""
    access = bearer.removeprefix("Bearer ")
    sign_in, token = state.sign_in_of(access), state.tokens.get(access)
    client = state.clients.get(token.client) if token else None
    if sign_in is None or client is None or scope not in client.scopes:
        fail("UnauthorizedException", f"The token is not valid, or not for {scope}")
    return sign_in


def _require_tenant(state: State, sign_in: SignIn, query: Mapping[str, str]) -> None:
    tenant = query.get("tenantId", "")
    known = [one.tenant for one in state.world.instances if one.session == sign_in.session]
    if not _TENANT.fullmatch(tenant) or tenant not in known:
        fail("ValidationException", "tenantId is not valid")


def _number(query: Mapping[str, str], name: str, default: int, lowest: int, highest: int) -> int:
    text = query.get(name) or str(default)
    if not (text.isascii() and text.isdecimal() and lowest <= int(text[:9]) <= highest):
        fail("ValidationException", f"{name} is not valid")
    return int(text[:9])
