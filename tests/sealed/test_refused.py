"""Where no keyring can keep a secret, nothing is kept, and nobody waits for one that is silent."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

import pytest

from ssoenv.base import keyrings, paths
from ssoenv.base.extras import how_to_add
from tests.keyrings import choose
from tests.sealed.test_sealed import plain

if TYPE_CHECKING:
    from tests.conftest import Home
    from tests.keyrings import Keyring
    from tests.sign_in.people import Person

BACKENDS = {
    "none": "keyring.backends.fail.Keyring",
    "one that keeps nothing": "keyring.backends.null.Keyring",
    "one that keeps plain text": "plain_text.Keyring",
    "one that says it is good": "plain_text.PlaintextKeyring",
}
PLAIN_TEXT = """
from keyring.backend import KeyringBackend
class Keyring(KeyringBackend):
    priority = 0.5
    def get_password(self, service, username): return open(f"{__file__}.kept").read()
    def set_password(self, service, username, password): open(f"{__file__}.kept", "w").write(password)
    def delete_password(self, service, username): pass
class PlaintextKeyring(Keyring):
    priority = 9
"""


@pytest.mark.parametrize("backend", BACKENDS)
def test_without_a_keyring_that_keeps_secrets_it_refuses(alice: Person, backend: str) -> None:
    """Before anybody is asked to sign in, with the one error that says what mends it."""
    folder = alice.home.path / ".config/python_keyring"
    folder.mkdir(parents=True)
    code = folder / "code"
    code.mkdir()
    (code / "plain_text.py").write_text(PLAIN_TEXT)
    (folder / "keyringrc.cfg").write_text(
        f"[backend]\ndefault-keyring={BACKENDS[backend]}\nkeyring-path={code}\n"
    )
    for words in ("login", "acme"), ("export",):
        done = alice.home.ssoenv(*words, cwd=alice.home.path / "web")
        assert (done.returncode, done.stdout) == (5, ""), done.stderr
        assert "takes a keyring that keeps secrets, and there is none here" in done.stderr
        assert BACKENDS[backend] in done.stderr
        assert 'storage = "files"' in done.stderr
    doctor = alice.home.ssoenv("doctor", "--offline", "--shell", "bash")
    assert "WRONG  storage" in doctor.stdout
    assert alice.calls("Authorize") == 0
    assert plain(alice) == []
    assert not (code / "plain_text.py.kept").exists()
    assert not os.path.exists(paths.token_cache(alice.env))


def test_without_the_library_it_says_what_to_install(home: Home) -> None:
    """The program in a Python that has all that ssoenv needs, and neither of the two."""
    choose(home)
    code = (
        "import sys; sys.modules['keyring'] = None\n"
        "from ssoenv.base import keyrings\n"
        "from ssoenv.cli import failures\n"
        "try:\n    keyrings.key('x')\n"
        "except BaseException as failure:\n    sys.exit(failures.explain(failure))"
    )
    done = home.start(sys.executable, "-c", code, PYTHONPATH=os.path.dirname(os.path.dirname(os.path.dirname(paths.__file__))))  # fmt: skip
    _, complaint = done.communicate()

    assert done.returncode == 5
    assert "takes the keyring library, which is not installed" in complaint
    assert how_to_add("keyring") in complaint


@pytest.mark.parametrize("signed_in", [True, False])
def test_status_says_what_to_install(alice: Person, signed_in: bool) -> None:
    """The program in a Python without the library that seals; a problem, whatever is there."""
    if signed_in:
        assert alice.home.ssoenv("login", "acme").returncode == 0
    web = alice.home.path / "web"
    code = (
        "import os, sys; sys.modules['cryptography'] = None\n"
        "from ssoenv import __main__\n"
        "os.chdir(os.environ['PWD'])\n"
        "sys.exit(__main__.run(['status', '--json']))"
    )
    done = alice.home.start(sys.executable, "-c", code, PWD=str(web), SSOENV_HOOK="1")
    answer, complaint = done.communicate()

    told = json.loads(answer)
    assert "takes the cryptography library, which is not installed" in told["problem"], complaint
    assert told["next"] == [how_to_add("keyring")]


def test_a_keyring_that_never_answers_is_not_waited_for(alice: Person, keyring: Keyring) -> None:
    """Each process waits once, though it asks more than once, and gives up by itself."""
    keyring.stop()
    try:
        done = alice.home.ssoenv("export", cwd=alice.home.path / "web")
    finally:
        keyring.go_on()

    assert (done.returncode, done.stdout) == (7, "")
    assert f"the keyring did not answer within {keyrings.PATIENCE:.0f} s" in done.stderr
    assert alice.calls("Authorize") == 0
