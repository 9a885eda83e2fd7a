"""Managed profiles beside other tools: nothing runs as code, nothing of anybody's is lost."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import botocore.configloader
import botocore.session
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssoenv.aws_files import managed_block, managed_profiles
from ssoenv.base import paths
from ssoenv.base.errors import InvalidConfiguration

if TYPE_CHECKING:
    from tests.conftest import Home

OLD_BEGIN = "# >>> ssoenv: profiles that it manages, do not edit >>>"
NAME = "ssoenv"
AWS = "/usr/bin/aws"
HOSTILE = (
    "$(touch P)",
    "`touch P`",
    "x; touch P",
    "x' ; touch P ; '",
    'x" ; touch P ; "',
    "x\\",
    "x # y",
    "%(x)s ${x} ~ *",
    "--protect",
    "-h",
    "é\u2028 ü",
)


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    (tmp_path / ".aws").mkdir()
    return {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}


def config(env: dict[str, str]) -> Path:
    return Path(env["HOME"]) / ".aws/config"


def read(path: Path) -> dict[str, dict[str, object]]:
    """What botocore reads, section by section."""
    found: dict[str, dict[str, object]] = botocore.configloader.raw_config_parse(
        str(path), parse_subsections=False
    )
    return found


def ours(path: Path) -> dict[str, dict[str, object]]:
    return {name: keys for name, keys in read(path).items() if name.startswith("profile ssoenv")}


def aws(env: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [AWS, *arguments], env=env, capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout


def by_shell(line: str) -> list[str]:
    """The words that ``sh -c`` makes of a command."""
    done = subprocess.run(
        ["sh", "-c", f"printf '%s\\0' {line}"], capture_output=True, check=True, cwd="/"
    )
    return [os.fsdecode(word) for word in done.stdout.split(b"\0")[:-1]]


WORDS = st.text(
    st.sampled_from("""ab /\\'"`$(){}[]*?~!&|<>;#=%:,.@+-éß\u00a0\u2028\U0001f600"""), min_size=1
)


@settings(max_examples=60, deadline=None)
@given(WORDS)
def test_every_reader_finds_the_same_words_in_the_command(folder: str) -> None:
    """``sh -c`` (Terraform, Go, JavaScript), shlex (botocore), and readers that cut comments."""
    with tempfile.TemporaryDirectory() as home:
        Path(home, ".aws").mkdir()
        state = f"{home}/{folder}"
        env = {"HOME": home, "XDG_STATE_HOME": state}
        for _ in range(2):
            managed_profiles.publish(env)
        section = read(Path(home, ".aws/config"))[f"profile {NAME}"]

    line = str(section["credential_process"])
    assert by_shell(line) == ["/bin/sh", paths.source_file(env)]
    assert shlex.split(line) == ["/bin/sh", paths.source_file(env)]
    assert not re.search(r"(^|\s)[#;]", line)


@pytest.mark.parametrize("char", ["\n", "\r", "\x1b", "\udcff"])
def test_what_cannot_be_written_is_refused(env: dict[str, str], char: str) -> None:
    with pytest.raises(InvalidConfiguration, match="cannot be written"):
        managed_profiles.publish(env | {"XDG_STATE_HOME": f"/opt/a{char}b"})
    assert not config(env).exists()


def test_no_value_of_a_binding_file_runs_as_code(home: Home) -> None:
    """What AWS programs run, in projects whose files are nothing but trouble."""
    (home.path / ".aws").mkdir()
    session = '[sso-session "{}"]\nsso_start_url = https://x.awsapps.com/start\nsso_region = r\n'
    hostile = [text for text in HOSTILE if '"' not in text and "\\" not in text]
    config(home.env).write_text("".join(session.format(text) for text in hostile))
    before = config(home.env).read_text()
    for number, text in enumerate(hostile):
        word = text.replace("\\", "\\\\").replace('"', '\\"')
        binding = f'session = "{word}"\n[profiles.a]\naccount = "{word}"\nrole = ["a", "b"]\n'
        project = home.project(f"p{number}", binding)
        trusted = home.ssoenv("trust", "--yes", cwd=project).returncode
        assert trusted in (0, 5)
        line = str(read(config(home.env))[f"profile {NAME}"]["credential_process"])
        assert not set(line) & set("$`;#&|")
        where = home.env | {"PWD": str(project)}
        done = subprocess.run(["sh", "-c", line], env=where, cwd=project, capture_output=True)
        assert done.returncode == (3 if trusted == 0 else 5), done.stderr
    assert config(home.env).read_text().startswith(before)
    assert not list(home.path.rglob("P"))


OURS = "[profile ssoenv]\ncredential_process = /bin/sh {}/.local/state/ssoenv/credential-process\n"


def test_keys_that_the_aws_cli_wrote_behind_our_marker_stay_the_users(env: dict[str, str]) -> None:
    """Older markers looked like a key to the AWS CLI, and so it wrote behind them."""
    begin, ours_now = OLD_BEGIN, OURS.format(env["HOME"])
    config(env).write_text(
        f"[default]\nregion = eu-west-1\n\n{begin}\n{ours_now}{managed_block.END}\n"
    )
    aws(env, "configure", "set", "output", "text")
    aws(env, "configure", "set", "s3.addressing_style", "path")
    assert config(env).read_text().index("output") > config(env).read_text().index(begin)
    before = read(config(env))

    managed_profiles.publish(env)

    assert read(config(env))["default"] == before["default"] != {"region": "eu-west-1"}
    text = config(env).read_text()
    assert text.index("addressing_style") < text.index(managed_block.BEGIN)


def test_the_aws_cli_does_not_write_behind_our_marker(env: dict[str, str]) -> None:
    config(env).write_text("[default]\nregion = eu-west-1\n")
    managed_profiles.publish(env)
    aws(env, "configure", "set", "output", "text")

    text = config(env).read_text()
    assert text.index("output = text") < text.index(managed_block.BEGIN)


FOREIGN = {
    "sso_account_id": "222222222222",
    "sso_role_name": "Administrator",
    "sso_session": "acme",
    "login_session": "arn:aws:iam::222222222222:user/a",
    "role_arn": "arn:aws:iam::222222222222:role/a",
    "region": "us-east-9",
    "aws_secret_access_key": "SECRETSECRET",
    "credential_process": "echo credential-process",
}


@pytest.mark.parametrize("key", FOREIGN)
def test_a_foreign_key_is_told_then_taken_out_and_kept(env: dict[str, str], key: str) -> None:
    managed_profiles.publish(env)
    clean = ours(config(env))
    if key.startswith("aws_"):  # which the AWS CLI writes to the other file
        text = config(env).read_text().replace(managed_block.END, f"{key} = {FOREIGN[key]}\n{managed_block.END}")  # fmt: skip
        config(env).write_text(text)
    else:
        aws(env, "configure", "set", key, FOREIGN[key], "--profile", NAME)
    assert ours(config(env)) != clean

    found = managed_profiles.foreign(env)
    assert [(one.profile, one.text.split(" ")[0]) for one in found] == [(NAME, key)]
    number = int(found[0].source.rpartition(":")[2])
    assert config(env).read_text().splitlines()[number - 1].startswith(key)
    assert "SECRET" not in str(found)
    assert bool(found[0].effect) == (key not in {"region", "sso_session", "aws_secret_access_key"})

    managed_profiles.tidy(env)
    assert ours(config(env)) == clean
    assert managed_profiles.foreign(env) == ()
    assert f"# ssoenv kept this out of [profile {NAME}]: {key} = {FOREIGN[key]}" in config(env).read_text()  # fmt: skip
    kept = config(env).read_bytes()
    managed_profiles.publish(env)
    assert config(env).read_bytes() == kept
