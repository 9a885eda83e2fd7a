"""Keys that another tool has put into the environment, where no project gives a role."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ssoenv import here, policy, sign_in
from ssoenv import settings as settings_module
from ssoenv.aws_files import config as aws_config
from ssoenv.base import clock, paths
from ssoenv.base.errors import AccessDenied, UsageError
from ssoenv.base.models import Credentials, Role
from ssoenv.base.values import replace
from ssoenv.credentials import protection
from ssoenv.identity_center import kept_listings
from ssoenv.identity_center.sts import caller_identity
from ssoenv.trust import protected

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ssoenv.base.models import Session
    from ssoenv.credentials.protection import Asker

_ROLE = re.compile(r"arn:[\w-]+:sts::\d{12}:(?:assumed-role|federated-user)/([^/]+)")
_PERMISSION_SET = re.compile(r"AWSReservedSSO_(.+)_[0-9a-f]{16}")
"""The IAM role that Identity Center makes of a permission set, in each account."""


def are_there(env: Mapping[str, str]) -> bool:
    """Whether `env` has keys, and no project and no ``ssoenv use`` a role. Raises OSError."""
    return bool(env.get("AWS_ACCESS_KEY_ID")) and is_outside(env)


def is_outside(env: Mapping[str, str]) -> bool:
    """Whether we are in no project, and come from no shell that has a role. Raises OSError."""
    found = here.look(here.working_directory(env), env)
    return found.status == "none" and not here.shell_directory(env)


def for_people(keys: Credentials, env: Mapping[str, str]) -> str:
    """Return the role of `keys` with the name of its account, where a list that is kept has it."""
    name = _account_name(keys.account_id, aws_config.instances(env), env)
    return f"{name or keys.account_id}/{keys.role}"


def identity(env: Mapping[str, str], region: str | None) -> dict[str, str]:
    """Return what STS says of the keys in `env`, whoever put them there.

    It is asked in `region`, else in that of the environment, else where it has always been.
    """
    key_id, secret, token = _held(env)
    held = Credentials(key_id, secret, token, 0, "", "")
    where = region or env.get("AWS_REGION") or env.get("AWS_DEFAULT_REGION") or "us-east-1"
    return caller_identity(held, where, env)


def obtain(region: str, env: Mapping[str, str], asker: Asker) -> Credentials:
    """Return the keys in `env`, with the account and the role that STS in `region` tells.

    The policy is asked as for every role. Raises UsageError for keys without a session,
    AccessDenied, ServiceUnavailable or Cancelled.
    """
    key_id, secret, token = _held(env)
    if not (key_id and secret and token):
        raise UsageError(
            "the keys in the environment are of no session, and the console takes no others",
            fix="ssoenv console ACCOUNT/ROLE",
        )
    keys = Credentials(key_id, secret, token, _expiration(env), "", "")
    try:
        identity = caller_identity(keys, region, env)
    except AccessDenied as refusal:
        advice = "another tool has put them into the environment: have it renew them"
        raise AccessDenied(refusal.message, advice=advice) from None
    named = _ROLE.match(identity["Arn"])
    name = named[1] if named else identity["Arn"].rpartition("/")[2]
    is_set = _PERMISSION_SET.fullmatch(name)
    keys = replace(keys, account_id=identity["Account"], role=is_set[1] if is_set else name)
    _admit(keys, env, asker)
    return keys


def _held(env: Mapping[str, str]) -> tuple[str, str, str]:
    """Return key id, secret and token in `env`; empty what is not there."""
    return (
        env.get("AWS_ACCESS_KEY_ID", ""),
        env.get("AWS_SECRET_ACCESS_KEY", ""),
        env.get("AWS_SESSION_TOKEN", ""),
    )


def _expiration(env: Mapping[str, str]) -> int:
    """Return when the keys in `env` end, as far as that is there; else 0."""
    try:
        return clock.parse_timestamp(env.get("AWS_CREDENTIAL_EXPIRATION", ""))
    except ValueError:
        return 0


def _admit(keys: Credentials, env: Mapping[str, str], asker: Asker) -> None:
    """Return if the policy lets the role of `keys` be used, after the question that it may take."""
    settings, sessions = settings_module.load(env), aws_config.instances(env)
    roles = [Role(one.label, keys.account_id, (keys.role,)) for one in sessions]
    name = _account_name(keys.account_id, sessions, env)
    guards = [
        guard
        for one in sessions
        for guard in protected.guards(env, one.label, kept_listings.of(env, one))
    ]
    target = protected.guarded(policy.Target(keys.account_id, name, (keys.role,)), guards)
    verdict = policy.verdict(settings, target)
    if verdict.answer == "unknown":
        raise AccessDenied(verdict.reason, fix="ssoenv roles")
    if verdict.answer == "refused":
        raise AccessDenied(verdict.reason, advice=f"see {paths.settings_file(env)}")
    if verdict.answer == "ask":
        role = (roles or [Role("", keys.account_id, (keys.role,))])[0]
        use = protection.Use(role, target, "ssoenv console", "", verdict.reason)
        consent = sign_in.lazy_consent(env, sign_in.SignInRequest("ssoenv console", "", ""))
        protection.require(use, settings, env, asker, consent)


def _account_name(account_id: str, sessions: Iterable[Session], env: Mapping[str, str]) -> str:
    """Return what the lists that are kept call an account; empty where none has it."""
    for session in sessions:
        listing = kept_listings.of(env, session)
        account = listing.account(account_id) if listing else None
        if account:
            return account.name
    return ""
