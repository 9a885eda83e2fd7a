"""The accounts and roles that a token may assume, as the service lists them, and the last list.

The list is kept per session so that names resolve, completions answer and ``ssoenv trust`` can
tell the user's own name for an account, all without the network. It holds no secret.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ssoenv.base import clock, files, paths
from ssoenv.base.errors import AccessDenied, UsageError
from ssoenv.base.models import Account, Assignment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from ssoenv.base.models import Role, Session, Token
    from ssoenv.identity_center.client import IdentityCenter

AT_ONCE = 8
"""How many accounts are asked for their roles at the same time: the portal throttles bursts."""


@dataclass(frozen=True, slots=True)
class Listing:
    """All assignments of a person in one session, as of `listed_at` (epoch seconds)."""

    assignments: tuple[Assignment, ...]
    listed_at: int

    def account(self, wanted: str) -> Account | None:
        """Return the account with the id `wanted`, else the one with that exact name."""
        named = None
        for assignment in self.assignments:
            if assignment.account.id == wanted:
                return assignment.account
            if named is None and assignment.account.name == wanted:
                named = assignment.account
        return named

    def first_held(self, account: Account, roles: Iterable[str]) -> str | None:
        """Return the first of `roles` that the person holds in `account`; None for none."""
        held = self.roles(account)
        return next((role for role in roles if role in held), None)

    def only(self, account: Account) -> Listing:
        """Return what of this is in `account`."""
        rows = tuple(one for one in self.assignments if one.account.id == account.id)
        return Listing(rows, self.listed_at)

    def named(self, wanted: Sequence[str]) -> Listing:
        """Return the roles of this called by one of the names `wanted`, or by the start of one.

        All of them if nothing is wanted. Raises UsageError where no role has such a name.
        """
        rows = [one for one in self.assignments if one.role in wanted]
        starts = tuple(name.lower() for name in wanted)
        if wanted and not rows:
            rows = [one for one in self.assignments if one.role.lower().startswith(starts)]
        if wanted and not rows:
            held = _some(sorted({one.role for one in self.assignments}))
            words = ", ".join(map(repr, wanted))
            raise UsageError(f"you hold no role {words}; you hold {held}", hint="ssoenv roles")
        return Listing(tuple(rows) if wanted else self.assignments, self.listed_at)

    def find_account(self, wanted: str) -> Account:
        """Return the account meant by `wanted`: an id, a name, or a prefix that only one has.

        Raises AccessDenied where the person holds none, and UsageError where it could mean several;
        either lists what there is.
        """
        exact = self.account(wanted)
        if exact:
            return exact
        low = wanted.lower()
        accounts = {one.account.id: one.account for one in self.assignments}.values()
        found = [
            one for one in accounts if one.id.startswith(low) or one.name.lower().startswith(low)
        ]
        if len(found) == 1:
            return found[0]
        names = _some(f"{one.name} ({one.id})" for one in found or accounts)
        if found:
            raise UsageError(f"account {wanted!r} could be {names}", advice="name one of them")
        raise AccessDenied(f"no account {wanted!r}; you hold roles in {names}", hint="ssoenv roles")

    def find_role(self, account: Account, wanted: str) -> str:
        """Return the role in `account` meant by `wanted`: its name, or a prefix that only one has.

        Raises AccessDenied where the person holds none, and UsageError where it could mean several;
        either lists what there is.
        """
        held = self.roles(account)
        if wanted in held:
            return wanted
        found = [name for name in held if name.lower().startswith(wanted.lower())]
        if len(found) == 1:
            return found[0]
        if found:
            raise UsageError(f"role {wanted!r} could be {_some(found)}", advice="name one of them")
        raise AccessDenied(
            f"you do not hold {wanted!r} in {account.name}; you hold {_some(held)}",
            hint="ssoenv roles",
        )

    def find_roles(self, account: Account, wanted: Sequence[str]) -> tuple[str, ...]:
        """Return the alternative roles in `account` that the words `wanted` mean.

        Of several, some may be roles that only other people hold: those are meant as written.
        Raises UsageError.
        """
        held = self.roles(account)

        def theirs(word: str) -> bool:
            return not any(name.lower().startswith(word.lower()) for name in held)

        if all(theirs(word) for word in wanted):
            return (self.find_role(account, wanted[0]),)
        return tuple(word if theirs(word) else self.find_role(account, word) for word in wanted)

    def roles(self, account: Account) -> tuple[str, ...]:
        """Return the roles that the person holds in `account`."""
        return tuple(one.role for one in self.assignments if one.account.id == account.id)


def _some(names: Iterable[str]) -> str:
    """Return a few of `names`, and how many more there are."""
    listed = list(names)
    more = f" and {len(listed) - 8} more" if len(listed) > 8 else ""
    return ", ".join(listed[:8]) + more


def fetch(
    center: IdentityCenter, token: Token, progress: Callable[[int, int], None] | None = None
) -> Listing:
    """List everything that `token` may assume; `progress` hears (accounts done, accounts).

    Raises AccessDenied, SignInRequired or ServiceUnavailable as the service answers.
    """
    from ssoenv.base import background

    accounts = sorted(center.list_accounts(token), key=lambda one: (one.name, one.id))
    found: list[Assignment] = []
    listed = background.in_order(
        lambda one: center.list_account_roles(token, one.id), accounts, AT_ONCE
    )
    for done, (account, roles) in enumerate(zip(accounts, listed, strict=True), 1):
        found += [Assignment(account, role) for role in sorted(roles)]
        if progress:
            progress(done, len(accounts))
    return Listing(tuple(found), clock.now())


def save(env: Mapping[str, str], session: Session, listing: Listing) -> None:
    """Keep `listing` as the last one of `session`. Raises OSError."""
    rows = [
        [one.account.id, one.account.name, one.account.email, one.role]
        for one in listing.assignments
    ]
    document = json.dumps({"listed_at": listing.listed_at, "assignments": rows})
    files.write_private(_file(env, session.label), document.encode())
    for kind, words in _completions(listing).items():
        text = "".join(f"{word}\n" for word in dict.fromkeys(words) if _is_word(word))
        files.write_private(_file(env, session.label, kind), text.encode())


def load(env: Mapping[str, str], session_label: str) -> Listing | None:
    """Return the last listing of the session called `session_label`; None if there is none."""
    content = files.read_bytes(_file(env, session_label), limit=64 << 20)
    if content is None:
        return None
    try:
        document = json.loads(content)
        rows = [(row[0], row[1], row[2], row[3]) for row in document["assignments"]]
        if any(not isinstance(word, str) for row in rows for word in row):
            return None
        found = tuple(Assignment(Account(*row[:3]), row[3]) for row in rows)
        return Listing(found, int(document["listed_at"]))
    except (ValueError, KeyError, TypeError, IndexError, OverflowError, RecursionError):
        return None


def forget(env: Mapping[str, str], session_label: str) -> None:
    """Drop the last listing of a session."""
    for kind in ("json", *_completions(Listing((), 0))):
        files.remove(_file(env, session_label, kind))


def forget_all(env: Mapping[str, str]) -> None:
    """Drop the last listing of every session."""
    import shutil

    shutil.rmtree(f"{paths.state(env)}/assignments", ignore_errors=True)


def resolve(role: Role, listing: Listing | None) -> tuple[str, str] | None:
    """Return the account id and role name that `role` means, as far as is known without asking."""
    if is_account_id(role.account) and len(role.roles) == 1:
        return role.account, role.roles[0]
    return find(role, listing) if listing else None


def is_account_id(text: str) -> bool:
    """Whether `text` is the id of an account, and not a name."""
    return len(text) == 12 and text.isascii() and text.isdigit()


def resolve_in(listing: Listing, role: Role, session: Session) -> tuple[str, str]:
    """Return the account id and role name that `role` means in `listing`, a new one.

    Raises AccessDenied when the person holds none of them.
    """
    picked = find(role, listing)
    if picked is None:
        account = listing.account(role.account)
        held = (
            f"you hold {', '.join(listing.roles(account))} there" if account else "no such account"
        )
        raise AccessDenied(
            f"{role.account}/{'|'.join(role.roles)} is not assigned to you ({held})",
            hint=f"ssoenv roles --session {session.label}",
        )
    return picked


def find(role: Role, listing: Listing) -> tuple[str, str] | None:
    """Return the account id and role name of `role` in `listing`; None if it is not there."""
    account = listing.account(role.account)
    name = listing.first_held(account, role.roles) if account else None
    return (account.id, name) if account and name else None


def _completions(listing: Listing) -> dict[str, list[str]]:
    """Return, by kind, the words that the shells' completions offer; one file each, no process."""
    rows = listing.assignments
    return {
        "accounts": [word for one in rows for word in (one.account.name, one.account.id)],
        "roles": [one.role for one in rows],
        "targets": [f"{one.account.name}/{one.role}" for one in rows],
    }


def _is_word(text: str) -> bool:
    """Whether a shell can offer `text` without quoting; other accounts are offered by their id."""
    return bool(text) and all(char.isalnum() or char in "-_.@+=,/" for char in text)


def _file(env: Mapping[str, str], session_label: str, kind: str = "json") -> str:
    return f"{paths.state(env)}/assignments/{paths.escape(session_label)}.{kind}"
