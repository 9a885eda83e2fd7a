"""Organizational units: which one is meant, and what is below it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ssoenv.admin.unknown import unknown
from ssoenv.base.errors import AccessDenied
from ssoenv.identity_center.administration import NotFound

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssoenv.identity_center.administration import Administration


def meant_and_below(calls: Administration, words: str) -> Iterator[str]:
    """Yield the id of the unit that is meant (see `meant`), and of each one below it."""
    wanted = [meant(calls, words)]
    while wanted:
        parent = wanted.pop()
        yield parent
        wanted += [one for one, _ in _below(calls, parent)]


def meant(calls: Administration, words: str) -> str:
    """Return the id of the unit of an id, or of a path such as Workloads/Prod; "/" the root.

    Raises UsageError for none, AccessDenied where nobody shows a root.
    """
    if _is_unit(calls, words):
        return words
    roots = calls.listed("organizations", "list_roots", "Roots", ("Id",))
    if not roots:
        raise AccessDenied(
            "these credentials see no root of an organization",
            advice="name accounts by --account, or the unit by its id",
        )
    if (words,) in roots:
        return words
    parent = roots[0][0]
    for name in filter(None, words.split("/")):
        below = _below(calls, parent)
        found = [one for one, called in below if called == name]
        if not found:
            raise unknown("organizational unit", name, [called for _, called in below])
        parent = found[0]
    return parent


def _is_unit(calls: Administration, words: str) -> bool:
    """Whether `words` are the id of a unit; it is taken for one where nobody may tell."""
    if not re.fullmatch(r"ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}", words):
        return False
    try:
        calls.ask("organizations", "describe_organizational_unit", OrganizationalUnitId=words)
    except NotFound:
        return False
    except AccessDenied:
        pass
    return True


def _below(calls: Administration, parent: str) -> list[tuple[str, ...]]:
    operation, key = "list_organizational_units_for_parent", "OrganizationalUnits"
    return calls.listed("organizations", operation, key, ("Id", "Name"), ParentId=parent)
