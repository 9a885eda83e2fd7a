"""What must not happen, whatever an attack is: asked of all that was said, made and given."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from tests.attacks.values import CANARY, ORDERS, OWNED

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from ssoenv.sandbox.records import Keys

OBEYED = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\U000e0000-\U000e0fff]"
)
"""What a terminal obeys, and what turns or hides what stands beside it; a new line is a line."""
FORGED = re.compile(f"^{OWNED}", re.MULTILINE)
"""A line that begins with what a value says, and is not ours."""
FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]")
ARN = re.compile(r"::(\d{12}):assumed-role/AWSReservedSSO_([\w+=,.@-]+)_[0-9a-f]+/")
MOST_LINES = 20
BOUND = 15.0
"""Seconds that one command may take on a machine that has other things to do."""


def of_text(text: str) -> Iterator[str]:
    """Say what is wrong with what a command said, or with a file that others read."""
    if found := OBEYED.search(text):
        yield f"raw {found[0]!r} in {text[max(0, found.start() - 40) : found.end() + 20]!r}"
    if FORGED.search(text):
        yield f"a line of the attacker's own in {text[-400:]!r}"
    if "Traceback" in text:
        yield f"a traceback: {text[-400:]!r}"


def of_screen(raw: str) -> Iterator[str]:
    """Say what is wrong with what a terminal was sent: what it draws itself is no matter."""
    yield from (f"raw {order!r} at the terminal" for order in ORDERS if order in raw)


def of_run(
    done: subprocess.CompletedProcess[str], seconds: float, *, reports: bool
) -> Iterator[str]:
    """Say what is wrong with how a command ended; what `reports` says it on stdout in any case."""
    yield from of_text(done.stdout)
    yield from of_text(done.stderr)
    if done.returncode not in range(8):
        yield f"it ended with {done.returncode}: {done.stderr[-300:]!r}"
    if done.returncode and not reports:
        if done.stdout:
            yield f"it failed, and said on stdout {done.stdout[:200]!r}"
        if not done.stderr.strip():
            yield "it failed, and did not say why"
        if len(done.stderr.splitlines()) > MOST_LINES:
            yield f"{len(done.stderr.splitlines())} lines of errors"
    if seconds > BOUND:
        yield f"it took {seconds:.1f} s"


def roles_in(text: str, keys: Mapping[str, Keys]) -> set[str]:
    """Return the roles whose credentials, or whose names by STS, stand in `text`."""
    named = set(re.findall(r"ASIA[A-Z0-9]+", text))
    given = [one for name, one in keys.items() if name in named or one.secret in text]
    return {f"{one.account}/{one.role}" for one in given} | {
        f"{account}/{role}" for account, role in ARN.findall(text)
    }


def canaries(*places: Path) -> list[str]:
    """Return, and remove, what code in a value has made."""
    found = []
    for place in places:
        for folder, _, names in os.walk(place):
            made = [f"{folder}/{name}" for name in names if name.startswith(CANARY)]
            found += made
            for one in made:
                os.remove(one)
    return [f"code ran: it made {one!r}" for one in found]


def of_csv(rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """Say what is wrong with a table for a spreadsheet."""
    for row in rows:
        for cell in row:
            yield from of_text(cell)
            if FORMULA.match(cell):
                yield f"a formula: {cell[:80]!r}"
