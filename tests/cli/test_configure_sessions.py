"""`ssoenv configure session` and `import`: sessions added and changed, and none unasked."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import botocore.configloader
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssoenv.aws_files import edits
from ssoenv.configure import imports
from tests.screen import ssoenv

if TYPE_CHECKING:
    from tests.conftest import Home

CORP = "https://corp.awsapps.com/start"
ACME = "https://acme.awsapps.com/start"
TEXT = f"""\
# mine
[sso-session acme]
sso_region = eu-west-1
sso_start_url = {ACME}
sso_registration_scopes = a:b
output = json

[profile one]
sso_session = acme
s3 =
    addressing_style = path
"""


@pytest.fixture
def config(home: Home) -> Path:
    path = home.path / ".aws/config"
    path.parent.mkdir()
    path.write_text(TEXT)
    return path


def test_a_session_is_shown_and_added(home: Home, config: Path) -> None:
    words = ("configure", "session", "corp", "--start-url", f"{CORP}/#/", "--region", "us-east-1")
    shown = home.ssoenv(*words, "--dry-run")
    assert (shown.returncode, config.read_text()) == (0, TEXT)
    section = f"[sso-session corp]\nsso_start_url = {CORP}\nsso_region = us-east-1\nsso_registration_scopes = sso:account:access\n"
    assert "".join(f"+{line}\n" for line in section.splitlines()) in shown.stdout
    assert home.ssoenv(*words).returncode == 2
    assert config.read_text() == TEXT
    done = home.ssoenv(*words, "--yes")
    assert (done.returncode, done.stdout, config.read_text()) == (0, "", f"{TEXT}\n{section}")
    again = home.ssoenv(*words, "--yes")
    assert "says that already" in again.stderr
    assert (again.returncode, config.read_text()) == (0, f"{TEXT}\n{section}")


def test_one_that_is_there_changes_only_when_asked(home: Home, config: Path) -> None:
    words = ("configure", "session", "acme", "--region", "us-east-2", "--yes")
    refused = home.ssoenv(*words)
    assert (refused.returncode, refused.stdout, config.read_text()) == (2, "", TEXT)
    assert f"[sso-session acme] is there, for {ACME} in eu-west-1" in refused.stderr
    assert "--yes --replace" in refused.stderr
    done = home.ssoenv(*words, "--replace")
    assert done.returncode == 0, done.stderr
    assert "[profile one]" not in done.stdout
    assert "these profiles use it:\n  one\n" in done.stderr
    changed = TEXT.replace("eu-west-1", "us-east-2")
    assert config.read_text() == changed
    scopes = ("configure", "session", "acme", "--scope", "sso:account:access", "--scope", "x:y")
    done = home.ssoenv(*scopes, "--yes", "--replace")
    assert done.returncode == 0
    assert "ssoenv login --force acme" in done.stderr
    assert config.read_text() == changed.replace("a:b", "sso:account:access, x:y")


def test_a_person_answers_what_is_missing_and_is_asked(home: Home, config: Path) -> None:
    screen = ssoenv(home.env, str(home.path), "configure", "session", lines=40)
    assert "which Identity Center?" in screen.wait("Start URL:")
    screen.send("acme\r")
    screen.wait("is not the start URL")
    screen.send(f"{CORP}\r")
    screen.wait("Its region:")
    screen.send("eu-west-1\r")
    screen.wait("What to call it [corp]:")
    screen.send("\r")
    shown = screen.wait("Apply these changes? [y/N]")
    assert "+[sso-session corp]" in shown
    screen.send("n\r")
    assert screen.end() == 0
    assert config.read_text() == TEXT


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("x",), "a session needs --start-url, too"),
        (("x", "--start-url", CORP), "a session needs --region, too"),
        (("a b", "--start-url", CORP, "--region", "eu-west-1"), "is no name for a session"),
        (
            ("x", "--start-url", "http://x.y/start"),
            "start URL of an Identity Center\n  it is served by https: did you mean https://x.y/start",
        ),
        (("x", "--region", "moon"), "is not an AWS region"),
        (("x", "--scope", "a\nb"), "is no scope"),
    ],
)
def test_what_cannot_be_is_one_clear_error(
    home: Home, config: Path, words: tuple[str, ...], told: str
) -> None:
    refused = home.ssoenv("configure", "session", *words, "--yes")
    assert (refused.returncode, refused.stdout, config.read_text()) == (2, "", TEXT)
    assert told in refused.stderr


def test_a_session_that_is_not_whole_is_made_so(home: Home, config: Path) -> None:
    config.write_text("[sso-session acme]")
    words = ("configure", "session", "acme", "--start-url", ACME, "--region", "eu-west-1")
    assert home.ssoenv(*words, "--yes", "--replace").returncode == 0
    assert botocore.configloader.load_config(str(config))["sso_sessions"] == {
        "acme": {"sso_start_url": ACME, "sso_region": "eu-west-1"}
    }


INDENTED = """\
{0}[sso-session corp]
  sso_start_url = https://old.awsapps.com/start
  # a note
  ; another
  sso_region = us-east-1
[profile dev]
\tsso_session = corp
"""


@pytest.mark.parametrize("margin", ["", " "])
def test_keys_and_headers_may_be_indented_as_botocore_has_it(
    home: Home, config: Path, margin: str
) -> None:
    text = INDENTED.format(margin)
    config.write_text(text)
    words = ("configure", "session", "corp", "--start-url", CORP, "--region", "eu-west-1")
    shown = home.ssoenv(*words, "--dry-run", "--replace")
    assert f"+  sso_start_url = {CORP}\n" in shown.stdout
    assert home.ssoenv(*words, "--yes", "--replace").returncode == 0
    after = text.replace("https://old.awsapps.com/start", CORP).replace("us-east-1", "eu-west-1")
    assert config.read_text() == after
    assert botocore.configloader.load_config(str(config))["sso_sessions"] == {
        "corp": {"sso_start_url": CORP, "sso_region": "eu-west-1"}
    }


def test_a_read_only_config_is_refused_before_the_question_and_shown_all_the_same(
    home: Home, config: Path
) -> None:
    config.chmod(0o444)
    words = ("configure", "session", "corp", "--start-url", CORP, "--region", "us-east-1")
    assert "+[sso-session corp]" in home.ssoenv(*words, "--dry-run").stdout
    for more in ((), ("--yes",)):
        refused = home.ssoenv(*words, *more)
        assert (refused.returncode, refused.stdout) == (5, "")
        assert f"your AWS config is not changed: {config} is read-only" in refused.stderr
        assert f"try: chmod u+w {config}" in refused.stderr
    assert (config.read_text(), config.stat().st_mode & 0o777) == (TEXT, 0o444)


def test_a_start_url_that_is_not_aws_own_is_told(home: Home, config: Path) -> None:
    odd = "https://acme.awsapps.com.evil.com/start"
    words = ("configure", "session", "corp", "--region", "us-east-1", "--dry-run", "--start-url")
    told = "acme.awsapps.com.evil.com is not AWS's own: it is asked where it leads"
    assert told in " ".join(home.ssoenv(*words, odd).stderr.split())
    assert "AWS's own" not in home.ssoenv(*words, CORP).stderr
    home.env |= {"AWS_DEFAULT_SSO_START_URL": odd, "AWS_DEFAULT_SSO_REGION": "us-east-1"}
    shown = home.ssoenv("configure", "import", "--dry-run")
    assert told in " ".join(shown.stderr.split())
    assert f"+sso_start_url = {odd}" in shown.stdout


LEFT = f"""\
{TEXT}
[profile legacy]
sso_start_url = https://d-1111111111.awsapps.com/start
sso_region = eu-central-1
sso_account_id = 111111111111
sso_role_name = Admin

[profile dev.Developer]
sso_start_url = https://populated.awsapps.com/start
sso_region = us-east-1
sso_account_id = 222222222222
sso_role_name = Developer
credential_process = aws-sso-util credential-process --profile dev.Developer
sso_auto_populated = true

[profile tax/S3]
granted_sso_start_url = https://granted.awsapps.com/start/
granted_sso_region = ap-southeast-2
granted_sso_account_id = 333333333333
granted_sso_role_name = S3
credential_process = granted credential-process --profile tax/S3

# BEGIN_AWS_SSO_CLI
[profile 444444444444:Ops]
credential_process = /usr/local/bin/aws-sso -u open -S "Main" process --arn arn:aws:iam::444444444444:role/Ops
# END_AWS_SSO_CLI

[profile vault]
sso_session = gone
sso_start_url = https://vault.awsapps.com/start
sso_region = eu-west-3
sso_account_id = 555555555555
sso_role_name = Admin
credential_process = aws-vault export --format=json vault

[profile console]
login_session = arn:aws:iam::666666666666:user/me

[profile dangling]
sso_session = nowhere
sso_account_id = 777777777777
sso_role_name = Admin

[profile noregion]
sso_start_url = https://noregion.awsapps.com/start

[profile keys]
aws_access_key_id = AKIA
"""


def test_import_takes_what_other_tools_left(home: Home, config: Path) -> None:
    config.write_text(LEFT)
    home.env |= {"AWS_DEFAULT_SSO_START_URL": CORP, "AWS_DEFAULT_SSO_REGION": "eu-north-1"}
    shown = home.ssoenv("configure", "import", "--dry-run")
    assert (shown.returncode, config.read_text()) == (0, LEFT)
    done = home.ssoenv("configure", "import", "--yes")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    told = " ".join(done.stderr.split())
    for line in (
        f"aws configure sso: {ACME}, the session acme [profile one]",
        "aws configure sso: https://d-1111111111.awsapps.com/start, the session sso, which is new [profile legacy]: 111111111111/Admin",
        "aws-sso-util: https://populated.awsapps.com/start, the session populated, which is new [profile dev.Developer]: 222222222222/Developer",
        "granted: https://granted.awsapps.com/start, the session granted, which is new [profile tax/S3]: 333333333333/S3",
        "aws-vault: https://vault.awsapps.com/start, the session gone, which is new [profile vault]: 555555555555/Admin",
        f"aws-sso-util: {CORP}, the session corp, which is new AWS_DEFAULT_SSO_START_URL",
        "aws login: left to the AWS CLI and the SDKs, which sign in by themselves [profile console]",
        "aws configure sso: not taken, there is no whole [sso-session nowhere] [profile dangling]: 777777777777/Admin",
        "aws configure sso: not taken, it says no region [profile noregion]",
        "aws-sso-cli: not taken, the start URL of 'Main' is in aws-sso-cli's config.yaml, which was not read [profile 444444444444:Ops]: 444444444444/Ops",
    ):
        assert line in told, line
    assert "AKIA" not in told
    assert config.read_text().startswith(LEFT)
    sessions = botocore.configloader.load_config(str(config))["sso_sessions"]
    assert {*sessions} == {"acme", "sso", "populated", "granted", "gone", "corp"}
    assert sessions["granted"]["sso_region"] == "ap-southeast-2"
    after = config.read_text()
    again = home.ssoenv("configure", "import", "--yes")
    assert "no session is missing" in again.stderr
    assert config.read_text() == after


def test_import_reads_the_settings_of_aws_sso_cli_where_python_can(
    home: Home, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config.write_text(LEFT)
    there = home.path / ".aws-sso/config.yaml"
    there.parent.mkdir()
    main = {"StartUrl": "https://main.awsapps.com/start", "SSORegion": "us-west-2"}
    there.write_text(json.dumps({"SSOConfig": {"Main": main, "Default": {"StartUrl": ACME}}}))
    monkeypatch.setitem(sys.modules, "yaml", SimpleNamespace(safe_load=json.loads))  # JSON is YAML
    plan = imports.plan(home.env)
    assert ("Main", main["StartUrl"], "us-west-2") in [
        (one.name, one.start_url, one.region) for one in plan.sessions
    ]
    ops = next(one for one in plan.taken if one.account == "444444444444")
    assert (plan.session_of(ops), ops.lacks) == ("Main", "")
    assert next(one for one in plan.taken if one.named == "Default").lacks == "it says no region"


ODD_URLS = st.sampled_from(
    ("https://a.awsapps.com/start", "A.awsapps.com", "https://a.awsapps.com", "http://a.b/start", "https://a.awsapps.com%2f.b.c")
)  # fmt: skip
ODD_ENDS = st.sampled_from(
    ("", "/", "#/", "#\n[x]", '# ; rm "x', "#\r\n  y = z", " ", "\n[x]", "\x00")
)
ODD_REGIONS = st.sampled_from(("us-east-1", "US-EAST-1", " us-east-1\n", "us-east-1\n[x]", "moon"))


@settings(max_examples=60, deadline=None)
@given(ODD_URLS, ODD_ENDS, ODD_REGIONS, st.sampled_from(("env", "legacy", "named", "there")))
def test_what_is_imported_is_what_was_checked(url: str, end: str, region: str, where: str) -> None:
    """Whatever a variable or a continued value says, each session is one that a sign-in takes."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, ".aws/config")
        file.parent.mkdir()
        env = {"HOME": folder, "PWD": folder}
        if where == "env":
            env |= {"AWS_DEFAULT_SSO_START_URL": url + end, "AWS_DEFAULT_SSO_REGION": region}
            file.write_text("[default]\n")
        else:
            said = f"sso_start_url = {url}{end}\nsso_region = {region}\n".replace("\n[", "\n  [")
            head = {"legacy": "", "named": "sso_session = corp\n", "there": "sso_session = corp\n"}
            there = f"[sso-session corp]\n{said}" if where == "there" else ""
            file.write_text(f"[profile x]\n{head[where]}{said}{there}", newline="")
        try:
            before = botocore.configloader.load_config(str(file))["profiles"]
        except botocore.exceptions.ConfigParseError:
            return
        plan = imports.plan(env)
        assert len(plan.taken) == 1
        edits.write(env, plan.edit)
        after = botocore.configloader.load_config(str(file))
        assert after["profiles"] == before
        for one in plan.sessions:
            written = after["sso_sessions"][one.name]
            assert written["sso_start_url"].lower() == "https://a.awsapps.com/start"
            assert written["sso_region"] == "us-east-1"
            known = before.get("x", {})
            if known.get("sso_session") == one.name:
                assert {**written, **known} == {**known, **written}
        assert plan.taken[0].lacks or plan.session_of(plan.taken[0])
        assert where != "there" or not plan.sessions
        assert not imports.plan(env).sessions


def test_a_variable_with_a_line_break_is_no_bug(home: Home, config: Path) -> None:
    home.env |= {
        "AWS_DEFAULT_SSO_START_URL": "https://a.awsapps.com/start#\n[x]",
        "AWS_DEFAULT_SSO_REGION": "US-east-1",
    }
    done = home.ssoenv("configure", "import", "--yes")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert botocore.configloader.load_config(str(config))["sso_sessions"]["a"] == {
        "sso_start_url": "https://a.awsapps.com/start",
        "sso_region": "us-east-1",
        "sso_registration_scopes": "sso:account:access",
    }


def test_import_finds_nothing_and_breaks_nothing(home: Home) -> None:
    done = home.ssoenv("configure", "import", "--yes")
    assert (done.returncode, done.stdout) == (0, "")
    assert "no other tool has left anything" in done.stderr
    assert not (home.path / ".aws/config").exists()
