"""Values as text for a reader: whatever they hold, the real reader reads just them.

Thousands are written at once, and read by one process.
"""

from __future__ import annotations

import csv
import io
import json
import shlex
import subprocess
import tomllib
from typing import TYPE_CHECKING

import dotenv
import pytest
import tomli_w
from hypothesis import example, given
from hypothesis import strategies as st

from ssoenv.aws_files import managed_block
from ssoenv.base import dialects, paths
from ssoenv.base.errors import InvalidConfiguration
from ssoenv.base.models import Role
from ssoenv.binding import edit
from ssoenv.shells import exports
from tests.fuzz.cases import cases, tried

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

AWKWARD = "abc '\"\\$`!%&;|<>(){}[]*?#~=\n\t\r\x1b\x07\x7f\x80é🚀\u2018\u2019\u201b\u2028\u202e\ufeff-@^,:./+0"
VALUES = st.lists(
    st.one_of(
        st.text(st.sampled_from(AWKWARD), max_size=12),
        st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8),
    ),
    min_size=200,
    max_size=300,
)
READERS = {
    "bash": ("bash", "bash", "--norc"),
    "bash of POSIX": ("bash", "bash", "--posix"),
    "zsh": ("zsh", "zsh", "-f"),
    "dash": ("sh", "dash"),
    "busybox": ("sh", "busybox", "ash"),
    "fish": ("fish", "fish", "--no-config"),
}


@pytest.mark.parametrize("reader", READERS)
def test_every_shell_reads_back_what_is_quoted_for_it(tmp_path: Path, reader: str) -> None:
    shell, *words = READERS[reader]

    @cases(1, 30)
    @given(VALUES)
    def tries(values: list[str]) -> None:
        tried("values quoted for shells", len(values))
        script = "\n".join(f"printf '%s\\0' {dialects.quote(shell, value)}" for value in values)
        assert read_by(words, tmp_path, script)[:-1] == [value.encode() for value in values]

    tries()


@pytest.mark.parametrize("reader", READERS)
def test_every_shell_reads_back_what_people_are_shown_to_type(tmp_path: Path, reader: str) -> None:
    """One text for all of them: nobody knows into which shell it is pasted."""
    _, *words = READERS[reader]

    @cases(1, 30)
    @example(["'", "\\", "\\'", "'\\", "\\';touch x;'", "=ls", "%self", "", "-n", "a\\\\''b"])
    @given(VALUES)
    def tries(values: list[str]) -> None:
        tried("commands shown to people", len(values))
        script = "\n".join(dialects.line(["printf", "%s\\0", value]) for value in values)
        assert read_by(words, tmp_path, script)[:-1] == [value.encode() for value in values]

    tries()


@pytest.mark.parametrize("reader", ["bash", "zsh", "fish"])
def test_every_shell_exports_what_it_is_told(tmp_path: Path, reader: str) -> None:
    shell, *words = READERS[reader]

    @cases(1, 30)
    @given(VALUES)
    def tries(values: list[str]) -> None:
        tried("values exported by shells", len(values))
        lines = [dialects.export(shell, f"V{at}", value) for at, value in enumerate(values)]
        found = read_by(words, tmp_path, "\n".join([*lines, "env -0"]))
        there = dict(one.split(b"=", 1) for one in found if one.startswith(b"V"))
        assert [there[f"V{at}".encode()] for at in range(len(values))] == [
            v.encode() for v in values
        ]

    tries()


def read_by(words: Sequence[str], tmp_path: Path, script: str) -> list[bytes]:
    path = tmp_path / "script"
    path.write_bytes(script.encode())
    done = subprocess.run([*words, str(path)], capture_output=True, check=True, timeout=100)
    assert done.stderr == b""
    return done.stdout.split(b"\0")


@cases(2, 40)
@given(VALUES)
def test_readers_of_dotenv_and_of_powershell_read_it_back(values: list[str]) -> None:
    tried("values for .env and PowerShell", 2 * len(values))
    text = "".join(f"V{at}={dialects.quote_dotenv(value)}\n" for at, value in enumerate(values))
    found = dotenv.dotenv_values(stream=io.StringIO(text, newline=""), interpolate=False)
    assert [found[f"V{at}"] for at in range(len(values))] == values
    assert [verbatim(dialects.quote_powershell(value)) for value in values] == values


def verbatim(text: str) -> str:
    """Return what PowerShell reads: its grammar says that any of five quotes ends such a string."""
    quotes = "'\u2018\u2019\u201a\u201b"
    found, at = [], 1
    assert text[0] in quotes
    while at < len(text) - 1:
        if text[at] in quotes:
            assert text[at + 1] in quotes
            at += 1
        found.append(text[at])
        at += 1
    assert text[-1] in quotes
    assert at == len(text) - 1
    return "".join(found)


KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


@cases(20, 1_000)
@given(st.tuples(*[st.text(st.sampled_from(AWKWARD), max_size=12)] * 3))
def test_what_export_prints_as_json_is_json(values: tuple[str, ...]) -> None:
    tried("values as JSON", len(values))
    given = dict(zip(KEYS, values, strict=True))
    assert json.loads(exports.render("json", given) or "") == given


@cases(2, 40)
@given(VALUES)
def test_names_as_parts_of_a_key_as_csv_and_as_toml(values: list[str]) -> None:
    tried("values as keys, CSV and TOML", 3 * len(values))
    stream = io.StringIO(newline="")
    csv.writer(stream, quoting=csv.QUOTE_ALL).writerows([value, "x"] for value in values)
    assert [row[0] for row in csv.reader(io.StringIO(stream.getvalue(), newline=""))] == values
    for value in values:
        escaped = paths.escape(value)
        assert "/" not in escaped
        assert escaped[0] not in ".-@"
        role = Role(value, value or "x", (value, "b"))
        assert Role.of_key(role.key) == role
        assert tomllib.loads(f"v = {edit._toml(value)}") == {"v": value}  # noqa: SLF001
        assert tomllib.loads(tomli_w.dumps({value: 1})) == {value: 1}


@cases(2, 40)
@given(VALUES)
@example(["a#b;c", "it's # ; x"])
def test_the_command_of_our_profile_is_two_words_for_every_reader(values: list[str]) -> None:
    """For ``shlex``, as botocore splits it, and for ``sh -c``, as other SDKs run it."""
    tried("commands for the AWS config", len(values))
    there = []
    for value in values:
        try:
            there.append((value, managed_block.command(f"/h/{value}")))
        except InvalidConfiguration:
            assert any(char < " " or char == "\x7f" for char in value)
    for value, command in there:
        assert shlex.split(command) == ["/bin/sh", f"/h/{value}"]
        assert " #" not in command
        assert " ;" not in command
    script = "\n".join(f"set -- {command}; printf '%s\\0' \"$2\"" for _, command in there)
    done = subprocess.run(["sh", "-c", script], capture_output=True, check=True)
    assert done.stdout.split(b"\0")[:-1] == [f"/h/{value}".encode() for value, _ in there]
