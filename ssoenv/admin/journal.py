"""What a long reading was answered, so that the next one goes on where it was stopped.

One file in the state folder for each Identity Center, who asks it where, and question: a JSON array
of a call and its rows on each line, for its owner alone. It is gone when a reading has come to its
end, or when something is changed there; what is older than an hour is not gone on with.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
import threading
from typing import TYPE_CHECKING

from ssoenv.base import clock, files, paths

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ssoenv.admin.center import Center
    from ssoenv.identity_center.administration import Rows

LIFETIME = 3600
"""Seconds for which a stopped reading may be gone on with."""


@contextlib.contextmanager
def kept(env: Mapping[str, str], center: Center, query: str, *, fresh: bool) -> Iterator[Journal]:
    """Have what `center` is asked kept, until this is left without an error; yield the journal."""
    name = hashlib.sha256("\n".join((query, *center.calls.asker())).encode()).hexdigest()[:16]
    journal = Journal(f"{_folder(env)}/{_prefix(center)}{name}.jsonl", fresh=fresh)
    center.calls.journal = journal
    yield journal
    journal.finish()


def forget(env: Mapping[str, str], center: Center) -> None:
    """Forget whatever was read of an Identity Center, which is something else from now on."""
    folder = _folder(env)
    with contextlib.suppress(FileNotFoundError):
        for name in os.listdir(folder):
            if name.startswith(_prefix(center)):
                files.remove(f"{folder}/{name}")


def _folder(env: Mapping[str, str]) -> str:
    return f"{paths.state(env)}/admin"


def _prefix(center: Center) -> str:
    return center.instance.arn.rpartition("/")[2] + "-"


class Journal:
    """The answers of one reading, the ones of before with them. Safe for several threads."""

    def __init__(self, path: str, *, fresh: bool) -> None:
        """Go on with what is kept at `path`, unless it is to be `fresh`."""
        self._path = path
        self._lock = threading.Lock()
        self._rows: dict[str, Rows] = {}
        self.age = 0
        """How long ago, in seconds, the reading was stopped that this goes on with."""
        if fresh:
            files.remove(self._path)
        else:
            self._read()

    @property
    def size(self) -> int:
        """How many calls are answered already."""
        return len(self._rows)

    def kept(self, call: str) -> Rows | None:
        """Return what was answered to `call`, if it was."""
        return self._rows.get(call)

    def keep(self, call: str, rows: Rows) -> None:
        """Keep what is answered to `call`."""
        line = json.dumps([call, rows]).encode() + b"\n"
        with self._lock:
            files.make_private_directory(os.path.dirname(self._path))
            descriptor = files.open_private(self._path, os.O_WRONLY | os.O_APPEND)
            with open(descriptor, "ab", buffering=0) as stream:
                stream.write(line)

    def finish(self) -> None:
        """Forget it: the reading has come to its end."""
        files.remove(self._path)

    def _read(self) -> None:
        try:
            found = os.lstat(self._path)
        except OSError:
            return
        self.age = max(0, clock.now() - int(found.st_mtime))
        if self.age > LIFETIME or not stat.S_ISREG(found.st_mode):
            files.remove(self._path)
            return
        content = files.read_bytes(self._path, limit=found.st_size) or b""
        self._rows = dict(filter(None, map(_parsed, content.splitlines())))


def _parsed(line: bytes) -> tuple[str, Rows] | None:
    """Return a call and its rows; None for what is none, such as the last of a killed process."""
    try:
        match json.loads(line):
            case [str(call), [*rows]] if all(map(_is_row, rows)):
                return call, [tuple(row) for row in rows]
    except (ValueError, RecursionError):
        pass
    return None


def _is_row(row: object) -> bool:
    return isinstance(row, list) and all(isinstance(text, str) for text in row)
