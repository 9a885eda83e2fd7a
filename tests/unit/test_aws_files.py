"""Our sections in the user's AWS config: every other byte kept, and every AWS tool reads the result."""

from __future__ import annotations

import os
import subprocess
import threading
from typing import TYPE_CHECKING

import botocore.session
import pytest

from ssoenv.aws_files import choice, edits, managed_block, managed_profiles, session_sections
from ssoenv.aws_files import config as aws_config
from ssoenv.base.errors import InvalidConfiguration, SsoenvError, UsageError
from ssoenv.base.models import Session

if TYPE_CHECKING:
    from pathlib import Path

USERS = """\
# mine; do not touch
[default]
region = eu-west-1
s3 =
    max_concurrent_requests = 5

[sso-session acme]
sso_start_url = https://d-0000000000.awsapps.com/start
sso_region = us-east-1

[profile dev]
sso_session = acme
sso_account_id = 111111111111
sso_role_name = Developer

[profile old]
sso_start_url = https://old.awsapps.com/start
sso_region = eu-west-1
sso_account_id = 111111111111
sso_role_name = Developer
"""


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    (tmp_path / ".aws").mkdir()
    return {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}


def config(env: dict[str, str]) -> Path:
    from pathlib import Path as Real

    return Real(env["HOME"]) / ".aws/config"


@pytest.mark.parametrize(
    "text",
    ["", USERS, USERS.rstrip("\n"), USERS.replace("\n", "\r\n")],
    ids=["none", "some", "no end", "crlf"],
)
def test_there_and_back_again(env: dict[str, str], text: str) -> None:
    path = config(env)
    if text:
        path.write_bytes(text.encode())
    managed_profiles.publish(env)
    managed_profiles.publish(env)
    between = path.read_bytes().decode()
    assert between.startswith(text)
    assert between.count(managed_block.BEGIN) == 1
    assert between.count("[profile ssoenv]") == 1
    managed_profiles.retract(env)

    assert path.exists() == bool(text)
    assert not text or path.read_bytes().decode().rstrip("\r\n") == text.rstrip("\r\n")


def test_botocore_and_the_aws_cli_read_it(
    env: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    config(env).write_text(USERS)
    managed_profiles.publish(env)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config(env)))
    session = botocore.session.Session(profile="ssoenv")
    import shlex

    command = tuple(shlex.split(session.get_scoped_config()["credential_process"]))
    assert command == ("/bin/sh", f"{env['HOME']}/.local/state/ssoenv/credential-process")
    listed = subprocess.run(
        ["/usr/bin/aws", "configure", "list-profiles"],
        env=env,
        capture_output=True,
        text=True,
        check=True,
    )
    assert listed.stdout.split() == ["default", "dev", "old", "ssoenv"]


def test_a_session_that_was_confirmed(env: dict[str, str]) -> None:
    config(env).write_text(USERS)
    managed_profiles.publish(env)
    added = Session(
        "my corp", "https://corp.awsapps.com/start", "eu-west-1", ("sso:account:access",), ""
    )
    edits.apply(env, session_sections.added(added))

    assert aws_config.sessions(env)["my corp"].start_url == added.start_url
    assert config(env).read_text().startswith(USERS)
    assert config(env).read_text().rstrip().endswith(managed_block.END)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_an_edit_is_shown_without_a_line_that_may_hold_a_secret(
    env: dict[str, str], newline: str
) -> None:
    managed_profiles.publish(env)
    ours = config(env).read_text()
    foreign = "aws_session_token = SECRET\n    SECRET and more\nSECRET_KEY: SECRET\n"
    text = ours.replace(managed_block.END, foreign + managed_block.END)
    last = "[profile last]\nregion = eu-west-1\naws_secret_access_key = SECRET"
    config(env).write_text((text + last).replace("\n", newline), newline="")
    acme = Session("acme", "https://acme.awsapps.com/start", "eu-west-1", (), "")

    edit = edits.plan(env, session_sections.added(acme))
    shown = "".join(edits.show(edit))

    assert "+[sso-session acme]\n+sso_start_url = https://acme.awsapps.com/start\n" in shown
    assert "= SECRET" not in shown + repr(edit)
    assert ": SECRET" not in shown
    assert "SECRET and more" not in shown
    assert "[profile last]" not in shown
    before = config(env).read_bytes()
    edits.write(env, edit)
    assert config(env).read_bytes() == edit.after.encode() != before
    with pytest.raises(SsoenvError, match="was changed meanwhile"):
        edits.write(env, edit)


def test_links_and_modes_stay(env: dict[str, str], tmp_path: Path) -> None:
    real = tmp_path / "dotfiles-config"
    real.write_text(USERS)
    real.chmod(0o640)
    config(env).symlink_to(real)
    managed_profiles.publish(env)

    assert config(env).is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert "[profile ssoenv]" in real.read_text()


def test_a_new_config_is_private(env: dict[str, str]) -> None:
    managed_profiles.publish(env)

    assert config(env).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param(USERS + "[default]\nx = y\n", "twice", id="section twice"),
        pytest.param(USERS + "region = a\nregion = b\n", "twice", id="key twice"),
        pytest.param("a = b\n" + USERS, "before the first", id="no section"),
        pytest.param(USERS + "[profile ssoenv]\nregion = x\n", "of its own", id="a name of ours"),
        pytest.param(USERS + managed_block.BEGIN + "\n[profile ssoenv]\n", "is gone", id="half a block"),
    ],
)  # fmt: skip
def test_a_config_that_cannot_be_edited_is_left_alone(
    env: dict[str, str], text: str, words: str
) -> None:
    config(env).write_text(text)
    with pytest.raises(InvalidConfiguration) as caught:
        managed_profiles.publish(env)

    assert words in str(caught.value)
    assert config(env).read_text() == text


def test_two_writers_at_once(env: dict[str, str]) -> None:
    config(env).write_text(USERS)
    threads = [threading.Thread(target=managed_profiles.publish, args=(env,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert config(env).read_text().count("[profile ssoenv]") == 1


def test_sessions_as_botocore_has_them(env: dict[str, str]) -> None:
    config(env).write_text(
        USERS
        + '[sso-session "with space"]\nsso_start_url = https://x\nsso_region = r\nsso_registration_scopes = a, b,\n'
    )

    found = aws_config.sessions(env)
    assert found["acme"].source == f"{config(env)}:7"
    assert found["with space"].scopes == ("a", "b")
    assert [one.label for one in aws_config.instances(env)] == [
        "acme",
        "with space",
        "https://old.awsapps.com/start",
    ]
    assert aws_config.find_session(env, "old").start_url == "https://old.awsapps.com/start"
    assert choice.default_session(env | {"AWS_PROFILE": "dev"}, None).name == "acme"
    with pytest.raises(UsageError, match="which session"):
        choice.default_session(env, None)
    with pytest.raises(InvalidConfiguration, match="did you mean 'acme'"):
        aws_config.find_session(env, "acne")


def test_a_profile_that_contradicts_its_session(env: dict[str, str]) -> None:
    config(env).write_text(
        USERS.replace("sso_session = acme", "sso_session = acme\nsso_region = eu-west-1")
    )
    with pytest.raises(InvalidConfiguration, match="sso_region"):
        aws_config.find_session(env, "acme")


def test_a_session_that_is_not_whole(env: dict[str, str]) -> None:
    config(env).write_text("[sso-session x]\n")
    with pytest.raises(InvalidConfiguration, match="sso_start_url and sso_region"):
        aws_config.find_session(env, "x")
