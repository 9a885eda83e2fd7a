"""Bindings and credentials as files that the shells read; the writing half of ``rendered``.

A binding is rendered together with the bytes that were trusted, in one file for each dialect: what
it says can never be taken for what other bytes say. A rendering is replaced in three steps, so that
a crash between any two leaves shells careful, never wrong: the stamps of the old generation go, the
files are renamed into place, the stamp of the new generation comes. Who reads looks for the stamp
after reading.
"""

from __future__ import annotations

import contextlib
import json
import os
from types import MappingProxyType
from typing import TYPE_CHECKING

from ssoenv.base import clock, files, paths
from ssoenv.base.dialects import quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ssoenv.base.models import Binding, Credentials, Profile

HEADER = "ssoenv 2"
DIALECTS = {"@sh": "sh", "@fish": "fish"}
"""File name -> dialect: bash and zsh read the same words."""
MARGIN = 300
"""Seconds before their end at which credentials are not handed to a shell any more; a tenth of
what they have left, where that is less."""
KEYS_REMEMBERED = 7 * 86400
"""Seconds after their end for which keys are known to be ours: an old terminal may have them."""


def publish_binding(
    env: Mapping[str, str],
    directory: str,
    binding: Binding,
    *,
    default: str,
    export: str,
    protect_for: int,
    refusals: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Render `binding`, trusted for `directory`, with the profile `default` as its default.

    `export` is how credentials are handed over where a profile says nothing: keys or profile.
    `protect_for` is for how many seconds a yes to a protected profile holds. `refusals` has, by
    profile, why the user's settings rule it out. What is rendered so already stays, and no shell
    has to look again. Raises OSError; then the old rendering, or none, holds.
    """
    folder = paths.trust_folder(env, directory)
    table = "\n".join(f"/{path}\t{name}" for path, name in binding.paths)
    words = [default, f" {' '.join(binding.profiles)} ", f"\n{table}\n" if table else ""]
    words.append(binding.content.decode("utf-8"))
    rows = [
        _profile_words(profile, export, protect_for, refusals.get(profile.name, ""))
        for profile in binding.profiles.values()
    ]
    shown = files.read_bytes(f"{folder}/@sh") or b""
    generation = shown.partition(b"\n")[0].decode(errors="replace").rpartition(" ")[2]
    contents = {"@toml": binding.content} | _render_binding(generation, words, rows)
    same = all(files.read_bytes(f"{folder}/{name}") == text for name, text in contents.items())
    if same and os.path.isfile(f"{folder}/@{generation}"):
        return
    generation = _generation()
    contents = {"@toml": binding.content} | _render_binding(generation, words, rows)
    _replace(folder, contents, generation)


def publish_adhoc(
    env: Mapping[str, str], profile: Profile, *, export: str, protect_for: int
) -> None:
    """Render `profile` as the one of a binding that has no directory. Raises OSError."""
    generation = _generation()
    words = [profile.name, f" {profile.name} ", "", ""]
    row = _profile_words(profile, export, protect_for, "")
    contents = _render_binding(generation, words, [row])
    _replace(paths.adhoc_folder(env, profile.role.key), contents, generation)


def retract_binding(env: Mapping[str, str], directory: str) -> bool:
    """Take away what is rendered for `directory`; False where nothing was."""
    folder = paths.trust_folder(env, directory)
    _remove_stamps(folder)
    removed = [files.remove(f"{folder}/{name}") for name in ("@toml", "@choice", *DIALECTS)]
    return any(removed)


def expire_bindings(env: Mapping[str, str]) -> None:
    """Have every shell look anew: no rendered binding is current until it is rendered again."""
    for top in ("trust", "loose"):
        for folder, _, names in os.walk(f"{paths.state(env)}/{top}"):
            if "@sh" in names:
                _remove_stamps(folder)


def publish_role(
    env: Mapping[str, str],
    key: str,
    credentials: Credentials,
    cache_file: str,
    now: int,
    *,
    protect_for: int = 0,
) -> None:
    """Render `credentials` of the role with `key`, which the AWS CLI keeps in `cache_file`.

    With `protect_for` the role is protected, and a yes holds for so many seconds: shells take the
    credentials only after one, and every program that wants them has to ask.
    """
    _remember_key(env, credentials, now)
    generation = _generation()
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
    folder = paths.role_folder(env, key)
    if protect_for:
        files.remove(f"{folder}/@process")
    else:
        header = f"#{HEADER} {generation} {deadline}"
        process = f"{header}\n{cache_file}\n{process_document(credentials)}"
        contents["@process"] = process.encode("utf-8", "surrogateescape")
    _replace(folder, contents, generation, older=cache_file, deadline=deadline)


def retract_session(env: Mapping[str, str], session: str) -> None:
    """Take away the credentials rendered for every role of `session`: its shells drop them."""
    import shutil

    folder = f"{paths.state(env)}/roles/{paths.escape(session)}"
    shutil.rmtree(folder, ignore_errors=True)


def retract_everything(env: Mapping[str, str]) -> None:
    """Take away the credentials rendered for every role of every session."""
    import shutil

    shutil.rmtree(f"{paths.state(env)}/roles", ignore_errors=True)


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


def _profile_words(profile: Profile, export: str, protect_for: int, refusal: str) -> list[str]:
    return [
        profile.name,
        profile.role.key,
        profile.label,
        profile.managed_profile,
        profile.region or "",
        profile.output or "",
        profile.export or export,
        str(protect_for) if profile.protect else "",
        refusal,
    ]


def _render_binding(
    generation: str, words: list[str], rows: Iterable[list[str]]
) -> dict[str, bytes]:
    """Return the files of a binding: its `words`, after the generation, and each profile's."""
    calls = [("__ssoenv_binding", [generation, *words])]
    calls += [("__ssoenv_profile", row) for row in rows]
    contents = {}
    for name, dialect in DIALECTS.items():
        body = [
            " ".join([call, *(quote(dialect, word) for word in words)]) for call, words in calls
        ]
        text = "\n".join([f"#{HEADER} {generation}", *body, ""])
        contents[name] = text.encode("utf-8", "surrogateescape")
    return contents


def _remember_key(env: Mapping[str, str], credentials: Credentials, now: int) -> None:
    """Have the shells know these keys as ours, wherever they meet them; forget very old ones."""
    folder = f"{paths.state(env)}/keys"
    path = f"{folder}/{paths.escape(credentials.access_key_id)}"
    files.write_private(path, b"")
    os.utime(path, (credentials.expiration, credentials.expiration))
    for name in os.listdir(folder):
        with contextlib.suppress(OSError):
            if os.stat(f"{folder}/{name}").st_mtime < now - KEYS_REMEMBERED:
                files.remove(f"{folder}/{name}")


def _replace(
    folder: str,
    contents: Mapping[str, bytes],
    generation: str,
    *,
    older: str = "",
    deadline: int = 0,
) -> None:
    """Replace the rendering in `folder`.

    Its new stamp is a newer file than `older`: one comparison of the two tells a shell that both
    are there, and that `older` has not been written since. A second stamp has the time `deadline`,
    for fish, which has no clock but can tell how far away the time of a file is.
    """
    files.make_private_directory(folder)
    _remove_stamps(folder)
    for name, content in contents.items():
        files.write_private(f"{folder}/{name}", content)
    stamp = f"{folder}/@{generation}"
    if deadline:
        files.write_private(f"{stamp}.ends", b"")
        os.utime(f"{stamp}.ends", (deadline, deadline))
    files.write_private(stamp, b"")
    with contextlib.suppress(FileNotFoundError):
        moment = os.stat(older).st_mtime_ns + 1 if older else 0
        if moment > os.stat(stamp).st_mtime_ns:
            os.utime(stamp, ns=(moment, moment))


def _remove_stamps(folder: str) -> None:
    try:
        names = os.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return
    for name in names:
        if name.startswith("@g") and os.path.isfile(f"{folder}/{name}"):
            files.remove(f"{folder}/{name}")


def _generation() -> str:
    return "g" + os.urandom(8).hex()
