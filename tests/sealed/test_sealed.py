"""Everything secret is sealed: by a real keyring, seen from outside of every command."""

from __future__ import annotations

import contextlib
import json
import os
from typing import TYPE_CHECKING

import pytest

from ssoenv.base import keyrings, paths, sealing
from ssoenv.base.errors import SsoenvError
from ssoenv.doctor import storage as doctor_of_storage
from tests.keyrings import choose, holding
from tests.sign_in.conftest import PROFILE
from tests.sign_in.people import Actor
from tests.sign_in.test_secrets import secrets_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.keyrings import Keyring
    from tests.sign_in.people import Person

KEY = "acme/111111111111/Developer"
USES = {
    "export": ("export",),
    "export of any role": ("export", "222222222222/ReadOnly", "--format", "json"),
    "credential-process": ("credential-process",),
    "credential-process of a role": ("credential-process", KEY, "--named"),
    "ensure": ("ensure", "{web}", "dev", "1.1", "aws", "s3"),
    "exec": ("exec", "--", "true"),
    "console": ("console", "--print"),
    "roles": ("roles", "--refresh"),
    "status": ("status", "--probe"),
}
"""What uses credentials, or shows what there is of them."""


def run(alice: Person, *words: str, **more: str) -> str:
    """Run the program in ~/web; it must end well."""
    web = alice.home.path / "web"
    done = alice.home.ssoenv(*(word.format(web=web) for word in words), cwd=web, **more)
    assert done.returncode == 0, (words, done.stderr)
    return done.stdout


def doctor(alice: Person) -> str:
    """Return what the doctor tells of where things are kept, as far as no keyring is asked."""
    found: list[str] = []
    with pytest.MonkeyPatch.context() as patched, contextlib.suppress(SsoenvError):
        patched.setattr(keyrings, "memory", keyrings.Memory())
        found.extend(one.what for one in doctor_of_storage.kept(alice.env))
    return "; ".join(found)


def plain(alice: Person) -> list[str]:
    """Return each file of the home that holds a secret that the service ever gave."""
    return holding(alice.home.path, secrets_of(alice))


def sealed(alice: Person) -> list[str]:
    """Return what kinds of documents are sealed, one word for each."""
    found = alice.home.path.glob(".local/state/ssoenv/sealed/*/*.sealed")
    return sorted(path.parent.name for path in found)


def test_no_file_holds_a_secret_whatever_is_run(alice: Person, keyring: Keyring) -> None:
    run(alice, "login", "acme")
    for words in USES.values():
        run(alice, *words)
    run(alice, "export", CLAUDECODE="1")  # an agent's, which are kept apart

    state = alice.sandbox.state
    assert state.tokens
    assert state.refresh_tokens
    assert len(state.keys) >= 3
    assert plain(alice) == []
    assert sealed(alice) == ["agents", "roles", "roles", "tokens", "tokens"]
    assert alice.calls("Authorize") == 1
    assert alice.calls("GetRoleCredentials") == 3
    assert list(keyring.items()) == [paths.state(alice.env)]
    assert not os.path.exists(paths.token_cache(alice.env))
    assert not os.path.exists(paths.credential_cache(alice.env))
    modes = {path.stat().st_mode & 0o777 for path in alice.home.path.rglob("*.sealed")}
    assert modes == {0o600}
    told = alice.home.ssoenv("doctor", "--offline", "--shell", "bash").stdout
    assert "are sealed, by a key in keyring.backends.SecretService" in told

    run(alice, "logout", "acme")
    # The registration of the client signs nobody in, and is used again, as in files.
    assert sealed(alice) == ["tokens"]
    assert alice.calls("Logout") == 1
    failed = alice.home.ssoenv("export", cwd=alice.home.path / "web")
    assert failed.returncode == 3, failed.stderr


def test_a_program_has_its_role_by_the_managed_profile(alice: Person) -> None:
    """With boto3 and the AWS CLI, which share no token any more; and the token is renewed."""
    alice.sandbox.state.token_ttl = 800  # renewed when it is next used
    run(alice, "login", "acme")
    with (alice.home.path / ".aws/config").open("a") as config:
        config.write(PROFILE)
    alice.env.update(PWD=str(alice.home.path / "web"), AWS_PROFILE="ssoenv")
    code = "os.chdir(os.environ['PWD']); answer = boto3.client('sts', region_name='us-east-1').get_caller_identity()"

    assert alice.boto3(code)["Account"] == "111111111111"
    token = alice.aws("sts", "get-caller-identity", "--region", "us-east-1", "--profile", "dev")
    assert token.returncode != 0
    assert "Token" in token.stderr
    assert alice.calls("Authorize") == 1
    assert alice.calls("CreateToken") == 2
    assert plain(alice) == []


def test_signing_out_of_everything_leaves_nothing(alice: Person, keyring: Keyring) -> None:
    run(alice, "login", "acme")
    run(alice, "export")
    run(alice, "logout", "--all")

    assert alice.calls("Logout") == 1
    assert keyring.items() == {}
    assert not os.path.exists(paths.sealed_folder(alice.env))
    assert plain(alice) == []


def test_a_locked_keyring_is_told_and_signing_out_all_the_same_removes(
    alice: Person, keyring: Keyring
) -> None:
    run(alice, "login", "acme")
    run(alice, "export")
    keyring.lock()
    web = alice.home.path / "web"
    for words in ("export",), ("status", "--check"), ("credential-process",):
        done = alice.home.ssoenv(*words, cwd=web)
        assert (done.returncode, done.stdout) == (7, ""), words
        assert "--check" in words or "the keyring" in done.stderr
    status = alice.home.ssoenv("status", cwd=web)
    assert status.returncode == 0
    assert "the keyring is locked" in status.stdout
    done = alice.home.ssoenv("logout", "--all")

    assert done.returncode == 7
    assert "tokens and credentials are removed; but a service was not told" in done.stderr
    assert sealed(alice) == []
    # That it has a key is told until that is gone, too.
    assert os.path.isdir(paths.sealed_folder(alice.env))


def test_what_lies_in_the_other_place_is_told_and_removed(alice: Person, keyring: Keyring) -> None:
    """Either way: the doctor tells it, a sign-in and a sign-out remove it, and nothing acts."""
    web = alice.home.path / "web"
    choose(alice.home, "")
    run(alice, "login", "acme")
    run(alice, "export")
    assert len(plain(alice)) >= 5
    choose(alice.home)
    refused = alice.home.ssoenv("export", cwd=web)
    assert refused.returncode == 3, refused.stderr
    assert "hold secrets, of before" in doctor(alice)
    assert "hold keys, for shells of before" not in doctor(alice)
    run(alice, "login", "acme")
    assert plain(alice) == []

    choose(alice.home, 'storage = "files"\n')
    assert "a key in the keyring are of before" in doctor(alice)
    assert alice.home.ssoenv("export", cwd=web).returncode == 3
    run(alice, "login", "acme")
    assert sealed(alice) == []
    assert len(keyring.items()) == 1
    run(alice, "logout", "--all")
    assert keyring.items() == {}
    assert doctor(alice) == ""


def test_many_processes_open_one_page_and_make_one_key(alice: Person, keyring: Keyring) -> None:
    ends = [actor.end() for actor in [Actor(alice) for _ in range(6)]]

    assert [code for code, _, _ in ends] == [0] * 6, ends
    assert len({token for _, token, _ in ends}) == 1
    assert alice.calls("Authorize") == 1
    assert len(keyring.items()) == 1
    run(alice, "export")
    assert alice.calls("Authorize") == 1


CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "half": lambda whole: whole[: len(whole) // 2],
    "cut": lambda whole: whole[:-1],
    "another bit": lambda whole: whole[:-1] + bytes([whole[-1] ^ 1]),
    "another word about it": lambda whole: whole.replace(b"acme", b"acmf"),
    "no document": lambda whole: whole.partition(b"\n")[0] + b"\n",
    "another form": lambda whole: b"{}\n" + whole,
}


def test_a_sealed_file_that_is_another_opens_for_nobody(alice: Person, keyring: Keyring) -> None:
    """Cut, changed, of another name, or of a key that is gone: then there is nothing."""
    from keyring.backends import SecretService

    state = paths.state(alice.env)
    path, other = (f"{state}/sealed/roles/{name * 40}.sealed" for name in "ab")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("DBUS_SESSION_BUS_ADDRESS", keyring.address)
        # Named, for keyring itself looks for one but once in a process.
        patched.setattr(keyrings, "memory", keyrings.Memory())
        keyrings.memory.backend = SecretService.Keyring()  # type: ignore[no-untyped-call]
        sealing.save(path, {"secret": "s"}, {"Session": "acme"})
        assert sealing.load(path) == {"secret": "s"}
        with open(path, "rb") as stream:
            whole = stream.read()
        for name, change in CHANGES.items():
            with open(path, "wb") as stream:
                stream.write(change(whole))
            assert sealing.load(path) == {}, name
        with open(other, "wb") as stream:
            stream.write(whole)
        assert sealing.load(other) == {}
        with open(path, "wb") as stream:
            stream.write(whole)
        assert sealing.load(path) == {"secret": "s"}
        keyrings.forget(state)
        assert sealing.load(path) == {}
        sealing.save(other, {"secret": "t"}, {})
        assert (sealing.load(path), sealing.load(other)) == ({}, {"secret": "t"})
        # Another process made a key since: what is known by now is no reason to seal by it.
        keyrings.memory.keys[state] = bytes(32)
        sealing.save(other, {"secret": "u"}, {})
        keyrings.memory.keys.clear()
        assert sealing.load(other) == {"secret": "u"}
    assert json.loads(whole.partition(b"\n")[0])["about"] == {"Session": "acme"}


@pytest.mark.parametrize("note", ["gone", "[]"])
def test_what_is_sealed_is_of_one_identity_center_whatever_is_noted(
    alice: Person, note: str
) -> None:
    web, config = alice.home.path / "web", alice.home.path / ".aws/config"
    run(alice, "login", "acme")
    run(alice, "export")
    noted = alice.home.path / ".local/state/ssoenv/instances.json"
    noted.unlink() if note == "gone" else noted.write_text(note)
    config.write_text(config.read_text().replace("d-0000000000", "d-2222222222"))

    for words in ("export", "credential-process"):
        given = alice.home.ssoenv(words, cwd=web)
        assert (given.returncode != 0, given.stdout) == (True, ""), given
