"""What a permission set is to be, as it is named on a command line or in a file."""

from __future__ import annotations

import json
import os
import re
import sys
from dataclasses import dataclass, replace
from typing import Any

from ssoenv.admin import durations
from ssoenv.base import toml_checks
from ssoenv.base.errors import UsageError

KEYS = (
    "description",
    "duration",
    "relay_state",
    "policy",
    "own_policy",
    "inline",
    "boundary",
    "tag",
)
"""What a file may say: the options by their names."""
_AWS_ARN = re.compile(r"arn:[\w-]+:iam::aws:policy/\S+")


@dataclass(frozen=True, slots=True)
class Definition:
    """What a permission set is to be. None: as it is; "" of `inline` and `boundary`: none.

    `policies` are ARNs or names of AWS's, `own_policies` those of the accounts, by path and name.
    What is not named stays, unless the definition is the `whole`.
    """

    description: str | None = None
    duration: str | None = None
    relay_state: str | None = None
    policies: tuple[str, ...] = ()
    own_policies: tuple[str, ...] = ()
    inline: str | None = None
    boundary: str | None = None
    tags: tuple[tuple[str, str], ...] = ()
    without_policies: tuple[str, ...] = ()
    without_own_policies: tuple[str, ...] = ()
    without_tags: tuple[str, ...] = ()
    whole: bool = False


def read(path: str) -> Definition:
    """Return what the TOML file at `path` says a permission set is, the whole of it.

    Its inline policy is a table, or the path of a JSON file beside it. Raises InvalidConfiguration.
    """
    with open(path, "rb") as stream:
        document = toml_checks.Document(stream.read(), path)
    root = document.root
    document.check_keys(root, KEYS)
    said = {key: document.take(root, str, key) for key in ("description", "duration")}
    policies, own = (_texts(document, key) for key in ("policy", "own_policy"))
    tags = document.take(root, dict, "tag") or {}
    for key in tags:
        document.take(tags, str, key, "tag")
    found = Definition(
        **said,
        relay_state=document.take(root, str, "relay_state"),
        policies=policies,
        own_policies=own,
        inline=_inline(document),
        boundary=document.take(root, str, "boundary"),
        tags=tuple(tags.items()),
        whole=True,
    )
    document.finish()
    return found


def _texts(document: toml_checks.Document, key: str) -> tuple[str, ...]:
    """Return the texts of a list, or the one that stands in the place of a list."""
    value = document.root.get(key)
    found = [value] if isinstance(value, str) else document.take(document.root, list, key) or []
    if not all(isinstance(one, str) and one for one in found):
        document.problem(f"{key} must be a list of names", key)
    return tuple(found)


def _inline(document: toml_checks.Document) -> str | None:
    value = document.root.get("inline")
    if isinstance(value, dict):
        return json.dumps(value, default=str)
    path: Any = document.take(document.root, str, "inline")
    return policy_in(os.path.join(os.path.dirname(document.path), path)) if path else None


def policy_in(path: str) -> str:
    """Return the policy in a file, or of stdin for "-". Raises UsageError: it is no JSON object."""
    if path == "-":
        content = sys.stdin.buffer.read()
    else:
        with open(path, "rb") as stream:
            content = stream.read()
    try:
        text = content.decode()
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"the inline policy in {path} is no JSON: {error}") from None
    if not isinstance(found, dict):
        raise UsageError(f"the inline policy in {path} is no JSON object")
    return text


def checked(wanted: Definition, partition: str) -> Definition:
    """Return it with whole names of everything. Raises UsageError for what cannot be meant."""

    def arns(policies: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(_policy(one, partition) for one in policies))

    def paths(policies: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(f"/{one.lstrip('/')}" for one in policies))

    boundary = wanted.boundary
    if boundary and not boundary.startswith("arn:"):
        boundary = f"/{boundary.lstrip('/')}"
    found = replace(
        wanted,
        duration=durations.iso(wanted.duration) if wanted.duration else wanted.duration,
        policies=arns(wanted.policies),
        own_policies=paths(wanted.own_policies),
        without_policies=arns(wanted.without_policies),
        without_own_policies=paths(wanted.without_own_policies),
        boundary=boundary,
    )
    tags = tuple(key for key, _ in found.tags)
    for given, without in (
        (found.policies, found.without_policies),
        (found.own_policies, found.without_own_policies),
        (tags, found.without_tags),
    ):
        if both := sorted({*given} & {*without}):
            raise UsageError(f"{both[0]}: either with it or without it")
    return found


def _policy(words: str, partition: str) -> str:
    """Return the ARN of a policy that AWS manages, by that or by its name."""
    arn = words if words.startswith("arn:") else f"arn:{partition}:iam::aws:policy/{words}"
    if not _AWS_ARN.fullmatch(arn):
        advice = "a policy of the accounts goes by its name: --own-policy NAME"
        raise UsageError(f"{words!r} is no policy that AWS manages", advice=advice)
    return arn
