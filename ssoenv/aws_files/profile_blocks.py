"""The blocks of profiles that ``ssoenv configure`` keeps in the AWS config, one for each session.

A block stands between two marks that name its session. In it are whole sections, one for each
profile, and the options by which they were made. Other tools edit the file as if it had no marks:
the AWS CLI adds a key to the section before a block behind its first mark, and keys of one of our
profiles to it. So a line belongs to the section that it is in for botocore; a key that we did not
write stays with its profile, and a section that we did not write leaves the block, behind it.
"""

from __future__ import annotations

import io
import re
import shlex
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from ssoenv.aws_files import managed_block
from ssoenv.aws_files.sections import class_and_name, read
from ssoenv.base import paths
from ssoenv.base.errors import InvalidConfiguration

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ssoenv.aws_files.edits import Change
    from ssoenv.aws_files.managed_block import Block

# Without a colon or an equals sign, so that the AWS CLI does not take it for a key.
_BEGIN = "# >>> ssoenv configure {} >>> profiles that it keeps, do not edit"
_END = "# <<< ssoenv configure {} <<<"
_UNENDED = "; the file had no newline at its end"
_IS_BEGIN = re.compile(r"# >>> ssoenv configure (\S+) >>>(.*)")
MADE_BY = "# ssoenv configure"
"""How the line in a block begins that has the options by which it was made."""
OURS = ("credential_process", "sso_session", "sso_account_id", "sso_role_name")
"""The keys by which a section of ours names its role."""
LEGACY = ("sso_start_url", "sso_region", "sso_account_id", "sso_role_name")
"""The same where the session has no section of its own."""
_OPTION = re.compile(r"([^#;:=\s][^:=]*?)\s*[:=]\s*(.*)")


@dataclass(frozen=True, slots=True)
class Profile:
    """A profile to be written: its `name`, and its `keys` in order.

    A value that is a mapping is a nested block, such as ``s3 =`` with ``addressing_style``.
    """

    name: str
    keys: Mapping[str, str | Mapping[str, str]]

    @property
    def lines(self) -> list[str]:
        """Its section."""
        found = [f"[profile {self.name}]"]
        for key, value in self.keys.items():
            if isinstance(value, str):
                found.append(f"{key} = {value}".rstrip())
            else:
                found += [f"{key} =", *(f"  {one} = {of}".rstrip() for one, of in value.items())]
        return found


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
class _Text:
    """A text without our blocks; `found` has them, each with its place in `pieces`."""

    pieces: list[list[str]] = field(default_factory=lambda: [[]])
    found: list[Found] = field(default_factory=list)


def find(text: str) -> dict[str, Found]:
    """Return the blocks in the `text` of a config by session. Raises InvalidConfiguration."""
    return {one.label: one for one in _seen(text).found}


def labels(env: Mapping[str, str]) -> tuple[str, ...]:
    """Return the sessions that have a block in the AWS config. Raises InvalidConfiguration."""
    return tuple(find(read(env) or ""))


def written(text: str) -> frozenset[str]:
    """Return the lines of our blocks in `text` that we wrote: none of them is a secret."""
    lines: set[str] = set()
    for one in _seen(text).found:
        lines.update(_rendered(one, one.options, ()))
        for section in one.sections:
            lines.update({*section} - {*_added(section, _written(one.options))})
    return frozenset(lines)


def without(text: str) -> str:
    """Return `text` without our blocks: what is somebody else's. Raises InvalidConfiguration."""
    return "".join(line for piece in _seen(text).pieces for line in piece)


def placed(label: str, options: Sequence[str], profiles: Sequence[Profile]) -> Change:
    """Return the change that makes the block of the session `label` hold just `profiles`.

    Where it stands it stays; a new one comes last. `options` are the words that made it.
    """

    def change(block: Block, newline: str) -> Mapping[str, str]:
        for part in ("before", "after"):
            text = _take_out(getattr(block, part))
            here = next((one for one in text.found if one.label == label), None)
            if here is not None:
                lines = _rendered(here, options, profiles)
                setattr(block, part, _joined(text, newline, {label: lines}))
                return block.commands
        _append(block, _rendered(Found(label, 0, unended=False), options, profiles), newline)
        return block.commands

    return change


def removed(labels: Iterable[str]) -> Change:
    """Return the change that takes out the blocks of the sessions `labels`, byte for byte."""
    gone = frozenset(labels)

    def change(block: Block, newline: str) -> Mapping[str, str]:
        for part in ("before", "after"):
            text = _take_out(getattr(block, part))
            if any(one.label in gone for one in text.found):
                _cut(block, part, text, gone, newline)
        return block.commands

    return change


def _cut(block: Block, part: str, text: _Text, gone: frozenset[str], newline: str) -> None:
    """Take the blocks `gone` out of a `part` of the config, and what was added for them."""
    ends = False
    for one in text.found:
        if one.label not in gone:
            ends = False
            continue
        piece = managed_block.without_gap("".join(text.pieces[one.place]))
        text.pieces[one.place] = [piece]
        last = not any("".join(rest).strip() for rest in text.pieces[one.place + 1 :])
        following = next((two for two in text.found if two.place > one.place), None)
        ends = one.unended and last
        if ends and following:
            following.unended = True
    setattr(block, part, _joined(text, newline, dict.fromkeys(gone)))
    if ends and (part == "after" or not block.found):
        setattr(block, part, managed_block.unended(getattr(block, part)))
    elif ends and not without(block.after).strip():
        block.unended = True  # what follows is all ours, and knows it from now on
        text = _take_out(block.after)
        for one in text.found[:1]:
            one.unended = True
        block.after = _joined(text, newline, {})


def _append(block: Block, lines: list[str], newline: str) -> None:
    """Put a new block last."""
    part = "after" if block.found else "before"
    text: str = getattr(block, part)
    if block.unended if block.found and not text else text and not text.endswith(("\n", "\r")):
        lines[0] += _UNENDED
    if not block.found:
        block.unended = False
    gap = managed_block.with_gap(text, newline) or (newline if block.found else "")
    setattr(block, part, gap + newline.join([*lines, ""]))


def _joined(text: _Text, newline: str, new: Mapping[str, list[str] | None]) -> str:
    """Return `text` with its blocks; those of `new` as they are there, or gone if that is None."""
    blocks = {one.place: one for one in text.found}
    parts: list[str] = []
    for place, piece in enumerate(text.pieces):
        parts += piece
        one = blocks.get(place)
        if one is None or new.get(one.label, ()) is None:
            continue
        lines = new.get(one.label) or _rendered(one, one.options, None)
        parts.append(newline.join([*lines, ""]))
    return "".join(parts)


def _rendered(
    found: Found, options: Sequence[str] | None, profiles: Sequence[Profile] | None
) -> list[str]:
    """Return the lines of a block with `profiles`, or with those that are there, and its marks."""
    label = paths.escape(found.label)
    lines = [_BEGIN.format(label) + _UNENDED * found.unended]
    if profiles is None:
        lines += [line for section in found.sections for line in section]
    else:
        old = found.profiles()
        written = _written(found.options)
        for one in profiles:
            lines += one.lines
            if one.name in old:
                lines += _added(old[one.name], written | {*one.keys})
    if options is not None:
        lines.append(f"{MADE_BY} {shlex.join(options)}".rstrip())
    return [*lines, _END.format(label)]


def _added(section: list[str], ours: frozenset[str] | set[str]) -> list[str]:
    """Return the lines of `section` that somebody else wrote: whole keys, and comments."""
    kept: list[str] = []
    keeps = False
    for line in section[1:]:
        option = None if line[:1].isspace() else _OPTION.fullmatch(line)
        if option:
            keeps = option[1].lower() not in ours
        elif not line[:1].isspace():
            keeps = True
        if keeps:
            kept.append(line)
    return kept


def _written(options: Sequence[str] | None) -> frozenset[str]:
    """Return the keys that a block made by `options` may hold as ours."""
    words = options or ()
    keys = {"region", *OURS, *LEGACY}
    for flag, value in pairwise(words):
        found = re.match(r"(?:.*?:)?([A-Za-z]\w*)(?:\.\w+)?=", value) if flag == "--set" else None
        if found:
            keys.add(found[1].lower())
    return frozenset(keys)


def _take_out(text: str) -> _Text:
    """Take our blocks out of `text`. Raises InvalidConfiguration for a block without an end."""
    result, inside = _Text(), _Inside()
    newline = "\r\n" if "\r\n" in text else "\n"
    for line in io.StringIO(text, newline=""):
        bare = line.strip()
        begin = None if inside.open else _IS_BEGIN.fullmatch(bare)
        if begin:
            unended = begin[2].endswith(_UNENDED)
            inside = _Inside(Found(_label(begin[1]), len(result.pieces) - 1, unended), open=True)
            result.found.append(inside.found)
            result.pieces.append([])
        elif inside.open and bare == _END.format(paths.escape(inside.found.label)):
            inside.open = False
        elif not inside.take(line):
            piece = result.pieces[-1 - inside.open]
            # What other tools put behind our first mark stands before the gap again.
            piece.insert(len(piece) - (inside.open and not "".join(piece[-1:]).strip()), line)
    if inside.open:
        raise InvalidConfiguration(
            f"the end of ssoenv's block for {inside.found.label} in your AWS config is gone",
            advice=f"put a line {_END.format(paths.escape(inside.found.label))!r} where it ends",
        )
    for one in result.found:
        theirs = [f"{line}{newline}" for line in _settle(one)]
        result.pieces[one.place + 1][:0] = theirs
    return result


_seen = lru_cache(maxsize=2)(_take_out)
"""The same for those who only look: before and after an edit, several do."""


@dataclass(slots=True)
class _Inside:
    """Where we are: between the marks of `found` if it is `open`, else behind them.

    What stands behind them before the next header is of the last section between them.
    """

    found: Found = field(default_factory=lambda: Found("", 0, unended=False))
    open: bool = False
    indent: int | None = None
    """How far the option is indented that the next line may continue."""

    def take(self, line: str) -> bool:
        """Take note of `line`; False for one that stands in no section of the block.

        What continues a value keeps a space before it; no other line does.
        """
        bare, indent = line.strip(), len(line) - len(line.lstrip())
        comment = bare[:1] in ("#", ";")
        if not bare or (comment and not self.open):
            return self.open
        if self.open and bare.startswith(MADE_BY):
            self.found.options = _options(bare)
            return True
        continued = self.indent is not None and indent > self.indent and not comment
        if not continued and re.match(r"\[.+\]", bare):
            return self._begin(bare)
        if not continued and not comment:
            self.indent = indent
        if self.found.sections:
            self.found.sections[-1].append(f"  {bare}" if continued else bare)
        return bool(self.found.sections)

    def _begin(self, header: str) -> bool:
        """Begin a section; behind the block, the first ends what is of it."""
        self.indent = None
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


def command(script: str, key: str) -> str:
    """Return what a profile runs for the role with `key`. InvalidConfiguration as for ours."""
    return f"{managed_block.command(script)} {key}"


def is_command_of(line: str, label: str) -> bool:
    """Whether the command `line` asks for a role of the session `label`, as ours do."""
    program, _, key = line.rpartition(" ")
    return managed_block.runs_script(program) and key.startswith(f"{paths.escape(label)}/")


def _name(header: str) -> str:
    return class_and_name(re.sub(r"\[(.+)\].*", r"\1", header))[1] or ""


def _keys(section: list[str]) -> dict[str, str]:
    options = (_OPTION.fullmatch(line) for line in section[1:] if not line[:1].isspace())
    return {option[1].lower(): option[2].strip() for option in options if option}


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
