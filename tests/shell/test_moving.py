"""Entering, leaving and everything between: the right role, or none, at every moment."""

from __future__ import annotations

import os

import pytest

from tests.shell.conftest import DEV, OPS, PROD, STAGING, Shell, trust

pytestmark = pytest.mark.sampled(2)

VARIABLES = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_SSO_PROFILE",
    "SSOENV_DIR",
    "SSOENV_LABEL",
    "SSOENV_VARS",
)


def left_behind(shell: Shell) -> str:
    return shell.run(f"env | grep -E '^({'|'.join(VARIABLES)})='").output


def test_enter_is_armed_and_asks_nobody(shell: Shell) -> None:
    shell.out("cd ~/web")

    assert shell.get("AWS_PROFILE") == "ssoenv"
    assert shell.get("AWS_REGION") == shell.get("AWS_DEFAULT_REGION") == "eu-west-1"
    assert shell.get("SSOENV_LABEL") == "dev/Developer"
    assert shell.get("AWS_ACCESS_KEY_ID") is None
    assert shell.sandbox.requests() == []


def test_first_use_signs_in_once_and_leaving_leaves_nothing(shell: Shell) -> None:
    shell.out("cd ~/web")
    output = shell.out("aws who")

    assert "needs a sign-in" in output
    assert "ReadOnly" not in output
    assert shell.role(output) == DEV
    assert shell.who() == DEV
    assert shell.pages() == 1
    assert shell.get("AWS_PROFILE") is None
    assert shell.get("AWS_SSO_PROFILE") == "dev/Developer"
    shell.out("cd ..")
    assert left_behind(shell) == ""
    assert shell.who() == "nobody"


def test_silent_when_all_is_well(signed_in: Shell) -> None:
    assert signed_in.run("cd ~/web").output == ""
    assert signed_in.run("cd ~/ops").output == ""
    assert signed_in.run("cd ~").output == ""
    assert signed_in.run("true").output == ""


@pytest.mark.parametrize(
    ("line", "fish"),
    [
        pytest.param("cd ~/ops && aws who", None, id="same line"),
        pytest.param("cd ~/ops; aws who", None, id="list"),
        pytest.param("pushd ~/ops >/dev/null; aws who", None, id="pushd"),
        pytest.param("cd ~/ops/sub/deep && aws who", None, id="subdirectory"),
        pytest.param("eval 'cd ~/ops; aws who'", None, id="eval"),
        pytest.param("f() { cd ~/ops; aws who; }; f", "function f; cd ~/ops; aws who; end; f", id="function"),
        pytest.param(
            "for d in web ops; do cd ~/$d; done; aws who",
            "for d in web ops; cd ~/$d; end; aws who",
            id="loop",
        ),
        pytest.param("cd ~/web; cd ~/ops; cd ~; cd -; aws who", None, id="cd -"),
        pytest.param("CDPATH=$HOME; cd ops >/dev/null; aws who", "set -g CDPATH $HOME; cd ops; aws who", id="CDPATH"),
        pytest.param("cd ~/web; x=$(cd ~/ops && aws who); echo $x", None, id="substitution"),
        pytest.param("cd ~/web; (cd ~/ops && aws who)", None, id="subshell"),
        pytest.param("cd ~/ops; aws who | cat", None, id="pipeline"),
        pytest.param("cd ~/ops; cat <(aws who)", "cd ~/ops; cat (aws who | psub)", id="process substitution"),
        pytest.param("cd ~/ops; aws who & wait", None, id="background"),
        pytest.param("cd ~/ops; FOO=1 aws who", None, id="assignment"),
        pytest.param("cd ~/ops; ! aws who || :", "cd ~/ops; not aws who; or :", id="not"),
        pytest.param("cd ~/ops; if aws who; then :; fi", "cd ~/ops; if aws who; end", id="if"),
        pytest.param("alias a='aws who'; cd ~/ops", None, id="alias"),
    ],
)  # fmt: skip
def test_the_role_of_the_directory(signed_in: Shell, line: str, fish: str | None) -> None:
    (signed_in.home.path / "ops/sub/deep").mkdir(parents=True)
    if signed_in.name == "fish" and fish is None and ("(cd" in line):
        line = "cd ~/web; begin; cd ~/ops; aws who; end; cd ~/web"
    if "alias" in line:
        signed_in.out(line)
        line = fish = "a"

    assert signed_in.who(line, **({"fish": fish} if fish else {})) == OPS


def test_a_subshell_leaves_the_outer_role_in_place(signed_in: Shell) -> None:
    signed_in.out("cd ~/web")
    line = "(cd ~/ops && aws who)"
    if signed_in.name != "fish":  # fish has no subshells
        assert signed_in.who(line) == OPS

    assert signed_in.who() == DEV


def test_sibling_and_back(signed_in: Shell) -> None:
    signed_in.out("cd ~/web")
    assert signed_in.who() == DEV
    signed_in.out("cd ../ops")
    assert signed_in.who() == OPS
    assert signed_in.get("AWS_REGION") == "us-west-2"
    signed_in.out("cd -")
    assert signed_in.who() == DEV
    assert signed_in.get("AWS_REGION") == "eu-west-1"


def test_paths_choose_a_profile(signed_in: Shell) -> None:
    for name in ("envs/prod/eu", "envs/production", "envs/dev"):
        (signed_in.home.path / "web" / name).mkdir(parents=True)
    signed_in.out("cd ~/web/envs/prod/eu")
    assert signed_in.who() == PROD
    assert signed_in.get("SSOENV_LABEL") == "prod/ReadOnly"
    assert signed_in.who("cd ~/web/envs/production && aws who") == DEV
    assert signed_in.who("cd ~/web/envs/prod && aws who") == PROD
    assert signed_in.who("cd .. && aws who") == DEV


def test_a_nearer_file_wins_whole(signed_in: Shell) -> None:
    inner = signed_in.home.project(
        "web/inner", 'session = "acme"\n[profiles.x]\naccount = "222222222222"\nrole = "ReadOnly"\n'
    )
    signed_in.out("cd ~/web/inner 2>/dev/null; true")
    assert signed_in.who() == "nobody"
    trust(signed_in.home, inner)
    assert signed_in.who() == STAGING
    assert signed_in.get("AWS_REGION") is None


def test_a_symlinked_route(signed_in: Shell) -> None:
    os.symlink(signed_in.home.path / "web", signed_in.home.path / "link")
    signed_in.out("cd ~/link")
    assert signed_in.who() == "nobody"
    signed_in.out("cd (pwd -P)" if signed_in.name == "fish" else "cd -P .")
    assert signed_in.who() == DEV
    signed_in.out("cd ~/link; ssoenv trust --yes")
    assert signed_in.who() == DEV


def test_use_changes_this_shell_and_comes_back(signed_in: Shell) -> None:
    signed_in.out("cd ~/web")
    assert signed_in.who("ssoenv use prod && aws who") == PROD
    assert signed_in.get("SSOENV_LABEL") == "prod/ReadOnly"
    assert signed_in.who("ssoenv use - && aws who") == DEV
    assert signed_in.who("ssoenv use - && aws who") == PROD
    other = signed_in.another()
    assert other.who("cd ~/web && aws who") == DEV
    other.terminal.close()
    assert signed_in.who("ssoenv use --none && aws who") == DEV
    answer = signed_in.run("ssoenv use nope")
    assert answer.status == 2
    assert "staging" in answer.output
    assert signed_in.who() == DEV


def test_back_from_a_choice_is_what_the_directory_says(signed_in: Shell) -> None:
    """`use -` after the first `use` goes back to no choice, not to the profile that was there."""
    (signed_in.home.path / "web/envs/prod").mkdir(parents=True)
    signed_in.out("cd ~/web; ssoenv use staging; ssoenv use -")
    assert signed_in.who() == DEV
    assert signed_in.who("cd envs/prod && aws who") == PROD


def test_use_save_holds_for_every_shell(signed_in: Shell) -> None:
    signed_in.out("cd ~/web; ssoenv use prod --save")
    assert signed_in.who() == PROD
    other = signed_in.another()
    assert other.who("cd ~/web && aws who") == PROD
    other.out("ssoenv use --none --save")
    other.terminal.close()
    assert signed_in.who() == DEV


@pytest.mark.parametrize("inner", ["bash", "zsh", "fish"])
def test_nested_shells(signed_in: Shell, inner: str) -> None:
    options = {"bash": "--noprofile", "zsh": "", "fish": "--private"}[inner]
    signed_in.out("cd ~/web")
    assert signed_in.who() == DEV
    nested = Shell(inner, signed_in.home, signed_in.sandbox, signed_in.stage, signed_in.terminal)
    nested.terminal.run(f"{inner} {options} -i")
    assert nested.who() == DEV
    assert nested.who("cd ~/ops && aws who") == OPS
    nested.out("cd /")
    assert left_behind(nested) == ""
    nested.terminal.run("exit")
    assert signed_in.who() == DEV


def test_a_shell_started_inside_a_project(signed_in: Shell) -> None:
    inside = signed_in.another()
    inside.terminal.close()
    stage = signed_in.stage
    env = stage.env | {"PWD": f"{stage.home}/web"}
    from ssoenv.demo.stage import Stage
    from ssoenv.demo.terminal import Terminal

    terminal = Terminal(signed_in.name, Stage(f"{stage.home}/web", env))
    there = Shell(signed_in.name, signed_in.home, signed_in.sandbox, stage, terminal)
    assert "dev/Developer" in terminal.prompt
    assert there.who() == DEV
    terminal.close()


def test_make_and_scripts_get_the_role_lazily(shell: Shell) -> None:
    project = shell.home.path / "web"
    (project / "Makefile").write_text(
        "who:\n\t@aws sts get-caller-identity --query Arn --output text\n"
    )
    os.unlink(shell.home.path / "bin/aws")
    os.symlink("/usr/bin/aws", shell.home.path / "bin/aws")
    shell.out("cd ~/web")

    output = shell.out("make who")

    assert "assumed-role/AWSReservedSSO_Developer_" in output
    assert "needs a sign-in" in output
    assert shell.pages() == 1
    prod = shell.out("cd ~/ops && aws sts get-caller-identity --query Arn --output text")
    assert "333333333333:assumed-role/AWSReservedSSO_Administrator_" in prod
    if shell.name != "fish":
        shell.out("cd ~/web")
        inner = shell.out("(cd ~/ops && aws sts get-caller-identity --query Arn --output text)")
        assert "AWSReservedSSO_Administrator_" in inner
        outer = shell.out("aws sts get-caller-identity --query Arn --output text")
        assert "AWSReservedSSO_Developer_" in outer


def names() -> list[str]:
    return [
        "a b", "new\nline", "it's", 'quo"te', "*?[x]", "-n", "$(id)", "`id`", "émoji🚀", "back\\slash",
        "tab\there", "esc\x1b[31m", "trailing ", "%n", "semi;colon", "~", "#hash", "@toml",
        "end\\", "$HOME", "!bang", "a&b", "(paren)", "{brace}", "a=b", "'", "\\", "x\n",
    ]  # fmt: skip


def test_odd_directory_names(signed_in: Shell) -> None:
    top = signed_in.home.path / "odd"
    for index, name in enumerate(names()):
        project = signed_in.home.project(f"odd/{name}")
        trust(signed_in.home, project)
        (top / f"n{index}").symlink_to(project)
        (top / f"n{index}.path").write_text(str(project))
    for index, name in enumerate(names()):
        fish = f"read -lz d <~/odd/n{index}.path; cd $d"
        signed_in.out(f"cd -P ~/odd/n{index}", fish=fish)
        assert signed_in.who() == DEV, name
        signed_in.out("cd ~")
        assert signed_in.who() == "nobody", name


@pytest.mark.parametrize(
    "odd", ["\x85", "\x9b31m", "\u200b", "\u202e", "\u2066", "\U000e0041", "\ufeff"]
)
def test_nothing_that_nobody_sees_in_the_name_of_a_directory_is_shown(
    shell: Shell, odd: str
) -> None:
    """A terminal may obey it, and who reads it takes one directory for another."""
    shell.home.project(f"é{odd}x")
    (shell.home.path / "goal").symlink_to(f"é{odd}x")
    told = shell.run("cd -P ~/goal", fish="cd (realpath ~/goal)").output
    assert "is not trusted" in told
    assert odd not in told
    assert "é" in told


def test_expiry_fetches_anew_without_asking(shell: Shell) -> None:
    shell.sandbox.state.credentials_ttl = 3
    first = shell.key(shell.out("cd ~/web; aws who"))
    shell.out("sleep 3.2")  # its prompt sees it
    assert shell.get("AWS_ACCESS_KEY_ID") is None
    assert shell.get("AWS_PROFILE") == "ssoenv"
    again = shell.out("aws who")
    assert shell.role(again) == DEV
    assert shell.key(again) != first
    assert shell.pages() == 1


def test_expiry_on_the_same_line(shell: Shell) -> None:
    shell.sandbox.state.credentials_ttl = 3
    first = shell.key(shell.out("cd ~/web; aws who"))
    output = shell.out("sleep 3.2; aws who")
    assert shell.role(output) == DEV
    assert shell.key(output) != first


def test_fetched_by_another_shell_goes_live_without_a_process(shell: Shell) -> None:
    shell.out("cd ~/web")
    other = shell.another("bash")
    other.out("cd ~/web; aws who")
    other.terminal.close()
    calls = len(shell.sandbox.requests())
    shell.out("true")  # the next prompt sees it
    assert shell.get("AWS_ACCESS_KEY_ID")
    assert len(shell.sandbox.requests()) == calls


@pytest.mark.parametrize("tool", ["ssoenv logout acme", "/usr/bin/aws sso logout"])
def test_signed_out_elsewhere(signed_in: Shell, tool: str) -> None:
    signed_in.out("cd ~/web")
    assert signed_in.get("AWS_ACCESS_KEY_ID")
    other = signed_in.another("bash")
    other.out(tool)
    other.terminal.close()
    signed_in.out("true")  # the next prompt sees it
    assert signed_in.get("AWS_ACCESS_KEY_ID") is None
    assert signed_in.get("AWS_PROFILE") == "ssoenv"
