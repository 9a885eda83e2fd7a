"""Edits of a JSON text in place: every byte that is not of the edit stays as it is.

Strict JSON, as ``json`` of the standard library reads it (RFC 8259): where comments stand it is
another format, and not edited here. A text is to be parsed before it is edited.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from ssoenv.base.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

_SPACE = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class _Item:
    """What stands in an object or a list: from `start`, its value from `value`, to `end`."""

    key: str
    start: int
    value: int
    end: int


def with_value(text: str, path: Sequence[str], value: Any, *, listed: bool = False) -> str:
    """Return `text` with `value` first in the object where the keys of `path` lead.

    `listed`: they lead to a list, and it is first in that. What is missing of the way is made. The
    root, and what there is of the way, has to be of these kinds. ValueError if `value` is there.
    """
    at, left = _SPACE.match(text).end(), list(path)  # type: ignore[union-attr]
    while left and (found := _member(text, at, left[0])):
        at = found.value
        left.pop(0)
    if not left and not listed:
        raise ValueError(f"{'.'.join(path)} is there")
    if not left:
        return _insert(text, at, "", value)
    value = [value] if listed else value
    for key in reversed(left[1:]):
        value = {key: value}
    return _insert(text, at, f"{json.dumps(left[0])}: ", value)


def without(text: str, path: Sequence[str], *, index: int | None = None) -> str:
    """Return `text` without what the keys of `path` lead to, or the `index` of the list there.

    KeyError or IndexError if there is no such thing.
    """
    at = _skip(text, 0)
    for key in path if index is not None else path[:-1]:
        at = _require(text, at, key).value
    items = _items(text, at)
    number = index if index is not None else items.index(_require(text, at, path[-1]))
    item, last = items[number], number == len(items) - 1
    start = items[number - 1].end if number else at + 1
    if number and not last:
        start = text.index(",", start) + 1
    end = item.end if last else text.index(",", item.end) + 1
    if last and not number:
        end = _skip(text, item.end)
    return text[:start] + text[end:]


def _insert(text: str, at: int, name: str, value: Any) -> str:
    """Return `text` with `value`, called `name`, first in the object or list at `at`."""
    inside = _skip(text, at + 1)
    gap, empty = text[at + 1 : inside], text[inside] in "}]"
    newline, unit = "\r\n" if "\r\n" in text else "\n", _unit(text)
    if empty:
        line = text[text.rfind("\n", 0, at) + 1 : at]
        outer = newline + line[: len(line) - len(line.lstrip())]
        item = f"{outer}{unit}{name}{_dump(value, outer + unit, unit)}{outer}"
        return text[: at + 1] + item + text[inside:]
    return f"{text[: at + 1]}{gap}{name}{_dump(value, gap, unit)},{text[at + 1 :]}"


def _dump(value: Any, gap: str, unit: str) -> str:
    """Return `value` as it stands behind the white space `gap`."""
    if "\n" not in gap:
        return json.dumps(value)
    newline = "\r\n" if "\r\n" in gap else "\n"
    return json.dumps(value, indent=unit).replace("\n", newline + gap[gap.rfind("\n") + 1 :])


def _unit(text: str) -> str:
    """Return by how much the items of the root are indented."""
    start = _skip(text, 0) + 1
    gap = text[start : _skip(text, start)]
    return gap[gap.rfind("\n") + 1 :] if "\n" in gap and not gap.endswith("\n") else "  "


def _require(text: str, at: int, key: str) -> _Item:
    found = _member(text, at, key)
    if found is None:
        raise KeyError(key)
    return found


def _member(text: str, at: int, key: str) -> _Item | None:
    return next((item for item in _items(text, at) if item.key == key), None)


def _items(text: str, at: int) -> list[_Item]:
    """Return what stands in the object or the list at `at`."""
    keyed, items = text[at] == "{", []
    at = _skip(text, at + 1)
    while text[at] not in "}]":
        start, key = at, ""
        if keyed:
            key, at = _DECODER.raw_decode(text, at)
            at = _skip(text, _skip(text, at) + 1)
        _, end = _DECODER.raw_decode(text, at)
        items.append(_Item(key, start, at, end))
        at = _skip(text, end)
        if text[at] == ",":
            at = _skip(text, at + 1)
    return items


def _skip(text: str, at: int) -> int:
    """Return where the white space at `at` ends."""
    return _SPACE.match(text, at).end()  # type: ignore[union-attr]
