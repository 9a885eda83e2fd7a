"""The extra `sandbox` of the package: what the sandbox and the demo need beyond the rest."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from ssoenv.base import extras
from ssoenv.base.errors import SsoenvError

if TYPE_CHECKING:
    from collections.abc import Iterator

_PACKAGES = ("waitress", "werkzeug", "markupsafe", "pexpect", "ptyprocess")


@contextmanager
def needed_by(what: str) -> Iterator[None]:
    """Import inside what `what` needs. Raises SsoenvError where the extra is not installed."""
    try:
        yield
    except ModuleNotFoundError as missing:
        package = (missing.name or "").partition(".")[0]
        if package not in _PACKAGES:
            raise
        fix = extras.how_to_add("sandbox")
        raise SsoenvError(f"{what} needs {package}", fix=fix) from None
