"""Agents' settings that take our lines as a block between two marks, and a file of our own.

The marks are those of the start-up files (`rc_block`). What another program has written between
them meanwhile is not ours: when ours goes, it is taken out line by line.
"""

from __future__ import annotations

import contextlib
import copy
import json
import re
import tomllib
from typing import TYPE_CHECKING, Any

from ssoenv.base.errors import SsoenvError
from ssoenv.setup.agent_formats import foreign, refused
from ssoenv.shells.rc_block import BEGIN, END

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ssoenv.setup.agent_formats import Entry


class Toml:
    """TOML: a table of its own at the end of the file, where nothing has that table yet."""

    def lines(self, entries: Sequence[Entry]) -> list[str]:
        """Return the table with `entries`, which are all in one."""
        return [_header(entries), *_assignments(entries)] if entries else []

    def shown(self, entries: Sequence[Entry]) -> list[str]:
        """Return the block, with its marks."""
        return [BEGIN, *self.lines(entries), END] if entries else []

    def there(self, text: str, entries: Sequence[Entry], path: str) -> list[Entry]:
        """Return those of `entries` that `text` has."""
        root = self._parse(text, entries, path)
        return [one for one in entries if _table(root, one).get(one.path[-1]) == one.value]

    def put(self, text: str | None, entries: Sequence[Entry], path: str) -> str:
        """Return `text` with the table behind it."""
        root = self._parse(text or "", entries, path)
        if self.there(text or "", entries, path) == list(entries):
            return text or ""
        for entry in entries:
            value = _table(root, entry).get(entry.path[-1], entry.value)
            if value != entry.value:
                raise foreign(path, entry, value)
        if _table(root, entries[0]):
            raise refused(path, f"has {_header(entries)} already", self.lines(entries))
        after = _behind(text, self.lines(entries))
        for entry in entries:
            _table(root, entry, make=True)[entry.path[-1]] = entry.value
        with contextlib.suppress(tomllib.TOMLDecodeError):
            if tomllib.loads(after) == root:
                return after
        raise refused(path, f"leaves no place for {_header(entries)}", self.lines(entries))

    def take(
        self, text: str, entries: Sequence[Entry], path: str, before: str | None
    ) -> str | None:
        """Return `text` without our block; the header of the table stays if others are in it."""
        if BEGIN not in text:
            return text
        wanted = self._parse(text, entries, path)
        for entry in self.there(text, entries, path):
            del _table(wanted, entry)[entry.path[-1]]
        ours = self.lines(entries)
        for lines in (ours, ours[1:]):
            after = _without(text, lines)
            with contextlib.suppress(tomllib.TOMLDecodeError):
                rest = tomllib.loads(after or "")
                if _pruned(rest, entries) == _pruned(copy.deepcopy(wanted), entries):
                    return after
        raise refused_to_take(path, ours)

    def _parse(self, text: str, entries: Sequence[Entry], path: str) -> dict[str, Any]:
        try:
            return tomllib.loads(text)
        except (ValueError, RecursionError) as error:
            why = f"is not TOML, and is left as it is: {error}"
            raise refused(path, why, self.lines(entries)) from None


class Dotenv:
    """Lines ``NAME=value``, as the npm package dotenv reads them."""

    def lines(self, entries: Sequence[Entry]) -> list[str]:
        """Return a line for each of `entries`."""
        return [f"{entry.path[-1]}={entry.value}" for entry in entries]

    def shown(self, entries: Sequence[Entry]) -> list[str]:
        """Return the block, with its marks."""
        return [BEGIN, *self.lines(entries), END] if entries else []

    def there(self, text: str, entries: Sequence[Entry], path: str) -> list[Entry]:
        """Return those of `entries` that `text` has."""
        return [one for one in entries if _assigned(text, one) == one.value]

    def put(self, text: str | None, entries: Sequence[Entry], path: str) -> str:
        """Return `text` with our lines behind it."""
        missing = [one for one in entries if _assigned(text or "", one) is None]
        for entry in entries:
            value = _assigned(text or "", entry)
            if value not in (None, entry.value):
                raise foreign(path, entry, value)
        return _behind(text, self.lines(missing)) if missing else text or ""

    def take(
        self, text: str, entries: Sequence[Entry], path: str, before: str | None
    ) -> str | None:
        """Return `text` without our block."""
        return _without(text, self.lines(entries))


class OwnFile:
    """A file with nothing but ours in it: a plugin, whose text is the one entry."""

    def lines(self, entries: Sequence[Entry]) -> list[str]:
        """Return its text."""
        return [line for entry in entries for line in entry.value.splitlines()]

    def shown(self, entries: Sequence[Entry]) -> list[str]:
        """Return the same: all of the file is ours."""
        return self.lines(entries)

    def there(self, text: str, entries: Sequence[Entry], path: str) -> list[Entry]:
        """Return the entry if the file is as we write it."""
        return [one for one in entries if text == one.value]

    def put(self, text: str | None, entries: Sequence[Entry], path: str) -> str:
        """Return the text."""
        if text and text != entries[0].value:
            raise SsoenvError(
                f"{path} is there, and not as ssoenv writes it", advice="remove or rename it first"
            )
        return str(entries[0].value)

    def take(
        self, text: str, entries: Sequence[Entry], path: str, before: str | None
    ) -> str | None:
        """Return nothing, where it is as we write it. Raises SsoenvError where it was changed."""
        if not entries:
            return text
        if text != entries[0].value and self.lines(entries)[0] in text.splitlines():
            raise refused_to_take(path, ["what ssoenv wrote there, or remove the file"])
        return None if text == entries[0].value else text


def refused_to_take(path: str, lines: Sequence[str]) -> SsoenvError:
    """Return the error for a file in which others have built upon ours."""
    return SsoenvError(
        f"{path} has more where ssoenv's lines are, and is left as it is",
        advice=f"take out by hand: {'; '.join(lines)}",
    )


def _assigned(text: str, entry: Entry) -> str | None:
    """Return what the last line for `entry` in `text` sets; None where no line does."""
    line = re.compile(rf"^\s*(?:export\s+)?{entry.path[-1]}\s*[=:](.*)$", re.MULTILINE)
    values = line.findall(text)
    return values[-1].strip().strip("'\"`") if values else None


def _header(entries: Sequence[Entry]) -> str:
    return f"[{'.'.join(entries[0].path[:-1])}]"


def _assignments(entries: Sequence[Entry]) -> list[str]:
    """Return ``KEY = "value"`` for each: a JSON string is a basic string of TOML."""
    return [f"{entry.path[-1]} = {json.dumps(entry.value)}" for entry in entries]


def _table(root: dict[str, Any], entry: Entry, *, make: bool = False) -> dict[str, Any]:
    """Return the table of `root` that `entry` is in: an empty one where none is."""
    for key in entry.path[:-1]:
        below = root.setdefault(key, {}) if make else root.get(key, {})
        root = below if isinstance(below, dict) else {}
    return root


def _pruned(root: dict[str, Any], entries: Sequence[Entry]) -> dict[str, Any]:
    """Return `root` without the tables on the way to `entries` that are empty."""
    for end in range(len(entries[0].path) - 1, 0, -1):
        *way, last = entries[0].path[:end]
        table = root
        for key in way:
            table = table.get(key, {})
        if table.get(last) == {}:
            del table[last]
    return root


def _behind(text: str | None, lines: Sequence[str]) -> str:
    """Return `text` with `lines` between our marks at its end, where one newline is ours, too."""
    newline = "\r\n" if "\r\n" in (text or "") else "\n"
    block = "".join(line + newline for line in (BEGIN, *lines, END))
    return block if text is None else text + newline + block


def _without(text: str, lines: Sequence[str]) -> str | None:
    """Return `text` without our marks and, between them, `lines`; None where nothing was before."""
    block = re.compile(
        rf"(?P<gap>\r?\n)?^{re.escape(BEGIN)}[ \t]*\r?\n(?P<inside>.*?)"
        rf"^{re.escape(END)}[ \t]*(?:\r?\n|\Z)",
        re.MULTILINE | re.DOTALL,
    )
    found = block.search(text)
    if not found:
        return text
    left = [one for one in found["inside"].splitlines(keepends=True) if one.strip() not in lines]
    first, last = text[: found.start()], text[found.end() :]
    if not (first or last or left or found["gap"]):
        return None
    glued = (left or last) and first and not first.endswith("\n")
    return first + (found["gap"] or "" if glued else "") + "".join(left) + last
