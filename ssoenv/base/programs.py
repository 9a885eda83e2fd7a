"""Programs that ssoenv starts on its own: never one of the directory that it happens to be in."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def find(name: str, env: Mapping[str, str]) -> str | None:
    """Return the path of the program `name`, or None.

    It is looked for in the folders of PATH that are absolute: an empty or a relative one is a
    folder of whatever project one stands in. A name with a slash counts only if it is absolute.
    """
    if os.path.dirname(name) and not os.path.isabs(name):
        return None
    from shutil import which

    return which(name, path=_path(env))


def environment(env: Mapping[str, str]) -> dict[str, str]:
    """Return `env` for a program that was found so: it looks for others in the same folders."""
    return dict(env) | {"PATH": _path(env)}


def _path(env: Mapping[str, str]) -> str:
    folders = env.get("PATH", os.defpath).split(os.pathsep)
    return os.pathsep.join(filter(os.path.isabs, folders))
