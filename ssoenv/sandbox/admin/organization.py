"""organizations: accounts and organizational units. botocore ``data/organizations/2016-11-28``.

An instance's organization is what its world says of accounts and their units, and nothing of it can
be changed here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssoenv.sandbox.admin.calls import digest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssoenv.sandbox.admin.calls import Answer, Call, Handler
    from ssoenv.sandbox.world import Account

SERVICE_PRINCIPAL = "sso.amazonaws.com"


def describe_organization(call: Call) -> Answer:
    """Describe the organization."""
    one = call.management
    found = {
        "Id": _organization_id(call),
        "Arn": _arn(call, "organization", ""),
        "FeatureSet": "ALL",
        "MasterAccountArn": _account_arn(call, one),
        "MasterAccountId": one.id,
        "MasterAccountEmail": one.email,
    }
    return {"Organization": found}


def list_roots(call: Call) -> Answer:
    """List the one root."""
    root = {"Id": _root(call), "Arn": _arn(call, "root", _root(call)), "Name": "Root"}
    return call.page("Roots", [root | {"PolicyTypes": []}])


def list_accounts(call: Call) -> Answer:
    """List all accounts."""
    return call.page("Accounts", [_described(call, one) for one in _accounts(call)])


def describe_account(call: Call) -> Answer:
    """Describe an account."""
    return {"Account": _described(call, _account(call, call.body["AccountId"]))}


def list_accounts_for_parent(call: Call) -> Answer:
    """List the accounts that are in a root or a unit itself."""
    path = _path(call, call.body["ParentId"])
    rows = [_described(call, one) for one in _accounts(call) if one.unit == path]
    return call.page("Accounts", rows)


def list_units_for_parent(call: Call) -> Answer:
    """List the units that are in a root or a unit itself."""
    parent = _path(call, call.body["ParentId"])
    rows = [_described_unit(call, one) for one in _units(call) if _above(one) == parent]
    return call.page("OrganizationalUnits", rows)


def list_children(call: Call) -> Answer:
    """List the accounts or the units of a root or a unit, by id."""
    kind, parent = call.body["ChildType"], _path(call, call.body["ParentId"])
    if kind == "ACCOUNT":
        found = [one.id for one in _accounts(call) if one.unit == parent]
    else:
        found = [_unit_id(call, one) for one in _units(call) if _above(one) == parent]
    return call.page("Children", [{"Id": one, "Type": kind} for one in found])


def list_parents(call: Call) -> Answer:
    """List the one parent of an account or a unit."""
    child = call.body["ChildId"]
    path = _account(call, child).unit if child.isdecimal() else _above(_path(call, child))
    kind = "ORGANIZATIONAL_UNIT" if path else "ROOT"
    return call.page("Parents", [{"Id": _unit_id(call, path), "Type": kind}])


def describe_unit(call: Call) -> Answer:
    """Describe a unit."""
    path = _path(call, call.body["OrganizationalUnitId"])
    return {"OrganizationalUnit": _described_unit(call, path)}


def list_delegated_administrators(call: Call) -> Answer:
    """List the accounts that Identity Center is delegated to."""
    rows = []
    if call.body.get("ServicePrincipal", SERVICE_PRINCIPAL) == SERVICE_PRINCIPAL:
        rows = [one for one in _accounts(call) if one.role == "delegated"]
    since = {"DelegationEnabledDate": call.state.started}
    return call.page("DelegatedAdministrators", [_described(call, one) | since for one in rows])


HANDLERS: dict[str, Handler] = {
    "DescribeOrganization": describe_organization,
    "ListRoots": list_roots,
    "ListAccounts": list_accounts,
    "DescribeAccount": describe_account,
    "ListAccountsForParent": list_accounts_for_parent,
    "ListOrganizationalUnitsForParent": list_units_for_parent,
    "ListChildren": list_children,
    "ListParents": list_parents,
    "DescribeOrganizationalUnit": describe_unit,
    "ListDelegatedAdministrators": list_delegated_administrators,
}


def _accounts(call: Call) -> tuple[Account, ...]:
    return call.state.world.organization(call.instance.session)


def _account(call: Call, account_id: str) -> Account:
    found = next((one for one in _accounts(call) if one.id == account_id), None)
    if found is None:
        call.fail("AccountNotFoundException", "You specified an account that doesn't exist.")
    return found


def _organization_id(call: Call) -> str:
    return f"o-{digest(call.instance.session)[:10]}"


def _root(call: Call) -> str:
    return f"r-{digest(call.instance.session)[:4]}"


def _units(call: Call) -> list[str]:
    """Return the paths of all units, those above first."""
    paths = {path for one in _accounts(call) for path in _with_those_above(one.unit)}
    return sorted(paths)


def _with_those_above(path: str) -> Iterator[str]:
    while path:
        yield path
        path = _above(path)


def _above(path: str) -> str:
    return path.rpartition("/")[0]


def _unit_id(call: Call, path: str) -> str:
    """Return the id of a unit by its path; of the root, which has none, for an empty one."""
    root = _root(call)
    return f"ou-{root.removeprefix('r-')}-{digest(path)[:8]}" if path else root


def _path(call: Call, unit_id: str) -> str:
    """Return the path of the unit or the root that has the id."""
    found = next((one for one in ("", *_units(call)) if _unit_id(call, one) == unit_id), None)
    if found is None:
        named = "OrganizationalUnitId" in call.body
        what = "OrganizationalUnit" if named else "Child" if "ChildId" in call.body else "Parent"
        call.fail(f"{what}NotFoundException", f"You specified a {what} that doesn't exist.")
    return found


def _arn(call: Call, kind: str, own: str) -> str:
    place = f"{call.management.id}:{kind}/{_organization_id(call)}"
    return f"arn:aws:organizations::{place}{f'/{own}' if own else ''}"


def _account_arn(call: Call, one: Account) -> str:
    return _arn(call, "account", one.id)


def _described(call: Call, one: Account) -> Answer:
    return {
        "Id": one.id,
        "Arn": _account_arn(call, one),
        "Email": one.email,
        "Name": one.name,
        "Status": "SUSPENDED" if one.suspended else "ACTIVE",
        "JoinedMethod": "CREATED",
        "JoinedTimestamp": call.state.started,
    }


def _described_unit(call: Call, path: str) -> Answer:
    own = _unit_id(call, path)
    return {"Id": own, "Arn": _arn(call, "ou", own), "Name": path.rpartition("/")[2]}
