"""Where the shell and something else meet: scopes, other tools, markers, traces, what the user says.

Each test stands for a family; the generated rows of moves and starts are in ``tests/generated``.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from ssoenv.base import files
from ssoenv.shells import hook as hook_text
from tests.conftest import PROJECT
from tests.shell.conftest import DEV, OPS, PROD, Shell, fetch, forget, trust
from tests.shell.test_manners import restart

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.sampled(3)

OURS = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_PROFILE",
    "AWS_REGION",
)
PROTECTED = 'session = "acme"\n[profiles.prod]\naccount = "333333333333"\nrole = "Administrator"\nprotect = true\n'  # fmt: skip


def aws_variables(shell: Shell) -> dict[str, str]:
    """Return what a child of the shell has of AWS and of us."""
    lines = shell.run("env | grep -E '^(AWS_|SSOENV_)' | grep -v ENDPOINT").output.splitlines()
    pairs = (line.split("=", 1) for line in lines if "=" in line)
    left_out = ("AWS_EC2_METADATA_DISABLED", "AWS_PAGER", "AWS_DATA_PATH")
    return {name: value for name, value in pairs if name not in left_out}


def settings(shell: Shell, text: str) -> None:
    path = shell.home.path / ".config/ssoenv/config.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


# A name that a function of the user's, or a command, has for itself while the directory changes.
SCOPES = {
    "local key id": {
        "bash": "f() { local AWS_ACCESS_KEY_ID=x; cd %s; }; f",
        "zsh": "f() { local AWS_ACCESS_KEY_ID=x; cd %s }; f",
        "fish": "function f; set -lx AWS_ACCESS_KEY_ID x; cd %s; end; f",
    },
    "local profile": {
        "bash": "f() { local AWS_PROFILE=x; cd %s; }; f",
        "zsh": "f() { local AWS_PROFILE=x; cd %s }; f",
        "fish": "function f; set -lx AWS_PROFILE x; cd %s; end; f",
    },
    "local region": {
        "bash": "f() { local AWS_REGION=x; cd %s; }; f",
        "zsh": "f() { local AWS_REGION=x; cd %s }; f",
        "fish": "function f; set -lx AWS_REGION x; cd %s; end; f",
    },
    "key id before cd": dict.fromkeys(("bash", "zsh", "fish"), "AWS_ACCESS_KEY_ID=x cd %s"),
    **{
        f"{words} before cd": dict.fromkeys(("bash", "zsh", "fish"), f"{words} cd %s")
        for words in (
            "AWS_REGION= AWS_DEFAULT_REGION=",
            "AWS_REGION=eu-west-1",
            "AWS_DEFAULT_REGION=us-west-2",
            "SSOENV_LABEL=y",
            "SSOENV_DIR=y",
            "AWS_CREDENTIAL_EXPIRATION=x AWS_SSO_PROFILE=x",
        )
    },
    "local markers": {
        "bash": "f() { local SSOENV_DIR=x SSOENV_LABEL=y SSOENV_VARS=z; cd %s; }; f",
        "zsh": "f() { cd %s }; SSOENV_DIR=/x SSOENV_VARS=z f",
        "fish": "function f; set -lx SSOENV_DIR x; set -lx SSOENV_LABEL y; cd %s; end; f",
    },
    "token before cd": dict.fromkeys(("bash", "zsh", "fish"), "AWS_SESSION_TOKEN=x cd %s"),
    "secret before cd": dict.fromkeys(("bash", "zsh", "fish"), "AWS_SECRET_ACCESS_KEY=x cd %s"),
    "profile before a function": {
        "bash": "f() { cd %s; }; AWS_PROFILE=x f",
        "zsh": "f() { cd %s }; AWS_PROFILE=x f",
        "fish": "function f; cd %s; end; AWS_PROFILE=x f",
    },
}


@pytest.mark.parametrize("state", ["live", "armed"])
@pytest.mark.parametrize("scope", SCOPES)
def test_nothing_stale_when_a_scope_ends(signed_in: Shell, scope: str, state: str) -> None:
    shell = signed_in
    if state == "armed":
        forget(shell.home)
    line = SCOPES[scope][shell.name]
    shell.run("cd ~/web")
    shell.run(line % "~/ops")
    there = aws_variables(shell)
    assert there["SSOENV_LABEL"] == "prod/Administrator"
    assert there["AWS_REGION"] == "us-west-2"
    assert shell.who() == OPS
    shell.run(line % "~")
    assert aws_variables(shell) == {}
    assert shell.role(shell.run("aws who").output) == "nobody"


# Names that a function has for itself, without a value: the shell hands on what they cover.
BARE = {
    "bash": ["local %s", "typeset %s", "local -x %s", "local %s; unset %s", 'local %s; g() { local %s; cd "$1"; }'],
    "zsh": ["local %s", "typeset %s", "local -x %s", "local %s; unset %s"],
    "fish": ["set -l %s", "set -lx %s", "set -l %s; set -e -l %s"],
}  # fmt: skip
KEYS = "AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN"


@pytest.mark.parametrize("names", [KEYS, "AWS_PROFILE", "SSOENV_LABEL AWS_REGION", "AWS_SESSION_TOKEN"])  # fmt: skip
def test_nothing_of_before_where_a_scope_has_no_value(shell: Shell, names: str) -> None:
    shell.run("mkdir ~/clone; printf x >~/clone/.ssoenv.toml")
    if names != "AWS_PROFILE":
        shell.run("cd ~/web; aws who; cd ~/ops; aws who")
    move = "g %s" if shell.name == "bash" else "cd %s"
    for form in BARE[shell.name]:
        for where in ("~", "~/clone"):
            shell.run("cd ~/web")
            each = names.split() if shell.name == "fish" else [names]
            words = "; ".join(form.replace("%s", name) for name in each)
            step = (move if "g()" in form else "cd %s") % where
            body = f"{words}; {step}; command env >~/inside; aws who"
            if shell.name == "fish":
                shell.run(f"function f; {body}; end")
            else:
                shell.run(f"f() {{ {body}; }}")
            assert shell.role(shell.run("f").output) == "nobody"
            inside = (shell.home.path / "inside").read_text().split("\n")
            assert [line for line in inside if re.match("(AWS_(ACC|SEC|SES|PRO)|SSOENV_LABEL).*=.", line)] == []  # fmt: skip
            assert shell.role(shell.run("aws who").output) == "nobody"


@pytest.mark.parametrize("shell", ["fish"], indirect=True)
def test_what_is_given_back_outside_is_gone_before_a_prompt_shows_it(signed_in: Shell) -> None:
    """In fish our handler comes before those that the user defines; in bash and zsh it is the last."""
    shell = signed_in
    shell.run("cd ~/web; aws who")
    shell.run('function seen --on-event fish_prompt; echo "[$SSOENV_LABEL$AWS_ACCESS_KEY_ID]" >~/seen; end')  # fmt: skip
    shell.run("cd ~/web; set -g saved $AWS_ACCESS_KEY_ID $SSOENV_LABEL; cd ~")
    shell.run("set -gx AWS_ACCESS_KEY_ID $saved[1]; set -gx SSOENV_LABEL $saved[2]")

    assert (shell.home.path / "seen").read_text() == "[]\n"


@pytest.mark.parametrize("what", ["keys", "profile"])
def test_what_is_ours_goes_without_markers_too(signed_in: Shell, what: str) -> None:
    """sudo --preserve-env, docker -e, a tmux pane: variables of ours, and no word of where from."""
    signed_in.run("cd ~/ops")
    env = {name: value for name, value in aws_variables(signed_in).items() if name in OURS[:3]}
    assert len(env) == 3
    if what == "profile":
        env = {"AWS_PROFILE": "ssoenv/acme/333333333333/Administrator"}
    shell = restart(signed_in, env=env | {"AWS_DEFAULT_OUTPUT": "text"})
    assert aws_variables(shell) == {"AWS_DEFAULT_OUTPUT": "text"}
    assert shell.role(shell.run("aws who").output) == "nobody"
    shell.run("cd ~/web")
    assert shell.who() == DEV
    shell.run("cd ~")
    assert aws_variables(shell) == {"AWS_DEFAULT_OUTPUT": "text"}


@pytest.mark.parametrize("order", ["first", "last"])
@pytest.mark.parametrize("exports", ["AWS_PROFILE=theirs", "AWS_REGION=ap-south-1", "AWS_ACCESS_KEY_ID=AKIATHEIRS\nexport AWS_SECRET_ACCESS_KEY=theirs"])  # fmt: skip
def test_direnv_gives_back_nothing_of_ours(signed_in: Shell, exports: str, order: str) -> None:
    shell = signed_in
    (shell.home.path / "web/.envrc").write_text(f"export {exports}\n")
    load = {"fish": "direnv hook fish | source"}.get(shell.name, f'eval "$(direnv hook {shell.name})"')  # fmt: skip
    shell.home.env["DIRENV_LOG_FORMAT"] = ""
    restart(shell, **{"before" if order == "first" else "after": load}, env={"DIRENV_LOG_FORMAT": ""})  # fmt: skip
    shell.run("direnv allow ~/web")
    for _ in range(2):
        shell.run("cd ~/web")
        shell.run("true")
        shell.run("cd ~")
        left = {name: value for name, value in aws_variables(shell).items() if name in OURS}
        # In zsh direnv comes first, so that its value is what was there before ours.
        assert set(left.values()) <= {"theirs", "ap-south-1", "AKIATHEIRS"}


def test_a_profile_of_the_user_s_own_is_their_word(signed_in: Shell) -> None:
    signed_in.run("cd ~/web")
    assert signed_in.who() == DEV
    signed_in.run("export AWS_PROFILE=mine", fish="set -gx AWS_PROFILE mine")
    assert aws_variables(signed_in) == {"AWS_PROFILE": "mine"}
    report = signed_in.out("ssoenv status")
    assert "AWS_PROFILE" in report
    assert signed_in.who() == "profile mine"
    signed_in.run("unset AWS_PROFILE", fish="set -e AWS_PROFILE")
    assert signed_in.who() == DEV
    assert signed_in.who("AWS_PROFILE=mine aws who") == "profile mine"
    assert signed_in.who("env AWS_PROFILE=mine aws who") == "profile mine"
    assert signed_in.who() == DEV


@pytest.mark.parametrize("shell", ["zsh", "fish"], indirect=True)
def test_a_profile_before_any_command_is_their_word(signed_in: Shell) -> None:
    """In bash nothing sees such a line before it runs: docs/shells.md says so."""
    signed_in.run("cd ~/web")
    assert signed_in.who("AWS_PROFILE=mine ~/bin/terraform") == "profile mine"
    assert signed_in.who() == DEV


def test_a_label_is_no_choice_and_a_use_is_one(signed_in: Shell) -> None:
    (signed_in.home.path / "web/envs/prod").mkdir(parents=True)
    key = signed_in.home.path / "bin/key"
    program = " ".join(hook_text.command_line())
    key.write_text(f"#!/bin/sh\n{program} export | grep -o 'ASIA[A-Z0-9]*' | head -1\n")
    key.chmod(0o755)
    signed_in.run("cd ~/web/envs/prod")
    found = signed_in.out("bash -c 'cd ../..; key'")
    assert signed_in.identity(found, "") == DEV
    signed_in.run("ssoenv use prod; cd ~/web")
    assert signed_in.get("SSOENV_USE") == "prod"
    assert signed_in.identity(signed_in.out("bash -c key"), "") == PROD
    signed_in.run("cd ~/ops")
    assert signed_in.get("SSOENV_USE") is None


@pytest.mark.parametrize("value", ["@../..", "@/etc", "@a/b/../../c", "relative", "/no/../where", "\x1b]0;x\x07", "@"])  # fmt: skip
def test_a_marker_is_hostile_input(shell: Shell, value: str) -> None:
    markers = {"SSOENV_DIR": value, "SSOENV_LABEL": "\x1b[31mx", "SSOENV_USE": "../x", "SSOENV_VARS": "PATH HOME AWS_REGION $(id)"}  # fmt: skip
    for where in ("web", "."):
        result = shell.home.ssoenv("status", cwd=shell.home.path / where, **markers)
        assert result.returncode == 0, result
        assert "\x1b" not in result.stdout + result.stderr
    again = restart(shell, env=markers)
    assert again.get("HOME")
    assert aws_variables(again) == {}


@pytest.mark.parametrize("name", ["COMP_LINE", "COMP_POINT", "READLINE_POINT", "WIDGET"])
def test_a_variable_does_not_make_a_completion(cached: Shell, name: str) -> None:
    shell = restart(cached, env={name: "1"})
    shell.run("cd ~/web")
    assert shell.who() == DEV
    quiet = {"bash": "builtin cd ~/ops", "zsh": "cd -q ~/ops", "fish": "builtin cd ~/ops"}
    assert shell.who(f"{quiet[shell.name]}; {name}=1 aws who") == OPS


def test_use_none_goes_back_without_any_paths(signed_in: Shell) -> None:
    text = PROJECT[: PROJECT.index("[paths]")]
    trust(signed_in.home, signed_in.home.project("web", text))
    signed_in.run("cd ~/web; ssoenv use prod")
    assert signed_in.who() == PROD
    signed_in.run("ssoenv use --none")
    assert signed_in.who() == DEV
    assert signed_in.get("SSOENV_USE") is None


TRACES = {
    "bash": [
        "set -x", "set -v", "set -xv", "set -T; trap 'echo \"$BASH_COMMAND\"' DEBUG",
        "set -T; trap 'echo \"$BASH_COMMAND $*\"' RETURN", "shopt -s extdebug; trap 'echo \"$BASH_COMMAND\"' DEBUG",
        "PS4='+ $* '; set -x",
    ],
    "zsh": ["set -x", "set -v", "TRAPDEBUG() { print -r -- $ZSH_DEBUG_CMD }", "functions -T -m '__ssoenv_*'", "functions -T aws; functions -t __ssoenv_live"],
    "fish": ["set -g fish_trace 1", "set -gx fish_trace all"],
}  # fmt: skip
EVERY_TRACE = [(name, line) for name, lines in TRACES.items() for line in lines]


@pytest.mark.parametrize(("shell", "trace"), EVERY_TRACE, indirect=["shell"])
def test_no_key_in_any_trace(signed_in: Shell, trace: str) -> None:
    shell = signed_in
    held = [*shell.sandbox.state.keys.items()]
    seen = shell.run(trace).output
    for line in ("cd ~/web", "true", "cd ~/ops; cd ~/web", "terraform x >/dev/null", "ssoenv use staging", "cd ~"):  # fmt: skip
        seen += shell.run(line).output
    assert len(held) >= 2
    for key_id, keys in held:
        assert keys.secret not in seen
        assert keys.token not in seen
        assert key_id not in seen
    assert "x" not in trace or "ssoenv" in seen


@pytest.mark.parametrize("shell", ["fish"], indirect=True)
def test_no_key_where_fish_tells_which_functions_ran(signed_in: Shell) -> None:
    """An error inside the function that exports comes with its name and its arguments."""
    shell = signed_in
    held = [*shell.sandbox.state.keys.items()]
    # As in a fish that asks `date` for the time, with a `date` that tells none.
    date = shell.home.path / "bin/date"
    date.write_text("#!/bin/sh\necho noon\n")
    date.chmod(0o755)
    shell.run("set -g __ssoenv_clock date; set -g __ssoenv_checked")
    seen = shell.run("cd ~/web").output + shell.run("cd ~/ops").output
    assert seen.count("in function '__ssoenv_live'") >= 2
    assert len(held) >= 2
    for key_id, keys in held:
        assert keys.secret not in seen
        assert keys.token not in seen
        assert key_id not in seen


@pytest.mark.parametrize("tail", [b"\n", b"\n\n", b"\0", b"\0\n[profiles.x]\n", b" ", b"\r\n"])
def test_exactly_the_trusted_bytes(signed_in: Shell, tail: bytes) -> None:
    file = signed_in.home.path / "web/.ssoenv.toml"
    before = file.read_bytes()
    signed_in.run("cd ~/web")
    assert signed_in.get("AWS_ACCESS_KEY_ID")
    for line in ("true", "cd ~; cd ~/web"):
        file.write_bytes(before + tail)
        signed_in.run(line)
        if not (signed_in.name == "fish" and tail == b"\0"):  # docs/shells.md: the one exception
            assert signed_in.get("AWS_ACCESS_KEY_ID") is None
            assert signed_in.run("aws who").status in (4, 5)  # with a NUL it is invalid
        file.write_bytes(before)
        signed_in.run("true")
        assert signed_in.get("AWS_ACCESS_KEY_ID")


@pytest.mark.parametrize("name", ["a\tb", "a\nb", " a ", "$(id)"])
def test_paths_below_an_odd_directory(signed_in: Shell, name: str) -> None:
    odd = signed_in.home.path / "web/envs/prod" / name / "below"
    odd.mkdir(parents=True)
    link = signed_in.home.path / "odd"
    link.write_text(str(odd))
    go = {"fish": "cd (cat ~/odd | string collect)"}.get(signed_in.name, 'cd "$(cat ~/odd)"')
    signed_in.run(go)
    assert signed_in.who() == PROD


def big(path: os.PathLike[str], size: int) -> None:
    with open(path, "wb") as stream:
        stream.truncate(size)


@pytest.mark.parametrize("whose", ["nobody's trust", "another user's", "trusted before"])
def test_a_huge_file_is_not_read(signed_in: Shell, whose: str) -> None:
    clone = signed_in.home.path / "clone"
    clone.mkdir()
    if whose == "trusted before":
        trust(signed_in.home, signed_in.home.project("clone"))
        signed_in.run("cd ~/clone; cd ~")
    text = clone / ".ssoenv.toml"
    text.unlink(missing_ok=True)
    text.write_bytes(b"# " + b"x" * (40 << 20)) if whose == "trusted before" else big(text, 1 << 30)
    if whose == "another user's":
        os.chown(text, 1234, 1234)
    began = time.monotonic()
    signed_in.run("cd ~/clone")
    signed_in.run("true")
    assert time.monotonic() - began < 10
    assert signed_in.get("AWS_ACCESS_KEY_ID") is None
    text.unlink()
    os.mkfifo(text)
    signed_in.run("true")
    assert signed_in.get("AWS_ACCESS_KEY_ID") is None


@pytest.mark.parametrize("order", ["parent first", "child first"])
def test_directories_named_like_files_of_ours(shell: Shell, order: str) -> None:
    names = ["@toml", "@sh", "@fish", "@choice", "@g0123456789abcdef", "@@x"]
    places = [place for name in names for place in (f"at/{name}", f"at/{name}/{name}")]
    parent = ["at", *places]
    for place in parent if order == "parent first" else reversed(parent):
        trust(shell.home, shell.home.project(place))
    for place in parent:
        shell.run(f"cd '{shell.home.path}/{place}'")
        assert shell.get("AWS_PROFILE") == "ssoenv"
        assert shell.get("SSOENV_DIR") == f"{shell.home.path}/{place}"


def test_a_security_token_is_put_away_too(signed_in: Shell) -> None:
    shell = restart(signed_in, env={"AWS_SECURITY_TOKEN": "theirs"})
    shell.run("cd ~/web")
    assert shell.get("AWS_SECURITY_TOKEN") is None
    shell.run("cd ~")
    assert shell.get("AWS_SECURITY_TOKEN") == "theirs"


def test_a_script_that_reads_the_rc_file(shell: Shell) -> None:
    rc = {"bash": ". ~/.bashrc", "zsh": ". ~/.zshrc", "fish": "source ~/.config/fish/config.fish"}
    lines = f"{rc[shell.name]}; ssoenv_prompt; ssoenv status >/dev/null; echo done"
    if shell.name == "fish":
        lines = lines.replace("ssoenv_prompt; ", "")
    output = shell.out(f"{shell.name} -c '{lines}'")
    assert output == "done"


BROKEN: dict[str, Callable[[Path], object]] = {
    "no TOML": lambda path: path.write_text("never = ["),
    "unknown key": lambda path: path.write_text("nevr = []\n"),
    "FIFO": os.mkfifo,
    "directory": lambda path: path.mkdir(),
    "dangling link": lambda path: path.symlink_to("nowhere"),
}


@pytest.mark.parametrize("how", BROKEN)
def test_settings_that_cannot_be_read_block(signed_in: Shell, how: str) -> None:
    path = signed_in.home.path / ".config/ssoenv/config.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    signed_in.run("cd ~/web")
    assert signed_in.get("AWS_ACCESS_KEY_ID")
    BROKEN[how](path)
    signed_in.run("true")
    assert signed_in.get("AWS_ACCESS_KEY_ID") is None
    blocked = signed_in.run("aws who")
    assert blocked.status == 5
    assert "settings" in blocked.output
    assert "<aws" not in blocked.output
    other = signed_in.another()
    try:
        other.run("cd ~/web")
        assert other.get("AWS_ACCESS_KEY_ID") is None
        assert other.run("aws who").status == 5
    finally:
        other.terminal.close()
    assert signed_in.home.ssoenv("export", cwd=signed_in.home.path / "web").returncode == 5
    path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
    signed_in.run("true")
    assert signed_in.who() == DEV


@pytest.mark.parametrize("load", ["eval", "sourced"])
def test_new_settings_reach_every_shell(signed_in: Shell, load: str) -> None:
    if load == "sourced":
        kept = f"{signed_in.home.path}/.local/state/ssoenv/hook.{signed_in.name}"
        rc = {"bash": ".bashrc", "zsh": ".zshrc", "fish": ".config/fish/config.fish"}
        file = signed_in.home.path / rc[signed_in.name]
        lines = [line for line in file.read_text().splitlines() if "ssoenv hook" not in line]
        file.write_text("\n".join([*lines, f"source {kept}", ""]))
    signed_in.run("cd ~/web")
    assert signed_in.get("AWS_ACCESS_KEY_ID")
    settings(signed_in, 'never = ["*:Developer"]\ncommands = ["mytool"]\n')
    other = signed_in.another()
    try:
        for one in (signed_in, other):
            one.run("cd ~/web")
            assert one.get("AWS_ACCESS_KEY_ID") is None
            assert one.get("AWS_PROFILE") is None
        told = other.run("aws who")
        assert told.status == 6
        assert "never" in told.output
        assert "not trusted" not in told.output
        kind = {"bash": "type -t mytool", "zsh": "whence -w mytool", "fish": "type -t mytool"}
        assert "function" in other.run(kind[other.name]).output
    finally:
        other.terminal.close()
    settings(signed_in, "")
    os.utime(signed_in.home.path / ".config/ssoenv/config.toml", (1, 1))  # a restored backup
    assert signed_in.who() == DEV


def _through_a_link(path: Path, text: str) -> None:
    """As in a store where all files have one time, and only the link to them changes."""
    target = path.with_name(f"store-{hash(text)}")
    target.write_text(text)
    os.utime(target, (1, 1))
    path.unlink(missing_ok=True)
    path.symlink_to(target)


def _in_its_place(path: Path, text: str) -> None:
    new = path.with_name("new")
    new.write_text(text)
    os.utime(new, (1, 1))
    new.replace(path)


def _rewritten(path: Path, text: str) -> None:
    path.write_text(text)
    os.utime(path, (1, 1))


@pytest.mark.parametrize("write", [_through_a_link, _in_its_place, _rewritten])
def test_the_settings_are_their_bytes_and_not_their_time(
    signed_in: Shell, write: Callable[[Path, str], None]
) -> None:
    settings(signed_in, "")
    path = signed_in.home.path / ".config/ssoenv/config.toml"
    for text, code in (
        ("never = ['x:Y']\n", 0),
        ("never = ['*:*']\n", 6),
        ("never = ['y:Z']\n", 0),
    ):
        write(path, text)
        signed_in.run("cd ~/web; true")
        if not code:
            assert signed_in.who() == DEV
        assert (signed_in.get("AWS_ACCESS_KEY_ID") is None) == (code == 6)
        result = signed_in.home.ssoenv("export", cwd=signed_in.home.path / "web")
        assert result.returncode == code


@pytest.mark.parametrize("where", ["web/.ssoenv.toml", ".config/ssoenv/config.toml"])
def test_a_file_of_the_kernel_keeps_no_prompt_waiting(signed_in: Shell, where: str) -> None:
    settings(signed_in, "never = ['x:Y']\n")
    signed_in.run("cd ~/web")
    path = signed_in.home.path / where
    path.unlink()
    path.symlink_to("/proc/kmsg")
    began = time.monotonic()
    signed_in.run("true")
    assert signed_in.get("AWS_ACCESS_KEY_ID") is None
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("command", ["terraform -chdir=x apply", "terraform -chdir=-h x", "terraform --help=x", "aws -h x", "terraform --version=1 x", "aws -- --help"])  # fmt: skip
def test_no_word_of_a_command_is_a_yes(signed_in: Shell, command: str) -> None:
    shell = signed_in
    trust(shell.home, shell.home.project("vault", PROTECTED))
    shell.run("cd ~/vault")
    for _ in range(2):
        shell.terminal.send(command)
        shell.terminal.wait_for(r"\[y/N\]")
        shell.terminal.send("n")
        refused = shell.terminal.answer()
        assert refused.status == 6
        assert "<" not in refused.output.split("[y/N]")[-1]
        assert shell.get("AWS_ACCESS_KEY_ID") is None


def test_a_state_folder_of_somebody_else_is_not_read(shell: Shell, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    os.chown(theirs, 1234, 1234)
    result = shell.home.ssoenv("status", XDG_STATE_HOME=str(theirs / "state"))
    assert result.returncode == 5
    assert str(theirs) in result.stderr
    assert not (theirs / "state").exists()
    hook = shell.home.ssoenv("hook", shell.name, XDG_STATE_HOME=str(theirs / "state"))
    assert (hook.returncode, hook.stdout) == (5, "")


def test_the_mark_of_keys_given_on_purpose_goes_where_they_go(signed_in: Shell) -> None:
    """What the hook puts for the same role is not marked: a child could never take it away."""
    fetch(signed_in.home)
    form = "fish" if signed_in.name == "fish" else "env"
    program = f"{sys.executable} -m ssoenv export {DEV} --format {form}"
    given = subprocess.run(
        program.split(), env=signed_in.home.env, capture_output=True, text=True, check=True
    )
    exports = signed_in.home.path / "exports"
    exports.write_text(given.stdout)
    signed_in.run("source ~/exports")
    key = signed_in.get("AWS_ACCESS_KEY_ID")
    assert key
    assert signed_in.get("SSOENV_GIVEN") == key
    signed_in.run("cd ~/web")
    assert signed_in.who() == DEV
    assert signed_in.get("SSOENV_GIVEN") is None
    signed_in.run("cd ~")
    assert signed_in.get("AWS_ACCESS_KEY_ID") == key
    assert signed_in.get("SSOENV_GIVEN") == key


def test_a_clock_in_the_environment_is_not_the_clock(signed_in: Shell) -> None:
    restart(signed_in, env={"EPOCHSECONDS": "1"})
    signed_in.run("cd ~/web")
    if signed_in.name != "fish":
        assert int(signed_in.out("echo $EPOCHSECONDS")) > 1
    assert signed_in.who() == DEV


def test_settings_that_cannot_be_looked_up_have_a_hook_that_says_so(shell: Shell) -> None:
    settings = shell.home.path / "loop.toml"
    settings.symlink_to(settings)
    folder = shell.home.path / ".config/ssoenv"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.toml").unlink(missing_ok=True)
    (folder / "config.toml").symlink_to(settings)
    hook = shell.home.ssoenv("hook", shell.name)
    assert hook.returncode == 0
    assert hook.stdout


SETS_UP = {
    "plain": ("aws configure set output text", "bash zsh fish"),
    "an option first": ("aws --region eu-west-1 configure set cli_pager cat", "bash zsh fish"),
    "a value that looks like a word": (
        "aws configure set a ' export-credentials '",
        "bash zsh fish",
    ),
    "env": ("env aws configure set output text", "bash zsh fish"),
    "env with a variable": ("env FOO=1 aws configure set output text", "bash zsh fish"),
    "command": ("command aws configure set output text", "zsh fish"),
    "a path": ("/usr/bin/aws --region eu-west-1 configure set output json", "zsh fish"),
    "behind another": ("true; env -u FOO aws configure set output text", "zsh fish"),
    "after cd": ("cd ~/ops; command aws configure set output text; cd ~/web", "zsh fish"),
    "quoted": ("command aws 'configure' set output text", "zsh fish"),
    "eval": ("eval 'command aws configure set output text'", "zsh fish"),
    "sh -c": ("sh -c 'aws configure set output text'", "zsh fish"),
    "the value that looks like two": (
        "aws configure set cli_pager ' configure export-credentials '",
        "bash zsh fish",
    ),
}
MENTIONS = {
    "a tool's own login": "aws ecr get-login-password | cat; : docker login 1.dkr.ecr.eu-west-1.amazonaws.com",
    "a subcommand of another": "aws codeartifact login --tool pip",
    "a value": "aws who x login",
    "a folder": "terraform -chdir=aws/sso plan",
    "both on one line": "aws configure list >/dev/null; terraform plan",
}


@pytest.mark.parametrize("way", MENTIONS)
@pytest.mark.parametrize("mode", ["keys", "profile"])
def test_a_line_that_mentions_a_sign_in_keeps_its_role(
    signed_in: Shell, mode: str, way: str
) -> None:
    shell = signed_in
    settings(shell, f'export = "{mode}"\n')
    shell.run("cd ~/web")
    shown = shell.run(MENTIONS[way]).output
    assert shell.role(shown) in (DEV, "profile ssoenv"), shown
    assert "cannot act" not in shown
    assert shell.role(shell.run("terraform plan").output) == shell.role(shown)


@pytest.mark.parametrize("name", ["AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"])
@pytest.mark.parametrize("beside", ["", "AWS_ACCESS_KEY_ID"])
def test_what_a_scope_covers_is_the_user_s_own_again(
    signed_in: Shell, name: str, beside: str
) -> None:
    export = "set -gx %s mine" if signed_in.name == "fish" else "export %s=mine"
    signed_in.run("; ".join(export % one for one in (name, beside) if one))
    signed_in.run("cd ~/web")
    signed_in.run(
        f"f() {{ local {name}=x; cd ~; }}; f",
        fish=f"function f; set -lx {name} x; cd ~; end; f",
    )
    signed_in.run("true")
    assert aws_variables(signed_in) == {one: "mine" for one in (name, beside) if one}


@pytest.mark.parametrize(
    "name",
    [
        "AWS_PROFILE",
        "AWS_SSO_PROFILE",
        "AWS_ACCESS_KEY_ID",
        "AWS_CREDENTIAL_EXPIRATION",
        "AWS_DEFAULT_REGION",
    ],
)
def test_an_empty_value_of_a_scope_is_nobody_s(signed_in: Shell, name: str) -> None:
    signed_in.run(f"{name}= cd ~/web")
    signed_in.run("true")
    signed_in.run("cd ~")
    signed_in.run("true")
    assert signed_in.get(name) is None


def test_digits_that_split_words_split_none_of_ours(signed_in: Shell) -> None:
    signed_in.run("IFS=0123456789; cd ~/web", fish="set IFS 0123456789; cd ~/web")
    assert signed_in.run("true").output == ""
    assert signed_in.who() == DEV


@pytest.mark.parametrize("way", SETS_UP)
def test_the_aws_cli_writes_nothing_into_our_section(shell: Shell, way: str) -> None:
    line, shells = SETS_UP[way]
    if shell.name not in shells.split():
        assert shell.name == "bash"  # nothing there looks at a line before it runs
        return
    aws, wrote = shell.home.path / "bin/aws", shell.home.path / "wrote"
    aws.unlink()
    if way in ("plain", "env", "eval"):
        aws.symlink_to("/usr/bin/aws")
    else:  # which takes half a second
        files.write_private(
            str(aws), b'#!/bin/sh\necho "into <$AWS_PROFILE>" >~/wrote\n', mode=0o700
        )
    shell.run("cd ~/web; cd ~/ops; cd ~/web")
    config = shell.home.path / ".aws/config"
    before = config.read_text()
    shell.run(line)
    ours = before[before.index("[profile ssoenv]") :]
    assert ours in config.read_text()
    assert aws.is_symlink() or "/usr/bin/aws" in line or wrote.read_text() == "into <>\n"
    assert shell.get("AWS_PROFILE") == "ssoenv"


KILLED = """\
import os, sys

count, last, rename = 0, int(sys.argv[1]), os.replace

def replace(old, new):
    global count
    rename(old, new)
    count += 1
    if count == last:
        os._exit(9)

os.replace = replace
from ssoenv.__main__ import run
sys.exit(run(["trust", "--yes"]))
"""
"""``ssoenv trust``, killed right after it has put its Nth file in place."""


def test_a_trust_killed_at_any_write_lets_no_old_role_act(signed_in: Shell) -> None:
    web = signed_in.home.path / "web"
    old, new = PROJECT, PROJECT.replace('default = "dev"', 'default = "prod"')
    killed = 0
    for last in range(1, 40):
        (web / ".ssoenv.toml").write_text(old)
        assert signed_in.home.ssoenv("untrust", cwd=web).returncode == 0
        assert signed_in.home.ssoenv("trust", "--yes", cwd=web).returncode == 0
        signed_in.run("cd ~/web")
        assert signed_in.who() == DEV
        (web / ".ssoenv.toml").write_text(new)
        result = subprocess.run(
            [sys.executable, "-c", KILLED, str(last)],
            cwd=web,
            env=signed_in.home.env | {"PWD": str(web)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        # Killed before anything was trusted, the old bytes are all that is trusted.
        answer = signed_in.run("aws who")
        if answer.status == 0:
            assert signed_in.role(answer.output) == PROD
        else:
            assert answer.status == 4
            assert signed_in.home.ssoenv("export", cwd=web).returncode == 4
        signed_in.run("cd ~")
        if result.returncode == 0:
            break
        assert result.returncode == 9, result.stderr
        killed += 1
    assert killed >= 5


def test_what_the_settings_rule_out_is_no_choice(signed_in: Shell) -> None:
    settings(signed_in, 'never = ["333333333333:*"]\n')
    signed_in.run("cd ~/web")
    assert signed_in.who() == DEV
    refused = signed_in.run("ssoenv use prod")
    assert refused.status == 6
    assert "never" in refused.output
    assert signed_in.who() == DEV
    settings(signed_in, "")
    assert signed_in.who() == DEV
    assert signed_in.run("ssoenv use staging").status == 0
    settings(signed_in, 'never = ["222222222222:*"]\n')
    assert signed_in.run("aws who").status == 6
    assert signed_in.run("ssoenv use dev").status == 0
    assert signed_in.who() == DEV


def test_who_takes_something_back_takes_back_a_yes(shell: Shell) -> None:
    trust(shell.home, shell.home.project("vault", PROTECTED))
    shell.run("ssoenv login acme; cd ~/vault")
    for answer, again in (("y", "ssoenv logout acme; ssoenv login acme"), ("n", "true")):
        shell.terminal.send("aws who")
        shell.terminal.wait_for(r"\[y/N\]")
        shell.terminal.send(answer)
        shell.terminal.answer()
        shell.run(again)


@pytest.mark.parametrize("shell", ["zsh", "fish"], indirect=True)
@pytest.mark.parametrize("line", ["command terraform version", "~/bin/terraform fmt; true", "env terraform validate", "command aws help", "nohup aws s3 help"])  # fmt: skip
def test_what_needs_no_role_asks_for_none_behind_other_words(shell: Shell, line: str) -> None:
    shell.run("cd ~/web")
    answer = shell.run(line)

    assert "start URL" not in answer.output
    assert shell.out("echo $__ssoenv_state") == "armed"


def test_where_the_program_is_gone_what_needs_no_role_runs(shell: Shell) -> None:
    shell.run("cd ~/web")
    gone = "function __ssoenv_program; command /nowhere/ssoenv $argv; end" if shell.name == "fish" else '__ssoenv_program() { command /nowhere/ssoenv "$@"; }'  # fmt: skip
    shell.run(gone)

    assert shell.role(shell.run("aws who").output) == "profile ssoenv"
    assert shell.run("terraform fmt").status == 0


@pytest.mark.parametrize("name", ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"])
def test_keys_of_the_users_own_stay_beside_a_profile_that_env_gives(
    shell: Shell, name: str
) -> None:
    restart(shell, env={"AWS_ACCESS_KEY_ID": "AKIAMINE", "AWS_SECRET_ACCESS_KEY": "mine"})
    shell.run("cd ~")

    assert "AKIAMINE" in shell.run(f"env {name}=other env").output


@pytest.mark.parametrize("name", ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"])
def test_our_keys_go_beside_a_profile_that_env_gives(signed_in: Shell, name: str) -> None:
    signed_in.run("cd ~/web")
    ours = signed_in.get("AWS_ACCESS_KEY_ID")
    assert ours

    assert ours not in signed_in.run(f"env {name}=other env").output


OWN = ["AWS_SSO_PROFILE", "AWS_CREDENTIAL_EXPIRATION", "AWS_SECURITY_TOKEN", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN"]  # fmt: skip


@pytest.mark.parametrize("shell", ["fish"], indirect=True)
@pytest.mark.parametrize("name", OWN)
def test_what_a_scope_has_is_not_the_users_own(signed_in: Shell, name: str) -> None:
    """In fish what is global can be told from what a scope has."""
    restart(signed_in, env={name: "own"})
    signed_in.run(f"begin; set -lx {name} scope; cd ~/web; end")
    assert signed_in.who() == DEV
    signed_in.run("cd ~")

    assert signed_in.get(name) == "own"


NOT_OF_ENV = ["env aws who AWS_PROFILE=x", "env -u BAR FOO=1 terraform AWS_DEFAULT_PROFILE=x", "env AWS_DEFAULT_PROFILE= terraform x", "env -C ~/web aws who AWS_PROFILE=x"]  # fmt: skip


@pytest.mark.parametrize("shell", ["bash"], indirect=True)
@pytest.mark.parametrize("line", NOT_OF_ENV)
def test_only_a_profile_that_env_gives_takes_our_keys(signed_in: Shell, line: str) -> None:
    signed_in.run("cd ~/web")
    assert signed_in.who(line) == DEV
