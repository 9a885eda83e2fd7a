"""How a profile is called: by a template of what is known of its account and role."""

from __future__ import annotations

import re
import string
from typing import TYPE_CHECKING

from ssoenv.base import likely
from ssoenv.base.errors import UsageError
from ssoenv.base.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

DEFAULT = "{account_name}.{role}"
FIELDS = ("account_name", "account_id", "role", "session", "region")
_CASES: dict[str, Callable[[str], str]] = {
    "": str,
    "lower": str.lower,
    "upper": str.upper,
    "title": str.title,
}
OTHER = re.compile(r"[^A-Za-z0-9_./@:+-]+")
"""What stands in no name: the SDKs agree on these characters (SDKs and Tools Reference Guide)."""


@dataclass(frozen=True, slots=True)
class Naming:
    """The rules of names: a `template`, what `separator` replaces, and what is trimmed away."""

    template: str
    separator: str
    trim: tuple[str, ...]

    def check(self) -> None:
        """Raise UsageError for rules that no name can be made by."""
        if OTHER.search(self.separator):
            raise _wrong(f"{self.separator!r} cannot stand in the name of a profile")
        for literal, field, case, conversion in _pieces(self.template):
            if OTHER.search(literal):
                raise _wrong(f"{literal!r} cannot stand in the name of a profile")
            if field is not None and field not in FIELDS:
                meant = likely.did_you_mean(field, FIELDS)
                raise _wrong(f"a name has no {{{field}}}{meant}")
            if (case or "") not in _CASES or conversion:
                raise _wrong(f"{case or conversion!r} is no rule for {{{field}}}")
        for pattern in self.trim:
            try:
                re.compile(pattern)
            except re.error as error:
                raise UsageError(f"--trim {pattern!r} is no regular expression: {error}") from None

    def name(self, values: Mapping[str, str]) -> str:
        """Return the name of the profile of `values`; empty where nothing is left of it."""
        parts: list[str] = []
        for literal, field, case, _ in _pieces(self.template):
            value = values[field] if field else ""
            for pattern in self.trim if field in ("account_name", "role") else ():
                value = re.sub(pattern, "", value)
            value = OTHER.sub(self.separator, _CASES[case or ""](value))
            parts += [literal, value.strip(self.separator or "-")]
        return "".join(parts).strip("-")


def _pieces(template: str) -> list[tuple[str, str | None, str | None, str | None]]:
    try:
        return list(string.Formatter().parse(template))
    except ValueError as error:
        raise _wrong(f"--name {template!r} cannot be read: {error}") from None


def _wrong(what: str) -> UsageError:
    fields = ", ".join(f"{{{one}}}" for one in FIELDS)
    return UsageError(what, advice=f"{fields}; each also as in {{role:lower}}, upper or title")
