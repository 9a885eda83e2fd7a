"""Nothing forks at a prompt, at cd, or in a wrapper while live: counted on real terminals.

The kernel adds the page faults of every child that a process has waited for to that process's own
account (``cminflt``, proc_pid_stat(5)). A child cannot be without a fault, and a shell waits for
every child; so where that figure stands still, there was none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.shell.conftest import Shell

TIMES = 10


def children_faults(shell: Shell) -> int:
    """Minor faults of all children that the shell has waited for so far."""
    with open(f"/proc/{shell.terminal.pid}/stat", encoding="ascii", errors="replace") as stream:
        return int(stream.read().rpartition(")")[2].split()[8])


def faults(shell: Shell, *lines: str) -> int:
    """What `lines`, typed again and again, add to that account; after once for the first time."""
    for line in lines:
        shell.run(line)
    before = children_faults(shell)
    for _ in range(TIMES):
        for line in lines:
            shell.run(line)
    return children_faults(shell) - before


def test_the_counter_counts(signed_in: Shell) -> None:
    assert faults(signed_in, ":") == 0
    assert faults(signed_in, "/bin/true") >= TIMES


@pytest.mark.parametrize(
    ("setting", "lines"),
    [
        pytest.param("cd ~", [":"], id="prompt unbound"),
        pytest.param("cd ~/web", [":"], id="prompt live"),
        pytest.param("cd ~/untrusted", [":"], id="prompt untrusted"),
        pytest.param("cd ~", ["cd ~/web", "cd ~"], id="enter and leave"),
        pytest.param("cd ~/web", ["cd ~/ops", "cd ~/web"], id="sibling"),
        pytest.param("cd ~/web", ["ssoenv use prod", "ssoenv use -"], id="use"),
    ],
)
def test_no_process(signed_in: Shell, setting: str, lines: list[str]) -> None:
    signed_in.home.project("untrusted")
    signed_in.run(setting)

    assert faults(signed_in, *lines) == 0


def test_a_wrapped_command_while_live_is_one_process(signed_in: Shell) -> None:
    (signed_in.home.path / "bin/terraform").unlink()
    (signed_in.home.path / "bin/terraform").symlink_to("/bin/true")
    signed_in.out("cd ~/web")

    bare = faults(signed_in, "command terraform plan")
    assert faults(signed_in, "terraform plan") < 1.3 * bare


def test_armed_prompts_start_nothing(shell: Shell) -> None:
    shell.out("cd ~/web")

    assert faults(shell, ":") == 0
