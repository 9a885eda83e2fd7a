"""``ssoenv export`` beside ``aws configure export-credentials``: the same keys, read alike."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

from tests.sign_in.people import AWS

if TYPE_CHECKING:
    from tests.sign_in.people import Person

ROLE = "111111111111/Developer"
KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
FORMS = ("env", "process")
"""Those that both have under one name, but for PowerShell's: its reader is not here."""


def test_the_aws_cli_prints_the_same_keys_in_the_same_forms(alice: Person) -> None:
    alice.hold(3600)
    given = json.loads(alice.home.ssoenv("export", ROLE, "--format", "json").stdout)
    forms = " ".join(FORMS)
    loop = (
        f"for form in {forms}; do {AWS} configure export-credentials --format $form; echo --; done"
    )
    told = subprocess.run(
        ["sh", "-c", loop],
        env=alice.env | {name: given[name] for name in KEYS},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("--\n")
    for form, theirs in zip(FORMS, told, strict=False):
        done = alice.home.ssoenv("export", ROLE, "--format", form)
        assert done.returncode == 0, done.stderr
        assert keys(form, done.stdout) == keys(form, theirs) == [given[name] for name in KEYS], form


def keys(form: str, text: str) -> list[str]:
    """The three keys that the reader of `form` finds in `text`."""
    if form == "process":
        found = json.loads(text)
        assert found["Version"] == 1
        return [found[name] for name in ("AccessKeyId", "SecretAccessKey", "SessionToken")]
    show = "\n".join(f'echo "${name}"' for name in KEYS)
    lines = subprocess.run(
        ["sh", "-c", f"{text}\n{show}"], capture_output=True, text=True, check=True
    )
    return lines.stdout.splitlines()
