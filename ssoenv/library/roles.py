"""Roles for a program: a boto3 session of one, and the list of all."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ssoenv import here
from ssoenv import target as targets
from ssoenv.base import arns, clock
from ssoenv.base.errors import AccessDenied, NotTrusted, UsageError
from ssoenv.base.models import Role
from ssoenv.base.values import replace
from ssoenv.credentials.listing import Lists
from ssoenv.identity_center import kept_listings
from ssoenv.identity_center.assignments import is_account_id
from ssoenv.library.signing_in import Told, signing_in
from ssoenv.library.values import Assignment, Duration, Handler, in_seconds
from ssoenv.shells import state_folder
from ssoenv.sign_in import instances
from ssoenv.target import Target

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ssoenv.base.models import Credentials, Session
    from ssoenv.identity_center import boto3_sessions


def get_boto3_session(
    account: str | None = None,
    role: str | Sequence[str] | None = None,
    session: str | None = None,
    *,
    profile: str | None = None,
    region: str | None = None,
    login: bool = False,
    handler: Handler | None = None,
) -> boto3_sessions.Session:
    """Return a boto3 session of a role, which gets new credentials before they end.

    `account` is an id, a name, or the start of one that no other account has; `role` is a name, or
    its start, or several of which the first is meant that the person holds. Or `role`, alone, is
    the ARN of a role of IAM that the account access manager gives. `session` is an [sso-session] of
    the AWS config, or else that of the project here, or the only one. Without any of these: what
    the directory gives, or the `profile` of its project.

    `region` wins over the profile's. Where nobody is signed in this raises SignInRequired, unless
    `login`: then it signs in, as the function of that name does, and tells `handler`. Also raises
    NotTrusted, AccessDenied, InvalidConfiguration, ServiceUnavailable and UsageError. A client may
    raise the same later, when it takes new credentials: nobody is asked in the middle.
    """
    from ssoenv.identity_center import boto3_sessions

    state_folder.require_known(os.environ)
    instances.settle(os.environ)
    if account is None and role is None:
        wanted = _given_here(profile, session)
        chosen = here.session(wanted.role.session, os.environ)
        credentials = signing_in(chosen, handler, lambda: _obtain(wanted), login=login)
    else:
        roles = _checked(account, role, profile)
        chosen = here.session(session, os.environ, by="session =")

        def named() -> tuple[Target, Credentials]:
            if account is None:
                found = Target(targets.by_arn(chosen.label, roles[0]), label=roles[0])
            else:
                found = _named(chosen, account, roles)
            return found, _obtain(found)

        wanted, credentials = signing_in(chosen, handler, named, login=login)

    def renew() -> Credentials:
        found = _obtain(_as_still_given(wanted))
        if found.account_id != credentials.account_id:
            now = f"{wanted.role} means account {found.account_id} by now"
            raise AccessDenied(f"{now}; this session is of {credentials.account_id}")
        return found

    return boto3_sessions.make(credentials, renew, region or wanted.region)


def list_assignments(
    session: str | None = None,
    *,
    max_age: Duration = 0,
    login: bool = False,
    handler: Handler | None = None,
) -> Iterator[Assignment]:
    """Return an iterator over the accounts and roles that the person may assume, by account.

    As the service has them now, or as they were last listed, if that is no longer than `max_age`
    ago (seconds, or a timedelta). `session` is an [sso-session], or else that of the project here,
    or the only one; `login` and `handler` are as in `get_boto3_session`, and so is what is raised,
    before the first of them is returned.
    """
    state_folder.require_known(os.environ)
    instances.settle(os.environ)
    chosen = here.session(session, os.environ, by="session =")
    since = clock.now() + 1 - in_seconds(max_age)
    known = _lists(chosen, _LISTS)
    listing = signing_in(chosen, handler, lambda: known.as_of(since), login=login)
    return (
        Assignment(
            chosen.label, one.account.name, one.account.id, one.account.email, one.name, one.arn
        )
        for one in listing.assignments
    )


_LISTS = "list_assignments()"
_GETS = "get_boto3_session()"


def _given_here(profile: str | None, session: str | None) -> Target:
    if session is not None:
        raise UsageError("session goes with account and role: a project has its own")
    return targets.resolve(None, profile, None, os.environ)


def _checked(
    account: str | None, role: str | Sequence[str] | None, profile: str | None
) -> tuple[str, ...]:
    """Return the alternatives of `role`. Raises UsageError for what does not go together."""
    if profile is not None:
        raise UsageError("either profile, or account and role")
    roles = (role,) if isinstance(role, str) else tuple(role or ())
    if account is None and len(roles) == 1 and arns.is_arn(roles[0]):
        return roles
    if not account or not roles or not all(roles):
        raise UsageError("account and role go together, and neither is empty", fix="ssoenv roles")
    return roles


def _named(session: Session, account: str, roles: tuple[str, ...]) -> Target:
    """Return the role that the words of a program mean, by the list of what the person holds.

    An id with names of roles needs no list: the service judges it.
    """
    kept = kept_listings.of(os.environ, session)
    known = kept.account(account) if kept else None
    held = kept.roles(known) if kept and known else ()
    if is_account_id(account) and (not held or set(roles) & set(held)):
        found, names = account, roles
    else:
        one, names = _lists(session, _GETS).named(account, roles)
        found = one.id
    label = f"{known.name if known else account}/{'|'.join(names)}"
    return Target(Role(session.label, found, names), label=label)


def _lists(session: Session, who: str) -> Lists:
    """Return what a person may assume in `session`, for a program: nobody is asked for anything."""
    told = Told(session.label)
    return Lists(session, who, os.environ, told, unasked=f"{who} asks nobody")


def _obtain(wanted: Target) -> Credentials:
    """Return credentials of `wanted`, cached or from the service; nobody is asked for anything."""
    told = Told(wanted.role.session)
    return wanted.obtain("a program", os.environ, told, typed=False, unasked=f"{_GETS} asks nobody")


def _as_still_given(wanted: Target) -> Target:
    """Return the role as the project that gave it does now; one that was named is no project's.

    Raises NotTrusted, or what keeps its file from acting.
    """
    if not wanted.file:
        return wanted
    found = here.look(os.path.dirname(wanted.file), os.environ)
    if found.problem:
        raise found.problem
    gives = found.binding.profiles.get(wanted.profile) if found.binding else None
    if gives is None or gives.role != wanted.role:
        raise NotTrusted(f"{wanted.file} gives {wanted.role} no longer", fix="ssoenv status")
    return replace(wanted, protect=gives.protect)
