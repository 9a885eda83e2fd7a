"""A second role on top of a permission set's, wherever credentials come from."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ssoenv.aws_files import config as aws_config
from ssoenv.aws_files import credential_cache
from ssoenv.base import clock, files, paths
from ssoenv.base.arns import RoleArn
from ssoenv.base.models import IamRole, Role, Session
from ssoenv.identity_center import kept_listings
from ssoenv.shells import rendered
from tests.conftest import Copies, operations
from tests.screen import ssoenv

if TYPE_CHECKING:
    from ssoenv.sandbox.server import Sandbox
    from tests.conftest import Home

PROD = "333333333333"
DEPLOY = f"arn:aws:iam::{PROD}:role/Deploy"
AUDIT = "arn:aws:iam::555555555555:role/team/Audit"
CHAINED = f"""\
session = "acme"
default = "ship"
[profiles.ship]
account = "dev"
role = ["Nope", "Developer"]
assume_role = "{DEPLOY}"
region = "eu-west-1"
"""
SECOND = IamRole(RoleArn("aws", PROD, (), "Deploy"))
ROLE = Role("acme", "dev", ("Nope", "Developer"), SECOND)


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Copies:
    """A home where somebody is signed in, and has the project ~/web."""
    made = Copies(tmp_path_factory.getbasetemp() / "chained")
    with made.making() as (home, sandbox):
        assert home.ssoenv("login", "acme").returncode == 0
        trusted(home, CHAINED)
        made.keep("web", home, sandbox)
    return made


@pytest.fixture
def web(home: Home, sandbox: Sandbox, copies: Copies) -> Path:
    """A trusted project whose profile assumes a second role; somebody is signed in."""
    copies.lay("web", home, sandbox)
    return home.path / "web"


def trusted(home: Home, text: str) -> Path:
    directory = home.project("web", text)
    assert home.ssoenv("trust", "--yes", cwd=directory).returncode == 0
    return directory


def acme(home: Home) -> Session:
    return aws_config.find_session(home.env, "acme")


def second_file(home: Home, *, agent: bool = False) -> str:
    """Where the credentials of the second role are, had by those of the first."""
    held = (home.env, acme(home), "111111111111", "Developer")
    return credential_cache.assumed_file(*held, SECOND, agent=agent)


def write_settings(home: Home, text: str) -> None:
    files.write_private(paths.settings_file(home.env), text.encode())


def test_every_way_to_credentials_gives_those_of_the_second_role(
    home: Home, sandbox: Sandbox, web: Path
) -> None:
    """By the person's own name, from one AssumeRole for all; and none is had of the first alone."""
    arn = f"arn:aws:sts::{PROD}:assumed-role/Deploy/alice"
    assert home.ssoenv("whoami", cwd=web).stdout == f"{arn}\n"
    key = json.loads(home.ssoenv("export", "--format", "json", cwd=web).stdout)["AWS_ACCESS_KEY_ID"]
    keys = sandbox.state.keys[key]
    assert (keys.account, keys.role, keys.iam) == (PROD, "Deploy", True)
    ran = home.ssoenv("exec", "--", "printenv", "AWS_ACCESS_KEY_ID", cwd=web)
    assert ran.stdout == f"{key}\n"
    ask = (
        "import os, urllib.request as r; e = os.environ; print(r.urlopen(r.Request("
        "e['AWS_CONTAINER_CREDENTIALS_FULL_URI'], headers={'Authorization':"
        "e['AWS_CONTAINER_AUTHORIZATION_TOKEN']})).read().decode())"
    )
    served = home.ssoenv("exec", "--serve", "--", sys.executable, "-c", ask, cwd=web)
    assert json.loads(served.stdout)["AccessKeyId"] == key
    source = ["/bin/sh", paths.source_file(home.env)]
    for given in (
        home.ssoenv("credential-process", cwd=web).stdout,
        home.ssoenv("credential-process", ROLE.key, cwd=web).stdout,
        subprocess.check_output(source, cwd=web, env=home.env | {"PWD": str(web)}, text=True),
    ):
        document = json.loads(given)
        assert (document["AccessKeyId"], document["AccountId"]) == (key, PROD)
    assert operations(sandbox, "AssumeRole") == 1
    # What the shells read and what is cached is the same; the first role is not there.
    role = rendered.load_role(home.env, ROLE.key)
    assert role
    assert role.variables["AWS_ACCESS_KEY_ID"] == key
    assert rendered.load_role(home.env, Role("acme", "dev", ("Nope", "Developer")).key) is None
    kept = credential_cache.read(second_file(home), acme(home), PROD, "Deploy")
    assert kept
    assert kept.access_key_id == key


def test_status_label_and_prompt_tell_it(home: Home, sandbox: Sandbox, web: Path) -> None:
    assert home.ssoenv("export", cwd=web).returncode == 0
    told = home.ssoenv("status", cwd=web).stdout
    assert told.startswith("ship/Developer+Deploy  live\n")
    assert f"assumes      {DEPLOY}\n" in told
    document = json.loads(home.ssoenv("status", "--json", cwd=web).stdout)
    assert (document["assume_role"], document["label"]) == (DEPLOY, "ship/Developer+Deploy")
    exported = json.loads(home.ssoenv("export", "--format", "json", cwd=web).stdout)
    # The keys are this directory's own; those of its first role would be another's.
    mine = home.ssoenv("status", cwd=web, **exported).stdout
    assert mine.startswith("ship/Developer+Deploy  live\n")
    first = json.loads(
        home.ssoenv("export", "dev/Developer", "--format", "json", cwd=home.path).stdout
    )
    other = home.ssoenv("status", cwd=web, **first).stdout
    assert other.startswith(
        "keys of dev/Developer, where the directory gives ship/Developer+Deploy"
    )
    elsewhere = home.ssoenv("status", cwd=home.path, **exported).stdout
    assert elsewhere.startswith(f"keys of dev/Developer, then {PROD}/Deploy, where")


def test_status_check_takes_cached_keys_of_either_role(
    home: Home, sandbox: Sandbox, web: Path
) -> None:
    """Without a token: the second role's serve, and the first's are enough to assume it."""
    assert home.ssoenv("export", cwd=web).returncode == 0
    shutil.rmtree(paths.token_cache(home.env))
    second = second_file(home)
    first = next(one for one in Path(second).parent.iterdir() if str(one) != second)
    aside = first.rename(home.path / "first.json")
    assert home.ssoenv("status", "--check", cwd=web).returncode == 0
    Path(second).unlink()
    assert home.ssoenv("status", "--check", cwd=web).returncode == 3
    aside.rename(first)
    assert home.ssoenv("status", "--check", cwd=web).returncode == 0
    assert home.ssoenv("export", cwd=web).returncode == 0


def test_session_name_and_duration_are_as_the_file_says(
    home: Home, sandbox: Sandbox, web: Path
) -> None:
    """A short life is no reason to ask anew for each program."""
    trusted(home, CHAINED + 'role_session_name = "deploy+ci"\nduration = 900\n')
    assert home.ssoenv("whoami", cwd=web).stdout.endswith(":assumed-role/Deploy/deploy+ci\n")
    given = json.loads(home.ssoenv("credential-process", cwd=web).stdout)
    left = clock.parse_timestamp(given["Expiration"]) - clock.now()
    assert 880 < left <= 900
    assert operations(sandbox, "AssumeRole") == 1


def test_keys_are_renewed_before_their_end_and_the_first_role_s_when_rejected(
    home: Home, sandbox: Sandbox, web: Path
) -> None:
    def key() -> str:
        document = json.loads(home.ssoenv("credential-process", cwd=web).stdout)
        return str(document["AccessKeyId"])

    before = key()
    path = second_file(home)
    old = credential_cache.read(path, acme(home), PROD, "Deploy")
    assert old
    document = {"ProviderType": "sso", "Credentials": {"Expiration": "2020-01-01T00:00:00Z"}}
    files.write_private(path, json.dumps(document).encode())
    sandbox.state.keys.clear()  # the service knows none of them any more
    after = key()
    assert after != before
    assert operations(sandbox, "GetRoleCredentials") == 2
    assert sandbox.state.keys[after].role == "Deploy"


def test_a_refusal_of_sts_is_one_line_with_its_mend(
    home: Home, sandbox: Sandbox, web: Path
) -> None:
    for arn in (DEPLOY.replace("Deploy", "Nowhere"), AUDIT):
        trusted(home, CHAINED.replace(DEPLOY, arn))
        for words in (("export",), ("credential-process",)):
            refused = home.ssoenv(*words, cwd=web)
            assert (refused.returncode, refused.stdout) == (6, ""), refused
            what, mend = refused.stderr.splitlines()
            assert f"Developer in account 111111111111 may not assume {arn}: " in what
            assert mend.strip() == "try: ssoenv whoami 111111111111/Developer"


def test_what_one_first_role_may_assume_is_no_other_s(
    home: Home, sandbox: Sandbox, web: Path
) -> None:
    """Nor another session's, nor had from what the AWS CLI keeps for its own profiles."""
    assert home.ssoenv("export", cwd=web).returncode == 0
    held = json.loads(Path(second_file(home)).read_text())
    request = json.dumps({"RoleArn": DEPLOY}, sort_keys=True).encode()
    theirs = f"{paths.credential_cache(home.env)}/{hashlib.sha1(request, usedforsecurity=False).hexdigest()}.json"
    files.write_private(theirs, json.dumps({"Credentials": held["Credentials"]}).encode())
    config = home.path / ".aws/config"
    session = "[sso-session other]\nsso_start_url = https://d-2.awsapps.com/start\n"
    config.write_text(f"{config.read_text()}{session}sso_region = us-east-1\n")
    for text, code in (
        (CHAINED.replace('"Developer"]', '"ReadOnly"]'), 6),
        (CHAINED.replace('session = "acme"', 'session = "other"').replace('"dev"', '"1" * 12'), 3),
    ):
        there = trusted(home, text.replace('"1" * 12', '"111111111111"'))
        for words in (("export",), ("credential-process",), ("whoami",), ("status", "--check")):
            refused = home.ssoenv(*words, cwd=there)
            expected = 0 if words[0] == "status" and code == 6 else code
            assert (refused.returncode, refused.stdout) == (expected, ""), (words, refused)
    assert home.ssoenv("logout", "--all").returncode == 0
    assert os.listdir(paths.credential_cache(home.env)) == [os.path.basename(theirs)]
    assert home.ssoenv("export", cwd=trusted(home, CHAINED)).returncode == 3


def test_a_file_protects_what_it_gives_by_whatever_role_that_is_had(
    home: Home, sandbox: Sandbox, web: Path
) -> None:
    """By another first role, on the way to another second one, and as keys that are there."""
    key = json.loads(home.ssoenv("export", "--format", "json", cwd=web).stdout)
    keys = {name: value for name, value in key.items() if "REGION" not in name}
    trusted(home, f"{CHAINED}protect = true\n")
    vault = '[profiles.look]\naccount = "111111111111"\nrole = "ReadOnly"\nprotect = true\n'
    other = home.project("vault", f'session = "acme"\n{vault}')
    assert home.ssoenv("trust", "--yes", cwd=other).returncode == 0
    before = sandbox.requests()
    top = "assume:aws:{}:%:0/{}"
    for asked in (
        f"acme/222222222222/Developer/{top.format(PROD, 'Deploy')}",
        f"acme/111111111111/ReadOnly/{top.format('555555555555', 'team/Audit')}",
        ROLE.key,
        "acme/111111111111/ReadOnly",
    ):
        for env in ({}, {"CLAUDECODE": "1"}):
            refused = home.ssoenv("credential-process", asked, cwd=home.path, **env)
            assert (refused.returncode, refused.stdout) == (6, ""), (asked, refused)
            assert "is protected" in refused.stderr
    refused = home.ssoenv("console", "--print", cwd=home.path, **keys)
    assert (refused.returncode, refused.stdout) == (6, ""), refused
    assert {one["operation"] for one in sandbox.requests()[len(before) :]} <= {"GetCallerIdentity"}
    # The first role by itself is not what that file gives.
    assert home.ssoenv("export", "111111111111/Developer").returncode == 0


def test_a_probe_assumes_it_unless_that_is_asked_first(
    home: Home, sandbox: Sandbox, web: Path
) -> None:
    """What cannot be assumed is not called ours; what was had by a probe is not kept."""

    def probed() -> tuple[int, str]:
        checked = home.ssoenv("status", "--check", "--probe", cwd=web)
        said = json.loads(home.ssoenv("status", "--probe", "--json", cwd=web).stdout)["probe"]
        return checked.returncode, f"{said['result']}: {said['message']}"

    assert probed() == (0, "valid: None")
    assert operations(sandbox, "AssumeRole") == 2
    write_settings(home, 'protect = ["prod:*"]\n')
    assert probed() == (0, f"valid: whether it may assume {DEPLOY} shows when that is used")
    assert operations(sandbox, "AssumeRole") == 2
    write_settings(home, "")
    trusted(home, CHAINED.replace("role/Deploy", "role/Nowhere"))
    code, said = probed()
    assert code == 6
    assert "access-denied: " in said
    assert "may not assume" in said
    assert files.read_bytes(second_file(home)) is None


def test_the_console_as_it_lasts_as_long_as_its_credentials(
    home: Home, sandbox: Sandbox, web: Path
) -> None:
    refused = home.ssoenv("console", "--print", "--duration", "8h", cwd=web)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "a role that another one assumes, as Deploy here, may have none" in refused.stderr
    assert operations(sandbox, "AssumeRole") == 0
    told = home.ssoenv("console", "--link", cwd=web)
    assert (told.returncode, told.stdout) == (2, "")
    assert "the access portal knows no role that another one assumes, as Deploy" in told.stderr
    write_settings(home, "console_duration = 28800\n")
    shown = home.ssoenv("console", "--print", cwd=web)
    assert shown.returncode == 0, shown.stderr
    assert "for 8 h" not in shown.stderr
    assert operations(sandbox, "GetSigninToken") == 1


@pytest.mark.parametrize("account", ["dev", "111111111111"])
def test_a_sign_out_takes_them_away(home: Home, sandbox: Sandbox, web: Path, account: str) -> None:
    """Those of both roles, and a coding agent's, whether a list knows the account or not."""
    web = trusted(home, CHAINED.replace('"dev"', f'"{account}"'))
    for words in (("acme",), ("--all",)):
        assert home.ssoenv("login", "acme").returncode == 0
        for env in ({}, {"CLAUDECODE": "1"}):
            assert home.ssoenv("export", cwd=web, **env).returncode == 0
        kept_listings.forget(home.env, "acme")
        folders = [paths.credential_cache(home.env, agent=agent) for agent in (False, True)]
        assert [len(os.listdir(folder)) for folder in folders] == [2, 2]
        assert home.ssoenv("logout", *words).returncode == 0
        assert [os.listdir(folder) for folder in folders] == [[], []]
        assert rendered.load_role(home.env, ROLE.key) is None


@pytest.mark.parametrize("pattern", [f"{PROD}:Dep*", "prod:*", "111111111111:*", "dev:Developer"])
def test_never_and_protect_see_both_roles(
    home: Home, sandbox: Sandbox, web: Path, pattern: str
) -> None:
    """By the id and by the name of either account; what was had before goes."""
    assert home.ssoenv("export", cwd=web).returncode == 0
    write_settings(home, f'never = ["{pattern}"]\n')
    refused = home.ssoenv("export", cwd=web)
    assert (refused.returncode, refused.stdout) == (6, "")
    assert f'never = ["{pattern}"]' in refused.stderr
    assert rendered.load_role(home.env, ROLE.key, protected=True) is None
    write_settings(home, f'protect = ["{pattern}"]\n')
    for words in (("export",), ("credential-process",)):
        refused = home.ssoenv(*words, cwd=web)
        assert (refused.returncode, refused.stdout) == (6, "")
        assert "Developer, then prod/Deploy in account dev (111111111111)" in refused.stderr
    allowed = f"111111111111/Developer,{PROD}/Deploy"
    assert allowed in refused.stderr
    for half in allowed.split(","):
        assert home.ssoenv("export", cwd=web, SSOENV_ALLOW_PROTECTED=half).returncode == 6
    assert home.ssoenv("export", cwd=web, SSOENV_ALLOW_PROTECTED=allowed).returncode == 0


def test_an_account_in_no_list_may_be_any_by_its_name(
    home: Home, sandbox: Sandbox, web: Path
) -> None:
    trusted(home, CHAINED.replace(DEPLOY, AUDIT).replace('["Nope", "Developer"]', '"ReadOnly"'))
    assert home.ssoenv("whoami", cwd=web).stdout.endswith("555555555555:assumed-role/Audit/alice\n")
    write_settings(home, 'never = ["secret-*:Au*"]\n')
    refused = home.ssoenv("export", cwd=web)
    assert refused.returncode == 6
    assert "account 555555555555, which has the role Audit, is in no list" in refused.stderr
    write_settings(home, 'never = ["secret-*:Other"]\nprotect = ["security"]\n')
    asked = home.ssoenv("export", cwd=web)
    assert "is protected" in asked.stderr
    screen = ssoenv(home.env, str(web), "whoami")
    assert "wants ReadOnly, then 555555555555/Audit in account dev" in screen.wait("[y/N]")
    screen.send("y\r")
    screen.wait(":assumed-role/Audit/alice")
    assert screen.end() == 0


def test_trust_shows_the_second_role_and_calls_out_more_power(
    home: Home, sandbox: Sandbox, web: Path
) -> None:
    assert home.ssoenv("roles").returncode == 0
    shown = home.ssoenv("trust", "--show", cwd=web).stderr
    assert f"then assumes {DEPLOY} in account {PROD} (prod)" in shown
    plain = CHAINED.replace(f'assume_role = "{DEPLOY}"\n', "")
    for old, new, told in (
        (plain, CHAINED, f"ship: assumes {DEPLOY} on top  <- more power"),
        (CHAINED, plain, f"ship: no longer assumes {DEPLOY}  <- look twice"),
        (CHAINED, CHAINED.replace("Deploy", "Admin"), "role/Admin  <- more power"),
        (CHAINED, CHAINED.replace(PROD, "4" * 12), "role/Deploy  <- look twice"),
        (CHAINED, f"{CHAINED}duration = 900\n", "ship: credentials for the usual time -> 900 s"),
        (CHAINED, f'{CHAINED}role_session_name = "ci"\n', "role session name your own name -> ci"),
    ):
        trusted(home, old)
        (web / ".ssoenv.toml").write_text(new)
        shown = home.ssoenv("trust", "--show", cwd=web).stderr
        assert told in shown, (told, shown)


def test_an_agent_gets_it_as_its_profile_and_not_the_first_role_alone(
    home: Home, sandbox: Sandbox, web: Path
) -> None:
    trusted(home, f'agent = "ship"\n{CHAINED}')
    given = home.ssoenv("whoami", cwd=web, CLAUDECODE="1")
    assert given.stdout.endswith(":assumed-role/Deploy/alice\n"), given
    refused = home.ssoenv("whoami", "dev/Developer", cwd=web, CLAUDECODE="1")
    assert (refused.returncode, refused.stdout) == (6, "")
    apart = second_file(home, agent=True)
    assert files.read_bytes(apart)
    assert files.read_bytes(second_file(home)) is None


def test_bind_keeps_what_comes_on_top_and_no_other_edit_loses_it(
    home: Home, sandbox: Sandbox, web: Path
) -> None:
    words = ("-a", "dev", "-r", "Developer", "-n", "ship", "--replace", "--region", "us-east-1")
    assert home.ssoenv("bind", *words, cwd=web).returncode == 0
    assert DEPLOY in (web / ".ssoenv.toml").read_text()
    assert home.ssoenv("whoami", cwd=web).stdout.endswith(":assumed-role/Deploy/alice\n")
    write_settings(home, f'never = ["{PROD}:Deploy"]\n')
    refused = home.ssoenv("bind", *words, cwd=web)
    assert (refused.returncode, refused.stdout) == (6, "")


def test_another_partition_than_the_session_s(home: Home, sandbox: Sandbox, web: Path) -> None:
    text = CHAINED.replace("arn:aws:", "arn:aws-cn:").replace('region = "eu-west-1"\n', "")
    trusted(home, text)
    refused = home.ssoenv("export", cwd=web)
    assert (refused.returncode, refused.stdout) == (5, "")
    assert "cannot be assumed from acme, which is in aws" in refused.stderr
    assert operations(sandbox, "AssumeRole") == 0
