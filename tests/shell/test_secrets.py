"""A day in each shell, traced and with a history: no secret on its screen, in a title or in a file."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from tests.conftest import WHOLE
from tests.secrets import known
from tests.secrets.watching import Watcher
from tests.shell.test_seams import EVERY_TRACE

if TYPE_CHECKING:
    from tests.shell.conftest import Shell

pytestmark = pytest.mark.sampled(3)

TRACES = EVERY_TRACE if WHOLE else [*dict(reversed(EVERY_TRACE)).items()]
"""Every way to trace a shell; in the sample the first of each."""
LIKE_A_PERSON = {
    "bash": "HISTFILE=~/.history; set -o history; PROMPT_COMMAND+=('history -a')",
    "zsh": "HISTFILE=~/.history HISTSIZE=99 SAVEHIST=99; setopt inc_append_history",
    "fish": "set -gx TERM xterm-256color; exec fish -i",
}
"""What a shell of the tests lacks: a history; and a title, which fish gives a terminal that can have one."""
HISTORY = {"bash": ".history", "zsh": ".history", "fish": ".local/share/fish/fish_history"}
TITLE = "\x1b]0;"
LINES = (
    "cd ~/web",
    "aws who",
    "terraform plan",
    "sh -c 'aws who'",
    "ssoenv use staging",
    "aws who",
    "cd ~/ops; cd ~/web",
    "ssoenv exec --serve -- sh -c 'aws who'",
    "ssoenv -v exec prod/ReadOnly -- aws who",
    "ssoenv status",
    "ssoenv use --none",
    "cd ~/ops",
    "aws who",
    "cd ~",
)
AT_A_BROKEN_SERVICE = (
    "ssoenv -v roles --refresh",
    "cd ~/web; ssoenv use prod",
    "aws who",
    "ssoenv -v login acme --force --device-code",
    "ssoenv logout acme",
    "aws who",
    "cd ~",
)


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("shell", "trace"), TRACES, indirect=["shell"])
def test_a_day_in_a_shell_shows_no_secret(shell: Shell, trace: str) -> None:
    home, sandbox, screen = shell.home, shell.sandbox, io.StringIO()
    (home.path / "temporary").mkdir(mode=0o700)
    shell.terminal.record(screen)
    with Watcher(home.path) as watcher:
        shell.run(LIKE_A_PERSON[shell.name])
        shell.run("export TMPDIR=~/temporary SSOENV_SIGN_IN_TIMEOUT=2", fish="set -gx TMPDIR ~/temporary; set -gx SSOENV_SIGN_IN_TIMEOUT 2")  # fmt: skip
        shell.run(trace)
        for line in LINES:
            shell.run(line)
        sandbox.break_calls("*", 100_000, how="half")
        for line in AT_A_BROKEN_SERVICE:
            shell.run(line)
        sandbox.clear_faults()

    assert sandbox.state.keys
    assert not known.kinds(screen.getvalue(), sandbox.state)
    assert shell.name != "fish" or TITLE in screen.getvalue()
    assert "ssoenv use staging" in (home.path / HISTORY[shell.name]).read_text()
    assert not [*known.misplaced(home.path, sandbox.state)]
    for words in watcher.words:
        assert not known.kinds(words, sandbox.state), words
    for environment in watcher.environments:
        assert known.kinds(environment, sandbox.state) <= {*known.OF_ROLES}
    assert any(b"/ssoenv/__main__.py" in words for words in watcher.words)
