"""Which addresses may be shown a sign-in or a token: AWS's own services, and this machine.

Environment variables can point botocore anywhere, and so can a model folder (AWS_DATA_PATH); a
token must not follow. A name below ``amazonaws.com`` is not enough: anybody may have a bucket or
an API there. So the whole host is matched: service, region, suffix (botocore ``partitions.json``).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ssoenv.base.errors import InvalidConfiguration

if TYPE_CHECKING:
    from collections.abc import Mapping

VARIABLES = {
    "sso": "AWS_ENDPOINT_URL_SSO",
    "sso-oidc": "AWS_ENDPOINT_URL_SSO_OIDC",
    "sts": "AWS_ENDPOINT_URL_STS",
    "signin": "AWS_ENDPOINT_URL_SIGNIN",
    "account-access-runtime": "AWS_ENDPOINT_URL_ACCOUNT_ACCESS_RUNTIME",
    "sso-admin": "AWS_ENDPOINT_URL_SSO_ADMIN",
    "identitystore": "AWS_ENDPOINT_URL_IDENTITYSTORE",
    "organizations": "AWS_ENDPOINT_URL_ORGANIZATIONS",
    "account-access": "AWS_ENDPOINT_URL_ACCOUNT_ACCESS",
}
"""Service -> the variable that moves it (AWS SDKs and Tools Reference Guide)."""
ADMINISTRATION = ("sso-admin", "identitystore", "organizations", "account-access")
"""The services for administrators, which are asked by the AWS credentials of the shell."""

_SERVICE = (
    r"(?:oidc|portal\.sso|sts|account-access(?:-runtime)?|sso|identitystore|organizations)"
    r"(?:-fips)?"
)
_REGION = r"[a-z]{2,4}(?:-[a-z]+)+-\d+"
_SUFFIX = "|".join(
    re.escape(suffix)
    for suffix in (
        "amazonaws.com",
        "api.aws",
        "amazonaws.com.cn",
        "api.amazonwebservices.com.cn",
        "amazonaws.eu",
        "api.amazonwebservices.eu",
        "c2s.ic.gov",
        "api.aws.ic.gov",
        "sc2s.sgov.gov",
        "api.aws.scloud",
        "cloud.adc-e.uk",
        "api.cloud-aws.adc-e.uk",
        "csp.hci.ic.gov",
        "api.aws.hci.ic.gov",
    )
)
_AWS = re.compile(
    rf"(?:vpce-[a-z0-9-]+\.)?{_SERVICE}(?:\.{_REGION})?(?:\.vpce)?\.(?:{_SUFFIX})(?::443)?"
)
_SIGN_IN = re.compile(
    rf"(?:{_REGION}\.)?signin\."
    r"(?:aws\.amazon\.com|amazonaws\.cn|amazonaws-us-gov\.com|amazonaws-eusc\.eu)(?::443)?"
)
"""The console's sign-in (botocore ``data/signin``, its endpoint rules)."""
_MODELS = "~/.aws/models"
"""Where botocore looks for descriptions of services after the folders of AWS_DATA_PATH."""
_LOOPBACK = re.compile(r"(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?")


def override(service: str, env: Mapping[str, str]) -> str | None:
    """Return the address that the environment gives `service`, if it gives one."""
    if env.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() == "true":
        return None
    return env.get(VARIABLES[service]) or env.get("AWS_ENDPOINT_URL") or None


def is_loopback(url: str) -> bool:
    """Whether `url` is an address of this machine, by a name that cannot mean another."""
    scheme, netloc = _split(url)
    return scheme in ("http", "https") and _LOOPBACK.fullmatch(netloc) is not None


def check(url: str, service: str, env: Mapping[str, str]) -> None:
    """Raise InvalidConfiguration unless `url` is AWS's, over TLS, or on this machine."""
    scheme, netloc = _split(url)
    hosts = _SIGN_IN if service == "signin" else _AWS
    if is_loopback(url) or (scheme == "https" and hosts.fullmatch(netloc)):
        return
    asked = override(service, env)
    if asked and _split(asked)[1] == netloc:
        culprit = VARIABLES[service] if env.get(VARIABLES[service]) else "AWS_ENDPOINT_URL"
    else:
        culprit = "AWS_DATA_PATH" if env.get("AWS_DATA_PATH") else _MODELS
    fix = f"mv {_MODELS} {_MODELS}.off" if culprit == _MODELS else f"unset {culprit}"
    what = "calls" if service in ADMINISTRATION else "sign-ins"
    raise InvalidConfiguration(
        f"{culprit} would send {what} to {netloc or url!r}, which is not AWS over TLS", fix=fix
    )


def _split(url: str) -> tuple[str, str]:
    """Return scheme and authority as they stand: libraries differ on odd ones, we take none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", ""
    return parts.scheme, parts.netloc.lower()
