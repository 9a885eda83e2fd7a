"""The records that the sandbox keeps; moments are seconds since the epoch."""

from __future__ import annotations

from ssoenv.base.values import dataclass, field

INTERVAL = 1
"""Seconds between the polls of a device sign-in, unless told to slow down."""


@dataclass(slots=True)
class Client:
    """A registered client; `session` names the instance it is for, where it said so."""

    id: str
    secret: str = field(repr=False)
    expires: float
    redirect_uris: tuple[str, ...]
    grant_types: tuple[str, ...]
    scopes: tuple[str, ...]
    name: str = ""
    session: str = ""


@dataclass(slots=True)
class Authorization:
    """The page that may become an authorization code, then that code; `user` is an id."""

    client: str
    redirect_uri: str
    challenge: str
    state: str | None
    expires: float
    user: str = ""
    used: bool = False


@dataclass(slots=True)
class Device:
    """A device authorization and what became of it: pending, approved, denied or used.

    `user` is the id of who approved it.
    """

    client: str
    user_code: str
    expires: float
    session: str = ""
    status: str = "pending"
    user: str = ""
    polls: list[float] = field(default_factory=list)
    interval: float = INTERVAL


@dataclass(slots=True)
class SignIn:
    """One sign-in at the instance `session`; all its tokens end with it, and it with the user.

    `user` is their id: somebody else may be called as they were.
    """

    user: str
    session: str
    ends: float


@dataclass(slots=True)
class Token:
    """An access token, or a refresh token with the moment of its first use."""

    sign_in: SignIn
    client: str
    expires: float
    first_used: float | None = None


@dataclass(slots=True)
class Keys:
    """Credentials handed out for a role: a permission set, or with `iam` one of IAM itself.

    `user` is the name of the role's session: for a permission set, that of the person. Without a
    `role` they are keys of the user of IAM that has this name. `chained`: they were had by those of
    another role.
    """

    account: str
    role: str
    user: str
    secret: str = field(repr=False)
    token: str = field(repr=False)
    expires: float
    iam: bool = False
    chained: bool = False


@dataclass(slots=True)
class SigninToken:
    """What signs a browser in to the console as the role of `keys`, whose session then ends."""

    keys: Keys
    expires: float
    session_ends: float
