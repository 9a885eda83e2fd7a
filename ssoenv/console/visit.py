"""A session of the AWS console: of the role that a target or the environment gives."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ssoenv import policy
from ssoenv.aws_files import config as aws_config
from ssoenv.base import clock
from ssoenv.base.errors import UsageError
from ssoenv.base.models import Role
from ssoenv.console import destination, keys, services
from ssoenv.identity_center import federation, regions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssoenv.base.models import Credentials
    from ssoenv.credentials.terms import Person
    from ssoenv.target import Target

_DEFAULT_REGION = "us-east-1"
_UNITS = {"h": 3600, "m": 60, "s": 1}
_DURATION = re.compile(r"(?:(\d{1,5})h)?(?:(\d{1,5})m)?(?:(\d{1,5})s)?")


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked of the console: where it opens, and for how many seconds it lasts.

    `service` is a name, `destination` an address or a path; 0 `seconds` are as many as the
    credentials last. `logs_out` ends the session that the browser may have already.
    """

    service: str | None = None
    destination: str | None = None
    region: str | None = None
    seconds: int = 0
    logs_out: bool = False


@dataclass(frozen=True, slots=True)
class Visit:
    """An address, a secret, that signs a browser in for 15 minutes from now.

    `role` is as people read it; `label` too, but has only ``A-Za-z0-9._@/-``. `ends` is when the
    console session ends, in seconds since the epoch; 0 where that is not known.
    """

    url: str = field(repr=False)
    role: str
    label: str
    region: str
    destination: str
    ends: int
    doubts: tuple[str, ...]


def seconds(text: str) -> int:
    """Return the seconds in a duration such as ``90m``, ``8h`` or ``1h30m``.

    Raises UsageError for what is none, and outside of the 15 minutes to 12 hours of the console.
    """
    found = _DURATION.fullmatch(text.strip().lower())
    counts = found.groups(default="0") if found and text.strip() else ()
    total = sum(int(n) * unit for n, unit in zip(counts, _UNITS.values(), strict=False))
    if not counts:
        raise UsageError(f"--duration {text!r} is no duration", fix="ssoenv console --duration 8h")
    if not federation.LEAST <= total <= federation.MOST:
        raise UsageError(
            f"--duration {text}: a console session lasts 15 minutes to 12 hours",
            fix=f"ssoenv console --duration {'15m' if total < federation.LEAST else '12h'}",
        )
    return total


def of_target(target: Target, wish: Wish, env: Mapping[str, str], person: Person) -> Visit:
    """Return a visit as the role of `target`; `person` is asked and told as for every use of it.

    Raises UsageError before anything else is done, and what `Target.obtain` raises.
    """
    session = aws_config.find_session(env, target.role.session)
    region = _region(wish, [target.region, *_of_environment(env)], session.region)
    where = _destination(wish, region, env)
    credentials = target.obtain("ssoenv console", env, person)
    held = Role(session.label, credentials.account_id, (credentials.role,))
    url = _url(credentials, wish, region, where, session.start_url, env)
    return _visit(url, policy.for_people(held, env), wish, region, where, credentials.expiration)


def of_environment(wish: Wish, env: Mapping[str, str], person: Person) -> Visit:
    """Return a visit as the role of the keys in `env`. Raises as `keys.obtain` does."""
    region = wish.region or next(filter(None, _of_environment(env)), _DEFAULT_REGION)
    where = _destination(wish, region, env)
    found = keys.obtain(region, env, person)
    url = _url(found, wish, region, where, "", env)
    return _visit(url, keys.for_people(found, env), wish, region, where, found.expiration)


def _of_environment(env: Mapping[str, str]) -> list[str]:
    return [env.get(name, "") for name in ("AWS_REGION", "AWS_DEFAULT_REGION")]


def _region(wish: Wish, candidates: list[str | None], home: str) -> str:
    """Return the region that is wished, else the first candidate in the partition of `home`.

    `home` is the region of the Identity Center: its roles are of that partition. Raises UsageError.
    """
    partition = federation.partition_of(home)
    if wish.region:
        wanted = federation.partition_of(wish.region)
        if wanted != partition:
            raise UsageError(
                f"{wish.region} is in {wanted.id}, and your Identity Center in {partition.id}",
                fix=f"ssoenv console --region {home}",
            )
        return wish.region
    fitting = (one for one in candidates if one and _is_in(one, partition))
    return next(fitting, home)


def _is_in(region: str, partition: federation.Partition) -> bool:
    try:
        return federation.partition_of(region) == partition
    except UsageError:
        return False


def _destination(wish: Wish, region: str, env: Mapping[str, str]) -> str:
    """Return where the console opens. Raises InvalidConfiguration where no sign-in may be sent."""
    federation.origin(region, env)
    return destination.address(
        federation.partition_of(region),
        region,
        service=wish.service,
        wanted=wish.destination,
        moves=wish.region is not None,
    )


def _url(
    credentials: Credentials,
    wish: Wish,
    region: str,
    where: str,
    issuer: str,
    env: Mapping[str, str],
) -> str:
    """Ask for a sign-in token, and return the address that it makes."""
    token = federation.sign_in_token(credentials, region, wish.seconds, env)
    url = federation.login_url(region, token, where, issuer, env)
    return federation.logout_url(region, url, env) if wish.logs_out else url


def _visit(url: str, role: str, wish: Wish, region: str, where: str, expiration: int) -> Visit:
    doubts = (
        f"{region} is {found}" if (found := regions.doubt(wish.region)) else "",
        services.doubt(wish.service) if wish.service else "",
    )
    return Visit(
        url,
        role,
        re.sub(r"[^A-Za-z0-9._@/-]", "_", role),
        region,
        where,
        clock.now() + wish.seconds if wish.seconds else expiration,
        tuple(filter(None, doubts)),
    )
