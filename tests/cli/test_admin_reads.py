"""``ssoenv admin`` reads all of it, or says what it could not read: nothing refused is empty."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.test_admin import DEV, PROD, parsed, sandbox
from tests.sandbox.administrators import Administrator

if TYPE_CHECKING:
    from ssoenv.sandbox.server import Sandbox
    from tests.conftest import Home

__all__ = ["sandbox"]
REFUSED = ("AccessDeniedException", "ResourceNotFoundException", "InternalServerException")
"""What a service may say in place of an answer, the last with the status 500."""


@pytest.mark.parametrize("command", ["who-can prod", "what-can bob", "assignments --account prod"])
@pytest.mark.parametrize("error", REFUSED)
def test_a_refusal_is_never_an_empty_list(
    home: Home, sandbox: Sandbox, command: str, error: str
) -> None:
    """... whichever call it is of."""
    words = command.split()
    whole = home.ssoenv("admin", *words)
    assert whole.returncode == 0, whole
    for operation in sorted({one["operation"] for one in sandbox.requests()}):
        if operation in ("DescribeUser", "DescribeGroup", "DescribeAccount"):
            continue  # a name, without which there are ids
        failing: Any = 500 if error == "InternalServerException" else error
        sandbox.fail(operation, failing, times=9)
        done = home.ssoenv("admin", *words)
        sandbox.clear_faults()
        if (done.returncode, done.stdout) == (0, whole.stdout):
            continue  # read another way
        assert done.returncode in (2, 6, 7), (operation, done)
        assert done.stderr.startswith("ssoenv: "), (operation, done)
        for word in ("nobody", "there is no such", "access to nothing"):
            assert word not in done.stderr, (operation, done)


def test_what_could_not_be_read_is_named(home: Home, sandbox: Sandbox) -> None:
    words = ("assignments", "--account", "dev", "--account", "prod")
    dev, prod = f"dev ({DEV})", f"prod ({PROD})"
    for form in ((), ("--csv",), ("--json",)):
        sandbox.fail("ListPermissionSetsProvisionedToAccount", "AccessDeniedException")
        part = home.ssoenv("admin", *words, *form, "--fresh")
        assert part.returncode == 6, part
        unread, read = (dev, prod) if dev in part.stderr else (prod, dev)
        assert f"not read: the permission sets in {unread}; " in part.stderr
        assert "may not list permission sets provisioned to account" in part.stderr
        # What was read is there, but for JSON, which is whole or not at all.
        assert (read[:4].strip() in part.stdout) == (form != ("--json",)), part
        assert unread[-13:-1] not in part.stdout
        sandbox.clear_faults()


def test_a_group_that_is_there_has_members_even_if_the_list_is_not_found(
    home: Home, sandbox: Sandbox
) -> None:
    sandbox.fail("ListGroupMemberships", "ResourceNotFoundException")
    part = home.ssoenv("admin", "who-can", "dev")
    assert (part.returncode, part.stdout) == (6, "")
    assert "the members of the group" in part.stderr
    admin = Administrator.named(sandbox)
    admin.store.delete_group(**admin.identity_store, GroupId=admin.group("web"))
    assert json.dumps(parsed(home, "who-can", "dev"))
    assert "web" not in home.ssoenv("admin", "who-can", "dev").stdout
