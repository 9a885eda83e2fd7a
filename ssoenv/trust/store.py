"""What is trusted and what was, as it is kept: one folder for each directory, by its path.

Contents that were trusted before are remembered by their hashes. They count again without a
question (another branch, a revert) until the trust is taken away.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import threading
from typing import TYPE_CHECKING

from ssoenv.base import files, paths
from ssoenv.base.errors import InvalidConfiguration, SsoenvError
from ssoenv.binding import file as binding_file
from ssoenv.shells import binding_rendering, rendering

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from ssoenv.base.models import Binding

LIMIT = 100
"""How many contents are remembered for a directory."""
_held = threading.local()


@contextlib.contextmanager
def changing(env: Mapping[str, str]) -> Iterator[None]:
    """Hold off every other process that changes what is trusted, or renders it.

    Whoever renders what another has just ceased to trust would trust it again: so what is decided
    and what is written are one step. Inside of itself it does nothing; and where there can be no
    lock, as on a disk that takes no file, the step is made without.
    """
    path = f"{paths.state(env)}/locks/trust"
    mine: set[str] = vars(_held).setdefault("paths", set())
    if path in mine:
        yield
        return
    lock = files.Lock(path)
    try:
        with contextlib.suppress(OSError):
            lock.acquire()
        mine.add(path)
        yield
    finally:
        mine.discard(path)
        lock.release()


def trusted(env: Mapping[str, str], directory: str) -> bytes | None:
    """Return the bytes trusted for `directory`; None where nothing is."""
    return files.read_bytes(paths.trust_folder(env, directory) + "/@toml")


def binding(env: Mapping[str, str], directory: str) -> Binding | None:
    """Return what the bytes trusted for `directory` say.

    None where nothing is trusted, or the copy of it is damaged: what is left of a file may be
    valid, and ask for less care. Then the project's own file counts, if it has the bytes that were
    trusted last.
    """
    content, hashes = trusted(env, directory), _load(env, directory)
    if content is None:
        return None
    if _hash(content) not in hashes:
        content = _own(directory)
        if content is None or _hash(content) not in hashes[-1:]:
            return None
    return _parse(content, directory)


def remembered(env: Mapping[str, str], directory: str, content: bytes) -> bool:
    """Whether `content` is trusted for `directory`, or was before and may count again."""
    return trusted(env, directory) == content or _hash(content) in _load(env, directory)


def remember(env: Mapping[str, str], directory: str, contents: Iterable[bytes]) -> None:
    """Remember `contents` as trusted for `directory`, the last one as the latest. OSError."""
    before = _load(env, directory)
    new = [_hash(content) for content in contents]
    hashes = [*(one for one in before if one not in new), *dict.fromkeys(new)][-LIMIT:]
    if hashes != before:
        path = _file(env, directory)
        files.write_private(path, "".join(f"{one}\n" for one in hashes).encode())
        files.settle(os.path.dirname(path))


def forget(env: Mapping[str, str], directory: str) -> bool:
    """Forget what was trusted for `directory`; False where nothing was. Raises OSError."""
    return files.remove(_file(env, directory))


def directories(env: Mapping[str, str]) -> tuple[str, ...]:
    """Return every directory that something is trusted for, or was."""
    top = f"{paths.state(env)}/trust"
    return tuple(
        paths.trusted_directory(env, folder)
        for folder, _, names in os.walk(top)
        if "@toml" in names or "@history" in names
    )


def bindings(env: Mapping[str, str]) -> Iterator[tuple[str, Binding | None]]:
    """Yield every directory that something is trusted for, with what; None as `binding` has it."""
    for directory in directories(env):
        if trusted(env, directory) is not None:
            yield directory, binding(env, directory)


def tenant(env: Mapping[str, str], session: str) -> str:
    """Return the tenant that a trusted file names for `session`; empty where none does."""
    named = (one for _, one in bindings(env) if one and one.session == session and one.sso)
    return next((one.sso.tenant for one in named if one.sso and one.sso.tenant), "")


def _own(directory: str) -> bytes | None:
    """Return the bytes of the file in `directory` itself; None where it may not count."""
    with contextlib.suppress(SsoenvError, OSError):
        return binding_file.read(f"{directory.rstrip('/')}/{paths.BINDING_FILE}")
    return None


def _parse(content: bytes, directory: str) -> Binding | None:
    """Return what the trusted `content` says for `directory`; None where it is not valid."""
    with contextlib.suppress(InvalidConfiguration):
        return binding_file.parse(content, f"{directory.rstrip('/')}/{paths.BINDING_FILE}")
    return None


@contextlib.contextmanager
def restored_on_failure(env: Mapping[str, str], directory: str) -> Iterator[None]:
    """Give `directory` back what was trusted for it, if what is done in between fails.

    The old bytes are trusted again, and rendered at the next look at the directory. What is as it
    was is not written again: a disk that is full has room for nothing. What cannot be given back is
    not there any more, and without the old bytes nothing is trusted.
    """
    folder = paths.trust_folder(env, directory)
    names = ("@toml", "@history", "@choice", "@taken")
    before = {name: files.read_bytes(f"{folder}/{name}") for name in names}
    try:
        yield
    except BaseException:
        with contextlib.suppress(OSError):
            rendering.remove_stamps(folder)
        whole = {name: _restored(f"{folder}/{name}", content) for name, content in before.items()}
        if before["@toml"] is None or not whole["@toml"]:
            for take_back in (binding_rendering.retract, forget):
                with contextlib.suppress(OSError):
                    take_back(env, directory)
        raise


def _restored(path: str, content: bytes | None) -> bool:
    """Have the file at `path` hold `content` again, or be gone; whether it does."""
    try:
        if content is not None and files.read_bytes(path) != content:
            files.write_private(path, content)
    except OSError:
        content = None
    if content is None:
        with contextlib.suppress(OSError):
            files.remove(path)
    return content is not None


@contextlib.contextmanager
def config_restored_on_failure(env: Mapping[str, str]) -> Iterator[Callable[[], None]]:
    """Give the AWS config its old bytes back, if what is done in between fails.

    Yields what is to be called once it is written: what somebody else writes there after that is
    not taken back. A script that it runs goes, if it was not there.
    """
    script = paths.source_file(env)
    had_script = os.path.lexists(script)
    path = os.path.realpath(paths.aws_config_file(env))
    lock = files.Lock(f"{paths.state(env)}/locks/aws-config")
    before = files.read_required(path, limit=64 << 20)
    mode = os.stat(path).st_mode & 0o777 if before is not None else 0o600
    written: list[bytes | None] = []

    def note() -> None:
        written.append(files.read_bytes(path, limit=64 << 20))

    try:
        yield note
    except BaseException:
        with contextlib.suppress(OSError):
            if not had_script:
                files.remove(script)
        with contextlib.suppress(OSError), lock:
            now = files.read_bytes(path, limit=64 << 20)
            if written and now != written[-1]:
                pass
            elif before is None:
                files.remove(path)
            elif before != now:
                files.write_private(path, before, mode=mode)
        raise


def _load(env: Mapping[str, str], directory: str) -> list[str]:
    content = files.read_bytes(_file(env, directory)) or b""
    return content.decode("ascii", "replace").split()


def _file(env: Mapping[str, str], directory: str) -> str:
    return paths.trust_folder(env, directory) + "/@history"


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
