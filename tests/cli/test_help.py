"""Help: of each command, for narrow terminals too, with examples; and what it says to a mistake."""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from ssoenv.base import errors
from ssoenv.cli import app, manual, pages
from ssoenv.shells import hook as hook_text
from tests.cli.test_failures import check

if TYPE_CHECKING:
    from tests.conftest import Home

PAGES = {one.path: one for one in app.every_page()}


@pytest.mark.sampled(2)
@pytest.mark.parametrize("path", ["", *PAGES])
def test_each_spelling_of_help_shows_the_same_page(home: Home, path: str) -> None:
    words = path.split()
    shown = {
        home.ssoenv(*spelled).stdout
        for spelled in ([*words, "--help"], [*words, "-h"], ["help", *words])
    }

    assert len(shown) == 1
    (text,) = shown
    assert text.startswith(f"Usage: ssoenv {path}".rstrip())
    assert all(len(line) < 80 for line in text.splitlines())
    for option in PAGES[path].options if path else ():
        assert option.spelled in text
    summaries = [PAGES[path]] if path else [one for one in PAGES.values() if " " not in one.path]
    for one in summaries:
        assert one.summary in re.sub(r"\s+", " ", text)


@pytest.mark.parametrize("path", PAGES)
def test_each_command_has_examples_that_stand_alone_on_their_lines(path: str) -> None:
    """Lines of a help that begin with our name are commands that can be run, and nothing else."""
    for columns in (40, 60, 80, 200):
        text = pages.render(PAGES[path], columns)
        joined = re.sub(r" \\\n +", " ", text)
        lines = [line.strip() for line in joined.splitlines() if line.strip().startswith("ssoenv ")]

        assert lines == [line for _, line in PAGES[path].examples]
    assert PAGES[path].examples
    known = {flag for option in PAGES[path].options for flag in option.flags}
    for _, line in PAGES[path].examples:
        ours = line.partition(" -- ")[0]
        assert ours.startswith(f"ssoenv {path}")
        assert {word for word in ours.split() if re.match("--?[a-z]", word)} <= known


def test_what_a_command_does_is_said_once() -> None:
    """The sentence of ``--help`` is that of the function behind it."""
    loaded = app.build()
    told = {
        info.name: info.callback.__doc__ for info in loaded.registered_commands if info.callback
    }
    for name, entry in manual.COMMANDS.items():
        if name not in ("admin", "agents", "sandbox", "configure"):
            assert (told[name] or "").splitlines()[0] == entry.summary


def test_exit_codes_are_those_of_the_errors(home: Home) -> None:
    shown = home.ssoenv("help", "exit-codes").stdout
    listed = {int(code) for code in re.findall(r"^  (\d+) +\w", shown, re.MULTILINE)}
    kinds: list[type[errors.SsoenvError]] = [
        errors.SsoenvError,
        *errors.SsoenvError.__subclasses__(),
    ]

    assert {kind.exit_code for kind in kinds} | {0, 70} == listed == {*manual.EXIT_CODES}


MISTAKES = {
    "help frob": ("no command 'frob'", "ssoenv help"),
    "help sandbox frob": ("no command 'frob'", "ssoenv help sandbox"),
    "bind --acount dev -r ReadOnly --name=x": (
        "bind has no option --acount; did you mean --account?",
        "ssoenv bind --account dev -r ReadOnly --name=x",
    ),
    "bind --acount=dev --rol ReadOnly": (
        "did you mean --account?",
        "ssoenv bind --account=dev --role ReadOnly",
    ),
    "exec --profil dev -- x --jsn": (
        "did you mean --profile?",
        "ssoenv exec --profile dev -- x --jsn",
    ),
    "exec --profil dev -- tool --profil x": (
        "--profile?",
        "ssoenv exec --profile dev -- tool --profil x",
    ),
    "exec --profil dev tool --profil x": (
        "--profile?",
        "ssoenv exec --profile dev tool --profil x",
    ),
    "exce -- exce": ("did you mean exec?", "ssoenv exec -- exce"),
    "logn acme --froce": ("did you mean login?", "ssoenv login acme --froce"),
    "frobnicate": ("no command 'frobnicate'", "ssoenv --help"),
    "lgin": ("did you mean login?", "ssoenv login"),
    "help lgin": ("did you mean login?", "ssoenv help login"),
    "help exitcodes": ("did you mean exit-codes?", "ssoenv help exit-codes"),
    "help exit": ("did you mean exit-codes?", "ssoenv help exit-codes"),
    "help bind dev": ("bind has no commands", "ssoenv help bind"),
    "help sandbox run now": ("sandbox run has no commands", "ssoenv help sandbox run"),
    "status --jsn": ("status has no option --jsn; did you mean --json?", "ssoenv status --json"),
    "status --quux": ("status has no option --quux", "ssoenv status --help"),
    "--versio": ("did you mean --version?", "ssoenv --version"),
    "hook": ("hook needs bash|zsh|fish", "ssoenv hook --help"),
    "bind -a": ("bind: option '-a' requires an argument", "ssoenv bind --help"),
    "status a b": ("status: got unexpected extra argument", "ssoenv status --help"),
    "sandbox": ("sandbox needs a command", "ssoenv sandbox --help"),
    "agents setpu": ("did you mean setup?", "ssoenv agents setup"),
    "configure sesion": ("no command 'sesion'; did you mean session?", "ssoenv configure session"),
    "configure improt --dry-run": ("did you mean import?", "ssoenv configure import --dry-run"),
    "help configure sesion": ("did you mean session?", "ssoenv help configure session"),
    "assign -u bob": (
        "no command 'assign'; did you mean admin assign?",
        "ssoenv admin assign -u bob",
    ),
    "session x": ("did you mean configure session?", "ssoenv configure session x"),
    "admin assign -u bob --until 5": (
        "admin assign has no option --until",
        "ssoenv admin assign --help",
    ),
    "admin assign -u bob --role=ReadOnly -a dev": (
        "has no option --role; did you mean --permission-set?",
        "ssoenv admin assign -u bob --permission-set=ReadOnly -a dev",
    ),
    "bind -a dev --permission-set X": ("did you mean --role?", "ssoenv bind -a dev --role X"),
    "admin asign": ("no command 'asign'; did you mean assign?", "ssoenv admin assign"),
    "ADMIN": ("no command 'ADMIN'; did you mean admin?", "ssoenv admin"),
    "sandbox srve": ("did you mean serve?", "ssoenv sandbox serve"),
    "sandbox serve --port x": ("'x' is not a valid int", "ssoenv sandbox serve --help"),
    "-v status --jsn": ("did you mean --json?", "ssoenv -v status --json"),
}


@pytest.mark.parametrize("line", MISTAKES)
def test_a_mistake_is_one_line_and_what_was_meant(home: Home, line: str) -> None:
    said, hint = MISTAKES[line]

    result = home.ssoenv(*line.split())

    check(result, 2, said)
    assert result.stderr.startswith("ssoenv: ")
    assert result.stderr.splitlines()[1:] == [f"  try: {hint}"]


@pytest.mark.parametrize("words", ["report", "profiles sesion", "-- sesion"])
def test_a_word_of_its_own_is_no_misspelt_command(home: Home, words: str) -> None:
    assert "no command" not in home.ssoenv(*f"configure {words}".split()).stderr


def test_nothing_hidden_is_shown(home: Home) -> None:
    assert "--answer" not in home.ssoenv("use", "--help").stdout


@pytest.mark.parametrize("words", ["--help", "help", "help exit-codes", "status"])
def test_a_reader_that_leaves_is_no_error(home: Home, words: str) -> None:
    """As ``ssoenv ... | true``: the pipe is closed before anything is written."""
    read, write = os.pipe()
    os.close(read)
    with open(write, "wb") as pipe:
        result = subprocess.run(
            [*hook_text.command_line(), *words.split()],
            env=home.env,
            cwd=home.path,
            stdout=pipe,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )

    assert result.stderr == ""
    assert result.returncode in (1, 141)


@pytest.mark.parametrize("closed", [">&-", "<&-", "2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("words", ["--version", "--help", "status", "hook bash", "frobnicate"])
def test_a_closed_stream_is_no_error(home: Home, words: str, closed: str) -> None:
    """And no file that is opened later takes its place."""
    program = " ".join(hook_text.command_line())
    result = subprocess.run(
        ["sh", "-c", f"{program} {words} {closed}"],
        env=home.env,
        cwd=home.path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == (2 if words == "frobnicate" else 0), result.stderr
    assert "Traceback" not in result.stderr
    assert "bug" not in result.stderr
