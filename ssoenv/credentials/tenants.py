"""Which tenant of the account access manager is asked: for a role, and for the list of all.

A person has it from their administrators, and writes it into their settings, or has it by a file
that they trust. A session whose sign-ins do not ask for its scopes has none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssoenv.base import paths
from ssoenv.base.errors import InvalidConfiguration
from ssoenv.identity_center import account_access
from ssoenv.trust import store

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssoenv.base.models import Role, Session
    from ssoenv.settings import Settings


def listed(session: Session, settings: Settings, env: Mapping[str, str]) -> str:
    """Return the tenant whose roles stand in the list of `session`; empty for none."""
    if not account_access.has_scope(session, account_access.READ):
        return ""
    return settings.tenant or store.tenant(env, session.label)


def of_role(role: Role, settings: Settings, env: Mapping[str, str]) -> str:
    """Return the tenant that gives `role`: as its own file has it, else as it is known elsewhere.

    Raises InvalidConfiguration where nothing names one.
    """
    tenant = role.tenant or settings.tenant or store.tenant(env, role.session)
    if not tenant:
        raise InvalidConfiguration(
            f"which tenant of the account access manager gives {role}?",
            advice='write tenant = "aa-..." into [sso] of the binding file, or into '
            f"{paths.settings_file(env)}",
        )
    return tenant
