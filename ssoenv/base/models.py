"""The nouns of ssoenv as frozen values: no I/O, no clock, no secrets in any repr.

Every moment is in whole seconds since the epoch, UTC.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from ssoenv.base import arns, paths
from ssoenv.base.arns import RoleArn
from ssoenv.base.values import dataclass, field, replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence


def instance_url(start_url: str) -> str:
    """Return `start_url` as it is compared: some write it with a final ``/``, ``#`` or ``#/``."""
    scheme, separator, rest = start_url.strip().partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme.lower()}{separator}{host.lower()}{slash}{path}".rstrip("/#")


MANAGED = "ssoenv"
"""The name of the profile that is ours: no session is ever looked up in it."""
EARLIER = ("ssoenv/", "ssoenv-")
"""How the names of those began that earlier versions wrote, one for each role."""


def is_managed(name: str) -> bool:
    """Whether the profile `name` is ours, or one of an earlier version."""
    return name == MANAGED or name.startswith(EARLIER)


@dataclass(frozen=True, slots=True)
class Session:
    """Where to sign in: an ``[sso-session]``, or what a legacy profile says by itself.

    `name` is None for a legacy one: it has no name of its own, gets no refresh token, and its
    token is cached under the start URL. `source` says where it stands, as ``file:line``, and so do
    `start_url_from` and `region_from` of its values. `chosen_by` says in words why it is this one.
    `spellings` are the other ways in which legacy profiles write its start URL: the AWS CLI looks
    for a token under each.
    """

    name: str | None
    start_url: str
    region: str
    scopes: tuple[str, ...] | None
    source: str
    spellings: tuple[str, ...] = ()
    start_url_from: str = field(default="", compare=False)
    region_from: str = field(default="", compare=False)
    chosen_by: str = field(default="", compare=False)

    @property
    def label(self) -> str:
        """What to call it when talking to people."""
        return self.name or self.start_url

    @property
    def cache_names(self) -> tuple[str, ...]:
        """Return every text under which its token may be cached, the first one first."""
        return (self.cache_name, *self.spellings)

    @property
    def cache_name(self) -> str:
        """Return the text whose SHA-1 names its token file (botocore ``SSOTokenLoader``)."""
        return self.start_url if self.name is None else self.name


@dataclass(frozen=True, slots=True)
class Registration:
    """A client registration at the OIDC service of a session."""

    client_id: str
    client_secret: str = field(repr=False)
    expires_at: int
    scopes: tuple[str, ...] | None = None
    grant_types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Token:
    """The access token of a session and what it takes to refresh it.

    `epoch` is that of the session in which it was had: what is fetched with it is of that one.
    """

    start_url: str
    region: str
    access_token: str = field(repr=False)
    expires_at: int
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    registration_expires_at: int | None = None
    refresh_token: str | None = field(default=None, repr=False)
    epoch: bytes = field(default=b"", repr=False, compare=False)

    def refreshable(self, now: int) -> bool:
        """Whether there is all that a refresh takes at `now` (botocore ``SSOTokenProvider``)."""
        return bool(
            self.refresh_token
            and self.client_id
            and self.client_secret
            and self.registration_expires_at
            and self.registration_expires_at > now
        )


@dataclass(frozen=True, slots=True)
class Account:
    """An AWS account as the user's own list has it."""

    id: str
    name: str
    email: str


@dataclass(frozen=True, slots=True, order=True)
class Assignment:
    """A role that the user may assume in an account.

    `role` is the name of a permission set; or the ARN of a role of IAM that the account access
    manager gives, which no permission set can be called: their names have no colon.
    """

    account: Account = field(compare=False)
    role: str

    @property
    def arn(self) -> str:
        """The ARN of a role of IAM; empty for a permission set."""
        return self.role if arns.is_arn(self.role) else ""

    @property
    def name(self) -> str:
        """The name of the role, of whichever kind."""
        return arns.parse(self.role).name if self.arn else self.role


@dataclass(frozen=True, slots=True)
class IamRole:
    """A role of IAM by its ARN, and how its credentials are asked for.

    `session_name` is empty for the person's own, `duration` (seconds) 0 for what AWS gives.
    """

    arn: RoleArn
    session_name: str = ""
    duration: int = 0

    def __str__(self) -> str:
        """For people: ``222233334444/Deploy``."""
        return f"{self.arn.account}/{self.arn.name}"


@dataclass(frozen=True, slots=True)
class Role:
    """What a binding, a flag or a managed profile asks for, as it was written.

    `account` is a 12-digit id or an exact account name; `roles` holds the alternatives, of which
    the first that the user holds is meant. `assumes` is a second role on top of that one: the
    credentials are those of the second. `entitled` is a role of IAM in place of a permission set,
    which the account access manager gives; `tenant` is that manager's, empty where it is to be
    taken from elsewhere.
    """

    session: str
    account: str
    roles: tuple[str, ...]
    assumes: IamRole | None = None
    entitled: IamRole | None = None
    tenant: str = ""

    @property
    def key(self) -> str:
        """Return the path of its rendered credentials below ``roles/`` in the state folder.

        That of a second role is below that of the first: ``assume:PARTITION:ACCOUNT:SESSION-NAME:
        SECONDS``, and then the parts of its path and its name; ``entitled:PARTITION:TENANT:...`` is
        a role of IAM in place of a permission set.
        """
        more: list[tuple[str, ...]] = []
        if self.assumes:
            more += _rows("assume", self.assumes, self.assumes.arn.account)
        if self.entitled:
            more += _rows("entitled", self.entitled, self.tenant)
        return paths.role_key(self.session, self.account, self.roles, *more)

    @classmethod
    def of_key(cls, key: str) -> Role:
        """Return the role that has `key`. ValueError for any other text."""
        (session,), (account,), roles, *more = paths.parse_role_key(key)
        found = cls(session, account, roles)
        with contextlib.suppress(ValueError):
            kind, _, owner, _, _ = more[0] if more else ("", "", "", "", "")
            if kind == "assume":
                found = replace(found, assumes=_iam_role(more, owner))
            elif kind:
                found = replace(found, entitled=_iam_role(more, account), tenant=owner)
        if found.key != key:
            raise ValueError(f"not the key of a role: {key!r}")
        return found

    def held_as(self, account_id: str, name: str) -> Role:
        """Return it as what it means: the role `name` in the account with that id."""
        return replace(self, account=account_id, roles=(name,))

    def __str__(self) -> str:
        """For people: ``dev/Developer``, with what comes on top as in ``, then prod/Deploy``."""
        return f"{self.assigned}{self.on_top}"

    @property
    def assigned(self) -> str:
        """For people: what has to be assigned to them, without what comes on top."""
        return f"{self.account}/{'|'.join(self.roles)}"

    @property
    def iam(self) -> IamRole | None:
        """The role of IAM whose credentials it gives: on top, or in place of a permission set."""
        return self.entitled or self.assumes

    @property
    def on_top(self) -> str:
        """For people: what follows the name of the first role, where a second one comes on top."""
        return f", then {self.assumes}" if self.assumes else ""


def _rows(kind: str, role: IamRole, owner: str) -> list[tuple[str, ...]]:
    """Return the end of a key that tells `role`; the inverse of `_iam_role`."""
    arn = role.arn
    head = (kind, arn.partition, owner, role.session_name, str(role.duration))
    return [head, *((part,) for part in (*arn.path, arn.name))]


def _iam_role(rows: Sequence[tuple[str, ...]], account: str) -> IamRole:
    """Return the role of IAM in `account` that the end of a key tells. ValueError for none."""
    (_, partition, _, session_name, duration), *parts = rows
    *path, name = (part for (part,) in parts)
    return IamRole(RoleArn(partition, account, tuple(path), name), session_name, int(duration))


@dataclass(frozen=True, slots=True)
class Profile:
    """One ``[profiles.NAME]`` of a binding file.

    `held` is which of the alternatives of its role the user holds, as ``policy.as_held`` tells; it
    is empty where that is not known. `shown` is what labels have for its name; empty: its name.
    """

    name: str
    role: Role
    line: int
    region: str | None = None
    output: str | None = None
    export: str | None = None
    protect: bool = False
    held: str = ""
    shown: str = ""

    @property
    def role_name(self) -> str:
        """The role for people: the one that the user holds, or else all the alternatives."""
        return self.held or "|".join(self.role.roles)

    @property
    def label(self) -> str:
        """What a prompt shows: only ``A-Za-z0-9._@:/+-``, so that no prompt can expand it.

        ``dev/Developer``; with a second role on top ``dev/Developer+Deploy``.
        """
        top = f"+{self.role.assumes.arn.name}" if self.role.assumes else ""
        text = f"{self.shown or self.name}/{self.role_name}{top}"
        return "".join(
            char if char.isascii() and (char.isalnum() or char in "._@:/+-") else "_"
            for char in text
        )


@dataclass(frozen=True, slots=True)
class SignInHint:
    """The ``[sso]`` table of a binding file: a session for those who have none of that name.

    `tenant` is the account access manager's; empty where the file does not say.
    """

    start_url: str
    region: str
    tenant: str = ""


@dataclass(frozen=True, slots=True)
class Binding:
    """What a ``.ssoenv.toml`` says, with the exact bytes that said it.

    `paths` pairs a subdirectory, relative and normal, with the profile that it chooses. `agent` is
    the only profile that coding agents get; empty where the file does not say.
    """

    path: str
    content: bytes = field(repr=False)
    session: str
    default: str
    profiles: Mapping[str, Profile]
    paths: tuple[tuple[str, str], ...] = ()
    sso: SignInHint | None = None
    agent: str = ""

    def names_at(self, places: Iterable[str]) -> Iterator[str]:
        """Yield the profile of each subdirectory: of the nearest entry, or the default."""
        chosen = dict(self.paths)
        for place in places:
            path = place
            while path and path not in chosen:
                path = path.rpartition("/")[0]
            yield chosen.get(path, self.default)


@dataclass(frozen=True, slots=True)
class Credentials:
    """Short-lived keys of one role; `epoch` is that of the session in which they were had."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str = field(repr=False)
    expiration: int
    account_id: str
    role: str
    epoch: bytes = field(default=b"", repr=False, compare=False)
