"""What differs between two versions of a binding file, for whoever is asked to trust it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

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


def between(old: Binding, new: Binding) -> tuple[Change, ...]:
    """Return what `new` does differently from `old`, for people."""
    return tuple(_changes(old, new))


def _changes(old: Binding, new: Binding) -> Iterator[Change]:
    if old.session != new.session:
        yield Change(f"session {old.session} -> {new.session}", alarming=True)
    if old.sso != new.sso:
        yield Change("the [sso] address", alarming=True)
    if old.default != new.default:
        yield Change(f"default {old.default} -> {new.default}")
    for name in sorted(old.profiles.keys() | new.profiles.keys()):
        yield from _profile_changes(name, old.profiles.get(name), new.profiles.get(name))
    if old.paths != new.paths:
        yield Change("which subdirectories choose which profile")


def _profile_changes(name: str, old: Profile | None, new: Profile | None) -> Iterator[Change]:
    if new is None:
        yield Change(f"{name}: gone")
        return
    if old is None:
        yield Change(f"{name}: new, {new.role}", alarming=_power(new.role) == 0)
        return
    if old.role.account != new.role.account:
        accounts = f"{old.role.account} -> {new.role.account}"
        yield Change(f"{name}: account {accounts}", alarming=True)
    if old.role.roles != new.role.roles:
        roles = f"{'|'.join(old.role.roles)} -> {'|'.join(new.role.roles)}"
        yield Change(f"{name}: role {roles}", alarming=_power(new.role) < _power(old.role))
    if old.protect and not new.protect:
        yield Change(f"{name}: no longer protected", alarming=True)
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
