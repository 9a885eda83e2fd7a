"""What differs between two versions of a binding file, for whoever is asked to trust it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ssoenv.base.models import Binding, Profile, Role

_POWER = (r"root|owner|admin", r"power|full|write|deploy|develop", r"read|view|audit|billing")
"""Words in role names, from the most powerful: a guess, used only to point a change out."""


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between what was trusted and what would be; `alarming` ones are called out."""

    text: str
    alarming: bool = False

    def __str__(self) -> str:
        """For people."""
        return f"{self.text}  <- look twice" if self.alarming else self.text


def _as_written(role: Role) -> str:
    return role.account


def between(
    old: Binding, new: Binding, whose: Callable[[Role], str] = _as_written
) -> tuple[Change, ...]:
    """Return what `new` does differently from `old`, for people.

    `whose` tells the account of a role: its id and its name are the same one to whoever knows both.
    """
    return tuple(_changes(old, new, whose))


def _changes(old: Binding, new: Binding, whose: Callable[[Role], str]) -> Iterator[Change]:
    if old.session != new.session:
        yield Change(f"session {old.session} -> {new.session}", alarming=True)
    if old.sso != new.sso:
        yield Change("the [sso] address", alarming=True)
    for name in sorted(old.profiles.keys() | new.profiles.keys()):
        yield from _profile_changes(name, old.profiles.get(name), new.profiles.get(name), whose)
    for path in ("", *sorted(dict(old.paths) | dict(new.paths))):
        was, will = old.name_at(path), new.name_at(path)
        if was != will:
            alarming = _is_more(old.profiles[was].role, new.profiles[will].role, whose)
            yield Change(f"{path or 'the default'}: {was} -> {will}", alarming)


def _is_more(old: Role, new: Role, whose: Callable[[Role], str]) -> bool:
    """Whether whoever had `old` and gets `new` has another account, or more power."""
    return whose(old) != whose(new) or _power(new) < _power(old)


def _profile_changes(
    name: str, old: Profile | None, new: Profile | None, whose: Callable[[Role], str]
) -> Iterator[Change]:
    if new is None:
        yield Change(f"{name}: gone")
        return
    if old is None:
        yield Change(f"{name}: new, {new.role}", alarming=_power(new.role) == 0)
        return
    if whose(old.role) != whose(new.role):
        accounts = f"{whose(old.role)} -> {whose(new.role)}"
        yield Change(f"{name}: account {accounts}", alarming=True)
    if old.role.roles != new.role.roles:
        roles = f"{'|'.join(old.role.roles)} -> {'|'.join(new.role.roles)}"
        yield Change(f"{name}: role {roles}", alarming=_power(new.role) < _power(old.role))
    if old.protect and not new.protect:
        yield Change(f"{name}: no longer protected", alarming=True)
    if new.protect and not old.protect:
        yield Change(f"{name}: protected")
    for what in ("region", "output", "export"):
        before, after = getattr(old, what), getattr(new, what)
        if before != after:
            yield Change(f"{name}: {what} {before or 'unset'} -> {after or 'unset'}")


def _power(role: Role) -> int:
    """Rank the strongest of the alternative roles by its name; 0 is the most powerful."""
    ranks = [
        next(
            (rank for rank, words in enumerate(_POWER) if re.search(words, name, re.IGNORECASE)), 1
        )
        for name in role.roles
    ]
    return min(ranks, default=1)
