"""Trust: exactly these bytes at that path, told apart from what was there before."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from ssoenv import settings
from ssoenv.base.errors import InvalidConfiguration
from ssoenv.binding import changes as binding_changes
from ssoenv.binding import file as binding_file
from ssoenv.settings import Settings
from ssoenv.shells import rendered
from ssoenv.trust import grants, store
from tests.conftest import PROJECT

if TYPE_CHECKING:
    from pathlib import Path

    from ssoenv.base.models import Role
    from tests.conftest import Home


def grant(home: Home, project: Path, preferences: Settings | None = None) -> None:
    path = str(project / ".ssoenv.toml")
    binding = binding_file.parse(binding_file.read(path), path)
    grants.grant(home.env, binding, (str(project),), preferences or Settings())


def aws(home: Home) -> str:
    return (home.path / ".aws/config").read_text()


def test_granting_and_revoking(home: Home) -> None:
    web, twin = home.project("web"), home.project("twin")
    grant(home, web)
    assert store.trusted(home.env, str(web)) == PROJECT.encode()
    assert store.trusted(home.env, str(twin)) is None
    written = aws(home)
    assert written.count("[profile ssoenv]") == 1
    grant(home, twin)
    assert grants.revoke(home.env, str(web))
    assert grants.revoke(home.env, str(twin))
    assert aws(home) == written
    assert not grants.revoke(home.env, str(twin))


@pytest.mark.parametrize("gone", [False, True], ids=["there", "gone"])
@pytest.mark.parametrize("route", ["web", "link", "deep/link"])
def test_revoking_takes_every_route_to_a_directory(home: Home, route: str, *, gone: bool) -> None:
    web, routes = home.project("web"), ("web", "link", "deep/link")
    (home.path / "deep").mkdir()
    for link in routes[1:]:
        (home.path / link).symlink_to(web)
    for one in routes:
        grant(home, home.path / one)
    if gone:
        (web / ".ssoenv.toml").unlink()
    assert grants.revoke(home.env, str(home.path / route))

    assert grants.directories(home.env) == ()


def test_a_role_that_the_user_never_wants(home: Home) -> None:
    """The bytes are trusted all the same, and the other profiles of the file work."""
    web = home.project("web")
    grant(home, web, Settings(never=("333333333333:*",)))

    assert store.trusted(home.env, str(web)) == PROJECT.encode()
    shown = rendered.load_binding(home.env, str(web))
    assert shown
    assert {name: bool(one.refusal) for name, one in shown.profiles.items()} == {
        "dev": False,
        "staging": False,
        "prod": True,
    }


CHANGES = [
    pytest.param(('"111111111111"', '"999999999999"'), "dev: account 111111111111 -> 999999999999", True, id="account"),
    pytest.param(('"Developer"', '"Administrator"'), "dev: role Developer -> Administrator", True, id="more power"),
    pytest.param(('"Developer"', '"ReadOnly"'), "dev: role Developer -> ReadOnly", False, id="less power"),
    pytest.param(('"acme"', '"evil"'), "session acme -> evil", True, id="session"),
    pytest.param(('default = "dev"', 'default = "prod"'), "the default: dev -> prod", True, id="default"),
    pytest.param(("eu-west-1", "eu-north-1"), "dev: region eu-west-1 -> eu-north-1", False, id="region"),
    pytest.param(('"envs/prod" = "prod"', ""), "envs/prod: prod -> dev", True, id="path gone"),
    pytest.param(("[paths]", '[paths]\n"x" = "prod"'), "x: dev -> prod", True, id="new path"),
    pytest.param(("[paths]", '[paths]\n"x" = "staging"'), "x: dev -> staging", True, id="new path to another account"),
    pytest.param(('"eu-west-1"', '"eu-west-1"\nprotect = true'), "dev: protected", False, id="protected"),
    pytest.param(("[paths]", '[profiles.root]\naccount = "1" \nrole = "Admin"\n[paths]'), "root: new", True, id="new admin"),
]  # fmt: skip


@pytest.mark.parametrize(("edit", "text", "alarming"), CHANGES)
def test_what_changed(edit: tuple[str, str], text: str, alarming: bool) -> None:
    after = PROJECT.replace(*edit, 1).replace('account = "1" ', 'account = "777777777777"')
    old = binding_file.parse(PROJECT.encode(), "f")
    (change,) = binding_changes.between(old, binding_file.parse(after.encode(), "f"))

    assert text in str(change)
    assert bool(change.alarm) is alarming


def test_a_directory_below_another_entry_of_paths_falls_back_to_that() -> None:
    outer = PROJECT + '"envs" = "staging"\n'
    old = binding_file.parse(outer.encode(), "f")
    new = binding_file.parse(outer.replace('"envs/prod" = "prod"\n', "").encode(), "f")
    (change,) = binding_changes.between(old, new)

    assert str(change) == "envs/prod: prod -> staging  <- look twice"


def test_an_account_by_its_name_is_the_account_by_its_id() -> None:
    old = binding_file.parse(PROJECT.encode(), "f")
    new = binding_file.parse(PROJECT.replace('"111111111111"', '"dev"', 1).encode(), "f")

    def meant(role: Role) -> Role:
        return replace(role, account=role.account.replace("111111111111", "dev"))

    assert binding_changes.between(old, new, meant) == ()
    assert binding_changes.between(old, new) != ()


LISTED = 'session = "s"\n[profiles.dev]\naccount = "111111111111"\nrole = ROLE\n'
ROLES = [
    pytest.param('["Nope", "Developer"]', '"Developer"', "dev: Nope|Developer -> Developer, of which you have Developer as before", "", id="the same"),
    pytest.param('"Developer"', '["Admin", "Developer"]', "dev: Developer -> Admin|Developer, of which you have Developer as before", binding_changes.MORE, id="more to come"),
    pytest.param('["Admin", "ReadOnly"]', '["Admin", "Developer"]', "dev: role ReadOnly -> Developer", binding_changes.MORE, id="more"),
    pytest.param('["Nope", "Developer"]', '"Nope"', "dev: role Developer -> Nope", "", id="none"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "text", "alarm"), ROLES)
def test_roles_are_compared_by_the_one_that_is_held(
    before: str, after: str, text: str, alarm: str
) -> None:
    old, new = (
        binding_file.parse(LISTED.replace("ROLE", one).encode(), "f") for one in (before, after)
    )

    def meant(role: Role) -> Role:
        held = [one for one in role.roles if one in ("Developer", "ReadOnly")]
        return replace(role, roles=tuple(held[:1]) or role.roles)

    assert binding_changes.between(old, new, meant) == (binding_changes.Change(text, alarm),)


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (("[profiles.dev]", "[profiles.ops]"), ["dev: gone", "ops: new, 111111111111/Owner  <- more power, look twice", "the default: dev -> ops"]),
        (('"Owner"', '"Admin"'), ["dev: role Owner -> Admin  <- more power, look twice"]),
        (('"111111111111"', '"222222222222"'), ["dev: account 111111111111 -> 222222222222  <- more power, look twice"]),
    ],
)  # fmt: skip
def test_an_administrator_s_role_is_pointed_out_however_it_comes(
    edit: tuple[str, str], told: list[str]
) -> None:
    text = LISTED.replace("ROLE", '"Owner"')
    old, new = (binding_file.parse(one.encode(), "f") for one in (text, text.replace(*edit)))

    assert [str(change) for change in binding_changes.between(old, new)] == told


def test_a_new_profile_with_more_power_than_any_so_far() -> None:
    text = LISTED.replace("ROLE", '"ReadOnly"').replace("[", 'default = "dev"\n[', 1)
    more = '[profiles.x]\naccount = "111111111111"\nrole = "Developer"\n'
    old, new = (binding_file.parse(one.encode(), "f") for one in (text, text + more))
    (change,) = binding_changes.between(old, new)

    assert change == binding_changes.Change("x: new, 111111111111/Developer", binding_changes.MORE)


@pytest.mark.parametrize(
    ("value", "does"),
    [
        ("keys", "credentials in the environment while they last"),
        ("profile", "no credentials in the environment, AWS_PROFILE alone"),
    ],
)
def test_a_change_of_export_is_told_as_what_it_does(value: str, does: str) -> None:
    text = LISTED.replace("ROLE", '"ReadOnly"')
    old = binding_file.parse(text.encode(), "f")
    new = binding_file.parse((text + f'export = "{value}"\n').encode(), "f")

    assert binding_changes.between(old, new) == (binding_changes.Change(f"dev: {does}"),)
    (back,) = binding_changes.between(new, old)
    assert back.text == "dev: credentials handed over as your settings say"


def test_no_change_is_no_news() -> None:
    old = binding_file.parse(PROJECT.encode(), "f")
    new = binding_file.parse((PROJECT + "# a comment\n").encode(), "f")

    assert binding_changes.between(old, new) == ()


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("never = 'x'", "never must be a list"),
        ("comands = []", "did you mean 'commands'"),
        ("commands = 'make'", "must be a list"),
        ("commands = ['rm -rf /']", "not the plain name"),
        ("never = ['Admin']", "ACCOUNT:ROLE"),
        ("never = ['arn:aws:iam::123456789012:role/a/Admin']", 'write "123456789012:Admin"'),
        ("protect = ['arn:aws:iam::*:role/Admin']", 'write "*:Admin"'),
        ("login = 'never'", "one of lazy, manual"),
        ("sign_in_pause = '5'", "must be a number"),
        ("protect_for = 999999999999999999999", "to 31622400"),
    ],
)
def test_settings_that_cannot_be(home: Home, text: str, word: str) -> None:
    path = home.path / ".config/ssoenv/config.toml"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    with pytest.raises(InvalidConfiguration) as caught:
        settings.load(home.env)

    assert len(caught.value.problems) == 1
    assert word in caught.value.problems[0]
    assert f"{path}:1:" in caught.value.problems[0]


def test_commands_are_added_and_taken_away(home: Home) -> None:
    path = home.path / ".config/ssoenv/config.toml"
    path.parent.mkdir(parents=True)
    path.write_text('commands = ["make", "!packer"]')
    found = settings.load(home.env).commands

    assert "make" in found
    assert "packer" not in found
    assert "aws" in found
