"""What the names of sessions mean: of which Identity Center is what is kept by them.

Credentials, lists and renderings are kept by the name of their session, as the AWS CLI has it, and
renderings by the name that a binding file has for it. The state folder notes in ``instances.json``
the start URL of each such name, and the AWS config that it is from. Nothing is kept by a name that
means something else just then, whatever its user had read before: that is looked at under the lock
of epochs, under which a note is changed, too.
"""

from __future__ import annotations

import contextlib
import json
import os
from typing import TYPE_CHECKING

from ssoenv.aws_files import config as aws_config
from ssoenv.base import files, paths
from ssoenv.base.models import instance_url
from ssoenv.base.values import dataclass
from ssoenv.shells import rendered

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ssoenv.base.models import Session


@dataclass(frozen=True, slots=True)
class Meaning:
    """The start URL that the AWS config at the path `config` gave a name; empty: none any more."""

    start_url: str
    config: str


def noted(env: Mapping[str, str]) -> dict[str, Meaning] | None:
    """Return what is noted of each name; None where that is lost, or rubbish."""
    try:
        found = json.loads(files.read_bytes(_file(env), limit=16 << 20) or b"")
        return {name: Meaning(*map(_text, each)) for name, each in found.items()}
    except (AttributeError, TypeError, ValueError, RecursionError):
        return None


def differ(before: Mapping[str, Meaning], now: Mapping[str, Meaning]) -> bool:
    """Whether a name that was noted means something else `now` than `before`."""
    return any(now[name].start_url != one.start_url for name, one in before.items())


def note(
    env: Mapping[str, str], before: Mapping[str, Meaning] | None, now: Mapping[str, Meaning]
) -> None:
    """Note what names mean `now`. Whoever calls it holds the lock of epochs. Raises OSError.

    Where one means something else than `before`, or nobody knows what it meant, what was noted of
    any AWS config ends first: it was noted of that.
    """
    if before is None or differ(before, now):
        forget_looks(env)
    if now != before:
        document = {name: (one.start_url, one.config) for name, one in now.items()}
        files.write_private(_file(env), json.dumps(document).encode())


def may_keep(env: Mapping[str, str], session: Session, names: Iterable[str]) -> bool:
    """Whether what is of `session` may be kept by `names`; it is noted of them then.

    They have to mean its start URL, by the AWS config and by the note: another process may have
    another config. Whoever calls it holds the lock of epochs. Raises InvalidConfiguration where
    the config cannot be read.
    """
    wanted = instance_url(session.start_url)
    before = noted(env)
    known, config = before or {}, paths.aws_config_file(env)
    for name in names:
        if aws_config.start_url_of(env, name) != wanted:
            return False
        if name in known and known[name].start_url != wanted:
            # Another config says so: this one is looked at again, by whoever comes next.
            files.remove(rendered.config_stamp(env))
            return False
    new = {name: Meaning(wanted, config) for name in names if name not in known}
    if new:
        # To another config they may mean something else.
        forget_looks(env, but=config)
        note(env, before, known | new)
    _note_names(env, names)
    return True


def looks(env: Mapping[str, str]) -> dict[str, str]:
    """Return the files that note that an AWS config was looked at, with the path of that config."""
    top = rendered.configs_folder(env)
    found = files.walk_files(top, lambda _: True)
    return {path: "/" + path[len(top) + 1 :].partition("/")[2] for path in found}


def forget_looks(env: Mapping[str, str], but: str = "") -> None:
    """Have each AWS config looked at again, `but` the one at that path."""
    for path, config in looks(env).items():
        if config != but:
            files.remove(path)


def note_look(env: Mapping[str, str], there: os.stat_result, names: Iterable[str]) -> None:
    """Note that the AWS config `there` was looked at, and what each of `names` means to it."""
    stamps = [rendered.config_stamp(env, one) for one in (*names, None)]
    for look, config in looks(env).items():
        is_mine = config == paths.aws_config_file(env)
        # Those that `exec --serve` makes for its command are many; and where there was a folder may
        # be a config now, or a folder where there was one.
        if (is_mine and look not in stamps) or not os.path.isfile(config):
            files.remove(look)
            with contextlib.suppress(OSError):
                os.removedirs(os.path.dirname(look))
    for stamp in stamps:
        _stamp(stamp, rendered.identity(there), there.st_mtime_ns)


def _note_names(env: Mapping[str, str], names: Iterable[str]) -> None:
    """Note of names that something comes to be kept by them, if the AWS config was looked at."""
    if not rendered.knows_config(env):
        return
    whole = rendered.config_stamp(env)
    content, written = files.read_bytes(whole, limit=200), os.stat(whole).st_mtime_ns
    for one in names:
        stamp = rendered.config_stamp(env, one)
        if content and files.read_bytes(stamp, limit=200) != content:
            _stamp(stamp, content, written)


def _stamp(path: str, content: bytes, written: int) -> None:
    """Write a file with the time `written` (ns, epoch)."""
    files.write_private(path, content, lasting=False)
    os.utime(path, ns=(written, written))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _file(env: Mapping[str, str]) -> str:
    return f"{paths.state(env)}/instances.json"
