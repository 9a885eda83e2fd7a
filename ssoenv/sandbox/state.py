"""What the sandbox remembers while it runs: clients, codes, tokens, keys. All of it in memory.

The application holds `lock` around every request, so nothing here takes it again. Moments are
seconds since the epoch on a clock that tests can turn; lifetimes are in seconds.
"""

from __future__ import annotations

import hashlib
import math
import secrets
import string
import threading
import time
from typing import TYPE_CHECKING, Protocol, TypeVar

from ssoenv.base.values import dataclass, field
from ssoenv.sandbox import registrations
from ssoenv.sandbox.directory import Directory
from ssoenv.sandbox.jobs import Jobs
from ssoenv.sandbox.paging import Paging
from ssoenv.sandbox.records import (
    Authorization,
    Client,
    Device,
    Keys,
    SignIn,
    SigninToken,
    Token,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssoenv.sandbox.directory import Held
    from ssoenv.sandbox.world import IamRole, World

PAGE_SECONDS = 600
CODE_SECONDS = 60
DEVICE_SECONDS = 600
SESSION_SECONDS = 12 * 3600
"""How long after a sign-in its tokens may be refreshed."""
REFRESH_GRACE_SECONDS = 300
"""How long a refresh token works after its first use: processes that share a cache race for it."""
REMEMBERED = 200
"""How many tokens and keys are remembered although they may have ended."""
BURST = 2
"""Polls that may come faster than the interval: the AWS CLI starts with two at once."""
_USER_CODE = "BCDFGHJKLMNPQRSTVWXZ"  # RFC 8628 section 6.1: no vowels, so no words
_ADMINISTRATORS = {"management": "administrator", "delegated": "delegated-administrator"}
"""The name of the user of IAM in an account, by what the account is to its organization."""
_KEY_ID = string.ascii_uppercase + "234567"


class _Ends(Protocol):
    """What can be used until `expires` (s, epoch)."""

    expires: float


_One = TypeVar("_One", bound=_Ends)


def _lasting(found: Mapping[str, _One], now: float) -> dict[str, _One]:
    return {name: one for name, one in found.items() if one.expires > now}


class State:
    """The memory of one running sandbox."""

    def __init__(
        self,
        world: World,
        *,
        token_ttl: int,
        credentials_ttl: int,
        refresh_grace: int = REFRESH_GRACE_SECONDS,
    ) -> None:
        """Start empty, in `world`. Lifetimes are in seconds, as is the grace of refresh tokens."""
        self.world = world
        self.token_ttl = token_ttl
        self.credentials_ttl = credentials_ttl
        self.refresh_grace = refresh_grace
        self.lock = threading.RLock()
        self.clients: dict[str, Client] = {}
        self.pages: dict[str, Authorization] = {}
        self.codes: dict[str, Authorization] = {}
        self.devices: dict[str, Device] = {}
        self.tokens: dict[str, Token] = {}
        self.refresh_tokens: dict[str, Token] = {}
        self.keys: dict[str, Keys] = {}
        self.signin_tokens: dict[str, SigninToken] = {}
        self.paging = Paging()
        self._many = REMEMBERED
        self._offset = 0.0
        self.started = self.now()
        self.jobs = Jobs(0)
        self.directory = Directory(world, self.now())
        self.administrators = _keys_of_administrators(world)

    def change_world(self, world: World) -> None:
        """Have other accounts and assignments from now on; who is signed in stays so."""
        with self.lock:
            self.world = world
            self.directory = Directory(world, self.now())
            self.administrators = _keys_of_administrators(world)

    def settle(self) -> None:
        """Let everything take effect that administrators have started and that is due."""
        self.jobs.settle(self.now(), self.directory)
        if self._size() > self._many:
            self._forget_ended()

    def _forget_ended(self) -> None:
        """Forget what nobody can use any more: a sandbox may serve for days."""
        now = self.now()
        self.tokens = _lasting(self.tokens, now)
        self.keys = _lasting(self.keys, now)
        self.pages, self.codes = _lasting(self.pages, now), _lasting(self.codes, now)
        self.signin_tokens = _lasting(self.signin_tokens, now)
        self.refresh_tokens = {
            one: has
            for one, has in self.refresh_tokens.items()
            if has.expires > now
            and (has.first_used is None or now - has.first_used < self.refresh_grace)
        }
        self._many = max(REMEMBERED, 2 * self._size())

    def _size(self) -> int:
        sign_ins = len(self.codes) + len(self.pages)
        return max(len(self.tokens), len(self.refresh_tokens), len(self.keys), sign_ins)

    def now(self) -> float:
        """Return the present on this sandbox's clock."""
        return time.time() + self._offset

    @property
    def turned(self) -> float:
        """How far the clock stands before the real one, in seconds."""
        return self._offset

    def advance(self, seconds: float) -> None:
        """Turn the clock forward."""
        self._offset += seconds

    def new_client(
        self,
        redirect_uris: tuple[str, ...],
        grant_types: tuple[str, ...],
        scopes: tuple[str, ...],
        name: str = "",
        session: str = "",
    ) -> Client:
        """Register a client."""
        client = registrations.register(
            self.now(), redirect_uris, grant_types, scopes, name, session
        )
        self.clients[client.id] = client
        return client

    def client(self, client_id: str) -> Client | None:
        """Return the client with that id, registered here or with a sandbox before this one."""
        if client_id not in self.clients and (found := registrations.read(client_id)):
            self.clients[client_id] = found
        return self.clients.get(client_id)

    def new_device(self, client: str, session: str = "") -> tuple[str, Device]:
        """Start a device authorization; return its secret code and what is known of it."""
        letters = "".join(secrets.choice(_USER_CODE) for _ in range(8))
        user_code = f"{letters[:4]}-{letters[4:]}"
        device = Device(client, user_code, self.now() + DEVICE_SECONDS, session)
        code = secret("device")
        self.devices[code] = device
        return code, device

    def device_by_user_code(self, user_code: str) -> Device | None:
        """Return the device authorization with this code, however typed, if it is not too late."""
        wanted = user_code.strip().upper().replace("-", "").replace(" ", "")
        for device in self.devices.values():
            if device.user_code.replace("-", "") == wanted and device.expires > self.now():
                return device
        return None

    def poll_is_too_fast(self, device: Device) -> bool:
        """Note a poll, and say whether it came before its time (RFC 8628 section 3.5)."""
        now = self.now()
        device.polls.append(now)
        early = len(device.polls) > BURST and now - device.polls[-2] < device.interval * 0.8
        if early:
            device.interval += 5
        return early

    def new_sign_in(self, user: str, session: str = "") -> SignIn:
        """Note that the user of an id signed in; without a `session`, at the first instance."""
        ends = self.now() + max(SESSION_SECONDS, self.token_ttl)
        return SignIn(user, session or self.world.instances[0].session, ends)

    def new_tokens(
        self, user: str, client: str, sign_in: SignIn | None = None
    ) -> tuple[str, str | None]:
        """Return a new access token and refresh token for the user of an id."""
        sign_in = sign_in or self.new_sign_in(user)
        access, refresh = secret("access"), secret("refresh")
        expires = min(self.now() + self.token_ttl, sign_in.ends)
        self.tokens[access] = Token(sign_in, client, expires)
        self.refresh_tokens[refresh] = Token(sign_in, client, sign_in.ends)
        return access, refresh

    def sign_in_of(self, access: str) -> SignIn | None:
        """Return the sign-in behind an access token, if it is good."""
        token = self.tokens.get(access)
        if token is None or token.expires <= self.now() or not self._lasts(token.sign_in):
            return None
        return token.sign_in

    def use_refresh_token(self, refresh: str, client: str) -> SignIn | None:
        """Return the sign-in behind a refresh token of `client`, if it may still be used."""
        token, now = self.refresh_tokens.get(refresh), self.now()
        if token is None or token.client != client or not self._lasts(token.sign_in):
            return None
        if token.first_used is None:
            token.first_used = now
            return token.sign_in
        return token.sign_in if now - token.first_used < self.refresh_grace else None

    def forget_sign_ins(self) -> None:
        """End every sign-in, with all its tokens; role credentials live on."""
        for token in (*self.tokens.values(), *self.refresh_tokens.values()):
            token.sign_in.ends = 0

    def _lasts(self, sign_in: SignIn) -> bool:
        return sign_in.ends > self.now() and sign_in.user in self.directory.users

    def name(self, sign_in: SignIn) -> str:
        """Return how the person is called."""
        return self.directory.users[sign_in.user].name

    def held(self, sign_in: SignIn) -> dict[str, Held]:
        """Return what the person holds at that instance, by account id."""
        return self.directory.held(sign_in.user, sign_in.session)

    def entitled(self, sign_in: SignIn) -> list[IamRole]:
        """Return the roles that the account access manager of that instance gives the person."""
        found = self.directory.entitled(sign_in.user, sign_in.session)
        return [one for one in self.world.roles if self.world.arn(one) in found]

    def new_keys(
        self,
        account: str,
        role: str,
        user: str,
        *,
        iam: bool = False,
        chained: bool = False,
        seconds: int = 0,
    ) -> tuple[str, Keys]:
        """Return a new access key id and the credentials behind it, for `seconds` if given."""
        key_id = "ASIASANDBOX" + "".join(secrets.choice(_KEY_ID) for _ in range(9))
        expires = self.now() + (seconds or self.credentials_ttl)
        key, token = secret("key"), secret("session-token")
        keys = Keys(account, role, user, key, token, expires, iam, chained)
        self.keys[key_id] = keys
        return key_id, keys


@dataclass(frozen=True, slots=True)
class Administrator:
    """A user of IAM in an account that may administer Identity Center, and their keys."""

    name: str
    account: str
    session: str
    key_id: str
    secret: str = field(repr=False)


def administrators(world: World) -> list[Administrator]:
    """Return a user of IAM for each account of `world` that administers an Identity Center."""
    return [
        Administrator(
            _ADMINISTRATORS[account.role],
            account.id,
            instance.session,
            f"AKIASANDBOX{account.id[3:]}",
            f"sandbox-key-{account.id}",
        )
        for instance in world.instances
        for account in world.organization(instance.session)
        if account.role in _ADMINISTRATORS
    ]


def _keys_of_administrators(world: World) -> dict[str, Keys]:
    """Return the keys of `administrators`, which never end, by their ids."""
    return {
        one.key_id: Keys(one.account, "", one.name, one.secret, "", math.inf, iam=True)
        for one in administrators(world)
    }


def role_suffix(account: str, role: str) -> str:
    """Return the 16 hex digits that Identity Center appends to a role of an account."""
    return hashlib.sha256(f"{account}/{role}".encode()).hexdigest()[:16]


def secret(kind: str) -> str:
    """Return a secret that says where it comes from."""
    return f"sandbox-{kind}-{secrets.token_urlsafe(24)}"
