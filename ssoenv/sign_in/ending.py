"""Signing out: the session ends at the service, and nothing that came from it stays here."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from ssoenv import assignments, credential_cache, files, paths, rendering, token_cache
from ssoenv.errors import ServiceUnavailable
from ssoenv.models import Session

if TYPE_CHECKING:
    from collections.abc import Mapping


def sign_out(session: Session, env: Mapping[str, str]) -> bool:
    """End `session`; False if it was not signed in.

    What is on this machine goes first and in any case. Raises ServiceUnavailable if the service
    could not be told.
    """
    from ssoenv.identity_center import IdentityCenter

    token = token_cache.load_token(env, session)
    token_cache.drop_token(env, session)
    _forget_credentials(session, env)
    if token is None:
        return False
    IdentityCenter(session, env).logout(token)
    return True


def sign_out_everywhere(env: Mapping[str, str]) -> None:
    """End every session that has a token here, and remove all cached Identity Center credentials.

    Raises the last ServiceUnavailable after all has been removed.
    """
    from ssoenv.identity_center import IdentityCenter

    failure = None
    for path, token in list(token_cache.token_files(env)):
        files.remove(path)
        session = Session(None, token.start_url, token.region, None, path)
        try:
            with contextlib.suppress(ValueError):
                IdentityCenter(session, env).logout(token)
        except ServiceUnavailable as unavailable:
            failure = unavailable
    credential_cache.remove_all(env)
    rendering.retract_everything(env)
    if failure:
        raise failure


def _forget_credentials(session: Session, env: Mapping[str, str]) -> None:
    """Remove the cached and rendered credentials of every role of `session` that we know of."""
    listing = assignments.load(env, session.label)
    for one in listing.assignments if listing else ():
        credential_cache.remove(env, session, one.account.id, one.role)
    top = f"{paths.state(env)}/roles/{paths.escape(session.label)}"
    for folder, _, names in os.walk(top):
        if "@process" in names:
            content = files.read_bytes(f"{folder}/@process") or b""
            cache_file = content.split(b"\n", 2)[1:2]
            if cache_file and os.fsdecode(cache_file[0]).startswith(paths.credential_cache(env)):
                files.remove(os.fsdecode(cache_file[0]))
    rendering.retract_session(env, session.label)
