"""``ssoenv trust``, ``untrust`` and ``bind``: what is asked, what is remembered, what is undone."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ssoenv.base import files, paths
from ssoenv.shells import rendered
from ssoenv.trust import grants, store
from tests.conftest import PROJECT, operations
from tests.screen import Screen, ssoenv

if TYPE_CHECKING:
    from ssoenv.sandbox.server import Sandbox
    from tests.conftest import Home

pytestmark = [pytest.mark.usefixtures("quick_aws"), pytest.mark.sampled(2)]
WEAKER = PROJECT.partition("[profiles.prod]")[0].encode()
OTHER = PROJECT.replace('"Developer"', '"ReadOnly"')
FRESH = 'session = "corp"\n[profiles.a]\naccount = "111111111111"\nrole = "ReadOnly"\n[sso]\nstart_url = "https://corp.awsapps.com/start"\nregion = "eu-west-1"\n'


def snapshot(home: Home) -> dict[str, bytes]:
    """Every file of a home but for locks, and for what says of what form the state folder is.

    And for what says which config was looked at.
    """
    return {
        str(path.relative_to(home.path)): path.read_bytes()
        for path in home.path.rglob("*")
        if path.is_file()
        and "/locks/" not in str(path)
        and path.name not in ("version", "instances.json")
        and "/configs/" not in str(path)
    }


def settings(home: Home, text: str) -> Path:
    path = home.path / ".config/ssoenv/config.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def write(project: Path, text: str) -> None:
    (project / ".ssoenv.toml").write_text(text)


def status(home: Home, project: Path) -> str:
    return str(json.loads(home.ssoenv("status", "--json", cwd=project).stdout)["state"])


def on_terminal(home: Home, project: Path, *words: str) -> Screen:
    return ssoenv(home.env, str(project), *words, columns=100)


@pytest.fixture
def web(home: Home, sandbox: Sandbox) -> Path:
    return home.project("web")


def test_trust_shows_and_asks_and_a_no_writes_nothing(home: Home, web: Path) -> None:
    before = snapshot(home)
    screen = on_terminal(home, web, "trust")
    shown = screen.wait("[y/N]")
    assert "Developer in account 111111111111" in shown
    screen.send("n\r")
    assert screen.end() == 4
    assert snapshot(home) == before

    screen = on_terminal(home, web, "trust")
    screen.wait("[y/N]")
    screen.send("y\r")
    assert screen.end() == 0
    assert status(home, web) == "armed"


def test_without_a_terminal_trust_needs_yes_and_show_only_shows(home: Home, web: Path) -> None:
    before = snapshot(home)
    refused = home.ssoenv("trust", cwd=web)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "ssoenv trust --yes" in refused.stderr
    shown = home.ssoenv("trust", "--show", cwd=web)
    assert shown.returncode == 0
    assert "Developer in account 111111111111" in shown.stderr
    assert home.ssoenv("trust", "--show", "--yes", cwd=web).returncode == 2
    assert snapshot(home) == before
    assert home.ssoenv("trust", "--yes", cwd=web).returncode == 0
    assert status(home, web) == "armed"


@pytest.mark.parametrize("trusted", [False, True], ids=["new", "changed"])
def test_what_matters_in_a_long_file_is_not_out_of_sight(
    home: Home, web: Path, trusted: bool
) -> None:
    """A role among thousands of others is told right above the question."""
    assert home.ssoenv("login", "acme").returncode == 0
    assert home.ssoenv("roles").returncode == 0
    if trusted:
        assert home.ssoenv("trust", "--yes", cwd=web).returncode == 0
    one = '[profiles.n{}]\naccount = "111111111111"\nrole = "{}"\n'
    roles = {500: "ReadOnly", 700: "Ghost"}
    many = "".join(one.format(n, roles.get(n, "Developer")) for n in range(1000))
    write(web, f'session = "acme"\ndefault = "n1"\n{many}[paths]\nx = "n500"\n')
    shown = home.ssoenv("trust", "--show", cwd=web)
    assert shown.returncode == 0
    assert [line.strip() for line in shown.stderr.splitlines()[-6:]] == [
        "ssoenv: in short, 1,000 profiles:",
        "by default Developer in 111111111111 (dev)",
        "Developer in 111111111111 (dev)",
        "ReadOnly in 111111111111 (dev)",
        "1 more not assigned to you",
        "coding agents get what you get, but no protected role",
    ]


@pytest.mark.parametrize(
    "words",
    [("export",), ("exec", "--", "true"), ("whoami",), ("status",), ("trust",), ("bind", "-a", "dev", "-r", "ReadOnly", "-n", "dev", "--replace")],
)  # fmt: skip
def test_bytes_that_were_trusted_before_count_again(
    home: Home, web: Path, words: tuple[str, ...]
) -> None:
    assert home.ssoenv("login", "acme").returncode == 0
    for text in (PROJECT, OTHER):
        write(web, text)
        assert home.ssoenv("trust", "--yes", cwd=web).returncode == 0
    write(web, PROJECT)

    answer = home.ssoenv(*words, cwd=web)

    assert answer.returncode == 0, answer.stderr
    assert store.remembered(home.env, str(web), PROJECT.encode())
    if words[0] != "bind":
        assert store.trusted(home.env, str(web)) == PROJECT.encode()
    write(web, PROJECT + "# never seen\n")
    assert home.ssoenv("export", cwd=web).returncode == 4


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param(b"[profiles.dev\n", ":1: line 1 is not TOML", id="not TOML"),
        pytest.param(b'session = "\xff"\n', ":1: is not UTF-8", id="not UTF-8"),
        pytest.param(PROJECT.encode() + b"nonsense = 1\n", ":20: 1 is no profile", id="no profile"),
        pytest.param(PROJECT.encode() + b"\0", ":20: holds a NUL byte", id="a NUL"),
        pytest.param(b"#" * 70_000, " has more than 64 KiB", id="too large"),
    ],
)
@pytest.mark.parametrize("was", ["trusted", "never trusted"])
def test_what_is_wrong_in_a_changed_file_is_told_before_that_it_was_changed(
    home: Home, web: Path, text: bytes, told: str, was: str
) -> None:
    if was == "trusted":
        assert home.ssoenv("trust", "--yes", cwd=web).returncode == 0
    (web / ".ssoenv.toml").write_bytes(text)
    for words in (("status",), ("trust",), ("trust", "--yes"), ("doctor", "--offline"), ("bind",)):
        answer = home.ssoenv(*words, cwd=web)
        output = answer.stdout + answer.stderr
        assert f"{web}/.ssoenv.toml{told}" in output, (words, output)
        assert "you trusted it" not in output
        assert "is not trusted" not in output
        assert re.search(r"correct \S+ and try again|make \S+ smaller", output), (words, output)
        assert answer.returncode == {"status": 0, "doctor": 1}.get(words[0], 5)


def test_adopting_is_for_remembered_bytes_alone(home: Home, web: Path) -> None:
    from ssoenv.settings import Settings

    def adopt() -> bool:
        return grants.adopt_remembered(home.env, str(web), Settings())

    assert not adopt()
    home.ssoenv("trust", "--yes", cwd=web)
    write(web, OTHER)
    assert not adopt()
    home.ssoenv("trust", "--yes", cwd=web)
    write(web, PROJECT)
    assert adopt()
    assert store.trusted(home.env, str(web)) == PROJECT.encode()


def test_what_is_remembered_is_bounded(home: Home) -> None:
    contents = [str(number).encode() for number in range(150)]
    for content in contents:
        store.remember(home.env, "/p", [content])
    kept = [one for one in contents if store.remembered(home.env, "/p", one)]
    assert kept == contents[-store.LIMIT :]


def test_untrust_forgets_and_takes_every_route(home: Home, web: Path) -> None:
    link, other = home.path / "link", home.path / "other"
    link.symlink_to(web)
    other.symlink_to(home.path)
    for route in (web, link, other / "web"):
        assert home.ssoenv("trust", "--yes", cwd=route).returncode == 0
    for text in (OTHER, PROJECT):
        write(web, text)
        home.ssoenv("trust", "--yes", cwd=link)

    assert "no longer trusted" in home.ssoenv("untrust", cwd=web).stderr

    for text in (PROJECT, OTHER):
        write(web, text)
        for route in (web, link, other / "web"):
            assert status(home, route) == "blocked"
    assert grants.directories(home.env) == ()


def _in_the_way(home: Home, project: Path, what: str) -> None:
    """Make `trust` fail at some point."""
    folder = home.path / f".local/state/ssoenv/trust{project}"
    if what == "settings":
        settings(home, "never = 7")
    elif what == "config":
        with (home.path / ".aws/config").open("a") as stream:
            stream.write("[profile x\n")
    elif what == "state":
        (home.path / ".local/state").write_text("in the way")
    else:
        (folder / what / "full").mkdir(parents=True)


@pytest.mark.parametrize("name", ["corp", "ACME", "\u0430cme"])
def test_a_new_session_is_shown_beside_those_that_are_there(
    home: Home, web: Path, name: str
) -> None:
    """Its name may look like one of them; the last one begins with a Cyrillic letter."""
    write(web, FRESH.replace('"corp"', f'"{name}"'))
    shown = home.ssoenv("trust", "--show", cwd=web).stderr
    assert f"you have no [sso-session {name}]" in shown
    assert "yours are  acme\n" in shown
    assert "very address" not in shown
    write(web, FRESH.replace('"corp"', f'"{name}"').replace("corp.aws", "d-0000000000.aws"))
    shown = home.ssoenv("trust", "--show", cwd=web).stderr
    assert "acme of yours is at this very address; you sign in to each by itself" in shown


@pytest.mark.parametrize("text", [PROJECT, FRESH], ids=["known session", "its own session"])
@pytest.mark.parametrize(
    "what", ["settings", "config", "state", "@toml", "@sh", "@fish", "@history"]
)
def test_a_failed_trust_writes_nothing(home: Home, web: Path, what: str, text: str) -> None:
    write(web, text)
    _in_the_way(home, web, what)
    before = snapshot(home)

    failed = home.ssoenv("trust", "--yes", cwd=web)

    assert failed.returncode in (1, 5), failed.stderr
    assert "Traceback" not in failed.stderr
    assert snapshot(home) == before


def test_a_trust_that_fails_on_its_second_route_leaves_the_first_as_it_was(
    home: Home, web: Path
) -> None:
    link = home.path / "link"
    link.symlink_to(web)
    assert home.ssoenv("trust", "--yes", cwd=link).returncode == 0
    write(web, OTHER)
    physical = home.path / f".local/state/ssoenv/trust{web}"
    for name in ("@fish", "@sh"):
        (physical / name).unlink()
    (physical / "@fish" / "full").mkdir(parents=True)

    assert home.ssoenv("trust", "--yes", cwd=link).returncode == 1
    assert store.trusted(home.env, str(link)) == PROJECT.encode()
    assert not store.remembered(home.env, str(link), OTHER.encode())
    write(web, PROJECT)
    assert status(home, link) == "armed"


@pytest.mark.parametrize("words", [("status",), ("whoami",), ("exec", "--", "true"), ("export",)])
@pytest.mark.parametrize("writes", range(5))
def test_a_trust_killed_between_two_writes_is_mended(
    home: Home, web: Path, writes: int, words: tuple[str, ...]
) -> None:
    """Another content was trusted before, and its role is at hand."""
    assert home.ssoenv("login", "acme").returncode == 0
    assert home.ssoenv("trust", "--yes", cwd=web).returncode == 0
    assert home.ssoenv("export", cwd=web).returncode == 0
    write(web, OTHER)
    dying = (
        "import os, sys\n"
        "from ssoenv import __main__\n"
        "from ssoenv.base import files\n"
        f"left, real = [{writes}], files.write_private\n"
        "def write_private(path, *args, **more):\n"
        "    if '/trust/' in path:\n"
        "        left[0] -= 1\n"
        "        if left[0] < 0: os._exit(9)\n"
        "    real(path, *args, **more)\n"
        "files.write_private = write_private\n"
        "__main__.run(['trust', '--yes'])\n"
    )
    died = subprocess.run(
        [sys.executable, "-c", dying], env=home.env | {"PWD": str(web)}, cwd=web, check=False
    )
    assert died.returncode == 9
    answer = home.ssoenv(*words, cwd=web)
    if store.trusted(home.env, str(web)) == PROJECT.encode():
        assert answer.returncode == (0 if words == ("status",) else 4)
        return
    assert answer.returncode == 0, answer.stderr
    assert "Developer" not in answer.stdout
    assert status(home, web) in ("armed", "live")
    assert "ReadOnly" in home.ssoenv("whoami", cwd=web).stdout


@pytest.mark.parametrize("kept", [b"", WEAKER, b"\xff", b'session = "'])
def test_a_copy_that_is_damaged_is_no_fault_of_the_file(home: Home, web: Path, kept: bytes) -> None:
    assert home.ssoenv("trust", "--yes", cwd=web).returncode == 0
    assert home.ssoenv("login", "acme").returncode == 0
    Path(paths.trust_folder(home.env, str(web)), "@toml").write_bytes(kept)
    words = ("ensure", str(web), "dev", "1.1", "aws")
    assert home.ssoenv(*words, cwd=web).returncode == 0  # it has the bytes that were trusted last
    Path(paths.trust_folder(home.env, str(web)), "@toml").write_bytes(kept)
    (web / ".ssoenv.toml").write_bytes(WEAKER)

    answer = home.ssoenv(*words, cwd=web)

    assert (answer.returncode, answer.stdout) == (4, "")
    assert f"{web}/.ssoenv.toml is not trusted" in answer.stderr
    assert "try: ssoenv trust" in answer.stderr
    assert home.ssoenv("trust", "--yes", cwd=web).returncode == 0
    assert home.ssoenv(*words, cwd=web).returncode == 0


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize("left", ["before it", "nothing", "rubbish"])
def test_a_copy_that_is_damaged_protects_as_the_file_does(home: Home, left: str) -> None:
    """The role that it protects is asked for by its name, and the file is as it was."""
    vault = home.project("vault", VAULT)
    for words in (("login", "acme"), ("trust", "--yes"), ("roles",)):
        assert home.ssoenv(*words, cwd=vault).returncode == 0
    copy = Path(paths.trust_folder(home.env, str(vault)), "@toml")
    whole = copy.read_bytes()
    kept = {"before it": whole[: whole.index(b"protect")], "nothing": b"", "rubbish": b"x["}
    for between in ((), (("logout", "acme"), ("login", "acme"), ("roles",))):
        copy.write_bytes(kept[left])
        for words in between:
            home.ssoenv(*words)
        asked = home.ssoenv("exec", "dev/Developer", "--", "printenv", "AWS_ACCESS_KEY_ID")
        assert (asked.returncode, asked.stdout) == (6, ""), asked.stderr


def test_never_rules_out_a_profile_and_not_its_file(home: Home, web: Path) -> None:
    assert home.ssoenv("login", "acme").returncode == 0
    assert home.ssoenv("roles").returncode == 0
    settings(home, 'never = ["prod:*"]\n')

    trusting = home.ssoenv("trust", "--yes", cwd=web)

    assert trusting.returncode == 0
    assert 'your settings never allow prod/ReadOnly (never = ["prod:*"])' in trusting.stderr
    assert home.ssoenv("export", "--profile", "dev", cwd=web).returncode == 0
    inside = web / "envs/prod"
    inside.mkdir(parents=True)
    for words, where in (
        (("export",), inside),
        (("export", "--profile", "prod"), web),
        (("exec", "--profile", "prod", "--", "true"), web),
        (("whoami", "--profile", "prod"), web),
        (("export", "333333333333/ReadOnly"), web),
        (("ensure", str(web), "prod", "1.1", "aws"), web),
        (("credential-process", "acme/333333333333/ReadOnly"), inside),
        (("use", "prod/ReadOnly"), home.path),
        (("bind", "-a", "prod", "-r", "ReadOnly"), web),
    ):  # fmt: skip
        refused = home.ssoenv(*words, cwd=where)
        assert (refused.returncode, refused.stdout) == (6, ""), (words, refused.stderr)
        assert "your settings never allow" in refused.stderr
        assert "not trusted" not in refused.stderr
    report = json.loads(home.ssoenv("status", "--json", cwd=inside).stdout)
    assert report["state"] == "blocked"
    assert report["trusted"]
    assert "your settings never allow" in report["problem"]


def test_new_settings_rule_out_what_was_trusted_and_old_ones_give_it_back(
    home: Home, web: Path
) -> None:
    assert home.ssoenv("trust", "--yes", cwd=web).returncode == 0

    def refusals() -> list[str]:
        shown = rendered.load_binding(home.env, str(web))
        assert shown
        return [profile.name for profile in shown.profiles.values() if profile.refusal]

    path = settings(home, 'never = ["333333333333:*"]\n')
    assert home.ssoenv("hook", "bash").returncode == 0
    assert refusals() == ["prod"]
    assert store.trusted(home.env, str(web)) == PROJECT.encode()
    path.unlink()
    assert home.ssoenv("hook", "bash").returncode == 0
    assert refusals() == []


STRANGE = [
    "directory",
    "fifo",
    "dangling link",
    "link loop",
    "dangling folder",
    "parent is a file",
    "not toml",
    "not utf-8",
    "too large",
    "a number too long",
    "a number too large",
    "hexadecimal",
    "device",
]


@pytest.fixture(params=STRANGE)
def unreadable(home: Home, web: Path, request: pytest.FixtureRequest) -> Path:
    """The settings of somebody who trusts and is signed in, in a state that cannot be read."""
    assert home.ssoenv("login", "acme").returncode == 0
    assert home.ssoenv("trust", "--yes", cwd=web).returncode == 0
    assert home.ssoenv("export", cwd=web).returncode == 0
    path = home.path / ".config/ssoenv/config.toml"
    folder = path.parent
    folder.parent.mkdir()
    if request.param == "dangling folder":
        folder.symlink_to("/nonexistent/mount")
    elif request.param == "parent is a file":
        folder.write_text("")
    else:
        folder.mkdir()
    contents = {
        "not toml": b"never = [",
        "not utf-8": b'never = ["\xff:*"]',
        "too large": b"# " + b"x" * 70_000,
        "a number too long": b"protect_for = " + b"9" * 5000,
        "a number too large": b"protect_for = " + b"9" * 40,
        "hexadecimal": b"commands = 0x" + b"f" * 5000,
    }
    if request.param == "directory":
        path.mkdir()
    elif request.param == "fifo":
        os.mkfifo(path)
    elif request.param == "dangling link":
        path.symlink_to("gone")
    elif request.param == "link loop":
        path.symlink_to("config.toml")
    elif request.param == "device":
        path.symlink_to("/dev/null")
    elif request.param in contents:
        path.write_bytes(contents[request.param])
    return path


def test_what_was_not_asked_for_is_not_called_missing(home: Home, sandbox: Sandbox) -> None:
    """The accounts are known, and the roles of another one: which one holds here is not yet."""
    assert home.ssoenv("login", "acme").returncode == 0
    assert home.ssoenv("whoami", "staging/ReadOnly").returncode == 0
    there = home.project("web")
    shown = home.ssoenv("trust", "--show", cwd=there)
    assert "not looked up yet whether you hold it" in shown.stdout + shown.stderr
    assert "not assigned to you" not in shown.stdout + shown.stderr


def test_settings_that_cannot_be_read_block_whatever_needs_them(
    home: Home, web: Path, unreadable: Path
) -> None:
    for words in (
        ("exec", "--", "true"),
        ("whoami",),
        ("export", "111111111111/Developer"),
        ("credential-process", "acme/111111111111/ReadOnly"),
        ("ensure", str(web), "prod", "1.1", "aws"),
        ("trust", "--yes"),
        ("bind", "-a", "dev", "-r", "ReadOnly"),
        ("use", "--answer", "dev"),
    ):  # fmt: skip
        began = time.monotonic()
        answer = home.ssoenv(*words, cwd=web)
        assert (answer.returncode, answer.stdout) == (5, ""), (words, answer.stderr)
        assert str(unreadable) in answer.stderr
        assert "correct" in answer.stderr
        assert time.monotonic() - began < 5
    report = json.loads(home.ssoenv("status", "--json", cwd=web).stdout)
    assert report["state"] == "blocked"
    assert str(unreadable) in " ".join([report["problem"], *report["problems"]])


def test_a_missing_file_and_only_that_means_the_defaults(home: Home, web: Path) -> None:
    assert home.ssoenv("trust", "--yes", cwd=web).returncode == 0
    (home.path / ".config").mkdir()
    assert status(home, web) == "armed"


def test_bind_refuses_a_file_that_its_owner_has_not_seen(home: Home, web: Path) -> None:
    assert home.ssoenv("login", "acme").returncode == 0
    assert home.ssoenv("roles").returncode == 0
    words = ("bind", "-a", "staging", "-r", "ReadOnly", "-n", "mine")
    for text, what in ((PROJECT, "is not trusted"), (OTHER, "was changed")):
        write(web, text)
        before = snapshot(home)
        refused = home.ssoenv(*words, cwd=web)
        assert (refused.returncode, refused.stdout) == (4, ""), refused.stderr
        assert what in refused.stderr
        assert "ssoenv trust" in refused.stderr
        assert snapshot(home) == before
        assert home.ssoenv("trust", "--yes", cwd=web).returncode == 0
    assert home.ssoenv(*words, cwd=web).returncode == 0
    assert "[profiles.mine]" in (web / ".ssoenv.toml").read_text()


def test_bind_fetches_the_list_and_never_writes_the_start_of_a_name(
    home: Home, sandbox: Sandbox
) -> None:
    project = home.path / "new"
    project.mkdir()
    words = ("bind", "-a", "111111111111", "-r", "Dev")
    refused = home.ssoenv(*words, cwd=project)
    assert (refused.returncode, refused.stdout) == (3, "")
    assert "ssoenv login" in refused.stderr
    assert list(project.iterdir()) == []

    assert home.ssoenv("login", "acme").returncode == 0
    assert home.ssoenv(*words, cwd=project).returncode == 0
    assert 'role = "Developer"' in (project / ".ssoenv.toml").read_text()
    assert operations(sandbox, "ListAccounts") == 1


DEV_ROLE = ("-a", "dev", "-r", "Developer")


@pytest.mark.parametrize(
    ("words", "code", "wrong"),
    [
        pytest.param(("-a", "nope", "-r", "ReadOnly"), 6, "no account 'nope'", id="account"),
        pytest.param(("-a", "dev", "-r", "Nope"), 6, "'Nope' in dev", id="role"),
        pytest.param(
            ("-a", "dev", "-r", "No", "-r", "Nope"), 6, "'No' in dev", id="no role of two"
        ),
        pytest.param(
            (*DEV_ROLE, "--region", "eu-wst"), 2, "'eu-wst' is not an AWS region", id="region"
        ),
        pytest.param((*DEV_ROLE, "--output", "xml"), 2, "'xml' is not how", id="output"),
        pytest.param((*DEV_ROLE, "--name", "a b"), 2, "'a b'", id="name"),
    ],
)
def test_bind_names_the_word_that_is_wrong(
    home: Home, sandbox: Sandbox, words: tuple[str, ...], code: int, wrong: str
) -> None:
    project = home.path / "new"
    project.mkdir()
    home.ssoenv("login", "acme")
    refused = home.ssoenv("bind", *words, cwd=project)
    assert (refused.returncode, refused.stdout) == (code, "")
    assert wrong in refused.stderr
    assert ".ssoenv.toml" not in refused.stderr
    assert list(project.iterdir()) == []


def test_bind_takes_a_role_of_teammates_as_it_is_written(home: Home, sandbox: Sandbox) -> None:
    project = home.path / "new"
    project.mkdir()
    home.ssoenv("login", "acme")
    assert home.ssoenv("bind", "-a", "dev", "-r", "Owner", "-r", "dev", cwd=project).returncode == 0
    assert 'role = ["Owner", "Developer"]' in (project / ".ssoenv.toml").read_text()


VAULT = PROJECT.replace('role    = "Developer"', 'role    = "Developer"\nprotect = true')


def test_a_question_in_another_terminal_is_told_and_control_c_is_heard(
    home: Home, sandbox: Sandbox
) -> None:
    vault = home.project("vault", VAULT)
    assert home.ssoenv("trust", "--yes", cwd=vault).returncode == 0
    first = on_terminal(home, vault, "export")
    first.wait("[y/N]")
    began = time.monotonic()
    second = on_terminal(home, vault, "export")
    second.wait("another terminal is asking")
    assert time.monotonic() - began < 10
    second.send("\x03")
    assert second.end() == 130
    first.send("n\r")
    assert first.end() == 6


@pytest.mark.parametrize(
    "marker", ["@../..", "@../../trust", "@", "@a/b", "../..", "/x/../..", "//", "x", "/a//b"]
)
def test_a_marker_that_walks_is_ignored(home: Home, web: Path, marker: str) -> None:
    decoy = home.path / ".local/state/@role"
    decoy.parent.mkdir(parents=True, exist_ok=True)
    decoy.write_text('{"session": "acme", "account": "333333333333", "roles": ["Administrator"]}')
    answer = home.ssoenv("status", "--json", cwd=home.path, SSOENV_DIR=marker)
    assert json.loads(answer.stdout)["state"] == "none"
    assert home.ssoenv("export", cwd=home.path, SSOENV_DIR=marker).returncode == 2
    with contextlib.suppress(FileNotFoundError):
        assert files.read_bytes(f"{paths.state(home.env)}/roles") is None


def test_a_choice_that_is_kept_says_where_paths_still_count(home: Home, web: Path) -> None:
    home.ssoenv("trust", "--yes", cwd=web)
    kept = home.ssoenv("use", "staging", "--save", cwd=web)
    file = paths.choice_file(home.env, str(web))
    assert f"kept in {file}; nothing of the project was changed" in kept.stderr
    with open(file, encoding="utf-8") as stream:
        assert stream.read() == "staging"

    assert kept.returncode == 0
    assert "now uses staging for you" in kept.stderr
    assert "[paths]" in kept.stderr


@pytest.mark.parametrize("verb", ["trust", "untrust"])
def test_a_directory_that_is_not_there_is_not_the_one_around_it(
    home: Home, web: Path, verb: str
) -> None:
    home.ssoenv("trust", "--yes", cwd=web)
    write(web, OTHER)
    before = store.trusted(home.env, str(web))
    words = [verb, "nowhere", *(["--yes"] if verb == "trust" else [])]
    done = home.ssoenv(*words, cwd=web)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{web}/nowhere is no directory" in done.stderr
    assert store.trusted(home.env, str(web)) == before


def test_a_saved_choice_says_what_this_shell_stays_with(home: Home, web: Path) -> None:
    home.ssoenv("trust", "--yes", cwd=web)
    shell = {"SSOENV_DIR": str(web), "SSOENV_USE": "prod"}
    told = home.ssoenv("use", "dev", "--save", cwd=web, **shell).stderr
    assert "this shell stays with prod" in told
    assert "ssoenv use --none" in told
    assert "stays with" not in home.ssoenv("use", "prod", "--save", cwd=web, **shell).stderr
    assert "stays with" not in home.ssoenv("use", "dev", "--save", cwd=web).stderr
