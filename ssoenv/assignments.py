"""The accounts and roles that a token may assume, as the service lists them, and the last list.

The list is kept per session so that names resolve, completions answer and ``ssoenv trust`` can
tell the user's own name for an account, all without the network. It holds no secret.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ssoenv import clock, files, paths
from ssoenv.errors import AccessDenied, UsageError
from ssoenv.models import Account, Assignment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from ssoenv.identity_center import IdentityCenter
    from ssoenv.models import Role, Session, Token

AT_ONCE = 8
"""How many accounts are asked for their roles at the same time: the portal throttles bursts."""


@dataclass(frozen=True, slots=True)
class Listing:
    """All assignments of a person in one session, as of `listed_at` (epoch seconds)."""

    assignments: tuple[Assignment, ...]
    listed_at: int

    def account(self, wanted: str) -> Account | None:
        """Return the account with the id or the exact name `wanted`."""
        accounts = (assignment.account for assignment in self.assignments)
        return next((one for one in accounts if wanted in (one.id, one.name)), None)

    def only(self, account: Account) -> Listing:
        """Return what of this is in `account`."""
        rows = tuple(one for one in self.assignments if one.account.id == account.id)
        return Listing(rows, self.listed_at)

    def named(self, roles: Sequence[str]) -> Listing:
        """Return what of this is one of `roles`; all of it if none is named."""
        rows = tuple(one for one in self.assignments if not roles or one.role in roles)
        return Listing(rows, self.listed_at)

    def find_account(self, wanted: str) -> Account:
        """Return the account meant by `wanted`: an id, a name, or a prefix that only one has.

        Raises UsageError that lists what it could mean.
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
        raise UsageError(f"no account {wanted!r}; you hold roles in {names}", hint="ssoenv roles")

    def find_role(self, account: Account, wanted: str) -> str:
        """Return the role in `account` meant by `wanted`: its name, or a prefix that only one has.

        Raises UsageError that lists what it could mean.
        """
        held = self.roles(account)
        if wanted in held:
            return wanted
        found = [name for name in held if name.lower().startswith(wanted.lower())]
        if len(found) == 1:
            return found[0]
        if found:
            raise UsageError(f"role {wanted!r} could be {_some(found)}", advice="name one of them")
        raise UsageError(
            f"you do not hold {wanted!r} in {account.name}; you hold {_some(held)}",
            hint="ssoenv roles",
        )

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
    from ssoenv import background

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
        rows = document["assignments"]
        found = tuple(Assignment(Account(*row[:3]), str(row[3])) for row in rows)
        return Listing(found, int(document["listed_at"]))
    except (ValueError, KeyError, TypeError, IndexError, OverflowError, RecursionError):
        return None


def forget(env: Mapping[str, str], session_label: str) -> None:
    """Drop the last listing of a session."""
    for kind in ("json", *_completions(Listing((), 0))):
        files.remove(_file(env, session_label, kind))


def resolve(role: Role, session: Session, env: Mapping[str, str]) -> tuple[str, str] | None:
    """Return the account id and role name that `role` means, as far as is known without asking."""
    if _is_id(role.account) and len(role.roles) == 1:
        return role.account, role.roles[0]
    listing = load(env, session.label)
    return _pick(role, listing) if listing else None


def resolve_online(
    role: Role, session: Session, env: Mapping[str, str], center: IdentityCenter, token: Token
) -> tuple[str, str]:
    """Return the account id and role name that `role` means, asking the service.

    Raises AccessDenied when the person holds none of them.
    """
    listing = fetch(center, token)
    save(env, session, listing)
    picked = _pick(role, listing)
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


def _pick(role: Role, listing: Listing) -> tuple[str, str] | None:
    account = listing.account(role.account)
    if account is None:
        return None
    held = listing.roles(account)
    return next(((account.id, name) for name in role.roles if name in held), None)


def _is_id(text: str) -> bool:
    return len(text) == 12 and text.isascii() and text.isdigit()


def _file(env: Mapping[str, str], session_label: str, kind: str = "json") -> str:
    return f"{paths.state(env)}/assignments/{paths.escape(session_label)}.{kind}"
