"""What the hooks make of damaged renderings, in real shells: the role of the directory, or none."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from ssoenv.base.dialects import SHELLS, quote
from ssoenv.shells import hook as hook_text
from ssoenv.shells import rendered
from tests.fuzz.cases import cases, mutated, tried
from tests.fuzz.test_source import PIECES
from tests.fuzz.world import Reader, World, build

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

START = {
    "bash": ("bash", "--norc", "--noprofile", "-i"),
    "zsh": ("zsh", "-f", "-i"),
    "fish": ("fish", "--no-config", "-i"),
}
FIELDS = (
    "AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_PROFILE AWS_REGION SSOENV_DIR"
)
SCRIPT = {
    "bash": """\
. {hook}
__ssoenv_program() { return 1; }
while IFS= read -r line; do
    ( __ssoenv_leave; __ssoenv_bound='' __ssoenv_pwd='' __ssoenv_applied='' __ssoenv_asked=''
      __ssoenv_sync; printf '%s\\0' "$__ssoenv_state" {fields} )
    printf '\\n\\000that was it\\000\\n'
done
""",
    "fish": """\
source {hook}
function __ssoenv_program; return 1; end
while read -l line
    __ssoenv_leave
    set -g __ssoenv_bound ''
    set -g __ssoenv_pwd ''
    set -g __ssoenv_asked ''
    __ssoenv_resync $PWD $PWD/.ssoenv.toml none
    printf '%s\\0' "$__ssoenv_state" {fields}
    printf '\\n\\000that was it\\000\\n'
end
""",
}
SCRIPT["zsh"] = SCRIPT["bash"]


@pytest.fixture(scope="module", params=SHELLS)
def reading(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[World, Reader]]:
    shell = request.param
    world = build(tmp_path_factory.mktemp("hook"))
    hook = quote(shell, hook_text.kept_file(world.env, shell))
    (world.home / "hook").write_text(hook_text.render(shell, world.env))
    hook = quote(shell, str(world.home / "hook"))
    fields = " ".join(f'"${name}"' for name in FIELDS.split())
    script = SCRIPT[shell].replace("{hook}", hook).replace("{fields}", fields)
    with Reader(START[shell], script, world) as reader:
        state, given = look(reader)
        assert (state, given["AWS_ACCESS_KEY_ID"]) == ("live", "ASIADEV")
        yield world, reader


def look(reader: Reader) -> tuple[str, dict[str, str]]:
    """Return the state of the shell, and what it exports."""
    state, *values = reader.ask().decode("utf-8", "surrogateescape").split("\0")[:-1]
    return state, dict(zip(FIELDS.split(), values, strict=True))


@pytest.mark.parametrize("name", ["binding", "role", "file"])
def test_a_damaged_rendering_gives_the_role_of_the_directory_or_none(
    reading: tuple[World, Reader], name: str, request: pytest.FixtureRequest
) -> None:
    world, reader = reading
    shell = request.node.callspec.params["reading"]
    path = {
        "binding": world.trust / ("@fish" if shell == "fish" else "@sh"),
        "role": world.role("dev") / "@role",
        "file": world.project / ".ssoenv.toml",
    }[name]
    original, before = path.read_bytes(), look(reader)[1]

    @cases(20, 500)
    @given(mutated([original], PIECES))
    def tries(content: bytes) -> None:
        tried("renderings that the hooks read, damaged")
        state, given = look_with(reader, path, content)
        if state != "live":
            assert (
                not given["AWS_ACCESS_KEY_ID"]
                + given["AWS_SECRET_ACCESS_KEY"]
                + given["AWS_SESSION_TOKEN"]
            )
            assert given["AWS_PROFILE"] in ("", "ssoenv")
            return
        assert given["SSOENV_DIR"] == str(world.project)
        if name == "file":
            assert content == original
        if name != "role":
            mine = (before["AWS_SECRET_ACCESS_KEY"], "")  # no keys where the profile serves them
            assert given["AWS_SECRET_ACCESS_KEY"] == mine[bool(given["AWS_PROFILE"])]
            return
        path.write_bytes(content)
        os.utime(path)
        lines = content.decode("utf-8", "surrogateescape").split("\n")
        seen = rendered.load_role(world.env, world.key("dev"))
        path.write_bytes(original)
        assert lines[0] == "ssoenv 2"
        assert lines[3] == world.key("dev")
        assert seen is not None, content
        for key in FIELDS.split()[:3]:
            assert given[key].encode("utf-8", "surrogateescape") == seen.variables[key].encode(
                "utf-8", "surrogateescape"
            )

    tries()


def look_with(reader: Reader, path: Path, content: bytes) -> tuple[str, dict[str, str]]:
    """Look while the file at `path` has other bytes."""
    before, status = path.read_bytes(), path.stat()
    try:
        path.write_bytes(content)
        return look(reader)
    finally:
        path.write_bytes(before)
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


@pytest.mark.parametrize("deadline", ["", "'1795971995", "ASIADEV", "-1", "1.5", "99999 "])
def test_credentials_without_a_deadline_are_none(
    reading: tuple[World, Reader], deadline: str
) -> None:
    """fish compared the time of the stamp alone."""
    world, reader = reading
    path = world.role("dev") / "@role"
    lines = path.read_text().split("\n")
    content = "\n".join([*lines[:2], deadline, *lines[3:]]).encode()
    state, given = look_with(reader, path, content)
    assert (state, given["AWS_ACCESS_KEY_ID"], given["AWS_PROFILE"]) == ("armed", "", "ssoenv")


def test_credentials_without_their_stamp_are_none(reading: tuple[World, Reader]) -> None:
    """The stamp goes first and comes last. For zsh no file is newer than one that is not there."""
    world, reader = reading
    path = world.role("dev") / "@role"
    lines = path.read_text().split("\n")
    content = "\n".join([lines[0], "g0000000000000000", *lines[2:]]).encode()
    state, given = look_with(reader, path, content)
    assert (state, given["AWS_ACCESS_KEY_ID"], given["AWS_PROFILE"]) == ("armed", "", "ssoenv")
