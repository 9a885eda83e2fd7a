"""What the hook does not see by itself: other processes, completions, a shell that becomes another."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time

import pytest

from tests.shell.conftest import DEV, OPS, Shell, real_aws
from tests.shell.test_manners import enter_and_leave, restart

pytestmark = pytest.mark.sampled(3)

ARN = "aws sts get-caller-identity --query Arn --output text"


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(f"bash -c '{ARN}'", id="bash -c"),
        pytest.param("./deploy.sh", id="script"),
        pytest.param("/bin/echo sts get-caller-identity --query Arn --output text | xargs sh -c 'aws \"$@\"' x", id="xargs"),
    ],
)  # fmt: skip
def test_programs_behind_programs_get_the_role_lazily(shell: Shell, line: str) -> None:
    script = real_aws(shell) / "deploy.sh"
    script.write_text(f"#!/bin/sh\nset -eu\n{ARN}\n")
    script.chmod(0o755)
    shell.run("cd ~/web")

    output = shell.out(line)

    assert "assumed-role/AWSReservedSSO_Developer_" in output
    assert shell.pages() == 1


BOTO3 = """\
import datetime, time, boto3
session = boto3.Session()
ends = session.get_credentials()._expiry_time
client = session.client("sts")
def tell():
    print(client.get_caller_identity()["Arn"].split("/")[1].split("_")[1])
tell()
while datetime.datetime.now(ends.tzinfo) < ends:
    time.sleep(0.02)
tell()
"""


def test_a_boto3_program_lives_longer_than_its_credentials(shell: Shell) -> None:
    """Started while armed, it holds the managed profile: botocore renews through it by itself."""
    shell.sandbox.state.credentials_ttl = 2
    program = shell.home.path / "program.py"
    program.write_text(BOTO3)
    shell.run("cd ~/web; ssoenv login acme")

    given = shell.sandbox.state.keys

    def last_long_from_the_second_on() -> None:
        while not given:
            time.sleep(0.02)
        shell.sandbox.state.credentials_ttl = 3600

    changing = threading.Thread(target=last_long_from_the_second_on, daemon=True)
    changing.start()
    output = shell.out(f"{sys.executable} {program}")

    assert output.split() == ["Developer"] * 2
    assert len(given) == 2
    assert shell.pages() == 1


def test_profile_mode_never_puts_keys_into_the_environment(shell: Shell) -> None:
    settings = shell.home.path / ".config/ssoenv/config.toml"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text('export = "profile"\n')
    shell.run("cd ~/web; ssoenv trust")
    output = shell.out("aws who")
    assert shell.role(output) == "profile ssoenv"
    assert shell.pages() == 1
    assert shell.get("AWS_ACCESS_KEY_ID") is None
    assert shell.out("aws who").count("sign-in") == 0


def test_manual_sign_in(shell: Shell) -> None:
    settings = shell.home.path / ".config/ssoenv/config.toml"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text('login = "manual"\n')
    shell.run("cd ~/web")
    answer = shell.run("aws who")
    assert answer.status == 3
    assert "ssoenv login acme" in answer.output
    assert "key=" not in answer.output
    shell.out("ssoenv login")
    assert shell.who() == DEV


def test_a_completion_never_signs_in(shell: Shell) -> None:
    """TAB on a line whose completion runs `aws`."""
    completion = {
        "bash": "_c() { COMPREPLY=($(aws who)); }; complete -F _c mytool",
        "zsh": "autoload -U compinit; compinit -u; _c() { compadd -- $(aws who) }; compdef _c mytool",
        "fish": "complete -c mytool -f -a '(aws who)'",
    }
    if shell.name == "zsh":
        restart(shell, before="setopt zle 2>/dev/null")
    shell.run(completion[shell.name])
    shell.run("cd ~/web")
    shell.terminal.send("mytool \t", end="")
    shell.terminal.send("\x15true")
    shell.terminal.answer()

    assert shell.sandbox.requests() == []


def test_a_key_binding_never_signs_in(shell: Shell) -> None:
    binding = {
        "bash": "bind -x '\"\\C-g\": aws who >/dev/null'",
        "fish": "bind \\cg 'aws who >/dev/null'",
        "zsh": "w() { aws who >/dev/null }; zle -N w; bindkey '^G' w",
    }
    shell.run(binding[shell.name])
    shell.run("cd ~/web")
    shell.terminal.send("\x07", end="")
    shell.terminal.send("\x15true")
    shell.terminal.answer()

    assert shell.sandbox.requests() == []


def test_a_pipe_without_a_terminal_never_signs_in(shell: Shell) -> None:
    project = real_aws(shell)
    result = subprocess.run(
        ["aws", "sts", "get-caller-identity"],
        env=shell.stage.env | {"AWS_PROFILE": "ssoenv"},
        cwd=project,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
    )
    assert result.returncode != 0
    assert "ssoenv login acme" in result.stderr
    assert shell.sandbox.requests() == []


def test_a_background_job_never_signs_in(shell: Shell) -> None:
    shell.run("cd ~/web")
    shell.run("aws who & wait", fish="command sh -c 'aws sts' & wait")
    assert shell.pages() == 0


def test_exec_into_a_new_shell(signed_in: Shell) -> None:
    signed_in.run("cd ~/web; aws who")
    command = {
        "bash": "exec bash --noprofile -i",
        "zsh": "exec zsh -i",
        "fish": "exec fish --private -i",
    }
    signed_in.terminal.run(command[signed_in.name])
    assert signed_in.who() == DEV
    enter_and_leave(signed_in)


def test_popd_and_a_deep_stack(signed_in: Shell) -> None:
    assert signed_in.who("pushd ~/web >/dev/null; pushd ~/ops >/dev/null; aws who") == OPS
    assert signed_in.who("popd >/dev/null; aws who") == DEV
    signed_in.run("popd >/dev/null")
    assert signed_in.role(signed_in.run("aws who").output) == "nobody"


def test_refreshed_by_another_shell(signed_in: Shell) -> None:
    signed_in.run("cd ~/web")
    first = signed_in.get("AWS_ACCESS_KEY_ID")
    for file in (signed_in.home.path / ".aws/cli/cache").iterdir():
        file.unlink()
    result = signed_in.home.ssoenv("export", cwd=signed_in.home.path / "web")
    assert result.returncode == 0
    signed_in.run("true")
    second = signed_in.get("AWS_ACCESS_KEY_ID")
    assert second
    assert second != first


def test_the_aws_cli_signing_in_as_somebody_else_takes_over(signed_in: Shell) -> None:
    """Its newer cache file holds other credentials than ours: ours are dropped, its are taken."""
    signed_in.run("cd ~/web")
    assert signed_in.get("AWS_ACCESS_KEY_ID")
    (cached,) = [
        path
        for path in (signed_in.home.path / ".aws/cli/cache").glob("*.json")
        if str(path.name).startswith("c281e8495077e97324c1f2038a4e94088524b0ac")
    ]
    key_id, keys = signed_in.sandbox.state.new_keys("111111111111", "Developer", "bob")
    text = cached.read_text()
    document = json.loads(text)
    document["Credentials"] |= {
        "AccessKeyId": key_id,
        "SecretAccessKey": keys.secret,
        "SessionToken": keys.token,
    }
    cached.write_text(json.dumps(document))
    signed_in.run("true")
    assert signed_in.get("AWS_ACCESS_KEY_ID") is None
    assert key_id in signed_in.out("aws who")


PREEXEC = """
preexec_invoke() { __last=$BASH_COMMAND; }
precmd_invoke() { local r=$?; for f in "${precmd_functions[@]}"; do (exit $r); "$f"; done; return $r; }
precmd_functions=()
trap preexec_invoke DEBUG
PROMPT_COMMAND="precmd_invoke${PROMPT_COMMAND:+; ${PROMPT_COMMAND[0]}}"
"""


@pytest.mark.parametrize("shell", ["bash"], indirect=True)
@pytest.mark.parametrize("when", ["before", "after"])
def test_code_like_that_of_bash_preexec(signed_in: Shell, when: str) -> None:
    enter_and_leave(restart(signed_in, **{when: PREEXEC}))  # type: ignore[arg-type]
