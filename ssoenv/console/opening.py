"""The console in the person's browser, by an address that only the browser learns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssoenv.base.errors import SsoenvError
from ssoenv.sign_in import browser, has_browser
from ssoenv.sign_in.handover import HandOver

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ssoenv.console.visit import Visit
    from ssoenv.settings import Settings

PATIENCE = 60.0
"""Seconds for which a browser may take to come for the page."""
_PRINT = "ssoenv console --print"


def command(chosen: str | None, settings: Settings, env: Mapping[str, str]) -> str:
    """Return the command that opens the console: `chosen`, else the settings'; "" for the usual.

    Raises UsageError where that cannot be started, and SsoenvError where there is no browser.
    """
    found = chosen or settings.console_browser or settings.browser
    if found:
        browser.require(found, env)
    elif not has_browser(env):
        raise SsoenvError("there is no browser to open here", fix=_PRINT)
    return found


def in_browser(
    visit: Visit, command: str, env: Mapping[str, str], told: Callable[[str], None]
) -> None:
    """Open `visit` by `command`, and wait until the browser has it; `told` hears our address.

    Raises SsoenvError where no browser comes for it.
    """
    with HandOver(visit.url) as page:
        if not browser.open_page(page.address, env, command, visit.label):
            raise SsoenvError("the browser could not be started", fix=_PRINT)
        told(page.address)
        if not page.wait(PATIENCE):
            raise SsoenvError(f"no browser came for the page in {PATIENCE:.0f} s", fix=_PRINT)
