"""What the library gives and takes, as frozen values; no token and no key is in any of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssoenv.base.errors import SsoenvError
    from ssoenv.policy import Answer

Duration = float | timedelta
"""Seconds, or a timedelta."""


@dataclass(frozen=True, slots=True)
class SignInPage:
    """What a person has to open to sign in to `session`.

    With a device code, `code` is what `url` asks for, and is to be compared there; `direct_url`
    has it filled in. Without, `code` is None, and the page is for a browser on this machine, where
    `opened` says whether it was. It serves for `seconds`; None where that is not known.
    """

    session: str
    url: str
    direct_url: str
    code: str | None = None
    seconds: int | None = None
    opened: bool = False


Handler = Callable[[SignInPage], object]
"""Told of the page, in place of stderr; what it returns is not looked at."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Where a person is signed in, and until when the token lasts.

    One that is `renewable` is renewed by itself, until the session ends at the service.
    """

    session: str
    start_url: str
    region: str
    expires_at: datetime
    renewable: bool


@dataclass(frozen=True, slots=True, order=True)
class Assignment:
    """A `role` that the person may assume in an account, by the Identity Center of `session`.

    `role_arn` is that of a role of IAM which the account access manager gives; it is empty for a
    permission set.
    """

    session: str
    account_name: str
    account_id: str
    email: str
    role: str
    role_arn: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """One ``[profiles.NAME]`` of a binding file.

    `account` is an id or a name, as the file has it, and `roles` are its alternatives. `held` is
    the one that the person holds, by the list that was kept last; None where that is not known.
    `verdict` is the policy's: to be used freely ("allowed"), after a question ("ask", a protected
    one), never ("refused"), or not known before the service is asked ("unknown").
    """

    name: str
    account: str
    roles: tuple[str, ...]
    held: str | None
    region: str | None
    verdict: Answer


Status = Literal["trusted", "untrusted", "changed", "invalid", "refused"]
"""Whether a binding file may act; "refused" is one that is somebody else's, or whose every role is
kept from who asks."""


@dataclass(frozen=True, slots=True)
class Binding:
    """What a ``.ssoenv.toml``, the nearest to a directory, says there.

    `profile` is the one that the directory gives, and `chosen_by` says by what, in words; None
    where the file may not act, and `problem` says why. `profiles` is what the file says, trusted
    or not: nothing comes of it by looking.
    """

    file: str
    status: Status
    session: str
    profile: Profile | None
    chosen_by: str
    profiles: Mapping[str, Profile] = field(hash=False)
    problem: SsoenvError | None = None

    @property
    def trusted(self) -> bool:
        """Whether the file may act."""
        return self.status == "trusted"


def in_seconds(duration: Duration) -> float:
    """Return `duration` in seconds."""
    return duration.total_seconds() if isinstance(duration, timedelta) else duration


def moment(seconds: int) -> datetime:
    """Return the moment `seconds` after the epoch, in UTC."""
    return datetime.fromtimestamp(seconds, UTC)
