"""A fresh local Identity Center for each test, and somebody who calls it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ssoenv.sandbox.server import Sandbox
from tests.sandbox.caller import CODE, REFRESH, Caller

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def caller() -> Iterator[Caller]:
    """Somebody at a sandbox that approves everything, as alice."""
    with Sandbox() as sandbox:
        yield Caller(sandbox)


@pytest.fixture
def asked() -> Iterator[Caller]:
    """Somebody at a sandbox whose pages wait for an answer."""
    with Sandbox(approve="ask") as sandbox:
        yield Caller(sandbox)


@pytest.fixture
def pkce(caller: Caller) -> Caller:
    """A client for authorization codes."""
    caller.register(CODE, REFRESH)
    return caller
