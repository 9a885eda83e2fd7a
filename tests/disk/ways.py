"""In what ways a file or a folder can be wrong."""

from __future__ import annotations

import os
import random
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

OTHER = 65534
ORIGINAL: dict[Path, bytes] = {}
"""What stood there, for what keeps some of it; a module that uses this fills it."""


def bytes_of(content: bytes) -> Callable[[Path], None]:
    def put(path: Path) -> None:
        path.write_bytes(content)

    return put


def long_number(content: bytes) -> bytes:
    """Where a number stands, one of 5,000 digits."""
    at = next((at for at, byte in enumerate(content) if chr(byte).isdigit()), 0)
    return content[:at] + b"9" * 5000 + content[at:]


def changed(how: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def put(path: Path) -> None:
        path.write_bytes(how(ORIGINAL[path]))

    return put


def noise(path: Path) -> None:
    path.write_bytes(random.Random(path.name).randbytes(3000))  # noqa: S311 - the same in each run


def with_mode(mode: int) -> Callable[[Path], None]:
    def put(path: Path) -> None:
        if path in ORIGINAL:
            path.write_bytes(ORIGINAL[path])
        path.chmod(mode)

    return put


def foreign(path: Path) -> None:
    """Somebody else's, who lets everybody read it; only root can give it away, else it is a link."""
    if os.geteuid() == 0:
        with_mode(0o755)(path)
        os.chown(path, OTHER, OTHER)
        return
    shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    path.symlink_to("/etc/passwd" if path in ORIGINAL else "/usr")


FILES: dict[str, Callable[[Path], None]] = {
    "empty": bytes_of(b""),
    "half": changed(lambda content: content[: len(content) // 2]),
    "cut": changed(lambda content: content[:-1]),
    "more": changed(lambda content: content + b"\n\0'"),
    "another version": changed(lambda content: content.replace(b"ssoenv 2", b"ssoenv 3")),
    "long number": changed(long_number),
    "5,000 digits": bytes_of(b"9" * 5000),
    "json of a number": bytes_of(b'{"expiresAt": ' + b"9" * 5000 + b"}"),
    "a list": bytes_of(b"[]"),
    "binary": bytes_of(bytes(range(256)) * 4),
    "random": noise,
    "deep": bytes_of(b"[" * 50_000),
    "a folder": lambda path: path.mkdir(),
    "a full folder": lambda path: (path / "x" / "y").mkdir(parents=True),
    "a pipe": os.mkfifo,
    "a loop": lambda path: path.symlink_to(path.name),
    "a device": lambda path: path.symlink_to("/dev/zero"),
    "a full device": lambda path: path.symlink_to("/dev/full"),
    "the kernel's log": lambda path: path.symlink_to("/proc/kmsg"),
    "a link to nothing": lambda path: path.symlink_to("nowhere/at/all"),
    "missing": lambda _: None,
    "not to be read": with_mode(0o200),
    "not to be written": with_mode(0o400),
    "for everybody": with_mode(0o666),
    "somebody else's": foreign,
}
FOLDERS: dict[str, Callable[[Path], None]] = {
    "empty": lambda path: path.mkdir(mode=0o700),
    "missing": lambda _: None,
    "a file": bytes_of(b""),
    "a pipe": os.mkfifo,
    "a loop": FILES["a loop"],
    "a device": FILES["a device"],
    "a link to nothing": FILES["a link to nothing"],
}
MODES: dict[str, Callable[[Path], None]] = {
    "closed": with_mode(0o000),
    "not to be written": with_mode(0o500),
    "not to be listed": with_mode(0o300),
    "not to be searched": with_mode(0o600),
    "for everybody": with_mode(0o777),
    "somebody else's": foreign,
}
"""What is wrong with a folder, whatever is in it."""
