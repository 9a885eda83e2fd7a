"""What is handed to other programs is read back by them, or by their own rules, as it was."""

from __future__ import annotations

import io
import re

import dotenv
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssoenv.base import dialects
from ssoenv.shells import exports

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
