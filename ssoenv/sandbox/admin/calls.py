"""One call of an administrator: who calls, at which instance, whether they may, and pages of rows.

Administrators are the credentials of the organization's management account, and of an account that
Identity Center is delegated to, as far as their role's policies go: those of AWS that are named
here, for nothing else is evaluated. A user of IAM may do everything.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlsplit

from ssoenv.base.values import dataclass
from ssoenv.sandbox import sts
from ssoenv.sandbox.signatures import SIGNING_NAMES, signer
from ssoenv.sandbox.wire import WireError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from werkzeug.wrappers import Request

    from ssoenv.sandbox.directory import Directory, PermissionSet, Place
    from ssoenv.sandbox.jobs import Jobs
    from ssoenv.sandbox.records import Keys
    from ssoenv.sandbox.state import State
    from ssoenv.sandbox.world import Account, Instance

Answer = dict[str, Any]
Handler = Callable[["Call"], Answer]
READS = ("List", "Describe", "Get", "IsMember")
_FULL = frozenset(
    (
        "AdministratorAccess",
        "AWSSSOMasterAccountAdministrator",
        "AWSSSOMemberAccountAdministrator",
    )
)
_READ = frozenset(("ReadOnlyAccess", "AWSSSOReadOnly", "SecurityAudit"))
_PAGE = {"organizations": 20}
"""Rows on a page at most, where it is not 100."""
_PAGING = {"account-access": ("maxResults", "nextToken")}
"""What the size of a page and the way to the next are called, where it is not as below."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call, its request's `body` checked by the service's model.

    `failure`: what is started by it fails later, for that reason.
    """

    state: State
    service: str
    operation: str
    keys: Keys
    account: Account
    instance: Instance
    body: dict[str, Any]
    failure: str = ""

    @property
    def directory(self) -> Directory:
        """What the sandbox has."""
        return self.state.directory

    @property
    def jobs(self) -> Jobs:
        """What is in progress."""
        return self.state.jobs

    @property
    def now(self) -> float:
        """The present, by the sandbox's clock."""
        return self.state.now()

    @property
    def instance_arn(self) -> str:
        """The ARN of the instance."""
        return f"arn:aws:sso:::instance/ssoins-{digest(self.instance.session)}"

    @property
    def identity_store(self) -> str:
        """The id of the instance's identity store: that of its start URL, where that has one."""
        first = (urlsplit(self.instance.start_url).hostname or "").partition(".")[0]
        hexadecimal = first.removeprefix("d-")
        if first.startswith("d-") and len(hexadecimal) == 10 and _is_hex(hexadecimal):
            return first
        return f"d-{digest(self.instance.session)[:10]}"

    @property
    def management(self) -> Account:
        """The management account of the organization."""
        return self.state.world.organization(self.instance.session)[0]

    def set_arn(self, set_id: str) -> str:
        """Return the ARN of a permission set."""
        return f"arn:aws:sso:::permissionSet/ssoins-{digest(self.instance.session)}/{set_id}"

    def permission_set(self) -> PermissionSet:
        """Return the permission set that the request names."""
        self.require_instance()
        arn = self.body["PermissionSetArn"]
        found = self.directory.sets.get(arn.rpartition("/")[2])
        if found is None or arn != self.set_arn(found.id):
            name = arn.rpartition("/")[2]
            self.fail("ResourceNotFoundException", f"Could not find PermissionSet with id {name}")
        return found

    def require_instance(self) -> None:
        """Refuse what names another instance."""
        given = self.body.get("InstanceArn", self.instance_arn)
        if given != self.instance_arn:
            self.fail("ResourceNotFoundException", f"Could not find Instance {given}")

    def require_store(self) -> None:
        """Refuse what names another identity store, or none."""
        if self.body.get("IdentityStoreId") != self.identity_store:
            self.fail("ResourceNotFoundException", "IDENTITY_STORE not found.")

    def target(self, account_id: str) -> Account:
        """Return the account of this organization that has the id."""
        found = self.directory.accounts.get(account_id)
        if found is None or found.session != self.instance.session:
            self.fail("ResourceNotFoundException", f"Could not find account {account_id}")
        return found

    def spare_management(self, *places: Place, set_id: str = "") -> None:
        """Refuse a delegated administrator what concerns the management account.

        That is an assignment there, and any change of a permission set that is provisioned there.
        """
        own = self.management.id
        if self.account.id == own:
            return
        touched = {account for account, _ in places}
        touched |= {account for account, one in self.directory.provisioned if one == set_id}
        if own in touched:
            self.deny()

    def deny(self) -> NoReturn:
        """Refuse the caller, in the words of AWS, which give no reason."""
        action = f"{SIGNING_NAMES.get(self.service, self.service)}:{self.operation}"
        message = f"User: {sts.arn(self.keys)} is not authorized to perform: {action}"
        self.fail("AccessDeniedException", message)

    def fail(self, name: str, message: str) -> NoReturn:
        """Raise an error of the service."""
        raise WireError(self.service, name, message)

    def page(self, key: str, rows: Sequence[Any]) -> Answer:
        """Return a page of `rows`; the token is good for the next page of this operation."""
        limit = _PAGE.get(self.service, 100)
        most, more = _PAGING.get(self.service, ("MaxResults", "NextToken"))
        size = min(self.body.get(most, limit), limit)
        of, token = f"{self.service} {self.operation}", self.body.get(more)
        try:
            page, following = self.state.paging.page(of, rows, size, token)
        except LookupError:
            known = self.service == "organizations"
            name = "InvalidInputException" if known else "ValidationException"
            self.fail(name, "The pagination token is not valid")
        return {key: page} | ({more: following} if following else {})


def authorize(
    state: State, request: Request, service: str, operation: str, body: dict[str, Any]
) -> Call | None:
    """Return the call, if whoever signed it may make it; None: they have no instance there.

    That is so in an account that is no administrator of Identity Center, and in another region.
    Raises WireError: nobody signed it, or they may not.
    """
    keys, region = signer(state, request, service)
    account = state.directory.accounts[keys.account]
    instance = next(one for one in state.world.instances if one.session == account.session)
    call = Call(state, service, operation, keys, account, instance, body)
    if not _allows(call):
        call.deny()
    manages = account.role in ("management", "delegated")
    here = service == "organizations" or region == instance.region
    return call if manages and here else None


def digest(text: str) -> str:
    """Return 16 hex digits of `text`."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _allows(call: Call) -> bool:
    """Whether the policies of the caller's role allow the call."""
    if call.keys.iam:
        return True
    found = call.directory.set_named(call.keys.role)
    names = {arn.rpartition("/")[2] for arn in found.managed} if found else set()
    return bool(names & _FULL) or (call.operation.startswith(READS) and bool(names & _READ))


def _is_hex(text: str) -> bool:
    return all(char in "0123456789abcdef" for char in text)
