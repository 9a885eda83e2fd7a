"""Sign in from a program: a notebook, a job, a script. Only where it says so."""

from __future__ import annotations

import math
import os
import sys
from typing import TYPE_CHECKING, TypeVar

from ssoenv import here, settings, sign_in
from ssoenv.base import agents, clock, dialects
from ssoenv.base.errors import SignInDenied, SignInRequired, SignInTimedOut, SsoenvError, UsageError
from ssoenv.base.values import dataclass
from ssoenv.library.values import Duration, Handler, SignedIn, SignInPage, in_seconds, moment
from ssoenv.shells import state_folder

if TYPE_CHECKING:
    from collections.abc import Callable

    from ssoenv.base.models import Session
    from ssoenv.credentials.protection import Use
    from ssoenv.sign_in import SignInRequest
    from ssoenv.sign_in.tokens import Method

T = TypeVar("T")

SLACK = 60
"""Seconds by which a new token may miss the time that is asked for: the sign-in takes some."""


def login(
    session: str | None = None,
    *,
    device_code: bool | None = None,
    disable_browser: bool = False,
    expiry_window: Duration = 0,
    force: bool = False,
    handler: Handler | None = None,
) -> SignedIn:
    """Sign in to `session`, unless its token is good or can be refreshed.

    Without one: to that of the project here, else to the only one. By a page in the browser, or by
    a `device_code` where no browser can be opened or none is to be (`disable_browser`); False and
    True together mean a page that nobody opens. `handler` is told of the page; without one, stderr.

    `expiry_window` is for how long (seconds, or a timedelta) the token has to last at least. One
    that ends before is refreshed, else asked for anew: so more than an access token lasts, which
    is an hour where it is renewed by itself, means a new sign-in each time. `force` always asks.

    Raises SignInDenied, SignInTimedOut, Cancelled (Ctrl-C), SignInRequired where a coding agent
    runs this, ServiceUnavailable, InvalidConfiguration, UsageError, and SsoenvError where the
    service gives no token that lasts as long.
    """
    state_folder.require_known(os.environ)
    chosen, least = here.session(session, os.environ, by="session ="), in_seconds(expiry_window)
    if not 0 <= least < math.inf:
        raise UsageError("expiry_window is a time from 0 on, in seconds")
    if device_code is None:
        method: Method = "device" if disable_browser else "auto"
    else:
        method = "device" if device_code else "browser"
    return ask(
        chosen, handler, method=method, open_browser=not disable_browser, least=least, force=force
    )


def logout(session: str | None = None) -> bool:
    """Sign out of `session`, as ``ssoenv logout`` does: the token ends, cached credentials go.

    Without one: of that of the project here, else of the only one. Returns whether anybody was
    signed in. Raises ServiceUnavailable where the service cannot be told; what is here is gone.
    """
    state_folder.require_known(os.environ)
    return sign_in.sign_out(here.session(session, os.environ, by="session ="), os.environ)


def ask(
    session: Session,
    handler: Handler | None,
    *,
    method: Method = "auto",
    open_browser: bool = True,
    least: float = 0,
    force: bool = False,
) -> SignedIn:
    """Sign in to `session`, as `login` does."""
    agent = settings.agent(os.environ)
    agents.require_person(agent, f"ssoenv login {dialects.word(session.label)}", signs_in=True)
    token = sign_in.require_token(
        session,
        env=os.environ,
        consent=sign_in.explicit_consent(session),
        reporter=Told(session.label, handler),
        force=force,
        way=sign_in.Way(method, open_browser),
        least=math.ceil(least),
    )
    now = clock.now()
    renewable = token.refreshable(now)
    if not renewable and token.expires_at - now < least - SLACK:
        lasts, wanted = (
            clock.render_duration(token.expires_at - now),
            clock.render_duration(int(least)),
        )
        raise SsoenvError(
            f"a sign-in to {session.label} lasts {lasts}, and expiry_window asks for {wanted}",
            advice="whoever runs the Identity Center sets how long a session lasts",
        )
    return SignedIn(
        session.label, session.start_url, session.region, moment(token.expires_at), renewable
    )


def signing_in(
    session: Session, handler: Handler | None, call: Callable[[], T], *, login: bool
) -> T:
    """Return what `call` returns; with `login`, after a sign-in to `session` if it takes one."""
    try:
        return call()
    except (SignInDenied, SignInTimedOut):
        raise
    except SignInRequired as required:
        if not login:
            required.add_note(f"in Python: ssoenv.login({session.label!r}) before, or login=True")
            raise
    ask(session, handler)
    return call()


@dataclass(frozen=True, slots=True)
class Told:
    """Who hears of a sign-in to `session`: the program's `handler`, or stderr. Answers nothing."""

    session: str
    handler: Handler | None = None

    def announce(self, request: SignInRequest) -> None:
        """Say nothing: the page says all."""

    def note(self, text: str) -> None:
        """Say where an address leads, unless the program has words of its own."""
        if self.handler is None:
            self._say(text)

    def page(self, url: str, *, opened: bool) -> None:
        """Tell of the page in the browser."""
        if opened:
            text = "waiting for you in the browser; if no page opened, open this one:"
        else:
            text = "open this page to sign in, in a browser on this machine:"
        self._tell(SignInPage(self.session, url, url, opened=opened), text, f"  {url}")

    def code(self, user_code: str, uri: str, complete_uri: str, seconds: int) -> None:
        """Tell of the code and the pages that take it."""
        page = SignInPage(self.session, uri, complete_uri, user_code, seconds)
        self._tell(
            page,
            f"open {uri} on any device and compare this code: {user_code}",
            f"  or go straight to {complete_uri}",
            "  Approve it only if you have just run this yourself."
            f" It ends in {clock.render_duration(seconds)}.",
        )

    def waiting(self, seconds_left: float) -> None:
        """Count nothing down."""

    def waiting_for_other(self, label: str) -> None:
        """Say that another process is already asking, unless the program has words of its own."""
        if self.handler is None:
            self._say(f"another program is signing in to {label}; waiting for it")

    def done(self, label: str) -> None:
        """Say nothing: the program goes on."""

    def allow(self, use: Use, seconds: int) -> bool:
        """Refuse: a protected role is for a person to say yes to."""
        del use, seconds
        return False

    def waiting_for_answer(self) -> None:
        """Say nothing: no question is put."""

    def _tell(self, page: SignInPage, text: str, *more: str) -> None:
        if self.handler is not None:
            self.handler(page)
        else:
            self._say(f"signing in to {page.session}: {text}", *more)

    def _say(self, text: str, *more: str) -> None:
        for line in (f"ssoenv: {text}", *more):
            sys.stderr.write(dialects.printable(line) + "\n")
        sys.stderr.flush()
