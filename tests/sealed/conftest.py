"""Somebody whose settings have everything sealed, with a project, and a keyring of the desktop."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.keyrings import Keyring, choose
from tests.sign_in.people import Person

if TYPE_CHECKING:
    from ssoenv.sandbox.server import Sandbox
    from tests.conftest import Home


@pytest.fixture
def keyring(home: Home) -> Keyring:
    """The keyring, unlocked."""
    return Keyring(home)


@pytest.fixture
def alice(home: Home, sandbox: Sandbox, keyring: Keyring) -> Person:
    """Somebody with a trusted project ~/web, who is not signed in."""
    choose(home)
    trusted = home.ssoenv("trust", "--yes", cwd=home.project("web"))
    assert trusted.returncode == 0, trusted.stderr
    return Person(home, sandbox)
