"""Variables that a function of bash has for itself: none of ours hides below them, and they stay what they are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.shell.conftest import DEV, OPS

if TYPE_CHECKING:
    from tests.shell.conftest import Shell

KEYS = "AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN"
BARE = {
    "in a child": f"bash --noprofile -ic 'f() {{ local {KEYS}; cd ~; SEEN; }}; f' 2>/dev/null",
    "a name of ours": f"unset -f terraform; terraform() {{ local {KEYS}; cd ~; SEEN; }}; terraform",
    "a cd of their own": 'unset -f cd; cd() { local AWS_ACCESS_KEY_ID; builtin cd "$@"; aws who >/dev/null; SEEN; }; cd ~',
    "localvar_unset": f"shopt -s localvar_unset; f() {{ local {KEYS}; cd ~; SEEN; }}; f",
    "readonly": "f() { local -r AWS_ACCESS_KEY_ID; cd ~; SEEN; }; f",
    "no FUNCNAME": "unset FUNCNAME; f() { local AWS_ACCESS_KEY_ID; cd ~; SEEN; }; f",
    "many": "f() { local AWS_ACCESS_KEY_ID AWS_PROFILE; (($1)) && { f $(($1 - 1)); return; }; cd ~; SEEN; }; f 20",
    "a copy between": 'f() { local -x AWS_ACCESS_KEY_ID="$AWS_ACCESS_KEY_ID"; g; }; g() { local AWS_ACCESS_KEY_ID; cd ~; SEEN; }; f',
    "not exported": f"f() {{ local +x {KEYS}; cd ~; SEEN; }}; f",
    "two moves": f"f() {{ local {KEYS} AWS_PROFILE; cd ~/ops; aws who >/dev/null; cd ~; SEEN; }}; f",
    "labels, too": f"f() {{ local {KEYS} SSOENV_LABEL SSOENV_VARS AWS_REGION; cd ~; SEEN; }}; f",
}
SEEN = "aws who; command aws who; command env >~/inside"


def roles(output: str) -> list[tuple[str, str]]:
    return re.findall(r"key=([^|]*)\|profile=([^|]*)\|", output)


@pytest.mark.parametrize("way", BARE)
@pytest.mark.parametrize("shell", ["bash"], indirect=True)
def test_leaving_leaves_nothing_below_a_scope(signed_in: Shell, way: str) -> None:
    signed_in.run("cd ~/web; aws who")
    answer = signed_in.run(BARE[way].replace("SEEN", SEEN))
    assert roles(answer.output) == [("", ""), ("", "")], answer
    inside = (signed_in.home.path / "inside").read_text()
    assert not re.search("(?m)^(AWS_(ACC|SEC|SES|PRO|REG)|SSOENV_(LABEL|VARS|DIR)).*=.", inside)
    assert "bad array subscript" not in answer.output
    assert signed_in.role(signed_in.run("aws who").output) == ("nobody" if "child" not in way else DEV)  # fmt: skip
    assert signed_in.run("env | grep -E '^(AWS_(ACC|SEC|SES|PRO|REG)|SSOENV)'").status == ("child" not in way)  # fmt: skip
    signed_in.run("builtin cd ~/ops")
    assert signed_in.who() == OPS


@pytest.mark.parametrize("name", ["AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_REGION", "AWS_SESSION_TOKEN"])  # fmt: skip
@pytest.mark.parametrize("form", ["local %s", "local -x %s", "local +x %s", "local %s; unset %s", "local -r %s", "shopt -s localvar_unset; local %s"])  # fmt: skip
@pytest.mark.parametrize("shell", ["bash"], indirect=True)
def test_what_the_user_has_below_a_scope_is_put_away_and_given_back(
    signed_in: Shell, name: str, form: str
) -> None:
    signed_in.run(f"export {name}=mine")
    inside = form.replace("%s", name)
    answer = signed_in.run(
        f"f() {{ {inside}; cd ~/web; aws who; command aws who; command env >~/inside; }}; f"
    )
    found = roles(answer.output)
    assert [signed_in.identity(*one) for one in found] == [DEV, DEV]
    assert f"{name}=mine" not in (signed_in.home.path / "inside").read_text()
    assert signed_in.who() == DEV
    signed_in.run(f"g() {{ {inside}; cd ~; command env >~/inside; }}; g")
    assert f"{name}=mine" in (signed_in.home.path / "inside").read_text()
    assert signed_in.get(name) == "mine"
    signed_in.run("cd ~/web; cd ~")
    assert signed_in.get(name) == "mine"
    assert signed_in.get("AWS_ACCESS_KEY_ID") is None


@pytest.mark.parametrize("live", [True, False])
@pytest.mark.parametrize("shell", ["bash"], indirect=True)
def test_a_variable_of_a_function_stays_one_of_that_function(
    signed_in: Shell, *, live: bool
) -> None:
    names = f"{KEYS} AWS_PROFILE"
    assigned = "; ".join(f"{name}=mine" for name in names.split())
    signed_in.run("cd ~/web; aws who" if live else "cd ~")
    signed_in.run(f"f() {{ local {names}; cd {'~' if live else '~/web; cd ~'}; {assigned}; }}; f")
    assert signed_in.run(f"declare -p {names} 2>/dev/null | grep mine").output == ""
    assert signed_in.run("env | grep -E '^(AWS_(ACC|SEC|SES|PRO|REG)|SSOENV)'").output == ""
    assert signed_in.run(f"declare -p {KEYS} AWS_REGION SSOENV_DIR").status == 1


OWN = [
    "f() { local -x AWS_PROFILE=mine; cd ~/bin; cd ~/ops; }; f",
    "f() { local -x AWS_PROFILE=mine; aws who; cd ~/ops; }; f",
    "f() { local -x AWS_ACCESS_KEY_ID=mine AWS_SECRET_ACCESS_KEY=mine; cd ~/bin; cd ~/ops; }; f",
    "f() { local -x AWS_REGION=mine; mkdir -p ~/clone; touch ~/clone/.ssoenv.toml; cd ~/clone; cd ~/ops; }; f",
    "AWS_SECURITY_TOKEN=mine AWS_WEB_IDENTITY_TOKEN_FILE=mine cd ~/web",
    "AWS_PROFILE=mine cd ~/web",
]


@pytest.mark.parametrize("line", OWN)
@pytest.mark.parametrize("shell", ["bash"], indirect=True)
def test_what_a_function_has_for_itself_is_no_variable_of_the_user_s(
    signed_in: Shell, line: str
) -> None:
    signed_in.run(line)
    assert signed_in.who() in (DEV, OPS)
    signed_in.run("cd ~")
    assert "=mine" not in signed_in.run("command env").output


@pytest.mark.parametrize("shell", ["bash"], indirect=True)
def test_what_is_exported_on_the_line_that_enters_is_given_back(signed_in: Shell) -> None:
    signed_in.run("export AWS_PROFILE=mine; cd ~/web")
    assert signed_in.who() == DEV
    signed_in.run("cd ~")
    assert signed_in.get("AWS_PROFILE") == "mine"


@pytest.mark.parametrize("way", ["ssoenv logout acme", "rm -rf ~/.local/state/ssoenv/roles; cd ."])
@pytest.mark.parametrize("shell", ["bash"], indirect=True)
def test_what_ends_below_a_scope_is_not_taken_for_the_user_s(signed_in: Shell, way: str) -> None:
    """The id is covered, and what its file would tell is gone."""
    signed_in.run("cd ~/web; aws who")
    signed_in.run(f"f() {{ local AWS_ACCESS_KEY_ID; {way}; }}; f")
    for _ in range(2):
        left = signed_in.run("env | grep -E '^AWS_(ACC|SEC|SES)'").output
        held = signed_in.run("set | grep -E 'old_AWS_(SEC|SES)'").output
        assert (left, held) == ("", "")
        signed_in.run("cd ~")
