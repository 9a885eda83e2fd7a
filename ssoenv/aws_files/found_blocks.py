"""Where the blocks of profiles that ``ssoenv configure`` keeps stand in the AWS config.

A block stands between two marks that name its session. Other tools edit the file as if it had no
marks: the AWS CLI adds a key to the section before a block behind its first mark, and keys of one
of our profiles to it. So a line belongs to the section that it is in for botocore; a key that we
did not write stays with its profile, and a section that we did not write leaves the block, behind.
"""

from __future__ import annotations

import re
import shlex
from functools import lru_cache
from typing import TYPE_CHECKING

from ssoenv.aws_files import lines, managed_block
from ssoenv.aws_files.sections import class_and_name, read
from ssoenv.base import paths
from ssoenv.base.errors import InvalidConfiguration
from ssoenv.base.values import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssoenv.aws_files.lines import Line

# Without a colon or an equals sign, so that the AWS CLI does not take it for a key.
BEGIN = "# >>> ssoenv configure {} >>> profiles that it keeps, do not edit"
END = "# <<< ssoenv configure {} <<<"
UNENDED = "; the file had no newline at its end"
_IS_BEGIN = re.compile(r"# >>> ssoenv configure (\S+) >>>(.*)")
MADE_BY = "# ssoenv configure"
"""How the line in a block begins that has the options by which it was made."""


@dataclass(slots=True)
class Found:
    """A block as it stands in the config.

    `label` is the session that its marks name; `options` the words by which it was made, `added`
    the lines of each of its profiles that somebody else wrote there. `place` is where it stood.
    """

    label: str
    place: int
    unended: bool
    options: tuple[str, ...] | None = None
    sections: list[list[str]] = field(default_factory=list, repr=False)

    def profiles(self) -> dict[str, list[str]]:
        """Return the lines of each of its profiles, by name."""
        return {_name(section[0]): section for section in self.sections}


@dataclass(slots=True)
class Text:
    """A text without our blocks; `found` has them, each with its place in `pieces`."""

    pieces: list[list[str]] = field(default_factory=lambda: [[]])
    found: list[Found] = field(default_factory=list)


def find(text: str) -> dict[str, Found]:
    """Return the blocks in the `text` of a config by session. Raises InvalidConfiguration."""
    return {one.label: one for one in seen(text).found}


def labels(env: Mapping[str, str]) -> tuple[str, ...]:
    """Return the sessions that have a block in the AWS config. Raises InvalidConfiguration."""
    return tuple(find(read(env) or ""))


def without(text: str) -> str:
    """Return `text` without our blocks: what is somebody else's. Raises InvalidConfiguration."""
    return "".join(line for piece in seen(text).pieces for line in piece)


def take_out(text: str) -> Text:
    """Take our blocks out of `text`. Raises InvalidConfiguration for a block without an end."""
    result, inside = Text(), _Inside()
    newline = "\r\n" if "\r\n" in text else "\n"
    for line in lines.read(text):
        bare = line.text.strip()
        begin = _IS_BEGIN.fullmatch(bare)
        if begin and inside.open:
            # A mark that is there twice begins one block; that of another ends none.
            if _label(begin[1]) != inside.found.label:
                raise _without_end(inside.found)
        elif begin:
            unended = begin[2].endswith(UNENDED)
            inside = _Inside(Found(_label(begin[1]), len(result.pieces) - 1, unended), open=True)
            result.found.append(inside.found)
            result.pieces.append([])
        elif inside.open and bare == END.format(paths.escape(inside.found.label)):
            inside.open = False
        elif not inside.take(line):
            piece = result.pieces[-1 - inside.open]
            # The first header behind a block continues nothing of it, and nothing without it.
            first = line.kind == "header" and all(one.strip()[:1] in {"", *"#;"} for one in piece)
            # What other tools put behind our first mark stands before the gap again.
            at = len(piece) - (inside.open and not "".join(piece[-1:]).strip())
            piece.insert(at, line.text.lstrip() if first and result.found else line.text)
    if inside.open:
        raise _without_end(inside.found)
    for one in result.found:
        theirs = [f"{line}{newline}" for line in _settle(one)]
        result.pieces[one.place + 1][:0] = theirs
    return result


def _without_end(found: Found) -> InvalidConfiguration:
    return InvalidConfiguration(
        f"the end of ssoenv's block for {found.label} in your AWS config is gone",
        advice=f"put a line {END.format(paths.escape(found.label))!r} where it ends",
    )


seen = lru_cache(maxsize=2)(take_out)
"""The same for those who only look: before and after an edit, several do."""


@dataclass(slots=True)
class _Inside:
    """Where we are: between the marks of `found` if it is `open`, else behind them.

    What stands behind them before the next header is of the last section between them.
    """

    found: Found = field(default_factory=lambda: Found("", 0, unended=False))
    open: bool = False
    blank: int = 0
    """How many empty lines stand before the next line, which may be of one value with the last."""

    def take(self, line: Line) -> bool:
        """Take note of `line`; False for one that stands in no section of the block.

        What continues a value keeps a space before it; no other line does.
        """
        bare = line.text.strip()
        if line.kind == "blank":
            self.blank += 1
            return self.open
        if line.kind == "comment" and not self.open:
            return False
        if self.open and bare.startswith(MADE_BY):
            self.found.options = _options(bare)
            return True
        if line.kind == "header":
            return self._begin(bare)
        if self.found.sections:
            section = self.found.sections[-1]
            section += [""] * self.blank if line.kind == "continued" else []
            section.append(f"  {bare}" if line.kind == "continued" else bare)
        self.blank = 0 if line.kind != "comment" else self.blank
        return bool(self.found.sections)

    def _begin(self, header: str) -> bool:
        """Begin a section; behind the block, the first ends what is of it."""
        self.blank = 0
        if not self.open:
            self.found = Found("", 0, unended=False)
            return False
        self.found.sections.append([header])
        return True


def _settle(found: Found) -> list[str]:
    """Leave in a block what is ours; return the lines of the sections that are not."""
    ours: list[list[str]] = []
    theirs: list[str] = []
    for section in found.sections:
        if _is_ours(section, found.label):
            ours.append(section)
        else:
            theirs += section
    found.sections = ours
    return theirs


def _is_ours(section: list[str], label: str) -> bool:
    kind, name = class_and_name(re.sub(r"\[(.+)\].*", r"\1", section[0]))
    if kind != "profile" or name is None:
        return False
    keys = _keys(section)
    role = bool(keys.get("sso_account_id")) and bool(keys.get("sso_role_name"))
    if role and label in (keys.get("sso_session"), keys.get("sso_start_url")):
        return True
    return is_command_of(keys.get("credential_process", ""), label)


def is_command_of(line: str, label: str) -> bool:
    """Whether the command `line` asks for a role of the session `label`, as ours do."""
    program, _, key = line.rpartition(" ")
    return managed_block.runs_script(program) and key.startswith(f"{paths.escape(label)}/")


def _name(header: str) -> str:
    return class_and_name(re.sub(r"\[(.+)\].*", r"\1", header))[1] or ""


def _keys(section: list[str]) -> dict[str, str]:
    return {line.key: line.value for line in lines.read("\n".join(section)) if line.kind == "key"}


def _label(escaped: str) -> str:
    try:
        return paths.parse_role_key(f"{escaped}/a/b")[0][0]
    except ValueError:
        return escaped


def _options(line: str) -> tuple[str, ...] | None:
    try:
        return tuple(shlex.split(line[len(MADE_BY) :]))
    except ValueError:
        return None
