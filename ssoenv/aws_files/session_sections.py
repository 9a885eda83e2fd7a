"""The ``[sso-session]`` sections that a person has us write: added, replaced, and taken out.

Each is a change of the AWS config, which `edits` plans, shows and writes.
"""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from ssoenv.aws_files import edits, lines, managed_block
from ssoenv.aws_files.sections import class_and_name
from ssoenv.base.models import instance_url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from ssoenv.aws_files.lines import Line
    from ssoenv.aws_files.managed_block import Block
    from ssoenv.base.models import Session

Sections = list[list["Line"]]
_READ = ("header", "key")
"""Lines that continue nothing, and could."""


def added(session: Session) -> edits.Change:
    """Return the change that puts the section of `session` before our own block."""
    if session.name is None:
        raise ValueError("a legacy session has no section of its own")
    section = [f"[sso-session {_word(session.name)}]"]
    section += [f"{key} = {value}" for key, value in _values(session).items()]
    if session.scopes:
        section.append(f"sso_registration_scopes = {', '.join(session.scopes)}")
    _require_one_line(section)

    def insert(block: Block, newline: str) -> dict[str, str]:
        block.meant.add(("sso-session", session.name))
        managed_block.insert(block, "\n".join([*section, ""]), newline)
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

    def edit(sections: Sections, newline: str) -> str:
        parts: list[str] = []
        for section, following in zip(sections, [*sections[1:], []], strict=True):
            if _is_of(section, session.name):
                further = (one for one in (*section[1:], *following) if one.kind in _READ)
                margin = next((one.margin for one in further), "")
                parts.append(lines.with_values(section, values, newline, margin=margin))
            else:
                parts += (line.text for line in section)
        return "".join(parts)

    return _of_both(edit, lambda section: _is_of(section, session.name))


def moved(session: Session, region: str) -> edits.Change:
    """Return the change that gives `session` another region, and the profiles that repeat it.

    That is its section, or the legacy profiles of its start URL.
    """
    _require_one_line([region])

    def edit(sections: Sections, newline: str) -> str:
        return "".join(
            lines.with_values(section, {"sso_region": region}, newline)
            if _tells_of(section, session)
            else "".join(line.text for line in section)
            for section in sections
        )

    return _of_both(edit, lambda section: _tells_of(section, session))


def removed(name: str) -> edits.Change:
    """Return the change that takes the section of the session `name` out; comments in it stay.

    So goes the empty line that parts it from what stands before; how the file ends stays.
    """

    def edit(sections: Sections, _: str) -> str:
        kept = ""
        gone = False
        for section in sections:
            texts = [line.text for line in section]
            if not _is_of(section, name):
                if gone:  # so that it continues nothing of what stands before now
                    texts[0] = texts[0].lstrip()
                kept, gone = kept + "".join(texts), False
                continue
            gone = True
            if texts[-1].strip():  # no empty line behind it, so one before it
                kept = managed_block.without_gap(kept)
            kept += "".join(line.text for line in section if line.kind == "comment")
        return kept

    return _of_both(edit, lambda section: _is_of(section, name))


def _of_both(
    edit: Callable[[Sections, str], str], is_meant: Callable[[Sequence[Line]], bool]
) -> edits.Change:
    """Return the change that edits what stands before our block, and what stands behind it.

    The sections that it is about are those that `is_meant` says so of.
    """

    def change(block: Block, newline: str) -> Mapping[str, str]:
        for part in ("before", "after"):
            sections = lines.sections(getattr(block, part))
            block.meant.update(class_and_name(one[0].header) for one in sections if is_meant(one))
            setattr(block, part, edit(sections, newline))
        return block.commands

    return change


def _is_of(section: Sequence[Line], name: str | None) -> bool:
    """Whether `section` is that of the session `name`."""
    return bool(section) and class_and_name(section[0].header) == ("sso-session", name)


def _tells_of(section: Sequence[Line], session: Session) -> bool:
    """Whether `section` is that of `session`, or a profile's that has its start URL or its name."""
    if session.name is not None and _is_of(section, session.name):
        return True
    if not section or class_and_name(section[0].header)[0] != "profile":
        return False
    values = lines.values(section)
    if session.name is not None:
        return values.get("sso_session") == session.name
    url = values.get("sso_start_url", "")
    return "sso_session" not in values and instance_url(url) == instance_url(session.start_url)


def _values(session: Session) -> dict[str, str]:
    return {"sso_start_url": session.start_url, "sso_region": session.region}


def _require_one_line(values: Iterable[str]) -> None:
    if any("\n" in value or "\r" in value for value in values):
        raise ValueError("a session cannot span lines")


def _word(name: str) -> str:
    return shlex.quote(name) if re.search(r"[^\w.+@=,%:/-]", name, re.ASCII) else name  # noqa: TID251 - shlex reads it
