"""Bindings and credentials as files that the shells source; the writing half of ``rendered``.

Every value is quoted for the dialect that reads it. A rendering is replaced in three steps, so
that a crash between any two leaves shells careful, never wrong: the stamps of the old generation
go, the files are renamed into place, the stamp of the new generation comes.
"""

from __future__ import annotations

import json
import os
from types import MappingProxyType
from typing import TYPE_CHECKING

from ssoenv import clock, files, paths
from ssoenv.dialects import quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ssoenv.models import Binding, Credentials, Profile

HEADER = "#ssoenv 1"
DIALECTS = {"@sh": "sh", "@fish": "fish"}
"""File name -> dialect: bash and zsh read the same words."""
MARGIN = 300
"""Seconds before their end at which credentials are not handed to a shell any more; a tenth of
what they have left, where that is less."""


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
    shown = files.read_bytes(f"{folder}/@sh") or b""
    generation = shown.partition(b"\n")[0].decode(errors="replace").rpartition(" ")[2]
    contents = _render_binding(generation, binding, default, export, protect_for, refusals)
    same = all(files.read_bytes(f"{folder}/{name}") == text for name, text in contents.items())
    if same and os.path.isfile(f"{folder}/@{generation}"):
        return
    generation = _generation()
    contents = _render_binding(generation, binding, default, export, protect_for, refusals)
    _replace(folder, contents, generation)


def publish_loose(
    env: Mapping[str, str], profile: Profile, *, export: str, protect_for: int
) -> None:
    """Render `profile` as the one of a binding that has no directory. Raises OSError."""
    generation = _generation()
    calls = [
        ("__ssoenv_binding", [generation, profile.name, f" {profile.name} ", ""]),
        ("__ssoenv_profile", _profile_words(profile, export, protect_for, {})),
    ]
    contents = _render(f"{HEADER} {generation}", calls)
    role = {"session": profile.role.session, "account": profile.role.account}
    contents["@role"] = json.dumps(role | {"roles": profile.role.roles}).encode()
    _replace(paths.loose_folder(env, profile.role.key), contents, generation)


def _render_binding(
    generation: str,
    binding: Binding,
    default: str,
    export: str,
    protect_for: int,
    refusals: Mapping[str, str],
) -> dict[str, bytes]:
    names = f" {' '.join(binding.profiles)} "
    table = "\n".join(f"/{path}\t{name}" for path, name in binding.paths)
    words = [generation, default, names, f"\n{table}\n" if table else ""]
    lines = [("__ssoenv_binding", words)] + [
        ("__ssoenv_profile", _profile_words(profile, export, protect_for, refusals))
        for profile in binding.profiles.values()
    ]
    return {"@toml": binding.content} | _render(f"{HEADER} {generation}", lines)


def retract_binding(env: Mapping[str, str], directory: str) -> bool:
    """Take away what is rendered for `directory`; False where nothing was."""
    folder = paths.trust_folder(env, directory)
    _remove_stamps(folder)
    removed = [files.remove(f"{folder}/{name}") for name in ("@toml", "@choice", *DIALECTS)]
    return any(removed)


def publish_role(
    env: Mapping[str, str],
    key: str,
    credentials: Credentials,
    cache_file: str,
    now: int,
    *,
    unasked: bool = True,
) -> None:
    """Render `credentials` of the role with `key`, which the AWS CLI keeps in `cache_file`.

    With `unasked` off every program that wants them has to ask, and so none finds them ready.
    """
    generation = _generation()
    deadline = credentials.expiration - min(MARGIN, max(0, credentials.expiration - now) // 10)
    keys = [
        credentials.access_key_id,
        credentials.secret_access_key,
        credentials.session_token,
        clock.render_timestamp(credentials.expiration),
    ]
    lines = [("__ssoenv_live", [generation, str(deadline), cache_file, *keys])]
    header = f"{HEADER} {generation} {deadline}"
    process = f"{header}\n{cache_file}\n{process_document(credentials)}"
    contents = _render(header, lines)
    folder = paths.role_folder(env, key)
    if unasked:
        contents["@process"] = process.encode("utf-8", "surrogateescape")
    else:
        files.remove(f"{folder}/@process")
    stamp = _replace(folder, contents, generation)
    # fish has no clock, but it can tell how far away the time of a file is.
    os.utime(stamp, (deadline, deadline))


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


def _profile_words(
    profile: Profile, export: str, protect_for: int, refusals: Mapping[str, str]
) -> list[str]:
    return [
        profile.name,
        profile.role.key,
        profile.label,
        profile.managed_profile,
        profile.region or "",
        profile.output or "",
        profile.export or export,
        str(protect_for) if profile.protect else "",
        refusals.get(profile.name, ""),
    ]


def _render(header: str, lines: Iterable[tuple[str, list[str]]]) -> dict[str, bytes]:
    calls = list(lines)
    contents = {}
    for name, dialect in DIALECTS.items():
        body = [
            " ".join([call, *(quote(dialect, word) for word in words)]) for call, words in calls
        ]
        contents[name] = "\n".join([header, *body, ""]).encode("utf-8", "surrogateescape")
    return contents


def _replace(folder: str, contents: Mapping[str, bytes], generation: str) -> str:
    """Replace the rendering in `folder`; return the path of its new stamp."""
    files.make_private_directory(folder)
    _remove_stamps(folder)
    for name, content in contents.items():
        files.write_private(f"{folder}/{name}", content)
    stamp = f"{folder}/@{generation}"
    files.write_private(stamp, b"")
    return stamp


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
