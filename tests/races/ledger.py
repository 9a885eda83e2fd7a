"""What many processes at once were told was done, and whether it is: no update is lost.

Each thing that commands change is one register. What it holds in the end was put there by a command
which no other that said "done" has followed: none that began after that one had ended.
"""

from __future__ import annotations

import math
import threading
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Claim:
    """A command made `register` say `value`, at some moment from `began` to `ended`.

    One that was killed is not `sure`: it has, or not, and may have at any time.
    """

    register: str
    value: object
    began: float
    ended: float
    sure: bool = True


class Ledger:
    """Every claim of a storm."""

    def __init__(self) -> None:
        self._claims: list[Claim] = []
        self._lock = threading.Lock()

    def begin(self, register: str, value: object) -> None:
        """Note what a register says before the storm."""
        self.note(Claim(register, value, -math.inf, -math.inf))

    def note(self, claim: Claim) -> None:
        with self._lock:
            self._claims.append(claim)

    def done(self, register: str, value: object, began: float) -> None:
        """Note what a command that began then has just said is done."""
        self.note(Claim(register, value, began, time.monotonic()))

    def unsure(self, register: str, value: object, began: float) -> None:
        """Note what a command that was killed may have done."""
        self.note(Claim(register, value, began, math.inf, sure=False))

    @property
    def registers(self) -> list[str]:
        return sorted({one.register for one in self._claims})

    def sure(self) -> int:
        """How many commands said that something was done."""
        return sum(one.sure and one.began > 0 for one in self._claims)

    def lost(self, register: str, value: object) -> list[Claim]:
        """Return, where `register` says `value`, the claims that this has lost; none if it may.

        What nothing was noted of before the storm said None then.
        """
        claims = [one for one in self._claims if one.register == register]
        if not any(one.ended == -math.inf for one in claims):
            claims.append(Claim(register, None, -math.inf, -math.inf))
        lost: list[Claim] = []
        for one in claims:
            later = [other for other in claims if other.sure and other.began > one.ended]
            if one.value == value and not later:
                return []
            lost = max(lost, later if one.value == value else [], key=len)
        return lost or claims
