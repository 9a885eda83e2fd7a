"""Set-up: the rc file changed so that it can be changed back, in shells that really start."""

from __future__ import annotations

import re
import shlex
import stat
import subprocess
from typing import TYPE_CHECKING

import pytest

from ssoenv.base.dialects import SHELLS
from ssoenv.shells import hook as hook_text
from tests.shell.conftest import trust

if TYPE_CHECKING:
    from pathlib import Path

    from ssoenv.sandbox.server import Sandbox
    from tests.conftest import Home

RC = {"bash": ".bashrc", "zsh": ".zshrc", "fish": ".config/fish/config.fish"}
STATE = "echo state=$__ssoenv_state"
BEFORE = "# mine\nexport EDITOR=vi\n"


def write_rc(home: Home, shell: str, text: str = BEFORE) -> Path:
    path = home.path / RC[shell]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def start(home: Home, shell: str, line: str, *, login: bool = False, **env: str) -> str:
    """Start the shell as people do, reading its own files, and type one line."""
    words = [shell, "-i", *(["-l"] if login else []), "-c", line]
    result = subprocess.run(
        words,
        env=home.env | env,
        cwd=home.path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        start_new_session=True,
    )
    return result.stdout


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_has_the_hook_and_undo_gives_the_very_bytes_back(home: Home, shell: str) -> None:
    path = write_rc(home, shell)
    path.chmod(0o640)
    done = home.ssoenv("setup", "--yes", "--shell", shell)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert "+# >>> ssoenv >>>" in done.stderr
    assert "state=none" in start(home, shell, STATE)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    (backup,) = (home.path / ".local/state/ssoenv/backups").glob(
        "*rc.*" if shell != "fish" else "config*"
    )
    assert backup.read_text() == BEFORE
    once = path.read_bytes()

    again = home.ssoenv("setup", "--yes", "--shell", shell)
    assert "everything is as setup would make it" in again.stderr
    assert path.read_bytes() == once

    undone = home.ssoenv("setup", "--undo", "--yes", "--shell", shell)
    assert undone.returncode == 0
    assert path.read_text() == BEFORE
    assert "state=none" not in start(home, shell, STATE)
    again = home.ssoenv("setup", "--undo", "--yes", "--shell", shell)
    assert "as setup would make it" not in again.stderr
    assert "there is nothing to take back" in again.stderr
    assert f"what is trusted stays in {home.path}/.local/state/ssoenv" in again.stderr
    left = [
        one for one in home.path.rglob("*ssoenv*") if one.is_file() and "state" not in one.parts
    ]
    assert left == []


FOUND = {
    "no file": None,
    "empty": b"",
    "an empty line": b"\n",
    "two empty lines": b"\n\n",
    "no newline at the end": b"A=1",
    "an empty line, and no newline": b"A=1\n\nB=2",
    "CRLF": b"A=1\r\nB=2\r\n",
    "CRLF, and no newline": b"A=1\r\nB=2",
    "empty lines at the end": b"A=1\n\n\n",
    "not UTF-8": b"A=\xff\n",
}
"""What `setup` may find in a start-up file."""
LATER = {"": b"", "a line": b"C=3\n", "no newline": b"C=3"}
"""What somebody may write behind our block, and what stands there in the end."""


def homes_files(home: Home) -> dict[str, bytes]:
    """Every file of a home but for those of our state folder."""
    return {
        str(path.relative_to(home.path)): path.read_bytes()
        for path in home.path.rglob("*")
        if path.is_file() and "state" not in path.parts
    }


@pytest.mark.sampled(3)
@pytest.mark.parametrize("later", LATER)
@pytest.mark.parametrize("found", FOUND)
@pytest.mark.parametrize("shell", SHELLS)
def test_undo_takes_what_setup_adds_to_the_byte(
    home: Home, shell: str, found: str, later: str
) -> None:
    content, added = FOUND[found], LATER[later]
    path = write_rc(home, shell)
    path.unlink() if content is None else path.write_bytes(content)
    before = homes_files(home)
    for _ in range(2):
        assert home.ssoenv("setup", "--yes", "--shell", shell).returncode == 0
    path.write_bytes(path.read_bytes() + added)

    assert home.ssoenv("setup", "--undo", "--yes").returncode == 0

    if added:
        parted = b"" if not content or content.endswith(b"\n") else b"\n"
        before[RC[shell]] = (content or b"") + parted + added
    assert homes_files(home) == before


def test_set_up_again_a_block_in_the_middle_leaves_all_lines(home: Home) -> None:
    path = write_rc(home, "zsh")
    home.ssoenv("setup", "--yes", "--shell", "zsh")
    path.write_bytes(path.read_bytes() + b"C=3\n")
    home.ssoenv("setup", "--yes", "--no-prompt", "--shell", "zsh")
    assert path.read_text().startswith(BEFORE + "C=3\n\n# >>> ssoenv >>>\n")
    home.ssoenv("setup", "--undo", "--yes")
    assert path.read_text() == BEFORE + "C=3\n"


@pytest.mark.parametrize("shell", SHELLS)
def test_undo_names_what_it_changed_and_no_more(home: Home, shell: str) -> None:
    nothing = home.ssoenv("setup", "--undo", "--yes")
    assert nothing.returncode == 0
    assert nothing.stderr == "ssoenv: there is nothing to take back\n"
    home.ssoenv("setup", "--yes", "--shell", shell)
    undone = home.ssoenv("setup", "--undo", "--yes")
    assert f"without ssoenv from now on: {shell}\n" in undone.stderr
    other = SHELLS[SHELLS.index(shell) - 1]
    home.ssoenv("setup", "--yes", "--shell", shell)
    home.ssoenv("setup", "--yes", "--shell", other)
    wanted = ", ".join(one for one in SHELLS if one in (shell, other))
    undone = home.ssoenv("setup", "--undo", "--yes")
    assert f"without ssoenv from now on: {wanted}\n" in undone.stderr


@pytest.mark.parametrize("shell", SHELLS)
def test_a_line_by_hand_is_told_by_undo(home: Home, shell: str) -> None:
    path = write_rc(home, shell, f"ssoenv hook {shell} | source\n")
    told = home.ssoenv("setup", "--undo", "--yes")
    assert f"a line of your own in {path} loads ssoenv: take it out by hand" in told.stderr


@pytest.mark.parametrize("shell", SHELLS)
def test_print_shows_and_does_nothing(home: Home, shell: str) -> None:
    path = write_rc(home, shell)
    shown = home.ssoenv("setup", "--print", "--shell", shell)
    assert shown.returncode == 0
    assert "+# >>> ssoenv >>>" in shown.stdout
    assert path.read_text() == BEFORE


@pytest.mark.parametrize("found", FOUND)
def test_what_is_printed_is_a_patch(home: Home, found: str) -> None:
    content, path = FOUND[found], write_rc(home, "zsh")
    path.unlink() if content is None else path.write_bytes(content)
    printed = home.ssoenv("setup", "--print", "--shell", "zsh").stdout.partition("write ")[0]
    assert home.ssoenv("setup", "--yes", "--shell", "zsh").returncode == 0
    after = path.read_bytes()
    if content is None or found == "not UTF-8":
        return
    path.write_bytes(content)
    done = subprocess.run(["patch", "--binary", str(path)], input=printed.encode(), check=False)
    assert done.returncode == 0
    assert path.read_bytes() == after


def test_nobody_to_agree_changes_nothing(home: Home) -> None:
    path = write_rc(home, "bash")
    refused = home.ssoenv("setup", "--shell", "bash")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "ssoenv setup --shell bash --yes" in refused.stderr
    assert path.read_text() == BEFORE


URL = ("--start-url", "https://acme.awsapps.com/start")


@pytest.mark.parametrize(
    ("words", "added"),
    [
        ((), "--yes"),
        (("--shell", "zsh", "--no-prompt"), "--yes"),
        (("--shell", "zsh", *URL, "--region", "eu-west-1", "--session", "acme"), "--yes"),
        (("--shell", "zsh", *URL, "--region", "eu-west-1", "-s", "old"), "--yes"),
        (("--shell", "zsh", *URL, "--region=eu-west-1", "-y", "-s", "a b"), None),
        (("--shell", "zsh", *URL), "--region REGION --yes"),
        (("--shell=zsh", *URL, "--yes"), "--region REGION"),
        (("-y", "--shell", "zsh", "--no-prompt", "--session", "acme"), "--start-url URL --region REGION"),
        (("--undo", "--shell", "zsh"), "--yes"),
        (("--undo",), "--yes"),
    ],
)  # fmt: skip
def test_the_command_that_is_proposed_has_all_that_was_typed(
    home: Home, words: tuple[str, ...], added: str | None
) -> None:
    if "--undo" in words:
        home.ssoenv("setup", "--shell", "zsh", "--yes")
    home.env["SHELL"] = "/bin/zsh"
    refused = home.ssoenv("--plain", "setup", *words)
    assert (refused.returncode, refused.stdout) == (2, "")
    if added:
        proposed = shlex.join(["ssoenv", "--plain", "setup", *words])
        assert refused.stderr.endswith(f"try: {proposed} {added}\n")


@pytest.mark.parametrize(
    ("login_file", "text"),
    [
        pytest.param(None, "", id="none"),
        pytest.param(".profile", "export A=1\n", id="profile"),
        pytest.param(".bash_profile", "export A=1\n", id="bash_profile"),
        pytest.param(".bash_profile", ". ~/.bashrc\n", id="one that reads .bashrc"),
    ],
)
def test_bash_has_the_hook_as_a_login_shell_and_as_another(
    home: Home, login_file: str | None, text: str
) -> None:
    write_rc(home, "bash")
    if login_file:
        (home.path / login_file).write_text(text)
    assert home.ssoenv("setup", "--yes", "--shell", "bash").returncode == 0
    assert "state=none" in start(home, "bash", STATE)
    assert "state=none" in start(home, "bash", STATE, login=True)
    if ".bashrc" in text:
        assert (home.path / ".bash_profile").read_text() == text
    home.ssoenv("setup", "--undo", "--yes", "--shell", "bash")
    assert (home.path / ".bashrc").read_text() == BEFORE
    if login_file:
        assert (home.path / login_file).read_text() == text
    else:
        assert not (home.path / ".bash_profile").exists()


def test_zsh_reads_zdotdir(home: Home) -> None:
    home.env["ZDOTDIR"] = str(home.path / "zsh")
    (home.path / "zsh").mkdir()
    assert home.ssoenv("setup", "--yes", "--shell", "zsh").returncode == 0
    assert "ssoenv" in (home.path / "zsh/.zshrc").read_text()
    assert not (home.path / ".zshrc").exists()
    assert "state=none" in start(home, "zsh", STATE)


def test_a_link_stays_a_link_and_its_target_is_changed(home: Home) -> None:
    target = home.path / "dotfiles/zshrc"
    target.parent.mkdir()
    target.write_text(BEFORE)
    (home.path / ".zshrc").symlink_to(target)
    assert home.ssoenv("setup", "--yes", "--shell", "zsh").returncode == 0
    assert (home.path / ".zshrc").is_symlink()
    assert ">>> ssoenv" in target.read_text()


def test_what_chezmoi_makes_is_left_alone(home: Home) -> None:
    path = write_rc(home, "zsh")
    source = home.path / ".local/share/chezmoi/dot_zshrc"
    source.parent.mkdir(parents=True)
    source.write_text(BEFORE)
    refused = home.ssoenv("setup", "--yes", "--shell", "zsh")
    assert refused.returncode == 1
    assert "made by chezmoi from" in refused.stderr
    assert "ssoenv setup --print" in refused.stderr
    shown = home.ssoenv("setup", "--print", "--shell", "zsh")
    assert (shown.returncode, "+# >>> ssoenv >>>" in shown.stdout) == (0, True)
    assert path.read_text() == BEFORE


def test_a_directory_in_the_way_is_said(home: Home) -> None:
    (home.path / ".zshrc").mkdir()
    refused = home.ssoenv("setup", "--yes", "--shell", "zsh")
    assert refused.returncode == 1
    assert "not a regular file" in refused.stderr


def test_a_line_by_hand_is_enough(home: Home) -> None:
    text = 'eval "$(ssoenv hook bash)"\n'
    path = write_rc(home, "bash", text)
    (home.path / ".bash_profile").write_text(". ~/.bashrc\n")
    assert home.ssoenv("setup", "--yes", "--shell", "bash").returncode == 0
    assert path.read_text() == text


def test_new_settings_reach_shells_that_source_the_kept_hook(home: Home) -> None:
    write_rc(home, "bash")
    home.ssoenv("setup", "--yes", "--shell", "bash")
    settings = home.path / ".config/ssoenv/config.toml"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text('commands = ["mytool"]\n')
    assert "none" in home.ssoenv("status").stdout
    assert "function" in start(home, "bash", "type -t mytool")


@pytest.mark.parametrize("shell", SHELLS)
def test_completions_are_where_the_shell_looks(home: Home, shell: str) -> None:
    write_rc(home, shell, {"zsh": "autoload -Uz compinit; compinit -u\n"}.get(shell, ""))
    home.ssoenv("setup", "--yes", "--shell", shell)
    line = {
        "bash": ". ~/.local/share/bash-completion/completions/ssoenv; complete -p ssoenv",
        "zsh": "echo $_comps[ssoenv]; whence -w _ssoenv",
        "fish": "complete -C 'ssoenv stat'",
    }[shell]
    wanted = {"bash": "__ssoenv_complete", "zsh": "_ssoenv", "fish": "status"}[shell]
    assert wanted in start(home, shell, line)


def test_a_first_session_for_scripts(home: Home) -> None:
    url = "https://d-0000000000.awsapps.com/start"
    done = home.ssoenv(
        "setup", "--yes", "--shell", "zsh", "--session", "acme", "--start-url", url, "--region", "us-east-1"
    )  # fmt: skip
    assert done.returncode == 0
    config = (home.path / ".aws/config").read_text()
    assert re.search(r"\[sso-session acme\]\nsso_start_url = \S+\nsso_region = us-east-1\n", config)
    wrong = home.ssoenv(
        "setup", "--yes", "--shell", "zsh", "--start-url", "http://x", "--region", "us-east-1"
    )
    assert (wrong.returncode, wrong.stdout) == (2, "")


def test_the_prompt_line_can_be_left_out(home: Home) -> None:
    path = write_rc(home, "bash")
    home.ssoenv("setup", "--yes", "--no-prompt", "--shell", "bash")
    assert "ssoenv_prompt" not in path.read_text()
    home.ssoenv("setup", "--yes", "--shell", "bash")
    assert path.read_text().count("ssoenv_prompt") == 2
    assert path.read_text().count(">>> ssoenv") == 1


@pytest.mark.parametrize("shell", SHELLS)
def test_the_shell_that_runs_us_is_found(home: Home, shell: str) -> None:
    program = " ".join(hook_text.command_line())
    shown = start(home, shell, f"{program} setup --print; true")
    assert f"hook {shell}" in shown


def test_a_trusted_project_works_after_setup(home: Home, sandbox: Sandbox) -> None:
    trust(home, home.project("web"))
    write_rc(home, "bash")
    home.ssoenv("setup", "--yes", "--shell", "bash")
    assert "dev/Developer" in start(home, "bash", "cd ~/web; echo $SSOENV_LABEL")


def test_without_a_session_the_hint_is_a_command_that_adds_one(home: Home) -> None:
    refused = home.ssoenv("roles")

    assert (refused.returncode, refused.stdout) == (5, "")
    assert "no [sso-session] in" in refused.stderr
    assert "ssoenv setup" in refused.stderr


def test_a_start_up_file_that_cannot_be_read_whole_is_left_alone(home: Home) -> None:
    rc = home.path / ".bashrc"
    with rc.open("wb") as file:
        file.truncate(17 << 20)
    answer = home.ssoenv("setup", "--shell", "bash", "--yes")
    assert answer.returncode != 0
    assert str(rc) in answer.stderr
    assert rc.stat().st_size == 17 << 20
    assert "Traceback" not in answer.stderr


def test_a_file_that_was_copied_into_itself_has_all_of_its_blocks_taken_out(home: Home) -> None:
    rc = home.path / ".bashrc"
    rc.write_text("MINE=1\n")
    assert home.ssoenv("setup", "--yes", "--shell", "bash").returncode == 0
    once = rc.read_text()
    rc.write_text(once * 2)

    again = home.ssoenv("setup", "--yes", "--shell", "bash")
    assert again.returncode == 0, again.stderr
    assert rc.read_text() == "MINE=1\n" * 2 + once.removeprefix("MINE=1\n")
    rc.write_text(once * 2)

    undone = home.ssoenv("setup", "--undo", "--yes")
    assert undone.returncode == 0, undone.stderr
    assert rc.read_text() == "MINE=1\n" * 2


def test_half_a_block_is_told_and_nothing_of_the_person_s_is_taken(home: Home) -> None:
    rc = home.path / ".bashrc"
    rc.write_text("A=1\n")
    assert home.ssoenv("setup", "--shell", "bash", "--yes").returncode == 0
    half = rc.read_text().replace("# <<< ssoenv <<<\n", "MINE=1\n")
    rc.write_text(half)
    for words in (("--shell", "bash", "--yes"), ("--undo", "--yes")):
        answer = home.ssoenv("setup", *words)
        assert answer.returncode == 1
        assert "by hand" in answer.stderr
        assert rc.read_text() == half


HOSTILE_URLS = (
    "https://[::1/start",
    "https://[a]b.c/",
    "https://a.b/\udcff",
    "https://a.b:99999/start",
    "https://a..b/start",
    "https://\u00e9.awsapps.com/start",
    "https://console.aws.amazon.com/",
    "https://x@acme.awsapps.com/start",
    "ftp://acme.awsapps.com/start",
)


@pytest.mark.parametrize("url", HOSTILE_URLS)
def test_an_address_that_cannot_be_one_is_refused(home: Home, url: str) -> None:
    options = ("--region", "eu-west-1", "--session", "q", "--yes", "--shell", "bash")
    answer = home.ssoenv("setup", "--start-url", url, *options)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert "is not the start URL" in answer.stderr
    assert not (home.path / ".aws/config").exists()


@pytest.mark.parametrize("region", ["eu-west-\u0661", "eu-wst-1", "eu-west-99", "EU WEST"])
def test_a_region_that_is_none_is_refused(home: Home, region: str) -> None:
    url = "https://acme.awsapps.com/start"
    answer = home.ssoenv(
        "setup", "--start-url", url, "--region", region, "--yes", "--shell", "bash"
    )
    assert (answer.returncode, answer.stdout) == (2, "")
    assert "is not an AWS region" in answer.stderr


def test_print_where_nothing_is_to_do_says_so_and_what_is_next(
    home: Home, sandbox: Sandbox
) -> None:
    assert home.ssoenv("setup", "--shell", "bash", "--yes").returncode == 0
    shown = home.ssoenv("setup", "--shell", "bash", "--print")
    assert (shown.returncode, shown.stdout) == (0, "")
    assert shown.stderr.splitlines() == [
        "ssoenv: your AWS config has the session acme, at https://d-0000000000.awsapps.com/start",
        "ssoenv: everything is as setup would make it, and nothing would change; next:",
        "  exec bash",
        "  cd PROJECT && ssoenv bind",
    ]


@pytest.mark.parametrize("how", ["settings", "another branch"])
def test_after_an_undo_no_command_writes_the_aws_config_until_one_is_to(
    home: Home, sandbox: Sandbox, how: str
) -> None:
    """Neither where what is trusted is rendered by other settings, nor where it counts again."""
    web = home.project("web")
    trust(home, web)
    file = web / ".ssoenv.toml"
    earlier = file.read_text()
    file.write_text(earlier + "# another branch\n")
    trust(home, web)
    assert home.ssoenv("setup", "--yes", "--shell", "bash").returncode == 0
    assert home.ssoenv("setup", "--undo", "--yes").returncode == 0
    config = home.path / ".aws/config"
    undone = config.read_bytes()
    assert b"[profile ssoenv]" not in undone
    if how == "settings":
        (home.path / ".config/ssoenv").mkdir(parents=True)
        (home.path / ".config/ssoenv/config.toml").write_text('tenant = "t-1"\n')
    else:
        file.write_text(earlier)

    home.ssoenv("status", cwd=web)
    assert config.read_bytes() == undone

    assert home.ssoenv("trust", "--yes", cwd=web).returncode == 0
    assert b"[profile ssoenv]" in config.read_bytes()
