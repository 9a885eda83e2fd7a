"""Reading a TOML file that people write: all that is wrong with it, at once, each with its line."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

from ssoenv import toml_lines
from ssoenv.errors import InvalidConfiguration

if TYPE_CHECKING:
    from collections.abc import Iterable

_TYPES = {str: "a string", bool: "true or false", dict: "a table", list: "a list", int: "a number"}


class Document:
    """A parsed file that gathers the problems found in it."""

    def __init__(self, content: bytes, path: str) -> None:
        """Parse `content`, of the file at `path`. Raises InvalidConfiguration if it is no TOML."""
        self.path = path
        self.problems: list[tuple[int, str]] = []
        text = self._decode(content)
        try:
            self.root: dict[str, Any] = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise self._failure(_syntax(str(error), text)) from None
        except RecursionError:
            raise self._failure((1, "nested too deeply")) from None
        self._lines = toml_lines.locate(text)

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
                import difflib

                close = difflib.get_close_matches(key, names, 1)
                meant = f"; did you mean {close[0]!r}?" if close else f"; known: {', '.join(names)}"
                self.problem(f"unknown key {key!r}{meant}", *path, key)

    def take(self, table: dict[str, Any], kind: type, key: str, *path: str) -> Any:
        """Return the value of `key` if it is of `kind`; note it and return None if it is not."""
        value = table.get(key)
        if value is None:
            return None
        if type(value) is kind:
            return value
        self.problem(f"{key} must be {_TYPES[kind]}, not {_shown(value)}", *path, key)
        return None

    def finish(self) -> None:
        """Raise InvalidConfiguration with every problem noted so far, if there are any."""
        if self.problems:
            raise self._failure(*sorted(self.problems))

    def _failure(self, *problems: tuple[int, str]) -> InvalidConfiguration:
        listed = tuple(f"{self.path}:{line}: {text}" for line, text in problems)
        count = f"{len(listed)} problems" if len(listed) > 1 else "a problem"
        return InvalidConfiguration(
            f"{self.path} has {count}", problems=listed, advice=f"mend {self.path} and try again"
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


def _syntax(message: str, text: str) -> tuple[int, str]:
    """Take the line out of a message of tomllib: ``... (at line 3, column 1)``."""
    what, _, where = message.partition(" (at ")
    words = where.rstrip(")").replace(",", "").split()
    last = text.rstrip().count("\n") + 1
    line = int(words[1]) if words[:1] == ["line"] else last
    return line, f"line {line} is not TOML: {what[0].lower()}{what[1:]}"


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
