"""Which account and role of a listing a person means by the words that they typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssoenv.base import arns, likely
from ssoenv.base.errors import AccessDenied, UsageError
from ssoenv.base.models import Assignment
from ssoenv.identity_center.assignments import Listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ssoenv.base.models import Account
    from ssoenv.identity_center.assignments import Held


def roles_named(listing: Listing, wanted: Sequence[str]) -> Listing:
    """Return what `listing` has of roles that `wanted` names, by a whole name or its start.

    All of it if nothing is wanted. Raises UsageError where no role has such a name.
    """
    rows = [one for one in listing.assignments if one.name in wanted]
    starts = tuple(name.lower() for name in wanted)
    if wanted and not rows:
        rows = [one for one in listing.assignments if one.name.lower().startswith(starts)]
    if wanted and not rows:
        held = some(sorted({one.name for one in listing.assignments}))
        words = ", ".join(map(repr, wanted))
        raise UsageError(f"you hold no role {words}; you hold {held}", fix="ssoenv roles")
    return Listing.of(rows, listing.listed_at) if wanted else listing


def text_of(account: Account) -> str:
    """Return what the words of a filter are looked for in, but for the role."""
    return f"{account.name} {account.id} {account.email}".lower()


def rows_of(held: Held, words: Sequence[str]) -> list[Assignment]:
    """Return the roles of `held` in whose row every one of the `words` occurs, in any order."""
    text, low = text_of(held.account), [word.lower() for word in words]
    return [
        Assignment(held.account, role)
        for role in held.roles or ()
        if all(word in text or word in role.lower() for word in low)
    ]


def with_words(listing: Listing, words: Sequence[str]) -> Listing:
    """Return what `listing` has with every one of `words` in its row, as the picker finds it.

    Raises UsageError where that is nothing.
    """
    rows = [one for held in listing.everything for one in rows_of(held, words)]
    if words and not rows:
        raise UsageError(f"you hold no role with {' '.join(words)!r} in it", fix="ssoenv roles")
    return Listing.of(rows, listing.listed_at)


def find_account(listing: Listing, wanted: str) -> Account:
    """Return the account meant by `wanted`: an id, a name, or a prefix that only one has.

    Raises AccessDenied where the person holds none, and UsageError where it could mean several;
    either lists what there is.
    """
    exact = listing.called(wanted)
    if len(exact) == 1:
        return exact[0]
    low = wanted.lower()
    accounts = exact or listing.accounts
    found = [one for one in accounts if one.id.startswith(low) or one.name.lower().startswith(low)]
    if len(found) == 1:
        return found[0]
    names = some(f"{one.name} ({one.id})" for one in found or accounts)
    if found:
        raise UsageError(f"account {wanted!r} could be {names}", advice="name one of them")
    known = [one.name for one in accounts]
    raise AccessDenied(
        f"no account {wanted!r}; you hold roles in {names}{likely.did_you_mean(wanted, known)}",
        fix="ssoenv roles",
    ).about(wanted, known)


def find_role(listing: Listing, account: Account, wanted: str) -> str:
    """Return the role in `account` meant by `wanted`: its name, or a prefix that only one has.

    Raises AccessDenied where the person holds none, and UsageError where it could mean several;
    either lists what there is.
    """
    held = listing.roles(account)
    if wanted in held:
        return wanted
    found = _starting(held, wanted)
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"role {wanted!r} could be {some(found)}", advice="name one of them")
    raise AccessDenied(
        f"you do not hold {wanted!r} in {account.name}; you hold {some(held) or 'no role'}"
        f"{likely.did_you_mean(wanted, held)}",
        fix="ssoenv roles",
    ).about(wanted, held)


def find_roles(listing: Listing, account: Account, wanted: Sequence[str]) -> tuple[str, ...]:
    """Return the alternative roles in `account` that the words `wanted` mean.

    Of several, some may be roles that only other people hold: those are meant as written.
    Raises UsageError.
    """
    held = listing.roles(account)

    def theirs(word: str) -> bool:
        return not _starting(held, word)

    if all(theirs(word) for word in wanted):
        return (find_role(listing, account, wanted[0]),)
    return tuple(word if theirs(word) else find_role(listing, account, word) for word in wanted)


def _starting(held: Iterable[str], word: str) -> list[str]:
    """Return the names of permission sets that begin with `word`; an ARN is named in full."""
    low = word.lower()
    return [name for name in held if name.lower().startswith(low) and not arns.is_arn(name)]


def some(names: Iterable[str]) -> str:
    """Return a few of `names`, and how many more there are."""
    listed = list(names)
    more = f" and {len(listed) - 8} more" if len(listed) > 8 else ""
    return ", ".join(listed[:8]) + more
