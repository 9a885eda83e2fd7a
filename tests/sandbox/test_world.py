"""The worlds: the one of the manual, large ones, and those that people write in a file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ssoenv.base.errors import InvalidConfiguration
from ssoenv.sandbox import world, world_file
from ssoenv.sandbox.directory import Directory
from ssoenv.sandbox.server import Sandbox
from ssoenv.sandbox.world import Account, Assignment, Group, IamRole, Instance, User
from tests.sandbox.caller import Caller

FILE = """\
permission_sets = ["Developer", "ReadOnly"]

[[instances]]
session = "acme"
start_url = "https://acme.awsapps.com/start"
region = "eu-west-1"

[[users]]
name = "carol"
groups = ["the developers"]

[[users]]
name = "dave.o+x@acme"

[[accounts]]
name = "Production: EU"
id = "012345678901"

[[accounts]]
name = "dev"
id = "111111111111"
email = "dev@acme.example"
session = "acme"

[[assignments]]
group = "the developers"
accounts = ["dev", "Production: EU"]
permission_sets = ["Developer"]

[[assignments]]
user = "carol"
accounts = ["dev"]
permission_sets = ["ReadOnly"]
"""


def write(tmp_path: Path, text: str) -> str:
    path = tmp_path / "world.toml"
    path.write_text(text)
    return str(path)


def problems(tmp_path: Path, text: str) -> list[str]:
    """What is wrong with a world file, without its name in front."""
    path = write(tmp_path, text)
    with pytest.raises(InvalidConfiguration) as caught:
        world_file.load(path)
    assert all(problem.startswith(f"{path}:") for problem in caught.value.problems)
    assert path in caught.value.message
    assert caught.value.fix or caught.value.advice
    return [problem.removeprefix(f"{path}:") for problem in caught.value.problems]


def test_the_world_of_the_manual() -> None:
    built_in = world.built_in()

    assert built_in.instances == (
        Instance("acme", "https://d-0000000000.awsapps.com/start", "us-east-1", "aa-0000000000"),
    )
    assert [(account.name, account.id) for account in built_in.accounts] == [
        ("dev", "111111111111"),
        ("staging", "222222222222"),
        ("prod", "333333333333"),
        ("shared", "444444444444"),
        ("security", "555555555555"),
        ("sandbox", "666666666666"),
    ]
    assert built_in.permission_sets == ("Developer", "ReadOnly", "Administrator", "Billing")
    assert built_in.users == (User("alice"), User("bob"))


def test_a_large_world_is_quick() -> None:
    large = world.synthetic(5000, 7)
    assert (len(large.accounts), len({one.id for one in large.accounts})) == (5000, 5000)
    directory = Directory(large, 0)
    alice, bob = directory.users
    held = directory.held(alice, "acme")
    assert {len(one.roles) for one in held.values()} == {7}
    assert list(directory.held(bob, "acme")) == []
    assert world.synthetic(1, 2).permission_sets == ("Developer", "ReadOnly")


MORE = """
[[users]]
name = "erin"
display_name = "Erin E"
external = "0042"

[[groups]]
name = "nobody yet"
description = "will come"

[[accounts]]
name = "root"
id = "999999999999"
role = "management"

[[accounts]]
name = "audit"
id = "222222222222"
unit = "Core/Security"
role = "delegated"
"""


def test_a_world_file_with_an_organization(tmp_path: Path) -> None:
    found = world_file.load(write(tmp_path, FILE + MORE))
    assert found.users[-1] == User("erin", (), "Erin E", "0042")
    assert found.groups == (Group("nobody yet", "will come"),)
    assert [one.name for one in found.organization("acme")] == [
        "root", "Production: EU", "dev", "audit",
    ]  # fmt: skip
    assert (found.accounts[-1].unit, found.accounts[-1].role) == ("Core/Security", "delegated")
    text = FILE + MORE.replace('"delegated"', '"management"').replace("Core/Security", "/")
    assert problems(tmp_path, text) == [
        "52: accounts.unit must be a path of names such as Workloads/Test",
        "53: an organization has one management account",
    ]


def test_a_world_file(tmp_path: Path) -> None:
    found = world_file.load(write(tmp_path, FILE))

    assert found.instances == (Instance("acme", "https://acme.awsapps.com/start", "eu-west-1"),)
    assert found.users == (User("carol", ("the developers",)), User("dave.o+x@acme"))
    assert found.accounts == (
        Account("Production: EU", "012345678901", "012345678901@acme.example", "acme"),
        Account("dev", "111111111111", "dev@acme.example", "acme"),
    )
    assert found.assignments == (
        Assignment("dev", "Developer", group="the developers"),
        Assignment("Production: EU", "Developer", group="the developers"),
        Assignment("dev", "ReadOnly", user="carol"),
    )
    with Sandbox(world=found) as sandbox:
        caller = Caller(sandbox)
        caller.register()
        started = caller.start_device(startUrl="https://acme.awsapps.com/start")
        assert started.status == 200
        sandbox.write_home(str(tmp_path))
    config = (tmp_path / ".aws/config").read_text()
    assert "[sso-session acme]\nsso_start_url = https://acme.awsapps.com/start\n" in config


def test_the_example_in_the_documentation(tmp_path: Path) -> None:
    assert world_file.__doc__
    example = world_file.__doc__.partition("::\n")[2].rpartition("\n\nThe AWS CLI")[0]
    found = world_file.load(write(tmp_path, example.replace("\n    ", "\n")))
    assert found.assignments[1] == Assignment("dev", "ReadOnly", group="developers")


def test_the_example_in_the_manual(tmp_path: Path) -> None:
    manual = (Path(__file__).parents[2] / "docs/sandbox.md").read_text()
    example = manual.partition("```toml\n")[2].partition("```")[0]
    assert world_file.load(write(tmp_path, example)).users[0].groups


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("region =", "regoin =", ["3: [[instances]] needs region: a region such as us-east-1",
                                  "6: [[instances]] has no 'regoin'; did you mean 'region'?"]),
        ('"eu-west-1"', '"Europe"', ["6: instances.region must be a region such as us-east-1"]),
        ('"https://acme', '"http://acme', ["5: instances.start_url must be an https URL"]),
        ('session = "acme"\nstart', 'session = "ac]me"\nstart',
         ["4: instances.session must be 1 to 64 letters, digits or any of +=,.@_-",
          "23: accounts.session: 'acme' is not in instances"]),
        ('"012345678901"', "12345678901", ["17: accounts.id must be 12 digits, in quotes"]),
        ('"012345678901"', '"\u0660\u0661\u0662345678901"',
         ["17: accounts.id must be 12 digits, in quotes"]),
        ('"012345678901"', '"111111111111"',
         ["21: accounts.id '111111111111' stands there twice"]),
        ('name = "Production: EU"', 'name = "dev"',
         ["20: accounts.name 'dev' stands there twice",
          "27: assignments.accounts: 'Production: EU' is not in accounts"]),
        ('["the developers"]', '["the develpers"]',
         [("26: assignments.group: 'the developers' is not in the groups of users; "
           "did you mean 'the develpers'?")]),
        ('["the developers"]', '"the developers"',
         ["10: users.groups must be names of groups",
          "26: assignments.group: 'the developers' is not in the groups of users"]),
        ('user = "carol"', "", ["30: [[assignments]] needs a user or a group"]),
        ('user = "carol"', 'user = "carol"\ngroup = "the developers"',
         ["30: [[assignments]] needs a user or a group"]),
        ('["ReadOnly"]', '["Readonly"]',
         [("33: assignments.permission_sets: 'Readonly' is not in permission_sets; "
          "did you mean 'ReadOnly'?")]),
        ('["dev"]', '"dev"', ["32: assignments.accounts must be names of accounts"]),
        ('["Developer", "ReadOnly"]', '["Developer", "ReadOnly", "ReadOnly"]',
         ["1: permission_sets names 'ReadOnly' twice"]),
        ("[[assignments]]", "[[asignments]]",
         ["25: unknown key 'asignments'; did you mean 'assignments'?"]),
        ("[[accounts]]", "[accounts]", None),
        ("[[users]]", "[[users", None),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_file(
    tmp_path: Path, old: str, new: str, expected: list[str] | None
) -> None:
    assert old in FILE
    found = problems(tmp_path, FILE.replace(old, new, 1))
    if expected is None:
        assert found
    else:
        assert found == expected


@pytest.mark.parametrize("given", ["true", "false"])
def test_an_account_may_be_suspended(tmp_path: Path, given: str) -> None:
    text = FILE.replace("[[accounts]]", f"[[accounts]]\nsuspended = {given}", 1)
    path = tmp_path / "world.toml"
    path.write_text(text)
    assert next(one.suspended for one in world_file.load(str(path)).accounts) is (given == "true")
    for wrong in ('"true"', "1"):
        (fault,) = problems(tmp_path, text.replace(f"= {given}", f"= {wrong}"))
        assert fault.endswith(": accounts.suspended must be true or false")


def test_all_is_told_at_once(tmp_path: Path) -> None:
    found = problems(tmp_path, 'permission_sets = 1\n[[accounts]]\nname = ["x"]\nid = "1"\n')
    assert [problem.partition(": ")[0] for problem in found] == ["1", "1", "3", "4"]
    assert problems(tmp_path, "") == ["1: there is no [[instances]]"]


def test_more_instances_need_to_be_told_apart(tmp_path: Path) -> None:
    other = (
        '[[instances]]\nsession = "lab"\n'
        'start_url = "https://lab.awsapps.com/start"\nregion = "us-east-1"\n'
    )
    found = problems(tmp_path, FILE + other)
    assert found == ["15: of which session is this account?"]


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfiguration, match="cannot read the world file") as caught:
        world_file.load(str(tmp_path / "none.toml"))
    assert caught.value.fix == f"ls -l {tmp_path}/none.toml"
    (tmp_path / "world.toml").write_bytes(b"\xff")
    with pytest.raises(InvalidConfiguration):
        world_file.load(str(tmp_path / "world.toml"))


def test_one_management_account_whether_its_session_is_named_or_not(tmp_path: Path) -> None:
    named = MORE.replace('role = "delegated"', 'role = "management"\nsession = "acme"')
    text = "53: an organization has one management account"
    assert problems(tmp_path, FILE + named) == [text]


def test_a_digit_is_one_of_ours(tmp_path: Path) -> None:
    text = FILE.replace("eu-west-1", "eu-west-\uff11").replace(
        "awsapps.com/", "awsapps.com:\uff14\uff14\uff13/"
    )
    found = problems(tmp_path, text)
    assert ["instances.start_url" in found[0], "instances.region" in found[1]] == [True, True]


def test_no_account_is_called_by_the_id_of_another(tmp_path: Path) -> None:
    for other in ("012345678901", "888888888888"):  # of the file, and the one that is made up
        text = FILE.replace('"Production: EU"]', f'"{other}"]').replace('"dev"', f'"{other}"')
        found = problems(tmp_path, text)
        assert found == ["20: accounts.name is the id of another"]
    own = world_file.load(write(tmp_path, FILE.replace('"dev"', '"111111111111"')))
    directory = Directory(own, 0)
    held = directory.held(next(iter(directory.users)), "acme")
    assert held["111111111111"].roles == ["Developer", "ReadOnly"]


def test_a_file_that_is_too_large_is_refused_whole(tmp_path: Path) -> None:
    path = tmp_path / "world.toml"
    path.write_text(FILE)
    os.truncate(path, world_file.SIZE_LIMIT + 1)
    with pytest.raises(InvalidConfiguration, match=r"cannot read .*: File too large"):
        world_file.load(str(path))


def test_roles_of_iam_and_whom_they_trust(tmp_path: Path) -> None:
    text = FILE + '[[roles]]\naccount = "dev"\nname = "Deploy"\ntrusts = ["dev/*"]\n'
    more = 'path = "/team/"\nmax_session = 7200\n'
    read = world_file.load(write(tmp_path, text + more))
    assert read.roles == (IamRole("dev", "Deploy", ("dev/*",), "/team/", 7200),)
    assert read.role("arn:aws:iam::111111111111:role/team/Deploy") == read.roles[0]
    assert read.role("arn:aws:iam::111111111111:role/Deploy") is None
    found = problems(
        tmp_path,
        FILE + '[[roles]]\naccount = "deb"\nname = "a b"\ntrusts = ["dev"]\npath = "x"\n'
        "max_session = 60\n",
    )
    listed = '[[entitlements]]\ngroup = "the developers"\nroles = ["dev/Deploy"]\n'
    both = world_file.load(write(tmp_path, text + more + listed))
    there = Directory(both, 0)
    for name, roles in (("carol", {both.arn(both.roles[0])}), ("dave.o+x@acme", set())):
        user = there.user_named(name)
        assert user is not None
        assert there.entitled(user.id, "acme") == roles
    unknown = problems(tmp_path, text + listed.replace("Deploy", "Nope"))
    assert any("'dev/Nope' is not in the roles" in one for one in unknown)
    for told in ("'deb' is not in accounts", "roles.name", "roles.trusts", "roles.path", "3600 to"):
        assert any(told in one for one in found), (told, found)
