"""Reading a file, whatever stands in its place: never more than asked for, and never a wait; and writing one."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

import pytest

from ssoenv.base import files

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NOBODY = 1 << 30
"""A number that no process has: the kernel's are smaller."""


def a_pipe(path: Path) -> None:
    os.mkfifo(path)


def a_folder(path: Path) -> None:
    path.mkdir()


def a_loop(path: Path) -> None:
    path.symlink_to(path.name)


def a_link_to_nothing(path: Path) -> None:
    path.symlink_to("nowhere")


def a_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def the_log_of_the_kernel(path: Path) -> None:
    """A regular file, as far as stat(2) knows; a read of it waits, or fails."""
    path.symlink_to("/proc/kmsg")


def the_memory_of_a_process(path: Path) -> None:
    path.symlink_to("/proc/self/mem")


def too_much(path: Path) -> None:
    with path.open("wb") as stream:
        stream.truncate(1 << 30)


UNREADABLE = (
    a_pipe,
    a_folder,
    a_loop,
    a_link_to_nothing,
    a_device,
    the_memory_of_a_process,
    too_much,
)


@pytest.mark.parametrize("put", UNREADABLE, ids=lambda put: put.__name__)
def test_what_cannot_be_read_is_told_from_what_is_not_there(tmp_path: Path, put: object) -> None:
    path = tmp_path / "file"
    assert files.read_required(str(path)) is None
    assert callable(put)
    put(path)
    began = time.monotonic()

    with pytest.raises(OSError, match=r".") as caught:
        files.read_required(str(path), limit=4096)
    assert caught.value.filename == str(path)
    assert len(files.read_bytes(str(path), limit=4096) or b"") <= 4096
    assert time.monotonic() - began < 5


def test_the_log_of_the_kernel_keeps_nobody_waiting(tmp_path: Path) -> None:
    path = tmp_path / "file"
    the_log_of_the_kernel(path)
    began = time.monotonic()

    assert len(files.read_bytes(str(path), limit=4096) or b"") <= 4096
    assert time.monotonic() - began < 5


def test_a_file_of_just_the_size_allowed_is_read(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * 4096)

    assert files.read_required(str(path), limit=4096) == b"x" * 4096
    assert files.read_bytes(str(path), limit=100) == b"x" * 100


def test_a_folder_in_the_way_is_named_and_nothing_is_left_behind(tmp_path: Path) -> None:
    (tmp_path / "file").mkdir()

    with pytest.raises(IsADirectoryError) as caught:
        files.write_private(str(tmp_path / "file"), b"x")
    assert caught.value.filename == str(tmp_path / "file")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.timeout(20)
def test_a_folder_goes_and_so_does_what_stands_in_its_place(tmp_path: Path) -> None:
    """A pipe without a writer keeps whoever opens it waiting."""
    place, other = tmp_path / "place", tmp_path / "other"
    (other / "in").mkdir(parents=True)

    def put_folder() -> None:
        (place / "in").mkdir(parents=True)
        os.mkfifo(place / "in/pipe")
        (place / "link").symlink_to(other)

    ways: dict[str, Callable[[], object]] = {
        "a folder": put_folder,
        "a file": place.touch,
        "a pipe": lambda: os.mkfifo(place),
        "a link": lambda: place.symlink_to(other),
        "a loop": lambda: place.symlink_to(place),
        "nothing": lambda: None,
    }
    for name, put in ways.items():
        put()
        files.remove_folder(str(place))
        assert not os.path.lexists(place), name
        assert (other / "in").is_dir(), name


def test_a_link_that_takes_the_place_of_a_folder_that_goes_leads_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, victim = tmp_path / "place", tmp_path / "victim"
    (place / "in").mkdir(parents=True)
    (place / "in/file").touch()
    (victim / "sub").mkdir(parents=True)
    (victim / "file").touch()
    unlink = os.unlink

    def swap(*words: Any, **more: Any) -> None:
        monkeypatch.setattr(os, "unlink", unlink)
        place.rename(tmp_path / "moved")
        place.symlink_to(victim)
        unlink(*words, **more)

    monkeypatch.setattr(os, "unlink", swap)
    with pytest.raises(OSError, match="place"):
        files.remove_folder(str(place))
    assert place.is_symlink()
    assert (victim / "sub").is_dir()
    assert (victim / "file").is_file()


@pytest.mark.parametrize("old", [True, False])
@pytest.mark.parametrize("whose", ["nobody's", "somebody's", "of another name", "a link"])
def test_what_a_killed_writer_left_goes_with_the_next(
    tmp_path: Path, whose: str, old: bool
) -> None:
    """But not a file of a writer that lives, nor one that is only named alike."""
    path, other = tmp_path / "token.json", tmp_path / "theirs.json"
    writer = os.getpid() if whose == "somebody's" else NOBODY
    name = "theirs.json" if whose == "of another name" else "token.json"
    left = tmp_path / f"{name}.{writer:x}01234567.tmp"
    alike = [tmp_path / f"token.json.{end}" for end in ("tmp", "bak.tmp", "0123456.tmp", "old")]
    for one in (other, left, *alike):
        one.write_text("theirs")
        os.utime(one, (time.time() - 100 * old,) * 2)
    if whose == "a link":
        left.unlink()
        left.symlink_to(other)
        os.utime(left, (time.time() - 100 * old,) * 2, follow_symlinks=False)
    files.write_private(str(path), b"ours")
    assert path.read_bytes() == b"ours"
    assert os.path.lexists(left) != (old and whose == "nobody's")
    assert all(one.read_text() == "theirs" for one in (other, *alike))


def test_a_folder_is_settled_by_any_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """That of a bare file name is empty, and means the working directory."""
    monkeypatch.chdir(tmp_path)
    synced = list[str]()
    monkeypatch.setattr(os, "fsync", lambda one: synced.append(os.readlink(f"/proc/self/fd/{one}")))
    files.settle("", ".", "gone/for/good", str(tmp_path))
    assert synced == [str(tmp_path)] * 4
