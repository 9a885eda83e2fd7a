"""After a sign-out nothing of the session is left: whoever fetched it, and whenever it comes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ssoenv import sign_in
from ssoenv.aws_files import config as aws_config
from ssoenv.aws_files import credential_cache, token_cache
from ssoenv.base import files as file_access
from ssoenv.base import paths
from ssoenv.base.errors import AccessDenied, SignInRequired, SsoenvError
from ssoenv.base.models import Role
from ssoenv.credentials.admission import admit
from ssoenv.credentials.fetching import fetch, obtain
from ssoenv.credentials.portal import Need, Portal
from ssoenv.credentials.terms import Terms
from ssoenv.identity_center import kept_listings
from ssoenv.settings import Settings
from ssoenv.shells import answers
from ssoenv.sign_in import epoch, turn
from tests import forked
from tests.sign_in.people import ACME, LAZY, LEGACY, NEVER, Recorder

if TYPE_CHECKING:
    from ssoenv.credentials.protection import Use
    from ssoenv.sandbox.server import Sandbox
    from tests.conftest import Home
    from tests.sign_in.people import Person

DEV = "111111111111"
URL = ACME.start_url
PROFILES = {
    "session": "sso_session = acme",
    "url": f"sso_start_url = {URL}\nsso_region = us-east-1",
    "slash": f"sso_start_url = {URL}/\nsso_region = us-east-1",
    "hash": f"sso_start_url = {URL}/#/\nsso_region = us-east-1",
}


class Silent(Recorder):
    """Somebody who is not asked."""

    def allow(self, use: Use, seconds: int) -> bool:
        raise AssertionError(use, seconds)

    def waiting_for_answer(self) -> None:
        raise AssertionError


def terms(person: Person) -> Terms:
    return Terms(person.env, Settings(), NEVER, Silent())


def kept(person: Person) -> list[str]:
    """Every file of this machine that holds a token or keys."""
    env = person.env
    tops = (paths.token_cache(env), paths.credential_cache(env), paths.state(env))
    return [
        str(path)
        for top in tops
        for path in Path(top).rglob("*")
        if path.is_file()
        and any(word in path.read_bytes() for word in (b"ccessToken", b"AccessKeyId", b"AWS_SE"))
    ]


@pytest.mark.parametrize("by", PROFILES)
def test_every_profile_that_names_the_session_is_signed_out(alice: Person, by: str) -> None:
    """Their keys were fetched by the AWS CLI, which keeps them where no name can be read back."""
    with open(paths.aws_config_file(alice.env), "a") as stream:
        stream.writelines(f"[profile {name}]\n{text}\nsso_account_id = {DEV}\nsso_role_name = Developer\nregion = us-east-1\n" for name, text in PROFILES.items())  # fmt: skip
    session = ACME if by == "session" else aws_config.uses(alice.env, LEGACY)[0].session
    if by != "session":
        session = next(use.session for use in aws_config.uses(alice.env, LEGACY) if use.profile == by)  # fmt: skip
    alice.hold(3600, session=session)
    who = ("sts", "get-caller-identity", "--profile", by)
    assert alice.aws(*who).returncode == 0
    assert kept(alice)

    assert alice.home.ssoenv("logout", "acme").returncode == 0
    assert kept(alice) == []
    assert alice.aws(*who).returncode != 0


def test_what_is_fetched_while_somebody_signs_out_is_not_kept(alice: Person) -> None:
    """Forty sign-outs, each at another moment of a fetch."""
    role = Role("acme", DEV, ("Developer",))
    alice.hold(3600)
    began = time.monotonic()
    obtain(role, terms(alice))
    whole = time.monotonic() - began
    for number in range(40):
        sign_in.sign_out(ACME, alice.env)
        alice.hold(3600)
        ends: list[object] = []

        def fetch(ends: list[object] = ends) -> None:
            with suppress(SsoenvError):
                ends.append(obtain(role, terms(alice)))

        thread = threading.Thread(target=fetch)
        thread.start()
        time.sleep(whole * 1.2 * number / 40)
        sign_in.sign_out(ACME, alice.env)
        thread.join()
        assert kept(alice) == [], (number, ends)


def test_what_begins_within_a_sign_out_is_not_kept(alice: Person) -> None:
    """The epoch has ended already, and the token is still there."""
    alice.hold(3600)
    with epoch.ending(alice.env, [ACME]):
        token = alice.sign_in(NEVER)
    with (
        pytest.raises(SignInRequired, match="signed out of acme meanwhile"),
        epoch.lasting(alice.env, ACME, token.epoch),
    ):
        raise AssertionError


def test_what_is_fetched_while_somebody_else_signs_in_is_not_kept(alice: Person) -> None:
    """The answer to a slow call comes by the token of who was there before: for a role of theirs."""
    role = Role("acme", DEV, ("Developer",))
    alice.hold(3600)
    obtain(role, terms(alice))
    alice.sandbox.set_approve("auto", "bob")
    credential_cache.remove(alice.env, ACME, DEV, "Developer")
    ends: list[object] = []

    def fetch() -> None:
        try:
            ends.append(obtain(role, terms(alice)))
        except SsoenvError as error:
            ends.append(error)

    thread = threading.Thread(target=fetch)
    alice.sandbox.set_pace(latency=3000)
    thread.start()
    time.sleep(1)
    alice.sandbox.set_pace()
    alice.sign_in(force=True)
    thread.join()
    assert [path for path in kept(alice) if "/sso/cache/" not in path] == []
    assert isinstance(ends[0], AccessDenied)  # asked once more, by who is signed in now


def test_a_list_that_comes_by_an_earlier_sign_in_is_not_kept(alice: Person) -> None:
    alice.hold(3600)
    portal = Portal(ACME, terms(alice))

    def sign_in_meanwhile(_: object) -> list[str]:
        alice.sandbox.set_approve("auto", "bob")
        alice.sign_in(force=True)
        return []

    with pytest.raises(SignInRequired, match="or in again"):
        portal.find(Need(time.time() + 1, sign_in_meanwhile))
    assert kept_listings.load(alice.env, "acme") is None


@dataclass
class Willing(Recorder):
    """Somebody who says yes."""

    asked: int = 0

    def allow(self, use: Use, seconds: int) -> bool:
        self.asked += 1
        return bool(use and seconds)

    def waiting_for_answer(self) -> None:
        raise AssertionError


def test_a_yes_holds_for_who_is_signed_in_and_outlives_the_sign_in_that_it_leads_to(
    alice: Person,
) -> None:
    role, person = Role("acme", DEV, ("Developer",)), Willing()
    protecting = Terms(alice.env, Settings(protect=("*:Developer",)), LAZY, person)
    alice.sandbox.set_approve("auto", "alice")
    obtain(role, protecting)
    assert (person.asked, person.names.count("done")) == (1, 1)
    obtain(role, protecting)
    assert person.asked == 1

    alice.sign_in(force=True)
    obtain(role, protecting)
    assert person.asked == 2


def test_a_yes_does_not_hold_for_who_signs_in_for_the_next_command(alice: Person) -> None:
    """The command that finds it leads to the sign-in itself, and nobody has signed out."""
    role, person = Role("acme", DEV, ("ReadOnly",)), Willing()
    protecting = Terms(alice.env, Settings(protect=("*:ReadOnly",)), LAZY, person)
    alice.sandbox.set_approve("auto", "alice")
    fetch(admit(role, protecting))
    assert person.asked == 1
    for state in (alice.sandbox.state.tokens, alice.sandbox.state.refresh_tokens):
        state.clear()
    shutil.rmtree(paths.credential_cache(alice.env))
    alice.sandbox.set_approve("auto", "bob")

    fetch(admit(role, protecting))
    assert person.names.count("done") == 2
    assert person.asked == 2
    fetch(admit(role, protecting))
    assert person.asked == 2


def test_what_is_refreshed_while_somebody_signs_out_is_not_kept(
    alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turn, "SETTLING", 0.0)
    for number in range(20):
        alice.hold(-60)

        def refresh() -> None:
            with suppress(SsoenvError):
                alice.sign_in(NEVER)

        thread = threading.Thread(target=refresh)
        thread.start()
        time.sleep(0.01 * number)
        sign_in.sign_out(ACME, alice.env)
        thread.join()
        assert kept(alice) == [], number


KILLED = """
import os, signal, stat, sys
from ssoenv.base import files
os.fsync = lambda one: stat.S_ISREG(os.fstat(one).st_mode) and os.kill(os.getpid(), signal.SIGKILL)
files.write_private(sys.argv[1], b'{"accessToken": "x"}')
"""


@pytest.mark.parametrize("arguments", [("acme",), ("--all",)], ids=["one", "all"])
def test_leftovers_of_killed_writers_go(alice: Person, arguments: tuple[str, ...]) -> None:
    env = alice.env
    for path in (
        token_cache.token_file(env, ACME),
        credential_cache.cache_file(env, ACME, DEV, "Developer"),
        f"{paths.role_folder(env, 'acme/x/y')}/@process",
        f"{paths.state(env)}/trust/somewhere/@sh",
    ):
        code = [sys.executable, "-c", KILLED, path]
        root = os.path.dirname(os.path.dirname(os.path.dirname(paths.__file__)))
        subprocess.run(code, env=env | {"PYTHONPATH": root})
    shared = Path(paths.credential_cache(env)), Path(paths.token_cache(env))
    names = ("tmpabc.tmp", "state.json.1a2b3c4d5e6f.tmp", f"other/{'a' * 40}.json.1a2b3c4d5e6f.tmp")
    theirs = [top / name for top in shared for name in names]
    for one in theirs:
        one.parent.mkdir(exist_ok=True)
        one.write_text("of another tool")
    assert len(kept(alice)) == 4

    assert alice.home.ssoenv("logout", *arguments).returncode == 0
    assert kept(alice) == []
    assert all(one.exists() for one in theirs)


@pytest.mark.parametrize(
    "text",
    [
        "[sso-session broken]\n",
        "[sso-session broken]\nsso_start_url = x\n",
        "[profile odd]\nsso_start_url = x\n",
        "[sso-session acme]\n",
        "not a config\n",
    ],
)
def test_all_does_its_work_beside_a_broken_section(alice: Person, text: str) -> None:
    alice.hold(3600)
    obtain(Role("acme", DEV, ("Developer",)), terms(alice))
    with open(paths.aws_config_file(alice.env), "a") as stream:
        stream.write(text)

    answer = alice.home.ssoenv("logout", "--all")
    assert answer.returncode == 0, answer.stderr
    assert kept(alice) == []
    assert alice.calls("Logout") == 1


@pytest.mark.parametrize("arguments", [("acme",), ("--all",)], ids=["one", "all"])
def test_offline_it_says_what_was_removed_and_what_was_not(
    alice: Person, arguments: tuple[str, ...]
) -> None:
    alice.hold(3600)
    obtain(Role("acme", DEV, ("Developer",)), terms(alice))

    answer = alice.home.ssoenv(
        "logout", *arguments, AWS_ENDPOINT_URL_SSO="http://127.0.0.1:1", AWS_DATA_PATH=""
    )
    assert answer.returncode == 7
    assert "on this machine: tokens and credentials are removed" in answer.stderr
    assert "was not told" in answer.stderr
    assert answer.stdout == ""
    assert kept(alice) == []


def test_a_token_of_another_start_url_goes_and_ends_too(alice: Person) -> None:
    token = alice.hold(3600)
    path = token_cache.token_file(alice.env, ACME)
    document = json.loads(Path(path).read_text()) | {"startUrl": "https://other.awsapps.com/start"}
    Path(path).write_text(json.dumps(document))

    assert sign_in.sign_out(ACME, alice.env)
    assert alice.calls("Logout") == 1
    assert kept(alice) == []
    assert alice.sandbox.state.sign_in_of(token.access_token) is None


CODE = ["codewhisperer:completions", "codewhisperer:analysis"]
THEIRS: dict[str, list[dict[str, Any]]] = {
    "that says so": [{"startUrl": URL, "region": "us-east-1", "scopes": CODE}],
    "whose client says so": [
        {"startUrl": URL, "region": "us-east-1", "clientId": "q"},
        {"clientId": "q", "clientSecret": "s", "expiresAt": "2099-01-01T00:00:00Z", "scopes": CODE},
    ],
    "whose client is named by a hash": [
        {"startUrl": URL, "authMethod": "IdC", "clientIdHash": "other-1"},
        {"clientId": "k", "clientSecret": "s", "scopes": " ".join(CODE)},
    ],
    "of no start URL": [{"authMethod": "social", "provider": "Google"}],
}
"""What AWS Toolkit, Amazon Q and Kiro keep in the folder: a token, and perhaps its client."""


@pytest.mark.parametrize("arguments", [("acme",), ("--all",)], ids=["one", "all"])
@pytest.mark.parametrize("kind", THEIRS)
def test_a_token_of_another_tool_stays(
    alice: Person, kind: str, arguments: tuple[str, ...]
) -> None:
    alice.hold(3600)
    folder = Path(paths.token_cache(alice.env))
    files = [folder / f"other-{number}.json" for number in range(len(THEIRS[kind]))]
    for number, (file, document) in enumerate(zip(files, THEIRS[kind], strict=True)):
        token = {} if number else {"accessToken": "theirs", "expiresAt": "2099-01-01T00:00:00Z"}
        file.write_text(json.dumps({**token, **document}))

    answer = alice.home.ssoenv("logout", *arguments)
    assert answer.returncode == 0, answer.stderr
    assert alice.calls("Logout") == 1
    assert sorted(one for one in folder.iterdir() if one in files) == files
    assert not os.path.exists(token_cache.token_file(alice.env, ACME))


def test_a_token_of_another_tool_under_our_name_is_neither_used_nor_removed(alice: Person) -> None:
    """Its own tool would lose it; and the portal rejects it."""
    token = alice.hold(3600)
    path = Path(token_cache.token_file(alice.env, ACME))
    path.write_text(json.dumps(json.loads(path.read_text()) | {"scopes": CODE}))

    assert token_cache.load_token(alice.env, ACME) is None
    assert not sign_in.sign_out(ACME, alice.env)
    assert path.exists()
    assert alice.sandbox.state.sign_in_of(token.access_token)


def test_what_was_fetched_goes_however_little_is_known_of_it(alice: Person) -> None:
    """A writer that was killed, a second role that is refused, a rule: nothing else tells of it."""
    alice.hold(3600)
    obtain(Role("acme", DEV, ("ReadOnly",)), terms(alice))
    obtain(Role("acme", "333333333333", ("ReadOnly",)), terms(alice))
    for name in ("roles", "assignments", "keys"):
        shutil.rmtree(f"{paths.state(alice.env)}/{name}", ignore_errors=True)
    assert len(list(Path(paths.credential_cache(alice.env)).iterdir())) == 2
    sign_in.sign_out(ACME, alice.env)
    assert kept(alice) == []


def test_who_signs_in_anew_has_nothing_of_who_was_there(home: Home, sandbox: Sandbox) -> None:
    sandbox.set_approve("auto", "alice")
    assert home.ssoenv("login", "acme").returncode == 0
    shows = ("--", "printenv", "AWS_ACCESS_KEY_ID")
    assert home.ssoenv("exec", "dev/Developer", *shows).stdout.startswith("ASIA")
    sandbox.set_approve("auto", "bob")
    assert home.ssoenv("login", "--force", "acme").returncode == 0
    refused = home.ssoenv("exec", "dev/Developer", *shows)
    assert (refused.returncode, refused.stdout) == (6, "")
    assert "/bob" in home.ssoenv("whoami", "dev/ReadOnly").stdout


@pytest.mark.parametrize("everywhere", [False, True])
def test_what_lies_among_the_caches_keeps_nothing_there(alice: Person, everywhere: bool) -> None:
    """... be it a folder, or a file that says odd things of where it comes from."""
    alice.hold(3600)
    obtain(Role("acme", DEV, ("Developer",)), terms(alice))
    cache = Path(paths.credential_cache(alice.env))
    outside = Path(alice.env["HOME"]) / "mine.json"
    outside.write_text("{}")
    for folder in (cache, Path(paths.token_cache(alice.env))):
        (folder / "folder.json").mkdir()
    for number, first in enumerate(("a\0b", "..", ".", "../../../mine.json", 7, None)):
        origin = {"Session": "acme", "First": first}
        document = {"ProviderType": "sso", "Credentials": {}, "Ssoenv": origin}
        (cache / f"{number:040}.json").write_text(json.dumps(document))
    done = alice.home.ssoenv("logout", *(("--all",) if everywhere else ("acme",)))
    assert (done.returncode, done.stdout) == (0, ""), done
    assert kept(alice) == []
    assert outside.exists()


@pytest.mark.parametrize("words", [("acme",), ("--all",)], ids=["acme", "all"])
@pytest.mark.parametrize("folder", ["tokens", "credentials", "answers", "state"])
def test_a_folder_that_cannot_be_entered_keeps_nothing_else(
    alice: Person, folder: str, words: tuple[str, ...]
) -> None:
    """It is told by its name; what can be reached is gone."""
    alice.hold(3600)
    fetch(admit(Role("acme", DEV, ("Developer",)), terms(alice)))
    answers.tell_shell(alice.env, "a-shell", int(time.time()) + 3600)
    shut = {
        "tokens": Path(paths.token_cache(alice.env)),
        "credentials": Path(paths.credential_cache(alice.env)),
        "answers": Path(answers.of_shells(alice.env)),
        "state": Path(paths.state(alice.env)),
    }[folder]
    shut.chmod(0)
    said = alice.home.ssoenv("logout", *words, cwd=alice.home.path, **{forked.PLAIN: "1"})
    shut.chmod(0o700)
    assert said.returncode not in (0, 70), said
    assert str(shut) in said.stderr, said
    if folder != "state":  # of what form that is has to be known before anything is done
        assert all(one.startswith(f"{shut}/") for one in kept(alice)), said


@pytest.mark.parametrize("words", [("acme",), ("--all",)], ids=["acme", "all"])
@pytest.mark.parametrize("folder", ["tokens", "credentials", "answers", "rendered", "state"])
def test_what_cannot_be_removed_is_told_and_the_rest_is_gone(
    alice: Person, folder: str, words: tuple[str, ...]
) -> None:
    """Whoever signs out has to know what is left; at the service the session ends all the same."""
    token = alice.hold(3600)
    fetch(admit(Role("acme", DEV, ("Developer",)), terms(alice)))
    answers.tell_shell(alice.env, "a-shell", int(time.time()) + 3600)
    role = Path(next(one for one in kept(alice) if one.endswith("@process")))
    role_of_agent = Path(paths.role_folder(alice.env, "acme/x/y", agent=True), "@role")
    file_access.write_private(str(role_of_agent), b"AWS_SECRET_ACCESS_KEY")
    file_access.write_private(f"{paths.state(alice.env)}/allowed/1-1/acme,x,y", b"")
    shut = {
        "tokens": Path(paths.token_cache(alice.env)),
        "credentials": Path(paths.credential_cache(alice.env)),
        "answers": Path(answers.of_shells(alice.env)),
        "rendered": role.parent,
        "state": Path(paths.state(alice.env)),
    }[folder]
    shut.chmod(0o500)

    plain = {forked.PLAIN: "1"}
    said = alice.home.ssoenv("logout", *words, cwd=alice.home.path, **plain)

    assert said.returncode == 1, said
    assert "but not all of it could be removed from this machine" in said.stderr
    assert str(shut) in said.stderr.splitlines()[-1]
    assert alice.sandbox.state.sign_in_of(token.access_token) is None  # the service was told
    shut.chmod(0o700)
    assert all(one.startswith(f"{shut}/") for one in kept(alice))
    if folder not in ("answers", "state"):
        assert not os.path.lexists(answers.of_shells(alice.env))
    assert folder == "state" or not role_of_agent.exists()
    assert os.path.lexists(f"{paths.state(alice.env)}/allowed") == (folder == "state")
    assert alice.home.ssoenv("logout", *words).returncode == 0
    assert kept(alice) == []
    assert not os.path.lexists(answers.of_shells(alice.env))
