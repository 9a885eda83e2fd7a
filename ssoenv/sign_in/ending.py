"""Signing out: the session ends at the service, and nothing that came from it stays here."""

from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING
from urllib.parse import unquote

from ssoenv import (
    assignments,
    clock,
    credential_cache,
    files,
    paths,
    rendering,
    sso_oidc,
    token_cache,
)
from ssoenv.errors import SsoenvError
from ssoenv.models import Session
from ssoenv.service_errors import GrantRejected, TokenRejected
from ssoenv.sign_in import turn

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ssoenv.models import Token


def sign_out(session: Session, env: Mapping[str, str]) -> bool:
    """End `session`; False if it was not signed in.

    What is on this machine goes first and in any case. Raises ServiceUnavailable if the service
    could not be told.
    """
    with turn.settled(env, session):
        token = token_cache.load_token(env, session)
        token_cache.drop_token(env, session)
        _forget_credentials(session, env)
    if token is None:
        return False
    _tell(session, token, env)
    return True


def sign_out_everywhere(env: Mapping[str, str]) -> None:
    """End every session that has a token here, and remove all cached Identity Center credentials.

    All goes from this machine before any service is told. Raises the last error that a service
    made, after all of them have been told.
    """
    found = list(token_cache.token_files(env))
    for path, _ in found:
        files.remove(path)
    credential_cache.remove_all(env)
    rendering.retract_everything(env)
    failure = None
    for path, token in found:
        if token.region:
            try:
                _tell(Session(None, token.start_url, token.region, None, path), token, env)
            except SsoenvError as error:
                failure = error
    if failure:
        raise failure


def _tell(session: Session, token: Token, env: Mapping[str, str]) -> None:
    """Have the service end the session of `token`.

    It ends a session for a token that is good; so one that has run out is renewed for that.
    """
    from ssoenv.identity_center import IdentityCenter

    center = IdentityCenter(session, env)
    try:
        if token.expires_at <= clock.now() and token.refreshable(clock.now()):
            token = sso_oidc.refresh(center, token)
        center.logout(token)
    except (GrantRejected, TokenRejected):
        return


def _forget_credentials(session: Session, env: Mapping[str, str]) -> None:
    """Remove the cached and rendered credentials of every role of `session` that we know of."""
    for folder, account_id, role in _rendered_roles(env):
        if credential_cache.remove(env, session, account_id, role):
            shutil.rmtree(folder, ignore_errors=True)
    listing = assignments.load(env, session.label)
    for one in listing.assignments if listing else ():
        credential_cache.remove(env, session, one.account.id, one.role)
    rendering.retract_session(env, session.label)


def _rendered_roles(env: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Return (folder, account id, role name) of whatever is rendered, for every session.

    The name of a folder may have alternatives, of which one is meant, and a session's own name
    for a legacy profile: so all are tried.
    """
    for folder, _, names in os.walk(f"{paths.state(env)}/roles"):
        if "@process" in names:
            content = files.read_bytes(f"{folder}/@process") or b""
            try:
                account_id = json.loads(content.split(b"\n", 2)[2])["AccountId"]
            except (IndexError, KeyError, TypeError, ValueError, RecursionError):
                continue
            for role in os.path.basename(folder).split(":"):
                yield folder, account_id, unquote(role, errors="surrogateescape")
