"""What the account access manager grants: roles of IAM that users and groups are entitled to.

It lists by principal, role or account, and never all at once. Operations and shapes: botocore
``data/account-access/2018-05-10``. Nothing of it was seen on AWS.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ssoenv.admin.assignments import expanded
from ssoenv.admin.calls import Call
from ssoenv.admin.steps import ADD, REMOVE, Step
from ssoenv.admin.unknown import unknown
from ssoenv.admin.values import ACCOUNT, GROUP, USER, Assignment, PermissionSet, Principal
from ssoenv.base import arns
from ssoenv.base.errors import (
    AccessDenied,
    InvalidConfiguration,
    ServiceUnavailable,
    SsoenvError,
    UsageError,
)
from ssoenv.base.values import dataclass, replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ssoenv.admin.calls import Change
    from ssoenv.admin.center import Center
    from ssoenv.admin.values import Account
    from ssoenv.base.arns import RoleArn

SERVICE = "account-access"
UNSEEN = (AccessDenied, InvalidConfiguration, ServiceUnavailable)
"""Nobody may ask it here, botocore does not know it, or it is not in the region."""
HIDDEN = "what the account access manager grants does not show"
RESERVED = "aws-reserved"
"""Where the path of a role begins that is Identity Center's own."""
_ARN = re.compile(r"arn:[a-z0-9-]+:iam::[0-9]{12}:role/([a-zA-Z0-9+=,.@_-]+/)*[a-zA-Z0-9+=,.@_-]+")
"""RoleArn of the model, which has fewer letters in a path than IAM."""
_KEYS = {USER: "userId", GROUP: "groupId"}
_WHOLE = "entitlement.principalRole."
_WHO = f"{_WHOLE}principal.identityCenter."
_FIELDS = (
    ("entitlementId", f"{_WHOLE}roleArn", f"{_WHOLE}account"),
    (f"{_WHO}userId", f"{_WHO}groupId"),
)


@dataclass(frozen=True, slots=True)
class Entitlement:
    """A user or a group may take a role of IAM; `id` is what the service calls that."""

    id: str
    role_arn: str
    kind: str
    principal: str

    @property
    def account(self) -> str:
        """The id of the account that the role is in."""
        return self.role_arn.split(":")[4]


def application(center: Center) -> str:
    """Return the ARN of the application of the Identity Center; empty where there is none."""
    fields = ("applicationArn",)
    for (arn,) in center.calls.listed(SERVICE, "list_applications", "applications", fields):
        found = center.calls.ask(SERVICE, "get_application", applicationArn=arn)
        source = found.part("identitySource").part("identityCenter")
        if source.text("instanceArn") == center.instance.arn:
            return arn
    return ""


def required(center: Center) -> str:
    """Return the same. Raises SsoenvError where there is none."""
    found = application(center)
    if not found:
        raise SsoenvError(
            f"this Identity Center has no account access manager in {center.calls.region}",
            advice="the console of IAM Identity Center sets it up; permission sets go without",
        )
    return found


def find(
    center: Center,
    principals: Sequence[Principal] = (),
    roles: Sequence[RoleArn] = (),
    accounts: Sequence[Account] = (),
    *,
    here: str = "",
) -> list[Entitlement]:
    """Return the entitlements of any of each kind that is given; of all, where none is.

    Asked for by what there is least calls of. None where there is no account access manager; `here`
    is its application, where that is known.
    """
    found = here or application(center)
    if not found:
        return []
    people = [_principal(one) for one in principals]
    filters: list[dict[str, Any]] = [{"principal": one} for one in people]
    filters = filters or [{"roleArn": str(one)} for one in roles]
    filters = filters or [{"account": one.id} for one in accounts or center.accounts.values()]
    rows = center.each(filters, lambda one: _listed(center, found, one))
    names = {str(one) for one in roles}
    ids = {one.id for one in accounts}
    return [
        one
        for listed in rows
        for one in listed
        if (not names or one.role_arn in names) and (not ids or one.account in ids)
    ]


def _listed(center: Center, arn: str, wanted: Mapping[str, Any]) -> list[Entitlement]:
    request: dict[str, Any] = {"applicationArn": arn, "filter": {"principalRole": wanted}}
    rows = center.calls.listed(SERVICE, "list_entitlements", "entitlements", *_FIELDS, **request)
    return [
        Entitlement(name, role, USER if user else GROUP, user or group)
        for name, role, _, user, group in rows
    ]


def _principal(one: Principal) -> dict[str, Any]:
    return {"identityCenter": {_KEYS[one.kind]: one.id}}


def role_meant(center: Center, words: str, key: str = "--role-arn") -> RoleArn:
    """Return the role of an ARN. Raises UsageError for another text, and another partition."""
    try:
        found = arns.parse(words)
    except ValueError as error:
        raise UsageError(f"{key} {words!r} {error}") from None
    if not _ARN.fullmatch(words):
        raise UsageError(f"{key} {words!r}: a path has letters, digits and + = , . @ _ - only")
    partition = center.instance.arn.split(":")[1]
    if found.partition != partition:
        raise UsageError(f"{key} {words!r} is not of {partition}, as the Identity Center is")
    return found


def plan(
    center: Center, kind: str, roles: Sequence[RoleArn], principals: Sequence[Principal]
) -> list[Change]:
    """Return what has to change so that each principal is entitled to each role ("entitle") or not.

    Raises SsoenvError where there is no account access manager.
    """
    here = required(center)
    known = {
        (one.kind, one.principal, one.role_arn): one
        for one in find(center, principals, roles, here=here)
    }
    planned: list[Change] = []
    for role in roles:
        account = account_of(center, role) if kind == "entitle" else center.account(role.account)
        for principal in principals:
            old = known.get((principal.kind, principal.id, str(role)))
            if kind == "entitle" and old is None:
                planned.append(made(here, role, principal, account))
            elif kind != "entitle" and old is not None:
                planned.append(taken(here, old, principal, account))
    return planned


def all_of(center: Center, one: Principal) -> Iterator[Step]:
    """Yield what takes all entitlements of a user or a group away, as far as one may see them."""
    try:
        here = application(center)
        found = find(center, [one], here=here) if here else []
    except UNSEEN:
        return
    center.name_accounts({each.account for each in found})
    for each in found:
        yield taken(here, each, one, center.account(each.account))


def account_of(center: Center, role: RoleArn) -> Account:
    """Return the account that a role may be given in. Raises UsageError where there is none.

    The roles of permission sets are the service's own: an assignment gives them.
    """
    if role.path[:1] == (RESERVED,):
        raise UsageError(
            f"{role} is the role of a permission set",
            fix="ssoenv help admin assign",
            advice="an assignment gives it",
        )
    found = center.account(role.account)
    if (ACCOUNT, role.account) in center.gone:
        raise unknown("account", role.account, [])
    return found


def made(here: str, role: RoleArn, principal: Principal, account: Account) -> Step:
    """Return what entitles somebody to a role, in the application `here`."""
    wanted = {"principalRole": {"principal": _principal(principal), "roleArn": str(role)}}
    request = {"applicationArn": here, "entitlement": wanted}
    return _step(ADD, str(role), principal, account, "create_entitlement", request)


def taken(here: str, old: Entitlement, principal: Principal, account: Account) -> Step:
    """Return what takes an entitlement away."""
    request = {"applicationArn": here, "entitlementId": old.id}
    return _step(REMOVE, old.role_arn, principal, account, "delete_entitlement", request)


def _step(
    sign: str,
    role: str,
    principal: Principal,
    account: Account,
    operation: str,
    request: dict[str, Any],
) -> Step:
    # Whoever is deleted waits for it: of another kind, and about the same.
    call = Call(SERVICE, operation, request, about=str(principal.id), kind="entitlement")
    who = f"{principal.kind.lower()} {principal.shown}"
    shown = f"{who}, in {account.name}" if account.name else who
    if sign == ADD:
        return Step(sign, "role", role, "entitled", who, shown=shown, call=call)
    return Step(sign, "role", role, "entitled", before=who, shown=shown, call=call)


def named(center: Center, found: Iterable[Entitlement]) -> list[Assignment]:
    """Return entitlements as what they give, with names: a role of IAM in a set's place."""
    rows = list(found)
    center.name_principals({(one.kind, one.principal) for one in rows})
    center.name_accounts({one.account for one in rows})
    return [
        Assignment(
            center.principal(one.kind, one.principal),
            PermissionSet(one.role_arn, one.role_arn.partition(":role/")[2]),
            center.account(one.account),
        )
        for one in rows
    ]


def is_role(one: PermissionSet) -> bool:
    """Whether what gives access is a role of IAM, and no permission set."""
    return ":iam::" in one.arn


def who_can(center: Center, account: Account, role: str | None) -> Iterator[Assignment]:
    """Yield which users are entitled to which roles of an account, or to one; groups expanded."""
    for one in expanded(center, named(center, find(center, accounts=[account]))):
        if role is None or role in (one.permission_set.name, one.permission_set.arn):
            yield one


def what_can(center: Center, user: Principal) -> Iterator[Assignment]:
    """Yield which roles a user is entitled to, by themselves or by their groups."""
    groups = [center.principal(GROUP, one) for one in sorted(center.groups_of(user.id))]
    for one in named(center, find(center, [user, *groups])):
        yield one if one.principal == user else replace(one, principal=user, via=one.principal)


def described(one: Entitlement, named_as: Assignment) -> dict[str, str]:
    """Return an entitlement for scripts."""
    return {
        "entitlement_id": one.id,
        "account_id": one.account,
        "account_name": named_as.account.name,
        "role_arn": one.role_arn,
        "principal_type": one.kind,
        "principal_id": one.principal,
        "principal_name": named_as.principal.name,
    }
