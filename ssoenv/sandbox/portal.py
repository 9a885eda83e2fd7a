"""The sso service, the access portal's API. botocore ``data/sso/2019-06-10/service-2.json``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from ssoenv.sandbox.wire import WireError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ssoenv.sandbox.directory import Held
    from ssoenv.sandbox.records import SignIn
    from ssoenv.sandbox.state import State

PAGE_SIZE = 100
"""Rows on a page where the request does not say, and at most."""


def fail(name: str, message: str) -> NoReturn:
    """Raise the error `name` of this service."""
    raise WireError("sso", name, message)


def list_accounts(state: State, bearer: str, query: Mapping[str, str]) -> dict[str, Any]:
    """List the accounts in which the person holds a role."""
    accounts = [held.account for held in state.held(_sign_in(state, bearer)).values()]
    rows = [
        {"accountId": one.id, "accountName": one.name, "emailAddress": one.email}
        for one in accounts
    ]
    return _page(state, "accountList", rows, query)


def list_account_roles(state: State, bearer: str, query: Mapping[str, str]) -> dict[str, Any]:
    """List the roles that the person holds in an account."""
    held = _held(state, _sign_in(state, bearer), query)
    rows = [{"roleName": role, "accountId": held.account.id} for role in held.roles]
    return _page(state, "roleList", rows, query)


def get_role_credentials(state: State, bearer: str, query: Mapping[str, str]) -> dict[str, Any]:
    """Hand out credentials of a role that the person holds."""
    sign_in, role = _sign_in(state, bearer), query.get("role_name", "")
    if not role:
        fail("InvalidRequestException", "role_name is required")
    held = _held(state, sign_in, query)
    if role not in held.roles:
        fail("ForbiddenException", "No access")
    seconds = state.directory.duration(held.account.id, role)
    key_id, keys = state.new_keys(held.account.id, role, state.name(sign_in), seconds=seconds)
    return {
        "roleCredentials": {
            "accessKeyId": key_id,
            "secretAccessKey": keys.secret,
            "sessionToken": keys.token,
            "expiration": int(keys.expires * 1000),
        }
    }


def logout(state: State, bearer: str) -> None:
    """End the sign-in that the token belongs to, and all its tokens; role credentials live on."""
    _sign_in(state, bearer).ends = 0


def _sign_in(state: State, bearer: str) -> SignIn:
    sign_in = state.sign_in_of(bearer)
    if sign_in is None:
        fail("UnauthorizedException", "Session token not found or invalid")
    return sign_in


def _held(state: State, sign_in: SignIn, query: Mapping[str, str]) -> Held:
    account_id = query.get("account_id", "")
    if not account_id:
        fail("InvalidRequestException", "account_id is required")
    held = state.held(sign_in).get(account_id)
    if held is not None and not held.account.suspended:
        return held
    if account_id in state.directory.accounts:
        fail("ForbiddenException", "No access")
    fail("ResourceNotFoundException", "Account not found")


def _page(state: State, key: str, rows: Sequence[Any], query: Mapping[str, str]) -> dict[str, Any]:
    """Return one page of `rows`."""
    size = _size(query)
    try:
        page, following = state.paging.page(key, rows, size, query.get("next_token") or None)
    except LookupError:
        fail("InvalidRequestException", "next_token is not valid")
    return {key: page} | ({"nextToken": following} if following else {})


def _size(query: Mapping[str, str]) -> int:
    text = query.get("max_result") or str(PAGE_SIZE)
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= PAGE_SIZE):
        fail("InvalidRequestException", "max_result is not valid")
    return int(text[:9])
