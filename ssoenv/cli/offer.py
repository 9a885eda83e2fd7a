"""What the picker offers: rows that stand, or the accounts and roles of a person as they come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from ssoenv import policy
from ssoenv.base.models import Assignment
from ssoenv.cli.rows import Row
from ssoenv.identity_center import matching
from ssoenv.identity_center.assignments import ENTITLED
from ssoenv.trust import protected

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ssoenv.base.models import Account
    from ssoenv.credentials.listing import Likely
    from ssoenv.identity_center.discovery import Source
    from ssoenv.settings import Settings
    from ssoenv.trust.protected import Guard

SOON, SHORT = 0.5, 40
"""Seconds for which a person waits for a list of so many accounts, rather than see it grow."""
TO_COME = "…"
"""In place of the roles of an account that are not known yet."""


class Offer(Protocol):
    """Rows to pick from, of which more may come; `renewable` where all can be asked for again."""

    renewable: bool

    @property
    def version(self) -> int:
        """A number that changes with the rows. Raises what ends the asking for more."""

    @property
    def coming(self) -> str:
        """How much is still to come, in words; empty where all is there."""

    def rows(self) -> Sequence[Row]:
        """Return the rows there are now."""

    def look(self, rows: Sequence[Row]) -> None:
        """Note what a person looks at: what belongs to these is wanted first."""

    def want(self, row: Row) -> None:
        """Note that a person wants what belongs to `row`: it comes before all else."""

    def wait_for(self, rows: Sequence[Row]) -> None:
        """Wait until all that belongs to these is there."""


class Standing:
    """Rows that are all there."""

    version, coming, renewable = 0, "", False

    def __init__(self, rows: Sequence[Row]) -> None:
        """Take them, in their order."""
        self._rows = rows

    def rows(self) -> Sequence[Row]:
        """Return them."""
        return self._rows

    def look(self, rows: Sequence[Row]) -> None:
        """Nothing more can come."""

    def want(self, row: Row) -> None:
        """Nothing more can come."""

    def wait_for(self, rows: Sequence[Row]) -> None:
        """Nothing more can come."""


class Roles:
    """The accounts and roles of a `source`, in the order in which they are likely wanted."""

    def __init__(
        self,
        source: Source,
        likely: Likely,
        settings: Settings,
        guards: Sequence[Guard],
        *,
        renewable: bool = False,
    ) -> None:
        """Wait a moment for a short list. `guards` is what trusted files protect."""
        self.renewable = renewable
        self._source, self._likely, self._settings = source, likely, settings
        self._guards = guards
        self._made: dict[tuple[str, str, str], Row] = {}
        if source.progress.total <= SHORT:
            source.wait(SOON)

    @property
    def version(self) -> int:
        """The version of the source. Raises what ended it."""
        self._source.wait(0)
        return self._source.version

    @property
    def coming(self) -> str:
        """How many accounts' roles have come, while that is not all."""
        progress = self._source.progress
        if progress.done == progress.total:
            waits = self._source.is_pending(ENTITLED)
            return "what the account access manager gives" if waits else ""
        return f"roles of {progress.done} of {progress.total} accounts"

    def rows(self) -> Sequence[Row]:
        """Return a row for each role, and one for each account whose roles are not known yet."""
        ranked = self._likely.ranked(self._source.listing)
        found = [(note, self._row(one, role, note)) for one, role, note in ranked]
        found.sort(key=lambda item: (not item[0], bool(item[0]) and item[1].beware))
        return [row for _, row in found]

    def look(self, rows: Sequence[Row]) -> None:
        """Have the roles of these accounts come next."""
        self._source.prefer(dict.fromkeys(row.key[0] for row in rows if row.open))

    def want(self, row: Row) -> None:
        """Have the roles of its account come next, also where they failed to come."""
        self._source.ask([row.key[0]])
        self._source.prefer([row.key[0]])

    def wait_for(self, rows: Sequence[Row]) -> None:
        """Wait until the roles of these accounts have come, or will not."""
        ids = {row.key[0] for row in rows if row.open}
        self._source.ask(ids)
        self._source.prefer(ids)
        while any(map(self._source.is_pending, ids)) and self._source.wait(0.05):
            pass

    def _row(self, account: Account, role: str | None, note: str) -> Row:
        key = account.id, role or "", note
        row = self._made.get(key)
        if row is None:
            is_open = role is None
            row = open_row(account) if is_open else self._role_row(account, key[1], note)
            self._made[key] = row
        return row

    def _role_row(self, account: Account, role: str, note: str) -> Row:
        named = policy.Target(account.id, account.name, (Assignment(account, role).name,))
        verdict = policy.verdict(self._settings, protected.guarded(named, self._guards))
        return Row(
            (account.name, account.id, role),
            f"{matching.text_of(account)} {role.lower()}",
            refusal(verdict) or note,
            verdict.answer != "allowed",
            (account.id, role),
        )


def refusal(verdict: policy.Verdict) -> str:
    """Return the note of a role that may not be used at all; empty for others."""
    return "never" if verdict.answer == "refused" else ""


def open_row(account: Account) -> Row:
    """Return the row of an account whose roles are not known yet."""
    columns = (account.name, account.id, TO_COME)
    return Row(columns, matching.text_of(account), key=(account.id,), open=True)
