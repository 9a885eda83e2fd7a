"""What the sandbox remembers while it runs: clients, codes, tokens, keys. All of it in memory.

Every method holds the one lock; moments are seconds since the epoch on a clock that tests can turn.
"""

from __future__ import annotations

import secrets
import string
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ssoenv.sandbox.world import World

REGISTRATION_SECONDS = 90 * 86400
CODE_SECONDS = 60
DEVICE_SECONDS = 600
SESSION_SECONDS = 12 * 3600
INTERVAL = 1
BURST = 2
"""Polls that may come faster than the interval: the AWS CLI starts with two at once."""
_USER_CODE = "BCDFGHJKLMNPQRSTVWXZ"
_KEY_ID = string.ascii_uppercase + "234567"


@dataclass
class Client:
    """A registered client."""

    id: str
    secret: str
    expires: float
    redirect_uris: tuple[str, ...]
    grant_types: tuple[str, ...]
    scopes: tuple[str, ...]


@dataclass
class Authorization:
    """An authorization code, or the page that may yet become one."""

    client: str
    redirect_uri: str
    challenge: str
    state: str
    user: str = ""
    expires: float = 0.0
    used: bool = False


@dataclass
class Device:
    """A device authorization and what became of it: pending, approved, denied or used."""

    client: str
    user_code: str
    expires: float
    status: str = "pending"
    user: str = ""
    polls: list[float] = field(default_factory=list)
    interval: float = INTERVAL


@dataclass
class Token:
    """An access token; `family` ends all tokens of one sign-in together."""

    user: str
    client: str
    expires: float
    family: str


@dataclass
class Keys:
    """Credentials handed out for a role."""

    account: str
    role: str
    user: str
    secret: str
    token: str
    expires: float


class State:
    """The memory of one running sandbox."""

    def __init__(self, world: World, *, token_ttl: int, credentials_ttl: int) -> None:
        """Start empty, in `world`; the lifetimes are in seconds."""
        self.world = world
        self.token_ttl = token_ttl
        self.credentials_ttl = credentials_ttl
        self.lock = threading.RLock()
        self.clients: dict[str, Client] = {}
        self.pages: dict[str, Authorization] = {}
        self.codes: dict[str, Authorization] = {}
        self.devices: dict[str, Device] = {}
        self.tokens: dict[str, Token] = {}
        self.refresh_tokens: dict[str, Token] = {}
        self.ended: set[str] = set()
        self.keys: dict[str, Keys] = {}
        self._offset = 0.0
        self._suffixes: dict[tuple[str, str], str] = {}

    def now(self) -> float:
        """Return the present on this sandbox's clock."""
        return time.time() + self._offset

    def advance(self, seconds: float) -> None:
        """Turn the clock forward."""
        self._offset += seconds

    def new_client(
        self, redirect_uris: tuple[str, ...], grant_types: tuple[str, ...], scopes: tuple[str, ...]
    ) -> Client:
        """Register a client."""
        client = Client(
            secret("client"),
            secret("client-secret"),
            self.now() + REGISTRATION_SECONDS,
            redirect_uris,
            grant_types,
            scopes,
        )
        self.clients[client.id] = client
        return client

    def new_device(self, client: str) -> tuple[str, Device]:
        """Start a device authorization; return its secret code and what is known of it."""
        letters = "".join(secrets.choice(_USER_CODE) for _ in range(8))
        device = Device(client, f"{letters[:4]}-{letters[4:]}", self.now() + DEVICE_SECONDS)
        code = secret("device")
        self.devices[code] = device
        return code, device

    def device_by_user_code(self, user_code: str) -> Device | None:
        """Return the pending device authorization with this code, however it was typed."""
        wanted = user_code.strip().upper().replace("-", "").replace(" ", "")
        for device in self.devices.values():
            if device.user_code.replace("-", "") == wanted and device.expires > self.now():
                return device
        return None

    def poll_is_too_fast(self, device: Device) -> bool:
        """Note a poll, and say whether it came before its time."""
        now = self.now()
        device.polls.append(now)
        early = len(device.polls) > BURST and now - device.polls[-2] < device.interval * 0.8
        if early:
            device.interval += 5
        return early

    def new_tokens(self, user: str, client: str, family: str | None = None) -> tuple[str, str]:
        """Return a new access token and refresh token for `user`."""
        family = family or secrets.token_hex(8)
        access, refresh = secret("access"), secret("refresh")
        self.tokens[access] = Token(user, client, self.now() + self.token_ttl, family)
        self.refresh_tokens[refresh] = Token(user, client, self.now() + SESSION_SECONDS, family)
        return access, refresh

    def user_of(self, access: str) -> str | None:
        """Return whose token this is, if it is good."""
        token = self.tokens.get(access)
        if token is None or token.expires <= self.now() or token.family in self.ended:
            return None
        return token.user

    def new_keys(self, account: str, role: str, user: str) -> tuple[str, Keys]:
        """Return a new access key id and the credentials behind it."""
        key_id = "ASIASANDBOX" + "".join(secrets.choice(_KEY_ID) for _ in range(9))
        expires = self.now() + self.credentials_ttl
        keys = Keys(account, role, user, secret("key"), secret("session-token"), expires)
        self.keys[key_id] = keys
        return key_id, keys

    def role_suffix(self, account: str, role: str) -> str:
        """Return the 16 hex digits that Identity Center appends to a role of an account."""
        return self._suffixes.setdefault((account, role), secrets.token_hex(8))


def secret(kind: str) -> str:
    """Return a secret that says where it comes from."""
    return f"sandbox-{kind}-{secrets.token_urlsafe(24)}"
