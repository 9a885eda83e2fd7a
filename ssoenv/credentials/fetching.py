"""Credentials of a role: from the cache, else from the service, signing in on the way.

Of any number of processes that want the same role at once, one asks the service.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from ssoenv.aws_files import credential_cache, token_cache
from ssoenv.base import clock, files, paths
from ssoenv.base.errors import (
    AccessDenied,
    InvalidConfiguration,
    ServiceUnavailable,
    SignInRequired,
)
from ssoenv.base.values import replace
from ssoenv.credentials import tenants
from ssoenv.credentials.admission import admit
from ssoenv.credentials.portal import Portal
from ssoenv.identity_center import account_access, kept_listings
from ssoenv.identity_center.assignments import ENTITLED
from ssoenv.shells import answers, rendered, rendering
from ssoenv.sign_in import epoch, instances

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ssoenv.base.models import Credentials, IamRole, Role, Token
    from ssoenv.credentials.admission import Admission
    from ssoenv.credentials.terms import Terms
    from ssoenv.identity_center.client import IdentityCenter

MIN_LIFETIME = 900
"""Seconds that cached credentials must have left, as the AWS CLI and the SDKs have it
(botocore ``DEFAULT_EXPIRY_WINDOW_SECONDS``)."""
LAST_RESORT = 60
"""Seconds left with which credentials still serve when no newer ones can be had."""


def obtain(role: Role, terms: Terms) -> Credentials:
    """Return credentials of `role` with as much time left as can be had, and render them.

    Raises SignInRequired, AccessDenied, ServiceUnavailable, InvalidConfiguration or Cancelled.
    """
    return fetch(admit(role, terms))


def obtain_others(role: Role, terms: Terms, rejected: Credentials) -> Credentials:
    """Return other credentials of `role` than those that AWS rejects, although they have not ended.

    Raises what `obtain` does.
    """
    admission = admit(role, terms)
    credential_cache.drop(_file(admission), rejected.access_key_id)
    return fetch(admission)


def fetch(admission: Admission) -> Credentials:
    """Return credentials of the role that was admitted: cached, else from the service.

    Where somebody signs in anew meanwhile they are had once more, by that sign-in; but a yes was
    for who was there as it was said: one that was found is asked for again. Where the name of the
    session has come to mean another Identity Center there are none of this one.
    """
    try:
        return _fetch(admission)
    except epoch.Ended:
        instances.settle(admission.terms.env)
        held = token_cache.load_token(admission.terms.env, admission.session)
        if held is None or (admission.yes.seconds and not admission.yes.found):
            raise
        return _fetch(admit(admission.role, admission.terms) if admission.yes.found else admission)


def _fetch(admission: Admission) -> Credentials:
    role = admission.role
    if role.iam:
        found = _of_iam(admission, role.iam, _entitle if role.entitled else _assume)
    else:
        found = _of_first(admission)
    return _publish(admission, found)


def _of_first(admission: Admission, rejected: str = "") -> Credentials:
    """Return credentials of the role that the person holds, with another key than `rejected`."""
    session = admission.session
    cached = _cached(admission, _first_file(admission), admission.account_id, admission.name)
    if cached and cached.access_key_id == rejected:
        cached = None
    if cached and _left(cached) >= MIN_LIFETIME:
        return cached
    try:
        portal = Portal(session, admission.terms)
        return portal.ask(lambda center, token: _exchange(admission, center, token, rejected))
    except (SignInRequired, ServiceUnavailable):
        if cached and _left(cached) >= LAST_RESORT:
            return cached
        raise


def _exchange(
    admission: Admission, center: IdentityCenter, token: Token, rejected: str
) -> Credentials:
    """Have the service give credentials, unless another process has just had them."""
    env, session = admission.terms.env, admission.session
    account_id, name, agent = admission.account_id, admission.name, admission.for_agent
    with _lock(env, paths.role_key(session.label, account_id, (name,))):
        credentials = credential_cache.load(env, session, account_id, name, agent=agent)
        stale = credentials is None or credentials.access_key_id == rejected
        if stale or credentials is None or _left(credentials) < MIN_LIFETIME:
            try:
                credentials = center.get_role_credentials(token, account_id, name)
            except AccessDenied:
                _doubt(admission, token, account_id)
                raise
            with epoch.lasting(env, session, token.epoch, (session.label,)):
                credential_cache.save(env, session, credentials, agent=agent)
    return replace(credentials, epoch=token.epoch)


def _of_iam(
    admission: Admission, role: IamRole, ask: Callable[[Admission, IamRole], Credentials]
) -> Credentials:
    """Return credentials of a `role` of IAM: cached, else as `ask` gets them."""
    cached = _cached(admission, _file(admission), role.arn.account, role.arn.name)
    if cached and _left(cached) >= _least(role):
        return cached
    try:
        return ask(admission, role)
    except (SignInRequired, ServiceUnavailable):
        if cached and _left(cached) >= LAST_RESORT:
            return cached
        raise


def _once(admission: Admission, role: IamRole, give: Callable[[], Credentials]) -> Credentials:
    """Return what `give` gets, and keep it, unless another process has just had it."""
    env, path = admission.terms.env, _file(admission)
    with _lock(env, os.path.basename(path)):
        credentials = _cached(admission, path, role.arn.account, role.arn.name)
        if credentials is None or _left(credentials) < _least(role):
            credentials = give()
            with epoch.lasting(env, admission.session, credentials.epoch, _names(admission)):
                first = _first_file(admission) if admission.role.assumes else ""
                credential_cache.save_iam(path, admission.session, credentials, first)
    return credentials


def _assume(admission: Admission, role: IamRole) -> Credentials:
    """Have STS give credentials of the `role` on top, by those of the first.

    Keys of the first role that STS rejects, although they have not ended, are replaced once.
    """
    from ssoenv.identity_center import sts

    env, region = admission.terms.env, admission.session.region
    first = _of_first(admission)

    def assumed(by: Credentials) -> Credentials:
        return replace(sts.assume_role(by, role, region, env), epoch=by.epoch)

    def give() -> Credentials:
        try:
            return assumed(first)
        except sts.KeysRejected:
            return assumed(_of_first(admission, rejected=first.access_key_id))

    return _once(admission, role, give)


def _doubt(admission: Admission, token: Token, what: str) -> None:
    """Have the roles of an account, or what is ENTITLED, listed anew: the service refused one.

    Not where somebody has signed out, or in, since.
    """
    env, session = admission.terms.env, admission.session
    with (
        contextlib.suppress(epoch.Ended, InvalidConfiguration, OSError),
        epoch.lasting(env, session, token.epoch, (session.label,)),
    ):
        kept_listings.doubt(env, session, what)


def _entitle(admission: Admission, role: IamRole) -> Credentials:
    """Have the account access manager give credentials of `role`, by the person's own token."""
    env, session = admission.terms.env, admission.session
    tenant = tenants.of_role(admission.role, admission.terms.settings, env)

    def give(center: IdentityCenter, token: Token) -> Credentials:
        try:
            found = account_access.get_credentials(center, token, tenant, role)
        except AccessDenied:
            _doubt(admission, token, ENTITLED)
            raise
        return replace(found, epoch=token.epoch)

    portal = Portal(session, admission.terms)
    return portal.ask(lambda center, token: _once(admission, role, lambda: give(center, token)))


def _least(role: IamRole) -> int:
    """Return the seconds that cached credentials of `role` must have left: they may be few."""
    return min(MIN_LIFETIME, role.duration // 2) if role.duration else MIN_LIFETIME


def _left(credentials: Credentials) -> int:
    return credentials.expiration - clock.now()


def _publish(admission: Admission, credentials: Credentials) -> Credentials:
    """Render the credentials for the shells, unless these very ones already are."""
    env, role, without_asking = admission.terms.env, admission.role, admission.without_asking
    agent = admission.for_agent
    lasting = epoch.lasting(env, admission.session, credentials.epoch, _names(admission))
    with lasting, rendering.lock(env):
        if admission.epoch != credentials.epoch:
            if admission.yes.found:
                raise epoch.Ended(f"somebody has signed in to {admission.session.label} meanwhile")
            admission.yes.keep()
        known = rendered.role_of_key(env, credentials.access_key_id) == admission.held.key
        if admission.terms.settings.seals:  # what shells read would be a plain file
            if not known:
                rendering.remember_key(env, admission.held.key, credentials, clock.now())
            return credentials
        shown = rendered.load_role(env, role.key, protected=True, agent=agent)
        if without_asking != (rendered.load_process(env, role.key, agent=agent) is not None):
            shown = None
        key_id = shown.variables["AWS_ACCESS_KEY_ID"] if shown else ""
        if key_id != credentials.access_key_id or not known:
            # What a shell said yes to may be another role than it is from now on.
            if not agent and rendered.published(env, role.key) != admission.held.key:
                answers.forget_shells(env)
            rendering.remember_key(env, admission.held.key, credentials, clock.now())
            rendering.publish_role(
                env,
                role.key,
                credentials,
                _file(admission),
                clock.now(),
                protect_for=0 if without_asking else admission.terms.settings.protect_for,
                agent=agent,
            )
    return credentials


def _cached(admission: Admission, path: str, account_id: str, role: str) -> Credentials | None:
    """Return the credentials in the file at `path`, in the epoch that lasts as it is read."""
    now = epoch.current(admission.terms.env, admission.session)
    found = credential_cache.read(path, admission.session, account_id, role)
    return replace(found, epoch=now) if found else None


def _file(admission: Admission) -> str:
    """Return the file in which what was fetched is cached."""
    held = (admission.terms.env, admission.session, admission.account_id, admission.name)
    return credential_cache.file_of(*held, admission.role, agent=admission.for_agent)


def _first_file(admission: Admission) -> str:
    """Return the file of the role that the person holds: the AWS CLI's own."""
    held = (admission.terms.env, admission.session, admission.account_id, admission.name)
    return credential_cache.cache_file(*held, agent=admission.for_agent)


def _names(admission: Admission) -> tuple[str, ...]:
    """Return the names of the session by which what was fetched is kept: its own, the file's."""
    return tuple(dict.fromkeys((admission.session.label, admission.role.session)))


def _lock(env: Mapping[str, str], name: str) -> files.Lock:
    return files.Lock(f"{paths.state(env)}/locks/{paths.file_name(name)}")
