"""Everything that can go wrong, as one tree; raised low, rendered once in ``__main__``.

SsoenvError                     1    an expected failure
├── UsageError                  2    the command line cannot be understood
├── SignInRequired              3    somebody has to sign in
│   ├── SignInDenied            3    the person, or the service, said no
│   └── SignInTimedOut          3    nobody answered the page in time
├── NotTrusted                  4    the binding file here is not trusted
├── InvalidConfiguration        5    a file says something that cannot be
├── AccessDenied                6    no such assignment, or not allowed
├── ServiceUnavailable          7    the network or the service failed
└── Cancelled                 130    the person pressed Ctrl-C
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self


class SsoenvError(Exception):
    """An expected failure: what happened (`message`) and what mends it.

    `fix` is a command that can be run as it stands, but for words in capitals, and is shown after
    "try:"; `advice` is what no command does, in words. `code` is a stable word for scripts,
    `exit_code` the status of the process. Where nobody renders it, as in a script that uses the
    library, a traceback shows the same as notes (PEP 678).
    """

    code = "failure"
    exit_code = 1
    meant: tuple[str, str] | None = None
    """A word that is wrong, and what was likely meant by it. Where a person has typed it, not
    `fix` is tried but their line with the other one in its place (``cli.mending``)."""

    too_much: tuple[str, ...] = ()
    """Options, or arguments by their names, that do not go with the others: their line without them
    is tried, and not `fix`."""

    def __init__(self, message: str, *, fix: str | None = None, advice: str | None = None) -> None:
        """Keep `message`, `fix` and `advice` (one line each) for the renderer."""
        super().__init__(message)
        self.message = message
        self.fix = fix
        self.advice = advice
        self._note(*self.mends)

    def about(self, word: str, known: Iterable[str]) -> Self:
        """Return this error, which is about `word`, with the likely one of those `known`."""
        from ssoenv.base import likely

        close = likely.closest(word, known)
        self.meant = (word, close) if close else None
        return self

    def without(self, *options: str) -> Self:
        """Return this error, which the same line does not have without these `options`."""
        self.too_much = options
        return self

    @property
    def mends(self) -> tuple[str, ...]:
        """What mends it, as it is shown: the advice, and behind "try:" the command."""
        return tuple(filter(None, (self.advice, f"try: {self.fix}" if self.fix else "")))

    def __str__(self) -> str:
        """Return the message for a traceback, which quotes nothing: no terminal obeys it."""
        from ssoenv.base.dialects import printable

        return printable(self.message)

    def _note(self, *texts: str) -> None:
        from ssoenv.base.dialects import printable

        for text in texts:
            self.add_note(printable(text))


class UsageError(SsoenvError):
    """The command line cannot be understood."""

    code = "usage"
    exit_code = 2


class SignInRequired(SsoenvError):
    """There is no usable token, and nobody may be asked for one from here."""

    code = "sign-in-required"
    exit_code = 3


class SignInDenied(SignInRequired):
    """The person, or the service on their behalf, declined the sign-in."""

    code = "sign-in-denied"


class SignInTimedOut(SignInRequired):
    """Nobody answered the sign-in page in time."""

    code = "sign-in-timed-out"


class NotTrusted(SsoenvError):
    """The binding file that applies here is not trusted, or was changed since."""

    code = "not-trusted"
    exit_code = 4


class InvalidConfiguration(SsoenvError):
    """A file says something that cannot be; `problems` lists every fault, one line each."""

    code = "invalid-configuration"
    exit_code = 5

    def __init__(
        self,
        message: str,
        *,
        problems: tuple[str, ...] = (),
        file: str = "",
        fix: str | None = None,
        advice: str | None = None,
    ) -> None:
        """Keep `message`, the `problems` (each ``file:line: what``) and what mends them.

        `file` is the one that all of them are in, and that `message` names.
        """
        super().__init__(message)
        self.fix, self.advice = fix, advice
        self._note(*problems, *self.mends)
        self.problems = problems
        self.file = file

    @property
    def lines(self) -> tuple[str, ...]:
        """What a person is told, with the file named once; a single problem says all by itself."""
        if not self.file:
            return (self.message, *self.problems)
        if len(self.problems) == 1:
            return self.problems
        told = (problem.removeprefix(f"{self.file}:") for problem in self.problems)
        return (self.message, *(f"line {problem}" for problem in told))


class AccessDenied(SsoenvError):
    """The service knows the person but not this assignment."""

    code = "access-denied"
    exit_code = 6


class ServiceUnavailable(SsoenvError):
    """The network or the service failed."""

    code = "service-unavailable"
    exit_code = 7


class Cancelled(SsoenvError):
    """The person pressed Ctrl-C, here or in the process that signed in for us."""

    code = "cancelled"
    exit_code = 130


NOT_FOUND, NOT_EXECUTABLE = 127, 126  # what every shell answers


class CommandFailed(SsoenvError):
    """A command could not be started; its exit code is what a shell would give."""

    code = "command-failed"

    def __init__(self, message: str, exit_code: int) -> None:
        """Keep `message` and `exit_code`."""
        super().__init__(message)
        self.exit_code = exit_code
