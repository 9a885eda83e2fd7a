"""What earlier applies of a declaration own: a file beside it, to be kept with it.

It names whatever the declaration has named since, so that what is not named any more can be told
from what is somebody else's. Owned is what an apply has made, or has found there, until it is known
to be gone. What an apply is about to make is written there before, as begun, and is owned once the
service has taken it: of what was begun by an apply that was killed nobody knows who has made it.
One apply at a time writes. JSON, a line for each thing, without ids of the service that would be
others in a new Identity Center: accounts by id, everything else by name.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from typing import TYPE_CHECKING, Any

from ssoenv.admin.values import GROUP, USER
from ssoenv.base import arns, files, paths
from ssoenv.base.errors import InvalidConfiguration, ServiceUnavailable
from ssoenv.base.values import dataclass, field, fields
from ssoenv.identity_center.assignments import is_account_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ssoenv.admin.making import Making
    from ssoenv.admin.plan import Plan

FORMAT = 1
EVERY = 1.0
"""Seconds after which what was made meanwhile is written down."""
SIZE_LIMIT = 64 << 20
Held = tuple[str, str, str, str]
"""An assignment: the id of the account, the permission set, "USER" or "GROUP", and their name."""


Entitled = tuple[str, str, str]
"""An entitlement: the ARN of the role, "USER" or "GROUP", and their name."""


@dataclass(frozen=True, slots=True)
class Record:
    """Groups and permission sets, by name, assignments and entitlements."""

    groups: frozenset[str] = frozenset()
    permission_sets: frozenset[str] = frozenset()
    assignments: frozenset[Held] = frozenset()
    entitlements: frozenset[Entitled] = frozenset()

    def __or__(self, other: Record) -> Record:
        """Return what either names."""
        return self._each(other, frozenset.union)

    def __len__(self) -> int:
        """Return how many things are named."""
        return sum(len(getattr(self, one.name)) for one in fields(self))

    def __and__(self, other: Record) -> Record:
        """Return what both name."""
        return self._each(other, frozenset.intersection)

    def __sub__(self, other: Record) -> Record:
        """Return what is named without what the other names."""
        return self._each(other, frozenset.difference)

    def _each(self, other: Record, join: Callable[..., frozenset[Any]]) -> Record:
        names = [one.name for one in fields(self)]
        return Record(*(join(getattr(self, one), getattr(other, one)) for one in names))


@dataclass(frozen=True, slots=True)
class Ownership:
    """What is `owned`, and what was `begun` to be made, of which that is not known."""

    owned: Record = Record()
    begun: Record = Record()

    @property
    def all(self) -> Record:
        """Both."""
        return self.owned | self.begun


def beside(path: str) -> str:
    """Return where the record of the declaration at `path` stands: beside it."""
    return f"{path}.applied.json"


def read(path: str, instance: str) -> Ownership:
    """Return what the record at `path` says, nothing where there is none.

    Raises InvalidConfiguration for what is none, and for that of another Identity Center than that
    of the ARN `instance`.
    """
    content = files.read_required(path, limit=SIZE_LIMIT)
    if content is None:
        return Ownership()
    try:
        found = json.loads(content)
        if found["format"] != FORMAT:
            raise _wrong(path, f"it is of format {found['format']!r}, and this ssoenv knows 1")
        if found["instance"] != instance:
            raise _wrong(path, f"it is of another Identity Center, {found['instance']}")
        return Ownership(_record(found), _record(found["begun"]) if "begun" in found else Record())
    except (ValueError, KeyError, TypeError, RecursionError):
        raise _wrong(path, "it is damaged") from None


@dataclass(slots=True)
class Kept:
    """The record at `path`, of the Identity Center of the ARN `instance`; `says` is what it says.

    What writes it raises what `read` does.
    """

    path: str
    instance: str
    says: Ownership
    _written_at: float = field(default=0.0)

    @classmethod
    def at(cls, path: str, instance: str) -> Kept:
        """Read it; a link stays one, and what it leads to is written. Raises what `read` does."""
        path = os.path.realpath(path) if os.path.islink(path) else path
        return cls(path, instance, read(path, instance))

    @contextlib.contextmanager
    def during(self, plan: Plan, making: Making) -> Iterator[None]:
        """Have it say what `plan` owns while that is made: before, every second, and in the end."""
        self._write(plan.begun(self.says))

        def note() -> None:
            if time.monotonic() - self._written_at >= EVERY:
                self._write(plan.ended(self.says, making.outcomes, over=False))

        making.noted = note
        try:
            yield
        finally:
            self._write(plan.ended(self.says, making.outcomes, over=True))

    def _write(self, says: Ownership) -> None:
        """Write it, whole or not at all, where it says something else.

        What somebody else has written there meanwhile, such as the other half of a team by git, is
        kept.
        """
        there = read(self.path, self.instance)
        owned = says.owned | (there.owned - self.says.owned)
        says = Ownership(owned, (says.begun | (there.begun - self.says.begun)) - owned)
        rows: dict[str, Any] = {"format": FORMAT, "instance": self.instance}
        lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in rows.items()]
        lines += _lines(says.owned, "  ")
        if says.begun:
            inner = ",\n".join(f"    {one}" for one in _lines(says.begun, "    "))
            lines.append(f'"begun": {{\n{inner}\n  }}')
        content = ("{\n" + ",\n".join(f"  {one}" for one in lines) + "\n}\n").encode()
        if files.read_required(self.path, limit=SIZE_LIMIT) != content:
            files.write_private(self.path, content, mode=0o644)
            files.settle(os.path.dirname(self.path))
        self.says, self._written_at = says, time.monotonic()


@contextlib.contextmanager
def alone(file: str, path: str, env: Mapping[str, str]) -> Iterator[None]:
    """Be the only apply of the declaration `file` with the record at `path`, of this user here.

    Raises ServiceUnavailable where another one is at work.
    """
    name = paths.escape(os.path.realpath(path))[-150:]
    lock = files.Lock(f"{paths.state(env)}/locks/apply-{name}")
    if not lock.acquire(blocking=False):
        raise ServiceUnavailable(
            f"another apply of {file} is at work",
            advice="the same command goes on once that one has ended",
        )
    try:
        yield
    finally:
        lock.release()


def _lines(record: Record, indent: str) -> list[str]:
    """Return what a record names, by its kinds, with a line for each thing."""
    return [_listed(one.name, sorted(getattr(record, one.name)), indent) for one in fields(record)]


def _listed(key: str, rows: list[Any], indent: str) -> str:
    if not rows:
        return f"{json.dumps(key)}: []"
    inner = ",\n".join(f"{indent}  {json.dumps(row)}" for row in rows)
    return f"{json.dumps(key)}: [\n{inner}\n{indent}]"


def _record(found: Any) -> Record:
    return Record(
        frozenset(map(_text, found["groups"])),
        frozenset(map(_text, found["permission_sets"])),
        frozenset(map(_held, found["assignments"])),
        frozenset(map(_entitled, found["entitlements"])),
    )


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
