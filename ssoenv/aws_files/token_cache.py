"""Tokens and client registrations in ``~/.aws/sso/cache``, just as the AWS CLI v2 writes them.

Or the same documents under the same names where nobody else has them, as ``storage`` has it.
File names and contents: ``botocore/utils.py`` (``SSOTokenLoader``) and the CLI's
``SSOTokenFetcher``. Keys that are absent are left out, never null: the Go SDK rejects null.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from typing import TYPE_CHECKING, Any

from ssoenv.aws_files import storage
from ssoenv.base import clock, files
from ssoenv.base.errors import InvalidConfiguration
from ssoenv.base.models import Registration, Token, instance_url
from ssoenv.identity_center import start_urls

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ssoenv.base.models import Session

REGISTRATION_WINDOW = 900
"""Seconds that a registration must have left to be used again (the CLI's ``_EXPIRY_WINDOW``)."""


def token_file(env: Mapping[str, str], session: Session) -> str:
    """Return the path of the token of `session`."""
    return _file(env, session.cache_name)


def load_token(env: Mapping[str, str], session: Session) -> Token | None:
    """Return the cached token of `session`; None where there is none that can be used at all.

    A token is used only for the start URL and region that it was issued for; where an address that
    is not AWS's own led to another region, it is of that one. Of those that legacy
    profiles have, under the several ways in which they write one start URL, the last to end.
    """
    wanted, anywhere = instance_url(session.start_url), not start_urls.is_aws(session.start_url)
    found = [
        token
        for token in held_tokens(env, session)
        if instance_url(token.start_url) == wanted and (anywhere or token.region == session.region)
    ]
    return max(found, key=lambda token: token.expires_at, default=None)


def is_of_another_tool(env: Mapping[str, str], session: Session) -> bool:
    """Whether another tool keeps a token of its own under a name of `session`, in plain files.

    Not where the user's config itself asks for nothing of accounts.
    """
    if session.scopes and not any(scope.startswith("sso:") for scope in session.scopes):
        return False
    clients = _scopes_of_clients(env)
    plain = map(storage.load, _files_of(env, session, sealed=False))
    return any(_is_for_something_else(one, clients) for one in plain if one)


def held_tokens(env: Mapping[str, str], session: Session) -> tuple[Token, ...]:
    """Return the tokens that are cached under the names of `session`, wherever issued.

    Without those that say themselves that they are for something else: they would be rejected, and
    dropped.
    """
    found = (token_in(_file(env, name), session) for name in session.cache_names)
    return tuple(token for token in found if token)


def token_in(path: str, session: Session) -> Token | None:
    """Return the token of `session` in the file at `path`; None for what is for something else."""
    document = storage.load(path)
    if _is_for_something_else(document, {}):
        return None
    return _token(document, session.start_url, session.region)


def our_files(env: Mapping[str, str], session: Session) -> list[str]:
    """Return every file that may hold a token of `session`, in either place; no other tool's."""
    plain = [] if is_of_another_tool(env, session) else _files_of(env, session, sealed=False)
    return [*plain, *_files_of(env, session, sealed=True)]


def _files_of(env: Mapping[str, str], session: Session, *, sealed: bool) -> list[str]:
    names = map(_digest, session.cache_names)
    return [storage.file_in(env, "tokens", name, sealed=sealed) for name in names]


def written_at(env: Mapping[str, str], session: Session) -> int | None:
    """Return when the token of `session` was written, by a sign-in or a renewal; None for none.

    No format of a token says when it was issued: the file's own time does.
    """
    times = []
    for name in session.cache_names:
        with contextlib.suppress(OSError):
            times.append(int(os.stat(_file(env, name)).st_mtime))
    return max(times, default=None)


def save_token(env: Mapping[str, str], session: Session, token: Token) -> None:
    """Write the token of `session`, under each of its names. Raises OSError."""
    document = {
        "region": token.region,
        "accessToken": token.access_token,
        "expiresAt": clock.render_timestamp(token.expires_at),
        "clientId": token.client_id,
        "clientSecret": token.client_secret,
        "registrationExpiresAt": token.registration_expires_at
        and clock.render_timestamp(token.registration_expires_at),
        "refreshToken": token.refresh_token,
    }
    _save(token_file(env, session), {"startUrl": session.start_url, **document})
    for spelling in session.spellings:
        _save(_file(env, spelling), {"startUrl": spelling, **document})


def drop_token(env: Mapping[str, str], session: Session) -> bool:
    """Remove the token of `session`; False where there was none."""
    return any(files.remove(_file(env, name)) for name in session.cache_names)


def drop_elsewhere(env: Mapping[str, str], session: Session) -> None:
    """Remove what is kept of `session` in the place that is not in use: it was before a change.

    With its registration, which has a secret. Nothing where the settings cannot be read, and it may
    be either. Raises OSError.
    """
    with contextlib.suppress(InvalidConfiguration):
        used = os.path.dirname(_file(env, session.cache_name))
        registration = _registration_name(session)
        found = [
            *our_files(env, session),
            *(storage.file_in(env, "tokens", registration, sealed=one) for one in (False, True)),
        ]
        for path in found:
            if os.path.dirname(path) != used:
                files.remove(path)


def token_files(env: Mapping[str, str]) -> Iterator[tuple[str, Token]]:
    """Yield every plain file that holds the token of a sign-in, whoever wrote it, with the token.

    One without a time that can be read counts as ended; its region may be empty. Left out is what
    other tools keep there for themselves: a token without a start URL, or of a client whose scopes
    give no access to accounts, such as that of a code assistant.
    """
    clients = _scopes_of_clients(env)
    for path in storage.files_of(env, "tokens", sealed=False):
        document = storage.load(path)
        access_token = _optional(document, "accessToken")
        if not access_token or not _optional(document, "startUrl"):
            continue
        if not _is_for_something_else(document, clients):
            token = _token(document, "", "")
            yield path, token or Token("", "", access_token, 0)


def sealed_tokens(env: Mapping[str, str]) -> Iterator[Token]:
    """Yield every token that is sealed. Raises as ``storage.load``."""
    for path in storage.files_of(env, "tokens", sealed=True):
        token = _token(storage.load(path), "", "")
        if token:
            yield token


def load_registration(
    env: Mapping[str, str], session: Session, *, grant: str
) -> Registration | None:
    """Return the cached registration of `session` for `grant`, if it has a while left.

    `grant` is authorization_code or device_code; a registration serves only its own kind.
    """
    document = storage.load(_registration_file(env, session))
    try:
        registration = Registration(
            client_id=_text(document, "clientId"),
            client_secret=_text(document, "clientSecret"),
            expires_at=clock.parse_timestamp(_text(document, "expiresAt")),
            scopes=tuple(document["scopes"]) if document.get("scopes") else None,
            grant_types=tuple(document.get("grantTypes") or ()),
        )
    except (KeyError, ValueError, TypeError, OverflowError):
        return None
    same_kind = ("authorization_code" in registration.grant_types) == (
        grant == "authorization_code"
    )
    lasts = registration.expires_at - clock.now() >= REGISTRATION_WINDOW
    return registration if same_kind and lasts else None


def save_registration(env: Mapping[str, str], session: Session, registration: Registration) -> None:
    """Write the client registration of `session`. Raises OSError."""
    document = {
        "clientId": registration.client_id,
        "clientSecret": registration.client_secret,
        "expiresAt": clock.render_timestamp(registration.expires_at),
        "scopes": list(registration.scopes) if registration.scopes else None,
        "grantTypes": list(registration.grant_types) or None,
    }
    _save(_registration_file(env, session), document)


def drop_registration(env: Mapping[str, str], session: Session) -> None:
    """Remove the client registration of `session`: the service does not know it any more."""
    files.remove(_registration_file(env, session))


def _scopes_of_clients(env: Mapping[str, str]) -> dict[str, Any]:
    """Return what every client that is registered there may be given, by its id and its file."""
    found = dict[str, Any]()
    for path in storage.files_of(env, "tokens", sealed=False):
        document, name = storage.load(path), os.path.basename(path)
        client = _optional(document, "clientId")
        if client and document.get("scopes"):
            found |= {client: document["scopes"], name.removesuffix(".json"): document["scopes"]}
    return found


def _is_for_something_else(document: dict[str, Any], clients: Mapping[str, Any]) -> bool:
    """Whether the token in `document` gives no access to accounts, as it or its client says.

    The AWS CLI and the SDKs write no ``scopes`` into a token. AWS Toolkit and Amazon Q do, or refer
    to their registration by ``clientId``, and Kiro by ``clientIdHash``.
    """
    named = [document.get(name) for name in ("clientId", "clientIdHash")]
    of_clients = [clients[key] for key in named if isinstance(key, str) and key in clients]
    scopes = document.get("scopes") or (of_clients[0] if of_clients else None)
    words = scopes.split() if isinstance(scopes, str) else scopes
    if not isinstance(words, list) or not words:
        return False
    return not any(isinstance(word, str) and word.startswith("sso:") for word in words)


def _registration_file(env: Mapping[str, str], session: Session) -> str:
    return storage.file(env, "tokens", _registration_name(session))


def _registration_name(session: Session) -> str:
    key = {
        "region": session.region,
        "scopes": None if session.scopes is None else list(session.scopes),
        "session_name": session.name,
        "startUrl": session.start_url,
        "tool": "botocore",
    }
    return _digest(json.dumps(key, sort_keys=True))


def _file(env: Mapping[str, str], name: str) -> str:
    return storage.file(env, "tokens", _digest(name))


def _digest(name: str) -> str:
    return hashlib.sha1(name.encode("utf-8"), usedforsecurity=False).hexdigest()


def _save(path: str, document: dict[str, Any]) -> None:
    storage.save(path, {key: value for key, value in document.items() if value is not None})


def _token(document: dict[str, Any], start_url: str, region: str) -> Token | None:
    try:
        return Token(
            start_url=_optional(document, "startUrl") or start_url,
            region=_optional(document, "region") or region,
            access_token=_text(document, "accessToken"),
            expires_at=clock.parse_timestamp(_text(document, "expiresAt")),
            client_id=_optional(document, "clientId"),
            client_secret=_optional(document, "clientSecret"),
            registration_expires_at=_moment(document, "registrationExpiresAt"),
            refresh_token=_optional(document, "refreshToken"),
        )
    except (KeyError, ValueError, OverflowError):
        return None


def _text(document: dict[str, Any], key: str) -> str:
    value = document[key]
    if not isinstance(value, str) or not value:
        raise ValueError(key)
    return value


def _optional(document: dict[str, Any], key: str) -> str | None:
    value = document.get(key)
    return value if isinstance(value, str) and value else None


def _moment(document: dict[str, Any], key: str) -> int | None:
    """Return the moment under `key`; None, too, for one that cannot be read."""
    try:
        return clock.parse_timestamp(_text(document, key))
    except (KeyError, ValueError, OverflowError):
        return None
