"""A session of the AWS console: of the role that a target or the environment gives."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING

from ssoenv import policy
from ssoenv import settings as settings_module
from ssoenv.aws_files import config as aws_config
from ssoenv.base import clock, dialects
from ssoenv.base.errors import UsageError
from ssoenv.base.models import Role
from ssoenv.base.values import dataclass, field
from ssoenv.console import destination, keys, services
from ssoenv.identity_center import federation, regions
from ssoenv.settings import CONSOLE_LASTS

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

    def __post_init__(self) -> None:
        """Raise UsageError for a place that cannot be: before anybody is asked for anything."""
        destination.text(self.service, self.destination)


@dataclass(frozen=True, slots=True)
class Place:
    """A page of the console, and where the console sends a person whose session has ended."""

    region: str
    address: str
    issuer: str


@dataclass(frozen=True, slots=True)
class Visit:
    """An address, a secret, that signs a browser in for 15 minutes from now.

    `role` is as people read it; `label` too, but has only ``A-Za-z0-9._@/-``. `lasts` is for
    how many seconds from now the console session lasts; 0 where that is not known.
    """

    url: str = field(repr=False)
    role: str
    label: str
    region: str
    lasts: int
    doubts: tuple[str, ...]


def seconds(text: str) -> int:
    """Return the seconds in a duration such as ``90m``, ``8h`` or ``1h30m``.

    Raises UsageError for what is none, and outside of the 15 minutes to 12 hours of the console.
    """
    found = _DURATION.fullmatch(text.strip().lower())
    counts = found.groups(default="0") if found and text.strip() else ()
    total = sum(int(n) * unit for n, unit in zip(counts, _UNITS.values(), strict=False))
    if not counts:
        raise UsageError(f"--duration {text!r} is no duration", advice="say: --duration 8h")
    if not CONSOLE_LASTS[0] <= total <= CONSOLE_LASTS[1]:
        raise UsageError(
            f"--duration {text}: a console session lasts 15 minutes to 12 hours",
            advice=f"say: --duration {'15m' if total < CONSOLE_LASTS[0] else '12h'}",
        )
    return total


def of_target(target: Target, wish: Wish, env: Mapping[str, str], person: Person) -> Visit:
    """Return a visit as the role of `target`; `person` is asked and told as for every use of it.

    Raises UsageError before anything else is done, and what `Target.obtain` raises.
    """
    place = place_of(target, wish, env)
    chained = target.role.assumes
    if chained and wish.seconds:
        raise UsageError(
            f"--duration: a role that another one assumes, as {chained.arn.name} here, may have "
            "none, and its session lasts as long as its credentials",
            fix="ssoenv console",
        )
    found = target.obtain("ssoenv console", env, person)
    held = Role(target.role.session, found.account_id, (found.role,))
    usual = 0 if chained else settings_module.load(env).console_duration
    return _visit(found, policy.for_people(held, env), wish, place, env, usual=usual)


def of_environment(wish: Wish, env: Mapping[str, str], person: Person) -> Visit:
    """Return a visit as the role of the keys in `env`. Raises as `keys.obtain` does."""
    region = wish.region
    if region is None:
        region = next(filter(None, _of_environment(env)), _DEFAULT_REGION)
    place = _place(wish, region, "", env)
    found = keys.obtain(region, env, person)
    return _visit(found, keys.for_people(found, env), wish, place, env)


def place_of(target: Target, wish: Wish, env: Mapping[str, str]) -> Place:
    """Return where the console opens as the role of `target`. Raises UsageError."""
    session = aws_config.find_session(env, target.role.session)
    region = _region(wish, [target.region, *_of_environment(env)], session.region)
    return _place(wish, region, session.start_url, env)


def _of_environment(env: Mapping[str, str]) -> list[str]:
    return [env.get(name, "") for name in ("AWS_REGION", "AWS_DEFAULT_REGION")]


def _region(wish: Wish, candidates: list[str | None], home: str) -> str:
    """Return the region that is wished, else the first candidate in the partition of `home`.

    `home` is the region of the Identity Center: its roles are of that partition. Raises UsageError.
    """
    partition = federation.partition_of(home)
    if wish.region is not None:
        wanted = federation.partition_of(wish.region)
        if wanted != partition:
            raise UsageError(
                f"{wish.region} is in {wanted.id}, and your Identity Center in {partition.id}",
                fix=f"ssoenv console --region {dialects.word(home)}",
            )
        return wish.region
    fitting = (one for one in candidates if one and _is_in(one, partition))
    return next(fitting, home)


def _is_in(region: str, partition: federation.Partition) -> bool:
    try:
        return federation.partition_of(region) == partition
    except UsageError:
        return False


def _place(wish: Wish, region: str, issuer: str, env: Mapping[str, str]) -> Place:
    """Return where the console opens. Raises UsageError; InvalidConfiguration for another host."""
    federation.origin(region, env)
    address = destination.address(
        federation.partition_of(region),
        region,
        service=wish.service,
        wanted=wish.destination,
        moves=wish.region is not None,
    )
    return Place(region, address, issuer)


def _visit(
    credentials: Credentials,
    role: str,
    wish: Wish,
    place: Place,
    env: Mapping[str, str],
    *,
    usual: int = 0,
) -> Visit:
    """Sign in, and return the visit; `usual` are the seconds that the settings give a session."""
    token, lasts = _sign_in(credentials, wish, place, env, usual)
    url = federation.login_url(place.region, token, place.address, place.issuer, env)
    if wish.logs_out:
        url = federation.logout_url(place.region, url, env)
    doubts = (
        f"{place.region} is {found}" if (found := regions.doubt(wish.region)) else "",
        services.doubt(wish.service) if wish.service else "",
    )
    return Visit(
        url,
        role,
        re.sub(r"[^A-Za-z0-9._@/-]", "_", role),
        place.region,
        lasts or max(0, credentials.expiration - clock.now()),
        tuple(filter(None, doubts)),
    )


def _sign_in(
    credentials: Credentials, wish: Wish, place: Place, env: Mapping[str, str], usual: int
) -> tuple[str, int]:
    """Return the sign-in token, and how many seconds its session lasts; 0: as the credentials.

    What the settings say is meant as far as the role may have it, and what is typed as it stands.
    """
    if usual and not wish.seconds:
        with contextlib.suppress(federation.KeysRefused):
            return federation.sign_in_token(credentials, place.region, usual, env), usual
    token = federation.sign_in_token(credentials, place.region, wish.seconds, env)
    return token, wish.seconds
