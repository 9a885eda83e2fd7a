"""Role credentials in ``~/.aws/cli/cache``, under the AWS CLI v2's own key and in its own shape.

Source: ``SSOCredentialFetcher._create_cache_key`` and ``JSONFileCache`` in botocore.
"""

from __future__ import annotations

import hashlib
import json
import os
from typing import TYPE_CHECKING, Any

from ssoenv.base import clock, files, paths
from ssoenv.base.json_files import load_object
from ssoenv.base.models import Credentials

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ssoenv.base.models import IamRole, Session

_VALUES = ("AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration")


def cache_file(
    env: Mapping[str, str], session: Session, account_id: str, role: str, *, agent: bool = False
) -> str:
    """Return the path under which the AWS CLI keeps the credentials of a role.

    Those that an `agent` has are kept in a folder apart, which the AWS CLI does not know.
    """
    key = {"roleName": role, "accountId": account_id}
    if session.name is None:
        key["startUrl"] = session.start_url
    else:
        key["sessionName"] = session.name
    text = json.dumps(key, sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha1(text.encode("utf-8"), usedforsecurity=False).hexdigest()
    return f"{paths.credential_cache(env, agent=agent)}/{digest}.json"


def assumed_file(env: Mapping[str, str], role: IamRole, *, agent: bool = False) -> str:
    """Return the path under which the AWS CLI keeps credentials of a role that STS gave.

    Its key is made of the request, without a session name that nobody chose (botocore
    ``BaseAssumeRoleCredentialFetcher._create_cache_key``); so it is one file for all first roles.
    """
    request: dict[str, Any] = {"RoleArn": str(role.arn)}
    if role.session_name:
        request["RoleSessionName"] = role.session_name
    if role.duration:
        request["DurationSeconds"] = role.duration
    text = json.dumps(request, sort_keys=True)
    digest = hashlib.sha1(text.encode("utf-8"), usedforsecurity=False).hexdigest()
    return f"{paths.credential_cache(env, agent=agent)}/{digest}.json"


def read(path: str, account_id: str, role: str) -> Credentials | None:
    """Return the credentials in the file at `path`, however old; None where there are none."""
    document = load_object(path)
    try:
        key_id, secret, token, end = (document["Credentials"][name] for name in _VALUES)
        if not all(isinstance(value, str) and value for value in (key_id, secret, token)):
            return None
        return Credentials(key_id, secret, token, clock.parse_timestamp(end), account_id, role)
    except (KeyError, ValueError, TypeError, AttributeError, OverflowError):
        return None


def write(path: str, credentials: Credentials) -> None:
    """Write `credentials` as the file at `path`. Raises OSError.

    The type of the provider marks what comes from Identity Center, a role on top of such included:
    it goes with a sign-out, of the AWS CLI too, and means nothing else to it.
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
    }
    files.write_private(path, json.dumps(document).encode())


def load(
    env: Mapping[str, str], session: Session, account_id: str, role: str, *, agent: bool = False
) -> Credentials | None:
    """Return the cached credentials of a role, however old; None where there are none."""
    return read(cache_file(env, session, account_id, role, agent=agent), account_id, role)


def load_assumed(
    env: Mapping[str, str], role: IamRole, *, agent: bool = False
) -> Credentials | None:
    """Return the cached credentials of a role that STS gave, however old; None for none."""
    return read(assumed_file(env, role, agent=agent), role.arn.account, role.arn.name)


def save(
    env: Mapping[str, str], session: Session, credentials: Credentials, *, agent: bool = False
) -> str:
    """Write `credentials` and return the path of their file. Raises OSError."""
    path = cache_file(env, session, credentials.account_id, credentials.role, agent=agent)
    write(path, credentials)
    return path


def remove(env: Mapping[str, str], session: Session, account_id: str, role: str) -> bool:
    """Remove the cached credentials of a role, agents' too; False where there were none."""
    removed = [
        files.remove(cache_file(env, session, account_id, role, agent=agent))
        for agent in (False, True)
    ]
    return any(removed)


def role_files(env: Mapping[str, str]) -> Iterator[str]:
    """Yield every file there that came from Identity Center, whoever wrote it; agents' too."""
    for agent in (False, True):
        folder = paths.credential_cache(env, agent=agent)
        for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
            path = f"{folder}/{name}"
            if name.endswith(".json") and load_object(path).get("ProviderType") == "sso":
                yield path


def remove_all(env: Mapping[str, str]) -> None:
    """Remove every file there that came from Identity Center, as ``aws sso logout`` does."""
    for path in role_files(env):
        files.remove(path)
