"""Credentials as files that the shells read, and how such files are replaced.

A rendering is replaced in three steps, so that a crash between any two leaves shells careful, never
wrong: the stamps of the old generation go, the files are renamed into place, the stamp of the new
generation comes. Who reads looks for the stamp after reading. ``rendered`` is the reading half;
``binding_rendering`` writes what trusted files say.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from typing import TYPE_CHECKING

from ssoenv.base import clock, dialects, files, paths
from ssoenv.shells.rendered import SDK_WINDOW

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssoenv.base.models import Credentials

HEADER = "ssoenv 2"
MARGIN = 300
"""Seconds before their end at which credentials are not handed to a shell any more; a tenth of
what they have left, where that is less."""
KEYS_REMEMBERED = 7 * 86400
"""Seconds after their end for which keys are known to be ours: an old terminal may have them."""


def lock(env: Mapping[str, str]) -> files.Lock:
    """Return the lock under which renderings change, and what depends on what is rendered."""
    return files.Lock(f"{paths.state(env)}/locks/rendering")


def publish_role(
    env: Mapping[str, str],
    key: str,
    credentials: Credentials,
    cache_file: str,
    now: int,
    *,
    protect_for: int = 0,
    agent: bool = False,
) -> None:
    """Render `credentials` of the role with `key`, which the AWS CLI keeps in `cache_file`.

    Those of an `agent` are rendered apart. With `protect_for` the role is protected, and a yes
    holds for so many seconds: shells take the credentials only after one, and every program that
    wants them has to ask.
    """
    generation = new_generation()
    deadline = credentials.expiration - min(MARGIN, max(0, credentials.expiration - now) // 10)
    words = [
        generation,
        str(deadline),
        key,
        str(protect_for or ""),
        credentials.access_key_id,
        credentials.secret_access_key,
        credentials.session_token,
        clock.render_timestamp(credentials.expiration),
        cache_file,
    ]
    # Shells read values, line by line, and no command that has them among its words: what traces
    # commands, or the functions that are running, sees no key.
    contents = {"@role": "\n".join([HEADER, *words]).encode("utf-8", "surrogateescape")}
    folder = paths.role_folder(env, key, agent=agent)
    words = [generation, str(deadline), key, cache_file, process_document(credentials).rstrip()]
    call = " ".join(["__ssoenv_process", *(dialects.quote_posix(word) for word in words)])
    process = f"#{HEADER} {generation}\n{call}\n"
    name, other = ("@asked", "@process") if protect_for else ("@process", "@asked")
    contents[name] = process.encode("utf-8", "surrogateescape")
    files.remove(f"{folder}/{other}")
    replace(folder, contents, generation, older=cache_file, deadline=deadline)


def mark_named(env: Mapping[str, str], key: str) -> None:
    """Have the credential source hand out the role with `key` to who names it. Raises OSError."""
    files.write_private(f"{paths.role_folder(env, key)}/@named", b"")


def forget_named(env: Mapping[str, str]) -> None:
    """Have whoever names a role ask the program again: a rule may be another now."""
    top = paths.roles_folder(env)
    for path in list(files.walk_files(top, lambda name: name == "@named")):
        files.remove(path)


def retract_session(env: Mapping[str, str], session: str) -> None:
    """Take away the credentials rendered for every role of `session`: its shells drop them.

    Raises OSError.
    """
    files.remove_folders(f"{top}/{paths.escape(session)}" for top in paths.roles_folders(env))


def retract_everything(env: Mapping[str, str]) -> None:
    """Take away the credentials rendered for every role of every session. Raises OSError."""
    files.remove_folders(paths.roles_folders(env))


def process_document(credentials: Credentials) -> str:
    """Return the line that ``credential_process`` prints (AWS SDKs and Tools Reference Guide)."""
    document = {
        "Version": 1,
        "AccessKeyId": credentials.access_key_id,
        "SecretAccessKey": credentials.secret_access_key,
        "SessionToken": credentials.session_token,
        "Expiration": clock.render_timestamp(credentials.expiration),
        "AccountId": credentials.account_id,
    }
    return json.dumps(document) + "\n"


def remember_key(env: Mapping[str, str], whose: str, credentials: Credentials, now: int) -> None:
    """Have the shells know these keys as ours, wherever they meet them; forget very old ones.

    `whose` they are is written there: the key of the role, by the id of its account. OSError.
    """
    folder = f"{paths.state(env)}/keys"
    path = f"{folder}/{paths.escape(credentials.access_key_id)}"
    files.write_private(path, whose.encode())
    os.utime(path, (credentials.expiration, credentials.expiration))
    files.settle(folder)
    for name in os.listdir(folder):
        with contextlib.suppress(OSError):
            if os.stat(f"{folder}/{name}").st_mtime < now - KEYS_REMEMBERED:
                files.remove(f"{folder}/{name}")


def replace(
    folder: str,
    contents: Mapping[str, bytes],
    generation: str,
    *,
    older: str = "",
    deadline: int = 0,
) -> None:
    """Replace the rendering in `folder`.

    Its new stamp is a newer file than `older`: one comparison of the two tells a shell that both
    are there, and that `older` has not been written since. Two more have the times of the
    `deadline` and of when SDKs want the next credentials: for fish and POSIX sh, which have no
    clock but can compare the times of files.
    """
    files.make_private_directory(folder)
    remove_stamps(folder)
    for name, content in contents.items():
        files.write_private(f"{folder}/{name}", content)
    stamp = f"{folder}/@{generation}"
    if deadline:
        for name, time in (("ends", deadline), ("due", deadline - SDK_WINDOW)):
            files.write_private(f"{stamp}.{name}", b"")
            os.utime(f"{stamp}.{name}", (time, time))
    files.settle(folder)
    files.write_private(stamp, b"")
    with contextlib.suppress(FileNotFoundError):
        moment = os.stat(older).st_mtime_ns + 1 if older else 0
        if moment > os.stat(stamp).st_mtime_ns:
            os.utime(stamp, ns=(moment, moment))


def remove_stamps(folder: str) -> None:
    """Have the rendering in `folder` be no current one."""
    try:
        names = os.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return
    for name in names:
        if name.startswith("@g") and os.path.isfile(f"{folder}/{name}"):
            files.remove(f"{folder}/{name}")


def is_generation(name: str) -> bool:
    """Whether `name` is one that `new_generation` may have made."""
    return re.fullmatch(r"g[0-9a-f]{16}", name) is not None


def new_generation() -> str:
    """Return a name that no rendering has had."""
    return "g" + os.urandom(8).hex()
