"""A report about a directory, as one typed value. No secret is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from ssoenv.base.values import dataclass

if TYPE_CHECKING:
    from ssoenv.base.models import Profile

State = Literal["none", "blocked", "armed", "live", "yours", "other"]
"""The states of a shell, as README has them. ``yours``: the user has set a role of their own;
``other``: this process has keys that its directory does not give it."""


@dataclass(frozen=True, slots=True)
class ShellReport:
    """What this very process inherited from its shell, without any secret.

    `endpoint` is where it gets credentials from that ``ssoenv exec --serve`` serves, if it does;
    `given` whether its keys were handed out to it on purpose, by ``ssoenv export`` or ``exec``.
    """

    label: str | None
    directory: str | None
    aws_profile: str | None
    access_key_id: str | None
    expires_at: str | None
    region: str | None
    endpoint: str | None
    given: bool = False


@dataclass(frozen=True, slots=True)
class SessionReport:
    """The session of a role, and its sign-in: `token_expires_at` is None where there is none.

    A `refreshable` token is renewed by itself. `token_written_at` is when it was issued or renewed
    last. Times are seconds since the epoch. `chosen_by` says in words why it is this session; the
    values that end in `from` say where a value stands.
    """

    name: str
    start_url: str
    region: str
    source: str
    token_expires_at: int | None
    refreshable: bool
    token_written_at: int | None
    start_url_from: str = ""
    region_from: str = ""
    chosen_by: str = ""


@dataclass(frozen=True, slots=True)
class CredentialsReport:
    """Cached credentials that are still good, until `expires_at` in seconds since the epoch."""

    access_key_id: str
    expires_at: int


@dataclass(frozen=True, slots=True)
class ProbeReport:
    """What the service said when it was asked: `result` is "valid", or the code of an error.

    `message` and `next` are that error's words, and what mends it; beside "valid", `message` says
    what could not be asked.
    """

    result: str
    message: str | None = None
    next: str | None = None


@dataclass(frozen=True, slots=True)
class RoleReport:
    """The profile that a directory chooses, and what is known of its role.

    `account_name` is as the user's own list has it. `allowed_until`, in seconds since the epoch, is
    when the yes to a protected role ends that was given in this terminal session. `not_judged` says
    why the policy cannot be told without asking the service.
    """

    profile: Profile
    account_name: str | None = None
    protected: bool = False
    allowed_until: int | None = None
    not_judged: str | None = None
    session: SessionReport | None = None
    credentials: CredentialsReport | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What holds in `directory` at the moment `now`, why, and what to run next.

    `problem` says why the binding file may not act, `problems` what is wrong in it, line by line;
    `told` says both to a person.
    `own` names the variables of a role that the user has set in this shell; `other` is the role
    of the keys that this process has, where the directory does not give that one. `notes` are what
    else one should know, each a sentence. `session` is that of the role, or else the usual one.
    `probe` is there where the service was asked.
    """

    directory: str
    now: int
    state: State
    binding_file: str | None
    trusted: bool
    chosen_by: str | None
    role: RoleReport | None
    problem: str | None
    problems: tuple[str, ...]
    told: tuple[str, ...]
    next: tuple[str, ...]
    own: tuple[str, ...]
    other: str | None
    shell: ShellReport
    notes: tuple[str, ...]
    session: SessionReport | None = None
    probe: ProbeReport | None = None
