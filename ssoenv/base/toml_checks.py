"""Read a TOML file that people write, and tell every problem in it at once, each with its line."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any

from ssoenv.base import toml_lines
from ssoenv.base.errors import InvalidConfiguration

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_DOTS = 50
"""How many dots a line may have, outside of texts: so no file of 64 KiB takes long to read."""
_TEXTS = re.compile(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'|#.*')
"""The texts and the comment of a line, where no text has several lines."""
MOST_GUESSES, MOST_LETTERS = 20, 64
"""For how many unknown keys, and of what length, the likely one is looked for."""
_TYPES = {str: "a string", bool: "true or false", dict: "a table", list: "a list", int: "a number"}


class TwiceError(ValueError):
    """A key stands twice in an object of JSON, which everybody reads otherwise."""


def each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of JSON (``object_pairs_hook``). Raises TwiceError."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise TwiceError(f"the key {key!r} stands twice in one object")
        found[key] = value
    return found


class Document:
    """A parsed file that gathers the problems found in it."""

    def __init__(self, content: bytes, path: str) -> None:
        """Parse `content`, of the file at `path`. Raises InvalidConfiguration if it is no TOML."""
        self.path = path
        self.problems: list[tuple[int, str]] = []
        self._meant: set[tuple[str, ...]] = set()
        text = self._decode(content)
        self.root: dict[str, Any] = self._parsed(text)
        self._lines = self._located(text)

    def _parsed(self, text: str) -> dict[str, Any]:
        self._refuse_depth(text)
        try:
            return tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise self._failure(_syntax(str(error), text)) from None
        except RecursionError:
            raise self._failure((1, "nested too deeply")) from None
        except ValueError:  # Python converts no more than 4,300 digits
            raise self._failure((1, "holds a number that is too long")) from None

    def _located(self, text: str) -> dict[tuple[str, ...], int]:
        return toml_lines.locate(text)

    def problem(self, text: str, *path: str) -> None:
        """Note that `text` is wrong with the thing at `path`."""
        self.problems.append((self.line(*path), text))

    def line(self, *path: str) -> int:
        """Return the line of the thing at `path`."""
        return toml_lines.line_of(self._lines, *path)

    def check_keys(self, table: dict[str, Any], known: Iterable[str], *path: str) -> None:
        """Note every key of `table` that is not `known`, with the likely one."""
        names = list(known)
        for key in table:
            if key not in names:
                close = self._close_matches(key, names)
                meant = f"; did you mean {close[0]!r}?" if close else f"; known: {', '.join(names)}"
                self.problem(f"unknown key {key!r}{meant}", *path, key)
                self._meant |= {(*path, name) for name in close}

    def missing(self, text: str, key: str, *path: str) -> None:
        """Note that `key` is missing at `path`, unless an unknown one was likely meant for it."""
        if not self.meant(key, *path):
            self.problem(text, *path)

    def meant(self, key: str, *path: str) -> bool:
        """Whether an unknown key at `path` was likely meant for `key`."""
        return (*path, key) in self._meant

    def take(self, table: dict[str, Any], kind: type, key: str, *path: str) -> Any:
        """Return the value of `key` if it is of `kind`; note it and return None if it is not."""
        value = table.get(key)
        if value is None:
            return None
        if type(value) is kind:
            return value
        self.problem(f"{key} must be {_TYPES[kind]}, not {_shown(value)}", *path, key)
        return None

    def texts(self, table: dict[str, Any], key: str, *path: str) -> tuple[str, ...] | None:
        """Return the texts of a list, or the one that stands in the place of a list.

        None where there is none; what is something else is noted.
        """
        value = table.get(key)
        if value is None:
            return None
        found = [value] if isinstance(value, str) else value
        if isinstance(found, list) and all(isinstance(one, str) and one for one in found):
            return tuple(found)
        self.problem(f"{key} must be a list of names", *path, key)
        return None

    def rows(self, key: str) -> list[dict[str, Any]]:
        """Return the tables of an array, ``[[key]]``; what is something else is noted."""
        value = self.root.get(key, [])
        if isinstance(value, list) and all(isinstance(one, dict) for one in value):
            return value
        self.problem(f"{key} must be tables: [[{key}]]", key)
        return []

    def _close_matches(self, key: str, names: list[str]) -> list[str]:
        """Return the known key that was likely meant; only for the first few unknown keys."""
        if len(key) > MOST_LETTERS or len(self.problems) > MOST_GUESSES:
            return []
        import difflib

        return difflib.get_close_matches(key, names, 1)

    def _refuse_depth(self, text: str) -> None:
        """Raise InvalidConfiguration for keys so deep that ``tomllib`` takes seconds to read them.

        Its time grows with the square of the parts of a key, and so does that of ``toml_lines``.
        """
        in_lines = '"""' not in text and "'''" not in text
        for number, line in enumerate(text.split("\n"), 1):
            many = line.count(".") > MOST_DOTS
            if many and (not in_lines or _TEXTS.sub("", line).count(".") > MOST_DOTS):
                raise self._failure(
                    (number, f"has more than {MOST_DOTS} dots in one line: break it")
                )

    def finish(self) -> None:
        """Raise InvalidConfiguration with every problem noted so far, if there are any."""
        if self.problems:
            raise self._failure(*sorted(self.problems))

    def _failure(self, *problems: tuple[int, str]) -> InvalidConfiguration:
        listed = tuple(f"{self.path}:{line}: {text}" for line, text in problems)
        count = f"{len(listed)} problems" if len(listed) > 1 else "a problem"
        return InvalidConfiguration(
            f"{self.path} has {count}",
            problems=listed,
            file=self.path,
            advice=f"correct {self.path} and try again",
        )

    def _decode(self, content: bytes) -> str:
        if b"\0" in content:
            line = content[: content.index(b"\0")].count(b"\n") + 1
            raise self._failure((line, "holds a NUL byte"))
        if content.startswith(b"\xef\xbb\xbf"):
            raise self._failure((1, "begins with a byte order mark; save it as UTF-8 without"))
        try:
            return content.decode("utf-8")
        except UnicodeDecodeError as error:
            line = content[: error.start].count(b"\n") + 1
            raise self._failure((line, "is not UTF-8")) from None


class JsonDocument(Document):
    """The same of JSON, which tells no lines of what is in it."""

    def _parsed(self, text: str) -> dict[str, Any]:
        import json

        try:
            found = json.loads(text, object_pairs_hook=each_once)
            json.dumps(found, ensure_ascii=False).encode()
        except json.JSONDecodeError as error:
            raise self._failure((error.lineno, f"is no JSON: {error.msg}")) from None
        except TwiceError as error:
            raise self._failure((1, str(error))) from None
        except UnicodeEncodeError:
            raise self._failure((1, "holds the half of a surrogate pair")) from None
        except RecursionError:
            raise self._failure((1, "nested too deeply")) from None
        except ValueError:  # Python converts no more than 4,300 digits
            raise self._failure((1, "holds a number that is too long")) from None
        if not isinstance(found, dict):
            raise self._failure((1, "is no JSON object"))
        return found

    def _located(self, text: str) -> dict[tuple[str, ...], int]:  # noqa: ARG002
        return {(): 1}


def _syntax(message: str, text: str) -> tuple[int, str]:
    """Take the line out of a message of tomllib: ``... (at line 3, column 1)``."""
    what, _, where = message.partition(" (at ")
    words = where.rstrip(")").replace(",", "").split()
    last = text.rstrip().count("\n") + 1
    line = int(words[1]) if words[:1] == ["line"] else last
    quotes = " (a text stands between quotes)" if what == "Invalid value" else ""
    return line, f"line {line} is not TOML: {what[0].lower()}{what[1:]}{quotes}"


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return f"{value}" if abs(value) < 10**18 else "a very large number"
    if isinstance(value, dict | list):
        return f"{_TYPES[type(value)]} of {len(value)}"
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
