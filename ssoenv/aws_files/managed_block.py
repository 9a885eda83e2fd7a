"""Take the block between our markers out of the text of the AWS config, and put a new one back.

Other tools edit that file as if it had no markers. The AWS CLI puts a key for the section before
the block behind our first marker, and keys for one of our profiles into it. So the text is read as
the sections that it is for botocore, and a line belongs to the section in which it stands,
whichever marker it stands beside.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ssoenv.aws_files import lines
from ssoenv.aws_files.sections import class_and_name
from ssoenv.base import dialects
from ssoenv.base.errors import InvalidConfiguration
from ssoenv.base.models import MANAGED, is_managed
from ssoenv.base.values import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssoenv.aws_files.lines import Line

# Without a colon or an equals sign, so that the AWS CLI does not take it for a key.
BEGIN = "# >>> ssoenv >>> profiles that it manages, do not edit"
END = "# <<< ssoenv <<<"
BEGIN_UNENDED = f"{BEGIN}; the file had no newline at its end"
"""The first line of our block in a file whose last line we had to end."""
_BEGINS = (BEGIN, BEGIN_UNENDED, "# >>> ssoenv: profiles that it manages, do not edit >>>")
SCRIPT = "/ssoenv/credential-process"
"""How the path of the script ends that our section runs (``paths.source_file``)."""
KEPT_OUT = "# ssoenv kept this out of"


@dataclass(frozen=True, slots=True)
class ForeignLine:
    """A line in a section of ours that we did not write, and its number in the file."""

    profile: str
    text: str = field(repr=False)
    number: int


@dataclass(slots=True)
class Block:
    """A config without our sections: the text `before` and `after` where they go.

    `commands` are the credential_process lines of our sections by the name of the profile, empty
    where there is none; `found` says whether there was a block at all. `unended`: without our block
    the file has no newline at its end. Whoever edits it says in `meant`, by class and name, which
    sections the edit is about: no other of the user's may come out of it changed.
    """

    before: str = ""
    after: str = ""
    commands: dict[str, str] = field(default_factory=dict)
    foreign: list[ForeignLine] = field(default_factory=list)
    found: bool = False
    unended: bool = False
    meant: set[tuple[str, str | None]] = field(default_factory=set)


def command(script: str) -> str:
    """Return what our section runs, as one line. InvalidConfiguration where no line can say it.

    ``sh -c``, Python's ``shlex`` and the SDKs' readers of the file, which take `` #`` and `` ;``
    for the start of a comment, all read the same words in it.
    """
    return f"/bin/sh {_word(script)}"


def take_out(text: str) -> Block:
    """Take our sections out of `text`. Raises InvalidConfiguration for a block without an end.

    What is not ours stays, in its order: foreign lines of our sections as comments, and whatever
    stands between our markers beside our sections outside of them.
    """
    block, inside = Block(unended=_is_unended(text)), False
    ours: str | None = None
    section_since_marker = False
    before: list[str] = []
    after: list[str] = []
    for number, line in enumerate(lines.read(text), 1):
        bare = line.text.strip()
        if bare in _BEGINS:
            inside = block.found = True
            block.unended = bare == BEGIN_UNENDED
            continue
        if bare == END and inside:
            inside = False
            continue
        kept = line.text
        if line.kind == "header":
            if ours is not None:  # it continues nothing of what stands before without ours
                kept = kept.lstrip()
            ours = _managed(line.header) if inside else None
            section_since_marker = block.found
            if ours is not None:
                block.commands.setdefault(ours, "")
                continue
        elif ours is not None:
            kept = _of_ours(block, ours, line, number, inside=inside)
        (after if section_since_marker else before).append(kept)
    block.before, block.after = "".join(before), "".join(after)
    if inside:
        raise InvalidConfiguration(
            "the end of ssoenv's block in your AWS config is gone",
            advice=f"put a line {END!r} where the block ends",
        )
    return block


def put_back(block: Block, commands: Mapping[str, str], newline: str) -> str:
    """Return the text of `block` with the sections of `commands` between our markers."""
    if not commands:
        text = (without_gap(block.before) if block.found else block.before) + block.after
        return unended(text) if block.unended and not block.after else text
    before = block.before if block.found else with_gap(block.before, newline)
    lines = [BEGIN_UNENDED if block.unended else BEGIN]
    for name in sorted(commands):
        lines += [f"[profile {name}]", f"credential_process = {commands[name]}"]
    return before + newline.join([*lines, END, ""]) + block.after


def insert(block: Block, section: str, newline: str) -> None:
    """Put a section of the user's before our block, one empty line apart."""
    before = without_gap(block.before) if block.found else block.before
    block.before = with_gap(before, newline) + section.replace("\n", newline)
    if block.found:
        block.before += newline


def with_gap(text: str, newline: str) -> str:
    """Return `text` with its last line ended, and an empty line behind it."""
    if text and not text.endswith(("\n", "\r")):
        text += newline
    # Behind a lone CR a newline would be the end of the same line.
    gap = "\r" if text.endswith("\r") else newline
    return text + gap if text else text


def without_gap(text: str) -> str:
    """Return `text` without the empty line at its end that `with_gap` put there."""
    return re.sub(r"(\A|\n|\r(?!\n))(\r\n|\n|\r)\Z", r"\1", text)


def unended(text: str) -> str:
    """Return `text` without the newline at its end."""
    return re.sub(r"(\r\n|\n|\r)\Z", "", text)


def _is_unended(text: str) -> bool:
    return bool(text) and not text.endswith(("\n", "\r"))


def _of_ours(block: Block, name: str, line: Line, number: int, *, inside: bool) -> str:
    """Take note of a line in our section `name`; return what is to be kept of it elsewhere."""
    if line.kind == "blank":
        return "" if inside else line.text
    if line.kind == "comment":
        return line.text
    is_command = line.kind == "key" and line.key == "credential_process"
    if is_command and not block.commands[name] and _runs_us(name, line.value):
        block.commands[name] = line.value
        return ""
    bare = line.text.strip()
    block.foreign.append(ForeignLine(name, bare, number))
    end = line.end or "\n"
    return f"{KEPT_OUT} [profile {name}]: {bare}{end}"


def _managed(header: str) -> str | None:
    """Return the name of the managed profile that `header` begins; None for any other section."""
    kind, name = class_and_name(header)
    if kind != "profile" or name is None:
        return None
    return name if is_managed(name) else None


def _runs_us(name: str, command: str) -> bool:
    """Whether `command` is ours for the profile `name`, or what an earlier version wrote there."""
    if name == MANAGED:
        return runs_script(command)
    return " credential-process " in command


def runs_script(command: str) -> bool:
    """Whether `command` runs a script of ours, in whichever state folder."""
    return command.startswith("/bin/sh ") and command.rstrip("'").endswith(SCRIPT)


def _word(word: str) -> str:
    if re.fullmatch(r"[\w@%+:,./-]+", word, re.ASCII):
        return word
    if any(char < " " or char == "\x7f" or "\ud800" <= char <= "\udfff" for char in word):
        raise InvalidConfiguration(
            f"the path of ssoenv cannot be written to an AWS config: {word!r}",
            advice="install ssoenv where no folder has control characters in its name",
        )
    # Quotes end and begin again before what could begin a comment.
    return re.sub(r"([#;])", r"''\1", dialects.quote_posix(word))
