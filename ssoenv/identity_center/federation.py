"""The console's federation endpoint: for session credentials, an address that signs a browser in.

IAM User Guide, "Enable custom identity broker access to the AWS console": getSigninToken, login.
Hosts: botocore ``data/signin`` (its endpoint rules); regions: ``partitions.json``.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from ssoenv.base import arns
from ssoenv.base.errors import ServiceUnavailable, UsageError
from ssoenv.base.values import dataclass
from ssoenv.identity_center import aws_clients, endpoints
from ssoenv.identity_center.answers import Answer, not_the_service
from ssoenv.identity_center.refusals import may_pass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssoenv.base.models import Credentials

NAME = "the sign-in of the AWS console"
_REGION = re.compile(r"[a-z]{2,4}(?:-[a-z]+)+-\d+")


class KeysRefused(ServiceUnavailable):
    """The endpoint takes these credentials not at all, or not for so long."""


@dataclass(frozen=True, slots=True)
class Partition:
    """A part of AWS with a console of its own, and the hosts of that."""

    id: str
    sign_in: str
    console: str


PARTITIONS = (
    Partition("aws", "signin.aws.amazon.com", "console.aws.amazon.com"),
    Partition("aws-cn", "signin.amazonaws.cn", "console.amazonaws.cn"),
    Partition("aws-us-gov", "signin.amazonaws-us-gov.com", "console.amazonaws-us-gov.com"),
    Partition("aws-eusc", "signin.amazonaws-eusc.eu", "console.amazonaws-eusc.eu"),
)


def partition_of(region: str) -> Partition:
    """Return the partition of `region`. Raises UsageError for what is none, or has no console."""
    if not _REGION.fullmatch(region):
        raise UsageError(f"{region!r} is no region", advice="a region looks like eu-west-1")
    name = arns.partition_of(region)
    for one in PARTITIONS:
        if one.id == name:
            return one
    raise UsageError(
        f"ssoenv does not know the console of {region}", advice="open it from your start URL"
    )


def origin(region: str, env: Mapping[str, str]) -> str:
    """Return where browsers sign in to the console of `region`. Raises InvalidConfiguration."""
    usual = f"https://{region}.{partition_of(region).sign_in}"
    url = (endpoints.override("signin", env) or usual).rstrip("/")
    endpoints.check(url, "signin", env)
    return url


def sign_in_token(
    credentials: Credentials, region: str, seconds: int, env: Mapping[str, str]
) -> str:
    """Return a token that signs a browser in as the role of `credentials`, for 15 minutes.

    `seconds` is how long that session is to last; 0: as long as the credentials. By POST, so that
    no secret is in an address, which proxies log. Raises ServiceUnavailable.
    """
    session = {
        "sessionId": credentials.access_key_id,
        "sessionKey": credentials.secret_access_key,
        "sessionToken": credentials.session_token,
    }
    form = {"Action": "getSigninToken", "Session": json.dumps(session)}
    if seconds:
        form["SessionDuration"] = str(seconds)
    url = f"{origin(region, env)}/federation"
    status, body = aws_clients.post(url, NAME, form, env)
    if status != 200:
        raise _refusal(status, url, seconds)
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        raise not_the_service(NAME, url) from None
    return Answer(content, NAME, url).secret("SigninToken")


def login_url(
    region: str, token: str, destination: str, issuer: str, env: Mapping[str, str]
) -> str:
    """Return the address that signs a browser in by `token`, and leads it to `destination`.

    `issuer` is where the console sends a person whose session has ended.
    """
    fields = {"Action": "login", "Issuer": issuer, "Destination": destination, "SigninToken": token}
    given = {name: value for name, value in fields.items() if value}
    return f"{origin(region, env)}/federation?{urlencode(given)}"


def logout_url(region: str, then: str, env: Mapping[str, str]) -> str:
    """Return the address that signs a browser out of the console, and leads it to `then`."""
    return f"{origin(region, env)}/oauth?{urlencode({'Action': 'logout', 'redirect_uri': then})}"


def _refusal(status: int, url: str, seconds: int) -> ServiceUnavailable:
    if may_pass(status):
        return ServiceUnavailable(
            f"{NAME} failed ({status})", advice="wait a minute, and run the command again"
        )
    if status not in (400, 401, 403):
        return not_the_service(NAME, url)
    advice = "they may have ended, or are no session of a role"
    if seconds:
        advice = "a role that was assumed from another role may have no --duration: go without it"
    return KeysRefused(
        f"{NAME} refused these credentials ({status})", fix="ssoenv whoami", advice=advice
    )
