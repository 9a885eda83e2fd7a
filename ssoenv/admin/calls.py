"""What a change is: one call that changes something, and what it waits for.

A call may need what a call before it makes: what stands for its id is filled in once it is there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from ssoenv.base.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ssoenv.admin.center import Center
    from ssoenv.admin.requests import Open, Requests

THINGS = ("PermissionSetArn", "PrincipalId", "GroupId", "UserId")
"""The members of a request that name a thing which other changes may be about, too.

What a tag is of is not among them: no change needs a tag but those that say so (`Call.about`).
"""


class Unneeded(Exception):
    """A last look shows that a change is not to be made any more, which is no failure: why not."""


class Unmade(str):
    """Stands in requests for the id of what a call before them makes; it says what that is."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Call:
    """One call that changes something.

    `requests` is the kind of request that it starts. `makes` stands in the calls behind it for the
    id that its answer has at the path `gives`; `find` looks that up where the answer was lost.
    `joins` is the id of the request that somebody has started for the same already; `after` is the
    one that has to end before.

    `last` has the last look, right before it is made: it returns the request as it is to be sent by
    what is there then. It raises SsoenvError where it cannot be made any more, and Unneeded where
    it is not to be.

    `about` is what it is about beside the things in its request. Of calls about the same thing,
    those of one `kind` are made beside each other, and others one after the other; those that start
    requests are of the kind of these.
    """

    service: str
    operation: str
    request: Mapping[str, Any]
    requests: Requests | None = None
    makes: Unmade | None = None
    gives: str = ""
    find: Callable[[Center], str] | None = None
    last: Callable[[Center, dict[str, Any]], dict[str, Any]] | None = None
    joins: str = ""
    after: Open | None = None
    about: str = ""
    kind: str = ""

    def things(self) -> set[str]:
        """Return the ids of what this is about, and what stands for those that are not made."""
        named = {str(self.request[one]) for one in THINGS if one in self.request}
        return named | {one for one in (self.about, str(self.makes or "")) if one}

    def unmade(self) -> set[str]:
        """Return what stands in its request for ids that other calls give."""
        return set(_unmade(self.request))


class Change(Protocol):
    """One change, frozen: its call, and how it is shown."""

    @property
    def call(self) -> Call | None:
        """What makes it; None: the change before it brings it with it."""

    @property
    def sign(self) -> str:
        """How a plan marks it: +, ~ or -."""

    @property
    def done(self) -> str:
        """What came of it in a word, once it is made."""

    def cells(self) -> tuple[str, ...]:
        """Return what it is, for people: three cells."""

    def described(self) -> dict[str, str]:
        """Return what it is, for scripts."""


def _unmade(value: Any) -> Iterator[str]:
    """Yield what stands in a request, at any depth, for ids that are not there yet."""
    if isinstance(value, Unmade):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _unmade(inner)


def filled(value: Any, made: Mapping[str, str]) -> Any:
    """Return a request with the ids that are there by now."""
    if isinstance(value, dict):
        return {key: filled(inner, made) for key, inner in value.items()}
    return made[value] if isinstance(value, Unmade) else value
