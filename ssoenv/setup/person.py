"""Whoever sits at the terminal, as the use cases of this folder know them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable


class Person(Protocol):
    """Can be told something, and asked where `interactive` says so. ``cli.screen`` is one."""

    def interactive(self) -> bool:
        """Whether there is a person to ask."""

    def say(self, message: str, *, style: str = "") -> None:
        """Tell one line."""

    def note(self, message: str) -> None:
        """Tell one line that belongs to the line before."""

    def ask(self, question: str, check: Callable[[str], str] = ..., default: str = "") -> str:
        """Ask until `check`, which raises UsageError for a wrong answer, takes the answer."""

    def confirm(self, question: str) -> bool:
        """Ask a yes-or-no question; anything but a yes means no."""
