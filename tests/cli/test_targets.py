"""Which role a command means, and that no word of the user's command is ever one of ours."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from ssoenv.aws_files import config as aws_config
from ssoenv.base import clock
from ssoenv.identity_center import kept_listings
from ssoenv.identity_center.assignments import Listing
from tests.conftest import PROJECT, VAULT, keep_list

if TYPE_CHECKING:
    from pathlib import Path

    from ssoenv.sandbox.server import Sandbox
    from tests.conftest import Home

pytestmark = pytest.mark.sampled(2)

DEV, PROD = "111111111111", "333333333333"
SHOW = "import json, os, sys; print(json.dumps([sys.argv[1:], dict(os.environ)]))"


@pytest.fixture
def project(home: Home, sandbox: Sandbox) -> Path:
    there = home.project("web", PROJECT)
    assert home.ssoenv("login", "acme").returncode == 0
    assert home.ssoenv("trust", "--yes", cwd=there).returncode == 0
    return there


def test_every_form_of_a_target(home: Home, project: Path) -> None:
    """A role by position or by --profile, a profile, what the directory says; in or out of it."""
    for cwd, words, account in (
        (home.path, ["dev/Developer"], DEV),
        (home.path, ["--profile", "dev/Developer"], DEV),
        (home.path, ["--profile=111111111111/Developer"], DEV),
        (home.path, ["dev/Developer", "--session", "acme"], DEV),
        (home.path, ["--session", "acme", "dev/Developer"], DEV),
        (project, ["prod/ReadOnly"], PROD),
        (project, ["--profile", "prod"], PROD),
        (project, ["-p", "prod/ReadOnly"], PROD),
        (project, [], DEV),
    ):
        told = home.ssoenv("whoami", *words, "--json", cwd=cwd)
        assert told.returncode == 0, told.stderr
        assert json.loads(told.stdout)["Account"] == account
        printed = home.ssoenv("export", *words, "--format", "process", cwd=cwd)
        assert json.loads(printed.stdout)["AccountId"] == account
        ran = home.ssoenv("exec", *words, "--", "python3", "-c", SHOW, cwd=cwd)
        assert ran.returncode == 0, ran.stderr
        key = json.loads(printed.stdout)["AccessKeyId"]
        assert json.loads(ran.stdout)[1]["AWS_ACCESS_KEY_ID"] == key


@pytest.mark.parametrize(
    "words",
    [
        ["--profile", "prod"],
        ["--session", "nope", "--none"],
        ["--help"],
        ["--", "--", "x"],
        ["prod/ReadOnly", "--", "y"],
        ["-p", "x", "-h", "--version", "-v"],
        [""],
    ],
)
def test_the_words_of_the_command_are_its_own(home: Home, project: Path, words: list[str]) -> None:
    command = ["python3", "-c", SHOW, *words]
    ways: list[list[str]] = [
        ["--"],
        ["dev/Developer", "--"],
        ["--profile", "dev", "--"],
        ["--none", "--"],
    ]
    if "--" not in words:
        ways.append([])
    for ours in ways:
        ran = home.ssoenv("exec", *ours, *command, cwd=project)
        assert ran.returncode == 0, ran.stderr
        assert json.loads(ran.stdout)[0] == words


def test_several_sessions(home: Home, project: Path) -> None:
    config = home.path / ".aws/config"
    config.write_text(
        config.read_text() + config.read_text().split("[profile")[0].replace("acme]", "beta]")
    )
    for words in (
        ["export", "dev/Developer"],
        ["whoami", "dev/Developer"],
        ["exec", "dev/Developer", "--", "true"],
    ):
        vague = home.ssoenv(*words)
        assert vague.returncode == 2, vague.stderr
        assert "acme" in vague.stderr
        assert "beta" in vague.stderr
        chosen = home.ssoenv(words[0], "--session", "acme", *words[1:])
        assert chosen.returncode == 0, chosen.stderr
        wrong = home.ssoenv(words[0], "--session", "acne", *words[1:])
        assert wrong.returncode == 5
        assert "acme" in wrong.stderr


def test_what_means_nothing_is_said_in_words(home: Home, project: Path) -> None:
    for words in (
        ["exec", "dev", "--", "true"],
        ["exec", "dev/", "--", "true"],
        ["exec", "/Developer", "--", "true"],
        ["exec", "a/b", "c", "--", "true"],
        ["exec", "dev/Developer", "--profile", "dev", "--", "true"],
        ["exec", "dev/Developer", "--none", "--", "true"],
        ["exec", "--session", "acme", "--", "true"],
        ["exec", "dev/Developer", "--"],
        ["exec", "--"],
        ["exec", "--", ""],
        ["export", "dev"],
        ["whoami", "dev/Developer", "--profile", "dev"],
    ):
        result = home.ssoenv(*words, cwd=project)
        assert result.returncode == 2, (words, result.stderr)
        assert not result.stdout


def test_a_role_without_a_command_is_told_what_is_missing(home: Home, project: Path) -> None:
    for words in (("dev/Developer",), ("--serve", "dev/Developer")):
        told = home.ssoenv("exec", *words, cwd=project)
        assert (told.returncode, told.stdout) == (2, "")
        assert "try: ssoenv exec dev/Developer -- CMD" in told.stderr


def test_a_profile_of_the_aws_config_is_no_target_and_told_apart(home: Home) -> None:
    config = home.path / ".aws/config"
    config.parent.mkdir(exist_ok=True)
    config.write_text("[profile dev.ReadOnly]\nregion = eu-west-1\n")
    told = home.ssoenv("whoami", "dev.ReadOnly")
    assert (told.returncode, told.stdout) == (2, "")
    assert "'dev.ReadOnly' is a profile of your AWS config, not ACCOUNT/ROLE" in told.stderr
    assert "try: aws sts get-caller-identity --profile dev.ReadOnly" in told.stderr


@pytest.mark.parametrize(("words", "code"), [(["/etc"], 126), (["no-such-command"], 127)])
def test_a_command_that_cannot_run(home: Home, words: list[str], code: int) -> None:
    result = home.ssoenv("exec", "--none", "--", *words)

    assert (result.returncode, result.stdout) == (code, "")
    assert words[0] in result.stderr


def test_nothing_of_ours_and_all_of_theirs(home: Home) -> None:
    """What the hook says that it put there goes, and a managed profile without it, too."""
    theirs = {"AWS_REGION": "eu-west-3", "AWS_PAGER": "less", "AWS_CA_BUNDLE": "/ca"}
    live = {
        "SSOENV_DIR": "/p",
        "SSOENV_LABEL": "dev/Developer",
        "SSOENV_VARS": "AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN",
        "AWS_ACCESS_KEY_ID": "ASIAX",
        "AWS_SECRET_ACCESS_KEY": "s",
        "AWS_SESSION_TOKEN": "t",
        "AWS_SSO_PROFILE": "dev/Developer",
    }
    armed = {"AWS_PROFILE": "ssoenv/acme/111111111111/Developer"}
    for ours in (live, armed, {}):
        home.env |= theirs | ours
        ran = home.ssoenv("exec", "--none", "--", "python3", "-c", SHOW)
        env = json.loads(ran.stdout)[1]
        assert not set(env) & set(ours)
        assert {name: env[name] for name in theirs} == theirs
        for name in ours:
            home.env.pop(name)
    home.env |= {"AWS_PROFILE": "mine", "AWS_ACCESS_KEY_ID": "AKIAMINE"}
    env = json.loads(home.ssoenv("exec", "--none", "--", "python3", "-c", SHOW).stdout)[1]
    assert (env["AWS_PROFILE"], env["AWS_ACCESS_KEY_ID"]) == ("mine", "AKIAMINE")


def test_a_role_without_two_dashes_is_told_where_they_go(home: Home, project: Path) -> None:
    for cwd in (project, home.path):
        refused = home.ssoenv("exec", "prod/ReadOnly", "true", cwd=cwd)
        assert (refused.returncode, refused.stdout) == (2, "")
        assert "ssoenv exec prod/ReadOnly -- true" in refused.stderr


@pytest.mark.usefixtures("sandbox")
def test_outside_of_projects_a_role_can_be_named(home: Home) -> None:
    for words in (("whoami",), ("export",), ("exec", "--", "true")):
        told = home.ssoenv(*words)
        assert (told.returncode, told.stdout) == (2, "")
        assert "name a role, as in: ACCOUNT/ROLE" in told.stderr, words
        assert "try: cd PROJECT && ssoenv bind" in told.stderr


@pytest.mark.parametrize("named", ["prod", PROD])
@pytest.mark.parametrize("asked", ["prod", PROD])
@pytest.mark.parametrize("agent", ["", "1"])
def test_a_protected_role_is_that_whatever_its_session_is_called(
    home: Home, sandbox: Sandbox, named: str, asked: str, agent: str
) -> None:
    """By another address of the same Identity Center, and after its section was renamed."""
    config = home.path / ".aws/config"
    section = config.read_text()
    there = home.project("vault", VAULT.replace('"prod"', f'"{named}"'))
    home.ssoenv("trust", "--yes", cwd=there)
    url = f"{home.env['AWS_ENDPOINT_URL_SSO']}/sso/acme"
    alias = re.sub(r"sso_start_url = .*", f"sso_start_url = {url}", section).replace(
        "acme]", "alt]"
    )
    for session, text in (
        ("acme", section),
        ("alt", f"{section}\n{alias}"),
        ("corp", section.replace("[sso-session acme]", "[sso-session corp]")),
    ):
        config.write_text(text)
        assert home.ssoenv("login", session).returncode == 0
        words = ("--session", session, f"{asked}/ReadOnly", "--", "printenv", "AWS_ACCESS_KEY_ID")
        refused = home.ssoenv("exec", *words, CLAUDECODE=agent)
        assert (refused.returncode, refused.stdout) == (6, ""), (session, refused)
        assert f"{there}/.ssoenv.toml" in refused.stderr or "is protected" in refused.stderr


SHOW_REGION = ("--", "sh", "-c", "echo $AWS_REGION,$AWS_DEFAULT_REGION")


def test_a_role_that_no_file_names_has_a_region_all_the_same(home: Home, project: Path) -> None:
    """One's own, of the environment or of the AWS config; else that of the session."""

    def given(**more: str) -> str:
        ran = home.ssoenv("exec", "prod/ReadOnly", *SHOW_REGION, cwd=project, **more)
        return ran.stdout.strip()

    assert given() == "us-east-1,us-east-1"
    assert given(AWS_DEFAULT_REGION="eu-west-3") == ",eu-west-3"
    # What the hook put there for another role is not one's own.
    ours = {"AWS_REGION": "eu-west-1", "SSOENV_VARS": "AWS_REGION"}
    assert given(**ours) == "us-east-1,us-east-1"
    printed = home.ssoenv("export", "prod/ReadOnly", "--format", "dotenv", cwd=home.path)
    assert "AWS_REGION=us-east-1" in printed.stdout
    config = home.path / ".aws/config"
    config.write_text(config.read_text() + "\n[default]\nregion = ap-south-1\n")
    assert given() == ","


def test_of_several_sessions_it_is_that_of_the_project(home: Home, project: Path) -> None:
    config = home.path / ".aws/config"
    section = config.read_text().partition("[sso-session acme]")[2].partition("[")[0]
    config.write_text(config.read_text() + f"\n[sso-session beta]{section}")
    for words in (("whoami", "prod/ReadOnly"), ("console", "prod/ReadOnly", "--print")):
        done = home.ssoenv(*words, cwd=project)
        assert done.returncode == 0, done
        outside = home.ssoenv(*words)
        assert (outside.returncode, outside.stdout) == (2, "")
        assert "name one of them, as in: --session acme; or have a usual one" in outside.stderr


def test_keys_that_aws_refuses_are_replaced_by_whoami(
    home: Home, project: Path, sandbox: Sandbox
) -> None:
    """They have not ended by this machine's clock, so nothing else would ask for others."""
    show = ("exec", "--", "printenv", "AWS_ACCESS_KEY_ID")
    before = home.ssoenv(*show, cwd=project).stdout
    sandbox.state.keys.clear()
    probed = home.ssoenv("status", "--probe", "--check", cwd=project)
    assert probed.returncode == 6
    told = home.ssoenv("status", "--probe", cwd=project)
    assert "STS refused these credentials (InvalidClientTokenId)" in told.stdout + told.stderr
    assert "ssoenv whoami" in told.stdout + told.stderr
    answered = home.ssoenv("whoami", cwd=project)
    assert answered.returncode == 0, answered
    assert "assumed-role" in answered.stdout
    assert "STS refused these credentials (InvalidClientTokenId); asking for" in answered.stderr
    after = home.ssoenv(*show, cwd=project).stdout
    assert after.startswith("ASIA")
    assert after != before
    assert home.ssoenv("status", "--probe", "--check", cwd=project).returncode == 0


def test_a_role_that_is_misspelt_has_the_likely_one_named(home: Home, project: Path) -> None:
    for asked, meant in (
        ("prd/ReadOnly", "no such account; did you mean 'prod'?"),
        ("dev/Develper", "there; did you mean 'Developer'?"),
    ):
        told = home.ssoenv("exec", asked, "--", "true")
        assert (told.returncode, told.stdout) == (6, "")
        assert meant in told.stderr


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("exec dev/Develper -- echo Develper", "exec dev/Developer -- echo Develper"),
        ("exec prd/ReadOnly -- true", "exec prod/ReadOnly -- true"),
        ("exec prd/ReadOny -- true", "exec prod/ReadOnly -- true"),
        ("whoami stag/Dev", "whoami staging/Developer"),
        (
            "exec --serve-on 0.0.0.0 dev/Developer -- true",
            "exec --serve-on 169.254.170.2 dev/Developer -- true",
        ),
        ("exec dev -- ls -l", "exec --profile=dev -- ls -l"),
        ("exec --profile stagin -- true", "exec --profile staging -- true"),
        ("export --profile=stagin --format dotenv", "export --profile=staging --format dotenv"),
        ("bind --account prodd --role ReadOnly", "bind --account prod --role ReadOnly"),
        ("bind -a prod -r ReadOny", "bind -a prod -r ReadOnly"),
        ("roles --session acne prod", "roles --session acme prod"),
        ("roles --columns account_id,rloe", "roles --columns account_id,role"),
        ("use --answer stagin", "use staging"),
        ("use --save stagin", "use --save staging"),
        ("schema projet", "schema project"),
        ("whoami sandbox", "roles sandbox"),
        ("whoami nobody", "roles"),
        ("exec --profile stagin echo to=stagin", "exec --profile staging echo to=stagin"),
        (
            "exec --session acne dev/Developer -- echo acne",
            "exec --session acme dev/Developer -- echo acne",
        ),
        ("exec --serve --none -- true", "exec --none -- true"),
        ("export dev/Developer --format jsn", "export dev/Developer --format json"),
        ("login acme --port 8255 --device-code", "login acme --device-code"),
        ("login acme --port=8255 --no-browser --device-code", "login acme --device-code"),
        ("console dev/Developer --print --link", "console dev/Developer --link"),
        ("console dev/Developer --pick --print", "console --pick --print"),
        ("console dev/Developer --link --duration 2h", "console dev/Developer --link"),
        ("whoami dev/Developer --profile dev", "whoami dev/Developer"),
        ("trust --show -y", "trust --show"),
        ("roles --refresh --cached prod", "roles --refresh prod"),
        ("configure -s acme zzz --dry-run", "roles --session acme"),
        ("bind -s acme -a prod -r Ghost", "roles --session acme"),
    ],
)
def test_a_misspelt_word_is_corrected_in_the_line(
    home: Home, project: Path, line: str, meant: str
) -> None:
    assert home.ssoenv("roles", cwd=project).returncode == 0
    told = home.ssoenv(*line.split(), cwd=project)
    assert told.returncode
    assert not told.stdout
    assert told.stderr.splitlines()[-1] == f"  try: ssoenv {meant}"


@pytest.mark.parametrize("script", ["true\n" * 100, "x" * 500, "echo \x1b[31m"])
@pytest.mark.parametrize("typed", [("exec", "dev/Develper"), ("exec", "--profil", "dev")])
def test_a_line_that_nobody_can_read_is_not_proposed(
    home: Home, project: Path, typed: tuple[str, ...], script: str
) -> None:
    assert home.ssoenv("roles", cwd=project).returncode == 0
    told = home.ssoenv(*typed, "--", "sh", "-c", script, cwd=project)
    assert told.returncode
    assert len(told.stderr) < 400
    assert told.stderr.count("\n") == 2
    assert "\x1b" not in told.stderr


def test_what_is_misspelt_in_a_file_is_not_corrected_in_a_line(home: Home, project: Path) -> None:
    assert home.ssoenv("roles").returncode == 0
    misspelt = PROJECT.replace('"Developer"', '"Develper"').replace('"111111111111"', '"dev"')
    project.joinpath(".ssoenv.toml").write_text(misspelt)
    assert home.ssoenv("trust", "--yes", cwd=project).returncode == 0
    told = home.ssoenv("export", cwd=project)
    assert "did you mean 'Developer'?" in told.stderr
    assert told.stderr.splitlines()[-1] == "  try: ssoenv roles --session acme"


def test_a_check_knows_a_role_that_the_list_does_not_have(home: Home, project: Path) -> None:
    odd = home.project("odd", VAULT.replace('"prod"', '"prd"'))
    home.ssoenv("trust", "--yes", cwd=odd)
    assert home.ssoenv("roles").returncode == 0
    assert home.ssoenv("status", "--check", cwd=odd).returncode == 6
    assert home.ssoenv("status", "--check", cwd=project).returncode == 0


@pytest.mark.parametrize("by", ["age", "sign-in"])
def test_a_name_means_the_account_that_has_it_now(home: Home, project: Path, by: str) -> None:
    """A list that is old, or of an earlier sign-in, is asked for anew before it decides."""
    settings = home.path / ".config/ssoenv/config.toml"
    settings.parent.mkdir(parents=True, exist_ok=True)
    assert home.ssoenv("roles").returncode == 0
    found = kept_listings.load(home.env, "acme")
    assert found
    session = aws_config.find_session(home.env, "acme")

    def keep(names: dict[str, str]) -> None:
        """Have accounts called as they were once."""
        held = tuple(
            replace(one, account=replace(one.account, name=names.get(one.account.name, "x")))
            for one in found.held
        )
        keep_list(home.env, session, Listing(held, clock.now() - 7200 * (by == "age")))
        if by == "sign-in":
            assert home.ssoenv("login", "--force", "acme").returncode == 0

    keep({"prod": "old", "dev": "prod"})
    told = home.ssoenv("whoami", "prod/ReadOnly", "--json")
    assert json.loads(told.stdout)["Account"] == PROD
    keep({"prod": "old", "dev": "prod"})
    settings.write_text('never = ["prod:*"]')
    assert home.ssoenv("exec", f"{PROD}/ReadOnly", "--", "true").returncode == 6
    settings.unlink()
    keep({"prod": "old", "dev": "prod"})
    home.env |= {"AWS_ENDPOINT_URL_SSO": "http://127.0.0.1:1", "AWS_DATA_PATH": ""}
    # Without the service the list is better than none; no credentials are kept over a sign-in.
    done = home.ssoenv("exec", "old/ReadOnly", "--", "true")
    assert done.returncode == (0 if by == "age" else 7), done


def test_the_label_of_a_profile_is_told_from_a_role(home: Home, project: Path) -> None:
    text = PROJECT.replace("[profiles.staging]", "[profiles.live]").replace(
        "222222222222", "444444444444"
    )
    project.joinpath(".ssoenv.toml").write_text(text)
    assert home.ssoenv("trust", "--yes", cwd=project).returncode == 0
    assert home.ssoenv("roles").returncode == 0
    told = home.ssoenv("exec", "live/ReadOnly", "--", "true", cwd=project)
    assert (told.returncode, told.stdout) == (2, "")
    assert "live/ReadOnly is how the project here calls its profile live" in told.stderr
    assert "--profile=live" in told.stderr
    # An account of that name is an account.
    assert home.ssoenv("whoami", "prod/ReadOnly", cwd=project).returncode == 0
