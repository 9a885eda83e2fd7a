"""The credential source, in the shells that run it: damaged renderings, and markers of anybody's."""

from __future__ import annotations

import json
import os
import shlex
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssoenv.base.dialects import quote_posix
from tests.conftest import WHOLE
from tests.fuzz.cases import cases, mutated, tried
from tests.fuzz.world import ROLES, Reader, World, build, source_without_program

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SHELLS = (("dash",), ("bash", "--posix"), ("busybox", "ash"))
SCRIPT = """\
while IFS= read -r line; do
    (
        case $line in
        go) ;;
        *) . {markers} ;;
        esac
        {source}
    ) </dev/null
    printf '\\n%s' $?
    printf '\\n\\000that was it\\000\\n'
done
"""
PIECES = [
    *(b"'", b"'\\''", b"''", b"\\", b"\n", b"\r", b" ", b"\t", b"#", b'"', b"\xff", b"\xc3", b"x", b"0", b"9", b"/", b"../", b"@"),
    *(b"g0000000000000000", b"acme/333333333333/ReadOnly", b"acme", b"ssoenv 1", b"__ssoenv_process", b"__ssoenv_profile", b"__ssoenv_binding"),
    *(b"__ssoenv_process 'a' 'b' 'c'\n", b"__ssoenv_profile 'dev' ''\n", b"true\n", b"="),
]  # fmt: skip
"""What a damaged file may hold; no words that would start something."""


@pytest.fixture(scope="module", params=SHELLS, ids=lambda words: words[0])
def reading(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[World, Reader]]:
    world = build(tmp_path_factory.mktemp("source"), "sign_in_pause = 5\n")
    alone = source_without_program(world)
    text = SCRIPT.replace("{source}", f". {shlex.quote(str(alone))}")
    text = text.replace("{markers}", shlex.quote(str(world.home / "markers")))
    with Reader(request.param, text, world) as reader:
        answer, code = answered(reader)
        assert code == 0
        assert json.loads(answer)["AccessKeyId"] == "ASIADEV"
        yield world, reader


def answered(reader: Reader, line: str = "go") -> tuple[bytes, int]:
    answer, _, code = reader.ask(line).rpartition(b"\n")
    return answer, int(code)


def damaged(path: Path) -> st.SearchStrategy[bytes]:
    return mutated([path.read_bytes()], PIECES)


def file_called(world: World, name: str) -> Path:
    return {
        "@sh of a project": world.trust / "@sh",
        "@process": world.role("dev") / "@process",
        "@sh of the settings": world.home / ".local/state/ssoenv/settings/@sh",
        "the settings": world.home / ".config/ssoenv/config.toml",
        "the binding file": world.project / ".ssoenv.toml",
    }[name]


def ask_with(reader: Reader, path: Path, content: bytes) -> tuple[bytes, int]:
    """Ask while the file at `path` has other bytes, of the same time as before."""
    before, status = path.read_bytes(), path.stat()
    try:
        path.write_bytes(content)
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
        return answered(reader)
    finally:
        path.write_bytes(before)
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


@pytest.mark.parametrize("name", ["@sh of a project", "@process", "@sh of the settings", "the settings", "the binding file"])  # fmt: skip
def test_a_damaged_file_gives_the_role_of_the_directory_or_asks_the_program(
    reading: tuple[World, Reader], name: str
) -> None:
    world, reader = reading
    path = file_called(world, name)
    original, document = path.read_bytes(), answered(reader)[0]

    @cases(8, 400)
    @given(damaged(path))
    def tries(content: bytes) -> None:
        tried("files that the credential source reads, damaged")
        answer, code = ask_with(reader, path, content)
        assert code in (0, 1)
        if code:
            assert answer == b""
            return
        if name in ("the settings", "the binding file"):
            assert content == original
        if name != "@process":
            assert answer == document
            return
        assert answer == document or is_no_key_of_another(answer)

    tries()


def is_no_key_of_another(answer: bytes) -> bool:
    """Whether an answer is of no other role: what stands between the quotes is the file's own word."""
    others = (f"ASIA{name.upper()}".encode() for name in ROLES if name != "dev")
    return not any(one in answer for one in others)


@pytest.mark.parametrize("name", ["@sh of a project", "@process", "@sh of the settings"])
def test_a_file_that_is_cut_at_any_byte_ends_no_shell(
    reading: tuple[World, Reader], name: str
) -> None:
    """A quote without an end ended dash, so that nobody mended the file and no program had a role."""
    world, reader = reading
    path = file_called(world, name)
    original, document = path.read_bytes(), answered(reader)[0]
    for size in range(0, len(original), 1 if WHOLE else 41):
        tried("files that the credential source reads, cut")
        assert ask_with(reader, path, original[:size]) in ((b"", 1), (document, 0))


MARKERS = ("SSOENV_DIR", "SSOENV_PROFILE", "SSOENV_USE", "SSOENV_LABEL", "SSOENV_VARS", "SSOENV_LENT", "SSOENV_GIVEN", "PWD", "OLDPWD", "IFS", "HOME")  # fmt: skip
WORDS = st.text(st.sampled_from("a/.@ssoenv%:-'\"\\$`!*?[]() \n\t\x1b;&|é\udcff0"), max_size=12)
SAID = st.one_of(
    WORDS,
    st.sampled_from(("dev", "prod", "staging", "web", "/", "//", "..", "@acme/333333333333/ReadOnly", "@../trust")),
    st.tuples(st.sampled_from(("{home}/web", "{home}", "/proc/self/cwd", "@acme", "dev")), WORDS).map("".join),
)  # fmt: skip


@cases(40, 1_500)
@given(st.dictionaries(st.sampled_from(MARKERS), SAID, min_size=1, max_size=5))
def test_no_marker_of_anybody_gives_the_role_of_another_project(
    reading: tuple[World, Reader], said: dict[str, str]
) -> None:
    """In the project: its own profiles, if a shell of it has chosen one of them; or the program's word."""
    tried("markers for the credential source")
    world, reader = reading
    said = {name: value.replace("{home}", str(world.home)) for name, value in said.items()}
    lines = [f"{name}={quote_posix(value)}\n" for name, value in said.items()]
    (world.home / "markers").write_bytes(os.fsencode("".join([*lines, f"export {' '.join(said)}\n"])))  # fmt: skip
    answer, code = answered(reader, "marked")
    assert code in (0, 1)
    if code:
        assert answer == b""
        return
    key = json.loads(answer)["AccessKeyId"]
    chosen = said.get("SSOENV_USE")
    here = os.path.realpath(said.get("SSOENV_DIR", "")) == str(world.project)
    assert key == f"ASIA{chosen.upper() if here and chosen in ROLES else 'DEV'}"
