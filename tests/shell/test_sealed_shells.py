"""With `storage = "keyring"`: no shell has keys, no file either, and every program has its role."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ssoenv.base import files, paths
from ssoenv.demo.terminal import Terminal
from tests.keyrings import Keyring, choose, holding
from tests.shell.conftest import DEV, OPS, Shell, stage_of
from tests.shell.test_profile_mode import SDK

if TYPE_CHECKING:
    from tests.conftest import Home

pytestmark = pytest.mark.sampled(3)


def secrets(shell: Shell) -> set[str]:
    """Every secret by which somebody could be the person, or have a role of theirs."""
    state = shell.sandbox.state
    found = {client.secret for client in state.clients.values()}
    for keys in state.keys.values():
        found |= {keys.secret, keys.token}
    return found | set(state.tokens) | set(state.refresh_tokens)


def rendered_keys(home: Home) -> list[str]:
    """Return the files with keys that shells and the credential source read."""
    tops = paths.roles_folders(home.env)
    return [path for top in tops for path in files.walk_files(top, {"@role", "@process"}.__contains__)]  # fmt: skip


def test_no_shell_has_keys_and_every_program_has_its_role(signed_in: Shell) -> None:
    """A shell that was live drops its keys; one sign-in later all goes by the profile."""
    shell, home = signed_in, signed_in.home
    files.write_private(str(home.path / "bin/sdk"), SDK.encode(), mode=0o700)
    shell.run("cd ~/web")
    assert shell.get("AWS_ACCESS_KEY_ID")
    assert holding(home.path, secrets(shell))
    assert rendered_keys(home)
    Keyring(home)
    choose(home)
    shell.run("true")  # the prompt after it looks
    assert shell.get("AWS_ACCESS_KEY_ID") is None
    assert shell.get("AWS_PROFILE") == "ssoenv"
    assert rendered_keys(home) == []

    shell.terminal.close()
    shell.terminal = Terminal(shell.name, stage_of(home))
    shell.run("cd ~/web")
    assert shell.who() == "profile ssoenv"  # which signs in on its way
    key = shell.out("sdk").rpartition("|")[2].rstrip(">")
    assert shell.identity(key, "") == DEV
    key = shell.out("cd ~/ops; sdk").rpartition("|")[2].rstrip(">")
    assert shell.identity(key, "") == OPS
    assert shell.who() == "profile ssoenv"
    assert shell.get("AWS_ACCESS_KEY_ID") is None
    assert shell.pages() == 1
    assert holding(home.path, secrets(shell)) == []
