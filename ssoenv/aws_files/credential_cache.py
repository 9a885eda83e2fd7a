"""Role credentials in ``~/.aws/cli/cache``, under the AWS CLI v2's own key and in its own shape.

Or the same documents under the same names where nobody else has them, as ``storage`` has it.
Source: ``SSOCredentialFetcher._create_cache_key`` and ``JSONFileCache`` in botocore. Credentials of
roles of IAM, on top of another or in place of one, are in files beside these, which the AWS CLI
does not look for.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from typing import TYPE_CHECKING, Any

from ssoenv.aws_files import storage
from ssoenv.base import clock, files
from ssoenv.base.models import Credentials, instance_url

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from ssoenv.base.models import IamRole, Role, Session

_NAME = re.compile(r"[0-9a-f]{40}\.(?:json|sealed)")
"""The name of a file there: the SHA-1 of what was asked for."""
_KINDS: tuple[storage.Kind, ...] = ("roles", "agents")
_URL = "StartUrl"
_VALUES = ("AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration")


def cache_file(
    env: Mapping[str, str], session: Session, account_id: str, role: str, *, agent: bool = False
) -> str:
    """Return the path under which the AWS CLI keeps the credentials of a role.

    Those that an `agent` has are kept in a folder apart, which the AWS CLI does not know.
    """
    return _file(env, _request(session, account_id, role), agent=agent)


def _request(session: Session, account_id: str, role: str) -> str:
    """Return what the AWS CLI takes the SHA-1 of."""
    key = {"roleName": role, "accountId": account_id}
    if session.name is None:
        key["startUrl"] = session.start_url
    else:
        key["sessionName"] = session.name
    return json.dumps(key, sort_keys=True, separators=(",", ":"))


def assumed_file(
    env: Mapping[str, str],
    session: Session,
    account_id: str,
    role: str,
    on_top: IamRole,
    *,
    agent: bool = False,
) -> str:
    """Return the path of credentials of the role `on_top`, had by those of a role of `session`.

    It is a file for that very pair. The AWS CLI's own for roles that STS gave (botocore
    ``BaseAssumeRoleCredentialFetcher._create_cache_key``) says nothing of the first role: whoever
    may not assume the second would have it from somebody who may.
    """
    first = os.path.basename(cache_file(env, session, account_id, role))
    request = {
        "First": first,
        "RoleArn": str(on_top.arn),
        "RoleSessionName": on_top.session_name,
        "DurationSeconds": on_top.duration,
    }
    return _file(env, json.dumps(request, sort_keys=True), agent=agent)


def entitled_file(
    env: Mapping[str, str], session: Session, role: IamRole, *, agent: bool = False
) -> str:
    """Return the path of credentials of a role that the account access manager of `session` gave.

    Whichever tenant gives it, it is the same role.
    """
    key = ["account-access", session.cache_name, str(role.arn), role.session_name, role.duration]
    return _file(env, json.dumps(key), agent=agent)


def _file(env: Mapping[str, str], text: str, *, agent: bool) -> str:
    """Return the path of the file whose name is the SHA-1 of `text`."""
    return storage.file(env, "agents" if agent else "roles", _digest(text))


def _digest(text: str) -> str:
    return hashlib.sha1(text.encode("utf-8"), usedforsecurity=False).hexdigest()


def read(path: str, session: Session, account_id: str, role: str) -> Credentials | None:
    """Return the credentials in the file at `path`, however old; None where there are none.

    What we wrote has to be of the Identity Center that `session` is one of. The AWS CLI writes its
    own by the name of the session alone: those go as the name comes to mean another one.
    """
    document = storage.load(path)
    origin = document.get(storage.ORIGIN, _of(session))
    if not isinstance(origin, dict) or origin.get(_URL) != _of(session)[_URL]:
        return None
    return _credentials(document, account_id, role)


def _of(session: Session) -> dict[str, str]:
    """Return what says by which sign-in credentials were had that we write."""
    return {"Session": session.label, _URL: instance_url(session.start_url)}


def _credentials(document: Mapping[str, Any], account_id: str, role: str) -> Credentials | None:
    try:
        key_id, secret, token, end = (document["Credentials"][name] for name in _VALUES)
        if not all(isinstance(value, str) and value for value in (key_id, secret, token)):
            return None
        return Credentials(key_id, secret, token, clock.parse_timestamp(end), account_id, role)
    except (KeyError, ValueError, TypeError, AttributeError, OverflowError):
        return None


def save_iam(path: str, session: Session, credentials: Credentials, first: str = "") -> None:
    """Write `credentials` of a role of IAM as the file at `path`, see `file_of`. OSError.

    They were had by a sign-in to `session`; for a role on top of another `first` is the file of
    those of that one. No name of a file tells either back, and all go with a sign-out.
    """
    _write(path, credentials, _of(session) | {"First": os.path.basename(first)})


def _write(path: str, credentials: Credentials, origin: Mapping[str, str]) -> None:
    """Write `credentials` as the file at `path`, with what they were had by. Raises OSError.

    The type of the provider marks what comes from Identity Center, roles of IAM included:
    it goes with a sign-out, of the AWS CLI too, and means nothing else to it. Other tools read past
    what says the origin (botocore ``CachedCredentialFetcher`` looks at ``Credentials`` alone).
    """
    document = {
        "ProviderType": "sso",
        "Credentials": {
            "AccessKeyId": credentials.access_key_id,
            "SecretAccessKey": credentials.secret_access_key,
            "SessionToken": credentials.session_token,
            "Expiration": clock.render_timestamp(credentials.expiration),
            "AccountId": credentials.account_id,
        },
        storage.ORIGIN: origin,
    }
    storage.save(path, document)


def load(
    env: Mapping[str, str], session: Session, account_id: str, role: str, *, agent: bool = False
) -> Credentials | None:
    """Return the cached credentials of a role, however old; None where there are none."""
    path = cache_file(env, session, account_id, role, agent=agent)
    return read(path, session, account_id, role)


def file_of(
    env: Mapping[str, str],
    session: Session,
    account_id: str,
    name: str,
    role: Role,
    *,
    agent: bool = False,
) -> str:
    """Return the path of credentials of `role`, of whichever kind; the account and name it means.

    A role of IAM in place of a permission set needs neither.
    """
    if role.entitled:
        return entitled_file(env, session, role.entitled, agent=agent)
    if role.assumes:
        return assumed_file(env, session, account_id, name, role.assumes, agent=agent)
    return cache_file(env, session, account_id, name, agent=agent)


def load_of(
    env: Mapping[str, str],
    session: Session,
    account_id: str,
    name: str,
    role: Role,
    *,
    agent: bool = False,
) -> Credentials | None:
    """Return the cached credentials of `role`, of whichever kind, however old; None for none."""
    path = file_of(env, session, account_id, name, role, agent=agent)
    if role.iam:
        account_id, name = role.iam.arn.account, role.iam.arn.name
    return read(path, session, account_id, name)


def save(
    env: Mapping[str, str], session: Session, credentials: Credentials, *, agent: bool = False
) -> str:
    """Write `credentials` and return the path of their file. Raises OSError."""
    path = cache_file(env, session, credentials.account_id, credentials.role, agent=agent)
    _write(path, credentials, _of(session))
    return path


def remove(env: Mapping[str, str], session: Session, account_id: str, role: str) -> bool:
    """Remove the plain file of a role's credentials, agents' too; False where there was none.

    It may be the AWS CLI's own. What is sealed is ours: `remove_ours` knows it.
    """
    name = _digest(_request(session, account_id, role))
    found = [storage.file_in(env, kind, name, sealed=False) for kind in _KINDS]
    removed = [files.remove(path) for path in found]
    return any(removed)


def drop(path: str, key_id: str) -> None:
    """Remove the file at `path` if it still has the credentials of that key id. Raises OSError."""
    found = _credentials(storage.load(path), "", "")
    if found and found.access_key_id == key_id:
        files.remove(path)


def role_files(env: Mapping[str, str]) -> Iterator[str]:
    """Yield every plain file that came from Identity Center, whoever wrote it; agents' too."""
    for kind in _KINDS:
        for path in storage.files_of(env, kind, sealed=False):
            if storage.load(path).get("ProviderType") == "sso":
                yield path


def _everything(env: Mapping[str, str]) -> list[str]:
    """Return every file, plain or sealed, that came from Identity Center."""
    sealed = [path for kind in _KINDS for path in storage.files_of(env, kind, sealed=True)]
    return [*role_files(env), *sealed]


def remove_ours(env: Mapping[str, str], sessions: Collection[str]) -> None:
    """Remove what ssoenv wrote for one of the `sessions` (labels), with that of first roles."""
    for path in _everything(env):
        origin = storage.origin(path)
        if any(origin.get("Session") == one for one in sessions):
            files.remove(path)
            first = str(origin.get("First"))
            if _NAME.fullmatch(first):
                files.remove(f"{os.path.dirname(path)}/{first}")


def remove_of_others(env: Mapping[str, str]) -> None:
    """Remove what the AWS CLI wrote of Identity Center, which does not say of which."""
    for path in role_files(env):
        if not storage.origin(path):
            files.remove(path)


def remove_all(env: Mapping[str, str]) -> None:
    """Remove every file there that came from Identity Center, as ``aws sso logout`` does."""
    for path in _everything(env):
        files.remove(path)
