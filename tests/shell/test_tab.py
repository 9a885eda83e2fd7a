"""TAB in a plain shell: an empty HOME, ``ssoenv setup``, and nothing else that completes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from ssoenv.aws_files import config as aws_config
from ssoenv.base import files
from ssoenv.base.dialects import SHELLS, quote_posix
from ssoenv.identity_center.assignments import Listing
from ssoenv.shells import hook as hook_text
from tests.cli.test_help import PAGES
from tests.conftest import keep_list
from tests.screen import Screen
from tests.test_completions import CONFIG, ROWS
from tools.completions.files import FILES, FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Home

COMMAND = {"bash": ["bash", "-i"], "zsh": ["zsh", "-i"], "fish": ["fish", "-i"]}
KILL_LINE = {"bash": "\x01\x0b", "zsh": "\x01\x0b", "fish": "\x03\x15"}  # fish: the list, too


@pytest.fixture(params=SHELLS)
def tab(request: pytest.FixtureRequest, home: Home) -> Iterator[Tab]:
    """A shell that was set up in an empty HOME."""
    shell: str = request.param
    program = " ".join(quote_posix(word) for word in hook_text.command_line())
    launcher = f'#!/bin/sh\nexec {program} "$@"\n'
    files.write_private(str(home.path / "bin/ssoenv"), launcher.encode(), mode=0o700)
    home.env["PATH"] = f"{home.path}/bin:{home.env['PATH']}"
    answer = home.ssoenv("setup", "--yes", "--shell", shell)
    assert answer.returncode == 0, answer.stderr
    (home.path / ".aws").mkdir(exist_ok=True)
    (home.path / ".aws/config").write_text(CONFIG)
    keep_list(home.env, aws_config.find_session(home.env, "acme"), Listing.of(ROWS, 0))
    (home.path / "web").mkdir()
    (home.path / "web.txt").touch()
    opened = Tab(shell, home)
    yield opened
    opened.screen.close()


class Tab:
    """A shell in which to type and press TAB."""

    def __init__(self, shell: str, home: Home) -> None:
        self.shell = shell
        self.screen = Screen(COMMAND[shell], home.env, str(home.path), columns=100, lines=60)
        self.screen.send("echo rea''dy\r")
        self.screen.wait("\nready")

    def offers(self, line: str, *words: str) -> str:
        """Type `line` and TAB, until every one of `words` stands alone on the screen."""
        self.screen.send("clear\r")
        self.screen.wait(lambda text: "clear" not in text)
        self.screen.send(f"{line}\t\t")
        patterns = [rf"(?<![\w./-]){re.escape(word)}(?![\w.-])" for word in words]
        text = self.screen.wait(lambda text: all(re.search(one, text) for one in patterns))
        self.screen.send(KILL_LINE[self.shell])
        return text


def test_commands_options_and_values(tab: Tab) -> None:
    tab.offers("ssoenv log", "login", "logout")
    tab.offers("ssoenv bind --ro", "ssoenv bind --role")
    for flag in ("-r", "--role"):
        tab.offers(f"ssoenv bind {flag} ", "Developer", "ReadOnly")
        tab.offers(f"ssoenv bind {flag} D", f"ssoenv bind {flag} Developer")
    tab.offers("ssoenv bind -r Developer -r R", "ssoenv bind -r Developer -r ReadOnly")
    for flag in ("-a", "--account"):
        tab.offers(f"ssoenv bind {flag} ", "111111111111", "222222222222", "dev")
    tab.offers("ssoenv login a", "ssoenv login acme")
    tab.offers("ssoenv --plain login a", "ssoenv --plain login acme")
    tab.offers("ssoenv export -f d", "ssoenv export -f dotenv")
    tab.offers("ssoenv sandbox s", "ssoenv sandbox serve")
    tab.offers("ssoenv help exi", "ssoenv help exit-codes")


def test_roles_are_those_of_the_account_on_the_line(tab: Tab) -> None:
    for account in ("-a dev", "--account dev", "--account=dev", "-adev", "-a 1111", "-a 'dev'"):
        tab.offers(f"ssoenv bind {account} -r ", f"ssoenv bind {account} -r Developer")
    tab.offers("ssoenv bind -a 'two words' --role ", "--role ReadOnly")
    tab.offers("ssoenv bind -n x -a 2 -r ", "-a 2 -r ReadOnly")
    tab.offers("ssoenv bind -r ", "Developer", "ReadOnly")


def test_directories_and_only_those(tab: Tab) -> None:
    for command in ("trust", "untrust", "status"):
        assert "web.txt" not in tab.offers(f"ssoenv {command} w", f"ssoenv {command} web/")


def test_what_follows_two_dashes_is_a_command(tab: Tab) -> None:
    tab.offers("ssoenv exec -- uname", "uname")
    tab.offers("ssoenv exec -- base", "basename")


def test_nothing_hidden_is_offered(tab: Tab) -> None:
    assert "--answer" not in tab.offers("ssoenv use --", "--save", "--none")
    assert "ensure" not in tab.offers("ssoenv ex", "exec", "export")


def test_a_zsh_that_completes_already_keeps_its_tab(home: Home) -> None:
    (home.path / ".zshrc").write_text(
        "autoload -Uz compinit; compinit\nbindkey '^I' menu-complete\n"
    )
    assert home.ssoenv("setup", "--yes", "--shell", "zsh").returncode == 0
    opened = Tab("zsh", home)
    opened.screen.send("bindkey '^I'\r")
    opened.screen.wait('"^I" menu-complete')
    opened.offers("ssoenv logi", "ssoenv login")
    opened.screen.close()


@pytest.mark.parametrize("shell", SHELLS)
def test_every_option_is_known_to_every_shell(shell: str) -> None:
    text = (FOLDER / FILES[shell]).read_text()
    for page in PAGES.values():
        for option in page.options:
            for flag in option.flags:
                wanted = f"-l {flag[2:]}" if shell == "fish" and flag[:2] == "--" else flag
                wanted = f"-s {flag[1]}" if shell == "fish" and flag[:2] != "--" else wanted
                if shell != "bash" or option.takes or flag[:2] == "--":
                    assert wanted in text, (page.path, flag)
