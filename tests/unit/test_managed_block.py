"""Our block in the AWS config: it does not grow, and everything around it means what it meant."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ssoenv.aws_files import (
    edits,
    managed_block,
    managed_profiles,
    profile_blocks,
    session_sections,
)
from ssoenv.aws_files import sections as aws_sections
from ssoenv.base import paths
from ssoenv.base.errors import InvalidConfiguration
from ssoenv.base.models import Session
from tests.unit.test_managed_profiles import (
    NAME,
    OLD_BEGIN,
    OURS,
    config,
    env,
    ours,
    read,
)

__all__ = ["env"]


def test_profiles_of_older_versions_go(env: dict[str, str]) -> None:
    old = "[profile ssoenv-acme-dev-Admin]\ncredential_process = /opt/x -I credential-process --session acme --account dev --role Admin\n"
    config(env).write_text(f"[default]\nregion = x\n\n{OLD_BEGIN}\n{old}\n\n{managed_block.END}\n")
    managed_profiles.publish(env)

    assert config(env).read_text() == (
        f"[default]\nregion = x\n\n{managed_block.BEGIN}\n{OURS.format(env['HOME'])}{managed_block.END}\n"
    )


def test_the_block_does_not_grow(env: dict[str, str]) -> None:
    config(env).write_text("[default]\nregion = x\n")
    for _ in range(3):
        managed_profiles.publish(env)
        managed_profiles.retract(env)
        managed_profiles.publish(env)

    assert config(env).read_text().count("\n\n") == 1
    managed_profiles.retract(env)
    assert config(env).read_text() == "[default]\nregion = x\n"


def damage_kind(path: Path) -> None:
    path.unlink()
    path.mkdir()


def damage_fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def damage_encoding(path: Path) -> None:
    path.write_bytes(b"[default]\nregion = \xff\n")


def damage_loop(path: Path) -> None:
    path.unlink()
    path.symlink_to(path)


def damage_size(path: Path) -> None:
    os.truncate(path, aws_sections.LIMIT + 1)


def _whatever_a_writer_changes(path: Path) -> tuple[int, ...]:
    """Not the time of the last access: reading changes that."""
    status = os.lstat(path)
    return status.st_ino, status.st_mode, status.st_size, status.st_mtime_ns


@pytest.mark.parametrize(
    "damage", [damage_kind, damage_fifo, damage_encoding, damage_loop, damage_size]
)
def test_a_config_that_cannot_be_read_is_refused_never_replaced(
    env: dict[str, str], damage: object
) -> None:
    path = config(env)
    path.write_text("[default]\nregion = x\n")
    damage(path)  # type: ignore[operator] # one of those above
    before = _whatever_a_writer_changes(path)
    for change in (
        lambda: managed_profiles.publish(env),
        lambda: managed_profiles.retract(env),
        lambda: managed_profiles.is_there(env),
    ):
        with pytest.raises(InvalidConfiguration, match="cannot be read"):
            change()
    assert _whatever_a_writer_changes(path) == before


def test_a_config_that_we_may_not_read_is_refused(env: dict[str, str]) -> None:
    """By its mode: root may read anything, so a user without rights tries it."""
    path = config(env)
    path.write_text("[default]\nregion = x\n")
    path.chmod(0o200)
    code = (
        "import os, sys; from ssoenv.aws_files import managed_profiles as m\n"
        "from ssoenv.base.errors import InvalidConfiguration\n"
        "if os.geteuid() == 0: os.chown(sys.argv[1], 65534, 65534); os.chown(os.path.dirname(sys.argv[1]), 65534, 65534); os.setuid(65534)\n"
        "try: m.is_there({'HOME': os.path.dirname(os.path.dirname(sys.argv[1]))})\n"
        "except InvalidConfiguration as e: print(e)\n"
    )
    for folder in (path.parent, path.parent.parent, *path.parent.parent.parents[:4]):
        if os.stat(folder).st_uid == os.geteuid() and folder != Path("/"):
            folder.chmod(0o755)
    done = subprocess.run(["python3", "-c", code, str(path)], capture_output=True, text=True, env=env | {"PYTHONPATH": os.path.dirname(os.path.dirname(os.path.dirname(paths.__file__)))})  # fmt: skip
    assert "cannot be read (Permission denied)" in done.stdout, done.stderr
    assert path.read_text() == "[default]\nregion = x\n"


@pytest.mark.parametrize("through", ["file", "link"])
@pytest.mark.parametrize("denied", ["mode", "owner"])
def test_a_config_that_we_may_not_write_is_refused_and_stays_whose_it_is(
    env: dict[str, str], denied: str, through: str
) -> None:
    path = config(env)
    path.write_text("[default]\nregion = x\n")
    if through == "link":
        there = path.parent / "dotfiles"
        path.rename(there)
        path.symlink_to(there)
    if denied == "owner" and os.geteuid() == 0:  # nobody else can give a file away
        os.chown(path, 65534, 65534)
    else:
        path.chmod(0o444)
    before = _whatever_a_writer_changes(path.resolve())
    acme = Session("acme", "https://acme.awsapps.com/start", "eu-west-1", (), "")
    for change in (
        lambda: managed_profiles.publish(env),
        lambda: edits.apply(env, session_sections.added(acme)),
        lambda: edits.apply(env, profile_blocks.placed("acme", (), [])),
        lambda: edits.write(env, edits.plan(env, session_sections.added(acme))),
    ):
        with pytest.raises(InvalidConfiguration) as caught:
            change()
        is_own = path.stat().st_uid == os.geteuid()
        said = "is read-only" if is_own else "belongs to somebody else"
        assert said in caught.value.message
        assert (caught.value.fix or "").endswith(str(path.resolve()))
    managed_profiles.retract(env)  # nothing to do, so nothing is refused
    assert _whatever_a_writer_changes(path.resolve()) == before
    assert not [*path.parent.glob("*.tmp")]
    assert not Path(paths.state(env), "backups").exists()


def test_a_link_that_points_nowhere_gets_its_target(env: dict[str, str], tmp_path: Path) -> None:
    config(env).symlink_to(tmp_path / "dotfiles/config")
    managed_profiles.publish(env)

    assert config(env).is_symlink()
    assert NAME in (tmp_path / "dotfiles/config").read_text()


@st.composite
def lines(draw: st.DrawFn) -> list[str]:
    """Lines that a person or a tool writes: no section and no key twice."""
    found: list[str] = []
    for number in range(draw(st.integers(1, 12))):
        kind = draw(st.sampled_from(["key", "key", "block", "comment", "blank", "section", "odd"]))
        found += {
            "key": [f"key{number} = value # no comment"],
            "block": [f"s{number} =", f"    a = {number}", f"\tb = {number}"],
            "comment": [f"{draw(st.sampled_from('#;'))} note{number}: x = y"],
            "blank": [draw(st.sampled_from(["", "  "]))],
            "section": [f"[profile user{number}]"],
            "odd": [f"Key{number}:  v", f"  [not a section {number}] ="],
        }[kind]
    return found


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    lines(), lines(), st.data(), st.sampled_from(["\n", "\r\n"]), st.booleans(), st.integers(0, 2)
)
def test_whatever_others_write_wherever_means_the_same_afterwards(
    mine: list[str], more: list[str], data: st.DataObject, newline: str, ends: bool, blocks: int
) -> None:
    """The users' text as botocore reads it, before and after; what stood in our sections is kept."""
    with tempfile.TemporaryDirectory() as home:
        path, env = Path(home, ".aws/config"), {"HOME": home}
        path.parent.mkdir()
        text = newline.join(["[default]", *mine, ""])
        path.write_bytes((text if ends else text.removesuffix(newline)).encode())
        clean = path.read_bytes()
        managed_profiles.publish(env)
        assert path.read_bytes().startswith(clean)
        written = ours(path)
        all_lines = path.read_bytes().decode().split(newline)
        added = [re.sub(r"(user|key|Key|s)(?=\d)", r"\1x", line) for line in more]
        at = data.draw(st.integers(1, len(all_lines) - 1))
        all_lines[at:at] = added
        if blocks and path.read_bytes().endswith(newline.encode()):
            all_lines[-1:] = [managed_block.BEGIN, managed_block.END, ""] * blocks
        path.write_bytes(newline.join(all_lines).encode())
        before = read(path)
        managed_profiles.tidy(env)
        after, foreign_text = read(path), path.read_bytes().decode()

        assert {n: k for n, k in after.items() if n not in written} == {
            name: keys for name, keys in before.items() if name not in written
        }
        assert {n: k for n, k in after.items() if n in written} == written
        for line in added:
            assert line.strip() in foreign_text
        for _ in range(2):
            managed_profiles.publish(env)
            assert path.read_bytes().decode() == foreign_text
