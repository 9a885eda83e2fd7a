"""What differs between two versions of a binding file, for whoever is asked to trust it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ssoenv.base.values import dataclass, replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ssoenv.base.models import Binding, IamRole, Profile, Role

_POWER = (r"root|owner|admin", r"power|full|write|deploy|develop", r"read|view|audit|billing")
"""Words in role names, from the most powerful: a guess, used only to point a change out."""


LOOK, MORE = "look twice", "more power, look twice"
"""What points a change out."""
HANDED = {
    "": "credentials handed over as your settings say",
    "keys": "credentials in the environment while they last",
    "profile": "no credentials in the environment, AWS_PROFILE alone",
}
"""What each value of ``export`` does; empty where the file says nothing."""


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between what was trusted and what would be; `alarm` points it out."""

    text: str
    alarm: str = ""

    def __str__(self) -> str:
        """For people."""
        return f"{self.text}  <- {self.alarm}" if self.alarm else self.text


def _as_written(role: Role) -> Role:
    return role


def between(
    old: Binding, new: Binding, meant: Callable[[Role], Role] = _as_written
) -> tuple[Change, ...]:
    """Return what `new` does differently from `old`, for people.

    `meant` gives what is known of a role: its account, which has an id and a name, in one form, and
    of several alternatives the one that is held.
    """
    return tuple(_changes(old, new, meant))


def _changes(old: Binding, new: Binding, meant: Callable[[Role], Role]) -> Iterator[Change]:
    if old.session != new.session:
        yield Change(f"session {old.session} -> {new.session}", LOOK)
    if old.sso != new.sso:
        was, will = (one.sso.tenant if one.sso else "" for one in (old, new))
        if was != will:
            tenants = f"{was or 'that of your settings'} -> {will or 'that of your settings'}"
            yield Change(f"the tenant of the account access manager: {tenants}", LOOK)
        if (old.sso and replace(old.sso, tenant=will)) != new.sso:
            yield Change("the [sso] address", LOOK)
    most = min((_power(meant(one.role)) for one in old.profiles.values()), default=1)
    for name in sorted(old.profiles.keys() | new.profiles.keys()):
        before, after = old.profiles.get(name), new.profiles.get(name)
        if after is None:
            yield Change(f"{name}: gone")
        elif before is None:
            role = replace(after.role, roles=meant(after.role).roles)
            alarm = LOOK if role.iam else ""
            yield Change(f"{name}: new, {role}", _more(role, most) or alarm)
        else:
            yield from _role_changes(name, before.role, after.role, meant)
            yield from _other_changes(name, before, after)
    places = ("", *sorted(dict(old.paths) | dict(new.paths)))
    for path, was, will in zip(places, old.names_at(places), new.names_at(places), strict=True):
        if was != will:
            roles = meant(old.profiles[was].role), meant(new.profiles[will].role)
            yield Change(f"{path or 'the default'}: {was} -> {will}", _another(*roles))
    yield from _agent_changes(old, new, meant)


def _agent_changes(old: Binding, new: Binding, meant: Callable[[Role], Role]) -> Iterator[Change]:
    """Yield what coding agents get that they did not: any profile, where none is theirs."""
    if old.agent != new.agent:
        was, will = ([meant(role) for role in _roles_of_agents(one)] for one in (old, new))
        is_more = min(map(_power, will)) < min(map(_power, was))
        accounts = {_account(role) for role in will} - {_account(role) for role in was}
        alarm = MORE if is_more or not new.agent else LOOK if accounts else ""
        names = [one.agent or "any profile" for one in (old, new)]
        yield Change(f"coding agents: {' -> '.join(names)}", alarm)


def _roles_of_agents(binding: Binding) -> list[Role]:
    profiles = [binding.profiles[binding.agent]] if binding.agent else binding.profiles.values()
    return [profile.role for profile in profiles]


def _role_changes(
    name: str, old: Role, new: Role, meant: Callable[[Role], Role]
) -> Iterator[Change]:
    was, will = meant(old), meant(new)
    if was.account != will.account:
        alarm = _more(will, _power(was)) or LOOK
        yield Change(f"{name}: account {was.account} -> {will.account}", alarm)
    if was.roles != will.roles:
        roles = f"{'|'.join(was.roles)} -> {'|'.join(will.roles)}"
        yield Change(f"{name}: role {roles}", _more(will, _power(was)))
    elif old.roles != new.roles:
        lists = f"{'|'.join(old.roles)} -> {'|'.join(new.roles)}"
        alarm = MORE if _power(new) < _power(old) else ""
        yield Change(f"{name}: {lists}, of which you have {'|'.join(will.roles)} as before", alarm)
    if old.entitled and new.entitled and old.entitled.arn != new.entitled.arn:
        yield Change(f"{name}: {old.entitled.arn} -> {new.entitled.arn}", LOOK)
    elif bool(old.entitled) != bool(new.entitled):
        kinds = ["a role of IAM" if one.entitled else "a permission set" for one in (old, new)]
        yield Change(f"{name}: {' -> '.join(kinds)}", LOOK)
    yield from _second_changes(name, old, new)


def _second_changes(name: str, old: Role, new: Role) -> Iterator[Change]:
    """Yield what differs in the role on top: one where none was is more than there was."""
    before, after = old.iam, new.iam
    if before is not None and after is not None:
        yield from _session_changes(name, before, after)
    before, after = old.assumes, new.assumes
    if before is None and after is not None:
        yield Change(f"{name}: assumes {after.arn} on top", MORE)
    elif after is None and before is not None:
        alarm = MORE if _power(new) < _power(old) else LOOK
        yield Change(f"{name}: no longer assumes {before.arn}", alarm)
    elif before is not None and after is not None and before.arn != after.arn:
        alarm = MORE if _power(new) < _power(old) else LOOK
        yield Change(f"{name}: assumes {before.arn} -> {after.arn}", alarm)


def _session_changes(name: str, before: IamRole, after: IamRole) -> Iterator[Change]:
    if before.session_name != after.session_name:
        names = [one.session_name or "your own name" for one in (before, after)]
        yield Change(f"{name}: role session name {' -> '.join(names)}")
    if before.duration != after.duration:
        times = [
            f"{one.duration} s" if one.duration else "the usual time" for one in (before, after)
        ]
        yield Change(f"{name}: credentials for {' -> '.join(times)}")


def _other_changes(name: str, old: Profile, new: Profile) -> Iterator[Change]:
    if old.protect and not new.protect:
        yield Change(f"{name}: no longer protected", LOOK)
    if new.protect and not old.protect:
        yield Change(f"{name}: protected")
    for what in ("region", "output"):
        before, after = getattr(old, what), getattr(new, what)
        if before != after:
            yield Change(f"{name}: {what} {before or 'unset'} -> {after or 'unset'}")
    if old.export != new.export:
        yield Change(f"{name}: {HANDED[new.export or '']}")


def _another(old: Role, new: Role) -> str:
    """Return what points out that whoever had `old` gets `new`: more power, or another account."""
    if _power(new) < _power(old):
        return MORE
    return LOOK if _account(old) != _account(new) else ""


def _account(role: Role) -> str:
    """Return the account of what a program has: of the role on top, where there is one."""
    return role.assumes.arn.account if role.assumes else role.account


def _more(new: Role, most: int) -> str:
    """Return what points `new` out as more than `most`, the power so far, or as all there is."""
    return MORE if _power(new) == 0 or _power(new) < most else ""


def _power(role: Role) -> int:
    """Rank the strongest of the alternative roles by its name; 0 is the most powerful.

    Of two roles, one on top of the other, the one on top is what a program has.
    """
    names = [role.assumes.arn.name] if role.assumes else role.roles
    ranks = [
        next(
            (rank for rank, words in enumerate(_POWER) if re.search(words, name, re.IGNORECASE)), 1
        )
        for name in names
    ]
    return min(ranks, default=1)
