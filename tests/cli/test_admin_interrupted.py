"""``ssoenv admin``, changes that meet others, are refused in part, are stopped, or not answered."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from ssoenv.admin import changes, defining, joining, opening, removal
from ssoenv.admin.assignments import Wanted
from ssoenv.admin.definition import Definition
from ssoenv.admin.making import Making
from ssoenv.admin.values import USER
from ssoenv.base.errors import ServiceUnavailable
from ssoenv.identity_center import aws_clients
from ssoenv.identity_center.administration import Administration
from ssoenv.identity_center.answers import Answer
from ssoenv.shells import hook
from tests.cli.test_admin import DEV
from tests.cli.test_admin_changes import MANAGEMENT, lines, world
from tests.conftest import Home, administered, operations
from tests.sandbox.administrators import Administrator

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

    from ssoenv.sandbox.server import Sandbox

pytestmark = pytest.mark.sampled(2)

LONG = 3600
CAROL = ("--user", "carol", "-r", "Billing", "-a", "dev")
MANY = (
    *("--user", "carol", "--ou", "/", "-r", "Billing", "-r", "ReadOnly"),
    *("-r", "Developer", "-r", "Administrator"),
)
"""More than may be in progress together."""


@pytest.fixture
def sandbox(home: Home, tmp_path: Path) -> Iterator[Sandbox]:
    with administered(home, tmp_path, world()) as running:
        yield running


def words_of(text: str) -> list[str]:
    return [one[0] for one in lines(text)]


def started(home: Home, *words: str) -> subprocess.Popen[str]:
    return home.start(*hook.command_line(), "admin", *words)


def wait_for(sandbox: Sandbox, operation: str, count: int = 1) -> None:
    deadline = time.monotonic() + 60
    while operations(sandbox, operation) < count:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def assigned(sandbox: Sandbox) -> bool:
    """Whether carol has Billing in dev."""
    admin = Administrator.named(sandbox)
    wanted = admin.instance | {"AccountId": DEV, "PermissionSetArn": admin.set("Billing")}
    held = admin.sso.list_account_assignments(**wanted)["AccountAssignments"]
    return admin.user("carol") in [one["PrincipalId"] for one in held]


# What is in progress already.


@pytest.mark.parametrize("first", ["assign", "unassign"])
@pytest.mark.parametrize("second", ["assign", "unassign"])
def test_the_same_and_the_opposite_while_in_progress(
    home: Home, sandbox: Sandbox, first: str, second: str
) -> None:
    if first == "unassign":
        assert home.ssoenv("admin", "assign", *CAROL).returncode == 0
    sandbox.set_provisioning(LONG)
    agreed = {"assign": (), "unassign": ("--yes",)}
    (row,) = json.loads(
        home.ssoenv("admin", first, *CAROL, *agreed[first], "--timeout", "0", "--json").stdout
    )
    sandbox.clear_requests()
    begun = started(home, second, *CAROL, *agreed[second], "--json")
    wait_for(sandbox, "ListAccountAssignmentCreationStatus", 2 if first == "assign" else 1)
    wait_for(sandbox, "ListAccountAssignmentDeletionStatus", 2 if first == "unassign" else 1)
    sandbox.set_provisioning(0)
    sandbox.advance(LONG)
    said, told = begun.communicate(timeout=60)
    assert (begun.returncode, told) == (0, "")
    (found,) = json.loads(said)
    assert (found["change"], found["status"]) == (second, "SUCCEEDED")
    assert (found["request_id"] == row["request_id"]) == (first == second)
    assert assigned(sandbox) == (second == "assign")
    changing = {"CreateAccountAssignment", "DeleteAccountAssignment"}
    asked = [one for one in sandbox.requests() if one["operation"] in changing]
    assert [one["status"] for one in asked] == ([] if first == second else [200])


def test_the_same_command_goes_on(home: Home, sandbox: Sandbox) -> None:
    sandbox.set_provisioning(LONG)
    late = home.ssoenv("admin", "assign", *MANY, "--timeout", "0.3")
    assert (late.returncode, words_of(late.stdout)) == (7, ["in progress"] * 15)
    again = home.ssoenv("admin", "assign", *MANY, "--timeout", "0.3")
    assert (again.returncode, again.stdout) == (7, late.stdout)
    assert "more changes were not begun" in again.stderr
    begun = started(home, "assign", *MANY)
    wait_for(sandbox, "ListAccountAssignmentCreationStatus", operations(
        sandbox, "ListAccountAssignmentCreationStatus") + 2)  # fmt: skip
    sandbox.set_provisioning(0)
    sandbox.advance(LONG)
    said, told = begun.communicate(timeout=120)
    assert (begun.returncode, told) == (0, "")
    assert set(words_of(said)) == {"assigned"}
    assert len(words_of(said)) > 15


def test_a_user_goes_with_what_is_in_progress(home: Home, sandbox: Sandbox) -> None:
    sandbox.set_provisioning(1)
    assert home.ssoenv("admin", "assign", *CAROL, "--timeout", "0").returncode == 0
    gone = home.ssoenv("admin", "delete", "user", "carol", "--yes")
    assert (gone.returncode, gone.stderr) == (0, "")
    assert words_of(gone.stdout)[:2] == ["taken back", "taken back"]
    assert ["taken back", f"dev {DEV}", "Billing", "user carol"] in [
        one[:4] for one in lines(gone.stdout)
    ]


def test_what_ends_while_it_is_read_goes_with_the_user(home: Home, sandbox: Sandbox) -> None:
    sandbox.set_provisioning(LONG)
    assert home.ssoenv("admin", "assign", *CAROL, "--timeout", "0").returncode == 0
    sandbox.set_provisioning(0)
    sandbox.set_pace(latency=300)
    deleting = started(home, "delete", "user", "carol", "--yes")
    held = "ListAccountAssignmentsForPrincipal"
    wait_for(sandbox, held, operations(sandbox, held) + 1)
    sandbox.advance(LONG)
    sandbox.set_pace(latency=0)
    said, told = deleting.communicate(timeout=60)
    assert (deleting.returncode, told) == (0, "")
    assert ["taken back", f"dev {DEV}", "Billing", "user carol"] in [one[:4] for one in lines(said)]


# Room that there is not.


def test_without_waiting_no_more_than_there_is_room_for(home: Home, sandbox: Sandbox) -> None:
    sandbox.set_provisioning(LONG)
    began = time.monotonic()
    done = home.ssoenv("admin", "assign", *MANY, "--timeout", "0")
    assert time.monotonic() - began < 60
    assert (done.returncode, words_of(done.stdout)) == (0, ["in progress"] * 15)
    assert "more changes were not begun; the same command goes on" in done.stderr
    # Somebody else's changes have no room at all, and that is told in good time.
    full = home.ssoenv("admin", "assign", *CAROL[:3], "ReadOnly", "-a", "prod", "-u", "alice",
                       "-g", "web", "--timeout", "0")  # fmt: skip
    assert (full.returncode, full.stdout) == (0, "")
    assert "changes were not begun; the same command goes on" in full.stderr


def test_for_the_room_of_somebody_else_it_waits_as_long_as_it_is_told(
    home: Home, sandbox: Sandbox
) -> None:
    sandbox.set_provisioning(LONG)
    assert home.ssoenv("admin", "assign", *MANY, "--timeout", "0").returncode == 0
    words = ("assign", "--user", "bob", "-r", "Billing", "-a", "prod")
    late = home.ssoenv("admin", *words, "--timeout", "1")
    assert (late.returncode, late.stdout) == (7, "")
    assert "the service works on requests of somebody else" in late.stderr
    assert "1 changes were not begun; the same command goes on" in late.stderr
    sandbox.clear_requests()
    begun = started(home, *words)
    wait_for(sandbox, "CreateAccountAssignment", 2)
    sandbox.set_provisioning(0)
    sandbox.advance(LONG)
    said, told = begun.communicate(timeout=60)
    assert (begun.returncode, told, words_of(said)) == (0, "", ["assigned"])


# Refused in part.


def test_what_is_refused_does_not_stop_the_rest(home: Home, sandbox: Sandbox) -> None:
    words = ("--user", "carol", "-r", "Billing", "-a", MANAGEMENT, "-a", "dev", "-a", "prod")
    done = home.ssoenv("admin", "assign", *words, AWS_PROFILE="delegated-administrator")
    assert (done.returncode, sorted(words_of(done.stdout))) == (1, ["assigned"] * 2 + ["failed"])
    assert "these credentials may not create account assignment" in done.stdout
    assert "1 of 3 changes failed" in done.stderr
    sandbox.fail("CreateGroupMembership", "ValidationException")
    half = home.ssoenv("admin", "join", "web", "carol", "dora")
    assert half.returncode == 1
    assert words_of(half.stdout) == ["failed", "added"]


# Answers that never come.


@pytest.fixture
def center(sandbox: Sandbox, home: Home, monkeypatch: pytest.MonkeyPatch) -> Any:
    for name, value in home.env.items():
        monkeypatch.setenv(name, value)
    calls = Administration(home.env, region="us-east-1", profile=None)
    return opening.center(calls, None)


class Losing:
    """Loses the answers to an operation; with `html`, they are of somebody else."""

    def __init__(self, center: Any, operation: str, kind: str, times: int) -> None:
        self._ask, self._left = center.calls.ask, times
        self._operation, self._kind = operation, kind
        center.calls.ask = self

    def __call__(self, service: str, operation: str, **request: Any) -> Any:
        answer = self._ask(service, operation, **request)
        if operation != self._operation or not self._left:
            return answer
        self._left -= 1
        if self._kind == "empty":
            return Answer({}, "x", "y")
        if self._kind == "interrupt":
            raise KeyboardInterrupt
        raise ServiceUnavailable("no answer")


@pytest.mark.parametrize("kind", ["empty", "lost"])
@pytest.mark.parametrize("seconds", [0, 0.5])
@pytest.mark.parametrize("change", ["assign", "unassign"])
def test_an_answer_that_is_lost_is_looked_up(
    center: Any, sandbox: Sandbox, kind: str, seconds: float, change: str
) -> None:
    wanted = Wanted(
        (center.principal_meant(USER, "alice"),),
        (center.set_meant("Administrator"),),
        (center.account_meant("dev" if change == "assign" else "prod"),),
    )
    sandbox.set_provisioning(seconds)
    made = Making(center, changes.plan(center, change, wanted), timeout=30)
    verb = "create" if change == "assign" else "delete"
    Losing(center, f"{verb}_account_assignment", kind, 1)
    made.run(lambda *_: None)
    assert [one.status for one in made.outcomes] == ["SUCCEEDED"]
    assert changes.plan(center, change, wanted) == []


def test_what_was_interrupted_is_not_known(center: Any, sandbox: Sandbox) -> None:
    sandbox.set_provisioning(LONG)
    wanted = Wanted(
        (center.principal_meant(USER, "carol"),),
        (center.set_meant("Billing"),),
        (center.account_meant("dev"), center.account_meant("prod")),
    )
    made = Making(center, changes.plan(center, "assign", wanted), timeout=30)
    Losing(center, "create_account_assignment", "interrupt", 1)
    with pytest.raises(KeyboardInterrupt):
        made.run(lambda *_: None)
    assert [one.word for one in made.outcomes] == ["not known", "not begun"]
    # The same command joins it.
    again = changes.plan(center, "assign", wanted)
    assert [bool(one.call and one.call.joins) for one in again] == [True, False]


@pytest.mark.parametrize(
    "operation",
    [
        "create_group_membership",
        "delete_group_membership",
        "delete_user",
        "delete_account_assignment",
        "create_group",
        "create_permission_set",
    ],
)
@pytest.mark.usefixtures("sandbox")
def test_a_call_that_is_repeated_finds_it_done(
    center: Any, monkeypatch: pytest.MonkeyPatch, operation: str
) -> None:
    plans = {
        "create_group_membership": lambda: joining.join(center, "web", ["carol", "dora"]),
        "delete_group_membership": lambda: joining.leave(center, "web", ["bob"]),
        "create_group": lambda: joining.add_group(center, "ops", "engineers"),
        "create_permission_set": lambda: defining.plan(
            center, "Deployer", Definition(policies=("ReadOnlyAccess",))
        ),
    }
    planned = plans.get(operation, lambda: removal.plan(center, "user", "carol"))()
    real, left = aws_clients.call, [1]

    def losing(client: Any, name: str, called: str, *more: Any) -> Answer:
        answer = real(client, name, called, *more)
        if called == operation and left:
            left.clear()
            raise ServiceUnavailable("no answer")
        return answer

    monkeypatch.setattr(aws_clients, "call", losing)
    made = Making(center, planned, timeout=30)
    made.run(lambda *_: None)
    assert not left
    assert {one.status for one in made.outcomes} == {"SUCCEEDED"}


@pytest.mark.parametrize("conflicts", [1, 100])
def test_a_conflict_with_nothing_ends(home: Home, sandbox: Sandbox, conflicts: int) -> None:
    sandbox.fail("CreateAccountAssignment", "ConflictException", times=3 * conflicts)
    done = home.ssoenv("admin", "assign", *CAROL)
    assert (done.returncode, words_of(done.stdout)) == (
        (0, ["assigned"]) if conflicts == 1 else (7, ["failed"])
    )
