"""Where tokens and credentials are kept, and what lies where the settings have none."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ssoenv import settings
from ssoenv.aws_files import storage
from ssoenv.base import files, keyrings, paths
from ssoenv.doctor.finding import Finding
from ssoenv.shells import rendering

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

AREA = "storage"
_END = "ssoenv logout --all"
_SECRETS = ("accessToken", "clientSecret", "Credentials")
"""What a document in plain files has that holds a secret."""


def kept(env: Mapping[str, str]) -> Iterator[Finding]:
    """Yield what keeps tokens and credentials, and what of them is in the other place.

    Raises as ``storage.require_usable``, after what takes no keyring.
    """
    if not settings.load(env).seals:
        if storage.is_sealing_left(env):
            what = f"{paths.sealed_folder(env)} and a key in the keyring are of before"
            yield Finding(AREA, "note", f'{what}: your settings have storage = "files"', _END)
        return
    yield from _in_plain_files(env)
    storage.require_usable(env)
    yield Finding(
        AREA, "ok", f"tokens and credentials are sealed, by a key in {keyrings.describe()}"
    )


def _in_plain_files(env: Mapping[str, str]) -> Iterator[Finding]:
    shown = [
        path
        for top in paths.roles_folders(env)
        for path in files.walk_files(top, lambda name: name in {"@role", "@process", "@asked"})
    ]
    if shown:
        yield Finding(
            AREA,
            "wrong",
            f"{len(shown)} plain files of {paths.state(env)} hold keys, for shells of before",
            "ssoenv doctor --fix",
            partial(rendering.retract_everything, env),
        )
    kinds: tuple[storage.Kind, ...] = ("tokens", "roles", "agents")
    plain = [path for kind in kinds for path in storage.files_of(env, kind, sealed=False)]
    count = sum(any(key in storage.load(path) for key in _SECRETS) for path in plain)
    if count:
        where = f"{paths.token_cache(env)} and {paths.credential_cache(env)}"
        yield Finding(
            AREA,
            "note",
            f"{count} plain files in {where} hold secrets, of before or of another tool, such as "
            "the AWS CLI, which signs in by itself",
            _END,
        )
