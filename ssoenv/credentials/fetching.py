"""Credentials of a role: from the cache, else from the service, signing in on the way.

Of any number of processes that want the same role at once, one asks the service.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssoenv.aws_files import credential_cache
from ssoenv.base import clock, files, paths
from ssoenv.base.errors import AccessDenied, ServiceUnavailable, SignInRequired
from ssoenv.credentials.admission import admit
from ssoenv.credentials.portal import Portal
from ssoenv.identity_center import kept_listings
from ssoenv.shells import rendered, rendering
from ssoenv.sign_in import epoch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssoenv.base.models import Credentials, Role, Session, Token
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


def fetch(admission: Admission) -> Credentials:
    """Return credentials of the role that was admitted: cached, else from the service."""
    env, session, agent = admission.terms.env, admission.session, admission.for_agent
    cached = credential_cache.load(env, session, admission.account_id, admission.name, agent=agent)
    left = cached.expiration - clock.now() if cached else 0
    if cached and left >= MIN_LIFETIME:
        return _publish(admission, cached)
    try:
        portal = Portal(session, admission.terms)
        return portal.ask(lambda center, token: _exchange(admission, center, token))
    except (SignInRequired, ServiceUnavailable):
        if cached and left >= LAST_RESORT:
            return _publish(admission, cached)
        raise


def _exchange(admission: Admission, center: IdentityCenter, token: Token) -> Credentials:
    """Have the service give credentials, unless another process has just had them."""
    env, session = admission.terms.env, admission.session
    account_id, name, agent = admission.account_id, admission.name, admission.for_agent
    with _lock(env, session, account_id, name):
        credentials = credential_cache.load(env, session, account_id, name, agent=agent)
        if credentials is None or credentials.expiration - clock.now() < MIN_LIFETIME:
            try:
                credentials = center.get_role_credentials(token, account_id, name)
            except AccessDenied:
                kept_listings.doubt(env, session, account_id)
                raise
            with epoch.lasting(env, session, admission.epoch):
                credential_cache.save(env, session, credentials, agent=agent)
    return _publish(admission, credentials)


def _publish(admission: Admission, credentials: Credentials) -> Credentials:
    """Render the credentials for the shells, unless these very ones already are."""
    env, role, without_asking = admission.terms.env, admission.role, admission.without_asking
    agent = admission.for_agent
    lock = files.Lock(f"{paths.state(env)}/locks/rendering")
    with epoch.lasting(env, admission.session, admission.epoch), lock:
        shown = rendered.load_role(env, role.key, protected=True, agent=agent)
        if without_asking != (rendered.load_process(env, role.key, agent=agent) is not None):
            shown = None
        if shown is None or shown.variables["AWS_ACCESS_KEY_ID"] != credentials.access_key_id:
            file = credential_cache.cache_file(
                env, admission.session, credentials.account_id, credentials.role, agent=agent
            )
            rendering.publish_role(
                env,
                role.key,
                credentials,
                file,
                clock.now(),
                protect_for=0 if without_asking else admission.terms.settings.protect_for,
                agent=agent,
            )
    return credentials


def _lock(env: Mapping[str, str], session: Session, account_id: str, role: str) -> files.Lock:
    name = paths.role_key(session.label, account_id, (role,)).replace("/", ",")
    return files.Lock(f"{paths.state(env)}/locks/{name}")
