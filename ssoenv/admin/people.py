"""Users and groups: those in which words occur, and who is in which."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssoenv.admin.values import GROUP, USER, Principal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ssoenv.admin.center import Center


def matching(found: Iterable[Principal], words: Sequence[str]) -> list[Principal]:
    """Return those in which every word occurs, capitals or not, sorted by name."""
    wanted = [part.lower() for word in words for part in word.split()]

    def has_all(one: Principal) -> bool:
        fields = (one.id, one.name, one.display, one.email, one.external)
        text = "\n".join(fields).lower()
        return all(word in text for word in wanted)

    return sorted(filter(has_all, found), key=lambda one: one.name)


def related(center: Center, found: Sequence[Principal]) -> dict[str, list[str]]:
    """Return, by the id of each user or group, the names of its groups or its members."""

    def ids(one: Principal) -> list[str]:
        return center.members(one.id) if one.kind == GROUP else center.groups_of(one.id)

    held = dict(zip((one.id for one in found), center.each(found, ids), strict=True))
    kind = USER if found and found[0].kind == GROUP else GROUP
    center.name_principals({(kind, one) for others in held.values() for one in others})
    return {
        one: sorted(center.principal(kind, other).shown for other in others)
        for one, others in held.items()
    }
