"""Which session a person means: by a name, a start URL, a part of one, or by nothing at all."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ssoenv.aws_files import choice
from ssoenv.aws_files import config as aws_config
from ssoenv.base import paths
from ssoenv.base.errors import InvalidConfiguration, UsageError
from tests.sign_in.people import LEGACY

if TYPE_CHECKING:
    from tests.conftest import Home
    from tests.sign_in.people import Person

CONFIG = """\
[sso-session acme]
sso_start_url = https://d-0000000000.awsapps.com/start
sso_region = us-east-1

[sso-session acme-dev]
sso_region = eu-west-1
sso_start_url = https://ssoins-1234.portal.eu-west-1.app.aws/

[sso-session west]
sso_start_url = https://corp.awsapps.com/start
sso_region = us-west-2
[sso-session east]
sso_start_url = https://corp.awsapps.com/start/
sso_region = us-east-1

[profile old]
sso_start_url = https://old.awsapps.com/start#/
sso_region = eu-north-1
[profile older]
sso_start_url = https://old.awsapps.com/start
sso_region = eu-north-1
[profile new]
sso_session = west
[profile beside]
sso_start_url = https://corp.awsapps.com/start
sso_region = us-east-1
"""
OLD = "https://old.awsapps.com/start#/"
NAMED = {
    "acme": "acme",
    "acme-dev": "acme-dev",
    "acme-": "acme-dev",
    "DEV": "acme-dev",
    "wes": "west",
    "d-0000000000": "acme",
    "https://d-0000000000.awsapps.com": "acme",
    "https://D-0000000000.awsapps.com/start#/": "acme",
    "d-0000000000.awsapps.com/start/": "acme",
    "d-0000000000.awsapps.com/start#/": "acme",
    "https://d-0000000000.awsapps.com/start/": "acme",
    "https://ssoins-1234.portal.eu-west-1.app.aws": "acme-dev",
    "ssoins": "acme-dev",
    "https://old.awsapps.com/start/": OLD,
    "old.aws": OLD,
    "old": OLD,
    "older": OLD,
    "new": "west",
    "beside": "east",
}


@pytest.fixture
def env(home: Home) -> dict[str, str]:
    """A home with sessions, and with legacy profiles."""
    (home.path / ".aws").mkdir()
    (home.path / ".aws/config").write_text(CONFIG)
    return home.env


@pytest.mark.parametrize(("words", "label"), NAMED.items())
def test_what_names_a_session(env: dict[str, str], words: str, label: str) -> None:
    found = choice.named(env, words, by="ssoenv login")

    assert found.label == label
    assert found.chosen_by == f"ssoenv login {words}"


@pytest.mark.parametrize("words", ["acm", "https://corp.awsapps.com/start#/", "corp", "start"])
def test_where_several_fit_they_are_listed(env: dict[str, str], words: str) -> None:
    with pytest.raises(UsageError, match=f"'{words}' could be .*, .* in [a-z]+-") as caught:
        choice.named(env, words, by="--session")
    assert caught.value.advice
    assert caught.value.advice.startswith("name one of them, as in: --session ")


@pytest.mark.parametrize("words", ["", "nope", "https://x.example/"])
def test_where_none_fits_there_is_none(env: dict[str, str], words: str) -> None:
    with pytest.raises(InvalidConfiguration, match="there is: acme, acme-dev, west, east, https"):
        choice.named(env, words)


def test_a_file_names_a_session_in_full(env: dict[str, str]) -> None:
    """What a project says must mean the same for everybody."""
    for part in ("acme-", "d-0000000000", "old.aws"):
        with pytest.raises(InvalidConfiguration):
            aws_config.find_session(env, part)


def test_each_value_is_told_with_its_line(env: dict[str, str]) -> None:
    found, file = choice.named(env, "acme-dev"), paths.aws_config_file(env)

    assert (found.source, found.region_from) == (f"{file}:5", f"{file}:6")
    assert found.start_url_from == f"{file}:7"
    legacy = choice.named(env, "older")
    assert (legacy.source, legacy.start_url_from) == (f"{file}:16", f"{file}:17")


USUAL = {
    "profile": ({"AWS_PROFILE": "new"}, "west", "AWS_PROFILE=new"),
    "legacy profile": ({"AWS_DEFAULT_PROFILE": "older"}, OLD, "AWS_DEFAULT_PROFILE=older"),
    "url": (
        {"AWS_DEFAULT_SSO_START_URL": "https://d-0000000000.awsapps.com/start#/"},
        "acme",
        "AWS_DEFAULT_SSO_START_URL",
    ),
    "region": ({"AWS_DEFAULT_SSO_REGION": "us-west-2"}, "west", "AWS_DEFAULT_SSO_REGION"),
    "both": (
        {
            "AWS_DEFAULT_SSO_START_URL": "https://new.awsapps.com/start",
            "AWS_DEFAULT_SSO_REGION": "eu-west-3",
        },
        "https://new.awsapps.com/start",
        "AWS_DEFAULT_SSO_START_URL and AWS_DEFAULT_SSO_REGION",
    ),
}


@pytest.mark.parametrize(("more", "label", "by"), USUAL.values(), ids=USUAL)
def test_what_says_which_where_nobody_does(
    env: dict[str, str], more: dict[str, str], label: str, by: str
) -> None:
    found = choice.default_session(env | more, None)

    assert (found.label, found.chosen_by) == (label, by)
    assert aws_config.find_session(env | more, label) == found


def test_the_settings_say_which_is_usual(env: dict[str, str], home: Home) -> None:
    with pytest.raises(UsageError, match="which session"):
        choice.default_session(env, None)
    folder = home.path / ".config/ssoenv"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text('session = "east"\n')

    found = choice.default_session(env, None)
    assert (found.label, found.chosen_by) == ("east", f"session in {folder}/config.toml")
    assert choice.default_session(env | {"AWS_PROFILE": "new"}, None).label == "west"

    (folder / "config.toml").write_text('session = "gone"\n')
    with pytest.raises(InvalidConfiguration, match=r"config\.toml"):
        choice.default_session(env, None)


@pytest.mark.parametrize(
    ("more", "fix"),
    [
        ({"AWS_DEFAULT_SSO_START_URL": "https://x.awsapps.com/start"}, "export AWS_DEFAULT_SSO_REGION=REGION"),
        ({"AWS_DEFAULT_SSO_REGION": "eu-west-3"}, "unset AWS_DEFAULT_SSO_REGION"),
    ],
)  # fmt: skip
def test_half_an_instance_in_the_environment(
    env: dict[str, str], more: dict[str, str], fix: str
) -> None:
    with pytest.raises(InvalidConfiguration, match="is no instance of your AWS config") as caught:
        choice.default_session(env | more, None)
    assert caught.value.fix == fix


def token_file(person: Person, name: str) -> Path:
    """Where the AWS CLI and the SDKs look for the token of a session or start URL `name`."""
    digest = hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest()
    return Path(paths.token_cache(person.env), f"{digest}.json")


def test_the_spellings_of_a_start_url_share_one_sign_in(alice: Person) -> None:
    """Legacy profiles: the AWS CLI looks for the token under each text as it is written."""
    url = LEGACY.start_url
    texts = (url, f"{url}#/", f"{url}/")
    Path(paths.aws_config_file(alice.env)).write_text(
        "".join(
            f"[profile p{number}]\nsso_start_url = {text}\nsso_region = us-east-1\n"
            for number, text in enumerate(texts)
        )
    )
    done = alice.home.ssoenv("login", f"{url}/#/")

    assert done.returncode == 0, done.stderr
    assert f"{url}/#/ is the session {url}" in done.stderr
    for text in texts:
        assert json.loads(token_file(alice, text).read_text())["startUrl"] == text
    # One that the AWS CLI signed in to serves ours.
    token_file(alice, url).unlink()
    assert alice.home.ssoenv("roles", "--session", "p2").returncode == 0
    assert alice.calls("StartDeviceAuthorization") == 1
    assert alice.home.ssoenv("logout").returncode == 0
    assert alice.calls("Logout") == 1
    assert "not signed in" in alice.home.ssoenv("status").stdout


def test_every_command_takes_a_part_of_a_name(alice: Person) -> None:
    alice.hold(3600)
    folder = alice.home.path / "new"
    folder.mkdir()
    two = CONFIG.replace("[sso-session acme-dev]", "[sso-session other]")
    Path(paths.aws_config_file(alice.env)).write_text(two)
    for line in (
        "login acm",
        "roles --session 0000",
        "export dev/Developer --session acm",
        "whoami dev/Developer -s https://d-0000000000.awsapps.com/start/",
        "exec dev/Developer -s acm -- true",
        "use dev/Developer --answer --session acm",
        "bind -a dev -r Developer -s acm",
        "bind -a dev -r ReadOnly -s acm -n ro",
        "logout acm",
    ):
        done = alice.home.ssoenv(*line.split(" "), cwd=folder)
        assert done.returncode == 0, (line, done.stderr)
        told = " is the session acme (https://d-0000000000.awsapps.com/start)" in done.stderr
        assert told or "-n ro" in line, line
    assert 'session = "acme"' in (folder / ".ssoenv.toml").read_text()
    for line in ("login corp", "roles -s corp", "export dev/Developer -s corp", "logout corp"):
        done = alice.home.ssoenv(*line.split(" "), cwd=alice.home.path)
        assert (done.returncode, done.stdout) == (2, ""), line
        named = " ".join(line.split(" ")[:-1]).removeprefix("roles ").removeprefix("export dev/Developer ").replace("-s", "--session")  # fmt: skip
        named = named if named.startswith("--") else f"ssoenv {named}"
        assert f"name one of them, as in: {named} west" in done.stderr


def test_status_tells_where_the_session_comes_from(alice: Person) -> None:
    file = paths.aws_config_file(alice.env)
    said = json.loads(alice.home.ssoenv("status", "--json").stdout)["session"]
    assert said["chosen_by"] == f"the only one in {file}"
    assert (said["start_url_from"], said["region_from"]) == (f"{file}:2", f"{file}:3")

    more = {"AWS_DEFAULT_SSO_START_URL": "https://x.awsapps.com/start", "AWS_DEFAULT_SSO_REGION": "eu-west-1"}  # fmt: skip
    told = alice.home.ssoenv("status", cwd=None, **more).stdout
    assert "https://x.awsapps.com/start (AWS_DEFAULT_SSO_START_URL)" in told
    assert "eu-west-1 (AWS_DEFAULT_SSO_REGION)" in told
    checked = alice.home.ssoenv("doctor", "--offline", cwd=None, **more).stdout
    assert f"acme: https://d-0000000000.awsapps.com/start ({file}:2), us-east-1 ({file}:3)" in " ".join(checked.split())  # fmt: skip

    project = alice.home.project("web")
    assert alice.home.ssoenv("trust", "--yes", cwd=project).returncode == 0
    said = json.loads(alice.home.ssoenv("status", "--json", cwd=project).stdout)["session"]
    assert said["chosen_by"] == f"{project}/.ssoenv.toml"
