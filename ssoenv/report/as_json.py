"""A report as plain JSON values, for scripts.

Every key is always there, null where nothing holds, and times are UTC.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ssoenv.base import clock
from ssoenv.base.models import MANAGED

if TYPE_CHECKING:
    from ssoenv.report.values import CredentialsReport, Report, SessionReport


def as_json(report: Report) -> dict[str, Any]:
    """Return `report` as plain JSON values, for scripts."""
    role = report.role
    return {
        "directory": report.directory,
        "state": report.state,
        "label": role and role.profile.label,
        "profile": role and role.profile.name,
        "account": role and role.profile.role.account,
        "account_name": role and role.account_name,
        "role": role and list(role.profile.role.roles),
        "held": role and (role.profile.held or None),
        "role_arn": role and role.profile.role.entitled and str(role.profile.role.entitled.arn),
        "assume_role": role and role.profile.role.assumes and str(role.profile.role.assumes.arn),
        "region": role and role.profile.region,
        "managed_profile": role and MANAGED,
        "protected": role and role.protected,
        "allowed_until": role and role.allowed_until and clock.render_timestamp(role.allowed_until),
        "not_judged": role and role.not_judged,
        "session": report.session and _session_json(report.session, report.now),
        "credentials": role
        and role.credentials
        and _credentials_json(role.credentials, report.now),
        "chosen_by": report.chosen_by,
        "binding_file": report.binding_file,
        "trusted": report.trusted,
        "problem": report.problem,
        "problems": list(report.problems),
        "yours": list(report.own),
        "other": report.other,
        "shell": asdict(report.shell),
        "probe": report.probe and asdict(report.probe),
        "notes": list(report.notes),
        "next": list(report.next),
    }


def _session_json(session: SessionReport, now: int) -> dict[str, Any]:
    end = session.token_expires_at
    return {
        "name": session.name,
        "start_url": session.start_url,
        "region": session.region,
        "source": session.source,
        "start_url_from": session.start_url_from,
        "region_from": session.region_from,
        "chosen_by": session.chosen_by or None,
        "signed_in": end is not None,
        "token_expires_at": None if end is None else clock.render_timestamp(end),
        "refreshable": session.refreshable,
        "seconds_left": None if end is None else max(0, end - now),
        "token_age": None
        if session.token_written_at is None
        else max(0, now - session.token_written_at),
    }


def _credentials_json(credentials: CredentialsReport, now: int) -> dict[str, Any]:
    return {
        "access_key_id": credentials.access_key_id,
        "expires_at": clock.render_timestamp(credentials.expires_at),
        "seconds_left": credentials.expires_at - now,
    }
