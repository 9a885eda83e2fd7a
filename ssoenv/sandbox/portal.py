"""The sso service, the access portal's API. botocore ``data/sso/2019-06-10/service-2.json``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from ssoenv.sandbox.wire import WireError
from ssoenv.sandbox.world import PAGE_SIZE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ssoenv.sandbox.state import State


def fail(name: str, message: str) -> NoReturn:
    """Raise the error `name` of this service."""
    raise WireError("sso", name, message)


def list_accounts(state: State, bearer: str, query: Mapping[str, str]) -> dict[str, Any]:
    """List the accounts in which the person holds a role."""
    rows = [
        {"accountId": account.id, "accountName": account.name, "emailAddress": account.email}
        for account, _ in state.world.held(_user(state, bearer)).values()
    ]
    return _page("accountList", rows, query)


def list_account_roles(state: State, bearer: str, query: Mapping[str, str]) -> dict[str, Any]:
    """List the roles that the person holds in an account."""
    account_id = query.get("account_id", "")
    user = _user(state, bearer)
    if not account_id:
        fail("InvalidRequestException", "account_id is required")
    held = state.world.held(user).get(account_id)
    if held is None:
        _deny(state, account_id)
    rows = [{"roleName": role, "accountId": account_id} for role in held[1]]
    return _page("roleList", rows, query)


def get_role_credentials(state: State, bearer: str, query: Mapping[str, str]) -> dict[str, Any]:
    """Hand out credentials of a role that the person holds."""
    account_id, role = query.get("account_id", ""), query.get("role_name", "")
    user = _user(state, bearer)
    if not account_id or not role:
        fail("InvalidRequestException", "account_id and role_name are required")
    held = state.world.held(user).get(account_id)
    if held is None or role not in held[1]:
        _deny(state, account_id)
    key_id, keys = state.new_keys(account_id, role, user)
    return {
        "roleCredentials": {
            "accessKeyId": key_id,
            "secretAccessKey": keys.secret,
            "sessionToken": keys.token,
            "expiration": int(keys.expires * 1000),
        }
    }


def logout(state: State, bearer: str) -> None:
    """End the session that the token belongs to."""
    _user(state, bearer)
    state.ended.add(state.tokens[bearer].family)


def _user(state: State, bearer: str) -> str:
    user = state.user_of(bearer)
    if user is None:
        fail("UnauthorizedException", "Session token not found or invalid")
    return user


def _deny(state: State, account_id: str) -> NoReturn:
    if any(account.id == account_id for account in state.world.accounts):
        fail("ForbiddenException", "No access")
    fail("ResourceNotFoundException", "Account not found")


def _page(key: str, rows: Sequence[Any], query: Mapping[str, str]) -> dict[str, Any]:
    """Return one page of `rows`; the token is where the next one starts."""
    size, start = PAGE_SIZE, 0
    if query.get("max_result"):
        size = _number(query["max_result"], "max_result")
        if not 1 <= size <= PAGE_SIZE:
            fail("InvalidRequestException", "max_result must be 1 to 100")
    if query.get("next_token"):
        start = _number(query["next_token"], "next_token")
    page: dict[str, Any] = {key: list(rows[start : start + size])}
    if start + size < len(rows):
        page["nextToken"] = str(start + size)
    return page


def _number(text: str, name: str) -> int:
    if not text.isdigit():
        fail("InvalidRequestException", f"{name} is not valid")
    return int(text)
