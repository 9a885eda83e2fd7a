"""``ssoenv console``, as a person runs it, with a browser that keeps what it was shown."""

from __future__ import annotations

import json
import re
import sys
import urllib.request
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import pytest

from ssoenv.identity_center import kept_listings
from tests.conftest import PROJECT, VAULT, Copies, operations
from tests.screen import ssoenv
from tests.sign_in.people import wait_until

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from ssoenv.sandbox.server import Sandbox
    from tests.conftest import Home

CLOSED = "http://127.0.0.1:1"
BROWSER = f"""#!{sys.executable} -I
import os, sys, urllib.request
folder = os.path.dirname(sys.argv[0])
open(f"{{folder}}/words", "w").write("\\n".join(sys.argv[1:]))
opener = urllib.request.build_opener(urllib.request.ProxyHandler({{}}))
page = opener.open(sys.argv[-1]).read()
open(f"{{folder}}/part", "wb").write(page)
os.rename(f"{{folder}}/part", f"{{folder}}/page")
"""


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Copies:
    """A home where somebody is signed in and knows their roles, with ~/web and ~/vault trusted."""
    made = Copies(tmp_path_factory.getbasetemp() / "console")
    with made.making() as (home, sandbox):
        assert home.ssoenv("login", "acme").returncode == 0
        assert home.ssoenv("roles").returncode == 0
        for name, text in (("web", PROJECT), ("vault", VAULT)):
            there = home.project(name, text)
            assert home.ssoenv("trust", "--yes", cwd=there).returncode == 0
        made.keep("desk", home, sandbox)
    return made


@dataclass
class Desk:
    """Somebody at a desk, with a browser."""

    home: Home
    sandbox: Sandbox
    folder: Path

    def console(
        self, *words: str, cwd: str = "web", **env: str
    ) -> subprocess.CompletedProcess[str]:
        return self.home.ssoenv("console", *words, cwd=self.home.path / cwd, **env)

    def printed(self, *words: str, cwd: str = "web", **env: str) -> dict[str, str]:
        """What the page shows whose address ``--print`` prints."""
        result = self.console("--print", *words, cwd=cwd, **env)
        assert result.returncode == 0, result.stderr
        (address,) = result.stdout.splitlines()
        assert address not in result.stderr
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(address, timeout=20) as page:
            return facts(page.read().decode())

    def shown(self) -> dict[str, str]:
        """What the browser shows, once it does."""
        wait_until((self.folder / "page").exists)
        return facts((self.folder / "page").read_text())


def facts(page: str) -> dict[str, str]:
    rows = page.partition("<dl>")[2].partition("</dl>")[0].split("<dt>")[1:]
    pairs = [row.removesuffix("</dd>").split("</dt><dd>") for row in rows]
    return {name: unescape(value) for name, value in pairs}


@pytest.fixture
def desk(home: Home, sandbox: Sandbox, copies: Copies, tmp_path: Path) -> Desk:
    copies.lay("desk", home, sandbox)
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "browser").write_text(BROWSER)
    (folder / "browser").chmod(0o700)
    home.env["BROWSER"] = str(folder / "browser")
    return Desk(home, sandbox, folder)


def test_the_console_opens_as_the_role_of_the_directory(desk: Desk) -> None:
    result = desk.console()

    assert (result.returncode, result.stdout) == (0, "")
    page = desk.shown()
    assert page["Account"] == "dev (111111111111)"
    assert (page["Role"], page["Region"]) == ("Developer", "eu-west-1")
    assert page["Destination"] == "https://console.aws.amazon.com/console/home?region=eu-west-1"
    assert "the AWS console is open as dev/Developer in eu-west-1, for" in result.stderr
    (address,) = (desk.folder / "words").read_text().splitlines()
    assert address.startswith("http://127.0.0.1:")


def test_what_signs_in_is_said_and_kept_nowhere(desk: Desk) -> None:
    result = desk.home.ssoenv("-v", "console", "--duration", "1h", cwd=desk.home.path / "web")
    failed = desk.home.ssoenv(
        "-v", "console", "--print", cwd=desk.home.path / "web", AWS_ENDPOINT_URL_SIGNIN=CLOSED
    )
    assert (result.returncode, failed.returncode) == (0, 7)
    desk.shown()
    (token,) = desk.sandbox.state.signin_tokens
    secrets = [token, *(one.secret for one in desk.sandbox.state.keys.values())]
    words = (desk.folder / "words").read_text()
    assert not [one for one in secrets if one in result.stderr + failed.stderr + words]
    for path in desk.home.path.rglob("*"):
        assert not path.is_file() or token.encode() not in path.read_bytes(), path


def test_where_and_as_whom_is_as_it_was_asked_for(desk: Desk) -> None:
    console = "https://console.aws.amazon.com"
    for words, role, where in (
        ([], "Developer", f"{console}/console/home?region=eu-west-1"),
        (["--service", "s3"], "Developer", f"{console}/s3/home?region=eu-west-1"),
        (["staging/ReadOnly"], "ReadOnly", f"{console}/console/home?region=eu-north-1"),
        (["-p", "prod"], "ReadOnly", f"{console}/console/home?region=us-east-1"),
        (
            ["prod/Administrator", "--region", "us-west-2", "--destination", "/ec2/home#Volumes:"],
            "Administrator",
            f"{console}/ec2/home?region=us-west-2#Volumes:",
        ),
        (["--logout-first"], "Developer", f"{console}/console/home?region=eu-west-1"),
    ):
        # A region of another partition is none that this role can have.
        regions = {"AWS_REGION": "cn-north-1", "AWS_DEFAULT_REGION": "eu-north-1"}
        page = desk.printed(*words, **regions)
        assert (page["Role"], page["Destination"]) == (role, where), words
    assert operations(desk.sandbox, "ConsoleLogout") == 1


def test_a_shell_that_is_live_and_one_that_is_not_open_the_same(desk: Desk) -> None:
    keys = json.loads(
        desk.home.ssoenv("export", "--format", "json", cwd=desk.home.path / "web").stdout
    )
    live = keys | {"SSOENV_DIR": str(desk.home.path / "web"), "SSOENV_VARS": " ".join(keys)}
    armed = {"SSOENV_DIR": str(desk.home.path / "web"), "AWS_PROFILE": "ssoenv"}
    for env in (live, armed):
        for cwd in ("web", "."):
            page = desk.printed(cwd=cwd, **env)
            assert (page["Account"], page["Role"]) == ("dev (111111111111)", "Developer")


def test_who_is_not_signed_in_signs_in_on_the_way(desk: Desk) -> None:
    assert desk.home.ssoenv("logout", "acme").returncode == 0
    nobody = desk.console("--print")
    assert (nobody.returncode, nobody.stdout) == (3, "")

    screen = ssoenv(desk.home.env, str(desk.home.path / "web"), "console")
    screen.wait("ssoenv console needs a sign-in to acme")
    assert screen.end() == 0
    wait_until(lambda: desk.shown().get("Role") == "Developer")


def test_how_long_it_lasts(desk: Desk) -> None:
    result = desk.console("--print", "--duration", "8h")
    assert (result.returncode, result.stdout.count("\n")) == (0, 1)
    assert "for 8 h" in result.stderr
    assert "works for 15 minutes" in result.stderr
    too_long = desk.console("--print", "--duration", "13h")
    assert (too_long.returncode, too_long.stdout) == (2, "")
    assert "say: --duration 12h" in too_long.stderr


def test_how_long_it_lasts_by_the_settings(desk: Desk) -> None:
    settings = desk.home.path / ".config/ssoenv/config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text("console_duration = 28800\n")
    assert "for 8 h" in desk.console("--print").stderr
    assert "for 1 h" in desk.console("--print", "--duration", "1h").stderr
    # A role that may not have so long has what it may.
    desk.sandbox.fail("GetSigninToken", 400)
    less = desk.console("--print")
    assert less.returncode == 0, less.stderr
    assert re.search(r"for (59 min|1 h)$", less.stderr, re.MULTILINE)
    # Keys of another tool may be of such a role, and tell no end.
    theirs = desk.console("--print", cwd=".", **keys_of(desk, "ReadOnly"))
    assert theirs.stderr.splitlines()[0].endswith("as staging/ReadOnly in eu-west-3")
    settings.write_text("console_duration = 60\n")
    assert desk.console("--print").returncode == 5


def keys_of(desk: Desk, *words: str) -> dict[str, str]:
    """What another tool would export: keys of which ssoenv knows nothing."""
    state = desk.sandbox.state
    key_id, keys = state.new_keys("222222222222", words[0], "alice")
    return {
        "AWS_ACCESS_KEY_ID": key_id,
        "AWS_SECRET_ACCESS_KEY": keys.secret,
        "AWS_SESSION_TOKEN": keys.token,
        "AWS_REGION": "eu-west-3",
    }


def test_keys_that_another_tool_exported(desk: Desk) -> None:
    env = keys_of(desk, "ReadOnly")
    page = desk.printed("--service", "ec2", cwd=".", **env)
    assert (page["Account"], page["Role"]) == ("staging (222222222222)", "ReadOnly")
    assert page["Region"] == "eu-west-3"
    # In a project, the project's role counts.
    assert desk.printed(**env)["Account"] == "dev (111111111111)"

    user = desk.console("--print", cwd=".", **(env | {"AWS_SESSION_TOKEN": ""}))
    assert (user.returncode, user.stdout) == (2, "")
    assert "of no session" in user.stderr

    ended = desk.console("--print", cwd=".", **(env | {"AWS_SESSION_TOKEN": "x"}))
    assert (ended.returncode, ended.stdout) == (6, "")
    assert "another tool" in ended.stderr


def test_no_key_gets_round_what_the_person_rules_out_or_protects(desk: Desk) -> None:
    env = keys_of(desk, "ReadOnly")
    settings = desk.home.path / ".config/ssoenv/config.toml"
    settings.parent.mkdir(parents=True)
    for text, said in (
        ('never = ["staging:*"]', "your settings never allow staging/ReadOnly"),
        ('protect = ["222222222222"]', "is protected, and there is nobody at a terminal"),
    ):
        settings.write_text(text)
        refused = desk.console("--print", cwd=".", **env)
        assert (refused.returncode, refused.stdout) == (6, "")
        assert said in refused.stderr
    settings.write_text('never = ["sta*:*"]')
    kept_listings.forget(desk.home.env, "acme")
    unknown = desk.console("--print", cwd=".", **env)
    assert (unknown.returncode, unknown.stdout) == (6, "")
    assert "try: ssoenv roles" in unknown.stderr
    assert desk.home.ssoenv("roles").returncode == 0
    settings.write_text('protect = ["*:ReadOnly"]')
    allowed = {"SSOENV_ALLOW_PROTECTED": "staging/ReadOnly"}
    assert desk.printed(cwd=".", **env, **allowed)["Role"] == "ReadOnly"
    assert operations(desk.sandbox, "GetSigninToken") == 1


def test_a_protected_role_asks_first(desk: Desk) -> None:
    for words in ((), ("--print",), ("prod/ReadOnly", "--print")):
        refused = desk.console(*words, cwd="vault")
        assert (refused.returncode, refused.stdout) == (6, "")
        assert "is protected" in refused.stderr
    assert operations(desk.sandbox, "GetSigninToken") == 0

    screen = ssoenv(desk.home.env, str(desk.home.path / "vault"), "console")
    screen.wait("ssoenv console wants ReadOnly in account prod")
    screen.send("y\r")
    assert screen.end() == 0
    assert desk.shown()["Account"] == "prod (333333333333)"


def test_outside_of_projects_one_picks(desk: Desk) -> None:
    screen = ssoenv(desk.home.env, str(desk.home.path), "console", "--service", "iam")
    screen.wait("Enter picks")
    screen.send("stag read")
    screen.wait("1 of 7")
    screen.send("\r")
    assert screen.end() == 0
    assert desk.shown()["Account"] == "staging (222222222222)"

    # In a project one picks from all that its session has.
    with (desk.home.path / ".aws/config").open("a") as config:
        config.write("[sso-session beta]\nsso_start_url = https://d-1.awsapps.com/start\n")
        config.write("sso_region = us-east-1\n")
    screen = ssoenv(desk.home.env, str(desk.home.path / "web"), "console", "--pick", "--print")
    screen.wait("Enter picks")
    screen.send("\x1b")
    assert screen.end() == 130

    wrong = desk.console("--pick", "--service", "a b")  # told before anybody picks
    assert "no name of a service" in wrong.stderr
    nobody = desk.console("--pick")
    assert nobody.returncode == 2
    assert "try: ssoenv console ACCOUNT/ROLE" in nobody.stderr


def test_what_cannot_be_is_told_before_anything_is_fetched(desk: Desk) -> None:
    before = len(desk.sandbox.requests())
    for words, code, said in (
        (["--service", "s3", "--destination", "/s3"], 2, "not both"),
        (["--destination", "https://evil.example/"], 2, "no address of the AWS console"),
        (["--service", "a b"], 2, "no name of a service"),
        (["--region", "cn-north-1"], 2, "cn-north-1 is in aws-cn"),
        (["--region", "evil.example/"], 2, "no region"),
        (["--print", "--browser", "x"], 2, "--print goes alone"),
        (["--browser", "no-such-browser"], 2, "no program 'no-such-browser'"),
        (["--browser", "lynx"], 2, "no command that opens a page of its own"),
        (["--pick", "dev/Developer"], 2, "either --pick or a role"),
    ):
        refused = desk.console(*words)
        assert (refused.returncode, refused.stdout) == (code, ""), (words, refused.stderr)
        assert said in refused.stderr
    no_browser = desk.console(BROWSER="", CI="true")
    assert no_browser.returncode == 1
    assert "try: ssoenv console --print" in no_browser.stderr
    poisoned = desk.console("--print", AWS_ENDPOINT_URL_SIGNIN="https://evil.example")
    assert (poisoned.returncode, poisoned.stdout) == (5, "")
    assert len(desk.sandbox.requests()) == before


def test_the_settings_choose_the_browser(desk: Desk) -> None:
    settings = desk.home.path / ".config/ssoenv/config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text(
        'browser = "no-such-browser"\n'
        f"console_browser = \"'{desk.folder}/browser' --profile-directory=%l %s\"\n"
    )
    assert desk.console("staging/ReadOnly", BROWSER="").returncode == 0
    assert desk.shown()["Account"] == "staging (222222222222)"
    words = (desk.folder / "words").read_text().splitlines()
    assert words[0] == "--profile-directory=staging-ReadOnly"


def test_the_endpoint_fails(desk: Desk) -> None:
    for status, words in ((503, []), (400, ["--duration", "1h"])):
        desk.sandbox.fail("GetSigninToken", status)
        failed = desk.console("--print", *words)
        assert (failed.returncode, failed.stdout) == (7, "")
        assert "the sign-in of the AWS console" in failed.stderr
        assert ("--duration" in failed.stderr) == (status == 400)
        assert len(failed.stderr.splitlines()) <= 3


def test_a_link_for_others_holds_no_secret(desk: Desk) -> None:
    before = len(desk.sandbox.requests())
    portal = "https://d-0000000000.awsapps.com/start/#/console?"
    for words, cwd, account, role, where in (
        ([], "web", "111111111111", "Developer", "console/home?region=eu-west-1"),
        (
            ["prod/Administrator"],
            ".",
            "333333333333",
            "Administrator",
            "console/home?region=us-east-1",
        ),
        # Nobody is asked: nothing is used.
        (["--service", "s3"], "vault", "333333333333", "ReadOnly", "s3/home?region=us-east-1"),
    ):
        # It is no secret, so an agent may have it.
        result = desk.console("--link", *words, cwd=cwd, CLAUDECODE="1")
        assert result.returncode == 0, result.stderr
        assert result.stdout.startswith(portal)
        assert parse_qs(result.stdout.strip().removeprefix(portal)) == {
            "account_id": [account],
            "role_name": [role],
            "destination": [f"https://console.aws.amazon.com/{where}"],
        }
    for words, said in (
        (["--duration", "1h"], "takes no --duration"),
        (["--print"], "goes alone"),
        (["--browser", "x"], "goes alone"),
        (["nowhere/Developer"], "is not known"),
    ):
        refused = desk.console("--link", *words)
        assert (refused.returncode, refused.stdout) == (2, ""), words
        assert said in refused.stderr
    theirs = desk.console("--link", cwd=".", **keys_of(desk, "ReadOnly"))
    assert (theirs.returncode, theirs.stdout) == (2, "")
    assert len(desk.sandbox.requests()) == before


@pytest.mark.parametrize("words", [[], ["--print"], ["dev/Developer", "--print"]])
def test_an_agent_opens_and_prints_no_console(desk: Desk, words: list[str]) -> None:
    """It would outlast the credentials, and be a person's in the browser."""
    refused = desk.console(*words, CLAUDECODE="1")
    assert (refused.returncode, refused.stdout) == (4, "")
    assert "only a person can say yes" in refused.stderr
    assert operations(desk.sandbox, "GetSigninToken") == 0
