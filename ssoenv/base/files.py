"""Private files: written whole or not at all, readable by their owner alone, and locks.

Refuses to follow a link at the temporary name, and never leaves a half-written file behind.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Self

_TYPE_BITS, _REGULAR, _FOLDER = 0o170000, 0o100000, 0o040000  # stat(2): S_IFMT, S_IFREG, S_IFDIR
_INVALID, _FILE_TOO_LARGE = 22, 27  # errno(3): EINVAL, EFBIG
ABANDONED = 60
"""Seconds after which a temporary file may be a leftover."""
_OPEN_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def make_private_directory(path: str) -> None:
    """Create `path` and its missing parents, each 0700. Raises OSError."""
    if os.path.isdir(path):
        return
    parent = os.path.dirname(path)
    if parent != path:
        make_private_directory(parent)
    try:
        os.mkdir(path, 0o700)
        os.chmod(path, 0o700)  # an umask may have taken the owner's own bits
    except FileExistsError:
        if not os.path.isdir(path):
            raise
    else:
        settle(parent)


def write_private(path: str, content: bytes, *, mode: int = 0o600, lasting: bool = True) -> None:
    """Replace `path` by `content` in one step: temporary file beside it, fsync, rename.

    What is not `lasting`, as it is thrown away with us, need not survive the machine: no fsync.
    Missing parents are created 0700. Raises OSError; whatever fails, `path` is as it was.
    """
    make_private_directory(os.path.dirname(path))
    temporary = _temporary(path)
    with _Naming(path):
        descriptor = os.open(temporary, _OPEN_NEW, mode)
        try:
            with open(descriptor, "wb") as stream:
                os.fchmod(descriptor, mode)
                stream.write(content)
                stream.flush()
                if lasting and content:
                    os.fsync(descriptor)
            os.replace(temporary, path)
        except BaseException:
            remove(temporary)
            raise
    _remove_leftovers(path)


def settle(*folders: str) -> None:
    """Have what was put into `folders`, and taken out of them, outlast a loss of power. OSError.

    fsync(2) of a file says nothing of its name: that is the folder's. So a folder is settled before
    something is written elsewhere that relies on it, and after what gave somebody a role was taken
    out. Of a folder that is gone, the nearest one that is there.
    """
    for folder in map(os.path.abspath, folders):
        while not os.path.isdir(folder):
            folder = os.path.dirname(folder)  # noqa: PLW2901 - it is gone
        try:
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except PermissionError:  # one that is written, and not read
            continue
        try:
            os.fsync(descriptor)
        except OSError as error:
            if error.errno != _INVALID:  # a file system that has no such thing
                raise
        finally:
            os.close(descriptor)


def open_private(path: str, flags: int) -> int:
    """Open a file of ours to write, by `flags`; where it is missing it is made, 0600. OSError.

    Its owner may read and write it whatever the umask says.
    """
    flags |= os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(path, flags, 0o600)
    if os.fstat(descriptor).st_mode & 0o600 != 0o600:
        os.fchmod(descriptor, 0o600)
    return descriptor


def _temporary(path: str) -> str:
    return f"{path}.{os.getpid():x}{os.urandom(4).hex()}.tmp"


def written_by(temporary: str) -> int:
    """Return the process that writes, or wrote, a file of such a name; 0 for any other name."""
    number = temporary.removesuffix(".tmp").rpartition(".")[2][:-8]
    if not temporary.endswith(".tmp") or not number or set(number) - set("0123456789abcdef"):
        return 0
    return int(number, 16)


def _remove_leftovers(path: str) -> None:
    """Remove what writers of `path` that were killed left beside it, of this very name alone."""
    folder, name = os.path.split(path)
    try:
        for other in os.listdir(folder):
            writer = written_by(other) if other.startswith(f"{name}.") else 0
            if writer and _is_abandoned(f"{folder}/{other}", writer):
                remove(f"{folder}/{other}")
    except OSError:
        return  # what was to be written is there


def _is_abandoned(temporary: str, writer: int) -> bool:
    """Whether it is a file of ours whose process is no more; one of another machine's may live."""
    import time

    from ssoenv.base import beside

    status = os.lstat(temporary)
    ours = status.st_mode & _TYPE_BITS == _REGULAR and status.st_uid == os.geteuid()
    return ours and time.time() - status.st_mtime > ABANDONED and not beside.is_there(writer)


def read_bytes(path: str, *, limit: int = 1 << 20) -> bytes | None:
    """At most `limit` bytes of the regular file at `path`; None where there is none to read.

    For files that may be made anew, or that say nothing where they cannot be read: a pipe, a
    device, a folder, a file that may not be opened and one that is not there are all the same.
    """
    try:
        return _read(path, limit)
    except OSError:
        return None


def read_required(path: str, *, limit: int = 1 << 20) -> bytes | None:
    """Return the bytes of the regular file at `path`; None only where nothing has that name.

    For files whose absence means something. Raises OSError, with the path, for whatever else
    stands there: a link to nothing, a pipe, a folder, a file too large or not ours to read.
    """
    try:
        content = _read(path, limit + 1)
    except FileNotFoundError:
        if os.path.lexists(path):
            raise
        return None
    if len(content) > limit:
        raise OSError(_FILE_TOO_LARGE, os.strerror(_FILE_TOO_LARGE), path)
    return content


def _read(path: str, limit: int) -> bytes:
    """At most `limit` bytes of a regular file, without ever waiting. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with _Naming(path), open(descriptor, "rb", buffering=0) as stream:
        _require_regular(descriptor)
        parts = []
        while limit > 0 and (part := stream.read(limit)) != b"":
            if part is None:  # a file of the kernel's that has nothing to say just now
                raise OSError(_INVALID, "not a regular file")
            parts.append(part)
            limit -= len(part)
        return b"".join(parts)


def _require_regular(descriptor: int) -> None:
    if os.fstat(descriptor).st_mode & _TYPE_BITS != _REGULAR:
        raise OSError(_INVALID, "not a regular file")


class _Naming:
    """Give an OSError that names no file the path that it is about: read(2) and write(2) do not."""

    __slots__ = ("_path",)

    def __init__(self, path: str) -> None:
        self._path = path

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: object, error: object, __: object) -> None:
        if isinstance(error, OSError):
            error.filename, error.filename2 = self._path, None


def remove(path: str) -> bool:
    """Remove the file at `path`; False where there was none. Raises OSError otherwise."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        return False
    return True


def remove_folder(path: str) -> None:
    """Remove the folder at `path` with all that is in it, or whatever else stands there.

    Raises OSError for the first of what stays; the rest is gone all the same. It is looked at
    first: what removes folders opens what it is given, and would wait for who writes to a pipe.
    """
    try:
        if os.lstat(path).st_mode & _TYPE_BITS != _FOLDER:
            os.unlink(path)
            return
    except FileNotFoundError:
        return
    import sys
    from shutil import rmtree

    stays: list[OSError] = []

    def note(name: str, failure: BaseException) -> None:
        if isinstance(failure, OSError) and os.path.lexists(name):
            failure.filename = name  # it is named from its folder
            stays.append(failure)

    if sys.version_info >= (3, 12):
        rmtree(path, onexc=lambda _, name, failure: note(name, failure))
    else:
        rmtree(path, onerror=lambda _, name, failed: note(name, failed[1]))
    if stays:
        raise stays[0]


def remove_folders(folders: Iterable[str]) -> None:
    """Remove all of `folders`, as `remove_folder` does each. Raises as `every`."""
    every((remove_folder, path) for path in folders)


def every(steps: Iterable[tuple[Callable[..., object], *tuple[object, ...]]]) -> None:
    """Take every one of `steps`, a function and its arguments each, whichever of them fail.

    Raises the first OSError of them behind the last.
    """
    first = None
    for step, *arguments in steps:
        try:
            step(*arguments)
        except OSError as failure:
            first = first or failure
    if first:
        raise first


class Lock:
    """An advisory lock on the file at `path`, held by one process at a time.

    The kernel drops it when its holder dies, so there is no such thing as a stale lock.
    The file itself stays: removing it would let two processes hold "the" lock.
    """

    __slots__ = ("_descriptor", "held", "path")

    def __init__(self, path: str) -> None:
        """Name the lock; nothing is opened yet."""
        self.path = path
        self.held = False
        self._descriptor = -1

    def acquire(self, *, blocking: bool = True) -> bool:
        """Take the lock; False if another process holds it and `blocking` is off. OSError."""
        import fcntl

        if self._descriptor < 0:
            make_private_directory(os.path.dirname(self.path))
            self._descriptor = open_private(self.path, os.O_RDWR)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | (0 if blocking else fcntl.LOCK_NB))
        except BlockingIOError:
            return False
        except BaseException:
            self.release()
            raise
        self.held = True
        return True

    def release(self) -> None:
        """Let the lock go; harmless when it is not held."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor, self.held = -1, False

    def __enter__(self) -> Self:
        """Take the lock, waiting as long as it needs."""
        self.acquire()
        return self

    def __exit__(self, *_: object) -> None:
        """Let the lock go."""
        self.release()


def names_in(folder: str) -> list[str]:
    """Return the names in `folder`; none where it is not there. Raises OSError."""
    try:
        return os.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return []


def walk_files(top: str, wanted: Callable[[str], bool]) -> Iterator[str]:
    """Every file under `top` whose name is `wanted`, without following links."""
    for folder, _, names in os.walk(top):
        for name in names:
            if wanted(name):
                yield os.path.join(folder, name)
