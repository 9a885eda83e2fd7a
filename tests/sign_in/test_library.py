"""``import ssoenv``, as a program has it: the rules are those of the command line."""

from __future__ import annotations

import logging
import os
import re
import subprocess
import sys
import threading
import traceback
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import ssoenv
from ssoenv.aws_files import token_cache
from ssoenv.base import clock
from ssoenv.binding import file as binding_file
from ssoenv.shells import answers
from ssoenv.trust import grants
from tests.conftest import PROJECT, VAULT
from tests.sign_in.people import ACME

if TYPE_CHECKING:
    from tests.sign_in.people import Person

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def program(alice: Person, monkeypatch: pytest.MonkeyPatch) -> Person:
    """This very process, as a program of alice's that runs in her home."""
    for name in os.environ:
        monkeypatch.delenv(name)
    for name, value in alice.env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(alice.home.path)
    return alice


def settings(program: Person, text: str) -> None:
    path = program.home.path / ".config/ssoenv/config.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def trusted(program: Person, name: str, text: str = PROJECT) -> Path:
    project = program.home.project(name, text)
    path = project / ".ssoenv.toml"
    grants.grant_here(binding_file.parse(path.read_bytes(), str(path)), os.environ)
    return project


def arn(session: Any) -> str:
    return str(session.client("sts", region_name="us-east-1").get_caller_identity()["Arn"])


def said(failure: ssoenv.SsoenvError) -> str:
    return "\n".join([str(failure), *getattr(failure, "__notes__", ())])


# get_boto3_session


def test_nobody_is_signed_in_unasked(program: Person) -> None:
    with pytest.raises(ssoenv.SignInRequired) as refused:
        ssoenv.get_boto3_session("111111111111", "Developer")

    assert "get_boto3_session() asks nobody" in str(refused.value)
    assert "try: ssoenv login acme" in said(refused.value)
    assert "ssoenv.login('acme')" in said(refused.value)
    assert program.calls("RegisterClient") == 0


def test_a_sign_in_that_is_asked_for_comes_once(program: Person) -> None:
    pages: list[ssoenv.SignInPage] = []

    session = ssoenv.get_boto3_session(
        "dev", "Dev", login=True, handler=pages.append, region="eu-west-3"
    )

    assert "AWSReservedSSO_Developer_" in arn(session)
    assert session.region_name == "eu-west-3"
    assert [page.session for page in pages] == ["acme"]
    assert pages[0].opened
    assert "AWSReservedSSO_ReadOnly_" in arn(
        ssoenv.get_boto3_session("staging", "ReadOnly", login=True)
    )
    assert program.calls("Authorize") == 1


@pytest.mark.parametrize("account", ["dev", "111111111111", "11111", "de"])
def test_accounts_by_name_id_and_start(program: Person, account: str) -> None:
    program.hold(3600)

    assert "::111111111111:" in arn(ssoenv.get_boto3_session(account, "Developer", "acme"))


def test_an_id_needs_no_list(program: Person) -> None:
    program.hold(3600)

    ssoenv.get_boto3_session("111111111111", "Developer")

    assert program.calls("ListAccounts") == 0
    assert program.calls("GetRoleCredentials") == 1


def test_the_first_role_that_is_held(program: Person) -> None:
    program.hold(3600)

    session = ssoenv.get_boto3_session("prod", ["Nobody", "ReadOnly"])

    assert "AWSReservedSSO_ReadOnly_" in arn(session)


@pytest.mark.parametrize(
    ("wanted", "kind", "word"),
    [
        ({"account": "dev"}, ssoenv.UsageError, "account and role go together"),
        ({"role": "Developer"}, ssoenv.UsageError, "account and role go together"),
        ({"account": "", "role": "Developer"}, ssoenv.UsageError, "neither is empty"),
        ({"account": "dev", "role": ["Developer", ""]}, ssoenv.UsageError, "neither is empty"),
        ({"account": "dev", "role": "R", "profile": "x"}, ssoenv.UsageError, "either profile"),
        ({"session": "acme"}, ssoenv.UsageError, "session goes with"),
        ({"profile": "dev"}, ssoenv.UsageError, "no .ssoenv.toml in"),
        ({}, ssoenv.UsageError, "no .ssoenv.toml in"),
        ({"account": "x", "role": "Developer"}, ssoenv.AccessDenied, "no account 'x'"),
        ({"account": "dev", "role": "Zz"}, ssoenv.AccessDenied, "do not hold 'Zz'"),
        ({"account": "1" * 12, "role": "Nobody"}, ssoenv.AccessDenied, "not assigned"),
        ({"account": "dev", "role": "D", "session": "acne"}, ssoenv.InvalidConfiguration, "'acme'?"),
    ],
)  # fmt: skip
def test_what_cannot_be(
    program: Person, wanted: dict[str, Any], kind: type[Exception], word: str
) -> None:
    program.hold(3600)

    with pytest.raises(kind, match=word):
        ssoenv.get_boto3_session(**wanted)


def test_the_role_of_the_directory(program: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    program.hold(3600)
    web = trusted(program, "web")
    (web / "envs/prod/deep").mkdir(parents=True)
    monkeypatch.chdir(web / "envs/prod/deep")
    here, named = ssoenv.get_boto3_session(), ssoenv.get_boto3_session(profile="dev")

    assert ("::333333333333:" in arn(here), here.region_name) == (True, "us-east-1")
    assert ("::111111111111:" in arn(named), named.region_name) == (True, "eu-west-1")
    with pytest.raises(ssoenv.UsageError, match="no profile 'deve'"):
        ssoenv.get_boto3_session(profile="deve")


def test_what_is_not_trusted_gives_nothing(
    program: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    program.hold(3600)
    monkeypatch.chdir(program.home.project("clone"))

    with pytest.raises(ssoenv.NotTrusted) as refused:
        ssoenv.get_boto3_session()

    assert "try: ssoenv trust" in said(refused.value)
    assert program.calls("GetRoleCredentials") == 0


def test_a_traceback_holds_nothing_that_a_terminal_obeys(
    program: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = program.home.project("clone\x1b]0;evil\a", 'session = "\\u001b"\n')
    monkeypatch.chdir(clone)

    with pytest.raises(ssoenv.InvalidConfiguration) as refused:
        ssoenv.get_boto3_session()

    shown = "".join(traceback.format_exception(refused.value))
    assert "session is empty or holds control characters" in shown
    assert "\\x1b]0;evil" in shown
    assert not {"\x1b", "\a"} & {*shown}


def test_a_protected_role_is_not_used_unasked(
    program: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    program.hold(3600)
    monkeypatch.chdir(trusted(program, "vault", VAULT))
    of_files: tuple[dict[str, Any], ...] = ({}, {"account": "prod", "role": "ReadOnly"})
    for wanted in of_files:
        with pytest.raises(
            ssoenv.AccessDenied, match=r"protected, and get_boto3_session\(\) asks nobody"
        ):
            ssoenv.get_boto3_session(login=True, **wanted)
    answer = Path(answers.file(os.environ, "acme/333333333333/ReadOnly") or "")
    answer.parent.mkdir(parents=True)
    answer.write_bytes(b"")
    os.utime(answer, (clock.now() + 60,) * 2)  # a yes, in this very terminal
    assert "::333333333333:" in arn(ssoenv.get_boto3_session())
    answer.unlink()
    monkeypatch.setenv("SSOENV_ALLOW_PROTECTED", "prod/ReadOnly")

    assert "::333333333333:" in arn(ssoenv.get_boto3_session())


def test_never_is_never(program: Person) -> None:
    program.hold(3600)
    settings(program, 'never = ["dev:*"]\n')

    with pytest.raises(ssoenv.AccessDenied, match="never allow dev/Developer"):
        ssoenv.get_boto3_session("111111111111", "Developer")
    assert program.calls("GetRoleCredentials") == 0


def test_an_agent_gets_what_the_project_gives_it_and_signs_nobody_in(
    program: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    program.hold(3600)
    monkeypatch.chdir(trusted(program, "web", f'agent = "staging"\n{PROJECT}'))
    monkeypatch.setenv("CLAUDECODE", "1")

    assert "::222222222222:" in arn(ssoenv.get_boto3_session())
    with pytest.raises(ssoenv.AccessDenied, match="Claude Code gets no role but that of staging"):
        ssoenv.get_boto3_session("prod", "ReadOnly", login=True)
    with pytest.raises(ssoenv.SignInRequired, match="only a person can say yes"):
        ssoenv.login(force=True)
    assert program.calls("RegisterClient") == 0


def test_other_roles_of_the_environment_have_no_say(
    program: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    program.hold(3600)
    monkeypatch.setenv("AWS_PROFILE", "gone")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "ASIAOTHER")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "other")

    assert "::222222222222:" in arn(ssoenv.get_boto3_session("222222222222", "ReadOnly", "acme"))


def test_of_many_threads_one_signs_in_and_asks_the_service(program: Person) -> None:
    begin, pages = threading.Barrier(8), list[ssoenv.SignInPage]()

    def use(_: int) -> str:
        begin.wait()
        found = ssoenv.get_boto3_session("dev", "Developer", login=True, handler=pages.append)
        return arn(found)

    with ThreadPoolExecutor(8) as pool:
        assert len({*pool.map(use, range(8))}) == 1
    assert (len(pages), program.calls("GetRoleCredentials")) == (1, 1)


def later(program: Person, monkeypatch: pytest.MonkeyPatch, session: Any, seconds: int) -> None:
    """Let `seconds` pass, for everybody: a new object tells botocore what time it is."""
    program.sandbox.state.advance(seconds)
    now = datetime.fromtimestamp(program.sandbox.state.now(), UTC)
    monkeypatch.setattr(clock, "now", lambda: int(now.timestamp()))
    vars(session.get_credentials())["_time_fetcher"] = lambda: now


def test_credentials_are_got_anew_by_one_of_many_threads(
    program: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    program.hold(10 * 3600)
    session = ssoenv.get_boto3_session("dev", "Developer")
    credentials = session.get_credentials()
    assert credentials
    first = credentials.get_frozen_credentials()
    assert first == credentials.get_frozen_credentials()
    later(program, monkeypatch, session, 3500)

    with ThreadPoolExecutor(8) as pool:
        found = {*pool.map(lambda _: credentials.get_frozen_credentials().access_key, range(8))}

    assert found
    assert first.access_key not in found
    assert len(found) == 1
    assert program.calls("GetRoleCredentials") == 2


def test_when_the_session_has_ended_a_client_says_so(
    program: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    program.hold(3600, refreshable=False)
    session = ssoenv.get_boto3_session("dev", "Developer", region="us-east-1")
    client = session.client("sts")
    later(program, monkeypatch, session, 3700)

    with pytest.raises(ssoenv.SignInRequired):
        client.get_caller_identity()


def test_a_file_that_changed_gives_no_more_credentials(
    program: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    program.hold(10 * 3600)
    web = trusted(program, "web")
    monkeypatch.chdir(web)
    session = ssoenv.get_boto3_session()
    client = session.client("sts")
    monkeypatch.chdir(program.home.path)  # the role stays that of where it began
    later(program, monkeypatch, session, 3500)
    assert "::111111111111:" in client.get_caller_identity()["Arn"]
    later(program, monkeypatch, session, 3500)
    (web / ".ssoenv.toml").write_text(PROJECT.replace("Developer", "Admin"))

    with pytest.raises(ssoenv.NotTrusted, match="was changed"):
        client.get_caller_identity()


@pytest.mark.parametrize("named", [None, ACME.start_url, "d-0000"])
def test_without_a_config_the_environment_names_the_identity_center(
    program: Person, monkeypatch: pytest.MonkeyPatch, named: str | None
) -> None:
    (program.home.path / ".aws/config").unlink()
    monkeypatch.setenv("AWS_DEFAULT_SSO_START_URL", ACME.start_url)
    monkeypatch.setenv("AWS_DEFAULT_SSO_REGION", ACME.region)
    session = ssoenv.get_boto3_session("dev", "Developer", named, login=True)
    assert "::111111111111:" in session.client("sts", "us-east-1").get_caller_identity()["Arn"]
    assert {one.account_name for one in ssoenv.list_assignments(named)} >= {"dev", "prod"}
    assert ssoenv.logout(named)


def test_a_role_that_its_file_has_come_to_protect_is_not_renewed(
    program: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A renewal is asked as a new session would be."""
    program.hold(10 * 3600)
    web = trusted(program, "web")
    monkeypatch.chdir(web)
    session = ssoenv.get_boto3_session()
    text = (web / ".ssoenv.toml").read_text()
    (web / ".ssoenv.toml").write_text(
        text.replace("[profiles.dev]", "[profiles.dev]\nprotect = true")
    )
    assert program.home.ssoenv("trust", "--yes", cwd=web).returncode == 0
    with pytest.raises(ssoenv.AccessDenied):
        ssoenv.get_boto3_session()
    later(program, monkeypatch, session, 3500)
    with pytest.raises(ssoenv.AccessDenied):
        session.client("sts").get_caller_identity()


def test_nothing_of_our_calls_is_in_the_log_of_a_program(
    program: Person, caplog: pytest.LogCaptureFixture
) -> None:
    """By DEBUG botocore writes requests and answers as they are; a program's own it goes on to."""
    caplog.set_level(logging.DEBUG)
    ssoenv.login()
    session = ssoenv.get_boto3_session("dev", "Developer")
    ssoenv.login(force=True)
    list(ssoenv.list_assignments(max_age=timedelta(0)))
    ssoenv.logout()
    state, logged = program.sandbox.state, "\n".join(one.getMessage() for one in caplog.records)
    secrets = [*state.tokens, *state.refresh_tokens, *(key.secret for key in state.keys.values())]
    secrets += [key.token for key in state.keys.values()]
    secrets += [client.secret for client in state.clients.values()]
    assert len(secrets) >= 5
    assert not [secret for secret in secrets if secret in logged]
    session.client("sts", "us-east-1").get_caller_identity()
    assert "GetCallerIdentity" in "\n".join(one.getMessage() for one in caplog.records)


# login


def test_login_tells_what_a_person_needs_and_no_token(
    program: Person, capfd: pytest.CaptureFixture[str]
) -> None:
    done = ssoenv.login()

    told = capfd.readouterr()
    assert (done.session, done.start_url, done.renewable) == ("acme", ACME.start_url, True)
    assert timedelta(minutes=59) < done.expires_at - datetime.now(UTC) <= timedelta(hours=1)
    assert told.out == ""
    assert "signing in to acme" in told.err
    assert "/authorize?" in told.err
    held = token_cache.load_token(os.environ, ACME)
    assert held
    assert not {held.access_token, held.refresh_token} & {*repr((done, told)).split("'")}
    assert held.access_token not in repr(done) + told.err
    assert ssoenv.login() == done
    assert program.calls("CreateToken") == 1


def test_a_device_code_for_a_handler_of_ones_own(
    program: Person, capfd: pytest.CaptureFixture[str]
) -> None:
    program.sandbox.set_approve("ask", "alice")
    pages: list[ssoenv.SignInPage] = []

    def approve(page: ssoenv.SignInPage) -> None:
        pages.append(page)
        program.sandbox.set_approve("auto", "alice")
        urllib.request.urlopen(page.direct_url).close()  # noqa: S310 - the sandbox

    done = ssoenv.login("acme", disable_browser=True, handler=approve)

    assert done.session == "acme"
    assert len(pages) == 1
    assert pages[0].code
    assert pages[0].code in pages[0].direct_url
    assert pages[0].code not in pages[0].url
    assert not pages[0].opened
    assert capfd.readouterr() == ("", "")
    assert program.calls("Authorize") == 0


def test_a_page_that_nobody_opens(program: Person) -> None:
    def open_it(page: ssoenv.SignInPage) -> None:
        assert not page.opened
        assert page.code is None
        threading.Thread(target=lambda: urllib.request.urlopen(page.url).close()).start()  # noqa: S310

    done = ssoenv.login(device_code=False, disable_browser=True, handler=open_it)

    assert done.renewable


def test_a_declined_sign_in(program: Person) -> None:
    program.sandbox.set_approve("deny")

    with pytest.raises(ssoenv.SignInDenied, match="declined"):
        ssoenv.login(device_code=True, handler=lambda _: None)
    with pytest.raises(ssoenv.SignInRequired):
        ssoenv.get_boto3_session("dev", "Developer")


def test_the_time_that_a_token_has_to_last(program: Person) -> None:
    program.hold(1800)
    assert ssoenv.login(expiry_window=900).expires_at < datetime.now(UTC) + timedelta(minutes=31)
    assert program.calls("CreateToken") == 0

    refreshed = ssoenv.login(expiry_window=timedelta(minutes=45))

    assert refreshed.expires_at > datetime.now(UTC) + timedelta(minutes=45)
    assert (program.calls("CreateToken"), program.calls("Authorize")) == (1, 0)
    assert ssoenv.login(expiry_window=7200).renewable  # more than it lasts: a session from now on
    assert (program.calls("CreateToken"), program.calls("Authorize")) == (3, 1)
    with pytest.raises(ssoenv.UsageError, match="expiry_window"):
        ssoenv.login(expiry_window=-1)


def test_a_token_that_cannot_be_renewed_lasts_as_long_or_that_is_an_error(
    program: Person,
) -> None:
    config = program.home.path / ".aws/config"
    config.write_text("\n".join(one for one in config.read_text().splitlines() if "sso_registration_scopes" not in one))  # fmt: skip

    with pytest.raises(ssoenv.SsoenvError, match=r"lasts .*, and expiry_window asks for 8 h"):
        ssoenv.login(device_code=True, handler=lambda _: None, expiry_window=8 * 3600)
    assert not ssoenv.login(device_code=True, expiry_window=3000).renewable


def test_a_job_of_ci_that_a_person_waits_for(
    program: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No browser is there, and nobody at a terminal: a code, and only because the job asks."""
    monkeypatch.setenv("CI", "true")
    monkeypatch.delenv("BROWSER")
    with pytest.raises(ssoenv.SignInRequired):
        ssoenv.get_boto3_session("dev", "Developer")
    pages: list[ssoenv.SignInPage] = []

    session = ssoenv.get_boto3_session("dev", "Developer", login=True, handler=pages.append)

    assert "::111111111111:" in arn(session)
    assert pages[0].code


def test_signing_out(program: Person) -> None:
    program.hold(3600)
    session = ssoenv.get_boto3_session("dev", "Developer")

    assert ssoenv.logout("acme")
    assert not ssoenv.logout()
    assert program.calls("Logout") == 1
    with pytest.raises(ssoenv.SignInRequired):
        ssoenv.get_boto3_session("dev", "Developer")
    assert "::111111111111:" in arn(session)  # AWS takes them until they end, whoever signs out


# list_assignments and binding_for


def test_the_list_of_what_one_may_assume(program: Person) -> None:
    with pytest.raises(ssoenv.SignInRequired, match=r"list_assignments\(\) asks nobody"):
        ssoenv.list_assignments()
    program.hold(3600)

    listed = ssoenv.list_assignments()

    first = next(listed)
    assert (first.session, first.email) == ("acme", f"{first.account_name}@acme.example")
    rest = [*listed]
    assert ("prod", "333333333333", "ReadOnly") in {(one.account_name, one.account_id, one.role) for one in rest}  # fmt: skip
    assert program.calls("ListAccounts") == 1
    assert [*ssoenv.list_assignments(max_age=timedelta(minutes=5))] == [first, *rest]
    assert program.calls("ListAccounts") == 1
    assert [*ssoenv.list_assignments()] == [first, *rest]
    assert program.calls("ListAccounts") == 2


def test_what_a_file_says(program: Person) -> None:
    assert ssoenv.binding_for() is None
    clone = program.home.project("clone")
    (clone / "src").mkdir()
    found = ssoenv.binding_for(clone / "src/main.py")
    assert found
    assert (found.file, found.status, found.trusted) == (
        f"{clone}/.ssoenv.toml",
        "untrusted",
        False,
    )
    assert isinstance(found.problem, ssoenv.NotTrusted)
    assert (found.profile, [*found.profiles]) == (None, ["dev", "staging", "prod"])

    trusted(program, "clone")
    settings(program, 'protect = ["staging"]\n')
    found = ssoenv.binding_for("clone/envs/prod")
    assert found
    assert found.profile
    assert (found.session, found.profile.name, found.profile.region) == (
        "acme",
        "prod",
        "us-east-1",
    )
    assert found.chosen_by == f"[paths] of {clone}/.ssoenv.toml"
    assert found.profile.verdict == "unknown"  # an account by its id: the list tells its name
    program.hold(3600)
    assert any(ssoenv.list_assignments())
    found = ssoenv.binding_for(clone)
    assert found
    assert {name: one.verdict for name, one in found.profiles.items()} == {"dev": "allowed", "staging": "ask", "prod": "allowed"}  # fmt: skip
    assert found.profiles["dev"].held == "Developer"
    with pytest.raises(TypeError):
        found.profiles["dev"] = found.profiles["prod"]  # type: ignore[index]

    (clone / ".ssoenv.toml").write_text("session = 1\n")
    broken = ssoenv.binding_for(clone)
    assert broken
    assert (broken.status, broken.session, {**broken.profiles}) == ("invalid", "", {})
    assert isinstance(broken.problem, ssoenv.InvalidConfiguration)
    assert ".ssoenv.toml:1: session must be a string, not 1" in said(broken.problem)


# the package


def test_nothing_is_loaded_before_it_is_used() -> None:
    probe = (
        "import sys; before = set(sys.modules); import ssoenv; ssoenv.__all__; dir(ssoenv)\n"
        "print(*sorted(set(sys.modules) - before))\n"
        "ssoenv.login; print('boto3' in sys.modules, 'typer' in sys.modules)"
    )
    words = [sys.executable, "-I", "-c", probe]
    done = subprocess.run(words, capture_output=True, text=True, check=True)

    assert done.stdout == "ssoenv\nFalse False\n"
    for name in ssoenv.__all__:
        assert getattr(ssoenv, name) is not None
    with pytest.raises(AttributeError, match="has no attribute 'logon'"):
        _ = ssoenv.logon


def test_the_examples_of_the_page_run(
    program: Person, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    page = (ROOT / "docs/library.md").read_text()
    program.hold(1000)
    monkeypatch.chdir(trusted(program, "web"))
    names: dict[str, Any] = {}
    for example in re.findall(r"```python\n(.*?)```", page, re.DOTALL):
        exec(example, names)  # noqa: S102 - our own page

    told = capfd.readouterr().out
    assert "AWSReservedSSO_Developer_" in told
    assert "dev 111111111111 ('Developer',) the default of " in told
    assert "you do not hold 'Nobody' in prod" in told
    table = page.split("## A boto3 session")[0]
    assert {*re.findall(r"^\| `(\w+)\(", table, re.MULTILINE)} == {
        "get_boto3_session", "login", "logout", "list_assignments", "binding_for"
    }  # fmt: skip


PROGRAM = """
from collections.abc import Iterator
from datetime import timedelta

import ssoenv

reveal_type(ssoenv.get_boto3_session("dev", ["Admin", "Developer"], region="eu-west-1"))
reveal_type(ssoenv.login(expiry_window=timedelta(hours=2)).expires_at)
rows: Iterator[ssoenv.Assignment] = ssoenv.list_assignments(max_age=60)
ssoenv.list_assignments(max_age="60")  # type: ignore[arg-type]


def tell(page: ssoenv.SignInPage) -> None:
    print(page.url, page.code or "")


try:
    ssoenv.login("acme", handler=tell)
except ssoenv.SignInDenied as denied:
    print(denied.fix, denied.exit_code)
found = ssoenv.binding_for(".")
if found and found.profile:
    reveal_type(found.profile.roles)
"""


def test_a_program_that_is_checked_strictly(tmp_path: Path) -> None:
    """mypy, as somebody runs it who has ssoenv installed."""
    (tmp_path / "job.py").write_text(PROGRAM)

    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", "cache", "job.py"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip

    revealed = [line.partition("Revealed type is ")[2] for line in done.stdout.splitlines()]
    assert [one for one in revealed if one] == [
        '"boto3.session.Session"',
        '"datetime.datetime"',
        '"tuple[str, ...]"',
    ]
    assert "Success: no issues found" in done.stdout, done.stdout
