"""The programs of others, each started once for all of these tests."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest

from tests.clients.programs import CLIENTS, Clients, Program
from tests.conftest import Copies

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ssoenv.sandbox.server import Sandbox
    from tests.conftest import Home


@pytest.fixture(scope="session")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Copies:
    """One path for the home of every test: programs that are running already know no other."""
    return Copies(tmp_path_factory.getbasetemp() / "clients")


@pytest.fixture(scope="session")
def programs(copies: Copies) -> Iterator[Mapping[str, Program | None]]:
    """Every client, by name."""
    with contextlib.ExitStack() as closing:
        started = {client.name: client.started(str(copies.home)) for client in CLIENTS}
        for program in started.values():
            if program:
                closing.enter_context(program)
        yield started


@pytest.fixture
def clients(home: Home, sandbox: Sandbox, programs: Mapping[str, Program | None]) -> Clients:
    """The clients in a home at the sandbox; nobody is signed in."""
    return Clients(home, sandbox, programs)
