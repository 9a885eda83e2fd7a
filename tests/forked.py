"""Run the program many times for the price of one start: a process that forks for each run.

Each run is a process of its own, in a session of its own, with its environment, directory, streams
and exit code; only the imports are shared. The server listens on a Unix socket: a request is one
line of JSON, with the three streams beside it; the answers are the process id, then the exit code.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import functools
import gc
import importlib
import json
import os
import pkgutil
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer.main

import ssoenv
from ssoenv import __main__
from tests import traced

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Never

ROOT = Path(__file__).parent.parent
PATIENCE = 60
"""Seconds that one run may take."""
MEASURED = os.environ.get("COVERAGE_FILE", "")
"""Where coverage.py keeps what it sees of the tests, and so of each run; empty: not measured."""
MEASURING = {name: os.environ[name] for name in os.environ if name.startswith("COVERAGE_")}
"""What has coverage.py measure a program that is started with it in its environment."""
SERVER_ENV = {"LANG": "C.UTF-8", "TERM": "xterm-256color", "PATH": os.environ["PATH"]}
KILLED_AT = "TESTS_KILLED_AT"
"""In the environment of a run: before which of its changes to files it is killed, counted from 0."""
FULL_AT = "TESTS_FULL_AT"
"""In the environment of a run: from which of its changes to files on the disk is full."""
TRACED = "TESTS_TRACED"
"""In the environment of a run: the file that takes down its changes to files, and what it syncs."""
PLAIN = "TESTS_PLAIN"
"""In the environment of a run: it is nobody special, whoever runs the tests; modes count for it."""
OPENED = "TESTS_OPENED"
"""In the environment of a run: the file to which it adds the path of each file that it opens."""
UMASK = "TESTS_UMASK"
"""In the environment of a run: its umask, in octal."""
STARTED = "TESTS_STARTED"
"""In the environment of a run: the file to which each program that it starts is added, as a line of
JSON: the words, and the environment."""
_CHANGES = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.chmod", "os.utime", "os.truncate", "fcntl.flock")  # fmt: skip
"""The audit events (PEP 578) of what changes files, and of locks; and ``open``, to write."""
_AT_START = ("PYTHON", "LC_", "LANG")
"""Beginnings of the names that Python reads when it starts, and not again."""


def starts_alike(env: Mapping[str, str]) -> bool:
    """Whether a run with `env` would come out of Python's start as the server did."""
    return {name: env[name] for name in env if name.startswith(_AT_START)} == {"LANG": "C.UTF-8"}


def run(
    command: tuple[str, ...], words: tuple[str, ...], env: Mapping[str, str], cwd: Path
) -> subprocess.CompletedProcess[str]:
    """Run the program with `words`; `command` is what starts it where nothing forks."""
    (ours_out, out), (ours_err, err) = os.pipe(), os.pipe()
    job = {"argv": [command[-1], *words], "env": dict(env), "cwd": str(cwd)}
    with (
        open(ours_out, encoding="utf-8") as told,
        open(ours_err, encoding="utf-8") as complained,
        socket.socket(socket.AF_UNIX) as connection,
    ):
        connection.settimeout(PATIENCE)
        connection.connect(_server())
        with open(os.devnull) as nothing:
            streams = [nothing.fileno(), out, err]
            socket.send_fds(connection, [json.dumps(job).encode() + b"\n"], streams)
        os.close(out)
        os.close(err)
        read = [_Reader(told), _Reader(complained)]
        code = _exit_code(connection, (*command, *words))
        return subprocess.CompletedProcess([*command, *words], code, *(one.text() for one in read))


def _exit_code(connection: socket.socket, command: tuple[str, ...]) -> int:
    with connection.makefile() as answers:
        process = int(answers.readline())
        try:
            return int(answers.readline())
        except TimeoutError:
            os.killpg(process, signal.SIGKILL)
            raise subprocess.TimeoutExpired(command, PATIENCE) from None


class _Reader(threading.Thread):
    """Reads a stream to its end, while the other is read too."""

    def __init__(self, stream: Any) -> None:
        super().__init__(daemon=True)
        self._stream, self._text = stream, ""
        self.start()

    def run(self) -> None:
        self._text = self._stream.read()

    def text(self) -> str:
        self.join(PATIENCE)
        assert not self.is_alive(), "something that the program started keeps its output open"
        return self._text


@functools.cache
def _server() -> str:
    """Return the address of this process's own server; it ends when this process does."""
    folder = tempfile.mkdtemp(prefix="ssoenv-forks-")
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.forked", f"{folder}/socket", MEASURED],
        cwd=ROOT,
        env=SERVER_ENV,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert server.stdout
    assert server.stdout.readline() == "ready\n"
    _KEPT.append(server)
    return f"{folder}/socket"


_KEPT: list[subprocess.Popen[str]] = []


def stop() -> None:
    """End the server of this process, if it has one."""
    while _KEPT:
        with _KEPT.pop() as server:
            server.communicate()
    _server.cache_clear()


def _serve(address: str, measured: str) -> None:
    """Fork for each connection, until standard input ends: with whoever started this."""
    _load()
    if measured:
        importlib.import_module("coverage.sqldata")
    ended, wakes = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wakes)
    running: dict[int, socket.socket] = {}
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(address)
        listening.listen(128)
        print("ready", flush=True)  # noqa: T201 - this is the answer
        while True:
            ready = select.select([listening, sys.stdin, ended], [], [])[0]
            if ended in ready:
                os.read(ended, 4096)
                _tell_ended(running)
            if listening in ready:
                connection, _ = listening.accept()
                job, streams = _asked(connection)
                child = os.fork()
                if child == 0:
                    signal.set_wakeup_fd(-1)
                    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                    for one in (listening, connection, *running.values()):
                        one.close()
                    _become(job, streams, measured)
                for stream in streams:
                    os.close(stream)
                running[child] = connection
                connection.sendall(f"{child}\n".encode())
            if sys.stdin in ready:
                break
    shutil.rmtree(os.path.dirname(address))


def _asked(connection: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """Return what is to be run, and with which streams."""
    request, streams, _, _ = socket.recv_fds(connection, 1 << 16, 3)
    while not request.endswith(b"\n"):
        request += connection.recv(1 << 16)
    return json.loads(request), streams


def _tell_ended(running: dict[int, socket.socket]) -> None:
    """Answer for each of the processes that are `running` and have ended by now."""
    with contextlib.suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG)) != (0, 0):
            with running.pop(ended[0]) as connection, contextlib.suppress(OSError):
                connection.sendall(f"{os.waitstatus_to_exitcode(ended[1])}\n".encode())


def _load() -> None:
    """Load everything that a command may need, once; what is here now is no garbage."""
    for module in pkgutil.walk_packages(ssoenv.__path__, "ssoenv."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    from ssoenv.cli import app
    from ssoenv.identity_center import aws_clients, regions

    # What Typer reads off each function is the same in every run.
    read = functools.cache(typer.main.get_params_from_function)  # type: ignore[attr-defined]
    typer.main.get_params_from_function = read  # type: ignore[attr-defined]
    typer.main.get_command(app.build())
    _keep_what_botocore_reads()
    regions.known()
    for service in ("sso", "sso-oidc", "sts", "sso-admin", "identitystore", "organizations"):
        aws_clients.make(service, "us-east-1", {})
    gc.collect()
    gc.freeze()


def _keep_what_botocore_reads() -> None:
    """Have botocore read its own files and functions once: they are the same in every run."""
    from botocore import hooks, loaders

    readers: Any = loaders.JSONFileLoader
    aliaser: Any = hooks.EventAliaser
    functions: Any = hooks
    read, rename = readers.load_file, aliaser._alias_event_name  # noqa: SLF001
    own = functools.cache(functools.partial(read, readers()))
    renamed = functools.cache(functools.partial(rename, aliaser(None)))
    takes_any = functools.cache(hooks.accepts_kwargs)

    def load_file(self: Any, path: str) -> Any:
        return own(path) if path.startswith(loaders.Loader.BUILTIN_DATA_PATH) else read(self, path)

    readers.load_file = load_file
    aliaser._alias_event_name = lambda _, name: renamed(name)  # noqa: SLF001
    functions.accepts_kwargs = lambda one: takes_any(getattr(one, "__func__", one))


def _become(job: dict[str, Any], streams: list[int], measured: str) -> Never:
    code, save = 99, _measure(measured)
    try:
        os.setsid()
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
            os.close(stream)
        os.chdir(job["cwd"])
        os.environ.clear()
        os.environ.update(job["env"])
        for name, make in _CONDITIONS.items():
            if said := os.environ.pop(name, ""):
                make(said)
        time.tzset()
        sys.argv = job["argv"]
        code = __main__.run(sys.argv[1:])
        for thread in threading.enumerate():
            if thread is not threading.current_thread() and not thread.daemon:
                thread.join()
        sys.stdout.flush()
        sys.stderr.flush()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        save()
        os._exit(code)


def _refuse_room(event: str, path: object) -> None:
    """Fail as where a disk is full, but for what takes no room."""
    if event in ("open", "os.mkdir", "os.link", "os.symlink"):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)


def _note_opened(noted: str) -> None:
    """Write to the file `noted` what this process opens, and what folders it lists."""
    stream = os.open(noted, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def look(event: str, arguments: tuple[Any, ...]) -> None:
        if event in ("open", "os.listdir", "os.scandir"):
            os.write(stream, f"{arguments[0]}\n".encode(errors="replace"))

    sys.addaudithook(look)


def be_plain() -> None:
    """Give up what root may do beyond others, here and in what is started (capabilities(7))."""
    if os.geteuid() != 0:
        return
    kernel = ctypes.CDLL(None, use_errno=True)
    for capability in range(64):
        kernel.prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP
    header, none = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    assert kernel.capset(header, none) == 0, os.strerror(ctypes.get_errno())


def _at_change(number: int, act: Callable[[str, object], None]) -> None:
    """Call `act` right before a change that this process makes to files, and before all after it."""
    left = number

    def look(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal left
        writes = event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        if writes and str(arguments[0]).startswith("/dev/"):
            return
        if writes or event in _CHANGES:
            left -= 1
            if left < 0:
                act(event, arguments[0] if arguments else "")

    sys.addaudithook(look)


def _note_started(log: int) -> None:
    """Write to the file `log` what this process starts or becomes, exactly."""

    def look(event: str, arguments: tuple[Any, ...]) -> None:
        if event not in ("subprocess.Popen", "os.exec", "os.posix_spawn"):
            return
        _, words, *_, env = arguments
        told = [[*map(os.fsdecode, words)], dict(os.environ if env is None else env)]
        os.write(log, json.dumps(told, default=os.fsdecode).encode() + b"\n")

    sys.addaudithook(look)


_CONDITIONS: dict[str, Callable[[str], object]] = {
    KILLED_AT: lambda at: _at_change(int(at), lambda *_: os.kill(os.getpid(), signal.SIGKILL)),
    FULL_AT: lambda at: _at_change(int(at), _refuse_room),
    TRACED: traced.begin,
    OPENED: _note_opened,
    PLAIN: lambda _: be_plain(),
    UMASK: lambda umask: os.umask(int(umask, 8)),
    STARTED: lambda log: _note_started(os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)),
}
"""Under what a run is, by the variables of its environment that ask for it."""


def _measure(measured: str) -> Callable[[], None]:
    """Have coverage.py measure this process, if it measures the tests; return what ends that."""
    if not measured:
        return lambda: None
    from coverage import Coverage

    coverage = Coverage(measured, data_suffix=True, source=["ssoenv"], config_file=False)
    coverage.start()

    def save() -> None:
        coverage.stop()
        coverage.save()

    return save


if __name__ == "__main__":
    _serve(sys.argv[1], sys.argv[2])
