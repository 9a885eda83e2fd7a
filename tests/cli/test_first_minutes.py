"""Somebody new: every answer checked when it is given, nothing asked twice, nothing left hanging."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from ssoenv.setup import answers
from ssoenv.shells import hook as hook_text
from tests.screen import Screen, ssoenv
from tests.shell.conftest import trust

if TYPE_CHECKING:
    from pathlib import Path

    from ssoenv.sandbox.server import Sandbox
    from tests.conftest import Home

pytestmark = pytest.mark.sampled(2)

URL = "https://d-0000000000.awsapps.com/start"
GIVEN = ("--start-url", URL, "--region", "us-east-1", "--session", "acme")
ENTER, CTRL_C, CTRL_D = "\r", "\x03", "\x04"


@pytest.fixture
def nothing(home: Home, sandbox: Sandbox) -> Path:
    """A project of somebody who has no AWS config at all."""
    (home.path / ".aws/config").unlink()
    directory = home.path / "web"
    directory.mkdir()
    return directory


def config(home: Home) -> str:
    path = home.path / ".aws/config"
    return path.read_text() if path.exists() else ""


def answer(screen: Screen, question: str, text: str) -> str:
    """Wait for a question that has not been answered, and answer it; return what was there."""
    shown = screen.wait(lambda text: " ".join(text.split()).endswith(question))
    screen.send(text + ENTER)
    screen.wait(lambda text: text != shown)
    return shown


def test_wrong_answers_are_told_at_once_and_all_others_kept(home: Home, nothing: Path) -> None:
    screen = ssoenv(home.env, str(nothing), "setup", "--shell", "zsh", lines=60)
    answer(screen, "Start URL:", "http://acme.awsapps.com/start")
    shown = answer(screen, "Start URL:", "acme")
    assert "'http://acme.awsapps.com/start' is not the start URL" in shown
    answer(screen, "Start URL:", URL.removeprefix("https://") + "/#/")
    answer(screen, "such as eu-west-1:", "virginia")
    shown = answer(screen, "such as eu-west-1:", "us-est-1")
    assert "'virginia' is not an AWS region" in shown
    answer(screen, "such as eu-west-1:", "US-EAST-1")
    shown = answer(screen, "What to call it [sso]:", "my corp")
    assert "your team commits" in shown
    answer(screen, "What to call it [sso]:", "acme")
    answer(screen, "Apply these changes? [y/N]", "y")
    answer(screen, "role? [y/N]", "y")
    screen.wait("Enter picks")
    screen.send("dev dev" + ENTER)
    assert screen.end() == 0
    assert f"[sso-session acme]\nsso_start_url = {URL}\nsso_region = us-east-1\n" in config(home)
    assert 'region = "us-east-1"' in (nothing / ".ssoenv.toml").read_text()
    assert screen.text().endswith("ssoenv: next:\n  exec zsh\n  aws sts get-caller-identity")


def test_what_is_there_already_is_not_offered(home: Home, sandbox: Sandbox) -> None:
    web = home.project("web")
    home.ssoenv("login", "acme")
    trust(home, web)
    assert home.ssoenv("setup", "--yes", "--shell", "bash").returncode == 0
    screen = ssoenv(home.env | {"SSOENV_HOOK": "1"}, str(web), "setup", "--shell", "bash")
    assert screen.end() == 0
    assert "[y/N]" not in screen.text()
    assert screen.text().endswith("next:\n  aws sts get-caller-identity")


def test_the_one_line_of_a_team(home: Home, nothing: Path) -> None:
    for _ in range(2):
        done = home.ssoenv("setup", "--shell", "bash", *GIVEN, "--yes", cwd=nothing)
        assert (done.returncode, done.stdout) == (0, ""), done.stderr
        assert done.stderr.endswith("next:\n  exec bash\n  ssoenv bind\n")
    assert config(home).count("[sso-session acme]") == 1
    bound = home.ssoenv("bind", "-a", "dev", "-r", "Developer", cwd=nothing)
    assert bound.returncode in (0, 3), bound.stderr


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        (("--region", "us-east-1"), "a session needs --start-url"),
        (("--session", "acme"), "a session needs --start-url and --region"),
        (("--start-url", URL), "a session needs --region"),
        (("--start-url", "http://x.y/start", "--region", "us-east-1"), "'http://x.y/start'"),
        (("--start-url", URL, "--region", "mars"), "'mars' is not an AWS region"),
        ((*GIVEN[:4], "--session", "a b"), "'a b' is no name"),
    ],
)
def test_what_is_given_and_does_not_do(
    home: Home, nothing: Path, words: tuple[str, ...], wrong: str
) -> None:
    refused = home.ssoenv("setup", "--yes", "--shell", "bash", *words)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert wrong in refused.stderr
    assert not (home.path / ".aws/config").exists()
    assert not (home.path / ".bashrc").exists()


LEFT, RIGHT, HOME, END, DELETE = "\x1b[D", "\x1b[C", "\x1b[H", "\x1b[F", "\x1b[3~"
CTRL_A, CTRL_E, CTRL_W, CTRL_U, BACKSPACE = "\x01", "\x05", "\x17", "\x15", "\x7f"
EDITED = {
    "left": "us-est-1" + LEFT * 4 + "a",
    "left and right": "us-est-1" + LEFT * 5 + RIGHT + "a",
    "home and delete": "xus-east-1" + HOME + DELETE,
    "home and end": "s-east-" + HOME + "u" + END + "1",
    "ctrl-a and ctrl-e": "s-east-" + CTRL_A + "u" + CTRL_E + "1",
    "ctrl-w": "eu west" + CTRL_W + CTRL_W + "us-east-1",
    "ctrl-u and backspace": "mars" + CTRL_U + "us-east-12" + BACKSPACE,
}
"""What somebody types who wants us-east-1."""


@pytest.mark.parametrize("keys", EDITED)
def test_an_answer_is_edited_as_a_line_of_a_shell(home: Home, nothing: Path, keys: str) -> None:
    line = f"{' '.join(hook_text.command_line())} setup --shell zsh --start-url {URL} -s acme >out"
    screen = Screen(["sh", "-c", line], home.env, str(nothing), lines=60)
    answer(screen, "such as eu-west-1:", EDITED[keys])
    answer(screen, "Apply these changes? [y/N]", "y")
    answer(screen, "role? [y/N]", "n")
    assert screen.end() == 0
    assert "sso_region = us-east-1\n" in config(home)
    assert "is not an AWS region" not in screen.text()
    assert (nothing / "out").read_text() == ""


def test_plain_answers_are_read_as_the_terminal_has_them(home: Home, nothing: Path) -> None:
    words = ("--plain", "setup", "--shell", "zsh", *GIVEN[:2])
    screen = ssoenv(home.env, str(nothing), *words, lines=60)
    answer(screen, "such as eu-west-1:", "mars" + CTRL_U + "us-east-1")
    answer(screen, "What to call it [sso]:", "acme")
    assert "\x1b" not in screen.raw
    screen.wait("Apply these changes? [y/N]")
    screen.send(CTRL_C)
    assert screen.end() == 130


@pytest.mark.parametrize("words", [("--region", "us-east-1"), ("--session", "acme")])
def test_a_lone_option_is_an_answer_given_before(
    home: Home, nothing: Path, words: tuple[str, ...]
) -> None:
    home.ssoenv("setup", "--yes", "--shell", "bash")
    screen = ssoenv(home.env, str(home.path), "setup", "--shell", "bash", *words)
    answer(screen, "Start URL:", URL)
    if words[0] == "--session":
        answer(screen, "such as eu-west-1:", "us-east-1")
    else:
        answer(screen, "What to call it [sso]:", "acme")
    answer(screen, "Apply these changes? [y/N]", "y")
    answer(screen, "Sign in to acme now? [y/N]", "n")
    assert screen.end() == 0
    assert f"[sso-session acme]\nsso_start_url = {URL}\nsso_region = us-east-1\n" in config(home)


def test_a_session_that_no_sign_in_came_of_is_corrected(home: Home, nothing: Path) -> None:
    wrong = "https://d-1111111111.awsapps.com/start"
    home.ssoenv("setup", "--yes", "--shell", "bash", "--start-url", wrong, *GIVEN[2:])
    screen = ssoenv(home.env, str(home.path), "setup", "--shell", "bash", lines=60)
    answer(screen, "Sign in to acme now? [y/N]", "y")
    answer(screen, "Correct the address of acme? [y/N]", "y")
    answer(screen, f"Start URL [{wrong}]:", URL)
    answer(screen, "Its region [us-east-1]:", "")
    assert screen.end() == 0
    assert "ssoenv: signed in to acme" in screen.text()
    assert URL in config(home)
    assert wrong not in config(home)


def test_another_address_for_a_session_replaces_it_if_somebody_says_so(
    home: Home, sandbox: Sandbox
) -> None:
    text = config(home).replace("[sso-session acme]\n", "[sso-session acme] # ours\n# a comment\n")
    (home.path / ".aws/config").write_text(text + "[profile x]\nregion = eu-west-1\n")
    home.ssoenv("setup", "--yes", "--shell", "bash")
    other = ("--session", "acme", "--region", "eu-west-1")
    screen = ssoenv(home.env, str(home.path), "setup", "--shell", "bash", *other)
    shown = answer(screen, "Apply these changes? [y/N]", "n")
    assert "[sso-session acme] is there, for" in shown
    assert "-sso_region = us-east-1" in shown
    assert "+sso_region = eu-west-1" in shown
    assert screen.end() == 0
    assert "sso_region = us-east-1" in config(home)
    assert home.ssoenv("setup", "--yes", "--shell", "bash", *other).returncode == 0
    assert "sso_region = eu-west-1" in config(home)
    assert "# a comment\n" in config(home)
    copies = (home.path / ".local/state/ssoenv/backups").glob("aws-config.*")
    assert "sso_region = us-east-1" in [copy.read_text() for copy in copies][-1]
    assert "[profile x]\nregion = eu-west-1\n\n# >>> ssoenv" in config(home)


def test_several_sessions_are_asked_for_by_name(home: Home, sandbox: Sandbox) -> None:
    (home.path / ".aws/config").write_text(config(home) + config(home).replace("acme", "beta"))
    home.ssoenv("setup", "--yes", "--shell", "bash")
    screen = ssoenv(home.env, str(home.path), "setup", "--shell", "bash")
    answer(screen, "Which session [acme]:", "gamma")
    shown = answer(screen, "Which session [acme]:", "beta")
    assert "no session 'gamma'; there is: acme, beta" in shown
    answer(screen, "Sign in to beta now? [y/N]", "n")
    assert screen.end() == 0


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://acme.awsapps.com/start", "acme"),
        ("https://d-1234567890.awsapps.com/start", "sso"),
        ("https://ssoins-723.portal.eu-west-1.app.aws", "sso"),
    ],
)
def test_the_name_comes_from_the_start_url(url: str, name: str, home: Home) -> None:
    assert answers.propose_name(url, home.env | {"PWD": str(home.path)}) == name


def test_a_clone_says_how_its_team_calls_the_session(home: Home) -> None:
    web = home.project("web")
    assert answers.propose_name(URL, home.env | {"PWD": str(web)}) == "acme"


QUESTIONS = [
    (("setup", "--shell", "fish"), (), "Start URL:"),
    (("setup", "--shell", "fish"), (URL,), "such as eu-west-1:"),
    (("setup", "--shell", "fish"), (URL, "us-east-1"), "What to call it [acme]:"),
    (("setup", "--shell", "fish"), (URL, "us-east-1", "acme"), "Apply these changes? [y/N]"),
    (("setup", "--shell", "fish"), (URL, "us-east-1", "acme", "y"), "Sign in to acme now? [y/N]"),
    (("trust",), (), "Trust exactly this file? [y/N]"),
]


@pytest.mark.parametrize("key", [CTRL_C, CTRL_D], ids=["ctrl-c", "ctrl-d"])
@pytest.mark.parametrize(("words", "before", "question"), QUESTIONS, ids=lambda one: str(one)[:40])
def test_leaving_at_any_question_ends_the_line_and_exits_130(
    home: Home,
    sandbox: Sandbox,
    words: tuple[str, ...],
    before: tuple[str, ...],
    question: str,
    key: str,
) -> None:
    web = home.project("web")
    if words[0] == "setup":
        (home.path / ".aws/config").unlink()
    screen = ssoenv(home.env, str(web), *words, lines=60)
    there = {path for path in home.path.rglob("*") if path.is_file()}
    for text in before:
        screen.wait(lambda text: re.search(r"(: ?|\[y/N\])$", text) is not None)
        seen = screen.text()
        screen.send(text + ENTER)
        screen.wait(lambda text, seen=seen: text != seen)  # type: ignore[misc]
    screen.wait(lambda text: text.endswith(question))
    raw = len(screen.raw)
    screen.send(key)
    assert screen.end() == 130
    # Of a question for a yes it is said what comes of that; of one for a value, nothing does.
    answered = key == CTRL_D or question.endswith("[y/N]")
    ends_at_once = key != CTRL_C or words[0] != "trust"
    assert not ends_at_once or screen.raw[raw:].count("\n") == (2 if answered else 1)
    if key == CTRL_C and words[0] == "trust":
        told = f"ssoenv: {web}/.ssoenv.toml is not trusted"
        assert " ".join(screen.raw[raw:].split()[1:]) == told  # a long path has a line of its own
    assert "Traceback" not in screen.raw
    if "y" not in before:
        assert {path for path in home.path.rglob("*") if path.is_file()} == there


CANCELLED = "ssoenv: the sign-in to acme was cancelled\r\n"


@pytest.mark.parametrize(
    ("words", "seen", "ending"),
    [
        (("sandbox", "serve"), "--session acme", "^C\r\n"),
        (("login", "acme"), "Ctrl-C leaves", f"\n{CANCELLED}"),
        (("login", "acme", "--device-code"), "Ctrl-C leaves", f"\n{CANCELLED}"),
    ],
    ids=lambda one: str(one)[:40],
)
def test_ctrl_c_while_something_goes_on_ends_the_line_too(
    home: Home, sandbox: Sandbox, words: tuple[str, ...], seen: str, ending: str
) -> None:
    sandbox.set_approve("ask")
    screen = ssoenv(home.env, str(home.path), *words, columns=200, lines=60)
    screen.wait(seen)
    screen.send(CTRL_C)
    assert screen.end() == 130
    assert screen.raw.endswith(ending)


SECRET = "aws_secret_access_key = wJalrXUtnFEMI"  # no newline behind it: the last line of a file
KEPT = "[profile mine]\nregion = eu-west-3\naws_session_token = FwoGZXIvYXdzE\n"


def test_one_question_for_all_that_setup_writes(home: Home, nothing: Path) -> None:
    (home.path / ".aws/config").write_text(KEPT + SECRET)
    (home.path / ".zshrc").write_text("A=1\n")
    screen = ssoenv(
        home.env, str(nothing), "setup", "--shell", "zsh", *GIVEN, columns=250, lines=60
    )
    shown = answer(screen, "Apply these changes? [y/N]", "n")
    assert "+[sso-session acme]" in shown
    assert f"+sso_start_url = {URL}" in shown
    assert "+# >>> ssoenv >>>" in shown
    assert screen.end() == 0
    assert shown.count("[y/N]") == 1
    assert "nothing was changed" in screen.text()
    assert screen.text().endswith(f"next:\n  ssoenv setup --shell zsh {' '.join(GIVEN)}")
    assert config(home) == KEPT + SECRET
    assert (home.path / ".zshrc").read_text() == "A=1\n"
    assert not [*home.path.rglob("_ssoenv"), *home.path.rglob("hook.*")]
    for line in (KEPT + SECRET).splitlines():
        assert line not in shown

    screen = ssoenv(
        home.env, str(nothing), "setup", "--shell", "zsh", *GIVEN, columns=250, lines=60
    )
    answer(screen, "Apply these changes? [y/N]", "y")
    answer(screen, "role? [y/N]", "y")
    screen.wait("Enter picks")
    screen.send("dev dev" + ENTER)
    assert screen.end() == 0
    assert config(home).startswith(f"{KEPT}{SECRET}\n\n[sso-session acme]\n")
    assert "signing in to acme" in screen.text()
    assert "needs a sign-in" not in screen.text()
    assert screen.text().endswith("next:\n  exec zsh\n  aws sts get-caller-identity")


def test_a_config_that_changes_under_the_question_is_left_alone(home: Home, nothing: Path) -> None:
    screen = ssoenv(home.env, str(nothing), "setup", "--shell", "zsh", *GIVEN, lines=60)
    screen.wait("Apply these changes? [y/N]")
    (home.path / ".aws/config").write_text(KEPT)
    screen.send("y" + ENTER)
    assert screen.end() == 1
    assert "was changed meanwhile" in screen.text()
    assert config(home) == KEPT
    assert not (home.path / ".zshrc").exists()


@pytest.mark.parametrize("before", [None, KEPT, KEPT + SECRET])
def test_print_shows_the_session_too_and_writes_nothing(
    home: Home, nothing: Path, before: str | None
) -> None:
    if before is not None:
        (home.path / ".aws/config").write_text(before)
    there = {path for path in home.path.rglob("*") if path.is_file()}
    printed = home.ssoenv("setup", "--print", "--shell", "zsh", *GIVEN)
    assert printed.returncode == 0
    assert "+# >>> ssoenv >>>\n" in printed.stdout
    assert "+[sso-session acme]\n" in printed.stdout
    assert {path for path in home.path.rglob("*") if path.is_file()} == there
    assert not set((before or "").splitlines()) & {line[1:] for line in printed.stdout.splitlines()}
    assert home.ssoenv("setup", "--yes", "--shell", "zsh", *GIVEN).returncode == 0
    after = config(home)
    subprocess.run(["patch", "-R", "-s", str(home.path / ".aws/config")], input=printed.stdout.partition("write ")[2].partition("\n")[2], text=True, check=True)  # fmt: skip
    assert (config(home) if (home.path / ".aws/config").exists() else "") in (
        before or "",
        f"{before}\n",
    )
    assert after.startswith(before or "")

    lacking = home.ssoenv("setup", "--print", "--shell", "zsh", *GIVEN[:2])
    assert (lacking.returncode, lacking.stdout) == (2, "")
    assert lacking.stderr.endswith(f"--start-url {URL} --region REGION\n")


def test_print_says_that_nothing_is_to_do(home: Home, nothing: Path) -> None:
    home.ssoenv("setup", "--yes", "--shell", "zsh", *GIVEN)
    done = home.ssoenv("setup", "--print", "--shell", "zsh", *GIVEN)
    assert (done.returncode, done.stdout) == (0, "")
    assert "everything is as setup would make it" in done.stderr


def test_undo_asks_for_what_a_person_may_want_to_keep(home: Home, sandbox: Sandbox) -> None:
    trust(home, home.project("web"))
    home.ssoenv("setup", "--yes", "--shell", "bash")
    assert "credential-process" in config(home)
    screen = ssoenv(home.env, str(home.path), "setup", "--undo", lines=60)
    shown = answer(screen, "Apply these changes? [y/N]", "y")
    assert "remove [profile ssoenv] from" in shown
    answer(screen, "Remove it, too? [y/N]", "y")
    answer(screen, "Forget them, too? [y/N]", "y")
    assert screen.end() == 0
    assert "ssoenv" not in config(home)
    assert "sso-session" not in config(home)
    assert not (home.path / ".local/state/ssoenv").exists()


@pytest.mark.parametrize("signs_out", ["y", "n"])
def test_undo_says_what_stays_of_a_sign_in_whatever_is_answered(
    home: Home, sandbox: Sandbox, signs_out: str
) -> None:
    web = home.project("web")
    trust(home, web)
    assert home.ssoenv("login", "acme").returncode == 0
    assert home.ssoenv("export", cwd=web).returncode == 0
    screen = ssoenv(home.env, str(home.path), "setup", "--undo", lines=60, columns=300)
    answer(screen, "Apply these changes? [y/N]", "y")
    shown = answer(screen, "Sign out of everything, too? [y/N]", signs_out)
    for folder in ("sso", "cli"):
        assert f"{home.path}/.aws/{folder}/cache" in shown
    answer(screen, "Remove it, too? [y/N]", "y")
    answer(screen, "Forget them, too? [y/N]", "y")
    assert screen.end() == 0
    kept = signs_out == "n"
    assert ("to end that: ssoenv logout --all" in screen.text()) == kept
    assert any((home.path / ".aws/cli/cache").iterdir()) == kept
    assert home.ssoenv("logout", "--all").returncode == 0
    again = home.ssoenv("setup", "--undo", "--yes")
    assert "logout --all" not in again.stderr


def test_the_managed_profile_stays_while_another_shell_is_set_up(
    home: Home, sandbox: Sandbox
) -> None:
    trust(home, home.project("web"))
    for shell in ("bash", "zsh"):
        home.ssoenv("setup", "--yes", "--shell", shell)
    home.ssoenv("setup", "--undo", "--yes", "--shell", "bash")
    assert "credential-process" in config(home)
    assert ">>> ssoenv" in (home.path / ".zshrc").read_text()
    home.ssoenv("setup", "--undo", "--yes")
    assert "credential-process" not in config(home)
    assert "[sso-session acme]" in config(home)


def test_undo_asks_for_the_rest_with_the_last_shell_only(home: Home, sandbox: Sandbox) -> None:
    trust(home, home.project("web"))
    assert home.ssoenv("login", "acme").returncode == 0
    for shell in ("bash", "zsh"):
        home.ssoenv("setup", "--yes", "--shell", shell)
    words = ("setup", "--undo", "--shell")
    screen = ssoenv(home.env, str(home.path), *words, "bash", lines=90, columns=300)
    answer(screen, "Apply these changes? [y/N]", "y")
    told = screen.wait("without ssoenv from now on: bash")
    assert screen.end() == 0
    for rest in ("Sign out", "Remove it", "Forget them", "stay signed in", "stays in"):
        assert rest not in told + screen.text()

    screen = ssoenv(home.env, str(home.path), *words, "zsh", lines=90, columns=300)
    answer(screen, "Apply these changes? [y/N]", "y")
    for question in ("Sign out of everything, too?", "Remove it, too?", "Forget them, too?"):
        answer(screen, f"{question} [y/N]", "n")
    assert screen.end() == 0
