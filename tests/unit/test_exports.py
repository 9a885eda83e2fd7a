"""What is handed to other programs is read back by them, or by their own rules, as it was."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
from typing import TYPE_CHECKING

import dotenv
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssoenv.base import dialects
from ssoenv.shells import exports

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = (
    "plain",
    "",
    "it's",
    'a "word"',
    "two words",
    "two\nlines",
    "carriage\rreturn",
    "back\\slash",
    "back\\nslash",
    "both ' and \" and \\",
    "# no comment",
    "a #b",
    "a=b",
    "$(touch /tmp/x)",
    "`touch x`",
    "ends in \\",
    "\u2018typographic\u2019 \u201aquotes\u201b",
    "'; Remove-Item x; '",
    "\u2019; Remove-Item x; \u2019",
    "AbC/+=123",
)
text = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)


def read_dotenv(content: str) -> dict[str, str | None]:
    return dotenv.dotenv_values(stream=io.StringIO(content), interpolate=False)


def read_powershell(word: str) -> str:
    """Read a verbatim string literal as the lexer of PowerShell does: one, and nothing after it."""
    quote = "['\u2018\u2019\u201a\u201b]"
    literal = re.fullmatch(
        f"{quote}((?:[^'\u2018\u2019\u201a\u201b]|{quote}{quote})*){quote}", word
    )
    assert literal, word
    return re.sub(f"({quote}){quote}", r"\1", literal[1])


@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_values(value: str) -> None:
    assert read_dotenv(f"A={dialects.quote_dotenv(value)}\nB=1\n") == {"A": value, "B": "1"}
    assert read_powershell(dialects.quote_powershell(value)) == value


@given(text)
def test_any_value(value: str) -> None:
    assert read_dotenv(f"A={dialects.quote_dotenv(value)}\nB=1\n") == {"A": value, "B": "1"}
    assert read_powershell(dialects.quote_powershell(value)) == value


def test_keys_of_aws_stand_bare_for_docker_which_knows_no_quotes() -> None:
    keys = {"AWS_ACCESS_KEY_ID": "ASIAEXAMPLE", "AWS_SESSION_TOKEN": "IQoJb3/+aZ=="}

    assert exports.render("dotenv", keys) == (
        "AWS_ACCESS_KEY_ID=ASIAEXAMPLE\nAWS_SESSION_TOKEN=IQoJb3/+aZ==\n"
    )


WHOLE = {
    "AWS_ACCESS_KEY_ID": "ASIAEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "abc/+=",
    "AWS_SESSION_TOKEN": "IQoJb3/+aZ==",
    "AWS_REGION": "x'; touch /tmp/x; $(touch /tmp/x) `touch /tmp/x` \\ \" \n\t#",
}
"""Keys as AWS makes them, and a region that is what nothing but quoting keeps from being code."""
STALE = {"AWS_PROFILE": "mine", "AWS_DEFAULT_PROFILE": "mine", "AWS_SECURITY_TOKEN": "old"}
SHELLS = {
    "sh": ("env", ["sh", "-c", 'eval "$(cat "$0")"; env -0']),
    "bash": ("env", ["bash", "-c", 'eval "$(cat "$0")"; env -0']),
    "zsh": ("env", ["zsh", "-f", "-c", 'eval "$(cat "$0")"; env -0']),
    "fish": ("fish", ["fish", "--no-config", "-c", "cat $argv[1] | source; env -0"]),
}


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_has_exactly_that_and_nothing_stale(shell: str, tmp_path: Path) -> None:
    form, command = SHELLS[shell]
    text = tmp_path / "text"
    text.write_text(exports.render(form, WHOLE) or "")
    start = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    result = subprocess.run(
        [*command, str(text)], env=start | STALE, capture_output=True, check=True, text=True
    )
    assert not result.stderr
    rows = (row.partition("=") for row in result.stdout.split("\0"))
    env = {name: value for name, _, value in rows if name.startswith(("AWS_", "SSOENV_"))}
    assert env == WHOLE | {"SSOENV_GIVEN": "ASIAEXAMPLE"}


def read_as_docker(content: str) -> dict[str, str]:
    """Read an env file as ``docker run --env-file`` does (docker/cli, pkg/kvfile/kvfile.go).

    By lines of at most 64 KiB (Go's bufio.Scanner), of UTF-8, each without the blanks in front of
    it; empty ones and those that begin with ``#`` are left out. The name is what stands before the
    first ``=``, without blanks in it; the value is all the rest as it stands, quotes, blanks and
    ``#`` too. A name alone takes the value that the client's environment has. Compared by hand with
    what docker 20.10.24 sent to its daemon, for the keys below and for values in quotes.
    """
    found = {}
    for line in content.removeprefix("\ufeff").split("\n"):
        bare = line.removesuffix("\r").lstrip()
        if not bare or bare.startswith("#"):
            continue
        name, equals, value = bare.partition("=")
        assert name, "no variable name on line"
        assert equals, "it would be taken from the environment"
        assert not set(name) & set(" \t"), "the name contains whitespace"
        assert len(line.encode()) < 64 << 10, "the line is too long"
        found[name] = value
    return found


def test_one_file_is_the_same_for_docker_and_for_readers_of_dotenv() -> None:
    """As long as nothing needs a quote, which nothing does that AWS makes."""
    keys = {**WHOLE, "AWS_REGION": "eu-west-1", "AWS_CREDENTIAL_EXPIRATION": "2026-11-28T12:00:00Z"}
    text = exports.render("dotenv", keys)
    assert text
    assert read_as_docker(text) == keys
    assert read_dotenv(text) == keys


def test_powershell_takes_the_profile_away_first() -> None:
    text = exports.render("powershell", WHOLE)
    assert text
    rows = re.findall(r"^\$Env:(\w+)=(\$null|'(?:[^']|'')*')$", text, re.MULTILINE)
    assert "".join(f"$Env:{name}={value}\n" for name, value in rows) == text
    assert rows[:3] == [(name, "$null") for name in STALE]
    assert {name: read_powershell(value) for name, value in rows[3:]} == WHOLE


def test_json_is_read_back() -> None:
    for variables in (WHOLE, dict.fromkeys(WHOLE, "x")):
        assert json.loads(exports.render("json", variables) or "") == variables
