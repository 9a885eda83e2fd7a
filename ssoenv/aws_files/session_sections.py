"""The ``[sso-session]`` sections that a person has us write: added, replaced, and taken out.

Each is a change of the AWS config, which `edits` plans, shows and writes.
"""

from __future__ import annotations

import io
import re
import shlex
from typing import TYPE_CHECKING

from ssoenv.aws_files import edits, managed_block
from ssoenv.aws_files.sections import class_and_name
from ssoenv.base.models import instance_url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from ssoenv.aws_files.managed_block import Block
    from ssoenv.base.models import Session


def added(session: Session) -> edits.Change:
    """Return the change that puts the section of `session` before our own block."""
    if session.name is None:
        raise ValueError("a legacy session has no section of its own")
    lines = [f"[sso-session {_word(session.name)}]"]
    lines += [f"{key} = {value}" for key, value in _values(session).items()]
    if session.scopes:
        lines.append(f"sso_registration_scopes = {', '.join(session.scopes)}")
    _require_one_line(lines)

    def insert(block: Block, newline: str) -> dict[str, str]:
        managed_block.insert(block, "\n".join([*lines, ""]), newline)
        return block.commands

    return insert


def replaced(session: Session, *, scopes: bool = False) -> edits.Change:
    """Return the change that gives the section of `session` its start URL and region.

    With `scopes` those, too. Each takes the place of the line that said it; the others stay.
    """
    values = _values(session)
    if scopes:
        values["sso_registration_scopes"] = ", ".join(session.scopes or ())
    _require_one_line(values.values())

    def edit(section: list[str], newline: str) -> list[str]:
        lacking = values.keys() - {_key(line) for line in section[1:]}
        header = section[0] if section[0].endswith(("\n", "\r")) else section[0] + newline
        added = [f"{key} = {value}{newline}" for key, value in values.items() if key in lacking]
        return [header, *added, *_with_values(section[1:], values, newline)]

    return _of_section(session.name or "", edit)


def _with_values(lines: list[str], values: Mapping[str, str], newline: str) -> Iterator[str]:
    """Yield the `lines` of a section with other `values`; what continued the old ones goes."""
    dropping = False
    for line in lines:
        key = _key(line)
        dropping = key in values or (dropping and line[:1].isspace() and bool(line.strip()))
        if key in values:
            yield f"{key} = {values[key]}{newline}"
        elif not dropping:
            yield line


def moved(session: Session, region: str) -> edits.Change:
    """Return the change that gives `session` another region, and the profiles that repeat it.

    That is its section, or the legacy profiles of its start URL.
    """
    _require_one_line([region])

    def edit(text: str, newline: str) -> str:
        return "".join(
            f"sso_region = {region}{newline}"
            if _key(line) == "sso_region" and _tells_of(section, session)
            else line
            for section in _sections(text)
            for line in section
        )

    def change(block: Block, newline: str) -> dict[str, str]:
        block.before, block.after = edit(block.before, newline), edit(block.after, newline)
        return block.commands

    return change


def _tells_of(section: list[str], session: Session) -> bool:
    """Whether `section` is that of `session`, or a profile's that has its start URL or its name."""
    if session.name is not None and _is_of(section, session.name):
        return True
    values = {_key(line): line.partition("=")[2].strip() for line in section[1:] if _key(line)}
    header = re.match(r"\[(.+)\]", section[0]) if section else None
    if header is None or class_and_name(header[1])[0] != "profile":
        return False
    if session.name is not None:
        return values.get("sso_session") == session.name
    url = values.get("sso_start_url", "")
    return "sso_session" not in values and instance_url(url) == instance_url(session.start_url)


def removed(name: str) -> edits.Change:
    """Return the change that takes the section of the session `name` out; comments in it stay.

    So goes the empty line that parts it from what stands before; how the file ends stays.
    """

    def change(block: Block, _: str) -> dict[str, str]:
        block.before = _without(block.before, name)
        block.after = _without(block.after, name)
        return block.commands

    return change


def _without(text: str, name: str) -> str:
    kept = ""
    for section in _sections(text):
        if not _is_of(section, name):
            kept += "".join(section)
            continue
        if section[-1].strip():  # no empty line behind it, so one before it
            kept = managed_block.without_gap(kept)
        kept += "".join(line for line in section if line.lstrip()[:1] == "#")
    return kept


def _of_section(name: str, edit: Callable[[list[str], str], list[str]]) -> edits.Change:
    def change(block: Block, newline: str) -> dict[str, str]:
        block.before = _edited(block.before, name, lambda lines: edit(lines, newline))
        block.after = _edited(block.after, name, lambda lines: edit(lines, newline))
        return block.commands

    return change


def _edited(text: str, name: str, edit: Callable[[list[str]], list[str]]) -> str:
    """Return `text` with the lines of each section of the session `name` as `edit` makes them."""
    return "".join(
        line
        for section in _sections(text)
        for line in (edit(section) if _is_of(section, name) else section)
    )


def _sections(text: str) -> list[list[str]]:
    """Return the lines of each section of `text`, with their ends; first those before them all."""
    sections: list[list[str]] = [[]]
    for line in io.StringIO(text, newline=""):
        if re.match(r"\[.+\]", line):
            sections.append([])
        sections[-1].append(line)
    return sections


def _is_of(section: list[str], name: str) -> bool:
    header = re.match(r"\[(.+)\]", section[0]) if section else None
    return header is not None and class_and_name(header[1]) == ("sso-session", name)


def _key(line: str) -> str:
    """Return the key that `line` sets; empty for a comment and for what continues a value."""
    found = re.match(r"([^#;:=\s][^:=]*?)\s*[:=]", line)
    return found[1].lower() if found else ""


def _values(session: Session) -> dict[str, str]:
    return {"sso_start_url": session.start_url, "sso_region": session.region}


def _require_one_line(values: Iterable[str]) -> None:
    if any("\n" in value or "\r" in value for value in values):
        raise ValueError("a session cannot span lines")


def _word(name: str) -> str:
    return shlex.quote(name) if re.search(r"[^\w.+@=,%:/-]", name, re.ASCII) else name
