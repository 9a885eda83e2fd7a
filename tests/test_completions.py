"""The completions are those of the commands as they are, and the shells can use them."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from ssoenv.aws_files import config as aws_config
from ssoenv.base.models import Account, Assignment
from ssoenv.identity_center.assignments import Listing
from tests.conftest import keep_list
from tools.completions.__main__ import RENDER
from tools.completions.commands import LISTED, commands
from tools.completions.files import FILES, FOLDER

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Home


@pytest.mark.parametrize("shell", FILES)
def test_generated_and_committed_are_the_same(shell: str) -> None:
    committed = (FOLDER / FILES[shell]).read_text()

    assert committed == RENDER[shell](commands()), "run: make completions"


CONFIG = "[sso-session acme]\nsso_region = x\nsso_start_url = https://x\n[profile y]\n"
ROWS = (
    Assignment(Account("111111111111", "dev", "a@b"), "Developer"),
    Assignment(Account("222222222222", "two words", "a@b"), "ReadOnly"),
)
MORE = (
    Assignment(Account("333333333333", "web", "a@b"), "Admin"),
    Assignment(Account("444444444444", "web2", "a@b"), "Developer"),
    Assignment(Account("444444444444", "web2", "a@b"), "ReadOnly"),
)
CASES = [
    pytest.param("ssoenv log", {"login", "logout"}, id="commands"),
    pytest.param("ssoenv use ", {"dev", "prod"}, id="profiles"),
    pytest.param("ssoenv login ", {"acme"}, id="sessions"),
    pytest.param("ssoenv export --format f", {"fish"}, id="values"),
    pytest.param("ssoenv bind --account ", {"dev", "111111111111", "222222222222"}, id="accounts"),
    pytest.param("ssoenv bind --account 2", {"222222222222"}, id="account ids"),
    pytest.param("ssoenv bind --role ", {"Developer", "ReadOnly"}, id="roles"),
    *(
        pytest.param(f"ssoenv bind {line}", roles, id=line)
        for line, roles in {
            "-a dev -r ": {"Developer"},
            "--account dev --role ": {"Developer"},
            "--account=dev --role ": {"Developer"},
            "-adev -r ": {"Developer"},
            "-a de -r ": {"Developer"},
            "-a 111111111111 -n x --role D": {"Developer"},
            "-a 2222 -r ": {"ReadOnly"},
            '-a "two words" -r ': {"ReadOnly"},
            "-a web -r ": {"Admin"},
            "-a web2 -r ": {"Developer", "ReadOnly"},
            "-a we -r ": {"Admin", "Developer", "ReadOnly"},
            "-a nobody -r ": set[str](),
        }.items()
    ),
    pytest.param("ssoenv export de", {"dev/Developer"}, id="targets"),
    pytest.param("ssoenv sandbox ", {"serve", "run"}, id="subcommands"),
    pytest.param("ssoenv agents ", {"setup"}, id="subcommands of another"),
    pytest.param("ssoenv agents setup c", {"claude", "codex", "copilot", "cursor"}, id="agents"),
    pytest.param("ssoenv setup ", set[str](), id="a command that is also one of a group"),
]


def complete(shell: str, line: str, home: Home) -> set[str]:
    path = FOLDER / FILES[shell]
    if shell == "bash":
        script = (
            f"source {path}; __ssoenv_names=' dev prod ' __ssoenv_dir=/x; IFS=' ' read -ra COMP_WORDS <<<'{line}'\n"
            f"[[ '{line}' != *' ' ]] || COMP_WORDS+=('')\n"
            "COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); __ssoenv_complete; printf '%s\\n' \"${COMPREPLY[@]}\""
        )
        return printed(["bash", "--norc", "-c", script], home)
    return {row.split("\t")[0] for row in fish_rows(line, home)}


def fish_rows(line: str, home: Home) -> set[str]:
    """What fish offers, and behind a tab what it says of it."""
    script = f"source {FOLDER / FILES['fish']}; set -g __ssoenv_names ' dev prod '; set -g __ssoenv_dir /x; complete -C '{line}'"
    return printed(["fish", "--no-config", "-c", script], home)


def printed(command: list[str], home: Home) -> set[str]:
    result = subprocess.run(
        command, env=home.env, capture_output=True, text=True, check=True, timeout=20
    )
    assert not result.stderr
    return {row for row in result.stdout.split("\n") if row}


@pytest.mark.parametrize("shell", ["bash", "fish"])
@pytest.mark.parametrize(("line", "expected"), CASES)
def test_what_is_offered(shell: str, line: str, expected: set[str], home: Home) -> None:
    config = home.path / ".aws/config"
    config.parent.mkdir()
    config.write_text(CONFIG)
    session = aws_config.find_session(home.env, "acme")
    rows = ROWS + MORE if "bind -" in line and " -r" in line else ROWS
    keep_list(home.env, session, Listing.of(rows, 0))

    offered = complete(shell, line, home)

    assert expected <= offered
    assert not {one for one in offered - expected if not one.startswith("-")}


@pytest.mark.parametrize(
    "line",
    [
        *("bind --account ", "bind -r ", "bind --session ", "setup --shell "),
        *("exec --profile ", "export --format ", "sandbox run --approve "),
    ],
)
def test_fish_says_what_an_option_does_beside_the_option_only(line: str, home: Home) -> None:
    (home.path / ".aws").mkdir()
    (home.path / ".aws/config").write_text(CONFIG)
    session = aws_config.find_session(home.env, "acme")
    keep_list(home.env, session, Listing.of(ROWS, 0))
    offered = fish_rows(f"ssoenv {line}", home)
    assert offered
    assert not [row for row in offered if "\t" in row]
    options = fish_rows(f"ssoenv {line[: line.index('-')]}-", home)
    assert all(row.partition("\t")[2] for row in options)


@pytest.mark.parametrize("shell", ["bash", "fish"])
def test_a_command_of_a_group_has_its_own_options(shell: str, home: Home) -> None:
    """Though there is one of its name outside of it."""
    assert {"--write", "--undo"} <= complete(shell, "ssoenv agents setup --", home)
    assert "--shell" not in complete(shell, "ssoenv agents setup --", home)
    assert "--shell" in complete(shell, "ssoenv setup --", home)
    assert "--write" not in complete(shell, "ssoenv setup --", home)


def test_no_two_options_of_a_command_say_the_same() -> None:
    for one in commands():
        told = [flag.help for flag in one.flags]
        assert len(set(told)) == len(told), one.path


def test_zsh_offers_on_a_real_terminal(home: Home) -> None:
    """zsh completes only in its line editor: TAB on a pty lists what there is."""
    import pexpect

    (home.path / ".aws").mkdir()
    (home.path / ".aws/config").write_text(CONFIG)
    session = aws_config.find_session(home.env, "acme")
    keep_list(home.env, session, Listing.of(ROWS, 0))
    (home.path / ".zshrc").write_text(
        f"fpath=({FOLDER} $fpath); autoload -U compinit; compinit -u\n"
        "typeset -g __ssoenv_names=' dev prod ' __ssoenv_dir=/x; PS1='READY '\n"
    )
    zsh = pexpect.spawn("zsh", ["-i"], env=home.env, encoding="utf-8", timeout=20)
    zsh.expect("READY ")
    zsh.send("ssoenv use \t")
    zsh.expect("dev +prod")
    zsh.send("\x15ssoenv bind --account 2\t")
    zsh.expect("222222222222")
    zsh.send("\x15ssoenv agents setup ge\t")
    zsh.expect("ge\x07?mini")
    zsh.send("\x15ssoenv agents s\t")
    zsh.expect("s\x07?etup")
    zsh.send("\x15ssoenv logi\t")
    zsh.expect("logi\x07?n")
    zsh.close(force=True)


def processor_time(run: Callable[[], object]) -> float:
    """The least of three, in time of the processor, which a busy machine does not stretch as much."""
    best = 9.0
    for _ in range(3):
        began = resource.getrusage(resource.RUSAGE_CHILDREN)
        run()
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        user, system = ended.ru_utime - began.ru_utime, ended.ru_stime - began.ru_stime
        best = min(best, user + system)
    return best


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("ssoenv export team-0777/", {f"team-0777/{role}" for role in "ABCD"}),
        ("ssoenv bind -a 000000000777 -r ", set("ABCD")),
    ],
)
@pytest.mark.parametrize("shell", ["bash", "fish"])
def test_five_thousand_roles_cost_less_than_to_start_python_five_times(
    shell: str, home: Home, line: str, expected: set[str]
) -> None:
    (home.path / ".aws").mkdir()
    (home.path / ".aws/config").write_text(CONFIG)
    accounts = [Account(f"{n:012}", f"team-{n:04}", "a@b") for n in range(1250)]
    rows = tuple(Assignment(one, role) for one in accounts for role in "ABCD")
    python = processor_time(lambda: subprocess.run([sys.executable, "-I", "-c", ""], check=True))
    without = processor_time(lambda: complete(shell, line, home))
    session = aws_config.find_session(home.env, "acme")
    keep_list(home.env, session, Listing.of(rows, 0))
    assert complete(shell, line, home) == expected
    assert processor_time(lambda: complete(shell, line, home)) - without < 5 * python


HOSTILE = (
    "$(touch PROOF)",
    "`touch PROOF`",
    "a;touch PROOF",
    "a$(touch${IFS}PROOF)",
    "b'\"$(touch PROOF)",
    "-x",
    "*",
    "~root",
    "c\x1b[31m",
)
"""Names that a config or an administrator may choose."""


def hostile_home(home: Home) -> None:
    (home.path / ".aws").mkdir()
    names = "".join(f"[sso-session {name}]\n" for name in HOSTILE)
    (home.path / ".aws/config").write_text(names + CONFIG)
    kept = home.path / ".local/state/ssoenv/assignments"
    kept.mkdir(parents=True)
    for kind in LISTED:
        (kept / f"acme.{kind}").write_text("\n".join([*HOSTILE, "dev/Developer", ""]))
    held = "".join(f"{name}\t{' '.join(HOSTILE)}\n" for name in (*HOSTILE, "dev"))
    (kept / "acme.held").write_text(held)
    (home.path / "$(touch PROOF)").mkdir()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
@pytest.mark.sampled(3)
def test_tab_evaluates_no_name(shell: str, home: Home) -> None:
    """On a real terminal: TAB, twice for the list, and then Enter on what came of it."""
    import pexpect

    hostile_home(home)
    path = FOLDER / FILES[shell]
    starts = {
        "bash": f"bind 'set bell-style none'; source {path}; PS1='READY '\n",
        "zsh": f"fpath=({FOLDER} $fpath); autoload -U compinit; compinit -u\nPS1='READY '\n",
        "fish": f"source {path}; function fish_prompt; echo -n 'READY '; end\n",
    }
    (home.path / "rc").write_text(starts[shell])
    (home.path / ".zshrc").write_text(starts["zsh"])
    words = {
        "bash": ["--noprofile", "--rcfile", str(home.path / "rc"), "-i"],
        "zsh": ["-i"],
        "fish": ["--no-config", "--init-command", f"source {home.path / 'rc'}", "-i"],
    }
    terminal = pexpect.spawn(
        shell, words[shell], env=home.env, cwd=str(home.path), encoding="utf-8", timeout=20
    )
    terminal.expect("READY")
    for line in (
        "login ",
        "export ",
        "bind --role ",
        "bind -a dev -r ",
        "bind -a '$(touch PROOF)' -r ",
        "bind --account ",
        "login $",
        "trust ",
        "trust $",
    ):
        terminal.send(f"ssoenv {line}\t\t")
        time.sleep(0.3)
        terminal.send("\x15" if shell != "fish" else "\x03")
        time.sleep(0.1)
    for line in ("login ", "login a", "trust \\$"):  # inserted, and run as the words that they are
        terminal.send(f"false ssoenv {line}\x01".replace("\x01", "") + "\t")
        time.sleep(0.2)
        terminal.send("\r")
        time.sleep(0.3)
    terminal.sendline("echo still-$((40 + 2))" if shell != "fish" else "echo still-(math 40 + 2)")
    terminal.expect("still-42")
    terminal.close(force=True)
    assert not list(home.path.glob("**/PROOF*"))


@pytest.mark.parametrize("shell", FILES)
def test_what_only_the_hook_says_is_not_offered(shell: str) -> None:
    assert "--answer" not in (FOLDER / FILES[shell]).read_text()
