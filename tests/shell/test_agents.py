"""Coding agents: started without our keys, and as the owners of a shell of their own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from ssoenv.base import files
from ssoenv.base.agents import MARKS
from ssoenv.base.dialects import SHELLS
from tests.shell.conftest import DEV, PROD, trust
from tests.shell.test_manners import restart

if TYPE_CHECKING:
    from tests.shell.conftest import Shell

pytestmark = pytest.mark.sampled(3)

KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN", "AWS_CREDENTIAL_EXPIRATION", "AWS_SSO_PROFILE")  # fmt: skip
AGENT = b"#!/bin/sh\nenv | grep -E '^(AWS_[A-Z]|SSOENV_)'\necho \"words=$*\"\nexit 3\n"
"""An agent that says what it was started with."""
MINE = {"AWS_ACCESS_KEY_ID": "AKIAMINE", "AWS_SECRET_ACCESS_KEY": "my secret"}


@pytest.fixture
def agent(signed_in: Shell) -> Shell:
    """A shell in a home with the programs ``claude`` and ``mine``, both of which are agents'."""
    for name in ("claude", "goose", "mine"):
        files.write_private(str(signed_in.home.path / "bin" / name), AGENT, mode=0o700)
    return signed_in


def started(shell: Shell, line: str = "claude -p 'a b'") -> dict[str, str]:
    """Start an agent; return what it has in its environment, but for the sandbox's addresses."""
    answer = shell.run(line)
    assert answer.status == 3, answer
    pairs = dict(re.findall(r"^(\w+)=(.*)$", answer.output, re.MULTILINE))
    assert pairs.pop("words") == "-p a b"
    there = {"AWS_EC2_METADATA_DISABLED", "AWS_PAGER", "AWS_DATA_PATH"}
    return {
        name: value
        for name, value in pairs.items()
        if name not in there and not name.startswith("AWS_ENDPOINT_URL")
    }


def test_an_agent_is_started_with_the_profile_and_without_keys(agent: Shell) -> None:
    agent.run("cd ~/web")
    assert agent.get("AWS_ACCESS_KEY_ID")

    found = started(agent)

    assert found == {
        "AWS_PROFILE": "ssoenv",
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "SSOENV_DIR": str(agent.home.path / "web"),
        "SSOENV_LABEL": "dev/Developer",
        "SSOENV_PROFILE": "dev",
        "SSOENV_VARS": "AWS_PROFILE AWS_REGION AWS_DEFAULT_REGION",
    }
    # The shell itself has what it had, and so has the next command.
    assert agent.who() == DEV
    assert agent.role(agent.run("command aws who").output) == DEV


@pytest.mark.parametrize("shell", ["bash"], indirect=True)
@pytest.mark.parametrize("names", ["AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN", "AWS_SECRET_ACCESS_KEY"])  # fmt: skip
def test_an_agent_gets_no_key_that_a_scope_covers(agent: Shell, names: str) -> None:
    agent.run("cd ~/web")
    seen = agent.home.path / "seen"
    files.write_private(str(agent.home.path / "bin/claude"), f"#!/bin/sh\nenv >{seen}\n".encode(), mode=0o700)  # fmt: skip
    agent.run(f"f() {{ local {names}; claude; }}; f")
    assert "AWS_PROFILE=ssoenv\n" in seen.read_text()
    assert not re.search("(?m)^AWS_(ACC|SEC|SES)\\w+=.", seen.read_text())
    assert agent.who() == DEV


def test_an_agent_keeps_the_choice_of_the_shell(agent: Shell) -> None:
    agent.run("cd ~/web; ssoenv use staging")
    assert started(agent)["SSOENV_USE"] == "staging"


def test_an_agent_has_no_label_and_no_region_of_a_role_that_the_shell_took(agent: Shell) -> None:
    """In a project, where such a role is for no agent; the shell itself keeps it."""
    agent.run("cd ~/web")
    as_usual = started(agent)
    agent.run("ssoenv use 333333333333/ReadOnly --region eu-west-2")
    assert (agent.get("SSOENV_LABEL") or "").startswith("use:")

    assert started(agent) == as_usual

    assert (agent.get("SSOENV_LABEL") or "").startswith("use:")
    assert agent.get("AWS_REGION") == "eu-west-2"
    assert agent.who() == PROD


def test_an_agent_is_started_without_a_sign_in(shell: Shell) -> None:
    files.write_private(str(shell.home.path / "bin/claude"), AGENT, mode=0o700)
    shell.run("cd ~/web")
    assert started(shell)["AWS_PROFILE"] == "ssoenv"
    assert shell.sandbox.requests() == []


@pytest.mark.parametrize("where", ["~", "~/new"])
def test_where_nothing_of_ours_is_the_agent_starts_as_without_the_hook(
    agent: Shell, where: str
) -> None:
    agent.home.project("new")
    shell = restart(agent, env=MINE)
    shell.run(f"cd {where}")
    assert started(shell) == MINE
    shell.run("cd ~/web")
    key, secret = shell.get("AWS_ACCESS_KEY_ID"), shell.get("AWS_SECRET_ACCESS_KEY")
    shell.run(f"cd {where}")
    # What was ours is ours, wherever it comes from.
    shell.run(f"export AWS_ACCESS_KEY_ID={key} AWS_SECRET_ACCESS_KEY='{secret}'")
    assert "AWS_ACCESS_KEY_ID" not in started(shell)


def test_a_role_of_the_user_s_own_goes_to_the_agent(agent: Shell) -> None:
    agent.run("cd ~/web")
    assert started(agent, "AWS_PROFILE=mine claude -p 'a b'")["AWS_PROFILE"] == "mine"
    keys = "AWS_ACCESS_KEY_ID=AKIAMINE AWS_SECRET_ACCESS_KEY=s"
    found = started(agent, f"{keys} claude -p 'a b'")
    assert found["AWS_ACCESS_KEY_ID"] == "AKIAMINE"
    assert not {"AWS_PROFILE", "AWS_SESSION_TOKEN"} & set(found)
    agent.run("export AWS_PROFILE=mine")
    found = started(agent)
    assert found["AWS_PROFILE"] == "mine"
    assert not set(KEYS) & set(found)


BEDROCK = {"CLAUDE_CODE_USE_BEDROCK": "1"}
REACHES = [
    BEDROCK,
    {"CLAUDE_CODE_USE_MANTLE": "true"},
    {"CLAUDE_CODE_USE_ANTHROPIC_AWS": "1"},
    {"GOOSE_PROVIDER": "aws_bedrock"},
]


@pytest.mark.parametrize("how", REACHES)
def test_an_agent_that_reaches_its_model_through_aws_has_the_user_s_own_role(
    agent: Shell, how: dict[str, str]
) -> None:
    shell = restart(agent, env=MINE | {"AWS_REGION": "us-east-1"} | how)
    shell.run("cd ~/web")
    key = shell.get("AWS_ACCESS_KEY_ID")

    found = started(shell)

    assert {name: found[name] for name in MINE} == MINE
    assert found["AWS_REGION"] == "us-east-1"
    assert not {"AWS_PROFILE", "AWS_DEFAULT_REGION", "AWS_SESSION_TOKEN", "AWS_SSO_PROFILE"} & set(found)  # fmt: skip
    assert found["SSOENV_VARS"] == ""
    assert found["SSOENV_DIR"] == str(shell.home.path / "web")
    assert shell.get("AWS_ACCESS_KEY_ID") == key != "AKIAMINE"


@pytest.mark.parametrize("value", ["", "0", "false"])
def test_what_is_switched_off_is_no_such_agent(agent: Shell, value: str) -> None:
    shell = restart(agent, env=MINE | {"CLAUDE_CODE_USE_BEDROCK": value})
    shell.run("cd ~/web")
    assert started(shell)["AWS_PROFILE"] == "ssoenv"


@pytest.mark.parametrize(
    ("env", "profile"),
    [
        ({}, "ssoenv"),
        ({"AWS_PROFILE": "mine"}, "mine"),
        ({"AWS_DEFAULT_PROFILE": "mine"}, None),
        ({"AWS_WEB_IDENTITY_TOKEN_FILE": "/token"}, None),
        ({"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1/"}, None),
        ({"AWS_PROFILE": "mine", "AWS_BEARER_TOKEN_BEDROCK": "key"}, "ssoenv"),
    ],
)
def test_our_profile_is_there_for_it_only_where_the_user_has_no_role(
    agent: Shell, env: dict[str, str], profile: str | None
) -> None:
    shell = restart(agent, env=BEDROCK | env)
    shell.run("cd ~/web")
    found = started(shell)
    assert found.get("AWS_PROFILE") == profile
    assert not set(KEYS) & set(found)
    if profile != "ssoenv":
        assert env.items() <= found.items()
    shell.run("cd ~")
    assert env.items() <= started(shell).items()


def test_names_of_the_user_stay_theirs_and_the_settings_have_the_last_word(agent: Shell) -> None:
    settings = agent.home.path / ".config/ssoenv/config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text('agent_commands = ["mine", "!goose"]\n')
    own = {"fish": "function claude; echo my own; end", "zsh": "function claude { echo my own }"}
    shell = restart(agent, before=own.get(agent.name, "claude() { echo my own; }"))
    shell.run("cd ~/web")
    assert shell.run("claude").output == "my own"
    assert started(shell, "mine -p 'a b'")["AWS_PROFILE"] == "ssoenv"
    assert "AWS_ACCESS_KEY_ID" in started(shell, "goose -p 'a b'")


def test_an_agent_that_is_not_installed_is_missed_as_anything_is(agent: Shell) -> None:
    handler = {"bash": "command_not_found_handle() { echo no $1; return 127; }"}
    shell = restart(agent, before=handler.get(agent.name, ""))
    shell.run("cd ~/web")
    answer = shell.run("qwen")
    assert answer.status == 127
    assert "qwen" in answer.output
    assert "exec" not in answer.output
    assert agent.name != "bash" or answer.output == "no qwen"


def test_a_trace_of_the_start_shows_no_key(agent: Shell) -> None:
    shell = restart(agent, env=MINE | BEDROCK)
    shell.run("cd ~/web")
    output = shell.run(
        "set -x; claude -p 'a b' >/dev/null; set +x",
        fish="set -g fish_trace 1; claude -p 'a b' >/dev/null; set -e fish_trace",
    ).output
    held = [one for keys in shell.sandbox.state.keys.values() for one in (keys.secret, keys.token)]
    assert not [one for one in (*held, "my secret") if one in output]


def test_an_agent_is_stopped_and_continued(agent: Shell) -> None:
    waiting = b"#!/bin/sh\nkill -STOP $$\necho went on, ${AWS_ACCESS_KEY_ID-none}\n"
    files.write_private(str(agent.home.path / "bin/claude"), waiting, mode=0o700)
    agent.run("cd ~/web")
    agent.run("claude")
    assert "went on, none" in agent.run("fg").output
    assert agent.who() == DEV


# --- shells that an agent owns


def owned(shell: Shell, mark: str = "CLAUDECODE", value: str = "1", **env: str) -> Shell:
    """The same home, and a shell in it that a coding agent has started on a terminal."""
    return restart(shell, env={mark: value} | env)


@pytest.mark.parametrize(
    ("shell", "mark"),
    [(name, mark) for index, mark in enumerate(MARKS) for name in (SHELLS if index < 2 else [SHELLS[index % 3]])],
    indirect=["shell"],
)  # fmt: skip
def test_a_shell_of_an_agent_never_has_keys(signed_in: Shell, mark: str) -> None:
    shell = owned(signed_in, mark)
    shell.run("cd ~/web")
    assert shell.get("AWS_ACCESS_KEY_ID") is None
    assert shell.who() == "profile ssoenv"
    assert shell.get("AWS_REGION") == "eu-west-1"
    assert shell.role(shell.run("cd ~/ops && aws who").output) == "profile ssoenv"
    assert shell.get("AWS_ACCESS_KEY_ID") is None
    shell.run("cd ~")
    assert shell.who() == "nobody"


@pytest.mark.parametrize("value", ["", "0", "false", "False"])
def test_a_mark_that_says_no_is_none(signed_in: Shell, value: str) -> None:
    shell = owned(signed_in, value=value)
    shell.run("cd ~/web")
    assert shell.who() == DEV


def test_keys_that_the_agent_brought_along_go(signed_in: Shell) -> None:
    signed_in.run("cd ~/web")
    command = {"bash": "bash --noprofile -i", "zsh": "zsh -i", "fish": "fish --private -i"}
    signed_in.run(f"CLAUDECODE=1 {command[signed_in.name]}")
    assert signed_in.get("AWS_ACCESS_KEY_ID") is None
    assert signed_in.get("AWS_PROFILE") == "ssoenv"


AGENTS = """\
session = "acme"
default = "dev"
agent = "staging"

[profiles.dev]
account = "111111111111"
role    = "Developer"

[profiles.staging]
account = "222222222222"
role    = "ReadOnly"

[paths]
"sub" = "dev"
"""


def test_a_shell_of_an_agent_has_the_profile_for_agents(signed_in: Shell) -> None:
    trust(signed_in.home, signed_in.home.project("both", AGENTS))
    (signed_in.home.path / "both/sub").mkdir()
    signed_in.run("cd ~/both")
    assert signed_in.get("SSOENV_PROFILE") == "dev"
    shell = owned(signed_in)
    for where in ("~/both", "~/both/sub"):
        shell.run(f"cd {where}")
        assert shell.get("SSOENV_PROFILE") == "staging"
    answer = shell.run("ssoenv use dev")
    assert answer.status == 6
    assert "coding agents have the profile staging here" in answer.output
    assert shell.get("SSOENV_PROFILE") == "staging"
    assert shell.get("SSOENV_USE") is None
    assert shell.who() == "profile ssoenv"


def test_where_agents_get_no_role_the_shell_says_so(signed_in: Shell) -> None:
    settings = signed_in.home.path / ".config/ssoenv/config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text('agents = "none"\n')
    shell = owned(signed_in)
    output = shell.run("cd ~/web").output
    assert "gives no role to coding agents" in output
    answer = shell.run("aws who")
    assert answer.status == 6
    assert "key=" not in answer.output
    assert shell.run("ssoenv use staging").status == 6
    assert shell.run("cd ~; aws who").status == 0
    assert shell.run("cd ~/web; ssoenv_prompt plain").output
    assert "no role for agents" in shell.run("true").output


def test_a_shell_of_an_agent_has_no_protected_role(signed_in: Shell) -> None:
    text = AGENTS.replace('agent = "staging"\n', "").replace("ReadOnly", "Administrator")
    text = text.replace('account = "222222222222"', 'account = "333333333333"\nprotect = true')
    trust(signed_in.home, signed_in.home.project("both", text))
    shell = owned(signed_in)
    shell.run("cd ~/both")
    assert shell.who() == "profile ssoenv"
    shell.run("ssoenv use staging")
    answer = shell.run("aws who")
    assert answer.status == 6
    assert "key=" not in answer.output


def test_a_shell_of_an_agent_fetches_without_asking(signed_in: Shell) -> None:
    """A token is there, and no credentials for agents: the wrapper has them fetched."""
    shell = owned(signed_in)
    shell.run("cd ~/web")
    pages = shell.pages()
    assert shell.run("echo $__ssoenv_state").output == "armed"
    assert shell.who() == "profile ssoenv"
    assert shell.run("echo $__ssoenv_state").output == "live"
    assert shell.pages() == pages
    assert (shell.home.path / ".local/state/ssoenv/agents/roles").is_dir()


def test_a_shell_of_an_agent_does_not_sign_in(shell: Shell) -> None:
    owner = owned(shell)
    owner.run("cd ~/web")
    assert owner.run("aws who").status == 3
    assert owner.pages() == 0
