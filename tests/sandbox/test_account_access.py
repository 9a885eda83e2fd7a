"""Roles of IAM that the account access manager gives, in place of permission sets."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import DataNotFoundError
from botocore.loaders import Loader

from ssoenv import policy
from ssoenv.aws_files import config as aws_config
from ssoenv.aws_files import credential_cache
from ssoenv.base import clock, files, paths
from ssoenv.base.arns import RoleArn
from ssoenv.base.errors import InvalidConfiguration, UsageError
from ssoenv.base.models import Account, Assignment, Role
from ssoenv.base.models import IamRole as Second
from ssoenv.configure import profiles
from ssoenv.configure.recipe import Recipe
from ssoenv.doctor import sessions
from ssoenv.identity_center import aws_clients
from ssoenv.identity_center.assignments import Entitled, Held, Listing, as_role
from ssoenv.settings import Settings
from ssoenv.shells import rendered
from tests.conftest import Copies
from tests.screen import ssoenv

if TYPE_CHECKING:
    from pathlib import Path

    from ssoenv.sandbox.server import Sandbox
    from tests.conftest import Home

AUDIT = "arn:aws:iam::555555555555:role/team/Audit"
TENANT = "aa-0000000000"
ENTITLED = f"""\
session = "acme"
default = "audit"
[profiles.audit]
role_arn = "{AUDIT}"
region = "eu-west-1"
[profiles.dev]
account = "dev"
role = "Developer"
"""
WITH_TENANT = f"""{ENTITLED}[sso]
start_url = "https://d-0000000000.awsapps.com/start"
region = "us-east-1"
tenant = "{TENANT}"
"""
IAM = Second(RoleArn("aws", "555555555555", ("team",), "Audit"))
SCOPES = "sso:account:access, account_access:read_only, account_access:assume"


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Copies:
    made = Copies(tmp_path_factory.getbasetemp() / "given")
    with made.making() as (home, sandbox):
        ask_for(home, SCOPES)
        trusted(home, WITH_TENANT)
        made.keep("signed-in", home, sandbox)
    return made


@pytest.fixture
def web(home: Home, sandbox: Sandbox, copies: Copies) -> Path:
    """A trusted project with such a role; its session asks for what that takes."""
    copies.lay("signed-in", home, sandbox)
    return home.path / "web"


def settle(home: Home, *lines: str) -> None:
    """Write the user's settings."""
    files.write_private(
        paths.settings_file(home.env), "".join(f"{one}\n" for one in lines).encode()
    )


def ask_for(home: Home, scopes: str) -> None:
    """Have a sign-in ask for `scopes`, and sign in."""
    config = home.path / ".aws/config"
    lines = config.read_text().splitlines()
    said = [f"sso_registration_scopes = {scopes}" if "_scopes" in one else one for one in lines]
    config.write_text("\n".join(said) + "\n")
    assert home.ssoenv("login", "--force", "acme").returncode == 0


def trusted(home: Home, text: str) -> Path:
    directory = home.project("web", text)
    assert home.ssoenv("trust", "--yes", cwd=directory).returncode == 0
    return directory


def of_access(sandbox: Sandbox) -> list[str]:
    """What was asked of the account access manager."""
    calls = sandbox.requests()
    return [one["operation"] for one in calls if one["service"] == "account-access-runtime"]


def test_every_way_to_credentials(home: Home, sandbox: Sandbox, web: Path) -> None:
    """One call for all, kept where the shells read and beside the AWS CLI's, until a sign-out."""
    told = home.ssoenv("whoami", cwd=web)
    assert told.stdout == "arn:aws:sts::555555555555:assumed-role/Audit/alice\n", told
    key = json.loads(home.ssoenv("export", "--format", "json", cwd=web).stdout)["AWS_ACCESS_KEY_ID"]
    ran = home.ssoenv("exec", "--", "printenv", "AWS_ACCESS_KEY_ID", cwd=web)
    assert ran.stdout == f"{key}\n"
    source = ["/bin/sh", paths.source_file(home.env)]
    given = subprocess.check_output(source, cwd=web, env=home.env | {"PWD": str(web)}, text=True)
    assert json.loads(given)["AccessKeyId"] == key
    assert of_access(sandbox) == ["GetRoleCredentials"]
    role = Role("acme", "555555555555", ("Audit",), entitled=IAM, tenant=TENANT)
    assert Role.of_key(role.key) == role
    assert rendered.load_role(home.env, role.key)
    exported = json.loads(home.ssoenv("export", "--format", "json", cwd=web).stdout)
    status = home.ssoenv("status", cwd=web, **exported).stdout
    assert status.startswith("audit/Audit  live\n")
    assert f"ARN          {AUDIT}\n" in status
    assert json.loads(home.ssoenv("status", "--json", cwd=web).stdout)["role_arn"] == AUDIT
    session = aws_config.find_session(home.env, "acme")
    path = credential_cache.entitled_file(home.env, session, IAM)
    assert files.read_bytes(path)
    assert home.ssoenv("logout", "acme").returncode == 0
    assert files.read_bytes(path) is None
    assert rendered.load_role(home.env, role.key) is None


def test_the_tenant_of_the_settings_and_what_the_file_says_of_the_session(
    home: Home, sandbox: Sandbox, web: Path
) -> None:
    trusted(home, ENTITLED)
    refused = home.ssoenv("export", cwd=web)
    assert (refused.returncode, refused.stdout) == (5, "")
    assert "which tenant of the account access manager gives 555555555555/Audit?" in refused.stderr
    settle(home, 'tenant = "AA"')
    assert "tenant 'AA': 3 to 24 of a-z, 0-9 and -" in home.ssoenv("export", cwd=web).stderr
    settle(home, f'tenant = "{TENANT}"')
    more = 'role_session_name = "night"\nduration = 1800\nregion ='
    trusted(home, ENTITLED.replace("region =", more, 1))
    assert home.ssoenv("whoami", cwd=web).stdout.endswith(":assumed-role/Audit/night\n")
    given = json.loads(home.ssoenv("credential-process", cwd=web).stdout)
    assert 1780 < clock.parse_timestamp(given["Expiration"]) - clock.now() <= 1800


def test_a_session_without_the_scopes_and_a_token_without_them(
    home: Home, sandbox: Sandbox, web: Path
) -> None:
    """Each is one error with what mends it; and a list of permission sets needs none of them."""
    ask_for(home, "sso:account:access")
    refused = home.ssoenv("export", cwd=web)
    assert (refused.returncode, refused.stdout) == (5, "")
    assert "needs the scope account_access:assume, which acme does not ask for" in refused.stderr
    assert f"sso_registration_scopes = {SCOPES}" in refused.stderr.replace("\n  ", " ")
    assert "try: ssoenv login --force acme" in refused.stderr
    assert home.ssoenv("roles").returncode == 0
    assert of_access(sandbox) == []
    config = home.path / ".aws/config"
    config.write_text(config.read_text().replace("access\n", f"access,{SCOPES[19:]}\n", 1))
    refused = home.ssoenv("export", cwd=web)
    assert (refused.returncode, refused.stdout) == (3, "")
    assert "was made without the scopes of the account access manager" in refused.stderr
    assert "try: ssoenv login --force acme" in refused.stderr
    assert home.ssoenv("login", "--force", "acme").returncode == 0
    assert home.ssoenv("export", cwd=web).returncode == 0


def test_what_does_not_come_keeps_nobody_from_the_rest_and_is_not_gone(
    home: Home, sandbox: Sandbox, web: Path
) -> None:
    """A token without the scopes, and a manager that fails: permission sets are listed."""
    sandbox.fail("ListRoles", 500, times=9)
    assert home.ssoenv("roles").returncode == 7
    assert "entitled to" not in home.ssoenv("trust", "--show", cwd=web).stderr
    sandbox.clear_faults()
    assert AUDIT in home.ssoenv("roles").stdout
    sandbox.fail("ListRoles", 500, times=9)
    listed = home.ssoenv("roles", "--refresh", "--json")
    assert listed.returncode == 7
    document = json.loads(listed.stdout)
    assert not document["sessions"][0]["complete"]
    assert {"", AUDIT} == {row["role_arn"] for row in document["assignments"]}
    told = "the roles of the account access manager did not come: the account access manager failed"
    assert told in listed.stderr
    refused = home.ssoenv("configure", "--yes")
    assert (refused.returncode, refused.stdout) == (7, "")
    sandbox.clear_faults()
    sandbox.fail("ListRoles", "UnauthorizedException")
    listed = home.ssoenv("roles", "--refresh")
    assert listed.returncode == 3
    assert "was made without the scopes" in listed.stderr
    assert AUDIT in listed.stdout
    assert "Developer" in listed.stdout
    assert home.ssoenv("roles", "--refresh").returncode == 0


def test_a_tenant_that_there_is_not_and_none_any_more(
    home: Home, sandbox: Sandbox, web: Path
) -> None:
    assert AUDIT in home.ssoenv("roles").stdout
    settle(home, 'tenant = "aa-nobody"')
    refused = home.ssoenv("roles")
    assert refused.returncode == 5
    assert "refused the roles of tenant aa-nobody (ValidationException)" in refused.stderr
    assert AUDIT not in refused.stdout
    assert "Developer" in refused.stdout
    assert home.ssoenv("status", "--probe", cwd=web).returncode == 0
    settle(home)
    assert AUDIT in home.ssoenv("roles").stdout
    assert home.ssoenv("untrust", cwd=web).returncode == 0
    assert AUDIT not in home.ssoenv("roles", "--cached").stdout
    assert home.ssoenv("roles").returncode == 0


def test_it_is_asked_at_the_pace_of_the_portal_and_as_seldom(
    home: Home, sandbox: Sandbox, web: Path
) -> None:
    """Refused calls are made again; a list of the last hour will do; a refusal is a doubt."""
    sandbox.set_pace(rate=20, burst=1)
    listed = home.ssoenv("roles")
    assert listed.returncode == 0, listed
    assert AUDIT in listed.stdout
    sandbox.set_pace()
    sandbox.clear_requests()
    assert AUDIT in home.ssoenv("roles").stdout
    assert of_access(sandbox) == []
    home.ssoenv("whoami", f"{AUDIT}2")
    assert AUDIT in home.ssoenv("roles").stdout
    assert of_access(sandbox) == ["GetRoleCredentials", "ListRoles"]


def test_a_role_that_one_is_not_entitled_to(home: Home, sandbox: Sandbox, web: Path) -> None:
    trusted(home, WITH_TENANT.replace("team/Audit", "Deploy").replace("5" * 12, "3" * 12))
    refused = home.ssoenv("export", cwd=web)
    assert (refused.returncode, refused.stdout) == (6, "")
    assert "you are not entitled to arn:aws:iam::333333333333:role/Deploy" in refused.stderr
    assert "try: ssoenv roles --session acme" in refused.stderr


def test_they_stand_in_the_list_and_the_picker_beside_permission_sets(
    home: Home, sandbox: Sandbox, web: Path
) -> None:
    table = home.ssoenv("roles").stdout
    assert f"555555555555  security  {AUDIT}\n" in table
    assert "111111111111  dev       Developer\n" in table
    rows = json.loads(home.ssoenv("roles", "--json", "--cached").stdout)["assignments"]
    assert {row["role_arn"] for row in rows} == {"", AUDIT}
    csv = home.ssoenv("roles", "--csv", "--cached").stdout.splitlines()
    assert csv[0].endswith('"role","role_arn"')
    shown = home.ssoenv("trust", "--show", cwd=web).stderr
    assert f"tenant {TENANT} of the account access manager" in shown
    assert "entitled" not in shown
    there = home.path / "fresh"
    there.mkdir()
    screen = ssoenv(home.env, str(there), "bind")
    screen.wait("Which")
    screen.send("team/Audit")
    screen.wait("1 of")
    screen.send("\r")
    screen.wait("region")
    screen.send("\r")
    assert screen.end() == 0
    text = (there / ".ssoenv.toml").read_text()
    assert f'role_arn = "{AUDIT}"' in text
    assert "account" not in text
    assert home.ssoenv("whoami", cwd=there).stdout.endswith(":assumed-role/Audit/alice\n")


def test_an_arn_stands_wherever_account_and_role_do(
    home: Home, sandbox: Sandbox, web: Path
) -> None:
    """The tenant is that of a file that one trusts, wherever one is."""
    arn = ":assumed-role/Audit/alice\n"
    assert home.ssoenv("whoami", AUDIT).stdout.endswith(arn)
    ran = home.ssoenv("exec", AUDIT, "--", "printenv", "AWS_ACCESS_KEY_ID")
    assert ran.stdout.startswith("ASIASANDBOX")
    assert home.ssoenv("export", "--profile", AUDIT).returncode == 0
    opened = home.ssoenv("console", AUDIT, "--print")
    assert opened.returncode == 0, opened
    linked = home.ssoenv("console", AUDIT, "--link")
    assert (linked.returncode, linked.stdout) == (2, "")
    assert "knows no role of the account access manager, as Audit here" in linked.stderr
    wrong = home.ssoenv("whoami", AUDIT.replace("role/", "rule/"))
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "is not the ARN of a role" in wrong.stderr
    saved = home.ssoenv("use", AUDIT, "--save", cwd=web)
    assert f"try: ssoenv bind -r {AUDIT}" in saved.stderr
    there = home.path / "fresh"
    there.mkdir()
    bound = home.ssoenv("bind", "--role", AUDIT, "--name", "audit", cwd=there)
    assert bound.returncode == 0, bound
    assert f'role_arn = "{AUDIT}"' in (there / ".ssoenv.toml").read_text()
    assert home.ssoenv("whoami", cwd=there).stdout.endswith(arn)
    both = home.ssoenv("bind", "--role", AUDIT, "--account", "dev", cwd=there)
    assert (both.returncode, both.stdout) == (2, "")
    held = home.ssoenv("whoami", "security/Audit")
    assert held.returncode == 6


def test_the_library_takes_and_gives_it(home: Home, sandbox: Sandbox, web: Path) -> None:
    script = (
        "import ssoenv, sys\n"
        "rows = list(ssoenv.list_assignments())\n"
        "print([(one.account_name, one.role) for one in rows if one.role_arn == sys.argv[1]])\n"
        "session = ssoenv.get_boto3_session(role=sys.argv[1], region='eu-west-1')\n"
        "print(session.client('sts').get_caller_identity()['Arn'])\n"
    )
    ran = home.start(sys.executable, "-c", script, AUDIT)
    told, errors = ran.communicate(timeout=60)
    assert told.splitlines() == [
        "[('security', 'Audit')]",
        "arn:aws:sts::555555555555:assumed-role/Audit/alice",
    ], errors


def test_configure_has_it_run_ssoenv_and_says_what_no_config_can(
    home: Home, sandbox: Sandbox, web: Path
) -> None:
    done = home.ssoenv("configure", "security", "--yes")
    assert done.returncode == 0, done
    config = (home.path / ".aws/config").read_text()
    assert "[profile security.Audit]\ncredential_process = " in config
    words = ["aws", "sts", "get-caller-identity", "--profile", "security.Audit"]
    given = subprocess.check_output(words, env=home.env, cwd=home.path, text=True)
    assert json.loads(given)["Arn"].endswith(":assumed-role/Audit/alice")
    plain = home.ssoenv("configure", "audit", "--sso", "--yes")
    assert "no AWS config can say a role of the account access manager" in plain.stderr


def test_a_permission_set_of_the_same_name_is_told_apart(home: Home, sandbox: Sandbox) -> None:
    """In names of profiles, and in the list, the ARN is what tells."""
    session = aws_config.find_session(home.env, "acme")
    security = Account("555555555555", "security", "")
    twins = Listing.of([Assignment(security, "Audit"), Assignment(security, AUDIT)], 1)
    with pytest.raises(UsageError, match="would be the name of") as refused:
        profiles.plan(session, twins, Recipe(), home.env)
    assert refused.value.fix == "ssoenv configure --unique"
    made = profiles.plan(session, twins, Recipe(unique=True), home.env).profiles
    names = ["security.Audit.555555555555", "security.Audit.555555555555.iam"]
    assert [one.name for one in made] == names
    both = (as_role("acme", security.id, "Audit"), as_role("acme", "", AUDIT))
    assert len({one.key for one in both}) == 2


def test_status_says_whether_it_can_be_had(home: Home, sandbox: Sandbox, web: Path) -> None:
    for option in ("--check", "--probe"):
        assert home.ssoenv("status", option, cwd=web).returncode == 0
    other = home.project("other", WITH_TENANT.replace("team/Audit", "Nope"))
    assert home.ssoenv("trust", "--yes", cwd=other).returncode == 0
    asked = home.ssoenv("status", "--probe", "--json", cwd=other)
    assert "you are not entitled to" in asked.stdout
    config = home.path / ".aws/config"
    config.write_text(config.read_text().replace(", account_access:assume", ""))
    assert home.ssoenv("status", "--check", cwd=web).returncode == 5
    told = home.ssoenv("status", cwd=web).stdout
    assert "needs the scope account_access:assume, which acme does not ask for" in told


def test_doctor_says_that_no_session_asks_for_the_scope(home: Home, sandbox: Sandbox) -> None:
    settle(home, f'tenant = "{TENANT}"')
    told = f"the roles of tenant {TENANT} are not listed: no session asks for"
    assert any(told in one.what for one in sessions.config(home.env))


def test_never_protect_and_agents(home: Home, sandbox: Sandbox, web: Path) -> None:
    pattern = "security:Au*"
    settle(home, f'never = ["{pattern}"]')
    refused = home.ssoenv("export", cwd=web)
    assert (refused.returncode, refused.stdout) == (6, "")
    assert f'never = ["{pattern}"]' in refused.stderr
    settle(home, f'protect = ["{pattern}"]')
    assert "is protected" in home.ssoenv("export", cwd=web).stderr
    settle(home)
    trusted(home, f'agent = "dev"\n{WITH_TENANT}')
    other = home.ssoenv("export", "--profile", "audit", cwd=web, CLAUDECODE="1")
    assert (other.returncode, other.stdout) == (6, "")


def test_no_tenant_takes_the_name_of_an_account_that_one_has() -> None:
    """What an account is called is the tenant's word, where the portal does not list it."""
    mine = Held(Account("111111111111", "prod", ""), ("Developer",), 1)
    theirs = Assignment(Account("555555555555", "prod", ""), AUDIT)
    listing = Listing((mine,), 1, Entitled.of("aa-theirs", [theirs], 1))
    assert listing.account("prod") == mine.account
    assert listing.account("555555555555") == theirs.account
    for one, is_known in (("", True), ("aa-theirs", True), ("aa-mine", None)):
        role = replace(as_role("acme", "", AUDIT), tenant=one)
        assert listing.is_entitled(role) is is_known


@pytest.mark.parametrize("pattern", ["555555555555:Au*", "security:*", "*:Audit", "555555555555"])
def test_a_pattern_means_the_account_and_the_name_of_the_arn(pattern: str) -> None:
    """With or without a list; only an account that is in none is judged by what it may be."""
    listed = Assignment(Account("555555555555", "security", ""), AUDIT)
    listing = Listing((), 1, Entitled.of(TENANT, [listed], 1))
    target = policy.target(as_role("acme", "", AUDIT), listing)
    assert policy.verdict(Settings(never=(pattern,)), target).answer == "refused"
    assert policy.verdict(Settings(protect=(pattern,)), target).answer == "ask"
    assert policy.verdict(Settings(never=("dev:*", "*:Other")), target).answer == "allowed"


def test_a_fresh_clone_brings_the_scopes(home: Home, sandbox: Sandbox) -> None:
    (home.path / ".aws/config").unlink()
    there = trusted(home, WITH_TENANT)
    assert f"sso_registration_scopes = {SCOPES}" in (home.path / ".aws/config").read_text()
    assert home.ssoenv("login", "acme").returncode == 0
    assert home.ssoenv("whoami", cwd=there).stdout.endswith(":assumed-role/Audit/alice\n")


def test_a_botocore_that_does_not_know_it(
    home: Home, sandbox: Sandbox, web: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its folder of models is made of those that older versions have."""
    known = Loader.list_api_versions

    def older(self: Loader, service: str, kind: str) -> list[str]:
        if "account-access" in service:
            raise DataNotFoundError(data_path=service)
        return list(known(self, service, kind))

    monkeypatch.setattr(Loader, "list_api_versions", older)
    with pytest.raises(InvalidConfiguration, match=r"does not know .*; version 1\.43\.125 does"):
        aws_clients.make("account-access-runtime", "us-east-1", home.env, bearer="x")
