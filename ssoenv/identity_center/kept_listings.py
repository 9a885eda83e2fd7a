"""The last list of each session, kept in the state folder. It holds no secret.

It lets names resolve, completions answer and ``ssoenv trust`` tell the user's own name for an
account, all without the network.
"""

from __future__ import annotations

import contextlib
import json
from itertools import chain
from typing import TYPE_CHECKING

from ssoenv.base import arns, clock, files, paths
from ssoenv.base.models import Account, instance_url
from ssoenv.base.values import replace
from ssoenv.identity_center import assignments
from ssoenv.identity_center.assignments import ENTITLED, Entitled, Held, Listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ssoenv.base.models import Role, Session

HELD = "held"
"""A kind that is looked up, not offered: each name and id of an account, a tab, and its roles."""

ACCOUNTS_MAX_AGE = 3600
"""Seconds for which a kept list of accounts is good."""
LONG = ACCOUNTS_MAX_AGE + 1
"""Seconds by which a list of accounts that is doubtful counts as older: it is asked for anew."""
LEFT = 300
"""Seconds after which a refresh that was left is one no longer: the next begins anew."""
_REFRESH = "refresh"


def save(env: Mapping[str, str], session: Session, listing: Listing) -> None:
    """Keep `listing` as the last one of `session`. Raises OSError."""
    document: dict[str, object] = {
        "listed_at": listing.listed_at,
        "start_url": instance_url(session.start_url),
        "accounts": _rows(listing.held),
    }
    entitled = listing.entitled
    if entitled.listed_at:
        document["entitled"] = [entitled.tenant, entitled.listed_at, _rows(entitled.held)]
    files.write_private(_file(env, session.label), json.dumps(document).encode())
    for kind, words in _completions(listing).items():
        offered = (word for word in dict.fromkeys(words) if kind == HELD or _is_word(word))
        text = "".join(f"{word}\n" for word in offered)
        files.write_private(_file(env, session.label, kind), text.encode())


def merge(env: Mapping[str, str], session: Session, listing: Listing) -> Listing:
    """Keep what `listing` knows better than the last one of `session`; return both together.

    Several processes may ask at the same time, each for what it needs. Raises OSError.
    """
    with files.Lock(_file(env, session.label, "lock")):
        kept = of(env, session)
        # Of two of the same second, this one is the later.
        both = listing.merged(kept) if kept else listing
        if both != kept:
            save(env, session, both)
    return both


def doubt(env: Mapping[str, str], session: Session, account_id: str | None = None) -> None:
    """Have the roles of an account, or what is ENTITLED, asked for again; without a name, all.

    The service refused one of them, or somebody signed in, who may be another person. What is in
    doubt is a second older from now on: whatever is asked for within this one is the later.
    """
    with contextlib.suppress(OSError), files.Lock(_file(env, session.label, "lock")):
        kept = of(env, session)
        if kept is None:
            return
        held = tuple(
            replace(one, doubtful=True, listed_at=max(0, one.listed_at - 1))
            if account_id in (None, one.account.id)
            else one
            for one in kept.held
        )
        since, entitled = kept.listed_at, kept.entitled
        if account_id is None:
            since = max(1, since - LONG)
        if account_id in (None, ENTITLED) and entitled.listed_at:
            entitled = replace(entitled, listed_at=max(1, entitled.listed_at - LONG))
        save(env, session, Listing(held, since, entitled))


def require_listed(env: Mapping[str, str], role: Role, session: Session) -> None:
    """Raise AccessDenied for a `role` that a list of this hour does not have."""
    listing = load(env, session.label)
    if listing is None or listing.listed_at < clock.now() - ACCOUNTS_MAX_AGE:
        return
    if assignments.lacks(listing, role):
        assignments.resolve_in(listing, role, session)


def of(env: Mapping[str, str], session: Session) -> Listing | None:
    """Return the last listing of `session`; None if there is none, or it is of another start URL.

    Another process may have another AWS config. Lists of earlier versions do not say where they
    are from.
    """
    return _load(env, session.label, instance_url(session.start_url))


def load(env: Mapping[str, str], session_label: str) -> Listing | None:
    """Return the last listing that is kept by the name of a session; None if there is none."""
    return _load(env, session_label, None)


def _load(env: Mapping[str, str], session_label: str, start_url: str | None) -> Listing | None:
    """Return a listing; what a clock that was ahead put into the future is doubtful."""
    content = files.read_bytes(_file(env, session_label), limit=64 << 20)
    if content is None:
        return None
    try:
        document = json.loads(content)
        if None not in (start_url, said := document.get("start_url")) and said != start_url:
            return None
        held = tuple(_held(row) for row in document["accounts"])
        tenant, listed_at, rows = document.get("entitled") or ("", 0, ())
        entitled = Entitled(str(tenant), tuple(_held(row) for row in rows), int(listed_at))
        for one in chain.from_iterable(one.roles or () for one in entitled.held):
            arns.parse(one)
        return _of_the_past(Listing(held, int(document["listed_at"]), entitled), clock.now())
    except (
        AttributeError,
        ValueError,
        KeyError,
        TypeError,
        IndexError,
        OverflowError,
        RecursionError,
    ):
        return None


def _of_the_past(listing: Listing, now: int) -> Listing:
    """Return `listing` without a moment that is still to come: nothing would ever be older."""
    held = tuple(
        replace(one, listed_at=now, doubtful=True) if one.listed_at > now else one
        for one in listing.held
    )
    entitled, early = listing.entitled, max(1, now - LONG)
    if entitled.listed_at > now:
        entitled = replace(entitled, listed_at=early)
    return Listing(held, early if listing.listed_at > now else listing.listed_at, entitled)


def _rows(held: Iterable[Held]) -> list[list[object]]:
    return [
        [
            *(one.account.id, one.account.name, one.account.email, one.listed_at, one.roles),
            *([True] if one.doubtful else []),
        ]
        for one in held
    ]


def _held(row: Sequence[object]) -> Held:
    """Return a row of the file. Raises TypeError, ValueError or IndexError where it is none."""
    account_id, name, email, listed_at, roles = row[:5]
    known = roles if isinstance(roles, list) else []
    words = (account_id, name, email, *known)
    if not (all(isinstance(word, str) for word in words) and isinstance(listed_at, int)):
        raise TypeError
    account = Account(str(account_id), str(name), str(email))
    return Held(account, None if roles is None else tuple(known), listed_at, len(row) > 5)


def begin_refresh(env: Mapping[str, str], session_label: str, now: int) -> int:
    """Return since when (epoch seconds) a refresh is under way: `now`, or one that was left.

    What came since then need not be asked for again. Raises OSError.
    """
    path = _file(env, session_label, _REFRESH)
    content = files.read_bytes(path, limit=20) or b""
    if content.isdigit() and 0 <= now - int(content) < LEFT:
        return int(content)
    files.write_private(path, b"%d" % now)
    return now


def end_refresh(env: Mapping[str, str], session_label: str) -> None:
    """Note that a refresh got everything. Raises OSError."""
    files.remove(_file(env, session_label, _REFRESH))


def forget(env: Mapping[str, str], session_label: str) -> None:
    """Drop the last listing of a session; what tells that there is one goes last."""
    for kind in (_REFRESH, *_completions(Listing((), 0)), "json"):
        files.remove(_file(env, session_label, kind))


def forget_all(env: Mapping[str, str]) -> None:
    """Drop the last listing of every session."""
    for one in labels(env):
        forget(env, one)
    files.remove_folder(f"{paths.state(env)}/assignments")


def labels(env: Mapping[str, str]) -> list[str]:
    """Return the labels of the sessions of which a listing is kept. Raises OSError."""
    names = files.names_in(f"{paths.state(env)}/assignments")
    return [paths.unescape(one.removesuffix(".json")) for one in names if one.endswith(".json")]


def _completions(listing: Listing) -> dict[str, list[str]]:
    """Return, by kind, the lines that the shells' completions read; one file each, no process."""
    rows = listing.assignments
    return {
        "accounts": [word for one in listing.accounts for word in (one.name, one.id)],
        "roles": [one.role for one in rows],
        "targets": [f"{one.account.name}/{one.role}" for one in rows],
        HELD: [
            f"{name}\t{' '.join(filter(_is_word, listing.roles(account)))}"
            for account in listing.accounts
            for name in (account.name, account.id)
            if name.isprintable()
        ],
    }


def _is_word(text: str) -> bool:
    """Whether a shell can offer `text` without quoting; other accounts are offered by their id."""
    return bool(text) and all(char.isalnum() or char in "-_.@+=,/" for char in text)


def _file(env: Mapping[str, str], session_label: str, kind: str = "json") -> str:
    return f"{paths.state(env)}/assignments/{paths.escape(session_label)}.{kind}"
