"""An edit of the user's AWS config as a value: to be shown first, and written afterwards.

Every other byte of the file stays as it is, and so do its mode and the link that it may be.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import stat
from collections.abc import Callable, Collection, Iterator, Mapping

from ssoenv.aws_files import differences, lines, managed_block
from ssoenv.aws_files import sections as aws_sections
from ssoenv.aws_files.managed_block import Block
from ssoenv.aws_files.sections import parsed
from ssoenv.base import clock, dialects, files, paths
from ssoenv.base.errors import InvalidConfiguration, SsoenvError
from ssoenv.base.models import MANAGED
from ssoenv.base.values import dataclass, field

Change = Callable[[Block, str], Mapping[str, str]]
"""Edits what stands around our block; returns the sections that stand in it, none to take it out.

It hears how lines end in the file.
"""

_SHOWN = (
    *("sso_session", "sso_account_id", "sso_role_name", "sso_start_url", "sso_region", "region"),
    *("sso_registration_scopes", "output", "role_arn", "source_profile", "credential_source"),
    "login_session",
)
"""Keys whose values may be shown: none of them is a secret."""


@dataclass(frozen=True, slots=True)
class Edit:
    """The AWS config at `path`, as text: None `before` where there is no file."""

    path: str
    before: str | None = field(repr=False)
    after: str = field(repr=False)

    @property
    def loses(self) -> bool:
        """Whether a line of the file goes, so that a copy of it is worth keeping."""
        return bool(set((self.before or "").splitlines()) - set(self.after.splitlines()))

    @property
    def removes(self) -> bool:
        """Whether the file goes: nothing is left in it, and there was none before what went."""
        return not self.after and not (self.before or "").startswith(("\n", "\r"))


def plan(env: Mapping[str, str], change: Change) -> Edit:
    """Return what `change` makes of the config. Raises InvalidConfiguration, OSError.

    Nothing that AWS tools cannot read comes of it, and no section reads otherwise but ours and
    those that the change is about: a block that somebody has cut into is refused.
    """
    path = paths.aws_config_file(env)
    before = aws_sections.read(env)
    text = before or ""
    if before is not None and not os.path.isfile(path):
        raise InvalidConfiguration(f"{path} is not a file", fix="unset AWS_CONFIG_FILE")
    newline = "\r\n" if "\r\n" in text else "\n"
    block = managed_block.take_out(text)
    after = managed_block.put_back(block, _ours(change(block, newline), env), newline)
    if before == "" and after:
        after = newline + after  # which tells that there was a file
    elif text and not text.startswith(("\n", "\r")):
        after = re.sub(r"\A(\r\n|\n|\r)", "", after)  # and its lack that there was none
    _require_others_unchanged(path, text, after, block)
    return Edit(path, before, after)


def write(env: Mapping[str, str], edit: Edit) -> None:
    """Write what was planned. Raises SsoenvError if the file is not as it was, and OSError."""
    with _lock(env):
        if aws_sections.read(env) != edit.before:
            raise SsoenvError(
                f"{edit.path} was changed meanwhile", advice="nothing was changed; run it again"
            )
        _write(env, edit)


@contextlib.contextmanager
def written(env: Mapping[str, str], edit: Edit) -> Iterator[None]:
    """Write what was planned, as `write` does; if what is done inside fails, take it back."""
    write(env, edit)
    try:
        yield
    except BaseException:
        if edit.after != (edit.before or ""):
            write(env, Edit(edit.path, edit.after, edit.before or ""))
        raise


def apply(env: Mapping[str, str], change: Change) -> bool:
    """Plan and write in one: no other of our processes comes between; whether that was anything."""
    with _lock(env):
        edit = plan(env, change)
        _write(env, edit)
        return edit.after != (edit.before or "")


def show(edit: Edit, known: Collection[str] = ()) -> list[str]:
    """Return `edit` as lines of a unified diff that shows no line beside those that change.

    Nothing in it is a secret: of a line that is not known to hold none, only its key is shown;
    the lines `known` hold none. How a line ends makes no difference.
    """
    before, after = (
        [line.rstrip("\n") for line in io.StringIO(text, newline=None)]
        for text in (edit.before or "", edit.after)
    )
    plain = _plain(edit.before or "", edit.after).union(known)
    hunks = [
        line if line.startswith("@") or line[1:] in plain else line[0] + without_secret(line[1:])
        for line in differences.hunks(before, after)
    ]
    old = edit.path if edit.before is not None else "/dev/null"
    head = [f"--- {old}", f"+++ {edit.path}"] if hunks else []
    return [f"{line}\n" for line in (*head, *hunks)]


def _plain(*texts: str) -> set[str]:
    """Return the lines of `texts` that say a key which may be shown, and never anything else."""
    found: dict[bool, set[str]] = {True: set(), False: set()}
    for text in texts:
        for line in lines.read(text):
            is_plain = line.kind == "header" or (line.kind == "key" and line.key in _SHOWN)
            found[is_plain].add(line.text.rstrip("\r\n"))
    return found[True] - found[False]


def without_secret(text: str) -> str:
    """Return the line `text` of a config as it may be shown: of most keys, without the value."""
    key, *value = re.split(r"\s*[:=]", text, maxsplit=1)
    if not text.strip() or text.startswith("[") or key.lower() in _SHOWN:
        return text
    if text in (managed_block.BEGIN, managed_block.BEGIN_UNENDED, managed_block.END):
        return text
    if value and key == "credential_process" and managed_block.runs_script(value[0].strip()):
        return text
    return f"{key} = ..." if value else "..."


def require_writable(edit: Edit) -> None:
    """Raise InvalidConfiguration where the file that `edit` changes is not the person's to write.

    A rename asks neither its mode nor its owner, and would make it ours. So those are asked here,
    as bits and not by access(2): root may write everything, and a file without its owner's write
    bit is one that somebody wants to stay as it is.
    """
    path = os.path.realpath(edit.path)
    if edit.after == (edit.before or "") or not os.path.exists(path):
        return
    found = os.stat(path)
    leads = f"{edit.path} leads to {path}, which" if path != edit.path else edit.path
    if found.st_uid != os.geteuid():
        raise InvalidConfiguration(
            f"your AWS config is not changed: {leads} belongs to somebody else",
            fix=f"ls -l {dialects.word(path)}",
            advice=f"run ssoenv as its owner (uid {found.st_uid}), or have the file made yours",
        )
    if not found.st_mode & stat.S_IWUSR:
        raise InvalidConfiguration(
            f"your AWS config is not changed: {leads} is read-only",
            fix=f"chmod u+w {dialects.word(path)}",
        )


def _require_others_unchanged(path: str, text: str, after: str, block: Block) -> None:
    """Raise InvalidConfiguration where `after` cannot be read, or says else of what is not ours.

    Where `text` cannot be read, no section of it says anything to anybody.
    """
    try:
        will = parsed(path, after)
    except InvalidConfiguration:
        parsed(path, text)  # so that the line is one of the file as it is
        raise
    try:
        was = parsed(path, text)
    except InvalidConfiguration:
        return
    old, new = was.every(), will.every()
    meant = block.meant.union(("profile", name) for name in (MANAGED, *block.commands))
    for kind, name in sorted({*old, *new} - meant):
        if old.get((kind, name)) != new.get((kind, name)):
            title = name if not kind or name == "default" else f"{kind} {name}"
            what = f"[{title}] would no longer say what it says"
            raise InvalidConfiguration(
                f"{path} is not changed, because [{title}] would change with it",
                problems=(f"{was.source(kind, name or '')}: {what}",),
                advice="a [section] between ssoenv's marks has lost its first line; put it back, "
                "or take out what stands between the marks, and the marks",
            )


def _ours(commands: Mapping[str, str], env: Mapping[str, str]) -> dict[str, str]:
    """Return the one section that stands between our markers, as it has to be, if any does.

    Those of earlier versions go.
    """
    return {MANAGED: managed_block.command(paths.source_file(env))} if commands else {}


def _lock(env: Mapping[str, str]) -> files.Lock:
    return files.Lock(f"{paths.state(env)}/locks/aws-config")


def _write(env: Mapping[str, str], edit: Edit) -> None:
    if edit.after == (edit.before or ""):
        return
    require_writable(edit)
    if edit.loses:
        copy = f"{paths.state(env)}/backups/aws-config.{clock.now()}"
        files.write_private(copy, (edit.before or "").encode())
        files.settle(os.path.dirname(copy))
    if edit.removes and not os.path.islink(edit.path):
        files.remove(edit.path)
        return
    path = os.path.realpath(edit.path)
    mode = os.stat(path).st_mode & 0o777 if edit.before is not None else 0o600
    files.write_private(path, edit.after.encode(), mode=mode)
