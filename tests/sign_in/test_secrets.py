"""No secret of a sign-in shows anywhere but in the files that are there for it."""

from __future__ import annotations

import io
import logging
import os
import stat
import traceback
from typing import TYPE_CHECKING, Any

import pytest

from ssoenv import sign_in
from ssoenv.aws_files import credential_cache, token_cache
from ssoenv.base import paths
from ssoenv.base.errors import SsoenvError
from ssoenv.identity_center import oidc
from ssoenv.identity_center.client import IdentityCenter
from ssoenv.sign_in import turn
from tests.sign_in.people import ACME, EXPLICIT, Actor, Recorder, same

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.sign_in.people import Person

DEV = "111111111111"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """All that ssoenv logs, however fine."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    logger = logging.getLogger("ssoenv")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield stream
    logger.removeHandler(handler)
    logger.setLevel(level)


def secrets_of(person: Person) -> set[str]:
    """Every secret that the sandbox ever handed out, in whole."""
    state = person.sandbox.state
    found = set(state.tokens) | set(state.refresh_tokens) | set(state.codes) | set(state.devices)
    found |= {client.secret for client in state.clients.values()}
    for keys in state.keys.values():
        found |= {keys.secret, keys.token}
    assert all(len(secret) > 20 for secret in found)
    return found


def shows(text: str, person: Person) -> list[str]:
    return [secret for secret in secrets_of(person) if secret in text]


def test_nothing_that_is_said_holds_a_secret(alice: Person, log: io.StringIO) -> None:
    reporter = Recorder()
    said: list[Any] = []
    token = alice.sign_in(reporter=reporter)
    alice.sign_in(force=True, method="device", reporter=reporter)
    center = IdentityCenter(ACME, alice.env)
    credentials = center.get_role_credentials(token, DEV, "Developer")
    registration = oidc.register(center, grant="device_code")
    waiting = oidc.start_device_authorization(center, registration)
    said += [token, credentials, registration, waiting, center, EXPLICIT]
    alice.hold(800)
    alice.sandbox.state.refresh_tokens.clear()
    said.append(alice.sign_in())

    text = repr(said) + str(said) + repr(reporter.events) + log.getvalue()
    assert "rejected" in log.getvalue()
    assert shows(text, alice) == []


@pytest.mark.parametrize(
    ("operation", "error"),
    [
        ("CreateToken", "InvalidGrantException"),
        ("CreateToken", "InvalidClientException"),
        ("CreateToken", "InternalServerException"),
        ("CreateToken", "InvalidRequestException"),
        ("CreateToken", "AccessDeniedException"),
        ("GetRoleCredentials", "UnauthorizedException"),
        ("GetRoleCredentials", "InvalidRequestException"),
        ("Logout", "InvalidRequestException"),
    ],
)
def test_no_failure_holds_a_secret(alice: Person, operation: str, error: str) -> None:
    token = alice.hold(3600)
    alice.sandbox.fail(operation, error, 3)
    alice.env["SSOENV_SIGN_IN_TIMEOUT"] = "2"  # a code that is not taken ends no wait
    center = IdentityCenter(ACME, alice.env)
    calls: dict[str, Callable[[], object]] = {
        "CreateToken": lambda: alice.sign_in(force=True),
        "GetRoleCredentials": lambda: center.get_role_credentials(token, DEV, "Developer"),
        "Logout": lambda: sign_in.sign_out(ACME, alice.env),
    }

    with pytest.raises(SsoenvError) as caught:
        calls[operation]()
    shown = "".join(traceback.format_exception(caught.value))
    shown += repr(caught.value) + str(caught.value) + str(caught.value.fix)
    assert shows(shown, alice) == []


def test_no_argument_or_screen_holds_a_secret(alice: Person) -> None:
    """What the process list shows of us and of the browser, and what we print."""
    alice.sandbox.set_approve("ask")
    actor = Actor(alice, "explicit")
    actor.hear("page")
    shown = ""
    for pid in os.listdir("/proc"):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as stream:
                shown += stream.read().decode(errors="replace")
        except (OSError, ValueError):
            continue
    actor.process.kill()
    shown += actor.end()[2]

    assert "/authorize?" in shown
    assert shows(shown, alice) == []


def test_modes(alice: Person) -> None:
    """Whatever the umask: files are the user's alone, and so are the folders."""
    before = os.umask(0)
    try:
        token = alice.sign_in()
        credentials = IdentityCenter(ACME, alice.env).get_role_credentials(token, DEV, "ReadOnly")
        credential_cache.save(alice.env, ACME, credentials)
        with pytest.raises(KeyboardInterrupt), turn.take(alice.env, ACME, Recorder()):
            raise KeyboardInterrupt
        alice.sandbox.set_approve("deny")
        with pytest.raises(SsoenvError):
            alice.sign_in(force=True)
    finally:
        os.umask(before)

    tops = [
        paths.token_cache(alice.env),
        paths.credential_cache(alice.env),
        f"{paths.state(alice.env)}/sign-in",
    ]
    epochs = {f"{paths.escape(one)}.epoch" for one in ("acme", ACME.start_url)}
    assert {*os.listdir(tops[2])} == {"acme.ended", "acme.lock", *epochs}
    for top in tops:
        assert stat.S_IMODE(os.stat(top).st_mode) == 0o700
        for name in os.listdir(top):
            assert stat.S_IMODE(os.stat(f"{top}/{name}").st_mode) == 0o600, name


def test_a_failed_write_leaves_the_old_token(
    alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = alice.hold(800)

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device", "x")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(OSError, match="No space"):
        alice.sign_in()
    assert token_cache.load_token(alice.env, ACME) == held
    folder = paths.token_cache(alice.env)
    assert [name for name in os.listdir(folder) if name.endswith(".tmp")] == []
    monkeypatch.undo()
    assert alice.sign_in() != held  # the turn was given back
    assert same(alice.sign_in(), token_cache.load_token(alice.env, ACME))


@pytest.mark.parametrize("folder", [".local/state", ".aws/sso"])
def test_a_home_that_cannot_be_written_is_found_out_before_anybody_is_asked(
    alice: Person, folder: str
) -> None:
    """A file where a folder must be stops root too, whom modes do not."""
    (alice.home.path / folder).write_text("in the way")
    reporter = Recorder()

    with pytest.raises(OSError, match=r"exists|directory"):
        alice.sign_in(reporter=reporter)
    assert "page" not in reporter.names
    assert alice.calls("Authorize") == 0
