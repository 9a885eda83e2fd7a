"""The last list of each session, kept in the state folder. It holds no secret.

It lets names resolve, completions answer and ``ssoenv trust`` tell the user's own name for an
account, all without the network.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ssoenv.base import files, paths
from ssoenv.base.models import Account, Assignment
from ssoenv.identity_center.assignments import Listing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssoenv.base.models import Session

HELD = "held"
"""A kind that is looked up, not offered: each name and id of an account, a tab, and its roles."""


def save(env: Mapping[str, str], session: Session, listing: Listing) -> None:
    """Keep `listing` as the last one of `session`. Raises OSError."""
    rows = [
        [one.account.id, one.account.name, one.account.email, one.role]
        for one in listing.assignments
    ]
    document = json.dumps({"listed_at": listing.listed_at, "assignments": rows})
    files.write_private(_file(env, session.label), document.encode())
    for kind, words in _completions(listing).items():
        offered = (word for word in dict.fromkeys(words) if kind == HELD or _is_word(word))
        text = "".join(f"{word}\n" for word in offered)
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


def _completions(listing: Listing) -> dict[str, list[str]]:
    """Return, by kind, the lines that the shells' completions read; one file each, no process."""
    rows = listing.assignments
    return {
        "accounts": [word for one in rows for word in (one.account.name, one.account.id)],
        "roles": [one.role for one in rows],
        "targets": [f"{one.account.name}/{one.role}" for one in rows],
        HELD: [
            f"{name}\t{' '.join(filter(_is_word, listing.roles(account)))}"
            for account in {one.account.id: one.account for one in rows}.values()
            for name in (account.name, account.id)
            if name.isprintable()
        ],
    }


def _is_word(text: str) -> bool:
    """Whether a shell can offer `text` without quoting; other accounts are offered by their id."""
    return bool(text) and all(char.isalnum() or char in "-_.@+=,/" for char in text)


def _file(env: Mapping[str, str], session_label: str, kind: str = "json") -> str:
    return f"{paths.state(env)}/assignments/{paths.escape(session_label)}.{kind}"
