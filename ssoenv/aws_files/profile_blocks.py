"""The blocks of profiles that ``ssoenv configure`` keeps in the AWS config, one for each session.

In a block are whole sections, one for each profile, and the options by which they were made. What
somebody else wrote in one of our sections stays there (``found_blocks`` has which lines those are).
"""

from __future__ import annotations

import re
import shlex
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING

from ssoenv.aws_files import lines, managed_block
from ssoenv.aws_files.found_blocks import (
    BEGIN,
    END,
    MADE_BY,
    UNENDED,
    Found,
    Text,
    seen,
    take_out,
    without,
)
from ssoenv.base import paths
from ssoenv.base.values import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ssoenv.aws_files.edits import Change
    from ssoenv.aws_files.lines import Line
    from ssoenv.aws_files.managed_block import Block

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


@dataclass(frozen=True, slots=True)
class _Theirs:
    """What somebody else wrote in a section of ours.

    `below` are lines in nested blocks, by the key of each; `whole` are whole keys, and comments.
    """

    below: Mapping[str, Sequence[str]] = field(repr=False)
    whole: Sequence[str] = field(repr=False)


def written(text: str) -> frozenset[str]:
    """Return the lines of our blocks in `text` that we wrote: none of them is a secret."""
    found: set[str] = set()
    for one in seen(text).found:
        found.update(_rendered(one, one.options, ()))
        for section in one.sections:
            theirs = _theirs(section, _written(one.options))
            found.update({*section}.difference(theirs.whole, *theirs.below.values()))
    return frozenset(found)


def placed(label: str, options: Sequence[str], profiles: Sequence[Profile]) -> Change:
    """Return the change that makes the block of the session `label` hold just `profiles`.

    Where it stands it stays; a new one comes last. `options` are the words that made it.
    """

    def change(block: Block, newline: str) -> Mapping[str, str]:
        block.meant.update(("profile", one.name) for one in profiles)
        for part in ("before", "after"):
            text = take_out(getattr(block, part))
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
            text = take_out(getattr(block, part))
            found = [one for one in text.found if one.label in gone]
            block.meant.update(("profile", name) for one in found for name in one.profiles())
            if found:
                _cut(block, part, text, gone, newline)
        return block.commands

    return change


def _cut(block: Block, part: str, text: Text, gone: frozenset[str], newline: str) -> None:
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
        text = take_out(block.after)
        for one in text.found[:1]:
            one.unended = True
        block.after = _joined(text, newline, {})


def _append(block: Block, new: list[str], newline: str) -> None:
    """Put a new block last."""
    part = "after" if block.found else "before"
    text: str = getattr(block, part)
    if block.unended if block.found and not text else text and not text.endswith(("\n", "\r")):
        new[0] += UNENDED
    if not block.found:
        block.unended = False
    gap = managed_block.with_gap(text, newline) or (newline if block.found else "")
    setattr(block, part, gap + newline.join([*new, ""]))


def _joined(text: Text, newline: str, new: Mapping[str, list[str] | None]) -> str:
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
    rendered = [BEGIN.format(label) + UNENDED * found.unended]
    if profiles is None:
        rendered += [line for section in found.sections for line in section]
    else:
        old = found.profiles()
        written = _written(found.options)
        for one in profiles:
            theirs = _theirs(old.get(one.name, []), written, one.keys)
            rendered += [*one.lines(theirs.below), *theirs.whole]
    if options is not None:
        rendered.append(f"{MADE_BY} {shlex.join(options)}".rstrip())  # noqa: TID251 - shlex reads it
    return [*rendered, END.format(label)]


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


def command(script: str, key: str) -> str:
    """Return what a profile runs for the role with `key`. InvalidConfiguration as for ours."""
    return f"{managed_block.command(script)} {key}"
