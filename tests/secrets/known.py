"""What a secret looks like, and where each kind of them may be.

Everything secret that the sandbox hands out says of what kind it is, so a part of it is enough to
know it. The verifier of a sign-in by PKCE is known by its hash, which the sandbox was told.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ssoenv.sandbox.state import State

OF_TOKENS = ("access", "refresh", "client-secret")
OF_ROLES = ("key", "session-token")
PASSING = ("device", "code", "signin", "verifier")
"""What is for one request only, and in no file."""
CANARY = re.compile(
    rb"sandbox-(" + "|".join((*OF_TOKENS, *OF_ROLES, *PASSING)).encode() + rb")-[A-Za-z0-9_-]{12}"
)
_VERIFIER = re.compile(rb"(?<![A-Za-z0-9._~-])[A-Za-z0-9._~-]{43,128}(?![A-Za-z0-9._~-])")
_CACHE = r"[0-9a-f]{40}\.json"
PLACES = {
    rf"\.aws/sso/cache/{_CACHE}": OF_TOKENS,
    rf"\.aws/cli/cache/{_CACHE}": OF_ROLES,
    rf"\.local/state/ssoenv/agents/cache/{_CACHE}": OF_ROLES,
    r"\.local/state/ssoenv/(agents/)?roles/.*/@(role|process|asked)": OF_ROLES,
    r"\.aws/credentials": OF_ROLES,
}
"""The files below a HOME in which there may be secrets, and of what kinds: those that docs/security.md
names, and the keys that a person has put into a file of their own."""
_OURS = (".aws/sso/cache", ".aws/cli/cache", ".local/state/ssoenv")


def kinds(text: bytes | str, state: State) -> set[str]:
    """Of what kinds there are secrets in `text`."""
    content = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text
    found = {one[1].decode() for one in CANARY.finditer(content)}
    challenges = {one.challenge for one in (*state.pages.values(), *state.codes.values())}
    if any(_challenge(one[0]) in challenges for one in _VERIFIER.finditer(content)):
        found.add("verifier")
    return found


def _challenge(verifier: bytes) -> str:
    """Return what the service is told of a verifier first (RFC 7636, 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier).digest()).rstrip(b"=").decode()


def misplaced(top: Path, state: State) -> Iterator[str]:
    """Yield what is wrong with the files below the HOME `top`: secrets where none belong, modes."""
    for folder, _, names in os.walk(top):
        for name in names:
            path = os.path.join(folder, name)
            where = os.path.relpath(path, top)
            if not stat.S_ISREG(os.lstat(path).st_mode):
                continue
            with open(path, "rb") as stream:
                found = kinds(stream.read(), state)
            allowed = next((of for one, of in PLACES.items() if re.fullmatch(one, where)), ())
            if found - {*allowed}:
                yield f"{where} has {', '.join(sorted(found - {*allowed}))}"
            if found or where.startswith(_OURS):
                yield from _wrong_mode(path, where)


def _wrong_mode(path: str, where: str) -> Iterator[str]:
    """Yield whether others may read a file or its folder, or its owner may not."""
    mode = stat.S_IMODE(os.stat(path).st_mode)
    if mode not in (0o600, 0o700):
        yield f"{where} has mode {mode:o}"
    folder = stat.S_IMODE(os.stat(os.path.dirname(path)).st_mode)
    if folder != 0o700:
        yield f"the folder of {where} has mode {folder:o}"
