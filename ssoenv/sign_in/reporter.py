"""What a sign-in has to tell a person; the front end says it in its own way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ssoenv.sign_in.consent import SignInRequest


class Reporter(Protocol):
    """Told of each step, in this order; must not raise."""

    def announce(self, request: SignInRequest) -> None:
        """Say who wants a sign-in, for what and where, before anything opens."""

    def note(self, text: str) -> None:
        """Say what else one should know: where an address leads, or what became of a file."""

    def page(self, url: str, *, opened: bool) -> None:
        """Say that the sign-in page was opened, or, if it was not, where it is."""

    def code(self, user_code: str, uri: str, complete_uri: str, seconds: int) -> None:
        """Give the code of a device sign-in, the pages that take it, and the seconds it lasts."""

    def waiting(self, seconds_left: float) -> None:
        """Say, every second or so, that the person is waited for; 0: that it is over."""

    def waiting_for_other(self, label: str) -> None:
        """Say that another process is already signing in to the session called `label`."""

    def done(self, label: str) -> None:
        """Say that the sign-in succeeded."""
