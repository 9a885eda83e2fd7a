"""What a permission set is to be, as it is named on a command line or in a file."""

from __future__ import annotations

import json
import os
import re
import sys
from typing import TYPE_CHECKING, Any

from ssoenv.admin import durations
from ssoenv.base import files, toml_checks
from ssoenv.base.errors import UsageError
from ssoenv.base.values import dataclass, replace

if TYPE_CHECKING:
    from collections.abc import Callable

KEYS = (
    "description",
    "duration",
    "relay_state",
    "policy",
    "own_policy",
    "inline",
    "inline_json",
    "boundary",
    "tag",
)
"""What a file may say: the options by their names."""
SIZE_LIMIT = 16 << 20
GRANT = "ssoenv:grant:"
"""How the tags begin in which grants with an end are written down."""
OTHERS = ("aws:", GRANT)
"""How tags begin that are not defined: AWS's own, and grants."""
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
    document = toml_checks.Document(content(path), path)
    found = in_table(document, document.root)
    document.finish()
    return found


def in_table(document: toml_checks.Document, table: dict[str, Any], *path: str) -> Definition:
    """Return what the table at `path` says a permission set is; what is wrong is noted there."""
    document.check_keys(table, KEYS, *path)
    said = {key: document.take(table, str, key, *path) for key in ("description", "duration")}
    policies, own = (document.texts(table, key, *path) for key in ("policy", "own_policy"))
    tags = document.take(table, dict, "tag", *path) or {}
    for key in tags:
        document.take(tags, str, key, *path, "tag")
    return Definition(
        **said,
        relay_state=document.take(table, str, "relay_state", *path),
        policies=policies or (),
        own_policies=own or (),
        inline=_inline(document, table, *path),
        boundary=document.take(table, str, "boundary", *path),
        tags=tuple(tags.items()),
        whole=True,
    )


def _inline(document: toml_checks.Document, table: dict[str, Any], *at: str) -> str | None:
    value, text = table.get("inline"), document.take(table, str, "inline_json", *at)
    if text is not None:
        if value is not None:
            document.problem("inline or inline_json, not both", *at, "inline_json")
        if not text:
            return ""
        return _noted(document, (*at, "inline_json"), lambda: policy_of(text, "inline_json"))
    if isinstance(value, dict):
        try:
            return json.dumps(value, default=str, allow_nan=False)
        except ValueError:  # as of a number of more than 4,300 digits
            document.problem("inline holds a number that no JSON has", *at, "inline")
            return None
    path: Any = document.take(table, str, "inline", *at)
    if not path:
        return None
    whole = os.path.join(os.path.dirname(document.path), path)
    return _noted(document, (*at, "inline"), lambda: policy_in(whole))


def _noted(
    document: toml_checks.Document, at: tuple[str, ...], read: Callable[[], str]
) -> str | None:
    """Return what `read` does; note what keeps it from that, as wrong at a place."""
    try:
        return read()
    except UsageError as error:
        document.problem(error.message, *at)
        return None


def policy_in(path: str) -> str:
    """Return the policy in a file, or of stdin for "-". Raises UsageError: it is no JSON object."""
    found = sys.stdin.buffer.read() if path == "-" else content(path)
    try:
        return policy_of(found.decode(), path)
    except UnicodeDecodeError as error:
        raise UsageError(f"the inline policy in {path} is no JSON: {error}") from None


def content(path: str) -> bytes:
    """Return the bytes of a file that people name. Raises UsageError: it cannot be read."""
    if "\0" in path:
        raise UsageError(f"{path!r} is the name of no file")
    try:
        found = files.read_required(path, limit=SIZE_LIMIT + 1)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}") from None
    if found is None:
        raise UsageError(f"there is no file {path}")
    if len(found) > SIZE_LIMIT:
        raise UsageError(f"{path} is larger than {SIZE_LIMIT >> 20} MiB")
    return found


def policy_of(text: str, where: str) -> str:
    """Return a policy that is the JSON object `text`. Raises UsageError: it is none."""
    try:
        found = json.loads(text, parse_constant=_no_number, object_pairs_hook=toml_checks.each_once)
    except (ValueError, RecursionError) as error:
        digits = "integer string conversion" in str(error)
        why = "it holds a number that is too long" if digits else error
        raise UsageError(f"the inline policy in {where} is no JSON: {why}") from None
    if not isinstance(found, dict):
        raise UsageError(f"the inline policy in {where} is no JSON object")
    return text


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is no number")


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
    for key in (*tags, *found.without_tags):
        if key.startswith(GRANT):
            advice = "an end is given by assign --for, and taken away by assign without"
            raise UsageError(f"the tag {key!r} is the end of an assignment", advice=advice)
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
