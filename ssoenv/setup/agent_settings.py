"""An agent's own settings, changed so that what it runs has the role of its directory, and back.

Beside the backup, the state folder keeps what a file was before: so it comes back to the byte where
nobody has changed it since, and where somebody has, only what is ours goes.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from ssoenv.base import file_changes, files, json_files, paths
from ssoenv.base.errors import InvalidConfiguration, SsoenvError
from ssoenv.base.file_changes import Change
from ssoenv.base.values import dataclass, field
from ssoenv.setup import agent_model, agent_tools
from ssoenv.setup.agent_formats import Entry
from ssoenv.shells.rc_block import BEGIN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ssoenv.setup.agent_formats import Format
    from ssoenv.setup.agent_tools import Tool


@dataclass(frozen=True, slots=True)
class Plan:
    """What changes in the settings of `tool` at `path`: nothing where `change` is None.

    `lines` show it, without a line of the person's, which may hold a secret; `notes` say what holds
    then, and what it does not reach. `entries` are ours afterwards; without them the file
    has the bytes `original`, None where it is ours altogether. `undone`: ours is taken out.
    """

    tool: Tool
    path: str
    change: Change | None
    lines: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    entries: tuple[Entry, ...] = ()
    original: bytes | None = field(default=None, repr=False)
    undone: bool = False

    def show(self) -> list[str]:
        """Return the change as lines of a diff: none where there is none."""
        if self.change is None:
            return []
        real = os.path.realpath(self.path)
        name = self.path if real == self.path else f"{self.path} -> {real}"
        old = name if self.change.before is not None else "/dev/null"
        new = name if self.change.after is not None else "/dev/null"
        return [f"{line}\n" for line in (f"--- {old}", f"+++ {new}", *self.lines)]


@dataclass(frozen=True, slots=True)
class _Record:
    """What was written: the bytes `before` (None: no file), the digest of those `after`.

    `folders` were made for it, the innermost first.
    """

    before: bytes | None = field(repr=False)
    after: str
    entries: tuple[Entry, ...]
    folders: tuple[str, ...] = ()

    @property
    def text(self) -> str | None:
        return None if self.before is None else self.before.decode()


def plan(tool: Tool, env: Mapping[str, str], project: str | None) -> Plan:
    """Return what has to change for `tool`, everywhere or in the directory `project`.

    Raises SsoenvError for a file that is not ours to change, or that says something else; for one
    that cannot be edited, with the lines to add by hand.
    """
    path, form = _place(tool, env, project)
    before = file_changes.read_whole(path, by_hand=tool.by_hand)
    text = _decode(before, path)
    wanted = agent_model.wanted(tool, env, project, text or "")
    record = _load(path, env, tool)
    base, original = text, before
    if record and text is not None and not _is_whole(form, text, record, wanted.entries, path):
        base = form.take(text, record.entries, path, record.text)
        original = None if base is None else base.encode()
        if before is not None and _digest(before) == record.after:
            original = record.before
    theirs = form.there(base or "", wanted.entries, path)
    after = form.put(base, wanted.entries, path)
    change = _change(path, before, after, env, tool)
    there, stale = form.there(text or "", wanted.entries, path), record.entries if record else ()
    gone = [one for one in stale if one not in wanted.entries]
    added = [one for one in wanted.entries if one not in there]
    as_written = form.lines if BEGIN in (text or "") else form.shown
    lines = [f"-{line}" for line in form.lines(gone)] + [f"+{line}" for line in as_written(added)]
    ours = tuple(one for one in wanted.entries if one not in theirs)
    return Plan(tool, path, change, tuple(lines), wanted.notes, ours, original)


def plan_undo(tool: Tool, env: Mapping[str, str], project: str | None) -> Plan:
    """Return what has to change for nothing of ours to be left in the settings of `tool`."""
    path, form = _place(tool, env, project)
    before = file_changes.read_whole(path, by_hand=tool.by_hand)
    text, record = _decode(before, path), _load(path, env, tool)
    if before is None or text is None:
        return Plan(tool, path, None, undone=True)
    ours = record.entries if record else agent_model.ever(tool, text)
    if record and _digest(before) == record.after:
        after = record.before
    else:
        after = _take(form, text, ours, path, record)
    change = _change(path, before, after, env, tool)
    as_written = form.shown if BEGIN in text else form.lines
    lines = [f"-{line}" for line in as_written(form.there(text, ours, path))]
    return Plan(tool, path, change, tuple(lines), undone=True)


def _take(
    form: Format, text: str, ours: Sequence[Entry], path: str, record: _Record | None
) -> bytes | None:
    """Return `text` without `ours`, None where no file is to be left."""
    try:
        rest = form.take(text, ours, path, record.text if record else None)
    except InvalidConfiguration as error:
        lines = ("take out of it by hand:", *error.problems[1:])
        raise InvalidConfiguration(error.message, problems=lines) from None
    made = record is not None and record.before is None
    return None if rest is None or (made and rest.strip() == "{}") else rest.encode()


def make(plan: Plan, env: Mapping[str, str]) -> list[str]:
    """Make the change of `plan`; return the backups. Raises OSError or SsoenvError."""
    if plan.change is None:
        if plan.undone:
            # What was recorded is taken out already: by whoever was stopped right then, or by hand.
            files.remove(_record_file(plan.path, env))
        return []
    change, record = plan.change, _load(plan.path, env, plan.tool)
    folders = (*_missing_folders(plan.path), *(record.folders if record else ()))
    kept = _record_file(plan.path, env)
    if plan.undone or change.after is None:
        backups = file_changes.make([change], env)
        files.remove(kept)
    else:
        with _restored_on_failure(kept):
            # First: what is written and recorded nowhere could not be taken out again.
            _save(kept, change.after, plan, folders)
            backups = file_changes.make([change], env)
    if change.after is None:
        _remove_empty(folders)
    return backups


@contextlib.contextmanager
def _restored_on_failure(path: str) -> Iterator[None]:
    """Have the file at `path` be what it was, should what is within fail."""
    before = files.read_bytes(path)
    try:
        yield
    except BaseException:
        if before is None:
            files.remove(path)
        else:
            files.write_private(path, before)
        raise


def _missing_folders(path: str) -> list[str]:
    """Return the folders that have to be made for a file at `path`, the innermost first."""
    folders = paths.above(os.path.realpath(path))
    return list(takewhile(lambda folder: not os.path.lexists(folder), folders))


def _remove_empty(folders: Iterable[str]) -> None:
    """Remove those `folders`, which were made for a file of ours, that nobody else has used."""
    for folder in folders:
        with contextlib.suppress(OSError):
            os.rmdir(folder)


def written(env: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names of the agents in whose settings, for everywhere, something of ours is."""
    found = []
    for tool in agent_tools.TOOLS:
        with contextlib.suppress(SsoenvError):
            if tool.form and _load(tool.path(env, None), env, tool):
                found += [tool.name] if plan_undo(tool, env, None).change else []
    return tuple(found)


def _place(tool: Tool, env: Mapping[str, str], project: str | None) -> tuple[str, Format]:
    if tool.form is None:
        raise ValueError(f"{tool.name} has no settings")
    return tool.path(env, project), tool.form


def _is_whole(
    form: Format, text: str, record: _Record, entries: Sequence[Entry], path: str
) -> bool:
    """Whether what was written is what is wanted, and is all there."""
    wanted = all(one in entries for one in record.entries)
    return wanted and form.there(text, entries, path) == list(entries)


def _decode(content: bytes | None, path: str) -> str | None:
    try:
        return None if content is None else content.decode()
    except UnicodeDecodeError:
        raise InvalidConfiguration(f"{path} is not UTF-8, and is left as it is") from None


def _change(
    path: str, before: bytes | None, after: str | bytes | None, env: Mapping[str, str], tool: Tool
) -> Change | None:
    """Return the change, None where there is none. Raises SsoenvError if it is not to be made."""
    content = after.encode() if isinstance(after, str) else after
    if content == before:
        return None
    file_changes.require_own(path, env, by_hand=tool.by_hand)
    return Change(path, before, content)


def _record_file(path: str, env: Mapping[str, str]) -> str:
    return f"{paths.state(env)}/agent-settings{os.path.abspath(path)}"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _load(path: str, env: Mapping[str, str], tool: Tool) -> _Record | None:
    """Return what is known of the file at `path`; None where nothing is, or it cannot be read."""
    kept = json_files.load_object(_record_file(path, env))
    try:
        before = None if kept["before"] is None else base64.b64decode(kept["before"])
        if before is not None:
            before.decode()  # nothing else is ever written
        entries = tuple(_entry(one, tool) for one in kept["entries"])
        return _Record(before, kept["after"], entries, tuple(map(str, kept.get("folders", ()))))
    except (KeyError, TypeError, ValueError):
        return None


def _entry(one: Any, tool: Tool) -> Entry:
    """Return what was recorded of an entry. Raises KeyError or TypeError for none of `tool`."""
    path, value = tuple(one["path"]), one["value"]
    is_way = all(isinstance(key, str) for key in path) and all(
        bool(path) is bool(other.path) for other in tool.entries
    )
    if not is_way or not isinstance(value, str | dict if path else str):
        raise TypeError
    return Entry(path, value, listed=bool(one["listed"]))


def _save(kept: str, after: bytes, plan: Plan, folders: Sequence[str]) -> None:
    before = plan.original
    record = {
        "before": None if before is None else base64.b64encode(before).decode(),
        "after": _digest(after),
        "folders": list(folders),
        "entries": [
            {"path": one.path, "value": one.value, "listed": one.listed} for one in plan.entries
        ],
    }
    files.write_private(kept, json.dumps(record).encode())
    files.settle(os.path.dirname(kept))
