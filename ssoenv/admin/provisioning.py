"""Permission sets made roles: where one is out of date, or in the accounts that are named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssoenv.admin.calls import Call
from ssoenv.admin.requests import PROVISIONINGS
from ssoenv.admin.steps import ALTER, Step
from ssoenv.base import dialects
from ssoenv.base.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ssoenv.admin.calls import Change
    from ssoenv.admin.center import Center
    from ssoenv.admin.values import Account, Details, PermissionSet


def plan(center: Center, one: PermissionSet, accounts: Sequence[Account] = ()) -> list[Change]:
    """Return what provisions a permission set: in `accounts`, up to date or not; else where not.

    Raises UsageError where it is no role yet: an assignment makes it one.
    """
    details = center.details(one)
    there = {account.id for account in details.accounts}
    for account in accounts:
        if account.id not in there:
            words = dialects.line(["-r", one.name, "-a", account.id])
            raise UsageError(
                f"{one.name} is no role in {account.name or account.id}",
                fix=f"ssoenv admin assign {words} --user USER",
                advice="the first assignment makes it one, up to date",
            )
    if not accounts and len(details.outdated) == len(details.accounts):
        return list(everywhere(details, changed=False))
    return [_in_account(one, account) for account in accounts or details.outdated]


def everywhere(details: Details, *, changed: bool) -> Iterator[Change]:
    """Yield the one request that provisions a set wherever it is a role, if that has to be.

    That is so if it is `changed`, or out of date somewhere.
    """
    one, count = details.permission_set, len(details.accounts)
    if not details.accounts or not (changed or details.outdated):
        return
    shown = f"{count} accounts" if count > 1 else "1 account"
    request = {"PermissionSetArn": one.arn, "TargetType": "ALL_PROVISIONED_ACCOUNTS"}
    call = Call("sso-admin", "provision_permission_set", request, PROVISIONINGS)
    yield Step(ALTER, "permission set", one.name, "provisioned in", shown, call=call)


def _in_account(one: PermissionSet, account: Account) -> Step:
    request = {
        "PermissionSetArn": one.arn,
        "TargetType": "AWS_ACCOUNT",
        "TargetId": account.id,
    }
    call = Call("sso-admin", "provision_permission_set", request, PROVISIONINGS)
    shown = f"{account.name} {account.id}".lstrip()
    return Step(ALTER, "permission set", one.name, "provisioned in", account.id, "", shown, call)
