"""Profiles that carry their own start URL: one instance for each URL, and everything works there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ssoenv.aws_files import choice
from ssoenv.aws_files import config as aws_config
from ssoenv.base import paths
from ssoenv.base.errors import UsageError
from tests.sign_in.people import ACME, LEGACY

if TYPE_CHECKING:
    from tests.sign_in.people import Person

URL = ACME.start_url
ENDS = ("", "/", "#", "#/", "/#/")
SESSION = f"[sso-session acme]\nsso_start_url = {URL}\nsso_region = us-east-1\n"
OTHER = "[profile other]\nsso_start_url = https://other.awsapps.com/start\nsso_region = us-east-1\n"
COMMANDS = (
    ("roles",),
    ("roles", "--json"),
    ("export", "111111111111/Developer"),
    ("export", "dev/Developer"),
    ("whoami", "dev/Developer"),
    ("login",),
    ("status",),
)


def profiles(count: int = 10) -> str:
    """What ``aws-sso-util configure populate`` writes: a profile for every role."""
    return "".join(
        f"[profile dev{number}.X]\nsso_start_url = {URL}{ENDS[number % len(ENDS)]}\n"
        f"sso_region = us-east-1\nsso_account_id = 111111111111\nsso_role_name = Developer\n"
        for number in range(count)
    )


def write(person: Person, text: str) -> None:
    Path(paths.aws_config_file(person.env)).write_text(text)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("beside", ["", SESSION], ids=["alone", "beside a session"])
def test_everything_works_and_nobody_is_asked_which(
    alice: Person, command: tuple[str, ...], beside: str
) -> None:
    write(alice, profiles() + beside)
    alice.hold(3600, session=ACME if beside else LEGACY)
    answer = alice.home.ssoenv(*command)

    assert answer.returncode == 0, answer.stderr
    assert alice.calls("StartDeviceAuthorization") == 0


@pytest.mark.parametrize("beside", ["", SESSION, OTHER], ids=["alone", "a session", "another"])
@pytest.mark.parametrize("number", range(len(ENDS)))
def test_the_name_of_a_legacy_profile_is_that_of_its_instance(
    alice: Person, number: int, beside: str
) -> None:
    write(alice, profiles(len(ENDS)) + beside)
    alice.hold(3600, session=ACME if beside == SESSION else LEGACY)
    name = f"dev{number}.X"
    found = {
        text: alice.home.ssoenv(*text.split())
        for text in (
            f"roles --session {name}",
            f"roles --session {URL}{ENDS[number]}",
            f"login {name}",
            f"logout {name}",
        )
    }

    assert {text: answer.stderr for text, answer in found.items() if answer.returncode} == {}
    assert alice.calls("Logout") == 1
    assert alice.calls("StartDeviceAuthorization") == 0


def test_the_profile_in_use_says_which(alice: Person) -> None:
    write(alice, profiles(2) + OTHER)
    with pytest.raises(UsageError, match="which session"):
        choice.default_session(alice.env, None)

    assert choice.default_session(alice.env | {"AWS_PROFILE": "dev1.X"}, None).start_url == URL
    other = choice.default_session(alice.env | {"AWS_PROFILE": "other"}, None)
    assert other.start_url == "https://other.awsapps.com/start"


def test_a_key_in_a_profile_of_ours_chooses_no_session(alice: Person) -> None:
    name = "ssoenv/acme/111111111111/Developer"
    write(alice, f"{SESSION}[profile {name}]\nsso_session = elsewhere\nsso_region = eu-west-1\n")

    assert choice.default_session(alice.env | {"AWS_PROFILE": name}, None).name == "acme"
    assert aws_config.find_session(alice.env, "acme").region == "us-east-1"


@pytest.mark.parametrize("named", ["dev1.X", URL, f"{URL}/"])
def test_a_binding_may_name_a_legacy_profile_or_a_start_url(alice: Person, named: str) -> None:
    write(alice, profiles(3))
    alice.hold(3600, session=LEGACY)
    project = alice.home.project("web", f'session = "{named}"\n[profiles.a]\naccount = "dev"\nrole = "Developer"\n')  # fmt: skip
    for command in (("trust", "--yes"), ("export",), ("status", "--json")):
        answer = alice.home.ssoenv(*command, cwd=project)
        assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout)["state"] == "live"

    assert alice.home.ssoenv("logout", cwd=project).returncode == 0
    assert json.loads(alice.home.ssoenv("status", "--json", cwd=project).stdout)["state"] == "armed"


def test_bind_writes_the_start_url(alice: Person) -> None:
    write(alice, profiles(3))
    folder = alice.home.path / "new"
    folder.mkdir()
    assert alice.home.ssoenv("login").returncode == 0
    answer = alice.home.ssoenv("bind", "-a", "111111111111", "-r", "Developer", cwd=folder)

    assert answer.returncode == 0, answer.stderr
    assert f'session = "{URL}"' in (folder / ".ssoenv.toml").read_text()


def test_a_sign_in_to_a_legacy_profile_is_one_for_the_aws_cli(alice: Person) -> None:
    write(alice, profiles(1))
    answer = alice.home.ssoenv("login", "dev0.X")

    assert answer.returncode == 0, answer.stderr
    assert alice.aws("sts", "get-caller-identity", "--profile", "dev0.X", "--region", "us-east-1").returncode == 0  # fmt: skip
