"""A boto3 session whose credentials are got anew, by whoever makes it, before they end."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import boto3
import botocore.session
from botocore.credentials import CredentialResolver, RefreshableCredentials
from botocore.loaders import create_loader

from ssoenv.base import clock
from ssoenv.identity_center.aws_clients import Given

if TYPE_CHECKING:
    from collections.abc import Callable

    from ssoenv.base.models import Credentials

Session = boto3.Session


def make(credentials: Credentials, renew: Callable[[], Credentials], region: str | None) -> Session:
    """Return a session with `credentials`; what its clients need later comes from `renew`.

    botocore calls that from whatever thread signs a request, one at a time, from 15 minutes before
    the end on; what it raises in the last ten of them, the call of AWS raises
    (``RefreshableCredentials``). No profile of the user's AWS config has a say. The region is
    `region`, or else what boto3 makes of that config and of the environment.
    """
    core = botocore.session.Session()
    core.register_component("data_loader", _data_loader(core.get_config_variable("data_path")))
    # AWS_PROFILE names another role, or a profile that does not exist: it has no say here.
    core.session_var_map["profile"] = (None, [], None, None)
    refreshable = RefreshableCredentials.create_from_metadata(
        metadata=_metadata(credentials),
        refresh_using=lambda: _metadata(renew()),
        method=Given.METHOD,
    )
    core.register_component("credential_provider", CredentialResolver([Given(refreshable)]))
    return boto3.Session(botocore_session=core, region_name=region)


_data_loader = functools.cache(create_loader)
"""botocore's descriptions of all services, read once for the sessions of a program."""


def _metadata(credentials: Credentials) -> dict[str, str]:
    """Return `credentials` as botocore's refreshable ones are given."""
    return {
        "access_key": credentials.access_key_id,
        "secret_key": credentials.secret_access_key,
        "token": credentials.session_token,
        "expiry_time": clock.render_timestamp(credentials.expiration),
        "account_id": credentials.account_id,
    }
