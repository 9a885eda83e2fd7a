"""What each line of an AWS config is for botocore: the one place where its indentation is read.

botocore has Python's ``configparser`` (``RawConfigParser._read``) read the file. A line that is
further in than the key before it continues its value, whatever it looks like; any other line may
be indented as it likes. A comment and an empty line stand between, and change nothing.
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

Kind = Literal["blank", "comment", "header", "key", "continued", "neither"]
_HEADER = re.compile(r"\[(.+)\]")
_OPTION = re.compile(r"(.*?)\s*[=:]\s*(.*)")


class Line(NamedTuple):
    """A line, as `text` with its end, and what it is.

    `header` is that of its section, empty before the first; `key` what it sets, or what its text
    would continue. `value` is what it says of that.
    """

    text: str
    kind: Kind
    header: str = ""
    key: str = ""
    value: str = ""

    @property
    def margin(self) -> str:
        """The space before it."""
        return self.text[: len(self.text) - len(self.text.lstrip())]

    @property
    def end(self) -> str:
        """How it ends; empty for the last one of a file that no newline ends."""
        return self.text[len(self.text.rstrip("\r\n")) :]


def read(text: str) -> Iterator[Line]:
    """Yield the lines of `text`. Those that no AWS tool can read are `neither`."""
    header = key = ""
    depth = 0
    for line in io.StringIO(text, newline=""):
        bare = line.strip()
        if not bare or bare[0] in "#;":
            yield Line(line, "comment" if bare else "blank", header, key)
            continue
        indent = len(line) - len(line.lstrip())
        if key and indent > depth:
            yield Line(line, "continued", header, key, bare)
            continue
        depth = indent
        if found := _HEADER.match(bare):
            header, key = found[1], ""
            yield Line(line, "header", header)
        elif header and (option := _OPTION.fullmatch(bare)) and option[1]:
            key = option[1].lower()
            yield Line(line, "key", header, key, option[2])
        else:
            yield Line(line, "neither", header)


def sections(text: str) -> list[list[Line]]:
    """Return the lines of each section of `text`; first those before them all."""
    found: list[list[Line]] = [[]]
    for line in read(text):
        if line.kind == "header":
            found.append([])
        found[-1].append(line)
    return found


def values(section: Iterable[Line]) -> dict[str, str]:
    """Return what a section says, by key, with what continues each value."""
    parts: dict[str, list[str]] = {}
    for line in section:
        if line.key and line.kind != "comment":
            parts.setdefault(line.key, []).append(line.value)
    return {key: "\n".join(said).rstrip() for key, said in parts.items()}


def with_values(
    section: Sequence[Line], values: Mapping[str, str], newline: str, *, margin: str | None = None
) -> str:
    """Return a `section` that says other `values`: every line that says nothing of them stays.

    Each takes the place of the line that said it, and what continued that goes. Those that it
    lacks come first, where there is a `margin` for them: no further in than the next line that is
    no comment, so that this continues nothing.
    """
    there = {line.key for line in section}
    lacking = [key for key in values if margin is not None and key not in there]
    parts: list[str] = []
    end = ""
    for line in section:
        if line.kind == "continued" and line.key in values:
            end = line.end  # of the value, which is one line now
            continue
        parts += (end, line.text.removesuffix(line.end))
        end = line.end
        if line.kind == "key" and line.key in values:
            parts[-1] = f"{line.margin}{line.key} = {values[line.key]}"
        elif line.kind == "header":
            parts += (f"{end or newline}{margin}{key} = {values[key]}" for key in lacking)
    return "".join((*parts, end))
