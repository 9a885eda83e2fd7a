"""Where in the AWS console a person wants to go: one of its own addresses, and no other."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit, urlunsplit

from ssoenv.base.errors import UsageError
from ssoenv.console import services

if TYPE_CHECKING:
    from ssoenv.identity_center.federation import Partition

_PLAIN = re.compile(r"[!-\[\]-~]{1,2000}")
"""An address as browsers have it: printable ASCII without a space or a backslash."""
_REGION = re.compile(r"[a-z]{2,4}(?:-[a-z]+)+-\d+")
_LABEL = re.compile(r"[a-z0-9-]+")
_SESSION = re.compile(r"\d{12}-[a-z0-9]+")
"""What the host of a page begins with in a browser that has several sessions: it is only theirs."""


def address(
    partition: Partition,
    region: str,
    *,
    service: str | None = None,
    wanted: str | None = None,
    moves: bool = False,
) -> str:
    """Return the address in the console of `partition` for a `service`, or for what is `wanted`.

    That is an address or a path, and keeps the region that it names, unless `region` `moves` it.
    Raises UsageError as `text` does, and for an address that is not of this console.
    """
    host, path, query, fragment = _parts(text(service, wanted), partition)
    labels = _labels(host, partition)
    named = [one for one in labels if _REGION.fullmatch(one)]
    if named and moves:
        labels = [region if one in named else one for one in labels]
    if moves or not named:
        query = _with_region(query, region, moves=moves)
    netloc = ".".join([*labels, partition.console])
    return urlunsplit(("https", netloc, path, query, fragment))


def text(service: str | None, wanted: str | None) -> str:
    """Return the path of `service`, or the path or address `wanted`; of neither, the home.

    Raises UsageError for both at once, and for what cannot be the one or the other.
    """
    if service is not None and wanted is not None:
        raise UsageError("either --service or --destination, not both").without("--service")
    if wanted is None:
        return services.HOME if service is None else services.path(service)
    if not _PLAIN.fullmatch(wanted):
        raise UsageError("--destination is no address: spaces and the like are written as %20")
    return wanted


def _parts(where: str, partition: Partition) -> tuple[str, str, str, str]:
    """Return host, path, query and fragment of `where`, a path or an address of the console.

    Raises UsageError.
    """
    if where.startswith("/") and not where.startswith("//"):
        where = f"https://{partition.console}{where}"
    elif "://" not in where:
        raise UsageError(
            f"--destination {where!r} is neither a path nor an address",
            advice=f"a path begins with /, an address with https://{partition.console}/",
        )
    try:
        parts = urlsplit(where)
        is_plain = parts.scheme == "https" and parts.netloc.lower() == parts.hostname
    except ValueError:
        is_plain = False
    if not is_plain:
        raise _not_the_console(partition)
    return parts.hostname or "", parts.path or services.HOME, parts.query, parts.fragment


def _labels(host: str, partition: Partition) -> list[str]:
    """Return what `host` has before that of the console, without another session's mark."""
    ahead, found, behind = host.rpartition(partition.console)
    if not found or behind or (ahead and not ahead.endswith(".")):
        raise _not_the_console(partition)
    labels = ahead.removesuffix(".").split(".") if ahead else []
    if not all(map(_LABEL.fullmatch, labels)):
        raise _not_the_console(partition)
    return [one for one in labels if not _SESSION.fullmatch(one)]


def _with_region(query: str, region: str, *, moves: bool) -> str:
    """Return `query` with `region`: in place of the one that is there only if it `moves`."""
    fields = query.split("&") if query else []
    there = [one for one in fields if one.partition("=")[0] == "region"]
    if there and not moves:
        return query
    rest = [one for one in fields if one not in there]
    return "&".join([*rest, f"region={quote(region, safe='')}"])


def _not_the_console(partition: Partition) -> UsageError:
    return UsageError(
        "--destination is no address of the AWS console that this role is signed in to",
        advice=f"give a path, or an address of https://{partition.console}/",
    )
