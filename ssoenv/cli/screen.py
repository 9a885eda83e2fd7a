"""What people read: plain lines on stderr, coloured only where colour is wanted and works."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING, TextIO

from ssoenv.base.dialects import printable
from ssoenv.base.errors import Cancelled, UsageError
from ssoenv.cli import layout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import ModuleType

_chosen: dict[str, bool] = {}
"""What the options of this very process say."""
_drawn: list[str] = []
"""What stands on the line that moves."""
_STYLES = {"error": "31", "good": "32", "warning": "33", "faint": "2", "strong": "1"}


def choose_plain() -> None:
    """From now on no colours, nothing that moves: ``--plain`` was given."""
    _chosen["plain"] = True


def plain() -> bool:
    """Whether to write line by line only: asked for, or a terminal that can do no more."""
    asked = _chosen.get("plain") or os.environ.get("SSOENV_PLAIN", "") not in ("", "0")
    return bool(asked) or os.environ.get("TERM", "dumb") == "dumb"


def say(message: str, *, style: str = "") -> None:
    """One line on stderr, under our name."""
    tell(message, style, sys.stderr)


def note(message: str, *, style: str = "") -> None:
    """One indented line on stderr that belongs to the line before."""
    line = _joined(("  ", paint(message, style, sys.stderr)))
    write(sys.stderr, wrapped(line, sys.stderr, hang=4))


def hint(message: str) -> None:
    """One indented line on stderr with a command in it, which can be copied from the terminal."""
    write(sys.stderr, wrapped(f"  {message}", sys.stderr, hang=4, command=True))


def out(*parts: str, hang: int = 2) -> None:
    """One line on stdout, for people; where it is too long, the rest begins `hang` columns in."""
    write(sys.stdout, wrapped(_joined(parts), sys.stdout, hang=hang))


def tell(message: str, style: str, stream: TextIO) -> None:
    """One line on `stream`, under our name in `style`."""
    write(stream, wrapped(_joined((paint("ssoenv:", style, stream), f" {message}")), stream))


class Painted(str):
    """Text that is printable, but for the colours and the line breaks that we gave it."""

    __slots__ = ()


def write(stream: TextIO, *parts: str) -> None:
    """One line on `stream`: the only way there, so that a terminal obeys nothing but ourselves."""
    settle()
    stream.write(_joined(parts) + "\n")
    stream.flush()


def _joined(parts: Sequence[str]) -> Painted:
    return Painted("".join(one if isinstance(one, Painted) else printable(one) for one in parts))


def columns(stream: TextIO | None = None) -> int:
    """Return how wide the terminal at `stream`, or at stdout, is; 80 where there is none."""
    with contextlib.suppress(OSError, ValueError):
        return os.get_terminal_size((stream or sys.stdout).fileno()).columns or 80
    return 80


def wrapped(text: str, stream: TextIO, *, hang: int = 2, command: bool = False) -> Painted:
    """`text`, made printable: broken between words where `stream` is a narrow terminal.

    One that holds a `command` is broken so that a copy of it still runs.
    """
    text = text if isinstance(text, Painted) else printable(text)
    if not stream.isatty():
        return Painted(text)
    fill = layout.fill_command if command else layout.fill
    return Painted(fill(text, columns(stream) - 1, hang=hang))


def paint(text: str, style: str, stream: TextIO) -> Painted:
    """`text` in `style` if `stream` is a terminal that shows colours and nobody said not to."""
    text = Painted(printable(text))
    if not style or os.environ.get("NO_COLOR") or plain() or not stream.isatty():
        return text
    return Painted(f"\033[{_STYLES[style]}m{text}\033[0m")


def moving(text: str) -> None:
    """Draw `text` over what was drawn last, on a terminal that can; wipe it where that is empty."""
    if plain() or not sys.stderr.isatty():
        return
    shown = printable(text)[: max(0, columns(sys.stderr) - 1)]
    _drawn[:] = [shown] if shown else []
    sys.stderr.write(f"\r\033[K{shown}")
    sys.stderr.flush()


def settle() -> None:
    """Wipe the line that moves, if one is there, before anything else is written."""
    if _drawn:
        moving("")


class LeftAQuestion(KeyboardInterrupt):
    """Ctrl-C at a question, whose line has been ended for it."""


def leave_line(left: BaseException | None) -> None:
    """Begin a line behind the ^C that a terminal has shown, if it was that which `left` us."""
    unended = isinstance(left, KeyboardInterrupt) and not isinstance(left, LeftAQuestion)
    if unended and not _drawn and sys.stderr.isatty():
        sys.stderr.write("\n")


def interactive() -> bool:
    """Whether there is a person to ask: stdin and stderr are terminals."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def ask(question: str, check: Callable[[str], str] = str, default: str = "") -> str:
    """Ask for one line until `check` takes it; Enter takes `default`.

    `check` returns the answer as it is meant, or raises UsageError that says what is wrong with it.
    Only for where `interactive` says that somebody is there.
    """
    shown = f"{question} [{default}]: " if default else f"{question}: "
    while True:
        try:
            return check(_read_edited(shown) or default)
        except UsageError as wrong:
            say(wrong.message, style="error")
            for more in filter(None, (wrong.advice, wrong.fix)):
                note(more)


def confirm(question: str, *, left: str = "") -> bool:
    """Ask a yes-or-no `question` on stderr until it is answered; Enter means no.

    `left` is what is said of Ctrl-C, as Cancelled; else that is raised as it is.
    """
    while True:
        try:
            answer = read_answer(f"{question} [y/N] ", sys.stdin, sys.stderr).lower()
        except LeftAQuestion:
            if left:
                raise Cancelled(left) from None
            raise
        if answer in ("y", "yes"):
            return True
        if answer in ("", "n", "no"):
            return False
        note("y or n?")


def forget_typed() -> None:
    """Throw away what was typed before there was anything to see: it was not meant for that."""
    import termios

    with contextlib.suppress(OSError, ValueError, termios.error):
        termios.tcflush(sys.stdin.fileno(), termios.TCIFLUSH)


@contextlib.contextmanager
def beginning_here() -> Iterator[None]:
    """Have what is drawn begin an empty line, and show no key but those that it shows itself.

    What was typed before is wiped and thrown away; what is typed from now on, before it is drawn,
    counts for it.
    """
    with _without_echo(sys.stdin.fileno()):
        forget_typed()
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()
        yield


@contextlib.contextmanager
def _without_echo(terminal: int) -> Iterator[None]:
    """Have a terminal hand on each key at once, and show none."""
    import termios

    before = termios.tcgetattr(terminal)
    quiet = [*before]
    quiet[3] &= ~(termios.ECHO | termios.ICANON)
    termios.tcsetattr(terminal, termios.TCSANOW, quiet)
    try:
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def read_answer(question: str, source: TextIO, target: TextIO) -> str:
    """Write `question` to `target` and return the line that `source` answers.

    Raises LeftAQuestion for Ctrl-C and Cancelled for the end of input (Ctrl-D).
    """
    settle()
    target.write(wrapped(question.rstrip(), target) + " ")
    target.flush()
    with _line_ended(target):
        line = source.readline()
        if not line:
            raise EOFError
    return line.strip()


def _read_edited(question: str) -> str:
    """Return the line that is typed behind `question`, with the keys that edit one in a shell.

    Those are of GNU readline, which writes to stdout: here that is where stderr is. A terminal
    that cannot move its cursor, and a Python without readline, have the keys of the terminal.
    """
    readline = None if plain() else _readline()
    if readline is None:
        return read_answer(question, sys.stdin, sys.stderr)
    readline.set_auto_history(False)
    *before, last = wrapped(question.rstrip(), sys.stderr).split("\n")
    sys.stderr.write("".join(f"{line}\n" for line in before))
    with _line_ended(sys.stderr), _stdout_at_stderr():
        return input(f"{last} ").strip()


def _readline() -> ModuleType | None:
    try:
        import readline
    except ImportError:
        return None
    return readline


@contextlib.contextmanager
def _stdout_at_stderr() -> Iterator[None]:
    sys.stdout.flush()
    sys.stderr.flush()
    kept = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    try:
        yield
    finally:
        os.dup2(kept, sys.stdout.fileno())
        os.close(kept)


@contextlib.contextmanager
def _line_ended(stream: TextIO) -> Iterator[None]:
    """End the line of a question on `stream` that is left by Ctrl-C or Ctrl-D, not by Enter."""
    try:
        yield
    except (KeyboardInterrupt, EOFError) as left:
        stream.write("\n")
        stream.flush()
        if isinstance(left, EOFError):
            raise Cancelled("nothing was answered") from None
        raise LeftAQuestion from None
