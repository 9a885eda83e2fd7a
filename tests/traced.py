"""What a process does to files, taken down as it does it, and the disks that a loss of power may leave.

POSIX promises little: what a file says is on the disk once the file was synced (fsync(2)), and
a name that was given, taken away or given to another file once its folder was. Whatever was not is
there or not, each change by itself. So a disk after a loss of power is the one of before, with all
changes that were synced, and any choice of the others.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Collection


@dataclass(frozen=True)
class Change:
    """A change to the file or the folder at `path`, which comes to have `content` if it is put there.

    `kind` is put, remove, mkdir, rmdir, or sync: of the folder at `path`.
    """

    kind: str
    path: str
    content: bytes = b""
    whole: bool = True
    """Whether the content was synced before; what was not may be lost with the name in place."""

    @property
    def folder(self) -> str:
        return os.path.dirname(self.path)


def begin(log: str) -> None:
    """Take down what this process does to files from now on, in the file `log`."""
    # What is written must not be seen as a change itself.
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    synced: set[tuple[int, int]] = set()

    def note(kind: str, path: str, content: bytes = b"", *, whole: bool = True) -> None:
        line = [kind, os.path.abspath(path), base64.b64encode(content).decode(), whole]
        os.write(descriptor, json.dumps(line).encode() + b"\n")

    def put(source: str, target: str) -> None:
        with contextlib.suppress(OSError):
            about = os.stat(source)
            content = Path(source).read_bytes()
            whole = not content or (about.st_dev, about.st_ino) in synced
            note("put", target, content, whole=whole)

    def look(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "os.rename":
            put(_named(arguments[0], arguments[2]), _named(arguments[1], arguments[3]))
        elif event in ("os.remove", "os.rmdir"):
            note(event.removeprefix("os."), _named(*arguments))
        elif event == "os.mkdir":
            note("mkdir", _named(arguments[0], arguments[2]))

    sync = os.fsync

    def synced_too(file: Any) -> None:
        sync(file)
        number = file if isinstance(file, int) else file.fileno()
        about = os.fstat(number)
        synced.add((about.st_dev, about.st_ino))
        path = os.readlink(f"/proc/self/fd/{number}")
        if os.path.isdir(path):
            note("sync", path)

    os.fsync = synced_too  # type: ignore[assignment]
    sys.addaudithook(look)


def _named(path: Any, folder: int) -> str:
    """Return the path that a call means which has a descriptor of a folder, too (openat(2))."""
    name = os.fsdecode(path)
    return name if folder < 0 else os.path.join(os.readlink(f"/proc/self/fd/{folder}"), name)


def changes(log: Path, top: Path) -> list[Change]:
    """Return what was taken down in `log` of the changes below `top`, in their order."""
    found = []
    for line in log.read_text().splitlines():
        kind, path, content, whole = json.loads(line)
        if f"{path}/".startswith(f"{top}/") and not path.endswith((".tmp", ".lock")):
            found.append(Change(kind, path, base64.b64decode(content), whole))
    return found


def loose(done: list[Change]) -> list[int]:
    """Return which of the changes that were `done` a loss of power may undo, or do by half."""
    last = {one.path: number for number, one in enumerate(done) if one.kind == "sync"}
    return [
        number
        for number, one in enumerate(done)
        if one.kind != "sync" and (number > last.get(one.folder, -1) or not one.whole)
    ]


def leave(done: list[Change], lost: Collection[int]) -> None:
    """Do again what was `done`, on the disk of before, but for what is `lost`."""
    for number, one in enumerate(done):
        if number in lost and one.whole:
            continue
        with contextlib.suppress(OSError):  # its folder was lost, or what it removes
            _ACTS[one.kind](one.path, b"" if number in lost else one.content)


def _put(path: str, content: bytes) -> None:
    mode = os.stat(path).st_mode & 0o777 if os.path.exists(path) else 0o600
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)


_ACTS: dict[str, Callable[[str, bytes], object]] = {
    "put": _put,
    "remove": lambda path, _: os.unlink(path),
    "mkdir": lambda path, _: os.mkdir(path, 0o700),
    "rmdir": lambda path, _: shutil.rmtree(path),  # what was in it has no name any more
    "sync": lambda *_: None,
}


def tree(top: Path, into: Path | None = None) -> dict[str, bytes]:
    """Return what is in the files below `top`, by their paths; and copy it, where asked."""
    if into:
        shutil.rmtree(into, ignore_errors=True)
        shutil.copytree(top, into, symlinks=True)
    return {str(path): path.read_bytes() for path in top.rglob("*") if path.is_file()}
