"""The key to what is sealed, kept by the keyring of the person's system; one for each state folder.

The only module that knows ``keyring``, which is loaded by nobody who has not asked for it in the
settings. It asks once in a process: a keyring may be locked, or not answer at all, and then it is
not asked again for a while.
"""

from __future__ import annotations

import base64
import binascii
import os
import time
from typing import TYPE_CHECKING, Any, TypeVar

from ssoenv.base import background, extras
from ssoenv.base.errors import InvalidConfiguration, ServiceUnavailable, SsoenvError

if TYPE_CHECKING:
    from collections.abc import Callable

R = TypeVar("R")
SERVICE = "ssoenv"
"""What the item in the keyring belongs to; its user name is the path of the state folder."""
KEY_SIZE = 32
PATIENCE = 30.0
"""Seconds that a keyring has to answer where nobody sees its question."""
PATIENCE_AT_A_TERMINAL = 60.0
"""Seconds that a keyring has to answer a person who may have to unlock it."""
DOWN = 30.0
"""Seconds for which a keyring that could not be used is not asked again."""
LEAST_PRIORITY = 1
"""That of a backend which keyring itself recommends: what keeps plain text has less."""
_IT = 'storage = "keyring"'
_OR_FILES = 'or write storage = "files" into your settings'


class Memory:
    """What a process knows by now: keys by their names, the backend, and when and how it failed."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self.keys: dict[str, bytes] = {}
        self.backend: Any = None
        self.failure: tuple[float, SsoenvError] | None = None


memory = Memory()


def key(name: str, *, anew: bool = False) -> bytes | None:
    """Return the key that is kept under `name`; None where none is. With `anew` the one of now.

    Raises InvalidConfiguration where no keyring can be used here, and ServiceUnavailable where it
    is locked or does not answer.
    """
    if anew or name not in memory.keys:
        found = _decoded(_ask(lambda backend: backend.get_password(SERVICE, name)))
        if found is None:
            memory.keys.pop(name, None)
            return None
        memory.keys[name] = found
    return memory.keys[name]


def new_key(name: str) -> bytes:
    """Keep a new key under `name`, and return it. Whoever calls this is alone. Raises as `key`."""
    made = os.urandom(KEY_SIZE)
    text = base64.b64encode(made).decode()
    _ask(lambda backend: backend.set_password(SERVICE, name, text))
    memory.keys[name] = made
    return made


def forget(name: str) -> None:
    """Remove the key that is kept under `name`: what it sealed is lost. Raises as `key`."""
    memory.keys.pop(name, None)
    if key(name, anew=True) is not None:
        _ask(lambda backend: backend.delete_password(SERVICE, name))
        memory.keys.pop(name, None)


def describe() -> str:
    """Return what keeps the keys here, in words. Raises as `key`."""
    return _ask(_name)


def _decoded(text: str | None) -> bytes | None:
    try:
        found = base64.b64decode(text or "", validate=True)
    except (binascii.Error, ValueError):
        return None
    return found if len(found) == KEY_SIZE else None


def _ask(call: Callable[[Any], R]) -> R:
    """Return what `call` gets of the backend, within the time that it has."""
    if memory.failure and time.monotonic() - memory.failure[0] < DOWN:
        raise memory.failure[1]
    try:
        return _answer(call)
    except SsoenvError as failure:
        memory.failure = time.monotonic(), failure
        raise


def _answer(call: Callable[[Any], R]) -> R:
    try:
        import keyring
        import keyring.errors
    except ImportError:
        raise InvalidConfiguration(
            f"{_IT} takes the keyring library, which is not installed beside ssoenv",
            advice=f"install it, {_OR_FILES}:",
            fix=extras.how_to_add("keyring"),
        ) from None

    def work() -> R:
        memory.backend = memory.backend or _chosen(keyring.get_keyring())
        return call(memory.backend)

    # Asked where there may be nobody, and of a backend that anybody may have written.
    seconds = PATIENCE_AT_A_TERMINAL if os.isatty(2) else PATIENCE
    try:
        return background.within(seconds, work)
    except SsoenvError:
        raise
    except TimeoutError:
        what = f"the keyring did not answer within {seconds:.0f} s; it may be locked"
    except keyring.errors.KeyringLocked:
        what = "the keyring is locked"
    except Exception as failure:  # noqa: BLE001 - whatever a backend raises
        what = f"the keyring cannot be used: {type(failure).__name__}"
        what += f": {failure}" if isinstance(failure, keyring.errors.KeyringError) else ""
    raise ServiceUnavailable(what, advice=f"unlock it, and run the same again, {_OR_FILES}")


def _chosen(backend: Any) -> Any:
    """Return `backend`, or the first of several that it stands for. Raises InvalidConfiguration.

    Never one that keeps plain text, or nothing: by what keyring says of it, and by its name.
    """
    several = getattr(backend, "backends", None)
    if several:
        backend = max(several, key=lambda one: float(one.priority))
    named = _name(backend)
    kinds = ("plain", "insecure", ".null.", ".fail.")
    if float(backend.priority) < LEAST_PRIORITY or any(one in named.lower() for one in kinds):
        raise InvalidConfiguration(
            f"{_IT} takes a keyring that keeps secrets, and there is none here: {named}",
            advice="start one, such as gnome-keyring or KWallet, or choose one by keyring's own "
            f"settings (python -m keyring --list-backends), {_OR_FILES}",
        )
    return backend


def _name(backend: Any) -> str:
    return f"{type(backend).__module__}.{type(backend).__qualname__}"
