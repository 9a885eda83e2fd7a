"""``ssoenv admin``, what somebody else does between the plan and the change, and odd requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ssoenv.admin import defining, opening, removal
from ssoenv.admin.definition import Definition
from ssoenv.admin.making import Making
from ssoenv.sandbox.world import Entitlement, World
from tests.cli.test_admin_changes import changing, lines, world
from tests.conftest import administered, asking
from tests.sandbox.administrators import Administrator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ssoenv.admin.center import Center
    from ssoenv.identity_center.administration import Administration
    from ssoenv.sandbox.server import Sandbox
    from tests.conftest import Home

DEPLOY = "arn:aws:iam::333333333333:role/Deploy"


@pytest.fixture
def sandbox(home: Home, tmp_path: Path) -> Iterator[Sandbox]:
    with administered(home, tmp_path, world()) as running:
        yield running


@pytest.fixture
def calls(sandbox: Sandbox, home: Home, monkeypatch: pytest.MonkeyPatch) -> Administration:
    return asking(home, monkeypatch)


def made(center: Center, found: list[object]) -> dict[str, str]:
    making = Making(center, found, 60)  # type: ignore[arg-type]
    making.run(lambda *_: None)
    return {
        " ".join(one.change.cells()).strip(): one.reason for one in making.outcomes if one.reason
    }


@pytest.mark.parametrize("kind", ["user", "group"])
@pytest.mark.parametrize("provisioning", [0, 3600])
def test_nobody_is_deleted_who_was_given_something_meanwhile(
    calls: Administration, sandbox: Sandbox, kind: str, provisioning: float
) -> None:
    name = {"user": "carol", "group": "web"}[kind]
    center = opening.center(calls)
    planned = [*removal.plan(center, kind, name)]
    other = Administrator.named(sandbox)
    given = other.assignment("222222222222", "Billing", **{kind: name})
    sandbox.set_provisioning(provisioning)
    other.sso.create_account_assignment(**given)
    sandbox.set_provisioning(0)
    reasons = made(center, planned)  # type: ignore[arg-type]
    assert list(reasons.values()) == [f"{kind} {name} was given something meanwhile, and stays"]
    sandbox.advance(provisioning)
    assert not made(opening.center(calls), [*removal.plan(opening.center(calls), kind, name)])
    held = other.sso.list_account_assignments(
        **other.instance, AccountId="222222222222", PermissionSetArn=given["PermissionSetArn"]
    )
    assert held["AccountAssignments"] == []


def test_what_is_not_named_stays_as_somebody_else_has_it_by_now(
    calls: Administration, sandbox: Sandbox
) -> None:
    center = opening.center(calls)
    planned = defining.plan(center, "ReadOnly", Definition(description="new"))
    other = Administrator.named(sandbox)
    arn = {"PermissionSetArn": other.set("ReadOnly")}
    relay = "https://console.aws.amazon.com/x"
    other.sso.update_permission_set(
        **other.instance, **arn, SessionDuration="PT9H", RelayState=relay
    )
    assert not made(center, planned)  # type: ignore[arg-type]
    now = other.sso.describe_permission_set(**other.instance, **arn)["PermissionSet"]
    assert (now["Description"], now["SessionDuration"], now["RelayState"]) == ("new", "PT9H", relay)


def test_entitlements_go_with_their_holder(home: Home, tmp_path: Path) -> None:
    given = world()
    entitled = World(
        given.instances,
        given.users,
        given.accounts,
        given.permission_sets,
        given.assignments,
        given.roles,
        (Entitlement("prod", "Deploy", user="bob"), Entitlement("security", "Audit", user="bob")),
        given.groups,
    )
    with administered(home, tmp_path, entitled):
        gone = home.ssoenv("admin", "delete", "user", "bob", "--yes")
        assert gone.returncode == 0, gone
        assert [row[0] for row in lines(gone.stdout) if "entitled" in row] == ["removed"] * 2
        assert home.ssoenv("admin", "entitlements").stdout == ""


def test_entitlements_of_who_is_gone_are_listed_and_end(home: Home, sandbox: Sandbox) -> None:
    assert home.ssoenv("admin", "entitle", "-u", "bob", "--role-arn", DEPLOY).returncode == 0
    other = Administrator.named(sandbox)
    bob = other.user("bob")
    other.store.delete_user(**other.identity_store, UserId=bob)
    shown = home.ssoenv("admin", "entitlements")
    assert bob in shown.stdout
    done = home.ssoenv("admin", "disentitle", "-u", bob, "--role-arn", DEPLOY, "--yes")
    assert (done.returncode, lines(done.stdout)[0][0]) == (0, "removed"), done


@pytest.mark.parametrize(
    ("arn", "told"),
    [
        ("arn:aws:iam::333333333333:role/a$b/X", "a path has letters"),
        (
            "arn:aws:iam::333333333333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_X_1",
            "is the role of a permission set",
        ),
    ],
)
def test_roles_that_nobody_can_be_entitled_to(
    home: Home, sandbox: Sandbox, arn: str, told: str
) -> None:
    found = home.ssoenv("admin", "entitle", "-u", "bob", "--role-arn", arn)
    assert (found.returncode, found.stdout) == (2, "")
    assert told in found.stderr


# What the service takes from nobody.


@pytest.mark.parametrize(
    "words",
    [
        ("--own-policy", "team/", "--duration", "3h"),
        ("--boundary", "/", "--duration", "3h"),
        ("--boundary", "arn:foo"),
        ("--timeout", "nan"),
        ("--duration", "9" * 5000 + "h"),
        ("--tag", "a=b", "--tag", "a=c"),
    ],
)
def test_odd_requests_change_nothing(home: Home, sandbox: Sandbox, words: tuple[str, ...]) -> None:
    sandbox.clear_requests()
    found = home.ssoenv("admin", "define", "ReadOnly", *words, "--yes")
    assert (found.returncode, found.stdout, changing(sandbox)) == (2, "", []), found


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('inline = "a\\u0000b"', 5),
        (f"inline = {{a = 0x{'f' * 5000}}}", 5),
        ('[tag]\n"" = "x"', 2),
        ("inline = {a = nan}", 5),
    ],
)
def test_odd_files_change_nothing(home: Home, sandbox: Sandbox, text: str, code: int) -> None:
    sandbox.clear_requests()
    (home.path / "odd.toml").write_text(text)
    found = home.ssoenv("admin", "define", "ReadOnly", "--file", "odd.toml", "--yes")
    assert (found.returncode, found.stdout, changing(sandbox)) == (code, "", []), found


@pytest.mark.parametrize(
    "text", ['{"a": NaN}', '{"Effect": "Deny", "Effect": "Allow"}', "[" * 9999]
)
def test_policies_that_are_no_json(home: Home, sandbox: Sandbox, text: str) -> None:
    (home.path / "policy.json").write_text(text)
    found = home.ssoenv("admin", "define", "ReadOnly", "--inline", "policy.json", "--yes")
    assert (found.returncode, found.stdout) == (2, "")
    assert "is no JSON" in found.stderr


def test_what_is_endless_is_not_read_to_its_end(home: Home, sandbox: Sandbox) -> None:
    for option in ("--file", "--inline"):
        found = home.ssoenv("admin", "define", "ReadOnly", option, "/dev/zero", "--yes")
        assert (found.returncode, found.stdout) == (2, ""), found
        assert "/dev/zero cannot be read: not a regular file" in found.stderr


def test_true_is_not_one(home: Home, sandbox: Sandbox) -> None:
    for text in ('{"a": 1}', '{"a": true}'):
        (home.path / "policy.json").write_text(text)
        found = home.ssoenv("admin", "define", "ReadOnly", "--inline", "policy.json", "--yes")
        assert found.returncode == 0
        assert found.stdout
    assert not home.ssoenv("admin", "define", "ReadOnly", "--inline", "policy.json", "--yes").stdout


# What a person sees before they say yes.


def test_no_name_forges_a_line_of_the_question(home: Home, sandbox: Sandbox) -> None:
    name = "staff\n+  permission set ReadOnly  description  harmless"
    Administrator.named(sandbox).store.create_group(
        **Administrator.named(sandbox).identity_store, DisplayName=name
    )
    nobody = home.ssoenv("admin", "delete", "group", name)
    assert (nobody.returncode, nobody.stdout) == (2, "")
    told = [line.strip() for line in nobody.stderr.splitlines()]
    assert not [line for line in told if line.startswith("+")]
    assert not [line for line in told if line.startswith("try:")]
    assert "the same command with --yes does it unasked" in nobody.stderr
    assert home.ssoenv("admin", "delete", "group", name, "--yes").returncode == 0


def test_the_proposed_yes_is_an_option(home: Home, sandbox: Sandbox) -> None:
    nobody = home.ssoenv("admin", "leave", "web", "--", "bob")
    assert "try: ssoenv admin leave web --yes -- bob" in nobody.stderr
    assert home.ssoenv("admin", "leave", "web", "--yes", "--", "bob").returncode == 0
