"""The blocks of profiles that ``ssoenv configure`` keeps in the AWS config, one for each session.

A block stands between two marks that name its session. In it are whole sections, one for each
profile, and the options by which they were made. Other tools edit the file as if it had no marks:
the AWS CLI adds a key to the section before a block behind its first mark, and keys of one of our
profiles to it. So a line belongs to the section that it is in for botocore; a key that we did not
write stays with its profile, and a section that we did not write leaves the block, behind it.
"""

from __future__ import annotations

import re
import shlex
from functools import lru_cache
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING

from ssoenv.aws_files import lines, managed_block
from ssoenv.aws_files.sections import class_and_name, read
from ssoenv.base import paths
from ssoenv.base.errors import InvalidConfiguration
from ssoenv.base.values import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ssoenv.aws_files.edits import Change
    from ssoenv.aws_files.lines import Line
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
SETTING = re.compile(r"(?:(.*?):)?([A-Za-z]\w*)(?:\.(\w+))?\s*=\s*(.*)", re.ASCII)
"""What ``--set`` says: a pattern, a key, one below it, and a value."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A profile to be written: its `name`, and its `keys` in order.

    A value that is a mapping is a nested block, such as ``s3 =`` with ``addressing_style``.
    """

    name: str
    keys: Mapping[str, str | Mapping[str, str]]

    def lines(self, theirs: Mapping[str, Sequence[str]]) -> list[str]:
        """Return its section, with the lines that are `theirs` in each of its nested blocks."""
        found = [f"[profile {self.name}]"]
        for key, value in self.keys.items():
            if isinstance(value, str):
                found.append(f"{key} = {value}".rstrip())
            else:
                found += [f"{key} =", *(f"  {one} = {of}".rstrip() for one, of in value.items())]
                found += theirs.get(key, ())
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


@dataclass(frozen=True, slots=True)
class _Theirs:
    """What somebody else wrote in a section of ours.

    `below` are lines in nested blocks, by the key of each; `whole` are whole keys, and comments.
    """

    below: Mapping[str, Sequence[str]] = field(repr=False)
    whole: Sequence[str] = field(repr=False)


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
    found: set[str] = set()
    for one in _seen(text).found:
        found.update(_rendered(one, one.options, ()))
        for section in one.sections:
            theirs = _theirs(section, _written(one.options))
            found.update({*section}.difference(theirs.whole, *theirs.below.values()))
    return frozenset(found)


def without(text: str) -> str:
    """Return `text` without our blocks: what is somebody else's. Raises InvalidConfiguration."""
    return "".join(line for piece in _seen(text).pieces for line in piece)


def placed(label: str, options: Sequence[str], profiles: Sequence[Profile]) -> Change:
    """Return the change that makes the block of the session `label` hold just `profiles`.

    Where it stands it stays; a new one comes last. `options` are the words that made it.
    """

    def change(block: Block, newline: str) -> Mapping[str, str]:
        block.meant.update(("profile", one.name) for one in profiles)
        for part in ("before", "after"):
            text = _take_out(getattr(block, part))
            here = next((one for one in text.found if one.label == label), None)
            if here is not None:
                block.meant.update(("profile", name) for name in here.profiles())
                new = _rendered(here, options, profiles)
                setattr(block, part, _joined(text, newline, {label: new}))
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
            found = [one for one in text.found if one.label in gone]
            block.meant.update(("profile", name) for one in found for name in one.profiles())
            if found:
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


def _append(block: Block, new: list[str], newline: str) -> None:
    """Put a new block last."""
    part = "after" if block.found else "before"
    text: str = getattr(block, part)
    if block.unended if block.found and not text else text and not text.endswith(("\n", "\r")):
        new[0] += _UNENDED
    if not block.found:
        block.unended = False
    gap = managed_block.with_gap(text, newline) or (newline if block.found else "")
    setattr(block, part, gap + newline.join([*new, ""]))


def _joined(text: _Text, newline: str, new: Mapping[str, list[str] | None]) -> str:
    """Return `text` with its blocks; those of `new` as they are there, or gone if that is None."""
    blocks = {one.place: one for one in text.found}
    parts: list[str] = []
    for place, piece in enumerate(text.pieces):
        parts += piece
        one = blocks.get(place)
        if one is None or new.get(one.label, ()) is None:
            continue
        rendered = new.get(one.label) or _rendered(one, one.options, None)
        parts.append(newline.join([*rendered, ""]))
    return "".join(parts)


def _rendered(
    found: Found, options: Sequence[str] | None, profiles: Sequence[Profile] | None
) -> list[str]:
    """Return the lines of a block with `profiles`, or with those that are there, and its marks."""
    label = paths.escape(found.label)
    rendered = [_BEGIN.format(label) + _UNENDED * found.unended]
    if profiles is None:
        rendered += [line for section in found.sections for line in section]
    else:
        old = found.profiles()
        written = _written(found.options)
        for one in profiles:
            theirs = _theirs(old.get(one.name, []), written, one.keys)
            rendered += [*one.lines(theirs.below), *theirs.whole]
    if options is not None:
        rendered.append(f"{MADE_BY} {shlex.join(options)}".rstrip())
    return [*rendered, _END.format(label)]


def _theirs(
    section: list[str],
    ours: frozenset[tuple[str, str]],
    new: Mapping[str, str | Mapping[str, str]] = MappingProxyType({}),
) -> _Theirs:
    """Return what somebody else wrote in `section`: neither a key of `ours`, nor one that is `new`.

    What stands in a nested block is as much theirs as a whole key: a key of it is ours by itself.
    """
    below: dict[str, list[str]] = {}
    whole: list[str] = []
    for entry in _entries(section):
        key, said = entry[0].key, new.get(entry[0].key)
        texts = [line.text.rstrip("\n") for line in entry]
        if not key:
            whole += texts
        elif isinstance(said, str):
            continue
        elif entry[0].value or len(entry) == 1:  # not nested
            whole += () if said is not None or (key, "") in ours else texts
        else:
            mine = {sub for one, sub in ours if one == key}.union(said or ())
            kept = [
                text
                for line, text in zip(entry[1:], texts[1:], strict=True)
                if line.kind == "comment"
                or (line.kind == "continued" and line.value.partition("=")[0].strip() not in mine)
            ]
            last = max((at for at, text in enumerate(kept, 1) if text[:1] == " "), default=0)
            if said is not None:
                below[key] = kept[:last]
            elif last:
                whole += [texts[0], *kept[:last]]
            whole += kept[last:]
    return _Theirs(below, whole)


def _entries(section: list[str]) -> list[list[Line]]:
    """Return each key of `section` with what continues it; a comment below that, by itself."""
    found: list[list[Line]] = []
    between: list[Line] = []
    for line in [*lines.read("\n".join(section))][1:]:
        if line.kind == "continued" and found:
            found[-1] += [*between, line]
            between = []
        elif line.kind in ("comment", "blank"):
            between.append(line._replace(key=""))
        else:
            found += [*([one] for one in between), [line]]
            between = []
    return [*found, *([one] for one in between)]


def _written(options: Sequence[str] | None) -> frozenset[tuple[str, str]]:
    """Return the keys that a block made by `options` may hold as ours.

    Each is a key and one below it; what is all ours has none below. Of a key that is set whole and
    one below it, for every role, the last option counts.
    """
    always = {(key, "") for key in ("region", *OURS, *LEGACY)}
    keys: set[tuple[str, str]] = set()
    for flag, value in pairwise(options or ()):
        found = SETTING.fullmatch(value) if flag == "--set" else None
        if found:
            key, below = found[2].lower(), (found[3] or "").lower()
            if found[1] in (None, "", "*"):
                keys = {one for one in keys if one[0] != key or (below and one[1])}
            keys.add((key, below))
    return frozenset(keys | always)


def _take_out(text: str) -> _Text:
    """Take our blocks out of `text`. Raises InvalidConfiguration for a block without an end."""
    result, inside = _Text(), _Inside()
    newline = "\r\n" if "\r\n" in text else "\n"
    for line in lines.read(text):
        bare = line.text.strip()
        begin = _IS_BEGIN.fullmatch(bare)
        if begin and inside.open:
            # A mark that is there twice begins one block; that of another ends none.
            if _label(begin[1]) != inside.found.label:
                raise _without_end(inside.found)
        elif begin:
            unended = begin[2].endswith(_UNENDED)
            inside = _Inside(Found(_label(begin[1]), len(result.pieces) - 1, unended), open=True)
            result.found.append(inside.found)
            result.pieces.append([])
        elif inside.open and bare == _END.format(paths.escape(inside.found.label)):
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
        advice=f"put a line {_END.format(paths.escape(found.label))!r} where it ends",
    )


_seen = lru_cache(maxsize=2)(_take_out)
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
