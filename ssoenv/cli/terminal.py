"""The sign-in as a person sees it: what asks, for what, and where to say yes."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING, TextIO

from ssoenv.base import clock
from ssoenv.cli import screen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssoenv.credentials.protection import Use
    from ssoenv.sign_in import SignInRequest


class Terminal:
    """Tells a person of a sign-in: on stderr, or on the terminal itself where stderr is not one."""

    def __init__(self, *, tells_end: bool = True, port: int = 0) -> None:
        """Find the stream at the first word only; `tells_end` off: the caller does.

        `port` is where a page comes back to, if a person has named one.
        """
        self._port = port
        self._stream: TextIO | None = None
        self._tells_end = tells_end

    def announce(self, request: SignInRequest) -> None:
        """Say who wants a sign-in, for what and where, before anything opens."""
        asked = f"{request.command} needs a sign-in" if request.command else "signing in"
        self._say(f"{asked} to {request.session}", "strong")
        role = f"{request.role} in account {request.account}" if request.role else ""
        askers = _askers(request.file, request.chosen_by)
        self._rows({"role": role} | askers | {"start URL": request.start_url})

    def note(self, text: str) -> None:
        """Say what else one should know."""
        self._line(f"  {text}")

    def allow(self, use: Use, seconds: int) -> bool:
        """Ask at the terminal whether a protected role may be used, for the next `seconds`."""
        what = f"{use.command} wants {use.role_name} in account {use.account}, which is protected"
        self._say(what, "warning")
        self._rows(_askers(use.file, use.chosen_by) | {"because": use.reason})
        question = f"  Use it in this shell for the next {clock.render_duration(seconds)}? [y/N]"
        try:
            with open("/dev/tty", encoding="utf-8", errors="replace") as terminal:
                answer = screen.read_answer(f"{question} ", terminal, self._where())
                return answer.lower() in ("y", "yes")
        except OSError:
            return False

    def waiting_for_answer(self) -> None:
        """Say that the question for a protected role waits for another terminal's."""
        self._say("another terminal is asking about a protected role; waiting for its answer", "")

    def page(self, url: str, *, opened: bool) -> None:
        """Say that the sign-in page was opened, or where it is."""
        if opened:
            self._say("waiting for you in the browser; if no page opened, open this one:", "")
        else:
            where = f"whose 127.0.0.1:{self._port} leads to" if self._port else "on"
            self._say(f"open this page to sign in, in a browser {where} this machine:", "")
        self._line(f"  {url}")

    def code(self, user_code: str, uri: str, complete_uri: str, seconds: int) -> None:
        """Give the code of a device sign-in and the page that wants it."""
        self._say(f"open {uri} on any device and compare this code:", "")
        for line in ("", f"      {user_code}", ""):
            self._line(screen.paint(line, "strong", self._where()))
        self._line(f"  or go straight to {complete_uri}")
        left = clock.render_duration(seconds)
        self._line(f"  Approve it only if you have just run this yourself. It ends in {left}.")

    def waiting(self, seconds_left: float) -> None:
        """Keep one line that counts down, on a terminal that can; wipe it at the end."""
        if screen.plain() or not self._where().isatty():
            return
        text = f"  {clock.render_duration(int(seconds_left))} left; Ctrl-C leaves"
        line = screen.paint(text, "faint", self._where()) if seconds_left > 0 else ""
        with contextlib.suppress(OSError):
            self._where().write(f"\r\033[K{line}")
            self._where().flush()

    def waiting_for_other(self, label: str) -> None:
        """Say that another terminal is already asking."""
        self._say(f"another terminal is signing in to {label}; waiting for it", "")

    def done(self, label: str) -> None:
        """Say that the sign-in succeeded."""
        if self._tells_end:
            self._say(f"signed in to {label}", "good")

    def _say(self, text: str, style: str) -> None:
        with contextlib.suppress(OSError):
            screen.tell(text, style, self._where())

    def _rows(self, rows: Mapping[str, str]) -> None:
        for name, value in rows.items():
            if value:
                self._line(f"  {name:<10} {value}")

    def _line(self, text: str) -> None:
        with contextlib.suppress(OSError):
            screen.write(self._where(), screen.wrapped(text, self._where(), hang=4))

    def _where(self) -> TextIO:
        if self._stream is None:
            self._stream = sys.stderr
            if not sys.stderr.isatty():
                with contextlib.suppress(OSError):
                    terminal = os.open("/dev/tty", os.O_WRONLY | os.O_NOCTTY)
                    self._stream = open(terminal, "w", encoding="utf-8")  # noqa: SIM115
        return self._stream


def _askers(file: str, chosen_by: str) -> dict[str, str]:
    """Return the row that says where the wish for a role comes from: a file, if nothing else."""
    return {"chosen by": chosen_by} if chosen_by else {"asked by": file}
