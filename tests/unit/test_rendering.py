"""What is rendered is what the shells read: hostile values, stamps, deadlines, crashes."""

from __future__ import annotations

import json
import os
import random
import subprocess
from typing import TYPE_CHECKING

import pytest

from ssoenv.base import dialects, files, paths
from ssoenv.base.models import Credentials
from ssoenv.binding import file as binding_file
from ssoenv.settings import Settings
from ssoenv.shells import binding_rendering, rendered, rendering
from tests.conftest import PROJECT

if TYPE_CHECKING:
    from pathlib import Path

NOW = 1_800_000_000
KEY = "acme/111111111111/Developer"
ALPHABET = "abc '\"\\$`!%&;|<>(){}[]*?#~=\n\t\r\x1b\x7fé🚀\u2028-@^,:./"
RUN = {
    "bash": ["bash", "--norc", "-c"],
    "zsh": ["zsh", "-f", "-c"],
    "fish": ["fish", "--no-config", "-c"],
}


def values() -> list[str]:
    """400 values, the worst that can be thought of and random ones; always the same."""
    source = random.Random(4)  # noqa: S311 - not for secrets
    fixed = [
        "",
        "'",
        "\\",
        "\\'",
        "'\\''",
        "a\\",
        "$(id)",
        "`id`",
        "-n",
        "!!",
        "\n",
        "a\n",
        "%n",
        "~",
        "*",
        '"',
        "\\n",
        "''",
        "x'\\",
    ]
    return fixed + ["".join(source.choices(ALPHABET, k=source.randint(1, 24))) for _ in range(381)]


@pytest.mark.parametrize("shell", dialects.SHELLS)
def test_values_read_back_exactly(shell: str, tmp_path: Path) -> None:
    given = values()
    script = "\n".join(f"printf '%s\\0' {dialects.quote(shell, value)}" for value in given)
    path = tmp_path / "script"
    path.write_text(script)
    result = subprocess.run([*RUN[shell], f"source {path}"], capture_output=True, check=True)

    assert result.stdout.split(b"\0")[:-1] == [value.encode() for value in given]


@pytest.mark.parametrize("shell", dialects.SHELLS)
def test_exports_read_back_exactly(shell: str, tmp_path: Path) -> None:
    given = [value for value in values() if value]
    lines = [dialects.export(shell, f"V{i}", value) for i, value in enumerate(given)]
    path = tmp_path / "script"
    path.write_text("\n".join([*lines, "env -0"]))
    result = subprocess.run([*RUN[shell], f"source {path}"], capture_output=True, check=True)
    env = dict(row.split(b"=", 1) for row in result.stdout.split(b"\0") if b"=" in row)

    assert [env.get(f"V{i}".encode()) for i in range(len(given))] == [
        value.encode() for value in given
    ]


def test_a_nul_is_refused() -> None:
    for shell in dialects.SHELLS:
        with pytest.raises(ValueError, match="NUL"):
            dialects.quote(shell, "a\0b")


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path)}


def credentials(expiration: int) -> Credentials:
    return Credentials("ASIAX", "s'e\\c", "t" * 300, expiration, "111111111111", "Developer")


def test_a_role_reads_back_and_lasts_until_its_deadline(
    env: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "cache.json"
    cache.touch()
    rendering.publish_role(env, KEY, credentials(NOW + 3600), str(cache), NOW)
    monkeypatch.setattr("ssoenv.base.clock.now", lambda: NOW + 3299)
    role = rendered.load_role(env, KEY)
    process = rendered.load_process(env, KEY)

    assert role is not None
    assert role.variables["AWS_SECRET_ACCESS_KEY"] == "s'e\\c"
    assert role.deadline == NOW + 3300
    assert process is not None
    assert json.loads(process[1])["AccountId"] == "111111111111"
    monkeypatch.setattr("ssoenv.base.clock.now", lambda: NOW + 3300)
    assert rendered.load_role(env, KEY) is None
    assert rendered.load_process(env, KEY) is None
    monkeypatch.setattr("ssoenv.base.clock.now", lambda: NOW)
    cache.unlink()
    assert rendered.load_role(env, KEY) is None
    assert rendered.load_process(env, KEY) is None


def test_short_credentials_keep_nine_tenths_of_their_time(
    env: dict[str, str], tmp_path: Path
) -> None:
    rendering.publish_role(env, KEY, credentials(NOW + 100), str(tmp_path / "x"), NOW)

    text = (tmp_path / ".local/state/ssoenv/roles" / KEY / "@role").read_text()
    assert text.split("\n")[2] == str(NOW + 90)


def test_everything_is_private_and_one_stamp_is_current(
    env: dict[str, str], tmp_path: Path
) -> None:
    for _ in range(3):
        rendering.publish_role(env, KEY, credentials(NOW + 3600), "/x", NOW)
    folder = tmp_path / ".local/state/ssoenv/roles" / KEY

    generation = (folder / "@role").read_text().split("\n")[1]
    stamps = sorted(path.name for path in folder.iterdir() if path.name.startswith("@g"))
    assert stamps == [f"@{generation}", f"@{generation}.due", f"@{generation}.ends"]
    for path in folder.iterdir():
        assert path.stat().st_mode & 0o777 == 0o600
    for part in (folder, *folder.parents):
        if part == tmp_path:
            break
        assert part.stat().st_mode & 0o777 == 0o700


def test_the_stamp_is_newer_than_the_file_of_the_aws_cli_and_no_more(
    env: dict[str, str], tmp_path: Path
) -> None:
    """However coarse the times of files are: one comparison tells that both are as rendered."""
    cache = tmp_path / "cache.json"
    cache.write_text("{}")
    moment = cache.stat().st_mtime_ns + 10**12
    os.utime(cache, ns=(moment, moment))
    rendering.publish_role(env, KEY, credentials(NOW + 3600), str(cache), NOW)
    folder = tmp_path / ".local/state/ssoenv/roles" / KEY
    generation = (folder / "@role").read_text().split("\n")[1]

    assert (folder / f"@{generation}").stat().st_mtime_ns == moment + 1
    assert (folder / f"@{generation}.ends").stat().st_mtime == NOW + 3600 - rendering.MARGIN


@pytest.mark.parametrize("step", range(5))
def test_a_crash_at_any_write_never_leaves_a_current_lie(
    env: dict[str, str], step: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whatever step fails: no stamp is there for a rendering that is not whole."""
    rendering.publish_role(env, KEY, credentials(NOW + 3600), "/x", NOW)
    folder = tmp_path / ".local/state/ssoenv/roles" / KEY
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    count = iter(range(100))
    write = files.write_private

    def failing(path: str, content: bytes, *, mode: int = 0o600) -> None:
        if next(count) == step:
            raise OSError(28, "No space left on device", path)
        write(path, content, mode=mode)

    monkeypatch.setattr(files, "write_private", failing)
    with pytest.raises(OSError, match="No space"):
        rendering.publish_role(env, KEY, credentials(NOW + 7200), "/x", NOW)
    stamps = [name for name in os.listdir(folder) if name.startswith("@g") and "." not in name]

    assert not [name for name in os.listdir(folder) if name.endswith(".tmp")]
    assert stamps == []
    assert all((folder / name).read_bytes() for name in before if not name.startswith("@g"))


def test_a_binding_reads_back(env: dict[str, str], tmp_path: Path) -> None:
    project = tmp_path / "it's a\nproject"
    (project / "envs/prod/x").mkdir(parents=True)
    path = project / ".ssoenv.toml"
    path.write_text(PROJECT)
    binding = binding_file.parse(path.read_bytes(), str(path))
    binding_rendering.publish(env, str(project), binding, Settings(), default="dev", agent="prod")

    seen = rendered.load_binding(env, str(project))
    assert seen is not None
    assert set(seen.profiles) == {"dev", "staging", "prod"}

    def chosen(where: str, shell: dict[str, str]) -> str:
        profile = seen.select(where, shell, agent=False) if seen else None
        return profile.name if profile else ""

    for where in (str(project), f"{project}/envs/prod/x"):
        for_agents = seen.select(where, {"SSOENV_DIR": where, "SSOENV_USE": "dev"}, agent=True)
        assert for_agents
        assert for_agents.name == "prod"
    assert chosen(str(project), {}) == "dev"
    assert chosen(f"{project}/envs/prod/x", {}) == "prod"
    assert chosen(f"{project}/envs/production", {}) == "dev"
    shell = {"SSOENV_DIR": str(project), "SSOENV_LABEL": "staging/ReadOnly"}
    assert chosen(str(project), shell) == "dev"  # a label is no choice
    assert chosen(str(project), shell | {"SSOENV_USE": "staging"}) == "staging"
    assert chosen(str(project), {"SSOENV_DIR": "/other", "SSOENV_USE": "staging"}) == "dev"
    path.write_text(PROJECT + "#")
    assert rendered.load_binding(env, str(project)) is None


def test_only_absolute_normal_paths_are_mirrored(env: dict[str, str]) -> None:
    for bad in ("relative", "/a/../b", "/a\0b", ""):
        with pytest.raises(ValueError, match="path"):
            paths.trust_folder(env, bad)


@pytest.mark.parametrize("name", ["a/b", "..", ".", "@x", "ü", "a b", "", "%", "'", "\n"])
def test_every_name_becomes_one_safe_part_of_a_path(name: str) -> None:
    escaped = paths.escape(name)

    assert "/" not in escaped
    assert escaped not in ("", ".", "..")
    assert escaped.isascii()
    assert escaped[0] != "@"
    assert paths.escape("b" + name) != paths.escape("c" + name)
