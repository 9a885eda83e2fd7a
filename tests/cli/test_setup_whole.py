"""Set-up and its undo as wholes: all or nothing, nothing of the person's shown, and what is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.test_setup import RC, homes_files, write_rc
from tests.screen import ssoenv

if TYPE_CHECKING:
    from tests.conftest import Home

pytestmark = pytest.mark.sampled(2)

ENTER = "\r"
URL = "https://acme.awsapps.com/start"
GIVEN = ("--start-url", URL, "--region", "eu-west-1", "--session", "acme")
MINE = {"ended": "A=1\nTOKEN=hunter2\n", "unended": "A=1\nTOKEN=hunter2", "one line": "T=hunter2"}


@pytest.mark.parametrize("behind", ["", "LATER=hunter2", "LATER=hunter2\nMORE=hunter2\n"])
@pytest.mark.parametrize("text", MINE)
@pytest.mark.parametrize("shell", RC)
def test_no_line_of_a_start_up_file_is_shown(
    home: Home, shell: str, text: str, behind: str
) -> None:
    """Neither beside our block, nor where it moves to the end, nor where it goes."""
    path = write_rc(home, shell, MINE[text])
    shown = home.ssoenv("setup", "--print", "--shell", shell).stdout
    shown += home.ssoenv("setup", "--yes", "--shell", shell).stderr
    path.write_text(path.read_text() + behind)
    shown += home.ssoenv("setup", "--no-prompt", "--yes", "--shell", shell).stderr
    shown += home.ssoenv("setup", "--undo", "--yes").stderr
    assert "hunter2" not in shown
    assert shown.count("# >>> ssoenv >>>") >= 3
    assert path.read_text().startswith(MINE[text])
    assert path.read_text().endswith(behind or MINE[text])


@pytest.mark.parametrize("changed", [".bashrc", ".bash_profile", ".aws/config"])
def test_what_changes_while_the_question_stands_leaves_all_as_it_was(
    home: Home, changed: str
) -> None:
    for name in (".bashrc", ".bash_profile"):
        (home.path / name).write_text("A=1\n")
    (home.path / ".aws").mkdir()
    (home.path / ".aws/config").write_text("[default]\nregion = x\n")
    screen = ssoenv(
        home.env, str(home.path), "setup", "--shell", "bash", *GIVEN, lines=80, columns=300
    )
    screen.wait("Apply these changes? [y/N]")
    path = home.path / changed
    path.write_text(path.read_text() + "# more\n")
    before = homes_files(home)

    screen.send("y" + ENTER)

    assert screen.end() == 1
    told = " ".join(screen.text().split())
    assert f"{path} was changed meanwhile nothing was changed; run it again" in told
    assert homes_files(home) == before


def test_a_file_that_cannot_be_written_leaves_all_as_it_was(home: Home) -> None:
    """The last one, the completions: a file where their folder has to be stops root, too."""
    write_rc(home, "bash")
    (home.path / ".local/share/bash-completion").write_text("in the way")
    before = homes_files(home)
    failed = home.ssoenv("setup", "--yes", "--shell", "bash", *GIVEN)
    assert failed.returncode == 1
    assert homes_files(home) == before


def test_a_link_to_nothing_is_told_as_what_it_is(home: Home) -> None:
    (home.path / ".bashrc").symlink_to("dotfiles/bashrc")
    refused = home.ssoenv("setup", "--yes", "--shell", "bash")
    assert (refused.returncode, refused.stdout) == (1, "")
    target = f"{home.path}/dotfiles/bashrc"
    assert refused.stderr.splitlines() == [
        f"ssoenv: {home.path}/.bashrc is a link to {target}, which is not there",
        f"  make {target}, or remove the link",
    ]
    assert homes_files(home) == {}


@pytest.mark.parametrize("behind", [b"# \xff\n", b"[default]\n[default]\n"])
def test_undo_without_the_config_does_the_rest_and_tells(home: Home, behind: bytes) -> None:
    path = write_rc(home, "zsh")
    assert home.ssoenv("setup", "--yes", "--shell", "zsh").returncode == 0
    config = home.path / ".aws/config"
    config.write_bytes(config.read_bytes() + behind)
    for told in ("without ssoenv from now on: zsh", ""):
        undone = home.ssoenv("setup", "--undo", "--yes")
        assert (undone.returncode, undone.stdout) == (5, "")
        assert told in undone.stderr
        assert "nothing to take back" not in undone.stderr
        assert "what ssoenv wrote into your AWS config stays there" in undone.stderr
        assert "once that is mended, run ssoenv setup --undo again" in undone.stderr
    assert ">>> ssoenv" not in path.read_text()
    config.write_bytes(config.read_bytes().replace(behind, b""))
    assert home.ssoenv("setup", "--undo", "--yes").returncode == 0
    assert not config.exists()


def test_after_a_no_the_next_line_is_the_one_that_was_typed(home: Home) -> None:
    write_rc(home, "zsh")
    words = ("setup", "--shell", "zsh", "--no-prompt", *GIVEN)
    screen = ssoenv(home.env, str(home.path), *words, lines=80, columns=200)
    screen.wait("Apply these changes? [y/N]")
    screen.send("n" + ENTER)
    assert screen.end() == 0
    assert screen.text().endswith(f"next:\n  ssoenv {' '.join(words)}")


CONFIGS = {
    "no file": None,
    "empty": b"",
    "ended": b"[default]\nregion = x\n",
    "unended": b"[default]\nregion = x",
    "unended, CRLF": b"[default]\r\nregion = x",
    "an empty line at the end": b"[default]\nregion = x\n\n",
}


@pytest.mark.parametrize("given", [GIVEN, ()])
@pytest.mark.parametrize("found", CONFIGS)
def test_undo_gives_the_config_back_to_the_byte(
    home: Home, found: str, given: tuple[str, ...]
) -> None:
    """With the session that set-up added, too, where the person says so."""
    config, content = home.path / ".aws/config", CONFIGS[found]
    config.parent.mkdir()
    if content is not None:
        config.write_bytes(content)
    for _ in range(2):
        assert home.ssoenv("setup", "--yes", "--shell", "zsh", *given).returncode == 0
    assert b"[profile ssoenv]\n" in config.read_bytes().replace(b"\r", b"")

    screen = ssoenv(home.env, str(home.path), "setup", "--undo", columns=200, lines=90)
    screen.wait("Apply these changes? [y/N]")
    screen.send("y" + ENTER)
    if given:
        screen.wait("Remove it, too? [y/N]")
        screen.send("y" + ENTER)
    screen.wait("Forget them, too? [y/N]")
    screen.send("n" + ENTER)

    assert screen.end() == 0
    assert config.exists() == (content is not None)
    assert not config.exists() or config.read_bytes() == content
