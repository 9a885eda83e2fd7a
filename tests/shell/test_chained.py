"""A second role on top of the first: the shell has it as it has any other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.conftest import PROJECT, operations
from tests.shell.conftest import DEV, trust
from tests.shell.test_forks import faults

if TYPE_CHECKING:
    from tests.shell.conftest import Shell

DEPLOY = "arn:aws:iam::333333333333:role/Deploy"
SHIP = PROJECT.replace("[profiles.staging]", f'assume_role = "{DEPLOY}"\n\n[profiles.staging]', 1)


def test_armed_then_live_with_the_second_role_and_without_a_process(signed_in: Shell) -> None:
    """Beside a project with the first role alone; what is live there is never taken for it."""
    trust(signed_in.home, signed_in.home.project("ship", SHIP))
    signed_in.run("cd ~/ship")
    assert signed_in.get("AWS_ACCESS_KEY_ID") is None
    assert signed_in.get("AWS_PROFILE") == "ssoenv"

    assert signed_in.who() == "333333333333/Deploy"
    assert signed_in.get("SSOENV_LABEL") == "dev/Developer+Deploy"
    assert signed_in.pages() == 0
    assert faults(signed_in, "cd ~/web", "cd ~/ship") == 0
    signed_in.run("cd ~/web")
    assert signed_in.who() == DEV
    other = signed_in.another()
    other.run("cd ~/ship")
    assert other.get("AWS_ACCESS_KEY_ID")
    assert other.who() == "333333333333/Deploy"
    assert operations(signed_in.sandbox, "AssumeRole") == 1
    other.terminal.close()
