"""A session comes to mean another Identity Center at each call of a command that is under way.

Whatever the command had read before: nothing that it was given by the first acts for the second.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests import screen
from tests.cli.test_instances import (
    ASKED,
    FIRST,
    MINE,
    OTHERS,
    PROJECT,
    SECOND,
    account_of,
    config,
    pause,
    sandbox,
    session_of,
)

if TYPE_CHECKING:
    from ssoenv.sandbox.server import Sandbox
    from tests.conftest import Home

__all__ = ["sandbox"]
COMMANDS = {
    "export": ("export",),
    "exec": ("exec", "--", "true"),
    "exec --serve": ("exec", "--serve", "--", "true"),
    "credential-process": ("credential-process",),
    "whoami": ("whoami",),
    "roles": ("roles", "--refresh"),
    "login": ("login", "--force", "acme"),
    "a target": ("export", "prod/Developer"),
}
SIGNING_IN = ("export", "exec", "roles", "login")
"""Run on a terminal by somebody who is not signed in."""
SEEN = ("export", "source-dash", "exec")


class Turning:
    """Stands before the sandbox, and changes the config as a certain call comes in."""

    def __init__(self, sandbox: Sandbox, home: Home) -> None:
        server = vars(sandbox)["_server"]
        self._application, server.application = server.application, self
        self._home, self.calls, self._at, self._settled = home, 0, 0, False

    def arm(self, at: int, *, settled: bool) -> None:
        """Do it at the call number `at`; where `settled` another command has seen it by then."""
        self.calls, self._at, self._settled = 0, at, settled

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        self.calls += 1
        if self.calls == self._at:
            config(self._home).write_text(session_of(SECOND))
            if self._settled:
                pause()
                self._home.ssoenv("status")
        return self._application(environ, start_response)


@pytest.mark.parametrize(
    ("name", "signed_in"),
    [*((name, True) for name in COMMANDS), *((name, False) for name in SIGNING_IN)],
)
@pytest.mark.sampled(4)
def test_nothing_of_the_first_acts_for_the_second(
    name: str, signed_in: bool, home: Home, sandbox: Sandbox
) -> None:
    turning = Turning(sandbox, home)
    project = home.project("web", PROJECT)
    trusted = home.ssoenv("trust", "--yes", cwd=project)
    assert trusted.returncode == 0, trusted.stderr
    moments = 0
    for settled in (True, False):
        at = 1
        while True:
            begin(home, signed_in=signed_in)
            turning.arm(at, settled=settled)
            if signed_in:
                home.ssoenv(*COMMANDS[name], cwd=project)
            else:
                screen.ssoenv(home.env, str(project), *COMMANDS[name]).end()
            if turning.calls < at:
                break
            pause()
            turning.arm(0, settled=False)
            moments, at = moments + 1, at + 1
            for asked in SEEN:
                given = account_of(sandbox, ASKED[asked](home, project))
                assert given in ("", OTHERS), (settled, at - 1, asked)
            assert MINE not in home.ssoenv("roles", "--json").stdout, (settled, at - 1)
    assert moments > 1


def begin(home: Home, *, signed_in: bool) -> None:
    """Have the first Identity Center, nothing fetched, and nobody or somebody signed in."""
    config(home).write_text(session_of(FIRST))
    pause()
    home.ssoenv("logout", "--all")
    if signed_in:
        assert home.ssoenv("login", "acme").returncode == 0
