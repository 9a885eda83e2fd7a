"""What a word that nobody knows was probably meant to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return the end of a message that names the likely one of `known`; empty for none."""
    close = closest(word, known)
    return f"; did you mean {close!r}?" if close else ""


LIKELY, ALMOST_SURE = 0.6, 0.8
"""How much of two words has to be the same (``difflib.SequenceMatcher.ratio``): where `word` can be
nothing else, and where it may be just what was meant."""


_BEGINNING = 3
"""How many letters of a name tell it, where no other one begins with them."""


def closest(word: str, known: Iterable[str], ratio: float = LIKELY) -> str | None:
    """Return the likely one of `known`, the only one that begins so first; None where none is.

    What begins with a dash, as an option does, is meant by nothing else.
    """
    import difflib

    # The dashes of options are the same in all of them.
    alike = (name for name in known if name.startswith("-") == word.startswith("-"))
    names = {name.lstrip("-").lower(): name for name in alike}
    low = word.lstrip("-").lower()
    begun = [name for name in names if len(low) >= _BEGINNING and name.startswith(low)]
    if len(begun) == 1 and ratio == LIKELY:
        return names[begun[0]]
    close = difflib.get_close_matches(low, names, 1, ratio)
    return names[close[0]] if close else None
