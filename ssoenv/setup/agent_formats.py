"""What we set in an agent's own settings, and how it goes in and out of a JSON file of a person's.

Everything else in such a file stays byte for byte. A value of theirs where ours would be is told,
and never replaced. Settings in other forms: `agent_blocks`.
"""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from ssoenv.base import json_edits
from ssoenv.base.errors import InvalidConfiguration, SsoenvError
from ssoenv.base.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

_BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"


@dataclass(frozen=True, slots=True)
class Entry:
    """A `value` that we set: where the keys of `path` lead; `listed`: as one of the list there."""

    path: tuple[str, ...]
    value: Any
    listed: bool = False


class Format(Protocol):
    """How a file holds entries. A `text` is that of the file at `path`, which messages name."""

    def lines(self, entries: Sequence[Entry]) -> list[str]:
        """Return `entries` as a person would write them."""

    def shown(self, entries: Sequence[Entry]) -> list[str]:
        """Return `entries` as they are written into a file that has none: with marks around."""

    def there(self, text: str, entries: Sequence[Entry], path: str) -> list[Entry]:
        """Return those of `entries` that `text` has. InvalidConfiguration for another form."""

    def put(self, text: str | None, entries: Sequence[Entry], path: str) -> str:
        """Return `text`, None where no file is, with `entries`.

        Raises InvalidConfiguration, with the lines to add by hand, where they have no place, and
        SsoenvError where another value is in the place of one.
        """

    def take(
        self, text: str, entries: Sequence[Entry], path: str, before: str | None
    ) -> str | None:
        """Return `text` without `entries`, None where no file is to be left.

        `before` is what stood there when they went in, if that is known: what was there then stays.
        Raises InvalidConfiguration where the rest would not be what it is.
        """


def refused(path: str, why: str, lines: Sequence[str]) -> InvalidConfiguration:
    """Return the error for a file that is left as it is; `lines` are what to add to it by hand."""
    return InvalidConfiguration(f"{path} {why}", problems=("add to it by hand:", *lines))


def foreign(path: str, entry: Entry, value: object) -> SsoenvError:
    """Return the error for a `value` of the person's where `entry` would be."""
    name = ".".join(entry.path)
    # A profile's name is no secret; whatever else stands there may be one.
    shown = f" to {value!r}" if entry.path[-1] == "AWS_PROFILE" else ""
    return SsoenvError(
        f"{path} sets {name}{shown} already, and that is yours",
        advice=f"for the role of each directory, put {json.dumps(entry.value)} there by hand",
    )


class Json:
    """Strict JSON: a file with comments is left as it is."""

    def lines(self, entries: Sequence[Entry]) -> list[str]:
        """Return one object with all of them."""
        return json.dumps(_merged(entries), indent=2).splitlines() if entries else []

    def shown(self, entries: Sequence[Entry]) -> list[str]:
        """Return the same: JSON has no marks."""
        return self.lines(entries)

    def there(self, text: str, entries: Sequence[Entry], path: str) -> list[Entry]:
        """Return those of `entries` that `text` has."""
        root = self._parse(text, entries, path)
        return [entry for entry in entries if _has(root, entry)]

    def put(self, text: str | None, entries: Sequence[Entry], path: str) -> str:
        """Return `text` with `entries`, each first in the object where it stands."""
        mark, text = _mark(text or "")
        text = text if text.strip() else "{}\n"
        root = self._parse(text, entries, path)
        after, wanted = text, copy.deepcopy(root)
        for entry in reversed([one for one in entries if not _has(root, one)]):
            _require_place(root, entry, entries, path)
            after = json_edits.with_value(after, entry.path, entry.value, listed=entry.listed)
            _add(wanted, entry)
        if json.loads(after) != wanted:
            raise refused(path, "says something twice, and is left as it is", self.lines(entries))
        return mark + after

    def take(
        self, text: str, entries: Sequence[Entry], path: str, before: str | None
    ) -> str | None:
        """Return `text` without those of `entries` that it has, and what is empty without them."""
        mark, text = _mark(text)
        root = self._parse(text, entries, path)
        kept = self._parse(_mark(before)[1], entries, path) if before else {}
        for entry in self.there(text, entries, path):
            index = _lookup(root, entry.path).index(entry.value) if entry.listed else None
            text = json_edits.without(text, entry.path, index=index)
            for end in range(len(entry.path), 0, -1):
                way = entry.path[:end]
                if _lookup(json.loads(text), way) in ({}, []) and _lookup(kept, way) is None:
                    text = json_edits.without(text, way)
            root = json.loads(text)
        return mark + text

    def _parse(self, text: str, entries: Sequence[Entry], path: str) -> dict[str, Any]:
        try:
            root = json.loads(_mark(text)[1] if text.strip(_BOM + " \t\r\n") else "{}")
        except (ValueError, RecursionError) as error:
            where = f":{error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
            why = "is not strict JSON, and is left as it is"
            raise refused(f"{path}{where}", why, [json.dumps(_merged(entries))]) from None
        if not isinstance(root, dict):
            raise refused(path, "is not a JSON object", [json.dumps(_merged(entries))])
        return root


def _mark(text: str) -> tuple[str, str]:
    """Return the byte order mark of `text`, if it has one, and the rest."""
    return (_BOM, text[1:]) if text.startswith(_BOM) else ("", text)


def _merged(entries: Sequence[Entry]) -> dict[str, Any]:
    root: dict[str, Any] = {}
    for entry in entries:
        _add(root, entry)
    return root


def _add(root: dict[str, Any], entry: Entry) -> None:
    """Put `entry` into `root`."""
    for key in entry.path[:-1]:
        root = root.setdefault(key, {})
    if entry.listed:
        root.setdefault(entry.path[-1], []).insert(0, entry.value)
    else:
        root[entry.path[-1]] = entry.value


def _lookup(root: Any, way: Sequence[str]) -> Any:
    """Return what stands in `root` where the keys of `way` lead; None where they lead nowhere."""
    for key in way:
        root = root.get(key) if isinstance(root, dict) else None
    return root


def _has(root: dict[str, Any], entry: Entry) -> bool:
    """Whether `entry` is in `root`."""
    found = _lookup(root, entry.path)
    return (
        (isinstance(found, list) and entry.value in found) if entry.listed else found == entry.value
    )


def _require_place(root: dict[str, Any], entry: Entry, entries: Sequence[Entry], path: str) -> None:
    """Return if `entry`, one of `entries`, has a place in `root`, and on the way there."""
    for end in range(1, len(entry.path)):
        around = _lookup(root, entry.path[: end - 1]) or {}
        if entry.path[end - 1] in around and not isinstance(around[entry.path[end - 1]], dict):
            _refuse_kind(entry.path[:end], "an object", entries, path)
    last = _lookup(root, entry.path[:-1]) or {}
    if entry.path[-1] not in last:
        return
    if not entry.listed:
        raise foreign(path, entry, last[entry.path[-1]])
    if not isinstance(last[entry.path[-1]], list):
        _refuse_kind(entry.path, "a list", entries, path)


def _refuse_kind(way: Sequence[str], kind: str, entries: Sequence[Entry], path: str) -> NoReturn:
    what = f"has a {'.'.join(way)!r} that is not {kind}"
    raise refused(path, what, [json.dumps(_merged(entries))])
