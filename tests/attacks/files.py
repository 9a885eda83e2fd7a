"""Repositories whose file is another than it seems, or becomes another once it is trusted."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING

from tests.attacks.model import DEV, FOREIGN, TRUSTED, Attack, binding, file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Change = Callable[[Path], None]
    """What is done to a directory with a file."""

NAME = ".ssoenv.toml"
NOBODY = 65534
PLAIN = binding()
OTHER = binding(of="333333333333", role="Administrator")
NEVER = (1, 2, 4, 5)
"""How ``trust`` ends where there is nothing to trust."""


def in_place_of(put: Change) -> Callable[[Path], Path]:
    """Make a folder in which there is what `put` puts there, and no more."""

    def make(folder: Path) -> Path:
        put(folder)
        return folder

    return make


def link_to(target: str) -> Change:
    """Put a link to `target` in place of the file."""
    return lambda folder: (folder / NAME).symlink_to(target)


def _socket(folder: Path) -> None:
    here = os.getcwd()
    os.chdir(folder)  # the address of a socket has room for 107 bytes
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(NAME)
    os.chdir(here)


def _sparse(folder: Path) -> None:
    (folder / NAME).write_text(PLAIN)
    os.truncate(folder / NAME, 1 << 40)


def _to_trusted(folder: Path) -> None:
    (folder / NAME).symlink_to(folder.parent.parent / "web" / NAME)


def _hard_link(folder: Path) -> None:
    os.link(folder.parent.parent / "web" / NAME, folder / NAME)


def _same_bytes(folder: Path) -> None:
    (folder / NAME).write_bytes((folder.parent.parent / "web" / NAME).read_bytes())


def _foreign(folder: Path) -> None:
    (folder / NAME).write_text(PLAIN)
    give_away(folder / NAME)


def _link_to_foreign(folder: Path) -> None:
    (folder / "theirs").write_text(PLAIN)
    give_away(folder / "theirs")
    (folder / NAME).symlink_to("theirs")


def give_away(path: Path) -> None:
    """Give a file to somebody else; who is not root puts a link to one of root's there."""
    if os.geteuid() == 0:
        os.chown(path, NOBODY, NOBODY)
    elif path.is_file():
        path.unlink()
        path.symlink_to("/etc/passwd")


def files() -> Iterator[Attack]:
    """Yield what stands in place of a file."""
    for what, target in {
        "a link to zeros": "/dev/zero",
        "a link to nothing": "/dev/null",
        "a link to a terminal": "/dev/tty",
        "a link to the log of the kernel": "/proc/kmsg",
        "a link to the environment": "/proc/self/environ",
        "a link to the memory": "/proc/self/mem",
        "a link to a pipe of the kernel's": "/sys/kernel/debug/tracing/trace_pipe",
        "a link to standard input": "/dev/stdin",
        "a link to passwords": "/etc/passwd",
        "a link to itself": NAME,
        "a link to what is not there": "gone",
        "a link to a directory": "..",
        "a link to the AWS config": "../../.aws/config",
    }.items():
        yield Attack("file", what, in_place_of(link_to(target)), NEVER)
    for what, put in {
        "a pipe": lambda folder: os.mkfifo(folder / NAME),
        "a socket": _socket,
        "a directory": lambda folder: (folder / NAME).mkdir(),
        "a directory with a file in it": lambda folder: (folder / NAME / NAME).mkdir(parents=True),
        "a terabyte of nothing": _sparse,
    }.items():
        yield Attack("file", what, in_place_of(put), NEVER)
    huge = PLAIN + "#" * 65_536
    yield Attack("file", "more than 64 KiB", file(huge))
    whole = PLAIN + "#" * (65_536 - len(PLAIN))
    yield Attack("file", "64 KiB", file(whole), TRUSTED, DEV)
    # Trusted by its own path, and only there.
    yield Attack("file", "a link to a trusted one", in_place_of(_to_trusted), TRUSTED, DEV)
    yield Attack("file", "a second name of a trusted one", in_place_of(_hard_link), TRUSTED, DEV)
    yield Attack("file", "the bytes of a trusted one", in_place_of(_same_bytes), TRUSTED, DEV)
    yield Attack("file", "one of somebody else", in_place_of(_foreign), FOREIGN)
    yield Attack("file", "a link to one of somebody else", in_place_of(_link_to_foreign), FOREIGN)


def _rename_over(content: str) -> Change:
    def swap(folder: Path) -> None:
        (folder / "new").write_text(content)
        (folder / "new").rename(folder / NAME)

    return swap


def _write(content: str) -> Change:
    def swap(folder: Path) -> None:
        (folder / NAME).write_text(content)

    return swap


def _replaced(put: Change) -> Change:
    def swap(folder: Path) -> None:
        (folder / NAME).unlink()
        put(folder)

    return swap


def _of_the_same_time(folder: Path) -> None:
    """Swap one for another of the same length and time."""
    before = (folder / NAME).stat()
    (folder / NAME).write_text(PLAIN.replace("Developer", "ReadOnlyx"))
    os.utime(folder / NAME, ns=(before.st_atime_ns, before.st_mtime_ns))


def _world_writable(folder: Path) -> None:
    """Swap as somebody else may, in a folder in which everybody may write: with the very bytes."""
    folder.chmod(0o777)
    (folder / "theirs").write_text(PLAIN)
    give_away(folder / "theirs")
    (folder / "theirs").rename(folder / NAME)


def _directory(content: str) -> Change:
    """Swap the directory itself for another one."""

    def swap(folder: Path) -> None:
        folder.rename(folder.with_name("moved"))
        folder.mkdir()
        (folder / NAME).write_text(content)

    return swap


def _directory_of_somebody(folder: Path) -> None:
    _directory(PLAIN)(folder)
    give_away(folder / NAME)
    give_away(folder)


def _by_a_link(folder: Path) -> None:
    """Swap the directory for a link to one with another file."""
    folder.rename(folder.with_name("moved"))
    folder.with_name("evil").mkdir()
    (folder.with_name("evil") / NAME).write_text(OTHER)
    folder.symlink_to("evil")


def _nearer(folder: Path) -> None:
    """Have the directory that is entered be in another project by now."""
    (folder / NAME).unlink()
    (folder.parent / NAME).write_text(OTHER)


SWAPS: dict[str, Change] = {
    "another one is written": _write(OTHER),
    "another one is renamed over it": _rename_over(OTHER),
    "another one of the same length and time": _of_the_same_time,
    "a comment is added": _write(PLAIN + "# x\n"),
    "a blank line is added": _write(PLAIN + "\n"),
    "its last byte is gone": _write(PLAIN[:-1]),
    # A NUL alone at the end is what fish does not see: docs/shells.md.
    "a NUL and a table are added": _write(PLAIN + "\0\n[profiles.x]\n"),
    "a tail of a megabyte is added": _write(PLAIN + "#" * (1 << 20)),
    "returns are added": _write(PLAIN.replace("\n", "\r\n")),
    "it is emptied": _write(""),
    "it is no longer valid": _write("x = "),
    "it is gone": lambda folder: (folder / NAME).unlink(),
    "it is of somebody else": lambda folder: give_away(folder / NAME),
    "somebody else swaps it for the same": _world_writable,
    "a link to another one": _replaced(link_to("../../ops/" + NAME)),
    "a link to what is not there": _replaced(link_to("gone")),
    "a link to zeros": _replaced(link_to("/dev/zero")),
    "a pipe": _replaced(lambda folder: os.mkfifo(folder / NAME)),
    "a directory": _replaced(lambda folder: (folder / NAME).mkdir()),
    "a directory with another one": _directory(OTHER),
    "a directory of somebody else with the same": _directory_of_somebody,
    "a link to a directory with another one": _by_a_link,
    "one above in its place": _nearer,
}
"""What becomes of the file of a directory."""


def swaps() -> Iterator[Attack]:
    """Yield files that become another once they are trusted."""
    for what, change in SWAPS.items():
        yield Attack("swap", what, _project, TRUSTED, DEV, after=change)


def _project(folder: Path) -> Path:
    """Make a project one step further down, so that all of it can be swapped."""
    (folder / "project").mkdir()
    return file(PLAIN)(folder / "project")


def names() -> Iterator[Attack]:
    """Yield directories that are called like files of ours, or stand where ours do."""
    for name in (
        "@toml",
        "@sh",
        "@fish",
        "@choice",
        "@history",
        "@taken",
        "@",
        "@@",
        "@role",
        "@g1",
    ):
        yield Attack("name", f"a directory {name}", _trusted_above(name), TRUSTED, DEV)
    for name in (".aws", ".config/ssoenv", ".local/state/ssoenv/trust", "web", ".ssh", "bin"):
        yield Attack("name", f"its own {name}", _below(name), TRUSTED, DEV)
    for name in ("aws", "ssoenv", "terraform", "sh", "test", "env"):
        yield Attack("name", f"its own program {name}", _with_program(name), TRUSTED, DEV)
    for name in (".ssoenv.toml.bak", ".SSOENV.TOML", "ssoenv.toml", ".ssoenv.toml ", ".ssoenv.tom"):
        make = in_place_of(lambda folder, name=name: (folder / name).write_text(PLAIN))  # type: ignore[misc]
        yield Attack("name", f"a file {name!r}", make, NEVER)
    for what, called in {
        "of 255 bytes": "d" * 255,
        "of 255 bytes of two": "\u00e9" * 127,
        "that is no UTF-8": b"d\xff\xfe",
        "that ends in a new line": "d\n",
        "that is a new line": "\n",
        "that is a blank": " ",
        "that ends in a blank": "d ",
        "that is an option": "-rf",
        "that is a dash": "-",
        "that is a plus": "+1",
        "that is a tilde": "~",
        "that is a glob": "[a-z]*?",
        "that is a brace": "{a,b}",
        "that is a quote": "'",
        "that is a backslash": "\\",
        "that ends in a backslash": "d\\",
        "that is a number sign": "#",
        "that is a percent sign": "%~",
        "that is an equals sign": "=ls",
        "that is a colon": ":",
        "that is a URL": "https:",
    }.items():
        raw = called if isinstance(called, bytes) else str(called).encode()
        yield Attack("name", f"a directory {what}", _called(raw), TRUSTED, DEV)
    yield Attack("name", "a hundred directories below", _called(b"/".join([b"d"] * 100)), TRUSTED, DEV)  # fmt: skip
    long = b"/".join([b"d" * 100] * 36)
    yield Attack("name", "a path of 3,700 bytes", _called(long), (0, 1, 5), DEV)


def _called(raw: bytes) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        directory = Path(os.fsdecode(os.fsencode(folder) + b"/" + raw))
        directory.mkdir(parents=True)
        return file(PLAIN)(directory)

    return make


def _trusted_above(name: str) -> Callable[[Path], Path]:
    """Make a project in a directory called `name`; in one above there is another."""

    def make(folder: Path) -> Path:
        (folder / NAME).write_text(OTHER)
        (folder / name).mkdir()
        return file(PLAIN)(folder / name)

    return make


def _below(name: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        for one in ("config", "config.toml", "@toml", "@sh", "@fish", "id_rsa"):
            (folder / name).mkdir(parents=True, exist_ok=True)
            (folder / name / one).write_text("touch CANARY\n")
        return file(PLAIN)(folder)

    return make


def _with_program(name: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        (folder / name).write_text("#!/bin/sh\ntouch CANARY\n")
        (folder / name).chmod(0o755)
        return file(PLAIN)(folder)

    return make
