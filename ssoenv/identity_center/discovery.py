"""Asking the portal for accounts and their roles, at its pace, and what is wanted most first.

ListAccounts gives 100 accounts a call, ListAccountRoles the roles of one: the roles of a large
organisation take a minute. So accounts come first, and whoever looks at them says whose roles come
next. What came is there at any time, and nothing of it is asked for again.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Protocol

from ssoenv.base import background, clock
from ssoenv.base.errors import AccessDenied, Cancelled, ServiceUnavailable, SsoenvError
from ssoenv.base.values import dataclass, replace
from ssoenv.identity_center import account_access
from ssoenv.identity_center.assignments import ENTITLED, Entitled, Held, Listing
from ssoenv.identity_center.pace import AT_ONCE, LONGEST_PAUSE, Pace
from ssoenv.identity_center.refusals import Throttled, TokenRejected

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Self

    from ssoenv.base.models import Token
    from ssoenv.identity_center.answers import Answer
    from ssoenv.identity_center.client import IdentityCenter
    from ssoenv.identity_center.pages import Calling

ATTEMPTS = 3
"""How often an account is asked for whose call fails."""
PATIENCE = 30.0
"""Seconds without a single answer, but for refusals (429), after which nothing more is asked."""
SILENCE = 3.0
"""The same where calls fail, rather than being refused."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is: `done` of `total` accounts, `calls` made; `seconds_left` is None at first."""

    calls: int
    done: int
    total: int
    seconds_left: float | None


@dataclass(frozen=True, slots=True)
class Found:
    """What came of asking: the `listing`, and why the roles of some accounts did not come.

    `failures` are by the id of an account, or ENTITLED. `refused` are the ids of accounts that the
    service lists, and refuses to show the roles of.
    """

    listing: Listing
    failures: Mapping[str, SsoenvError]
    refused: tuple[str, ...] = ()


class Source(Protocol):
    """What is known of a person's accounts and roles, of which more may come."""

    @property
    def listing(self) -> Listing:
        """What is known so far."""

    @property
    def version(self) -> int:
        """A number that changes whenever more is known, or known not to come."""

    @property
    def found(self) -> Found:
        """What came of it so far, and what did not."""

    @property
    def progress(self) -> Progress:
        """How far it is."""

    def ask(self, ids: Iterable[str]) -> None:
        """Ask for the roles of accounts, or ENTITLED: for those of IAM in all of them."""

    def prefer(self, ids: Iterable[str]) -> None:
        """Ask for these next, of those that are still to come."""

    def is_pending(self, account_id: str) -> bool:
        """Whether the roles of an account are still to come."""

    def wait(self, seconds: float) -> bool:
        """Wait until all is there, for so many `seconds` at most; whether more is to come."""


class Settled:
    """A list that is all there: nobody has to be asked, and nothing has to be loaded for it."""

    version, progress = 0, Progress(0, 0, 0, None)

    def __init__(self, listing: Listing) -> None:
        """Take it."""
        self.listing, self.found = listing, Found(listing, {})

    def ask(self, ids: Iterable[str]) -> None:
        """Nothing is asked."""

    def prefer(self, ids: Iterable[str]) -> None:
        """Nothing is asked."""

    def is_pending(self, account_id: str) -> bool:  # noqa: ARG002 - whichever it is
        """Nothing is."""
        return False

    def wait(self, seconds: float) -> bool:  # noqa: ARG002 - nobody waits
        """Nothing more comes."""
        return False


class Discovery:
    """What is known of a person's accounts and roles, and the threads that ask for more of it.

    Its threads end when it is left. Raises what a call raises that cannot be mended by waiting.
    """

    def __init__(
        self, center: IdentityCenter, token: Token, kept: Listing | None, tenant: str = ""
    ) -> None:
        """Begin with what is `kept` from before; `center` should not be patient by itself.

        `tenant` is that of the account access manager; empty where nothing is asked of it.
        """
        self._center, self._token, self._tenant = center, token, tenant
        self._known = (kept or Listing((), 0)).of_tenant(tenant)
        self._roles: dict[str, Held] = {}
        self._wanted: dict[str, None] = {}
        self._busy: set[str] = set()
        self._failures: dict[str, SsoenvError] = {}
        self._refused: list[str] = []
        self._empty: dict[str, Held] = {}
        self._shown = False
        self._attempts: dict[str, int] = {}
        self._pace = Pace()
        self._calls = self._threads = self._version = self._done = self._failed = 0
        self._began = self._answered = time.monotonic()
        self._over = False
        self._error: BaseException | None = None
        self._changed = threading.Condition()

    def __enter__(self) -> Self:
        """Nothing is asked yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """Ask nothing more. Calls that are under way are not waited for."""
        with self._changed:
            self._over = True
            self._changed.notify_all()

    @property
    def listing(self) -> Listing:
        """Return what is known so far."""
        with self._changed:
            # A service that refuses every account tells nothing of any.
            if self._shown:
                self._roles, self._empty = self._roles | self._empty, {}
            if self._roles:
                self._known, self._roles = self._known.with_roles(self._roles), {}
            return self._known

    @property
    def version(self) -> int:
        """Return a number that changes whenever more is known, or known not to come."""
        return self._version

    @property
    def found(self) -> Found:
        """Return what came of it so far."""
        return Found(self.listing, dict(self._failures), tuple(self._refused))

    @property
    def progress(self) -> Progress:
        """Return how far it is."""
        with self._changed:
            left = len({*self._wanted, *self._busy} - {ENTITLED})
            seconds = None
            done = self._done - len(self._failures)
            if self._pace.rate or done > AT_ONCE:
                elapsed = time.monotonic() - self._began
                seconds = left / (self._pace.rate or done / elapsed)
            return Progress(self._calls, self._done, self._done + left, seconds)

    def is_pending(self, account_id: str) -> bool:
        """Whether the roles of an account are still to come."""
        return account_id in self._wanted or account_id in self._busy

    def list_accounts(self, tell: Callable[[Progress], None] | None = None) -> None:
        """Ask for the accounts; return when all are there. `tell` hears how far it is."""

        def page(call: Callable[[], Answer]) -> Answer:
            answer = self._until_answered(call)
            if tell:
                tell(self.progress)
            return answer

        accounts = self._center.list_accounts(self._token, page)
        self._known = self.listing.with_accounts(accounts, clock.now())

    def ask(self, ids: Iterable[str]) -> None:
        """Ask for the roles of accounts, one after the other, after those that are asked for."""
        with self._changed:
            if self._is_done():
                self._began = self._answered = time.monotonic()
            for one in ids:
                if one not in self._busy:
                    self._wanted.setdefault(one)
                    self._attempts.pop(one, None)
                    self._failures.pop(one, None)
            for _ in range(min(len(self._wanted), AT_ONCE) - self._threads):
                self._threads += 1
                background.start(self._work)
            self._changed.notify_all()

    def prefer(self, ids: Iterable[str]) -> None:
        """Ask for these next, of those that are still to come."""
        with self._changed:
            first = [one for one in ids if one in self._wanted]
            self._wanted = dict.fromkeys(first) | self._wanted

    def wait(self, seconds: float) -> bool:
        """Wait until all is there, for so many `seconds` at most; whether more is to come."""
        with self._changed:
            self._changed.wait_for(self._is_done, seconds)
            if self._error is not None:
                raise self._error
            return not self._is_done()

    def _is_done(self) -> bool:
        return self._error is not None or not (self._wanted or self._busy)

    def _work(self) -> None:
        try:
            while (account_id := self._next()) is not None:
                self._ask(account_id)
        except BaseException as error:  # noqa: BLE001 - whoever waits is told
            with self._changed:
                self._error, self._over = error, True
                self._changed.notify_all()

    def _next(self) -> str | None:
        """Return the account to ask for now, when its turn has come; None: it is over."""
        with self._changed:
            while not self._over:
                # The turn first: what is wanted most then, not when the waiting began, has it.
                seconds = self._pace.wait() if self._wanted else None
                if seconds == 0:
                    account_id = next(iter(self._wanted))
                    del self._wanted[account_id]
                    self._busy.add(account_id)
                    return account_id
                self._changed.wait(seconds)
            return None

    def _ask(self, wanted: str) -> None:
        """Ask for the roles of an account, or for what is ENTITLED."""
        turns = iter([True])

        def page(call: Callable[[], Answer]) -> Answer:
            if not next(turns, False):
                self._turn()
            return self._call(call)

        try:
            if wanted == ENTITLED:
                self._list_entitled(page)
                return
            roles = self._center.list_account_roles(self._token, wanted, page)
        except AccessDenied:
            self._settle(wanted, (), refused=True)
        except ServiceUnavailable as error:
            self._put_off(wanted, error)
        else:
            self._settle(wanted, tuple(sorted(roles)))

    def _list_entitled(self, page: Calling) -> None:
        """Ask the account access manager; what it refuses ends no other asking."""
        try:
            roles = account_access.list_roles(self._center, self._token, self._tenant, page)
        except (ServiceUnavailable, TokenRejected, Cancelled):
            raise
        except SsoenvError as error:
            with self._changed:
                self._failures[ENTITLED] = error
                self._end(ENTITLED)
        else:
            with self._changed:
                entitled = Entitled.of(self._tenant, roles, clock.now())
                self._known = replace(self._known, entitled=entitled)
                self._end(ENTITLED)

    def _settle(self, account_id: str, roles: tuple[str, ...], *, refused: bool = False) -> None:
        """Note the roles of an account."""
        with self._changed:
            account = self._known.account(account_id)
            if refused:
                self._refused.append(account_id)
            if account:
                found = self._empty if refused else self._roles
                found[account_id] = Held(account, roles, clock.now())
                self._shown = self._shown or not refused
            self._end(account_id)

    def _end(self, wanted: str) -> None:
        """Note that there is nothing more to ask about it; what waits is told."""
        self._busy.discard(wanted)
        self._done += wanted != ENTITLED
        self._version += 1
        self._changed.notify_all()

    def _put_off(self, account_id: str, error: ServiceUnavailable) -> None:
        """Ask for an account later, unless that makes no sense any more."""
        with self._changed:
            self._busy.discard(account_id)
            quiet = time.monotonic() - self._answered
            if isinstance(error, Throttled):
                self._wanted = {account_id: None} | self._wanted
                hopeless = quiet > PATIENCE or error.retry_after > LONGEST_PAUSE
            else:
                self._wanted[account_id] = None
                self._attempts[account_id] = self._attempts.get(account_id, 0) + 1
                self._failed += 1
                self._pace.pause(min(1.0, 0.1 * self._failed))
                hopeless = quiet > SILENCE
            if hopeless or self._attempts.get(account_id, 0) >= ATTEMPTS:
                lost = list(self._wanted) if hopeless else [account_id]
                for one in lost:
                    del self._wanted[one]
                self._failures |= dict.fromkeys(lost, error)
                self._done += len({*lost} - {ENTITLED})
                self._version += len(lost)
            self._changed.notify_all()

    def _call(self, call: Callable[[], Answer]) -> Answer:
        """Make a call whose turn has come, and learn from how it went."""
        with self._changed:
            self._calls += 1
        sent_at = time.monotonic()
        try:
            answer = call()
        except Throttled as error:
            self._pace.refused(sent_at, min(error.retry_after, LONGEST_PAUSE))
            raise
        except AccessDenied:
            self._took()
            raise
        self._took()
        return answer

    def _took(self) -> None:
        self._pace.taken()
        self._answered, self._failed = time.monotonic(), 0

    def _until_answered(self, call: Callable[[], Answer]) -> Answer:
        """Make a call as often as it takes."""
        failed, began = 0, time.monotonic()
        while True:
            self._turn()
            try:
                return self._call(call)
            except Throttled as error:
                if error.retry_after > LONGEST_PAUSE or time.monotonic() - began > PATIENCE:
                    raise
            except ServiceUnavailable:
                failed += 1
                if failed == ATTEMPTS or time.monotonic() - began > SILENCE:
                    raise
                self._pace.pause(0.2 * failed)

    def _turn(self) -> None:
        """Wait until a call may go out. Raises Cancelled when it is over."""
        while seconds := self._pace.wait():
            if self._over:
                raise Cancelled("nobody waits for it any more")
            time.sleep(min(seconds, 0.5))
