"""What is the user's stays the user's: status, traps, options, functions, variables, neighbours."""

from __future__ import annotations

import re
import subprocess

import pytest

from ssoenv.base import files
from ssoenv.demo.stage import Stage
from ssoenv.demo.terminal import Terminal
from tests.shell.conftest import DEV, OPS, STAGING, Shell, trust

pytestmark = pytest.mark.sampled(3)

MANAGED = "ssoenv"


def restart(
    shell: Shell, *, before: str = "", after: str = "", env: dict[str, str] | None = None
) -> Shell:
    """The same shell with lines before and after the hook in its rc file."""
    rc = {"bash": ".bashrc", "zsh": ".zshrc", "fish": ".config/fish/config.fish"}[shell.name]
    path = shell.home.path / rc
    path.write_text(f"{before}\n{path.read_text()}\n{after}\n")
    stage = Stage(shell.stage.home, shell.stage.env | (env or {}))
    shell.terminal.close()
    shell.terminal = Terminal(shell.name, stage)
    return shell


def enter_and_leave(shell: Shell) -> None:
    """The whole story, on whatever `shell` has become."""
    shell.run("cd ~/web")
    assert shell.role(shell.run("aws who").output) == DEV
    assert shell.role(shell.run("cd ~/ops && aws who").output) == OPS
    shell.run("cd ~")
    assert shell.role(shell.run("aws who").output) == "nobody"


def test_the_status_is_left_alone(signed_in: Shell) -> None:
    signed_in.run("cd ~/web")
    assert signed_in.run("sh -c 'exit 7'").status == 7
    assert signed_in.run("echo $?", fish="echo $status").output == "7"
    pipestatus = {
        "bash": "echo ${PIPESTATUS[*]}",
        "zsh": "echo $pipestatus",
        "fish": "echo $pipestatus",
    }
    signed_in.run("sh -c 'exit 3' | sh -c 'exit 5'")
    assert signed_in.run(pipestatus[signed_in.name]).output == "3 5"
    assert signed_in.run("cd ~/nowhere 2>/dev/null").status != 0


def test_wrapped_commands_keep_stdin_stdout_and_status(signed_in: Shell) -> None:
    tool = signed_in.home.path / "bin/terraform"
    files.write_private(str(tool), b'#!/bin/sh\ncat\necho err >&2\nexit "${1:-0}"\n', mode=0o700)
    signed_in.run("cd ~/web")
    assert signed_in.out("echo data | terraform").replace("err", "").strip() == "data"
    assert (
        signed_in.out(
            'y=$(echo in | terraform 2>/dev/null); echo "<$y>"',
            fish='set y (echo in | terraform 2>/dev/null); echo "<$y>"',
        )
        == "<in>"
    )
    assert signed_in.run("echo | terraform 42").status == 42
    assert signed_in.run("echo | terraform 'a b' '*' ''").status == 2


def test_first_use_keeps_stdin_and_stdout(shell: Shell) -> None:
    tool = shell.home.path / "bin/terraform"
    files.write_private(str(tool), b"#!/bin/sh\ncat\n", mode=0o700)
    shell.run("cd ~/web")
    output = shell.out("echo data | terraform >out; cat out")
    assert "needs a sign-in" in output
    assert (shell.home.path / "web/out").read_text() == "data\n"


@pytest.mark.parametrize("line", ["aws --version", "aws help", "aws configure list", "aws s3 ls --help", "terraform fmt", "aws who --profile x", "aws --profile=x who", "terraform -v"])  # fmt: skip
def test_no_sign_in_for_what_needs_no_role(shell: Shell, line: str) -> None:
    shell.run("cd ~/web")
    assert shell.run(line).status == 0
    assert shell.sandbox.requests() == []


@pytest.mark.parametrize("line", ["echo aws", "grep aws /dev/null", "ls aws 2>/dev/null", "type aws", "true # aws who", "true aws s3", "echo 'x; aws who'"])  # fmt: skip
def test_no_sign_in_for_a_mere_word(shell: Shell, line: str) -> None:
    shell.run("cd ~/web")
    shell.run(line)
    assert shell.sandbox.requests() == []


@pytest.mark.parametrize("line", ["command aws who", "env A=1 aws who", "~/bin/aws who", "nice aws who", "echo who | xargs aws", "time aws who", "A=1 command aws who"])  # fmt: skip
def test_first_use_that_no_wrapper_sees(shell: Shell, line: str) -> None:
    """zsh and fish look before a line runs; in bash the managed profile serves such a command."""
    shell.run("cd ~/web")
    output = shell.run(line).output
    if shell.name == "bash" and line != "time aws who":
        assert shell.role(output) == f"profile {MANAGED}"
    else:
        assert shell.role(output) == DEV
        assert shell.pages() == 1


def test_a_profile_in_front_of_the_command_is_left_alone(signed_in: Shell) -> None:
    signed_in.run("cd ~/web")
    assert signed_in.who() == DEV
    output = signed_in.out("AWS_PROFILE=mine aws who")
    assert signed_in.role(output) == "profile mine"
    assert signed_in.who() == DEV


def test_variables_of_the_user_come_back(signed_in: Shell) -> None:
    shell = restart(
        signed_in,
        env={
            "AWS_PROFILE": "mine",
            "AWS_REGION": "ap-south-1",
            "AWS_ACCESS_KEY_ID": "AKIAMINE",
            "AWS_SECRET_ACCESS_KEY": "s e'c\\r\"et",
        },
    )
    shell.run("cd ~/web")
    assert shell.get("AWS_PROFILE") is None
    assert shell.who() == DEV
    shell.run("cd ~/ops")
    assert shell.who() == OPS
    shell.run("cd ~")
    assert shell.get("AWS_PROFILE") == "mine"
    assert shell.get("AWS_REGION") == "ap-south-1"
    assert shell.get("AWS_ACCESS_KEY_ID") == "AKIAMINE"
    assert shell.get("AWS_SECRET_ACCESS_KEY") == "s e'c\\r\"et"
    assert shell.get("AWS_DEFAULT_REGION") is None


def test_what_the_user_changed_meanwhile_stays(signed_in: Shell) -> None:
    shell = restart(signed_in, env={"AWS_REGION": "ap-south-1"})
    shell.run("cd ~/web")
    shell.run("export AWS_REGION=sa-east-1", fish="set -gx AWS_REGION sa-east-1")
    shell.run("cd ~")
    assert shell.get("AWS_REGION") == "sa-east-1"
    shell.run("cd ~/web")
    keys = "AWS_ACCESS_KEY_ID=AKIAOTHER AWS_SECRET_ACCESS_KEY=other"
    shell.run(
        f"export {keys}",
        fish="set -gx AWS_ACCESS_KEY_ID AKIAOTHER; set -gx AWS_SECRET_ACCESS_KEY other",
    )
    shell.run("cd ~")
    assert shell.get("AWS_ACCESS_KEY_ID") == "AKIAOTHER"
    assert shell.get("AWS_SECRET_ACCESS_KEY") == "other"
    assert shell.get("AWS_SSO_PROFILE") is None


def test_a_variable_that_was_not_exported_is_not_exported_after(signed_in: Shell) -> None:
    signed_in.run("AWS_REGION=mine", fish="set -g AWS_REGION mine")
    signed_in.run("cd ~/web; cd ~")
    assert signed_in.get("AWS_REGION") is None
    assert signed_in.run("echo $AWS_REGION").output == "mine"


@pytest.mark.parametrize("name", ["AWS_PROFILE", "AWS_ACCESS_KEY_ID"])
def test_a_readonly_variable_blocks_and_is_told(signed_in: Shell, name: str) -> None:
    if signed_in.name == "fish":
        signed_in.run(f"set -U {name} universal")  # fish's own kind of a variable that stays
        enter_role = signed_in.run("cd ~/web; aws who").output
        assert signed_in.role(enter_role) == DEV
        signed_in.run("cd ~")
        assert signed_in.run(f"echo ${name}").output == "universal"
        signed_in.run(f"set -Ux {name} universal")  # that one fish exports whatever hides it
        assert "universal" in signed_in.run("cd ~/web").output
        assert signed_in.run("aws who").status == 4
        return
    signed_in.run(f"export {name}=fixed; readonly {name}")
    assert "readonly" in signed_in.run("cd ~/web").output
    answer = signed_in.run("aws who")
    assert answer.status == 4
    assert "key=" not in answer.output
    signed_in.run("cd ~")
    assert signed_in.get(name) == "fixed"
    assert signed_in.get("AWS_REGION") is None


def test_functions_of_the_user_stay(shell: Shell) -> None:
    mine = {"bash": 'cd() { builtin cd "$@"; echo mine; }; aws() { echo my aws; }'}
    shell = restart(
        shell,
        before=mine.get(
            shell.name,
            "function aws { echo my aws }"
            if shell.name == "zsh"
            else "function aws; echo my aws; end",
        ),
    )
    assert shell.run("aws").output == "my aws"
    shell.run("cd ~/web")
    assert shell.run("aws").output == "my aws"
    if shell.name == "bash":
        assert "mine" in shell.run("cd ~").output
        assert "(dev/Developer)" in shell.run("cd ~/web").prompt
    assert shell.sandbox.requests() == []


def test_traps_of_the_user_stay(shell: Shell) -> None:
    if shell.name == "fish":
        shell.run("function on_usr1 --on-signal USR1; echo caught; end")
        shell.run("cd ~/web; cd ~")
        assert "caught" in shell.run("kill -USR1 $fish_pid; sleep 0.1").output
        return
    shell.run("trap 'echo caught' INT USR1; trap 'echo left' TERM")
    before = shell.run("trap").output
    shell.run("cd ~/web; cd ~; cd ~/ops")
    assert shell.run("trap").output == before
    assert "caught" in shell.run("kill -USR1 $$").output


def test_no_secret_of_ours_outside_the_exported_variables(signed_in: Shell) -> None:
    signed_in.run("cd ~/web; aws who")
    secret = signed_in.get("AWS_SECRET_ACCESS_KEY")
    token = signed_in.get("AWS_SESSION_TOKEN")
    assert secret
    assert token
    signed_in.run("cd ~/web/..; cd web; cd ~/ops; cd ~")
    dump = {"bash": "set; declare -f", "zsh": "typeset; functions", "fish": "set -L; functions -a"}
    text = signed_in.run(dump[signed_in.name]).output
    assert secret not in text
    assert token not in text
    signed_in.run("cd ~/web")
    text = signed_in.run(dump[signed_in.name]).output
    assert text.count(signed_in.get("AWS_SECRET_ACCESS_KEY") or "none") == 1


def test_a_trace_shows_no_key(signed_in: Shell) -> None:
    line = "set -x; cd ~/web; cd ~; set +x"
    output = signed_in.run(
        line, fish="set -g fish_trace 1; cd ~/web; cd ~; set -e fish_trace"
    ).output
    held = signed_in.sandbox.state.keys
    assert len(held) >= 2
    for key_id, keys in held.items():
        assert not [one for one in (key_id, keys.secret, keys.token) if one in output]
    assert re.search(r"^(\+|-|>)+.*cd ", output, re.MULTILINE), "nothing was traced"


@pytest.mark.parametrize("times", [1, 3])
def test_sourcing_again_changes_nothing(signed_in: Shell, times: int) -> None:
    line = f'eval "$(ssoenv hook {signed_in.name})"'
    signed_in.run("cd ~/web")
    for _ in range(times):
        assert signed_in.run(line, fish="ssoenv hook fish | source").output == ""
    assert signed_in.who() == DEV
    signed_in.run("cd ~")
    enter_and_leave(signed_in)


def test_uninstall_leaves_nothing(signed_in: Shell) -> None:
    signed_in.run("cd ~/web")
    signed_in.run("__ssoenv_uninstall")
    left = {
        "bash": "set | grep -i ssoenv | grep -v PS1; declare -F | grep -E 'ssoenv| aws$| cd$'; declare -p PROMPT_COMMAND 2>/dev/null | grep ssoenv",
        "zsh": "typeset | grep -i ssoenv | grep -vi prompt | grep -v PS1; print -l ${(k)functions} $precmd_functions | grep -E 'ssoenv|^aws$'",
        "fish": "set -n | grep -i ssoenv; functions -an | string match -r 'ssoenv|^aws$'",
    }
    assert signed_in.run(left[signed_in.name]).output.replace("_=", "").strip() in (
        "",
        "__ssoenv_uninstall",
    )
    assert signed_in.run("env | grep -E 'SSOENV|AWS_(ACCESS|SSO_PROFILE)'").output == ""
    assert "(dev" not in signed_in.run("cd ~/web").prompt


HOSTILE = {
    "bash": ["set -e", "set -u", "set -C", "set -f", "set -a", "set -T", "set -E", "set -o pipefail", "set -o posix", "shopt -s failglob", "shopt -s nullglob", "shopt -s extdebug", "shopt -s nocasematch", "IFS=/", "IFS=a", "IFS=", "LC_ALL=C", "set -H", "shopt -s dotglob extglob", "alias local=false builtin=false printf=false export=false", "readonly f=1 d=2 p=3 x=4 v=5 REPLY=6", "set -eEuaT -o pipefail"],
    "zsh": ["setopt sh_glob", "setopt ksh_arrays", "setopt ignore_braces", "setopt no_unset", "setopt all_export", "setopt csh_junkie_quotes", "setopt err_exit", "setopt sh_word_split", "setopt null_glob", "setopt extended_glob", "setopt ksh_glob", "setopt no_clobber", "setopt warn_create_global", "setopt rc_quotes", "setopt prompt_subst", "alias -g L='|less' d=x", "alias local=false emulate=false typeset=false source=false", "IFS=/", "readonly REPLY=1 f=2 v=3"],
    "fish": ["set -U __ssoenv_state poison", "set -U __ssoenv_probe -a -z x", "set -Ux SSOENV_DIR /tmp", "set -U AWS_REGION universal", "set -g fish_trace ''", "set -U __ssoenv_choice prod"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("shell", "setting"),
    [
        pytest.param(name, setting, id=f"{name}: {setting[:40]}")
        for name, all_ in HOSTILE.items()
        for setting in all_
    ],
    indirect=["shell"],
)
@pytest.mark.parametrize("when", ["before", "after"])
def test_hostile_settings(signed_in: Shell, setting: str, when: str) -> None:
    enter_and_leave(restart(signed_in, **{when: setting}))  # type: ignore[arg-type]


NEIGHBOURS = {
    "direnv": {
        "bash": 'eval "$(direnv hook bash)"',
        "zsh": 'eval "$(direnv hook zsh)"',
        "fish": "direnv hook fish | source",
    },
    "debug trap": {"bash": "trap ': $BASH_COMMAND' DEBUG; trap 'echo bye' EXIT"},
    "prompt string": {"bash": "PROMPT_COMMAND='true; '", "zsh": "precmd() { : }; chpwd() { : }; preexec() { : }"},
    "prompt array": {"bash": "PROMPT_COMMAND=(true ':')"},
    "zoxide": {
        "bash": '__zoxide_hook() { local r=$?; __zoxide_old=$PWD; return $r; }; PROMPT_COMMAND="${PROMPT_COMMAND:+${PROMPT_COMMAND%;};}__zoxide_hook"',
        "zsh": "__zoxide_hook() { __zoxide_old=$PWD }; chpwd_functions=(${chpwd_functions:#__zoxide_hook} __zoxide_hook)",
        "fish": "function __zoxide_hook --on-variable PWD; set -g __zoxide_old $PWD; end",
    },
    "starship": {
        "bash": '[[ "${PROMPT_COMMAND[*]}" == *starship_precmd* ]] || { starship_precmd() { local r=$?; eval "$STARSHIP_PROMPT_COMMAND"; return $r; }; STARSHIP_PROMPT_COMMAND="$PROMPT_COMMAND"; PROMPT_COMMAND=starship_precmd; }',
        "zsh": "starship_precmd() { r=$? }; precmd_functions+=(starship_precmd)",
    },
    "vs code": {
        "bash": '[[ -n $VSCODE_SHELL_INTEGRATION ]] || { VSCODE_SHELL_INTEGRATION=1; __vsc_original_prompt_command="${PROMPT_COMMAND:-}"; __vsc_prompt() { local r=$?; (exit $r); eval "${__vsc_original_prompt_command:-}"; }; PROMPT_COMMAND=__vsc_prompt; }',
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("shell", "neighbour"),
    [(shell, neighbour) for neighbour, all_ in NEIGHBOURS.items() for shell in all_],
    indirect=["shell"],
)
@pytest.mark.parametrize("when", ["before", "after", "both"])
def test_neighbours(signed_in: Shell, neighbour: str, when: str) -> None:
    shell = signed_in
    text = NEIGHBOURS[neighbour][shell.name]
    hook = (
        "ssoenv hook fish | source"
        if shell.name == "fish"
        else f'eval "$(ssoenv hook {shell.name})"'
    )
    before = text if when != "after" else ""
    after = text if when == "after" else f"{text}\n{hook}" if when == "both" else ""
    shell = restart(shell, before=before, after=after)
    enter_and_leave(shell)
    if neighbour != "vs code":  # its own code runs the rest with the status it read before
        shell.run("sh -c 'exit 7'")
        assert shell.run("echo $?", fish="echo $status").output.endswith("7")


def test_direnv_and_ssoenv_in_one_directory(signed_in: Shell) -> None:
    """direnv exports what a project wants besides; the role stays ours."""
    (signed_in.home.path / "web/.envrc").write_text("export FROM_DIRENV=yes\n")
    subprocess.run(
        ["direnv", "allow", signed_in.home.path / "web"], env=signed_in.stage.env, check=True
    )
    shell = restart(signed_in, after=NEIGHBOURS["direnv"][signed_in.name])
    shell.run("cd ~/web")
    assert shell.get("FROM_DIRENV") == "yes"
    assert shell.who() == DEV
    shell.run("cd ~")
    assert shell.get("FROM_DIRENV") is None
    assert shell.role(shell.run("aws who").output) == "nobody"


def test_an_edit_blocks_and_a_revert_unblocks(signed_in: Shell) -> None:
    path = signed_in.home.path / "web/.ssoenv.toml"
    text = path.read_text()
    signed_in.run("cd ~/web")
    assert signed_in.who() == DEV
    path.write_text(text.replace("Developer", "Administrator"))
    answer = signed_in.run("aws who")
    assert answer.status == 4
    assert "ssoenv trust" in answer.output
    assert "key=" not in answer.output
    assert signed_in.get("AWS_ACCESS_KEY_ID") is None
    assert signed_in.run("true").output == ""  # said once
    path.write_text(text)
    assert signed_in.who() == DEV
    path.write_text(text + "\n# a comment\n")
    assert "changed since" in signed_in.run("true").output
    assert "a comment" not in signed_in.run("ssoenv trust --yes").output
    assert signed_in.who() == DEV
    signed_in.run("ssoenv untrust")
    assert signed_in.role(signed_in.run("aws who").output) == "nobody"


def test_trust_given_and_taken_in_another_shell(signed_in: Shell) -> None:
    project = signed_in.home.project(
        "new", 'session = "acme"\n[profiles.s]\naccount = "222222222222"\nrole = "ReadOnly"\n'
    )
    assert "not trusted" in signed_in.run("cd ~/new").output
    assert signed_in.role(signed_in.run("aws who").output) == "nobody"
    trust(signed_in.home, project)
    assert signed_in.who() == STAGING
    other = signed_in.another("bash")
    other.out("ssoenv untrust ~/new")
    other.terminal.close()
    assert signed_in.run("true").output == ""  # these bytes were told of already
    assert signed_in.get("AWS_ACCESS_KEY_ID") is None


@pytest.mark.parametrize(
    "kind",
    [
        "deleted",
        "renamed",
        "fifo",
        "directory",
        "symlink",
        "foreign",
        "nul",
        "only nul",
        "file gone",
    ],
)
def test_the_file_or_its_directory_becomes_something_else(signed_in: Shell, kind: str) -> None:
    web = signed_in.home.path / "web"
    path = web / ".ssoenv.toml"
    actions = {
        "deleted": "rm -r ~/web",
        "renamed": "mv ~/web ~/elsewhere",
        "fifo": "rm .ssoenv.toml; mkfifo .ssoenv.toml",
        "directory": "rm .ssoenv.toml; mkdir .ssoenv.toml",
        "symlink": "ln -sf ~/ops/.ssoenv.toml .ssoenv.toml",
        "foreign": "chmod 0 .ssoenv.toml; chown 65534 .ssoenv.toml 2>/dev/null",
        "only nul": "printf '\\0' >.ssoenv.toml",
        "nul": "printf 'a\\0b' >>.ssoenv.toml",
        "file gone": "rm .ssoenv.toml",
    }
    signed_in.run("cd ~/web")
    assert signed_in.who() == DEV
    assert path.exists()
    signed_in.run(actions[kind])
    assert signed_in.get("AWS_ACCESS_KEY_ID") is None
    answer = signed_in.run("aws who")
    assert answer.status in (4, 5) or signed_in.role(answer.output) == "nobody"
    signed_in.run("cd ~")
    assert signed_in.role(signed_in.run("aws who").output) == "nobody"


def test_control_c_during_the_sign_in_stops_the_command(shell: Shell) -> None:
    shell.sandbox.set_approve("ask")
    shell.run("cd ~/web")
    shell.terminal.send("aws who")
    shell.terminal.wait_for("/authorize")
    shell.terminal.send("\x03", end="")
    answer = shell.terminal.answer()
    assert answer.status == 130
    assert "key=" not in answer.output


def test_tmux_panes_opened_in_a_project(signed_in: Shell) -> None:
    """A tmux server keeps the environment that it was started with; new windows clear it."""
    socket = str(signed_in.home.path / "tmux")
    env = signed_in.stage.env | {"TERM": "screen", "SHELL": f"/usr/bin/{signed_in.name}"}
    keys = signed_in.home.ssoenv("export", "--format", "json", cwd=signed_in.home.path / "web")
    import json

    inherited = env | json.loads(keys.stdout) | {
        "SSOENV_DIR": str(signed_in.home.path / "web"), "SSOENV_LABEL": "dev/Developer",
        "SSOENV_VARS": "AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_CREDENTIAL_EXPIRATION AWS_REGION AWS_DEFAULT_REGION",
    }  # fmt: skip
    tmux = ["tmux", "-S", socket, "-f", "/dev/null"]
    shell = {"bash": "bash --noprofile -i", "zsh": "zsh -i", "fish": "fish -i"}[signed_in.name]
    subprocess.run([*tmux, "new-session", "-d", "-c", "/", shell], env=inherited, check=True)
    try:
        subprocess.run(
            [
                *tmux,
                "send-keys",
                f"env >{signed_in.home.path}/seen; touch {signed_in.home.path}/done",
                "Enter",
            ],
            env=env,
            check=True,
        )
        done = signed_in.home.path / "done"
        signed_in.run(
            f"while test ! -e {done}; do sleep 0.1; done",
            fish=f"while test ! -e {done}; sleep 0.1; end",
        )
        seen = (signed_in.home.path / "seen").read_text()
        assert "AWS_ACCESS_KEY_ID" not in seen
        assert "AWS_SECRET" not in seen
    finally:
        subprocess.run([*tmux, "kill-server"], env=env, check=False)
