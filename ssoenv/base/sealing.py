"""Files that nobody can read without a key: AES-GCM, by a key that the system's keyring keeps.

A sealed file is written, replaced and removed like any other of ours, so nothing about locks, two
writers or a crash is different. Its first line is clear: what it is, by which key it is sealed, and
what its writer says about it. A file in which a bit is another, or which is given the name of
another, opens for nobody, like one whose key is gone: then there is nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
from typing import TYPE_CHECKING, Any

from ssoenv.base import extras, files, keyrings
from ssoenv.base.errors import InvalidConfiguration
from ssoenv.base.json_files import read_own

if TYPE_CHECKING:
    from collections.abc import Mapping

SUFFIX = ".sealed"
_FORM = "ssoenv sealed 1"
_NONCE = 12


def load(path: str) -> dict[str, Any]:
    """Return the document in the sealed file at `path`; empty where there is none that opens.

    Raises as ``keyrings.key`` and `require_library`: never where there is no file.
    """
    head, _, body = (read_own(path) or b"").partition(b"\n")
    wanted = _head(head).get("key")
    if not wanted:
        return {}
    require_library()
    name = _key_name(path)
    key = keyrings.key(name)
    if key is None or _id(key) != wanted:
        # Another process has made another since.
        key = keyrings.key(name, anew=True)
    if key is None or _id(key) != wanted:
        return {}
    from cryptography.exceptions import InvalidTag

    try:
        text = _cipher(key).decrypt(body[:_NONCE], body[_NONCE:], _bound(head, path))
        document = json.loads(text)
    except (InvalidTag, ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def save(path: str, document: Mapping[str, Any], about: Mapping[str, Any]) -> None:
    """Seal `document` as the file at `path`; what it says `about` itself is no secret.

    Raises as ``keyrings.key``, and OSError.
    """
    key = _key(_key_name(path))
    head = json.dumps({"form": _FORM, "key": _id(key), "about": about}).encode()
    nonce = os.urandom(_NONCE)
    body = _cipher(key).encrypt(nonce, json.dumps(document).encode(), _bound(head, path))
    files.write_private(path, head + b"\n" + nonce + body)


def about(path: str) -> dict[str, Any]:
    """Return what the sealed file at `path` says about itself, which takes no key."""
    said = _head((read_own(path) or b"").partition(b"\n")[0]).get("about")
    return said if isinstance(said, dict) else {}


def require_library() -> None:
    """Return if what seals is installed, which takes no keyring. Raises InvalidConfiguration."""
    try:
        import cryptography  # noqa: F401
    except ImportError:
        raise InvalidConfiguration(
            'storage = "keyring" takes the cryptography library, which is not installed',
            fix=extras.how_to_add("keyring"),
        ) from None


def require_usable(state: str) -> None:
    """Return if what is sealed below the folder `state` could be opened. Raises as `save`."""
    _key(state)


def forget_key(state: str) -> None:
    """Remove the key to all that is sealed below the folder `state`. Raises as ``keyrings.key``."""
    with _lock(state):
        keyrings.forget(state)


def _key(name: str) -> bytes:
    """Return the key `name` as it is by now; a new one where there is none."""
    require_library()
    found = keyrings.key(name, anew=True)
    if found is None:
        # Before the key, and gone after it: it tells that there is one.
        files.make_private_directory(f"{name}/sealed")
        with _lock(name):
            found = keyrings.key(name, anew=True) or keyrings.new_key(name)
    return found


def _head(line: bytes) -> dict[str, Any]:
    try:
        head = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return head if isinstance(head, dict) and head.get("form") == _FORM else {}


def _key_name(path: str) -> str:
    """Return the state folder that `path` is below: ``STATE/sealed/KIND/NAME``."""
    return path.rsplit("/", 3)[0]


def _bound(head: bytes, path: str) -> bytes:
    """Return what is authenticated beside the document: its first line and its name."""
    kind, name = path.rsplit("/", 2)[1:]
    return b"\n".join([head, kind.encode(), name.encode()])


def _id(key: bytes) -> str:
    return hashlib.sha256(b"ssoenv key " + key).hexdigest()[:16]


def _cipher(key: bytes) -> Any:
    require_library()
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(key)


def _lock(state: str) -> files.Lock:
    return files.Lock(f"{state}/locks/keyring")
