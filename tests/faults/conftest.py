"""A home and a sandbox, put back for each fault as they were at first."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from ssoenv.sandbox.server import Sandbox
from tests.faults.life import Life

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    """Give a life that the tests of one module share."""
    with Sandbox() as sandbox, ExitStack() as closing:
        yield Life(tmp_path_factory.mktemp("life"), sandbox, closing)
