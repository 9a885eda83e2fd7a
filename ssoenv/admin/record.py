"""What earlier applies of a declaration own: a file beside it, to be kept with it.

It names whatever the declaration has named since, so that what is not named any more can be told
from what is somebody else's. What is declared is written there before anything is changed, and
nothing leaves it before it is known to be gone: whatever stops an apply, or keeps something from
going, leaves nothing that nobody owns. Both are changes of what stands there just then, for
another apply may have written meanwhile. JSON, a line for each thing, without ids of the service
that would be others in a new Identity Center: accounts by id, everything else by name.
"""

from __future__ import annotations

import contextlib
import json
import os
from functools import partial
from typing import TYPE_CHECKING, Any

from ssoenv.admin.values import GROUP, USER
from ssoenv.base import arns, files, paths
from ssoenv.base.errors import InvalidConfiguration
from ssoenv.base.values import dataclass, fields
from ssoenv.identity_center.assignments import is_account_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ssoenv.admin.making import Making
    from ssoenv.admin.plan import Plan

FORMAT = 1
SIZE_LIMIT = 64 << 20
Held = tuple[str, str, str, str]
"""An assignment: the id of the account, the permission set, "USER" or "GROUP", and their name."""


Entitled = tuple[str, str, str]
"""An entitlement: the ARN of the role, "USER" or "GROUP", and their name."""


@dataclass(frozen=True, slots=True)
class Record:
    """Groups and permission sets, by name, assignments and entitlements that are owned."""

    groups: frozenset[str] = frozenset()
    permission_sets: frozenset[str] = frozenset()
    assignments: frozenset[Held] = frozenset()
    entitlements: frozenset[Entitled] = frozenset()

    def __or__(self, other: Record) -> Record:
        """Return what either owns."""
        return self._each(other, frozenset.union)

    def __len__(self) -> int:
        """Return how many things are owned."""
        return sum(len(getattr(self, one.name)) for one in fields(self))

    def __sub__(self, other: Record) -> Record:
        """Return what is owned without what the other does."""
        return self._each(other, frozenset.difference)

    def _each(self, other: Record, join: Callable[..., frozenset[Any]]) -> Record:
        names = [one.name for one in fields(self)]
        return Record(*(join(getattr(self, one), getattr(other, one)) for one in names))


def beside(path: str) -> str:
    """Return where the record of the declaration at `path` stands: beside it."""
    return f"{path}.applied.json"


def read(path: str, instance: str) -> Record:
    """Return the record at `path`, empty where there is none.

    Raises InvalidConfiguration for what is none, and for that of another Identity Center than that
    of the ARN `instance`.
    """
    content = files.read_required(path, limit=SIZE_LIMIT)
    if content is None:
        return Record()
    try:
        found = json.loads(content)
        if found["format"] != FORMAT:
            raise _wrong(path, f"it is of format {found['format']!r}, and this ssoenv knows 1")
        if found["instance"] != instance:
            raise _wrong(path, f"it is of another Identity Center, {found['instance']}")
        return Record(
            frozenset(map(_text, found["groups"])),
            frozenset(map(_text, found["permission_sets"])),
            frozenset(map(_held, found["assignments"])),
            frozenset(map(_entitled, found["entitlements"])),
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        raise _wrong(path, "it is damaged") from None


@dataclass(frozen=True, slots=True)
class Kept:
    """The record at `path`, of the Identity Center of the ARN `instance`; `before` is what it says.

    Both ways to write it raise what `read` does.
    """

    path: str
    instance: str
    env: Mapping[str, str]
    before: Record

    @classmethod
    def at(cls, path: str, instance: str, env: Mapping[str, str]) -> Kept:
        """Read it; a link stays one, and what it leads to is written. Raises what `read` does."""
        path = os.path.realpath(path) if os.path.islink(path) else path
        return cls(path, instance, env, read(path, instance))

    @contextlib.contextmanager
    def during(self, plan: Plan, making: Making) -> Iterator[None]:
        """Have it say what `plan` owns while that is made, and then what is left of that."""
        self._update(partial(plan.begun, self.before))
        try:
            yield
        finally:
            self._update(partial(plan.ended, making.outcomes, self.before))

    def _update(self, change: Callable[[Record], Record]) -> None:
        """Write what `change` makes of it, as it is just now."""
        with files.Lock(f"{paths.state(self.env)}/locks/record-{paths.escape(self.path)[-150:]}"):
            _write(self.path, self.instance, change(read(self.path, self.instance)))


def _write(path: str, instance: str, record: Record) -> None:
    """Write the record of a declaration, whole or not at all, where it differs."""
    rows: dict[str, Any] = {"format": FORMAT, "instance": instance}
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in rows.items()]
    lines += [_listed(one.name, sorted(getattr(record, one.name))) for one in fields(record)]
    content = ("{\n" + ",\n".join(f"  {one}" for one in lines) + "\n}\n").encode()
    if files.read_required(path, limit=SIZE_LIMIT) != content:
        files.write_private(path, content, mode=0o644)
        files.settle(os.path.dirname(path))


def _listed(key: str, rows: list[Any]) -> str:
    if not rows:
        return f"{json.dumps(key)}: []"
    inner = ",\n".join(f"    {json.dumps(row)}" for row in rows)
    return f"{json.dumps(key)}: [\n{inner}\n  ]"


def _text(value: object) -> str:
    """Return a name. Raises TypeError or ValueError for what no name can be."""
    if not isinstance(value, str):
        raise TypeError
    if not value.strip():
        raise ValueError
    value.encode()  # JSON can hold the half of a surrogate pair
    return value


def _held(value: object) -> Held:
    account, name, kind, holder = _texts(value, 4)
    if not is_account_id(account) or kind not in (USER, GROUP):
        raise ValueError
    return account, name, kind, holder


def _entitled(value: object) -> Entitled:
    role, kind, holder = _texts(value, 3)
    if kind not in (USER, GROUP):
        raise ValueError
    return str(arns.parse(role)), kind, holder


def _texts(value: object, count: int) -> Any:
    if not isinstance(value, list) or len(value) != count:
        raise TypeError
    return tuple(map(_text, value))


def _wrong(path: str, why: str) -> InvalidConfiguration:
    return InvalidConfiguration(
        f"{path} is no record of what was applied here: {why}",
        file=path,
        advice="have it back as it was, from your repository; without it, what was applied before "
        "and is not declared any more stays",
    )
