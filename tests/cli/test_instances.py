"""The name of a session that comes to mean another Identity Center: nothing of the first acts."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import ssoenv
from ssoenv.aws_files import config as aws_config
from ssoenv.base import paths
from ssoenv.identity_center import kept_listings, start_urls
from ssoenv.sandbox.server import Sandbox
from ssoenv.sandbox.world import Account, Assignment, Instance, User, World
from ssoenv.shells import rendered
from tests import forked
from tests.conftest import WHOLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.conftest import Home

FIRST, SECOND = "https://d-1111111111.awsapps.com/start", "https://d-2222222222.awsapps.com/start"
MINE, OTHERS = "111111111111", "222222222222"
BOTH = World(
    (Instance("acme", FIRST, "us-east-1"), Instance("globex", SECOND, "us-east-1")),
    (User("alice"),),
    (
        Account("prod", MINE, "prod@acme.example", "acme"),
        Account("prod", OTHERS, "prod@globex.example", "globex"),
    ),
    ("Developer",),
    (Assignment(MINE, "Developer", user="alice"), Assignment(OTHERS, "Developer", user="alice")),
)
PROJECT = 'session = "acme"\n[profiles.prod]\naccount = "prod"\nrole = "Developer"\n'


@pytest.fixture
def sandbox(home: Home, tmp_path: Path) -> Iterator[Sandbox]:
    with Sandbox(world=BOTH) as running:
        config(home).parent.mkdir()
        config(home).write_text(session_of(FIRST))
        home.env |= running.environment(str(tmp_path / "sandbox"))
        yield running


@pytest.fixture
def project(home: Home, sandbox: Sandbox) -> Path:
    """A project whose role is fetched, of the first Identity Center."""
    made = home.project("web", PROJECT)
    for words in (("login", "acme"), ("trust", "--yes"), ("roles",), ("export",)):
        result = home.ssoenv(*words, cwd=made)
        assert result.returncode == 0, result.stderr
    assert account_of(sandbox, home.ssoenv("export", cwd=made).stdout) == MINE
    next_second()
    return made


def config(home: Home) -> Path:
    return home.path / ".aws/config"


def session_of(start_url: str) -> str:
    return (
        f"[sso-session acme]\nsso_start_url = {start_url}\nsso_region = us-east-1\n"
        "sso_registration_scopes = sso:account:access\n"
    )


def by_command(home: Home) -> None:
    words = ("configure", "session", "acme", "--start-url", SECOND, "--yes", "--replace")
    assert home.ssoenv(*words).returncode == 0


def by_edit(home: Home) -> None:
    config(home).write_text(config(home).read_text().replace(FIRST, SECOND))
    pause()


def pause() -> None:
    """Wait until a file that is written now has another time: before, it is not noted as looked at."""
    time.sleep(0.05)


def next_second() -> None:
    """Wait for the next second: the shell of busybox tells no parts of one."""
    time.sleep(1.001 - time.time() % 1)


def by_another_config(home: Home) -> None:
    other = home.path / "other-config"
    other.write_text(config(home).read_text().replace(FIRST, SECOND))
    # It may be older than all that was ever looked at.
    os.utime(other, (1e9, 1e9))
    home.env["AWS_CONFIG_FILE"] = str(other)


def by_link(home: Home) -> None:
    """As those do who have several configs: the one that it leads to is the older one."""
    other = home.path / "other-config"
    other.write_text(config(home).read_text().replace(FIRST, SECOND))
    os.utime(other, (1e9, 1e9))
    config(home).unlink()
    config(home).symlink_to(other)


WAYS = (by_command, by_edit, by_another_config, by_link)


def account_of(sandbox: Sandbox, text: str) -> str:
    """Return the account of the one key in `text`; empty where none is there."""
    keys = sandbox.state.keys
    (found, *more) = [*{keys[one].account for one in keys if one in text}, ""]
    assert more in ([], [""]), text
    return found


def source(*shell: str) -> Callable[[Home, Path], str]:
    def ask(home: Home, project: Path) -> str:
        return subprocess.run(
            [*shell, paths.source_file(home.env)],
            cwd=project,
            env=home.env | {"PWD": str(project)},
            capture_output=True,
            text=True,
        ).stdout

    return ask


def command(*words: str) -> Callable[[Home, Path], str]:
    return lambda home, project: home.ssoenv(*words, cwd=project).stdout


def by_library(home: Home, project: Path) -> str:
    program = (
        "import ssoenv; print(ssoenv.get_boto3_session().get_credentials().access_key);"
        "print(*ssoenv.list_assignments(max_age=9999))"
    )
    python = [sys.executable, "-c", program]
    env = home.env | {"PWD": str(project), "PYTHONPATH": os.path.dirname(ssoenv.__path__[0])}
    result = subprocess.run(python, cwd=project, env=env, capture_output=True, text=True)
    assert MINE not in result.stdout
    return result.stdout


ASKED: dict[str, Callable[[Home, Path], str]] = {
    "exec": command("exec", "--", "printenv", "AWS_ACCESS_KEY_ID"),
    "exec-target": command("exec", "prod/Developer", "--", "printenv", "AWS_ACCESS_KEY_ID"),
    "export": command("export"),
    "credential-process": command("credential-process"),
    "source-dash": source("dash"),
    "source-bash": source("bash", "--posix"),
    "source-busybox": source("busybox", "sh"),
    "library": by_library,
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.sampled(4)
def test_no_credentials_of_the_first_act_for_the_second(
    asked: str, way: Callable[[Home], None], home: Home, sandbox: Sandbox, project: Path
) -> None:
    way(home)

    assert account_of(sandbox, ASKED[asked](home, project)) in ("", OTHERS)
    # Signed in to the second, it is its role; the first's tokens are still its own.
    assert home.ssoenv("login", "acme").returncode == 0
    assert account_of(sandbox, ASKED[asked](home, project)) == OTHERS


def by_the_same_time(home: Home) -> None:
    """As deployments do that give each file the same time; shells cannot tell these apart."""
    other = home.path / "other-config"
    other.write_text(config(home).read_text().replace(FIRST, SECOND))
    there = config(home).stat()
    os.utime(other, ns=(there.st_atime_ns, there.st_mtime_ns))
    other.replace(config(home))


def by_a_profile(home: Home) -> None:
    """The name becomes that of a legacy profile."""
    config(home).write_text(f"[profile acme]\nsso_start_url = {SECOND}\nsso_region = us-east-1\n")
    pause()


def rewritten(home: Home, change: Callable[[str], str]) -> None:
    config(home).write_text(change(config(home).read_text()))
    pause()


GONE: dict[str, Callable[[Home], None]] = {
    "renamed": lambda home: rewritten(home, lambda text: text.replace("acme", "globex")),
    "without a start URL": lambda home: rewritten(
        home, lambda text: text.replace("sso_start_url", "start_url")
    ),
    "empty": lambda home: rewritten(home, lambda _: ""),
    "no file": lambda home: config(home).unlink(),
    "a legacy profile": by_a_profile,
}


@pytest.mark.parametrize("way", GONE)
@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.sampled(4)
def test_a_name_that_is_gone_has_no_credentials(
    asked: str, way: str, home: Home, sandbox: Sandbox, project: Path
) -> None:
    GONE[way](home)
    home.ssoenv("status")

    assert account_of(sandbox, ASKED[asked](home, project)) == ""


@pytest.mark.parametrize("asked", ["export", "exec", "credential-process"])
def test_the_program_tells_files_of_one_time_apart(
    asked: str, home: Home, sandbox: Sandbox, project: Path
) -> None:
    by_the_same_time(home)

    assert account_of(sandbox, ASKED[asked](home, project)) == ""


LEGACY = "[profile old]\nsso_start_url = {}\nsso_region = us-east-1\n"


@pytest.mark.parametrize("way", [by_edit, by_another_config, by_link])
@pytest.mark.parametrize("asked", [one for one in ASKED if one != "exec-target"])
@pytest.mark.sampled(4)
def test_the_same_of_a_legacy_profile_that_a_file_names(
    asked: str, way: Callable[[Home], None], home: Home, sandbox: Sandbox
) -> None:
    config(home).write_text(LEGACY.format(FIRST))
    named = home.project("web", PROJECT.replace("acme", "old"))
    for words in (("login", "old"), ("trust", "--yes"), ("roles",), ("export",)):
        assert home.ssoenv(*words, cwd=named).returncode == 0
    next_second()
    way(home)
    home.ssoenv("status")

    assert account_of(sandbox, ASKED[asked](home, named)) in ("", OTHERS)
    assert home.ssoenv("login", "old").returncode == 0
    assert account_of(sandbox, ASKED[asked](home, named)) == OTHERS


def test_a_config_that_never_had_the_name_takes_nothing_away(home: Home, project: Path) -> None:
    """Who has two configs, of other companies each, has both roles at hand."""
    before = home.ssoenv("export", cwd=project).stdout
    other = home.path / "other-config"
    other.write_text(session_of(SECOND).replace("acme", "globex"))
    pause()
    assert home.ssoenv("status", AWS_CONFIG_FILE=str(other)).returncode == 0

    assert home.ssoenv("export", cwd=project).stdout == before


@pytest.mark.parametrize("way", WAYS)
def test_its_list_and_its_status_are_of_the_second(
    way: Callable[[Home], None], home: Home, project: Path
) -> None:
    way(home)

    status = home.ssoenv("status", "--check", cwd=project)
    assert status.returncode == 3, status
    assert MINE not in home.ssoenv("roles", "--json").stdout
    assert not json.loads(home.ssoenv("status", "--json", cwd=project).stdout)["credentials"]


@pytest.mark.parametrize("rubbish", [b"", b"[]", b'{"acme": 1}', b'{"acme": "x"}', b"\xff", None])
def test_a_damaged_note_is_no_word_for_what_is_kept(
    rubbish: bytes | None, home: Home, sandbox: Sandbox, project: Path
) -> None:
    """Nor one that is not there, as with the state of a version that had none."""
    by_edit(home)
    note = home.path / ".local/state/ssoenv/instances.json"
    if rubbish is None:
        note.unlink()
    else:
        note.write_bytes(rubbish)

    assert account_of(sandbox, ASKED["export"](home, project)) in ("", OTHERS)


def test_two_configs_in_two_terminals_have_each_its_own(
    home: Home, sandbox: Sandbox, project: Path
) -> None:
    first = dict(home.env)
    by_another_config(home)
    second = dict(home.env)
    for _ in range(3):
        for env, account in ((second, OTHERS), (first, MINE)):
            home.env = env
            for asked in ("export", "source-dash", "source-busybox"):
                found = account_of(sandbox, ASKED[asked](home, project))
                if not found:
                    assert home.ssoenv("login", "acme").returncode == 0
                    found = account_of(sandbox, ASKED[asked](home, project))
                assert found == account


def test_another_edit_of_the_config_takes_nothing_away(home: Home, project: Path) -> None:
    before = home.ssoenv("export", cwd=project).stdout
    with open(config(home), "a") as stream:
        stream.write("\n[profile more]\nregion = eu-west-1\n")
    pause()
    assert not rendered.knows_config(home.env)

    assert home.ssoenv("export", cwd=project).stdout == before
    assert rendered.knows_config(home.env)


def test_no_note_stays_of_a_config_that_is_gone(home: Home, project: Path) -> None:
    before = dict(home.env)
    by_another_config(home)
    home.ssoenv("status", cwd=project)
    other = Path(home.env["AWS_CONFIG_FILE"])
    stamp = Path(rendered.config_stamp(home.env))
    assert stamp.exists()
    other.unlink()
    home.env = before
    by_edit(home)
    home.ssoenv("status", cwd=project)

    assert not stamp.exists()
    assert rendered.knows_config(home.env)


def test_one_instance_however_its_url_ends(home: Home, project: Path) -> None:
    before = home.ssoenv("export", cwd=project).stdout
    config(home).write_text(config(home).read_text().replace(FIRST, f"{FIRST}/#/"))

    assert home.ssoenv("export", cwd=project).stdout == before


def test_what_is_written_after_the_look_is_seen(home: Home, project: Path) -> None:
    """However soon after: nothing that comes after the look has a time before that of the note."""
    for _ in range(20):
        by_edit(home)
        home.ssoenv("status", cwd=project)
        config(home).write_text(config(home).read_text().replace(SECOND, FIRST))
        assert not rendered.knows_config(home.env)
        pause()
        home.ssoenv("status", cwd=project)
        assert rendered.knows_config(home.env)


HINT = PROJECT + f'[sso]\nstart_url = "{SECOND}"\nregion = "us-east-1"\n'


def test_a_file_that_means_another_instance_by_the_same_name_is_refused(
    home: Home, project: Path
) -> None:
    """By its own word it is not about the person's session of that name, nor its accounts."""
    named = home.project("named", HINT)
    refused = home.ssoenv("trust", "--yes", cwd=named)
    assert (refused.returncode, refused.stdout) == (5, "")
    assert SECOND in refused.stderr
    assert FIRST in refused.stderr
    assert "another name" in refused.stderr


@pytest.mark.parametrize("asked", [one for one in ASKED if one not in ("exec-target", "library")])
def test_it_is_refused_too_once_it_is_trusted(
    asked: str, home: Home, sandbox: Sandbox, project: Path
) -> None:
    named = home.project("named", HINT)
    by_edit(home)
    for words in (("login", "acme"), ("trust", "--yes"), ("export",)):
        assert home.ssoenv(*words, cwd=named).returncode == 0
    assert account_of(sandbox, ASKED[asked](home, named)) == OTHERS
    config(home).write_text(config(home).read_text().replace(SECOND, FIRST))
    assert home.ssoenv("login", "acme").returncode == 0

    assert account_of(sandbox, ASKED[asked](home, named)) == ""
    assert re.search(rf"problem .* means {SECOND}", home.ssoenv("status", cwd=named).stdout)
    ensured = home.ssoenv("ensure", str(named), "prod", "1", "aws", cwd=named)
    assert (ensured.returncode, SECOND in ensured.stderr) == (5, True)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://identitycenter.amazonaws.com/ssoins-{}", "1111111111111111 2222222222222222"),
        ("https://start.us-gov-home.awsapps.com/directory/d-{}", "1111111111 2222222222"),
        ("https://ssoins-{}.portal.us-east-1.app.aws", "1111111111111111 2222222222222222"),
        ("https://d-{}.awsapps.com/start", "1111111111 2222222222"),
    ],
)
def test_an_id_is_told_wherever_it_stands(one: str, other: str) -> None:
    first, second = (one.format(which) for which in other.split())
    assert start_urls.surely_differ(first, second)
    assert not start_urls.surely_differ(first, f"{first}/")


@pytest.mark.parametrize(
    "value", ["$ELSEWHERE/config", "${ELSEWHERE}/config", "~/else/../else/config"]
)
def test_a_config_is_named_as_botocore_has_it(
    value: str, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder of that very name, in a repository, is no config of anybody's."""
    (home.path / "else").mkdir()
    (home.path / "else/config").write_text("[sso-session there]\n")
    monkeypatch.setenv("ELSEWHERE", str(home.path / "else"))
    (home.path / "$ELSEWHERE").mkdir()
    monkeypatch.chdir(home.path)

    found = paths.aws_config_file(home.env | {"AWS_CONFIG_FILE": value})

    assert Path(found).read_text() == "[sso-session there]\n"


@pytest.mark.parametrize("url", ["https://acme.awsapps.com/start", f"{FIRST}/", f"{FIRST}#/"])
def test_what_may_be_the_same_instance_is_not_refused(url: str, home: Home, project: Path) -> None:
    named = home.project("named", HINT.replace(SECOND, url))

    assert home.ssoenv("trust", "--yes", cwd=named).returncode == 0


BY_ID = PROJECT.replace('"prod"\nrole', f'"{MINE}"\nrole')


def without_a_state(home: Home) -> None:
    shutil.rmtree(home.path / ".local/state/ssoenv")


def with_another_state(home: Home) -> None:
    home.env["XDG_STATE_HOME"] = str(home.path / "elsewhere")


def without_lists_and_notes(home: Home) -> None:
    state = home.path / ".local/state/ssoenv"
    (state / "instances.json").unlink()
    for name in ("roles", "assignments"):
        shutil.rmtree(state / name)


@pytest.mark.parametrize("lost", [without_a_state, with_another_state, without_lists_and_notes])
@pytest.mark.parametrize("asked", ["export", "exec", "credential-process", "library"])
@pytest.mark.sampled(4)
def test_credentials_say_themselves_of_whom_they_are(
    asked: str, lost: Callable[[Home], None], home: Home, sandbox: Sandbox, project: Path
) -> None:
    """In the AWS CLI's cache they are by the name of the session, whatever we remember of it."""
    project = home.project("by-id", BY_ID)
    for words in (("trust", "--yes"), ("export",)):
        assert home.ssoenv(*words, cwd=project).returncode == 0
    lost(home)
    by_edit(home)
    home.ssoenv("trust", "--yes", cwd=project)

    assert account_of(sandbox, ASKED[asked](home, project)) == ""


@pytest.mark.parametrize("way", [by_edit, by_another_config, by_link])
@pytest.mark.parametrize("asked", ["export", "exec", "credential-process", "source-dash"])
@pytest.mark.sampled(4)
def test_what_the_aws_cli_fetched_goes_with_the_meaning_of_the_name(
    asked: str, way: Callable[[Home], None], home: Home, sandbox: Sandbox
) -> None:
    project = home.project("web", BY_ID)
    profile = (
        f"[profile ro]\nsso_session = acme\nsso_account_id = {MINE}\nsso_role_name = Developer\n"
    )
    config(home).write_text(config(home).read_text() + profile)
    for words in (("login", "acme"), ("trust", "--yes")):
        assert home.ssoenv(*words, cwd=project).returncode == 0
    aws = ["aws", "--profile", "ro", "sts", "get-caller-identity"]
    assert subprocess.run(aws, env=home.env | {"PATH": "/usr/bin:/bin"}).returncode == 0
    config(home).write_text(session_of(FIRST))
    pause()
    assert home.ssoenv("status", cwd=project).returncode == 0
    way(home)

    assert account_of(sandbox, ASKED[asked](home, project)) == ""
    assert home.ssoenv("login", "acme").returncode == 0
    assert account_of(sandbox, ASKED[asked](home, project)) == ""


@pytest.mark.parametrize("asked", [one for one in ASKED if one not in ("exec-target", "library")])
@pytest.mark.sampled(2)
def test_a_config_without_the_name_gives_no_role_of_it(
    asked: str, home: Home, sandbox: Sandbox, project: Path
) -> None:
    """It never had it, or has it no more, while another one has; asked twice, for looks are noted."""
    other = home.path / "other-config"
    other.write_text(session_of(SECOND).replace("acme", "globex"))
    first = dict(home.env)
    home.env["AWS_CONFIG_FILE"] = str(other)
    pause()
    home.ssoenv("status")
    assert {account_of(sandbox, ASKED[asked](home, project)) for _ in range(2)} == {""}
    home.env = first
    assert account_of(sandbox, ASKED[asked](home, project)) == MINE

    other.write_text(session_of(FIRST))
    pause()
    assert home.ssoenv("export", cwd=project, AWS_CONFIG_FILE=str(other)).returncode == 0
    config(home).write_text(session_of(FIRST).replace("acme", "globex"))
    pause()
    home.ssoenv("status")
    assert {account_of(sandbox, ASKED[asked](home, project)) for _ in range(2)} == {""}
    home.env["AWS_CONFIG_FILE"] = str(other)
    assert account_of(sandbox, ASKED[asked](home, project)) == MINE


@pytest.mark.parametrize("asked", [*ASKED])
@pytest.mark.sampled(4)
def test_a_way_back_to_a_folder_above_is_no_way_around_the_look(
    asked: str, home: Home, sandbox: Sandbox, project: Path
) -> None:
    other = home.path / "other-config"
    other.write_text(session_of(SECOND))
    home.env["AWS_CONFIG_FILE"] = "/.." * 30 + str(other)

    assert account_of(sandbox, ASKED[asked](home, project)) == ""


@pytest.mark.parametrize("lost", [False, True])
@pytest.mark.parametrize("asked", [*ASKED])
@pytest.mark.sampled(4)
def test_what_was_noted_of_a_config_ends_with_the_meaning_of_the_name(
    asked: str, lost: bool, home: Home, sandbox: Sandbox, project: Path
) -> None:
    """Although nothing was kept by the name as it changed: it had been signed out of."""
    first = dict(home.env)
    assert home.ssoenv("logout", "acme").returncode == 0
    if lost:
        (home.path / ".local/state/ssoenv/instances.json").unlink()
    by_another_config(home)
    for words in (("login", "acme"), ("roles",), ("export",)):
        assert home.ssoenv(*words, cwd=project).returncode == 0
    assert account_of(sandbox, ASKED["export"](home, project)) == OTHERS
    home.env = first

    for _ in range(2):
        given = (
            ASKED[asked](home, project) if asked != "library" else ASKED["export"](home, project)
        )
        assert account_of(sandbox, given) == ""


def test_a_profile_that_nobody_had_asked_for_is_looked_up_when_somebody_does(
    home: Home, sandbox: Sandbox
) -> None:
    """Its config was looked at before, and another one has a session of its name by now."""
    config(home).write_text(LEGACY.format(FIRST))
    named = home.project("web", PROJECT.replace("acme", "old"))
    pause()
    for words in (("login", FIRST), ("roles", "--session", FIRST), ("status",)):
        assert home.ssoenv(*words).returncode == 0
    first = dict(home.env)
    other = home.path / "other-config"
    other.write_text(session_of(SECOND).replace("acme", "old"))
    home.env["AWS_CONFIG_FILE"] = str(other)
    pause()
    for words in (("login", "old"), ("trust", "--yes"), ("roles",), ("export",)):
        assert home.ssoenv(*words, cwd=named).returncode == 0
    home.env = first

    assert account_of(sandbox, ASKED["export"](home, named)) in ("", MINE)
    assert home.ssoenv("login", "old").returncode == 0
    assert account_of(sandbox, ASKED["export"](home, named)) == MINE


@pytest.mark.parametrize("name", ["x" * 250, "ж" * 42])
def test_a_long_name_beside_is_in_nobodys_way(name: str, home: Home, project: Path) -> None:
    before = home.ssoenv("export", cwd=project).stdout
    for url in (FIRST, SECOND, ""):
        beside = session_of(url).replace("acme", name) if url else ""
        config(home).write_text(session_of(FIRST) + beside)
        pause()
        assert home.ssoenv("status", cwd=project).returncode == 0
        assert home.ssoenv("export", cwd=project).stdout == before
    config(home).write_text(session_of(FIRST) + session_of(SECOND).replace("acme", name))
    refused = home.ssoenv("login", name)
    assert (refused.returncode, refused.stdout) == (5, "")
    assert "too long" in refused.stderr


def test_a_thousand_sessions_may_change_at_once(home: Home, project: Path) -> None:
    """Nothing is done about a name that nothing is kept by."""
    for url in (FIRST, SECOND):
        beside = "".join(session_of(url).replace("acme", f"s{n}") for n in range(1000))
        config(home).write_text(session_of(FIRST) + beside)
        pause()
        assert home.ssoenv("status", cwd=project).returncode == 0
    assert len(list((home.path / ".local/state/ssoenv/sign-in").iterdir())) < 10


def test_a_program_that_runs_stays_in_its_account(
    home: Home, sandbox: Sandbox, project: Path
) -> None:
    """Its session is renewed by a name that has come to mean an account of another company."""
    program = (
        "import ssoenv, sys; session = ssoenv.get_boto3_session()\n"
        "print(session.get_credentials().access_key, flush=True); sys.stdin.readline()\n"
        "kept = session.get_credentials(); kept._expiry_time = kept._expiry_time.replace(year=2020)\n"
        "try: print(kept.access_key)\n"
        "except ssoenv.AccessDenied as denied: print(denied)\n"
    )
    env = home.env | {"PWD": str(project), "PYTHONPATH": os.path.dirname(ssoenv.__path__[0])}
    with subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=project, env=env, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as running:  # fmt: skip
        assert running.stdin
        assert running.stdout
        assert account_of(sandbox, running.stdout.readline()) == MINE
        by_edit(home)
        assert home.ssoenv("login", "acme").returncode == 0
        told, _ = running.communicate("\n", timeout=60)
    assert f"means account {OTHERS} by now; this session is of {MINE}" in told


def test_who_is_killed_while_it_takes_away_leaves_nothing_for_long(
    home: Home, project: Path
) -> None:
    """Whatever was left when it was killed, before each change of a file, goes at the next look."""
    state = home.path / ".local/state/ssoenv"
    for folder in ("allowed/1-1", "answers"):
        (state / folder).mkdir(parents=True)
        (state / folder / "acme,prod,Developer").touch()
    kept = home.path.parent / "kept"
    shutil.copytree(home.path, kept, symlinks=True)
    at, step = 0, 1 if WHOLE else 6
    while True:
        shutil.rmtree(home.path)
        shutil.copytree(kept, home.path, symlinks=True)
        by_edit(home)
        killed = home.ssoenv("status", cwd=None, **{forked.KILLED_AT: str(at)}).returncode
        assert home.ssoenv("status").returncode == 0
        left = [one for one in state.rglob("*") if one.is_file() and MINE in one.read_text()]
        assert not [one for one in left if "roles" in one.parts or "assignments" in one.parts], at
        assert not [*state.glob("allowed/*"), *state.glob("answers/*")], at
        if not killed:
            break
        at += step
    assert at > 6


def test_the_list_of_another_is_none(home: Home, project: Path) -> None:
    """Another process, with another config, may list what the name means to it, at any moment."""
    first = aws_config.find_session(home.env, "acme")
    by_edit(home)
    second = aws_config.find_session(home.env, "acme")
    listed = kept_listings.of(home.env, first)
    assert listed
    assert kept_listings.of(home.env, second) is None
    kept_listings.doubt(home.env, second)
    assert kept_listings.of(home.env, first) == listed
    for words in (("login", "acme"), ("roles",)):
        assert home.ssoenv(*words).returncode == 0
    assert kept_listings.of(home.env, first) is None
    assert kept_listings.of(home.env, second)


def test_a_list_that_says_not_where_it_is_from_is_that_of_its_name(
    home: Home, project: Path
) -> None:
    """As those of earlier versions do."""
    file = home.path / ".local/state/ssoenv/assignments/acme.json"
    document = json.loads(file.read_text())
    assert document.pop("start_url") == FIRST
    file.write_text(json.dumps(document))
    assert kept_listings.of(home.env, aws_config.find_session(home.env, "acme"))


@pytest.mark.parametrize("asked", ["source-dash", "source-bash"])
def test_the_source_asks_what_the_config_says_once_it_has_read(
    asked: str, home: Home, sandbox: Sandbox, project: Path
) -> None:
    assert account_of(sandbox, ASKED[asked](home, project)) == MINE
    other = home.path / "other"
    other.write_text(session_of(SECOND))
    (document,) = (home.path / ".local/state/ssoenv/roles").rglob("@process")
    with open(document, "a") as stream:  # as if the config were changed while this is read
        stream.write(f"cat {other} >{config(home)}\n")
    assert account_of(sandbox, ASKED[asked](home, project)) == ""
    assert SECOND in config(home).read_text()


@pytest.mark.parametrize("before", ["a file", "a folder"])
def test_a_config_may_stand_where_a_folder_was_and_a_folder_where_it_was(
    before: str, home: Home, project: Path
) -> None:
    place = home.path / "conf"
    for is_file in (before == "a file", before != "a file"):
        if is_file:
            shutil.rmtree(place, ignore_errors=True)
        else:
            place.unlink(missing_ok=True)
            place.mkdir()
        there = place if is_file else place / "acme"
        there.write_text(session_of(FIRST))
        pause()
        home.env["AWS_CONFIG_FILE"] = str(there)
        assert home.ssoenv("status", cwd=project).returncode == 0
        assert rendered.knows_config(home.env), there
