"""Where tokens, registrations and credentials of roles are kept, for both caches.

In plain files, where the AWS CLI and the SDKs have them too; or, where the user's settings say so,
in sealed ones of our own. What is in the place that is not in use counts for nothing: only what
removes things looks there, and the doctor.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, Literal

from ssoenv import settings
from ssoenv.base import files, json_files, keyrings, paths, sealing
from ssoenv.base.errors import SsoenvError

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind = Literal["tokens", "roles", "agents"]
"""What is kept: tokens with registrations, credentials of roles, and those of coding agents."""
_KINDS: tuple[Kind, ...] = ("tokens", "roles", "agents")
PLAIN = ".json"
ORIGIN = "Ssoenv"
"""The key of a document of ours that says what it was had by: no secret, never sealed."""


def file(env: Mapping[str, str], kind: Kind, name: str) -> str:
    """Return the path of the document `name` in the place that is in use.

    Raises InvalidConfiguration where the settings cannot be read: it may be either.
    """
    return file_in(env, kind, name, sealed=settings.load(env).seals)


def file_in(env: Mapping[str, str], kind: Kind, name: str, *, sealed: bool) -> str:
    """Return the path of the document `name` in one of the two places."""
    return f"{_folder(env, kind, sealed=sealed)}/{name}{sealing.SUFFIX if sealed else PLAIN}"


def files_of(env: Mapping[str, str], kind: Kind, *, sealed: bool) -> list[str]:
    """Return the paths of all documents in one of the two places, in the order of their names."""
    folder, suffix = _folder(env, kind, sealed=sealed), sealing.SUFFIX if sealed else PLAIN
    names = os.listdir(folder) if os.path.isdir(folder) else []
    return [f"{folder}/{name}" for name in sorted(names) if name.endswith(suffix)]


def load(path: str) -> dict[str, Any]:
    """Return the document at `path`; an empty one where there is none that can be read.

    Raises InvalidConfiguration or ServiceUnavailable for a sealed one, if the keyring cannot be
    used.
    """
    return sealing.load(path) if _is_sealed(path) else json_files.load_object(path)


def save(path: str, document: dict[str, Any]) -> None:
    """Write `document` as the file at `path`. Raises as `load`, and OSError."""
    if _is_sealed(path):
        sealing.save(path, document, document.get(ORIGIN, {}))
    else:
        files.write_private(path, json.dumps(document).encode())


def origin(path: str) -> dict[str, Any]:
    """Return what the document at `path` was had by, as we wrote it; a sealed one stays closed."""
    said = sealing.about(path) if _is_sealed(path) else json_files.load_object(path).get(ORIGIN)
    return said if isinstance(said, dict) else {}


def require_usable(env: Mapping[str, str]) -> None:
    """Return if something can be kept. Raises as `load`: before anybody is asked to sign in."""
    if settings.load(env).seals:
        sealing.require_usable(paths.state(env))


def require_installed(env: Mapping[str, str]) -> None:
    """Return if what is needed to keep something is installed. InvalidConfiguration otherwise.

    No keyring is asked, which might have to be unlocked.
    """
    if settings.load(env).seals:
        sealing.require_library()


def why_closed(env: Mapping[str, str]) -> SsoenvError | None:
    """Return why nothing that is sealed opens, if something is; asked before a lock is taken."""
    if any(files_of(env, kind, sealed=True) for kind in _KINDS):
        try:
            keyrings.key(paths.state(env))
        except SsoenvError as failure:
            return failure
    return None


def sealed_folders(env: Mapping[str, str]) -> list[str]:
    """Return the folders of what is sealed, which may not be there."""
    return [_folder(env, kind, sealed=True) for kind in _KINDS]


def is_sealing_left(env: Mapping[str, str]) -> bool:
    """Whether something is sealed, or a key kept for that, whatever the settings say by now."""
    return os.path.isdir(paths.sealed_folder(env))


def remove_sealed(env: Mapping[str, str]) -> SsoenvError | None:
    """Remove all that is sealed, and its key; return why the key could not be removed.

    The folder goes last: it tells that there is a key.
    """
    if not is_sealing_left(env):
        return None
    for kind in _KINDS:
        files.remove_folder(_folder(env, kind, sealed=True))
    try:
        sealing.forget_key(paths.state(env))
    except SsoenvError as failure:
        return failure
    files.remove_folder(paths.sealed_folder(env))
    return None


def _is_sealed(path: str) -> bool:
    return path.endswith(sealing.SUFFIX)


def _folder(env: Mapping[str, str], kind: Kind, *, sealed: bool) -> str:
    if sealed:
        return f"{paths.sealed_folder(env)}/{kind}"
    if kind == "tokens":
        return paths.token_cache(env)
    return paths.credential_cache(env, agent=kind == "agents")
