"""Pages of rows. What was shown is remembered, so that nothing that comes or goes hides a row."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

KEPT = 1000
"""How many tokens are good at a time; the oldest go."""
_IDS = ("MembershipId", "RequestId", "UserId", "GroupId", "Id")
"""What tells a row from others, where it has one of these; else it is the whole row."""


class Paging:
    """The tokens for pages to come, each with the list that it is of and the rows before it."""

    def __init__(self) -> None:
        """Begin without one."""
        self._before: dict[str, tuple[str, tuple[str, ...]]] = {}

    def page(
        self, of: str, rows: Sequence[Any], size: int, token: str | None
    ) -> tuple[list[Any], str | None]:
        """Return a page of `rows`, and the token for the next one, if there is one.

        Raises LookupError for a `token` that was not given for the list `of` that name.
        """
        kind, before = self._before[token] if token is not None else (of, ())
        if kind != of:
            raise LookupError(token)
        shown = set(before)
        left = [row for row in rows if _own(row) not in shown]
        if len(left) <= size:
            return left, None
        following = f"sandbox-page-{secrets.token_urlsafe(12)}"
        self._before[following] = of, (*before, *map(_own, left[:size]))
        if len(self._before) > KEPT:
            del self._before[next(iter(self._before))]
        return left[:size], following


def _own(row: Any) -> str:
    """Return what `row` is known by, whatever changes in it."""
    named = [row[one] for one in _IDS if one in row] if isinstance(row, dict) else []
    return str(named[0]) if named else repr(row)
