"""Where a start URL leads: to AWS itself, or by way of an address that a company calls its own.

As the AWS CLI has it since 2.35.13 (``awscli/customizations/sso/resolve.py``): what stands in the
config may be any address, if it leads to one of AWS's own by one redirect. Only that one is ever
shown a sign-in. Beside https we take this machine, where the sandbox is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urljoin, urlsplit, urlunsplit

from ssoenv.base.errors import InvalidConfiguration
from ssoenv.base.values import dataclass
from ssoenv.identity_center import endpoints

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssoenv.base.models import Session

_REGION = r"(?P<region>[a-z0-9-]+)"
_HOSTS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"[^.]+\.portal\.{_REGION}\.app\.aws",
        rf"[^.]+\.{_REGION}\.portal\.amazonaws\.(?:com|com\.cn|eu)",
        rf"[^.]+\.portal\.{_REGION}\.app\.amazonwebservices\.com\.cn",
        rf"[^.]+\.portal\.{_REGION}\.api\.amazonwebservices\.eu",
        r"identitycenter\.(?:amazonaws\.(?:com|com\.cn|eu)|us-gov\.amazonaws\.com)",
        r"(?:.+\.)?(?:app\.aws|awsapps\.com|awsapps\.cn|app\.amazonwebservices\.com\.cn)",
        r"(?:.+\.)?(?:portal\.amazonaws\.(?:com|com\.cn|eu)|api\.amazonwebservices\.eu)",
    )
)
"""Hosts of AWS's own, those that name their Region first."""
_ID = re.compile(r"(?:^|/)(d-|ssoins-)([0-9a-z]+)(?=[./?#]|$)")
"""How an instance is named by its id, that of its directory or its own: by its host or its path."""
_HOST = re.compile(r"[a-z0-9.-]+")
"""What a host has: whatever else stands there (``%2f``), readers read in different ways."""
_SHORT = re.compile(r"https://(?!start\.)[^/?#]+\.awsapps\.(?:com|cn)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Resolved:
    """An address of AWS's own, and the Region that it is in."""

    start_url: str
    region: str


def split(url: str) -> SplitResult | None:
    """Return the parts of an address; None for what is none, whoever wrote or sent it.

    Python raises for a bracket without its other (``https://[x``), for what is no port, and for
    characters that another spelling turns into a slash.
    """
    try:
        parts = urlsplit(url)
        is_whole = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    return parts if is_whole else None


def host_of(start_url: str) -> str:
    """Return the host of `start_url` in small letters; empty where there is none to speak of."""
    parts = split(start_url)
    if parts is None:
        return ""
    odd = "@" in parts.netloc or "\\" in parts.netloc or parts.port not in (None, 443)
    host = (parts.hostname or "").rstrip(".")
    return "" if odd or not _HOST.fullmatch(host) else host


def is_aws(start_url: str) -> bool:
    """Whether `start_url` is an address of AWS's own, over TLS."""
    host = host_of(start_url)
    secure = start_url.lower().startswith("https://")
    return secure and any(pattern.fullmatch(host) for pattern in _HOSTS)


def surely_differ(one: str, other: str) -> bool:
    """Whether two start URLs lead to different Identity Centers, by the ids that they name.

    An alias, or an address of a company's own, may lead to any.
    """
    named = [f"{host_of(url)}/{url.partition('://')[2].partition('/')[2]}" for url in (one, other)]
    found = [
        _ID.search(url) for url, whole in zip(named, (one, other), strict=True) if is_aws(whole)
    ]
    ids = [match.groups() for match in found if match]
    return len(ids) == 2 and ids[0][0] == ids[1][0] and ids[0] != ids[1]


def region_of(start_url: str) -> str:
    """Return the Region that the host of `start_url` names, if it is AWS's own; else ""."""
    matches = (pattern.fullmatch(host_of(start_url)) for pattern in _HOSTS)
    found = next((match for match in matches if match), None) if is_aws(start_url) else None
    return found.groupdict().get("region") or "" if found else ""


def completed(start_url: str) -> str:
    """Return `start_url` with the ``/start`` that every such address has, if it lacks a path."""
    return f"{start_url}/start" if _SHORT.fullmatch(start_url) else start_url


def described(start_url: str) -> str:
    """Return for people what there is to know of the host of `start_url` before it is asked."""
    if is_aws(start_url):
        return f"{host_of(start_url)} is AWS's own; anybody may have an Identity Center there"
    parts = split(start_url)
    where = host_of(start_url) or (parts.netloc if parts else start_url)
    return (
        f"{where} is not AWS's own: it is asked where it leads before you sign in, and only an"
        " address of AWS's own is taken"
    )


def resolve(session: Session, env: Mapping[str, str]) -> Resolved:
    """Return where the start URL of `session` leads, and the Region to sign in in.

    Nothing is asked for an address of AWS's own. Raises InvalidConfiguration where it leads
    elsewhere, and ServiceUnavailable where it does not answer.
    """
    url = session.start_url
    if is_aws(url):
        return Resolved(url, session.region)
    advice = f"correct sso_start_url at {session.start_url_from or session.source}"
    if not (url.lower().startswith("https://") or endpoints.is_loopback(url)):
        raise InvalidConfiguration(f"the start URL {url} is not https", advice=advice)
    if split(url) is None:
        raise InvalidConfiguration(f"the start URL {url} is no address", advice=advice)
    from ssoenv.identity_center import aws_clients

    told = aws_clients.redirect(url, env)
    target = _joined(url, told)
    if target == url:
        what = "is not AWS's own, and leads nowhere else"
        raise InvalidConfiguration(f"the start URL {url} {what}", advice=advice)
    if not is_aws(target):
        parts = split(target)
        where = host_of(target) or (parts.netloc if parts else told)
        what = f"leads to {where}, which is not AWS's own: nothing was sent there"
        raise InvalidConfiguration(f"the start URL {url} {what}", advice=advice)
    parts = urlsplit(target)
    bare = urlunsplit((parts.scheme, parts.hostname or "", parts.path.rstrip("/"), "", ""))
    return Resolved(bare, region_of(bare) or session.region)


def _joined(url: str, told: str) -> str:
    """Return where `told`, an address or a part of one, leads from `url`; "" for what is none."""
    try:
        return urljoin(url, told)
    except ValueError:
        return ""
