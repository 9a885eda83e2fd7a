"""The error for a word that nothing in an Identity Center is called."""

from __future__ import annotations

from ssoenv.base import likely
from ssoenv.base.errors import UsageError

SHOWN = 10
"""So many names are told."""
_LISTS = {
    "user": "ssoenv admin users",
    "group": "ssoenv admin groups",
    "permission set": "ssoenv admin permission-sets",
}
"""What lists all that there are."""


def unknown(what: str, words: str, known: list[str]) -> UsageError:
    """Return the error for `words` that no such thing is called, nor has as its id."""
    meant = likely.did_you_mean(words, known)
    some = ", ".join(sorted(known)[:SHOWN]) + (", and more" if len(known) > SHOWN else "")
    listing = _LISTS.get(what)
    advice = f"there are {some}" if known and not listing else None
    text = f"there is no {what} {words!r}{meant}"
    return UsageError(text, fix=listing, advice=advice).about(words, known)
