"""Commands, and readers of what they write, through which an attack is taken."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shlex
import subprocess
from typing import TYPE_CHECKING

import botocore.configloader
import dotenv

from ssoenv.base import paths
from tests.attacks import oracle
from tests.attacks.model import DEV
from tests.unit.test_exports import read_powershell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ssoenv.base.models import Assignment
    from tests.attacks.ground import Ground
    from tests.attacks.model import Attack

    Consumer = Callable[[Ground, Attack, Path, bool], None]
    """Takes an attack in a directory, which is trusted or not."""

RUNS: dict[str, tuple[str, ...]] = {
    "status": ("status",),
    "status for scripts": ("status", "--json"),
    "status alone": ("status", "--check"),
    "check": ("check",),
    "agents": ("agents",),
    "prompt": ("prompt",),
    "fields of a prompt": ("prompt", "--format", "{label} {region} {state} {left}{mark}"),
    "process": ("credential-process",),
    "exec": ("exec", "--", "printenv", "AWS_ACCESS_KEY_ID"),
    "whoami": ("whoami",),
    "another profile": ("use", "dev", "--save"),
    "roles": ("roles",),
    "roles of the last list": ("roles", "--cached", "$(touch CANARY)", "OWNED"),
    "dry run": ("configure", "--dry-run"),
    "setup": ("setup", "--print"),
}
"""Commands that only have to do no harm."""


def _plain(words: tuple[str, ...]) -> Consumer:
    def run(ground: Ground, attack: Attack, directory: Path, trusted: bool) -> None:
        ground.run(attack, directory, *words, trusted=trusted)

    return run


def check_named(ground: Ground, attack: Attack, directory: Path, trusted: bool) -> None:
    """Check the file by its name, and the directory, as an editor or a hook of git does."""
    ground.run(attack, ground.home.path, "check", str(directory), f"{directory}/.ssoenv.toml")


def by_name(ground: Ground, attack: Attack, directory: Path, trusted: bool) -> None:
    """Ask for a profile of the file by its name: what somebody trusts, they have seen."""
    allowed = {DEV, attack.gives} if trusted and attack.gives else set()
    words = ("exec", "--profile", "dev", "--", "printenv", "AWS_ACCESS_KEY_ID")
    done = ground.home.ssoenv(*words, cwd=directory)
    faults = list(oracle.of_run(done, 0, reports=False))
    found = oracle.roles_in(done.stdout, ground.sandbox.state.keys) - allowed
    ground.note(attack, "exec --profile", [*faults, *(f"credentials of {one}" for one in found)])


def by_key(ground: Ground, attack: Attack, directory: Path, trusted: bool) -> None:
    """Ask for another role by its key: where a file is, and does not give it, there is none."""
    key = "222222222222/Developer"
    done = ground.home.ssoenv("credential-process", f"acme/{key}", cwd=directory)
    faults = list(oracle.of_run(done, 0, reports=False))
    above = (directory, *directory.parents)
    if any((one / ".ssoenv.toml").is_file() for one in above):
        faults += ground.given(done.stdout, "")
    ground.note(attack, "credential-process KEY", faults)


def show(ground: Ground, attack: Attack, directory: Path, trusted: bool) -> None:
    """Have ``trust --show`` say what a file would do, and trust nothing."""
    before = os.path.exists(_copy(ground, directory))
    done = ground.home.ssoenv("trust", "--show", cwd=directory)
    ground.note(attack, "trust --show", list(oracle.of_run(done, 0, reports=False)))
    ground.note(attack, "trust --show", list(ground.given(done.stdout + done.stderr, "")))
    told = "".join(done.stderr.split())
    for one in attack.says if done.returncode == 0 and not before else ():
        if "".join(one.split()) not in told:
            ground.note(attack, "trust --show", [f"it does not say {one!r}: {done.stderr!r}"])
    for one in attack.hides:
        if "".join(one.split()) in told:
            ground.note(attack, "trust --show", [f"it says {one!r}: {done.stderr!r}"])
    if os.path.exists(_copy(ground, directory)) != before:
        ground.note(attack, "trust --show", ["it trusts"])


def _copy(ground: Ground, directory: Path) -> str:
    return paths.trust_folder(ground.home.env, str(directory)) + "/@toml"


def bind(ground: Ground, attack: Attack, directory: Path, trusted: bool) -> None:
    """Have ``bind`` edit the file: never one that nobody has trusted."""
    path = directory / ".ssoenv.toml"
    plain = path.is_file() and not path.is_symlink() and path.stat().st_size < 1 << 20
    before = path.read_bytes() if plain else None
    ground.run(attack, directory, "bind", "-a", "staging", "-r", "ReadOnly", "-n", "more")
    if before is None:
        return
    if path.read_bytes() != before:
        if not trusted:
            ground.note(attack, "bind", ["it changes what nobody has trusted"])
        path.write_bytes(before)


def _read_env(text: str) -> dict[str, str]:
    return _by_shell(["bash", "--norc", "-c", 'eval "$(cat)"; env -0'], text)


def _read_zsh(text: str) -> dict[str, str]:
    return _by_shell(["zsh", "-f", "-c", 'eval "$(cat)"; env -0'], text)


def _read_fish(text: str) -> dict[str, str]:
    return _by_shell(["fish", "--no-config", "-c", "source; env -0"], text)


def _by_shell(command: list[str], text: str) -> dict[str, str]:
    done = subprocess.run(
        command,
        input=text.encode(),
        env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")},
        capture_output=True,
        check=True,
        timeout=30,
    )
    assert not done.stderr, done.stderr
    rows = (row.partition("=") for row in done.stdout.decode().split("\0"))
    return {name: value for name, _, value in rows}


def _read_dotenv(text: str) -> dict[str, str]:
    found = dotenv.dotenv_values(stream=io.StringIO(text), interpolate=False)
    return {name: value or "" for name, value in found.items()}


def _read_powershell(text: str) -> dict[str, str]:
    rows = (row.partition("=") for row in text.splitlines())
    return {
        name.removeprefix("$Env:"): read_powershell(value)
        for name, _, value in rows
        if value != "$null"
    }


def _read_process(text: str) -> dict[str, str]:
    found = json.loads(text)
    names = {
        "AWS_ACCESS_KEY_ID": "AccessKeyId",
        "AWS_SECRET_ACCESS_KEY": "SecretAccessKey",
        "AWS_SESSION_TOKEN": "SessionToken",
    }
    return {name: found[key] for name, key in names.items()}


READERS: dict[str, tuple[str, Callable[[str], dict[str, str]]]] = {
    "export to bash": ("env", _read_env),
    "export to zsh": ("env", _read_zsh),
    "export to fish": ("fish", _read_fish),
    "export to dotenv": ("dotenv", _read_dotenv),
    "export to PowerShell": ("powershell", _read_powershell),
    "export to JSON": ("json", json.loads),
    "export to an SDK": ("process", _read_process),
}


def _export(form: str, read: Callable[[str], dict[str, str]]) -> Consumer:
    def run(ground: Ground, attack: Attack, directory: Path, trusted: bool) -> None:
        text = ground.run(attack, directory, "export", "--format", form, trusted=trusted)
        if not text:
            if trusted and attack.gives:
                ground.note(attack, f"export {form}", ["nothing is given"])
            return
        found = read(text)
        keys = ground.sandbox.state.keys.get(found["AWS_ACCESS_KEY_ID"])
        whole = (found["AWS_SECRET_ACCESS_KEY"], found["AWS_SESSION_TOKEN"])
        if keys is None or whole != (keys.secret, keys.token):
            ground.note(attack, f"export {form}", [f"read back as {found!r}"])

    return run


def source(ground: Ground, attack: Attack, directory: Path, trusted: bool) -> None:
    """Run the managed profile's command as SDKs do: by ``sh -c``, where the program is."""
    profiles = botocore.configloader.load_config(str(ground.config))["profiles"]
    command = profiles["ssoenv"]["credential_process"]
    done = _sh(command, ground, directory)
    faults = list(oracle.of_run(done, 0, reports=False))
    faults += ground.given(done.stdout + done.stderr, attack.gives if trusted else "")
    if trusted and attack.gives and done.returncode:
        faults.append(f"nothing is given: {done.stderr!r}")
    ground.note(attack, "the credential source", faults)


def _sh(command: str, ground: Ground, directory: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "-c", command],
        env=ground.home.env | {"PWD": str(directory), "AWS_PROFILE": "ssoenv"},
        cwd=directory,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        start_new_session=True,
    )


def sheet(ground: Ground, attack: Attack, directory: Path, trusted: bool) -> None:
    """Read the list as a spreadsheet does."""
    text = ground.run(attack, directory, "roles", "--session", "acme", "--csv")
    rows = list(csv.reader(io.StringIO(text)))
    ground.note(attack, "roles --csv", list(oracle.of_csv(rows)))
    if not rows or {len(row) for row in rows} != {len(rows[0])}:
        ground.note(attack, "roles --csv", [f"rows of other lengths: {rows!r}"])


def document(ground: Ground, attack: Attack, directory: Path, trusted: bool) -> None:
    """Read the list as a script does: every name is there, as the service has it."""
    text = ground.run(attack, directory, "roles", "--session", "acme", "--json")
    found = json.loads(text)["assignments"] if text else []
    names = {row["account_id"]: row["account_name"] for row in found}
    for one in ground.sandbox.state.world.accounts:
        sent = one.name.encode("utf-8", "replace").decode()  # a list has no half of a character
        if names.get(one.id, sent) != sent:
            ground.note(attack, "roles --json", [f"{one.name!r} is {names[one.id]!r}"])


def profiles(ground: Ground, attack: Attack, directory: Path, trusted: bool) -> None:
    """Write a profile for every role, read them as botocore does, and run what they say."""
    before = ground.config.read_bytes()
    words = ("configure", "--session", "acme", "--yes")
    ground.run(attack, directory, *words)
    text = ground.config.read_text()
    faults = list(oracle.of_text(text))
    read = botocore.configloader.load_config(str(ground.config))
    known = {f"{one.account.id}/{one.role}" for one in _held(ground)}
    tried = 0
    for name, section in read["profiles"].items():
        command = section.get("credential_process", "")
        if " " not in command or name == "ssoenv":
            continue
        *_, key = shlex.split(command)
        account, role = re.findall("[^/]+", key)[1:3]
        if set(key) & set("$`;|&<>()'\"\\ #*?~"):
            faults.append(f"{name!r} has the key {key!r}")
        if account.startswith("1") and tried < 3:
            tried += 1
            done = _sh(command, ground, directory)
            faults += oracle.of_run(done, 0, reports=False)
            if not oracle.roles_in(done.stdout, ground.sandbox.state.keys) <= known:
                faults.append(f"{name!r} gives {done.stdout!r}, {role}")
    ground.note(attack, "configure", faults)
    ground.run(attack, directory, "configure", "--remove", "--yes")
    if ground.config.read_bytes() != before:
        ground.note(attack, "configure", ["what was written is not gone"])
        ground.config.write_bytes(before)


def _held(ground: Ground) -> Iterator[Assignment]:
    from ssoenv.identity_center import kept_listings

    kept = kept_listings.load(ground.home.env, "acme")
    yield from kept.assignments if kept else ()


def words_to_complete(ground: Ground, attack: Attack, directory: Path, trusted: bool) -> None:
    """Read what completions offer: words that no shell takes for code."""
    for path in (ground.home.path / ".local/state/ssoenv/assignments").iterdir():
        if path.suffix in (".accounts", ".targets"):
            ground.note(attack, f"completions, {path.name}", list(oracle.of_text(path.read_text())))


CONSUMERS: dict[str, Consumer] = {
    **{name: _plain(words) for name, words in RUNS.items()},
    "check by name": check_named,
    "a profile by its name": by_name,
    "a role by its key": by_key,
    "trust --show": show,
    "bind": bind,
    **{name: _export(*pair) for name, pair in READERS.items()},
    "the credential source": source,
    "roles --csv": sheet,
    "roles --json": document,
    "configure": profiles,
    "words to complete": words_to_complete,
}
